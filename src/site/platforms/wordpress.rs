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

use crate::model::{Author, Comment, CommentState, Moment, PageKind, ReplyBasis};
use crate::site::naming::name_rows;
use crate::site::words::WORDS;
use crate::site::{
    Fragment, Origin, Request, Site, SiteError, Verified, View, address, article, believable, body, css,
};
use crate::text::dates::DayOrder;

/// WordPress core.
#[derive(Debug)]
pub(in crate::site) struct WordPress;

impl Site for WordPress {
    fn name(&self) -> &str {
        "wordpress"
    }

    fn reads(&self) -> &str {
        "article pages with their comments, classic and block themes, /comment-page-N/"
    }

    fn hints(&self) -> &[&str] {
        &["api.w.org", "wp-content/", "wp-block-comment", "commentlist", "comment_post_ID", "WordPress"]
    }

    fn verified(&self) -> Verified {
        Verified::RealServer
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
pub(in crate::site) fn further_requests(html: &Html, base: Option<&str>) -> Vec<Request> {
    let pages: Vec<Request> = linked_pages(html, base)
        .into_iter()
        .map(|url| Request { url, expect: PageKind::Html, optional: false, otherwise: Vec::new() })
        .collect();
    match api_request(html, base) {
        Some(url) => vec![Request { url, expect: PageKind::Json, optional: true, otherwise: pages }],
        None => pages,
    }
}

/// `wp:ROOT/ID`, which page and API answer share; see [`address::wordpress_root`]. None for a page that does not link
/// its API: which site of a network it belongs to is not known then.
pub(in crate::site) fn post_key(html: &Html, base: Option<&str>) -> Option<String> {
    let root = address::wordpress_root(&api_root(html, base)?)?;
    Some(format!("wp:{root}/{}", post_id(html)?))
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

/// What the page says it has, from the most to the least trusted place.
fn stated_count(html: &Html) -> Option<u64> {
    let places = [
        css!(".comments-title, .wp-block-comments-title, #comments-title, .comments-heading"),
        css!("#comments > h2, #comments > h3, h3#comments, h2#comments"),
        css!("#comments h2, #comments h3, .comments-area h2, .comments-area h3"),
        css!(".comment-count, .comments-count, .comments-number"),
        css!(".comments-link"),
    ];
    // Lists of other articles print their counts, too.
    let aside = |el: &ElementRef<'_>| {
        el.ancestors().filter_map(ElementRef::wrap).any(|above| {
            matches!(above.value().name(), "aside" | "nav")
                || above.value().classes().any(|class| class == "widget")
                || depth_class(above.value()).is_some()
        })
    };
    places.into_iter().find_map(|place| {
        html.select(place)
            .filter(|el| !aside(el))
            .find_map(|element| WORDS.stated_count(&body::line(element)).filter(|count| believable(*count)))
    })
}

/// The comments of a page, in its order.
fn read_comments(html: &Html, read_at: Option<&Moment>, notes: &mut Vec<String>) -> Vec<Comment> {
    let order = article::day_order(html);
    let mut rows: Vec<ElementRef<'_>> = html
        .select(css!("[class*='depth-']"))
        .filter(|el| depth_class(el.value()).is_some() && is_comment(*el) && !is_ping(el.value()))
        .collect();
    if rows.is_empty() {
        rows = bare_rows(html);
    }
    let index: HashMap<NodeId, usize> = rows.iter().enumerate().map(|(at, row)| (row.id(), at)).collect();
    let mut ids = Vec::with_capacity(rows.len());
    let mut parents = Vec::with_capacity(rows.len());
    let mut comments = Vec::with_capacity(rows.len());
    for (at, row) in rows.iter().enumerate() {
        let own = own_elements(*row, css!("[id*='comment-'], [data-commentid], a[href*='#comment-']"), &index, at);
        let id = std::iter::once(*row).chain(own).find_map(site_id);
        let parent = row.ancestors().find_map(|node| index.get(&node.id()).copied());
        let depth = depth_class(row.value()).map(|depth| depth.saturating_sub(1));
        let parts = Parts { row: *row, at, index: &index, order, read_at };
        let mut comment = parts.comment(id.as_deref());
        comment.depth = depth.or(parent.is_none().then_some(0));
        comments.push(comment);
        parents.push(parent);
        ids.push(id);
    }
    let names = name_rows(&ids, &comments, notes);
    for ((comment, parent), name) in comments.iter_mut().zip(parents).zip(&names) {
        comment.id.clone_from(name);
        comment.reply_to = parent.map(|parent| names[parent].clone());
        comment.reply_basis = Some(ReplyBasis::Nesting);
    }
    comments
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

/// Whether a row with a depth is a comment's; menus count their levels, too.
fn is_comment(row: ElementRef<'_>) -> bool {
    let named = row.value().classes().any(|class| {
        class.starts_with("comment-") || matches!(class, "comment" | "bypostauthor" | "byuser" | "byanonymous")
    });
    let children = || row.children().filter_map(ElementRef::wrap);
    let inner = || children().flat_map(|child| child.children().filter_map(ElementRef::wrap));
    named || std::iter::once(row).chain(children()).chain(inner()).any(|el| !is_link(el) && site_id(el).is_some())
}

fn is_link(el: ElementRef<'_>) -> bool {
    el.value().name() == "a"
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

    /// The comment, but for its id and place in the thread.
    fn comment(&self, id: Option<&str>) -> Comment {
        let body = self.body();
        let read = if let Some(el) = body {
            body::read(el, |el| is_around_body(el.value()))
        } else {
            // A row without a body of its own holds the writer's name and the date, too.
            let apart: Vec<NodeId> =
                self.author_element().into_iter().chain(self.date_element()).map(|el| el.id()).collect();
            body::read(self.row, |el| {
                is_around_body(el.value()) || self.index.contains_key(&el.id()) || apart.contains(&el.id())
            })
        };
        let pending = self.own(css!(".comment-awaiting-moderation")).next().is_some();
        Comment {
            author: self.author(),
            posted_at: self.date_element().and_then(|el| article::moment(el, self.order, self.read_at)),
            text: read.text,
            html: body.map(|el| body::html(el, |el| is_around_body(el.value()))),
            quotes: read.quotes,
            state: if pending { CommentState::Pending } else { CommentState::Visible },
            permalink: id.and_then(|id| {
                self.own(css!("a[href*='#comment-']"))
                    .filter_map(|a| a.attr("href"))
                    .find(|href| href.ends_with(&format!("#comment-{id}")))
                    .map(str::to_owned)
            }),
            ..Comment::default()
        }
    }

    fn author(&self) -> Option<Author> {
        let name = author_name(self.author_element()?);
        let avatar = self.own(css!("img.avatar")).find_map(|img| img.attr("src")).map(str::to_owned);
        Some(Author { name, avatar })
    }

    fn author_element(&self) -> Option<ElementRef<'a>> {
        let exact = css!(
            ".comment-author .fn, .wp-block-comment-author-name, cite.fn, b.fn, .fn, .comment-author-name, .comment-author-link, [itemprop=author] [itemprop=name], .comment__author-name, .comment-name"
        );
        let around = css!(".comment-author, .comment__author, cite, .author, [rel~=external]");
        self.own(exact).chain(self.own(around)).find(|el| {
            let name = author_name(*el);
            !name.is_empty() && name.chars().count() <= 200
        })
    }

    fn date_element(&self) -> Option<ElementRef<'a>> {
        let machine = css!("time[datetime], time");
        let printed = css!(
            ".wp-block-comment-date, .comment-date, .comment-time, .comment-metadata a, .comment-meta a, .commentmetadata a, a[href*='#comment-'], .comment-metadata, .comment-meta, .commentmetadata, small, .date"
        );
        self.own(machine).chain(self.own(printed)).find(|el| article::moment(*el, self.order, self.read_at).is_some())
    }

    /// The element that holds the text; one that is there but empty says that the comment is.
    fn body(&self) -> Option<ElementRef<'a>> {
        let selectors = [
            css!(".comment-content, .wp-block-comment-content, .comment__content"),
            css!(".comment-text, .comment_text, .commenttext, .comment-entry, [itemprop=text], [itemprop=commentText]"),
            css!(".comment-body, .comment__body, .commentbody"),
        ];
        selectors.iter().find_map(|selector| {
            self.own(selector)
                .find(|el| !body::read(*el, |el| is_around_body(el.value())).text.is_empty())
                .or_else(|| self.own(selector).next())
        })
    }
}

fn author_name(el: ElementRef<'_>) -> String {
    WORDS.author(&body::line(el)).to_owned()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(list: &str) -> (Vec<Comment>, Vec<String>) {
        let html = Html::parse_document(&format!("<html lang=en><body>{list}</body></html>"));
        let mut notes = Vec::new();
        (read_comments(&html, None, &mut notes), notes)
    }

    fn row(id: &str, name: &str, text: &str) -> String {
        format!(
            "<li class='comment depth-1' {id}><b class=fn>{name}</b><time datetime='2024-05-02'>2 May</time>\
             <div class=comment-content>{text}</div></li>"
        )
    }

    #[test]
    fn rows_without_an_id_are_named_by_what_they_say() {
        let (one, notes) = read(&format!("{}{}{}", row("", "Zoé", "a"), row("", "Zoé", "b"), row("", "Zoé", "b")));
        let (two, _) = read(&row("", "Zoé", "b"));
        assert_eq!((one.len(), notes.len()), (3, 1));
        assert_ne!(one[0].id, two[0].id);
        assert_eq!(one[1].id, two[0].id);
        assert_eq!(one[2].id, format!("{}-2", one[1].id));
    }

    #[test]
    fn two_comments_with_one_id_both_stay() {
        let (comments, notes) = read(&format!("{}{}", row("id=comment-5", "A", "a"), row("id=comment-5", "B", "b")));
        assert_eq!(comments[0].id, "c5");
        assert!(comments[1].id.starts_with("c5-"));
        assert_eq!(notes.len(), 1);
    }

    #[test]
    fn an_empty_comment_has_no_text() {
        assert_eq!(read(&row("id=comment-5", "Ann", "")).0[0].text, "");
        let (bare, _) =
            read("<li class='comment depth-1'><cite>Ann</cite> <small>2 May 2024</small> <p>Hello</p></li>");
        assert_eq!(bare[0].text, "Hello");
    }

    #[test]
    fn menus_hold_no_comments() {
        assert!(read("<li class='menu-item depth-1'><a href='/a#comment-4'>Home</a></li>").0.is_empty());
    }

    #[test]
    fn the_count_of_the_thread_comes_before_those_of_teasers() {
        let html = Html::parse_document(
            "<a class=comments-link>9 comments</a><aside><p class=comments-count>8 comments</p></aside>\
             <div id=comments><h2 class=comments-title>3 comments</h2></div>",
        );
        assert_eq!(stated_count(&html), Some(3));
    }
}
