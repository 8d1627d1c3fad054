//! Viafoura: answers of its live comments API.
//!
//! `…/comments` answers `{contents: [comment], more_available}`, flat, answers behind what they answer; `parent_uuid` is the
//! container's for a root. A comment without `content` was deleted. `contentcontainer/id` states how many there are. Names
//! are in answers of another address, so mostly empty. `date_created` is an epoch in milliseconds.
//! Source: <https://docs.viafoura.com/>.

use std::collections::HashSet;

use serde_json::Value;

use crate::model::{Comment, CommentState};
use crate::site::rows::{self, Row};
use crate::site::{Fragment, Origin, Site, SiteError, Verified, View, answer};

/// Viafoura.
#[derive(Debug)]
pub(in crate::site) struct Viafoura;

impl Site for Viafoura {
    fn name(&self) -> &str {
        "viafoura"
    }

    fn reads(&self) -> &str {
        "answers of livecomments.viafoura.co"
    }

    fn gives(&self) -> &str {
        "ids, parents, dates, votes, states"
    }

    fn verified(&self) -> Verified {
        Verified::Source
    }

    fn claims(&self, view: &View<'_>) -> bool {
        view.json().is_some_and(|value| {
            let rows = value["contents"].as_array();
            rows.is_some_and(|rows| rows.iter().any(|row| row.get("content_uuid").is_some()))
                || (rows.is_some() && value.get("more_available").is_some())
                || (value["content_container_uuid"].is_string() && value.get("total_visible_content").is_some())
        })
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        let Some(value) = view.json() else { return Err(SiteError::UnknownJson) };
        let rows = rows::flat(&value["contents"]);
        let container = answer::id(&value["content_container_uuid"])
            .or_else(|| rows.iter().find_map(|row| answer::id(&row.value["content_container_uuid"])))
            .or_else(|| assumed_container(&rows));
        let fragment = rows::read(&rows, |row| comment(row, container.as_deref()));
        Ok(Fragment {
            keys: container.map(|container| format!("viafoura:{container}")).into_iter().collect(),
            stated_count: rows::count(&value["total_visible_content"]),
            origin: Origin::Api,
            ..fragment
        })
    }
}

/// What the first comment answers, where that is no comment: lists begin with a root.
fn assumed_container(rows: &[Row<'_>]) -> Option<String> {
    let parent = rows.iter().find_map(|row| answer::id(&row.value["parent_uuid"]))?;
    let ids: HashSet<&str> = rows.iter().filter_map(|row| row.value["content_uuid"].as_str()).collect();
    (!ids.contains(parent.as_str())).then_some(parent)
}

fn comment(row: Row<'_>, container: Option<&str>) -> Option<Comment> {
    let value = row.value;
    let parent = answer::id(&value["parent_uuid"]).filter(|parent| Some(parent.as_str()) != container);
    let mut comment = rows::comment(&answer::id(&value["content_uuid"])?, parent, None);
    comment.posted_at = answer::instant(&value["date_created"]);
    let Some(content) = value["content"].as_str() else {
        comment.state = CommentState::Deleted;
        return Some(comment);
    };
    comment.state = match value["state"].as_str() {
        None | Some("visible") => CommentState::Visible,
        Some("pending" | "created" | "awaiting_moderation") => CommentState::Pending,
        Some(_) => CommentState::Hidden,
    };
    comment.author = rows::author(&value["actor"]["name"], &Value::Null)
        .or_else(|| rows::author(&value["actor_name"], &Value::Null));
    comment.votes = answer::number(&value["total_likes"])
        .and_then(|likes| likes.checked_sub(answer::number(&value["total_dislikes"]).unwrap_or_default()));
    comment.text = crate::site::structured::plain(content.trim());
    Some(comment)
}
