//! Projects read back: what lies where, and who says it.

use std::collections::HashMap;
use std::io::{Cursor, Read};

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use super::{QdaError, codebook, project};
use crate::model::{
    Article, Author, Basis, CodeLabel, Coded, CodedComment, CodedThread, Coding, Comment, CommentState, Confidence,
    HandCoding, Key, Polarity, PolarityCoding, Span, Study, Thread,
};

const MADE_AT: &str = "2026-03-14T09:12:00Z";

/// A project as a program sees it.
#[derive(Debug, Default)]
struct Opened {
    /// All elements of the XML with their attributes, in order.
    elements: Vec<(String, HashMap<String, String>)>,
    /// The documents by path, in the archive's order.
    documents: Vec<(String, String)>,
}

/// Who laid which code on which words, and the selection's name.
#[derive(Debug, PartialEq)]
struct Mark {
    user: String,
    code: String,
    words: String,
    name: String,
}

fn elements(xml: &str) -> Vec<(String, HashMap<String, String>)> {
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut elements = Vec::new();
    let read = |element: &BytesStart<'_>| {
        let attributes = element.attributes().map(Result::unwrap);
        let values = attributes.map(|attribute| {
            (
                attribute.key.as_ref().to_owned(),
                attribute.normalized_value(XmlVersion::Explicit1_0).unwrap().into_owned(),
            )
        });
        (element.name().as_ref().to_owned(), values.collect())
    };
    loop {
        match reader.read_event().unwrap() {
            Event::Start(element) | Event::Empty(element) => elements.push(read(&element)),
            Event::Eof => return elements,
            _ => {}
        }
    }
}

impl Opened {
    fn new(study: &Study) -> Self {
        let mut archive = ZipArchive::new(Cursor::new(project(study, MADE_AT).unwrap())).unwrap();
        let mut opened = Self::default();
        for index in 0..archive.len() {
            let mut file = archive.by_index(index).unwrap();
            let (name, mut text) = (file.name().unwrap().into_owned(), String::new());
            file.read_to_string(&mut text).unwrap();
            opened.documents.push((name, text));
        }
        let (name, xml) = opened.documents.remove(0);
        assert_eq!(name, "project.qde");
        opened.elements = elements(&xml);
        opened
    }

    /// Values of an attribute in all elements of a name.
    fn all(&self, element: &str, attribute: &str) -> Vec<&str> {
        let elements = self.elements.iter().filter(|(name, _)| name == element);
        elements.filter_map(|(_, attributes)| attributes.get(attribute)).map(String::as_str).collect()
    }

    fn named(&self, element: &str, guid: &str) -> String {
        let is_it =
            |(name, attributes): &&(String, HashMap<String, String>)| name == element && attributes["guid"] == guid;
        self.elements.iter().find(is_it).unwrap().1["name"].clone()
    }

    fn marks(&self) -> Vec<Mark> {
        let (mut text, mut selection, mut marks) = ("", None, Vec::new());
        for (name, attributes) in &self.elements {
            match name.as_str() {
                "TextSource" => {
                    let path = attributes["plainTextPath"].replace("internal://", "sources/");
                    text = &self.documents.iter().find(|(name, _)| *name == path).unwrap().1;
                }
                "PlainTextSelection" => selection = Some(attributes),
                "Coding" => assert_eq!(attributes["creatingUser"], selection.unwrap()["creatingUser"]),
                "CodeRef" => {
                    let selection = selection.unwrap();
                    let [start, end] =
                        ["startPosition", "endPosition"].map(|name| selection[name].parse::<usize>().unwrap());
                    marks.push(Mark {
                        user: self.named("User", &selection["creatingUser"]),
                        code: self.named("Code", &attributes["targetGUID"]),
                        words: text.chars().skip(start).take(end - start).collect(),
                        name: selection["name"].clone(),
                    });
                }
                _ => {}
            }
        }
        marks
    }
}

fn mark(user: &str, code: &str, words: &str, name: &str) -> Mark {
    Mark { user: user.into(), code: code.into(), words: words.into(), name: name.into() }
}

fn comment(id: &str, text: &str) -> Comment {
    Comment { id: id.into(), text: text.into(), ..Comment::default() }
}

fn span(text: &str, words: &str) -> Span {
    let start = text.find(words).unwrap();
    Span::new(start, start + words.len())
}

/// What the machine says: a code on words, where there are any.
fn coded(code: &str, evidence: Span) -> CodedComment {
    let coding = Coding { code: code.into(), evidence, confidence: Some(Confidence::grade(0.5, Basis::Patterns)) };
    let coded = Coded { coder: "rules-1".into(), codings: vec![coding], ..Coded::default() };
    CodedComment { coded: Some(coded), ..CodedComment::default() }
}

fn study(comments: Vec<(Comment, CodedComment)>) -> Study {
    let (comments, codes) = comments.into_iter().unzip();
    let article = Article { title: Some("Headline".into()), ..Article::default() };
    let thread = Thread { id: "t1".into(), article, comments, ..Thread::default() };
    let label = CodeLabel { name: "distrust".into(), label: "Distrust".into(), ..CodeLabel::default() };
    Study { threads: vec![CodedThread { thread, comments: codes }], codes: vec![label], ..Study::default() }
}

fn said(coder: &str, comment: &str, question: &str, value: &str, evidence: &[Span]) -> HandCoding {
    HandCoding {
        coder: coder.into(),
        key: Key { thread_id: "t1".into(), comment_id: comment.into() },
        question: question.into(),
        value: value.into(),
        evidence: evidence.to_vec(),
    }
}

#[test]
fn words_are_found_again_whatever_the_characters() {
    let emoji = "👍🏽 déjà 👩‍👩‍👧 vu";
    let lines = "one\r\ntwo\rthree\r\n\r\nfour 😂 five";
    let hebrew = "\u{202b}שלום\u{202c} עולם";
    let control = "a\0b\u{b}c\u{ffff}d e";
    let comments = vec![
        (comment("c1", emoji), coded("distrust", span(emoji, "👩‍👩‍👧 vu"))),
        (comment("c2", lines), coded("distrust", span(lines, "three\r\n\r\nfour 😂"))),
        (comment("c3", hebrew), coded("distrust", span(hebrew, "עולם"))),
        (comment("c4", control), coded("distrust", span(control, "c\u{ffff}d e"))),
        (comment("c5", "after all"), coded("distrust", Span::new(0, 5))),
    ];
    let opened = Opened::new(&study(comments));
    let distrust = |words, name| mark("machine: rules-1", "Distrust", words, name);
    let expected = [
        distrust("👩‍👩‍👧 vu", "line:3 c1"),
        distrust("three\n\nfour 😂", "line:8 c2"),
        distrust("עולם", "line:13 c3"),
        distrust("c\u{fffd}d e", "line:16 c4"),
        distrust("after", "line:19 c5"),
    ];
    assert_eq!(opened.marks(), expected);
    let text = &opened.documents[0].1;
    assert!(!text.contains(['\r', '\0', '\u{b}', '\u{ffff}']));
    for line in ["line:8 three", "line:19 after all"] {
        let (number, start) = line[5..].split_once(' ').unwrap();
        assert!(text.lines().nth(number.parse().unwrap()).unwrap().starts_with(start), "{line}");
    }
}

#[test]
fn machine_and_people_are_users_of_their_own() {
    let text = "They lie to us. Nice.";
    let mut study = study(vec![(comment("c1", text), coded("distrust", span(text, "They lie")))]);
    let polarity = PolarityCoding {
        polarity: Polarity::Negative,
        score: -0.5,
        confidence: Some(Confidence { value: 0.875, basis: Some(Basis::Model), calibrated: true }),
        evidence: Some(span(text, "They lie")),
    };
    let machine = study.threads[0].comments[0].coded.as_mut().unwrap();
    machine.polarity = Some(polarity);
    machine.irony = Some((false, Coding { code: "irony".into(), evidence: Span::new(0, 0), confidence: None }));
    study.people = vec![
        said("anne", "c1", "distrust", "1", &[span(text, "They lie"), span(text, "us")]),
        said("ben", "c1", "distrust", "0", &[]),
        said("ben", "c1", "polarity", "negative", &[]),
        said("anne", "c1", "irony", "1", &[span(text, "Nice")]),
        said("anne", "c1", "irony", "1", &[span(text, "Nice")]),
    ];
    let opened = Opened::new(&study);
    let mut marks = opened.marks();
    marks.sort_by(|a, b| (&a.user, &a.words, &a.code).cmp(&(&b.user, &b.words, &b.code)));
    let expected = [
        mark("anne", "irony", "Nice", "line:3 c1"),
        mark("anne", "Distrust", "They lie", "line:3 c1"),
        mark("anne", "Distrust", "us", "line:3 c1"),
        mark("ben", "negative", text, "line:3 c1"),
        mark("machine: rules-1", "Distrust", "They lie", "line:3 c1"),
        mark("machine: rules-1", "negative", "They lie", "line:3 c1"),
    ];
    assert_eq!(marks, expected);
    assert_eq!(opened.all("User", "name"), ["machine: rules-1", "anne", "ben", "causerie"]);
    // One selection a user and words, with two codings of the machine's.
    assert_eq!(opened.all("PlainTextSelection", "guid").len(), 5);
}

#[test]
fn a_code_without_words_lies_on_the_comment_or_on_its_line() {
    let deleted = Comment {
        author: Some(Author { name: "a\u{1}b\nc".into(), avatar: None }),
        reply_to: Some("c1".into()),
        state: CommentState::Deleted,
        ..comment("c2", "")
    };
    let outside = coded("distrust", Span::new(400, 500));
    let mut study = study(vec![(comment("c1", "One\n\ntwo."), outside), (deleted, CodedComment::default())]);
    study.people = vec![said("anne", "c2", "distrust", "1", &[])];
    let line = "[c2] a\u{fffd}b c | answers c1 | deleted";
    let opened = Opened::new(&study);
    let expected =
        [mark("machine: rules-1", "Distrust", "One\n\ntwo.", "line:3 c1"), mark("anne", "Distrust", line, "line:7 c2")];
    assert_eq!(opened.marks(), expected);
    assert_eq!(opened.documents[0].1, format!("Headline\n\n[c1]\nOne\n\ntwo.\n\n{line}\n"));
}

#[test]
fn the_same_study_gives_the_same_bytes() {
    let mut study = study(vec![(comment("c1", "One two"), coded("distrust", Span::new(0, 3)))]);
    study.people = vec![said("ben", "c1", "other", "1", &[]), said("anne", "c1", "distrust", "1", &[])];
    assert_eq!(project(&study, MADE_AT).unwrap(), project(&study.clone(), MADE_AT).unwrap());
    let opened = Opened::new(&study);
    let mut guids: Vec<&str> =
        opened.elements.iter().filter_map(|(_, attributes)| attributes.get("guid")).map(String::as_str).collect();
    let all = guids.len();
    guids.sort_unstable();
    guids.dedup();
    assert_eq!(guids.len(), all, "an id is given twice");
}

#[test]
fn codes_have_names_of_their_own() {
    let mut study = study(vec![(comment("c1", "One two"), coded("undescribed", Span::new(0, 3)))]);
    study.codes.push(CodeLabel { name: "negative".into(), label: "Negative".into(), ..CodeLabel::default() });
    study.codes.push(CodeLabel {
        name: "distrust_b".into(),
        label: "distrust".into(),
        definition: "Less & <less>\0 trust".into(),
        include: vec!["doubt".into()],
        ..CodeLabel::default()
    });
    let names = ["Distrust", "Negative", "distrust (distrust_b)", "irony", "undescribed"];
    let sentiment = ["sentiment", "negative (polarity)", "neutral", "positive"];
    let expected = [&names[..], &sentiment].concat();
    assert_eq!(Opened::new(&study).all("Code", "name"), expected);
    let bytes = String::from_utf8(codebook(&study).unwrap()).unwrap();
    let codes = elements(&bytes);
    assert_eq!(codes[0].1["xmlns"], "urn:QDA-XML:codebook:1.0");
    let listed: Vec<&str> =
        codes.iter().filter_map(|(_, attributes)| attributes.get("name")).map(String::as_str).collect();
    assert_eq!(listed, expected);
    assert!(
        bytes.contains("Less &amp; &lt;less&gt;\u{fffd} trust\n\nWhat counts:\n• doubt\n\nIn tables: distrust_b = 1")
    );
}

#[test]
fn names_of_documents_are_names_of_files() {
    let mut study = study(Vec::new());
    let article = &mut study.threads[0].thread.article;
    article.title = Some("\u{feff}Who/what: \"8.50 €\" a\nmonth?\0".into());
    article.url = Some("https://a.example/?a=1&b=<2>".into());
    let opened = Opened::new(&study);
    assert_eq!(opened.all("TextSource", "name"), ["Who what 8 50 € a month (t1)"]);
    assert!(opened.documents[0].1.starts_with("Who/what: \"8.50 €\" a month?\u{fffd}\nhttps://a.example/?a=1&b=<2>\n"));
    let path = format!("sources/{}.txt", opened.all("TextSource", "guid")[0]);
    assert_eq!(opened.documents[0].0, path);
}

#[test]
fn a_study_of_nothing_is_a_project() {
    let opened = Opened::new(&Study::default());
    assert_eq!(opened.all("User", "name"), ["causerie"]);
    assert!(opened.documents.is_empty() && opened.all("TextSource", "guid").is_empty());
}

#[test]
fn answers_that_belong_nowhere_are_named() {
    let mut study = study(vec![(comment("c1", "One"), CodedComment::default())]);
    study.people = vec![said("anne", "c9", "distrust", "1", &[])];
    let unknown = project(&study, MADE_AT).unwrap_err();
    assert!(matches!(&unknown, QdaError::UnknownComment { comment, .. } if comment == "c9"), "{unknown}");
    study.people = vec![said("anne", "c1", "polarity", "mixed", &[])];
    let unknown = project(&study, MADE_AT).unwrap_err();
    assert!(matches!(&unknown, QdaError::UnknownAnswer { value, .. } if value == "mixed"), "{unknown}");
}
