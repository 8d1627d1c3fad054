//! Coral (formerly Talk): answers of its GraphQL API.
//!
//! `data.story.comments.edges[].node`, answers below as `replies.edges[].node`; a thread that is unfolded later answers as
//! `data.comment`. Version 4 said `data.asset.comments.nodes[]` with `user` and `created_at`. Only NONE and APPROVED are
//! shown to readers.
//! Source: <https://docs.coralproject.net/api/graphql>.

use serde_json::Value;

use crate::model::{Article, Comment, CommentState};
use crate::site::rows::{self, Row};
use crate::site::structured::json_string;
use crate::site::{Fragment, Site, SiteError, Verified, View, address, answer};

/// Coral.
#[derive(Debug)]
pub(in crate::site) struct Coral;

impl Site for Coral {
    fn name(&self) -> &str {
        "coral"
    }

    fn reads(&self) -> &str {
        "answers of api/graphql"
    }

    fn gives(&self) -> &str {
        "ids, parents, authors, dates, votes, states"
    }

    fn verified(&self) -> Verified {
        Verified::Source
    }

    fn claims(&self, view: &View<'_>) -> bool {
        view.json().is_some_and(|value| !lists(value).is_empty())
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        let Some(value) = view.json() else { return Err(SiteError::UnknownJson) };
        let read = rows::read(&rows::tree(&lists(value), |row| below(node(row))), comment);
        let story = story(&value["data"]);
        let url = json_string(&story["url"]);
        let key = answer::id(&story["id"]).map(|id| format!("coral:{id}"));
        Ok(Fragment {
            keys: key.into_iter().chain(url.as_deref().and_then(address::key)).collect(),
            article: Article {
                title: json_string(&story["metadata"]["title"]).or_else(|| json_string(&story["title"])),
                url,
                ..Article::default()
            },
            stated_count: ["commentCount", "totalCommentCount"]
                .iter()
                .find_map(|field| rows::count(&story[*field]))
                .or_else(|| rows::count(&story["commentCounts"]["totalPublished"])),
            ..read
        })
    }
}

fn story(data: &Value) -> &Value {
    ["story", "asset"]
        .iter()
        .map(|field| &data[*field])
        .find(|story| story.is_object())
        .unwrap_or(&data["comment"]["story"])
}

/// The lists an answer begins with.
fn lists(value: &Value) -> Vec<&Value> {
    let data = &value["data"];
    let connection = |owner: &'static str| connection(&data[owner]["comments"]);
    let unfolded = &data["comment"];
    let unfolded = (unfolded["id"].is_string() && !below(unfolded).is_empty()).then_some(unfolded);
    connection("story").or_else(|| connection("asset")).or(unfolded).into_iter().collect()
}

/// The elements of a connection.
fn connection(value: &Value) -> Option<&Value> {
    ["edges", "nodes"].iter().map(|field| &value[*field]).find(|list| list.is_array())
}

fn node(row: &Value) -> &Value {
    if row["node"].is_object() { &row["node"] } else { row }
}

fn below(node: &Value) -> Vec<&Value> {
    ["replies", "allChildComments"].iter().filter_map(|field| connection(&node[*field])).collect()
}

fn comment(row: Row<'_>) -> Option<Comment> {
    let value = node(row.value);
    let id = json_string(&value["id"])?;
    let above = row.above.and_then(|above| json_string(&node(above)["id"]));
    let mut comment = rows::comment(&id, json_string(&value["parent"]["id"]), above);
    comment.posted_at = answer::instant(&value["createdAt"]).or_else(|| answer::instant(&value["created_at"]));
    let body = value["body"].as_str();
    if value["deleted"] == true || value["deletedAt"].is_string() {
        comment.state = CommentState::Deleted;
        return Some(comment);
    }
    comment.state = match value["status"].as_str() {
        Some("REJECTED") => CommentState::Hidden,
        Some("PREMOD" | "SYSTEM_WITHHELD") => CommentState::Pending,
        _ => CommentState::Visible,
    };
    let author = if value["author"].is_object() { &value["author"] } else { &value["user"] };
    comment.author = rows::author(&author["username"], &author["avatar"]);
    comment.votes = answer::number(&value["actionCounts"]["reaction"]["total"]);
    comment.edited = value["editing"]["edited"] == true;
    rows::fill(&mut comment, body?);
    Some(comment)
}
