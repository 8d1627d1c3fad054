//! Pages made to break the site room: fixtures with their bytes and tags mutated, and pages built to take long.
//!
//! Nothing may panic, spans must fit their texts, and time must grow with the page and no faster. Seeds are fixed, so that a
//! failure shows again.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;
use std::time::Instant;

use causerie::model::{Page, PageKind, Thread};
use causerie::site::{self, Fragment, join};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use walkdir::WalkDir;

/// Seconds one page of this file may take in an unoptimised build.
const LIMIT: f64 = 20.0;
/// Mutants of all sources together.
const MUTANTS: u32 = 400;
/// Largest fixture mutated, in bytes: what goes wrong goes wrong on small pages, too.
const LARGEST: usize = 60_000;

fn page(kind: PageKind, body: String) -> Page {
    let url = Some("https://hostile.example/a/1".to_owned());
    Page {
        source: "hostile".into(),
        url,
        fetched_at: None,
        frame_of: None,
        posted: None,
        kind,
        headers: BTreeMap::new(),
        body,
    }
}

/// Seconds this thread has run; of the clock, where the system does not count them: other tests run beside this one.
fn seconds() -> f64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let counted = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = counted.and_then(|line| line.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| START.elapsed().as_secs_f64(), |nanoseconds| nanoseconds / 1e9)
}

/// Reads a page within the limit; its spans fit.
fn read(kind: PageKind, body: String) -> Option<Thread> {
    let start = seconds();
    let found = site::read(&page(kind, body)).ok();
    let thread = found.map(|fragment| join(vec![fragment]));
    let took = seconds() - start;
    assert!(took < LIMIT, "{took:.1} s");
    for comment in thread.iter().flat_map(|thread| &thread.comments) {
        let spans = comment.quotes.iter().map(|quote| quote.span).chain(comment.links.iter().map(|link| link.span));
        for span in spans {
            assert!(
                comment.text.get(span.start..span.end).is_some_and(|words| !words.is_empty()),
                "{span:?} of {}",
                comment.id
            );
        }
    }
    thread
}

/// The pages of the repository, by what they are.
fn sources() -> Vec<(PageKind, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = ["tests/pages", "data/pages"]
        .into_iter()
        .flat_map(|folder| WalkDir::new(root.join(folder)).sort_by_file_name());
    let mut sources = Vec::new();
    for path in files.filter_map(|entry| Some(entry.ok()?.into_path())) {
        let kind = match path.extension().and_then(|extension| extension.to_str()) {
            Some("html" | "htm") => PageKind::Html,
            Some("json") if !path.ends_with("expected.json") => PageKind::Json,
            Some("txt") => PageKind::Text,
            _ => continue,
        };
        if let Ok(body) = fs::read(&path)
            && body.len() <= LARGEST
        {
            sources.push((kind, String::from_utf8_lossy(&body).into_owned()));
        }
    }
    assert!(sources.len() > 8, "the sample pages are missing");
    sources
}

/// One change to a page; places are shares of its length.
#[derive(Debug, Clone)]
enum Change {
    Truncate(f64),
    Delete(f64, usize),
    Double(f64, usize),
    /// Swaps two pieces.
    Swap(f64, f64, usize),
    Insert(f64, &'static str),
    /// Repeats an insertion, nested or side by side.
    Repeat(f64, &'static str, usize),
    /// Replaces every occurrence of a byte string.
    Replace(&'static str, &'static str),
}

const INSERTS: &[&str] = &[
    "<",
    ">",
    "\"",
    "'",
    "&",
    "<!--",
    "-->",
    "</div>",
    "<div>",
    "<li>",
    "</ul>",
    "<table>",
    "<blockquote>",
    "</article>",
    "\u{0}",
    "\u{a0}",
    "👩‍👩‍👧",
    "<script>",
    "</script>",
    "<svg>",
    "<noscript>",
    "</noscript>",
    "<p class=\"",
    "{",
    "}",
    "[",
    ",",
    "\\u",
    "null",
    "-1",
    "1e999",
    "99999999999999999999",
    "2024-02-30",
    "<time datetime='-'>",
    "<textarea>",
    "<select>",
    "]]>",
    "&#xD800;",
    "<template>",
    "<a href='",
    " id=comment-1 ",
    " depth-99999999999 ",
    "\u{202e}",
    "e\u{301}",
    "\r\n\r\n",
    "il y a 3 heures",
    "12/13/14",
];

const REPLACES: &[(&str, &str)] = &[
    ("</div>", ""),
    ("</li>", ""),
    ("<div", "<li"),
    ("\"", "'"),
    ("\"", ""),
    ("class", "id"),
    ("id=", "x="),
    ("comment", ""),
    ("<", "<<"),
    (">", ""),
    ("datetime", "title"),
    ("20", "99999"),
    (":", "\u{ff1a}"),
    ("\n", ""),
    (" ", "\u{a0}"),
    ("e", "é"),
    ("}", ""),
    ("null", "{}"),
    ("true", "[]"),
    ("\"id\"", "\"parent\""),
    ("1", "0"),
];

fn change() -> impl Strategy<Value = Change> {
    let place = || 0.0..1.0_f64;
    prop_oneof![
        place().prop_map(Change::Truncate),
        (place(), 1..200_usize).prop_map(|(at, length)| Change::Delete(at, length)),
        (place(), 1..2000_usize).prop_map(|(at, length)| Change::Double(at, length)),
        (place(), place(), 1..500_usize).prop_map(|(a, b, length)| Change::Swap(a, b, length)),
        (place(), prop::sample::select(INSERTS)).prop_map(|(at, text)| Change::Insert(at, text)),
        (place(), prop::sample::select(INSERTS), 2..3000_usize)
            .prop_map(|(at, text, times)| Change::Repeat(at, text, times)),
        prop::sample::select(REPLACES).prop_map(|(from, to)| Change::Replace(from, to)),
    ]
}

/// The place a share of a text stands for, on a character's border.
fn place(text: &str, share: f64) -> usize {
    text.floor_char_boundary((text.len() as f64 * share) as usize)
}

fn changed(text: &str, change: &Change) -> String {
    let piece = |at: f64, length: usize| {
        let start = place(text, at);
        (start, text.floor_char_boundary((start + length).min(text.len())))
    };
    let put = |at: usize, what: &str| format!("{}{what}{}", &text[..at], &text[at..]);
    match *change {
        Change::Truncate(at) => text[..place(text, at)].to_owned(),
        Change::Delete(at, length) => {
            let (start, end) = piece(at, length);
            format!("{}{}", &text[..start], &text[end..])
        }
        Change::Double(at, length) => {
            let (start, end) = piece(at, length);
            put(end, &text[start..end])
        }
        Change::Swap(a, b, length) => {
            let ((start, end), to) = (piece(a, length), place(text, b));
            if to >= end { put(to, &text[start..end]) } else { put(start, &text[to.min(start)..start]) }
        }
        Change::Insert(at, what) => put(place(text, at), what),
        Change::Repeat(at, what, times) => put(place(text, at), &what.repeat(times)),
        Change::Replace(from, to) => text.replace(from, to),
    }
}

#[test]
fn mutated_pages_are_read_without_a_fall() {
    let sources = sources();
    let config = Config { cases: MUTANTS, failure_persistence: None, ..Config::default() };
    let seed = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let strategy = (0..sources.len(), prop::collection::vec(change(), 1..6));
    TestRunner::new_with_rng(config, seed)
        .run(&strategy, |(at, changes)| {
            let (kind, body) = &sources[at];
            let mut body = body.clone();
            for change in &changes {
                body = changed(&body, change);
                body.truncate(body.floor_char_boundary(LARGEST * 4));
            }
            read(*kind, body);
            Ok(())
        })
        .unwrap();
}

fn comment(id: usize, inside: &str) -> String {
    format!(
        "<li class='comment depth-1' id=comment-{id}><b class=fn>Zoé</b><time datetime=2024-05-02>2 May</time>\
         <div class=comment-content><p>Word {id}</p>{inside}</div></li>"
    )
}

fn wordpress(inside: &str) -> String {
    format!(
        "<html lang=en><head><meta name=generator content=WordPress></head><body><ol class=commentlist>{inside}</ol>"
    )
}

#[test]
fn deep_nesting() {
    for open in [
        "<div>",
        "<ul><li>",
        "<blockquote>",
        "<table><tr><td>",
        "<b>",
        "<a href=x>",
        "<p><span>",
        "<details>",
        "<div class=quote>",
    ] {
        let nest = open.repeat(100_000 / open.len() * 5);
        read(PageKind::Html, wordpress(&comment(1, &format!("{nest}deep"))));
        read(PageKind::Html, format!("<p>3 comments</p>{nest}<time datetime=2024-05-02>x</time>"));
    }
    let nested: String = (0..3000).map(|id| comment(id, "").replace("</li>", "<ol class=children>")).collect();
    read(PageKind::Html, wordpress(&nested));
}

#[test]
fn a_million_of_a_kind() {
    for piece in [
        "<br>",
        "<p>a",
        "<i></i>",
        "<a href=/u/1>a</a>",
        "<time datetime=2024-05-02></time>",
        "a ",
        "<q>a</q>",
        "&amp;",
        "<td>",
        "\u{a0}",
    ] {
        let body = piece.repeat(1_000_000 / piece.len().max(4));
        let thread = read(PageKind::Html, wordpress(&comment(1, &body)));
        assert!(thread.is_some_and(|thread| thread.comments.len() == 1), "{piece}");
    }
}

#[test]
fn many_comments_and_ids_that_repeat() {
    let once: String = (0..10_000).map(|id| comment(id, "")).collect();
    assert_eq!(read(PageKind::Html, wordpress(&once)).map(|thread| thread.comments.len()), Some(10_000));
    let start = seconds();
    let repeated: String = (0..20_000).map(|id| comment(id % 3, "")).collect();
    let thread = read(PageKind::Html, wordpress(&repeated)).unwrap();
    assert_eq!(thread.comments.len(), 20_000);
    assert!(thread.notes.len() < 20 && seconds() - start < LIMIT / 2.0, "{:?}", thread.notes.len());
}

#[test]
fn giant_attributes_and_a_giant_line() {
    let attributes: String = (0..100_000).map(|n| format!(" a{n}=b")).collect::<Vec<_>>().concat();
    read(PageKind::Html, wordpress(&comment(1, &format!("<p{attributes}>x"))));
    let classes: String = (0..100_000).map(|n| format!("c{n} ")).collect::<Vec<_>>().concat();
    read(PageKind::Html, wordpress(&comment(1, &format!("<p class='{classes}'>x<p style='{classes}'>y"))));
    let thread = read(PageKind::Html, wordpress(&comment(1, &"word ".repeat(2_000_000))));
    assert!(thread.is_some_and(|thread| thread.comments[0].text.len() > 9_000_000));
    read(PageKind::Text, "word 2024-05-02 ".repeat(600_000));
}

#[test]
fn dates_and_records_without_end() {
    let dates =
        "<div class=item><a href=/u/1>Zoé</a> <span>3 May 2024</span> words of hers <button>Reply</button></div>"
            .repeat(20_000);
    read(PageKind::Html, format!("<html lang=en><body><h2>20000 comments</h2>{dates}"));
    let nested = "<div class=comment><a class=author>Zoé</a><time>3 May 2024</time><p>words</p>".repeat(20_000);
    read(PageKind::Html, format!("<html lang=en><body>{nested}"));
    let schema = "<div itemscope itemtype='https://schema.org/Comment'><span itemprop=author>Zoé</span><p itemprop=text>words</p>".repeat(20_000);
    read(PageKind::Html, format!("<html lang=en><body>{schema}"));
    let pasted = "Zoé\n3 May 2024\nwords of hers\nReply\n\n".repeat(50_000);
    read(PageKind::Text, format!("50000 comments\n\n{pasted}"));
}

#[test]
fn parents_in_circles_late_or_never() {
    let row = |id: usize, parent: usize| {
        format!(
            r#"{{"id":{id},"post":1,"parent":{parent},"author_name":"Z","date_gmt":"2024-05-02T10:00:00","content":{{"rendered":"<p>w</p>"}},"type":"comment","link":"https://h.example/a/#comment-{id}"}}"#
        )
    };
    let rows = 20_000;
    for parent in [
        |id: usize| id + 1,
        |id: usize| if id.is_multiple_of(2) { id + 1 } else { id - 1 },
        |id: usize| id,
        |id: usize| id + 1_000_000,
    ] {
        let all: Vec<String> = (1..=rows).map(|id| row(id, parent(id))).collect();
        let thread = read(PageKind::Json, format!("[{}]", all.join(",")));
        assert!(thread.is_some_and(|thread| thread.comments.len() == rows));
    }
    let open = "[{\"comments\":".repeat(50_000);
    assert!(read(PageKind::Json, open).is_none());
}

#[test]
fn time_grows_with_the_page() {
    // Twice the page may take twice the time, not four times; the smallest of three runs, since the machine has other work.
    let time = |rows: usize| {
        let inside =
            "<blockquote>Zoé wrote:<p>a</p></blockquote><a href='/x'>b</a><img class=emoji alt=:)> ".repeat(10);
        let body = wordpress(&(0..rows).map(|id| comment(id, &inside)).collect::<String>());
        let run = || {
            let start = seconds();
            let found: Fragment = site::read(&page(PageKind::Html, body.clone())).unwrap();
            assert_eq!(found.comments.len(), rows);
            seconds() - start
        };
        (0..3).map(|_| run()).fold(f64::INFINITY, f64::min)
    };
    let (small, large) = (time(300), time(2400));
    assert!(large < small * 8.0 * 4.0, "{small:?} for 300 comments, {large:?} for 2400");
}
