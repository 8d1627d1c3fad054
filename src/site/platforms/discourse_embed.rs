//! Discourse under articles of other sites: `DiscourseEmbed = {discourseUrl, topicId}` names the topic, `discourseEmbedUrl` the
//! article, for which the forum has a page (`/embed/comments?embed_url=…`) with the first posts and links to the topic.
//!
//! A post of that page is `article.post`; its date links to the post and says its number in the topic, by which all forms of
//! a topic know it. The topic's answer `/t/ID.json` is asked for in either case: the page has no more than a part.
//! Source: <https://meta.discourse.org/t/embed-discourse-comments-on-another-website-via-javascript/31963>,
//! <https://github.com/discourse/discourse/blob/main/app/views/embed/comments.html.erb>.

use url::Url;

use super::discourse::Place;
use super::discourse_markup;
use crate::model::{Author, Comment, PageKind};
use crate::site::embeds::{Elsewhere, Embedding};
use crate::site::{Document, Fragment, Next, Origin, View, address, article, body, css};

/// The topic of an article's page.
pub(in crate::site) fn elsewhere(page: &Embedding<'_>) -> Option<Elsewhere> {
    const EMBED: &str = "DiscourseEmbed";
    let root = address::absolute(page.address, &page.setting(EMBED, &["discourseUrl"])?)?;
    let root = root.trim_end_matches('/');
    if let Some(id) = page.setting(EMBED, &["topicId"]).and_then(|id| id.parse::<u64>().ok()) {
        let place = Place::of(Some(&format!("{root}/t/{id}")));
        return Some(Elsewhere { keys: place.keys(None), next: topic(&place).into_iter().collect() });
    }
    let url = page.setting(EMBED, &["discourseEmbedUrl"]).or_else(|| page.address.map(str::to_owned))?;
    let mut embed = Url::parse(&format!("{root}/embed/comments")).ok()?;
    embed.query_pairs_mut().append_pair("embed_url", &url);
    Some(Elsewhere { keys: key(root, &url).into_iter().collect(), next: vec![Next::needed(embed, PageKind::Html)] })
}

/// What an article's page and the forum's page for it share.
fn key(root: &str, url: &str) -> Option<String> {
    Some(format!("discourse:{}#{}", address::host(root)?, address::key(url)?))
}

fn topic(place: &Place) -> Option<Next> {
    Some(Next::needed(format!("{}/t/{}.json", place.root.as_ref()?, place.id?), PageKind::Json))
}

/// Whether a page is the one a forum has for an article; without posts, a button leads to the topic.
pub(super) fn is_embed(html: &Document) -> bool {
    html.select(css!("article.post a.post-date[href*='/t/'], header.discourse a.button[href*='/t/']")).next().is_some()
}

/// The page a forum has for an article.
pub(super) fn page(view: &View<'_>, html: &Document) -> Fragment {
    let base = view.page.url.as_deref();
    let order = article::day_order(html);
    let mut place = Place::default();
    let mut comments = Vec::new();
    for row in html.select(css!("article.post")) {
        let Some(date) = row.select(css!("a.post-date[href*='/t/']")).next() else { continue };
        let Some(link) = date.attr("href").and_then(|href| address::absolute(base, href)) else { continue };
        let Some(number) = link.trim_end_matches('/').rsplit('/').next().and_then(|number| number.parse::<u64>().ok())
        else {
            continue;
        };
        place = place.or(Place::of(Some(&link)));
        let name = row.select(css!(".username a")).next().map(body::line).filter(|name| !name.is_empty());
        let mut comment = Comment {
            id: format!("c{number}"),
            author: name.map(|name| Author { name, avatar: None }),
            posted_at: article::moment(date, order, view.page.fetched_at.as_ref()),
            permalink: Some(link),
            ..Comment::default()
        };
        if let Some(content) = row.select(css!(".cooked")).next() {
            let is_frame = |el: scraper::ElementRef<'_>| {
                el.value().classes().any(|class| matches!(class, "username" | "post-replies"))
            };
            discourse_markup::cooked(&body::html(content, is_frame)).fill(&mut comment);
        }
        comments.push(comment);
    }
    let button = html.select(css!("header.discourse a.button[href*='/t/']")).find_map(|a| a.attr("href"));
    let linked = Place::of(button.and_then(|href| address::absolute(base, href)).as_deref());
    let place = place.or(linked);
    let mut keys = place.keys(None);
    let asked = base.and_then(|base| key(base, &address::parameter(base, "embed_url")?));
    keys.extend(asked);
    Fragment {
        keys,
        comments,
        origin: Origin::Markup,
        next: topic(&place).into_iter().collect(),
        ..Fragment::default()
    }
}

#[cfg(test)]
mod tests {
    use crate::site::trial::{page, urls};

    #[test]
    fn a_page_that_names_its_topic_asks_for_it() {
        let body = "<div id=discourse-comments></div><script>DiscourseEmbed = { discourseUrl: 'https://forum.example/', topicId: 705 };</script>";
        let read = page("https://blog.example/a", body);
        assert_eq!((urls(&read), read.next[0].optional), (vec!["https://forum.example/t/705.json"], false));
        assert_eq!(read.keys[0], "discourse:forum.example/705");
        assert_eq!(read.failures[0].reason, "needs_script");
    }

    #[test]
    fn a_page_that_names_itself_leads_to_the_topic() {
        let body = "<div id=discourse-comments></div><script>DiscourseEmbed = { discourseUrl: 'https://forum.example/',
            discourseEmbedUrl: 'https://blog.example/a' };</script>";
        let read = page("https://blog.example/a?x=1", body);
        let embed = "https://forum.example/embed/comments?embed_url=https%3A%2F%2Fblog.example%2Fa";
        assert_eq!(urls(&read), [embed]);
        let embedded = "<header><a class='title button' href='/t/le-marche/705'>Discussion</a></header>
            <article class=post id=post-91><a class=post-date href='https://forum.example/t/le-marche/705/2' title='2026-01-02T03:04:05Z'>2 Jan</a>
            <div class=cooked><h3 class=username><a href=/u/zoe>zoe</a></h3><p>Enfin !</p></div></article>";
        let shown = page(embed, embedded);
        assert_eq!((shown.site.as_str(), urls(&shown)), ("discourse", vec!["https://forum.example/t/705.json"]));
        assert_eq!((shown.comments[0].id.as_str(), shown.comments[0].text.as_str()), ("c2", "Enfin !"));
        assert_eq!(shown.comments[0].author.as_ref().unwrap().name, "zoe");
        assert!(shown.keys.contains(&read.keys[0]) && shown.keys[0] == "discourse:forum.example/705");
        let none = "<header class=discourse><a class=button href='/t/le-marche/705'>Discuter</a><span class=replies>0</span></header>";
        let shown = page(embed, none);
        assert_eq!((urls(&shown), shown.comments.len()), (vec!["https://forum.example/t/705.json"], 0));
    }
}
