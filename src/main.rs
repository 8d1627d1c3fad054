//! The `causerie` command; all of it lives in the library's `cli` room.

use std::process::ExitCode;

fn main() -> ExitCode {
    causerie::cli::run(std::env::args_os())
}
