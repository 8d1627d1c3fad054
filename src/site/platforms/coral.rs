//! Coral (formerly Talk): answers of its GraphQL API.
//!
//! `data.story.comments.edges[].node`, answers below as `replies.edges[].node`; a thread that is unfolded later answers as
//! `data.comment`. Version 4 said `data.asset.comments.nodes[]` with `user` and `created_at`. Only NONE and APPROVED are
//! shown to readers.
//!
//! An article's page calls `Coral.createStreamEmbed({rootURL, storyID, storyURL})`; the story is asked for by what of these
//! is there. Answers are paged twice: the roots of the story, and what is below each root. A server may be set to refuse
//! questions that are not its own (`RAW_QUERY_NOT_AUTHORIZED`).
//! Source: <https://docs.coralproject.net/api/graphql>,
//! <https://github.com/coralproject/talk/tree/main/client/src/core/client/stream/tabs/Comments>.

use serde_json::{Value, json};

use crate::model::{Article, Comment, CommentState, Page};
use crate::site::embeds::{Elsewhere, Embedding};
use crate::site::graphql;
use crate::site::rows::{self, Row};
use crate::site::structured::json_string;
use crate::site::{Fragment, Next, Site, SiteError, Verified, View, address, answer};

const STORY: &str = concat!(
    include_str!("../../../data/queries/coral-story.graphql"),
    include_str!("../../../data/queries/coral-comment.graphql")
);
const REPLIES: &str = concat!(
    include_str!("../../../data/queries/coral-replies.graphql"),
    include_str!("../../../data/queries/coral-comment.graphql")
);
const ENDPOINT: &str = "/api/graphql";
/// What loads the stream, behind the server's address.
const LOADER: &str = "/assets/js/embed.js";

/// Coral.
#[derive(Debug)]
pub(in crate::site) struct Coral;

impl Site for Coral {
    fn name(&self) -> &str {
        "coral"
    }

    fn reads(&self) -> &str {
        "answers of api/graphql"
    }

    fn gives(&self) -> &str {
        "ids, parents, authors, dates, votes, states"
    }

    fn verified(&self) -> Verified {
        Verified::Source
    }

    fn claims(&self, view: &View<'_>) -> bool {
        let asked = view.page.posted.is_some() && view.page.url.as_deref().is_some_and(|url| url.ends_with(ENDPOINT));
        view.json().is_some_and(|value| !lists(value).is_empty() || asked)
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        let Some(value) = view.json() else { return Err(SiteError::UnknownJson) };
        if lists(value).is_empty() {
            return Err(graphql::refusal(value).unwrap_or_else(|| SiteError::Refused {
                code: "no_story".to_owned(),
                message: "the server knows no thread of this article".to_owned(),
            }));
        }
        let read = rows::read(&rows::tree(&lists(value), |row| below(node(row))), comment);
        let story = story(&value["data"]);
        let url = json_string(&story["url"]);
        let key = answer::id(&story["id"]).map(|id| format!("coral:{id}"));
        Ok(Fragment {
            keys: key.into_iter().chain(url.as_deref().and_then(address::key)).collect(),
            article: Article {
                title: json_string(&story["metadata"]["title"]).or_else(|| json_string(&story["title"])),
                url,
                ..Article::default()
            },
            stated_count: ["commentCount", "totalCommentCount"]
                .iter()
                .find_map(|field| rows::count(&story[*field]))
                .or_else(|| rows::count(&story["commentCounts"]["totalPublished"])),
            next: rest(&value["data"], view.page),
            ..read
        })
    }
}

/// The story of an article's page.
pub(in crate::site) fn elsewhere(page: &Embedding<'_>) -> Option<Elsewhere> {
    const CALL: &str = "createStreamEmbed";
    let set = page.setting(CALL, &["rootURL"]);
    let loaded = || page.scripts(LOADER).find_map(|script| loaded_root(script.source));
    let root = address::absolute(page.address, &set.or_else(loaded)?)?;
    let id = page.setting(CALL, &["storyID"]);
    let url = page.setting(CALL, &["storyURL"]).or_else(|| page.address.map(str::to_owned));
    if id.is_none() && url.is_none() {
        return None;
    }
    let endpoint = format!("{}{ENDPOINT}", root.trim_end_matches('/'));
    let key = id.as_ref().map(|id| format!("coral:{id}"));
    Some(Elsewhere {
        keys: key.into_iter().chain(url.as_deref().and_then(address::key)).collect(),
        next: vec![graphql::ask(&endpoint, STORY, &json!({ "id": id, "url": url, "after": null }))],
    })
}

/// The server a script is loaded from: `'https://HOST/assets/js/embed.js'`.
fn loaded_root(script: &str) -> Option<String> {
    let (before, _) = script.split_once(LOADER)?;
    let start = before.rfind("http").or_else(|| before.rfind("//"))?;
    let root = &before[start..];
    let whole = !root.contains(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '+'));
    whole.then(|| if root.starts_with("//") { format!("https:{root}") } else { root.to_owned() })
}

/// The questions for what an answer left out: later roots, and later answers below those it has.
fn rest(data: &Value, page: &Page) -> Vec<Next> {
    let (Some(here), Some(_)) = (page.url.as_deref(), page.posted.as_deref()) else { return Vec::new() };
    let after = |connection: &Value| {
        let info = &connection["pageInfo"];
        json_string(&info["endCursor"]).filter(|_| info["hasNextPage"] == true)
    };
    let list = if data["comment"].is_object() { &data["comment"]["replies"] } else { &data["story"]["comments"] };
    let later = after(list).and_then(|cursor| graphql::again(page, "after", &cursor));
    let below = answer::list(&data["story"]["comments"]["edges"]).iter().map(node).filter_map(|root| {
        let cursor = after(&root["replies"])?;
        Some(graphql::ask(here, REPLIES, &json!({ "id": json_string(&root["id"])?, "after": cursor })))
    });
    later.into_iter().chain(below).collect()
}

fn story(data: &Value) -> &Value {
    ["story", "asset"]
        .iter()
        .map(|field| &data[*field])
        .find(|story| story.is_object())
        .unwrap_or(&data["comment"]["story"])
}

/// The lists an answer begins with.
fn lists(value: &Value) -> Vec<&Value> {
    let data = &value["data"];
    let connection = |owner: &'static str| connection(&data[owner]["comments"]);
    let unfolded = &data["comment"];
    let unfolded = (unfolded["id"].is_string() && !below(unfolded).is_empty()).then_some(unfolded);
    connection("story").or_else(|| connection("asset")).or(unfolded).into_iter().collect()
}

/// The elements of a connection.
fn connection(value: &Value) -> Option<&Value> {
    ["edges", "nodes"].iter().map(|field| &value[*field]).find(|list| list.is_array())
}

fn node(row: &Value) -> &Value {
    if row["node"].is_object() { &row["node"] } else { row }
}

fn below(node: &Value) -> Vec<&Value> {
    ["replies", "allChildComments"].iter().filter_map(|field| connection(&node[*field])).collect()
}

fn comment(row: Row<'_>) -> Option<Comment> {
    let value = node(row.value);
    let id = json_string(&value["id"])?;
    let above = row.above.and_then(|above| json_string(&node(above)["id"]));
    let mut comment = rows::comment(&id, json_string(&value["parent"]["id"]), above);
    comment.posted_at = answer::instant(&value["createdAt"]).or_else(|| answer::instant(&value["created_at"]));
    let body = value["body"].as_str();
    if value["deleted"] == true || value["deletedAt"].is_string() {
        comment.state = CommentState::Deleted;
        return Some(comment);
    }
    comment.state = match value["status"].as_str() {
        Some("REJECTED") => CommentState::Hidden,
        Some("PREMOD" | "SYSTEM_WITHHELD") => CommentState::Pending,
        _ => CommentState::Visible,
    };
    let author = if value["author"].is_object() { &value["author"] } else { &value["user"] };
    comment.author = rows::author(&author["username"], &author["avatar"]);
    comment.votes = answer::number(&value["actionCounts"]["reaction"]["total"]);
    comment.edited = value["editing"]["edited"] == true;
    rows::fill(&mut comment, body?);
    Some(comment)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PageKind;
    use crate::site::trial::{bodies, got, page, posted, urls};

    const SERVER: &str = "https://coral.quai.example/api/graphql";

    #[test]
    fn a_page_asks_for_its_story() {
        let body = "<div id=coral_thread></div><script>s.src = 'https://coral.quai.example/assets/js/embed.js';
            Coral.createStreamEmbed({id: 'coral_thread', rootURL: 'https://coral.quai.example/', storyID: 'st-7', storyURL: 'https://quai.example/bac'});</script>";
        let read = page("https://quai.example/bac", body);
        assert_eq!((urls(&read), read.next[0].optional), (vec![SERVER], false));
        assert_eq!(read.next[0].request.expect, Some(PageKind::Json));
        let body = &bodies(&read)[0];
        assert_eq!(body["variables"], json!({ "id": "st-7", "url": "https://quai.example/bac", "after": null }));
        let question = body["query"].as_str().unwrap();
        assert!(question.starts_with("query Thread($id: ID, $url: String, $after: Cursor) { story("), "{question}");
        assert_eq!(read.keys[0], "coral:st-7");
        let bare = "<div id=coral_thread></div><script src=https://coral.quai.example/assets/js/embed.js></script>";
        let read = page("https://quai.example/bac", bare);
        assert_eq!(
            bodies(&read)[0]["variables"],
            json!({ "id": null, "url": "https://quai.example/bac", "after": null })
        );
    }

    fn story(more: bool, more_below: bool) -> String {
        json!({ "data": { "story": { "id": "st-7", "url": "https://quai.example/bac", "comments": {
            "pageInfo": { "hasNextPage": more, "endCursor": "2026-01-02" },
            "edges": [{ "node": { "id": "a", "body": "<p>Oui.</p>", "createdAt": "2026-01-02T03:04:05Z", "replies": {
                "pageInfo": { "hasNextPage": more_below, "endCursor": "2026-01-03" },
                "edges": [{ "node": { "id": "b", "parent": { "id": "a" }, "body": "Non.", "createdAt": "2026-01-03T03:04:05Z" } }],
            } } }],
        } } } })
        .to_string()
    }

    #[test]
    fn roots_and_what_is_below_them_go_on() {
        let asked = r#"{"query":"q","variables":{"id":"st-7","url":null,"after":null}}"#;
        let read = posted(SERVER, asked, &story(true, true));
        assert_eq!(urls(&read), [SERVER, SERVER]);
        let next = bodies(&read);
        assert_eq!(next[0], json!({ "query": "q", "variables": { "id": "st-7", "url": null, "after": "2026-01-02" } }));
        assert_eq!(next[1]["variables"], json!({ "id": "a", "after": "2026-01-03" }));
        assert!(next[1]["query"].as_str().unwrap().starts_with("query Replies("));
        assert_eq!(read.keys, ["coral:st-7", "url:quai.example/bac"]);
        // The end, the same cursor twice, and a file that does not say what was asked.
        assert_eq!(posted(SERVER, asked, &story(false, false)).next, []);
        assert_eq!(posted(SERVER, &next[0].to_string(), &story(true, false)).next, []);
        assert_eq!((got("", &story(true, true)).next, got("", &story(true, true)).comments.len()), (vec![], 2));
    }

    #[test]
    fn answers_below_a_root_go_on() {
        let answer = |more: bool| {
            json!({ "data": { "comment": { "id": "a", "body": "Oui.", "createdAt": "2026-01-02T03:04:05Z",
                "story": { "id": "st-7", "url": "https://quai.example/bac" }, "replies": {
                "pageInfo": { "hasNextPage": more, "endCursor": "2026-01-04" },
                "edges": [{ "node": { "id": "c", "parent": { "id": "b" }, "body": "Si.", "createdAt": "2026-01-04T03:04:05Z" } }],
            } } } })
            .to_string()
        };
        let asked = r#"{"query":"r","variables":{"id":"a","after":"2026-01-03"}}"#;
        let read = posted(SERVER, asked, &answer(true));
        assert_eq!(bodies(&read)[0]["variables"], json!({ "id": "a", "after": "2026-01-04" }));
        assert_eq!((read.comments.len(), read.keys[0].as_str()), (2, "coral:st-7"));
        assert_eq!(posted(SERVER, asked, &answer(false)).next, []);
    }

    #[test]
    fn a_refusal_says_what_the_server_said() {
        let refused = |body: &str| {
            let page = Page {
                source: String::new(),
                url: Some(SERVER.to_owned()),
                fetched_at: None,
                kind: PageKind::Json,
                frame_of: None,
                headers: std::collections::BTreeMap::default(),
                posted: Some("{}".to_owned()),
                body: body.to_owned(),
            };
            crate::site::read(&page).unwrap_err().message
        };
        let raw = r#"{"errors":[{"message":"not allowed","extensions":{"code":"RAW_QUERY_NOT_AUTHORIZED"}}]}"#;
        assert!(refused(raw).contains("not allowed (RAW_QUERY_NOT_AUTHORIZED)"), "{}", refused(raw));
        assert!(refused(r#"{"data":{"story":null}}"#).contains("no_story"));
    }
}
