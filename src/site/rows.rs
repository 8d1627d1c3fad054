//! Rows of an answer to a program, flat or nested: comments, and what could not be read as one.

use serde_json::Value;

use super::structured::plain;
use super::{Fragment, Origin, failing};
use crate::model::{Author, Comment, Failure, Page, ReplyBasis};

/// One row, and the row it stands in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'a> {
    /// The row.
    pub(super) value: &'a Value,
    /// The row whose list of answers it is in.
    pub(super) above: Option<&'a Value>,
}

/// The rows of lists and, below each row, those `below` gives, in reading order and without recursion.
pub(super) fn tree<'a>(lists: &[&'a Value], below: impl Fn(&'a Value) -> Vec<&'a Value>) -> Vec<Row<'a>> {
    let mut rows = Vec::new();
    let mut waiting: Vec<Row<'a>> = Vec::new();
    let push = |waiting: &mut Vec<Row<'a>>, lists: &[&'a Value], above: Option<&'a Value>| {
        let elements = |list: &'a Value| match list {
            Value::Array(values) => values.as_slice(),
            // Nothing, or something that is no list: a row that cannot be read.
            Value::Null => &[],
            other => std::slice::from_ref(other),
        };
        let start = waiting.len();
        waiting.extend(lists.iter().flat_map(|list| elements(list)).map(|value| Row { value, above }));
        waiting[start..].reverse();
    };
    push(&mut waiting, lists, None);
    while let Some(row) = waiting.pop() {
        rows.push(row);
        if row.value.is_object() {
            push(&mut waiting, &below(row.value), Some(row.value));
        }
    }
    rows
}

/// The rows of a list without answers inside it.
pub(super) fn flat(list: &Value) -> Vec<Row<'_>> {
    tree(&[list], |_| Vec::new())
}

/// Reads every row `comment` can read; the others are one failure that says how many they are.
pub(super) fn read<'a>(rows: &[Row<'a>], comment: impl Fn(Row<'a>) -> Option<Comment>) -> Fragment {
    let comments: Vec<Comment> = rows.iter().filter_map(|row| comment(*row)).collect();
    let lost = rows.len() - comments.len();
    Fragment {
        comments,
        failures: lost_rows(lost, rows.len()).into_iter().collect(),
        origin: Origin::Api,
        ..Fragment::default()
    }
}

/// The failure that stands for rows of an answer that could not be read.
pub(super) fn lost_rows(lost: usize, all: usize) -> Option<Failure> {
    (lost > 0).then(|| failing("unreadable_comments", format!(
            "{lost} of the {all} rows of this answer could not be read as comments (no id, no text, or another shape \
             than the platform's) and are missing; save the answer again if it may be damaged"
        )))
}

/// A comment with its place: `parent` is what the row says it answers, `above` the id of the row it stands in.
pub(super) fn comment(id: &str, parent: Option<String>, above: Option<String>) -> Comment {
    let basis = if parent.is_some() { ReplyBasis::Stated } else { ReplyBasis::Nesting };
    let reply_to = parent.or(above).map(|parent| format!("c{parent}"));
    Comment {
        id: format!("c{id}"),
        reply_basis: reply_to.is_some().then_some(basis),
        depth: reply_to.is_none().then_some(0),
        reply_to,
        ..Comment::default()
    }
}

/// Gives a comment the body it has as HTML.
pub(super) fn fill(comment: &mut Comment, html: &str) {
    comment.html = Some(html.to_owned());
    super::answer::markup(html).fill(comment);
}

/// A display name; entities in it are decoded. None where it is empty.
pub(super) fn author(name: &Value, avatar: &Value) -> Option<Author> {
    let author = super::answer::author(name.as_str().map(plain).as_deref())?;
    let avatar = avatar.as_str().map(str::trim).filter(|avatar| !avatar.is_empty()).map(str::to_owned);
    Some(Author { avatar, ..author })
}

/// A count, never below nothing.
pub(super) fn count(value: &Value) -> Option<u64> {
    super::answer::number(value).and_then(|number| u64::try_from(number).ok())
}

/// A parameter of the address an answer was served under.
pub(super) fn parameter(page: &Page, name: &str) -> Option<String> {
    super::address::parameter(page.url.as_deref()?, name)
}

/// A key for the pages of one list that were saved without their addresses and do not say of which thread they are: the
/// place and name they were saved under, numbers aside, and what all pages of the list state. `~` puts it behind keys
/// that do not depend on where a file lies.
pub(super) fn saved_list(platform: &str, page: &Page, stated: &[Option<u64>]) -> Option<String> {
    if page.url.is_some() {
        return None;
    }
    let name: String = page.source.chars().filter(|c| !c.is_ascii_digit() && !matches!(c, ' ' | '(' | ')')).collect();
    let stated: Vec<String> =
        stated.iter().map(|count| count.map_or_else(String::new, |count| count.to_string())).collect();
    Some(format!("{platform}:~{name}/{}", stated.join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_tree_is_read_in_order_whatever_its_depth() {
        let list = json!([{"n": 1, "b": [{"n": 2, "b": [{"n": 3}]}, "?"]}, {"n": 4, "b": "?"}]);
        let rows = tree(&[&list], |row| vec![&row["b"]]);
        let numbers: Vec<_> =
            rows.iter().map(|row| (row.value["n"].as_i64(), row.above.map(|above| &above["n"]))).collect();
        let (one, two, four) = (json!(1), json!(2), json!(4));
        let expected = [
            (Some(1), None),
            (Some(2), Some(&one)),
            (Some(3), Some(&two)),
            (None, Some(&one)),
            (Some(4), None),
            (None, Some(&four)),
        ];
        assert_eq!(numbers, expected);
    }

    #[test]
    fn rows_that_cannot_be_read_are_counted() {
        let list = json!([{"id": 1}, {"id": null}, "text", {"id": 2}]);
        let read = read(&flat(&list), |row| Some(comment(&super::super::answer::id(&row.value["id"])?, None, None)));
        assert_eq!(read.comments.len(), 2);
        assert_eq!(read.failures[0].reason, "unreadable_comments");
        assert!(read.failures[0].message.starts_with("2 of the 4 rows"));
    }
}
