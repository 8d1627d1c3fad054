//! Lines for doccano, and the JSONL it exports.
//!
//! In an export a line has the fields it was imported with and its labels: `label` (lists of start, end and label, or names of
//! categories), `cats` and `entities` in projects of intent detection, `entities` as objects where relations are marked. Nothing in
//! a line says whether somebody has confirmed it, so a line without any label is no answer; the category `none` makes it one. What
//! versions before 1.5 called `labels`, `annotation_approver` and `username` is read, too.

use serde_json::{Value, json};

use super::answers::{Gathering, KnownUnit, Note, Said};
use super::evidence::{self, Offsets};
use super::faults::{Place, Problem};
use super::records::{Record, id, offset};
use super::{Form, Question, WriteError};

/// Fields that hold labels.
const LABELS: [&str; 5] = ["label", "labels", "cats", "categories", "entities"];
/// Fields that name the coder.
const CODER: [&str; 4] = ["coder", "annotation_approver", "username", "annotator"];
/// The category that says: none of the codes.
const NONE: &str = "none";

/// A line a unit, for a project of sequence labelling or of intent detection and slot filling.
pub(super) fn write(form: &Form) -> Result<Vec<u8>, WriteError> {
    let mut lines = Vec::new();
    for unit in &form.units {
        let line = json!({
            "text": unit.text,
            "thread_id": unit.key.thread_id,
            "comment_id": unit.key.comment_id,
            "article_title": unit.article_title.as_deref().unwrap_or(""),
            "parent_text": unit.parent_text.as_deref().unwrap_or(""),
            "label": [],
        });
        serde_json::to_writer(&mut lines, &line)?;
        lines.push(b'\n');
    }
    Ok(lines)
}

/// Whether these are lines of doccano.
pub(super) fn is_export(records: &[Record]) -> bool {
    records.iter().any(|record| LABELS.iter().any(|field| record.fields.get(*field).is_some_and(Value::is_array)))
}

/// Gathers the answers of an export: 1 for each code that a line names, 0 for the others of a line with any label.
pub(super) fn read(records: &[Record], into: &mut Gathering<'_>) {
    let lines: Vec<Line<'_>> = records.iter().filter_map(|record| Line::of(record, into)).collect();
    let offsets = counted(&lines);
    if let Some(offsets) = offsets.filter(|_| lines.iter().any(Line::depends)) {
        into.remark(format!(
            "doccano does not say what its spans count; {} fit the words best, so the spans were read as those",
            offsets.name()
        ));
    }
    for line in &lines {
        line.read(offsets.unwrap_or(Offsets::Utf16), into);
    }
}

/// What the spans of a file count: what leaves most of them whole, and then begins and ends most of them where words do.
/// Present versions count UTF-16 units, or graphemes if the project says so; those of 2019 counted code points.
/// <https://github.com/doccano/doccano/issues/2290>
fn counted(lines: &[Line<'_>]) -> Option<Offsets> {
    let fit = |offsets: Offsets| {
        let spans = lines.iter().flat_map(|line| line.spans().map(move |(start, end)| (line.shown, start, end)));
        let found = spans.filter_map(|(text, start, end)| Some((text, offsets.span(text, start, end)?)));
        found.fold((0, 0), |(whole, words), (text, span)| (whole + 1, words + edges(text, span)))
    };
    // The last of the best is taken.
    [Offsets::CodePoints, Offsets::Graphemes, Offsets::Utf16].into_iter().max_by_key(|&offsets| fit(offsets))
}

/// How many ends of a span are where a word begins or ends.
fn edges(text: &str, (start, end): (usize, usize)) -> usize {
    let in_word = |at: usize| text.chars().nth(at).is_some_and(char::is_alphanumeric);
    let begins = in_word(start) && (start == 0 || !in_word(start - 1));
    let ends = in_word(end - 1) && !in_word(end);
    usize::from(begins) + usize::from(ends)
}

/// What a label stands for.
struct Label<'a> {
    question: &'a Question,
    value: String,
    /// As the file counts.
    span: Option<(usize, usize)>,
}

/// One line: a unit as one person labelled it.
struct Line<'a> {
    place: Place,
    unit: KnownUnit<'a>,
    /// The text in the line.
    shown: &'a str,
    coder: String,
    labels: Vec<Label<'a>>,
    /// Whether anything says that somebody has labelled it.
    is_coded: bool,
}

impl<'a> Line<'a> {
    fn of<'q: 'a>(record: &'a Record, into: &mut Gathering<'q>) -> Option<Self> {
        let place = record.place.clone();
        let field = |name: &str| record.fields.get(name);
        let (thread, comment) = (id(field("thread_id")), id(field("comment_id")));
        if comment.is_empty() {
            into.fault(place.column("comment_id"), Problem::NoId);
            return None;
        }
        let unit = into.unit(place.clone().column("comment_id"), &thread, &comment)?;
        let named = CODER.iter().map(|name| id(field(name))).find(|name| !name.is_empty());
        let mut line = Self {
            shown: field("text").and_then(Value::as_str).unwrap_or(unit.text),
            coder: named.unwrap_or_else(|| into.coder.clone()),
            is_coded: !id(field("annotation_approver")).is_empty(),
            labels: Vec::new(),
            place,
            unit,
        };
        for name in LABELS {
            for label in field(name).and_then(Value::as_array).into_iter().flatten() {
                line.take(name, label, into);
            }
        }
        Some(line)
    }

    fn take<'q: 'a>(&mut self, field: &str, label: &Value, into: &mut Gathering<'q>) {
        self.is_coded = true;
        let (name, span) = match label {
            Value::Array(parts) => match parts.as_slice() {
                [start, end, name] => (id(Some(name)), offset(start).zip(offset(end))),
                _ => (label.to_string(), None),
            },
            Value::Object(parts) => {
                let part = |name: &str| parts.get(name).unwrap_or(&Value::Null);
                (id(parts.get("label")), offset(part("start_offset")).zip(offset(part("end_offset"))))
            }
            other => (id(Some(other)), None),
        };
        if name.trim().eq_ignore_ascii_case(NONE) {
            return;
        }
        match meant(&name, into) {
            Some((question, value)) => self.labels.push(Label { question, value, span }),
            None => into.unknown_question(self.place.clone().column(field), &name),
        }
    }

    fn spans(&self) -> impl Iterator<Item = (usize, usize)> {
        self.labels.iter().filter_map(|label| label.span)
    }

    /// Whether what is counted makes a difference.
    fn depends(&self) -> bool {
        let places = |(start, end)| Offsets::ALL.map(|offsets| offsets.span(self.shown, start, end));
        self.spans().map(places).any(|places| places.iter().any(|place| *place != places[0]))
    }

    fn read(&self, offsets: Offsets, into: &mut Gathering<'_>) {
        if !self.is_coded {
            into.note(Note::Unlabelled);
            return;
        }
        let mut said = Vec::new();
        for Label { question, value, span } in &self.labels {
            let spans = match span.map(|(start, end)| self.span(offsets, start, end).ok_or((start, end))) {
                None => Vec::new(),
                Some(Ok(span)) => vec![span],
                Some(Err((start, end))) => {
                    let (span, comment) = (format!("{start}-{end}"), self.unit.comment.to_owned());
                    let place = self.place.clone().column(&question.name);
                    into.fault(place, Problem::NoSpan { span, comment });
                    continue;
                }
            };
            said.push(Said { question, value: Some(value.clone()), spans });
        }
        let named = |question: &Question| self.labels.iter().any(|label| label.question.name == question.name);
        let others = into.questions.iter().filter(|question| question.is_code() && !named(question));
        said.extend(others.map(|question| Said { question, value: Some("0".to_owned()), spans: Vec::new() }));
        into.answers(&self.place, self.unit, &self.coder, said);
    }

    fn span(&self, offsets: Offsets, start: usize, end: usize) -> Option<(usize, usize)> {
        let span = offsets.span(self.shown, start, end)?;
        if self.shown == self.unit.text {
            return Some(span);
        }
        evidence::find(self.unit.text, &evidence::words(self.shown, span))
    }
}

/// The answer a label is: the name of a code, `polarity: negative`, `distrust: 0`, or `negative` alone.
fn meant<'a>(label: &str, into: &Gathering<'a>) -> Option<(&'a Question, String)> {
    if let Some(question) = into.question(label).filter(|question| question.is_code()) {
        return Some((question, "1".to_owned()));
    }
    if let Some((name, written)) = label.split_once([':', '=']) {
        let question = into.question(name.trim())?;
        return Some((question, question.value(written)?.to_owned()));
    }
    let polarity = into.questions.iter().find(|question| !question.is_code())?;
    let value = polarity.values.iter().find(|value| value.eq_ignore_ascii_case(label.trim()))?;
    Some((polarity, value.clone()))
}
