//! Artalk, a comment server a site runs itself: answers of `api/v2/comments`.
//!
//! `{comments, count, roots_count, page}`, inside `data` with `total` before version 2.6; flat, `rid` names the comment
//! answered. `content` is Markdown, `content_marked` what it was rendered to, `date` the time of the server's clock.
//! Source: <https://artalk.js.org/en/http-api.html>.

use serde_json::Value;

use crate::model::{Article, Comment, CommentState};
use crate::site::rows::{self, Row};
use crate::site::structured::json_string;
use crate::site::{Fragment, Site, SiteError, Verified, View, address, answer};
use crate::text::dates::parse_machine;

/// Artalk.
#[derive(Debug)]
pub(in crate::site) struct Artalk;

impl Site for Artalk {
    fn name(&self) -> &str {
        "artalk"
    }

    fn reads(&self) -> &str {
        "answers of api/v2/comments"
    }

    fn gives(&self) -> &str {
        "ids, parents, authors, dates, votes, states"
    }

    fn verified(&self) -> Verified {
        Verified::Source
    }

    fn claims(&self, view: &View<'_>) -> bool {
        view.json().map(envelope).is_some_and(|value| {
            let rows = value["comments"].as_array();
            rows.is_some_and(|rows| rows.iter().any(|row| row.get("content_marked").is_some()))
                || (rows.is_some() && ["roots_count", "total_roots"].iter().any(|field| value.get(*field).is_some()))
        })
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        let Some(value) = view.json().map(envelope) else { return Err(SiteError::UnknownJson) };
        let list = rows::flat(&value["comments"]);
        let first = list.first().map_or(&Value::Null, |row| row.value);
        let page = &value["page"];
        let name = json_string(&page["key"]).or_else(|| json_string(&first["page_key"]));
        let site = json_string(&page["site_name"]).or_else(|| json_string(&first["site_name"])).unwrap_or_default();
        let url = json_string(&page["url"]).or_else(|| json_string(&first["page_url"]));
        let url = url.as_deref().and_then(address::canonical);
        let key = name.map(|name| format!("artalk:{site}/{name}"));
        Ok(Fragment {
            keys: key.into_iter().chain(url.as_deref().and_then(address::key)).collect(),
            article: Article { title: json_string(&page["title"]), url, ..Article::default() },
            stated_count: rows::count(&value["count"]).or_else(|| rows::count(&value["total"])),
            ..rows::read(&list, comment)
        })
    }
}

fn envelope(value: &Value) -> &Value {
    if value["data"]["comments"].is_array() { &value["data"] } else { value }
}

fn comment(row: Row<'_>) -> Option<Comment> {
    let value = row.value;
    let mut comment = rows::comment(&answer::id(&value["id"])?, answer::id(&value["rid"]), None);
    comment.author = rows::author(&value["nick"], &Value::Null);
    comment.posted_at = value["date"].as_str().and_then(parse_machine);
    comment.votes = answer::number(&value["vote_up"])
        .and_then(|up| up.checked_sub(answer::number(&value["vote_down"]).unwrap_or_default()));
    if value["is_pending"] == true {
        comment.state = CommentState::Pending;
    } else if value["is_collapsed"] == true {
        comment.state = CommentState::Hidden;
    }
    match value["content_marked"].as_str() {
        Some(html) => rows::fill(&mut comment, html),
        None => value["content"].as_str()?.trim().clone_into(&mut comment.text),
    }
    Some(comment)
}
