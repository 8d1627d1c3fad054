//! The sample pages against what a careful reader finds in them, and, where they lie beside the checkout, pages of
//! real servers.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use causerie::codebook::Codebook;
use causerie::coding::{Rules, code_thread};
use causerie::input::{InputOptions, Item, plan};
use causerie::model::{CodedThread, Comment, Completeness, Moment, Thread};
use causerie::site::{self, Assembly, Fragment, join};
use serde_json::Value;

use super::workplace::samples;

/// Macro F1 of the codes and accuracy of the sentiment on the sample pages, three points below what was measured:
/// below these somebody has to look.
const CODES_FLOOR: f64 = 0.93;
const POLARITY_FLOOR: f64 = 0.77;

fn fragments(paths: &[PathBuf]) -> Vec<Fragment> {
    let inputs: Vec<String> = paths.iter().map(|path| path.to_str().unwrap().to_owned()).collect();
    let plan = plan(&inputs, &InputOptions::default()).unwrap();
    plan.items.iter().flat_map(Item::pages).map(|page| site::read(&page.unwrap()).unwrap()).collect()
}

fn threads(fragments: &[Fragment]) -> Vec<Thread> {
    let mut assembly = Assembly::default();
    for fragment in fragments {
        assembly.add(&fragment.keys);
    }
    let groups = assembly.groups().into_iter();
    groups.map(|group| join(group.into_iter().map(|number| fragments[number].clone()).collect())).collect()
}

#[track_caller]
fn one_thread(paths: &[PathBuf]) -> Thread {
    let mut threads = threads(&fragments(paths));
    assert_eq!(threads.len(), 1, "{paths:?}");
    threads.remove(0)
}

/// What the reader found, by the name of the sample.
fn expectations() -> BTreeMap<String, Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expected");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let read = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap())
    };
    files.map(read).collect()
}

fn sources(expected: &Value) -> Vec<PathBuf> {
    expected["source"].as_array().unwrap().iter().map(|name| samples().join(name.as_str().unwrap())).collect()
}

fn iso(moment: Option<&Moment>) -> Option<&str> {
    moment.map(|moment| moment.iso.as_str())
}

/// The place in the thread of each expected comment: by id, or where the page shows none, in order.
fn places(thread: &Thread, expected: &Value) -> Vec<Option<usize>> {
    let by_id: HashMap<&str, usize> = thread.comments.iter().enumerate().map(|(at, c)| (c.id.as_str(), at)).collect();
    let comments = expected["comments"].as_array().unwrap().iter().enumerate();
    comments
        .map(|(at, comment)| match comment["id"].as_str() {
            Some(id) => by_id.get(id).copied(),
            None => (at < thread.comments.len()).then_some(at),
        })
        .collect()
}

/// All that differs, one line a field.
fn differences(thread: &Thread, expected: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut compare = |what: &str, field: &str, got: Option<&str>, expected: &Value| {
        if got != expected.as_str() {
            found.push(format!("{what} {field}: {got:?}, not {expected}"));
        }
    };
    let article = &thread.article;
    compare("thread", "site", Some(&thread.site), &expected["site"]);
    compare("article", "title", article.title.as_deref(), &expected["title"]);
    compare("article", "date", iso(article.published_at.as_ref()), &expected["article_date"]);
    compare("article", "author", article.author.as_deref(), &expected["article_author"]);
    compare("article", "url", article.url.as_deref(), &expected["url"]);
    let comments = expected["comments"].as_array().unwrap();
    for (at, (place, comment)) in places(thread, expected).into_iter().zip(comments).enumerate() {
        let what = format!("comment {} {}", at + 1, comment["id"]);
        let Some(place) = place else {
            compare(&what, "itself", None, &Value::from("there"));
            continue;
        };
        let got = &thread.comments[place];
        compare(&what, "reply_to", got.reply_to.as_deref(), &comment["reply_to"]);
        compare(&what, "author", got.author.as_ref().map(|author| author.name.as_str()), &comment["author"]);
        compare(&what, "posted_at", iso(got.posted_at.as_ref()), &comment["posted_at"]);
        compare(&what, "text", Some(&got.text), &comment["text"]);
        compare(&what, "state", Some(got.state.as_str()), &comment["state"]);
    }
    if thread.stated_count != expected["stated_count"].as_u64() {
        found.push(format!("stated count: {:?}, not {}", thread.stated_count, expected["stated_count"]));
    }
    if thread.comments.len() != comments.len() {
        found.push(format!("{} comments, not {}", thread.comments.len(), comments.len()));
    }
    found
}

#[test]
fn samples_are_read_as_a_reader_reads_them() {
    let expectations = expectations();
    assert_eq!(expectations.len(), 12);
    let mut wrong = Vec::new();
    for (name, expected) in &expectations {
        let thread = one_thread(&sources(expected));
        wrong.extend(differences(&thread, expected).into_iter().map(|difference| format!("{name}: {difference}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn one_comparison_can_fail() {
    let expected = &expectations()["latin1"];
    let mut thread = one_thread(&sources(expected));
    thread.comments[0].text.push('.');
    thread.comments.pop();
    assert_eq!(differences(&thread, expected).len(), 3, "text, a missing comment, the number of comments");
}

#[test]
fn the_folder_of_samples_falls_into_its_threads() {
    let threads = threads(&fragments(&[samples()]));
    let expected: usize = expectations().values().map(|e| e["comments"].as_array().unwrap().len()).sum();
    assert_eq!((threads.len(), threads.iter().map(|t| t.comments.len()).sum::<usize>()), (12, expected));
    let mut ids: Vec<&str> = threads.iter().map(|thread| thread.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 12, "a thread has an id of its own");
}

#[test]
fn the_order_of_pages_does_not_matter() {
    let pages = fragments(&sources(&expectations()["wordpress-classique"]));
    let whole = threads(&pages).remove(0);
    for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let shuffled: Vec<Fragment> = order.iter().map(|&at| pages[at].clone()).collect();
        let mut joined = threads(&shuffled);
        assert_eq!(joined.len(), 1, "{order:?}");
        let joined = joined.remove(0);
        assert_eq!(Thread { sources: whole.sources.clone(), ..joined }, whole, "{order:?}");
    }
}

#[test]
fn pages_alone_belong_to_the_same_thread() {
    let pages = fragments(&sources(&expectations()["wordpress-classique"]));
    let whole = threads(&pages).remove(0);
    for (page, comments) in pages.iter().zip([10, 4, 16]) {
        let alone = join(vec![page.clone()]);
        assert_eq!((alone.id.as_str(), alone.comments.len()), (whole.id.as_str(), comments), "{}", page.source);
    }
    let shown = join(pages[..2].to_vec());
    assert_eq!((shown.comments.len(), shown.completeness()), (14, Completeness::Partial));
}

#[test]
fn thread_ids_stay_the_same() {
    // Studies refer to them: a change is a break, to be announced.
    let ids: Vec<String> = ["latin1", "pasted-fr", "wordpress-classique"]
        .iter()
        .map(|name| one_thread(&sources(&expectations()[*name])).id)
        .collect();
    assert_eq!(ids, ["tf019eccdc9cd", "tc2b83eb0764f", "td0cbbae36d5b"]);
}

#[derive(Default)]
struct Counts {
    hit: usize,
    extra: usize,
    missed: usize,
}

impl Counts {
    fn f1(&self) -> f64 {
        2.0 * self.hit as f64 / (2 * self.hit + self.extra + self.missed).max(1) as f64
    }
}

fn has(coded: &CodedThread, at: usize, code: &str) -> bool {
    coded.comments[at].coded.iter().flat_map(|coded| &coded.codings).any(|coding| coding.code == code)
}

fn polarity(coded: &CodedThread, at: usize) -> Option<&str> {
    Some(coded.comments[at].coded.as_ref()?.polarity.as_ref()?.polarity.as_str())
}

#[test]
#[allow(clippy::print_stdout, reason = "the figures, shown with --nocapture")]
fn codes_and_sentiment_hold_their_level() {
    const CODES: [&str; 3] = ["distrust", "fraud_speculation", "data_pricing"];
    let rules = Rules::new(Codebook::builtin());
    let mut counts: [Counts; 3] = Default::default();
    let (mut right, mut judged) = (0_usize, 0_usize);
    for expected in expectations().values() {
        let coded = code_thread(&rules, one_thread(&sources(expected)));
        for (place, gold) in places(&coded.thread, expected).iter().zip(expected["comments"].as_array().unwrap()) {
            let place = place.expect("the samples are read as a reader reads them");
            for (code, counts) in CODES.iter().zip(&mut counts) {
                match (gold[code].as_i64(), has(&coded, place, code)) {
                    (Some(1), true) => counts.hit += 1,
                    (Some(1), false) => counts.missed += 1,
                    (Some(_), true) => counts.extra += 1,
                    _ => {}
                }
            }
            if let Some(sentiment) = gold["sentiment"].as_str() {
                judged += 1;
                right += usize::from(polarity(&coded, place) == Some(sentiment));
            }
        }
    }
    let macro_f1 = counts.iter().map(Counts::f1).sum::<f64>() / 3.0;
    let accuracy = right as f64 / judged as f64;
    for (code, counts) in CODES.iter().zip(&counts) {
        println!(
            "{code:<18} F1 {:.3}  ({} found, {} missed, {} too many)",
            counts.f1(),
            counts.hit,
            counts.missed,
            counts.extra
        );
    }
    println!("codes, macro F1    {macro_f1:.3}\npolarity, accuracy {accuracy:.3} of {judged}");
    assert!(macro_f1 >= CODES_FLOOR, "macro F1 of the codes fell to {macro_f1:.3}");
    assert!(accuracy >= POLARITY_FLOOR, "accuracy of the sentiment fell to {accuracy:.3}");
}

/// Material that may not be part of the repository; tests on it run where it lies beside the checkout.
fn beside(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path);
    path.exists().then_some(path)
}

#[test]
fn a_real_pasted_thread() {
    let Some(folder) = beside("seed") else { return };
    let path = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).next().unwrap();
    let thread = one_thread(std::slice::from_ref(&path));
    let file = fs::read_to_string(path).unwrap();
    let title = file.lines().nth(3).unwrap();
    assert_eq!(thread.article.title.as_deref(), Some(title));
    assert_eq!(iso(thread.article.published_at.as_ref()), Some("2024-04-03T06:55:00"));
    assert_eq!((thread.stated_count, thread.comments.len()), (Some(19), 19));
    let mut blocks: Vec<&str> = file.split("\nvotre avatar\n").skip(1).map(str::trim).collect();
    let last = blocks.pop().unwrap();
    blocks.push(last.split_once(&format!("\n\n{title}")).unwrap().0);
    assert!(blocks[18].ends_with(":reflechis:"));
    for (number, (comment, block)) in thread.comments.iter().zip(blocks).enumerate() {
        // Only the number is told: the texts are their writers'.
        assert!(comment.text == block, "the text of comment {}", number + 1);
    }
}

/// What the server's database says of each comment.
struct Truth {
    stated: u64,
    comments: Vec<Value>,
}

fn saved_shapes() -> Option<(PathBuf, Truth)> {
    let folder = beside("captures/saved-shapes")?;
    let truth: Value = serde_json::from_str(&fs::read_to_string(folder.join("truth.json")).unwrap()).unwrap();
    let comments = truth["comments"].as_array().unwrap().clone();
    Some((folder, Truth { stated: truth["stated_count"].as_u64().unwrap(), comments }))
}

/// The name as a browser shows it.
fn author(truth: &Value) -> String {
    let name = truth["author"].as_str().unwrap().replace("&lt;", "<").replace("&gt;", ">");
    name.replace("&quot;", "\"").replace("&#039;", "'").replace("&amp;", "&")
}

fn name(comment: &Comment) -> &str {
    comment.author.as_ref().map_or("", |author| &author.name)
}

fn instant(iso: &str) -> Option<jiff::Timestamp> {
    iso.parse().ok()
}

#[test]
fn an_archive_of_a_real_thread_is_joined() {
    let Some((folder, truth)) = saved_shapes() else { return };
    let thread = one_thread(&[folder.join("wp-page1-nogz.warc")]);
    assert_eq!((thread.stated_count, thread.comments.len()), (Some(truth.stated), 58));
    assert_eq!(truth.comments.len(), 58);
    let by_id: HashMap<&str, &Comment> = thread.comments.iter().map(|c| (c.id.as_str(), c)).collect();
    for row in &truth.comments {
        let id = format!("c{}", row["id"]);
        let comment = by_id.get(id.as_str()).unwrap_or_else(|| panic!("{id} is missing"));
        let parent = row["parent"].as_u64().map(|parent| format!("c{parent}"));
        assert_eq!(comment.reply_to, parent, "{id}");
        assert_eq!(name(comment), author(row), "{id}");
        let posted = iso(comment.posted_at.as_ref()).and_then(instant);
        assert_eq!(posted, instant(row["date"].as_str().unwrap()), "{id}");
    }
    let orphans = thread.comments.iter().filter(|comment| thread.is_orphan(comment)).count();
    let known = |parent: u64| truth.comments.iter().any(|row| row["id"] == parent);
    let lost = truth.comments.iter().filter(|row| row["parent"].as_u64().is_some_and(|p| !known(p))).count();
    assert_eq!(orphans, lost, "comments whose parent is gone are kept");
}

#[test]
fn one_page_of_a_real_thread_in_an_archive_of_its_own() {
    let Some((folder, truth)) = saved_shapes() else { return };
    let thread = one_thread(&[folder.join("wp-page1.warc.gz")]);
    let shown: Vec<&Value> = truth.comments.iter().filter(|row| row["page1"] == true).collect();
    assert_eq!((thread.stated_count, thread.comments.len()), (Some(truth.stated), shown.len()));
    for row in shown {
        let comment = thread.comments.iter().find(|c| c.id == format!("c{}", row["id"])).unwrap();
        assert_eq!(name(comment), author(row));
        assert_eq!(iso(comment.posted_at.as_ref()).and_then(instant), instant(row["date"].as_str().unwrap()));
    }
}

#[test]
fn a_real_page_as_text() {
    let Some((folder, truth)) = saved_shapes() else { return };
    let paris = jiff::tz::TimeZone::get("Europe/Paris").unwrap();
    let printed = |row: &Value| {
        let at = instant(row["date"].as_str().unwrap()).unwrap().to_zoned_datetime(paris.clone());
        (author(row), at.strftime("%Y-%m-%dT%H:%M").to_string())
    };
    let mut expected: Vec<(String, String)> =
        truth.comments.iter().filter(|row| row["page1"] == true).map(printed).collect();
    expected.sort();
    for file in ["copy-paste-innertext.txt", "print.txt"] {
        let thread = one_thread(&[folder.join(file)]);
        assert_eq!((thread.stated_count, thread.comments.len()), (Some(truth.stated), 28), "{file}");
        let minute = |comment: &Comment| iso(comment.posted_at.as_ref()).unwrap_or("").chars().take(16).collect();
        let mut found: Vec<(String, String)> =
            thread.comments.iter().map(|comment| (name(comment).to_owned(), minute(comment))).collect();
        found.sort();
        assert_eq!(found, expected, "{file}");
        assert!(thread.comments.iter().all(|comment| !comment.text.is_empty()), "{file}");
    }
}
