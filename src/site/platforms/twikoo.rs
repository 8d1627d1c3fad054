//! Twikoo, a comment function a site runs itself: answers of the event `COMMENT_GET`.
//!
//! `{data: [root], more, count}`; a root's `replies` are all below it, flat, with `pid` (the comment answered) and `rid`
//! (the root). Pages of a list share nothing but the count. `created` is an epoch in milliseconds.
//!
//! An article's page calls `twikoo.init({envId, path})`; `envId` is the function's address, or a name in a cloud that only
//! its own library can ask. Later pages are older: while `more`, they are asked for by the time of the oldest root so far,
//! pinned ones aside.
//! Source: <https://twikoo.js.org/en/api.html>,
//! <https://github.com/twikoojs/twikoo/blob/main/src/server/function/twikoo/utils/index.js>.

use serde_json::{Value, json};

use crate::model::{Comment, CommentState, Page, Request};
use crate::site::embeds::{Elsewhere, Embedding};
use crate::site::rows::{self, Row};
use crate::site::structured::json_string;
use crate::site::{Fragment, Next, Site, SiteError, Verified, View, address, answer};

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
        let posted = view.page.posted.as_deref().and_then(|posted| serde_json::from_str::<Value>(posted).ok());
        let asked = posted.as_ref().and_then(|posted| json_string(&posted["url"]));
        keys.extend(asked.and_then(|path| key(view.page.url.as_deref()?, &path)));
        let next = posted.and_then(|posted| older(value, posted, view.page));
        Ok(Fragment { keys, stated_count: count, next: next.into_iter().collect(), ..read })
    }
}

/// The thread of an article's page.
pub(in crate::site) fn elsewhere(page: &Embedding<'_>) -> Option<Elsewhere> {
    let server = page.setting("twikoo", &["envId"]).filter(|server| server.starts_with("http"))?;
    // The library also takes the name of a variable that holds the path.
    let path = page.setting("twikoo", &["path"]).filter(|path| !path.ends_with("location.pathname"));
    let path = path.or_else(|| page.path())?;
    let body = json!({ "event": "COMMENT_GET", "url": path });
    Some(Elsewhere {
        keys: key(&server, &path).into_iter().collect(),
        next: vec![Next::of(Request::posting(&server, &body))],
    })
}

/// `twikoo:HOST path`, which a page and the answers to it share.
fn key(server: &str, path: &str) -> Option<String> {
    Some(format!("twikoo:{}{path}", address::host(server)?))
}

/// The request for the roots before those of an answer.
fn older(value: &Value, mut posted: Value, page: &Page) -> Option<Next> {
    // Pinned roots come with the first page whatever their age.
    let roots = answer::list(&value["data"]).iter().filter(|root| root["top"] != true);
    let oldest = roots.filter_map(|root| answer::number(&root["created"])).min().filter(|_| value["more"] == true)?;
    if answer::number(&posted["before"]).is_some_and(|before| before <= oldest) {
        return None;
    }
    posted.as_object_mut()?.insert("before".to_owned(), oldest.into());
    Some(Next::of(Request::posting(page.url.as_deref()?, &posted)))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::trial::{bodies, got, page, posted, urls};

    const SERVER: &str = "https://avis.example/";

    #[test]
    fn a_page_asks_for_its_thread() {
        let body = |more: &str| {
            format!("<div id=twikoo></div><script>twikoo.init({{envId: '{SERVER}', el: '#tcomment'{more}}})</script>")
        };
        let read = page("https://rail.example/nuit/?x=1", &body(""));
        assert_eq!((urls(&read), read.next[0].optional), (vec![SERVER], false));
        assert_eq!(bodies(&read), [json!({ "event": "COMMENT_GET", "url": "/nuit/" })]);
        assert_eq!(read.keys[0], "twikoo:avis.example/nuit/");
        let bodies_of = |more| bodies(&page("https://rail.example/nuit/", &body(more)));
        assert_eq!(bodies_of(", path: '/n'")[0]["url"], "/n");
        assert_eq!(bodies_of(", path: 'window.location.pathname'")[0]["url"], "/nuit/");
        assert_eq!(page("https://rail.example/", &body("").replace("https://avis.example/", "env-1a2b")).next, []);
    }

    #[test]
    fn older_roots_follow() {
        let answer = |more: bool| {
            json!({ "data": [{ "id": "a", "nick": "Zoé", "comment": "<p>Oui.</p>", "created": 1_705_000_000_000_u64 },
                { "id": "b", "nick": "Ali", "comment": "<p>Non.</p>", "created": 1_704_000_000_000_u64 },
                { "id": "c", "nick": "Zoé", "comment": "<p>Règles.</p>", "created": 1_600_000_000_000_u64, "top": true }], "more": more, "count": 9 })
            .to_string()
        };
        let asked = r#"{"event":"COMMENT_GET","url":"/nuit/"}"#;
        let read = posted(SERVER, asked, &answer(true));
        assert_eq!(urls(&read), [SERVER]);
        assert_eq!(
            bodies(&read),
            [json!({ "event": "COMMENT_GET", "url": "/nuit/", "before": 1_704_000_000_000_u64 })]
        );
        assert!(read.keys.contains(&"twikoo:avis.example/nuit/".to_owned()));
        assert_eq!(posted(SERVER, asked, &answer(false)).next, []);
        assert_eq!(posted(SERVER, &bodies(&read)[0].to_string(), &answer(true)).next, []);
        assert_eq!((got("", &answer(true)).next, got("", &answer(true)).comments.len()), (vec![], 3));
    }
}
