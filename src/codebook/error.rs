use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why a codebook is refused.
#[derive(Debug, Error)]
pub enum CodebookError {
    /// The file could not be read.
    #[error("cannot read the codebook {}: {source}; check the path and its permissions", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is in another charset.
    #[error("the codebook {} is not in UTF-8; save it so in your editor", path.display())]
    Encoding {
        /// The file.
        path: PathBuf,
    },
    /// The file is not a codebook.
    #[error("{file}:{line}: {}{reason}", code.as_ref().map(|code| format!("code `{code}`: ")).unwrap_or_default())]
    Wrong {
        /// The file as it was named.
        file: String,
        /// Line of the first fault, from 1.
        line: usize,
        /// The code it concerns, if one is known by name there.
        code: Option<String>,
        /// What is wrong, and what to write instead.
        reason: String,
    },
}
