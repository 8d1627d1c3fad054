//! Serendipity: `.serendipity_comment`, how deep by `padding-left` (20 pixels a level) or `commentlevel-N`, the one
//! answered by a link (`a.reply_origin`) where the template prints it. Trackbacks look alike but stand apart.
//! Source: <https://github.com/s9y/Serendipity/tree/master/templates>.

use std::sync::LazyLock;

use scraper::ElementRef;

use super::parts::{Parts, Row};
use crate::model::ReplyBasis;
use crate::site::nest::Nest;
use crate::site::{Document, Fragment, Site, SiteError, Verified, View};

static PARTS: LazyLock<Parts> =
    LazyLock::new(|| Parts::new(include_str!("../../../data/sites/blogs/serendipity.toml")));

/// Pixels by which the default template indents an answer.
const INDENT: u32 = 20;

/// Serendipity.
#[derive(Debug)]
pub(in crate::site) struct Serendipity;

impl Site for Serendipity {
    fn name(&self) -> &str {
        "serendipity"
    }

    fn reads(&self) -> &str {
        "entry pages with their comments"
    }

    fn gives(&self) -> &str {
        "ids, parents, authors, dates"
    }

    fn hints(&self) -> &[&str] {
        &["serendipity_comment"]
    }

    fn verified(&self) -> Verified {
        Verified::Source
    }

    fn claims(&self, view: &View<'_>) -> bool {
        view.html().is_some_and(|html| rows(html).next().is_some())
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        let Some(html) = view.html() else { return Err(SiteError::UnknownJson) };
        let nest = Nest::new(html, rows(html));
        let rows = (0..nest.len())
            .map(|at| Row { id: number(&nest, at), depth: level(nest.record(at)), parent: None })
            .collect();
        Ok(PARTS.fragment(view.page, html, nest, rows, ReplyBasis::Indent))
    }
}

fn rows(html: &Document) -> impl Iterator<Item = ElementRef<'_>> {
    PARTS.rows(html).filter(|row| {
        let aside = |el: ElementRef<'_>| {
            el.value().id() == Some("trackbacks") || el.value().classes().any(|class| class.contains("trackbacks"))
        };
        !row.ancestors().filter_map(ElementRef::wrap).any(aside)
    })
}

/// The number in `c12` or `serendipity_comment_12`: the row's own, or that of the anchor in or right before it.
fn number(nest: &Nest<'_>, at: usize) -> Option<String> {
    let record = nest.record(at);
    let before = record.prev_siblings().find_map(ElementRef::wrap).filter(|el| el.value().name() == "a");
    nest.whole(at).chain(before).find_map(|el| {
        let id = el.attr("id")?;
        let id = id.strip_prefix("serendipity_comment_").or_else(|| id.strip_prefix('c'))?;
        (!id.is_empty() && id.bytes().all(|b| b.is_ascii_digit())).then(|| id.to_owned())
    })
}

fn level(row: ElementRef<'_>) -> Option<u32> {
    let by_class = || row.value().classes().find_map(|class| class.strip_prefix("commentlevel-")?.parse().ok());
    let by_style = || {
        let style = row.attr("style")?;
        let (_, value) = style.split_once("padding-left:").or_else(|| style.split_once("margin-left:"))?;
        let pixels: u32 = value.trim_start().split("px").next()?.trim().parse().ok()?;
        Some(pixels / INDENT)
    };
    by_class().or_else(by_style)
}
