use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{Around, Remark, Session};
use crate::hand::{ADJUDICATED, JournalError, Question, Said, Unit};
use crate::model::Key;

/// Letters of a coder's name at most.
const NAME: usize = 40;

/// What coders are shown and what they may do.
#[derive(Debug)]
pub(super) struct Desk {
    session: Session,
    /// Those who have seen what others said without having coded: they code nothing any more.
    readers: Mutex<HashSet<String>>,
}

/// Why a request is not followed, in words for the page.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) reason: String,
}

/// An answer as it travels.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Given {
    question: String,
    #[serde(flatten)]
    said: Said,
}

#[derive(Serialize)]
pub(super) struct FormView<'a> {
    questions: &'a [Question],
    coders: Vec<String>,
}

/// How far a coder is; of the others only how much they did.
#[derive(Serialize)]
pub(super) struct Progress {
    units: usize,
    done: usize,
    people: usize,
    codings: usize,
}

#[derive(Serialize)]
pub(super) struct Work {
    units: Vec<usize>,
    done: Vec<usize>,
    progress: Progress,
}

#[derive(Serialize)]
pub(super) struct UnitView<'a> {
    at: usize,
    #[serde(flatten)]
    key: &'a Key,
    text: &'a str,
    article_title: Option<&'a str>,
    posted_at: Option<&'a str>,
    author: Option<&'a str>,
    ancestors: Vec<Remark>,
    replies: &'a [Remark],
    answers: Option<Vec<Given>>,
}

#[derive(Serialize)]
pub(super) struct Undone {
    at: Option<usize>,
    progress: Progress,
}

#[derive(Serialize)]
pub(super) struct Disagreements {
    units: Vec<usize>,
    settled: Vec<usize>,
}

#[derive(Serialize)]
pub(super) struct Disagreement<'a> {
    unit: UnitView<'a>,
    codings: Vec<Coding>,
    settled: Option<Vec<Given>>,
}

#[derive(Serialize)]
struct Coding {
    coder: String,
    answers: Vec<Given>,
}

impl Desk {
    pub(super) fn new(session: Session) -> Self {
        let done = session.journal.done();
        let readers = session.journal.adjudicators().into_iter().filter(|name| !done.contains_key(name)).collect();
        Self { session, readers: Mutex::new(readers) }
    }

    /// What is asked, and the names that are known.
    pub(super) fn form(&self) -> FormView<'_> {
        let assigned = self.session.form.units.iter().flat_map(|unit| &unit.coders).cloned();
        let mut coders: Vec<String> = assigned.chain(self.session.journal.done().into_keys()).collect();
        coders.sort_unstable();
        coders.dedup();
        FormView { questions: &self.session.form.questions, coders }
    }

    /// The units of a coder, and which are done.
    pub(super) fn work(&self, coder: &str) -> Result<Work, Refusal> {
        named(coder)?;
        let units: Vec<usize> = self.units_of(coder).collect();
        let done = units.iter().copied().filter(|&at| self.session.journal.has_coded(at, coder)).collect();
        Ok(Work { units, done, progress: self.progress(coder) })
    }

    /// One unit in its thread, with what the coder said of it.
    pub(super) fn unit(&self, coder: &str, at: usize) -> Result<UnitView<'_>, Refusal> {
        self.assigned(coder, at)?;
        let mut view = self.view(at)?;
        view.answers = self.session.journal.codings(at).remove(coder).map(|said| self.given(said));
        Ok(view)
    }

    /// Saves what a coder says of a unit.
    pub(super) fn code(&self, coder: &str, at: usize, answers: Vec<Given>) -> Result<Progress, Refusal> {
        let unit = self.assigned(coder, at)?;
        if self.readers().contains(coder) {
            return Err(conflict(format!("{coder} has seen what the others said and adjudicates: take another name")));
        }
        self.session.journal.code(at, coder, self.said(unit, answers)?)?;
        Ok(self.progress(coder))
    }

    /// Takes back the last step of a coder, or the last adjudication.
    pub(super) fn undo(&self, coder: &str, adjudicated: bool) -> Result<Undone, Refusal> {
        named(coder)?;
        if adjudicated {
            self.may_compare(coder)?;
        }
        let at = self.session.journal.undo(if adjudicated { ADJUDICATED } else { coder })?;
        Ok(Undone { at, progress: self.progress(coder) })
    }

    /// The units on which coders differ, and those of them with a final answer.
    pub(super) fn disagreements(&self, coder: &str) -> Result<Disagreements, Refusal> {
        self.may_compare(coder)?;
        let units = self.session.journal.disagreements();
        let settled = units.iter().copied().filter(|&at| self.session.journal.has_coded(at, ADJUDICATED)).collect();
        Ok(Disagreements { units, settled })
    }

    /// What all said of one unit.
    pub(super) fn disagreement(&self, coder: &str, at: usize) -> Result<Disagreement<'_>, Refusal> {
        self.may_compare(coder)?;
        let unit = self.view(at)?;
        let mut codings = self.session.journal.codings(at);
        let settled = codings.remove(ADJUDICATED).map(|said| self.given(said));
        let codings = codings.into_iter().map(|(coder, said)| Coding { coder, answers: self.given(said) }).collect();
        Ok(Disagreement { unit, codings, settled })
    }

    /// Saves the final answers of a unit on which coders differ.
    pub(super) fn adjudicate(&self, coder: &str, at: usize, answers: Vec<Given>) -> Result<Progress, Refusal> {
        self.may_compare(coder)?;
        let unit = self.session.form.units.get(at).ok_or_else(no_unit)?;
        if !self.session.journal.is_disputed(at) {
            return Err(conflict("the coders agree on this unit: there is nothing to adjudicate".to_owned()));
        }
        self.session.journal.adjudicate(at, coder, self.said(unit, answers)?)?;
        Ok(self.progress(coder))
    }

    fn units_of(&self, coder: &str) -> impl Iterator<Item = usize> {
        self.session.form.units.iter().enumerate().filter(move |(_, unit)| is_for(unit, coder)).map(|(at, _)| at)
    }

    /// The unit, if it is there and the coder is to code it.
    fn assigned(&self, coder: &str, at: usize) -> Result<&Unit, Refusal> {
        named(coder)?;
        let unit = self.session.form.units.get(at).ok_or_else(no_unit)?;
        if is_for(unit, coder) {
            return Ok(unit);
        }
        Err(Refusal { status: StatusCode::FORBIDDEN, reason: format!("unit {at} is not one {coder} is to code") })
    }

    /// Others' codes are seen by who has coded all of theirs, or none and so as a third person.
    fn may_compare(&self, coder: &str) -> Result<(), Refusal> {
        named(coder)?;
        let Progress { units, done, .. } = self.progress(coder);
        if done == 0 && units > 0 {
            self.readers().insert(coder.to_owned());
        } else if done < units {
            let left = units - done;
            return Err(conflict(format!("the others' codes are shown when yours are done: {left} left for {coder}")));
        }
        Ok(())
    }

    fn progress(&self, coder: &str) -> Progress {
        let mut all = self.session.journal.done();
        let done = all.remove(coder).unwrap_or_default();
        let others = all.values().filter(|&&done| done > 0);
        let (people, codings) = others.fold((0, 0), |(people, codings), done| (people + 1, codings + done));
        Progress { units: self.units_of(coder).count(), done, people, codings }
    }

    fn view(&self, at: usize) -> Result<UnitView<'_>, Refusal> {
        let unit = self.session.form.units.get(at).ok_or_else(no_unit)?;
        let around = self.session.threads.get(&unit.key);
        let parent =
            || unit.parent_text.iter().map(|text| Remark { text: text.clone(), ..Remark::default() }).collect();
        Ok(UnitView {
            at,
            key: &unit.key,
            text: &unit.text,
            article_title: unit.article_title.as_deref(),
            posted_at: unit.posted_at.as_deref(),
            author: around.and_then(|around: &Around| around.author.as_deref()),
            ancestors: around.map_or_else(parent, |around| around.ancestors.clone()),
            replies: around.map(|around| around.replies.as_slice()).unwrap_or_default(),
            answers: None,
        })
    }

    fn given(&self, said: Vec<Said>) -> Vec<Given> {
        let names = self.session.form.questions.iter().map(|question| question.name.clone());
        names.zip(said).map(|(question, said)| Given { question, said }).collect()
    }

    /// The answers in the form's order, if they are one a question, of its values, with spans inside the text.
    fn said(&self, unit: &Unit, mut answers: Vec<Given>) -> Result<Vec<Said>, Refusal> {
        let length = unit.text.chars().count();
        let mut said = Vec::new();
        for question in &self.session.form.questions {
            let name = &question.name;
            let at = answers.iter().position(|given| given.question == *name);
            let given = at.map(|at| answers.swap_remove(at)).ok_or_else(|| wrong(format!("{name} has no answer")))?;
            said.push(checked(question, given.said, length)?);
        }
        match answers.first() {
            Some(Given { question, .. }) => {
                Err(wrong(format!("{question} is asked once or not at all, and answered again")))
            }
            None => Ok(said),
        }
    }

    fn readers(&self) -> MutexGuard<'_, HashSet<String>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The answer, if it is one to the question; its spans in the order of the text.
fn checked(question: &Question, mut said: Said, length: usize) -> Result<Said, Refusal> {
    let name = &question.name;
    if !question.values.contains(&said.value) {
        return Err(wrong(format!("{name} is one of {}, not {}", question.values.join(", "), said.value)));
    }
    let applies = question.is_code() && said.value == "1";
    if !said.spans.is_empty() && !applies {
        return Err(wrong(format!("{name} is {}: words are marked for a code that applies", said.value)));
    }
    if let Some((start, end)) = said.spans.iter().find(|(start, end)| start >= end || *end > length) {
        return Err(wrong(format!(
            "the words {start} to {end} marked for {name} are not in the text of {length} characters"
        )));
    }
    said.spans.sort_unstable();
    said.spans.dedup();
    Ok(said)
}

fn is_for(unit: &Unit, coder: &str) -> bool {
    unit.coders.is_empty() || unit.coders.iter().any(|assigned| assigned == coder)
}

/// Names end up in columns and files.
fn named(coder: &str) -> Result<(), Refusal> {
    let plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '.' | '_' | '-');
    let length = coder.chars().count();
    if length == 0 || length > NAME || !coder.chars().all(plain) {
        return Err(wrong(format!("a coder's name has 1 to {NAME} letters, digits or . _ -")));
    }
    if coder.to_lowercase() == ADJUDICATED {
        return Err(wrong(format!("{ADJUDICATED} is the name of the final answers: take another")));
    }
    Ok(())
}

fn no_unit() -> Refusal {
    Refusal { status: StatusCode::NOT_FOUND, reason: "there is no such unit".to_owned() }
}

fn wrong(reason: String) -> Refusal {
    Refusal { status: StatusCode::UNPROCESSABLE_ENTITY, reason }
}

fn conflict(reason: String) -> Refusal {
    Refusal { status: StatusCode::CONFLICT, reason }
}

impl From<JournalError> for Refusal {
    fn from(error: JournalError) -> Self {
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, reason: error.to_string() }
    }
}
