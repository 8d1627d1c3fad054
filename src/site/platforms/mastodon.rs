//! Mastodon and servers with its API (Pleroma, Akkoma …): `/api/v1/statuses/ID`, `/api/v1/statuses/ID/context`, and
//! pages of a status, today's as a browser shows them and those of Mastodon up to 3 as a server printed them.
//!
//! The status itself is the first comment, what it answers (`ancestors`) and its answers (`descendants`) are others. To
//! readers without an account a server gives at most 40 ancestors and 60 descendants. Pages do not say which status
//! answers which: the context does, and is asked for. What a server sends today for a status' address is an empty page
//! (`#mastodon`) that a script fills; the address has the number of the status. The context of an answer has only what is
//! above and below it; the rest of the thread is in the context of the first status above.
//!
//! Source: <https://docs.joinmastodon.org/methods/statuses/#context>, <https://docs.joinmastodon.org/entities/Status/>,
//! <https://github.com/mastodon/mastodon/blob/main/app/javascript/mastodon/components/status.jsx>.

use std::collections::HashSet;

use scraper::ElementRef;
use serde_json::Value;

use crate::model::{Article, Author, Comment, Page, PageKind, ReplyBasis};
use crate::site::structured::{json_string, plain};
use crate::site::{
    Document, Fragment, Next, Origin, Site, SiteError, Verified, View, address, answer, article, body, css,
};

/// What a server gives to readers without an account.
const MOST_ANCESTORS: usize = 40;
const MOST_DESCENDANTS: usize = 60;

/// Mastodon.
#[derive(Debug)]
pub(in crate::site) struct Mastodon;

impl Site for Mastodon {
    fn name(&self) -> &str {
        "mastodon"
    }

    fn reads(&self) -> &str {
        "answers of /api/v1/statuses/ID and …/context, pages of a status"
    }

    fn gives(&self) -> &str {
        "ids, parents (answers only), authors, dates, votes (favourites), edits"
    }

    fn verified(&self) -> Verified {
        Verified::Source
    }

    fn hints(&self) -> &[&str] {
        &["detailed-status", "status__content", "mastodon"]
    }

    fn claims(&self, view: &View<'_>) -> bool {
        match (view.html(), view.json()) {
            (Some(html), _) => {
                html.select(css!(".detailed-status .status__content, .status .status__content")).next().is_some()
                    || empty_page(view.page, html).is_some()
            }
            (_, Some(json)) => is_context(json) || is_status(json),
            _ => false,
        }
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        match (view.html(), view.json()) {
            (Some(html), _) => Ok(page(view.page, html)),
            (_, Some(json)) if is_context(json) => Ok(context(json, view.page)),
            (_, Some(json)) => Ok(single(json, view.page)),
            _ => Err(SiteError::UnknownJson),
        }
    }
}

fn is_context(json: &Value) -> bool {
    json["ancestors"].is_array() && json["descendants"].is_array()
}

fn is_status(json: &Value) -> bool {
    json["account"]["acct"].is_string() && json["content"].is_string() && json.get("in_reply_to_id").is_some()
}

/// Ids are a server's own: its host is part of the key. An answer saved without its address names it in the statuses
/// of the server's own users, whose names have no host.
fn key(page: &Page, statuses: &[&Value], id: &str) -> Option<String> {
    let local = |status: &&Value| status["account"]["acct"].as_str().is_some_and(|acct| !acct.contains('@'));
    let host = page.url.as_deref().and_then(address::host).or_else(|| {
        statuses.iter().filter(|status| local(status)).find_map(|status| address::host(&json_string(&status["url"])?))
    });
    Some(format!("mastodon:{}/{id}", host?))
}

fn context(json: &Value, page: &Page) -> Fragment {
    let (above, below) = (answer::list(&json["ancestors"]), answer::list(&json["descendants"]));
    let all: Vec<&Value> = above.iter().chain(below).collect();
    let (comments, failures) = answer::comments(all.iter().copied(), status);
    let known: HashSet<&str> = comments.iter().map(|comment| comment.id.as_str()).collect();
    let answered =
        comments.iter().filter_map(|comment| comment.reply_to.as_deref()).find(|parent| !known.contains(*parent));
    let asked = page.url.as_deref().and_then(|url| Some(url.split_once("/statuses/")?.1.split('/').next()?.to_owned()));
    let root = above.first().and_then(|status| answer::id(&status["id"]));
    // A thread has one first status; an answer whose context was asked for is below it.
    let first = page.url.as_deref().zip(root.as_deref()).and_then(|(url, id)| context_of(url, id));
    let next = first.map(|next| Next { optional: true, ..next });
    let ids = asked.or_else(|| answered.map(|id| id[1..].to_owned())).into_iter().chain(root);
    let mut notes = Vec::new();
    if below.len() >= MOST_DESCENDANTS {
        notes.push(format!(
            "{} answers were sent; a server gives {MOST_DESCENDANTS} at most to readers without an account, so that others may be missing",
            below.len()
        ));
    }
    if above.len() >= MOST_ANCESTORS {
        notes.push(format!(
            "{} earlier posts were sent; a server gives {MOST_ANCESTORS} at most to readers without an account",
            above.len()
        ));
    }
    Fragment {
        keys: ids.filter_map(|id| key(page, &all, &id)).collect(),
        article: above.first().map(about).unwrap_or_default(),
        comments,
        origin: Origin::Api,
        failures,
        next: next.into_iter().collect(),
        notes,
        ..Fragment::default()
    }
}

/// The number of the status whose address an empty page has: `/@NAME/NUMBER`.
fn empty_page(page: &Page, html: &Document) -> Option<String> {
    html.select(css!("#mastodon")).next()?;
    let url = url::Url::parse(page.url.as_deref()?).ok()?;
    let mut parts = url.path_segments()?;
    let (name, number) = (parts.next()?, parts.next()?);
    (name.starts_with('@') && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
        .then(|| number.to_owned())
}

/// A status by itself.
fn single(json: &Value, page: &Page) -> Fragment {
    let (comments, failures) = answer::comments([json], status);
    let ids = ["id", "in_reply_to_id"].into_iter().filter_map(|field| answer::id(&json[field]));
    let starts = json["in_reply_to_id"].is_null();
    Fragment {
        keys: ids.filter_map(|id| key(page, &[json], &id)).collect(),
        article: if starts { about(json) } else { Article::default() },
        stated_count: json["replies_count"].as_u64().filter(|count| starts && *count == 0).map(|_| 1),
        comments,
        origin: Origin::Api,
        failures,
        next: page
            .url
            .as_deref()
            .and_then(|url| context_of(url, answer::id(&json["id"])?.as_str()))
            .into_iter()
            .collect(),
        ..Fragment::default()
    }
}

fn about(status: &Value) -> Article {
    Article {
        author: json_string(&status["account"]["acct"]),
        published_at: answer::instant(&status["created_at"]),
        url: json_string(&status["url"]),
        ..Article::default()
    }
}

fn context_of(url: &str, id: &str) -> Option<Next> {
    let url = address::absolute(Some(url), &format!("/api/v1/statuses/{id}/context"))?;
    Some(Next::needed(url, PageKind::Json))
}

fn status(status: &Value) -> Option<Comment> {
    let id = answer::id(&status["id"])?;
    let html = status["content"].as_str()?;
    let mut comment = Comment {
        id: format!("c{id}"),
        author: answer::author(status["account"]["acct"].as_str()),
        posted_at: answer::instant(&status["created_at"]),
        votes: answer::number(&status["favourites_count"]),
        permalink: json_string(&status["url"]).or_else(|| json_string(&status["uri"])),
        edited: status["edited_at"].is_string(),
        edited_at: answer::instant(&status["edited_at"]),
        ..Comment::default()
    }
    .answering(answer::id(&status["in_reply_to_id"]).map(|parent| format!("c{parent}")));
    // A content warning is the first thing a reader sees.
    let warning = json_string(&status["spoiler_text"]).map(|text| plain(&text)).unwrap_or_default();
    let html = if warning.is_empty() { html.to_owned() } else { format!("<p>{}</p>{html}", escaped(&warning)) };
    answer::markup(&html).fill(&mut comment);
    comment.html = Some(html);
    Some(comment)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn page(page: &Page, html: &Document) -> Fragment {
    let base = page.url.as_deref();
    let mut article = article::read(page, html);
    article.body = None;
    let host = base.or(article.url.as_deref()).and_then(address::host);
    // A status quoted in another is none of the thread.
    let rows = html.select(css!(".detailed-status, .status:not(.status--is-quote)"));
    let mut comments: Vec<Comment> = rows.filter_map(|row| shown(row, html, page, host.as_deref())).collect();
    let focus = html.select(css!(".detailed-status")).next().and_then(own_id).or_else(|| empty_page(page, html));
    direct_answers(html, focus.as_deref(), &mut comments);
    let next = focus.as_deref().and_then(|id| context_of(base?, id));
    let own = focus.as_ref().filter(|id| comments.iter().all(|comment| comment.id[1..] != **id));
    let status = own.and_then(|id| address::absolute(Some(base?), &format!("/api/v1/statuses/{id}")));
    let status = status.map(|url| Next::needed(url, PageKind::Json));
    let unplaced = comments.iter().filter(|comment| comment.reply_to.is_none()).count();
    let notes = (unplaced > 1)
        .then(|| "the page does not say which post answers which; the answer of …/context does".to_owned());
    Fragment {
        keys: focus.and_then(|id| Some(format!("mastodon:{}/{id}", host?))).into_iter().collect(),
        article,
        comments,
        origin: Origin::Markup,
        next: status.into_iter().chain(next).collect(),
        notes: notes.into_iter().collect(),
        ..Fragment::default()
    }
}

/// Pages printed by a server mark, by the classes of microformats, what the status shown answers and what answers it.
fn direct_answers(html: &Document, focus: Option<&str>, comments: &mut [Comment]) {
    let Some(focus) = focus.map(|id| format!("c{id}")) else { return };
    let marked =
        |selector| -> HashSet<String> { html.select(selector).filter_map(own_id).map(|id| format!("c{id}")).collect() };
    let above = marked(css!(".entry.p-in-reply-to > .status")).into_iter().next();
    let below = marked(css!(".entry.p-comment > .status"));
    for comment in comments {
        let parent = if comment.id == focus {
            above.clone()
        } else if below.contains(&comment.id) {
            Some(focus.clone())
        } else {
            continue;
        };
        comment.reply_basis = parent.is_some().then_some(ReplyBasis::Stated);
        comment.reply_to = parent;
    }
}

/// The number at the end of a status' address, where the markup does not give it.
fn own_id(row: ElementRef<'_>) -> Option<String> {
    let link = css!("a.detailed-status__datetime, a.status__relative-time, a.u-uid");
    row.attr("data-id").map(str::to_owned).or_else(|| {
        let href = row.select(link).find_map(|a| a.attr("href"))?;
        let id = href.trim_end_matches('/').rsplit('/').next()?;
        (!id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric())).then(|| id.to_owned())
    })
}

/// A status of a page.
fn shown(row: ElementRef<'_>, html: &Document, page: &Page, host: Option<&str>) -> Option<Comment> {
    let own = |selector| row.select(selector).next();
    let id = own_id(row)?;
    let content = own(css!(".e-content, .status__content__text")).or_else(|| own(css!(".status__content")))?;
    let name = own(css!(".display-name__account")).map(body::line).map(|acct| {
        let acct = acct.trim().trim_start_matches('@');
        let local = host.and_then(|host| acct.strip_suffix(host)?.strip_suffix('@'));
        local.unwrap_or(acct).to_owned()
    });
    let link = own(css!("a.detailed-status__datetime, a.status__relative-time, a.u-uid"));
    let mut comment = Comment {
        id: format!("c{id}"),
        author: name.filter(|name| !name.is_empty()).map(|name| Author { name, avatar: None }),
        posted_at: own(css!("time[datetime]"))
            .or(link)
            .and_then(|el| article::moment(el, article::day_order(html), page.fetched_at.as_ref())),
        html: Some(body::html(content, |_| false)),
        votes: own(css!(".detailed-status__favorites")).and_then(|el| body::line(el).parse().ok()),
        permalink: link.and_then(|a| address::absolute(page.url.as_deref(), a.attr("href")?)),
        edited: own(css!(".status__relative-time abbr[title], .edited-timestamp, .edited-timestamp__history__item"))
            .is_some(),
        ..Comment::default()
    };
    body::read(content, |_| false).fill(&mut comment);
    let warning =
        own(css!(".p-summary, .content-warning p, .content-warning > span")).map(|el| body::line(el).trim().to_owned());
    if let Some(warning) = warning.filter(|warning| !warning.is_empty() && !comment.text.starts_with(warning.as_str()))
    {
        let shift = warning.len() + 2;
        comment.text = format!("{warning}\n\n{}", comment.text);
        for span in comment
            .quotes
            .iter_mut()
            .map(|quote| &mut quote.span)
            .chain(comment.links.iter_mut().map(|link| &mut link.span))
        {
            *span = crate::model::Span::new(span.start + shift, span.end + shift);
        }
    }
    Some(comment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_page_leads_to_its_status_and_the_thread() {
        use crate::site::trial::{got, page, urls};
        let shell = "<div class='app-holder' data-props='{}' id=mastodon><noscript>a</noscript></div>";
        let read = page("https://toot.example/@zoe/115", shell);
        let [status, context] = ["", "/context"].map(|tail| format!("https://toot.example/api/v1/statuses/115{tail}"));
        assert_eq!((read.site.as_str(), urls(&read)), ("mastodon", vec![status.as_str(), context.as_str()]));
        assert_eq!((read.keys[0].as_str(), read.next[0].optional), ("mastodon:toot.example/115", false));
        assert_eq!(page("https://toot.example/@zoe", shell).next, []);
        let one = |id: u64| {
            format!(
                r#"{{"id":"{id}","in_reply_to_id":null,"content":"<p>a</p>","created_at":"2026-01-02T03:04:05.000Z",
                "account":{{"acct":"zoe"}},"url":"https://toot.example/@zoe/{id}"}}"#
            )
        };
        assert_eq!(urls(&got(&status, &one(115))), [context.as_str()]);
        let above = got(&context, &format!(r#"{{"ancestors":[{}],"descendants":[]}}"#, one(90)));
        assert_eq!(urls(&above), ["https://toot.example/api/v1/statuses/90/context"]);
        assert_eq!((above.next[0].optional, above.keys.len()), (true, 2));
        let first = got(
            "https://toot.example/api/v1/statuses/90/context",
            &format!(r#"{{"ancestors":[],"descendants":[{}]}}"#, one(115)),
        );
        assert_eq!(first.next, []);
    }

    #[test]
    fn an_answer_at_the_servers_cap_says_so() {
        let status = |id: usize| {
            format!(
                r#"{{"id":"{id}","in_reply_to_id":"1","content":"<p>a</p>","created_at":"2026-01-02T03:04:05.000Z",
                "account":{{"acct":"zoe"}},"url":"https://x.example/@zoe/{id}"}}"#
            )
        };
        let body = |count: usize| {
            let all: Vec<String> = (2..count + 2).map(status).collect();
            format!(r#"{{"ancestors":[],"descendants":[{}]}}"#, all.join(","))
        };
        let read = |count| {
            crate::site::read(&Page {
                source: String::new(),
                url: None,
                fetched_at: None,
                frame_of: None,
                posted: None,
                kind: PageKind::Json,
                headers: std::collections::BTreeMap::default(),
                body: body(count),
            })
            .unwrap()
        };
        assert_eq!((read(59).notes.len(), read(60).notes.len()), (0, 1));
        assert_eq!(read(2).keys, ["mastodon:x.example/1"]);
    }
}
