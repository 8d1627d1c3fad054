//! Text copied or printed from pages of real servers, against what the servers hold.

use std::fs;
use std::path::{Path, PathBuf};

use causerie::input::{InputOptions, Item, plan};
use causerie::model::{Comment, CommentState, FoundBy, Moment, Precision};
use causerie::site::{self, Fragment};
use serde_json::Value;

fn captures() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/captures");
    path.is_dir().then_some(path)
}

fn read(file: &Path, read_at: Option<&str>) -> Fragment {
    let plan = plan(&[file.to_str().unwrap().to_owned()], &InputOptions::default()).unwrap();
    let mut page = plan.items.iter().flat_map(Item::pages).next().unwrap().unwrap();
    page.fetched_at = read_at.map(|at| Moment { iso: at.to_owned(), precision: Precision::Second });
    site::read(&page).unwrap()
}

fn truth(file: &Path) -> Vec<Value> {
    let truth: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    truth["comments"].as_array().unwrap().clone()
}

/// Letters and digits of a Markdown text: copying loses the rest, and emoji that are pictures.
fn letters(text: &str) -> String {
    let mut text = text.to_owned();
    while let Some(at) = text.find("](") {
        let end = text[at..].find(')').unwrap() + at + 1;
        text.replace_range(at..end, "");
    }
    text.replace(":D", "").chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Replies below what they answer, both in the order given.
fn threaded(comments: &[Value]) -> Vec<&Value> {
    let known = |id: &Value| comments.iter().any(|comment| comment["id"] == *id);
    let mut order = Vec::new();
    let mut waiting: Vec<&Value> = comments.iter().filter(|comment| !known(&comment["parent"])).rev().collect();
    while let Some(next) = waiting.pop() {
        order.push(next);
        waiting.extend(comments.iter().filter(|comment| comment["parent"] == next["id"]).rev());
    }
    order
}

fn author(comment: &Comment) -> &str {
    comment.author.as_ref().map_or("", |author| &author.name)
}

fn iso(comment: &Comment) -> &str {
    comment.posted_at.as_ref().map_or("", |at| &at.iso)
}

fn same_words(found: &[Comment], truth: &[&Value]) {
    assert_eq!(found.len(), truth.len());
    for (found, truth) in found.iter().zip(truth) {
        assert_eq!(
            author(found),
            truth["author"].as_str().unwrap_or_default().replace("&amp;", "&").replace("&lt;", "<"),
            "{found:?}"
        );
        assert_eq!(letters(&found.text), letters(truth["text"].as_str().unwrap()), "{found:?}");
    }
}

#[test]
fn a_page_printed_and_copied() {
    let Some(captures) = captures() else { return };
    let folder = captures.join("saved-shapes");
    let all: Vec<Value> = truth(&folder.join("truth.json")).into_iter().filter(|c| c["page1"] == true).collect();
    for name in ["print.txt", "copy-paste-innertext.txt"] {
        let thread = read(&folder.join(name), None);
        assert_eq!((thread.stated_count, thread.found_by), (Some(59), FoundBy::Pasted));
        assert_eq!(thread.article.title.as_deref(), Some("Fuite de données : la CNIL réagit"));
        let order = threaded(&all);
        same_words(&thread.comments, &order);
        for (found, truth) in thread.comments.iter().zip(order) {
            // The page prints Paris time, an hour ahead in March.
            let at: jiff::Timestamp = truth["date"].as_str().unwrap().parse().unwrap();
            let printed = (at + jiff::SignedDuration::from_hours(1)).strftime("%Y-%m-%dT%H:%M:00").to_string();
            assert_eq!(iso(found), printed);
        }
    }
}

#[test]
fn isso_copied() {
    let Some(captures) = captures() else { return };
    let served: Vec<Value> =
        truth(&captures.join("isso/truth.json")).into_iter().filter(|c| c["served"] == true).collect();
    let file = captures.join("isso/chromium-isso.innertext.txt");
    for (read_at, date) in [(None, ""), (Some("2026-11-23T16:45:00Z"), "2026-03")] {
        let thread = read(&file, read_at);
        assert_eq!(thread.stated_count, Some(59));
        same_words(&thread.comments, &threaded(&served));
        assert!(thread.comments.iter().all(|comment| iso(comment) == date));
        let deleted = thread.comments.iter().filter(|comment| comment.state == CommentState::Deleted);
        assert_eq!(deleted.count(), 1);
    }
}

#[test]
fn waline_copied() {
    let Some(captures) = captures() else { return };
    let mut served: Vec<Value> =
        truth(&captures.join("waline/truth.json")).into_iter().filter(|c| c["served"] == true).collect();
    served.sort_by_key(|comment| comment["id"].as_i64());
    let thread = read(&captures.join("waline/chromium-waline.innertext.txt"), None);
    assert_eq!(thread.stated_count, Some(58));
    // Threads newest first, pinned ones above; the replies of one in the order they were written.
    let mut order: Vec<&Value> = served.iter().filter(|comment| comment["root"].is_null()).rev().collect();
    order.sort_by_key(|comment| comment["sticky"] != true);
    let order: Vec<&Value> = order
        .into_iter()
        .flat_map(|root| std::iter::once(root).chain(served.iter().filter(|reply| reply["root"] == root["id"])))
        .collect();
    same_words(&thread.comments, &order);
    let mut right = (0, 0);
    for (found, truth) in thread.comments.iter().zip(&order) {
        assert_eq!(iso(found), &truth["date"].as_str().unwrap()[..10]);
        assert_eq!(found.votes, truth["likes"].as_i64());
        let parent = order.iter().position(|parent| parent["id"] == truth["parent"]).map(|at| format!("c{}", at + 1));
        if found.reply_to.is_some() {
            right = (right.0 + usize::from(found.reply_to == parent), right.1 + 1);
        }
    }
    assert!(right.1 >= 29 && right.0 * 100 >= right.1 * 95, "{right:?}");
}

#[test]
fn an_article_pasted_by_a_reader() {
    let Some(captures) = captures() else { return };
    let folder = captures.parent().unwrap().join("seed");
    for file in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let thread = read(&file, None);
        assert_eq!((thread.comments.len(), thread.stated_count), (19, Some(19)));
        assert!(thread.comments.iter().all(|comment| !comment.text.is_empty() && comment.author.is_none()));
        assert_eq!(thread.article.published_at.unwrap().iso, "2024-04-03T06:55:00");
    }
}
