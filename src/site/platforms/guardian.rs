//! The Guardian's discussion API, which its pages load their comments from.
//!
//! `discussion-api/discussion/p/KEY` answers `{discussion: {key, webUrl, title, commentCount, comments}, currentPage, pages}`;
//! answers are nested in `responses` and name what they answer in `responseTo`. A comment that was removed stays with the
//! site's words for a body, which are not its writer's.
//!
//! An article's page gives its short address (`"shortUrlId":"/p/KEY"`) to its scripts, and the element the discussion is
//! put into where there is one. A discussion's answer may hold but the first answers to a comment, and says how many
//! there are; `discussion-api/comment/ID` has all.
//! Source: <https://github.com/guardian/dotcom-rendering/blob/main/dotcom-rendering/src/types/discussion.ts>.

use serde_json::Value;

use crate::model::{Article, Comment, CommentState, Page, PageKind};
use crate::site::embeds::{Elsewhere, Embedding};
use crate::site::rows::{self, Row};
use crate::site::structured::{json_string, plain};
use crate::site::{Fragment, Next, Site, SiteError, Verified, View, address, answer};

const API: &str = "https://discussion.theguardian.com/discussion-api/";

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
        let key = json_string(&discussion["key"]).map(|key| self::key(&key));
        Ok(Fragment {
            keys: key.into_iter().chain(url.as_deref().and_then(address::key)).collect(),
            article: Article {
                title: json_string(&discussion["title"]).map(|title| plain(&title)),
                url,
                ..Article::default()
            },
            stated_count: rows::count(&discussion["commentCount"]),
            next: next_page(value, view.page).into_iter().chain(below(value, view.page)).collect(),
            ..rows::read(&rows::tree(&[list], |row| vec![&row["responses"]]), comment)
        })
    }
}

fn next_page(value: &Value, page: &Page) -> Option<Next> {
    let at = rows::count(&value["currentPage"])?;
    if at >= rows::count(&value["pages"])? {
        return None;
    }
    let url = address::with_parameter(page.url.as_deref()?, "page", &(at + 1).to_string())?;
    Some(Next::needed(url, PageKind::Json))
}

/// The requests for comments of which a live answer has not all the answers.
fn below(value: &Value, page: &Page) -> Vec<Next> {
    if page.url.is_none() {
        return Vec::new();
    }
    let cut = |root: &&Value| {
        let stated = [&root["metaData"]["responseCount"], &root["numResponses"]].into_iter().find_map(rows::count);
        stated.is_some_and(|stated| stated > answer::list(&root["responses"]).len() as u64)
    };
    let roots = answer::list(&value["discussion"]["comments"]).iter().filter(cut);
    roots
        .filter_map(|root| answer::id(&root["id"]))
        .map(|id| Next::needed(format!("{API}comment/{id}?displayThreaded=true"), PageKind::Json))
        .collect()
}

/// The discussion of an article's page.
pub(in crate::site) fn elsewhere(page: &Embedding<'_>) -> Option<Elsewhere> {
    let name = page.setting("shortUrlId", &["shortUrlId"]).filter(|name| {
        name.strip_prefix("/p/").is_some_and(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric()))
    })?;
    let url = format!("{API}discussion/{name}?orderBy=oldest&pageSize=100&displayThreaded=true&page=1");
    Some(Elsewhere { keys: vec![key(&name)], next: vec![Next::needed(url, PageKind::Json)] })
}

fn key(name: &str) -> String {
    format!("guardian:{name}")
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::site::trial::{got, page, urls};

    const FIRST: &str = "https://discussion.theguardian.com/discussion-api/discussion//p/x8abc?orderBy=oldest&pageSize=100&displayThreaded=true&page=1";

    #[test]
    fn a_page_asks_for_its_discussion() {
        let script = "<script>window.guardian = {\"config\":{\"page\":{\"shortUrlId\":\"/p/x8abc\"}}}</script>";
        let island = "<gu-island name=DiscussionWeb></gu-island>";
        let read = page("https://www.theguardian.com/a", &format!("{script}{island}"));
        assert_eq!(
            (urls(&read), read.next[0].optional, read.keys[0].as_str()),
            (vec![FIRST], false, "guardian:/p/x8abc")
        );
        assert_eq!(read.failures[0].reason, "needs_script");
        // An article that takes no comments has no place for them.
        let closed = page("https://www.theguardian.com/a", script);
        assert_eq!((closed.next, closed.failures), (vec![], vec![]));
    }

    #[test]
    fn pages_and_answers_to_comments_go_on() {
        let answer = |at: u64, stated: u64| {
            json!({ "currentPage": at, "pages": 2, "discussion": { "key": "/p/x8abc", "webUrl": "https://www.theguardian.com/a",
                "commentCount": 9, "comments": [{ "id": 5, "body": "<p>Yes.</p>", "metaData": { "responseCount": stated },
                "responses": [{ "id": 6, "body": "<p>No.</p>", "responseTo": { "commentId": "5" } }] }] } })
            .to_string()
        };
        let second = FIRST.replace("page=1", "page=2");
        let below = "https://discussion.theguardian.com/discussion-api/comment/5?displayThreaded=true";
        assert_eq!(urls(&got(FIRST, &answer(1, 4))), [second.as_str(), below]);
        assert_eq!(got(&second, &answer(2, 1)).next, []);
        assert_eq!(got("", &answer(1, 4)).next, []);
        let one = json!({ "comment": { "id": 5, "body": "<p>Yes.</p>", "userProfile": {}, "metaData": { "responseCount": 4 },
            "discussion": { "key": "/p/x8abc" }, "responses": [] } });
        let read = got(below, &one.to_string());
        assert_eq!((read.keys[0].as_str(), read.next), ("guardian:/p/x8abc", vec![]));
    }
}
