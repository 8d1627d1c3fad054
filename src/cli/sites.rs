use std::fmt::Write as _;

use clap::Args;

use super::exit::{Exit, Stop, displayed};
use crate::site::SITES;

/// List the sites whose pages and answers can be read, what they give of each comment, and how each was verified.
///
/// "real server": against the software itself and its database. "real pages": on pages of real sites. "from source only": by
/// documentation and public source code; a page that reads wrong is worth a report. Pages of no site listed here are read by
/// what repeats in them.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  causerie sites                 a list to read\n  causerie sites --markdown      as a Markdown table"
)]
pub(super) struct Sites {
    /// Print a Markdown table.
    #[arg(long)]
    markdown: bool,
}

impl Sites {
    pub(super) fn run(self) -> Result<Exit, Stop> {
        displayed(&format!("{}\n", self.lines().join("\n")))
    }

    fn lines(self) -> Vec<String> {
        if self.markdown {
            return markdown().lines().map(str::to_owned).collect();
        }
        let width = SITES.iter().map(|site| site.name().len()).max().unwrap_or(0);
        let row = |site: &&dyn crate::site::Site| {
            let verified = site.verified().as_str();
            format!("{:width$}  {verified:16}  {} → {}", site.name(), site.reads(), site.gives())
        };
        SITES.iter().map(row).collect()
    }
}

/// The same as a Markdown table.
pub(super) fn markdown() -> String {
    let mut out = "| site | verified | reads | gives |\n|---|---|---|---|\n".to_owned();
    for site in SITES {
        let _ =
            writeln!(out, "| {} | {} | {} | {} |", site.name(), site.verified().as_str(), site.reads(), site.gives());
    }
    out
}
