use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{self, Write};
use std::ops::Range;

use quick_xml::Writer;
use uuid::Uuid;

use super::codes::{Code, Codes};
use super::guid::guid;
use super::transcript::{Passage, Transcript, one_line, readable};
use super::{QdaError, coders, xml};
use crate::model::{Coded, CodedThread, Confidence, HandCoding, IRONY, POLARITY, Span, Study};

/// What people said, by thread and comment.
pub(super) type Said<'a> = HashMap<(&'a str, &'a str), Vec<&'a HandCoding>>;

/// The answers of people that make a coding.
///
/// Fails at the first one of a comment that is not in the study.
pub(super) fn said(study: &Study) -> Result<Said<'_>, QdaError> {
    let threads = study.threads.iter().map(|coded| &coded.thread);
    let known: HashSet<(&str, &str)> = threads
        .flat_map(|thread| thread.comments.iter().map(|comment| (thread.id.as_str(), comment.id.as_str())))
        .collect();
    let mut said = Said::new();
    for coding in &study.people {
        let key = (coding.key.thread_id.as_str(), coding.key.comment_id.as_str());
        if !known.contains(&key) {
            return Err(QdaError::UnknownComment {
                coder: coding.coder.clone(),
                thread: coding.key.thread_id.clone(),
                comment: coding.key.comment_id.clone(),
            });
        }
        if coding.value != "0" {
            said.entry(key).or_default().push(coding);
        }
    }
    Ok(said)
}

/// A code, and what its coder remarks on it.
type Remarked<'a> = (&'a Code<'a>, String);

/// Words of a comment, and what one user says of them.
pub(super) struct Selection<'a> {
    guid: Uuid,
    name: String,
    words: Range<usize>,
    user: Uuid,
    codings: Vec<Remarked<'a>>,
}

/// The selections of a thread in the order of its text.
pub(super) fn selections<'a>(
    coded: &'a CodedThread,
    transcript: &Transcript<'_>,
    codes: &'a Codes<'a>,
    said: &Said<'_>,
) -> Result<Vec<Selection<'a>>, QdaError> {
    let thread = coded.thread.id.as_str();
    let mut made = Vec::new();
    for ((comment, codings), passage) in coded.thread.comments.iter().zip(&coded.comments).zip(&transcript.passages) {
        let mut marks = Marks { passage, codes, by_words: BTreeMap::new() };
        if let Some(coded) = &codings.coded {
            marks.add_machine(coded);
        }
        for answer in said.get(&(thread, comment.id.as_str())).into_iter().flatten() {
            marks.add_person(answer)?;
        }
        made.extend(marks.by_words.into_iter().map(|((start, end, user), codings)| {
            let offset = passage.offset(start).to_string();
            let length = (end - start).to_string();
            Selection {
                guid: guid("selection", &[thread, &comment.id, &user.to_string(), &offset, &length]),
                name: format!("line:{} {}", transcript.line(start), one_line(&comment.id)),
                words: start..end,
                user,
                codings,
            }
        }));
    }
    Ok(made)
}

/// What is said of one comment, by words and user.
struct Marks<'a, 'p> {
    passage: &'p Passage<'p>,
    codes: &'a Codes<'a>,
    by_words: BTreeMap<(usize, usize, Uuid), Vec<Remarked<'a>>>,
}

impl<'a> Marks<'a, '_> {
    fn add_machine(&mut self, coded: &Coded) {
        let user = coders::machine(&coded.coder);
        if let Some(said) = &coded.polarity {
            let remark = said.confidence.map(remark).unwrap_or_default();
            self.add(user, self.codes.find(POLARITY, said.polarity.as_str()), said.evidence, &remark);
        }
        let irony = coded.irony.iter().filter(|(applies, _)| *applies).map(|(_, coding)| (IRONY, coding));
        let codings = coded.codings.iter().map(|coding| (coding.code.as_str(), coding));
        for (question, coding) in irony.chain(codings) {
            let remark = coding.confidence.map(remark).unwrap_or_default();
            self.add(user, self.codes.find(question, "1"), Some(coding.evidence), &remark);
        }
    }

    fn add_person(&mut self, said: &HandCoding) -> Result<(), QdaError> {
        let code = self.codes.find(&said.question, &said.value).ok_or_else(|| QdaError::UnknownAnswer {
            coder: said.coder.clone(),
            question: said.question.clone(),
            value: said.value.clone(),
            thread: said.key.thread_id.clone(),
            comment: said.key.comment_id.clone(),
        })?;
        let user = coders::person(&said.coder);
        if said.evidence.is_empty() {
            self.add(user, Some(code), None, "");
        }
        for span in &said.evidence {
            self.add(user, Some(code), Some(*span), "");
        }
        Ok(())
    }

    fn add(&mut self, user: Uuid, code: Option<&'a Code<'a>>, evidence: Option<Span>, remark: &str) {
        let Some(code) = code else { return };
        let words = self.passage.words(evidence);
        let codings = self.by_words.entry((words.start, words.end, user)).or_default();
        if codings.iter().all(|(known, _)| known.guid != code.guid) {
            codings.push((code, remark.to_owned()));
        }
    }
}

/// How sure the machine is, and of what kind that figure is.
fn remark(sure: Confidence) -> String {
    let kind = if sure.calibrated { "a probability" } else { "a grade, not a probability" };
    let from = sure.basis.map(|basis| format!(" ({kind}), from {}", basis.as_str()));
    format!("confidence {:.2}{}", sure.value, from.unwrap_or_default())
}

impl Selection<'_> {
    pub(super) fn write<W: Write>(&self, xml: &mut Writer<W>, made_at: &str) -> io::Result<()> {
        let [guid, user] = [self.guid, self.user].map(|guid| guid.to_string());
        let [start, end] = [self.words.start, self.words.end].map(|position| position.to_string());
        let attributes = [
            ("guid", guid.as_str()),
            ("name", &self.name),
            ("startPosition", &start),
            ("endPosition", &end),
            ("creatingUser", &user),
            ("creationDateTime", made_at),
        ];
        xml.create_element("PlainTextSelection").with_attributes(attributes).write_inner_content(|xml| {
            xml::text(xml, "Description", &self.description())?;
            self.codings.iter().try_for_each(|(code, _)| self.write_coding(xml, code, made_at))
        })?;
        Ok(())
    }

    fn write_coding<W: Write>(&self, xml: &mut Writer<W>, code: &Code<'_>, made_at: &str) -> io::Result<()> {
        let coding = guid("coding", &[&self.guid.to_string(), &code.guid.to_string()]);
        let [coding, user, code] = [coding, self.user, code.guid].map(|guid| guid.to_string());
        let attributes = [("guid", coding.as_str()), ("creatingUser", &user), ("creationDateTime", made_at)];
        xml.create_element("Coding").with_attributes(attributes).write_inner_content(|xml| {
            xml.create_element("CodeRef").with_attribute(("targetGUID", code.as_str())).write_empty()?;
            Ok(())
        })?;
        Ok(())
    }

    /// A line a code; people give no reasons here.
    fn description(&self) -> String {
        let remarks = self.codings.iter().filter(|(_, remark)| !remark.is_empty());
        let lines = remarks.map(|(code, remark)| format!("{}: {remark}", code.name));
        readable(&lines.collect::<Vec<_>>().join("\n"))
    }
}
