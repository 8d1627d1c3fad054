//! Blogger: threaded comments (`li.comment#cID`, answers in `.comment-replies`), and the older list of `dt` (who), `dd`
//! (what) and `dd` (when). Links to comments carry the instant they were written: `?showComment=1381172401460#c42…`.
//! Source: the default templates, <https://support.google.com/blogger/answer/46888>.

use std::sync::LazyLock;

use scraper::ElementRef;

use super::parts::{Parts, Row};
use crate::model::{Author, Comment, CommentState, Moment, ReplyBasis};
use crate::site::naming::name_rows;
use crate::site::nest::Nest;
use crate::site::words::WORDS;
use crate::site::{Document, Fragment, Site, SiteError, Verified, View, address, body, css};
use crate::text::dates::epoch;

static PARTS: LazyLock<Parts> = LazyLock::new(|| Parts::new(include_str!("../../../data/sites/blogs/blogger.toml")));

/// Blogger, on blogspot.com and elsewhere.
#[derive(Debug)]
pub(in crate::site) struct Blogger;

impl Site for Blogger {
    fn name(&self) -> &str {
        "blogger"
    }

    fn reads(&self) -> &str {
        "post pages with their comments, threaded and not"
    }

    fn gives(&self) -> &str {
        "ids, parents, authors, dates, states"
    }

    fn hints(&self) -> &[&str] {
        &["comments-block", "comment-thread", "showComment="]
    }

    fn verified(&self) -> Verified {
        Verified::RealPages
    }

    fn claims(&self, view: &View<'_>) -> bool {
        view.html().is_some_and(|html| {
            let signs = css!("meta[name=generator][content=blogger], link[href*='blogger.com/'], a[href*='showComment='], #comment-holder, #comments-block");
            html.select(signs).next().is_some()
                && (PARTS.rows(html).next().is_some() || html.select(css!("#comments-block dt")).next().is_some())
        })
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        let Some(html) = view.html() else { return Err(SiteError::UnknownJson) };
        let nest = Nest::new(html, PARTS.rows(html));
        let is_list = nest.len() == 0;
        let rows = (0..nest.len()).map(|at| Row { id: number(nest.record(at)), ..Row::default() }).collect();
        let mut fragment = PARTS.fragment(view.page, html, nest, rows, ReplyBasis::Depth);
        if is_list {
            fragment.comments = listed(html, view.page.url.as_deref(), &mut fragment.notes);
        }
        for comment in &mut fragment.comments {
            comment.posted_at = comment.permalink.as_deref().and_then(instant).or(comment.posted_at.take());
        }
        Ok(fragment)
    }
}

/// The number in `c4265235981837780782`.
fn number(el: ElementRef<'_>) -> Option<String> {
    let id = el.attr("id")?.strip_prefix('c')?;
    (!id.is_empty() && id.bytes().all(|b| b.is_ascii_digit())).then(|| id.to_owned())
}

/// The instant in an address with `showComment=`.
fn instant(address: &str) -> Option<Moment> {
    let digits = address.split_once("showComment=")?.1;
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    epoch(digits[..end].parse().ok()?)
}

/// Comments as a list of definitions: a `dt` and what follows it up to the next.
fn listed(html: &Document, base: Option<&str>, notes: &mut Vec<String>) -> Vec<Comment> {
    let (ids, mut comments): (Vec<_>, Vec<_>) = html
        .select(css!("#comments-block dt"))
        .filter(|dt| number(*dt).is_some() || dt.value().classes().any(|class| class == "comment-author"))
        .map(|dt| (number(dt), definition(dt, base)))
        .unzip();
    let names = name_rows(&ids, &comments, notes);
    for (comment, name) in comments.iter_mut().zip(names) {
        comment.id = name;
    }
    comments
}

fn definition(dt: ElementRef<'_>, base: Option<&str>) -> Comment {
    let mut comment = Comment { depth: Some(0), ..Comment::default() };
    let named = dt.select(css!("a[href]")).map(body::line).find(|line| !line.is_empty());
    let name = named.unwrap_or_else(|| body::line(dt));
    let name = WORDS.author(name.trim().trim_end_matches(['.', '…', ':'])).to_owned();
    comment.author = (!name.is_empty()).then_some(Author { name, avatar: None });
    let below = dt.next_siblings().filter_map(ElementRef::wrap).take_while(|el| el.value().name() == "dd");
    for dd in below {
        let link = dd.select(css!("a[href*='showComment='], .comment-timestamp a")).next();
        if let Some(href) = link.and_then(|a| a.attr("href")) {
            comment.permalink = Some(address::absolute(base, href).unwrap_or_else(|| href.to_owned()));
        } else if comment.text.is_empty() {
            if dd.select(css!(".deleted-comment")).next().is_some() {
                comment.state = CommentState::Deleted;
            } else {
                body::read(dd, |_| false).fill(&mut comment);
                comment.html = Some(body::html(dd, |_| false));
            }
        }
    }
    comment
}
