//! Lemmy: answers of `/api/v3/comment/list` and `/api/v3/post`, and pages of lemmy-ui.
//!
//! `comment.path` is the way from the root, `0.PARENT.OWN`; `content` is Markdown, kept as written. Numbers are a
//! server's own, `ap_id` names a post on all servers. A page has `li.comment > article#comment-ID`, answers in a list
//! inside the `li`; dates are relative, in full in a tooltip.
//!
//! Source: <https://join-lemmy.org/api/classes/LemmyHttp.html#getcomments>,
//! <https://github.com/LemmyNet/lemmy-ui/blob/main/src/shared/components/comment/comment-node.tsx>.

use scraper::ElementRef;
use serde_json::Value;

use crate::model::{Article, Author, Comment, CommentState, Page, PageKind, ReplyBasis};
use crate::site::structured::json_string;
use crate::site::{
    Document, Fragment, Next, Origin, Site, SiteError, Verified, View, address, answer, article, body, css,
};

/// Lemmy.
#[derive(Debug)]
pub(in crate::site) struct Lemmy;

impl Site for Lemmy {
    fn name(&self) -> &str {
        "lemmy"
    }

    fn reads(&self) -> &str {
        "answers of /api/v3/comment/list and /api/v3/post, post pages of lemmy-ui"
    }

    fn gives(&self) -> &str {
        "ids, parents, authors, dates, votes, states, edits"
    }

    fn verified(&self) -> Verified {
        Verified::Source
    }

    fn hints(&self) -> &[&str] {
        &["comment-node", "post-listing"]
    }

    fn claims(&self, view: &View<'_>) -> bool {
        match (view.html(), view.json()) {
            (Some(html), _) => {
                html.select(css!("li.comment > article.comment-node[id^='comment-']")).next().is_some()
                    || (number(view.page).is_some()
                        && html.select(css!("article.post-listing, .post-listing")).next().is_some())
            }
            (_, Some(json)) => is_list(json) || json["post_view"]["post"]["ap_id"].is_string(),
            _ => false,
        }
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        match (view.html(), view.json()) {
            (Some(html), _) => Ok(page(view.page, html)),
            (_, Some(json)) if is_list(json) => Ok(list(json, view.page)),
            (_, Some(json)) => Ok(post(json, view.page)),
            _ => Err(SiteError::UnknownJson),
        }
    }
}

/// `comments`, in version 4 `items`.
fn views(json: &Value) -> &[Value] {
    answer::list(if json["comments"].is_array() { &json["comments"] } else { &json["items"] })
}

fn is_list(json: &Value) -> bool {
    views(json).iter().any(|view| view["comment"]["path"].is_string() && view["comment"]["ap_id"].is_string())
}

/// The post's number on this server, and its name on all.
fn keys(page: &Page, post: &Value) -> Vec<String> {
    let host = page.url.as_deref().and_then(address::host);
    let here = host.zip(answer::id(&post["id"])).map(|(host, id)| format!("lemmy:{host}/{id}"));
    let everywhere = json_string(&post["ap_id"]).as_deref().and_then(address::key).map(|key| format!("lemmy:{key}"));
    here.into_iter().chain(everywhere).collect()
}

fn about(post: &Value, creator: &Value) -> Article {
    Article {
        title: json_string(&post["name"]),
        author: json_string(&creator["name"]),
        published_at: date(post, "published"),
        url: json_string(&post["ap_id"]),
        body: json_string(&post["body"]),
    }
}

/// `published` and `updated`, in version 4 `published_at` and `updated_at`.
fn date(value: &Value, name: &str) -> Option<crate::model::Moment> {
    answer::instant(&value[name]).or_else(|| answer::instant(&value[format!("{name}_at").as_str()]))
}

fn list(json: &Value, page: &Page) -> Fragment {
    let views = views(json);
    let (comments, failures) = answer::comments(views, comment);
    let post = views.iter().map(|view| &view["post"]).find(|post| post.is_object()).unwrap_or(&Value::Null);
    Fragment {
        keys: keys(page, post),
        article: about(post, &Value::Null),
        comments,
        origin: Origin::Api,
        failures,
        next: next_page(json, views.len(), page).into_iter().collect(),
        ..Fragment::default()
    }
}

fn post(json: &Value, page: &Page) -> Fragment {
    let view = &json["post_view"];
    let comments = answer::id(&view["post"]["id"]).and_then(|id| comments_of(page, &id));
    let count = view["counts"]["comments"].as_u64().or_else(|| view["post"]["comments"].as_u64());
    Fragment {
        keys: keys(page, &view["post"]),
        article: about(&view["post"], &view["creator"]),
        stated_count: count,
        origin: Origin::Api,
        next: comments.into_iter().collect(),
        ..Fragment::default()
    }
}

/// The first page of a post's comments, from the server that a page or answer came from.
fn comments_of(page: &Page, post: &str) -> Option<Next> {
    let path = format!("/api/v3/comment/list?post_id={post}&type_=All&sort=Old&max_depth=50&limit=50&page=1");
    Some(Next::needed(address::absolute(Some(page.url.as_deref()?), &path)?, PageKind::Json))
}

/// The post's number in the address of its page.
fn number(page: &Page) -> Option<String> {
    let number = page.url.as_deref()?.split_once("/post/")?.1.split(['/', '?', '#']).next()?;
    (!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())).then(|| number.to_owned())
}

/// The following page: where the cursor of version 4 leads, else while pages are full.
fn next_page(json: &Value, got: usize, page: &Page) -> Option<Next> {
    let here = page.url.as_deref()?;
    if let Some(cursor) = json_string(&json["next_page"]) {
        let same = address::parameter(here, "page_cursor").as_ref() == Some(&cursor);
        let url = address::with_parameter(here, "page_cursor", &cursor).filter(|_| !same)?;
        return Some(Next::needed(url, PageKind::Json));
    }
    let number = |name: &str| address::parameter(here, name)?.parse::<u64>().ok();
    if got == 0 || number("limit").is_none_or(|limit| (got as u64) < limit) {
        return None;
    }
    let next = number("page").unwrap_or(1).saturating_add(1);
    Some(Next::needed(address::with_parameter(here, "page", &next.to_string())?, PageKind::Json))
}

fn comment(view: &Value) -> Option<Comment> {
    let said = &view["comment"];
    let id = answer::id(&said["id"])?;
    let parent =
        said["path"].as_str()?.rsplit('.').nth(1).filter(|parent| *parent != "0").map(|parent| format!("c{parent}"));
    let state = match (said["deleted"] == true, said["removed"] == true) {
        (true, _) => CommentState::Deleted,
        (_, true) => CommentState::Hidden,
        _ => CommentState::Visible,
    };
    let edited_at = date(said, "updated");
    Some(
        Comment {
            id: format!("c{id}"),
            author: answer::author(view["creator"]["name"].as_str()),
            posted_at: date(said, "published"),
            // Servers differ in whether they still send what is gone.
            text: said["content"]
                .as_str()
                .filter(|_| state == CommentState::Visible)
                .map(str::trim)
                .unwrap_or_default()
                .to_owned(),
            votes: answer::number(&view["counts"]["score"]).or_else(|| answer::number(&said["score"])),
            state,
            edited: edited_at.is_some() && state == CommentState::Visible,
            edited_at: edited_at.filter(|_| state == CommentState::Visible),
            permalink: json_string(&said["ap_id"]),
            ..Comment::default()
        }
        .answering(parent),
    )
}

fn page(page: &Page, html: &Document) -> Fragment {
    let base = page.url.as_deref();
    let rows = html.select(css!("li.comment > article.comment-node[id^='comment-']"));
    let article = article::read(page, html);
    // The page of one comment links to its post.
    let linked = || {
        let link = html.select(css!(".post-listing a[href*='/post/']")).find_map(|a| a.attr("href"))?;
        number(&Page { url: address::absolute(base, link), ..page.clone() })
    };
    let number = number(page).or_else(linked);
    let next = number.as_deref().and_then(|number| comments_of(page, number));
    let host = base.and_then(address::host);
    let canonical = html.select(css!("link[rel=canonical]")).find_map(|link| link.attr("href"));
    let everywhere = canonical.and_then(address::key).map(|key| format!("lemmy:{key}"));
    Fragment {
        keys: host.zip(number).map(|(host, id)| format!("lemmy:{host}/{id}")).into_iter().chain(everywhere).collect(),
        article,
        comments: rows.filter_map(|row| shown(row, html, page)).collect(),
        origin: Origin::Markup,
        next: next.into_iter().collect(),
        ..Fragment::default()
    }
}

fn own_id(row: ElementRef<'_>) -> Option<&str> {
    row.attr("id")?.strip_prefix("comment-").filter(|id| !id.is_empty())
}

/// A comment of a page.
fn shown(row: ElementRef<'_>, html: &Document, page: &Page) -> Option<Comment> {
    let own = |selector| row.select(selector).next();
    let id = own_id(row)?;
    let is_item =
        |el: &ElementRef<'_>| el.value().name() == "li" && el.value().classes().any(|class| class == "comment");
    let parent = row
        .ancestors()
        .filter_map(ElementRef::wrap)
        .filter(is_item)
        .nth(1)
        .and_then(|item| item.children().filter_map(ElementRef::wrap).find_map(own_id))
        .map(|parent| format!("c{parent}"));
    let content = own(css!(".comment-content .md-div, .md-div, .comment-content"));
    let name = own(css!(".person-listing")).map(body::line).filter(|name| !name.is_empty());
    let when = own(css!(".moment-time"));
    let order = article::day_order(html);
    let mut comment = Comment {
        id: format!("c{id}"),
        reply_basis: parent.is_some().then_some(ReplyBasis::Nesting),
        depth: parent.is_none().then_some(0),
        reply_to: parent,
        author: name.map(|name| Author { name, avatar: None }),
        posted_at: when.and_then(|el| {
            let full = el.attr("data-tippy-content").unwrap_or_default();
            article::printed_moment(full, order, page.fetched_at.as_ref())
                .or_else(|| article::moment(el, order, page.fetched_at.as_ref()))
        }),
        // Italic times are those of a change.
        edited: when.is_some_and(|el| el.value().classes().any(|class| class == "fst-italic")),
        votes: own(css!(".fw-bold[aria-label], .font-weight-bold[aria-label]"))
            .and_then(|el| body::line(el).parse().ok()),
        html: content.map(|el| body::html(el, |_| false)),
        ..Comment::default()
    };
    // What is gone is greyed, with the site's words in its place.
    if row.select(css!(".comment-content.text-muted")).next().is_some() {
        (comment.state, comment.html) = (CommentState::Deleted, None);
    } else if let Some(content) = content {
        body::read(content, |_| false).fill(&mut comment);
    }
    Some(comment)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::site::trial::{got, page as shown_page, urls};

    const LIST: &str =
        "https://lemmy.example/api/v3/comment/list?post_id=12&type_=All&sort=Old&max_depth=50&limit=50&page=1";

    #[test]
    fn a_page_asks_for_all_comments_of_its_post() {
        let comment = "<li class=comment><article class='comment-node' id=comment-5><div class=md-div><p>Oui.</p></div></article></li>";
        let read = shown_page("https://lemmy.example/post/12?scrollToComments=true", comment);
        assert_eq!((urls(&read), read.keys[0].as_str()), (vec![LIST], "lemmy:lemmy.example/12"));
        let none = "<article class=post-listing><a href=/post/12>Le marché</a></article>";
        assert_eq!(urls(&shown_page("https://lemmy.example/post/12", none)), [LIST]);
        let of_one = shown_page("https://lemmy.example/comment/5", &format!("{none}{comment}"));
        assert_eq!((urls(&of_one), of_one.keys[0].as_str()), (vec![LIST], "lemmy:lemmy.example/12"));
    }

    #[test]
    fn full_pages_have_another_behind_them() {
        let view = |id: usize| {
            json!({ "comment": { "id": id, "path": format!("0.{id}"), "ap_id": format!("https://lemmy.example/comment/{id}"),
            "content": "Oui." }, "post": { "id": 12 } })
        };
        let list = |count: usize| json!({ "comments": (1..=count).map(view).collect::<Vec<_>>() });
        assert_eq!(urls(&got(LIST, &list(50).to_string())), [LIST.replace("page=1", "page=2")]);
        assert_eq!(got(LIST, &list(49).to_string()).next, []);
        let cursor = |count: usize, next: Value| {
            json!({ "items": (1..=count).map(view).collect::<Vec<_>>(), "next_page": next }).to_string()
        };
        let here = "https://lemmy.example/api/v4/comment/list?post_id=12";
        let there = format!("{here}&page_cursor=C1");
        assert_eq!(urls(&got(here, &cursor(3, json!("C1")))), [there.as_str()]);
        assert_eq!(
            (got(&there, &cursor(3, json!("C1"))).next, got(&there, &cursor(3, Value::Null)).next),
            (vec![], vec![])
        );
    }
}
