//! DER STANDARD, an Austrian newspaper with forums under its articles: answers of its forum's GraphQL API.
//!
//! `getForumByContextUri` gives the forum of an article (`https://www.derstandard.at/story/NUMBER`) and how many postings it
//! has, `getForumRootPostingsV2` its roots, with all that is below each in `replies`, and the cursor of the following page.
//! A posting has a title and a text, both of them optional. Of its states only `Published` is shown.
//! Source: <https://github.com/dornleiten/commentgap>, which asks with questions of its own at
//! `api-gateway.prod.cloud.ds.at`; the newspaper's pages ask `capi.ds.at`.

use serde_json::{Value, json};

use crate::model::{Article, Comment, CommentState, Page};
use crate::site::embeds::{Elsewhere, Embedding};
use crate::site::rows::{self, Row};
use crate::site::structured::{json_string, plain};
use crate::site::{Fragment, Next, Site, SiteError, Verified, View, address, answer, graphql};

const FORUM: &str = include_str!("../../../data/queries/derstandard-forum.graphql");
const POSTINGS: &str = include_str!("../../../data/queries/derstandard-postings.graphql");
const SERVERS: [&str; 2] =
    ["https://api-gateway.prod.cloud.ds.at/forum-serve-graphql/v1/", "https://capi.ds.at/forum-serve-graphql/v1/"];
const STORY: &str = "https://www.derstandard.at/story/";

/// DER STANDARD.
#[derive(Debug)]
pub(in crate::site) struct DerStandard;

impl Site for DerStandard {
    fn name(&self) -> &str {
        "derstandard"
    }

    fn reads(&self) -> &str {
        "answers of forum-serve-graphql (getForumByContextUri, getForumRootPostingsV2)"
    }

    fn gives(&self) -> &str {
        "ids, parents, authors, dates, votes, states"
    }

    fn verified(&self) -> Verified {
        Verified::Source
    }

    fn claims(&self, view: &View<'_>) -> bool {
        let asked = view.page.posted.is_some()
            && view.page.url.as_deref().is_some_and(|url| SERVERS.iter().any(|server| url.starts_with(server)));
        view.json().is_some_and(|value| {
            let data = &value["data"];
            data["getForumRootPostingsV2"]["edges"].is_array()
                || data["getForumByContextUri"]["id"].is_string()
                || asked
        })
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        let Some(value) = view.json() else { return Err(SiteError::UnknownJson) };
        let variables = variables(view.page);
        let forum = &value["data"]["getForumByContextUri"];
        if let Some(id) = json_string(&forum["id"]) {
            return Ok(found(&id, forum, &variables, view.page));
        }
        let postings = &value["data"]["getForumRootPostingsV2"];
        if !postings["edges"].is_array() {
            return Err(graphql::refusal(value).unwrap_or_else(|| SiteError::Refused {
                code: "no_forum".to_owned(),
                message: "the server knows no forum of this article".to_owned(),
            }));
        }
        let list = rows::tree(&[&postings["edges"]], |row| vec![&node(row)["replies"]]);
        let mut keys: Vec<String> = json_string(&variables["id"]).map(|id| forum_key(&id)).into_iter().collect();
        keys.extend(rows::saved_list("derstandard", view.page, &[]));
        let info = &postings["pageInfo"];
        let cursor = json_string(&info["nextCursor"]).filter(|_| info["hasNextPage"] == true);
        let next = cursor.and_then(|cursor| graphql::again(view.page, "nextCursor", &cursor));
        Ok(Fragment { keys, next: next.into_iter().collect(), ..rows::read(&list, comment) })
    }
}

/// The forum of an article's page.
pub(in crate::site) fn elsewhere(page: &Embedding<'_>) -> Option<Elsewhere> {
    let host = address::host(page.address?)?;
    if !matches!(host.trim_start_matches("www."), "derstandard.at" | "derstandard.de") {
        return None;
    }
    let number: String = page.path()?.strip_prefix("/story/")?.chars().take_while(char::is_ascii_digit).collect();
    if number.is_empty() {
        return None;
    }
    let article = format!("{STORY}{number}");
    let [first, other] = SERVERS.map(|server| graphql::ask(server, FORUM, &json!({ "contextUri": article })));
    Some(Elsewhere { keys: vec![story_key(&article)], next: vec![Next { otherwise: vec![other], ..first }] })
}

/// The answer that says which forum it is.
fn found(id: &str, forum: &Value, variables: &Value, page: &Page) -> Fragment {
    let article = json_string(&variables["contextUri"]);
    let next = page
        .posted
        .as_ref()
        .and_then(|_| Some(graphql::ask(page.url.as_deref()?, POSTINGS, &json!({ "id": id, "nextCursor": null }))));
    Fragment {
        keys: article.as_deref().map(story_key).into_iter().chain([forum_key(id)]).collect(),
        article: Article { url: article, ..Article::default() },
        stated_count: rows::count(&forum["totalPostingCount"]),
        origin: crate::site::Origin::Api,
        next: next.into_iter().collect(),
        ..Fragment::default()
    }
}

/// What was asked with: posted, or in the address as the newspaper's own pages have it.
fn variables(page: &Page) -> Value {
    let posted = page.posted.as_deref().and_then(|posted| serde_json::from_str::<Value>(posted).ok());
    let posted = posted.map(|posted| posted["variables"].clone());
    let got = || serde_json::from_str(&rows::parameter(page, "variables")?).ok();
    posted.or_else(got).unwrap_or_default()
}

fn story_key(article: &str) -> String {
    format!("derstandard:{}", article.trim_start_matches(STORY))
}

fn forum_key(id: &str) -> String {
    format!("derstandard:forum/{id}")
}

fn node(row: &Value) -> &Value {
    if row["node"].is_object() { &row["node"] } else { row }
}

fn id(posting: &Value) -> Option<String> {
    answer::id(&posting["legacy"]["postingId"]).or_else(|| answer::id(&posting["id"]))
}

fn comment(row: Row<'_>) -> Option<Comment> {
    let value = node(row.value);
    let mut comment = rows::comment(&id(value)?, None, row.above.and_then(|above| id(node(above))));
    comment.posted_at = answer::instant(&value["history"]["created"]);
    match value["lifecycleStatus"].as_str() {
        None | Some("Published") => {}
        Some(state) if state.to_ascii_lowercase().contains("delete") => {
            comment.state = CommentState::Deleted;
            return Some(comment);
        }
        Some(_) => comment.state = CommentState::Hidden,
    }
    comment.author = rows::author(&value["author"]["name"], &Value::Null);
    comment.votes = votes(&value["reactions"]["aggregated"]);
    let said = [&value["title"], &value["text"]].map(json_string);
    if said.iter().all(Option::is_none) {
        return None;
    }
    comment.text = said.into_iter().flatten().map(|text| plain(&text)).collect::<Vec<_>>().join("\n\n");
    Some(comment)
}

/// Those for it less those against it; none where nobody's are listed.
fn votes(reactions: &Value) -> Option<i64> {
    let of = |name: &str| {
        answer::list(reactions).iter().find(|row| row["name"] == name).and_then(|row| answer::number(&row["value"]))
    };
    let (up, down) = (of("positive"), of("negative"));
    up.or(down)?;
    up.unwrap_or_default().checked_sub(down.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::trial::{bodies, got, page, posted, urls};

    #[test]
    fn an_article_leads_to_its_forum() {
        let body = "<article><h1>Der Nachtzug</h1></article><dst-forum></dst-forum>";
        let read = page("https://www.derstandard.at/story/3000001/der-nachtzug?ref=rss", body);
        assert_eq!((urls(&read), read.next[0].optional), (vec![SERVERS[0]], false));
        assert_eq!(read.next[0].otherwise[0].request.url, SERVERS[1]);
        assert_eq!(bodies(&read)[0]["variables"], json!({ "contextUri": "https://www.derstandard.at/story/3000001" }));
        let asked = bodies(&read)[0].to_string();
        let forum =
            posted(SERVERS[0], &asked, r#"{"data":{"getForumByContextUri":{"id":"f-1","totalPostingCount":3}}}"#);
        assert_eq!((urls(&forum), forum.stated_count), (vec![SERVERS[0]], Some(3)));
        assert_eq!(bodies(&forum)[0]["variables"], json!({ "id": "f-1", "nextCursor": null }));
        assert_eq!((forum.keys[0].as_str(), forum.keys[1].as_str()), (read.keys[0].as_str(), "derstandard:forum/f-1"));
        assert_eq!(page("https://anderswo.example/story/3", body).next, []);
    }

    #[test]
    fn postings_go_on_to_their_end() {
        let answer = |more: bool| {
            let said = |number: u64, replies: Value| {
                json!({ "id": format!("p{number}"), "legacy": { "postingId": number }, "lifecycleStatus": "Published",
                    "title": "Endlich", "text": "Gut so.", "author": { "name": "Zoe" }, "replies": replies,
                    "history": { "created": "2026-01-02T03:04:05.000Z" },
                    "reactions": { "aggregated": [{ "name": "positive", "value": 4 }, { "name": "negative", "value": 1 }] } })
            };
            json!({ "data": { "getForumRootPostingsV2": { "pageInfo": { "hasNextPage": more, "nextCursor": "k2" },
                "edges": [{ "node": said(1, json!([said(2, json!([])), { "id": "p3", "legacy": { "postingId": 3 },
                    "lifecycleStatus": "SelfDeleted", "replies": [] }])) }] } } })
            .to_string()
        };
        let asked = r#"{"query":"q","variables":{"id":"f-1","nextCursor":null}}"#;
        let read = posted(SERVERS[0], asked, &answer(true));
        assert_eq!(bodies(&read), [json!({ "query": "q", "variables": { "id": "f-1", "nextCursor": "k2" } })]);
        assert_eq!(read.keys, ["derstandard:forum/f-1"]);
        let said: Vec<_> =
            read.comments.iter().map(|c| (c.id.as_str(), c.reply_to.as_deref(), c.votes, c.text.as_str())).collect();
        assert_eq!(
            said,
            [
                ("c1", None, Some(3), "Endlich\n\nGut so."),
                ("c2", Some("c1"), Some(3), "Endlich\n\nGut so."),
                ("c3", Some("c1"), None, "")
            ]
        );
        assert_eq!(posted(SERVERS[0], asked, &answer(false)).next, []);
        assert_eq!(posted(SERVERS[0], &bodies(&read)[0].to_string(), &answer(true)).next, []);
        assert_eq!((got("", &answer(true)).next, got("", &answer(true)).comments.len()), (vec![], 3));
    }
}
