//! Threads captured from real servers, against their databases: every comment a server gives out, with id, parent, author,
//! time, state and text. The captures lie beside the checkout (`../shared/captures`); without them there is nothing to do.
//!
//! Texts are compared with the Markdown in the database where an answer carries it, else with the HTML the server renders,
//! white space aside.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use causerie::input::{InputOptions, Item, plan};
use causerie::model::{Comment, Thread};
use causerie::site::{self, Assembly, Fragment, join};
use serde_json::Value;

fn captures(system: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/captures").join(system);
    path.is_dir().then_some(path)
}

fn fragments(folder: &Path, files: &[&str]) -> Vec<Fragment> {
    let files: Vec<String> = files.iter().map(|file| folder.join(file).to_str().unwrap().to_owned()).collect();
    let plan = plan(&files, &InputOptions::default()).unwrap();
    plan.items.iter().flat_map(Item::pages).map(|page| site::read(&page.unwrap()).unwrap()).collect()
}

/// The one thread some files give.
fn thread(folder: &Path, files: &[&str]) -> Thread {
    let fragments = fragments(folder, files);
    let mut assembly = Assembly::default();
    for fragment in &fragments {
        assert!(fragment.failures.is_empty(), "{:?}", fragment.failures);
        assembly.add(&fragment.keys);
    }
    assert_eq!(assembly.groups().len(), 1, "{files:?}");
    join(fragments)
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// What the database holds, by id, of comments the server gives out.
fn served(folder: &Path) -> BTreeMap<u64, Value> {
    let truth = json(&folder.join("truth.json"));
    let rows = truth["comments"].as_array().unwrap().iter().filter(|row| row["served"] == true);
    rows.map(|row| (row["id"].as_u64().unwrap(), row.clone())).collect()
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// HTML without its tags, white space collapsed; a picture is its alt text.
fn stripped(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        text.push_str(&rest[..start]);
        let end = start + rest[start..].find('>').unwrap();
        let tag = &rest[start..end];
        if let Some(alt) = tag.strip_prefix("<img").and_then(|tag| tag.split("alt=\"").nth(1)) {
            text.push_str(alt.split('"').next().unwrap());
        }
        let inline = ["a", "em", "strong", "code", "del", "span", "img", "b", "i"];
        let name = tag.trim_start_matches(['<', '/']).split([' ', '/']).next().unwrap();
        if !inline.contains(&name) {
            text.push(' ');
        }
        rest = &rest[end + 1..];
    }
    text.push_str(rest);
    words(&entities(&text))
}

fn entities(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
    text.replace("&#34;", "\"").replace("&nbsp;", "\u{a0}").replace("&amp;", "&")
}

/// What a database row says, as the tables would: id, parent, author, time, state, votes.
fn row(row: &Value) -> (String, Option<String>, Option<String>, String, &'static str) {
    let deleted = row["status"] == "deleted";
    (
        format!("c{}", row["id"]),
        row["parent"].as_u64().map(|parent| format!("c{parent}")),
        // Isso stores names with entities; readers see them without.
        row["author"].as_str().map(entities),
        row["date"].as_str().unwrap()[..19].to_owned() + "Z",
        if deleted { "deleted" } else { "visible" },
    )
}

fn read(comment: &Comment) -> (String, Option<String>, Option<String>, String, &'static str) {
    (
        comment.id.clone(),
        comment.reply_to.clone(),
        comment.author.as_ref().map(|author| author.name.clone()),
        comment.posted_at.as_ref().unwrap().iso.clone(),
        comment.state.as_str(),
    )
}

/// Compares a thread with all that was served: what each row says, and its text with `text`.
fn compare(thread: &Thread, served: &BTreeMap<u64, Value>, text: impl Fn(&Value) -> String, exact: bool) {
    let found: BTreeMap<u64, &Comment> =
        thread.comments.iter().map(|comment| (comment.id[1..].parse().unwrap(), comment)).collect();
    assert_eq!(found.len(), thread.comments.len());
    assert_eq!(found.keys().collect::<Vec<_>>(), served.keys().collect::<Vec<_>>());
    for (id, comment) in found {
        assert_eq!(read(comment), row(&served[&id]));
        let found = if exact { comment.text.clone() } else { words(&comment.text) };
        assert_eq!(found, text(&served[&id]), "{id}");
    }
}

fn markdown(row: &Value) -> String {
    row["text"].as_str().unwrap().to_owned()
}

/// What a server renders, by id.
fn rendered(answer: &Value, list: &str, below: &str, id: &str, html: &str) -> BTreeMap<u64, String> {
    let roots = answer.pointer(list).unwrap().as_array().unwrap();
    let rows = roots.iter().flat_map(|root| std::iter::once(root).chain(root[below].as_array().unwrap()));
    rows.map(|row| (row[id].as_u64().unwrap(), stripped(row[html].as_str().unwrap()))).collect()
}

const ISSO_PAGES: [&str; 4] = ["api-page1.json", "api-page2.json", "api-page3.json", "api-parent19.json"];

#[test]
fn isso_in_one_answer_and_in_several() {
    let Some(folder) = captures("isso") else { return };
    let served = served(&folder);
    assert_eq!(served.len(), 59);
    let html = rendered(&json(&folder.join("api-all.json")), "/replies", "replies", "id", "text");
    let of_html = |row: &Value| html[&row["id"].as_u64().unwrap()].clone();
    let votes = |thread: &Thread| {
        for comment in &thread.comments {
            let row = &served[&comment.id[1..].parse().unwrap()];
            let stored = row["likes"].as_i64().unwrap() - row["dislikes"].as_i64().unwrap();
            assert_eq!(comment.votes, Some(stored), "{}", comment.id);
        }
    };
    let plain = thread(&folder, &["api-all-plain.json"]);
    compare(&plain, &served, markdown, true);
    let all = thread(&folder, &["api-all.json"]);
    compare(&all, &served, of_html, false);
    assert_eq!(all.stated_count, Some(59));
    votes(&all);
    // Pages of ten roots with at most three replies each leave some replies out; the answer for one root brings its own.
    let paged = thread(&folder, &ISSO_PAGES);
    assert_eq!(paged.stated_count, Some(59));
    let ids: Vec<u64> = paged.comments.iter().map(|comment| comment.id[1..].parse().unwrap()).collect();
    let shown: BTreeMap<u64, Value> =
        served.iter().filter(|(id, _)| ids.contains(id)).map(|(id, row)| (*id, row.clone())).collect();
    compare(&paged, &shown, of_html, false);
    assert_eq!(ids.iter().filter(|id| served[id]["parent"].is_null()).count(), 26);
    assert_eq!(ids.iter().filter(|id| served[id]["parent"] == 19).count(), 10);
    let files = [&ISSO_PAGES[..], &["api-parent19-limit3.json", "api-all.json", "chromium-isso.dom.html"]].concat();
    compare(&thread(&folder, &files), &served, of_html, false);
}

#[test]
fn isso_as_a_browser_shows_it() {
    let Some(folder) = captures("isso") else { return };
    let html = rendered(&json(&folder.join("api-all.json")), "/replies", "replies", "id", "text");
    let thread = thread(&folder, &["chromium-isso.dom.html"]);
    assert_eq!((thread.site.as_str(), thread.stated_count), ("isso", Some(59)));
    compare(&thread, &served(&folder), |row| html[&row["id"].as_u64().unwrap()].clone(), false);
    let raw = &fragments(&folder, &["article-1.raw.html"])[0];
    assert_eq!((raw.comments.len(), raw.failures[0].reason.as_str()), (0, "needs_script"));
}

const WALINE_PAGES: [&str; 4] = ["api-page1.json", "api-page2.json", "api-page3.json", "api-page4.json"];

#[test]
fn waline_in_one_answer_and_in_several() {
    let Some(folder) = captures("waline") else { return };
    let served = served(&folder);
    assert_eq!(served.len(), 57);
    let files = [&WALINE_PAGES[..], &["api-all.json", "chromium-waline.dom.html"]].concat();
    for files in [&["api-all.json"][..], &WALINE_PAGES, &files] {
        let thread = thread(&folder, files);
        assert_eq!(thread.stated_count, Some(58));
        compare(&thread, &served, markdown, true);
        for comment in &thread.comments {
            assert_eq!(comment.votes, served[&comment.id[1..].parse().unwrap()]["likes"].as_i64());
        }
    }
}

#[test]
fn waline_as_a_browser_shows_it() {
    let Some(folder) = captures("waline") else { return };
    let served = served(&folder);
    let html = rendered(&json(&folder.join("api-all.json")), "/data/data", "children", "objectId", "comment");
    let mut thread = thread(&folder, &["chromium-waline.dom.html"]);
    assert_eq!((thread.site.as_str(), thread.stated_count), ("waline", Some(58)));
    for comment in &mut thread.comments {
        let id: u64 = comment.id[1..].parse().unwrap();
        let posted_at = comment.posted_at.as_mut().unwrap();
        // A rendered page prints days, and no parent that was deleted: the answer stands under its root.
        assert_eq!(posted_at.iso, served[&id]["date"].as_str().unwrap()[..10]);
        posted_at.iso = row(&served[&id]).3;
        if served[&id]["parent"].as_u64().is_some_and(|parent| !served.contains_key(&parent)) {
            assert_eq!(comment.reply_to, Some(format!("c{}", served[&id]["root"])));
            comment.reply_to = row(&served[&id]).1;
        }
    }
    compare(&thread, &served, |row| html[&row["id"].as_u64().unwrap()].clone(), false);
    let raw = &fragments(&folder, &["article-waline.raw.html"])[0];
    assert_eq!((raw.comments.len(), raw.failures[0].reason.as_str()), (0, "needs_script"));
}
