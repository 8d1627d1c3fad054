//! Discourse: topic pages as served to crawlers and as a browser shows them, and the answers `/t/ID.json` and
//! `/t/ID/posts.json`.
//!
//! What a server sends to a reader without scripts (inside `<noscript>`) or to a crawler: `div#post_N.crawler-post` with
//! microdata; answers and likes, but no parents. What a browser makes of it: `article#post_N[data-post-id]` with
//! `.cooked`, where a post that answers the one right above it does not say so. Both carry `#data-preloaded`, JSON
//! that holds the topic as a JSON text once more, with all fields of the API: it is read first, and the markup fills
//! what it lacks. Posts are known by their number in the topic, which all forms share, links and quotes too.
//!
//! Source: <https://docs.discourse.org/#tag/Topics/operation/getTopic>,
//! <https://github.com/discourse/discourse/blob/main/app/views/topics/show.html.erb>,
//! <https://github.com/discourse/discourse/tree/main/frontend/discourse/app/components/post>.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::Value;
use url::Url;

use super::{discourse_embed, discourse_markup};
use crate::model::{Article, Comment, CommentState, PageKind};
use crate::site::structured::{json_string, plain};
use crate::site::{Document, Fragment, Next, Origin, Site, SiteError, Verified, View, address, answer, article, css};

/// The kind of a post that says what was done to the topic.
const SMALL_ACTION: i64 = 3;
/// The kind of a post only staff may see.
const WHISPER: i64 = 4;
/// What the API calls a like among the things readers do to a post.
const LIKE: i64 = 2;
/// How many posts the API gives at a time.
const CHUNK: usize = 20;

/// Discourse forums.
#[derive(Debug)]
pub(in crate::site) struct Discourse;

impl Site for Discourse {
    fn name(&self) -> &str {
        "discourse"
    }

    fn reads(&self) -> &str {
        "topic pages, with and without scripts; answers of /t/ID.json and /t/ID/posts.json"
    }

    fn gives(&self) -> &str {
        "ids, parents (from the answers and the data in pages), authors, dates, votes, states, edits, quotes"
    }

    fn verified(&self) -> Verified {
        Verified::RealPages
    }

    fn hints(&self) -> &[&str] {
        &["crawler-post", "data-preloaded", "onscreen-post", "post-date", "discourse"]
    }

    fn claims(&self, view: &View<'_>) -> bool {
        match (view.html(), view.json()) {
            (Some(html), _) => {
                html.select(css!(
                    ".crawler-post, article.onscreen-post[data-post-id], article[data-post-id][data-topic-id]"
                ))
                .next()
                .is_some()
                    || preloaded(html, None).is_some()
                    || discourse_embed::is_embed(html)
            }
            (_, Some(json)) => json["post_stream"]["posts"].is_array(),
            _ => false,
        }
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        match (view.html(), view.json()) {
            (Some(html), _) if discourse_embed::is_embed(html) => Ok(discourse_embed::page(view, html)),
            (Some(html), _) => Ok(page(view, html)),
            (_, Some(json)) => Ok(topic(json, Place::of(view.page.url.as_deref()))),
            _ => Err(SiteError::UnknownJson),
        }
    }
}

/// Where a topic lives.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// All of its address before `/t/`.
    pub(super) root: Option<String>,
    /// Its number.
    pub(super) id: Option<u64>,
}

impl Place {
    /// Reads `ROOT/t/SLUG/ID/POST`, `ROOT/t/ID`, `ROOT/t/ID.json` or `ROOT/t/ID/posts.json`.
    pub(super) fn of(address: Option<&str>) -> Self {
        let Some(url) = address.and_then(|address| Url::parse(address).ok()) else { return Self::default() };
        let Some((root, rest)) = url.path().split_once("/t/") else { return Self::default() };
        let id = rest.split(['/', '.']).find_map(|part| part.parse().ok());
        let root = url.host_str().map(|_| format!("{}{root}", url.origin().ascii_serialization()));
        Self { root, id }
    }

    pub(super) fn or(self, other: Self) -> Self {
        Self { root: self.root.or(other.root), id: self.id.or(other.id) }
    }

    /// What page and answers share: host and number; where no address says the host, the topic's number and birth.
    pub(super) fn keys(&self, created_at: Option<&str>) -> Vec<String> {
        let Some(id) = self.id else { return Vec::new() };
        let host = self.root.as_deref().and_then(address::host);
        let at = |seconds: &str| format!("discourse:{id}@{seconds}");
        host.map(|host| format!("discourse:{host}/{id}"))
            .into_iter()
            .chain(created_at.and_then(|date| date.get(..19)).map(at))
            .collect()
    }
}

/// The address of a topic without the number of the post it was entered at: `/t/SLUG/TOPIC/POST`.
fn without_post(url: &str) -> String {
    let Some((before, rest)) = url.split_once("/t/") else { return url.to_owned() };
    let parts: Vec<&str> = rest.split(['?', '#']).next().unwrap_or_default().split('/').collect();
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let topic = parts.iter().take(2).position(is_number);
    topic.map_or_else(|| url.to_owned(), |at| format!("{before}/t/{}", parts[..=at].join("/")))
}

/// A topic page: the data it carries and its markup, joined.
fn page(view: &View<'_>, html: &Document) -> Fragment {
    let base = view.page.url.as_deref();
    let mut article = article::read(view.page, html);
    // The opening post is a comment like others.
    article.body = None;
    article.url = article.url.map(|url| without_post(&url));
    let shown = html.select(css!("[data-topic-id]")).find_map(|el| el.attr("data-topic-id")?.parse().ok());
    let place = Place { id: shown, root: None }.or(Place::of(base)).or(Place::of(article.url.as_deref()));
    let marked = discourse_markup::posts(html, view.page, place.id);
    let Some(topic_data) = preloaded(html, place.id) else {
        let created = marked.get(&1).and_then(|post| post.posted_at.as_ref()).map(|moment| moment.iso.clone());
        return Fragment {
            keys: place.keys(created.as_deref()),
            comments: marked.into_values().collect(),
            origin: Origin::Markup,
            next: linked_pages(html, base.or(article.url.as_deref())),
            article,
            ..Fragment::default()
        };
    };
    let read = topic(&topic_data, place);
    let silent: HashSet<u64> = answer::list(&topic_data["post_stream"]["posts"])
        .iter()
        .filter(|post| is_silent(post))
        .filter_map(|post| post["post_number"].as_u64())
        .collect();
    let number = |comment: &Comment| comment.id[1..].parse::<u64>().unwrap_or(u64::MAX);
    let mut posts: BTreeMap<u64, Comment> =
        read.comments.into_iter().map(|comment| (number(&comment), comment)).collect();
    for (number, post) in marked {
        match posts.get_mut(&number) {
            Some(known) => fill(known, post),
            // What the data says was done to the topic stands in the markup, too.
            None if silent.contains(&number) => {}
            None => drop(posts.insert(number, post)),
        }
    }
    Fragment {
        article: Article { title: read.article.title.or(article.title), ..article },
        comments: posts.into_values().collect(),
        origin: Origin::Markup,
        ..read
    }
}

/// What the markup knows and the data does not.
fn fill(known: &mut Comment, marked: Comment) {
    if known.text.is_empty() && known.state == CommentState::Visible {
        (known.text, known.html) = (marked.text, marked.html);
        (known.quotes, known.links) = (marked.quotes, marked.links);
    }
    known.author = known.author.take().or(marked.author);
    known.posted_at = known.posted_at.take().or(marked.posted_at);
    known.votes = known.votes.or(marked.votes);
    if known.state == CommentState::Visible {
        known.state = marked.state;
    }
}

/// The topic among the data a page carries for its scripts: the one shown, or the only one.
fn preloaded(html: &Document, shown: Option<u64>) -> Option<Value> {
    let data = html.select(css!("#data-preloaded")).find_map(|el| el.attr("data-preloaded"))?;
    let data: Value = serde_json::from_str(data).ok()?;
    let mut topics = data.as_object()?.iter().filter_map(|(key, topic)| {
        let id: u64 = key.strip_prefix("topic_")?.parse().ok()?;
        // A browser that went on to another topic without loading anew keeps the data of the first.
        shown.is_none_or(|shown| shown == id).then_some(topic)
    });
    let (first, second) = (topics.next()?, topics.next());
    let topic: Value = serde_json::from_str(first.as_str()?).ok()?;
    (second.is_none() && topic["post_stream"]["posts"].is_array()).then_some(topic)
}

/// A topic as the API gives it.
fn topic(topic: &Value, place: Place) -> Fragment {
    let place = Place { id: topic["id"].as_u64(), root: None }.or(place);
    let stream = &topic["post_stream"];
    let all = answer::list(&stream["posts"]);
    let root = place.root.as_deref();
    let (comments, failures) = answer::comments(all.iter().filter(|post| !is_silent(post)), |value| post(value, root));
    let silent = all.iter().filter(|post| is_silent(post)).count();
    let notes = (silent > 0).then(|| format!("{silent} posts that only say what was done to the topic were left out"));
    let title = json_string(&topic["title"]).or_else(|| json_string(&topic["fancy_title"]).map(|title| plain(&title)));
    let slug = topic["slug"].as_str();
    let url = root.zip(place.id).map(|(root, id)| match slug {
        Some(slug) => format!("{root}/t/{slug}/{id}"),
        None => format!("{root}/t/{id}"),
    });
    Fragment {
        keys: place.keys(topic["created_at"].as_str()),
        article: Article { title, url, published_at: answer::instant(&topic["created_at"]), ..Article::default() },
        comments,
        stated_count: topic["posts_count"].as_u64().map(|count| count.saturating_sub(silent as u64)),
        origin: Origin::Api,
        failures,
        next: further_posts(stream, &place),
        notes: notes.into_iter().collect(),
        ..Fragment::default()
    }
}

/// Whether a post only says what was done to the topic ("pinned", "moved"), without a word of its own.
fn is_silent(post: &Value) -> bool {
    post["post_type"].as_i64() == Some(SMALL_ACTION)
        && post["cooked"].as_str().is_none_or(|html| html.trim().is_empty())
}

/// A post of the API; none without a number.
fn post(post: &Value, root: Option<&str>) -> Option<Comment> {
    let number = answer::number(&post["post_number"]).filter(|number| *number > 0)?;
    let parent = answer::number(&post["reply_to_post_number"]).filter(|parent| *parent > 0 && *parent != number);
    let deleted = post["user_deleted"] == true || post["deleted_at"].is_string();
    let hidden = post["hidden"] == true || post["post_type"].as_i64() == Some(WHISPER);
    let mut comment = Comment {
        id: format!("c{number}"),
        author: answer::author(post["username"].as_str()),
        posted_at: answer::instant(&post["created_at"]),
        votes: Some(likes(post)),
        state: match (deleted, hidden) {
            (true, _) => CommentState::Deleted,
            (_, true) => CommentState::Hidden,
            _ => CommentState::Visible,
        },
        permalink: json_string(&post["post_url"]).and_then(|url| address::absolute(Some(root?), &url).or(Some(url))),
        ..Comment::default()
    }
    .answering(parent.map(|parent| format!("c{parent}")));
    // In place of a post that its writer deleted, or that is hidden, stand the forum's words, not the writer's.
    let is_notice = post["user_deleted"] == true || post["cooked_hidden"] == true;
    if let Some(html) = post["cooked"].as_str().filter(|_| !is_notice) {
        discourse_markup::cooked(html).fill(&mut comment);
        comment.html = Some(html.to_owned());
    }
    // The first version is 1; Discourse counts none for a quick correction.
    if post["version"].as_i64().is_some_and(|version| version > 1) && !is_notice {
        comment.edited = true;
        comment.edited_at = answer::instant(&post["updated_at"]);
    }
    Some(comment)
}

/// Only what was done at least once is listed, so that no like in the list means none.
fn likes(post: &Value) -> i64 {
    answer::list(&post["actions_summary"])
        .iter()
        .find(|action| action["id"].as_i64() == Some(LIKE))
        .and_then(|action| answer::number(&action["count"]))
        .or_else(|| answer::number(&post["reaction_users_count"]))
        .unwrap_or(0)
}

/// Requests for the posts that the stream names and the answer does not hold.
fn further_posts(stream: &Value, place: &Place) -> Vec<Next> {
    let (Some(root), Some(id)) = (&place.root, place.id) else { return Vec::new() };
    let here: HashSet<u64> = answer::list(&stream["posts"]).iter().filter_map(|post| post["id"].as_u64()).collect();
    let missing: Vec<u64> =
        answer::list(&stream["stream"]).iter().filter_map(Value::as_u64).filter(|id| !here.contains(id)).collect();
    let request = |ids: &[u64]| {
        let query: Vec<String> = ids.iter().map(|id| format!("post_ids%5B%5D={id}")).collect();
        let url = format!("{root}/t/{id}/posts.json?{}", query.join("&"));
        Next::needed(url, PageKind::Json)
    };
    missing.chunks(CHUNK).map(request).collect()
}

/// The pages before and after this one.
fn linked_pages(html: &Document, base: Option<&str>) -> Vec<Next> {
    html.select(css!("link[rel=next], link[rel=prev], a[rel=next], a[rel=prev]"))
        .filter_map(|link| address::absolute(base, link.attr("href")?))
        .filter(|url| Place::of(Some(url)) == Place::of(base) && Some(url.as_str()) != base)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .map(|url| Next::needed(url, PageKind::Html))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Page;

    fn read(url: Option<&str>, kind: PageKind, body: &str) -> Fragment {
        crate::site::read(&Page {
            source: String::new(),
            url: url.map(str::to_owned),
            fetched_at: None,
            frame_of: None,
            posted: None,
            kind,
            headers: std::collections::BTreeMap::default(),
            body: body.to_owned(),
        })
        .unwrap()
    }

    const TOPIC: &str = r#"{"id":9,"created_at":"2026-01-02T03:04:05.678Z","posts_count":30,"post_stream":{
        "posts":[{"id":1,"post_number":1,"cooked":"<p>a</p>"}],"stream":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22]}}"#;

    #[test]
    fn what_the_stream_names_and_the_answer_lacks_is_asked_for() {
        let read = read(Some("https://x.example/forum/t/9.json"), PageKind::Json, TOPIC);
        assert_eq!(read.keys, ["discourse:x.example/9", "discourse:9@2026-01-02T03:04:05"]);
        assert_eq!(read.next.len(), 2);
        assert!(
            read.next[0]
                .request
                .url
                .starts_with("https://x.example/forum/t/9/posts.json?post_ids%5B%5D=2&post_ids%5B%5D=3")
        );
        assert!(read.next[1].request.url.ends_with("posts.json?post_ids%5B%5D=22"));
    }

    #[test]
    fn data_of_another_topic_than_the_one_shown_is_not_believed() {
        let page = |id: u64| {
            let data = serde_json::json!({ "topic_9": TOPIC }).to_string().replace('&', "&amp;").replace('"', "&quot;");
            format!(
                "<div id=data-preloaded data-preloaded=\"{data}\"></div><article class=onscreen-post id=post_2 \
                 data-post-id=2 data-topic-id={id}><div class=cooked>b</div></article>"
            )
        };
        let texts = |id| -> Vec<String> {
            read(None, PageKind::Html, &page(id)).comments.into_iter().map(|comment| comment.text).collect()
        };
        assert_eq!((texts(9), texts(8)), (vec!["a".to_owned(), "b".to_owned()], vec!["b".to_owned()]));
    }

    #[test]
    fn pages_of_the_same_topic_follow() {
        let page = "<link rel=next href='/t/a/9?page=3'><link rel=prev href='/t/a/9'><a rel=next href='/t/b/10?page=2'>x</a>\
                    <div class=crawler-post id=post_21><time class=post-time datetime='2026-01-02T03:04:05Z'></time>\
                    <div class=post itemprop=text>a</div></div>";
        let read = read(Some("https://x.example/t/a/9?page=2"), PageKind::Html, page);
        let next: Vec<&str> = read.next.iter().map(|next| next.request.url.as_str()).collect();
        assert_eq!(next, ["https://x.example/t/a/9", "https://x.example/t/a/9?page=3"]);
    }
}
