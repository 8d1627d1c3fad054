//! Answers of WordPress' REST API, `/wp-json/wp/v2/comments`, live or saved.
//!
//! Fields, paging headers and errors: <https://developer.wordpress.org/rest-api/reference/comments/>. `date_gmt` has
//! no `Z` but is UTC; past the last page the answer is `[]`; a deleted parent stays as a dangling `parent`.

use serde_json::Value;
use url::Url;

use crate::model::{Article, Author, Comment, CommentState, Moment, Page, PageKind, ReplyBasis};
use crate::site::join::EMPTY_ANSWER;
use crate::site::rows::lost_rows;
use crate::site::structured::{json_string, plain};
use crate::site::{Fragment, Next, Origin, Site, SiteError, Verified, View, address, answer};
use crate::text::dates::parse_machine;

/// The comments endpoint.
#[derive(Debug)]
pub(in crate::site) struct WordPressRest;

impl Site for WordPressRest {
    fn name(&self) -> &str {
        "wordpress"
    }

    fn reads(&self) -> &str {
        "answers of /wp-json/wp/v2/comments"
    }

    fn gives(&self) -> &str {
        "ids, parents, authors, dates, states"
    }

    fn verified(&self) -> Verified {
        Verified::RealServer
    }

    fn claims(&self, view: &View<'_>) -> bool {
        match view.json() {
            // No other platform answers with an empty list, so it is the page after the last one.
            Some(Value::Array(rows)) => {
                let is_comment =
                    |row: &Value| row["content"]["rendered"].is_string() && row.get("author_name").is_some();
                rows.is_empty() || rows.iter().any(is_comment)
            }
            Some(Value::Object(object)) => object.get("code").and_then(Value::as_str).is_some_and(|code| {
                code.starts_with("rest_") || object.get("data").is_some_and(|data| data["status"].is_number())
            }),
            _ => false,
        }
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        let rows = match view.json() {
            Some(Value::Array(rows)) => rows,
            Some(Value::Object(object)) => {
                let text = |key: &str| object.get(key).and_then(json_string).unwrap_or_default();
                return Err(SiteError::Refused { code: text("code"), message: plain(&text("message")) });
            }
            _ => return Err(SiteError::UnknownJson),
        };
        let page = view.page;
        let asked = query_number(page, "post");
        // Plugins may merge the comments of other articles in.
        let is_own = |row: &&Value| {
            let post = number(&row["post"]);
            post.is_none() || asked.is_none() || post == asked
        };
        let own: Vec<&Value> = rows.iter().filter(is_own).collect();
        let others = rows.len() - own.len();
        if others > 0 && own.is_empty() {
            let message =
                format!("asked for the comments of article {}, it gives those of others", asked.unwrap_or_default());
            return Err(SiteError::Refused { code: "other_article".to_owned(), message });
        }
        let link = own.iter().find_map(|row| json_string(&row["link"]));
        let post = own.iter().find_map(|row| number(&row["post"])).or(asked);
        let mut keys = Vec::new();
        // Without the address it was served under, the site of a network is not known; the comments' links name the
        // article then.
        let root = page.url.as_deref().filter(|url| url.contains("wp%2Fv2") || url.contains("wp/v2"));
        if let (Some(root), Some(post)) = (root.and_then(address::wordpress_root), post) {
            keys.push(format!("wp:{root}/{post}"));
        }
        let article_url = link.as_deref().and_then(address::canonical);
        keys.extend(article_url.as_deref().and_then(address::key));
        let mut notes = Vec::new();
        if rows.is_empty() && keys.is_empty() {
            keys.push(EMPTY_ANSWER.to_owned());
            notes.push("an empty answer: no comments, and nothing that says of which article".to_owned());
        }
        if others > 0 {
            notes.push(format!("{others} comments of other articles were among those asked for, and left out"));
        }
        let lost = own.iter().filter(|row| number(&row["id"]).is_none() && !is_ping(row)).count();
        Ok(Fragment {
            keys,
            notes,
            failures: lost_rows(lost, own.len()).into_iter().collect(),
            article: Article { url: article_url, ..Article::default() },
            comments: own.iter().copied().filter_map(comment).collect(),
            stated_count: header_number(page, "x-wp-total"),
            origin: Origin::Api,
            next: next_page(page, rows.len()).into_iter().collect(),
            ..Fragment::default()
        })
    }
}

/// A number, also as text: plugins that filter the answer may turn one into the other.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

fn is_ping(row: &Value) -> bool {
    matches!(row["type"].as_str(), Some("pingback" | "trackback"))
}

fn comment(row: &Value) -> Option<Comment> {
    if is_ping(row) {
        return None;
    }
    let id = number(&row["id"])?;
    let parent = number(&row["parent"]).filter(|parent| *parent != 0);
    let html = row["content"]["rendered"].as_str().unwrap_or_default();
    let read = answer::markup(html);
    let name = row["author_name"].as_str().map(plain).filter(|name| !name.is_empty());
    let avatar = row["author_avatar_urls"].as_object().and_then(|sizes| sizes.values().find_map(json_string));
    let stated = parent.map(|parent| (format!("c{parent}"), ReplyBasis::Stated));
    let (reply_to, reply_basis) = stated.or_else(|| Some((reply_token(&read.text)?, ReplyBasis::Link))).unzip();
    let mut comment = Comment {
        id: format!("c{id}"),
        reply_to,
        reply_basis,
        depth: parent.is_none().then_some(0),
        author: name.map(|name| Author { name, avatar }),
        posted_at: instant(row),
        html: Some(html.to_owned()),
        state: match row["status"].as_str() {
            Some("hold") => CommentState::Pending,
            Some("spam") => CommentState::Hidden,
            Some("trash") => CommentState::Deleted,
            _ => CommentState::Visible,
        },
        permalink: json_string(&row["link"]),
        ..Comment::default()
    };
    read.fill(&mut comment);
    Some(comment)
}

/// `date_gmt` as an instant, else `date`, the site's local time.
fn instant(row: &Value) -> Option<Moment> {
    json_string(&row["date_gmt"])
        .and_then(|date| parse_machine(&date))
        .map(|moment| if moment.has_offset() { moment } else { Moment { iso: format!("{}Z", moment.iso), ..moment } })
        .or_else(|| parse_machine(&json_string(&row["date"])?))
}

/// next.ink's older comments name their parent in the text: `(reply:1933738:Name)`.
pub(in crate::site) fn reply_token(text: &str) -> Option<String> {
    let id = text.trim_start().strip_prefix("(reply:")?.split(':').next()?;
    (!id.is_empty() && id.len() <= 20 && id.bytes().all(|b| b.is_ascii_digit())).then(|| format!("c{id}"))
}

fn header_number(page: &Page, name: &str) -> Option<u64> {
    page.headers.get(name)?.trim().parse().ok()
}

fn query_number(page: &Page, name: &str) -> Option<u64> {
    let url = Url::parse(page.url.as_deref()?).ok()?;
    url.query_pairs().find(|(key, _)| key == name)?.1.parse().ok()
}

/// The request for the following page: while the header says that there is one, or, where a cache took the header away, while pages
/// are full.
fn next_page(page: &Page, rows: usize) -> Option<Next> {
    let at = query_number(page, "page").unwrap_or(1);
    let total = header_number(page, "x-wp-totalpages");
    let has_more = match total {
        Some(total) => at < total,
        None => query_number(page, "per_page").is_some_and(|full| rows > 0 && rows as u64 >= full),
    };
    if !has_more {
        return None;
    }
    let mut url = Url::parse(page.url.as_deref()?).ok()?;
    let others: Vec<(String, String)> =
        url.query_pairs().filter(|(key, _)| key != "page").map(|(k, v)| (k.into_owned(), v.into_owned())).collect();
    url.query_pairs_mut().clear().extend_pairs(others).append_pair("page", &(at + 1).to_string());
    let next = Next::needed(url.to_string(), PageKind::Json);
    Some(Next { optional: total.is_none(), ..next })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(url: Option<&str>, body: &str) -> Page {
        Page {
            source: "answer.json".into(),
            url: url.map(str::to_owned),
            fetched_at: None,
            kind: PageKind::Json,
            frame_of: None,
            posted: None,
            headers: std::collections::BTreeMap::default(),
            body: body.into(),
        }
    }

    #[test]
    fn the_folder_of_the_site_is_part_of_the_key() {
        let key = |url| crate::site::read(&page(Some(url), "[]")).unwrap().keys;
        assert_eq!(key("https://www.x.org/a/wp-json/wp/v2/comments?post=4"), ["wp:x.org/a/4"]);
        assert_eq!(key("https://x.org/b/?rest_route=%2Fwp%2Fv2%2Fcomments&post=4"), ["wp:x.org/b/4"]);
        assert_eq!(crate::site::read(&page(None, "[]")).unwrap().keys, [EMPTY_ANSWER]);
    }

    #[test]
    fn numbers_may_be_text_and_lost_rows_are_counted() {
        let row = |id: &str| {
            format!(
                r#"{{"id":{id},"post":"4","author_name":"AT&amp;T","content":{{"rendered":"<p>a</p>"}},
                "link":"https://x.org/b/t/comment-page-2/#comment-7"}}"#
            )
        };
        let read = crate::site::read(&page(None, &format!("[{},{}]", row("\"7\""), row("null")))).unwrap();
        assert_eq!((read.comments.len(), read.failures.len()), (1, 1));
        assert_eq!(read.failures[0].reason, "unreadable_comments");
        assert!(read.failures[0].message.starts_with("1 of the 2 rows"), "{}", read.failures[0].message);
        assert_eq!(read.keys, ["url:x.org/b/t"]);
        assert_eq!(read.comments[0].author.as_ref().unwrap().name, "AT&T");
    }

    #[test]
    fn a_full_page_without_a_count_of_pages_has_a_next_one() {
        let row = r#"{"id":7,"post":4,"author_name":"A","content":{"rendered":"<p>a</p>"}}"#;
        let ask = |post, most| format!("https://x.org/wp-json/wp/v2/comments?post={post}&per_page={most}&page=1");
        let read = |url: &str| crate::site::read(&page(Some(url), &format!("[{row}]")));
        let next = read(&ask(4, 1)).unwrap().next;
        assert!(next[0].optional && next[0].request.url.ends_with("page=2"), "{next:?}");
        assert_eq!(read(&ask(4, 100)).unwrap().next, []);
        // Comments of another article are none of this thread.
        assert_eq!(read(&ask(5, 100)).unwrap_err().reason, "refused");
    }

    #[test]
    fn errors_of_plugins_are_refusals() {
        let refused = page(None, r#"{"code":"closed","message":"No.","data":{"status":403}}"#);
        assert_eq!(crate::site::read(&refused).unwrap_err().reason, "refused");
    }
}
