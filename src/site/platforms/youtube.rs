//! YouTube's Data API: answers of `commentThreads` and `comments` (`list`).
//!
//! A thread holds its top comment and the first few answers to it; all answers are one level below, whatever they
//! answer. `textDisplay` is HTML, or plain text where the request said `textFormat=plainText`.
//!
//! Source: <https://developers.google.com/youtube/v3/docs/commentThreads>,
//! <https://developers.google.com/youtube/v3/docs/comments>.

use std::collections::BTreeSet;

use crate::model::{Article, Comment, CommentState, Page, PageKind};
use crate::site::structured::json_string;
use crate::site::{Fragment, Next, Origin, Site, SiteError, Verified, View, address, answer};
use serde_json::Value;

/// YouTube.
#[derive(Debug)]
pub(in crate::site) struct YouTube;

impl Site for YouTube {
    fn name(&self) -> &str {
        "youtube"
    }

    fn reads(&self) -> &str {
        "answers of the Data API's commentThreads.list and comments.list"
    }

    fn gives(&self) -> &str {
        "ids, parents (the top comment), authors, dates, votes, states, edits"
    }

    fn verified(&self) -> Verified {
        Verified::Source
    }

    fn claims(&self, view: &View<'_>) -> bool {
        view.json().is_some_and(|json| {
            matches!(json["kind"].as_str(), Some("youtube#commentThreadListResponse" | "youtube#commentListResponse"))
        })
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        let Some(json) = view.json() else { return Err(SiteError::UnknownJson) };
        let items = answer::list(&json["items"]);
        let threads = json["kind"] == "youtube#commentThreadListResponse";
        let mut all = Vec::new();
        let mut unsent = 0_u64;
        let mut keys = BTreeSet::new();
        for item in items {
            let replies = answer::list(&item["replies"]["comments"]);
            all.push(if threads { &item["snippet"]["topLevelComment"] } else { item });
            all.extend(replies);
            let stated = item["snippet"]["totalReplyCount"].as_u64().unwrap_or(0);
            let missing = stated.saturating_sub(replies.len() as u64);
            unsent = unsent.saturating_add(missing);
            // Answers fetched by themselves name only the comment they stand under.
            let above =
                json_string(&item["snippet"]["parentId"]).or_else(|| json_string(&item["id"]).filter(|_| missing > 0));
            keys.extend(above.map(|id| format!("youtube:comment/{id}")));
            keys.extend(json_string(&item["snippet"]["videoId"]).map(|id| format!("youtube:{id}")));
        }
        let video = items.iter().find_map(|item| json_string(&item["snippet"]["videoId"]));
        let (comments, failures) = answer::comments(all, comment);
        let notes = (unsent > 0).then(|| {
            format!("{unsent} answers were not sent with their threads; ask comments.list with parentId for them")
        });
        Ok(Fragment {
            keys: keys.into_iter().collect(),
            article: Article {
                url: video.map(|id| format!("https://www.youtube.com/watch?v={id}")),
                ..Article::default()
            },
            comments,
            origin: Origin::Api,
            failures,
            next: next_page(json, view.page).into_iter().collect(),
            notes: notes.into_iter().collect(),
            ..Fragment::default()
        })
    }
}

fn comment(item: &Value) -> Option<Comment> {
    let id = json_string(&item["id"])?;
    let said = item["snippet"].as_object().map(|_| &item["snippet"])?;
    let html = json_string(&said["textDisplay"]);
    let text = json_string(&said["textOriginal"]);
    let state = match said["moderationStatus"].as_str() {
        Some("heldForReview") => CommentState::Pending,
        Some("likelySpam" | "rejected") => CommentState::Hidden,
        _ => CommentState::Visible,
    };
    let posted_at = answer::instant(&said["publishedAt"]);
    let changed_at = answer::instant(&said["updatedAt"]).filter(|changed| Some(changed) != posted_at.as_ref());
    let mut comment = Comment {
        id: format!("c{id}"),
        author: answer::author(said["authorDisplayName"].as_str()),
        posted_at,
        votes: answer::number(&said["likeCount"]),
        state,
        edited: changed_at.is_some(),
        edited_at: changed_at,
        ..Comment::default()
    }
    .answering(json_string(&said["parentId"]).map(|parent| format!("c{parent}")));
    // Asked for as plain text, both fields are the same.
    match html.filter(|html| text.as_ref() != Some(html)) {
        Some(html) => {
            answer::markup(&html).fill(&mut comment);
            comment.html = Some(html);
        }
        None => comment.text = text.unwrap_or_default(),
    }
    Some(comment)
}

fn next_page(json: &Value, page: &Page) -> Option<Next> {
    let token = json_string(&json["nextPageToken"])?;
    let url = address::with_parameter(page.url.as_deref()?, "pageToken", &token)?;
    Some(Next::needed(url, PageKind::Json))
}
