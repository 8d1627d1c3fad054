//! How well comments are found on the extraction benchmarks, in one table:
//! `cargo run --release --example quality -- FOLDER`.
//!
//! `FOLDER` holds `web_forum_52`, `platform_silver` and `comment_snippets`, each with `html/*.html.gz` and `gold.jsonl`,
//! beside the scorers `score.py` and `mask.py` (Python 3; the latter needs lxml). `platform_silver (masked)` is
//! what is found where only structure is left: class names and ids hashed, scripts and microdata removed.
//! With `--predictions DIR` the predictions stay there, one JSON object a page.

#![allow(clippy::print_stdout, reason = "a command prints its result")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use causerie::input::{Origin, decode};
use causerie::site;
use flate2::read::MultiGzDecoder;
use serde_json::{Value, json};

/// The most bytes of a page.
const MAX_PAGE: u64 = 64 << 20;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: quality FOLDER [--predictions DIR]";
    let folder = PathBuf::from(arguments.next().ok_or(usage)?);
    let kept = match arguments.next().as_deref() {
        Some("--predictions") => Some(PathBuf::from(arguments.next().ok_or(usage)?)),
        Some(_) => return Err(usage.into()),
        None => None,
    };
    let scratch = tempfile::tempdir()?;
    let predictions = kept.unwrap_or_else(|| scratch.path().to_owned());
    fs::create_dir_all(&predictions)?;

    let masked = scratch.path().join("masked");
    python(&[folder.join("mask.py").as_os_str(), masked.as_os_str()])?;
    let sets = [
        ("web_forum_52", "web_forum_52", folder.join("web_forum_52/html"), true),
        ("platform_silver", "platform_silver", folder.join("platform_silver/html"), true),
        ("platform_silver (masked)", "platform_silver", masked.join("platform_silver/html"), false),
        ("comment_snippets", "comment_snippets", folder.join("comment_snippets/html"), true),
    ];
    println!(
        "{:26}{:>9}{:>11}{:>8}{:>9}{:>9}{:>8}{:>8}",
        "", "token F1", "comment F1", "MAE", "parents", "authors", "dates", "votes"
    );
    for (title, gold, pages, addressed) in sets {
        let file = predictions.join(format!("{}.jsonl", title.replace([' ', '(', ')'], "")));
        fs::write(&file, predict(&pages, &folder.join(gold).join("gold.jsonl"), addressed)?)?;
        let figures = python(&[folder.join("score.py").as_os_str(), gold.as_ref(), file.as_os_str()])?;
        let figures: Value = serde_json::from_str(&figures)?;
        let figure = |name: &str| figures[name].as_f64().map_or_else(String::new, |figure| format!("{figure:.3}"));
        if gold == "comment_snippets" {
            println!(
                "{title:26}recall {}, precision {}, F1 {}, output on {} of {} pages without comments",
                figure("snippet_recall"),
                figure("snippet_precision"),
                figure("snippet_f1"),
                figures["none_pages_with_output"],
                figures["none_pages"]
            );
            continue;
        }
        println!(
            "{title:26}{:>9}{:>11}{:>8}{:>9}{:>9}{:>8}{:>8}",
            figure("token_f1"),
            figure("comment_f1"),
            figure("count_mae"),
            figure("parent_acc"),
            figure("author_acc"),
            figure("date_acc"),
            figure("votes_acc")
        );
    }
    Ok(())
}

/// What is found on the pages of a set, one JSON object a line as the scorer reads it.
fn predict(pages: &Path, gold: &Path, addressed: bool) -> Result<String, Box<dyn Error>> {
    let gold = fs::read_to_string(gold).map_err(|error| format!("{}: {error}", gold.display()))?;
    let mut addresses: BTreeMap<String, Option<String>> = BTreeMap::new();
    for line in gold.lines() {
        let page: Value = serde_json::from_str(line)?;
        let name = page["page"].as_str().unwrap_or_default().to_owned();
        addresses.insert(name, page["url"].as_str().filter(|url| !url.is_empty()).map(str::to_owned));
    }
    let mut lines = String::new();
    for (name, address) in addresses {
        let bytes = [".html.gz", ".gz"].iter().find_map(|end| fs::read(pages.join(format!("{name}{end}"))).ok());
        let packed = bytes.ok_or_else(|| format!("{}: no page {name}", pages.display()))?;
        let mut bytes = Vec::new();
        MultiGzDecoder::new(packed.as_slice()).read_to_end(&mut bytes)?;
        let origin = Origin { url: address.filter(|_| addressed), ..Origin::file(&name) };
        let comments = decode(bytes, origin, MAX_PAGE)
            .and_then(|page| site::read(&page))
            .map(|fragment| fragment.comments)
            .unwrap_or_default();
        let rows: Vec<Value> = comments
            .iter()
            .map(|comment| {
                json!({
                    "id": comment.id,
                    "parent_id": comment.reply_to,
                    "author": comment.author.as_ref().map(|author| &author.name),
                    "date": comment.posted_at.as_ref().map(|moment| &moment.iso),
                    "votes": comment.votes,
                    "text": comment.text,
                })
            })
            .collect();
        lines.push_str(&json!({ "page": name, "comments": rows }).to_string());
        lines.push('\n');
    }
    Ok(lines)
}

/// Runs a Python program and gives what it prints.
fn python(arguments: &[&std::ffi::OsStr]) -> Result<String, Box<dyn Error>> {
    let ran = Command::new("python3").args(arguments).output().map_err(|error| format!("python3: {error}"))?;
    if !ran.status.success() {
        return Err(format!("{arguments:?}: {}", String::from_utf8_lossy(&ran.stderr)).into());
    }
    Ok(String::from_utf8(ran.stdout)?)
}
