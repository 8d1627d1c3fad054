//! What a WordPress page says of where the rest of its thread is: the API, and its further comment pages.

use std::collections::HashSet;

use url::Url;

use crate::model::PageKind;
use crate::site::{Document, Next, address, css};

/// The requests that bring the rest of a WordPress thread: the API, else the linked comment pages.
pub(in crate::site) fn further_requests(html: &Document, base: Option<&str>) -> Vec<Next> {
    let pages: Vec<Next> = linked_pages(html, base).into_iter().map(|url| Next::needed(url, PageKind::Html)).collect();
    match api_request(html, base) {
        Some(url) => vec![Next { otherwise: pages, ..Next::optional(url, PageKind::Json) }],
        None => pages,
    }
}

/// `wp:ROOT/ID`, which page and API answer share; see [`address::wordpress_root`]. None for a page that does not link
/// its API: which site of a network it belongs to is not known then.
pub(in crate::site) fn post_key(html: &Document, base: Option<&str>) -> Option<String> {
    let root = address::wordpress_root(&api_root(html, base)?)?;
    Some(format!("wp:{root}/{}", post_id(html)?))
}

fn api_root(html: &Document, base: Option<&str>) -> Option<String> {
    let root = html.select(css!("link[rel='https://api.w.org/']")).find_map(|link| link.attr("href"))?;
    address::absolute(base, root)
}

fn api_request(html: &Document, base: Option<&str>) -> Option<String> {
    let id = post_id(html)?;
    let root = api_root(html, base)?;
    let query = format!("post={id}&per_page=100&page=1&order=asc&orderby=id");
    Some(if root.contains("rest_route=") {
        format!("{root}wp/v2/comments&{query}")
    } else {
        format!("{}/wp/v2/comments?{query}", root.trim_end_matches('/'))
    })
}

/// The article's number: its API address, short link, the comment form or the body's class.
fn post_id(html: &Document) -> Option<u64> {
    let digits = |text: &str| -> Option<u64> {
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        text[..end].parse().ok()
    };
    html.select(css!("link[rel=alternate][type='application/json']"))
        .filter_map(|link| link.attr("href"))
        .find_map(|href| {
            href.rsplit_once("/posts/").or_else(|| href.rsplit_once("/pages/")).and_then(|(_, id)| digits(id))
        })
        .or_else(|| {
            html.select(css!("link[rel=shortlink]"))
                .filter_map(|link| link.attr("href"))
                .find_map(|href| href.rsplit_once("?p=").and_then(|(_, id)| digits(id)))
        })
        .or_else(|| html.select(css!("#comment_post_ID")).find_map(|input| digits(input.attr("value")?)))
        .or_else(|| {
            let body = html.select(css!("body")).next()?;
            body.value().classes().find_map(|class| class.strip_prefix("postid-").and_then(digits))
        })
}

/// Other comment pages this page links to.
fn linked_pages(html: &Document, base: Option<&str>) -> Vec<String> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let own = base.and_then(|base| Url::parse(base).ok());
    for link in html.select(css!("a[href*='comment-page-'], a[href*='cpage='], link[rel=next], link[rel=prev]")) {
        let Some(mut url) =
            link.attr("href").and_then(|href| address::absolute(base, href)).and_then(|u| Url::parse(&u).ok())
        else {
            continue;
        };
        let is_page = url.path().contains("/comment-page-") || url.query().is_some_and(|q| q.contains("cpage="));
        // A link of a comment leads to its page with the fragment of the comment; the page is what counts.
        url.set_fragment(None);
        let same_article = own.as_ref().is_none_or(|own| address::key(own.as_str()) == address::key(url.as_str()));
        if is_page && same_article && own.as_ref() != Some(&url) && seen.insert(url.clone()) {
            found.push(url.to_string());
        }
    }
    found
}
