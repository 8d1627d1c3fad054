//! Drupal: `article.comment`, `div.comment`; answers stand in an `.indented` element behind what they answer. Newer
//! versions name the one answered in a line for screen readers (`.parent`), RDFa of version 7 in `sioc:reply_of`.
//! Source: <https://api.drupal.org/api/drupal/core%21modules%21comment%21templates%21comment.html.twig>.

use std::collections::HashSet;
use std::sync::LazyLock;

use scraper::ElementRef;

use super::parts::{Parts, Row, trailing};
use crate::model::{PageKind, ReplyBasis};
use crate::site::nest::Nest;
use crate::site::{Document, Fragment, Next, Site, SiteError, Verified, View, address, css};

static PARTS: LazyLock<Parts> = LazyLock::new(|| Parts::new(include_str!("../../../data/sites/blogs/drupal.toml")));

/// Drupal's own comments.
#[derive(Debug)]
pub(in crate::site) struct Drupal;

impl Site for Drupal {
    fn name(&self) -> &str {
        "drupal"
    }

    fn reads(&self) -> &str {
        "pages with their comments, versions 6 to 11"
    }

    fn gives(&self) -> &str {
        "ids, parents, authors, dates, states"
    }

    fn hints(&self) -> &[&str] {
        &["comment-by-", "js-comment", "comment-body", "comment/reply", "data-comment-user-id", "comment-published"]
    }

    fn verified(&self) -> Verified {
        Verified::RealPages
    }

    fn claims(&self, view: &View<'_>) -> bool {
        view.html().is_some_and(|html| {
            let signs = css!(
                "meta[name=generator][content^=Drupal], .field-name-comment-body, .field--name-comment-body, [data-comment-user-id], .comment-by-anonymous, a[href*='/comment/reply/'], .indented > .comment"
            );
            html.select(signs).next().is_some() && rows(html).next().is_some()
        })
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        let Some(html) = view.html() else { return Err(SiteError::UnknownJson) };
        let base = view.page.url.as_deref();
        let nest = nested(html);
        let rows = (0..nest.len()).map(|at| row(&nest, at)).collect();
        let fragment = PARTS.fragment(view.page, html, nest, rows, ReplyBasis::Indent);
        Ok(Fragment {
            keys: node_key(html, base.or(fragment.article.url.as_deref())).into_iter().collect(),
            next: further_pages(html, base),
            ..fragment
        })
    }
}

/// The comments; other things are of that class, too, but hold neither who nor what.
fn rows(html: &Document) -> impl Iterator<Item = ElementRef<'_>> {
    PARTS.rows(html).filter(|row| {
        row.select(css!(".submitted, .username, [class*='comment-body'], .content, footer, time, [class*='comment__']"))
            .next()
            .is_some()
    })
}

/// The comments and what belongs to each. Of a comment in two layers, each of the class, the outer is the row: what holds
/// no text but that of the first comment in it.
fn nested(html: &Document) -> Nest<'_> {
    let nest = Nest::new(html, rows(html));
    let text = css!("[class*='comment-body'], [property='schema:text'], .comment__text, .content, footer, .submitted");
    let mut layers = HashSet::new();
    for at in 0..nest.len() {
        if let Some(outer) = nest.parent(at)
            && at == outer + 1
            && nest.all(outer, text).next().is_none()
        {
            layers.insert(nest.record(at).id());
        }
    }
    if layers.is_empty() { nest } else { Nest::new(html, rows(html).filter(|row| !layers.contains(&row.id()))) }
}

fn row(nest: &Nest<'_>, at: usize) -> Row {
    let record = nest.record(at);
    let numbered = |text: &str| {
        let (_, id) = text.rsplit_once("comment-").or_else(|| text.rsplit_once("/comment/"))?;
        let id = id.strip_prefix("id-").unwrap_or(id);
        (!id.is_empty() && trailing(id) == id && id.bytes().all(|b| b.is_ascii_digit())).then(|| id.to_owned())
    };
    // The anchor stands before the comment, where the comment has no id.
    let anchor = || record.prev_siblings().find_map(ElementRef::wrap).filter(|el| el.value().name() == "a");
    let id = record
        .attr("id")
        .and_then(numbered)
        .or_else(|| record.attr("about").and_then(numbered))
        .or_else(|| anchor()?.attr("id").and_then(numbered))
        .or_else(|| nest.own(at).iter().filter(|el| el.value().name() == "a").find_map(|a| numbered(a.attr("id")?)))
        .or_else(|| nest.all(at, css!("a[rel=bookmark], a.permalink, h3 a")).find_map(|a| numbered(a.attr("href")?)));
    let stated = nest
        .all(at, css!("[rel='sioc:reply_of'][resource]"))
        .find_map(|el| numbered(el.attr("resource")?))
        .filter(|parent| Some(parent) != id.as_ref());
    let indents = record
        .ancestors()
        .filter_map(ElementRef::wrap)
        .filter(|el| el.value().classes().any(|class| class == "indented" || class == "indented-comment"))
        .count();
    Row { parent: stated.map(|parent| (parent, ReplyBasis::Stated)), depth: u32::try_from(indents).ok(), id }
}

/// `drupal:HOST/node/ID`: pages of one thread differ in their address' `page`, which elsewhere names an article.
fn node_key(html: &Document, base: Option<&str>) -> Option<String> {
    let host = address::host(base?)?;
    let digits = |text: &str| {
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        (end > 0).then(|| text[..end].to_owned())
    };
    let after = |href: &str, mark: &str| digits(href.split_once(mark)?.1);
    let node = html
        .select(css!("link[rel=shortlink], a[href*='/comment/reply/']"))
        .filter_map(|el| el.attr("href"))
        .find_map(|href| after(href, "/node/").or_else(|| after(href, "/comment/reply/")))?;
    Some(format!("drupal:{}/node/{node}", host.strip_prefix("www.").unwrap_or(&host)))
}

/// The pages of the thread that this one links to.
fn further_pages(html: &Document, base: Option<&str>) -> Vec<Next> {
    let Some(own) = base.and_then(|base| url::Url::parse(base).ok()) else { return Vec::new() };
    let mut found: Vec<Next> = Vec::new();
    for href in html.select(css!(".pager a[href*='page=']")).filter_map(|a| a.attr("href")) {
        let Ok(mut url) = own.join(href) else { continue };
        url.set_fragment(None);
        if url.path() == own.path() && url != own && !found.iter().any(|next| next.request.url == url.as_str()) {
            found.push(Next::needed(url, PageKind::Html));
        }
    }
    found
}
