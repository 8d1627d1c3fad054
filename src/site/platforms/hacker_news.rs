//! Hacker News' answers: Algolia's `items/ID` (a whole tree), Algolia's search (`hits`), and single items of Firebase.
//!
//! A story is the article, its text the article's body. Firebase names the `kids` of an item without sending them; each
//! answer knows only its own parent, so that a thread is joined by chains of keys `hn:ID`. Texts are HTML whose
//! paragraphs `<p>` separates. A dead item is one that moderators or flags hid.
//!
//! Source: <https://github.com/HackerNews/API>, <https://hn.algolia.com/api>.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::model::{Article, Comment, CommentState, Page, PageKind};
use crate::site::deep::preorder;
use crate::site::structured::{json_string, plain};
use crate::site::{Fragment, Next, Origin, Site, SiteError, Verified, View, address, answer};

const ITEM: &str = "https://news.ycombinator.com/item?id=";

/// Hacker News.
#[derive(Debug)]
pub(in crate::site) struct HackerNews;

impl Site for HackerNews {
    fn name(&self) -> &str {
        "hackernews"
    }

    fn reads(&self) -> &str {
        "answers of hn.algolia.com (items/ID, search) and of Firebase (item/ID.json, one or a list of them)"
    }

    fn gives(&self) -> &str {
        "ids, parents, authors, dates, votes, states"
    }

    fn verified(&self) -> Verified {
        Verified::Source
    }

    fn claims(&self, view: &View<'_>) -> bool {
        view.json().is_some_and(|json| is_hits(json) || items(json).first().is_some_and(|item| is_item(item)))
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        let Some(json) = view.json() else { return Err(SiteError::UnknownJson) };
        if is_hits(json) {
            return Ok(hits(json, view.page));
        }
        Ok(tree(&items(json), view.page))
    }
}

fn items(json: &Value) -> Vec<&Value> {
    match json {
        Value::Array(values) => values.iter().collect(),
        item => vec![item],
    }
}

/// Whether a value is an item of Algolia or of Firebase.
fn is_item(item: &Value) -> bool {
    let kind = matches!(item["type"].as_str(), Some("story" | "comment" | "job" | "poll" | "pollopt"));
    let algolia = item["children"].is_array() && item.get("created_at_i").is_some();
    let firebase = item["time"].is_number() && item.get("children").is_none();
    item["id"].is_number() && kind && (algolia || firebase)
}

fn is_hits(json: &Value) -> bool {
    let of_hn =
        |hit: &Value| hit["objectID"].is_string() && hit.get("story_id").is_some() && hit.get("created_at_i").is_some();
    answer::list(&json["hits"]).first().is_some_and(of_hn)
}

/// One or more items, each with what stands below it.
fn tree(roots: &[&Value], page: &Page) -> Fragment {
    let all: Vec<&Value> = preorder(roots.to_vec(), |item| answer::list(&item["children"]).iter().collect())
        .into_iter()
        .map(|(item, _)| item)
        .collect();
    let is_post = |item: &&&Value| matches!(item["type"].as_str(), Some("story" | "job" | "poll"));
    let story = all.iter().find(is_post).copied();
    let posts: BTreeSet<String> = all.iter().filter(is_post).filter_map(|item| answer::id(&item["id"])).collect();
    let said: Vec<&Value> = all
        .iter()
        .copied()
        .filter(|item| item["type"] == "comment" || item["type"].is_null() || !item.is_object())
        .collect();
    // Where a comment stands inside another, the place says what it answers, should it not say so itself.
    let mut above: BTreeMap<String, String> = BTreeMap::new();
    for item in &all {
        for child in answer::list(&item["children"]) {
            if let (Some(parent), Some(child)) = (answer::id(&item["id"]), answer::id(&child["id"])) {
                above.insert(child, parent);
            }
        }
    }
    let story_id = |item: &Value| answer::id(&item["story_id"]);
    let (comments, failures) = answer::comments(said, |item| {
        let id = answer::id(&item["id"])?;
        let parent = ["parent_id", "parent"].into_iter().find_map(|field| answer::id(&item[field]));
        let parent = parent
            .or_else(|| above.get(&id).cloned())
            .filter(|parent| !posts.contains(parent) && story_id(item).as_ref() != Some(parent));
        Some(comment(item, &id, parent, &["text"]))
    });
    // Each item's own number and what it answers or belongs to.
    let keys: BTreeSet<String> = roots
        .iter()
        .flat_map(|item| ["id", "parent", "parent_id", "story_id"].map(|field| answer::id(&item[field])))
        .flatten()
        .map(|id| format!("hn:{id}"))
        .collect();
    Fragment {
        keys: keys.into_iter().collect(),
        article: story.map(article).unwrap_or_default(),
        article_id: story.and_then(|story| Some(format!("c{}", answer::id(&story["id"])?))),
        comments,
        stated_count: story.and_then(|story| story["descendants"].as_u64()),
        origin: Origin::Api,
        failures,
        next: kids(&all, page),
        ..Fragment::default()
    }
}

fn article(story: &Value) -> Article {
    Article {
        title: json_string(&story["title"]).map(|title| plain(&title)),
        author: json_string(&story["author"]).or_else(|| json_string(&story["by"])),
        published_at: date(story),
        url: json_string(&story["url"]).or_else(|| Some(format!("{ITEM}{}", answer::id(&story["id"])?))),
        body: story["text"].as_str().map(|html| answer::markup(html).text).filter(|text| !text.is_empty()),
    }
}

fn date(item: &Value) -> Option<crate::model::Moment> {
    ["created_at_i", "time", "created_at"].into_iter().find_map(|field| answer::instant(&item[field]))
}

fn comment(item: &Value, id: &str, parent: Option<String>, texts: &[&str]) -> Comment {
    let deleted = item["deleted"] == true;
    let mut comment = Comment {
        id: format!("c{id}"),
        author: answer::author(item["author"].as_str().or(item["by"].as_str())),
        posted_at: date(item),
        votes: answer::number(&item["points"]),
        state: match (deleted, item["dead"] == true) {
            (true, _) => CommentState::Deleted,
            (_, true) => CommentState::Hidden,
            _ => CommentState::Visible,
        },
        permalink: Some(format!("{ITEM}{id}")),
        ..Comment::default()
    }
    .answering(parent.map(|parent| format!("c{parent}")));
    match texts.iter().find_map(|field| item[*field].as_str()) {
        Some(html) => {
            answer::markup(html).fill(&mut comment);
            comment.html = Some(html.to_owned());
        }
        // Algolia keeps the place of a deleted comment that was answered, without author and text.
        None if comment.author.is_none() => comment.state = CommentState::Deleted,
        None => {}
    }
    comment
}

/// Requests for the items that an item of Firebase names as its children.
fn kids(items: &[&Value], page: &Page) -> Vec<Next> {
    let Some(folder) = page.url.as_deref().and_then(|url| Some(url.rsplit_once("/item/")?.0)) else {
        return Vec::new();
    };
    let here: BTreeSet<String> = items.iter().filter_map(|item| answer::id(&item["id"])).collect();
    items
        .iter()
        .flat_map(|item| answer::list(&item["kids"]))
        .filter_map(answer::id)
        .filter(|id| !here.contains(id))
        .map(|id| Next::needed(format!("{folder}/item/{id}.json"), PageKind::Json))
        .collect()
}

/// Comments that a search found.
fn hits(json: &Value, page: &Page) -> Fragment {
    let found: Vec<&Value> = answer::list(&json["hits"])
        .iter()
        .filter(|hit| hit.get("comment_text").is_some_and(|text| !text.is_null()))
        .collect();
    let stories: BTreeSet<String> = found.iter().filter_map(|hit| answer::id(&hit["story_id"])).collect();
    let (comments, failures) = answer::comments(found.iter().copied(), |hit| {
        let id = answer::id(&hit["objectID"])?;
        let parent = answer::id(&hit["parent_id"]).filter(|parent| !stories.contains(parent));
        Some(comment(hit, &id, parent, &["comment_text"]))
    });
    let first = found.first().filter(|_| stories.len() == 1);
    let notes = (stories.len() > 1).then(|| {
        format!(
            "the search found comments of {} stories, read as one thread; search with tags=comment,story_ID",
            stories.len()
        )
    });
    Fragment {
        keys: stories.iter().map(|story| format!("hn:{story}")).collect(),
        article: first
            .map(|hit| Article {
                title: json_string(&hit["story_title"]),
                url: json_string(&hit["story_url"]),
                ..Article::default()
            })
            .unwrap_or_default(),
        comments,
        stated_count: json["nbHits"].as_u64().filter(|_| stories.len() == 1),
        origin: Origin::Api,
        failures,
        next: next_page(json, page).into_iter().collect(),
        notes: notes.into_iter().collect(),
        ..Fragment::default()
    }
}

fn next_page(json: &Value, page: &Page) -> Option<Next> {
    let next = json["page"].as_u64()?.checked_add(1)?;
    json["nbPages"].as_u64().filter(|all| next < *all)?;
    let url = address::with_parameter(page.url.as_deref()?, "page", &next.to_string())?;
    Some(Next::needed(url, PageKind::Json))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str, body: &str) -> Fragment {
        crate::site::read(&Page {
            source: String::new(),
            url: Some(url.to_owned()),
            fetched_at: None,
            frame_of: None,
            posted: None,
            kind: PageKind::Json,
            headers: BTreeMap::default(),
            body: body.to_owned(),
        })
        .unwrap()
    }

    #[test]
    fn the_kids_of_an_item_are_asked_for() {
        let read = read(
            "https://hacker-news.firebaseio.com/v0/item/5.json",
            r#"{"id":5,"type":"comment","by":"a","parent":4,"time":1772359200,"text":"b","kids":[6,7]}"#,
        );
        assert_eq!(read.keys, ["hn:4", "hn:5"]);
        let next: Vec<&str> = read.next.iter().map(|next| next.request.url.as_str()).collect();
        assert_eq!(
            next,
            ["https://hacker-news.firebaseio.com/v0/item/6.json", "https://hacker-news.firebaseio.com/v0/item/7.json"]
        );
    }

    #[test]
    fn a_search_goes_on_while_there_are_pages() {
        let hits = |page: u64| {
            format!(
                r#"{{"page":{page},"nbPages":3,"nbHits":50,"hits":[{{"objectID":"8","story_id":7,"parent_id":7,
                "created_at_i":1772359200,"author":"a","comment_text":"b"}}]}}"#
            )
        };
        let url = "https://hn.algolia.com/api/v1/search?tags=comment%2Cstory_7&page=1";
        let next = read(url, &hits(1)).next;
        assert_eq!(next[0].request.url, "https://hn.algolia.com/api/v1/search?tags=comment%2Cstory_7&page=2");
        assert!(read(url, &hits(2)).next.is_empty());
    }

    #[test]
    fn a_chain_of_hundreds_of_answers_is_read() {
        let head: Vec<String> = (1..=900)
            .map(|id| format!(r#"{{"id":{id},"type":"comment","created_at_i":5,"author":"a","text":"b","children":["#))
            .collect();
        let read = read("https://hn.algolia.com/api/v1/items/1", &format!("{}{}", head.concat(), "]}".repeat(900)));
        assert_eq!(read.comments.len(), 900);
        assert_eq!(read.comments[899].reply_to.as_deref(), Some("c899"));
    }
}
