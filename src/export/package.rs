//! Data package (<https://specs.frictionlessdata.io/data-package/>): what a folder of tables is, for people and for machines.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::row;
use crate::model::{
    Basis, Certainty, CommentState, Completeness, FoundBy, Polarity, Precision, ReplyBasis, Stage, Study,
};
use crate::table::{Column, Kind, Table};

/// What the author of a package says of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// Title; the article's where there is one thread.
    pub title: Option<String>,
    /// Licence, as SPDX names it, of the tables: whose the comments are is another question.
    pub licence: Option<String>,
    /// When it was made: ISO 8601.
    pub created: String,
    /// Version of causerie.
    pub version: String,
}

/// The words a column holds, where it holds no others.
fn vocabulary(table: Table, column: &str) -> Vec<&'static str> {
    fn words<T: Copy>(all: &[T], word: fn(T) -> &'static str) -> Vec<&'static str> {
        all.iter().map(|one| word(*one)).collect()
    }
    match (table, column) {
        (Table::Comments, "polarity") => words(Polarity::ALL, Polarity::as_str),
        (Table::Comments, "state") => words(CommentState::ALL, CommentState::as_str),
        (Table::Comments, "reply_basis") => words(ReplyBasis::ALL, ReplyBasis::as_str),
        (Table::Comments, "posted_precision") => words(Precision::ALL, Precision::as_str),
        (Table::Codings, "basis") => words(Basis::ALL, Basis::as_str),
        (Table::Threads, "completeness") => words(Completeness::ALL, Completeness::as_str),
        (Table::Threads, "found_by") => words(FoundBy::ALL, FoundBy::as_str),
        (Table::Threads, "certainty") => words(Certainty::ALL, Certainty::as_str),
        (Table::Errors, "stage") => words(Stage::ALL, Stage::as_str),
        _ => Vec::new(),
    }
}

fn field(column: &Column) -> Value {
    let mut constraints = Map::new();
    if !column.nullable && column.kind != Kind::Text {
        constraints.insert("required".into(), true.into());
    }
    if column.kind == Kind::Flag {
        constraints.insert("enum".into(), json!([0, 1]));
    }
    let words = vocabulary(column.table, &column.name);
    if !words.is_empty() {
        constraints.insert("enum".into(), json!(words));
    }
    let is_number = matches!(column.kind, Kind::Number | Kind::Integer);
    match column.unit {
        "0 to 1" if is_number => {
            constraints.insert("minimum".into(), 0.into());
            constraints.insert("maximum".into(), 1.into());
        }
        "-1 to 1" if is_number => {
            constraints.insert("minimum".into(), (-1).into());
            constraints.insert("maximum".into(), 1.into());
        }
        _ => {}
    }
    let kind = match column.kind {
        // Dates are as exact as their page was: some are days, some instants, some the time on a clock.
        Kind::Text | Kind::Moment => "string",
        Kind::Flag | Kind::Integer => "integer",
        Kind::Number => "number",
    };
    let mut field = json!({"name": column.name, "type": kind, "description": column.description});
    if !column.unit.is_empty() {
        field["unit"] = column.unit.into();
    }
    if column.kind == Kind::Moment {
        field["rdfType"] = "http://www.w3.org/2001/XMLSchema#dateTime".into();
    }
    if !constraints.is_empty() {
        field["constraints"] = Value::Object(constraints);
    }
    field
}

/// One table's entry: its columns, what a row is known by, and which tables it refers to.
pub(super) fn resource(table: Table, columns: &[Column]) -> Value {
    let has = |name: &str| columns.iter().any(|column| column.name == name);
    let mut schema = json!({
        "fields": columns.iter().map(field).collect::<Vec<_>>(),
        "missingValues": [""],
    });
    let key: &[&str] = match table {
        Table::Comments => &["thread_id", "comment_id"],
        Table::Codings => &["thread_id", "comment_id", "code"],
        Table::Threads => &["thread_id"],
        _ => &[],
    };
    if !key.is_empty() && key.iter().all(|name| has(name)) {
        schema["primaryKey"] = json!(key);
    }
    let refers = match table {
        Table::Comments => Some((json!(["thread_id"]), "threads", json!(["thread_id"]))),
        Table::Codings => Some((json!(["thread_id", "comment_id"]), "comments", json!(["thread_id", "comment_id"]))),
        _ => None,
    };
    if let Some((fields, resource, theirs)) = refers {
        schema["foreignKeys"] = json!([{"fields": fields, "reference": {"resource": resource, "fields": theirs}}]);
    }
    json!({"name": table.as_str(), "schema": schema})
}

/// `datapackage.json` for tables in files of these names.
pub fn descriptor(study: &Study, about: &About, tables: &[(Table, String, Vec<Column>)]) -> Value {
    let there: Vec<&str> = tables.iter().map(|(table, ..)| table.as_str()).collect();
    let resources: Vec<Value> = tables
        .iter()
        .map(|(table, path, columns)| {
            let mut entry = resource(*table, columns);
            // A reference to a table that is not in the package would make it invalid.
            let refers = entry["schema"]["foreignKeys"][0]["reference"]["resource"].as_str().map(str::to_owned);
            if let (Some(schema), Some(refers)) = (entry["schema"].as_object_mut(), refers)
                && !there.contains(&refers.as_str())
            {
                schema.remove("foreignKeys");
            }
            entry["path"] = path.as_str().into();
            entry["profile"] = "tabular-data-resource".into();
            entry["format"] = "csv".into();
            entry["mediatype"] = "text/csv".into();
            entry["encoding"] = "utf-8".into();
            entry["dialect"] =
                json!({"delimiter": ",", "lineTerminator": "\n", "quoteChar": "\"", "doubleQuote": true});
            entry
        })
        .collect();
    let comments: usize = study.threads.iter().map(|thread| thread.comments.len()).sum();
    let mut package = json!({
        "profile": "tabular-data-package",
        "name": "causerie-study",
        "title": title(study, about),
        "description": format!(
            "{comments} comments of {} threads, with who replied to whom, sentiment and themes, each with the words it rests on. Empty cells are \
             unknown. Positions of evidence count Unicode code points, first = 0, end exclusive.",
            study.threads.len()
        ),
        "created": about.created,
        "contributors": [{"title": format!("causerie {}", about.version), "role": "wrangler"}],
        "sources": sources(study),
        "resources": resources,
    });
    if let Some(licence) = &about.licence {
        package["licenses"] = json!([{"name": licence}]);
    }
    package
}

fn title(study: &Study, about: &About) -> String {
    let of_thread = || match &study.threads[..] {
        [thread] => thread.thread.article.title.clone(),
        _ => None,
    };
    about.title.clone().or_else(of_thread).unwrap_or_else(|| "Comments under articles".to_owned())
}

/// The articles; those without an address by what they were read from.
fn sources(study: &Study) -> Vec<Value> {
    let source = |thread: &crate::model::Thread| {
        let from = thread.sources.first().cloned().unwrap_or_else(|| thread.id.clone());
        let title = thread.article.title.clone().unwrap_or_else(|| from.clone());
        match &thread.article.url {
            Some(url) => json!({"title": title, "path": url}),
            None => json!({"title": title}),
        }
    };
    study.threads.iter().map(|thread| source(&thread.thread)).collect()
}

/// The data dictionary for people: a section a table, a row a column.
pub fn dictionary_markdown(tables: &[(Table, String, Vec<Column>)]) -> String {
    let mut out = String::from(
        "# Data dictionary\n\nUTF-8, commas, RFC 4180 quotes. An empty cell is unknown or does not apply. Dates are ISO 8601, as exact as their page.\n",
    );
    for (table, path, columns) in tables {
        let _ = writeln!(out, "\n## {table} (`{path}`)\n\n{}", columns_markdown(columns));
    }
    out
}

/// Columns as a Markdown table: a row a column, with the words it holds where it holds no others.
pub fn columns_markdown(columns: &[Column]) -> String {
    let mut out = String::from("| column | type | empty | unit | what it means |\n|---|---|---|---|---|\n");
    for column in columns {
        let words = vocabulary(column.table, &column.name);
        let words = if words.is_empty() { String::new() } else { format!(" One of: {}.", words.join(", ")) };
        let _ = writeln!(
            out,
            "| `{}` | {} | {} | {} | {}{words} |",
            column.name,
            column.kind.as_str(),
            if column.nullable { "yes" } else { "no" },
            column.unit,
            in_cell(&column.description),
        );
    }
    out
}

/// The codebook for people.
pub fn codebook_markdown(study: &Study) -> String {
    let mut out = String::from(
        "# Codebook\n\nA comment can carry several codes; 1 = applies, 0 = does not, empty = not coded.\n",
    );
    for code in &study.codes {
        let _ = writeln!(out, "\n## {} (`{}`)\n\n{}", in_cell(&code.label), code.name, code.definition.trim());
        for (head, lines) in [("What counts", &code.include), ("What does not", &code.exclude)] {
            if !lines.is_empty() {
                let _ = writeln!(out, "\n{head}:\n");
                for line in lines {
                    let _ = writeln!(out, "- {}", in_cell(line));
                }
            }
        }
    }
    out
}

/// The codebook as a table: a row a code, lists a line each.
pub fn codebook_csv(study: &Study) -> String {
    let mut out = String::new();
    row::push(&mut out, ["code", "label", "definition", "what_counts", "what_does_not"]);
    for code in &study.codes {
        let (counts, does_not) = (code.include.join("\n"), code.exclude.join("\n"));
        row::push(&mut out, [code.name.as_str(), &code.label, &code.definition, &counts, &does_not]);
    }
    out
}

/// Text in a cell of a Markdown table.
fn in_cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}
