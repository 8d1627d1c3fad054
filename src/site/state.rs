//! Comments in data that a page carries for its own scripts (`<script type="application/json">`, `window.X = {…}`), and in
//! JSON answers that no adapter knows.
//!
//! Nothing says what such data are but their names (`data/text/state.toml`), so they must all agree: a list that is called
//! one of comments, whose elements have a text, a writer and a date, and nothing that only articles have. Time is linear
//! in the size of the data; how many lists are looked at, and how many pieces of script are tried, is bounded.

use std::collections::HashSet;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::rows;
use super::scripts::{assigned, scripts};
use super::structured::{Structured, json_string, plain};
use super::{Fragment, Origin, Site, SiteError, Verified, View, answer, believable};
use crate::model::{Author, Certainty, Comment, CommentState, FoundBy, Moment, ReplyBasis};

/// Lists looked at.
const MAX_LISTS: usize = 20_000;
/// Assignments tried in a page's scripts.
const MAX_ASSIGNMENTS: usize = 60;
/// Elements of a list that decide whether it is one of comments.
const SAMPLE: usize = 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Names {
    lists: Vec<String>,
    text: Vec<String>,
    author: Vec<String>,
    name: Vec<String>,
    date: Vec<String>,
    id: Vec<String>,
    parent: Vec<String>,
    path: Vec<String>,
    level: Vec<String>,
    below: Vec<String>,
    elements: Vec<String>,
    votes: Vec<String>,
    deleted: Vec<String>,
    foreign: Vec<String>,
}

static NAMES: LazyLock<Names> = LazyLock::new(|| {
    toml::from_str(include_str!("../../data/text/state.toml"))
        .expect("data/text/state.toml is compiled in and read by a test")
});

/// JSON that no adapter knows, where it names its comments.
#[derive(Debug)]
pub(super) struct AnyAnswer;

impl Site for AnyAnswer {
    fn name(&self) -> &str {
        "json"
    }

    fn reads(&self) -> &str {
        "any JSON with a list that is called one of comments and has texts, writers and dates"
    }

    fn gives(&self) -> &str {
        "ids, parents, authors, dates, votes"
    }

    fn verified(&self) -> Verified {
        Verified::Source
    }

    fn claims(&self, view: &View<'_>) -> bool {
        view.json().is_some_and(|value| best_list(value).is_some())
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        let Some(list) = view.json().and_then(best_list) else { return Err(SiteError::UnknownJson) };
        let found = comments(&list);
        let rows = rows::tree(&list.elements.iter().collect::<Vec<_>>(), below).len();
        let lost = rows - found.comments.len();
        Ok(Fragment {
            comments: found.comments,
            stated_count: found.stated_count,
            origin: if found.positional { Origin::Structure } else { Origin::Api },
            found_by: FoundBy::Structured,
            certainty: Certainty::Medium,
            failures: rows::lost_rows(lost, rows).into_iter().collect(),
            ..Fragment::default()
        })
    }
}

/// The largest thread in the data of a page's scripts; none where there is none.
pub(super) fn find(source: &str) -> Structured {
    let mut best = Structured::default();
    for value in data(source) {
        if let Some(list) = best_list(&value) {
            let found = comments(&list);
            if found.comments.len() > best.comments.len() {
                best = found;
            }
        }
    }
    best
}

/// The JSON values of a page's scripts that may hold comments.
fn data(source: &str) -> impl Iterator<Item = Value> {
    let mut tries = 0;
    scripts(source).filter(|script| script.body.len() > 80 && names_a_list(script.body)).flat_map(move |script| {
        let declared = script.attribute("type").unwrap_or_default();
        if declared.contains("ld+json") {
            return Vec::new();
        }
        if declared.contains("json") {
            return serde_json::from_str(script.body.trim()).into_iter().collect();
        }
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(offset) = script.body[at..].find('=')
            && tries < MAX_ASSIGNMENTS
        {
            at += offset;
            let rest = &script.body[at..];
            let value = rest[1..].trim_start();
            if value.starts_with("{\"") || value.starts_with("[{") || value.starts_with("JSON.parse(") {
                tries += 1;
                found.extend(assigned(rest));
            }
            at += 1;
        }
        found
    })
}

fn names_a_list(script: &str) -> bool {
    let script = script.to_ascii_lowercase();
    NAMES.lists.iter().any(|name| script.contains(name.as_str()))
}

fn folded(key: &str) -> String {
    key.chars().filter(|c| !matches!(c, '_' | '-')).flat_map(char::to_lowercase).collect()
}

fn is_list_name(key: &str) -> bool {
    let key = folded(key);
    NAMES.lists.iter().any(|name| key.starts_with(name.as_str()) || key.ends_with(name.as_str()))
}

/// The value of the first of these names an object has, if it is of use.
fn field<'a, T>(object: &'a Map<String, Value>, names: &[String], read: impl Fn(&'a Value) -> Option<T>) -> Option<T> {
    let keys: Vec<(String, &Value)> = object.iter().take(200).map(|(key, value)| (folded(key), value)).collect();
    names.iter().find_map(|name| keys.iter().find(|(key, _)| key == name).and_then(|(_, value)| read(value)))
}

/// A list of comments, and the count its surroundings state.
struct List<'a> {
    elements: &'a [Value],
    stated: Option<u64>,
}

/// The list of comments with the most elements, answers counted.
fn best_list(value: &Value) -> Option<List<'_>> {
    let mut waiting = vec![(value, false, None)];
    let (mut best, mut most, mut seen): (Option<List<'_>>, usize, usize) = (None, 0, 0);
    while let Some((value, named, stated)) = waiting.pop() {
        match value {
            Value::Array(elements) => {
                seen += 1;
                if seen > MAX_LISTS {
                    break;
                }
                if is_discussion(elements, named) {
                    let size = rows::tree(&[value], below).len();
                    if size > most {
                        (best, most) = (Some(List { elements, stated }), size);
                    }
                } else {
                    waiting
                        .extend(elements.iter().filter(|value| !value.is_string()).map(|value| (value, named, stated)));
                }
            }
            Value::Object(object) => {
                let own = object.iter().find(|(key, _)| {
                    matches!(
                        folded(key).as_str(),
                        "commentcount" | "commentscount" | "totalcomments" | "totalcount" | "total" | "count"
                    )
                });
                let stated =
                    own.and_then(|(_, value)| rows::count(value)).filter(|count| believable(*count)).or(stated);
                waiting.extend(object.iter().filter(|(_, value)| value.is_array() || value.is_object()).map(
                    |(key, value)| {
                        let wrapped = named && NAMES.elements.iter().any(|name| *name == folded(key));
                        (value, wrapped || is_list_name(key), stated)
                    },
                ));
            }
            _ => {}
        }
    }
    best
}

/// Whether most elements of a list are comments: some may be deleted, with nothing in them.
fn is_discussion(elements: &[Value], named: bool) -> bool {
    let sample: Vec<&Map<String, Value>> =
        elements.iter().take(SAMPLE).filter_map(|row| own(row).as_object()).collect();
    let typed =
        |object: &Map<String, Value>| object.get("__typename").and_then(Value::as_str).is_some_and(is_list_name);
    let is_comment = |object: &&&Map<String, Value>| {
        (named || typed(object))
            && field(object, &NAMES.text, words).is_some()
            && field(object, &NAMES.author, writer).is_some()
            && field(object, &NAMES.date, moment).is_some()
            && field(object, &NAMES.foreign, |value| json_string(value).or_else(|| value.is_object().then(String::new)))
                .is_none()
    };
    let found = sample.iter().filter(is_comment).count();
    found > 0 && found * 3 >= elements.len().min(SAMPLE) * 2
}

/// The object of a list's element; GraphQL puts it in a node.
fn own(row: &Value) -> &Value {
    if row["node"].is_object() { &row["node"] } else { row }
}

fn below(row: &Value) -> Vec<&Value> {
    let Some(object) = own(row).as_object() else { return Vec::new() };
    let list = field(object, &NAMES.below, |value| match value {
        Value::Array(_) => Some(value),
        Value::Object(inner) => field(inner, &NAMES.elements, |value| value.is_array().then_some(value)),
        _ => None,
    });
    list.into_iter().collect()
}

fn words(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| value["rendered"].as_str()).filter(|text| !text.trim().is_empty())
}

fn writer(value: &Value) -> Option<Author> {
    match value {
        Value::Object(object) => field(object, &NAMES.name, |name| rows::author(name, &Value::Null)),
        name => rows::author(name, &Value::Null),
    }
}

fn moment(value: &Value) -> Option<Moment> {
    // Anything below a billion is no epoch of a time with websites.
    if value.as_f64().is_some_and(|number| number < 1e9) {
        return None;
    }
    answer::instant(value)
}

fn comments(list: &List<'_>) -> Structured {
    let roots: Vec<&Value> = list.elements.iter().collect();
    let rows = rows::tree(&roots, below);
    let id = |row: &Value| field(own(row).as_object()?, &NAMES.id, answer::id);
    let parent = |row: &Value| {
        field(own(row).as_object()?, &NAMES.parent, |value| answer::id(value).or_else(|| answer::id(&value["id"])))
    };
    let says_parents = rows.iter().any(|row| parent(row.value).is_some());
    let ids: Vec<Option<String>> = rows.iter().map(|row| id(row.value)).collect();
    let known: HashSet<&String> = ids.iter().flatten().collect();
    // Positions where most have no id, or two the same.
    let given = ids.iter().flatten().count();
    let positional = known.len() < given || given * 2 < ids.len();
    let mut places = std::collections::HashMap::new();
    // The comments above the next one by the levels stated so far.
    let mut branch: Vec<(i64, String)> = Vec::new();
    let mut thread = Structured { positional, stated_count: list.stated, ..Structured::default() };
    for (at, row) in rows.iter().enumerate() {
        let Some(object) = own(row.value).as_object() else { continue };
        let name = match &ids[at] {
            Some(id) if !positional => id.clone(),
            None if !positional => format!("p{}", at + 1),
            _ => (at + 1).to_string(),
        };
        places.insert(std::ptr::from_ref(row.value), name.clone());
        let stated = parent(row.value)
            .or_else(|| field(object, &NAMES.path, |path| parent_on(path.as_str()?, &name)))
            .filter(|parent| !positional && known.contains(parent) && *parent != name);
        let above = row.above.and_then(|above| places.get(&std::ptr::from_ref(above)).cloned());
        let level = field(object, &NAMES.level, answer::number).filter(|_| !says_parents);
        let lower = level.and_then(|level| {
            branch.truncate(branch.partition_point(|(above, _): &(i64, String)| *above < level));
            let parent = branch.last().map(|(_, name)| name.clone());
            branch.push((level, name.clone()));
            parent.map(|parent| format!("c{parent}"))
        });
        let mut comment = rows::comment(&name, stated, above);
        if comment.reply_to.is_none() && lower.is_some() {
            (comment.reply_to, comment.reply_basis, comment.depth) = (lower, Some(ReplyBasis::Depth), None);
        }
        if comment.reply_to.is_none() && parent(row.value).is_some_and(|parent| !known.contains(&parent)) {
            // It answers the article, or a comment that is not in the list: nothing says which.
            comment.depth = None;
        }
        comment.author = field(object, &NAMES.author, writer);
        comment.posted_at = field(object, &NAMES.date, moment);
        comment.votes = field(object, &NAMES.votes, answer::number);
        if field(object, &NAMES.deleted, |value| (*value == true).then_some(())).is_some() {
            comment.state = CommentState::Deleted;
        }
        if let Some(text) = field(object, &NAMES.text, words) {
            fill(&mut comment, text);
        }
        thread.comments.push(comment);
    }
    thread
}

/// The id before one's own at the end of a path; ids may be padded with zeros.
fn parent_on(path: &str, own: &str) -> Option<String> {
    let mut parts = path.split(['.', '/', ',']).map(|part| part.trim_start_matches('0')).rev();
    let last = parts.find(|part| !part.is_empty())?;
    parts.next().filter(|part| last == own && !part.is_empty()).map(str::to_owned)
}

/// Text with tags is HTML, other text is as it was written.
fn fill(comment: &mut Comment, text: &str) {
    if text.contains("</") || text.contains("<br") {
        rows::fill(comment, text);
    } else {
        comment.text = plain(text.trim());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said(found: &Structured) -> Vec<(&str, Option<&str>, &str)> {
        found.comments.iter().map(|c| (c.id.as_str(), c.reply_to.as_deref(), c.text.as_str())).collect()
    }

    fn thread() -> Value {
        json!({"props": {"article": {"headline": "x", "comments": {"total": 3, "items": [
            {"id": 7, "body": "<p>Un &amp; deux</p>", "user": {"displayName": "Zoé"}, "created_at": "2026-03-14T08:29:00Z",
             "replies": [{"id": 9, "body": "Trois", "user": {"displayName": "Ali"}, "created_at": "2026-03-14T09:00:00Z"}]},
            {"id": 8, "parentId": 7, "body": "Quatre", "user": {"displayName": "Noé"}, "created_at": "2026-03-14T09:29:00Z"}
        ]}}}})
    }

    #[test]
    fn comments_of_a_page_s_state() {
        let next = format!("<script id=__NEXT_DATA__ type='application/json'>{}</script>", thread());
        let assigned = format!("<script>var a = 1; window.__STATE__ = {};</script>", thread());
        for page in [next, assigned] {
            let found = find(&page);
            assert_eq!(
                said(&found),
                [("c7", None, "Un & deux"), ("c9", Some("c7"), "Trois"), ("c8", Some("c7"), "Quatre")]
            );
            assert_eq!((found.positional, found.stated_count), (false, Some(3)));
            assert_eq!(found.comments[2].author.as_ref().unwrap().name, "Noé");
        }
    }

    #[test]
    fn paths_and_levels_say_what_is_answered() {
        let row = |id: u32, order: &str, indent: u32| json!({"id": id, "order": order, "indent": indent, "body": "b", "author": "a", "date": "2026-03-14T08:29:00Z"});
        let parents = |rows: Value| {
            let page = format!("<script type='application/json'>{}</script>", json!({"responses": rows}));
            find(&page).comments.into_iter().map(|c| (c.reply_to, c.reply_basis)).collect::<Vec<_>>()
        };
        let two = |parent: &str, basis| vec![(None, None), (Some(parent.to_owned()), Some(basis)), (None, None)];
        let paths = json!([row(7, "0005.0007", 1), row(8, "0005.0007.0008", 2), row(9, "0005.0009", 1)]);
        assert_eq!(parents(paths), two("c7", ReplyBasis::Stated));
        let levels = json!([row(7, "1", 1), row(8, "2", 3), row(9, "3", 1)]);
        assert_eq!(parents(levels), two("c7", ReplyBasis::Depth));
    }

    #[test]
    fn pages_of_endless_scripts_are_quick() {
        for piece in [
            "<script>comment = {\"comments\": [",
            "<script a='>comments=",
            "comments={\"a\":\"b\"};=",
            "<script></script>",
        ] {
            let page = format!("<script>{}", piece.repeat(100_000));
            let start = std::time::Instant::now();
            assert!(find(&page).comments.is_empty());
            assert!(start.elapsed().as_secs() < 5, "{piece}: {:?}", start.elapsed());
        }
    }

    #[test]
    fn articles_and_lists_of_other_names_are_none() {
        let row = json!({"id": 1, "body": "b", "author": "a", "date": "2026-03-14T08:29:00Z"});
        let page = |state: Value| format!("<script type='application/json'>{state}</script>");
        assert!(
            find(&page(json!({"articles": [row, row], "comments": "no comments in this long enough text, none"})))
                .comments
                .is_empty()
        );
        let mut article = row.clone();
        article["headline"] = json!("Title");
        assert!(
            find(&page(json!({"mostCommented": 1, "comments": [article.clone(), article], "pad": "0123456789"})))
                .comments
                .is_empty()
        );
        assert_eq!(find(&page(json!({"comments": [row], "pad": "0123456789"}))).comments.len(), 1);
    }
}
