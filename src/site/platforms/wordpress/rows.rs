//! Which elements of a WordPress page are comments, and what their attributes say: number, level, the one answered.

use scraper::ElementRef;
use scraper::node::Element;

use crate::model::ReplyBasis;
use crate::site::Document;
use crate::site::css;
use crate::site::nest::Nest;
use crate::site::platforms::parts::{Row, is_aside};

/// The elements that are comments, and how many announcements of other sites stand between them.
pub(super) fn find(html: &Document) -> (Vec<ElementRef<'_>>, usize) {
    let leveled: Vec<ElementRef<'_>> = html
        .select(css!("[class*='depth-']"))
        .filter(|el| depth(el.value()).is_some() && (is_comment(*el) || is_ping(el.value())))
        .collect();
    let mut found = if leveled.is_empty() { bare(html) } else { leveled };
    found.retain(|el| !is_aside(*el) && !above(*el).any(is_aside));
    let all = found.len();
    let comments: Vec<_> = found.into_iter().filter(|el| !is_ping(el.value())).collect();
    let pings = all - comments.len();
    (comments, pings)
}

/// Rows of themes that leave out `comment_class()`: elements with the id of a comment. Of two with the same, one inside
/// the other, the outer is the row.
fn bare(html: &Document) -> Vec<ElementRef<'_>> {
    html.select(css!("li[id*='comment-'], div[id*='comment-'], article[id*='comment-'], section[id*='comment-'], dl[id*='comment-'], tr[id*='comment-']"))
        .filter(|el| el.attr("id").and_then(numbered).is_some())
        .filter(|el| {
            el.select(css!("time, .fn, [class*='comment'], cite, img.avatar, p, a.url")).next().is_some()
        })
        .filter(|el| {
            let own = el.attr("id").and_then(numbered);
            !above(*el).any(|above| above.attr("id").and_then(numbered) == own)
        })
        .collect()
}

/// What a comment's attributes and those of its parts say.
pub(super) fn row(nest: &Nest<'_>, at: usize) -> Row {
    let attribute = |name: &'static str| nest.whole(at).find_map(move |el| el.attr(name).and_then(digits));
    let by_id = || nest.whole(at).filter(|el| !is_link(*el)).find_map(|el| numbered(el.attr("id")?));
    let by_link = || {
        nest.own(at).iter().filter_map(|el| el.attr("href")).find_map(|href| digits(href.rsplit_once("#comment-")?.1))
    };
    let id = by_id().or_else(|| attribute("data-commentid")).or_else(|| attribute("data-comment-id")).or_else(by_link);
    let record = nest.record(at);
    // wpDiscuz numbers its rows `wpd-comm-ID_PARENT`.
    let stated = record
        .attr("id")
        .and_then(|id| digits(id.strip_prefix("wpd-comm-")?.split_once('_')?.1))
        .or_else(|| {
            ["data-parent", "data-parent-id", "data-comment-parent"]
                .into_iter()
                .find_map(|name| digits(record.attr(name)?))
        })
        .filter(|parent| parent != "0" && Some(parent) != id.as_ref());
    Row {
        parent: stated.map(|parent| (parent, ReplyBasis::Stated)),
        depth: depth(record.value()).map(|depth| depth.saturating_sub(1)),
        id,
    }
}

fn above(el: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    el.ancestors().filter_map(ElementRef::wrap)
}

/// Whether a row with a depth is a comment's; menus count their levels, too.
fn is_comment(row: ElementRef<'_>) -> bool {
    let named = row.value().classes().any(|class| {
        class.starts_with("comment-") || matches!(class, "comment" | "bypostauthor" | "byuser" | "byanonymous")
    });
    let children = || row.children().filter_map(ElementRef::wrap);
    let inner = || children().flat_map(|child| child.children().filter_map(ElementRef::wrap));
    named
        || std::iter::once(row)
            .chain(children())
            .chain(inner())
            .any(|el| !is_link(el) && el.attr("id").and_then(numbered).is_some())
}

fn is_link(el: ElementRef<'_>) -> bool {
    el.value().name() == "a"
}

/// The level `comment_class()` gives a row, 1 = answers the article.
pub(super) fn depth(el: &Element) -> Option<u32> {
    el.classes().find_map(|class| class.strip_prefix("depth-")?.parse().ok())
}

/// Pingbacks and trackbacks are announcements of other sites, not comments; the API leaves them out too.
fn is_ping(el: &Element) -> bool {
    el.classes().any(|class| matches!(class, "pingback" | "trackback"))
}

/// The number in `comment-123`, `li-comment-123`, `div-comment-123`, `article-comment-123`, `wpd-comm-123_0`.
fn numbered(id: &str) -> Option<String> {
    if let Some(rest) = id.strip_prefix("wpd-comm-") {
        return digits(rest.split('_').next()?);
    }
    let (_, number) = id.rsplit_once("comment-")?;
    digits(number)
}

fn digits(text: &str) -> Option<String> {
    (!text.is_empty() && text.len() <= 20 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.to_owned())
}
