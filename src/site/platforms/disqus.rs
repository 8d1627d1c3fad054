//! Disqus: the embed's page (the frame a saved page keeps beside it) and answers of the API.
//!
//! The embed is a page of its own with the first posts as JSON in `script#disqus-threadData` (`response.posts`,
//! `response.thread`); `listPostsThreaded` and `listPosts` answer `{cursor, code, response: [post]}`. Times are UTC without
//! saying so. What a script has added since stands in the rendered list: `li.post#post-N`, `[data-role=message]`,
//! `a.parent-link[href="#comment-N"]`, and the time of the reader's clock in a title.
//! Source: <https://disqus.com/api/docs/threads/listPostsThreaded/>.

use std::collections::{HashMap, HashSet};

use scraper::ElementRef;
use serde_json::Value;

use crate::model::{Article, Author, Comment, CommentState, Page, ReplyBasis};
use crate::site::rows::{self, Row};
use crate::site::structured::{json_string, plain};
use crate::site::words::WORDS;
use crate::site::{Document, Fragment, Origin, Site, SiteError, Verified, View, answer, article, body, css};

/// Disqus.
#[derive(Debug)]
pub(in crate::site) struct Disqus;

impl Site for Disqus {
    fn name(&self) -> &str {
        "disqus"
    }

    fn reads(&self) -> &str {
        "the embed's page (disqus.com/embed/comments), answers of listPosts and listPostsThreaded"
    }

    fn gives(&self) -> &str {
        "ids, parents, authors, dates, votes, states"
    }

    fn verified(&self) -> Verified {
        Verified::Source
    }

    fn hints(&self) -> &[&str] {
        &["disqus-threadData", "data-role=\"message\"", "data-role=message"]
    }

    fn claims(&self, view: &View<'_>) -> bool {
        match view.json() {
            Some(value) => value["code"].is_number() && (posts(value).is_some() || value["response"].is_string()),
            None => view.html().is_some_and(|html| {
                html.select(css!("script#disqus-threadData, li.post[id^='post-'] [data-role='message']"))
                    .next()
                    .is_some()
            }),
        }
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        match (view.json(), view.html()) {
            (Some(value), _) => read_answer(value),
            (_, Some(html)) => Ok(read_page(html, view.page)),
            _ => Err(SiteError::UnknownJson),
        }
    }
}

/// The list of posts, where the value is an answer with one.
fn posts(value: &Value) -> Option<&Value> {
    let response = &value["response"];
    let of_thread = response["posts"].as_array().map(|_| &response["posts"]);
    of_thread.or_else(|| {
        let rows = response.as_array()?;
        let is_post = |row: &Value| row.get("thread").is_some() && row.get("author").is_some();
        (rows.iter().any(is_post) || (rows.is_empty() && value.get("cursor").is_some())).then_some(response)
    })
}

fn read_answer(value: &Value) -> Result<Fragment, SiteError> {
    let Some(list) = posts(value) else {
        return Err(SiteError::Refused {
            code: value["code"].to_string(),
            message: json_string(&value["response"]).unwrap_or_default(),
        });
    };
    let read = rows::read(&rows::flat(list), post);
    let thread = &value["response"]["thread"];
    let ids = std::iter::once(answer::id(&thread["id"])).chain(
        list.as_array()
            .into_iter()
            .flatten()
            .map(|row| answer::id(&row["thread"]).or_else(|| answer::id(&row["thread"]["id"]))),
    );
    let key = ids.flatten().next().map(|id| format!("disqus:{id}"));
    let url = json_string(&thread["link"]);
    let mut keys: Vec<String> = key.into_iter().collect();
    keys.extend(url.as_deref().and_then(crate::site::address::key));
    Ok(Fragment {
        keys,
        article: Article {
            title: json_string(&thread["clean_title"])
                .or_else(|| json_string(&thread["title"]))
                .map(|title| plain(&title)),
            url,
            ..Article::default()
        },
        stated_count: rows::count(&thread["posts"]).or_else(|| rows::count(&value["cursor"]["total"])),
        ..read
    })
}

fn post(row: Row<'_>) -> Option<Comment> {
    let post = row.value;
    let mut comment = rows::comment(&answer::id(&post["id"])?, answer::id(&post["parent"]), None);
    comment.posted_at = answer::instant(&post["createdAt"]);
    let says = |field: &str| post[field].as_bool();
    if says("isDeleted") == Some(true) {
        comment.state = CommentState::Deleted;
        return Some(comment);
    }
    comment.author = rows::author(&post["author"]["name"], &post["author"]["avatar"]["permalink"])
        .or_else(|| rows::author(&post["author"]["username"], &Value::Null));
    let votes = answer::number(&post["likes"])
        .and_then(|likes| likes.checked_sub(answer::number(&post["dislikes"]).unwrap_or_default()));
    comment.votes = votes.or_else(|| answer::number(&post["points"]));
    comment.edited = says("isEdited") == Some(true);
    comment.permalink = json_string(&post["url"]);
    if says("isSpam") == Some(true) {
        comment.state = CommentState::Hidden;
    } else if says("isApproved") == Some(false) {
        comment.state = CommentState::Pending;
    }
    match post["message"].as_str() {
        Some(html) => rows::fill(&mut comment, html),
        None => post["raw_message"].as_str()?.trim().clone_into(&mut comment.text),
    }
    Some(comment)
}

fn read_page(html: &Document, page: &Page) -> Fragment {
    let data = html
        .select(css!("script#disqus-threadData"))
        .find_map(|script| serde_json::from_str::<Value>(&script.text().collect::<String>()).ok());
    let mut read = data.and_then(|data| read_answer(&data).ok()).unwrap_or_default();
    let known: HashSet<String> = read.comments.iter().map(|comment| comment.id.clone()).collect();
    let shown = rendered(html, page);
    read.comments.extend(shown.into_iter().filter(|comment| !known.contains(&comment.id)));
    read.origin = if known.is_empty() { Origin::Markup } else { Origin::Api };
    let counted = html.select(css!(".comment-count")).find_map(|el| WORDS.stated_count(&body::line(el)));
    read.stated_count = read.stated_count.or(counted);
    read
}

fn rendered(html: &Document, page: &Page) -> Vec<Comment> {
    let id = |row: ElementRef<'_>| row.attr("id").and_then(|id| id.strip_prefix("post-")).map(str::to_owned);
    let rows: Vec<ElementRef<'_>> = html.select(css!("li.post[id^='post-']")).collect();
    let places: HashMap<_, usize> = rows.iter().enumerate().map(|(at, row)| (row.id(), at)).collect();
    let order = article::day_order(html);
    let comment = |row: &ElementRef<'_>| {
        let own = row.child_elements().find(|el| el.attr("data-role") == Some("post-content"))?;
        let above = row.ancestors().find_map(|node| places.get(&node.id())).and_then(|at| id(rows[*at]));
        let stated = own.select(css!("a.parent-link")).next();
        let stated = stated.and_then(|link| link.attr("href")?.rsplit_once("#comment-").map(|(_, id)| id.to_owned()));
        let mut comment = rows::comment(&id(*row)?, stated.clone(), above);
        if stated.is_some() {
            comment.reply_basis = Some(ReplyBasis::Link);
        }
        comment.posted_at = own.select(css!("[data-role='relative-time']")).next().and_then(|el| {
            article::printed_moment(el.attr("title")?, order, page.fetched_at.as_ref())
                .or_else(|| article::moment(el, order, page.fetched_at.as_ref()))
        });
        let Some(message) = own.select(css!("[data-role='message']")).next() else {
            comment.state = CommentState::Deleted;
            return Some(comment);
        };
        comment.author =
            own.select(css!(".author")).next().map(body::line).filter(|name| !name.is_empty()).map(|name| Author {
                name,
                avatar: own
                    .select(css!("[data-role='user-avatar']"))
                    .next()
                    .and_then(|img| img.attr("src"))
                    .map(str::to_owned),
            });
        let number = |el: Option<ElementRef<'_>>| el.and_then(|el| body::line(el).parse::<i64>().ok());
        let likes = number(own.select(css!("[data-role='likes']")).next());
        comment.votes = likes.map(|likes| {
            likes.saturating_sub(number(own.select(css!("[data-role='dislikes']")).next()).unwrap_or_default())
        });
        comment.html = Some(body::html(message, |_| false));
        body::read(message, |_| false).fill(&mut comment);
        Some(comment)
    };
    rows.iter().filter_map(comment).collect()
}
