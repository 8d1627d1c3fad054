//! What tables say: the changes between two snapshots of threads; samples of comments for people to code, how far coders agree, and
//! shares corrected by what people said.
//!
//! ```
//! use causerie::model::{ChangeKind, Comment, CommentState, Thread};
//! use causerie::study::{Snapshot, compare};
//!
//! let comment = |id: &str, text: &str| Comment { id: id.into(), text: text.into(), ..Comment::default() };
//! let mut old = Thread { id: "t1".into(), stated_count: Some(2), ..Thread::default() };
//! old.comments = vec![comment("c7", "Who pays for that?"), comment("c9", "You do.")];
//! let mut new = old.clone();
//! new.comments[1].state = CommentState::Hidden;
//! new.comments.push(comment("c12", "Nobody does."));
//!
//! let (old, new) = (Snapshot::of_threads(&[old]), Snapshot::of_threads(&[new]));
//! let kinds: Vec<_> = compare(&old, &new).changes.iter().map(|change| change.kind).collect();
//! assert_eq!(kinds, [ChangeKind::Hidden, ChangeKind::Added]);
//! ```

pub mod agreement;
mod answers;
mod compare;
mod correction;
pub mod estimate;
mod pairing;
mod population;
mod random;
mod reliability;
mod sample;
pub mod shape;
mod similarity;
mod snapshot;
pub mod talk;

pub use answers::{Answers, Asked};
pub use compare::{Authors, Comparison, Pair, compare};
pub use correction::{Correction, Shares, corrected};
pub use population::{Member, Population, PopulationError, UNKNOWN};
pub use reliability::{Reliability, reliability};
pub use sample::{Allocation, Sampling, deal, draw, most_doubtful};
pub use snapshot::{SeenThread, Snapshot, SnapshotError};
