//! JSON objects: rows of a table, or answers as they are kept here.

use serde_json::{Map, Value};

use super::Answer;
use super::answers::Gathering;
use super::evidence::Offsets;
use super::faults::{Fault, Place, Problem};
use super::grid::Grid;

/// One object of a file.
pub(super) struct Record {
    /// Its line, or its number in a list; first = 1.
    pub(super) place: Place,
    pub(super) fields: Map<String, Value>,
}

/// The objects of a file with one a line; empty lines are none.
pub(super) fn lines(text: &str, into: &mut Gathering<'_>) -> Vec<Record> {
    let mut records = Vec::new();
    for (number, text) in (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty()) {
        let place = Place::at("line", number);
        match serde_json::from_str(text) {
            Ok(fields) => records.push(Record { place, fields }),
            Err(error) => {
                let problem = Problem::Unreadable { format: "a JSON object", why: error.to_string() };
                into.fault(place, problem);
            }
        }
    }
    records
}

/// Whether these are answers as [`Answer`] has them.
pub(super) fn are_answers(records: &[Record]) -> bool {
    let has = |record: &Record, name: &str| record.fields.get(name).is_some_and(Value::is_string);
    !records.is_empty()
        && records.iter().all(|record| ["coder", "question", "value"].iter().all(|name| has(record, name)))
}

/// Takes answers as [`Answer`] has them.
pub(super) fn answers(records: Vec<Record>, into: &mut Gathering<'_>) {
    for Record { place, fields } in records {
        let answer: Answer = match serde_json::from_value(Value::Object(fields)) {
            Ok(answer) => answer,
            Err(error) => {
                into.fault(place, Problem::Unreadable { format: "an answer", why: error.to_string() });
                continue;
            }
        };
        let Some(unit) = into.unit(place.clone().column("comment_id"), &answer.key.thread_id, &answer.key.comment_id)
        else {
            continue;
        };
        let Some(question) = into.question(&answer.question) else {
            into.unknown_question(place.column("question"), &answer.question);
            continue;
        };
        let Some(value) = question.value(&answer.value) else {
            into.no_answer(place.column("value"), &answer.value, question);
            continue;
        };
        let outside =
            answer.spans.iter().find(|(start, end)| Offsets::CodePoints.span(unit.text, *start, *end).is_none());
        if let Some((start, end)) = outside {
            let (span, comment) = (format!("{start}-{end}"), unit.comment.to_owned());
            into.fault(place.column("spans"), Problem::NoSpan { span, comment });
            continue;
        }
        into.answer(&place, unit, &answer.coder, question, Some(value), answer.spans);
    }
}

/// The objects as rows, their fields as columns.
pub(super) fn grid(records: &[Record]) -> Result<Grid, Fault> {
    let mut columns = Vec::<&str>::new();
    let mut places = std::collections::HashMap::<&str, usize>::new();
    for name in records.iter().flat_map(|record| record.fields.keys()) {
        places.entry(name).or_insert_with(|| {
            columns.push(name);
            columns.len() - 1
        });
    }
    let mut grid = Grid::of_objects(records.first().map_or("", |record| record.place.unit));
    for (column, name) in columns.into_iter().enumerate() {
        grid.push(0, column, name.to_owned())?;
    }
    for record in records {
        for (name, value) in &record.fields {
            grid.push(record.place.number, places[name.as_str()], id(Some(value)))?;
        }
    }
    Ok(grid.ordered())
}

/// A whole number, as an offset is; some tools write it as `14.0`.
pub(super) fn offset(value: &Value) -> Option<usize> {
    let number = value.as_f64().filter(|number| number.fract() == 0.0 && (0.0..1e9).contains(number))?;
    Some(number as usize)
}

/// A value as text: strings bare, nothing for null and for none.
pub(super) fn id(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}
