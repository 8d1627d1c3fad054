use rust_xlsxwriter::Workbook;

use super::*;
use crate::hand::{Kind, sheet, workbook, write};

/// The cells a coder fills, by column: a unit a line.
const FILL: [(&str, [&str; 3]); 5] = [
    ("polarity", ["négatif", "neutre", ""]),
    ("distrust", ["oui", "non", "?"]),
    ("evidence_distrust", ["arnaque", "", ""]),
    ("price", ["FAUX", "0", "x"]),
    ("evidence_price", ["", "", "מחיר"]),
];

/// The cells of a workbook, the coder's among them, in a workbook of its own.
fn refilled(bytes: &[u8]) -> Vec<u8> {
    let grid = workbook::xlsx(bytes).unwrap();
    let (header, rows) = grid.split().unwrap();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, name) in &header.names {
        sheet.write_string(0, *column as u16, *name).unwrap();
        let filled = FILL.iter().find(|(filled, _)| filled == name);
        for (index, row) in rows.iter().enumerate() {
            match filled.map_or(row.cell(*column), |(_, cells)| cells[index]) {
                "FAUX" => sheet.write_boolean(index as u32 + 1, *column as u16, false).unwrap(),
                "0" => sheet.write_number(index as u32 + 1, *column as u16, 0.0).unwrap(),
                cell => sheet.write_string(index as u32 + 1, *column as u16, cell).unwrap(),
            };
        }
    }
    book.save_to_buffer().unwrap()
}

#[test]
fn a_workbook_comes_back_filled_and_is_the_same_every_time() {
    let written = write(&form(), Kind::Xlsx).unwrap();
    assert_eq!(written, write(&form(), Kind::Xlsx).unwrap());
    let reading = told("sheet.xlsx", &written).unwrap();
    assert_eq!((reading.answers.len(), reading.remarks), (0, vec!["units without any answer: 3".to_owned()]));
    assert_eq!(told("sheet.bob.xlsx", &refilled(&written)).unwrap().answers, filled());
}

#[test]
fn a_blind_sheet_names_the_coder_where_there_is_one() {
    let mut form = form();
    form.units[1].coders = vec!["anne".to_owned(), "bob".to_owned()];
    let sheet = sheet(&form).unwrap();
    let coders = sheet.iter().find(|(name, ..)| name == "coder").map(|(_, _, cells)| cells.clone());
    assert_eq!(coders, Some(vec!["anne", "", "anne"]));
}

#[test]
fn a_text_too_long_for_a_cell_is_refused() {
    let mut form = form();
    form.units[2].text = "é".repeat(32_768);
    let refused = write(&form, Kind::Xlsx).unwrap_err().to_string();
    assert!(refused.contains("comment c3") && refused.contains("32767"), "{refused}");
    form.units[2].text.pop();
    form.units[2].text.pop();
    assert!(write(&form, Kind::Xlsx).is_ok());
    form.questions[1].definition = "é".repeat(40_000);
    assert!(write(&form, Kind::Xlsx).unwrap_err().to_string().contains("distrust"));
}

#[test]
fn codes_named_like_another_column_are_refused() {
    let mut form = form();
    form.questions.push(question("note"));
    assert!(sheet(&form).unwrap_err().to_string().contains("`note`"));
    assert!(write(&form, Kind::Xlsx).unwrap_err().to_string().contains("`note`"));
}

#[test]
fn answers_as_they_are_kept_come_back() {
    let lines: Vec<String> = filled().iter().map(|answer| serde_json::to_string(answer).unwrap()).collect();
    let reading = told("answers.jsonl", lines.join("\n").as_bytes()).unwrap();
    assert_eq!(reading, Reading { answers: filled(), remarks: Vec::new() });
}

#[test]
fn any_table_with_ids_is_read() {
    let text = "Comment ID\tDistrust\tmood\n1234567890123456789\tJA\tx\nc3\t1,0\t\n\nc2\t\t\n";
    let reading = told("bob.tsv", text.as_bytes()).unwrap();
    let expected =
        [answer("1234567890123456789", "bob", "distrust", "1", &[]), answer("c3", "bob", "distrust", "1", &[])];
    assert_eq!(reading.answers, expected);
    assert_eq!(
        reading.remarks,
        ["columns that are no question of the codebook were not read: mood", "units without any answer: 1"]
    );
}

#[test]
fn a_row_an_answer_is_read() {
    let text = "thread_id,comment_id,coder,code,value,evidence\nt1,c3,bob,Price,oui,מחיר\nt1,c3,cleo,price,0,\nt1,c3,bob,polarity,+1,\n";
    let expected = [
        answer("c3", "bob", "price", "1", &[(11, 15)]),
        answer("c3", "cleo", "price", "0", &[]),
        answer("c3", "bob", "polarity", "positive", &[]),
    ];
    assert_eq!(told("long.csv", text.as_bytes()).unwrap().answers, expected);
    let objects = "[{\"comment_id\": \"c3\", \"question\": \"price\", \"value\": 1}]";
    assert_eq!(told("bob.json", objects.as_bytes()).unwrap().answers, [answer("c3", "bob", "price", "1", &[])]);
}

#[test]
fn other_encodings_are_read() {
    let text = "comment_id;polarity;evidence_price;price\r\nc2;négatif;ça fait;oui\r\n";
    let latin = encoding_rs::WINDOWS_1252.encode(text).0;
    let wide: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let expected = [answer("c2", "bob", "polarity", "negative", &[]), answer("c2", "bob", "price", "1", &[(6, 13)])];
    for (bytes, guessed) in [(&latin[..], true), (&wide, false), (text.as_bytes(), false)] {
        let reading = told("bob.csv", bytes).unwrap();
        assert_eq!(reading.answers, expected);
        assert_eq!(reading.remarks.iter().any(|remark| remark.contains("windows-1252")), guessed);
    }
}

#[test]
fn marked_words_without_an_answer_count() {
    let text = "comment_id,price,evidence_price\nc3,,שלום | מחיר\n";
    let reading = told("bob.csv", text.as_bytes()).unwrap();
    assert_eq!(reading.answers, [answer("c3", "bob", "price", "1", &[(0, 4), (11, 15)])]);
    assert_eq!(reading.remarks.len(), 1);
}

#[test]
fn a_changed_text_is_remarked() {
    let text = "comment_id,price,text\nc3,1,Something else\nc2,0,'=1+1; ça fait 2\n";
    let reading = told("bob.csv", text.as_bytes()).unwrap();
    assert!(
        reading.remarks.contains(&"units whose text in the file is not the known one (edited since?): 1".to_owned())
    );
}
