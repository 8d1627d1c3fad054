//! Comments that a page gives as structured data: JSON-LD and microdata of schema.org.
//!
//! Source: <https://schema.org/Comment>, <https://schema.org/UserComments>,
//! <https://schema.org/DiscussionForumPosting>.

use std::collections::HashMap;

use scraper::{ElementRef, Html};
use serde_json::Value;

use super::{article, body, css};
use crate::model::{Author, Comment, Moment};
use crate::text::dates::{DayOrder, parse_machine};

/// Comments nested deeper than this are read as answers to the last level.
const MAX_LEVELS: usize = 200;

/// All JSON-LD objects of a page, `@graph` unfolded; broken blocks are passed over.
pub(super) fn json_ld(html: &Html) -> Vec<Value> {
    let mut found = Vec::new();
    for script in html.select(css!("script[type*='ld+json']")) {
        let text: String = script.text().collect();
        // Some sites wrap the block in a comment, or leave control characters in it.
        let text = text.trim().trim_start_matches("<!--").trim_end_matches("-->").replace(['\n', '\r', '\t'], " ");
        let Ok(value) = serde_json::from_str::<Value>(&text) else { continue };
        unfold(value, &mut found);
    }
    found
}

fn unfold(value: Value, found: &mut Vec<Value>) {
    match value {
        Value::Array(values) => values.into_iter().for_each(|value| unfold(value, found)),
        Value::Object(mut object) => {
            if let Some(graph) = object.remove("@graph") {
                unfold(graph, found);
            }
            found.push(Value::Object(object));
        }
        _ => {}
    }
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

/// A thread found in structured data.
#[derive(Debug, Default)]
pub(super) struct Structured {
    /// The comments, in document order.
    pub(super) comments: Vec<Comment>,
    /// The count the data states.
    pub(super) stated_count: Option<u64>,
    /// Whether the ids are positions.
    pub(super) positional: bool,
}

/// Comments of the page's JSON-LD.
pub(super) fn from_json_ld(html: &Html) -> Structured {
    let mut thread = Structured::default();
    let data = json_ld(html);
    let mut flat: Vec<(Value, Option<usize>)> = Vec::new();
    for value in data {
        thread.stated_count = thread.stated_count.or_else(|| value["commentCount"].as_u64());
        let is_comment = value["@type"].as_str().is_some_and(|t| t == "Comment" || t == "UserComments");
        if is_comment {
            collect(value, None, 0, &mut flat);
        } else {
            for child in children(&value) {
                collect(child, None, 0, &mut flat);
            }
        }
    }
    let ids: Vec<Option<String>> = flat.iter().map(|(value, _)| own_id(value)).collect();
    // Positions, unless every comment has an id of its own.
    thread.positional = !ids.iter().all(Option::is_some) || has_repeats(&ids);
    let name = |at: usize| match &ids[at] {
        Some(id) if !thread.positional => format!("c{id}"),
        _ => format!("c{}", at + 1),
    };
    let by_address: HashMap<String, usize> =
        flat.iter().enumerate().filter_map(|(at, (value, _))| Some((json_string(&value["@id"])?, at))).collect();
    let mut comments = Vec::with_capacity(flat.len());
    for (at, (value, parent)) in flat.iter().enumerate() {
        let parent = parent.or_else(|| {
            let item = &value["parentItem"];
            by_address.get(&json_string(&item["@id"]).or_else(|| json_string(item))?).copied()
        });
        let text =
            ["text", "description", "articleBody", "commentText"].iter().find_map(|key| json_string(&value[*key]));
        let html_text = text.clone().filter(|text| !tags(text).is_empty());
        comments.push(Comment {
            id: name(at),
            reply_to: parent.map(name),
            depth: parent.is_none().then_some(0),
            author: article::person(&value["author"])
                .or_else(|| article::person(&value["creator"]))
                .map(|name| Author { name, avatar: None }),
            posted_at: date_of(value),
            text: text.map(|text| plain(&text)).unwrap_or_default(),
            html: html_text,
            votes: votes_of(value),
            permalink: json_string(&value["url"]),
            ..Comment::default()
        });
    }
    thread.comments = comments;
    thread
}

fn has_repeats(ids: &[Option<String>]) -> bool {
    let mut seen = std::collections::HashSet::new();
    ids.iter().flatten().any(|id| !seen.insert(id))
}

fn children(value: &Value) -> Vec<Value> {
    ["comment", "comments", "suggestedAnswer", "acceptedAnswer"]
        .iter()
        .flat_map(|key| match &value[*key] {
            Value::Array(values) => values.clone(),
            Value::Object(object) => vec![Value::Object(object.clone())],
            _ => Vec::new(),
        })
        .filter(Value::is_object)
        .collect()
}

fn collect(value: Value, parent: Option<usize>, level: usize, flat: &mut Vec<(Value, Option<usize>)>) {
    let at = flat.len();
    let below = children(&value);
    flat.push((value, parent));
    if level < MAX_LEVELS {
        for child in below {
            collect(child, Some(at), level + 1, flat);
        }
    }
}

fn own_id(value: &Value) -> Option<String> {
    let said = json_string(&value["identifier"])
        .or_else(|| json_string(&value["@id"]))
        .or_else(|| json_string(&value["url"]))?;
    id_of_address(&said)
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

fn date_of(value: &Value) -> Option<Moment> {
    ["dateCreated", "datePublished", "uploadDate", "commentTime"]
        .iter()
        .find_map(|key| parse_machine(&json_string(&value[*key])?))
}

fn votes_of(value: &Value) -> Option<i64> {
    let up = value["upvoteCount"].as_i64().or_else(|| value["upvoteCount"].as_str()?.parse().ok())?;
    let down = value["downvoteCount"].as_i64().unwrap_or(0);
    up.checked_sub(down)
}

/// Comments of the page's microdata.
pub(super) fn from_microdata(html: &Html, order: DayOrder, read_at: Option<&Moment>) -> Structured {
    let items: Vec<ElementRef<'_>> = html
        .select(css!(
            "[itemtype*='schema.org/Comment'], [itemtype*='schema.org/UserComments'], [itemprop=comment][itemscope]"
        ))
        // `itemtype*=` also matches schema.org/CommentAction.
        .filter(|el| {
            el.attr("itemtype")
                .is_none_or(|t| t.trim_end_matches('/').ends_with("Comment") || t.ends_with("UserComments"))
        })
        .collect();
    let index: HashMap<_, usize> = items.iter().enumerate().map(|(at, el)| (el.id(), at)).collect();
    let owner = |element: ElementRef<'_>| element.ancestors().find_map(|node| index.get(&node.id()).copied());
    let ids: Vec<Option<String>> = items
        .iter()
        .map(|item| {
            item.attr("id")
                .or_else(|| item.attr("data-comment-id"))
                .or_else(|| item.attr("data-id"))
                .and_then(id_of_address)
        })
        .collect();
    let positional = !ids.iter().all(Option::is_some) || has_repeats(&ids);
    let name = |at: usize| match &ids[at] {
        Some(id) if !positional => format!("c{id}"),
        _ => format!("c{}", at + 1),
    };
    let mut thread = Structured { positional, ..Structured::default() };
    thread.stated_count = html.select(css!("[itemprop=commentCount], [itemprop=interactionCount]")).find_map(|el| {
        let said = el.attr("content").map_or_else(|| body::line(el), str::to_owned);
        said.chars().filter(char::is_ascii_digit).collect::<String>().parse().ok()
    });
    for (at, item) in items.iter().enumerate() {
        let own = |selector| item.select(selector).find(|el| owner(*el) == Some(at));
        let author = own(css!("[itemprop=author], [itemprop=creator]")).map(|el| {
            let named = el.select(css!("[itemprop=name]")).next().unwrap_or(el);
            named.attr("content").map_or_else(|| body::line(named), str::to_owned)
        });
        let text = own(css!("[itemprop=text], [itemprop=commentText], [itemprop=description], [itemprop=articleBody]"));
        let read = text.map(|el| body::read(el, |_| false)).unwrap_or_default();
        let parent = item.ancestors().find_map(|node| index.get(&node.id()).copied());
        thread.comments.push(Comment {
            id: name(at),
            reply_to: parent.map(name),
            depth: parent.is_none().then_some(0),
            author: author.filter(|name| !name.is_empty()).map(|name| Author { name, avatar: None }),
            posted_at: own(css!("[itemprop=dateCreated], [itemprop=datePublished], [itemprop=commentTime], time"))
                .and_then(|el| article::moment(el, order, read_at)),
            text: read.text,
            html: text.map(|el| body::html(el, |_| false)),
            quotes: read.quotes,
            votes: own(css!("[itemprop=upvoteCount]"))
                .and_then(|el| el.attr("content").map_or_else(|| body::line(el), str::to_owned).trim().parse().ok()),
            ..Comment::default()
        });
    }
    thread.comments.retain(|comment| !comment.text.is_empty() || comment.author.is_some());
    thread
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
        let value = serde_json::json!({ "upvoteCount": i64::MIN, "downvoteCount": 1 });
        assert_eq!(votes_of(&value), None);
    }
}
