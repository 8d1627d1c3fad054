//! Tasks of Label Studio (Tkachenko et al. 2020, <https://labelstud.io>), with codes as predictions and annotations.

use serde::Serialize;

use super::ExchangeError;
use super::units::{Said, Shown, Unit, units};
use crate::hand::{self, Form, Question};
use crate::model::{CodeLabel, IRONY, Study};

/// Name of the text in [`hand::label_studio_config`].
const TEXT: &str = "comment-text";
/// Name of the labels for words in it.
const WORDS: &str = "marked-words";

/// Tasks to import, a JSON list of one a comment that has words, for a project with [`label_studio_interface`].
///
/// `data` has what [`hand::write`] gives coders, and `author`, `language` and `url`. What the machine said is a prediction,
/// its coder the `model_version`; what people said is an annotation a person. A question that was answered is a single choice,
/// the words of a code that applies are a region. What the machine left open has no choice, and a comment that it could not
/// code no prediction. Regions count code points, as the present Label Studio does, and give their words beside.
///
/// The `score` of a choice or region is the machine's confidence, where it is known: it is not for codes that do not apply.
/// That of a prediction is the least of them, so that sorting by it brings up what the machine is least sure of.
///
/// Label Studio refuses a whole file that names an annotator who is no member. So people go by `completed_by` only where
/// their name is an e-mail address; they have to be members. Others have their name as `coder`, which [`hand::read`] knows and
/// Label Studio does not: whoever imports the file becomes the annotator.
///
/// The words the sentiment rests on are left out, as the interface has no label for them.
///
/// # Errors
///
/// [`ExchangeError::Json`] if JSON cannot be written.
pub fn label_studio(study: &Study) -> Result<Vec<u8>, ExchangeError> {
    let mut tasks = vec![b'['];
    for (at, unit) in units(study).iter().enumerate() {
        tasks.extend(if at == 0 { "\n" } else { ",\n" }.bytes());
        serde_json::to_writer(&mut tasks, &Task::of(unit))?;
    }
    tasks.extend(b"\n]\n");
    Ok(tasks)
}

/// The labeling interface for [`label_studio`], XML: it asks for the sentiment, for irony where anybody told it, for the
/// study's codes, and for what else people answered.
pub fn label_studio_interface(study: &Study) -> String {
    let mut questions = vec![Question::polarity()];
    questions.extend(study.codes.iter().map(question));
    let mut comments = study.threads.iter().flat_map(|thread| &thread.comments);
    let tells_irony = comments.any(|comment| comment.coded.as_ref().is_some_and(|coded| coded.irony.is_some()));
    let asked = study.people.iter().map(|coding| coding.question.as_str());
    for name in tells_irony.then_some(IRONY).into_iter().chain(asked) {
        if questions.iter().all(|question| question.name != name) {
            questions.push(if name == IRONY { Question::irony() } else { Question::named(name) });
        }
    }
    hand::label_studio_config(&Form { questions, units: Vec::new() })
}

fn question(code: &CodeLabel) -> Question {
    Question {
        label: code.label.clone(),
        definition: code.definition.clone(),
        include: code.include.clone(),
        exclude: code.exclude.clone(),
        ..Question::named(&code.name)
    }
}

#[derive(Serialize)]
struct Task<'a> {
    data: &'a Shown<'a>,
    predictions: Vec<Prediction<'a>>,
    annotations: Vec<Annotation<'a>>,
}

#[derive(Serialize)]
struct Prediction<'a> {
    model_version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
    result: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Annotation<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    completed_by: Option<Member<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    coder: Option<&'a str>,
    /// Where it is missing, Label Studio takes the annotation for the truth.
    ground_truth: bool,
    result: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Member<'a> {
    email: &'a str,
}

/// A choice or a region.
#[derive(Serialize)]
struct Item<'a> {
    id: String,
    from_name: &'a str,
    to_name: &'static str,
    r#type: &'static str,
    value: Value<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Value<'a> {
    Choice { choices: [&'a str; 1] },
    Region { start: usize, end: usize, text: &'a str, labels: [&'a str; 1] },
}

impl<'a> Task<'a> {
    fn of(unit: &'a Unit<'a>) -> Self {
        let prediction = unit.coded.map(|coded| {
            let said = unit.machine();
            let score = said.iter().filter_map(|said| said.confidence).reduce(f64::min);
            Prediction { model_version: &coded.coder, score, result: items(unit.shown.text, &said) }
        });
        let annotations = unit.people().into_iter().map(|(coder, said)| {
            let is_address = is_address(coder);
            Annotation {
                completed_by: is_address.then_some(Member { email: coder }),
                coder: (!is_address).then_some(coder),
                ground_truth: false,
                result: items(unit.shown.text, &said),
            }
        });
        Self { data: &unit.shown, predictions: prediction.into_iter().collect(), annotations: annotations.collect() }
    }
}

fn items<'a>(text: &'a str, said: &[Said<'a>]) -> Vec<Item<'a>> {
    let mut items = Vec::new();
    for Said { question, value, spans, confidence } in said {
        let choice = ("choices", *question, Value::Choice { choices: [*value] });
        let regions = spans.iter().map(|span| {
            let (start, end) = span.in_code_points(text);
            ("labels", WORDS, Value::Region { start, end, text: span.of(text), labels: [*question] })
        });
        for (r#type, from_name, value) in std::iter::once(choice).chain(regions) {
            let id = format!("r{}", items.len() + 1);
            items.push(Item { id, from_name, to_name: TEXT, r#type, value, score: *confidence });
        }
    }
    items
}

/// Whether a name can be that of a member of Label Studio.
fn is_address(name: &str) -> bool {
    let parts = name.split_once('@').filter(|(user, host)| !user.is_empty() && host.contains('.'));
    parts.is_some() && !name.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::units::sample;
    use super::*;

    fn tasks() -> Vec<Value> {
        serde_json::from_slice(&label_studio(&sample::study()).unwrap()).unwrap()
    }

    #[test]
    fn the_machine_predicts_what_it_did_not_leave_open() {
        let tasks = tasks();
        assert_eq!(tasks.len(), 3, "a comment without words is no task");
        let prediction = &tasks[0]["predictions"][0];
        assert_eq!((&prediction["model_version"], &prediction["score"]), (&json!("rules-1"), &json!(0.6)));
        let choice = |id: &str, name: &str, value: &str, score: Value| {
            let mut item = json!({
                "id": id, "from_name": name, "to_name": "comment-text", "type": "choices", "value": {"choices": [value]},
            });
            if !score.is_null() {
                item["score"] = score;
            }
            item
        };
        let region = json!({
            "id": "r4", "from_name": "marked-words", "to_name": "comment-text", "type": "labels", "score": 0.6,
            "value": {"start": 7, "end": 14, "text": "arnaque", "labels": ["distrust"]},
        });
        assert_eq!(
            prediction["result"],
            json!([
                choice("r1", "polarity", "negative", json!(0.9)),
                choice("r2", "irony", "0", json!(0.8)),
                choice("r3", "distrust", "1", json!(0.6)),
                region,
                choice("r5", "price", "0", Value::Null),
            ])
        );
        assert_eq!(tasks[2]["predictions"], json!([]), "it was not coded");
    }

    #[test]
    fn coders_are_shown_what_the_blind_sheet_shows() {
        let data = &tasks()[1]["data"];
        let shown = ["comment_id", "article_title", "parent_text", "posted_at", "author"].map(|name| &data[name]);
        assert_eq!(shown, ["b", "Le prix", sample::TEXT, "", ""]);
    }

    #[test]
    fn people_who_can_be_members_are_named_as_such() {
        let annotations = &tasks()[0]["annotations"];
        assert_eq!(annotations[0]["completed_by"], json!({"email": "anne@example.org"}));
        assert_eq!((&annotations[1]["coder"], annotations[1].get("completed_by")), (&json!("ben"), None));
        assert_eq!(annotations[0]["ground_truth"], json!(false));
        let names = ["anne", "anne@", "@example.org", "anne b@example.org", "anne@localhost"];
        assert!(names.into_iter().all(|name| !is_address(name)));
    }

    #[test]
    fn the_interface_asks_for_all_that_was_said() {
        let xml = label_studio_interface(&sample::study());
        for task in tasks() {
            let said = task["predictions"].as_array().unwrap().iter().chain(task["annotations"].as_array().unwrap());
            for item in said.flat_map(|said| said["result"].as_array().unwrap()) {
                for name in ["from_name", "to_name"].map(|name| item[name].as_str().unwrap()) {
                    assert_eq!(xml.matches(&format!(" name=\"{name}\"")).count(), 1, "{name}\n{xml}");
                }
            }
        }
        assert!(xml.contains("Says it."), "{xml}");
    }
}
