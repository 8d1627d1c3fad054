//! next.ink: WordPress with a theme of its own.
//!
//! All comments are in the article's page, without parents; the REST API has the parents and is asked first. Comments
//! taken over from the old site say whom they answer in their text: `(reply:1933738:Name)`, or "Name a dit :" above a
//! quote.
//! Printed times are Paris time.

use scraper::ElementRef;

use super::wordpress::{further_requests, post_key};
use super::wordpress_rest::reply_token;
use crate::model::{Author, Comment, Moment, ReplyBasis};
use crate::site::naming::name_rows;
use crate::site::quoted::{Quoted, answer};
use crate::site::words::WORDS;
use crate::site::{Document, Fragment, Origin, Site, SiteError, Verified, View, address, article, body, css, stated};
use crate::text::dates::{in_zone, parse_machine};

const ZONE: &str = "Europe/Paris";

/// next.ink since 2023.
#[derive(Debug)]
pub(in crate::site) struct NextInk;

impl Site for NextInk {
    fn name(&self) -> &str {
        "next.ink"
    }

    fn reads(&self) -> &str {
        "article pages with their comments"
    }

    fn hints(&self) -> &[&str] {
        &["next-status-name-user", "next-total-comment", "next-paywall"]
    }

    fn gives(&self) -> &str {
        "ids, parents (the old site), authors, dates"
    }

    fn verified(&self) -> Verified {
        Verified::Source
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
        // The site is alone on its host.
        if let (true, Some(post), Some(host)) =
            (keys.is_empty(), post, base.or(article.url.as_deref()).and_then(address::host))
        {
            keys.push(format!("wp:{}/{post}", host.strip_prefix("www.").unwrap_or(&host)));
        }
        let (ids, mut comments): (Vec<_>, Vec<_>) = html
            .select(css!("div.comments-list > div"))
            .filter(|row| own_id(*row).is_some() || row.select(css!(".comment-content")).next().is_some())
            .map(|row| (own_id(row), comment(row, base)))
            .unzip();
        let mut notes = Vec::new();
        let names = name_rows(&ids, &comments, &mut notes);
        for (comment, name) in comments.iter_mut().zip(names) {
            comment.id = name;
        }
        let heads: Vec<Option<Quoted>> = comments.iter().map(quoted).collect();
        answer(&mut comments, &heads);
        Ok(Fragment {
            keys,
            comments,
            notes,
            stated_count: stated_count(html, article.title.as_deref()),
            origin: Origin::Markup,
            next: further_requests(html, base),
            article,
            ..Fragment::default()
        })
    }
}

fn stated_count(html: &Document, title: Option<&str>) -> Option<u64> {
    stated::stated_count(html, title).or_else(|| {
        html.select(css!(".next-total-comment"))
            .find_map(|el| body::line(el).chars().filter(char::is_ascii_digit).collect::<String>().parse().ok())
    })
}

/// The quote a comment of the old site begins with: "Zoé a dit :" on a line of its own, and the words below it.
fn quoted(comment: &Comment) -> Option<Quoted> {
    let (head, rest) = comment.text.split_once('\n')?;
    let name = WORDS.author(head.strip_suffix(':')?);
    let said = name.len() < head.trim_end_matches(':').trim_end().len();
    // The head is part of the quote.
    let marked = comment.quotes.first().map(|quote| quote.span.of(&comment.text));
    let marked = marked.map(|words| words.strip_prefix(head).unwrap_or(words).trim_start());
    let words = marked.or_else(|| rest.trim_start().split("\n\n").next())?;
    (said && !name.is_empty() && name.chars().count() <= 60)
        .then(|| Quoted { name: name.to_owned(), words: words.to_owned() })
}

/// The number the site gives a comment.
fn own_id(row: ElementRef<'_>) -> Option<String> {
    std::iter::once(row)
        .chain(row.select(css!("[data-comment-id]")))
        .find_map(|el| el.attr("data-comment-id"))
        .map(|id| id.trim().to_owned())
        .filter(|id| !id.is_empty())
}

/// A row's comment, still without its id.
fn comment(row: ElementRef<'_>, base: Option<&str>) -> Comment {
    let content = row.select(css!(".comment-content")).next();
    let read = content.map(|el| body::read(el, |_| false)).unwrap_or_default();
    let reply_to = reply_token(&read.text);
    Comment {
        reply_basis: reply_to.is_some().then_some(ReplyBasis::Link),
        reply_to,
        depth: None,
        author: row.select(css!(".next-status-name-user")).map(body::line).find(|name| !name.is_empty()).map(|name| {
            Author { name, avatar: row.select(css!("img")).find_map(|img| img.attr("src")).map(str::to_owned) }
        }),
        posted_at: posted_at(row),
        text: read.text,
        html: content.map(|el| body::html(el, |_| false)),
        quotes: read.quotes,
        permalink: own_id(row).and_then(|id| address::absolute(Some(base?), &format!("#comment-archor-{id}"))),
        ..Comment::default()
    }
}

fn posted_at(row: ElementRef<'_>) -> Option<Moment> {
    std::iter::once(row)
        .chain(row.select(css!("[data-comment-date]")))
        .find_map(|el| parse_machine(el.attr("data-comment-date")?))
        .map(|moment| in_zone(moment, ZONE))
}

#[cfg(test)]
mod tests {
    use crate::model::{Page, PageKind};

    #[test]
    fn rows_without_a_number_and_with_a_taken_one_stay() {
        let row = |id: &str, text: &str| {
            format!("<div {id}><b class=next-status-name-user>Zoé</b><div class=comment-content>{text}</div></div>")
        };
        let rows = [row("data-comment-id=7", "a"), row("", "b"), row("data-comment-id=7", "c")].concat();
        let page = Page {
            source: String::new(),
            url: None,
            fetched_at: None,
            kind: PageKind::Html,
            frame_of: None,
            posted: None,
            headers: std::collections::BTreeMap::default(),
            body: format!("<h1>3 commentaires de trop</h1><div class=comments-list>{rows}</div>"),
        };
        let read = crate::site::read(&page).unwrap();
        let ids: Vec<_> = read.comments.iter().map(|comment| comment.id.as_str()).collect();
        assert_eq!((ids.len(), ids[0], &ids[1][..2], &ids[2][..3]), (3, "c7", "cp", "c7-"));
        assert_eq!((read.notes.len(), read.stated_count), (2, None));
    }
}
