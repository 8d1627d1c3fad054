//! Viafoura: answers of its live comments API.
//!
//! `…/comments` answers `{contents: [comment], more_available}`, flat, answers behind what they answer; `parent_uuid` is the
//! container's for a root. A comment without `content` was deleted. `contentcontainer/id` states how many there are. Names
//! are in answers of another address, one for each person, and are not asked for. `date_created` is an epoch in
//! milliseconds.
//!
//! An article's page only says what it calls its container (`meta[name="vf:container_id"]`). Three answers lead from there
//! to the first comments: `bootstrap` gives the site's id, `contentcontainer/id` the container's, `comments` the roots with
//! some of their answers. `more_available` and the last root (`starting_from`) say how it goes on; answers that are missing
//! below a comment are at `comments/ID`.
//! Source: <https://docs.viafoura.com/>.

use std::collections::HashSet;

use serde_json::Value;
use url::Url;

use crate::model::{Comment, CommentState, Page, PageKind, Request};
use crate::site::embeds::{Elsewhere, Embedding};
use crate::site::rows::{self, Row};
use crate::site::{Fragment, Next, Origin, Site, SiteError, Verified, View, address, answer, css};

const COMMENTS: &str = "https://livecomments.viafoura.co/v4/livecomments/";
/// The parameter that names an article's container. The first request has it only so that its answer, which does not name
/// the container, leads on; the server has no use for it there.
const CONTAINER: &str = "container_id";
/// How many comments are asked for at a time.
const LIMIT: &str = "100";

/// Viafoura.
#[derive(Debug)]
pub(in crate::site) struct Viafoura;

impl Site for Viafoura {
    fn name(&self) -> &str {
        "viafoura"
    }

    fn reads(&self) -> &str {
        "answers of livecomments.viafoura.co"
    }

    fn gives(&self) -> &str {
        "ids, parents, dates, votes, states"
    }

    fn verified(&self) -> Verified {
        Verified::Source
    }

    fn claims(&self, view: &View<'_>) -> bool {
        view.json().is_some_and(|value| {
            let rows = value["contents"].as_array();
            rows.is_some_and(|rows| rows.iter().any(|row| row.get("content_uuid").is_some()))
                || (rows.is_some() && value.get("more_available").is_some())
                || (value["content_container_uuid"].is_string()
                    && (value.get("total_visible_content").is_some() || value["container_id"].is_string()))
                || value["result"]["settings"]["site_uuid"].is_string()
        })
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        let Some(value) = view.json() else { return Err(SiteError::UnknownJson) };
        if let Some(site) = answer::id(&value["result"]["settings"]["site_uuid"]) {
            return Ok(bootstrap(&site, view.page));
        }
        let rows = rows::flat(&value["contents"]);
        let place = Place::of(view.page.url.as_deref());
        let named = answer::id(&value["container_id"]).or_else(|| rows::parameter(view.page, CONTAINER));
        let container = answer::id(&value["content_container_uuid"])
            .or_else(|| place.as_ref()?.container.clone())
            .or_else(|| rows.iter().find_map(|row| answer::id(&row.value["content_container_uuid"])))
            .or_else(|| assumed_container(&rows));
        let fragment = rows::read(&rows, |row| comment(row, container.as_deref()));
        let next = match (&place, &container) {
            (Some(place), Some(container)) if value["contents"].is_array() => {
                rest(value, &rows, place, container, view.page)
            }
            (Some(place), Some(container)) => {
                let url = format!("{COMMENTS}{}/{container}/comments", place.site);
                vec![comments_at(&url, None)]
            }
            _ => Vec::new(),
        };
        Ok(Fragment {
            keys: container
                .map(|container| format!("viafoura:{container}"))
                .into_iter()
                .chain(named.map(|named| named_key(&named)))
                .collect(),
            stated_count: rows::count(&value["total_visible_content"]),
            origin: Origin::Api,
            next,
            ..fragment
        })
    }
}

/// The container of an article's page.
pub(in crate::site) fn elsewhere(page: &Embedding<'_>) -> Option<Elsewhere> {
    let content =
        |css| page.html.select(css).find_map(|el| el.attr("content")).map(str::trim).filter(|text| !text.is_empty());
    let attribute =
        || page.html.select(css!("vf-conversations[vf-container-id]")).find_map(|el| el.attr("vf-container-id"));
    let container = content(css!("meta[name='vf:container_id']")).or_else(attribute)?;
    let domain = content(css!("meta[name='vf:domain']")).map(str::to_owned);
    let host =
        domain.or_else(|| address::host(page.address?).map(|host| host.trim_start_matches("www.").to_owned()))?;
    let mut url = Url::parse("https://api.viafoura.co/v2/").ok()?;
    url.path_segments_mut().ok()?.pop_if_empty().extend([&host, "bootstrap", "v2"]);
    url.query_pairs_mut().append_pair("session", "false").append_pair(CONTAINER, container);
    Some(Elsewhere {
        keys: vec![named_key(container)],
        next: vec![Next::of(Request::posting(url, &Value::Object(serde_json::Map::new())))],
    })
}

/// What an article's page and the answers about its container share.
fn named_key(container: &str) -> String {
    format!("viafoura:container/{container}")
}

/// The answer that says the site's id.
fn bootstrap(site: &str, page: &Page) -> Fragment {
    let container = rows::parameter(page, CONTAINER);
    let next = container.as_ref().and_then(|container| {
        let mut url = Url::parse(COMMENTS).ok()?;
        url.path_segments_mut().ok()?.pop_if_empty().extend([site, "contentcontainer", "id"]);
        url.query_pairs_mut().append_pair(CONTAINER, container);
        Some(Next::needed(url, PageKind::Json))
    });
    Fragment {
        keys: container.map(|container| named_key(&container)).into_iter().collect(),
        origin: Origin::Api,
        next: next.into_iter().collect(),
        ..Fragment::default()
    }
}

/// What an answer's address says: `…/livecomments/SITE/CONTAINER/comments` or `…/comments/COMMENT`.
struct Place {
    site: String,
    container: Option<String>,
    /// The comment whose answers they are.
    below: Option<String>,
}

impl Place {
    fn of(address: Option<&str>) -> Option<Self> {
        let rest = address?.strip_prefix(COMMENTS)?.split(['?', '#']).next()?;
        let mut parts = rest.split('/').map(str::to_owned);
        let site = parts.next().filter(|site| !site.is_empty())?;
        let container = parts.next().filter(|container| container != "contentcontainer");
        let below = parts.nth(1).filter(|below| !below.is_empty());
        Some(Self { site, container, below })
    }
}

fn comments_at(url: &str, from: Option<&str>) -> Next {
    let from = from.map(|from| format!("&starting_from={from}")).unwrap_or_default();
    Next::needed(format!("{url}?limit={LIMIT}&reply_limit={LIMIT}&sorted_by=newest{from}"), PageKind::Json)
}

/// The requests for later comments of a list, and for answers below them that it left out.
fn rest(value: &Value, rows: &[Row<'_>], place: &Place, container: &str, page: &Page) -> Vec<Next> {
    let list = format!("{COMMENTS}{}/{container}/comments", place.site);
    let id = |row: &Row<'_>| answer::id(&row.value["content_uuid"]);
    let above = place.below.as_deref().unwrap_or(container);
    let is_first_level = |row: &&Row<'_>| row.value["parent_uuid"].as_str() == Some(above);
    let last =
        rows.iter().rfind(is_first_level).or(rows.last()).and_then(id).filter(|_| value["more_available"] == true);
    let asked = rows::parameter(page, "starting_from");
    let later = last.filter(|last| asked.as_ref() != Some(last)).map(|last| {
        let here = place.below.as_ref().map_or_else(|| list.clone(), |below| format!("{list}/{below}"));
        comments_at(&here, Some(&last))
    });
    let parents: Vec<&str> = rows.iter().filter_map(|row| row.value["parent_uuid"].as_str()).collect();
    let below = rows.iter().filter_map(|row| {
        let id = id(row).filter(|id| Some(id) != place.below.as_ref())?;
        let here = parents.iter().filter(|parent| **parent == id).count() as u64;
        (rows::count(&row.value["total_replies"])? > here).then(|| comments_at(&format!("{list}/{id}"), None))
    });
    later.into_iter().chain(below).collect()
}

/// What the first comment answers, where that is no comment: lists begin with a root.
fn assumed_container(rows: &[Row<'_>]) -> Option<String> {
    let parent = rows.iter().find_map(|row| answer::id(&row.value["parent_uuid"]))?;
    let ids: HashSet<&str> = rows.iter().filter_map(|row| row.value["content_uuid"].as_str()).collect();
    (!ids.contains(parent.as_str())).then_some(parent)
}

fn comment(row: Row<'_>, container: Option<&str>) -> Option<Comment> {
    let value = row.value;
    let parent = answer::id(&value["parent_uuid"]).filter(|parent| Some(parent.as_str()) != container);
    let mut comment = rows::comment(&answer::id(&value["content_uuid"])?, parent, None);
    comment.posted_at = answer::instant(&value["date_created"]);
    let Some(content) = value["content"].as_str() else {
        comment.state = CommentState::Deleted;
        return Some(comment);
    };
    comment.state = match value["state"].as_str() {
        None | Some("visible") => CommentState::Visible,
        Some("pending" | "created" | "awaiting_moderation") => CommentState::Pending,
        Some(_) => CommentState::Hidden,
    };
    comment.author = rows::author(&value["actor"]["name"], &Value::Null)
        .or_else(|| rows::author(&value["actor_name"], &Value::Null));
    comment.votes = answer::number(&value["total_likes"])
        .and_then(|likes| likes.checked_sub(answer::number(&value["total_dislikes"]).unwrap_or_default()));
    comment.text = crate::site::structured::plain(content.trim());
    Some(comment)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::site::trial::{bodies, got, page, posted, urls};

    const BOOTSTRAP: &str = "https://api.viafoura.co/v2/pont.example/bootstrap/v2?session=false&container_id=pont-2025";
    const LIST: &str = "https://livecomments.viafoura.co/v4/livecomments/site-1/fe89/comments";
    const FIRST: &str = "?limit=100&reply_limit=100&sorted_by=newest";

    #[test]
    fn a_page_leads_to_its_first_comments() {
        let body = "<meta name='vf:container_id' content='pont-2025'><vf-conversations></vf-conversations>";
        let read = page("https://www.pont.example/a", body);
        assert_eq!((urls(&read), bodies(&read), read.next[0].optional), (vec![BOOTSTRAP], vec![json!({})], false));
        let read = posted(BOOTSTRAP, "{}", r#"{"result":{"settings":{"site_uuid":"site-1"}}}"#);
        let container =
            "https://livecomments.viafoura.co/v4/livecomments/site-1/contentcontainer/id?container_id=pont-2025";
        assert_eq!(
            (urls(&read), read.keys.as_slice()),
            (vec![container], &["viafoura:container/pont-2025".to_owned()][..])
        );
        let read =
            got(container, r#"{"container_id":"pont-2025","content_container_uuid":"fe89","total_visible_content":3}"#);
        assert_eq!((urls(&read), read.stated_count), (vec![format!("{LIST}{FIRST}").as_str()], Some(3)));
        assert_eq!(read.keys, ["viafoura:fe89", "viafoura:container/pont-2025"]);
        assert_eq!(page("https://pont.example/a", "<vf-conversations></vf-conversations>").next, []);
    }

    fn row(id: &str, parent: &str, answers: u64) -> Value {
        json!({ "content_uuid": id, "parent_uuid": parent, "content": "Oui.", "date_created": 1_741_600_000_123_u64,
            "state": "visible", "total_replies": answers })
    }

    #[test]
    fn roots_and_answers_go_on() {
        let list = |more: bool, answers: u64| {
            let rows = [row("a", "fe89", answers), row("b", "a", 0), row("c", "fe89", 1), row("d", "c", 0)];
            json!({ "more_available": more, "contents": rows }).to_string()
        };
        let first = format!("{LIST}{FIRST}");
        let read = got(&first, &list(true, 5));
        assert_eq!(urls(&read), [format!("{first}&starting_from=c"), format!("{LIST}/a{FIRST}")]);
        assert_eq!(got(&first, &list(false, 1)).next, []);
        assert_eq!(got(&format!("{first}&starting_from=c"), &list(true, 1)).next, []);
        assert_eq!((got("", &list(true, 5)).next, got("", &list(true, 5)).comments.len()), (vec![], 4));

        let below = format!("{LIST}/a{FIRST}");
        let answers =
            |more| json!({ "more_available": more, "contents": [row("e", "a", 0), row("f", "e", 0)] }).to_string();
        let read = got(&below, &answers(true));
        assert_eq!(urls(&read), [format!("{below}&starting_from=e")]);
        assert_eq!(read.comments[0].reply_to.as_deref(), Some("ca"));
        assert_eq!(read.keys, ["viafoura:fe89"]);
        assert_eq!(got(&below, &answers(false)).next, []);
    }
}
