use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::exit::{Exit, Stop, printed, remark};
use super::summary::plural;
use crate::codebook::{Code, Codebook, Doubt, Language, Pattern, Status};
use crate::coding::{Rules, code_thread};
use crate::export::exchange::codebook_of;
use crate::model::{Comment, Thread};

/// A codebook to begin with.
const TEMPLATE: &str = include_str!("../../data/codebooks/template.toml");
/// Fewer examples than this say little of a code that has only examples.
const EXAMPLES: usize = 5;

/// Check, begin or read a codebook.
#[derive(Debug, Args)]
#[command(
    name = "codebook",
    after_help = "\
Examples:
  causerie codebook init > mine.toml      a codebook to fill in
  causerie codebook import dictionary.yml > mine.toml     from quanteda
  causerie codebook check mine.toml       faults, and what the patterns make of the examples
  causerie codebook show mine.toml        for people to read; without a file, the built-in one"
)]
pub(super) struct CodebookCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Say what is wrong with a codebook, and where its patterns miss its own examples.
    Check {
        /// The codebook.
        file: PathBuf,
    },
    /// Print a codebook to fill in.
    Init,
    /// Print a codebook made of a quanteda dictionary (YAML): its keys as codes, its words as patterns.
    Import {
        /// The dictionary.
        file: PathBuf,
    },
    /// Print a codebook for people to read, in Markdown.
    Show {
        /// The codebook [default: the built-in one].
        file: Option<PathBuf>,
    },
}

impl CodebookCommand {
    pub(super) fn run(&self) -> Result<Exit, Stop> {
        match &self.what {
            What::Check { file } => check(file),
            What::Init => printed(TEMPLATE),
            What::Import { file } => import(file),
            What::Show { file } => {
                let book =
                    file.as_deref().map_or_else(|| Ok(Codebook::builtin()), Codebook::load).map_err(Stop::usage)?;
                printed(&shown(&book))
            }
        }
    }
}

fn import(file: &Path) -> Result<Exit, Stop> {
    let known =
        |error: std::io::Error| Stop::usage(format!("{} cannot be opened: {error}; check the path", file.display()));
    let yaml = String::from_utf8(std::fs::read(file).map_err(known)?)
        .map_err(|_| Stop::usage(format!("{} is not in UTF-8; save it so", file.display())))?;
    let name = file.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    let made = codebook_of(&file.display().to_string(), &name, &yaml).map_err(Stop::usage)?;
    printed(&made.toml)?;
    for line in &made.remarks {
        remark(line);
    }
    Ok(Exit::Done)
}

fn check(file: &Path) -> Result<Exit, Stop> {
    let book = Codebook::load(file).map_err(Stop::usage)?;
    let mut doubts = Vec::new();
    if book.codes.iter().all(|code| code.status == Status::Retired) {
        doubts.push("no code is in use: all are retired, so nothing but the sentiment is coded".to_owned());
    }
    for code in book.codes.iter().filter(|code| code.status != Status::Retired) {
        let doubted = |pattern: &Pattern| Some(doubt(&code.name, &pattern.source, pattern.doubt()?));
        doubts.extend(code.patterns.iter().filter_map(doubted));
        let (positive, negative) = (&code.examples.positive, &code.examples.negative);
        if code.patterns.is_empty() {
            if positive.len() < EXAMPLES || negative.is_empty() {
                doubts.push(format!(
                    "{}: has no patterns, so comments are compared with its examples; give at least {EXAMPLES} that carry it \
                     and some that do not",
                    code.name
                ));
            }
            continue;
        }
        let carries = carriers(&book, &code.name, positive.iter().chain(negative));
        for (at, text) in positive.iter().enumerate().filter(|(at, _)| !carries.contains(at)) {
            doubts.push(format!("{}: its patterns miss its example {}, “{text}”", code.name, at + 1));
        }
        for (at, text) in negative.iter().enumerate().filter(|(at, _)| carries.contains(&(at + positive.len()))) {
            doubts.push(format!("{}: its patterns find it in its counter-example {}, “{text}”", code.name, at + 1));
        }
    }
    let patterns: usize = book.codes.iter().map(|code| code.patterns.len()).sum();
    let (codes, patterns) = (plural(book.codes.len() as u64, "code"), plural(patterns as u64, "pattern"));
    printed(&format!("{}: {codes}, {patterns}, no fault\n", file.display()))?;
    for doubt in &doubts {
        remark(doubt);
    }
    Ok(Exit::Done)
}

/// Why a pattern will hardly find what it is to find, and what to do.
fn doubt(code: &str, pattern: &str, doubt: Doubt) -> String {
    let why = match doubt {
        Doubt::Regular => "looks like a regular expression; here a pattern is of words, see docs/codebooks.md",
        Doubt::Unspaced => {
            "is of a language without blanks between words: patterns compare whole words, so it is not found inside a sentence; \
             give examples instead (--coder encoder)"
        }
    };
    format!("{code}: the pattern \"{pattern}\" {why}")
}

/// Places of the texts that the patterns give the code.
fn carriers<'a>(book: &Codebook, code: &str, texts: impl Iterator<Item = &'a String>) -> HashSet<usize> {
    let comment =
        |(at, text): (usize, &String)| Comment { id: at.to_string(), text: text.clone(), ..Comment::default() };
    // Each alone: an example is no context for the next.
    let found = |comment: Comment| {
        let coded = code_thread(&Rules::new(book.clone()), Thread { comments: vec![comment], ..Thread::default() });
        coded.comments[0].coded.as_ref().is_some_and(|said| said.codings.iter().any(|coding| coding.code == code))
    };
    texts.enumerate().map(comment).enumerate().filter_map(|(at, comment)| found(comment).then_some(at)).collect()
}

fn shown(book: &Codebook) -> String {
    let mut out = format!("# {}, version {}\n", book.name, book.version);
    for code in &book.codes {
        let _ = writeln!(out, "\n## {} (`{}`)\n\n{}", code.label, code.name, code.definition);
        facts(&mut out, code);
        for (title, entries) in [
            ("Counts", &code.include),
            ("Does not count", &code.exclude),
            ("Carries it", &code.examples.positive),
            ("Does not carry it", &code.examples.negative),
        ] {
            if !entries.is_empty() {
                let _ = writeln!(out, "\n{title}:\n");
                for entry in entries {
                    let _ = writeln!(out, "- {entry}");
                }
            }
        }
    }
    out
}

/// Status, version, parent, and how a code is found.
fn facts(out: &mut String, code: &Code) {
    let mut languages: Vec<&str> = Vec::new();
    for pattern in &code.patterns {
        let name = match &pattern.language {
            Language::Any => "any language",
            Language::Named(name) => name,
        };
        if !languages.contains(&name) {
            languages.push(name);
        }
    }
    let mut facts = vec![format!("Status: {}", code.status.as_str())];
    facts.extend(code.version.iter().map(|version| format!("version {version}")));
    facts.extend(code.parent.iter().map(|parent| format!("part of `{parent}`")));
    facts.push(if languages.is_empty() {
        "found by likeness to its examples".to_owned()
    } else {
        format!("{} ({})", plural(code.patterns.len() as u64, "pattern"), languages.join(", "))
    });
    let _ = writeln!(out, "\n{}.", facts.join("; "));
}
