//! OpenWeb (Spot.IM): answers of `conversation/read`.
//!
//! `{conversation: {comments: [root], users: {id: user}, messages_count, …}}`; answers are nested in `replies`. A body is
//! a list of pieces, of which the texts are read. `time` is an epoch in seconds.
//! Source: <https://github.com/SpotIM/openweb-ios-sample-app>.

use serde_json::Value;

use crate::model::{Comment, CommentState};
use crate::site::rows::{self, Row};
use crate::site::structured::{json_string, plain};
use crate::site::{Fragment, Site, SiteError, Verified, View, answer};

/// OpenWeb.
#[derive(Debug)]
pub(in crate::site) struct OpenWeb;

impl Site for OpenWeb {
    fn name(&self) -> &str {
        "openweb"
    }

    fn reads(&self) -> &str {
        "answers of conversation/read"
    }

    fn gives(&self) -> &str {
        "ids, parents, authors, dates, votes, states"
    }

    fn verified(&self) -> Verified {
        Verified::Source
    }

    fn claims(&self, view: &View<'_>) -> bool {
        view.json().is_some_and(|value| {
            let conversation = &value["conversation"];
            conversation["comments"].is_array()
                && ["users", "messages_count", "conversation_id", "has_next"]
                    .iter()
                    .any(|key| conversation.get(*key).is_some())
        })
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        let Some(value) = view.json() else { return Err(SiteError::UnknownJson) };
        let conversation = &value["conversation"];
        let users = if conversation["users"].is_object() { &conversation["users"] } else { &value["users"] };
        let list = rows::tree(&[&conversation["comments"]], |row| vec![&row["replies"]]);
        let name = json_string(&conversation["conversation_id"])
            .or_else(|| list.iter().find_map(|row| json_string(&row.value["conversation_id"])));
        Ok(Fragment {
            keys: name.map(|name| format!("openweb:{name}")).into_iter().collect(),
            stated_count: rows::count(&conversation["messages_count"]),
            ..rows::read(&list, |row| comment(row, users))
        })
    }
}

fn comment(row: Row<'_>, users: &Value) -> Option<Comment> {
    let Row { value, above } = row;
    let id = answer::id(&value["id"])?;
    let parent = answer::id(&value["parent_id"]).filter(|parent| *parent != id);
    let mut comment = rows::comment(&id, parent, above.and_then(|above| answer::id(&above["id"])));
    comment.posted_at = answer::instant(&value["written_at"]).or_else(|| answer::instant(&value["time"]));
    if value["deleted"] == true {
        comment.state = CommentState::Deleted;
        return Some(comment);
    }
    comment.state = match value["status"].as_str() {
        Some("reject" | "rejected" | "block") => CommentState::Hidden,
        Some("pending" | "require_approval" | "wait") => CommentState::Pending,
        _ => CommentState::Visible,
    };
    let user = value["user_id"].as_str().map_or(&Value::Null, |id| &users[id]);
    comment.author = [&user["display_name"], &value["user_display_name"], &user["user_name"]]
        .into_iter()
        .find_map(|name| rows::author(name, &Value::Null));
    let ranks = if value["rank"].is_object() { &value["rank"] } else { value };
    comment.votes = answer::number(&ranks["ranks_up"])
        .and_then(|up| up.checked_sub(answer::number(&ranks["ranks_down"]).unwrap_or_default()));
    comment.edited = value["edited"] == true;
    let pieces = value["content"].as_array()?.iter().filter_map(|piece| json_string(&piece["text"]));
    comment.text = pieces.map(|text| plain(&text)).collect::<Vec<_>>().join("\n\n");
    Some(comment)
}
