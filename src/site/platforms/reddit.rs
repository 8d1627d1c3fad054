//! Reddit: answers of `….json`, and pages of today's site (`shreddit-comment`). Pages of old.reddit.com are another site's.
//!
//! A thread's answer is a list of two listings: the post (`t3`), then its comments (`t1`), replies inside `replies`; `more`
//! stands for comments that were not sent. HTML in fields is escaped once more unless the request said `raw_json=1`.
//! What is gone says so in the fields themselves: author `[deleted]`, text `[deleted]` (by its writer) or `[removed]` (by
//! a moderator). The page has `shreddit-comment[thingid][author][parentid][score][created]` around `[slot=comment]`,
//! replies inside. The opening post is the article; ids keep their kind (`ct1_abc`).
//!
//! A page of today's site has a few comments at most, and none where a reader is asked to prove that they are one: the answer
//! is asked for, or the page of old.reddit.com. What `more` stands for below a comment is in the answer for that comment's
//! own address; what it stands for at the thread's own level beyond 500 comments only the API for members gives.
//!
//! Source: <https://www.reddit.com/dev/api/#GET_comments_{article}>, <https://github.com/reddit-archive/reddit/wiki/JSON>.

use scraper::{ElementRef, Html};
use serde_json::Value;

use url::Url;

use crate::model::{Article, Author, Comment, CommentState, Moment, Page, PageKind, ReplyBasis};
use crate::site::deep::preorder;
use crate::site::structured::{json_string, plain};
use crate::site::{
    Document, Fragment, Next, Origin, Site, SiteError, Verified, View, address, answer, article, body, css,
};
use crate::text::dates::parse_machine;

const HOME: &str = "https://www.reddit.com";
const OLD_HOME: &str = "https://old.reddit.com";
/// What an answer is asked with: the most comments it gives, and HTML that is not escaped once more.
const WHOLE: &str = "limit=500&raw_json=1";

/// Reddit.
#[derive(Debug)]
pub(in crate::site) struct Reddit;

impl Site for Reddit {
    fn name(&self) -> &str {
        "reddit"
    }

    fn reads(&self) -> &str {
        "answers of /comments/ID.json and morechildren, pages of www.reddit.com"
    }

    fn gives(&self) -> &str {
        "ids, parents, authors, dates, votes, states, edits"
    }

    fn verified(&self) -> Verified {
        Verified::Source
    }

    fn hints(&self) -> &[&str] {
        &["<shreddit-comment", "reddit", "Reddit"]
    }

    fn claims(&self, view: &View<'_>) -> bool {
        match (view.html(), view.json()) {
            (Some(html), _) => {
                html.select(css!("shreddit-comment-tree, shreddit-comment[thingid]")).next().is_some()
                    // The page of a thread without its comments; those of old.reddit.com are another site's.
                    || (view.page.url.as_deref().and_then(thread_of).is_some()
                        && html.select(css!(".commentarea, .thing[data-fullname]")).next().is_none())
            }
            (_, Some(json)) => listings(json).iter().any(|listing| children(listing).iter().any(is_thing)),
            _ => false,
        }
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        match (view.html(), view.json()) {
            (Some(html), _) => Ok(page(view, html)),
            (_, Some(json)) => Ok(thread(json, view.page)),
            _ => Err(SiteError::UnknownJson),
        }
    }
}

fn is_thing(value: &Value) -> bool {
    matches!(value["kind"].as_str(), Some("t1" | "t3" | "more"))
}

/// The listings of an answer: two of a thread, one of a subreddit's comments, that of `morechildren`.
fn listings(json: &Value) -> Vec<&Value> {
    match json {
        Value::Array(values) => values.iter().filter(|value| value["kind"] == "Listing").collect(),
        json if json["kind"] == "Listing" => vec![json],
        json => vec![&json["json"]],
    }
}

fn children(listing: &Value) -> &[Value] {
    let data = &listing["data"];
    answer::list(if data["children"].is_array() { &data["children"] } else { &data["things"] })
}

/// The thread an address is of: `…reddit.com/r/NAME/comments/ID/…`.
fn thread_of(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let host = url.host_str()?;
    if host != "reddit.com" && !host.ends_with(".reddit.com") {
        return None;
    }
    let mut parts = url.path_segments()?.skip_while(|part| *part != "comments");
    parts.next()?;
    let id = parts.next()?.trim_end_matches(".json");
    (!id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric())).then(|| id.to_ascii_lowercase())
}

/// The answer for a thread, or where that is refused, its old page.
fn whole_thread(id: &str) -> Next {
    let old = Next::needed(format!("{OLD_HOME}/comments/{id}/?limit=500"), PageKind::Html);
    let answer = Next::needed(format!("{HOME}/comments/{id}.json?{WHOLE}"), PageKind::Json);
    Next { otherwise: vec![old], ..answer }
}

fn thread(json: &Value, page: &Page) -> Fragment {
    let things: Vec<&Value> = listings(json).into_iter().flat_map(children).collect();
    let post = things.iter().find(|thing| thing["kind"] == "t3").map(|thing| &thing["data"]);
    let roots = things.into_iter().filter(|thing| thing["kind"] != "t3").collect();
    let all = preorder(roots, |thing| children(&thing["data"]["replies"]).iter().collect());
    let (more, said): (Vec<&Value>, Vec<&Value>) =
        all.into_iter().map(|(thing, _)| thing).partition(|thing| thing["kind"] == "more");
    let (comments, failures) = answer::comments(said.iter().copied(), comment);
    let link = post
        .and_then(|post| json_string(&post["name"]))
        .or_else(|| said.iter().find_map(|thing| json_string(&thing["data"]["link_id"])));
    let (next, left): (Vec<Next>, Vec<&Value>) = rest(&more, link.as_deref(), page);
    Fragment {
        keys: link.iter().map(|link| key(link)).collect(),
        next,
        article: post.map(submission).unwrap_or_default(),
        comments,
        stated_count: post.and_then(|post| post["num_comments"].as_u64()),
        origin: Origin::Api,
        failures,
        notes: not_sent(&left),
        ..Fragment::default()
    }
}

/// Requests for what a live answer left out, and what none can be made for.
fn rest<'v>(more: &[&'v Value], link: Option<&str>, page: &Page) -> (Vec<Next>, Vec<&'v Value>) {
    let here = page.url.as_deref().filter(|url| thread_of(url).is_some());
    let (Some(here), Some(link)) = (here, link) else { return (Vec::new(), more.to_vec()) };
    // More of the same answer first: it may have all of it.
    let is_whole = address::parameter(here, "limit").and_then(|limit| limit.parse::<u64>().ok()) >= Some(500);
    if !is_whole && !more.is_empty() {
        let whole = address::with_parameter(here, "limit", "500").map(|url| Next::needed(url, PageKind::Json));
        return (whole.into_iter().collect(), Vec::new());
    }
    let Ok(url) = Url::parse(here) else { return (Vec::new(), more.to_vec()) };
    let (root, link) = (url.origin().ascii_serialization(), link.trim_start_matches("t3_"));
    let shown = url.path().trim_end_matches('/').trim_end_matches(".json").rsplit('/').next();
    let (mut next, mut left): (Vec<Next>, Vec<&Value>) = (Vec::new(), Vec::new());
    for thing in more {
        let below = thing["data"]["parent_id"].as_str().and_then(|parent| parent.strip_prefix("t1_"));
        match below.filter(|below| Some(*below) != shown) {
            Some(below) => {
                let url = format!("{root}/comments/{link}/_/{below}.json?{WHOLE}");
                next.push(Next::needed(url, PageKind::Json));
            }
            None => left.push(thing),
        }
    }
    next.dedup();
    (next, left)
}

fn key(link: &str) -> String {
    format!("reddit:{}", link.trim_start_matches("t3_"))
}

/// What the answer says it left out.
fn not_sent(more: &[&Value]) -> Vec<String> {
    let count = |thing: &&Value| answer::number(&thing["data"]["count"]).unwrap_or(0);
    let behind: i64 = more.iter().map(count).fold(0, i64::saturating_add);
    let further = more.iter().filter(|thing| count(thing) == 0).count();
    let mut notes = Vec::new();
    if behind > 0 {
        notes.push(format!(
            "{behind} comments are behind \"more replies\" and are not in the answer; it gives 500 at most, asked with limit=500"
        ));
    }
    if further > 0 {
        notes.push(format!("{further} branches go on deeper than the answer (\"continue this thread\")"));
    }
    notes
}

fn submission(post: &Value) -> Article {
    Article {
        title: json_string(&post["title"]).map(|title| plain(&title)),
        author: present(&post["author"]),
        published_at: answer::instant(&post["created_utc"]),
        url: json_string(&post["permalink"]).and_then(|path| address::absolute(Some(HOME), &path)),
        body: markup(&post["selftext_html"])
            .map(|html| answer::markup(&html).text)
            .or_else(|| json_string(&post["selftext"]))
            .filter(|text| !text.is_empty()),
    }
}

/// A field, unless it says that what stood there is gone.
fn present(value: &Value) -> Option<String> {
    json_string(value).filter(|text| gone(text).is_none())
}

fn gone(text: &str) -> Option<CommentState> {
    match text.trim() {
        "[deleted]" => Some(CommentState::Deleted),
        "[removed]" | "[ Removed by Reddit ]" => Some(CommentState::Hidden),
        _ => None,
    }
}

/// HTML of a field, which is escaped unless asked for otherwise.
fn markup(value: &Value) -> Option<String> {
    let html = value.as_str()?.trim();
    if html.starts_with('<') {
        return Some(html.to_owned());
    }
    // As text, the once escaped markup is the markup.
    Some(Html::parse_fragment(&html.replace('<', "&lt;")).root_element().text().collect())
}

fn comment(thing: &Value) -> Option<Comment> {
    let data = &thing["data"];
    let id = json_string(&data["name"]).or_else(|| json_string(&data["id"]).map(|id| format!("t1_{id}")))?;
    let parent = json_string(&data["parent_id"]).filter(|parent| parent.starts_with("t1_"));
    let gone = gone(data["body"].as_str().unwrap_or_default());
    let mut comment = Comment {
        id: format!("c{id}"),
        author: answer::author(present(&data["author"]).as_deref()),
        posted_at: answer::instant(&data["created_utc"]),
        votes: answer::number(&data["score"]).filter(|_| data["score_hidden"] != true),
        state: gone.unwrap_or_default(),
        permalink: json_string(&data["permalink"]).and_then(|path| address::absolute(Some(HOME), &path)),
        ..Comment::default()
    }
    .answering(parent.map(|parent| format!("c{parent}")));
    if gone.is_none() {
        match markup(&data["body_html"]).filter(|html| !html.is_empty()) {
            Some(html) => {
                answer::markup(&html).fill(&mut comment);
                comment.html = Some(html);
            }
            None => comment.text = json_string(&data["body"]).map(|text| plain(&text)).unwrap_or_default(),
        }
    }
    // `true` in comments of Reddit's first years, a date since.
    comment.edited |= data["edited"] == true || data["edited"].is_number();
    comment.edited_at = answer::instant(&data["edited"]);
    Some(comment)
}

fn page(view: &View<'_>, html: &Document) -> Fragment {
    let base = view.page.url.as_deref().or(Some(HOME));
    let mut article = article::read(view.page, html);
    let post = html.select(css!("shreddit-post")).next();
    let attr = |name: &str| post.and_then(|post| post.attr(name)).map(str::to_owned);
    article.title = attr("post-title").or(article.title);
    article.author = attr("author").filter(|name| gone(name).is_none()).or(article.author);
    article.published_at = attr("created-timestamp").and_then(|date| parse_machine(&date)).or(article.published_at);
    article.body =
        post.and_then(|post| post.select(css!("[slot=text-body]")).next()).map(|el| body::read(el, |_| false).text);
    let rows = html.select(css!("shreddit-comment[thingid]"));
    let link = attr("id").or_else(|| {
        html.select(css!("shreddit-comment[postid], shreddit-comment-tree[post-id]"))
            .find_map(|el| el.attr("postid").or_else(|| el.attr("post-id")))
            .map(str::to_owned)
    });
    let stated = attr("comment-count").or_else(|| {
        html.select(css!("shreddit-comment-tree")).find_map(|el| el.attr("totalcomments")).map(str::to_owned)
    });
    let mut more = html.select(css!("shreddit-comment faceplate-partial[src*='more-comments'], shreddit-comment-tree > faceplate-partial[src*='more-comments']"));
    let notes = more.next().map(|_| {
        let others = more.count();
        format!("the page loads more comments at {} places; open them before saving it", others + 1)
    });
    let comments: Vec<Comment> = rows.filter_map(|row| shown(row, base)).collect();
    let stated_count = stated.and_then(|count| count.trim().parse().ok());
    let id = link.as_deref().map(|link| link.trim_start_matches("t3_").to_owned());
    let id = id.or_else(|| thread_of(view.page.url.as_deref()?));
    let cut = notes.is_some() || comments.is_empty() || stated_count > Some(comments.len() as u64);
    let next = id.as_deref().filter(|_| cut && stated_count != Some(0) && view.page.url.is_some()).map(whole_thread);
    Fragment {
        keys: id.iter().map(|id| key(id)).collect(),
        article,
        comments,
        stated_count,
        next: next.into_iter().collect(),
        origin: Origin::Markup,
        notes: notes.into_iter().collect(),
        ..Fragment::default()
    }
}

/// A comment of the page.
fn shown(row: ElementRef<'_>, base: Option<&str>) -> Option<Comment> {
    let id = row.attr("thingid")?.trim();
    let own = |selector| row.select(selector).find(|el| owner(*el) == Some(row.id()));
    let content = own(css!("[slot=comment]"));
    let named = row.attr("author").map(str::trim).filter(|name| !name.is_empty() && gone(name).is_none());
    let parent = row.attr("parentid").filter(|parent| parent.starts_with("t1_")).map(|parent| format!("c{parent}"));
    let nested = || {
        row.ancestors().filter_map(ElementRef::wrap).find_map(|above| {
            Some(format!("c{}", above.attr("thingid").filter(|_| above.value().name() == "shreddit-comment")?))
        })
    };
    let basis = if parent.is_some() { ReplyBasis::Stated } else { ReplyBasis::Nesting };
    let reply_to = parent.or_else(nested);
    let posted_at: Option<Moment> = row
        .attr("created")
        .or_else(|| own(css!("faceplate-timeago[ts]")).and_then(|el| el.attr("ts")))
        .or_else(|| own(css!("time[datetime]")).and_then(|el| el.attr("datetime")))
        .and_then(parse_machine);
    let mut comment = Comment {
        id: format!("c{id}"),
        reply_basis: reply_to.is_some().then_some(basis),
        depth: row.attr("depth").and_then(|depth| depth.trim().parse().ok()).or(reply_to.is_none().then_some(0)),
        reply_to,
        author: named.map(|name| Author { name: name.to_owned(), avatar: None }),
        posted_at,
        votes: row.attr("score").and_then(|score| score.trim().parse().ok()),
        permalink: row.attr("permalink").and_then(|path| address::absolute(base, path)),
        ..Comment::default()
    };
    if let Some(content) = content {
        body::read(content, |_| false).fill(&mut comment);
        comment.html = Some(body::html(content, |_| false));
    }
    let state = gone(&comment.text).or_else(|| {
        // What is gone has no text of its own, only the site's words in place of one.
        (row.attr("is-comment-deleted").is_some_and(|said| said != "false")).then_some(CommentState::Deleted)
    });
    if let Some(state) = state {
        comment.state = state;
        (comment.text, comment.html) = (String::new(), None);
        (comment.quotes, comment.links) = (Vec::new(), Vec::new());
    }
    Some(comment)
}

/// The comment an element is of.
fn owner(el: ElementRef<'_>) -> Option<ego_tree::NodeId> {
    el.ancestors()
        .filter_map(ElementRef::wrap)
        .find(|above| above.value().name() == "shreddit-comment")
        .map(|above| above.id())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::site::trial::{got, page, urls};

    const WHOLE: &str = "https://www.reddit.com/comments/1abc.json?limit=500&raw_json=1";

    #[test]
    fn a_page_without_all_its_comments_asks_for_the_answer() {
        let here = "https://www.reddit.com/r/trains/comments/1ABC/le_train_de_nuit/";
        let challenge = page(here, "<title>Reddit - Prove your humanity</title><script>1</script>");
        assert_eq!(
            (challenge.site.as_str(), urls(&challenge), challenge.keys[0].as_str()),
            ("reddit", vec![WHOLE], "reddit:1abc")
        );
        let other = &challenge.next[0].otherwise[0];
        assert_eq!(other.request.url, "https://old.reddit.com/comments/1abc/?limit=500");
        let shown = |count: u64| {
            format!(
                "<shreddit-post id=t3_1abc comment-count={count}></shreddit-post><shreddit-comment thingid=t1_a \
                 created=2026-01-02T03:04:05Z><div slot=comment><p>Oui.</p></div></shreddit-comment>"
            )
        };
        assert_eq!(urls(&page(here, &shown(2))), [WHOLE]);
        assert_eq!((page(here, &shown(1)).next, page(here, &shown(1)).comments.len()), (vec![], 1));
        let front = page("https://www.reddit.com/r/trains/", "<title>Reddit</title>");
        assert_eq!((front.site.as_str(), front.next), ("generic", vec![]));
    }

    #[test]
    fn what_was_not_sent_is_asked_for_where_it_can_be() {
        let more = |parent: &str, count: u64| json!({ "kind": "more", "data": { "parent_id": parent, "count": count, "children": [] } });
        let answer = |more: Vec<serde_json::Value>| {
            let mut things =
                vec![json!({ "kind": "t1", "data": { "name": "t1_a", "link_id": "t3_1abc", "parent_id": "t3_1abc",
                "body": "Oui.", "created_utc": 1_772_359_200 } })];
            things.extend(more);
            let post = json!({ "kind": "t3", "data": { "name": "t3_1abc", "title": "Le train", "num_comments": 9 } });
            json!([{ "kind": "Listing", "data": { "children": [post] } }, { "kind": "Listing", "data": { "children": things } }]).to_string()
        };
        let cut = answer(vec![more("t1_a", 4), more("t1_b", 0), more("t3_1abc", 3)]);
        let here = "https://www.reddit.com/r/trains/comments/1abc/t.json";
        let first = got(here, &cut);
        assert_eq!((urls(&first), first.notes.len()), (vec![format!("{here}?limit=500").as_str()], 0));
        let whole = got(WHOLE, &cut);
        let below = |id: &str| format!("https://www.reddit.com/comments/1abc/_/{id}.json?limit=500&raw_json=1");
        assert_eq!(urls(&whole), [below("a"), below("b")]);
        assert!(whole.notes[0].starts_with("3 comments"), "{:?}", whole.notes);
        // The answer for a comment that is cut below that same comment would say the same again.
        let again = got(&below("a"), &answer(vec![more("t1_a", 4)]));
        assert_eq!((again.next, again.notes.len()), (vec![], 1));
        assert_eq!(got(WHOLE, &answer(vec![])).next, []);
        assert_eq!((got("", &cut).next, got("", &cut).notes.len()), (vec![], 2));
    }
}
