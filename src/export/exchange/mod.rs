//! A study as files of the tools people use beside it: ConvoKit corpora, 4CAT tables, networks (GEXF, GraphML), and
//! dictionaries of words (quanteda) and lists of tags (Taguette).
//!
//! Everything is made in memory; nothing is written here. Where a form cannot say what the study knows, the file says so
//! itself, or the value stays empty: no date, author or code is made up.

mod convokit;
mod dictionary;
mod doccano;
mod four_cat;
mod gexf;
mod graphml;
mod label_studio;
mod network;
mod sayings;
#[cfg(test)]
mod tests;
mod tree;
mod units;
mod xml;

use crate::codebook::CodebookError;

pub use convokit::convokit;
pub use dictionary::{Borrowed, Dictionary, codebook_of, quanteda, taguette};
pub use doccano::{LabelsOf, doccano};
pub use four_cat::four_cat;
pub use gexf::gexf;
pub use graphml::graphml;
pub use label_studio::{label_studio, label_studio_interface};
pub use network::{Network, authors};
pub use tree::reply_tree;
pub use units::without_words;

/// A file, made and not yet written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedFile {
    /// Its name, without a folder.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Why a file of another tool could not be made or read.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// Two comments, or two threads, have one id: the other tool would take them for one.
    #[error(
        "the id {id} would stand for two comments or threads there; change one in the columns thread_id, comment_id and reply_to"
    )]
    IdTwice {
        /// The id, as the other tool would see it.
        id: String,
    },
    /// JSON could not be written.
    #[error("no JSON was made: {0}")]
    Json(#[from] serde_json::Error),
    /// XML could not be written.
    #[error("no XML was made: {0}")]
    Xml(#[from] std::io::Error),
    /// The file is no dictionary.
    #[error("{file}:{line}: {reason}")]
    NoDictionary {
        /// The file as it was named.
        file: String,
        /// Line of the fault, from 1.
        line: usize,
        /// What is wrong, and what to write instead.
        reason: String,
    },
    /// Nothing in the dictionary can be said in a codebook.
    #[error("{file}: no word of it can be said in a codebook; {}", why(remarks))]
    NothingLeft {
        /// The file as it was named.
        file: String,
        /// What was left out, and why.
        remarks: Vec<String>,
    },
    /// The codebook made of it has a fault.
    #[error(transparent)]
    Codebook(#[from] CodebookError),
}

fn why(remarks: &[String]) -> String {
    match remarks {
        [] => "write keys with lists of words below them".to_owned(),
        [first, ..] => format!("first of {}: {first}", remarks.len()),
    }
}
