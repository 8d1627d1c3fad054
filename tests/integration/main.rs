//! All integration tests in one binary: each binary would link polars again.

mod fetching;
mod reading;
mod tables;
