//! The log of decisions: a file that only grows, in which a decision is on the disk before anybody is told that it is.
//!
//! NDJSON. The first line says what the file is and carries the digest of its form. Each line behind it is one step: what one
//! coder said to all questions of one unit, at once, so that no crash leaves half of it. Taking a step back is a step, too.

mod error;
mod standing;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use error::JournalError;
pub(super) use standing::{is_journal, read};

use super::{Answer, Form, Key, Question};

/// Who the answers of an adjudication are under: no coder may have this name.
pub const ADJUDICATED: &str = "adjudicated";

/// What stands in the first line of every journal.
const TITLE: &str = "causerie: decisions of coders, one a line";

/// What a coder said to one question of one unit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// One of the question's values.
    pub value: String,
    /// The words that carry it: Unicode code points of the text, first = 0, end exclusive.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spans: Vec<(usize, usize)>,
}

/// What is said of one unit, by coder: one place a question of the form, in its order.
pub type Codings = BTreeMap<String, Vec<Said>>;

/// The decisions of all coders on the units of one form.
///
/// Any number of threads may use it at once; one process only, which holds a lock on the file.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    form: Layout,
    log: Mutex<Log>,
    record: RwLock<Record>,
}

/// What of a form lines refer to.
#[derive(Debug)]
struct Layout {
    keys: Vec<Key>,
    places: HashMap<Key, usize>,
    questions: Vec<Question>,
}

/// The open file.
#[derive(Debug)]
struct Log {
    file: File,
    /// Bytes of it that are whole lines.
    length: u64,
    /// Number of the next step.
    next: u64,
    /// Whether something stands behind `length` that could not be taken away.
    broken: bool,
}

/// What all lines together say.
#[derive(Debug, Default)]
struct Record {
    units: Vec<Codings>,
    /// For each coder the steps that can be taken back.
    undoable: HashMap<String, Vec<Earlier>>,
    /// Units each coder has answered.
    done: BTreeMap<String, usize>,
    adjudicators: Vec<String>,
}

/// A unit, and what a coder had said of it before a step.
type Earlier = (usize, Option<Vec<Said>>);

#[derive(Deserialize)]
struct Header {
    journal: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Code,
    Adjudicate,
    Undo,
}

/// One line.
#[derive(Debug, Serialize, Deserialize)]
struct Step {
    seq: u64,
    at: Timestamp,
    kind: Kind,
    /// Whose answers these are.
    coder: String,
    /// Who adjudicated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    #[serde(flatten)]
    key: Key,
    answers: Vec<Line>,
}

/// The answer to one question in a step; without a value it is withdrawn.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    question: String,
    value: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    spans: Vec<(usize, usize)>,
}

impl Journal {
    /// Opens the journal of a form, or begins one where there is no file.
    ///
    /// A last line that was cut short by a crash goes: nobody was told that it was saved.
    ///
    /// # Errors
    /// [`JournalError`] for a file that cannot be read, is in use, is another form's, or is damaged.
    pub fn open(path: &Path, form: &Form) -> Result<Self, JournalError> {
        let unreadable = |source| JournalError::Unreadable { path: path.into(), source };
        let fresh = !path.exists();
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path).map_err(unreadable)?;
        file.try_lock().map_err(|error| match error {
            std::fs::TryLockError::WouldBlock => JournalError::InUse { path: path.into() },
            std::fs::TryLockError::Error(source) => unreadable(source),
        })?;
        // A device may have no end.
        if !file.metadata().map_err(unreadable)?.is_file() {
            return Err(JournalError::NotAJournal { path: path.into() });
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(unreadable)?;
        let header = header_of(form);
        let whole = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        if whole == 0 && !header.as_bytes().starts_with(&bytes) {
            return Err(JournalError::NotAJournal { path: path.into() });
        }
        let layout = Layout::of(form);
        let mut log = Log { file, length: whole as u64, next: 1, broken: false };
        let mut record = Record { units: vec![Codings::new(); form.units.len()], ..Record::default() };
        read_lines(path, &bytes[..whole], &header, |step| {
            if step.seq != log.next {
                return Err(format!("its number is {}, not {}", step.seq, log.next));
            }
            log.next += 1;
            let (unit, said) = layout.read(&step)?;
            record.apply(&step, unit, said)
        })?;
        let journal = Self { path: path.into(), form: layout, log: Mutex::new(log), record: RwLock::new(record) };
        let mut log = journal.log();
        if bytes.len() > whole {
            log.cut().map_err(unreadable)?;
        }
        if whole == 0 {
            log.append(header.as_bytes()).map_err(unreadable)?;
        }
        if fresh {
            keep_name(path);
        }
        drop(log);
        Ok(journal)
    }

    /// Brings what a coder says of a unit to the disk: one answer a question, in the form's order.
    ///
    /// # Errors
    /// [`JournalError::Unwritable`], and then nothing is saved; [`JournalError::Misfit`] for what is not in the form.
    pub fn code(&self, unit: usize, coder: &str, said: Vec<Said>) -> Result<(), JournalError> {
        let mut log = self.log();
        self.write(&mut log, Kind::Code, unit, coder, None, Some(said))
    }

    /// Brings the final answers of a unit to the disk, and who chose them.
    ///
    /// # Errors
    /// As [`Self::code`].
    pub fn adjudicate(&self, unit: usize, by: &str, said: Vec<Said>) -> Result<(), JournalError> {
        let mut log = self.log();
        self.write(&mut log, Kind::Adjudicate, unit, ADJUDICATED, Some(by), Some(said))
    }

    /// Takes back the last step of a coder, or of [`ADJUDICATED`], that still stands: what was said before is said again.
    ///
    /// Returns the unit; nothing where there is nothing to take back.
    ///
    /// # Errors
    /// [`JournalError::Unwritable`], and then the step stands.
    pub fn undo(&self, coder: &str) -> Result<Option<usize>, JournalError> {
        let mut log = self.log();
        let last = self.record().undoable.get(coder).and_then(|steps| steps.last().cloned());
        let Some((unit, before)) = last else { return Ok(None) };
        self.write(&mut log, Kind::Undo, unit, coder, None, before)?;
        Ok(Some(unit))
    }

    /// What is said of a unit, the final answers under [`ADJUDICATED`].
    pub fn codings(&self, unit: usize) -> Codings {
        self.record().units.get(unit).cloned().unwrap_or_default()
    }

    /// Whether a coder has answered for a unit.
    pub fn has_coded(&self, unit: usize, coder: &str) -> bool {
        self.record().units.get(unit).is_some_and(|codings| codings.contains_key(coder))
    }

    /// How many units each coder has answered for, [`ADJUDICATED`] left out.
    pub fn done(&self) -> BTreeMap<String, usize> {
        let mut done = self.record().done.clone();
        done.remove(ADJUDICATED);
        done
    }

    /// Who has adjudicated, and so has seen what others said.
    pub fn adjudicators(&self) -> Vec<String> {
        self.record().adjudicators.clone()
    }

    /// Whether coders do not say the same of a unit.
    pub fn is_disputed(&self, unit: usize) -> bool {
        self.record().units.get(unit).is_some_and(differ)
    }

    /// The units that at least two coders answered for and not all in the same way, in the form's order.
    pub fn disagreements(&self) -> Vec<usize> {
        let record = self.record();
        record.units.iter().enumerate().filter(|(_, codings)| differ(codings)).map(|(unit, _)| unit).collect()
    }

    /// The answers that stand, by unit, coder and question; the final ones under [`ADJUDICATED`].
    pub fn answers(&self) -> Vec<Answer> {
        let record = self.record();
        let mut answers = Vec::new();
        for (key, codings) in self.form.keys.iter().zip(&record.units) {
            for (coder, said) in codings {
                answers.extend(self.form.questions.iter().zip(said).map(|(question, said)| Answer {
                    key: key.clone(),
                    coder: coder.clone(),
                    question: question.name.clone(),
                    value: said.value.clone(),
                    spans: said.spans.clone(),
                }));
            }
        }
        answers
    }

    /// Writes one step and, once it is on the disk, counts it.
    fn write(
        &self,
        log: &mut Log,
        kind: Kind,
        unit: usize,
        coder: &str,
        by: Option<&str>,
        said: Option<Vec<Said>>,
    ) -> Result<(), JournalError> {
        let answers = self.form.lines(said.as_deref()).ok_or(JournalError::Misfit)?;
        let key = self.form.keys.get(unit).ok_or(JournalError::Misfit)?.clone();
        let by = by.map(str::to_owned);
        let step = Step { seq: log.next, at: Timestamp::now(), kind, coder: coder.to_owned(), by, key, answers };
        let unwritable = |source| JournalError::Unwritable { path: self.path.clone(), source };
        let mut line = serde_json::to_vec(&step).map_err(|error| unwritable(error.into()))?;
        line.push(b'\n');
        log.append(&line).map_err(unwritable)?;
        log.next += 1;
        let mut record = self.record.write().unwrap_or_else(PoisonError::into_inner);
        record.apply(&step, unit, said).map_err(|_| JournalError::Misfit)
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn record(&self) -> RwLockReadGuard<'_, Record> {
        self.record.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log {
    /// Appends bytes and waits until the disk has them; otherwise the file stays as it was.
    fn append(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        if self.broken {
            self.cut()?;
        }
        if let Err(error) = self.file.write_all(bytes).and_then(|()| self.file.sync_data()) {
            self.broken = self.cut().is_err();
            return Err(error);
        }
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Takes away what stands behind the last whole line.
    fn cut(&mut self) -> std::io::Result<()> {
        self.file.set_len(self.length)?;
        self.file.sync_data()?;
        self.broken = false;
        Ok(())
    }
}

impl Layout {
    fn of(form: &Form) -> Self {
        let keys: Vec<Key> = form.units.iter().map(|unit| unit.key.clone()).collect();
        let places = keys.iter().cloned().enumerate().map(|(at, key)| (key, at)).collect();
        Self { keys, places, questions: form.questions.clone() }
    }

    /// The answers of a step by question; without any, all are withdrawn. None if they are not one a question.
    fn lines(&self, said: Option<&[Said]>) -> Option<Vec<Line>> {
        if said.is_some_and(|said| said.len() != self.questions.len()) {
            return None;
        }
        let line = |(at, question): (usize, &Question)| {
            let said = said.and_then(|said| said.get(at));
            let value = said.map(|said| said.value.clone());
            Line {
                question: question.name.clone(),
                value,
                spans: said.map(|said| said.spans.clone()).unwrap_or_default(),
            }
        };
        Some(self.questions.iter().enumerate().map(line).collect())
    }

    /// The unit of a step and what is said of it; nothing where all is withdrawn.
    fn read(&self, step: &Step) -> Result<(usize, Option<Vec<Said>>), String> {
        let Key { thread_id, comment_id } = &step.key;
        let unit = self.places.get(&step.key).ok_or(format!("there is no unit {comment_id} of thread {thread_id}"))?;
        let asked = self.questions.iter().map(|question| &question.name);
        if !step.answers.iter().map(|line| &line.question).eq(asked) {
            return Err("its questions are not the form's".to_owned());
        }
        for (line, question) in step.answers.iter().zip(&self.questions) {
            if let Some(value) = line.value.as_ref().filter(|value| !question.values.contains(value)) {
                return Err(format!("{} has no value {value}", question.name));
            }
        }
        let given = step.answers.iter().filter_map(|line| {
            let value = line.value.clone()?;
            Some(Said { value, spans: line.spans.clone() })
        });
        let said: Vec<Said> = given.collect();
        match said.len() {
            0 => Ok((*unit, None)),
            some if some == self.questions.len() => Ok((*unit, Some(said))),
            _ => Err("some of its questions have no value".to_owned()),
        }
    }
}

impl Record {
    fn apply(&mut self, step: &Step, unit: usize, said: Option<Vec<Said>>) -> Result<(), String> {
        let coder = &step.coder;
        let codings = self.units.get_mut(unit).ok_or("its unit is not the form's")?;
        let answered = said.is_some();
        let before = match said {
            Some(said) => codings.insert(coder.clone(), said),
            None => codings.remove(coder),
        };
        let done = self.done.entry(coder.clone()).or_default();
        *done = (*done + usize::from(answered)).saturating_sub(usize::from(before.is_some()));
        let steps = self.undoable.entry(coder.clone()).or_default();
        if step.kind == Kind::Undo {
            let undone = steps.pop();
            return undone.map(drop).ok_or(format!("{coder} had nothing to take back"));
        }
        steps.push((unit, before));
        if let Some(by) = step.by.as_ref().filter(|by| !self.adjudicators.contains(by)) {
            self.adjudicators.push(by.clone());
        }
        Ok(())
    }
}

/// Whether two coders do not say the same of a unit; their spans may differ.
fn differ(codings: &Codings) -> bool {
    let mut coded = codings.iter().filter(|(coder, _)| *coder != ADJUDICATED).map(|(_, said)| said);
    let Some(first) = coded.next() else { return false };
    coded.any(|said| said.iter().map(|said| &said.value).ne(first.iter().map(|said| &said.value)))
}

/// Checks the first line and hands on the steps of the others.
fn read_lines(
    path: &Path,
    bytes: &[u8],
    header: &str,
    mut each: impl FnMut(Step) -> Result<(), String>,
) -> Result<(), JournalError> {
    for (at, line) in bytes.split_inclusive(|&byte| byte == b'\n').enumerate() {
        if at == 0 {
            let found: Header =
                serde_json::from_slice(line).map_err(|_| JournalError::NotAJournal { path: path.into() })?;
            if found.journal != TITLE {
                return Err(JournalError::NotAJournal { path: path.into() });
            }
            if line != header.as_bytes() {
                return Err(JournalError::OtherForm { path: path.into() });
            }
            continue;
        }
        let step = serde_json::from_slice(line).map_err(|error| error.to_string());
        step.and_then(&mut each).map_err(|reason| JournalError::Damaged { path: path.into(), line: at + 1, reason })?;
    }
    Ok(())
}

/// The first line of a form's journal. Answers hang on the questions' names and values and on the units' texts: definitions may be
/// worded better and coders may come to help without a new journal.
fn header_of(form: &Form) -> String {
    let mut hash = Sha256::new();
    let mut add = |part: &str| {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    };
    for question in &form.questions {
        add(&question.name);
        for value in &question.values {
            add(value);
        }
        add("");
    }
    for unit in &form.units {
        add(&unit.key.thread_id);
        add(&unit.key.comment_id);
        add(&unit.text);
    }
    let digest = data_encoding::HEXLOWER.encode(&hash.finalize());
    format!("{{\"journal\":\"{TITLE}\",\"version\":1,\"form\":\"sha256:{digest}\"}}\n")
}

/// Brings the name of a new file to the disk, where folders can be: its bytes alone would be lost with the name.
fn keep_name(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}
