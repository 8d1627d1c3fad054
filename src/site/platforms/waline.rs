//! Waline, a comment server a site runs itself: rendered pages and answers of its API.
//!
//! An answer (`GET SERVER/api/comment?path=…`) is `{errno, errmsg, data: {page, totalPages, pageSize, count, data: [root]}}`;
//! pages count roots, and a root's `children` are all below it, flat, with `pid` (the comment answered) and `rid` (the root).
//! A comment answered may be deleted: its id stays in `pid`. Answers to a deleted root are counted but never sent. `orig` is
//! the Markdown the writer wrote, `comment` what it was rendered to. Version 1 called the id `objectId` and the time
//! `insertedAt`.
//! In a rendered page a comment is `.wl-card-item` with the number as its id, answers inside `.wl-quote`, and
//! `.wl-reply-to a` leads to the comment answered.
//! Source: <https://waline.js.org/en/reference/server/api.html>,
//! <https://github.com/walinejs/waline/blob/main/packages/client/src/components/CommentCard.vue>.

use std::collections::HashMap;

use scraper::ElementRef;
use serde_json::Value;
use url::Url;

use crate::model::{Author, Comment, CommentState, Page, PageKind, ReplyBasis};
use crate::site::rows::{self, Row};
use crate::site::scripts::{scripts, setting};
use crate::site::{
    Document, Fragment, Next, Origin, Site, SiteError, Verified, View, address, answer, article, body, css,
};

/// Waline.
#[derive(Debug)]
pub(in crate::site) struct Waline;

impl Site for Waline {
    fn name(&self) -> &str {
        "waline"
    }

    fn reads(&self) -> &str {
        "rendered pages, answers of the API"
    }

    fn gives(&self) -> &str {
        "ids, parents, authors, dates (days in rendered pages), votes, states"
    }

    fn verified(&self) -> Verified {
        Verified::RealServer
    }

    fn hints(&self) -> &[&str] {
        &["wl-card-item", "serverURL"]
    }

    fn claims(&self, view: &View<'_>) -> bool {
        match view.json() {
            Some(value) => {
                value.get("errno").is_some() && listed(value).is_some()
                    || listed(value).is_some_and(|list| list.iter().any(|row| row.get("objectId").is_some()))
            }
            None => view
                .html()
                .is_some_and(|html| html.select(css!(".wl-card-item")).next().is_some() || loader(view.page).is_some()),
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

/// The object with the list: `data`, or the answer itself before version 1.15 of the server.
fn envelope(value: &Value) -> &Value {
    if value["data"].is_object() { &value["data"] } else { value }
}

fn listed(value: &Value) -> Option<&Vec<Value>> {
    let envelope = envelope(value);
    envelope["data"].as_array().filter(|_| envelope.get("totalPages").is_some())
}

fn read_answer(value: &Value, page: &Page) -> Fragment {
    let envelope = envelope(value);
    let list = rows::tree(&[&envelope["data"]], |row| vec![&row["children"]]);
    let read = rows::read(&list, row_comment);
    let [number, pages, size, count] =
        ["page", "totalPages", "pageSize", "count"].map(|field| rows::count(&envelope[field]));
    let mut keys: Vec<String> = thread_key(page.url.as_deref(), rows::parameter(page, "path")).into_iter().collect();
    keys.extend(read.comments.iter().filter_map(comment_key));
    if pages > Some(1) {
        keys.extend(rows::saved_list("waline", page, &[count, size]));
    }
    let next = number.zip(pages).filter(|(number, pages)| number < pages).and_then(|(number, _)| {
        let mut url = Url::parse(page.url.as_deref()?).ok()?;
        let kept: Vec<(String, String)> = url
            .query_pairs()
            .filter(|(key, _)| key != "page")
            .map(|(key, value)| (key.into_owned(), value.into_owned()))
            .collect();
        url.query_pairs_mut().clear().extend_pairs(kept).append_pair("page", &(number + 1).to_string());
        Some(Next::needed(url.to_string(), PageKind::Json))
    });
    Fragment { keys, stated_count: count, next: next.into_iter().collect(), ..read }
}

fn row_comment(row: Row<'_>) -> Option<Comment> {
    let Row { value, above } = row;
    let id = answer::id(&value["objectId"]).or_else(|| answer::id(&value["id"]))?;
    let rendered = value["comment"].as_str();
    let written = value["orig"].as_str();
    let above = above.and_then(|above| answer::id(&above["objectId"]));
    let parent = answer::id(&value["pid"]).or_else(|| answer::id(&value["rid"]));
    let mut comment = rows::comment(&id, parent, above);
    comment.author = rows::author(&value["nick"], &value["avatar"]);
    comment.posted_at = ["time", "insertedAt", "createdAt"].iter().find_map(|field| answer::instant(&value[*field]));
    comment.votes = answer::number(&value["like"]);
    comment.state = match value["status"].as_str() {
        Some("waiting") => CommentState::Pending,
        Some("spam") => CommentState::Hidden,
        _ => CommentState::Visible,
    };
    if let Some(rendered) = rendered {
        answer::markup(rendered).fill(&mut comment);
        comment.html = Some(rendered.to_owned());
    }
    // What was written is more than what was rendered; the spans are those of the rendered text.
    if let Some(written) = written.map(str::trim).filter(|written| *written != comment.text) {
        (comment.quotes, comment.links) = (Vec::new(), Vec::new());
        written.clone_into(&mut comment.text);
    }
    (rendered.is_some() || written.is_some()).then_some(comment)
}

/// `waline:HOST/path`, which a page and the answers to it share.
fn thread_key(server: Option<&str>, path: Option<String>) -> Option<String> {
    Some(format!("waline:{}{}", address::host(server?)?, path?))
}

/// Numbers begin at 1 on every server and rendered pages have no times, so it takes the writer and the rendered words to
/// tell a comment's thread.
fn comment_key(comment: &Comment) -> Option<String> {
    let author = comment.author.as_ref().map_or("", |author| &author.name);
    let words: String = answer::markup(comment.html.as_deref()?).text.split_whitespace().collect();
    Some(format!("waline:{}/{}", comment.id, address::short_hash(&format!("{author}\n{words}"))))
}

fn read_page(html: &Document, page: &Page) -> Fragment {
    let rows: Vec<ElementRef<'_>> = html.select(css!(".wl-card-item[id]")).collect();
    let places: HashMap<_, usize> = rows.iter().enumerate().map(|(at, row)| (row.id(), at)).collect();
    let order = article::day_order(html);
    let comments: Vec<Comment> = rows
        .iter()
        .filter_map(|row| {
            let above = row.ancestors().find_map(|node| places.get(&node.id())).and_then(|at| rows[*at].attr("id"));
            let mut comment = page_comment(*row, above)?;
            comment.posted_at = own(*row)?
                .select(css!(".wl-time"))
                .next()
                .and_then(|el| article::moment(el, order, page.fetched_at.as_ref()));
            Some(comment)
        })
        .collect();
    let loader = loader(page);
    let mut keys: Vec<String> = rendered_key(html).into_iter().collect();
    keys.extend(loader.as_ref().and_then(|(server, path)| thread_key(Some(server), Some(path.clone()))));
    keys.extend(comments.iter().filter_map(comment_key));
    let next = loader.and_then(|(server, path)| {
        let mut url = Url::parse(&format!("{}/api/comment", server.trim_end_matches('/'))).ok()?;
        url.query_pairs_mut().extend_pairs([
            ("path", path.as_str()),
            ("pageSize", "100"),
            ("page", "1"),
            ("sortBy", "insertedAt_asc"),
        ]);
        // A page with cards in it was saved after the script had run.
        let kind = PageKind::Json;
        Some(if comments.is_empty() { Next::needed(url, kind) } else { Next::optional(url, kind) })
    });
    Fragment {
        keys,
        article: article::read(page, html),
        comments,
        stated_count: html.select(css!(".wl-count .wl-num")).next().and_then(|el| body::line(el).parse().ok()),
        origin: Origin::Markup,
        next: next.into_iter().collect(),
        ..Fragment::default()
    }
}

/// What belongs to a card and not to the answers in it.
fn own(row: ElementRef<'_>) -> Option<ElementRef<'_>> {
    row.child_elements().find(|el| el.value().classes().any(|class| class == "wl-card"))
}

fn page_comment<'a>(row: ElementRef<'a>, above: Option<&'a str>) -> Option<Comment> {
    let card = own(row)?;
    let part = |class: &str| card.child_elements().find(|el| el.value().classes().any(|found| found == class));
    let head = part("wl-head")?;
    let content = part("wl-content")?;
    let is_reply_mark = |el: ElementRef<'_>| el.value().classes().any(|class| class == "wl-reply-to");
    let stated = content
        .select(css!(".wl-reply-to a"))
        .next()
        .and_then(|link| link.attr("href")?.strip_prefix('#'))
        .map(str::to_owned);
    let mut comment = rows::comment(row.attr("id")?, stated, above.map(str::to_owned));
    if comment.reply_basis == Some(ReplyBasis::Stated) {
        comment.reply_basis = Some(ReplyBasis::Link);
    }
    comment.author =
        head.select(css!(".wl-nick")).next().map(body::line).filter(|name| !name.is_empty()).map(|name| Author {
            name,
            avatar: row.select(css!("img.wl-user-avatar")).next().and_then(|img| img.attr("src")).map(str::to_owned),
        });
    comment.votes =
        head.select(css!(".wl-like")).next().and_then(|el| el.text().collect::<String>().trim().parse().ok());
    comment.html = Some(body::html(content, is_reply_mark));
    body::read(content, is_reply_mark).fill(&mut comment);
    Some(comment)
}

/// The thread's key, from the feed a rendered page links to.
fn rendered_key(html: &Document) -> Option<String> {
    let feed = html.select(css!(".wl-rss a[href*='path=']")).find_map(|link| Url::parse(link.attr("href")?).ok())?;
    let path = feed.query_pairs().find(|(key, _)| key == "path").map(|(_, path)| path.into_owned());
    thread_key(Some(feed.as_str()), path)
}

/// Server and path, from the call that loads the comments: `init({ serverURL: '…', path: '…' })`.
fn loader(page: &Page) -> Option<(String, String)> {
    let script = scripts(&page.body)
        .find(|script| script.body.contains("serverURL") && script.source.to_ascii_lowercase().contains("waline"))?;
    let server = address::absolute(page.url.as_deref(), &setting(script.body, "serverURL")?)?;
    let path = setting(script.body, "path");
    let path = path.or_else(|| Some(Url::parse(page.url.as_deref()?).ok()?.path().to_owned()))?;
    Some((server, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_asks_the_server_it_names() {
        let page = Page {
            frame_of: None,
            posted: None,
            source: "a.html".into(),
            url: Some("https://x.example/a?b=1".into()),
            fetched_at: None,
            kind: PageKind::Html,
            headers: std::collections::BTreeMap::default(),
            body: "<div id=waline></div><script>Waline.init({el: '#waline', serverURL: \"/w/\"})</script>".into(),
        };
        let fragment = crate::site::read(&page).unwrap();
        assert_eq!(
            fragment.next[0].request.url,
            "https://x.example/w/api/comment?path=%2Fa&pageSize=100&page=1&sortBy=insertedAt_asc"
        );
        assert!(fragment.keys.contains(&"waline:x.example/a".to_owned()));
    }
}
