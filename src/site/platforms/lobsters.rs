//! Lobsters' answers, `/s/ID.json`: the story with its comments in reading order. (Its pages are another site's.)
//!
//! `comments[]` say their parent (`parent_comment`) since 2023 and their level before (`indent_level`, from 1; later
//! `depth`, from 0). In place of one that is gone stand the site's words.
//!
//! Source: <https://github.com/lobsters/lobsters/blob/main/app/models/comment.rb> (`as_json`).

use serde_json::Value;

use crate::model::{Article, Comment, CommentState, ReplyBasis};
use crate::site::structured::json_string;
use crate::site::{Fragment, Origin, Site, SiteError, Verified, View, address, answer};

/// Deeper levels are no discussion's.
const MAX_LEVEL: u32 = 1_000;

/// Lobsters and its sister sites.
#[derive(Debug)]
pub(in crate::site) struct Lobsters;

impl Site for Lobsters {
    fn name(&self) -> &str {
        "lobsters"
    }

    fn reads(&self) -> &str {
        "answers of /s/ID.json"
    }

    fn gives(&self) -> &str {
        "ids, parents, authors, dates, votes, states, edits"
    }

    fn verified(&self) -> Verified {
        Verified::Source
    }

    fn claims(&self, view: &View<'_>) -> bool {
        view.json().is_some_and(|json| {
            json["short_id"].is_string() && json["comments"].is_array() && json.get("comment_count").is_some()
        })
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        let Some(story) = view.json() else { return Err(SiteError::UnknownJson) };
        let id = json_string(&story["short_id"]);
        let url = json_string(&story["short_id_url"]).or_else(|| json_string(&story["comments_url"]));
        let (mut comments, failures) = answer::comments(answer::list(&story["comments"]), comment);
        if answer::list(&story["comments"]).iter().all(|comment| comment.get("parent_comment").is_none()) {
            by_levels(&mut comments);
        }
        let host = url.as_deref().or(view.page.url.as_deref()).and_then(address::host);
        Ok(Fragment {
            keys: host.zip(id).map(|(host, id)| format!("lobsters:{host}/{id}")).into_iter().collect(),
            article: Article {
                title: json_string(&story["title"]),
                author: user(&story["submitter_user"]),
                published_at: answer::instant(&story["created_at"]),
                url: json_string(&story["url"]).or(url),
                body: json_string(&story["description"]).map(|html| answer::markup(&html).text),
            },
            comments,
            stated_count: story["comment_count"].as_u64(),
            origin: Origin::Api,
            failures,
            ..Fragment::default()
        })
    }
}

/// A user: a name since 2023, an object before.
fn user(value: &Value) -> Option<String> {
    json_string(value).or_else(|| json_string(&value["username"]))
}

fn comment(value: &Value) -> Option<Comment> {
    let id = json_string(&value["short_id"])?;
    let level = value["depth"].as_u64().or_else(|| value["indent_level"].as_u64()?.checked_sub(1));
    let state = match (value["is_deleted"] == true, value["is_moderated"] == true) {
        (_, true) => CommentState::Hidden,
        (true, _) => CommentState::Deleted,
        _ => CommentState::Visible,
    };
    let mut comment = Comment {
        id: format!("c{id}"),
        author: answer::author(user(&value["commenting_user"]).as_deref()),
        posted_at: answer::instant(&value["created_at"]),
        votes: answer::number(&value["score"]),
        state,
        permalink: json_string(&value["short_id_url"]).or_else(|| json_string(&value["url"])),
        ..Comment::default()
    }
    .answering(json_string(&value["parent_comment"]).map(|parent| format!("c{parent}")));
    comment.depth = level.and_then(|level| u32::try_from(level).ok()).or(comment.depth);
    if state == CommentState::Visible {
        let html = json_string(&value["comment"])?;
        answer::markup(&html).fill(&mut comment);
        comment.html = Some(html);
        let changed = json_string(&value["last_edited_at"]).or_else(|| json_string(&value["updated_at"]));
        if changed.as_deref().is_some_and(|changed| value["created_at"] != changed) {
            comment.edited = true;
            comment.edited_at = changed.and_then(|changed| answer::instant(&Value::String(changed)));
        }
    }
    Some(comment)
}

/// Parents from levels: the last comment before that is one level up.
fn by_levels(comments: &mut [Comment]) {
    let mut path: Vec<String> = Vec::new();
    for comment in comments {
        let Some(depth) = comment.depth.filter(|depth| *depth <= MAX_LEVEL) else { continue };
        // A level that no comment before has stays empty: its parent was not sent.
        path.resize(depth as usize, String::new());
        if let Some(parent) = path.last().filter(|parent| !parent.is_empty()) {
            comment.reply_to = Some(parent.clone());
            comment.reply_basis = Some(ReplyBasis::Depth);
        }
        path.push(comment.id.clone());
    }
}
