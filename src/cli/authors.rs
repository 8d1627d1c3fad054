//! What tables show of authors, and the key of their pseudonyms.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use etcetera::BaseStrategy;

use super::exit::{Stop, remark};
use crate::table::{AuthorKey, AuthorPolicy};

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Authors {
    /// Names as printed, and links to comments.
    Keep,
    /// The same person on the same site has the same pseudonym.
    Pseudonym,
    /// No authors.
    Drop,
}

/// What to show of authors.
#[derive(Debug, Args)]
pub(super) struct AuthorArgs {
    /// What to show of authors. Texts are left as they are in every case.
    #[arg(help_heading = "Authors", long, value_name = "HOW", default_value = "pseudonym")]
    authors: Authors,

    /// File with the key of the pseudonyms (64 hexadecimal digits) [default: made once, causerie/author.key in your data folder, on Linux ~/.local/share].
    #[arg(help_heading = "Authors", long, value_name = "FILE", env = "CAUSERIE_AUTHOR_KEY")]
    pub(super) author_key: Option<PathBuf>,
}

impl AuthorArgs {
    pub(super) fn policy(&self, quiet: bool) -> Result<AuthorPolicy, Stop> {
        match self.authors {
            Authors::Keep => Ok(AuthorPolicy::Keep),
            Authors::Drop => Ok(AuthorPolicy::Drop),
            Authors::Pseudonym => self.key(quiet).map(AuthorPolicy::Pseudonym),
        }
    }

    fn key(&self, quiet: bool) -> Result<AuthorKey, Stop> {
        if let Some(path) = &self.author_key {
            return AuthorKey::read(path).map_err(|error| {
                Stop::usage(format!("{error}. To make one: openssl rand -hex 32 > {}", path.display()))
            });
        }
        let path = default_author_key().ok_or_else(|| {
            Stop::usage("no data folder for the key of the pseudonyms (HOME is not set); give --author-key FILE")
        })?;
        let fresh = !path.exists();
        let key = AuthorKey::read_or_create(&path).map_err(Stop::usage)?;
        if fresh && !quiet {
            remark(&format!("made a key for the pseudonyms: {}; keep it to get the same ones again", path.display()));
        }
        Ok(key)
    }
}

/// Where the key of the pseudonyms lies: `author.key` in the user's data folder for causerie.
fn default_author_key() -> Option<PathBuf> {
    let base = etcetera::choose_base_strategy().ok()?;
    Some(base.data_dir().join("causerie").join("author.key"))
}
