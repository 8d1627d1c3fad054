//! Remark42, a comment server a site runs itself: answers of its API, flat and as a tree.
//!
//! `GET HOST/api/v1/find?site=&url=&format=plain|tree` answers `{comments, info}`; in a tree an element is
//! `{comment, replies}`. Names are stored with entities; a deleted comment stays without text, and without its writer where
//! it was deleted for good. All of a thread is in one answer.
//!
//! An article's page sets `remark_config = {host, site_id, url}`; without `url`, a thread is known by the page's address
//! without its query.
//! Source: <https://remark42.com/docs/contributing/api/>,
//! <https://github.com/umputun/remark42/blob/master/backend/app/store/comment.go>.

use serde_json::Value;
use url::Url;

use crate::model::{Article, Comment, CommentState, PageKind};
use crate::site::embeds::{Elsewhere, Embedding};
use crate::site::rows::{self, Row};
use crate::site::structured::{json_string, plain};
use crate::site::{Fragment, Next, Site, SiteError, Verified, View, address, answer};

/// Remark42.
#[derive(Debug)]
pub(in crate::site) struct Remark42;

impl Site for Remark42 {
    fn name(&self) -> &str {
        "remark42"
    }

    fn reads(&self) -> &str {
        "answers of api/v1/find, plain and tree"
    }

    fn gives(&self) -> &str {
        "ids, parents, authors, dates, votes, states"
    }

    fn verified(&self) -> Verified {
        Verified::Source
    }

    fn claims(&self, view: &View<'_>) -> bool {
        view.json().is_some_and(|value| {
            let rows = value["comments"].as_array();
            let mut rows = rows.into_iter().flatten().map(own);
            rows.any(|row| row["locator"]["url"].is_string() && row.get("pid").is_some())
                || (value["info"]["url"].is_string() && value["info"]["count"].is_number())
        })
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        let Some(value) = view.json() else { return Err(SiteError::UnknownJson) };
        let list = rows::tree(&[&value["comments"]], |row| vec![&row["replies"]]);
        let first = list.iter().map(|row| own(row.value)).find(|row| row.is_object()).unwrap_or(&Value::Null);
        let url = json_string(&value["info"]["url"]).or_else(|| json_string(&first["locator"]["url"]));
        let site = json_string(&first["locator"]["site"]);
        Ok(Fragment {
            keys: site
                .or_else(|| rows::parameter(view.page, "site"))
                .zip(url.as_deref())
                .map(|(site, url)| key(&site, url))
                .into_iter()
                .chain(url.as_deref().and_then(address::key))
                .collect(),
            article: Article {
                title: json_string(&first["title"]).map(|title| plain(&title)),
                url,
                ..Article::default()
            },
            stated_count: rows::count(&value["info"]["count"]),
            ..rows::read(&list, comment)
        })
    }
}

/// The thread of an article's page.
pub(in crate::site) fn elsewhere(page: &Embedding<'_>) -> Option<Elsewhere> {
    const CONFIG: &str = "remark_config";
    let host = address::absolute(page.address, &page.setting(CONFIG, &["host"])?)?;
    let site = page.setting(CONFIG, &["site_id"])?;
    let own = || {
        let mut url = Url::parse(page.address?).ok()?;
        url.set_query(None);
        url.set_fragment(None);
        Some(url.to_string())
    };
    let url = page.setting(CONFIG, &["url"]).or_else(own)?;
    let mut find = Url::parse(&format!("{}/api/v1/find", host.trim_end_matches('/'))).ok()?;
    find.query_pairs_mut().extend_pairs([
        ("site", site.as_str()),
        ("url", &url),
        ("format", "plain"),
        ("sort", "+time"),
    ]);
    Some(Elsewhere {
        keys: std::iter::once(key(&site, &url)).chain(address::key(&url)).collect(),
        next: vec![Next::needed(find, PageKind::Json)],
    })
}

fn key(site: &str, url: &str) -> String {
    format!("remark42:{site}/{url}")
}

/// The comment of an element, in a tree or not.
fn own(row: &Value) -> &Value {
    if row["comment"].is_object() { &row["comment"] } else { row }
}

fn comment(row: Row<'_>) -> Option<Comment> {
    let value = own(row.value);
    let above = row.above.and_then(|above| answer::id(&own(above)["id"]));
    let mut comment = rows::comment(&answer::id(&value["id"])?, answer::id(&value["pid"]), above);
    comment.posted_at = answer::instant(&value["time"]);
    let by_nobody = value["user"]["id"] == "deleted";
    comment.author = rows::author(&value["user"]["name"], &value["user"]["picture"]).filter(|_| !by_nobody);
    comment.votes = answer::number(&value["score"]);
    comment.edited_at = answer::instant(&value["edit"]["time"]);
    comment.edited = comment.edited_at.is_some();
    if value["delete"] == true {
        comment.state = CommentState::Deleted;
        (comment.votes, comment.author) = (None, None);
        return Some(comment);
    }
    match value["text"].as_str() {
        Some(html) => rows::fill(&mut comment, html),
        None => value["orig"].as_str()?.trim().clone_into(&mut comment.text),
    }
    Some(comment)
}

#[cfg(test)]
mod tests {
    use crate::site::trial::{got, page, urls};

    #[test]
    fn a_page_asks_for_its_thread() {
        let body = "<div id=remark42></div><script>var remark_config = { host: 'https://avis.example/', site_id: 'rail' }</script>";
        let read = page("https://rail.example/nuit?x=1#y", body);
        let find = "https://avis.example/api/v1/find?site=rail&url=https%3A%2F%2Frail.example%2Fnuit&format=plain&sort=%2Btime";
        assert_eq!((urls(&read), read.next[0].optional), (vec![find], false));
        let named = body.replace("site_id", "url: 'https://rail.example/n', site_id");
        assert!(urls(&page("https://rail.example/nuit", &named))[0].contains("&url=https%3A%2F%2Frail.example%2Fn&"));
        let answer = got(find, r#"{"comments":[],"info":{"url":"https://rail.example/nuit","count":0}}"#);
        assert_eq!(answer.keys[0], read.keys[0]);
        assert_eq!((answer.stated_count, answer.next), (Some(0), vec![]));
        assert_eq!(page("https://rail.example/nuit", "<div id=remark42></div>").next, []);
    }
}
