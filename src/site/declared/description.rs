//! What a file of `data/sites/` says; docs/sites.md describes every key.

use scraper::ElementRef;
use serde::Deserialize;

use super::place::Places;
use crate::site::document;

/// One platform: how its pages are recognised and what of a record stands where.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Description {
    pub(super) name: String,
    pub(super) reads: String,
    pub(super) gives: String,
    pub(super) verified: Verified,
    /// Where the markup is documented, for people.
    #[serde(rename = "source")]
    _source: Vec<String>,
    #[serde(borrow)]
    pub(super) hints: Vec<&'static str>,
    /// What a page of the platform holds, where its records alone do not tell.
    #[serde(default)]
    pub(super) claim: Option<Css>,
    /// The elements that are a comment each; the first selector that finds any is the one for the page.
    pub(super) records: Vec<Css>,
    /// The element right before a record that belongs to it.
    #[serde(default)]
    pub(super) head: Option<Css>,
    #[serde(default)]
    pub(super) id: Places,
    #[serde(default)]
    pub(super) author: Places,
    /// Names that stand for nobody: `[deleted]`.
    #[serde(default)]
    pub(super) nobody: Vec<String>,
    #[serde(default)]
    pub(super) avatar: Places,
    #[serde(default)]
    pub(super) date: Places,
    pub(super) body: Vec<Css>,
    /// The post the thread is about, where the page sets it apart from the comments; it is the article then.
    #[serde(default)]
    pub(super) opening: Option<Css>,
    /// What stands in a body and is not its text.
    #[serde(default)]
    pub(super) drop: Option<Css>,
    #[serde(default)]
    pub(super) quote: Option<Quote>,
    #[serde(default)]
    pub(super) edited: Places,
    #[serde(default)]
    pub(super) votes: Places,
    #[serde(default)]
    pub(super) state: State,
    #[serde(default)]
    pub(super) parent: Option<Parent>,
    #[serde(default)]
    pub(super) permalink: Places,
    #[serde(default)]
    pub(super) title: Places,
    #[serde(default)]
    pub(super) stated: Places,
    /// What names the thread; its groups, joined by `/`, are the key's `{id}`.
    #[serde(default)]
    pub(super) thread: Places,
    #[serde(default)]
    pub(super) key: Option<String>,
    /// Links to further pages; all of them are followed.
    #[serde(default)]
    pub(super) next: Places,
}

/// Quotes inside a body, and where one names its writer and its post.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Quote {
    pub(super) at: Css,
    #[serde(default)]
    pub(super) author: Places,
    /// The quoted post's id: a post that answers none answers the one it quotes first.
    #[serde(default)]
    pub(super) id: Places,
}

/// What marks a comment as not, or no longer, there.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    #[serde(default)]
    pub(super) deleted: Option<Css>,
    /// A whole text that stands for a deleted one: `[deleted]`.
    #[serde(default)]
    pub(super) deleted_text: Vec<String>,
    #[serde(default)]
    pub(super) hidden: Option<Css>,
    #[serde(default)]
    pub(super) pending: Option<Css>,
}

/// What says whom a comment answers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Parent {
    pub(super) by: By,
    #[serde(default)]
    pub(super) at: Places,
    /// The element behind a record that holds the replies to it.
    #[serde(default)]
    pub(super) container: Option<Css>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum By {
    /// The record of a reply stands inside that of its parent.
    Nesting,
    /// The record of a reply stands in `container`, which comes right behind its parent.
    Container,
    /// `at` gives the parent's id.
    Id,
    /// `at` is a link that holds the parent's id.
    Link,
    /// `at` gives a level.
    Depth,
    /// `at` gives a width; wider than the one before is one level deeper.
    Indent,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) enum Verified {
    #[serde(rename = "from source only")]
    Source,
    #[serde(rename = "real pages")]
    RealPages,
    #[serde(rename = "real server")]
    RealServer,
}

/// A selector, or a list of them of which any may match.
#[derive(Debug, Deserialize)]
#[serde(try_from = "OneOrMany")]
pub(super) struct Css(document::Css);

impl Css {
    pub(super) fn parse(css: &str) -> Result<Self, String> {
        document::Css::parse(css).map(Self)
    }

    pub(super) fn matches(&self, element: ElementRef<'_>) -> bool {
        self.0.matches(&element)
    }

    pub(super) fn selector(&self) -> &document::Css {
        &self.0
    }
}

/// A text, or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl TryFrom<OneOrMany> for Css {
    type Error = String;

    fn try_from(raw: OneOrMany) -> Result<Self, String> {
        match raw {
            OneOrMany::One(css) => Self::parse(&css),
            OneOrMany::Many(list) => Self::parse(&list.join(", ")),
        }
    }
}
