//! Twikoo, a comment function a site runs itself: answers of the event `COMMENT_GET`.
//!
//! `{data: [root], more, count}`; a root's `replies` are all below it, flat, with `pid` (the comment answered) and `rid`
//! (the root). Pages of a list share nothing but the count. `created` is an epoch in milliseconds.
//! Source: <https://twikoo.js.org/en/api.html>,
//! <https://github.com/twikoojs/twikoo/blob/main/src/server/function/twikoo/utils/index.js>.

use serde_json::Value;

use crate::model::{Comment, CommentState};
use crate::site::rows::{self, Row};
use crate::site::{Fragment, Site, SiteError, Verified, View, answer};

/// Twikoo.
#[derive(Debug)]
pub(in crate::site) struct Twikoo;

impl Site for Twikoo {
    fn name(&self) -> &str {
        "twikoo"
    }

    fn reads(&self) -> &str {
        "answers of the event COMMENT_GET"
    }

    fn gives(&self) -> &str {
        "ids, parents, authors, dates, votes, states"
    }

    fn verified(&self) -> Verified {
        Verified::Source
    }

    fn claims(&self, view: &View<'_>) -> bool {
        view.json().map(envelope).is_some_and(|value| {
            let rows = value["data"].as_array();
            value["more"].is_boolean()
                && rows.is_some_and(|rows| rows.is_empty() || rows.iter().any(|row| row.get("nick").is_some()))
        })
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        let Some(value) = view.json().map(envelope) else { return Err(SiteError::UnknownJson) };
        let read = rows::read(&rows::tree(&[&value["data"]], |row| vec![&row["replies"]]), comment);
        let count = rows::count(&value["count"]);
        // Ids are those of a document store, long and the same nowhere else.
        let mut keys: Vec<String> = read
            .comments
            .iter()
            .map(|comment| &comment.id)
            .filter(|id| id.len() > 16)
            .map(|id| format!("twikoo:{id}"))
            .collect();
        keys.extend(rows::saved_list("twikoo", view.page, &[count]));
        Ok(Fragment { keys, stated_count: count, ..read })
    }
}

/// The answer itself, or that of the cloud function inside one.
fn envelope(value: &Value) -> &Value {
    if value["result"].is_object() { &value["result"] } else { value }
}

fn comment(row: Row<'_>) -> Option<Comment> {
    let Row { value, above } = row;
    let id = |value: &Value| answer::id(&value["id"]).or_else(|| answer::id(&value["_id"]));
    let parent = answer::id(&value["pid"]).or_else(|| answer::id(&value["rid"]));
    let mut comment = rows::comment(&id(value)?, parent, above.and_then(id));
    comment.author = rows::author(&value["nick"], &value["avatar"]);
    comment.posted_at = answer::instant(&value["created"]);
    comment.votes = answer::number(&value["ups"])
        .and_then(|ups| ups.checked_sub(answer::number(&value["downs"]).unwrap_or_default()))
        .or_else(|| answer::number(&value["like"]));
    if value["isSpam"] == true {
        comment.state = CommentState::Hidden;
    }
    rows::fill(&mut comment, value["comment"].as_str()?);
    Some(comment)
}
