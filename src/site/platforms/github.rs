//! GitHub discussions and issues, where Giscus and Utterances keep a page's comments.
//!
//! Giscus answers `{discussion: {id, totalCommentCount, totalReplyCount, comments}}` at `api/discussions`; GitHub's own
//! GraphQL API has the same inside `data.repository`, lists as `nodes`. Utterances shows an issue's comments, which
//! GitHub's REST API answers as a list, flat. A comment its moderators folded is `isMinimized`.
//! Source: <https://github.com/giscus/giscus/blob/main/lib/types/adapter.ts>,
//! <https://docs.github.com/en/rest/issues/comments>.

use serde_json::Value;

use crate::model::{Comment, CommentState};
use crate::site::rows::{self, Row};
use crate::site::structured::json_string;
use crate::site::{Fragment, Site, SiteError, Verified, View, answer};

/// GitHub, through Giscus and Utterances.
#[derive(Debug)]
pub(in crate::site) struct GitHub;

impl Site for GitHub {
    fn name(&self) -> &str {
        "github"
    }

    fn reads(&self) -> &str {
        "answers of giscus.app/api/discussions and of GitHub's APIs (discussions, comments of an issue)"
    }

    fn gives(&self) -> &str {
        "ids, parents, authors, dates, votes, states"
    }

    fn verified(&self) -> Verified {
        Verified::Source
    }

    fn claims(&self, view: &View<'_>) -> bool {
        view.json().is_some_and(|value| {
            let is_comment = |row: &Value| row["issue_url"].is_string() && row["user"].is_object();
            list(&discussion(value)["comments"]).is_some()
                || value.as_array().is_some_and(|rows| rows.iter().any(is_comment))
        })
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        let Some(value) = view.json() else { return Err(SiteError::UnknownJson) };
        let discussion = discussion(value);
        let Some(comments) = list(&discussion["comments"]) else {
            let issue = value.as_array().into_iter().flatten().find_map(|row| json_string(&row["issue_url"]));
            return Ok(Fragment {
                keys: issue.map(|issue| format!("github:{issue}")).into_iter().collect(),
                ..rows::read(&rows::flat(value), of_issue)
            });
        };
        let both = rows::count(&discussion["totalCommentCount"])
            .map(|count| count.saturating_add(rows::count(&discussion["totalReplyCount"]).unwrap_or_default()));
        Ok(Fragment {
            keys: json_string(&discussion["id"]).map(|id| format!("github:{id}")).into_iter().collect(),
            stated_count: both,
            ..rows::read(&rows::tree(&[comments], |row| list(&row["replies"]).into_iter().collect()), of_discussion)
        })
    }
}

/// The discussion of a Giscus or GraphQL answer.
fn discussion(value: &Value) -> &Value {
    let own = &value["discussion"];
    if own["comments"].is_array() && value.get("viewer").is_some() {
        own
    } else {
        &value["data"]["repository"]["discussion"]
    }
}

/// A list as such, or as the nodes of a connection.
fn list(value: &Value) -> Option<&Value> {
    [value, &value["nodes"]].into_iter().find(|list| list.is_array())
}

fn of_discussion(row: Row<'_>) -> Option<Comment> {
    let Row { value, above } = row;
    let parent = json_string(&value["replyToId"]).or_else(|| json_string(&value["replyTo"]["id"]));
    let above = above.and_then(|above| json_string(&above["id"]));
    let mut comment = rows::comment(&json_string(&value["id"])?, parent, above);
    comment.posted_at = answer::instant(&value["createdAt"]);
    comment.permalink = json_string(&value["url"]);
    if value["deletedAt"].is_string() {
        comment.state = CommentState::Deleted;
        return Some(comment);
    }
    if value["isMinimized"] == true {
        comment.state = CommentState::Hidden;
    }
    comment.author = rows::author(&value["author"]["login"], &value["author"]["avatarUrl"]);
    comment.votes = answer::number(&value["upvoteCount"]);
    comment.edited_at = answer::instant(&value["lastEditedAt"]);
    comment.edited = comment.edited_at.is_some();
    fill(&mut comment, &value["bodyHTML"], &value["body"])?;
    Some(comment)
}

fn of_issue(row: Row<'_>) -> Option<Comment> {
    let value = row.value;
    let mut comment = rows::comment(&answer::id(&value["id"])?, None, None);
    // Comments of an issue answer nothing but the issue.
    comment.author = rows::author(&value["user"]["login"], &value["user"]["avatar_url"]);
    comment.posted_at = answer::instant(&value["created_at"]);
    comment.edited_at = answer::instant(&value["updated_at"]).filter(|at| Some(at) != comment.posted_at.as_ref());
    comment.edited = comment.edited_at.is_some();
    comment.votes = answer::number(&value["reactions"]["+1"])
        .and_then(|up| up.checked_sub(answer::number(&value["reactions"]["-1"]).unwrap_or_default()));
    comment.permalink = json_string(&value["html_url"]);
    fill(&mut comment, &value["body_html"], &value["body"])?;
    Some(comment)
}

/// The body, rendered or as it was written; nothing where there is neither.
fn fill(comment: &mut Comment, html: &Value, written: &Value) -> Option<()> {
    match html.as_str() {
        Some(html) => rows::fill(comment, html),
        None => written.as_str()?.trim().clone_into(&mut comment.text),
    }
    Some(())
}
