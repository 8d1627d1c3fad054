//! How far coder and people agree.

use super::super::Report;
use super::super::html::{Cell, paragraph, table};
use super::super::words::say;

pub(super) fn reliability(report: &Report<'_>) -> String {
    let language = report.language;
    let word = |key| say(language, key);
    let mut out = String::new();
    let known = |key: &str, or: &str| {
        let said = say(language, key);
        if said.is_empty() { or.to_owned() } else { said.to_owned() }
    };
    let rows: Vec<Vec<Cell>> = report
        .agreement
        .iter()
        .filter(|row| row.group_by.is_empty() && !say(language, &format!("measure_{}", row.measure)).is_empty())
        .map(|row| {
            let value = match row.value.as_str() {
                "" | "1" => String::new(),
                value => format!(" ({})", known(&format!("value_{value}"), value)),
            };
            let between = row.between.split(" / ").map(|who| match who {
                "machine" => word("of_machine"),
                "people" => word("of_people"),
                name => name,
            });
            let label = report.study.codes.iter().find(|code| code.name == row.question);
            let label = label
                .map_or_else(|| known(&format!("question_{}", row.question), &row.question), |code| code.label.clone());
            let interval =
                row.interval.map(|(low, high)| format!("{}–{}", language.decimal(low, 2), language.decimal(high, 2)));
            vec![
                Cell::text(&label),
                Cell::text(&between.collect::<Vec<_>>().join(" / ")),
                Cell::text(&format!("{}{value}", say(language, &format!("measure_{}", row.measure)))),
                Cell::number(row.estimate.map(|estimate| language.decimal(estimate, 2))),
                Cell::number(interval),
                Cell::number(Some(language.count(row.units))),
            ]
        })
        .collect();
    if rows.is_empty() {
        paragraph(&mut out, word("no_reliability"));
    } else {
        paragraph(&mut out, word("reliability_about"));
        let head = [word("question"), word("between"), word("measure"), word("value"), word("interval"), word("units")];
        table(&mut out, word("reliability_table"), &head, &rows);
    }
    out
}
