//! Artalk, a comment server a site runs itself: answers of `api/v2/comments`.
//!
//! `{comments, count, roots_count, page}`, inside `data` with `total` before version 2.6; flat, `rid` names the comment
//! answered. `content` is Markdown, `content_marked` what it was rendered to, `date` the time of the server's clock.
//!
//! An article's page calls `Artalk.init({server, site, pageKey})`; without `pageKey`, a thread is known by the page's path.
//! With `flat_mode` a page of the list counts comments, without it roots.
//! Source: <https://artalk.js.org/en/http-api.html>.

use serde_json::Value;
use url::Url;

use crate::model::{Article, Comment, CommentState, Page, PageKind};
use crate::site::embeds::{Elsewhere, Embedding};
use crate::site::rows::{self, Row};
use crate::site::structured::json_string;
use crate::site::{Fragment, Next, Site, SiteError, Verified, View, address, answer};
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
        let name = json_string(&page["key"])
            .or_else(|| json_string(&first["page_key"]))
            .or_else(|| rows::parameter(view.page, "page_key"));
        let site = json_string(&page["site_name"])
            .or_else(|| json_string(&first["site_name"]))
            .or_else(|| rows::parameter(view.page, "site_name"))
            .unwrap_or_default();
        let url = json_string(&page["url"]).or_else(|| json_string(&first["page_url"]));
        let url = url.as_deref().and_then(address::canonical);
        let key = name.map(|name| key(&site, &name));
        Ok(Fragment {
            keys: key.into_iter().chain(url.as_deref().and_then(address::key)).collect(),
            article: Article { title: json_string(&page["title"]), url, ..Article::default() },
            stated_count: rows::count(&value["count"]).or_else(|| rows::count(&value["total"])),
            next: further(value, &list, view.page).into_iter().collect(),
            ..rows::read(&list, comment)
        })
    }
}

/// The thread of an article's page.
pub(in crate::site) fn elsewhere(page: &Embedding<'_>) -> Option<Elsewhere> {
    let server = address::absolute(page.address, &page.setting("Artalk", &["server"])?)?;
    let name = page.setting("Artalk", &["pageKey"]).or_else(|| page.path())?;
    let site = page.setting("Artalk", &["site"]);
    let mut url = Url::parse(&format!("{}/api/v2/comments", server.trim_end_matches('/'))).ok()?;
    url.query_pairs_mut().append_pair("page_key", &name);
    if let Some(site) = &site {
        url.query_pairs_mut().append_pair("site_name", site);
    }
    url.query_pairs_mut().extend_pairs([("limit", "100"), ("offset", "0"), ("flat_mode", "true")]);
    Some(Elsewhere { keys: vec![key(&site.unwrap_or_default(), &name)], next: vec![Next::needed(url, PageKind::Json)] })
}

fn key(site: &str, name: &str) -> String {
    format!("artalk:{site}/{name}")
}

/// The page of the list that follows, while an answer has something and there is more.
fn further(value: &Value, list: &[Row<'_>], page: &Page) -> Option<Next> {
    let is_root = |row: &&Row<'_>| answer::id(&row.value["rid"]).is_none();
    let (got, all) = if rows::parameter(page, "flat_mode").as_deref() == Some("true") {
        (list.len(), rows::count(&value["count"]).or_else(|| rows::count(&value["total"])))
    } else {
        (
            list.iter().filter(is_root).count(),
            rows::count(&value["roots_count"]).or_else(|| rows::count(&value["total_roots"])),
        )
    };
    let offset = rows::parameter(page, "offset").and_then(|offset| offset.parse::<u64>().ok()).unwrap_or(0);
    let next = offset.checked_add(got as u64).filter(|next| *next > offset && Some(*next) < all)?;
    Some(Next::needed(address::with_parameter(page.url.as_deref()?, "offset", &next.to_string())?, PageKind::Json))
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::site::trial::{got, page, urls};

    const LIST: &str = "https://avis.example/api/v2/comments?page_key=%2Farchives%2F12&site_name=Archives&limit=100";

    #[test]
    fn a_page_asks_for_its_thread() {
        let body = "<div id=artalk></div><script>Artalk.init({ el: '#artalk', pageKey: '/archives/12',
            server: 'https://avis.example/', site: 'Archives' })</script>";
        let read = page("https://archives.example/12", body);
        assert_eq!(
            (urls(&read), read.next[0].optional),
            (vec![format!("{LIST}&offset=0&flat_mode=true").as_str()], false)
        );
        assert_eq!(read.keys[0], "artalk:Archives//archives/12");
        let bare = "<div id=artalk></div><script>new Artalk({ server: '/avis', pageKey: location.pathname })</script>";
        assert_eq!(
            urls(&page("https://archives.example/12", bare)),
            ["https://archives.example/avis/api/v2/comments?page_key=%2F12&limit=100&offset=0&flat_mode=true"]
        );
    }

    #[test]
    fn lists_go_on_to_their_end() {
        let row = |id: u64, above: u64| json!({ "id": id, "rid": above, "content_marked": "<p>a</p>", "nick": "Zoé" });
        let answer = json!({ "comments": [row(1, 0), row(2, 1)], "count": 5, "roots_count": 2 }).to_string();
        let at = |offset: u64| format!("{LIST}&flat_mode=true&offset={offset}");
        assert_eq!(urls(&got(&at(0), &answer)), [at(2)]);
        assert_eq!(got(&at(3), &answer).next, []);
        // Roots are counted where answers are nested.
        let nested = |offset: u64| format!("{LIST}&offset={offset}");
        assert_eq!(urls(&got(&nested(0), &answer)), [nested(1)]);
        assert_eq!(got(&nested(1), &answer).next, []);
        let empty = json!({ "comments": [], "count": 5, "roots_count": 2 }).to_string();
        assert_eq!((got(&at(2), &empty).next, got("", &answer).next), (vec![], vec![]));
    }
}
