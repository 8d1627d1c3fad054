//! Movable Type and TypePad: `div.comment`, its writer in a byline above or below the text ("Posted by: Ann | date"), and
//! in threads the words "replied to comment from Bob" with a link.
//! Source: <https://github.com/movabletype/movabletype/tree/develop/default_templates>.

use std::sync::LazyLock;

use scraper::ElementRef;

use super::parts::{Parts, Row};
use crate::model::ReplyBasis;
use crate::site::nest::Nest;
use crate::site::{Fragment, Site, SiteError, Verified, View, css};

static PARTS: LazyLock<Parts> =
    LazyLock::new(|| Parts::new(include_str!("../../../data/sites/blogs/movable-type.toml")));

/// Movable Type and TypePad.
#[derive(Debug)]
pub(in crate::site) struct MovableType;

impl Site for MovableType {
    fn name(&self) -> &str {
        "movable type"
    }

    fn reads(&self) -> &str {
        "entry pages with their comments, TypePad's too"
    }

    fn gives(&self) -> &str {
        "ids, parents, authors, dates"
    }

    fn hints(&self) -> &[&str] {
        &["Movable Type", "movabletype", "typepad.com", "TypePad", "mt-comments.cgi"]
    }

    fn verified(&self) -> Verified {
        Verified::Source
    }

    fn claims(&self, view: &View<'_>) -> bool {
        view.html().is_some_and(|html| {
            let signs = css!(
                "meta[name=generator][content*='Movable Type'], meta[name=generator][content*='ypepad'], meta[name=generator][content*='TypePad'], form[action*='mt-comments'], form[action*='typepad.com'], link[href*='typepad.com'], a[href*='movabletype']"
            );
            html.select(signs).next().is_some() && PARTS.rows(html).next().is_some()
        })
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        let Some(html) = view.html() else { return Err(SiteError::UnknownJson) };
        let nest = Nest::new(html, PARTS.rows(html));
        let rows = (0..nest.len()).map(|at| Row { id: number(&nest, at), ..Row::default() }).collect();
        Ok(PARTS.fragment(view.page, html, nest, rows, ReplyBasis::Indent))
    }
}

/// `comment-12`, `comment-6a00d8341c…`: the row's own, or that of the anchor in or right before it.
fn number(nest: &Nest<'_>, at: usize) -> Option<String> {
    let record = nest.record(at);
    let before = record.prev_siblings().find_map(ElementRef::wrap).filter(|el| el.value().name() == "a");
    let all = nest.whole(at).chain(before);
    all.into_iter().find_map(|el| {
        let id = el.attr("id").or_else(|| el.attr("name").filter(|_| el.value().name() == "a"))?;
        let numbered = |id: &&str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit());
        let id = id.strip_prefix("comment-").or_else(|| id.strip_prefix('c').filter(numbered))?;
        let plain = id.bytes().any(|b| b.is_ascii_digit()) && id.bytes().all(|b| b.is_ascii_alphanumeric());
        plain.then(|| id.to_owned())
    })
}
