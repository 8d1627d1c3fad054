//! How it was made, and what it cannot say.

use super::super::Report;
use super::super::counts::Counts;
use super::super::html::{Cell, paragraph, table};
use super::super::words::{filled, say};

/// Inputs and outputs listed.
const FILES: usize = 20;

pub(super) fn method(report: &Report<'_>, counts: &Counts) -> String {
    let language = report.language;
    let mut out = String::new();
    let coders = if counts.coders.is_empty() { "–".to_owned() } else { counts.coders.join(", ") };
    paragraph(&mut out, &filled(language, "method_coders", &[("coders", &coders)]));
    for key in ["method_model", "method_shares", "method_people", "method_privacy"] {
        paragraph(&mut out, say(language, key));
    }
    out
}

pub(super) fn run(report: &Report<'_>) -> String {
    let language = report.language;
    let word = |key| say(language, key);
    let made = &report.made;
    let mut out = String::new();
    if made.facts.is_empty() {
        paragraph(&mut out, word("no_run"));
        return out;
    }
    let named = |name: &str| {
        let known = say(language, &format!("fact_{name}"));
        if known.is_empty() { name.to_owned() } else { known.to_owned() }
    };
    let fact = |(name, value): &(String, String)| vec![Cell::text(&named(name)), Cell::text(value)];
    let file = |key, (path, digest): &(String, String)| {
        vec![Cell::text(word(key)), Cell::text(&format!("{path} · SHA-256 {digest}"))]
    };
    let mut rows: Vec<Vec<Cell>> = made.facts.iter().map(fact).collect();
    rows.extend(made.outputs.iter().take(FILES).map(|output| file("fact_output", output)));
    rows.extend(made.inputs.iter().take(FILES).map(|input| file("fact_input", input)));
    table(&mut out, word("run_table"), &[word("fact"), word("fact_value")], &rows);
    if made.inputs.len() > FILES {
        let more = language.count((made.inputs.len() - FILES) as u64);
        paragraph(&mut out, &filled(language, "fact_more", &[("more", &more)]));
    }
    out
}
