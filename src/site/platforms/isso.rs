//! Isso, a comment server a site runs itself: rendered pages and answers of its API.
//!
//! An answer (`GET API/?uri=…`) lists roots with their replies, one level only: a reply to a reply has the root as parent.
//! `created` is an epoch in seconds, `text` HTML, or Markdown where `plain=1` was asked. A comment deleted while it had
//! replies stays with mode 4, without author and text; mode 2 awaits moderation. `author` is stored with entities.
//! Pages of a list (`limit`, `offset`) share nothing but their total; `hidden_replies` counts what was not sent.
//! In a rendered page a comment is `div.isso-comment#isso-N`, its replies inside `.isso-follow-up`; a deleted one has a
//! printed `.isso-note` and no text. Before 0.13 the inner classes had no prefix.
//! Source: <https://isso-comments.de/docs/reference/server-api/>,
//! <https://github.com/isso-comments/isso/blob/master/isso/js/app/templates/comment.js>.

use std::collections::HashMap;

use scraper::ElementRef;
use serde_json::Value;
use url::Url;

use crate::model::{Author, Comment, CommentState, Moment, Page, PageKind};
use crate::site::rows::{self, Row};
use crate::site::scripts::scripts;
use crate::site::words::WORDS;
use crate::site::{
    Document, Fragment, Next, Origin, Site, SiteError, Verified, View, address, answer, article, body, css,
};
use crate::text::dates::{parse_machine, sort_key};

/// Isso.
#[derive(Debug)]
pub(in crate::site) struct Isso;

impl Site for Isso {
    fn name(&self) -> &str {
        "isso"
    }

    fn reads(&self) -> &str {
        "rendered pages, answers of the API (also with plain=1, paged, parent=)"
    }

    fn gives(&self) -> &str {
        "ids, parents, authors, dates, votes, states"
    }

    fn verified(&self) -> Verified {
        Verified::RealServer
    }

    fn hints(&self) -> &[&str] {
        &["isso-thread", "isso-comment"]
    }

    fn claims(&self, view: &View<'_>) -> bool {
        match view.json() {
            Some(value) => value["replies"].is_array() && value.get("hidden_replies").is_some(),
            None => view
                .html()
                .is_some_and(|html| html.select(css!("#isso-thread, .isso-comment[id^='isso-']")).next().is_some()),
        }
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        match (view.json(), view.html()) {
            (Some(value), _) => Ok(read_answer(value, view.page)),
            (_, Some(html)) => Ok(read_page(html, view.page)),
            _ => Err(SiteError::UnknownJson),
        }
    }
}

fn read_answer(value: &Value, page: &Page) -> Fragment {
    let list = rows::tree(&[&value["replies"]], |row| vec![&row["replies"]]);
    let markdown = rows::parameter(page, "plain").map_or_else(|| is_markdown(&list), |plain| plain == "1");
    let read = rows::read(&list, |row| row_comment(row, answer::id(&value["id"]), markdown));
    let whole_thread = value["id"].is_null();
    let total = rows::count(&value["total_replies"]);
    let mut keys: Vec<String> = thread_key(page.url.as_deref(), rows::parameter(page, "uri")).into_iter().collect();
    keys.extend(read.comments.iter().filter_map(comment_key));
    if whole_thread && total > Some(read.comments.len() as u64) {
        keys.extend(rows::saved_list("isso", page, &[total]));
    }
    Fragment { keys, stated_count: total.filter(|_| whole_thread), next: rest(value, page), ..read }
}

/// Whether bodies are Markdown: rendered ones all begin and end with a tag.
fn is_markdown(list: &[Row<'_>]) -> bool {
    let mut texts =
        list.iter().filter_map(|row| row.value["text"].as_str()).map(str::trim).filter(|text| !text.is_empty());
    texts.any(|text| !(text.starts_with('<') && text.ends_with('>')))
}

fn row_comment(row: Row<'_>, expanded: Option<String>, markdown: bool) -> Option<Comment> {
    let Row { value, above } = row;
    let text = value["text"].as_str()?;
    let parent = answer::id(&value["parent"]).or(expanded);
    let mut comment =
        rows::comment(&answer::id(&value["id"])?, parent, above.and_then(|above| answer::id(&above["id"])));
    comment.author = rows::author(&value["author"], &value["gravatar_image"]);
    comment.posted_at = answer::instant(&value["created"]);
    comment.edited_at = answer::instant(&value["modified"]);
    comment.edited = comment.edited_at.is_some();
    comment.votes = answer::number(&value["likes"])
        .and_then(|likes| likes.checked_sub(answer::number(&value["dislikes"]).unwrap_or_default()));
    match answer::number(&value["mode"]) {
        Some(4) => {
            comment.state = CommentState::Deleted;
            return Some(comment);
        }
        Some(2) => comment.state = CommentState::Pending,
        _ => {}
    }
    if markdown {
        text.trim().clone_into(&mut comment.text);
    } else {
        comment.html = Some(text.to_owned());
        answer::markup(text).fill(&mut comment);
    }
    Some(comment)
}

/// The requests for what an answer served live left out: later roots, and replies of those it has.
fn rest(value: &Value, page: &Page) -> Vec<Next> {
    let Some(address) = page.url.as_deref().and_then(|url| Url::parse(url).ok()) else { return Vec::new() };
    let roots = value["replies"].as_array().map_or(&[][..], Vec::as_slice);
    let with = |name: &str, number: &str| {
        let kept: Vec<(String, String)> = address
            .query_pairs()
            .filter(|(key, _)| !matches!(key.as_ref(), "limit" | "nested_limit" | "offset" | "parent"))
            .map(|(key, value)| (key.into_owned(), value.into_owned()))
            .collect();
        let mut url = address.clone();
        url.query_pairs_mut().clear().extend_pairs(kept).append_pair(name, number);
        Next::needed(url.to_string(), PageKind::Json)
    };
    if !value["id"].is_null() {
        return Vec::new();
    }
    let hides = |value: &Value| rows::count(&value["hidden_replies"]).is_some_and(|hidden| hidden > 0);
    let later = hides(value).then(|| {
        let offset = rows::parameter(page, "offset").and_then(|offset| offset.parse::<usize>().ok()).unwrap_or(0);
        with("offset", &offset.saturating_add(roots.len()).to_string())
    });
    let expanded =
        roots.iter().filter(|root| hides(root)).filter_map(|root| Some(with("parent", &answer::id(&root["id"])?)));
    later.into_iter().chain(expanded).collect()
}

/// `isso:HOST/uri`, which a page and the answers to it share.
fn thread_key(server: Option<&str>, uri: Option<String>) -> Option<String> {
    Some(format!("isso:{}{}", address::host(server?)?, uri?))
}

/// A comment's number and second tell its thread, on whatever page or answer it stands.
fn comment_key(comment: &Comment) -> Option<String> {
    Some(format!("isso:{}@{}", comment.id, sort_key(comment.posted_at.as_ref()?)))
}

fn read_page(html: &Document, page: &Page) -> Fragment {
    let rows: Vec<ElementRef<'_>> =
        html.select(css!(".isso-comment[id^='isso-']")).filter(|row| own_id(*row).is_some()).collect();
    let places: HashMap<_, usize> = rows.iter().enumerate().map(|(at, row)| (row.id(), at)).collect();
    let order = article::day_order(html);
    let comments: Vec<Comment> = rows
        .iter()
        .filter_map(|row| {
            let parent = row.ancestors().find_map(|node| places.get(&node.id())).and_then(|at| own_id(rows[*at]));
            page_comment(*row, parent, page, |time| article::moment(time, order, page.fetched_at.as_ref()))
        })
        .collect();
    let heading = html.select(css!(".isso-thread-heading")).next().map(body::line);
    let (server, uri) = loader(html, page).unzip();
    let mut keys: Vec<String> = thread_key(server.as_deref(), uri.clone()).into_iter().collect();
    keys.extend(comments.iter().filter_map(comment_key));
    let next = server.zip(uri).and_then(|(server, uri)| {
        let mut url = Url::parse(&server).ok()?;
        url.query_pairs_mut().append_pair("uri", &uri);
        // A page with comments in it was saved after the script had run.
        let kind = PageKind::Json;
        Some(if comments.is_empty() { Next::needed(url, kind) } else { Next::optional(url, kind) })
    });
    Fragment {
        keys,
        article: article::read(page, html),
        comments,
        stated_count: heading.and_then(|heading| WORDS.stated_count(&heading)),
        origin: Origin::Markup,
        next: next.into_iter().collect(),
        ..Fragment::default()
    }
}

fn own_id(row: ElementRef<'_>) -> Option<&str> {
    row.attr("id")?.strip_prefix("isso-").filter(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()))
}

fn page_comment(
    row: ElementRef<'_>,
    parent: Option<&str>,
    page: &Page,
    printed: impl Fn(ElementRef<'_>) -> Option<Moment>,
) -> Option<Comment> {
    let id = own_id(row)?;
    let own = row
        .child_elements()
        .find(|el| el.value().classes().any(|class| matches!(class, "isso-text-wrapper" | "text-wrapper")))?;
    let text = own.select(css!(".isso-text, .text")).next();
    let read = text.map(|el| body::read(el, |_| false)).unwrap_or_default();
    let note = own.select(css!(".isso-note, .note")).next().map(body::line).unwrap_or_default();
    let mut comment = Comment {
        posted_at: own
            .select(css!("time"))
            .next()
            .and_then(|time| time.attr("datetime").and_then(parse_machine).or_else(|| printed(time))),
        votes: own.select(css!(".isso-votes, .votes")).next().and_then(|el| body::line(el).parse().ok()),
        permalink: page.url.as_deref().and_then(|base| address::absolute(Some(base), &format!("#isso-{id}"))),
        ..rows::comment(id, None, parent.map(str::to_owned))
    };
    // "Comment deleted." above a text of one no-break space; above a text, "Comment in queue for moderation."
    if !note.is_empty() && read.text.trim().is_empty() {
        comment.state = CommentState::Deleted;
        return Some(comment);
    }
    if !note.is_empty() {
        comment.state = CommentState::Pending;
    }
    comment.author =
        own.select(css!(".isso-author, .author")).next().map(body::line).filter(|name| !name.is_empty()).map(|name| {
            let picture = row.select(css!(".isso-avatar img, .avatar img")).next().and_then(|img| img.attr("src"));
            Author { name, avatar: picture.map(str::to_owned) }
        });
    comment.html = text.map(|el| body::html(el, |_| false));
    read.fill(&mut comment);
    Some(comment)
}

/// The server a page's script names, and what the page is called there.
fn loader(html: &Document, page: &Page) -> Option<(String, String)> {
    let server = scripts(&page.body).find_map(|script| script.attribute("data-isso"))?;
    let server = address::absolute(page.url.as_deref(), &server)?;
    let named =
        html.select(css!("#isso-thread[data-isso-id]")).find_map(|el| el.attr("data-isso-id")).map(str::to_owned);
    let uri = named.or_else(|| Some(Url::parse(page.url.as_deref()?).ok()?.path().to_owned()))?;
    Some((server, uri))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: Option<&str>, kind: PageKind, body: &str) -> Fragment {
        let headers = std::collections::BTreeMap::default();
        let url = url.map(str::to_owned);
        crate::site::read(&Page {
            source: "a.json".into(),
            url,
            fetched_at: None,
            frame_of: None,
            posted: None,
            kind,
            headers,
            body: body.into(),
        })
        .unwrap()
    }

    #[test]
    fn a_live_answer_asks_for_what_it_hides() {
        let body = r#"{"id":null,"total_replies":9,"hidden_replies":4,"replies":[
            {"id":7,"parent":null,"created":1773476940.5,"text":"<p>a</p>","hidden_replies":2,"replies":[]}]}"#;
        let fragment = read(Some("https://c.example/?uri=%2Fa&limit=1&offset=2"), PageKind::Json, body);
        let next: Vec<_> = fragment.next.iter().map(|next| next.request.url.as_str()).collect();
        assert_eq!(next, ["https://c.example/?uri=%2Fa&offset=3", "https://c.example/?uri=%2Fa&parent=7"]);
        assert_eq!(fragment.keys[..2], ["isso:c.example/a".to_owned(), "isso:c7@1773476940".to_owned()]);
    }

    #[test]
    fn a_page_asks_the_server_it_names() {
        let body = "<script data-isso=/isso/ src=x></script><section id=isso-thread></section>";
        let fragment = read(Some("https://x.example/a/b"), PageKind::Html, body);
        assert_eq!(fragment.next[0].request.url, "https://x.example/isso/?uri=%2Fa%2Fb");
        assert!(fragment.keys.contains(&"isso:x.example/a/b".to_owned()));
    }
}
