//! Tasks for Label Studio, and the JSON it exports.

use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::answers::{Gathering, KnownUnit, Note, Said, shortened};
use super::evidence::{self, Offsets};
use super::faults::{Place, Problem};
use super::records::{id, offset};
use super::{Form, WriteError};

/// Tasks to import. The labelling interface to go with them is [`label_studio_config`].
pub(super) fn write(form: &Form) -> Result<Vec<u8>, WriteError> {
    let tasks: Vec<Value> = form
        .units
        .iter()
        .map(|unit| {
            let data = json!({
                "text": unit.text,
                "thread_id": unit.key.thread_id,
                "comment_id": unit.key.comment_id,
                // The interface shows them, so they have to be there.
                "article_title": unit.article_title.as_deref().unwrap_or(""),
                "parent_text": unit.parent_text.as_deref().unwrap_or(""),
                "posted_at": unit.posted_at.as_deref().unwrap_or(""),
            });
            json!({ "data": data, "meta": { "coders": unit.coders } })
        })
        .collect();
    let mut bytes = serde_json::to_vec_pretty(&tasks)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The labelling interface of Label Studio for a form, as XML: paste it into the project's *Labeling Interface → Code*.
///
/// Every question is a single choice whose values are [`super::Question::values`]; words are marked with the names of the codes.
pub fn label_studio_config(form: &Form) -> String {
    let mut xml = String::from("<View>\n  <Header value=\"$article_title\" size=\"4\"/>\n");
    xml.push_str("  <Text name=\"parent-text\" value=\"$parent_text\"/>\n");
    xml.push_str("  <Labels name=\"marked-words\" toName=\"comment-text\">\n");
    for question in form.questions.iter().filter(|question| question.is_code()) {
        let (name, hint) = (escaped(&question.name), escaped(&question.definition));
        let _ = writeln!(xml, "    <Label value=\"{name}\" hint=\"{hint}\"/>");
    }
    xml.push_str("  </Labels>\n  <Text name=\"comment-text\" value=\"$text\"/>\n");
    for question in &form.questions {
        let (name, title) = (escaped(&question.name), escaped(&format!("{} ({})", question.label, question.name)));
        let _ = writeln!(xml, "  <Header value=\"{title}\" size=\"6\"/>");
        let _ =
            writeln!(xml, "  <Choices name=\"{name}\" toName=\"comment-text\" choice=\"single\" showInline=\"true\">");
        for value in &question.values {
            let _ = writeln!(xml, "    <Choice value=\"{}\"/>", escaped(value));
        }
        xml.push_str("  </Choices>\n");
    }
    xml.push_str("</View>\n");
    xml
}

/// Text as an attribute of XML; control characters, which XML has no way to write, are left out.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\r' | '\t' => escaped.push(' '),
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

#[derive(Deserialize)]
struct Task {
    #[serde(default)]
    data: Map<String, Value>,
    #[serde(default, alias = "completions")]
    annotations: Vec<Annotation>,
}

#[derive(Deserialize)]
struct Annotation {
    #[serde(default)]
    result: Vec<Value>,
    #[serde(default)]
    completed_by: Value,
    /// Who it was, as an export of this program names people who are no members of Label Studio.
    #[serde(default)]
    coder: Value,
    #[serde(default)]
    was_cancelled: bool,
}

/// Whether these are tasks of Label Studio.
pub(super) fn is_export(items: &[Value]) -> bool {
    items.iter().any(|item| item.get("data").is_some_and(Value::is_object))
}

/// Gathers the answers of an export.
pub(super) fn read(items: Vec<Value>, into: &mut Gathering<'_>) {
    for (number, item) in (1..).zip(items) {
        let place = Place::at("task", number);
        let task: Task = match serde_json::from_value(item) {
            Ok(task) => task,
            Err(error) => {
                into.fault(place, Problem::Unreadable { format: "a task of Label Studio", why: error.to_string() });
                continue;
            }
        };
        let (thread, comment) = (id(task.data.get("thread_id")), id(task.data.get("comment_id")));
        if comment.is_empty() {
            into.fault(place.column("data.comment_id"), Problem::NoId);
            continue;
        }
        let Some(unit) = into.unit(place.clone().column("data.comment_id"), &thread, &comment) else { continue };
        let shown = task.data.get("text").and_then(Value::as_str).unwrap_or(unit.text);
        let mut answered = false;
        for annotation in task.annotations {
            if annotation.was_cancelled {
                into.note(Note::Cancelled);
                continue;
            }
            answered = true;
            let named = coder(&annotation.completed_by).or_else(|| coder(&annotation.coder));
            let coder = named.unwrap_or_else(|| into.coder.clone());
            Annotated { place: &place, unit, shown, coder }.read(&annotation.result, into);
        }
        if !answered {
            into.note(Note::Unanswered);
        }
    }
}

/// The person by their address, or else by the number they have in the project.
fn coder(completed_by: &Value) -> Option<String> {
    let field = |name: &str| completed_by.get(name).filter(|value| !value.is_null());
    let person = field("email").or_else(|| field("username")).or_else(|| field("id")).unwrap_or(completed_by);
    Some(id(Some(person))).filter(|name| !name.is_empty())
}

/// What one person made of one task.
struct Annotated<'a> {
    place: &'a Place,
    unit: KnownUnit<'a>,
    /// The text in the task.
    shown: &'a str,
    coder: String,
}

impl Annotated<'_> {
    fn read(&self, results: &[Value], into: &mut Gathering<'_>) {
        let mut said = Vec::new();
        for result in results {
            let value = &result["value"];
            if let Some(choices) = value["choices"].as_array() {
                let name = result["from_name"].as_str().unwrap_or("");
                let Some(question) = into.question(name) else {
                    into.unknown_question(self.place.clone().column("from_name"), name);
                    continue;
                };
                for choice in choices {
                    let written = id(Some(choice));
                    match question.value(&written) {
                        Some(value) => said.push(Said { question, value: Some(value.to_owned()), spans: Vec::new() }),
                        None => into.no_answer(self.place.clone().column(name), &written, question),
                    }
                }
            } else if let Some(labels) = value["labels"].as_array() {
                for label in labels.iter().filter_map(Value::as_str) {
                    let Some(question) = into.question(label) else {
                        into.unknown_question(self.place.clone().column("labels"), label);
                        continue;
                    };
                    match self.span(value) {
                        Some(span) => said.push(Said { question, value: None, spans: vec![span] }),
                        None => self.no_span(value, label, into),
                    }
                }
            }
        }
        into.answers(self.place, self.unit, &self.coder, said);
    }

    /// The span in the known text. Versions of Label Studio differ in what they count, so the words they give beside the
    /// offsets decide; without words, code points, which the present one counts.
    fn span(&self, value: &Value) -> Option<(usize, usize)> {
        let words = value["text"].as_str();
        let read_as = words.map(|words| [words.to_owned(), words.replace("\\n", "\n")]);
        let span = offset(&value["start"]).zip(offset(&value["end"])).and_then(|(start, end)| match &read_as {
            None => Offsets::CodePoints.span(self.shown, start, end),
            Some(words) => Offsets::ALL
                .into_iter()
                .filter_map(|offsets| offsets.span(self.shown, start, end))
                .find(|span| words.iter().any(|words| same(&evidence::words(self.shown, *span), words))),
        });
        match (span, words) {
            (Some(span), _) if self.shown == self.unit.text => Some(span),
            (Some(span), _) => evidence::find(self.unit.text, &evidence::words(self.shown, span)),
            (None, Some(_)) => read_as.iter().flatten().find_map(|words| evidence::only(self.unit.text, words)),
            (None, None) => None,
        }
    }

    fn no_span(&self, value: &Value, label: &str, into: &mut Gathering<'_>) {
        let comment = self.unit.comment.to_owned();
        let problem = match value["text"].as_str() {
            Some(words) => Problem::NoEvidence { words: shortened(words), comment },
            None => Problem::NoSpan { span: format!("{}-{}", id(value.get("start")), id(value.get("end"))), comment },
        };
        into.fault(self.place.clone().column(label), problem);
    }
}

/// Whether two passages are the same but for blanks, which browsers change.
fn same(a: &str, b: &str) -> bool {
    a.split_whitespace().eq(b.split_whitespace())
}
