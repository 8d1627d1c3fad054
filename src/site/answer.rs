//! Fields of answers to programs: they may be missing, or of another type than documented.

use scraper::Html;
use serde_json::Value;

use super::body::{self, BodyText};
use super::guard;
use super::rows::lost_rows;
use crate::model::{Author, Comment, Failure, Moment, ReplyBasis};
use crate::text::dates::{epoch, parse_machine};

/// An id: a number or a text that is not empty; `0` and `"0"` stand for none.
pub(super) fn id(value: &Value) -> Option<String> {
    let id = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        _ => return None,
    };
    (!id.is_empty() && id != "0").then_some(id)
}

/// A whole number, also as text or with a fraction of nothing.
pub(super) fn number(value: &Value) -> Option<i64> {
    value
        .as_i64()
        .or_else(|| value.as_f64().filter(|number| number.fract() == 0.0 && number.abs() < 9e15).map(|n| n as i64))
        .or_else(|| value.as_str()?.trim().parse().ok())
}

/// An instant: an epoch in seconds (fractions are cut) or milliseconds, or ISO 8601, which without an offset is UTC.
pub(super) fn instant(value: &Value) -> Option<Moment> {
    if let Some(number) = value.as_f64() {
        return epoch(number.floor() as i64).filter(|_| number > 0.0);
    }
    let moment = parse_machine(value.as_str()?)?;
    let has_time = moment.iso.len() > 10;
    Some(if has_time && !moment.has_offset() { Moment { iso: format!("{}Z", moment.iso), ..moment } } else { moment })
}

/// The comments of an answer's elements, and a failure that counts those that are none `read` can make out.
pub(super) fn comments<'v>(
    elements: impl IntoIterator<Item = &'v Value>,
    mut read: impl FnMut(&'v Value) -> Option<Comment>,
) -> (Vec<Comment>, Vec<Failure>) {
    let (mut found, mut all) = (Vec::new(), 0_usize);
    for element in elements {
        all += 1;
        found.extend(read(element));
    }
    let failure = lost_rows(all - found.len(), all);
    (found, failure.into_iter().collect())
}

/// An author by name; none where the name is empty.
pub(super) fn author(name: Option<&str>) -> Option<Author> {
    let name = name?.trim();
    (!name.is_empty()).then(|| Author { name: name.to_owned(), avatar: None })
}

/// The elements of a list; none where there is no list.
pub(super) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

impl Comment {
    /// Says which comment this one answers, as the site states it; none: it answers the article.
    pub(super) fn answering(mut self, parent: Option<String>) -> Self {
        self.depth = parent.is_none().then_some(0);
        self.reply_basis = parent.is_some().then_some(ReplyBasis::Stated);
        self.reply_to = parent;
        self
    }
}

/// A comment's HTML as a reader sees it.
pub(super) fn markup(html: &str) -> BodyText {
    body::read(Html::parse_fragment(&guard::guard(html).html).root_element(), |_| false)
}

impl BodyText {
    /// Gives the text, and all that goes with it, to a comment.
    pub(super) fn fill(self, comment: &mut Comment) {
        comment.text = self.text;
        comment.quotes = self.quotes;
        comment.links = self.links;
        comment.edited |= self.edited;
        comment.edited_at = self.edited_at.or(comment.edited_at.take());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_of_any_type() {
        assert_eq!((id(&json!(7)), id(&json!("a7")), id(&json!(0))), (Some("7".into()), Some("a7".into()), None));
        assert_eq!((number(&json!("-3")), number(&json!(2.0)), number(&json!(2.5))), (Some(-3), Some(2), None));
        let iso = |value| instant(&value).map(|moment| moment.iso);
        assert_eq!(iso(json!(1_773_476_940.25)).as_deref(), Some("2026-03-14T08:29:00Z"));
        assert_eq!(iso(json!(1_773_476_940_000_u64)).as_deref(), Some("2026-03-14T08:29:00Z"));
        assert_eq!(iso(json!("2026-03-14T08:29:00")).as_deref(), Some("2026-03-14T08:29:00Z"));
        assert_eq!(iso(json!("2026-03-14T08:29:00+01:00")).as_deref(), Some("2026-03-14T08:29:00+01:00"));
    }
}
