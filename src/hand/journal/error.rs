use std::path::PathBuf;

/// Why there is no journal, or why a decision is not in it.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file cannot be opened or read.
    #[error("the journal {} cannot be opened: {source}", path.display())]
    Unreadable {
        /// The journal.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Another process writes it.
    #[error(
        "the journal {} is in use by another causerie: go on in its page, or stop it there and start again",
        path.display()
    )]
    InUse {
        /// The journal.
        path: PathBuf,
    },
    /// The file holds something else.
    #[error("{} is not a journal of decisions: name another file", path.display())]
    NotAJournal {
        /// The file.
        path: PathBuf,
    },
    /// It was begun for other units or questions.
    #[error(
        "the journal {} belongs to another form: its units, their texts or the questions are not the same. \
         Name the form it was begun with, or another journal",
        path.display()
    )]
    OtherForm {
        /// The journal.
        path: PathBuf,
    },
    /// A line says what cannot be.
    #[error("line {line} of the journal {} is damaged: {reason}. Restore the file from a copy", path.display())]
    Damaged {
        /// The journal.
        path: PathBuf,
        /// Which line, first = 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// A decision cannot be brought to the disk.
    #[error("the decision is not saved, the journal {} cannot be written: {source}", path.display())]
    Unwritable {
        /// The journal.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A decision on a unit that is not there, or with more or fewer answers than there are questions.
    #[error("the decision is not saved: it does not fit the form")]
    Misfit,
}
