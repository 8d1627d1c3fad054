//! A journal read apart from its form: what stands in the end, as answers.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Header, Step, TITLE};
use crate::hand::Answer;
use crate::hand::answers::Gathering;
use crate::hand::faults::{Place, Problem};
use crate::hand::records::{self, Record};
use crate::model::Key;

/// Whether a text is a journal.
pub(in crate::hand) fn is_journal(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    serde_json::from_str::<Header>(first).is_ok_and(|header| header.journal == TITLE)
}

/// Takes the answers that stand. A last line without its end was cut short by a crash: nobody was told that it was saved.
pub(in crate::hand) fn read(text: &str, into: &mut Gathering<'_>) {
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    let mut standing: BTreeMap<(Key, String), (usize, Step)> = BTreeMap::new();
    for (line, text) in (1..).zip(whole.lines()).skip(1) {
        match serde_json::from_str::<Step>(text) {
            Ok(step) => {
                standing.insert((step.key.clone(), step.coder.clone()), (line, step));
            }
            Err(error) => {
                let problem = Problem::Unreadable { format: "a decision", why: error.to_string() };
                into.fault(Place::at("line", line), problem);
            }
        }
    }
    let mut made = Vec::new();
    for ((key, coder), (line, step)) in standing {
        for said in step.answers {
            let Some(value) = said.value else { continue };
            let answer =
                Answer { key: key.clone(), coder: coder.clone(), question: said.question, value, spans: said.spans };
            if let Ok(Value::Object(fields)) = serde_json::to_value(answer) {
                made.push(Record { place: Place::at("line", line), fields });
            }
        }
    }
    records::answers(made, into);
}
