//! OpenWeb (Spot.IM): answers of `conversation/read`.
//!
//! `{conversation: {comments: [root], users: {id: user}, messages_count, …}}`; answers are nested in `replies`. A body is
//! a list of pieces, of which the texts are read. `time` is an epoch in seconds.
//!
//! An article's page names its site and itself where it loads the launcher: `script[data-spotim-module=spotim-launcher]`
//! with `data-post-id` and the site's id as the end of its address or in `data-spot-id`, or `script#spotim-config`. A
//! conversation is called by both; `has_next` and `offset` say how it goes on, of the roots as of the answers to each.
//! Source: <https://github.com/SpotIM/openweb-ios-sample-app>.

use serde_json::{Value, json};

use crate::model::{Comment, CommentState, Page, Request};
use crate::site::embeds::{Elsewhere, Embedding};
use crate::site::rows::{self, Row};
use crate::site::scripts::state;
use crate::site::structured::{json_string, plain};
use crate::site::{Fragment, Next, Site, SiteError, Verified, View, answer, css};

const READ: &str = "https://api-2-0.spot.im/v1.0.0/conversation/read";
/// Roots, and answers to each, that are asked for at a time.
const COUNT: u64 = 100;
/// Levels of answers that are asked for; no conversation has more.
const DEPTH: u64 = 100;

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
            next: rest(conversation, &list, view.page),
            ..rows::read(&list, |row| comment(row, users))
        })
    }
}

/// The conversation of an article's page.
pub(in crate::site) fn elsewhere(page: &Embedding<'_>) -> Option<Elsewhere> {
    let launcher = page.scripts("spotim-launcher").find_map(|script| {
        let src = script.attribute("src").unwrap_or_default();
        let named = src.split('?').next()?.rsplit('/').next().filter(|name| name.starts_with("sp_")).map(str::to_owned);
        Some((named.or_else(|| script.attribute("data-spot-id"))?, script.attribute("data-post-id")))
    });
    let config = || {
        let config = state(&page.page.body, "spotim-config")?;
        Some((json_string(&config["config"]["spotId"])?, json_string(&config["config"]["uuid"])))
    };
    let (spot, post) = launcher.or_else(config)?;
    // Where a site changes articles without loading a page, the conversation's element says which it is of.
    let mut shown = page.html.select(css!(
        "[data-spotim-module='conversation'][data-post-id], [data-openweb-module='conversation'][data-post-id]"
    ));
    let post = shown.find_map(|el| el.attr("data-post-id")).map(str::to_owned).or(post)?;
    let post = encoded(&post);
    let body = json!({
        "conversation_id": format!("{spot}_{post}"), "count": COUNT, "child_count": COUNT, "depth": DEPTH, "offset": 0, "sort_by": "oldest",
    });
    Some(Elsewhere { keys: vec![format!("openweb:{spot}_{post}")], next: vec![ask(&spot, &post, &body)] })
}

/// A post's id as conversations are called by it, see `OWPostId` of the vendor's own client.
fn encoded(post: &str) -> String {
    post.replace("urn:uri:base64:", "urn$3Auri$3Abase64$3A")
        .replace(',', ";")
        .replace('_', "$")
        .replace(':', "~")
        .replace(' ', "")
        .replace('/', "$2F")
}

fn ask(spot: &str, post: &str, body: &Value) -> Next {
    let headers = [("x-post-id", post), ("x-spot-id", spot)];
    let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Next::of(Request { headers, ..Request::posting(READ, body) })
}

/// The requests for later roots and for later answers to those an answer has.
fn rest(conversation: &Value, list: &[Row<'_>], page: &Page) -> Vec<Next> {
    let posted = page.posted.as_deref().and_then(|posted| serde_json::from_str::<Value>(posted).ok());
    let Some(posted) = posted.filter(Value::is_object) else { return Vec::new() };
    // `sp_SITE_POST`; the post's own underscores are written otherwise.
    let Some((spot, post)) = posted["conversation_id"].as_str().and_then(|name| name.rsplit_once('_')) else {
        return Vec::new();
    };
    let from = |value: &Value| rows::count(&value["offset"]).filter(|_| value["has_next"] == true);
    let with = |parent: Option<&str>, offset: u64| {
        let mut body = posted.clone();
        body["offset"] = offset.into();
        if let Some(parent) = parent {
            body["parent_id"] = parent.into();
        }
        ask(spot, post, &body)
    };
    // An offset that does not rise would bring the same again.
    let asked = rows::count(&posted["offset"]).unwrap_or_default();
    let later = from(conversation).filter(|offset| *offset > asked).map(|offset| with(None, offset));
    let below = list.iter().filter_map(|row| {
        let offset = from(row.value).filter(|offset| *offset > 0)?;
        Some(with(Some(&answer::id(&row.value["id"])?), offset))
    });
    later.into_iter().chain(below).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::trial::{bodies, got, page, posted, urls};

    #[test]
    fn a_page_asks_for_its_conversation() {
        let by_address = "<div data-spotim-module=conversation></div><script data-spotim-module=spotim-launcher
            src='https://launcher.spot.im/spot/sp_Ab12' data-post-id='nota_9:b'></script>";
        let by_attribute = "<div data-spotim-module=conversation></div><script data-spotim-module=spotim-launcher
            src='https://launcher.spot.im/launcher-bundle.js' data-spot-id=sp_Ab12 data-post-id='nota_9:b'></script>";
        let by_config = "<div data-spotim-module=conversation data-post-id='nota_9:b'></div>
            <script id=spotim-config type=application/json>{\"config\":{\"spotId\":\"sp_Ab12\",\"uuid\":\"x\"}}</script>";
        for body in [by_address, by_attribute, by_config] {
            let read = page("https://diario.example/9", body);
            assert_eq!((urls(&read), read.next[0].optional), (vec![READ], false), "{body}");
            let headers: Vec<_> = read.next[0].request.headers.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
            assert_eq!(headers, [("x-post-id", "nota$9~b"), ("x-spot-id", "sp_Ab12")]);
            let asked = json!({ "conversation_id": "sp_Ab12_nota$9~b", "count": 100, "child_count": 100, "depth": 100,
                "offset": 0, "sort_by": "oldest" });
            assert_eq!(bodies(&read), [asked]);
            assert!(read.keys.contains(&"openweb:sp_Ab12_nota$9~b".to_owned()));
        }
        let nameless = "<div data-spotim-module=conversation></div><script>var a = 'spotim-launcher';</script>";
        assert_eq!(page("https://diario.example/9", nameless).next, []);
    }

    #[test]
    fn a_conversation_goes_on_with_its_roots_and_their_answers() {
        let answer = |offset: u64, more: bool, more_below: bool| {
            json!({ "conversation": { "conversation_id": "sp_Ab12_n-9", "has_next": more, "offset": offset, "messages_count": 9,
                "comments": [{ "id": "r1", "parent_id": "", "content": [{ "text": "Sí." }], "has_next": more_below,
                    "offset": 1, "replies": [{ "id": "r2", "parent_id": "r1", "content": [{ "text": "No." }] }] }] } })
            .to_string()
        };
        let asked = |offset: u64| json!({ "conversation_id": "sp_Ab12_n-9", "count": 100, "offset": offset });
        let read = posted(READ, &asked(0).to_string(), &answer(100, true, true));
        let below = json!({ "conversation_id": "sp_Ab12_n-9", "count": 100, "offset": 1, "parent_id": "r1" });
        assert_eq!(bodies(&read), [asked(100), below]);
        assert_eq!(read.next[1].request.headers["x-spot-id"], "sp_Ab12");
        assert_eq!(read.next[1].request.headers["x-post-id"], "n-9");
        assert_eq!(posted(READ, &asked(100).to_string(), &answer(109, false, false)).next, []);
        assert_eq!(posted(READ, &asked(100).to_string(), &answer(100, true, false)).next, []);
        assert_eq!(
            (got("", &answer(100, true, true)).next, got("", &answer(1, true, true)).comments.len()),
            (vec![], 2)
        );
    }
}
