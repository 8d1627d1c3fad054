//! Comments that a page gives as structured data: JSON-LD, microdata and RDFa of schema.org.
//!
//! The two forms share their words; [`json_ld`] and [`microdata`] say where they stand. A posting that opens a discussion
//! (`DiscussionForumPosting`, `Question`) is no comment of its own thread: it is [`Structured::opening`], unless the page
//! lists it among the comments, too.
//!
//! Source: <https://schema.org/Comment>, <https://schema.org/UserComments>, <https://schema.org/DiscussionForumPosting>,
//! <https://schema.org/QAPage>, <https://schema.org/InteractionCounter>,
//! <https://developers.google.com/search/docs/appearance/structured-data/discussion-forum>.

mod json_ld;
mod microdata;

use std::collections::{HashMap, HashSet};

use scraper::Html;
use serde_json::Value;

use super::body;
use crate::model::{Comment, ReplyBasis};

pub(super) use json_ld::{from_json_ld, json_ld};
pub(super) use microdata::from_microdata;

/// A thread found in structured data.
#[derive(Debug, Default)]
pub(super) struct Structured {
    /// The comments, in document order.
    pub(super) comments: Vec<Comment>,
    /// The posting that opens the discussion, where the data gives one that is not among the comments.
    pub(super) opening: Option<Comment>,
    /// The count of comments the data states, the opening left out unless it is one of [`Self::comments`].
    pub(super) stated_count: Option<u64>,
    /// Whether the ids are positions.
    pub(super) positional: bool,
}

/// A comment as the data has it, before ids are given.
#[derive(Debug, Default)]
struct Item {
    /// What the data calls it: `identifier`, address, `id` of the element.
    id: Option<String>,
    /// Its addresses, by which others may name it.
    names: Vec<String>,
    /// The item it stands in.
    around: Option<usize>,
    /// The address of the one it answers.
    answers: Option<String>,
    comment: Comment,
}

/// Gives the items their ids and parents.
fn threaded(items: Vec<Item>, thread: &mut Structured) {
    let ids: Vec<Option<String>> = items.iter().map(|item| item.id.as_deref().and_then(id_of_address)).collect();
    // Positions, unless every comment has an id of its own.
    thread.positional = !ids.iter().all(Option::is_some) || has_repeats(&ids);
    let name = |at: usize| match &ids[at] {
        Some(id) if !thread.positional => format!("c{id}"),
        _ => format!("c{}", at + 1),
    };
    let mut by_name: HashMap<String, usize> = HashMap::new();
    for (at, item) in items.iter().enumerate() {
        for address in &item.names {
            by_name.entry(address.clone()).or_insert(at);
        }
    }
    let parents: Vec<Option<(usize, ReplyBasis)>> = items
        .iter()
        .enumerate()
        .map(|(at, item)| {
            let stated = item.answers.as_ref().and_then(|address| by_name.get(address)).filter(|above| **above != at);
            let around = item.around.map(|above| (above, ReplyBasis::Nesting));
            stated.map(|above| (*above, ReplyBasis::Stated)).or(around)
        })
        .collect();
    let placed = items.into_iter().zip(parents).enumerate().map(|(at, (item, parent))| Comment {
        id: name(at),
        reply_to: parent.map(|(above, _)| name(above)),
        reply_basis: parent.map(|(_, basis)| basis),
        depth: parent.is_none().then_some(0),
        ..item.comment
    });
    thread.comments = placed.collect();
    // A posting that opens the discussion and is listed with its answers is one of them.
    let Some(opening) = &thread.opening else { return };
    let first = thread.comments.first();
    if first.is_some_and(|first| {
        first.author == opening.author && first.posted_at.is_some() && first.posted_at == opening.posted_at
    }) {
        thread.opening = None;
        thread.stated_count = thread.stated_count.map(|count| count.saturating_add(1));
    }
}

fn has_repeats(ids: &[Option<String>]) -> bool {
    let mut seen = HashSet::new();
    ids.iter().flatten().any(|id| !seen.insert(id))
}

/// The last word of a name of schema.org: `https://schema.org/LikeAction`, `schema:LikeAction`.
fn last_word(name: &str) -> &str {
    name.trim().trim_end_matches('/').rsplit(['/', ':', '#']).next().unwrap_or_default()
}

/// Kinds of things that are comments wherever they stand.
fn is_comment_kind(kind: &str) -> bool {
    matches!(last_word(kind), "Comment" | "UserComments" | "Answer" | "CorrectionComment")
}

/// Kinds of things that open a discussion.
fn is_opening_kind(kind: &str) -> bool {
    matches!(last_word(kind), "DiscussionForumPosting" | "Question" | "SocialMediaPosting")
}

/// What an interaction counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counted {
    Votes,
    Comments,
}

fn counted(action: &str) -> Option<Counted> {
    match last_word(action) {
        "LikeAction" | "UpvoteAction" | "VoteAction" | "AgreeAction" | "EndorseAction" => Some(Counted::Votes),
        "CommentAction" | "ReplyAction" | "UserComments" => Some(Counted::Comments),
        _ => None,
    }
}

/// Votes for, less those against.
fn net(up: Option<i64>, down: Option<i64>) -> Option<i64> {
    up?.checked_sub(down.unwrap_or(0))
}

/// A value as text; numbers too.
pub(super) fn json_string(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Text that may hold markup or entities, as a reader would see it. `<` that begins no tag comments are written
/// with is a letter like others, and without paragraphs in the markup the lines are those of the text.
pub(super) fn plain(text: &str) -> String {
    if !text.contains(['<', '&']) {
        return text.to_owned();
    }
    let tags = tags(text);
    if tags.is_empty() {
        return Html::parse_fragment(&text.replace('<', "&lt;")).root_element().text().collect();
    }
    let guarded = if tags.iter().any(|tag| BLOCKS.contains(&tag.as_str())) {
        super::guard::guard(text)
    } else {
        super::guard::guard(&text.replace('\n', "<br>"))
    };
    body::read(Html::parse_fragment(&guarded.html).root_element(), |_| false).text
}

const BLOCKS: &[&str] = &["p", "br", "div", "blockquote", "ul", "ol", "li"];
const INLINE: &[&str] = &["a", "em", "strong", "span", "b", "i", "u", "s", "q", "del", "code", "img"];

/// The tags comments are written with that a text holds, each once: `<p>`, `</p>`, `<br/>`, `<a href=`, but not "<b et c>".
fn tags(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (at, _) in text.match_indices('<') {
        let rest = &text[at + 1..];
        let rest = rest.strip_prefix('/').unwrap_or(rest);
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let (name, rest) = rest.split_at(end);
        if name.is_empty() || name.len() > 10 {
            continue;
        }
        let name = name.to_ascii_lowercase();
        let inner = rest.trim_start();
        let attribute = inner.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | ':' | '_')));
        let closed = inner.starts_with('>') || inner.starts_with("/>");
        let assigned = inner.len() < rest.len()
            && attribute.is_some_and(|end| end > 0 && inner[end..].trim_start().starts_with('='));
        let known = BLOCKS.contains(&name.as_str()) || INLINE.contains(&name.as_str());
        if known && (closed || assigned) && !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

/// The id in "…#comment-123", "123", "/c/abc123", "urn:uuid:…": the last part as it is, but for a word before a number.
fn id_of_address(address: &str) -> Option<String> {
    let tail = address.trim().rsplit(['#', '/', '=', ':']).find(|part| !part.is_empty())?;
    let number = ["li-comment-", "div-comment-", "comment-", "comment_", "comm-", "c-", "post-", "post_", "js-post-"]
        .iter()
        .filter_map(|prefix| tail.strip_prefix(prefix))
        .find(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()));
    let id = number.unwrap_or(tail);
    // An address without a digit at its end is the article's, or that of all its comments.
    let numbered = id.bytes().any(|b| b.is_ascii_digit()) || id.len() == address.trim().len();
    (numbered && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) && id.len() <= 64)
        .then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_keeps_its_lines_and_its_signs() {
        for (written, read) in [
            ("AT&amp;T\n\na &lt; b", "AT&T\n\na < b"),
            ("si a <b et c> d & e", "si a <b et c> d & e"),
            ("I <3 R&D\nyes", "I <3 R&D\nyes"),
            ("<p>one</p><p>two &amp; three</p>", "one\n\ntwo & three"),
            ("one\n\n<a href='/x'>two</a>", "one\n\ntwo"),
            ("a<br>b", "a\nb"),
        ] {
            assert_eq!(plain(written), read, "{written}");
        }
    }

    #[test]
    fn ids_keep_their_letters() {
        for (address, id) in [
            ("https://x.org/a#comment-7781", Some("7781")),
            ("#comm-61", Some("61")),
            ("js-post-57475784", Some("57475784")),
            ("https://x.org/c/abc12", Some("abc12")),
            ("urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", Some("f81d4fae-7dec-11d0-a765-00a0c91e6bf6")),
            ("comment-12a", Some("comment-12a")),
            ("https://x.org/a#comments", None),
        ] {
            assert_eq!(id_of_address(address).as_deref(), id, "{address}");
        }
    }

    #[test]
    fn absurd_votes_are_none() {
        assert_eq!(net(Some(i64::MIN), Some(1)), None);
        assert_eq!((net(Some(3), Some(1)), net(None, Some(1))), (Some(2), None));
    }
}
