//! Sheets for hand coding as tables of text: written as other tables are, filled in, read back.

use std::path::Path;

use causerie::export::{Dialect, ExportError, Format, Locale, TableWriter};
use causerie::hand::{Answer, Form, Known, Question, Reading, Unit, read, sheet};
use causerie::model::Key;
use causerie::table::{Table, texts};

/// An emoji before the words, quotation marks, a line break; a formula; letters from right to left.
const TEXTS: [(&str, &str); 3] = [
    ("1234567890123456789", "🙄👍🏽 C’est une arnaque, \"vraiment\"\r\nnon ?"),
    ("c2", "=1+1; ça fait 2"),
    ("c3", "שלום עולם, מחיר"),
];

/// The cells a coder fills, by column: a unit a line.
const FILL: [(&str, [&str; 3]); 5] = [
    ("polarity", ["négatif", "neutre", ""]),
    ("distrust", ["oui", "non", "?"]),
    ("evidence_distrust", ["arnaque", "", ""]),
    ("price", ["FAUX", "0", "x"]),
    ("evidence_price", ["", "", "מחיר"]),
];

const DIALECTS: [(Dialect, u8); 3] =
    [(Dialect::Canonical, b','), (Dialect::Excel(Locale::Fr), b';'), (Dialect::Excel(Locale::En), b',')];

fn key(comment: &str) -> Key {
    Key { thread_id: "t1".to_owned(), comment_id: comment.to_owned() }
}

fn form() -> Form {
    let unit = |(comment, text): (&str, &str)| Unit {
        key: key(comment),
        text: text.to_owned(),
        parent_text: Some("-5 %, vraiment ?".to_owned()),
        article_title: Some("Le prix".to_owned()),
        posted_at: Some("2024-04-03T06:55:00+02:00".to_owned()),
        coders: vec!["anne".to_owned()],
    };
    let questions = vec![Question::polarity(), Question::named("distrust"), Question::named("price")];
    Form { questions, units: TEXTS.map(unit).into() }
}

fn written(form: &Form, dialect: Dialect) -> Result<Vec<u8>, ExportError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sheet.csv");
    let (columns, frame) = texts(Table::Form, sheet(form).unwrap()).unwrap();
    let mut writer = TableWriter::create(&path, Format::Csv(dialect), columns)?;
    writer.write(&frame)?;
    writer.finish()?;
    Ok(std::fs::read(&path).unwrap())
}

fn told(name: &str, bytes: &[u8]) -> Reading {
    let form = form();
    let known: Known<'_> = form.units.iter().map(|unit| (&unit.key, unit.text.as_str())).collect();
    read(Path::new(name), bytes, &form.questions, &known).unwrap()
}

/// A sheet with the cells filled, as a spreadsheet saves it.
fn filled_in(bytes: &[u8], separator: u8) -> Vec<u8> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().delimiter(separator).from_reader(bytes);
    let header = reader.headers().unwrap().clone();
    let mut writer =
        csv::WriterBuilder::new().delimiter(separator).terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(&header).unwrap();
    for (index, record) in reader.records().enumerate() {
        let record = record.unwrap();
        let cell = |(name, cell): (&str, &str)| {
            let filled = FILL.iter().find(|(filled, _)| *filled == name).map(|(_, cells)| cells[index]);
            filled.unwrap_or(cell).to_owned()
        };
        writer.write_record(header.iter().zip(&record).map(cell).collect::<Vec<_>>()).unwrap();
    }
    writer.into_inner().unwrap()
}

/// What the coder fills in; the spans are those of `arnaque` and `מחיר`.
fn filled() -> Vec<Answer> {
    let answer = |comment: &str, question: &str, value: &str, spans: &[(usize, usize)]| Answer {
        key: key(comment),
        coder: "anne".to_owned(),
        question: question.to_owned(),
        value: value.to_owned(),
        spans: spans.to_vec(),
    };
    vec![
        answer("1234567890123456789", "polarity", "negative", &[]),
        answer("1234567890123456789", "distrust", "1", &[(14, 21)]),
        answer("1234567890123456789", "price", "0", &[]),
        answer("c2", "polarity", "neutral", &[]),
        answer("c2", "distrust", "0", &[]),
        answer("c2", "price", "0", &[]),
        answer("c3", "price", "1", &[(11, 15)]),
    ]
}

#[test]
fn a_csv_comes_back_filled() {
    for (dialect, separator) in DIALECTS {
        let sheet = written(&form(), dialect).unwrap();
        assert_eq!(told("sheet.csv", &sheet).answers, [], "nothing is answered yet");
        let crlf = filled_in(&sheet, separator);
        let text = String::from_utf8(crlf.clone()).unwrap();
        for bytes in [crlf, format!("\u{feff}{}", text.replace("\r\n", "\n")).into_bytes()] {
            let reading = told("sheet.bob.csv", &bytes);
            assert_eq!(reading.answers, filled(), "{dialect:?}");
            assert_eq!(reading.remarks, ["cells like `?` and `n/a`, taken for no answer: 1"]);
        }
    }
}

#[test]
fn a_plain_csv_has_texts_unchanged_and_one_for_excel_is_safe() {
    let plain = String::from_utf8(written(&form(), Dialect::Canonical).unwrap()).unwrap();
    assert!(plain.starts_with("thread_id,comment_id,article_title,parent_text,text,posted_at,polarity,distrust,"));
    assert!(plain.contains("\"🙄👍🏽 C’est une arnaque, \"\"vraiment\"\"\r\nnon ?\""), "{plain}");
    assert!(plain.contains(",=1+1; ça fait 2,2024"), "{plain}");
    let excel = String::from_utf8(written(&form(), Dialect::Excel(Locale::Fr)).unwrap()).unwrap();
    assert!(excel.starts_with('\u{feff}') && excel.contains("\"'=1+1; ça fait 2\""), "{excel}");
    assert!(excel.contains(";'1234567890123456789;") && excel.contains("'-5 %"), "{excel}");
    assert!(excel.contains(";2024-04-03 06:55:00;"), "{excel}");
}

#[test]
fn a_text_too_long_for_a_cell_is_refused() {
    let mut form = form();
    form.units[2].text = "é".repeat(32_768);
    let refused = written(&form, Dialect::Excel(Locale::En)).unwrap_err().to_string();
    assert!(refused.contains("comment c3") && refused.contains("32767"), "{refused}");
    assert!(written(&form, Dialect::Canonical).is_ok());
}
