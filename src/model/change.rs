use serde::{Deserialize, Serialize};

use super::CommentState;

/// A comment as one snapshot of its thread shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// As [`super::Comment::id`].
    pub id: String,
    /// As [`super::Comment::reply_to`].
    pub reply_to: Option<String>,
    /// Levels below the article; empty when unknown.
    pub depth: Option<i64>,
    /// Who wrote it, as the snapshot shows people: a name or a pseudonym.
    pub author: Option<String>,
    /// When it was posted, ISO 8601.
    pub posted_at: Option<String>,
    /// As [`super::Comment::text`].
    pub text: String,
    /// Votes, as the site counts them.
    pub votes: Option<i64>,
    /// What became of it; empty where the snapshot does not say.
    pub state: Option<CommentState>,
}

/// What happened to a comment between two snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// New in a thread that was complete before, or posted since.
    Added,
    /// In the newer snapshot only, but the older one was incomplete: it may have been there.
    Found,
    /// Other words.
    Edited,
    /// Deleted; its place is left.
    Deleted,
    /// Hidden by moderation; its place is left.
    Hidden,
    /// Awaits moderation, which it did not before.
    Held,
    /// Shown again after it was deleted or hidden.
    Restored,
    /// Shown after it awaited moderation.
    Approved,
    /// Answers another comment than before.
    Moved,
    /// No longer in a thread that is complete: not even its place is left.
    Gone,
    /// Not in the newer snapshot, but that one is incomplete: it may still be there.
    Missing,
}

impl ChangeKind {
    /// All kinds, in the order summaries show them.
    pub const ALL: [Self; 11] = [
        Self::Added,
        Self::Found,
        Self::Edited,
        Self::Deleted,
        Self::Hidden,
        Self::Held,
        Self::Restored,
        Self::Approved,
        Self::Moved,
        Self::Gone,
        Self::Missing,
    ];

    /// The word tables show.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Found => "found",
            Self::Edited => "edited",
            Self::Deleted => "deleted",
            Self::Hidden => "hidden",
            Self::Held => "held",
            Self::Restored => "restored",
            Self::Approved => "approved",
            Self::Moved => "moved",
            Self::Gone => "gone",
            Self::Missing => "missing",
        }
    }

    /// What a change of state is called; nothing where the state stayed.
    pub fn of_states(old: CommentState, new: CommentState) -> Option<Self> {
        use CommentState::{Deleted, Hidden, Pending, Visible};
        match (old, new) {
            _ if old == new => None,
            (_, Deleted) => Some(Self::Deleted),
            (_, Hidden) => Some(Self::Hidden),
            (_, Pending) => Some(Self::Held),
            (Pending, Visible) => Some(Self::Approved),
            (_, Visible) => Some(Self::Restored),
        }
    }
}

/// One change of one comment; a comment can have several.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change<'a> {
    /// Id of the thread.
    pub thread: &'a str,
    /// What happened.
    pub kind: ChangeKind,
    /// The comment in the older snapshot, if it is there.
    pub old: Option<&'a Seen>,
    /// The comment in the newer snapshot, if it is there.
    pub new: Option<&'a Seen>,
    /// When the thread of the older snapshot was fetched, ISO 8601.
    pub old_fetched_at: Option<&'a str>,
    /// When the thread of the newer snapshot was fetched, ISO 8601.
    pub new_fetched_at: Option<&'a str>,
    /// How much of the words an edit left, from 0 to 1; empty for other changes.
    pub similarity: Option<f64>,
}

impl<'a> Change<'a> {
    /// The comment as the newer snapshot shows it, or else the older one.
    pub fn latest(&self) -> Option<&'a Seen> {
        self.new.or(self.old)
    }
}
