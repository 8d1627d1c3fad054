//! Commento, Commento++ and Comentario's older interface: answers of `api/comment/list`.
//!
//! `{comments: [comment], commenters: {hex: commenter}}`, flat; `parentHex` is `root` for a root, `commenterHex` is
//! `anonymous` for who did not say a name.
//! Source: <https://gitlab.com/commento/commento/-/blob/master/api/comment.go>.

use serde_json::Value;

use crate::model::{Comment, CommentState};
use crate::site::rows::{self, Row};
use crate::site::structured::json_string;
use crate::site::{Fragment, Site, SiteError, Verified, View, answer};

/// Commento.
#[derive(Debug)]
pub(in crate::site) struct Commento;

impl Site for Commento {
    fn name(&self) -> &str {
        "commento"
    }

    fn reads(&self) -> &str {
        "answers of api/comment/list"
    }

    fn gives(&self) -> &str {
        "ids, parents, authors, dates, votes, states"
    }

    fn verified(&self) -> Verified {
        Verified::Source
    }

    fn claims(&self, view: &View<'_>) -> bool {
        view.json().is_some_and(|value| {
            value["commenters"].is_object()
                || value["comments"]
                    .as_array()
                    .is_some_and(|rows| rows.iter().any(|row| row.get("commentHex").is_some()))
        })
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        let Some(value) = view.json() else { return Err(SiteError::UnknownJson) };
        let read = rows::read(&rows::flat(&value["comments"]), |row| comment(row, &value["commenters"]));
        // Ids are long random numbers, the same nowhere else.
        let keys = read.comments.iter().map(|comment| format!("commento:{}", comment.id)).collect();
        Ok(Fragment { keys, ..read })
    }
}

fn comment(row: Row<'_>, commenters: &Value) -> Option<Comment> {
    let value = row.value;
    let parent = answer::id(&value["parentHex"]).filter(|parent| parent != "root");
    let mut comment = rows::comment(&answer::id(&value["commentHex"])?, parent, None);
    comment.posted_at = answer::instant(&value["creationDate"]);
    if value["deleted"] == true {
        comment.state = CommentState::Deleted;
        return Some(comment);
    }
    comment.state = match value["state"].as_str() {
        Some("unapproved") => CommentState::Pending,
        Some("flagged") => CommentState::Hidden,
        _ => CommentState::Visible,
    };
    let commenter = json_string(&value["commenterHex"]).map_or(&Value::Null, |hex| &commenters[hex]);
    comment.author = rows::author(&commenter["name"], &commenter["photo"]);
    comment.votes = answer::number(&value["score"]);
    match value["html"].as_str() {
        Some(html) => rows::fill(&mut comment, html),
        None => value["markdown"].as_str()?.trim().clone_into(&mut comment.text),
    }
    Some(comment)
}
