//! next.ink: WordPress with a theme of its own.
//!
//! All comments are in the article's page, without parents; the REST API has the parents and is asked first.
//! Printed times are Paris time.

use scraper::{ElementRef, Html};

use super::wordpress::{further_requests, post_key};
use super::wordpress_rest::reply_token;
use super::words::WORDS;
use super::{Fragment, Origin, Site, SiteError, View, address, article, body, css};
use crate::model::{Author, Comment, Moment};
use crate::text::dates::{in_zone, parse_machine};

const ZONE: &str = "Europe/Paris";

/// next.ink since 2023.
#[derive(Debug)]
pub(super) struct NextInk;

impl Site for NextInk {
    fn name(&self) -> &'static str {
        "next.ink"
    }

    fn reads(&self) -> &'static str {
        "article pages with their comments"
    }

    fn claims(&self, view: &View<'_>) -> bool {
        view.html().is_some_and(|html| {
            html.select(css!(".next-status-name-user, .next-total-comment, [id^='next-paywall']")).next().is_some()
        })
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        let Some(html) = view.html() else { return Err(SiteError::UnknownJson) };
        let base = view.page.url.as_deref();
        let mut article = article::read(view.page, html);
        article.published_at = article.published_at.map(|moment| in_zone(moment, ZONE));
        let post = html.select(css!("article[data-post-id]")).find_map(|el| el.attr("data-post-id"));
        let mut keys: Vec<String> = post_key(html, base).into_iter().collect();
        if let (Some(post), Some(host)) = (post, base.or(article.url.as_deref()).and_then(address::host)) {
            keys.push(format!("wp:{host}/{post}"));
        }
        Ok(Fragment {
            keys,
            comments: html.select(css!("div.comments-list > div")).filter_map(|row| comment(row, base)).collect(),
            stated_count: stated_count(html),
            origin: Origin::Markup,
            next: further_requests(html, base),
            article,
            ..Fragment::default()
        })
    }
}

fn stated_count(html: &Html) -> Option<u64> {
    html.select(css!("h1, h2, h3, h4")).find_map(|heading| WORDS.stated_count(&body::line(heading))).or_else(|| {
        html.select(css!(".next-total-comment"))
            .find_map(|el| body::line(el).chars().filter(char::is_ascii_digit).collect::<String>().parse().ok())
    })
}

fn comment(row: ElementRef<'_>, base: Option<&str>) -> Option<Comment> {
    let id = std::iter::once(row)
        .chain(row.select(css!("[data-comment-id]")))
        .find_map(|el| el.attr("data-comment-id"))
        .map(str::trim)
        .filter(|id| !id.is_empty())?;
    let content = row.select(css!(".comment-content")).next();
    let read = content.map(|el| body::read(el, |_| false)).unwrap_or_default();
    let reply_to = reply_token(&read.text);
    Some(Comment {
        id: format!("c{id}"),
        reply_to,
        depth: None,
        author: row.select(css!(".next-status-name-user")).map(body::line).find(|name| !name.is_empty()).map(|name| {
            Author { name, avatar: row.select(css!("img")).find_map(|img| img.attr("src")).map(str::to_owned) }
        }),
        posted_at: posted_at(row),
        text: read.text,
        html: content.map(|el| el.inner_html()),
        quotes: read.quotes,
        permalink: base.and_then(|base| address::absolute(Some(base), &format!("#comment-archor-{id}"))),
        ..Comment::default()
    })
}

fn posted_at(row: ElementRef<'_>) -> Option<Moment> {
    std::iter::once(row)
        .chain(row.select(css!("[data-comment-date]")))
        .find_map(|el| parse_machine(el.attr("data-comment-date")?))
        .map(|moment| in_zone(moment, ZONE))
}
