//! Pages written for these tests, one folder each: what the page is, beside what a careful reader finds in it.
//!
//! A folder of `tests/pages/` holds one thread: its files, and `expected.json`. A key of the expectation that is left out
//! is not compared; `comments` must be all there are, in order. `url` and `fetched_at` are what a live page would say.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use causerie::input::{InputOptions, Item, plan};
use causerie::model::{Comment, Failure, Moment, Precision, ReplyBasis, Thread};
use causerie::site::{self, Assembly, join};
use serde_json::{Value, json};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages")
}

/// What a folder gives: its threads, and what failed.
fn read(folder: &Path, expected: &Value) -> (Vec<Thread>, Vec<Failure>) {
    let mut files: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_name().is_some_and(|name| name != "expected.json"))
        .map(|path| path.to_str().unwrap().to_owned())
        .collect();
    files.sort();
    let plan = plan(&files, &InputOptions::default()).unwrap();
    let (mut fragments, mut failures, mut assembly) = (Vec::new(), Vec::new(), Assembly::default());
    for page in plan.items.iter().flat_map(Item::pages) {
        let fragment = page.and_then(|mut page| {
            if let Some(url) = expected["url"].as_str() {
                page.url.get_or_insert_with(|| url.to_owned());
            }
            if let Some(at) = expected["fetched_at"].as_str() {
                page.fetched_at.get_or_insert_with(|| Moment { iso: at.to_owned(), precision: Precision::Second });
            }
            site::read(&page)
        });
        match fragment {
            Ok(mut fragment) => {
                failures.append(&mut fragment.failures);
                assembly.add(&fragment.keys);
                fragments.push(fragment);
            }
            Err(failure) => failures.push(failure),
        }
    }
    let groups = assembly.groups().into_iter();
    let threads = groups.map(|group| join(group.into_iter().map(|number| fragments[number].clone()).collect()));
    (threads.collect(), failures)
}

/// All a comment says, by the names the expectations use.
fn said(comment: &Comment) -> Value {
    let iso = |moment: Option<&Moment>| moment.map(|moment| moment.iso.clone());
    json!({
        "id": comment.id,
        "reply_to": comment.reply_to,
        "reply_basis": comment.reply_basis.map(ReplyBasis::as_str),
        "depth": comment.depth,
        "author": comment.author.as_ref().map(|author| &author.name),
        "posted_at": iso(comment.posted_at.as_ref()),
        "precision": comment.posted_at.as_ref().map(|moment| moment.precision.as_str()),
        "text": comment.text,
        "quotes": comment.quotes.iter().map(|q| json!({ "text": q.span.of(&comment.text), "author": q.author })).collect::<Vec<_>>(),
        "links": comment.links.iter().map(|link| &link.url).collect::<Vec<_>>(),
        "votes": comment.votes,
        "state": comment.state.as_str(),
        "edited": comment.edited,
        "edited_at": iso(comment.edited_at.as_ref()),
        "permalink": comment.permalink,
    })
}

/// What differs between the expectation's keys and what was found.
fn compare(place: &str, expected: &Value, found: &Value, differences: &mut Vec<String>) {
    for (key, wanted) in expected.as_object().into_iter().flatten() {
        if let Some(found) = found.get(key).filter(|found| *found != wanted) {
            differences.push(format!("{place} {key}: expected {wanted}, found {found}"));
        }
    }
}

/// All that differs in one folder, one line a field.
fn differences(folder: &Path) -> Vec<String> {
    let expected: Value = serde_json::from_str(&fs::read_to_string(folder.join("expected.json")).unwrap()).unwrap();
    let (threads, failures) = read(folder, &expected);
    let mut differences = Vec::new();
    let [thread] = threads.as_slice() else {
        return vec![format!("{} threads, failures {failures:?}", threads.len())];
    };
    let found = json!({
        "site": thread.site,
        "found_by": thread.found_by.as_str(),
        "certainty": thread.certainty.as_str(),
        "stated_count": thread.stated_count,
        "title": thread.article.title,
        "author": thread.article.author,
        "published_at": thread.article.published_at.as_ref().map(|moment| &moment.iso),
        "failures": failures.iter().map(|failure| &failure.reason).collect::<Vec<_>>(),
    });
    compare("thread", &expected, &found, &mut differences);
    let wanted = expected["comments"].as_array().expect("an expectation lists its comments");
    if wanted.len() != thread.comments.len() {
        differences.push(format!("{} comments expected, {} found", wanted.len(), thread.comments.len()));
    }
    for (at, (wanted, comment)) in wanted.iter().zip(&thread.comments).enumerate() {
        let found = said(comment);
        let unknown = wanted.as_object().into_iter().flatten().map(|(key, _)| key).find(|key| found.get(key).is_none());
        assert_eq!(unknown, None, "{}: a key no comment has", folder.display());
        compare(&format!("comment {}", at + 1), wanted, &found, &mut differences);
    }
    differences
}

#[test]
fn pages_say_what_a_reader_finds() {
    let mut wrong: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let found = differences(&path);
            if !found.is_empty() {
                wrong.insert(path.file_name().unwrap().to_string_lossy().into_owned(), found);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
