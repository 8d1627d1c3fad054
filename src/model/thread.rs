use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{Moment, Span};

/// What the discussion is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Article {
    /// Headline.
    pub title: Option<String>,
    /// Byline as printed.
    pub author: Option<String>,
    /// Date of publication.
    pub published_at: Option<Moment>,
    /// Canonical address.
    pub url: Option<String>,
    /// Text of the article, paragraphs as `\n\n`; quotes in comments are matched against it.
    pub body: Option<String>,
}

/// Who wrote a comment, as the page shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// Display name, as printed.
    pub name: String,
    /// Address of the avatar picture (may embed a hash of the e-mail address: personal data).
    pub avatar: Option<String>,
}

/// What became of a comment on the site.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CommentState {
    /// Shown to readers.
    #[default]
    Visible,
    /// Deleted; only its place is left.
    Deleted,
    /// Hidden or collapsed by moderation, its place shown.
    Hidden,
    /// Awaiting moderation.
    Pending,
}

impl CommentState {
    /// The word tables show.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Visible => "visible",
            Self::Deleted => "deleted",
            Self::Hidden => "hidden",
            Self::Pending => "pending",
        }
    }
}

words!(CommentState: Visible, Deleted, Hidden, Pending);

/// Somebody else's words inside a comment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// Where it stands in the comment's `text`, quotation marks included.
    pub span: Span,
    /// Whom the page names as the quoted writer.
    pub author: Option<String>,
}

/// An address a comment links to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The words of the link in the comment's `text`.
    pub span: Span,
    /// Where it leads, as the page has it; absolute where the page's address is known.
    pub url: String,
}

/// What says that a comment answers another: from the surest to the least sure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReplyBasis {
    /// The site gives the id of the comment answered.
    Stated,
    /// The comment's markup stands inside that of the one answered.
    Nesting,
    /// Levels that the markup states (`depth-3`).
    Depth,
    /// How far the comment is indented.
    Indent,
    /// A link to the comment answered ("in reply to #12").
    Link,
    /// The comment addresses its writer (`@name`).
    Mention,
    /// It quotes the comment.
    Quote,
}

impl ReplyBasis {
    /// The word tables show.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stated => "stated",
            Self::Nesting => "nesting",
            Self::Depth => "depth",
            Self::Indent => "indent",
            Self::Link => "link",
            Self::Mention => "mention",
            Self::Quote => "quote",
        }
    }
}

words!(ReplyBasis: Stated, Nesting, Depth, Indent, Link, Mention, Quote);

/// How a thread's comments were found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FoundBy {
    /// No comments were found.
    #[default]
    Nothing,
    /// A last resort: the region of the page that reads like a discussion.
    Region,
    /// Plain text, copied or printed from a page.
    Pasted,
    /// Records that repeat in a page no adapter knows.
    Mined,
    /// Data the page gives to machines: JSON-LD, microdata.
    Structured,
    /// An adapter that knows the platform's markup or answers.
    Adapter,
}

impl FoundBy {
    /// The word tables show.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Region => "region",
            Self::Pasted => "pasted",
            Self::Mined => "mined",
            Self::Structured => "structured",
            Self::Adapter => "adapter",
        }
    }
}

words!(FoundBy: Nothing, Region, Pasted, Mined, Structured, Adapter);

/// How sure it is that the comments found are those of the thread; a grade, not a probability.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// One way to find them, nothing that confirms it.
    #[default]
    Low,
    /// Markup that names what it holds, or a guess that the page's own count confirms.
    Medium,
    /// The platform's own markup or answer, and no count that contradicts it.
    High,
}

impl Certainty {
    /// The word tables show.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

words!(Certainty: Low, Medium, High);

/// One contribution to a thread.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// `c` + the site's own id, or + the position (1, 2, …) where the site shows none. Unique in the thread. Where a
    /// platform with ids shows none for this comment, or one twice, a hash of the content takes part (`cp3f…`, `c5-3f…`).
    pub id: String,
    /// Id of the comment this one answers, in the same form. It may name a comment the site no longer serves, but not
    /// where only a quote says so.
    pub reply_to: Option<String>,
    /// What says so; empty without `reply_to`.
    pub reply_basis: Option<ReplyBasis>,
    /// Levels below the article, 0 = answers the article; empty when unknown.
    pub depth: Option<u32>,
    /// Who wrote it.
    pub author: Option<Author>,
    /// When.
    pub posted_at: Option<Moment>,
    /// The body as a reader sees it: paragraphs as `\n\n`, `img[alt]` kept; never changed afterwards.
    pub text: String,
    /// The body's HTML, where the page had one.
    pub html: Option<String>,
    /// Quotes the markup itself sets apart (blockquote …), in order, not overlapping.
    pub quotes: Vec<Quote>,
    /// Links in the text, in order.
    pub links: Vec<Link>,
    /// Whether the page says that the comment was changed after it was posted.
    pub edited: bool,
    /// When it was changed, where the page says so.
    pub edited_at: Option<Moment>,
    /// Votes, net or likes, as the site counts them.
    pub votes: Option<i64>,
    /// What became of it.
    pub state: CommentState,
    /// Its own address.
    pub permalink: Option<String>,
}

/// Whether a thread holds what the site says it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Completeness {
    /// As many as stated, or more.
    Complete,
    /// Fewer than stated.
    Partial,
    /// The site states no count.
    Unknown,
}

impl Completeness {
    /// The word tables show.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Partial => "partial",
            Self::Unknown => "unknown",
        }
    }
}

words!(Completeness: Complete, Partial, Unknown);

/// An article and the comments under it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thread {
    /// Stable over runs: `t` + a hash of the article's address, or of the text where there is no address.
    pub id: String,
    /// Name of the site adapter that found it.
    pub site: String,
    /// How the comments were found.
    pub found_by: FoundBy,
    /// How sure that is.
    pub certainty: Certainty,
    /// The article.
    pub article: Article,
    /// The comments, in the order of the discussion as the site shows it.
    pub comments: Vec<Comment>,
    /// How many comments the site says there are.
    pub stated_count: Option<u64>,
    /// When it was fetched or saved, if known.
    pub fetched_at: Option<Moment>,
    /// The pages it was read from ([`super::Page::source`]), in reading order.
    pub sources: Vec<String>,
    /// What a reader of the data should know: comments that could not be reached, fallbacks taken.
    pub notes: Vec<String>,
}

impl Thread {
    /// How many comments were found, deleted shells included.
    pub fn parsed_count(&self) -> u64 {
        self.comments.len() as u64
    }

    /// Stated against parsed.
    pub fn completeness(&self) -> Completeness {
        match self.stated_count {
            None => Completeness::Unknown,
            Some(stated) if stated > self.parsed_count() => Completeness::Partial,
            Some(_) => Completeness::Complete,
        }
    }

    /// Whether the page shows what answers what: levels, or somebody who answers another. Without, nobody is known to answer the article;
    /// nor where all that is known is who quotes whom.
    pub fn shows_structure(&self) -> bool {
        self.comments.len() < 2
            || self.comments.iter().any(|comment| match &comment.reply_to {
                Some(_) => comment.reply_basis != Some(ReplyBasis::Quote),
                None => comment.depth.is_some(),
            })
    }

    /// Whether the comment answers one that is not in the thread (deleted, or on a page that was not read).
    pub fn is_orphan(&self, comment: &Comment) -> bool {
        comment.reply_to.as_ref().is_some_and(|parent| self.comments.iter().all(|c| c.id != *parent))
    }

    /// Fills `depth` from `reply_to` where the chain to a root is known; leaves what a page stated elsewhere.
    /// Chains that end at a missing comment, or in a circle, stay as they are.
    pub fn derive_depths(&mut self) {
        let place: HashMap<&str, usize> = self.comments.iter().enumerate().map(|(at, c)| (c.id.as_str(), at)).collect();
        let parent = |at: usize| self.comments[at].reply_to.as_deref().map(|id| place.get(id).copied());
        // What a walk up from a comment came to; each comment is walked over once.
        let mut depths: Vec<Option<Option<u32>>> = vec![None; self.comments.len()];
        for start in 0..self.comments.len() {
            let (mut at, mut path) = (start, Vec::new());
            let top = loop {
                if let Some(known) = depths[at] {
                    break known;
                }
                // On the way already: a circle has no root.
                depths[at] = Some(None);
                path.push(at);
                match parent(at) {
                    None => break None,
                    Some(None) => {
                        path.clear();
                        break None;
                    }
                    Some(Some(above)) => at = above,
                }
            };
            let root = path.last().is_some_and(|last| self.comments[*last].reply_to.is_none());
            let from = match (top, root) {
                (Some(known), _) => known + 1,
                (None, true) => 0,
                (None, false) => continue,
            };
            for (depth, at) in (from..).zip(path.into_iter().rev()) {
                depths[at] = Some(Some(depth));
            }
        }
        for (comment, depth) in self.comments.iter_mut().zip(depths) {
            if let (Some(Some(depth)), Some(_)) = (depth, &comment.reply_to) {
                comment.depth = Some(depth);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depths(parents: &[(&str, Option<&str>)]) -> Vec<Option<u32>> {
        let comment = |&(id, parent): &(&str, Option<&str>)| Comment {
            id: id.into(),
            reply_to: parent.map(str::to_owned),
            ..Comment::default()
        };
        let mut thread = Thread { comments: parents.iter().map(comment).collect(), ..Thread::default() };
        thread.derive_depths();
        thread.comments.into_iter().map(|comment| comment.depth).collect()
    }

    #[test]
    fn depths_follow_known_chains_only() {
        let tree = [("c1", None), ("c3", Some("c2")), ("c2", Some("c1")), ("c4", Some("c9")), ("c5", Some("c4"))];
        assert_eq!(depths(&tree), [None, Some(2), Some(1), None, None]);
        assert_eq!(depths(&[("a", Some("b")), ("b", Some("a")), ("c", Some("b"))]), [None, None, None]);
    }

    #[test]
    fn quotes_alone_are_no_structure() {
        let answer = |basis| Comment { reply_to: Some("c1".into()), reply_basis: basis, ..Comment::default() };
        let shows = |second: Comment| {
            let thread = Thread { comments: vec![Comment::default(), second], ..Thread::default() };
            thread.shows_structure()
        };
        assert!(shows(answer(Some(ReplyBasis::Link))) && shows(answer(None)));
        assert!(!shows(answer(Some(ReplyBasis::Quote))) && !shows(Comment::default()));
        assert!(shows(Comment { depth: Some(0), ..Comment::default() }));
    }

    #[test]
    fn a_chain_of_a_hundred_thousand_is_quick() {
        let ids: Vec<String> = (0..100_000).map(|n| format!("c{n}")).collect();
        let chain: Vec<_> =
            ids.iter().enumerate().map(|(n, id)| (id.as_str(), (n > 0).then(|| ids[n - 1].as_str()))).collect();
        assert_eq!(depths(&chain).last(), Some(&Some(99_999)));
    }
}
