//! The comments as the reader's script takes them: by column, positions in UTF-16 units.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::charts::Language;
use super::words;
use crate::model::{Basis, CodedComment, CodedThread, Comment, CommentState, HandCoding, Span, Study};

/// The data of the page's script, safe inside a `script` element.
pub(super) fn json(study: &Study, language: Language) -> Result<String, serde_json::Error> {
    let mut columns = Columns::of(study);
    let mut threads = Vec::new();
    for thread in &study.threads {
        let article = &thread.thread.article;
        threads.push(json!({
            "id": thread.thread.id, "title": article.title, "url": article.url, "site": thread.thread.site,
            "first": columns.text.len(), "count": thread.thread.comments.len(),
        }));
        columns.add(thread, threads.len() - 1);
    }
    let codes: Vec<Value> = study
        .codes
        .iter()
        .map(|code| json!({"name": code.name, "label": code.label, "definition": code.definition}))
        .collect();
    let data = json!({
        "lang": language.tag(),
        "words": words::reader(language),
        "codes": codes,
        "threads": threads,
        "coders": columns.coders,
        "comments": {
            "thread": columns.thread, "id": columns.id, "parent": columns.parent, "depth": columns.depth,
            "author": columns.author, "posted": columns.posted, "text": columns.text, "state": columns.state,
            "polarity": columns.polarity, "irony": columns.irony, "votes": columns.votes, "coder": columns.coder, "language": columns.language,
            "codings": columns.codings, "undecided": columns.undecided, "feeling": columns.feeling, "people": columns.people,
        },
    });
    // `</script>` and `<!--` would end or change the element the data stand in.
    Ok(serde_json::to_string(&data)?.replace('<', "\\u003c"))
}

#[derive(Default)]
struct Columns<'a> {
    codes: HashMap<&'a str, usize>,
    said: HashMap<(&'a str, &'a str), Vec<&'a HandCoding>>,
    coders: Vec<&'a str>,
    thread: Vec<usize>,
    id: Vec<&'a str>,
    parent: Vec<i64>,
    depth: Vec<Option<u32>>,
    author: Vec<Option<&'a str>>,
    posted: Vec<Option<&'a str>>,
    text: Vec<&'a str>,
    state: Vec<u8>,
    polarity: Vec<Option<i8>>,
    irony: Vec<Option<u8>>,
    votes: Vec<Option<i64>>,
    coder: Vec<Option<usize>>,
    language: Vec<Option<&'a str>>,
    codings: Vec<Value>,
    undecided: Vec<Value>,
    feeling: Vec<Value>,
    people: Vec<Value>,
}

impl<'a> Columns<'a> {
    fn of(study: &'a Study) -> Self {
        let mut said: HashMap<(&str, &str), Vec<&HandCoding>> = HashMap::new();
        for coding in &study.people {
            said.entry((&coding.key.thread_id, &coding.key.comment_id)).or_default().push(coding);
        }
        let codes = study.codes.iter().enumerate().map(|(place, code)| (code.name.as_str(), place)).collect();
        Self { codes, said, ..Self::default() }
    }

    fn add(&mut self, thread: &'a CodedThread, number: usize) {
        let first = self.text.len();
        let places: HashMap<&str, usize> =
            thread.thread.comments.iter().enumerate().map(|(place, comment)| (comment.id.as_str(), place)).collect();
        for (comment, coded) in thread.thread.comments.iter().zip(&thread.comments) {
            self.thread.push(number);
            self.parent.push(match comment.reply_to.as_deref().map(|parent| places.get(parent)) {
                None => -1,
                Some(None) => -2,
                Some(Some(place)) => (first + place) as i64,
            });
            self.written(comment);
            self.coded(comment, coded);
            let people = self
                .said
                .get(&(thread.thread.id.as_str(), comment.id.as_str()))
                .map(|said| said.iter().map(|said| json!([said.coder, said.question, said.value])).collect::<Vec<_>>());
            self.people.push(people.into());
        }
    }

    fn written(&mut self, comment: &'a Comment) {
        self.id.push(&comment.id);
        self.depth.push(comment.depth);
        self.author.push(comment.author.as_ref().map(|author| author.name.as_str()));
        self.posted.push(comment.posted_at.as_ref().map(|at| at.iso.as_str()));
        self.text.push(&comment.text);
        self.state.push(match comment.state {
            CommentState::Visible => 0,
            CommentState::Deleted => 1,
            CommentState::Hidden => 2,
            CommentState::Pending => 3,
        });
        self.votes.push(comment.votes);
    }

    fn coded(&mut self, comment: &'a Comment, coded: &'a CodedComment) {
        let said = coded.coded.as_ref();
        let mut coder = None;
        if let Some(name) = said.map(|said| said.coder.as_str()).filter(|name| !name.is_empty()) {
            let place = self.coders.iter().position(|known| *known == name);
            coder = Some(place.unwrap_or_else(|| {
                self.coders.push(name);
                self.coders.len() - 1
            }));
        }
        self.coder.push(coder);
        self.language.push(coded.language.as_deref());
        let units = |span: Span| {
            let place = |end: usize| comment.text.get(..end).map_or(0, |head| head.encode_utf16().count());
            (place(span.start), place(span.end))
        };
        let percent = |share: f64| (share * 100.0).round();
        let polarity = said.and_then(|said| said.polarity.as_ref());
        self.polarity.push(polarity.map(|found| found.polarity.sign()));
        let feeling = polarity.and_then(|found| {
            let (start, end) = units(found.evidence?);
            Some(json!([start, end, found.confidence.map(|sure| percent(sure.value))]))
        });
        self.feeling.push(feeling.unwrap_or_default());
        self.irony.push(said.and_then(|said| said.irony.as_ref()).map(|(applies, _)| u8::from(*applies)));
        let codings = said.map(|said| {
            let coding = |coding: &crate::model::Coding| {
                let (start, end) = units(coding.evidence);
                let basis = coding.confidence.and_then(|sure| sure.basis).map(|basis| match basis {
                    Basis::Model => 0,
                    Basis::Patterns => 1,
                    Basis::Examples => 2,
                });
                let sure = coding.confidence.map(|sure| percent(sure.value));
                Some(json!([self.codes.get(coding.code.as_str())?, start, end, sure, basis]))
            };
            said.codings.iter().filter_map(coding).collect::<Vec<_>>()
        });
        self.codings.push(codings.into());
        let open =
            said.map(|said| said.undecided.iter().filter_map(|code| self.codes.get(code.as_str())).collect::<Vec<_>>());
        self.undecided.push(open.filter(|open| !open.is_empty()).map_or(Value::Null, |open| json!(open)));
    }
}
