//! Answers on their way in: which unit they are for, and whether they agree with each other and with the text.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use super::evidence;
use super::faults::{Fault, Faults, Place, Problem, TwoAnswers};
use super::grid::{list, plain};
use super::{Answer, Key, Question};

/// What was read from a file of answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// The answers, in the order of the file: one a unit, coder and question. What nobody answered is not among them.
    pub answers: Vec<Answer>,
    /// What a reader should know: cells that were taken for no answer, columns that were not read, a guessed encoding.
    pub remarks: Vec<String>,
}

/// The units there are answers for, with their texts.
#[derive(Debug, Clone, Default)]
pub struct Known<'a> {
    /// By comment, then by thread: on many sites every thread has a comment `c1`.
    units: HashMap<&'a str, HashMap<&'a str, KnownUnit<'a>>>,
}

impl<'a> FromIterator<(&'a Key, &'a str)> for Known<'a> {
    /// Key and text of every unit.
    fn from_iter<I: IntoIterator<Item = (&'a Key, &'a str)>>(units: I) -> Self {
        let mut known = Self::default();
        for (Key { thread_id, comment_id }, text) in units {
            let unit = KnownUnit { thread: thread_id, comment: comment_id, text };
            known.units.entry(comment_id).or_default().insert(thread_id, unit);
        }
        known
    }
}

impl<'a> Known<'a> {
    fn find(&self, thread: &str, comment: &str) -> Found<'a> {
        let Some(threads) = self.units.get(comment) else { return Found::Nowhere };
        let unit = match thread {
            "" if threads.len() > 1 => return Found::Several,
            "" => threads.values().next(),
            thread => threads.get(thread),
        };
        unit.map_or(Found::Nowhere, |unit| Found::One(*unit))
    }
}

enum Found<'a> {
    One(KnownUnit<'a>),
    Several,
    Nowhere,
}

/// A unit that answers are for.
#[derive(Debug, Clone, Copy)]
pub(super) struct KnownUnit<'a> {
    thread: &'a str,
    pub(super) comment: &'a str,
    pub(super) text: &'a str,
}

impl KnownUnit<'_> {
    /// Whether `shown` is its text, as far as spreadsheets leave it alone; an empty one says nothing.
    pub(super) fn reads(&self, shown: &str) -> bool {
        let is_whole = |shown: &str| evidence::find(self.text, shown).is_some() && self.text.len() <= 2 * shown.len();
        shown.trim().is_empty() || is_whole(shown) || shown.strip_prefix('\'').is_some_and(is_whole)
    }
}

/// What is worth a remark, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Note {
    NoAnswer,
    Unanswered,
    Twice,
    Marked,
    Cancelled,
    Unlabelled,
    OtherText,
}

impl Note {
    fn told(self, times: usize) -> String {
        match self {
            Self::NoAnswer => format!("cells like `?` and `n/a`, taken for no answer: {times}"),
            Self::Unanswered => format!("units without any answer: {times}"),
            Self::Twice => format!("answers given twice, both alike: {times}"),
            Self::Marked => format!("codes without an answer whose words are marked, taken for 1: {times}"),
            Self::Cancelled => format!("annotations that their coder skipped, not read: {times}"),
            Self::Unlabelled => format!("lines without any label, taken for not coded: {times}"),
            Self::OtherText => format!("units whose text in the file is not the known one (edited since?): {times}"),
        }
    }
}

/// Answers, faults and remarks of a file, as they are found.
pub(super) struct Gathering<'a> {
    pub(super) questions: &'a [Question],
    /// The coder, where nothing in the file names one.
    pub(super) coder: String,
    known: &'a Known<'a>,
    faults: Faults,
    answers: Vec<Answer>,
    /// Where each answer is, by unit, coder and question.
    given: HashMap<(Key, String, String), (usize, Place)>,
    remarks: Vec<String>,
    notes: BTreeMap<Note, usize>,
    /// Units whose text in the file is the known one.
    recognised: usize,
}

impl<'a> Gathering<'a> {
    pub(super) fn new(path: &Path, questions: &'a [Question], known: &'a Known<'a>) -> Self {
        Self {
            questions,
            coder: coder_of(path),
            known,
            faults: Faults::new(path),
            answers: Vec::new(),
            given: HashMap::new(),
            remarks: Vec::new(),
            notes: BTreeMap::new(),
            recognised: 0,
        }
    }

    pub(super) fn finish(mut self) -> Result<Reading, Faults> {
        let other = self.notes.get(&Note::OtherText).copied().unwrap_or(0);
        // Comments are edited, but seldom most of them: ids may coincide where texts do not.
        if other > self.recognised && other > 2 {
            let of = other + self.recognised;
            self.fault(Place::at("row", 0), Problem::OtherStudy { other, of });
        }
        if !self.faults.is_empty() {
            return Err(self.faults);
        }
        self.remarks.extend(self.notes.iter().map(|(note, &times)| note.told(times)));
        Ok(Reading { answers: self.answers, remarks: self.remarks })
    }

    pub(super) fn fault(&mut self, place: Place, problem: Problem) {
        self.faults.push(Fault { place, problem });
    }

    pub(super) fn remark(&mut self, remark: String) {
        self.remarks.push(remark);
    }

    pub(super) fn note(&mut self, note: Note) {
        *self.notes.entry(note).or_default() += 1;
    }

    /// Notes whether a unit's text in the file is the known one.
    pub(super) fn compare(&mut self, unit: KnownUnit<'_>, shown: &str) {
        if unit.reads(shown) {
            self.recognised += usize::from(!shown.trim().is_empty());
        } else {
            self.note(Note::OtherText);
        }
    }

    pub(super) fn question_names(&self) -> String {
        list(self.questions.iter().map(|question| question.name.as_str()))
    }

    /// The question of a name as people write it.
    pub(super) fn question(&self, name: &str) -> Option<&'a Question> {
        self.questions.iter().find(|question| plain(&question.name) == plain(name))
    }

    pub(super) fn unknown_question(&mut self, place: Place, written: &str) {
        let problem = Problem::UnknownQuestion { written: written.to_owned(), questions: self.question_names() };
        self.fault(place, problem);
    }

    pub(super) fn no_answer(&mut self, place: Place, written: &str, question: &Question) {
        let problem = Problem::NoAnswer {
            written: shortened(written),
            question: question.name.clone(),
            values: question.values.join(" or "),
        };
        self.fault(place, problem);
    }

    /// The unit of these ids; a fault where there is none. An empty thread is looked for by the comment.
    pub(super) fn unit(&mut self, place: Place, thread: &str, comment: &str) -> Option<KnownUnit<'a>> {
        let (thread, comment) = (thread.trim(), comment.trim());
        let found = match self.known.find(thread, comment) {
            Found::Nowhere => self.known.find(bare(thread), bare(comment)),
            found => found,
        };
        let problem = match found {
            Found::One(unit) => return Some(unit),
            Found::Several => Problem::SeveralUnits { comment: comment.to_owned() },
            Found::Nowhere => match [comment, thread].into_iter().find(|id| is_damaged(id)) {
                Some(id) => Problem::DamagedId { written: id.to_owned() },
                None => Problem::NoUnit { thread: thread.to_owned(), comment: shortened(comment) },
            },
        };
        self.fault(place, problem);
        None
    }

    /// The places of words that were copied from the text; several passages have `|` or a line break between them.
    pub(super) fn evidence(&mut self, place: &Place, unit: KnownUnit<'_>, cell: &str) -> Vec<(usize, usize)> {
        let cell = cell.trim();
        if cell.is_empty() {
            return Vec::new();
        }
        let whole = |words: &str| {
            let unguarded = || words.strip_prefix('\'').and_then(|words| evidence::find(unit.text, words));
            evidence::find(unit.text, words).or_else(unguarded)
        };
        if let Some(span) = whole(cell) {
            return vec![span];
        }
        let passages = cell.split(['|', '\n']).map(str::trim).filter(|words| !words.is_empty());
        let mut spans = Vec::new();
        for words in passages {
            if let Some(span) = whole(words) {
                spans.push(span);
            } else {
                let problem = Problem::NoEvidence { words: shortened(words), comment: unit.comment.to_owned() };
                self.fault(place.clone(), problem);
            }
        }
        spans
    }

    /// Takes an answer. Marked words without an answer mean that the code applies.
    pub(super) fn answer(
        &mut self,
        place: &Place,
        unit: KnownUnit<'_>,
        coder: &str,
        question: &Question,
        value: Option<&str>,
        mut spans: Vec<(usize, usize)>,
    ) {
        let value = match value {
            Some("0") if question.is_code() && !spans.is_empty() => {
                let problem = Problem::MarkedAndDenied { question: question.name.clone(), value: "0".to_owned() };
                self.fault(place.clone(), problem);
                return;
            }
            Some(value) => value,
            None if question.is_code() && !spans.is_empty() => {
                self.note(Note::Marked);
                "1"
            }
            None => return,
        };
        spans.sort_unstable();
        spans.dedup();
        let key = Key { thread_id: unit.thread.to_owned(), comment_id: unit.comment.to_owned() };
        let given = (key, coder.to_owned(), question.name.clone());
        let Some((earlier, where_earlier)) = self.given.get(&given) else {
            let (key, coder, question) = given.clone();
            self.given.insert(given, (self.answers.len(), place.clone()));
            self.answers.push(Answer { key, coder, question, value: value.to_owned(), spans });
            return;
        };
        let answer = &mut self.answers[*earlier];
        if answer.value == value {
            answer.spans.append(&mut spans);
            answer.spans.sort_unstable();
            answer.spans.dedup();
            self.note(Note::Twice);
            return;
        }
        let two = TwoAnswers {
            coder: coder.to_owned(),
            question: question.name.clone(),
            comment: unit.comment.to_owned(),
            value: value.to_owned(),
            earlier: answer.value.clone(),
            place: where_earlier.clone(),
        };
        let problem = Problem::TwoAnswers(Box::new(two));
        self.fault(place.clone(), problem);
    }

    /// Takes what one person says of one unit in several places of a line or task, question by question.
    pub(super) fn answers(&mut self, place: &Place, unit: KnownUnit<'_>, coder: &str, said: Vec<Said<'_>>) {
        let questions = self.questions;
        let mut by_question = HashMap::<&str, (Vec<String>, Vec<_>)>::new();
        for Said { question, value, mut spans } in said {
            let (values, marked) = by_question.entry(&question.name).or_default();
            values.extend(value.filter(|value| !values.contains(value)));
            marked.append(&mut spans);
        }
        for question in questions {
            let Some((values, mut spans)) = by_question.remove(question.name.as_str()) else { continue };
            let place = place.clone().column(&question.name);
            if values.is_empty() {
                self.answer(&place, unit, coder, question, None, spans);
                continue;
            }
            for value in &values {
                self.answer(&place, unit, coder, question, Some(value), std::mem::take(&mut spans));
            }
        }
    }
}

/// What a label or a choice says.
pub(super) struct Said<'q> {
    pub(super) question: &'q Question,
    /// None where words are marked and nothing is chosen.
    pub(super) value: Option<String>,
    pub(super) spans: Vec<(usize, usize)>,
}

/// `sheet.anne.xlsx` → `anne`, `anne.xlsx` → `anne`.
fn coder_of(path: &Path) -> String {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    stem.rsplit('.').next().unwrap_or_default().trim().to_owned()
}

/// An id without the `'` of a spreadsheet.
fn bare(id: &str) -> &str {
    id.strip_prefix('\'').unwrap_or(id)
}

/// Whether a spreadsheet made a number of an id and lost digits: `1.23E+18`, `1234567890123460000`.
fn is_damaged(id: &str) -> bool {
    let is_digits = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if let Some((mantissa, exponent)) = id.split_once(['E', 'e']) {
        return is_digits(&mantissa.replace(['.', ','], "")) && exponent.starts_with('+') && is_digits(&exponent[1..]);
    }
    id.len() > 15 && is_digits(id) && id.ends_with('0')
}

/// Words as messages show them.
pub(super) fn shortened(words: &str) -> String {
    let mut short: String = words.chars().take(80).collect();
    if short.len() < words.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_after_coders() {
        let coder = |path: &str| coder_of(Path::new(path));
        assert_eq!([coder("a/sheet.anne.xlsx"), coder("anne.jsonl"), coder("x.b.c d.csv")], ["anne", "anne", "c d"]);
    }

    #[test]
    fn shortened_numbers_are_seen() {
        for id in ["1.23E+18", "1,23457E+18", "1234567890123460000"] {
            assert!(is_damaged(id), "{id}");
        }
        for id in ["1234567890123456789", "c1", "1E5", "", "12340"] {
            assert!(!is_damaged(id), "{id}");
        }
    }
}
