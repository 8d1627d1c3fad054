//! Every file of `data/sites/` is read and compiled in, and the engine keeps its promises.

use std::sync::LazyLock;

use super::*;
use crate::model::{Page, ReplyBasis};
use crate::site::SITES;

const TREE: &str = r#"
name = "tree"
reads = "x"
gives = "x"
verified = "from source only"
source = []
hints = []
records = [".c"]
id = ["@id"]
author = ["b"]
date = ["i"]
body = ["p"]
edited = ["u"]
votes = ["s"]
thread = [{ address = "/(t)/(\\d+)" }]
next = ["a.next@href"]

[parent]
by = "nesting"
"#;

fn read(description: &'static str, body: &str) -> Fragment {
    let page = Page {
        frame_of: None,
        posted: None,
        source: String::new(),
        url: Some("https://x.example/t/5?p=1".into()),
        fetched_at: None,
        kind: PageKind::Html,
        headers: std::collections::BTreeMap::default(),
        body: format!("<html lang=en><title>A title</title>{body}"),
    };
    let site = Declared::new(description);
    let view = View::new(&page).unwrap();
    site.parse(&view).unwrap()
}

#[test]
fn every_description_is_read() {
    for site in SITES {
        assert!(!site.name().is_empty() && !site.reads().is_empty());
        let _ = (site.gives(), site.verified(), site.hints());
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/data/sites");
    for file in std::fs::read_dir(folder).into_iter().flatten() {
        let path = file.unwrap().path();
        if path.is_dir() {
            continue;
        }
        let source = std::fs::read_to_string(&path).unwrap();
        let description: Description = toml::from_str(source.leak()).unwrap();
        assert!(SITES.iter().any(|site| site.name() == description.name), "{} is not in SITES", path.display());
    }
}

#[test]
fn fields_are_a_records_own() {
    let html = "<div class=c id=1><b>Ann</b><i>2 May 2024</i><p>One</p><div class=c id=2><b>Bo</b><p>Two</p><s>-3 points</s>\
                <u>Edited by Bo on 3 May 2024, twice</u></div></div><a class=next href='/t/5?p=2'></a>\
                <a class=next href='https://other.example/t/5'></a>";
    let read = read(TREE, html);
    let [one, two] = read.comments.as_slice() else { panic!("{:?}", read.comments) };
    assert_eq!((one.text.as_str(), one.votes, one.edited), ("One", None, false));
    assert_eq!(one.posted_at.as_ref().map(|at| at.iso.as_str()), Some("2024-05-02"));
    assert_eq!((two.text.as_str(), two.votes, two.posted_at.as_ref()), ("Two", Some(-3), None));
    assert_eq!(two.edited_at.as_ref().map(|at| at.iso.as_str()), Some("2024-05-03"));
    assert_eq!((two.reply_to.as_deref(), two.reply_basis), (Some("c1"), Some(ReplyBasis::Nesting)));
    assert_eq!(
        read.next.iter().map(|next| next.request.url.as_str()).collect::<Vec<_>>(),
        ["https://x.example/t/5?p=2"]
    );
    assert_eq!(read.keys, ["tree:x.example/t/5"]);
}

#[test]
fn deep_nesting_is_linear() {
    let html: String = (0..50_000).map(|id| format!("<div class=c id={id}><p>x</p>")).collect::<Vec<_>>().concat();
    let start = std::time::Instant::now();
    assert!(!read(TREE, &html).comments.is_empty());
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

static FLAT: LazyLock<String> = LazyLock::new(|| TREE.split("\n[parent]").next().unwrap_or_default().to_owned());

#[test]
fn a_second_copy_of_a_post_is_left_out() {
    let html = "<div class=c id=9><p>Best of…</p></div><div class=c id=1><p>One</p></div><div class=c id=9><p>Best of all</p></div>\
                <div class=c id=1><p>Other</p></div>";
    let read = read(&FLAT, html);
    let texts: Vec<_> = read.comments.iter().map(|comment| comment.text.as_str()).collect();
    assert_eq!(texts, ["One", "Best of all", "Other"]);
}

#[test]
fn without_ids_comments_are_numbered() {
    let read = read(TREE, "<div class=c><p>One</p></div><div class=c><p>Two</p></div>");
    assert_eq!(read.comments.iter().map(|comment| comment.id.as_str()).collect::<Vec<_>>(), ["c1", "c2"]);
}

#[test]
fn a_count_beyond_all_numbers_is_none() {
    let counted = &*format!("stated = [{{ at = \".n\", plus = 1 }}]\n{TREE}").leak();
    let page =
        |count: &str| read(counted, &format!("<b class=n>{count}</b><div class=c id=1><b>Ann</b><p>x</p></div>"));
    assert_eq!(page("41").stated_count, Some(42));
    assert_eq!(page("9223372036854775807").stated_count, None);
}

#[test]
fn threads_of_networks_go_on_from_their_pages() {
    use crate::site::trial::{page, urls};
    let comment = |id: &str| {
        format!(
            "<div class='thing comment' data-fullname=t1_{id}><p class=tagline><a class=author>zoe</a></p><div class=entry>\
             <div class=usertext-body><div class=md><p>Oui.</p></div></div></div></div>"
        )
    };
    let old = format!(
        "<div class='thing link' data-fullname=t3_1abc></div><div class=commentarea><div class=panestack-title><a \
         class=title-button href='/r/trains/comments/1abc/t/?limit=500'>show 500</a></div>{}<span class=deepthread><a \
         href='/r/trains/comments/1abc/t/b2'>continue this thread</a></span></div>",
        comment("a1")
    );
    let read = page("https://old.reddit.com/r/trains/comments/1abc/t/", &old);
    assert_eq!(read.keys[0], "reddit:1abc");
    assert_eq!(
        urls(&read),
        [
            "https://old.reddit.com/r/trains/comments/1abc/t/?limit=500",
            "https://old.reddit.com/r/trains/comments/1abc/t/b2"
        ]
    );
    let last = old.replace("panestack-title", "p").replace("deepthread", "d");
    assert_eq!(page("https://old.reddit.com/r/trains/comments/1abc/t/?limit=500", &last).next, []);

    let item = "<table class=fatitem><tr class=athing id=7></tr></table><table><tr class='athing comtr' id=8><td class=ind \
                indent=0></td><td><a class=hnuser>zoe</a><span class=age title='2026-01-02T03:04:05'></span><div class=commtext>Oui.</div></td></tr></table>";
    let more = format!("{item}<a class=morelink href='item?id=7&p=2'>More</a>");
    assert_eq!(
        urls(&page("https://news.ycombinator.com/item?id=7", &more)),
        ["https://news.ycombinator.com/item?id=7&p=2"]
    );
    assert_eq!(page("https://news.ycombinator.com/item?id=7&p=2", item).next, []);
}

const QUOTING: &str = r##"
name = "quoting"
reads = "x"
gives = "x"
verified = "from source only"
source = []
hints = []
records = [".c"]
id = ["@id"]
body = [".body"]
drop = ".signature"

[parent]
by = "id"
at = ["@data-parent"]

[quote]
at = "blockquote"
id = [{ at = "cite a@href", pattern = "#p(\\d+)$" }]
"##;

/// Whom posts answer; each is its attributes and its body.
fn answers(posts: &[(&str, &str)]) -> Vec<Option<(String, ReplyBasis)>> {
    let post =
        |(attributes, body): &(&str, &str)| format!("<div class=c {attributes}><div class=body>{body}</div></div>");
    let read = read(QUOTING, &posts.iter().map(post).collect::<String>());
    read.comments.into_iter().map(|comment| comment.reply_to.zip(comment.reply_basis)).collect()
}

fn quote(id: u8, inside: &str) -> String {
    format!("<blockquote><cite>Bo: <a href='/t#p{id}'></a></cite>{inside} So he said.</blockquote>")
}

#[test]
fn the_first_quote_that_names_another_post_is_answered() {
    let answered = |body: &str| answers(&[("id=1", "One"), ("id=2", "Two"), ("id=3", body)]).remove(2);
    let to = |id: &str| Some((format!("c{id}"), ReplyBasis::Quote));
    assert_eq!(answered(&format!("{} No. {} Yes.", quote(2, ""), quote(1, ""))), to("2"));
    assert_eq!(answered(&format!("<blockquote>They say</blockquote>{}", quote(1, ""))), to("1"));
    assert_eq!(answered(&format!("{}{}", quote(3, ""), quote(1, ""))), to("1"));
    assert_eq!(answered(&quote(2, &quote(1, ""))), to("2"));
    assert_eq!(answered(&format!("<blockquote>Bo: {}</blockquote>", quote(1, ""))), None);
    assert_eq!(answered(&format!("No.<div class=signature>{}</div>", quote(1, ""))), None);
    assert_eq!(answered("<cite><a href='/t#p1'>Bo</a></cite> is right."), None);
    // It may stand on another page of the thread.
    assert_eq!(answered(&quote(77, "")), to("77"));
}

#[test]
fn without_ids_quotes_name_none_of_the_comments() {
    assert_eq!(answers(&[("", "One"), ("", &quote(1, ""))]), [None, None]);
}

#[test]
fn whom_a_post_says_it_answers_is_believed_over_its_quotes() {
    let posts = [("id=1", "One"), ("id=2", "Two"), ("id=3 data-parent=1", &*quote(2, ""))];
    assert_eq!(answers(&posts)[2], Some(("c1".to_owned(), ReplyBasis::Stated)));
}
