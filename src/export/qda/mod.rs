//! Projects and codebooks in the exchange format of programs for qualitative analysis (REFI-QDA 1.0, <https://www.qdasoftware.org>):
//! MAXQDA, ATLAS.ti, NVivo, QualCoder and others open them.
//!
//! # One document a thread
//!
//! A thread becomes one text: the article's headline, then each comment below a line that says its id, writer, date and what it
//! answers. A document a comment would take a reply from what it answers, and no program shows 50,000 documents in a usable list.
//! Comments stay findable: the line begins with `[c12]`, each selection is named after its line and comment (`line:30 c12`, lines from
//! 0, as `qc` counts them), and the document carries the thread's id, address, site, date and counts as variables. There are no
//! cases: a case a comment would make the list of cases what the list of documents is kept from being.
//!
//! A deleted comment keeps its line, which says so, and has no words below it: none are made up.
//!
//! # Positions
//!
//! Positions are Unicode code points of the document, first = 0, end exclusive. The document has `\n` as its only line break;
//! characters that XML forbids (NUL …) show as U+FFFD there, one for one. Positions are those of the text after this.
//!
//! # Who coded
//!
//! Each coder of the machine (`machine: rules-1`) and each person is a user. What one user says of the same words is one selection
//! with several codings; what two say of them are two selections, as programs take the coder from the selection. A code without
//! words of its own lies on the whole comment, or on its line where the comment has no words. An answer "does not apply" is no coding.
//!
//! All ids follow from the study's own ids: the same study gives the same bytes.

mod coders;
mod codes;
mod guid;
mod project;
mod selections;
mod transcript;
mod variables;
mod xml;

#[cfg(test)]
mod tests;

use std::io;

use zip::result::ZipError;

use self::codes::Codes;
use crate::model::Study;

pub use project::project;

/// Who made the file, as programs show it.
const ORIGIN: &str = concat!("causerie ", env!("CARGO_PKG_VERSION"));

/// Why a project or a codebook could not be made.
#[derive(Debug, thiserror::Error)]
pub enum QdaError {
    /// A person coded a comment that the study does not hold.
    #[error(
        "{coder} coded comment {comment} of thread {thread}, which is not in the study: export the study that the comments were \
         sampled from"
    )]
    UnknownComment {
        /// Who coded it.
        coder: String,
        /// Its thread.
        thread: String,
        /// The comment.
        comment: String,
    },
    /// A person gave an answer that stands for no code.
    #[error(
        "{coder} answered `{value}` to `{question}` of comment {comment} in thread {thread}: answer 1 or 0 to a code, and negative, \
         neutral or positive to polarity"
    )]
    UnknownAnswer {
        /// Who gave it.
        coder: String,
        /// To which question.
        question: String,
        /// The answer.
        value: String,
        /// Thread of the comment.
        thread: String,
        /// The comment.
        comment: String,
    },
    /// The archive could not be made.
    #[error("the project could not be packed: {0}; export fewer threads at once")]
    Archive(#[from] ZipError),
    /// The XML could not be made.
    #[error("the XML could not be written: {0}")]
    Xml(#[from] io::Error),
}

/// The study's codes as a codebook: the bytes of a `.qdc`.
///
/// # Errors
///
/// [`QdaError::Xml`] where the XML cannot be written.
pub fn codebook(study: &Study) -> Result<Vec<u8>, QdaError> {
    let codes = Codes::of(study);
    let mut xml = xml::begin(Vec::new())?;
    xml.create_element("CodeBook")
        .with_attributes([("xmlns", "urn:QDA-XML:codebook:1.0"), ("origin", ORIGIN)])
        .write_inner_content(|xml| codes.write(xml))?;
    Ok(xml.into_inner())
}
