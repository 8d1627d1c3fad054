use std::io::{Cursor, Write as _};

use rust_xlsxwriter::{Format, Workbook};
use zip::write::{SimpleFileOptions, ZipWriter};

use super::*;
use crate::hand::Problem;

/// Reads a file that is refused, and finds each part in what is said.
fn refused(name: &str, bytes: &[u8], parts: &[&str]) {
    let faults = told(name, bytes).unwrap_err().to_string();
    for part in parts {
        assert!(faults.contains(part), "{part}\n{faults}");
    }
}

#[test]
fn a_missing_id_column_is_named_with_the_one_most_like_it() {
    let text = "thread_id,commentaire_id,price\nt1,c2,1\n";
    refused("a.csv", text.as_bytes(), &["a.csv: ", "row 1: no column `comment_id` (is it `commentaire_id`?", "price"]);
    refused("a.csv", b"x,y\n1,2\n", &["no column `comment_id`; there are x, y"]);
    refused(
        "a.csv",
        b"comment_id,y\nc2,2\n",
        &["row 1: no column is named like a question; the questions are polarity"],
    );
    refused("a.csv", b"comment_id,price,Price\nc2,1,1\n", &["row 1, column C (Price): there is a second"]);
    refused("a.csv", b"", &["there is no row"]);
    refused("a.docx", b"", &[".csv, .tsv, .xlsx"]);
}

#[test]
fn every_fault_is_named_by_row_and_column() {
    let text = "thread_id;comment_id;coder;price;evidence_price;distrust\n\
                t1;c2;;maybe;;\n\
                t1;c9;;1;;\n\
                ;1.23E+18;;1;;\n\
                t1;;;1;;\n\
                t1;c3;bob;1;nowhere;\n\
                t1;c3;bob;0;;1\n\
                t1;c3;cleo;0;מחיר;1\n\
                t1;c2;bob;1;a;b;c\n";
    refused(
        "sheet.csv",
        text.as_bytes(),
        &[
            "row 2, column D (price): `maybe` is no answer to `price`; write 0 or 1",
            "row 3, column B (comment_id): there is no comment `c9` in thread `t1`",
            "row 4, column B (comment_id): the id `1.23E+18` is a number",
            "row 5, column B (comment_id): there is no comment_id",
            "row 6, column E (evidence_price): the words `nowhere` are not in the text of comment c3",
            "row 7, column D (price): bob says `0` to `price` for comment c3, and `1` in row 6, column D (price)",
            "row 8, column D (price): words are marked for `price`, which is answered 0",
            "row 9: there are 7 cells and 6 columns",
        ],
    );
}

#[test]
fn equal_answers_are_remarked_and_different_ones_refused() {
    let reading = told("bob.csv", b"comment_id,price\nc2,1\nc2,yes\n").unwrap();
    assert_eq!((reading.answers.len(), reading.remarks[0].as_str()), (1, "answers given twice, both alike: 1"));
    let faults = told("bob.csv", b"comment_id,price\nc2,1\nc2,no\n").unwrap_err();
    assert!(matches!(faults.faults[0].problem, Problem::TwoAnswers(_)));
    assert!(told("bob.csv", b"comment_id,coder,price\nc2,anne,1\nc2,bob,no\n").is_ok());
}

#[test]
fn unknown_codes_are_refused_where_each_row_names_one() {
    let text = "comment_id,question,value\nc2,price,1\nc2,mood,1\n";
    refused("a.csv", text.as_bytes(), &["row 3, column B (question): `mood` is no question; there are polarity"]);
}

#[test]
fn broken_quotation_marks_are_named_by_row() {
    refused("a.csv", b"comment_id,price\nc2,\"1\nc3,1\n", &["row 2, column B: a quotation mark opens"]);
    refused("a.csv", b"comment_id,price\nc2,\"1\"x\n", &["row 2, column B: words follow"]);
}

#[test]
fn many_faults_are_counted() {
    let rows = "x,1\n".repeat(80);
    let faults = told("a.csv", format!("comment_id,price\n{rows}").as_bytes()).unwrap_err();
    assert_eq!((faults.faults.len(), faults.more), (50, 30));
    assert!(faults.to_string().ends_with("and 30 more like these"));
}

#[test]
fn ids_that_several_threads_have_need_the_thread() {
    let keys = ["t1", "t2"].map(|thread| Key { thread_id: thread.to_owned(), comment_id: "c1".to_owned() });
    let known: Known<'_> = keys.iter().map(|key| (key, "text")).collect();
    let questions = form().questions;
    let read = |text: &str| read(Path::new("a.csv"), text.as_bytes(), &questions, &known);
    let faults = read("comment_id,price\nc1,1\n").unwrap_err().to_string();
    assert!(faults.contains("several threads have a comment `c1`"), "{faults}");
    assert_eq!(read("thread_id,comment_id,price\nt2,c1,1\n").unwrap().answers[0].key, keys[1]);
}

#[test]
fn merged_cells_are_named() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let format = Format::new();
    sheet.merge_range(0, 0, 0, 3, "A title", &format).unwrap();
    sheet.write_row(1, 0, ["comment_id", "price"]).unwrap();
    sheet.write_column(2, 0, ["c2", "c3"]).unwrap();
    sheet.merge_range(2, 1, 3, 1, "1", &format).unwrap();
    let faults = told("a.xlsx", &book.save_to_buffer().unwrap()).unwrap_err();
    assert_eq!(faults.faults.len(), 1);
    refused("a.xlsx", &book.save_to_buffer().unwrap(), &["row 3, column B: the cells B3:B4 are merged"]);
}

#[test]
fn numbers_that_excel_made_of_ids_are_named() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_row(0, 0, ["comment_id", "price"]).unwrap();
    sheet.write_number(1, 0, 1_234_567_890_123_456_789.0).unwrap();
    sheet.write_number(1, 1, 1.0).unwrap();
    refused(
        "a.xlsx",
        &book.save_to_buffer().unwrap(),
        &["row 2, column A (comment_id): the id `1.2345678901234568E+18`"],
    );
}

#[test]
fn two_sheets_of_answers_are_one_too_many() {
    let mut book = Workbook::new();
    for name in ["one", "two"] {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        sheet.write_row(0, 0, ["comment_id", "price"]).unwrap();
    }
    refused("a.xlsx", &book.save_to_buffer().unwrap(), &["the sheets one, two all have"]);
}

/// A zip file of one part.
fn zipped(name: &str, content: &[u8]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(name, SimpleFileOptions::default()).unwrap();
    zip.write_all(content).unwrap();
    zip.finish().unwrap().into_inner()
}

#[test]
fn workbooks_that_fill_the_memory_are_refused() {
    let mut bomb = zipped("xl/worksheets/sheet1.xml", &vec![b' '; 100_000]);
    for at in 0..bomb.len() - 4 {
        if bomb[at..at + 4] == 100_000_u32.to_le_bytes() {
            bomb[at..at + 4].copy_from_slice(&(201_u32 << 20).to_le_bytes());
        }
    }
    refused("a.xlsx", &bomb, &["more than 200 MB of tables"]);
    let texts = zipped("xl/sharedStrings.xml", b"<sst uniqueCount=\"99999999999\"><si/></sst>");
    refused("a.xlsx", &texts, &["more than 10 million texts"]);
    let repeated = "<office:document-content><table:table table:name=\"a\"><table:table-row table:number-rows-repeated=\"1000000\">\
                    <table:table-cell table:number-columns-repeated=\"1000\" office:value-type=\"string\"><text:p>x</text:p>\
                    </table:table-cell></table:table-row></table:table></office:document-content>";
    refused("a.ods", &zipped("content.xml", repeated.as_bytes()), &["more than 5 million cells"]);
}

#[test]
fn what_is_no_workbook_and_no_json_is_refused() {
    refused("a.xlsx", b"PK nonsense", &["cannot be read as XLSX"]);
    refused("a.ods", &zipped("a", b"b"), &["cannot be read as ODS"]);
    refused("a.xlsx", &zipped("a", b"b"), &["cannot be read as XLSX"]);
    refused("a.json", b"{", &["cannot be read as a JSON list"]);
    refused("a.json", b"[1]", &["object 1: it cannot be read as a JSON object"]);
    refused(
        "a.jsonl",
        b"{\"label\": []}\nnonsense",
        &["line 2: it cannot be read", "line 1, column comment_id: there is no"],
    );
    refused("a.jsonl", b"", &["there is no row"]);
}

#[test]
fn answers_as_they_are_kept_are_checked() {
    let line = |value: &str, span: &str| {
        format!(
            "{{\"thread_id\":\"t1\",\"comment_id\":\"c3\",\"coder\":\"a\",\"question\":\"price\",\"value\":\"{value}\",\"spans\":{span}}}\n"
        )
    };
    refused("a.jsonl", line("1", "[[3,99]]").as_bytes(), &["line 1, column spans: the span 3-99"]);
    refused("a.jsonl", line("perhaps", "[]").as_bytes(), &["line 1, column value: `perhaps` is no answer"]);
}
