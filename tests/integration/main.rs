//! All integration tests in one binary: each binary would link polars again.

mod bad_input;
mod command;
mod fetching;
mod house;
mod live;
mod pages;
mod privacy;
mod reading;
mod samples;
mod server;
mod tables;
mod workplace;
