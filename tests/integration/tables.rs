//! Coded threads as tables, through the library: every column of every row.

use std::fs::{self};

use causerie::export::Format;
use causerie::model::{
    Article, Author, Basis, Coded, CodedComment, CodedThread, Coding, Comment, CommentState, Confidence, Failure,
    Moment, Polarity, PolarityCoding, Precision, Quote, Span, Stage, Thread,
};
use causerie::table::{AuthorKey, AuthorPolicy, CodeColumn, Table, Tables, columns, polars_schema};
use polars::prelude::{AnyValue, DataFrame};

use super::exports::written;

pub(crate) const HARD_TEXT: &str = "Il a dit \"non; jamais\",\nvraiment 👍🏽 e\u{301}té…\n\n=1+1";

pub(crate) fn codes() -> Vec<CodeColumn> {
    ["distrust", "data_pricing"]
        .map(|name| CodeColumn { name: name.into(), description: format!("Means {name}.") })
        .into()
}

pub(crate) fn key() -> AuthorKey {
    AuthorKey::from_bytes([42; 32])
}

pub(crate) fn moment(iso: &str) -> Moment {
    Moment { iso: iso.into(), precision: Precision::Second }
}

pub(crate) fn span(text: &str, words: &str) -> Span {
    let start = text.find(words).expect("the words are in the text");
    Span::new(start, start + words.len())
}

/// A comment, coded with evidence for each `(code, words)`.
pub(crate) fn comment(
    id: &str,
    text: &str,
    polarity: Option<(Polarity, f64, &str)>,
    found: &[(&str, &str)],
) -> (Comment, CodedComment) {
    let comment = Comment {
        id: id.into(),
        author: Some(Author { name: "Élodie".into(), avatar: Some("https://avatar.example/0123".into()) }),
        posted_at: Some(moment("2024-04-03T06:55:00+02:00")),
        text: text.into(),
        permalink: Some(format!("https://www.example.org/article#{id}")),
        ..Comment::default()
    };
    let coded = Coded {
        coder: "rules-1".into(),
        polarity: polarity.map(|(polarity, score, words)| PolarityCoding {
            polarity,
            score,
            confidence: Some(Confidence { value: 0.75, basis: Some(Basis::Patterns), calibrated: false }),
            evidence: Some(span(text, words)),
        }),
        codings: found
            .iter()
            .map(|(code, words)| Coding {
                code: (*code).to_owned(),
                evidence: span(text, words),
                confidence: Some(Confidence::grade(0.9, Basis::Model)),
            })
            .collect(),
        ..Coded::default()
    };
    let coding = CodedComment {
        language: Some("fr".into()),
        own_text: text.into(),
        quotes: vec![Quote { span: Span::new(0, 1), author: Some("Quoted Person".into()) }],
        coded: Some(coded),
    };
    (comment, coding)
}

pub(crate) fn thread() -> CodedThread {
    let (hard, hard_coding) = comment(
        "c1",
        HARD_TEXT,
        Some((Polarity::Negative, -0.5, "jamais")),
        &[("distrust", "vraiment 👍🏽 e\u{301}té"), ("data_pricing", "1+1")],
    );
    let (mut reply, reply_coding) = comment("c2", "-1, pas d'accord", Some((Polarity::Neutral, 0.0, "pas")), &[]);
    reply.reply_to = Some("c1".into());
    reply.depth = Some(1);
    reply.votes = Some(-3);
    reply.author = Some(Author { name: "Bob".into(), avatar: None });
    let (mut orphan, _) = comment("c3", "", None, &[]);
    orphan.reply_to = Some("c99".into());
    orphan.state = CommentState::Deleted;
    orphan.author = None;
    orphan.posted_at = None;
    CodedThread {
        thread: Thread {
            id: "t1".into(),
            site: "wordpress".into(),
            article: Article {
                title: Some("@home; l'été".into()),
                author: Some("Une journaliste".into()),
                published_at: Some(moment("2024-04-02")),
                url: Some("https://www.example.org/article".into()),
                body: None,
            },
            comments: vec![hard, reply, orphan],
            stated_count: Some(4),
            fetched_at: Some(moment("2024-05-01T10:00:00Z")),
            sources: vec!["page-1.html".into(), "page-2.html".into()],
            notes: vec!["one page was not reached".into()],
            ..Thread::default()
        },
        comments: vec![hard_coding, reply_coding, CodedComment::default()],
    }
}

pub(crate) fn tables(authors: AuthorPolicy) -> Tables {
    Tables::new(codes(), authors, false).unwrap()
}

pub(crate) fn pseudonymous() -> Tables {
    tables(AuthorPolicy::Pseudonym(key()))
}

pub(crate) fn cell<'a>(frame: &'a DataFrame, column: &str, row: usize) -> AnyValue<'a> {
    frame.column(column).unwrap().get(row).unwrap()
}

pub(crate) fn text(frame: &DataFrame, column: &str, row: usize) -> Option<String> {
    frame.column(column).unwrap().str().unwrap().get(row).map(Into::into)
}

#[test]
fn frames_have_the_columns_of_the_schema() {
    for keep_html in [false, true] {
        let tables = Tables::new(codes(), AuthorPolicy::Keep, keep_html).unwrap();
        let failure = Failure {
            source: "a.html".into(),
            url: None,
            stage: Stage::Parse,
            reason: "no_thread".into(),
            message: "No comments were found.".into(),
        };
        for threads in [vec![], vec![thread()], vec![thread(), thread()]] {
            let failures = vec![failure.clone(); threads.len()];
            for (table, frame, rows) in [
                (Table::Comments, tables.comments(&threads), 3 * threads.len()),
                (Table::Codings, tables.codings(&threads), 4 * threads.len()),
                (Table::Threads, tables.threads(&threads), threads.len()),
                (Table::Errors, tables.errors(&failures), threads.len()),
            ] {
                let frame = frame.unwrap();
                assert_eq!(**frame.schema(), polars_schema(&tables.columns(table)), "{table}");
                assert_eq!(frame.height(), rows, "{table}");
                for column in tables.columns(table).iter().filter(|column| !column.nullable) {
                    assert_eq!(frame.column(&column.name).unwrap().null_count(), 0, "{table}.{}", column.name);
                }
            }
        }
        let all: usize = Table::ALL.into_iter().map(|table| tables.columns(table).len()).sum();
        assert_eq!(columns(&codes(), keep_html).len(), all);
    }
}

#[test]
fn comments_say_what_the_thread_says() {
    let frame = pseudonymous().comments(&[thread()]).unwrap();
    assert_eq!(text(&frame, "text", 0).unwrap(), HARD_TEXT);
    assert_eq!(text(&frame, "evidence", 0).unwrap(), "distrust: vraiment 👍🏽 e\u{301}té | data_pricing: 1+1");
    assert_eq!(text(&frame, "polarity_evidence", 0).unwrap(), "jamais");
    for (row, expected) in [(0, AnyValue::Null), (1, AnyValue::Int8(0)), (2, AnyValue::Int8(1))] {
        assert_eq!(cell(&frame, "orphan", row), expected, "orphan in row {row}");
    }
    for (row, expected) in [(0, AnyValue::Int8(1)), (1, AnyValue::Int8(0)), (2, AnyValue::Null)] {
        assert_eq!(cell(&frame, "distrust", row), expected, "distrust in row {row}");
    }
    assert_eq!(cell(&frame, "position", 2), AnyValue::Int64(3));
    assert_eq!(cell(&frame, "depth", 0), AnyValue::Null);
    assert_eq!(cell(&frame, "votes", 1), AnyValue::Int64(-3));
    assert_eq!(text(&frame, "state", 2).unwrap(), "deleted");
    assert_eq!(text(&frame, "polarity", 2), None);
    assert_eq!(text(&frame, "posted_at", 0).unwrap(), "2024-04-03T06:55:00+02:00");
    assert_eq!(text(&frame, "source", 0).unwrap(), "page-1.html");
}

#[test]
fn codings_count_code_points() {
    let frame = pseudonymous().codings(&[thread()]).unwrap();
    let points: Vec<char> = HARD_TEXT.chars().collect();
    let mut codes = Vec::new();
    for row in 0..3 {
        let (AnyValue::Int64(start), AnyValue::Int64(end)) = (cell(&frame, "start", row), cell(&frame, "end", row))
        else {
            panic!("row {row} has no positions")
        };
        let words: String = points[start as usize..end as usize].iter().collect();
        assert_eq!(text(&frame, "evidence", row).as_ref(), Some(&words));
        codes.push((text(&frame, "code", row).unwrap(), text(&frame, "value", row).unwrap(), words));
    }
    let expected =
        [("polarity", "negative", "jamais"), ("distrust", "1", "vraiment 👍🏽 e\u{301}té"), ("data_pricing", "1", "1+1")];
    assert_eq!(codes, expected.map(|(code, value, words)| (code.into(), value.into(), words.into())));
    assert_eq!(text(&frame, "value", 3).unwrap(), "neutral");
}

#[test]
fn threads_count_their_comments() {
    let frame = pseudonymous().threads(&[thread()]).unwrap();
    for (column, expected) in [
        ("stated_count", 4),
        ("parsed_count", 3),
        ("deleted_count", 1),
        ("hidden_count", 0),
        ("orphan_count", 1),
        ("author_count", 2),
        ("coded_count", 2),
        ("negative_count", 1),
        ("neutral_count", 1),
        ("positive_count", 0),
        ("distrust_count", 1),
        ("distrust_decided_count", 2),
        ("max_depth", 1),
    ] {
        assert_eq!(cell(&frame, column, 0), AnyValue::Int64(expected), "{column}");
    }
    assert_eq!(cell(&frame, "distrust_share", 0), AnyValue::Float64(0.5));
    let mut open = thread();
    let left_open = open.comments.iter_mut().filter_map(|comment| comment.coded.as_mut());
    left_open.filter(|coded| coded.codings.is_empty()).for_each(|coded| coded.undecided.push("distrust".into()));
    let counted = pseudonymous().threads(&[open]).unwrap();
    assert_eq!(cell(&counted, "distrust_decided_count", 0), AnyValue::Int64(1));
    assert_eq!(cell(&counted, "distrust_share", 0), AnyValue::Float64(1.0), "what was left open is no denial");
    assert_eq!(cell(&frame, "positive_share", 0), AnyValue::Float64(0.0));
    assert_eq!(text(&frame, "completeness", 0).unwrap(), "partial");
    assert_eq!(text(&frame, "language", 0).unwrap(), "fr");
    assert_eq!(text(&frame, "sources", 0).unwrap(), "page-1.html | page-2.html");
}

#[test]
fn author_policies_show_and_hide() {
    let shown = |policy| {
        let frame = tables(policy).comments(&[thread()]).unwrap();
        (0..3).map(|row| (text(&frame, "author", row), text(&frame, "permalink", row))).collect::<Vec<_>>()
    };
    let kept = shown(AuthorPolicy::Keep);
    assert_eq!(kept[0], (Some("Élodie".into()), Some("https://www.example.org/article#c1".into())));
    assert!(shown(AuthorPolicy::Drop).iter().all(|row| *row == (None, None)));
    let pseudonyms = shown(AuthorPolicy::Pseudonym(key()));
    assert!(pseudonyms.iter().all(|(_, permalink)| permalink.is_none()));
    assert_eq!(pseudonyms[2].0, None);
    let (elodie, bob) = (pseudonyms[0].0.clone().unwrap(), pseudonyms[1].0.clone().unwrap());
    assert!(elodie != bob && elodie.starts_with('a') && elodie.len() >= 13, "{elodie} {bob}");
    assert_eq!(shown(AuthorPolicy::Pseudonym(key())), pseudonyms, "the same key gives the same pseudonyms");
    assert_ne!(shown(AuthorPolicy::Pseudonym(AuthorKey::from_bytes([1; 32]))), pseudonyms);
}

#[test]
fn names_and_avatars_are_in_no_table_unless_kept() {
    for policy in [AuthorPolicy::Pseudonym(key()), AuthorPolicy::Drop] {
        let tables = tables(policy);
        for (table, frame) in [
            (Table::Comments, tables.comments(&[thread()]).unwrap()),
            (Table::Codings, tables.codings(&[thread()]).unwrap()),
            (Table::Threads, tables.threads(&[thread()]).unwrap()),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("table.ndjson");
            written(&path, Format::Ndjson, &tables, table, &frame).unwrap();
            let raw = fs::read_to_string(&path).unwrap();
            for secret in ["Élodie", "Bob", "avatar.example", "Quoted Person", "article#c1"] {
                assert!(!raw.contains(secret), "{table} shows {secret}");
            }
        }
    }
}

#[test]
fn code_that_names_a_column_is_refused() {
    let clashes = [("text", "text"), ("polarity", "polarity"), ("negative", "negative_count"), ("html", "html")];
    for (name, column) in clashes {
        let codes = ["neg", name].map(|name| CodeColumn { name: name.into(), description: "Means it.".into() });
        let message = Tables::new(codes.into(), AuthorPolicy::Drop, false).unwrap_err().to_string();
        assert!(message.contains(&format!("`{name}`")) && message.contains(&format!("`{column}`")), "{message}");
    }
    let twice = [codes(), codes()].concat();
    assert!(Tables::new(twice, AuthorPolicy::Drop, false).is_err());
}

#[test]
fn threads_with_missing_codings_are_refused() {
    let mut short = thread();
    short.comments.pop();
    let message = pseudonymous().comments(&[short]).unwrap_err().to_string();
    assert!(message.contains("t1") && message.contains('3') && message.contains('2'), "{message}");
}
