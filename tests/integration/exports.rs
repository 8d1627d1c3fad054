//! Tables as files, through the library: dialects, and what a reader of each format gets.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};

use causerie::export::{Dialect, ExportError, Format, Locale, TableWriter, finish_all};
use causerie::model::{Author, Failure, Stage};
use causerie::table::{AuthorPolicy, Kind, Table, Tables};
use polars::prelude::{AnyValue, DataFrame, ParquetReader, SerReader};
use proptest::prelude::{ProptestConfig, any, proptest};

use super::tables::{HARD_TEXT, cell, comment, pseudonymous, tables, thread};

pub(crate) fn written(
    path: &Path,
    format: Format,
    tables: &Tables,
    table: Table,
    frame: &DataFrame,
) -> Result<(), ExportError> {
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
        let columns = tables.columns(table);
        // Offsets, which no table has as a column, are text.
        let kind =
            |name: &str| columns.iter().find(|column| column.name == name).map_or(Kind::Text, |column| column.kind);
        let kinds: Vec<Kind> = reader.headers().unwrap().iter().map(kind).collect();
        assert!(kinds.len() > columns.len() || table == Table::Codings, "no offsets in {table}");
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
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), Table::ALL.len());
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
    for format in [Format::Csv(Dialect::Canonical), Format::Ndjson, Format::Parquet, Format::Arrow] {
        let bytes = Bytes::default();
        let columns = tables.columns(Table::Comments);
        let mut writer = TableWriter::stream("standard output", Box::new(bytes.clone()), format, columns).unwrap();
        writer.write(&tables.comments(&[thread()]).unwrap()).unwrap();
        writer.finish().unwrap();
        let start = match format {
            Format::Csv(_) => "thread_id,",
            Format::Ndjson => "{\"thread_id\":\"t1\",",
            Format::Parquet => "PAR1",
            Format::Arrow => "ARROW1",
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
