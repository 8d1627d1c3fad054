use serde::{Deserialize, Serialize};

use crate::model::{Article, Certainty, Comment, Failure, FoundBy, Moment, PageKind, Request};

/// How a fragment's comments were found; of two fragments with the same comment, the later in this order is believed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Origin {
    /// Guessed from repeated structure or from plain text: ids are positions.
    #[default]
    Structure,
    /// Read from markup that names what it holds.
    Markup,
    /// An answer of the platform's interface for programs.
    Api,
}

/// What one page says of its thread.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fragment {
    /// Name of the site that read it.
    pub site: String,
    /// What identifies the thread; fragments that share a key belong together.
    pub keys: Vec<String>,
    /// The article, as far as the page shows it.
    pub article: Article,
    /// What comments call the article where they say what they answer, in the form of comments' ids: to answer it is to
    /// answer no comment.
    #[serde(default)]
    pub article_id: Option<String>,
    /// The comments of this page, in its order.
    pub comments: Vec<Comment>,
    /// How many comments the page says the thread has.
    pub stated_count: Option<u64>,
    /// Where ids and fields come from: which of two fragments is believed.
    pub origin: Origin,
    /// Whether ids are the page's own, but so small that they may be places on the page: other pages of the thread tell.
    #[serde(default)]
    pub small_ids: bool,
    /// How the comments were found.
    #[serde(default)]
    pub found_by: FoundBy,
    /// How sure that is.
    #[serde(default)]
    pub certainty: Certainty,
    /// Parts of the page that could not be read, for the `errors` table; `source` and `url` are filled by [`read`](super::read).
    #[serde(default)]
    pub failures: Vec<Failure>,
    /// Requests that would bring the rest of the thread.
    pub next: Vec<Next>,
    /// What a reader of the data should know.
    pub notes: Vec<String>,
    /// [`crate::model::Page::source`].
    pub source: String,
    /// [`crate::model::Page::url`].
    #[serde(default)]
    pub page_url: Option<String>,
    /// [`crate::model::Page::fetched_at`].
    pub fetched_at: Option<Moment>,
    /// Which page of its thread it is, or the number of its first comment, where the page says so.
    #[serde(default)]
    pub page_number: Option<u64>,
    /// Whether it is a frame in another page, see [`crate::model::Page::frame_of`].
    #[serde(default)]
    pub is_frame: bool,
}

/// A request a thread still needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Next {
    /// What to ask.
    pub request: Request,
    /// Whether the thread is whole without it, as far as readers are shown it: a failure is then a remark, no error.
    pub optional: bool,
    /// What to get instead when this fails: the same comments by another way.
    pub otherwise: Vec<Next>,
}

impl Next {
    /// A request the thread is not whole without.
    pub(super) fn needed(url: impl Into<String>, kind: PageKind) -> Self {
        Self::of(Request::expecting(url, kind))
    }

    /// One that may fail.
    pub(super) fn optional(url: impl Into<String>, kind: PageKind) -> Self {
        Self { optional: true, ..Self::needed(url, kind) }
    }

    /// The thread is not whole without this.
    pub(super) fn of(request: Request) -> Self {
        Self { request, optional: false, otherwise: Vec::new() }
    }
}
