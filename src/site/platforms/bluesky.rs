//! Bluesky's answers of `app.bsky.feed.getPostThread`: a post with what it answers (`parent`, up to the root) and what
//! answers it (`replies`).
//!
//! A post's record says itself what it answers; links are spans of bytes in its text (`facets`). In place of a post that
//! is gone, or of a writer who blocks, stands `notFoundPost` or `blockedPost`. A post's page, `bsky.app/profile/NAME/post/KEY`,
//! is filled by a script; its address says all the answer is asked with.
//!
//! Source: <https://docs.bsky.app/docs/api/app-bsky-feed-get-post-thread>,
//! <https://docs.bsky.app/docs/advanced-guides/post-richtext>.

use serde_json::Value;

use url::Url;

use crate::model::{Article, Comment, CommentState, Link, PageKind, Span};
use crate::site::deep::preorder;
use crate::site::structured::json_string;
use crate::site::{Fragment, Next, Origin, Site, SiteError, Verified, View, answer, article};

/// Posts above the one asked for that are read; servers send 1,000 at most.
const MOST_ABOVE: usize = 2_000;

/// Bluesky.
#[derive(Debug)]
pub(in crate::site) struct Bluesky;

/// The answer for the post whose page an address is: `https://bsky.app/profile/NAME/post/KEY`. Servers send no more levels.
fn thread_of(address: &str) -> Option<Next> {
    let url = Url::parse(address).ok().filter(|url| url.host_str() == Some("bsky.app"))?;
    let parts: Vec<&str> = url.path_segments()?.filter(|part| !part.is_empty()).collect();
    let &["profile", name, "post", key] = parts.as_slice() else { return None };
    let mut thread = Url::parse("https://public.api.bsky.app/xrpc/app.bsky.feed.getPostThread").ok()?;
    let uri = format!("at://{name}/app.bsky.feed.post/{key}");
    thread.query_pairs_mut().extend_pairs([("uri", uri.as_str()), ("depth", "1000"), ("parentHeight", "1000")]);
    Some(Next::needed(thread, PageKind::Json))
}

impl Site for Bluesky {
    fn name(&self) -> &str {
        "bluesky"
    }

    fn reads(&self) -> &str {
        "answers of app.bsky.feed.getPostThread"
    }

    fn gives(&self) -> &str {
        "ids, parents, authors, dates, votes (likes), states"
    }

    fn verified(&self) -> Verified {
        Verified::Source
    }

    fn hints(&self) -> &[&str] {
        &["bsky"]
    }

    fn claims(&self, view: &View<'_>) -> bool {
        if view.html().is_some() {
            return view.page.url.as_deref().and_then(thread_of).is_some();
        }
        view.json().is_some_and(|json| {
            let thread = &json["thread"];
            thread["$type"].as_str().is_some_and(|kind| kind.starts_with("app.bsky.feed.defs#"))
                || thread["post"]["uri"].as_str().is_some_and(|uri| uri.starts_with("at://"))
        })
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        if let Some(html) = view.html() {
            let next = view.page.url.as_deref().and_then(thread_of);
            let article = article::read(view.page, html);
            return Ok(Fragment { article, next: next.into_iter().collect(), ..Fragment::default() });
        }
        let Some(json) = view.json() else { return Err(SiteError::UnknownJson) };
        let asked = &json["thread"];
        let mut above = Vec::new();
        let mut at = &asked["parent"];
        while at.is_object() && above.len() < MOST_ABOVE {
            above.push(at);
            at = &at["parent"];
        }
        above.reverse();
        let below = preorder(vec![asked], |node| answer::list(&node["replies"]).iter().collect());
        let all: Vec<&Value> = above.into_iter().chain(below.into_iter().map(|(node, _)| node)).collect();
        let (comments, failures) = answer::comments(all.iter().copied(), comment);
        let root = all.iter().find_map(|node| json_string(&node["post"]["record"]["reply"]["root"]["uri"]));
        let root = root.or_else(|| json_string(&asked["post"]["uri"]));
        let first = all.first().map(|node| &node["post"]).filter(|post| post["record"]["reply"].is_null());
        let unsent = |node: &&&Value| {
            let sent = answer::list(&node["replies"]).len() as u64;
            node["post"]["replyCount"].as_u64().is_some_and(|count| count > sent) && node.get("replies").is_none()
        };
        let cut = all.iter().filter(unsent).count();
        let notes = (cut > 0).then(|| format!("{cut} posts have answers that were not sent; ask with a larger depth"));
        Ok(Fragment {
            keys: root.map(|uri| format!("bluesky:{uri}")).into_iter().collect(),
            article: first
                .map(|post| Article {
                    author: json_string(&post["author"]["handle"]),
                    published_at: answer::instant(&post["record"]["createdAt"]),
                    url: permalink(post),
                    ..Article::default()
                })
                .unwrap_or_default(),
            comments,
            origin: Origin::Api,
            failures,
            notes: notes.into_iter().collect(),
            ..Fragment::default()
        })
    }
}

/// The last part of `at://DID/app.bsky.feed.post/KEY`: a time stamp to the microsecond.
fn id(uri: &str) -> Option<String> {
    let key = uri.strip_prefix("at://")?.rsplit('/').next().filter(|key| !key.is_empty())?;
    Some(format!("c{key}"))
}

fn permalink(post: &Value) -> Option<String> {
    let handle = json_string(&post["author"]["handle"])?;
    let key = id(post["uri"].as_str()?)?;
    Some(format!("https://bsky.app/profile/{handle}/post/{}", &key[1..]))
}

fn comment(node: &Value) -> Option<Comment> {
    let gone = match (node["notFound"] == true, node["blocked"] == true) {
        (true, _) => CommentState::Deleted,
        (_, true) => CommentState::Hidden,
        _ => CommentState::Visible,
    };
    if gone != CommentState::Visible {
        return Some(Comment { id: id(node["uri"].as_str()?)?, state: gone, ..Comment::default() });
    }
    let post = &node["post"];
    let record = &post["record"];
    let text = record["text"].as_str()?.to_owned();
    let parent = record["reply"]["parent"]["uri"].as_str().and_then(id);
    Some(
        Comment {
            id: id(post["uri"].as_str()?)?,
            author: answer::author(post["author"]["handle"].as_str()),
            posted_at: answer::instant(&record["createdAt"]).or_else(|| answer::instant(&post["indexedAt"])),
            links: links(record, &text),
            text,
            votes: answer::number(&post["likeCount"]),
            permalink: permalink(post),
            ..Comment::default()
        }
        .answering(parent),
    )
}

/// The links among a record's facets, as far as they are spans of its text.
fn links(record: &Value, text: &str) -> Vec<Link> {
    let mut links: Vec<Link> = answer::list(&record["facets"])
        .iter()
        .filter_map(|facet| {
            let at = |name: &str| usize::try_from(facet["index"][name].as_u64()?).ok();
            let (start, end) = (at("byteStart")?, at("byteEnd")?);
            text.get(start..end).filter(|words| !words.is_empty())?;
            let url = answer::list(&facet["features"]).iter().find_map(|feature| json_string(&feature["uri"]))?;
            Some(Link { span: Span::new(start, end), url })
        })
        .collect();
    links.sort_by_key(|link| link.span.start);
    links
}

#[cfg(test)]
mod tests {
    use crate::site::trial::{page, urls};

    #[test]
    fn a_posts_page_asks_for_its_thread() {
        let shell = "<div id=root></div><script src=https://web-cdn.bsky.app/static/js/main.js></script>";
        let read = page("https://bsky.app/profile/zoe.example/post/3kabc", shell);
        let thread = "https://public.api.bsky.app/xrpc/app.bsky.feed.getPostThread?uri=at%3A%2F%2Fzoe.example%2Fapp.bsky.feed.post%2F3kabc\
                      &depth=1000&parentHeight=1000";
        assert_eq!((read.site.as_str(), urls(&read), read.next[0].optional), ("bluesky", vec![thread], false));
        assert_eq!(page("https://bsky.app/profile/zoe.example", shell).next, []);
    }
}
