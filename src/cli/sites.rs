use std::io::Write as _;

use clap::Args;

use super::exit::{Exit, Stop};
use crate::site::SITES;

/// List the sites whose pages can be read.
#[derive(Debug, Args)]
pub(super) struct Sites {}

impl Sites {
    pub(super) fn run(&self) -> Result<Exit, Stop> {
        let mut out = anstream::stdout().lock();
        let width = SITES.iter().map(|site| site.name().len()).max().unwrap_or(0);
        for site in SITES {
            // A closed pipe means the reader has seen enough.
            let _ = writeln!(out, "{:width$}  {}", site.name(), site.reads());
        }
        Ok(Exit::Done)
    }
}
