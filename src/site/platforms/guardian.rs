//! The Guardian's discussion API, which its pages load their comments from.
//!
//! `discussion-api/discussion/p/KEY` answers `{discussion: {key, webUrl, title, commentCount, comments}, currentPage, pages}`;
//! answers are nested in `responses` and name what they answer in `responseTo`. A comment that was removed stays with the
//! site's words for a body, which are not its writer's.
//! Source: <https://github.com/guardian/dotcom-rendering/blob/main/dotcom-rendering/src/types/discussion.ts>.

use serde_json::Value;
use url::Url;

use crate::model::{Article, Comment, CommentState, Page, PageKind};
use crate::site::rows::{self, Row};
use crate::site::structured::{json_string, plain};
use crate::site::{Fragment, Next, Site, SiteError, Verified, View, address, answer};

/// The Guardian.
#[derive(Debug)]
pub(in crate::site) struct Guardian;

impl Site for Guardian {
    fn name(&self) -> &str {
        "guardian"
    }

    fn reads(&self) -> &str {
        "answers of discussion.theguardian.com/discussion-api"
    }

    fn gives(&self) -> &str {
        "ids, parents, authors, dates, votes, states"
    }

    fn verified(&self) -> Verified {
        Verified::Source
    }

    fn claims(&self, view: &View<'_>) -> bool {
        view.json().is_some_and(|value| {
            value["discussion"]["comments"].is_array() && value["discussion"]["key"].is_string()
                || value["comment"]["userProfile"].is_object()
        })
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        let Some(value) = view.json() else { return Err(SiteError::UnknownJson) };
        let one = &value["comment"];
        let (list, discussion) = if one.is_object() {
            (one, &one["discussion"])
        } else {
            (&value["discussion"]["comments"], &value["discussion"])
        };
        let url = json_string(&discussion["webUrl"]);
        let key = json_string(&discussion["key"]).map(|key| format!("guardian:{key}"));
        Ok(Fragment {
            keys: key.into_iter().chain(url.as_deref().and_then(address::key)).collect(),
            article: Article {
                title: json_string(&discussion["title"]).map(|title| plain(&title)),
                url,
                ..Article::default()
            },
            stated_count: rows::count(&discussion["commentCount"]),
            next: next_page(value, view.page).into_iter().collect(),
            ..rows::read(&rows::tree(&[list], |row| vec![&row["responses"]]), comment)
        })
    }
}

fn next_page(value: &Value, page: &Page) -> Option<Next> {
    let at = rows::count(&value["currentPage"])?;
    if at >= rows::count(&value["pages"])? {
        return None;
    }
    let mut url = Url::parse(page.url.as_deref()?).ok()?;
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(key, _)| key != "page")
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect();
    url.query_pairs_mut().clear().extend_pairs(kept).append_pair("page", &(at + 1).to_string());
    Some(Next::needed(url.to_string(), PageKind::Json))
}

fn comment(row: Row<'_>) -> Option<Comment> {
    let Row { value, above } = row;
    let above = above.and_then(|above| answer::id(&above["id"]));
    let mut comment = rows::comment(&answer::id(&value["id"])?, answer::id(&value["responseTo"]["commentId"]), above);
    comment.author = rows::author(&value["userProfile"]["displayName"], &value["userProfile"]["avatar"]);
    comment.posted_at = answer::instant(&value["isoDateTime"]);
    comment.votes = answer::number(&value["numRecommends"]);
    comment.permalink = json_string(&value["webUrl"]);
    let body = value["body"].as_str();
    match value["status"].as_str() {
        None | Some("visible") => rows::fill(&mut comment, body?),
        Some("deleted") => comment.state = CommentState::Deleted,
        Some("premod" | "pending") => comment.state = CommentState::Pending,
        Some(_) => comment.state = CommentState::Hidden,
    }
    Some(comment)
}
