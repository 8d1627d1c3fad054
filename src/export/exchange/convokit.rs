//! A corpus of ConvoKit (Chang et al. 2020, <https://convokit.cornell.edu>): a conversation a thread, with the article as its root.

use std::collections::{BTreeMap, HashSet};

use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::sayings::{applies, evidence};
use super::{ExchangeError, ExportedFile};
use crate::model::{CodedComment, CodedThread, Comment, Moment, Parent, ReplyBasis, Study};

/// The files of a corpus, for one folder: `utterances.jsonl`, `speakers.json`, `conversations.json`, `corpus.json` and
/// `index.json`.
///
/// The article is the root utterance; its id is the conversation's, that of the thread. Comments are `THREAD:COMMENT`. A
/// comment that answers one not in its thread hangs below the article with `orphan` in its metadata; of comments that answer
/// each other in a circle the first does, with `circle`. `reply_to` in the metadata is what the page says in any case.
///
/// `timestamp` is in seconds, of the day's beginning where no time is known and as if in UTC where no offset is. Where the
/// day is not known it is 0, as ConvoKit can put no replies in order without numbers: `timestamp_known` is false there, and
/// `posted_at` keeps what the page says. Spans of `evidence` count code points, as Python does.
///
/// Comments without an author share the speaker `unknown`; articles have one for each byline.
///
/// # Errors
///
/// [`ExchangeError::IdTwice`] if two utterances would have one id, [`ExchangeError::Json`] if JSON cannot be written.
pub fn convokit(study: &Study) -> Result<Vec<ExportedFile>, ExchangeError> {
    let mut corpus = Corpus::new(study);
    for thread in &study.threads {
        corpus.add(thread)?;
    }
    let codes: Map<String, Value> = study
        .codes
        .iter()
        .map(|code| (code.name.clone(), json!({ "label": code.label, "definition": code.definition })))
        .collect();
    let overall = Value::Object([("codes".to_owned(), Value::Object(codes))].into_iter().collect());
    let mut overall_types = Types::default();
    overall_types.learn(&overall);
    let index = json!({
        "utterances-index": corpus.utterance_types.0,
        "speakers-index": corpus.speaker_types.0,
        "conversations-index": corpus.conversation_types.0,
        "overall-index": overall_types.0,
        "version": 1,
        "vectors": [],
    });
    let json = |name: &str, value: &Value| {
        Ok::<_, ExchangeError>(ExportedFile { name: name.to_owned(), bytes: serde_json::to_vec(value)? })
    };
    Ok(vec![
        ExportedFile { name: "utterances.jsonl".to_owned(), bytes: corpus.utterances },
        json("speakers.json", &Value::Object(corpus.speakers))?,
        json("conversations.json", &Value::Object(corpus.conversations))?,
        json("corpus.json", &overall)?,
        json("index.json", &index)?,
    ])
}

#[derive(Serialize)]
struct Utterance<'a> {
    id: &'a str,
    conversation_id: &'a str,
    text: &'a str,
    speaker: &'a str,
    meta: &'a Value,
    #[serde(rename = "reply-to")]
    reply_to: Option<&'a str>,
    timestamp: i64,
    vectors: [(); 0],
}

/// The Python types that each key of metadata has, as `index.json` lists them.
#[derive(Default)]
struct Types(BTreeMap<String, Vec<&'static str>>);

impl Types {
    fn learn(&mut self, meta: &Value) {
        for (key, value) in meta.as_object().into_iter().flatten() {
            let known = self.0.entry(key.clone()).or_default();
            let class = match value {
                Value::Null => continue,
                Value::Bool(_) => "<class 'bool'>",
                Value::Number(number) if number.is_f64() => "<class 'float'>",
                Value::Number(_) => "<class 'int'>",
                Value::String(_) => "<class 'str'>",
                Value::Array(_) => "<class 'list'>",
                Value::Object(_) => "<class 'dict'>",
            };
            if !known.contains(&class) {
                known.push(class);
            }
        }
    }
}

struct Corpus<'a> {
    study: &'a Study,
    /// All names of writers of comments: speakers of other kinds must differ.
    names: HashSet<&'a str>,
    ids: HashSet<String>,
    utterances: Vec<u8>,
    utterance_types: Types,
    speakers: Map<String, Value>,
    speaker_types: Types,
    conversations: Map<String, Value>,
    conversation_types: Types,
}

impl<'a> Corpus<'a> {
    fn new(study: &'a Study) -> Self {
        let comments = study.threads.iter().flat_map(|thread| &thread.thread.comments);
        Self {
            study,
            names: comments.filter_map(|comment| comment.author.as_ref()).map(|author| author.name.as_str()).collect(),
            ids: HashSet::new(),
            utterances: Vec::new(),
            utterance_types: Types::default(),
            speakers: Map::new(),
            speaker_types: Types::default(),
            conversations: Map::new(),
            conversation_types: Types::default(),
        }
    }

    fn add(&mut self, coded: &CodedThread) -> Result<(), ExchangeError> {
        let (thread, article) = (&coded.thread, &coded.thread.article);
        let conversation = json!({
            "article_title": article.title,
            "article_author": article.author,
            "article_published_at": iso(article.published_at.as_ref()),
            "article_url": article.url,
            "site": thread.site,
            "stated_count": thread.stated_count,
            "parsed_count": thread.parsed_count(),
            "completeness": thread.completeness().as_str(),
            "fetched_at": iso(thread.fetched_at.as_ref()),
            "notes": thread.notes,
        });
        self.conversation_types.learn(&conversation);
        self.conversations.insert(thread.id.clone(), json!({ "meta": conversation, "vectors": [] }));

        let parts = [article.title.as_deref(), article.body.as_deref()];
        let (speaker, meta) =
            (self.byline(article.author.as_deref()), self.article_meta(article.published_at.as_ref()));
        self.push(&Utterance {
            id: &thread.id,
            conversation_id: &thread.id,
            text: &parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n"),
            speaker: &speaker,
            meta: &meta,
            reply_to: None,
            timestamp: article.published_at.as_ref().and_then(epoch).unwrap_or(0),
            vectors: [],
        })?;

        let id = |at: usize| format!("{}:{}", thread.id, thread.comments[at].id);
        let uncoded = CodedComment::default();
        for (at, parent) in thread.parents().into_iter().enumerate() {
            let (comment, coding) = (&thread.comments[at], coded.comments.get(at).unwrap_or(&uncoded));
            let above = if let Parent::Comment(above) = parent { id(above) } else { thread.id.clone() };
            let (speaker, meta) = (self.writer(comment), self.meta(comment, coding, parent));
            self.push(&Utterance {
                id: &id(at),
                conversation_id: &thread.id,
                text: &comment.text,
                speaker: &speaker,
                meta: &meta,
                reply_to: Some(&above),
                timestamp: comment.posted_at.as_ref().and_then(epoch).unwrap_or(0),
                vectors: [],
            })?;
        }
        Ok(())
    }

    fn push(&mut self, utterance: &Utterance<'_>) -> Result<(), ExchangeError> {
        if !self.ids.insert(utterance.id.to_owned()) {
            return Err(ExchangeError::IdTwice { id: utterance.id.to_owned() });
        }
        self.utterance_types.learn(utterance.meta);
        serde_json::to_writer(&mut self.utterances, utterance)?;
        self.utterances.push(b'\n');
        Ok(())
    }

    fn meta(&self, comment: &Comment, coding: &CodedComment, parent: Parent) -> Value {
        let coded = coding.coded.as_ref();
        let polarity = coded.and_then(|coded| coded.polarity.as_ref());
        let evidence: Vec<Value> = evidence(comment, coding)
            .into_iter()
            .map(|(code, span, words)| {
                let (start, end) = span.in_code_points(&comment.text);
                json!({ "code": code, "start": start, "end": end, "text": words })
            })
            .collect();
        let meta = json!({
            "reply_to": comment.reply_to,
            "reply_basis": comment.reply_basis.map(ReplyBasis::as_str),
            "orphan": parent == Parent::Missing,
            "circle": parent == Parent::Circle,
            "depth": comment.depth,
            "posted_at": iso(comment.posted_at.as_ref()),
            "posted_precision": comment.posted_at.as_ref().map(|at| at.precision.as_str()),
            "timestamp_known": comment.posted_at.as_ref().and_then(epoch).is_some(),
            "language": coding.language,
            "votes": comment.votes,
            "state": comment.state.as_str(),
            "edited": comment.edited,
            "permalink": comment.permalink,
            "coder": coded.map(|coded| coded.coder.as_str()),
            "polarity": polarity.map(|polarity| polarity.polarity.as_str()),
            "polarity_score": polarity.map(|polarity| polarity.score),
            "polarity_confidence": polarity.and_then(|polarity| polarity.confidence).map(|sure| sure.value),
            "irony": coded.and_then(|coded| coded.irony.as_ref()).map(|(ironic, _)| u8::from(*ironic)),
            "evidence": evidence,
        });
        self.with_codes(meta, |code| applies(coded, code))
    }

    /// The keys of comments, without their values: ConvoKit's tables and filters ask all utterances for the same keys.
    fn article_meta(&self, published_at: Option<&Moment>) -> Value {
        let nothing = Comment { posted_at: published_at.cloned(), ..Comment::default() };
        let mut meta = self.meta(&nothing, &CodedComment::default(), Parent::Article);
        for key in ["orphan", "circle", "state", "edited", "evidence"] {
            meta[key] = Value::Null;
        }
        meta
    }

    fn with_codes(&self, mut meta: Value, applies: impl Fn(&str) -> Option<bool>) -> Value {
        for code in &self.study.codes {
            let taken = meta.get(&code.name).is_some();
            let key = if taken { format!("code_{}", code.name) } else { code.name.clone() };
            meta[key] = applies(&code.name).map(u8::from).into();
        }
        meta
    }

    fn writer(&mut self, comment: &Comment) -> String {
        match &comment.author {
            Some(author) => self.speaker(author.name.clone(), "author", None),
            None => self.speaker(self.free("unknown"), "unknown", None),
        }
    }

    fn byline(&mut self, byline: Option<&str>) -> String {
        let name = byline.map_or_else(|| "article".to_owned(), |byline| format!("article: {byline}"));
        self.speaker(self.free(&name), "article", byline)
    }

    /// The name, changed where a writer of comments has it.
    fn free(&self, name: &str) -> String {
        let mut free = name.to_owned();
        while self.names.contains(free.as_str()) {
            free.push('_');
        }
        free
    }

    fn speaker(&mut self, id: String, kind: &str, byline: Option<&str>) -> String {
        if !self.speakers.contains_key(&id) {
            let meta = json!({ "kind": kind, "byline": byline });
            self.speaker_types.learn(&meta);
            self.speakers.insert(id.clone(), json!({ "meta": meta, "vectors": [] }));
        }
        id
    }
}

fn iso(moment: Option<&Moment>) -> Option<&str> {
    moment.map(|moment| moment.iso.as_str())
}

/// Seconds since 1970 of a moment, times on a clock taken for UTC.
fn epoch(moment: &Moment) -> Option<i64> {
    Some(TimeZone::UTC.to_timestamp(moment.utc_or_clock()?).ok()?.as_second())
}
