//! Threads that are hard to say in other forms: circles, orphans, no authors, signs of every kind.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{ExchangeError, authors, convokit, four_cat, gexf, graphml, reply_tree};
use crate::model::{
    Article, Author, Basis, CodeLabel, Coded, CodedComment, CodedThread, Coding, Comment, Confidence, Moment, Polarity,
    PolarityCoding, Precision, Span, Study, Thread,
};

const TEXT: &str = "Déjà 👍 \"vu\",\r\n\u{202e}arnaque\0<&>]]>";

fn comment(id: &str, author: &str, reply_to: &str, posted_at: &str) -> Comment {
    Comment {
        id: id.to_owned(),
        author: (!author.is_empty()).then(|| Author { name: author.to_owned(), avatar: None }),
        reply_to: (!reply_to.is_empty()).then(|| reply_to.to_owned()),
        posted_at: (!posted_at.is_empty()).then(|| Moment { iso: posted_at.to_owned(), precision: Precision::Minute }),
        text: TEXT.to_owned(),
        ..Comment::default()
    }
}

/// Coded as carrying `x`, `y` left open.
fn coded(polarity: Polarity) -> CodedComment {
    let start = TEXT.find("arnaque").unwrap();
    let evidence = Span::new(start, start + "arnaque".len());
    let sentiment = PolarityCoding {
        polarity,
        score: -0.5,
        confidence: Some(Confidence { value: 0.9, basis: Some(Basis::Model), calibrated: true }),
        evidence: None,
    };
    let said = Coded {
        coder: "rules-1".to_owned(),
        polarity: Some(sentiment),
        codings: vec![Coding { code: "x".to_owned(), evidence, confidence: None }],
        undecided: vec!["y".to_owned()],
        ..Coded::default()
    };
    CodedComment { language: Some("fr".to_owned()), coded: Some(said), ..CodedComment::default() }
}

fn study() -> Study {
    let name = |name: &str| CodeLabel { name: name.to_owned(), label: name.to_owned(), ..CodeLabel::default() };
    let comments = vec![
        comment("a", "unknown", "b", "2024-04-03T06:55:00+02:00"),
        comment("b", "<Zoë> & \"co\"\u{1}", "a", "2024"),
        comment("c", "", "gone", ""),
        comment("d", "unknown", "b", "2024-04-03"),
        comment("e", "unknown", "b", ""),
    ];
    let codes = [Polarity::Negative, Polarity::Neutral, Polarity::Negative, Polarity::Positive];
    let codings = codes.into_iter().map(coded).chain([CodedComment::default()]).collect();
    let article = Article { title: Some("T".to_owned()), body: Some("B".to_owned()), ..Article::default() };
    let thread = Thread { id: "t1".to_owned(), article, comments, ..Thread::default() };
    Study {
        threads: vec![CodedThread { thread, comments: codings }],
        codes: vec![name("x"), name("y"), name("circle")],
        ..Study::default()
    }
}

fn utterances(study: &Study) -> BTreeMap<String, Value> {
    let files = convokit(study).unwrap();
    let lines = String::from_utf8(files[0].bytes.clone()).unwrap();
    let read = |line: &str| serde_json::from_str::<Value>(line).unwrap();
    lines.lines().map(read).map(|line| (line["id"].as_str().unwrap().to_owned(), line)).collect()
}

#[test]
fn every_conversation_is_a_tree_below_its_article() {
    let said = utterances(&study());
    let parents: Vec<_> = said.iter().map(|(id, line)| (id.as_str(), line["reply-to"].as_str())).collect();
    assert_eq!(
        parents,
        [
            ("t1", None),
            ("t1:a", Some("t1")),
            ("t1:b", Some("t1:a")),
            ("t1:c", Some("t1")),
            ("t1:d", Some("t1:b")),
            ("t1:e", Some("t1:b")),
        ]
    );
    assert_eq!(said["t1"]["text"], "T\n\nB");
    let (first, orphan) = (&said["t1:a"]["meta"], &said["t1:c"]["meta"]);
    assert_eq!((&first["circle"], &first["orphan"], &first["reply_to"]), (&true.into(), &false.into(), &"b".into()));
    assert_eq!(
        (&orphan["circle"], &orphan["orphan"], &orphan["reply_to"]),
        (&false.into(), &true.into(), &"gone".into())
    );
}

#[test]
fn utterances_keep_text_codes_and_what_is_known_of_the_time() {
    let said = utterances(&study());
    let meta = &said["t1:b"]["meta"];
    assert_eq!(said["t1:b"]["text"], TEXT);
    assert_eq!((&meta["x"], &meta["y"], &meta["code_circle"]), (&1.into(), &Value::Null, &0.into()));
    let words = &meta["evidence"][0];
    let point = |name: &str| usize::try_from(words[name].as_u64().unwrap()).unwrap();
    let cut: String = TEXT.chars().skip(point("start")).take(point("end") - point("start")).collect();
    assert_eq!((cut.as_str(), &words["code"]), ("arnaque", &"x".into()));
    assert_eq!(said["t1:e"]["meta"]["x"], Value::Null);
    let time = |id: &str| (said[id]["timestamp"].as_i64().unwrap(), &said[id]["meta"]["posted_at"]);
    assert_eq!(time("t1:a"), (1_712_120_100, &"2024-04-03T06:55:00+02:00".into()));
    assert_eq!(time("t1:b"), (0, &"2024".into()));
    assert_eq!(time("t1:c"), (0, &Value::Null));
}

#[test]
fn speakers_of_other_kinds_take_no_name_from_authors() {
    let said = utterances(&study());
    let speaker = |id: &str| said[id]["speaker"].as_str().unwrap();
    assert_eq!((speaker("t1"), speaker("t1:a"), speaker("t1:c")), ("article", "unknown", "unknown_"));
    let files = convokit(&study()).unwrap();
    let speakers: Value = serde_json::from_slice(&files[1].bytes).unwrap();
    assert_eq!(speakers["unknown_"]["meta"]["kind"], "unknown");
    let index: Value = serde_json::from_slice(&files[4].bytes).unwrap();
    assert_eq!(index["utterances-index"]["polarity_score"], serde_json::json!(["<class 'float'>"]));
}

#[test]
fn posts_begin_with_the_article_and_keep_their_text() {
    let bytes = four_cat(&study()).unwrap();
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    assert_eq!(header[..5], ["id", "thread_id", "author", "body", "timestamp"]);
    let rows: Vec<BTreeMap<String, String>> = reader
        .records()
        .map(|row| header.iter().cloned().zip(row.unwrap().iter().map(str::to_owned)).collect())
        .collect();
    assert_eq!(
        (rows[0]["id"].as_str(), rows[0]["type"].as_str(), rows[0]["parent_id"].as_str()),
        ("t1", "article", "")
    );
    let column = |name: &str| rows.iter().map(|row| row[name].clone()).collect::<Vec<_>>();
    assert_eq!(column("timestamp"), ["", "2024-04-03 04:55:00", "", "", "2024-04-03 00:00:00", ""]);
    assert_eq!(column("parent_id"), ["", "t1", "t1:a", "t1", "t1:b", "t1:b"]);
    assert_eq!(column("code_x"), ["", "1", "1", "1", "1", ""]);
    assert_eq!(column("code_y"), [""; 6]);
    assert_eq!((rows[1]["body"].as_str(), rows[1]["evidence"].as_str()), (TEXT, "x: arnaque"));
}

#[test]
fn an_id_of_two_is_refused() {
    let mut twice = study();
    twice.threads[0].thread.comments[1].id = "a".to_owned();
    for made in [convokit(&twice).map(|_| ()), four_cat(&twice).map(|_| ())] {
        assert!(matches!(made, Err(ExchangeError::IdTwice { id }) if id == "t1:a"));
    }
}

#[test]
fn edges_are_replies_among_authors() {
    let network = authors(&study());
    let edges: Vec<_> = network.edges.iter().map(|edge| (edge.from, edge.to, edge.weight)).collect();
    assert_eq!(edges, [(0, 1, 2), (1, 0, 1)]);
    let values: Vec<_> =
        network.nodes[0].values.iter().map(|value| value.as_ref().map(super::network::Value::written)).collect();
    let expected = [Some("3"), Some("0"), Some("1"), None, Some("0")];
    assert_eq!(values, expected.map(|value| value.map(str::to_owned)));
    assert!(network.description.contains("1 comments without an author"), "{}", network.description);
    assert!(network.description.contains("1 replies that would close a circle"), "{}", network.description);
    let tree = reply_tree(&study());
    assert_eq!((tree.nodes.len(), tree.edges.len()), (6, 5));
}

#[test]
fn no_name_breaks_the_xml() {
    for network in [authors(&study()), reply_tree(&study())] {
        for bytes in [gexf(&network).unwrap(), graphml(&network).unwrap()] {
            let xml = String::from_utf8(bytes).unwrap();
            assert!(!xml.contains(|c: char| c < ' ' && c != '\n'), "{xml}");
            assert!(xml.contains("&lt;Zoë&gt; &amp; ") && xml.contains('\u{fffd}'), "{xml}");
            let mut reader = quick_xml::Reader::from_str(&xml);
            while reader.read_event().unwrap() != quick_xml::events::Event::Eof {}
        }
    }
}
