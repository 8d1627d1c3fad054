//! Comments as coders who use other tools are shown them, and what was said of each.

use std::collections::HashMap;

use serde::Serialize;

use super::sayings::applies;
use crate::model::{
    CodeLabel, Coded, CodedComment, CodedThread, Coding, Comment, Confidence, HandCoding, IRONY, POLARITY, Span, Study,
};

/// What a coder is shown of a comment. What is not known is an empty text: doccano has no way to keep an empty value beside others.
#[derive(Debug, Serialize)]
pub(super) struct Shown<'a> {
    pub(super) text: &'a str,
    thread_id: &'a str,
    comment_id: &'a str,
    article_title: &'a str,
    parent_text: &'a str,
    posted_at: &'a str,
    author: &'a str,
    language: &'a str,
    url: &'a str,
}

/// What somebody said to one question.
#[derive(Debug)]
pub(super) struct Said<'a> {
    pub(super) question: &'a str,
    pub(super) value: &'a str,
    /// The words that carry a code that applies.
    pub(super) spans: Vec<Span>,
    /// From 0 to 1; empty where it is not known.
    pub(super) confidence: Option<f64>,
}

/// A comment and all that was said of it.
#[derive(Debug)]
pub(super) struct Unit<'a> {
    pub(super) shown: Shown<'a>,
    /// By the machine; empty where it could not code the comment.
    pub(super) coded: Option<&'a Coded>,
    codes: &'a [CodeLabel],
    people: Vec<&'a HandCoding>,
}

/// Comments without words, which label-studio and doccano files leave out: deleted ones, pictures.
pub fn without_words(study: &Study) -> u64 {
    let comments = study.threads.iter().flat_map(|thread| &thread.thread.comments);
    comments.filter(|comment| !has_words(comment)).count() as u64
}

fn has_words(comment: &Comment) -> bool {
    !comment.text.trim().is_empty()
}

/// The comments that have words, thread by thread.
pub(super) fn units(study: &Study) -> Vec<Unit<'_>> {
    let mut people = HashMap::<(&str, &str), Vec<&HandCoding>>::new();
    for coding in &study.people {
        people.entry((&coding.key.thread_id, &coding.key.comment_id)).or_default().push(coding);
    }
    let mut units = Vec::new();
    for thread in &study.threads {
        let comments = &thread.thread.comments;
        let texts: HashMap<&str, &str> = comments.iter().map(|one| (one.id.as_str(), one.text.as_str())).collect();
        for (at, comment) in comments.iter().enumerate().filter(|(_, comment)| has_words(comment)) {
            let coding = thread.comments.get(at);
            let answered = comment.reply_to.as_deref().and_then(|id| texts.get(id));
            units.push(Unit {
                shown: shown(thread, comment, coding, answered.copied().unwrap_or_default()),
                coded: coding.and_then(|coding| coding.coded.as_ref()),
                codes: &study.codes,
                people: people.remove(&(thread.thread.id.as_str(), comment.id.as_str())).unwrap_or_default(),
            });
        }
    }
    units
}

fn shown<'a>(
    CodedThread { thread, .. }: &'a CodedThread,
    comment: &'a Comment,
    coding: Option<&'a CodedComment>,
    parent_text: &'a str,
) -> Shown<'a> {
    let known = |text: Option<&'a str>| text.unwrap_or_default();
    Shown {
        text: &comment.text,
        thread_id: &thread.id,
        comment_id: &comment.id,
        article_title: known(thread.article.title.as_deref()),
        parent_text,
        posted_at: known(comment.posted_at.as_ref().map(|at| at.iso.as_str())),
        author: known(comment.author.as_ref().map(|author| author.name.as_str())),
        language: known(coding.and_then(|coding| coding.language.as_deref())),
        url: known(comment.permalink.as_deref()),
    }
}

impl<'a> Unit<'a> {
    /// What the machine said: the sentiment, irony, and each code that it did not leave open.
    pub(super) fn machine(&self) -> Vec<Said<'a>> {
        let Some(coded) = self.coded else { return Vec::new() };
        let polarity = coded
            .polarity
            .as_ref()
            .map(|polarity| self.said(POLARITY, polarity.polarity.as_str(), &[], polarity.confidence));
        let irony = coded.irony.as_ref().map(|(ironic, coding)| self.coding(IRONY, *ironic, Some(coding)));
        let codes = self.codes.iter().filter_map(|code| {
            let coding = coded.codings.iter().find(|coding| coding.code == code.name);
            applies(Some(coded), &code.name).map(|applies| self.coding(&code.name, applies, coding))
        });
        polarity.into_iter().chain(irony).chain(codes).collect()
    }

    /// What people said, one entry a person.
    pub(super) fn people(&self) -> Vec<(&'a str, Vec<Said<'a>>)> {
        let mut people = Vec::<(&str, Vec<Said<'_>>)>::new();
        for coding in &self.people {
            let said = self.said(&coding.question, &coding.value, &coding.evidence, None);
            match people.iter_mut().find(|(coder, _)| *coder == coding.coder) {
                Some((_, answers)) => answers.push(said),
                None => people.push((&coding.coder, vec![said])),
            }
        }
        people
    }

    fn coding(&self, question: &'a str, applies: bool, coding: Option<&'a Coding>) -> Said<'a> {
        let spans = coding.map(|coding| std::slice::from_ref(&coding.evidence)).unwrap_or_default();
        self.said(question, if applies { "1" } else { "0" }, spans, coding.and_then(|coding| coding.confidence))
    }

    fn said(&self, question: &'a str, value: &'a str, spans: &[Span], confidence: Option<Confidence>) -> Said<'a> {
        let marks = |span: &&Span| value == "1" && !span.of(self.shown.text).is_empty();
        Said {
            question,
            value,
            spans: spans.iter().filter(marks).copied().collect(),
            confidence: confidence.map(|sure| sure.value),
        }
    }
}

#[cfg(test)]
pub(super) mod sample {
    use super::*;
    use crate::model::{Article, Basis, Confidence, Key, Polarity, PolarityCoding, Thread};

    /// `arnaque` is behind an emoji: code point 7, UTF-16 unit 8.
    pub(in super::super) const TEXT: &str = "Déjà 👍 arnaque, \"vu\"";

    fn code(name: &str) -> CodeLabel {
        let definition = "Says it.".to_owned();
        CodeLabel { name: name.to_owned(), label: name.to_owned(), definition, ..CodeLabel::default() }
    }

    fn said(comment: &str, coder: &str, question: &str, value: &str, evidence: &[Span]) -> HandCoding {
        HandCoding {
            coder: coder.to_owned(),
            key: Key { thread_id: "t1".to_owned(), comment_id: comment.to_owned() },
            question: question.to_owned(),
            value: value.to_owned(),
            evidence: evidence.to_vec(),
        }
    }

    /// A comment with codes, an answer without any, one that was not coded, and one without words.
    pub(in super::super) fn study() -> Study {
        let comment = |id: &str, text: &str, reply_to: Option<&str>| Comment {
            id: id.to_owned(),
            text: text.to_owned(),
            reply_to: reply_to.map(str::to_owned),
            ..Comment::default()
        };
        let start = TEXT.find("arnaque").unwrap_or_default();
        let evidence = Span::new(start, start + "arnaque".len());
        let coding = |code: &str, evidence, sure| Coding {
            code: code.to_owned(),
            evidence,
            confidence: Some(Confidence::grade(sure, Basis::Patterns)),
        };
        let coded = Coded {
            coder: "rules-1".to_owned(),
            polarity: Some(PolarityCoding {
                polarity: Polarity::Negative,
                score: -0.5,
                confidence: Some(Confidence { value: 0.9, basis: Some(Basis::Model), calibrated: true }),
                evidence: Some(evidence),
            }),
            irony: Some((false, coding(IRONY, Span::new(0, 0), 0.8))),
            codings: vec![coding("distrust", evidence, 0.6)],
            undecided: vec!["hope".to_owned()],
            ..Coded::default()
        };
        let without = Coded { coder: "rules-1".to_owned(), ..Coded::default() };
        let codings = [Some(coded), Some(without), None, None];
        let article = Article { title: Some("Le prix".to_owned()), ..Article::default() };
        let comments = vec![
            comment("a", TEXT, None),
            comment("b", "שלום", Some("a")),
            comment("c", "?", Some("gone")),
            comment("d", " \n", None),
        ];
        Study {
            threads: vec![CodedThread {
                thread: Thread { id: "t1".to_owned(), article, comments, ..Thread::default() },
                comments: codings.map(|coded| CodedComment { coded, ..CodedComment::default() }).into(),
            }],
            codes: vec![code("distrust"), code("price"), code("hope")],
            people: vec![
                said("a", "anne@example.org", POLARITY, "negative", &[evidence]),
                said("a", "ben", "distrust", "0", &[]),
                said("b", "ben", POLARITY, "positive", &[]),
                said("a", "anne@example.org", "distrust", "1", &[Span::new(0, 1), evidence]),
            ],
            ..Study::default()
        }
    }
}
