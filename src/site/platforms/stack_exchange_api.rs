//! Answers of Stack Exchange's API 2.3, see [`super::stack_exchange`]: `items` that are questions, answers or comments,
//! with `answers` and `comments` inside where the filter asks for them. Dates are seconds since 1970.

use std::collections::BTreeSet;

use serde_json::Value;

use super::stack_exchange::key;
use crate::model::{Article, Comment, CommentState, Page, PageKind};
use crate::site::structured::{json_string, plain};
use crate::site::{Fragment, Next, Origin, SiteError, address, answer};

/// Whether a JSON answer is one of the API.
pub(super) fn claims(json: &Value) -> bool {
    let of_api = json.get("quota_remaining").is_some() || json.get("quota_max").is_some();
    let typed = |item: &Value| kind(item).is_some() && item.get("creation_date").is_some();
    (json["items"].is_array() && (of_api || json["items"].as_array().is_some_and(|items| items.iter().any(typed))))
        || json["error_id"].is_number() && json["error_name"].is_string()
}

pub(super) fn parse(json: &Value, page: &Page) -> Result<Fragment, SiteError> {
    if let Some(code) = json_string(&json["error_name"]) {
        return Err(SiteError::Refused { code, message: json_string(&json["error_message"]).unwrap_or_default() });
    }
    let items = answer::list(&json["items"]);
    let mut all: Vec<(&Value, Option<String>)> = Vec::new();
    for item in items {
        all.push((item, None));
        all.extend(below(item));
    }
    let parents: Vec<Option<String>> = all.iter().map(|(_, parent)| parent.clone()).collect();
    let mut parents = parents.into_iter();
    let (comments, failures) =
        answer::comments(all.iter().map(|(item, _)| *item), |item| record(item, parents.next().flatten()));
    let question = items.iter().find(|item| kind(item) == Some("question"));
    let link = question.and_then(|question| json_string(&question["link"]));
    let host = link
        .as_deref()
        .and_then(address::host)
        .or_else(|| asked_site(page))
        .or_else(|| all.iter().find_map(|(item, _)| address::host(&json_string(&item["link"])?)));
    let posts = all.iter().flat_map(|(item, _)| {
        ["question_id", "answer_id", "post_id"].into_iter().filter_map(|field| answer::id(&item[field]))
    });
    let keys: BTreeSet<String> = host.map(|host| posts.map(|post| key(&host, &post)).collect()).unwrap_or_default();
    let mut notes = Vec::new();
    let bodiless = all.iter().filter(|(item, _)| item["body"].is_null() && item["body_markdown"].is_null()).count();
    if bodiless > 0 {
        notes.push(format!(
            "{bodiless} posts of the answer came without a body; ask with a filter such as \"withbody\""
        ));
    }
    let questions: BTreeSet<_> = all.iter().filter_map(|(item, _)| answer::id(&item["question_id"])).collect();
    if questions.len() > 1 {
        notes.push(format!("the answer holds posts of {} questions, read as one thread", questions.len()));
    }
    Ok(Fragment {
        keys: keys.into_iter().collect(),
        article: Article {
            title: question.and_then(|question| json_string(&question["title"])).map(|title| plain(&title)),
            url: link,
            ..Article::default()
        },
        comments,
        origin: Origin::Api,
        failures,
        next: next_page(json, page).into_iter().collect(),
        notes,
        ..Fragment::default()
    })
}

fn kind(item: &Value) -> Option<&'static str> {
    ["comment_id", "answer_id", "question_id"]
        .into_iter()
        .find(|field| item[*field].is_number())
        .map(|field| field.trim_end_matches("_id"))
}

/// What stands inside an item: its comments, its answers and theirs.
fn below(item: &Value) -> Vec<(&Value, Option<String>)> {
    let mut found = comments_below(item);
    for post in answer::list(&item["answers"]) {
        found.push((post, None));
        found.extend(comments_below(post));
    }
    found
}

fn comments_below(post: &Value) -> Vec<(&Value, Option<String>)> {
    let parent = name(post);
    answer::list(&post["comments"]).iter().map(|comment| (comment, parent.clone())).collect()
}

fn name(item: &Value) -> Option<String> {
    let kind = kind(item)?;
    Some(format!("c{kind}-{}", answer::id(&item[format!("{kind}_id").as_str()])?))
}

/// A question, an answer or a comment.
fn record(item: &Value, parent: Option<String>) -> Option<Comment> {
    let id = name(item)?;
    let is_comment = item["comment_id"].is_number();
    // A comment says of its post only the number and the kind.
    let stated = || Some(format!("c{}-{}", item["post_type"].as_str()?, answer::id(&item["post_id"])?));
    let parent = parent.or_else(|| if is_comment { stated() } else { None });
    let owner = &item["owner"];
    let mut comment = Comment {
        id,
        author: answer::author(owner["display_name"].as_str().map(plain).as_deref())
            .filter(|_| item["community_owned_date"].is_null() || owner["display_name"].is_string()),
        posted_at: answer::instant(&item["creation_date"]),
        votes: answer::number(&item["score"]),
        state: if item["deleted_date"].is_number() { CommentState::Deleted } else { CommentState::Visible },
        permalink: json_string(&item["link"]),
        ..Comment::default()
    }
    .answering(parent);
    if is_comment && comment.reply_to.is_none() {
        // Which post it stands under is not known; that it stands under one is.
        comment.depth = Some(1);
    }
    if let Some(html) = json_string(&item["body"]) {
        answer::markup(&html).fill(&mut comment);
        comment.html = Some(html);
    } else if let Some(text) = json_string(&item["body_markdown"]) {
        comment.text = plain(&text);
    }
    comment.edited |= item["edited"] == true || item["last_edit_date"].is_number();
    comment.edited_at = answer::instant(&item["last_edit_date"]);
    Some(comment)
}

/// The site a request names: `site=german.stackexchange`, `site=stackoverflow`, `site=mathoverflow.net`.
fn asked_site(page: &Page) -> Option<String> {
    let site = address::parameter(page.url.as_deref()?, "site")?;
    Some(if site.rsplit_once('.').is_some_and(|(_, end)| matches!(end, "com" | "net")) {
        site
    } else if site.contains('.') || OWN_DOMAINS.contains(&site.as_str()) {
        format!("{site}.com")
    } else {
        format!("{site}.stackexchange.com")
    })
}

/// Sites with a domain of their own, as the API names them.
const OWN_DOMAINS: &[&str] = &["stackoverflow", "serverfault", "superuser", "askubuntu", "stackapps"];

fn next_page(json: &Value, page: &Page) -> Option<Next> {
    let here = page.url.as_deref().filter(|_| json["has_more"] == true)?;
    let at: u64 = address::parameter(here, "page").and_then(|at| at.parse().ok()).unwrap_or(1);
    let url = address::with_parameter(here, "page", &at.saturating_add(1).to_string())?;
    Some(Next::needed(url, PageKind::Json))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str, body: &str) -> Result<Fragment, crate::model::Failure> {
        crate::site::read(&Page {
            source: String::new(),
            url: Some(url.to_owned()),
            fetched_at: None,
            frame_of: None,
            posted: None,
            kind: PageKind::Json,
            headers: std::collections::BTreeMap::default(),
            body: body.to_owned(),
        })
    }

    #[test]
    fn the_request_names_the_site_and_the_next_page() {
        let answer =
            r#"{"items":[{"answer_id":3,"question_id":2,"creation_date":5,"body":"a"}],"has_more":true,"quota_max":9}"#;
        for (site, host) in [
            ("german", "german.stackexchange.com"),
            ("german.stackexchange", "german.stackexchange.com"),
            ("pt.stackoverflow", "pt.stackoverflow.com"),
            ("serverfault", "serverfault.com"),
            ("mathoverflow.net", "mathoverflow.net"),
        ] {
            let url = format!("https://api.stackexchange.com/2.3/questions/2/answers?site={site}");
            let read = read(&url, answer).unwrap();
            assert_eq!(read.keys, [format!("stackexchange:{host}/2"), format!("stackexchange:{host}/3")]);
            assert_eq!(read.next[0].request.url, format!("{url}&page=2"));
        }
    }

    #[test]
    fn a_refusal_is_none_of_ours() {
        let refused = r#"{"error_id":502,"error_message":"too many requests","error_name":"throttle_violation"}"#;
        assert_eq!(read("https://api.stackexchange.com/2.3/questions/2", refused).unwrap_err().reason, "refused");
    }
}
