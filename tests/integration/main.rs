//! All integration tests in one binary: each binary would link polars again.

mod arbitrary;
mod archives;
mod bad_input;
mod batches;
mod blog;
mod captures;
mod coding;
mod command;
mod diff;
mod exports;
mod fetching;
mod hand;
mod hostile;
mod house;
mod live;
mod pages;
mod pasted;
mod privacy;
mod reading;
mod rerun;
mod samples;
mod saved;
mod server;
mod tables;
mod workplace;
