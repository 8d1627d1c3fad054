//! Studies for Label Studio and doccano, read back as answers.

use std::path::Path;

use causerie::export::exchange::{LabelsOf, doccano, label_studio};
use causerie::hand::{Answer, Known, Question, Reading, read};
use causerie::model::{
    Basis, CodeLabel, Coded, CodedComment, CodedThread, Coding, Comment, Confidence, HandCoding, Key, Polarity,
    PolarityCoding, Span, Study, Thread,
};

/// An emoji of several code points before the words, a line break; a `\n` that is none; letters from right to left.
const TEXTS: [(&str, &str, &str); 4] = [
    ("t1", "c1", "👨🏻\u{200d}🚒👍🏽 C’est une arnaque, \"vraiment\"\r\nnon ?"),
    ("t1", "c2", "C:\\new, le prix du \\neuf"),
    ("t2", "c1", "שלום 🙄 עולם, מחיר"),
    ("t2", "c2", " \n"),
];

const CODES: [&str; 3] = ["distrust", "price", "irony"];

fn key(thread: &str, comment: &str) -> Key {
    Key { thread_id: thread.to_owned(), comment_id: comment.to_owned() }
}

fn text(key: &Key) -> &'static str {
    let wanted = (key.thread_id.as_str(), key.comment_id.as_str());
    TEXTS.iter().find(|(thread, comment, _)| (*thread, *comment) == wanted).unwrap().2
}

fn said(coder: &str, key: &Key, question: &str, value: &str, words: &[&str]) -> HandCoding {
    let place = |words: &&str| {
        let start = text(key).find(*words).unwrap();
        Span::new(start, start + words.len())
    };
    let (coder, key, evidence) = (coder.to_owned(), key.clone(), words.iter().map(place).collect());
    HandCoding { coder, key, question: question.to_owned(), value: value.to_owned(), evidence }
}

/// What each of two people answers to all questions about all comments with words.
fn people() -> Vec<HandCoding> {
    let (first, second, third) = (key("t1", "c1"), key("t1", "c2"), key("t2", "c1"));
    ["anne@example.org", "Ben"]
        .into_iter()
        .flat_map(|coder| {
            let said =
                |key: &Key, question: &str, value: &str, words: &[&str]| said(coder, key, question, value, words);
            let price = if coder == "Ben" { "0" } else { "1" };
            [
                said(&first, "polarity", "negative", &[]),
                said(&first, "distrust", "1", &["👨🏻\u{200d}🚒", "arnaque", "\"vraiment\"\r\nnon"]),
                said(&first, "price", "0", &[]),
                said(&first, "irony", "1", &[]),
                said(&second, "polarity", "neutral", &[]),
                said(&second, "distrust", "0", &[]),
                said(&second, "price", "1", &["\\new, le prix", "\\neuf"]),
                said(&second, "irony", "1", &["C:\\new"]),
                said(&third, "polarity", "positive", &[]),
                said(&third, "distrust", "0", &[]),
                said(&third, "price", price, if coder == "Ben" { &[] } else { &["מחיר"] }),
                said(&third, "irony", "0", &[]),
            ]
        })
        .collect()
}

fn study(people: Vec<HandCoding>) -> Study {
    let machine = |text: &str| Coded {
        coder: "rules-1".to_owned(),
        polarity: Some(PolarityCoding {
            polarity: Polarity::Neutral,
            score: 0.0,
            confidence: Some(Confidence { value: 0.5, basis: Some(Basis::Patterns), calibrated: false }),
            evidence: None,
        }),
        codings: vec![Coding {
            evidence: Span::new(0, text.chars().next().map_or(0, char::len_utf8)),
            code: "price".to_owned(),
            confidence: Some(Confidence::grade(0.7, Basis::Patterns)),
        }],
        ..Coded::default()
    };
    let thread = |id: &str| {
        let of_thread = || TEXTS.iter().filter(|(thread, ..)| *thread == id);
        let comment = |&(_, id, text): &(&str, &str, &str)| Comment {
            id: id.to_owned(),
            text: text.to_owned(),
            ..Comment::default()
        };
        let coded =
            |&(_, _, text): &(&str, &str, &str)| CodedComment { coded: Some(machine(text)), ..CodedComment::default() };
        let comments = of_thread().map(comment).collect();
        CodedThread {
            thread: Thread { id: id.to_owned(), comments, ..Thread::default() },
            comments: of_thread().map(coded).collect(),
        }
    };
    let code = |name: &str| CodeLabel { name: name.to_owned(), label: name.to_owned(), ..CodeLabel::default() };
    Study {
        threads: ["t1", "t2"].map(thread).into(),
        codes: ["distrust", "price"].map(code).into(),
        people,
        ..Study::default()
    }
}

/// What [`people`] said as a reader of answers gives it, in an order of its own.
fn answers(people: &[HandCoding]) -> Vec<Answer> {
    let answer = |said: &HandCoding| Answer {
        key: said.key.clone(),
        coder: said.coder.clone(),
        question: said.question.clone(),
        value: said.value.clone(),
        spans: said.evidence.iter().map(|span| span.in_code_points(text(&said.key))).collect(),
    };
    sorted(people.iter().map(answer).collect())
}

fn sorted(mut answers: Vec<Answer>) -> Vec<Answer> {
    answers.sort_by(|a, b| (&a.key, &a.coder, &a.question).cmp(&(&b.key, &b.coder, &b.question)));
    answers
}

fn told(name: &str, bytes: &[u8]) -> Reading {
    let keys = TEXTS.map(|(thread, comment, _)| key(thread, comment));
    let known: Known<'_> = keys.iter().map(|key| (key, text(key))).collect();
    let mut questions = vec![Question::polarity()];
    questions.extend(CODES.map(Question::named));
    read(Path::new(name), bytes, &questions, &known).unwrap()
}

#[test]
fn annotations_of_label_studio_come_back_as_they_were() {
    let people = people();
    let reading = told("tasks.json", &label_studio(&study(people.clone())).unwrap());
    assert_eq!(sorted(reading.answers), answers(&people));
}

#[test]
fn questions_nobody_answered_stay_unanswered_in_label_studio() {
    let mut people = people();
    people.retain(|said| said.question == "price" || said.key.thread_id == "t2");
    let reading = told("tasks.json", &label_studio(&study(people.clone())).unwrap());
    assert_eq!(sorted(reading.answers), answers(&people));
    let reading = told("tasks.json", &label_studio(&study(Vec::new())).unwrap());
    assert!(reading.answers.is_empty(), "predictions are nobody's answers");
}

#[test]
fn lines_of_doccano_come_back_as_they_were() {
    let people = people();
    let reading = told("lines.jsonl", &doccano(&study(people.clone()), LabelsOf::People).unwrap());
    assert_eq!(sorted(reading.answers), answers(&people));
}

#[test]
fn labels_that_were_the_machines_are_the_answers_of_whoever_corrected_them() {
    let reading = told("lines.anne.jsonl", &doccano(&study(Vec::new()), LabelsOf::Machine).unwrap());
    assert_eq!(reading.answers.len(), 3 * 4);
    assert!(reading.answers.iter().all(|answer| answer.coder == "anne"));
    let price: Vec<_> = reading.answers.iter().filter(|answer| answer.question == "price").collect();
    assert!(price.iter().all(|answer| answer.value == "1" && answer.spans == [(0, 1)]), "{price:?}");
}
