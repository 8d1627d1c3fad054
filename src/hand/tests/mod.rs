//! Files out and back.

mod faults;
mod round_trip;
mod tools;

use std::path::Path;

use super::{Answer, Form, Key, Known, Question, Reading, Unit, read};

/// An emoji before the words, quotation marks, a line break; a formula; letters from right to left.
const TEXTS: [(&str, &str); 3] = [
    ("1234567890123456789", "🙄👍🏽 C’est une arnaque, \"vraiment\"\r\nnon ?"),
    ("c2", "=1+1; ça fait 2"),
    ("c3", "שלום עולם, מחיר"),
];

fn question(name: &str) -> Question {
    Question {
        name: name.to_owned(),
        label: name.to_uppercase(),
        definition: format!("Says <{name}> & \"means\" it. ").repeat(20),
        include: vec!["this".to_owned(), "that".to_owned()],
        values: vec!["0".to_owned(), "1".to_owned()],
        ..Question::default()
    }
}

fn key(comment: &str) -> Key {
    Key { thread_id: "t1".to_owned(), comment_id: comment.to_owned() }
}

fn form() -> Form {
    let unit = |(comment, text): (&str, &str)| Unit {
        key: key(comment),
        text: text.to_owned(),
        parent_text: Some("-5 %, vraiment ?".to_owned()),
        article_title: Some("Le prix".to_owned()),
        posted_at: Some("2024-04-03T06:55:00+02:00".to_owned()),
        coders: vec!["anne".to_owned()],
    };
    Form {
        questions: vec![Question::polarity(), question("distrust"), question("price")],
        units: TEXTS.map(unit).into(),
    }
}

/// Reads a file of answers to [`form`].
fn told(name: &str, bytes: &[u8]) -> Result<Reading, super::Faults> {
    let form = form();
    let known: Known<'_> = form.units.iter().map(|unit| (&unit.key, unit.text.as_str())).collect();
    read(Path::new(name), bytes, &form.questions, &known)
}

fn answer(comment: &str, coder: &str, question: &str, value: &str, spans: &[(usize, usize)]) -> Answer {
    Answer {
        key: key(comment),
        coder: coder.to_owned(),
        question: question.to_owned(),
        value: value.to_owned(),
        spans: spans.to_vec(),
    }
}

/// What a coder fills in, as [`answer`]s; the spans are those of `arnaque` and `מחיר`.
fn filled() -> Vec<Answer> {
    vec![
        answer("1234567890123456789", "anne", "polarity", "negative", &[]),
        answer("1234567890123456789", "anne", "distrust", "1", &[(14, 21)]),
        answer("1234567890123456789", "anne", "price", "0", &[]),
        answer("c2", "anne", "polarity", "neutral", &[]),
        answer("c2", "anne", "distrust", "0", &[]),
        answer("c2", "anne", "price", "0", &[]),
        answer("c3", "anne", "price", "1", &[(11, 15)]),
    ]
}
