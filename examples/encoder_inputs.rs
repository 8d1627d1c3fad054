//! The token ids of hand-coded comments as the encoder sees them in their threads: what `data/models/finetune.py`
//! trains on.
//!
//! `cargo run --release --example encoder_inputs -- TABLE.jsonl … > inputs.jsonl`
//!
//! TABLE.jsonl has one comment a line with `text` and, where they are known, `thread_id`, `comment_id`, `reply_to` and
//! `article_title`. Each line out has `ids` (the comment's tokens, then its context), `own` (how many are the
//! comment's), `marked` (for each code with `evidence` the places of its tokens) and the line's other fields
//! (`second`, which repeats `reading` for `causerie train`, left out).
#![allow(clippy::print_stdout, reason = "a command prints its result")]

use std::error::Error;
use std::{env, fs};

use causerie::codebook::Codebook;
use causerie::coding::{Coder, Discussion, Rules, context};
use causerie::encoder::{Encoder, Input};
use causerie::model::{Article, Comment, Span, Thread};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let rules = Rules::new(Codebook::builtin());
    for path in env::args().skip(1) {
        let rows: Vec<Value> = fs::read_to_string(path)?.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
        let thread = |row: &Value| row["thread_id"].as_str().map(str::to_owned);
        // Rows without a thread stand alone.
        for rows in rows.chunk_by(|a, b| thread(a).is_some() && thread(a) == thread(b)) {
            print(&rules, rows)?;
        }
    }
    Ok(())
}

fn print(rules: &Rules, rows: &[Value]) -> Result<(), Box<dyn Error>> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let comments = rows.iter().enumerate().map(|(at, row)| Comment {
        id: text(&row["comment_id"]).unwrap_or_else(|| at.to_string()),
        reply_to: text(&row["reply_to"]),
        text: text(&row["text"]).unwrap_or_default(),
        ..Comment::default()
    });
    let article =
        Article { title: text(&rows[0]["article_title"]), body: text(&rows[0]["article_body"]), ..Article::default() };
    let discussion = Discussion::of(Thread { article, comments: comments.collect(), ..Thread::default() });
    let setting = rules.setting(discussion.article());
    let units = discussion.units();
    for (at, row) in rows.iter().enumerate() {
        let context = context(&setting, &units, at);
        let context: Vec<&str> = context.iter().map(String::as_str).collect();
        let own = discussion.view(&units[at]);
        let (ids, spans) = Encoder::builtin().ids(&Input { text: &own, context: &context });
        let mut out = json!({ "ids": ids, "own": spans.len(), "marked": marked(&own, &spans, &row["evidence"]) });
        let kept = |key: &str| !matches!(key, "text" | "second");
        for (key, value) in row.as_object().into_iter().flatten().filter(|(key, _)| kept(key)) {
            out[key] = value.clone();
        }
        println!("{}", serde_json::to_string(&out)?);
    }
    Ok(())
}

/// For each code the places of the tokens that its evidence covers.
fn marked(text: &str, tokens: &[Span], evidence: &Value) -> Value {
    let mut places = json!({});
    for (code, stretches) in evidence.as_object().into_iter().flatten() {
        let stretches = stretches.as_array().into_iter().flatten().filter_map(Value::as_str);
        let spans: Vec<Span> =
            stretches.filter_map(|words| text.find(words).map(|at| Span::new(at, at + words.len()))).collect();
        let covered = |token: &Span| token.end > token.start && spans.iter().any(|span| span.overlaps(*token));
        places[code] = tokens.iter().enumerate().filter(|(_, token)| covered(token)).map(|(at, _)| at).collect();
    }
    places
}
