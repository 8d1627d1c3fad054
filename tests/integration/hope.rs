//! A study about hope, for the tests of hand coding: what the machine says of it, what is true, and coders who fill sheets in.

use std::fmt::Write as _;

use super::workplace::{Row, Workplace};

/// Comments of which every third has the code in truth; the machine misses a quarter of these and finds some that are none.
pub(crate) fn study(comments: usize) -> String {
    let mut csv = "thread_id,comment_id,reply_to,depth,author,posted_at,text,polarity,hope,state\n".to_owned();
    for at in 0..comments {
        let truth = truth(&format!("c{at}"));
        let machine = if truth { at % 4 != 0 } else { at % 13 == 0 };
        let parent = if at % 5 == 4 { format!("c{}", at - 1) } else { String::new() };
        let text = if truth { "On va y arriver, j'y crois, \u{1f600} ça ira" } else { "=1+1; rien à dire, \"bof\"" };
        let polarity = if truth { "positive" } else { "neutral" };
        writeln!(
            csv,
            "t{},c{at},{parent},{},a{},2026-01-{:02}T10:00:00Z,\"{} {at}\",{polarity},{},visible",
            at % 6,
            u8::from(at % 5 == 4),
            at % 40,
            1 + at % 7,
            text.replace('"', "\"\""),
            u8::from(machine),
        )
        .unwrap();
    }
    csv + "t0,gone,,0,,,,,,deleted\n"
}

pub(crate) fn truth(id: &str) -> bool {
    id[1..].parse::<usize>().unwrap().is_multiple_of(3)
}

pub(crate) const BOOK: &str = "name = \"hope\"\nversion = \"1\"\n[[codes]]\nname = \"hope\"\nlabel = \"Hope\"\ndefinition = \"Things will get better.\"\n\
    [codes.examples]\npositive = [\"On va y arriver.\", \"Ça ira.\", \"J'y crois.\", \"It will be fine.\", \"Demain ira mieux.\"]\nnegative = [\"Bof.\"]\n\
    [codes.patterns]\nfr = [\"j' y crois\"]\n";

pub(crate) fn place(comments: usize) -> Workplace {
    let place = Workplace::new();
    place.write("study/comments.csv", study(comments));
    place.write("hope.toml", BOOK);
    place
}

/// Fills a sheet in: `said` answers for a comment of that id.
pub(crate) fn fill(place: &Workplace, sheet: &str, said: impl Fn(&str) -> Option<bool>) {
    let mut reader = csv::Reader::from_path(place.path(sheet)).unwrap();
    let header = reader.headers().unwrap().clone();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&header).unwrap();
    for record in reader.records() {
        let record = record.unwrap();
        let id = record[1].to_owned();
        let filled = header.iter().zip(&record).map(|(column, cell)| match (column, said(&id)) {
            ("hope", Some(said)) => if said { "oui" } else { "0" }.to_owned(),
            ("polarity", Some(said)) => if said { "positif" } else { "neutre" }.to_owned(),
            ("evidence_hope", Some(true)) if truth(&id) => "j'y crois".to_owned(),
            ("hope" | "polarity" | "evidence_hope", _) => String::new(),
            _ => cell.to_owned(),
        });
        writer.write_record(filled.collect::<Vec<_>>()).unwrap();
    }
    place.write(sheet, writer.into_inner().unwrap());
}

pub(crate) fn measure<'a>(rows: &'a [Row], question: &str, between: &str, measure: &str) -> &'a Row {
    let is = |row: &&Row| {
        row["question"] == question
            && row["between"] == between
            && row["measure"] == measure
            && row["group_by"].is_empty()
    };
    rows.iter().find(is).unwrap_or_else(|| panic!("{question} {between} {measure} in {rows:?}"))
}

pub(crate) fn number(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column} of {row:?}"))
}
