//! WordPress pages, classic and block themes.
//!
//! Facts: WordPress' `comment_class()` puts `depth-N` on every comment and its walker nests replies up to
//! `thread_comments_depth`, beyond which they print as siblings; descendants of a trashed comment are not printed
//! at all, where the REST API keeps them. So the API is asked first and the comment pages are the fallback.
//! Source: <https://developer.wordpress.org/reference/functions/comment_class/>,
//! <https://developer.wordpress.org/rest-api/reference/comments/>.

use std::collections::{HashMap, HashSet};

use ego_tree::NodeId;
use scraper::node::Element;
use scraper::{ElementRef, Html, Selector};
use url::Url;

use super::words::WORDS;
use super::{Fragment, Origin, Request, Site, SiteError, View, address, article, body, css};
use crate::model::{Author, Comment, CommentState, Moment, PageKind};
use crate::text::dates::DayOrder;

/// WordPress core.
#[derive(Debug)]
pub(super) struct WordPress;

impl Site for WordPress {
    fn name(&self) -> &'static str {
        "wordpress"
    }

    fn reads(&self) -> &'static str {
        "article pages with their comments, classic and block themes, /comment-page-N/"
    }

    fn claims(&self, view: &View<'_>) -> bool {
        view.html().is_some_and(|html| {
            html.select(css!("link[rel='https://api.w.org/'], #comment_post_ID, ol.wp-block-comment-template, ol.commentlist, link[href*='/wp-content/'], meta[name=generator][content^=WordPress]"))
                .next()
                .is_some()
        })
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        let Some(html) = view.html() else { return Err(SiteError::UnknownJson) };
        let page = view.page;
        let base = page.url.as_deref();
        let mut notes = Vec::new();
        let comments = read_comments(html, page.fetched_at.as_ref(), &mut notes);
        let stated_count = stated_count(html);
        if comments.is_empty() && stated_count != Some(0) {
            // A theme or plugin with markup of its own.
            let mut fragment = super::generic::read(view);
            fragment.next = further_requests(html, base);
            fragment.keys.extend(post_key(html, base));
            fragment.stated_count = fragment.stated_count.or(stated_count);
            return Ok(fragment);
        }
        Ok(Fragment {
            keys: post_key(html, base).into_iter().collect(),
            article: article::read(page, html),
            comments,
            stated_count,
            origin: Origin::Markup,
            next: further_requests(html, base),
            notes,
            ..Fragment::default()
        })
    }
}

/// The requests that bring the rest of a WordPress thread: the API, else the linked comment pages.
pub(super) fn further_requests(html: &Html, base: Option<&str>) -> Vec<Request> {
    let pages: Vec<Request> = linked_pages(html, base)
        .into_iter()
        .map(|url| Request { url, expect: PageKind::Html, optional: false, otherwise: Vec::new() })
        .collect();
    match api_request(html, base) {
        Some(url) => vec![Request { url, expect: PageKind::Json, optional: true, otherwise: pages }],
        None => pages,
    }
}

/// `wp:HOST/ID`, which page and API answer share.
pub(super) fn post_key(html: &Html, base: Option<&str>) -> Option<String> {
    let host = api_root(html, base).and_then(|root| address::host(&root)).or_else(|| address::host(base?))?;
    Some(format!("wp:{host}/{}", post_id(html)?))
}

fn api_root(html: &Html, base: Option<&str>) -> Option<String> {
    let root = html.select(css!("link[rel='https://api.w.org/']")).find_map(|link| link.attr("href"))?;
    address::absolute(base, root)
}

fn api_request(html: &Html, base: Option<&str>) -> Option<String> {
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
fn post_id(html: &Html) -> Option<u64> {
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
fn linked_pages(html: &Html, base: Option<&str>) -> Vec<String> {
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

/// What the page says it has.
fn stated_count(html: &Html) -> Option<u64> {
    html.select(css!(".comments-title, .wp-block-comments-title, #comments-title, .comments-heading, #comments > h2, #comments > h3, .comment-count, .comments-count, .comments-link, .comments-number, #comments h2, #comments h3, h3#comments, h2#comments, .comments-area h2, .comments-area h3"))
        .find_map(|element| WORDS.stated_count(&body::line(element)))
}

/// The comments of a page, in its order.
fn read_comments(html: &Html, read_at: Option<&Moment>, notes: &mut Vec<String>) -> Vec<Comment> {
    let order = article::day_order(html);
    let mut rows: Vec<ElementRef<'_>> = html
        .select(css!("[class*='depth-']"))
        .filter(|el| depth_class(el.value()).is_some() && !is_ping(el.value()))
        .collect();
    if rows.is_empty() {
        rows = bare_rows(html);
    }
    let index: HashMap<NodeId, usize> = rows.iter().enumerate().map(|(at, row)| (row.id(), at)).collect();
    let mut names = HashSet::new();
    let ids: Vec<String> = rows
        .iter()
        .enumerate()
        .map(|(at, row)| {
            let own = own_elements(*row, css!("[id*='comment-'], [data-commentid], a[href*='#comment-']"), &index, at);
            let id = std::iter::once(*row).chain(own).find_map(site_id);
            let mut id = id.map_or_else(|| format!("cp{}", at + 1), |id| format!("c{id}"));
            if !names.insert(id.clone()) {
                notes.push(format!("the page shows two comments with the id {}", &id[1..]));
                id = format!("{id}-{}", at + 1);
                names.insert(id.clone());
            }
            id
        })
        .collect();
    rows.iter()
        .enumerate()
        .map(|(at, row)| {
            let parent = row.ancestors().find_map(|node| index.get(&node.id()).copied());
            let depth = depth_class(row.value()).map(|depth| depth.saturating_sub(1));
            let parts = Parts { row: *row, at, index: &index, order, read_at };
            parts.comment(ids[at].clone(), parent.map(|parent| ids[parent].clone()), depth)
        })
        .collect()
}

/// Rows of themes that leave out `comment_class()`: elements with the id of a comment.
fn bare_rows(html: &Html) -> Vec<ElementRef<'_>> {
    html.select(css!("li[id^='comment-'], div[id^='comment-'], article[id^='comment-'], li[id^='li-comment-']"))
        .filter(|el| {
            let id = el.attr("id").unwrap_or_default();
            let numbered =
                id.rsplit('-').next().is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
            numbered
                && !is_ping(el.value())
                && el
                    .select(css!("time, .fn, .comment-author, .comment-meta, .comment-body, .comment-content, cite"))
                    .next()
                    .is_some()
        })
        // The inner of two nested elements with the same comment's id is no row of its own.
        .filter(|el| {
            let own = site_id(*el);
            !el.ancestors()
                .filter_map(ElementRef::wrap)
                .any(|above| above.attr("id").is_some() && site_id(above) == own)
        })
        .collect()
}

fn depth_class(el: &Element) -> Option<u32> {
    el.classes().find_map(|class| class.strip_prefix("depth-")?.parse().ok())
}

/// Pingbacks and trackbacks are announcements of other sites, not comments; the API leaves them out too.
fn is_ping(el: &Element) -> bool {
    el.classes().any(|class| matches!(class, "pingback" | "trackback"))
}

/// The number in `comment-123`, `li-comment-123`, `div-comment-123`, `data-commentid` or `…#comment-123`.
fn site_id(el: ElementRef<'_>) -> Option<String> {
    let digits = |text: &str| (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.to_owned());
    el.attr("id")
        .and_then(|id| {
            id.strip_prefix("li-").or_else(|| id.strip_prefix("div-")).unwrap_or(id).strip_prefix("comment-")
        })
        .and_then(digits)
        .or_else(|| el.attr("data-commentid").and_then(digits))
        .or_else(|| el.attr("href").and_then(|href| digits(href.rsplit_once("#comment-")?.1)))
}

/// Descendants that match and belong to this row, not to a reply inside of it.
fn own_elements<'a>(
    row: ElementRef<'a>,
    selector: &'a Selector,
    index: &'a HashMap<NodeId, usize>,
    at: usize,
) -> impl Iterator<Item = ElementRef<'a>> + 'a {
    row.select(selector).filter(move |el| el.ancestors().find_map(|node| index.get(&node.id()).copied()) == Some(at))
}

/// One comment's row and what is needed to read it.
struct Parts<'a> {
    row: ElementRef<'a>,
    at: usize,
    index: &'a HashMap<NodeId, usize>,
    order: DayOrder,
    read_at: Option<&'a Moment>,
}

impl<'a> Parts<'a> {
    fn own(&self, selector: &'a Selector) -> impl Iterator<Item = ElementRef<'a>> + 'a {
        own_elements(self.row, selector, self.index, self.at)
    }

    fn comment(&self, id: String, reply_to: Option<String>, depth: Option<u32>) -> Comment {
        let body = self.body();
        let read = body.map(|el| body::read(el, |el| is_around_body(el.value()))).unwrap_or_default();
        let pending = self.own(css!(".comment-awaiting-moderation")).next().is_some();
        let number = id.trim_start_matches('c').to_owned();
        Comment {
            depth: depth.or(reply_to.is_none().then_some(0)),
            reply_to,
            author: self.author(),
            posted_at: self.posted_at(),
            text: read.text,
            // A row without a body of its own holds the writer's name, too.
            html: body.filter(|el| el.id() != self.row.id()).map(|el| el.inner_html()),
            quotes: read.quotes,
            votes: None,
            state: if pending { CommentState::Pending } else { CommentState::Visible },
            permalink: self
                .own(css!("a[href*='#comment-']"))
                .filter_map(|a| a.attr("href"))
                .find(|href| href.ends_with(&format!("#comment-{number}")))
                .map(str::to_owned),
            id,
        }
    }

    fn author(&self) -> Option<Author> {
        let exact = css!(
            ".comment-author .fn, .wp-block-comment-author-name, cite.fn, b.fn, .fn, .comment-author-name, .comment-author-link, [itemprop=author] [itemprop=name], .comment__author-name, .comment-name"
        );
        let around = css!(".comment-author, .comment__author, cite, .author, [rel~=external]");
        let name = self
            .own(exact)
            .chain(self.own(around))
            .map(|el| WORDS.author(&body::line(el)).to_owned())
            .find(|name| !name.is_empty() && name.chars().count() <= 200)?;
        let avatar = self.own(css!("img.avatar")).find_map(|img| img.attr("src")).map(str::to_owned);
        Some(Author { name, avatar })
    }

    fn posted_at(&self) -> Option<Moment> {
        let machine = css!("time[datetime], time");
        let printed = css!(
            ".wp-block-comment-date, .comment-date, .comment-time, .comment-metadata a, .comment-meta a, .commentmetadata a, a[href*='#comment-'], .comment-metadata, .comment-meta, .commentmetadata, small, .date"
        );
        self.own(machine).chain(self.own(printed)).find_map(|el| article::moment(el, self.order, self.read_at))
    }

    fn body(&self) -> Option<ElementRef<'a>> {
        let selectors = [
            css!(".comment-content, .wp-block-comment-content, .comment__content"),
            css!(".comment-text, .comment_text, .commenttext, .comment-entry, [itemprop=text], [itemprop=commentText]"),
            css!(".comment-body, .comment__body, .commentbody"),
        ];
        let named = selectors.iter().find_map(|selector| {
            self.own(selector).find(|el| !body::read(*el, |el| is_around_body(el.value())).text.is_empty())
        });
        named.or_else(|| self.row.value().classes().any(|class| class == "comment").then_some(self.row))
    }
}

/// What themes put inside a comment's body that is not its text.
fn is_around_body(el: &Element) -> bool {
    depth_class(el).is_some()
        || el.classes().any(|class| {
            matches!(
                class,
                "comment-author"
                    | "comment-meta"
                    | "commentmetadata"
                    | "comment-metadata"
                    | "comment-awaiting-moderation"
                    | "reply"
                    | "comment-reply-link"
                    | "comment-edit-link"
                    | "comment-actions"
                    | "comment-reply"
                    | "edit-link"
                    | "comment-date"
                    | "comment-header"
                    | "comment-footer"
                    | "children"
                    | "sharedaddy"
                    | "vcard"
                    | "says"
                    | "wp-block-comment-reply-link"
                    | "comment-respond"
                    | "comment-notes"
            )
        })
}
