//! Lines for doccano (Nakayama et al. 2018, <https://github.com/doccano/doccano>), with labels.
//!
//! doccano takes one set of labels a line and makes them those of whoever imports the file. So a file has the labels of the
//! machine, or those of people with a line for each of them; both in one project would be one text twice.
//!
//! Only its projects of *intent detection and slot filling* take labels of a text (`cats`) and of words (`entities`) at once.
//! The file is for these alone: labels under a second name, for projects of sequence labelling, would stay beside what coders
//! correct as if they were data, and come back with it. In these projects words do not overlap: of two labels that do, doccano
//! keeps the one that begins first. Therefore every code that applies is in `cats`, whether its words are marked or not.

use std::borrow::Cow;

use serde::Serialize;

use super::ExchangeError;
use super::units::{Said, Shown, units};
use crate::model::{POLARITY, Span, Study};

/// The category that says: none of the codes.
const NONE: &str = "none";

/// Whose labels a file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelsOf {
    /// The machine's: a line a comment, for people to correct.
    Machine,
    /// People's: a line for each comment and each of them, with the `coder`.
    People,
}

/// Lines to import into a project of intent detection and slot filling: JSONL, UTF-8, of the comments that have words.
///
/// `cats` names the codes that apply, and `polarity: negative` and the like; `none` where nothing else is to be said of a
/// comment that was coded. `entities` are `[start, end, code]` in UTF-16 units, which present versions of doccano count. All else
/// is kept by doccano as it is. A code that is not named does not apply: what was left open, or not answered, cannot be told
/// from that.
///
/// The machine's lines have no `coder`, as an export of doccano is read as the work of whoever is named there; it is named by
/// `prelabelled_by`. To take a code back, take away its category and its words.
///
/// # Errors
///
/// [`ExchangeError::Json`] if JSON cannot be written.
pub fn doccano(study: &Study, labels: LabelsOf) -> Result<Vec<u8>, ExchangeError> {
    let mut lines = Vec::new();
    let mut push = |line: &Line<'_>| {
        serde_json::to_writer(&mut lines, line)?;
        lines.push(b'\n');
        Ok::<_, ExchangeError>(())
    };
    for unit in &units(study) {
        match labels {
            LabelsOf::Machine => {
                let by = unit.coded.map_or("", |coded| &coded.coder);
                let is_open = unit.coded.is_none_or(|coded| !coded.undecided.is_empty());
                push(&Line::of(&unit.shown, By::Machine { prelabelled_by: by }, &unit.machine(), is_open))?;
            }
            LabelsOf::People => {
                for (coder, said) in unit.people() {
                    push(&Line::of(&unit.shown, By::Person { coder }, &said, false))?;
                }
            }
        }
    }
    Ok(lines)
}

#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    shown: &'a Shown<'a>,
    #[serde(flatten)]
    by: By<'a>,
    cats: Vec<Cow<'a, str>>,
    entities: Vec<(usize, usize, &'a str)>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum By<'a> {
    Machine { prelabelled_by: &'a str },
    Person { coder: &'a str },
}

impl<'a> Line<'a> {
    fn of(shown: &'a Shown<'a>, by: By<'a>, said: &[Said<'a>], is_open: bool) -> Self {
        let mut cats: Vec<Cow<'_, str>> = said.iter().filter_map(category).collect();
        if cats.is_empty() && !is_open {
            cats.push(NONE.into());
        }
        let entities = said.iter().flat_map(|said| {
            said.spans.iter().map(|span| {
                let (start, end) = in_utf16(*span, shown.text);
                (start, end, said.question)
            })
        });
        Self { shown, by, cats, entities: entities.collect() }
    }
}

fn category<'a>(said: &Said<'a>) -> Option<Cow<'a, str>> {
    match (said.question, said.value) {
        (POLARITY, value) => Some(format!("{POLARITY}: {value}").into()),
        (code, "1") => Some(code.into()),
        _ => None,
    }
}

/// The span in code units of UTF-16.
fn in_utf16(span: Span, text: &str) -> (usize, usize) {
    let units = |end: usize| text.get(..end).map_or(0, |head| head.encode_utf16().count());
    (units(span.start), units(span.end))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::units::sample;
    use super::*;

    fn lines(labels: LabelsOf) -> Vec<Value> {
        let bytes = doccano(&sample::study(), labels).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn the_machine_labels_each_comment_once_and_is_no_coder() {
        let lines = lines(LabelsOf::Machine);
        let labels = |at: usize| (&lines[at]["cats"], &lines[at]["entities"], &lines[at]["prelabelled_by"]);
        assert_eq!(lines.len(), 3);
        assert_eq!(
            labels(0),
            (&json!(["polarity: negative", "distrust"]), &json!([[8, 15, "distrust"]]), &json!("rules-1"))
        );
        assert_eq!(labels(1), (&json!(["none"]), &json!([]), &json!("rules-1")));
        assert_eq!(labels(2), (&json!([]), &json!([]), &json!("")));
        assert!(lines.iter().all(|line| line.get("coder").is_none()));
    }

    #[test]
    fn all_lines_have_the_same_fields_and_no_empty_value() {
        for labels in [LabelsOf::Machine, LabelsOf::People] {
            let lines = lines(labels);
            let fields = |line: &Value| line.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
            assert!(lines.iter().all(|line| fields(line) == fields(&lines[0])));
            assert!(lines.iter().all(|line| line.as_object().unwrap().values().all(|value| !value.is_null())));
        }
    }

    #[test]
    fn people_have_a_line_each() {
        let lines = lines(LabelsOf::People);
        let said: Vec<_> = lines.iter().map(|line| (&line["comment_id"], &line["coder"], &line["cats"])).collect();
        assert_eq!(
            said,
            [
                (&json!("a"), &json!("anne@example.org"), &json!(["polarity: negative", "distrust"])),
                (&json!("a"), &json!("ben"), &json!(["none"])),
                (&json!("b"), &json!("ben"), &json!(["polarity: positive"])),
            ]
        );
        assert_eq!(lines[0]["entities"], json!([[0, 1, "distrust"], [8, 15, "distrust"]]));
    }
}
