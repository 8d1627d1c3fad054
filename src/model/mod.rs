//! What the rooms pass to each other: plain data, no behaviour beyond what keeps it consistent.
//!
//! Offsets ([`Span`]) are byte offsets into the text they belong to, always on character borders.
//! Tables turn them into Unicode code points.

/// Gives an enum its variants in `ALL`, and the way back from the word that tables show. A variant that is left out does not compile.
macro_rules! words {
    ($kind:ident: $($variant:ident),+ $(,)?) => {
        impl $kind {
            /// All there are, in their order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The one that tables show as this word.
            pub fn named(word: &str) -> Option<Self> {
                const fn _all(kind: $kind) {
                    match kind {
                        $($kind::$variant => {})+
                    }
                }
                Self::ALL.iter().copied().find(|kind| kind.as_str() == word)
            }
        }
    };
}

mod capture;
mod change;
mod coding;
mod description;
mod failure;
mod moment;
mod page;
mod request;
mod span;
mod study;
mod thread;
mod tree;
mod validation;

pub use capture::{Answer, Earlier, Entry, Limits, Outcome, Refused, Visit, VisitState};
pub use change::{Change, ChangeKind, Seen};
pub use coding::{
    Basis, Coded, CodedComment, CodedThread, Coding, Confidence, IRONY, POLARITY, Polarity, PolarityCoding,
    summary_columns,
};
pub use description::{Breakdown, CoOccurrence, Collocation, KeyTerm, ReplyTie, Response, ThreadShape};
pub use failure::{Failure, Stage};
pub use moment::{Moment, Precision};
pub use page::{Page, PageKind};
pub use request::{KEY, Post, Request};
pub use span::Span;
pub use study::{CodeLabel, HandCoding, Study};
pub use thread::{
    Article, Author, Certainty, Comment, CommentState, Completeness, FoundBy, Link, Quote, ReplyBasis, Thread,
};
pub use tree::Parent;
pub use validation::{Agreement, Confusion, Contrast, Disagreement, Drawn, DrawnBy, Key, Share};
