//! Flarum: the discussion a page carries for its script (`script#flarum-json-payload`, key `apiDocument`), and answers of
//! `/api/discussions/ID` and `/api/posts`, which have the same form (JSON:API).
//!
//! `data` is the discussion, or a list of posts; `included` holds posts and users. A post with a `contentType` other than
//! `comment` says what was done to the discussion and is none. A page carries some twenty posts; `rel=next` leads on.
//! Pages as a reader's browser saves them, without this data, are described in `data/sites/flarum.toml`.
//!
//! Source: <https://docs.flarum.org/rest-api/>, <https://github.com/flarum/framework>.

use std::collections::HashMap;

use serde_json::Value;

use crate::model::{Article, Author, Comment, CommentState, PageKind};
use crate::site::structured::json_string;
use crate::site::{Document, Fragment, Next, Origin, Site, SiteError, Verified, View, address, answer, article, css};

/// Flarum.
#[derive(Debug)]
pub(in crate::site) struct Flarum;

impl Site for Flarum {
    fn name(&self) -> &str {
        "flarum"
    }

    fn reads(&self) -> &str {
        "discussion pages of Flarum, answers of /api/discussions/ID and /api/posts"
    }

    fn gives(&self) -> &str {
        "ids, authors, dates, states, edits"
    }

    fn verified(&self) -> Verified {
        Verified::Source
    }

    fn hints(&self) -> &[&str] {
        &["flarum-json-payload"]
    }

    fn claims(&self, view: &View<'_>) -> bool {
        match (view.html(), view.json()) {
            (Some(_), _) => payload(view.page.body.as_str()).is_some_and(|document| is_discussion(&document)),
            (_, Some(json)) => is_discussion(json),
            _ => false,
        }
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        let address = view.page.url.as_deref();
        let carried;
        let document = match (view.html(), view.json()) {
            (Some(_), _) => {
                carried = payload(&view.page.body).ok_or(SiteError::UnknownJson)?;
                &carried
            }
            (_, Some(json)) => json,
            _ => return Err(SiteError::UnknownJson),
        };
        let mut fragment = discussion(document, address);
        if let Some(html) = view.html() {
            fragment.article = Article { body: None, ..article::of_thread(view.page, html) };
            fragment.next = next(html, address);
        } else if let Some(url) = document["links"]["next"].as_str().and_then(|url| address::absolute(address, url)) {
            fragment.next.push(Next::needed(url, PageKind::Json));
        }
        if let Some(title) = json_string(&document["data"]["attributes"]["title"]) {
            fragment.article.title = Some(title);
        }
        Ok(fragment)
    }
}

/// The document a page carries.
fn payload(body: &str) -> Option<Value> {
    let (_, rest) = body.split_once("flarum-json-payload")?;
    let (_, rest) = rest.split_once('>')?;
    let (json, _) = rest.split_once("</script")?;
    let mut payload: Value = serde_json::from_str(json).ok()?;
    Some(payload["apiDocument"].take())
}

fn is_discussion(document: &Value) -> bool {
    let data = &document["data"];
    let first = data.get(0).unwrap_or(data);
    match first["type"].as_str() {
        Some("discussions") => data.is_object() && posts(document).next().is_some(),
        Some("posts") => first["attributes"]["contentType"].is_string(),
        _ => false,
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// Posts, whether they are what was asked for or came along.
fn posts(document: &Value) -> impl Iterator<Item = &Value> {
    list(&document["data"]).chain(list(&document["included"])).filter(|item| item["type"] == "posts")
}

fn discussion(document: &Value, address: Option<&str>) -> Fragment {
    let users: HashMap<&str, &Value> = list(&document["included"])
        .filter(|item| item["type"] == "users")
        .filter_map(|user| Some((user["id"].as_str()?, &user["attributes"])))
        .collect();
    let mut found: Vec<(i64, Comment)> = posts(document)
        .filter(|post| post["attributes"]["contentType"] == "comment" || post["attributes"]["isHidden"] == true)
        .filter_map(|post| Some((answer::number(&post["attributes"]["number"]).unwrap_or(0), comment(post, &users)?)))
        .collect();
    found.sort_by_key(|(number, _)| *number);
    found.dedup_by(|(_, later), (_, earlier)| later.id == earlier.id);
    let thread = match document["data"]["type"].as_str() {
        Some("discussions") => answer::id(&document["data"]["id"]),
        _ => posts(document).find_map(|post| answer::id(&post["relationships"]["discussion"]["data"]["id"])),
    };
    let host = address.and_then(address::host);
    Fragment {
        keys: host.zip(thread).map(|(host, id)| format!("flarum:{host}/{id}")).into_iter().collect(),
        comments: found.into_iter().map(|(_, comment)| comment).collect(),
        stated_count: answer::number(&document["data"]["attributes"]["commentCount"]).and_then(|n| n.try_into().ok()),
        origin: Origin::Api,
        ..Fragment::default()
    }
}

fn comment(post: &Value, users: &HashMap<&str, &Value>) -> Option<Comment> {
    let says = &post["attributes"];
    let user = post["relationships"]["user"]["data"]["id"].as_str().and_then(|id| users.get(id));
    let mut comment = Comment {
        id: format!("c{}", answer::id(&post["id"])?),
        author: user.and_then(|user| {
            let name = json_string(&user["displayName"]).or_else(|| json_string(&user["username"]))?;
            Some(Author { name, avatar: json_string(&user["avatarUrl"]) })
        }),
        posted_at: answer::instant(&says["createdAt"]),
        edited: says["editedAt"].is_string(),
        edited_at: answer::instant(&says["editedAt"]),
        state: if says["isHidden"] == true { CommentState::Deleted } else { CommentState::Visible },
        ..Comment::default()
    };
    if let Some(html) = says["contentHtml"].as_str() {
        answer::markup(html).fill(&mut comment);
        comment.html = Some(html.to_owned());
    }
    Some(comment)
}

fn next(html: &Document, address: Option<&str>) -> Vec<Next> {
    let Some(host) = address.and_then(address::host) else { return Vec::new() };
    html.select(css!("head link[rel=next]"))
        .filter_map(|link| address::absolute(address, link.attr("href")?))
        .filter(|url| address::host(url).as_ref() == Some(&host))
        .map(|url| Next::needed(url, PageKind::Html))
        .collect()
}
