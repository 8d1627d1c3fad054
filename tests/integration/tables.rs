//! The road from coded threads to files, through the library: tables, dialects, and what a reader of each format gets.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};

use causerie::export::{Dialect, ExportError, Format, Locale, TableWriter, finish_all};
use causerie::model::{
    Article, Author, Basis, Coded, CodedComment, CodedThread, Coding, Comment, CommentState, Failure, Moment, Polarity,
    PolarityCoding, Precision, Quote, Span, Stage, Thread,
};
use causerie::table::{AuthorKey, AuthorPolicy, CodeColumn, Kind, Table, Tables, columns, polars_schema};
use polars::prelude::{AnyValue, DataFrame, ParquetReader, SerReader};
use proptest::prelude::{ProptestConfig, any, proptest};

const HARD_TEXT: &str = "Il a dit \"non; jamais\",\nvraiment 👍🏽 e\u{301}té…\n\n=1+1";

fn codes() -> Vec<CodeColumn> {
    ["distrust", "data_pricing"]
        .map(|name| CodeColumn { name: name.into(), description: format!("Means {name}.") })
        .into()
}

fn key() -> AuthorKey {
    AuthorKey::from_bytes([42; 32])
}

fn moment(iso: &str) -> Moment {
    Moment { iso: iso.into(), precision: Precision::Second }
}

fn span(text: &str, words: &str) -> Span {
    let start = text.find(words).expect("the words are in the text");
    Span::new(start, start + words.len())
}

/// A comment, coded with evidence for each `(code, words)`.
fn comment(
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
            confidence: 0.75,
            evidence: Some(span(text, words)),
            basis: Basis::Patterns,
            calibrated: false,
        }),
        codings: found
            .iter()
            .map(|(code, words)| Coding {
                evidence: span(text, words),
                confidence: 0.9,
                ..Coding::new(code, Basis::Model)
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

fn thread() -> CodedThread {
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

fn tables(authors: AuthorPolicy) -> Tables {
    Tables::new(codes(), authors, false).unwrap()
}

fn pseudonymous() -> Tables {
    tables(AuthorPolicy::Pseudonym(key()))
}

fn cell<'a>(frame: &'a DataFrame, column: &str, row: usize) -> AnyValue<'a> {
    frame.column(column).unwrap().get(row).unwrap()
}

fn text(frame: &DataFrame, column: &str, row: usize) -> Option<String> {
    frame.column(column).unwrap().str().unwrap().get(row).map(Into::into)
}

fn written(path: &Path, format: Format, tables: &Tables, table: Table, frame: &DataFrame) -> Result<(), ExportError> {
    let mut writer = TableWriter::create(path, format, tables.columns(table))?;
    writer.write(frame)?;
    writer.finish()
}

/// The comments table as CSV, and as records by column name.
fn comments_csv(dialect: Dialect, tables: &Tables) -> (String, Vec<HashMap<String, String>>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("comments.csv");
    written(&path, Format::Csv(dialect), tables, Table::Comments, &tables.comments(&[thread()]).unwrap()).unwrap();
    let raw = fs::read_to_string(&path).unwrap();
    let body = raw.trim_start_matches('\u{feff}');
    let delimiter = if dialect == Dialect::Excel(Locale::Fr) { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(body.as_bytes());
    let records = reader.deserialize().map(Result::unwrap).collect();
    (raw, records)
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
        ("max_depth", 1),
    ] {
        assert_eq!(cell(&frame, column, 0), AnyValue::Int64(expected), "{column}");
    }
    assert_eq!(cell(&frame, "distrust_share", 0), AnyValue::Float64(0.5));
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

#[test]
fn canonical_csv_gives_every_value_back() {
    let tables = pseudonymous();
    let (raw, records) = comments_csv(Dialect::Canonical, &tables);
    assert!(raw.starts_with("thread_id,comment_id,position,"), "no byte order mark");
    assert!(!raw.contains('\r') && raw.ends_with('\n'));
    let frame = tables.comments(&[thread()]).unwrap();
    assert_eq!(records.len(), frame.height());
    for (row, record) in records.iter().enumerate() {
        for column in tables.columns(Table::Comments) {
            let expected = match cell(&frame, &column.name, row) {
                AnyValue::Null => String::new(),
                AnyValue::String(text) => text.to_owned(),
                number => number.to_string(),
            };
            assert_eq!(record[&column.name], expected, "{} in row {row}", column.name);
        }
    }
    assert_eq!(records[0]["text"], HARD_TEXT);
    assert_eq!(records[1]["text"], "-1, pas d'accord", "formulas are left alone");
    assert_eq!(records[0]["polarity_score"], "-0.5");
    assert_eq!(records[0]["article_title"], "@home; l'été");
}

#[test]
fn french_spreadsheet_is_guarded_and_localised() {
    let (raw, records) = comments_csv(Dialect::Excel(Locale::Fr), &pseudonymous());
    assert!(raw.starts_with("\u{feff}thread_id;comment_id;position;"));
    assert_eq!(records[0]["text"], HARD_TEXT, "only the first character of a cell makes a formula");
    assert_eq!(records[1]["text"], "'-1, pas d'accord");
    assert_eq!(records[0]["article_title"], "'@home; l'été");
    assert_eq!(records[0]["polarity_score"], "-0,5", "numbers are never guarded");
    assert_eq!(records[1]["votes"], "-3");
    assert_eq!(records[0]["posted_at"], "2024-04-03 06:55:00");
    assert_eq!(records[0]["article_published_at"], "2024-04-02");
    assert_eq!(records[0]["fetched_at"], "2024-05-01 10:00:00");
}

#[test]
fn english_spreadsheet_keeps_comma_and_point() {
    let (raw, records) = comments_csv(Dialect::Excel(Locale::En), &pseudonymous());
    assert!(raw.starts_with("\u{feff}thread_id,comment_id,position,"));
    assert_eq!(records[0]["polarity_score"], "-0.5");
    assert_eq!(records[1]["text"], "'-1, pas d'accord");
}

#[test]
fn no_text_cell_of_a_spreadsheet_begins_like_a_formula() {
    let mut wild = thread();
    for (index, start) in ["=", "+", "-", "@", "\t", "\r", "\n", "\r\n="].into_iter().enumerate() {
        let (mut comment, coding) =
            comment(&format!("c{}", index + 10), &format!("{start}cmd|' /C calc'!A0"), None, &[]);
        comment.author = Some(Author { name: format!("{start}name"), avatar: None });
        wild.thread.comments.push(comment);
        wild.comments.push(coding);
    }
    wild.thread.notes = vec!["=1".into()];
    let tables = tables(AuthorPolicy::Keep);
    let folder = tempfile::tempdir().unwrap();
    for (table, frame) in [
        (Table::Comments, tables.comments(&[wild.clone()]).unwrap()),
        (Table::Codings, tables.codings(&[wild.clone()]).unwrap()),
        (Table::Threads, tables.threads(&[wild]).unwrap()),
    ] {
        let path = folder.path().join("table.csv");
        written(&path, Format::Csv(Dialect::Excel(Locale::En)), &tables, table, &frame).unwrap();
        let raw = fs::read_to_string(&path).unwrap();
        assert!(!raw.contains('\r'));
        let mut reader = csv::Reader::from_reader(raw.trim_start_matches('\u{feff}').as_bytes());
        let kinds: Vec<Kind> = tables.columns(table).iter().map(|column| column.kind).collect();
        for record in reader.records() {
            for (cell, kind) in record.unwrap().iter().zip(&kinds).filter(|(_, kind)| kind.is_text()) {
                assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']), "{table}: {kind:?} {cell:?}");
            }
        }
    }
}

#[test]
fn overlong_cells_are_refused_in_spreadsheets_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("comments.csv");
    let tables = pseudonymous();
    let excel = Format::Csv(Dialect::Excel(Locale::Fr));
    let with_text = |text: String| {
        let mut long = thread();
        (long.thread.comments[1].text, long.comments[1].own_text) = (text, String::new());
        tables.comments(&[long]).unwrap()
    };
    written(&path, excel, &tables, Table::Comments, &with_text("é".repeat(32_767))).unwrap();
    fs::remove_file(&path).unwrap();
    let long = with_text("👍".repeat(16_384));
    let message = written(&path, excel, &tables, Table::Comments, &long).unwrap_err().to_string();
    for part in ["c2", "t1", "`text`", "32768", ".parquet"] {
        assert!(message.contains(part), "{message}");
    }
    assert!(!path.exists());
    written(&path, Format::Csv(Dialect::Canonical), &tables, Table::Comments, &long).unwrap();
}

#[test]
fn empty_tables_have_a_header() {
    let folder = tempfile::tempdir().unwrap();
    let tables = pseudonymous();
    let path = folder.path().join("codings.csv");
    let format = Format::Csv(Dialect::Excel(Locale::Fr));
    TableWriter::create(&path, format, tables.columns(Table::Codings)).unwrap().finish().unwrap();
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        "\u{feff}thread_id;comment_id;code;value;start;end;evidence;confidence;basis;calibrated;coder\n"
    );
    let path = folder.path().join("codings.parquet");
    TableWriter::create(&path, Format::Parquet, tables.columns(Table::Codings)).unwrap().finish().unwrap();
    let frame = ParquetReader::new(File::open(&path).unwrap()).finish().unwrap();
    assert_eq!(frame, tables.codings(&[]).unwrap());
}

#[test]
fn parquet_gives_the_frame_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("comments.parquet");
    let tables = pseudonymous();
    let batch = tables.comments(&[thread(), thread()]).unwrap();
    let mut writer = TableWriter::create(&path, Format::Parquet, tables.columns(Table::Comments)).unwrap();
    writer.write(&batch).unwrap();
    writer.write(&tables.comments(&[]).unwrap()).unwrap();
    writer.write(&batch).unwrap();
    assert_eq!(writer.rows(), 12);
    writer.finish().unwrap();
    let read = ParquetReader::new(File::open(&path).unwrap()).finish().unwrap();
    assert!(read.equals_missing(&batch.vstack(&batch).unwrap()));
}

#[test]
fn ndjson_has_an_object_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("comments.ndjson");
    let tables = pseudonymous();
    let frame = tables.comments(&[thread()]).unwrap();
    let mut writer = TableWriter::create(&path, Format::Ndjson, tables.columns(Table::Comments)).unwrap();
    writer.write(&frame).unwrap();
    writer.write(&frame).unwrap();
    writer.finish().unwrap();
    let raw = fs::read_to_string(&path).unwrap();
    let objects: Vec<serde_json::Value> = raw.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(objects.len(), 6);
    assert_eq!(objects[3], objects[0]);
    assert_eq!(objects[0]["text"], HARD_TEXT);
    assert_eq!(objects[0]["polarity_score"], -0.5);
    assert_eq!(objects[0]["distrust"], 1);
    assert!(objects[2]["distrust"].is_null() && objects[2]["author"].is_null());
    assert_eq!(objects[0].as_object().unwrap().len(), frame.width());
}

#[test]
fn dropped_writer_leaves_nothing_and_keeps_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("comments.csv");
    fs::write(&path, "old").unwrap();
    let tables = pseudonymous();
    let format = Format::Csv(Dialect::Canonical);
    let mut writer = TableWriter::create(&path, format, tables.columns(Table::Comments)).unwrap();
    writer.write(&tables.comments(&[thread()]).unwrap()).unwrap();
    drop(writer);
    assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    written(&path, format, &tables, Table::Comments, &tables.comments(&[thread()]).unwrap()).unwrap();
    assert!(fs::read_to_string(&path).unwrap().starts_with("thread_id"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn tables_of_a_study_appear_together() {
    let folder = tempfile::tempdir().unwrap();
    let tables = pseudonymous();
    let mut writers = Vec::new();
    for table in Table::ALL {
        let path = folder.path().join(format!("{table}.csv"));
        writers.push(TableWriter::create(&path, Format::Csv(Dialect::Canonical), tables.columns(table)).unwrap());
        assert!(!path.exists());
    }
    finish_all(writers).unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4);
}

#[test]
fn batch_of_another_table_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let tables = pseudonymous();
    let path = folder.path().join("comments.csv");
    let codings = tables.codings(&[thread()]).unwrap();
    let result = written(&path, Format::Csv(Dialect::Canonical), &tables, Table::Comments, &codings);
    assert!(matches!(result, Err(ExportError::OtherColumns { .. })));
}

#[test]
fn stream_gets_the_table() {
    #[derive(Clone, Default)]
    struct Bytes(Arc<Mutex<Vec<u8>>>);
    impl Write for Bytes {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let tables = pseudonymous();
    for format in [Format::Csv(Dialect::Canonical), Format::Ndjson, Format::Parquet] {
        let bytes = Bytes::default();
        let columns = tables.columns(Table::Comments);
        let mut writer = TableWriter::stream("standard output", Box::new(bytes.clone()), format, columns).unwrap();
        writer.write(&tables.comments(&[thread()]).unwrap()).unwrap();
        writer.finish().unwrap();
        let start = match format {
            Format::Csv(_) => "thread_id,",
            Format::Ndjson => "{\"thread_id\":\"t1\",",
            Format::Parquet => "PAR1",
        };
        assert!(bytes.0.lock().unwrap().starts_with(start.as_bytes()), "{format:?}");
    }
}

#[test]
fn outputs_that_cannot_be_are_explained() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let create = |path: &Path| {
        let created = TableWriter::create(path, Format::Ndjson, pseudonymous().columns(Table::Comments));
        created.err().expect("it cannot be created").to_string()
    };
    assert!(create(folder.path()).contains("is a folder"));
    assert!(create(&folder.path().join("none/comments.csv")).contains("no folder"));
    assert!(create(&folder.path().join("file/comments.csv")).contains("comments.csv"));
}

#[cfg(unix)]
#[test]
fn folder_that_must_not_be_written_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o500)).unwrap();
    if File::create(folder.path().join("probe")).is_ok() {
        // Root writes everywhere: nothing to see.
        return;
    }
    let path = folder.path().join("comments.csv");
    let created = TableWriter::create(&path, Format::Ndjson, pseudonymous().columns(Table::Comments));
    let message = created.err().expect("it cannot be created").to_string();
    assert!(message.contains("comments.csv cannot be written") && message.contains("may write"), "{message}");
    assert!(!message.contains(".causerie-"), "{message}");
}

#[cfg(unix)]
#[test]
fn link_stays_a_link_and_new_files_are_readable_by_others() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = tempfile::tempdir().unwrap();
    let (target, link) = (folder.path().join("target.csv"), folder.path().join("link.csv"));
    let tables = pseudonymous();
    let frame = tables.threads(&[thread()]).unwrap();
    let format = Format::Csv(Dialect::Canonical);
    written(&target, format, &tables, Table::Threads, &frame).unwrap();
    // What any program's new files get here, whatever the mask is.
    let plain = folder.path().join("plain");
    File::create(&plain).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&target), mode(&plain));
    fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).unwrap();
    symlink(&target, &link).unwrap();
    written(&link, format, &tables, Table::Threads, &frame).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(mode(&target), 0o640, "a replaced file keeps its mode");
}

#[cfg(target_os = "linux")]
#[test]
fn full_device_is_a_full_disk() {
    let tables = pseudonymous();
    let frame = tables.comments(&[thread()]).unwrap();
    for format in [Format::Csv(Dialect::Canonical), Format::Ndjson, Format::Parquet] {
        let error = written(Path::new("/dev/full"), format, &tables, Table::Comments, &frame).unwrap_err();
        assert!(error.to_string().starts_with("disk full: /dev/full"), "{error}");
    }
    assert!(!fs::metadata("/dev/full").unwrap().is_file(), "the device is still one");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_survives_csv_and_ndjson(texts in proptest::collection::vec(any::<String>(), 1..8)) {
        let failures: Vec<Failure> = texts
            .iter()
            .map(|text| Failure {
                source: text.clone(),
                url: None,
                stage: Stage::Input,
                reason: "binary".into(),
                message: format!("\r\"{text},;\n"),
            })
            .collect();
        let tables = pseudonymous();
        let frame = tables.errors(&failures).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("errors.csv");
        written(&path, Format::Csv(Dialect::Canonical), &tables, Table::Errors, &frame).unwrap();
        let mut reader = csv::Reader::from_path(&path).unwrap();
        let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let path = folder.path().join("errors.ndjson");
        written(&path, Format::Ndjson, &tables, Table::Errors, &frame).unwrap();
        let lines = fs::read_to_string(&path).unwrap();
        let objects: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!((records.len(), objects.len()), (failures.len(), failures.len()));
        for ((failure, record), object) in failures.iter().zip(&records).zip(&objects) {
            assert_eq!((&record[0], &record[4]), (failure.source.as_str(), failure.message.as_str()));
            assert_eq!(object["source"], failure.source.as_str());
            assert_eq!(object["message"], failure.message.as_str());
        }
    }
}
