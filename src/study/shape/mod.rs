//! The shape of threads: how deep and wide the reply tree is, how fast it grew, how much a few authors write, who answers whom.
//!
//! ```
//! use causerie::model::{Author, CodedThread, Comment, Study, Thread};
//! use causerie::study::shape::shape;
//!
//! let comment = |id: &str, reply_to: Option<&str>, name: &str| Comment {
//!     id: id.into(),
//!     reply_to: reply_to.map(Into::into),
//!     author: Some(Author { name: name.into(), avatar: None }),
//!     ..Comment::default()
//! };
//! let comments = vec![comment("c1", None, "Ada"), comment("c2", Some("c1"), "Ben"), comment("c3", Some("c2"), "Ada")];
//! let thread = Thread { id: "t1".into(), comments, ..Thread::default() };
//! let study = Study { threads: vec![CodedThread { thread, ..CodedThread::default() }], ..Study::default() };
//!
//! let rows = shape(&study);
//! assert_eq!((rows[0].max_depth, rows[0].max_width, rows[0].reciprocity), (Some(2), Some(1), Some(1.0)));
//! assert_eq!(rows[1].thread_id, None);
//! ```

mod clock;
mod concentration;
mod growth;
mod measures;
mod network;
mod tree;

#[cfg(test)]
mod tests;

pub(in crate::study) use clock::{When, commonest};
pub use concentration::gini;
pub use measures::shape;
pub use network::replies;
use tree::Above;
pub(in crate::study) use tree::Tree;

use crate::model::Comment;

/// Who wrote a comment; a blank name names nobody.
pub(in crate::study) fn writer(comment: &Comment) -> Option<&str> {
    comment.author.as_ref().map(|author| author.name.trim()).filter(|name| !name.is_empty())
}

/// `part` of `whole`; `None` of nothing.
pub(in crate::study) fn ratio(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}
