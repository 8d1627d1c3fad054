use std::io::{ErrorKind, Write as _};

use clap::Args;

use super::exit::{Exit, Stop};
use crate::site::SITES;

/// List the sites whose pages can be read.
#[derive(Debug, Args)]
pub(super) struct Sites {}

impl Sites {
    pub(super) fn run(self) -> Result<Exit, Stop> {
        let Self {} = self;
        let mut out = anstream::stdout().lock();
        let width = SITES.iter().map(|site| site.name().len()).max().unwrap_or(0);
        for site in SITES {
            match writeln!(out, "{:width$}  {:16}  {}", site.name(), site.verified().as_str(), site.reads()) {
                // Whoever reads the pipe has seen enough.
                Err(error) if error.kind() == ErrorKind::BrokenPipe => break,
                written => written.map_err(|error| Stop::output(format!("standard output: {error}")))?,
            }
        }
        Ok(Exit::Done)
    }
}
