//! WordPress pages: classic, HTML5 and block themes, and plugins that print comments their own way (wpDiscuz,
//! Jetpack).
//!
//! Facts: WordPress' `comment_class()` puts `depth-N` on every comment and its walker nests replies up to
//! `thread_comments_depth`, beyond which they print as siblings; descendants of a trashed comment are not printed
//! at all, where the REST API keeps them. So the API is asked first and the comment pages are the fallback. Which
//! classes themes give the parts of a comment stands in `data/sites/blogs/wordpress.toml`.
//! Source: <https://developer.wordpress.org/reference/functions/comment_class/>,
//! <https://developer.wordpress.org/rest-api/reference/comments/>.

mod requests;
mod rows;

use std::sync::LazyLock;

pub(in crate::site) use requests::{further_requests, post_key};

use super::parts::{Parts, Reader};
use crate::model::{Comment, Moment, ReplyBasis};
use crate::site::nest::Nest;
use crate::site::{Document, Fragment, Origin, Site, SiteError, Verified, View, article, css, stated, structured};

static PARTS: LazyLock<Parts> =
    LazyLock::new(|| Parts::new(include_str!("../../../../data/sites/blogs/wordpress.toml")));

/// WordPress core.
#[derive(Debug)]
pub(in crate::site) struct WordPress;

impl Site for WordPress {
    fn name(&self) -> &str {
        "wordpress"
    }

    fn reads(&self) -> &str {
        "article pages with their comments: classic and block themes, wpDiscuz, /comment-page-N/"
    }

    fn gives(&self) -> &str {
        "ids, parents, authors, dates, votes, states"
    }

    fn hints(&self) -> &[&str] {
        &[
            "api.w.org",
            "wp-content/",
            "wp-block-comment",
            "commentlist",
            "comment_post_ID",
            "WordPress",
            "wpd-comment",
            "depth-1",
        ]
    }

    fn verified(&self) -> Verified {
        Verified::RealServer
    }

    fn claims(&self, view: &View<'_>) -> bool {
        view.html().is_some_and(|html| {
            html.select(css!("link[rel='https://api.w.org/'], #comment_post_ID, ol.wp-block-comment-template, ol.commentlist, link[href*='/wp-content/'], meta[name=generator][content^=WordPress], .wpd-comment, li.comment.depth-1"))
                .next()
                .is_some()
        })
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        let Some(html) = view.html() else { return Err(SiteError::UnknownJson) };
        let page = view.page;
        let base = page.url.as_deref();
        let article = article::read(page, html);
        let mut notes = Vec::new();
        let comments = read_comments(html, base, page.fetched_at.as_ref(), &mut notes);
        let stated_count = PARTS
            .stated_count(html, |el| rows::depth(el.value()).is_some())
            .or_else(|| stated::stated_count(html, article.title.as_deref()))
            .or_else(|| structured::from_json_ld(html).stated_count);
        Ok(Fragment {
            keys: post_key(html, base).into_iter().collect(),
            article,
            comments,
            stated_count,
            origin: Origin::Markup,
            next: further_requests(html, base),
            notes,
            ..Fragment::default()
        })
    }
}

/// The comments of a page, in its order.
fn read_comments(
    html: &Document,
    base: Option<&str>,
    read_at: Option<&Moment>,
    notes: &mut Vec<String>,
) -> Vec<Comment> {
    let (chosen, pings) = rows::find(html);
    let nest = Nest::new(html, chosen);
    let rows = (0..nest.len()).map(|at| rows::row(&nest, at)).collect();
    let reader =
        Reader { parts: &PARTS, nest, order: article::day_order(html), read_at, base, levels: ReplyBasis::Depth };
    if pings > 0 {
        notes.push(format!("{pings} pingbacks and trackbacks are left out; the page's own count may include them"));
    }
    reader.thread(rows, notes)
}

#[cfg(test)]
mod tests {
    use scraper::Html;

    use super::*;

    fn read(list: &str) -> (Vec<Comment>, Vec<String>) {
        let html = Document::from(Html::parse_document(&format!("<html lang=en><body>{list}</body></html>")));
        let mut notes = Vec::new();
        (read_comments(&html, None, None, &mut notes), notes)
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
        let html = Document::from(Html::parse_document(
            "<a class=comments-link>9 comments</a><aside><p class=comments-count>8 comments</p></aside>\
             <div id=comments><h2 class=comments-title>3 comments</h2></div>",
        ));
        assert_eq!(PARTS.stated_count(&html, |_| false), Some(3));
    }
}
