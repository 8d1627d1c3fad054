//! Disqus: the embed's page (the frame a saved page keeps beside it) and answers of the API.
//!
//! The embed is a page of its own with the first posts as JSON in `script#disqus-threadData` (`response.posts`,
//! `response.thread`); `listPostsThreaded` and `listPosts` answer `{cursor, code, response: [post]}`. Times are UTC without
//! saying so. What a script has added since stands in the rendered list: `li.post#post-N`, `[data-role=message]`,
//! `a.parent-link[href="#comment-N"]`, and the time of the reader's clock in a title.
//!
//! An article's page names the forum by the script it loads and the thread by `page.identifier`, `page.url` or its own
//! address; both are parameters of the embed's address. The posts after the first come only from the API, which wants a
//! key of the reader's own: they are asked for where the address of an answer has one.
//! Source: <https://disqus.com/api/docs/threads/listPostsThreaded/>,
//! <https://help.disqus.com/en/articles/1717084-javascript-configuration-variables>.

use std::collections::{HashMap, HashSet};

use scraper::ElementRef;
use serde_json::Value;

use url::Url;

use crate::model::{Article, Author, Comment, CommentState, Page, PageKind, ReplyBasis};
use crate::site::embeds::{Elsewhere, Embedding};
use crate::site::rows::{self, Row};
use crate::site::structured::{json_string, plain};
use crate::site::words::WORDS;
use crate::site::{
    Document, Fragment, Next, Origin, Site, SiteError, Verified, View, address, answer, article, body, css,
};

const EMBED: &str = "https://disqus.com/embed/comments/";
/// What loads the embed, behind the forum's name.
const LOADER: &str = ".disqus.com/embed.js";

/// Disqus.
#[derive(Debug)]
pub(in crate::site) struct Disqus;

impl Site for Disqus {
    fn name(&self) -> &str {
        "disqus"
    }

    fn reads(&self) -> &str {
        "the embed's page (disqus.com/embed/comments), answers of listPosts and listPostsThreaded"
    }

    fn gives(&self) -> &str {
        "ids, parents, authors, dates, votes, states"
    }

    fn verified(&self) -> Verified {
        Verified::Source
    }

    fn hints(&self) -> &[&str] {
        &["disqus-threadData", "data-role=\"message\"", "data-role=message"]
    }

    fn claims(&self, view: &View<'_>) -> bool {
        match view.json() {
            Some(value) => value["code"].is_number() && (posts(value).is_some() || value["response"].is_string()),
            None => view.html().is_some_and(|html| {
                html.select(css!("script#disqus-threadData, li.post[id^='post-'] [data-role='message']"))
                    .next()
                    .is_some()
            }),
        }
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        match (view.json(), view.html()) {
            (Some(value), _) => read_answer(value, view.page),
            (_, Some(html)) => Ok(read_page(html, view.page)),
            _ => Err(SiteError::UnknownJson),
        }
    }
}

/// The embed of an article's page.
pub(in crate::site) fn elsewhere(page: &Embedding<'_>) -> Option<Elsewhere> {
    let loaded = page.scripts(LOADER).find_map(|script| loaded_forum(script.source));
    let forum = loaded.or_else(|| page.setting("disqus", &["disqus_shortname", "disqusShortname"]))?;
    let identifier = page.setting("disqus", &["page.identifier", "disqus_identifier", "disqusIdentifier"]);
    let named = page.setting("disqus", &["page.url", "disqus_url", "disqusUrl"]);
    let url = named.or_else(|| page.address.map(str::to_owned));
    if identifier.is_none() && url.is_none() {
        return None;
    }
    let mut embed = Url::parse(EMBED).ok()?;
    embed.query_pairs_mut().append_pair("base", "default").append_pair("f", &forum);
    for (name, value) in [("t_i", &identifier), ("t_u", &url)] {
        if let Some(value) = value {
            embed.query_pairs_mut().append_pair(name, value);
        }
    }
    Some(Elsewhere {
        keys: thread_keys(&forum, identifier.as_deref(), url.as_deref()),
        next: vec![Next::needed(embed, PageKind::Html)],
    })
}

/// The forum whose script a page loads: `//NAME.disqus.com/embed.js`.
fn loaded_forum(script: &str) -> Option<String> {
    let (before, _) = script.split_once(LOADER)?;
    let name = before.rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).next()?;
    (!name.is_empty() && before[..before.len() - name.len()].ends_with("//")).then(|| name.to_ascii_lowercase())
}

/// What an article's page and the embed have in common.
fn thread_keys(forum: &str, identifier: Option<&str>, url: Option<&str>) -> Vec<String> {
    let named = identifier.map(|identifier| format!("disqus:{forum}#{identifier}"));
    let placed = url.and_then(address::key).map(|key| format!("disqus:{forum}/{key}"));
    named.into_iter().chain(placed).collect()
}

/// The list of posts, where the value is an answer with one.
fn posts(value: &Value) -> Option<&Value> {
    let response = &value["response"];
    let of_thread = response["posts"].as_array().map(|_| &response["posts"]);
    of_thread.or_else(|| {
        let rows = response.as_array()?;
        let is_post = |row: &Value| row.get("thread").is_some() && row.get("author").is_some();
        (rows.iter().any(is_post) || (rows.is_empty() && value.get("cursor").is_some())).then_some(response)
    })
}

fn read_answer(value: &Value, page: &Page) -> Result<Fragment, SiteError> {
    let Some(list) = posts(value) else {
        return Err(SiteError::Refused {
            code: value["code"].to_string(),
            message: json_string(&value["response"]).unwrap_or_default(),
        });
    };
    let read = rows::read(&rows::flat(list), post);
    let thread = &value["response"]["thread"];
    let ids = std::iter::once(answer::id(&thread["id"])).chain(
        list.as_array()
            .into_iter()
            .flatten()
            .map(|row| answer::id(&row["thread"]).or_else(|| answer::id(&row["thread"]["id"]))),
    );
    let key = ids.flatten().next().map(|id| format!("disqus:{id}"));
    let url = json_string(&thread["link"]);
    let mut keys: Vec<String> = key.into_iter().collect();
    keys.extend(url.as_deref().and_then(address::key));
    if let Some(forum) = json_string(&thread["forum"]) {
        let identifiers = answer::list(&thread["identifiers"]).iter().filter_map(json_string);
        keys.extend(identifiers.flat_map(|identifier| thread_keys(&forum, Some(&identifier), None)));
        keys.extend(thread_keys(&forum, None, url.as_deref()));
    }
    let next = next_page(&value["cursor"], page);
    let more = value["cursor"]["hasNext"] == true && next.is_none();
    let notes = more.then(|| {
        format!(
            "the answer has {} posts and says that there are more; they come from listPostsThreaded of Disqus' API, with a key \
             of your own (api_key) in its address",
            read.comments.len()
        )
    });
    Ok(Fragment {
        keys,
        article: Article {
            title: json_string(&thread["clean_title"])
                .or_else(|| json_string(&thread["title"]))
                .map(|title| plain(&title)),
            url,
            ..Article::default()
        },
        stated_count: rows::count(&thread["posts"]).or_else(|| rows::count(&value["cursor"]["total"])),
        next: next.into_iter().collect(),
        notes: notes.into_iter().collect(),
        ..read
    })
}

/// The page of a list that follows, where the address has the key without which nothing is answered.
fn next_page(cursor: &Value, page: &Page) -> Option<Next> {
    let here = page.url.as_deref()?;
    address::parameter(here, "api_key").filter(|key| !key.is_empty())?;
    let next = json_string(&cursor["next"]).filter(|_| cursor["hasNext"] == true)?;
    if address::parameter(here, "cursor").as_ref() == Some(&next) {
        return None;
    }
    Some(Next::needed(address::with_parameter(here, "cursor", &next)?, PageKind::Json))
}

fn post(row: Row<'_>) -> Option<Comment> {
    let post = row.value;
    let mut comment = rows::comment(&answer::id(&post["id"])?, answer::id(&post["parent"]), None);
    comment.posted_at = answer::instant(&post["createdAt"]);
    let says = |field: &str| post[field].as_bool();
    if says("isDeleted") == Some(true) {
        comment.state = CommentState::Deleted;
        return Some(comment);
    }
    comment.author = rows::author(&post["author"]["name"], &post["author"]["avatar"]["permalink"])
        .or_else(|| rows::author(&post["author"]["username"], &Value::Null));
    let votes = answer::number(&post["likes"])
        .and_then(|likes| likes.checked_sub(answer::number(&post["dislikes"]).unwrap_or_default()));
    comment.votes = votes.or_else(|| answer::number(&post["points"]));
    comment.edited = says("isEdited") == Some(true);
    comment.permalink = json_string(&post["url"]);
    if says("isSpam") == Some(true) {
        comment.state = CommentState::Hidden;
    } else if says("isApproved") == Some(false) {
        comment.state = CommentState::Pending;
    }
    match post["message"].as_str() {
        Some(html) => rows::fill(&mut comment, html),
        None => post["raw_message"].as_str()?.trim().clone_into(&mut comment.text),
    }
    Some(comment)
}

fn read_page(html: &Document, page: &Page) -> Fragment {
    let data = html
        .select(css!("script#disqus-threadData"))
        .find_map(|script| serde_json::from_str::<Value>(&script.text().collect::<String>()).ok());
    let mut read = data.and_then(|data| read_answer(&data, page).ok()).unwrap_or_default();
    if let Some(here) = page.url.as_deref() {
        let [forum, identifier, url] = ["f", "t_i", "t_u"].map(|name| address::parameter(here, name));
        let asked = forum.map(|forum| thread_keys(&forum, identifier.as_deref(), url.as_deref())).unwrap_or_default();
        let new: Vec<String> = asked.into_iter().filter(|key| !read.keys.contains(key)).collect();
        read.keys.extend(new);
    }
    let known: HashSet<String> = read.comments.iter().map(|comment| comment.id.clone()).collect();
    let shown = rendered(html, page);
    read.comments.extend(shown.into_iter().filter(|comment| !known.contains(&comment.id)));
    read.origin = if known.is_empty() { Origin::Markup } else { Origin::Api };
    let counted = html.select(css!(".comment-count")).find_map(|el| WORDS.stated_count(&body::line(el)));
    read.stated_count = read.stated_count.or(counted);
    read
}

fn rendered(html: &Document, page: &Page) -> Vec<Comment> {
    let id = |row: ElementRef<'_>| row.attr("id").and_then(|id| id.strip_prefix("post-")).map(str::to_owned);
    let rows: Vec<ElementRef<'_>> = html.select(css!("li.post[id^='post-']")).collect();
    let places: HashMap<_, usize> = rows.iter().enumerate().map(|(at, row)| (row.id(), at)).collect();
    let order = article::day_order(html);
    let comment = |row: &ElementRef<'_>| {
        let own = row.child_elements().find(|el| el.attr("data-role") == Some("post-content"))?;
        let above = row.ancestors().find_map(|node| places.get(&node.id())).and_then(|at| id(rows[*at]));
        let stated = own.select(css!("a.parent-link")).next();
        let stated = stated.and_then(|link| link.attr("href")?.rsplit_once("#comment-").map(|(_, id)| id.to_owned()));
        let mut comment = rows::comment(&id(*row)?, stated.clone(), above);
        if stated.is_some() {
            comment.reply_basis = Some(ReplyBasis::Link);
        }
        comment.posted_at = own.select(css!("[data-role='relative-time']")).next().and_then(|el| {
            article::printed_moment(el.attr("title")?, order, page.fetched_at.as_ref())
                .or_else(|| article::moment(el, order, page.fetched_at.as_ref()))
        });
        let Some(message) = own.select(css!("[data-role='message']")).next() else {
            comment.state = CommentState::Deleted;
            return Some(comment);
        };
        comment.author =
            own.select(css!(".author")).next().map(body::line).filter(|name| !name.is_empty()).map(|name| Author {
                name,
                avatar: own
                    .select(css!("[data-role='user-avatar']"))
                    .next()
                    .and_then(|img| img.attr("src"))
                    .map(str::to_owned),
            });
        let number = |el: Option<ElementRef<'_>>| el.and_then(|el| body::line(el).parse::<i64>().ok());
        let likes = number(own.select(css!("[data-role='likes']")).next());
        comment.votes = likes.map(|likes| {
            likes.saturating_sub(number(own.select(css!("[data-role='dislikes']")).next()).unwrap_or_default())
        });
        comment.html = Some(body::html(message, |_| false));
        body::read(message, |_| false).fill(&mut comment);
        Some(comment)
    };
    rows.iter().filter_map(comment).collect()
}

#[cfg(test)]
mod tests {
    use crate::site::trial::{got, page, urls};

    const ASKED: &str = "https://disqus.com/embed/comments/?base=default&f=feuille&t_i=marche&t_u=https%3A%2F%2Ffeuille.example%2Fmarche";

    #[test]
    fn a_page_asks_for_its_embed() {
        let universal = "<div id=disqus_thread></div><script>var disqus_config = function () {
            this.page.url = 'https://feuille.example/marche'; this.page.identifier = 'marche'; };
            s.src = 'https://Feuille.disqus.com/embed.js';</script>";
        let plugin = "<div id=disqus_thread></div><script>var embedVars = {\"disqusShortname\":\"feuille\",
            \"disqusIdentifier\":\"marche\",\"disqusUrl\":\"https:\\/\\/feuille.example\\/marche\"};</script>";
        for body in [universal, plugin] {
            let read = page("https://feuille.example/marche?x=1", body);
            assert_eq!(urls(&read), [ASKED]);
            assert!(!read.next[0].optional);
            assert_eq!(read.keys[..2], ["disqus:feuille#marche", "disqus:feuille/url:feuille.example/marche"]);
            assert_eq!(read.failures[0].reason, "needs_script");
        }
        let bare = "<div id=disqus_thread></div><script src=//feuille.disqus.com/embed.js></script>";
        let read = page("https://feuille.example/b", bare);
        assert_eq!(
            urls(&read),
            ["https://disqus.com/embed/comments/?base=default&f=feuille&t_u=https%3A%2F%2Ffeuille.example%2Fb"]
        );
        let computed = "<div id=disqus_thread></div><script>s.src = '//' + name + '.disqus.com/embed.js'</script>";
        assert_eq!(page("https://feuille.example/b", computed).next, []);
    }

    #[test]
    fn the_embed_is_of_the_page_that_asked() {
        let data = r#"{"cursor":{"hasNext":true,"next":"1:0:0","total":60},"code":0,"response":{"posts":[{"id":"1",
            "thread":"77","author":{"name":"Zo\u00e9"},"message":"<p>a</p>","createdAt":"2026-01-02T03:04:05"}],
            "thread":{"id":"77","forum":"feuille","identifiers":["marche"],"link":"https://feuille.example/marche","posts":60}}}"#;
        let read = page(ASKED, &format!("<script type=text/json id=disqus-threadData>{data}</script>"));
        assert_eq!((read.comments.len(), read.stated_count), (1, Some(60)));
        assert!(read.keys.contains(&"disqus:feuille#marche".to_owned()));
        assert!(read.keys.contains(&"url:feuille.example/marche".to_owned()));
        assert_eq!(read.next, []);
        assert!(read.notes[0].contains("api_key"), "{:?}", read.notes);
    }

    #[test]
    fn lists_go_on_with_the_readers_key() {
        let list = |next: &str, more: bool| {
            format!(
                r#"{{"cursor":{{"hasNext":{more},"next":"{next}"}},"code":0,"response":[{{"id":"1","thread":"77",
                "author":{{"name":"a"}},"message":"b","createdAt":"2026-01-02T03:04:05"}}]}}"#
            )
        };
        let url = "https://disqus.com/api/3.0/threads/listPostsThreaded.json?thread=77&limit=100&api_key=K";
        let after = format!("{url}&cursor=2%3A0%3A0");
        assert_eq!(urls(&got(url, &list("2:0:0", true))), [after.as_str()]);
        assert_eq!(got(url, &list("2:0:0", false)).next, []);
        assert_eq!(got(&after, &list("2:0:0", true)).next, []);
        assert_eq!(got(&url.replace("&api_key=K", ""), &list("2:0:0", true)).next, []);
        assert_eq!(got("", &list("2:0:0", true)).comments.len(), 1);
    }
}
