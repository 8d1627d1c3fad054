//! The summary of `causerie diff`, and what its user should know of the tables compared.

use std::io;
use std::path::Path;

use anstyle::{AnsiColor, Style};

use super::exit::{Stop, displayed, printable};
use super::summary::{bar, plural};
use crate::model::{Change, ChangeKind, Seen};
use crate::study::{Comparison, Pair, SeenThread, Snapshot};

/// Threads listed by name; the rest is counted.
const LISTED_THREADS: usize = 8;
/// Changes shown of each kind.
const TELLING: usize = 3;
/// Characters shown of a comment.
const EXCERPT: usize = 160;
/// Characters shown before the first difference of an edit.
const BEFORE: usize = 60;

/// One of the two that are compared.
pub(super) struct Side<'a> {
    /// What the user named.
    pub(super) path: &'a Path,
    pub(super) snapshot: &'a Snapshot,
}

impl Side<'_> {
    fn name(&self) -> String {
        self.path.display().to_string()
    }
}

/// What to know before the changes are believed.
pub(super) fn remarks(comparison: &Comparison<'_>, old: &Side<'_>, new: &Side<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for (threads, has, lacks) in [(&comparison.only_old, old, new), (&comparison.only_new, new, old)] {
        lines.extend(only_in(threads, &has.name(), &lacks.name()));
    }
    for side in [old, new] {
        if !side.snapshot.tells_states {
            lines.push(format!("{} has no column `state`: what was deleted or hidden is not told", side.name()));
        }
        if !side.snapshot.tells_parents {
            lines.push(format!("{} has no column `reply_to`: what was moved is not told", side.name()));
        }
    }
    let authors = comparison.authors;
    if authors.compared > 0 && authors.differing == authors.compared {
        lines.push(
            "no comment has the same author in both: one key (--author-key) and one --authors for both runs would let you \
             follow people; authors are no part of the changes"
                .to_owned(),
        );
    } else if authors.differing > 0 {
        lines.push(format!(
            "another author than before: {} of {}, such as accounts renamed or closed; authors are no part of the changes",
            plural(authors.differing, "comment"),
            authors.compared
        ));
    }
    let threads = |holds: fn(&Pair<'_>) -> bool| comparison.pairs.iter().filter(|pair| holds(pair)).count() as u64;
    let by_words = threads(|pair| pair.by_words);
    if by_words > 0 {
        lines.push(format!(
            "{} by place, not by ids of the site: matched by writer, time and words instead",
            if by_words == 1 {
                "1 thread numbers its comments".to_owned()
            } else {
                format!("{by_words} threads number their comments")
            }
        ));
    }
    for (kind, side, other) in [(ChangeKind::Missing, new, "gone"), (ChangeKind::Found, old, "added")] {
        let has_one =
            |pair: &&Pair<'_>| comparison.changes[pair.changes.clone()].iter().any(|change| change.kind == kind);
        let incomplete = comparison.pairs.iter().filter(has_one).count() as u64;
        if incomplete > 0 {
            lines.push(format!(
                "incomplete in {}: {}; what only the other one has is called `{}`, not `{other}`",
                side.name(),
                plural(incomplete, "thread"),
                kind.as_str()
            ));
        }
    }
    let backwards = threads(|pair| pair.backwards);
    if backwards > 0 {
        lines.push(format!(
            "{} fetched later in {} than in {}: are the two in the right order?",
            if backwards == 1 { "1 thread was".to_owned() } else { format!("{backwards} threads were") },
            old.name(),
            new.name()
        ));
    }
    lines
}

fn only_in(threads: &[&SeenThread], has: &str, lacks: &str) -> Option<String> {
    let comments: usize = threads.iter().map(|thread| thread.comments.len()).sum();
    let mut names: Vec<String> = threads.iter().take(3).map(|thread| title(thread)).collect();
    if threads.len() > names.len() {
        names.push("…".to_owned());
    }
    let (count, comments) = (plural(threads.len() as u64, "thread"), plural(comments as u64, "comment"));
    (!threads.is_empty())
        .then(|| format!("only in {has}: {count} with {comments}, not compared with {lacks}: {}", names.join(", ")))
}

/// What was done, for standard error beside a table.
pub(super) fn closing_line(comparison: &Comparison<'_>, written: Option<&Path>) -> String {
    let kinds = counts(&comparison.changes);
    let to = written.map(|path| format!(" → {}", path.display())).unwrap_or_default();
    let kinds = if kinds.is_empty() { kinds } else { format!(": {kinds}") };
    format!(
        "{} in {} compared{kinds}{to}",
        plural(comparison.changes.len() as u64, "change"),
        plural(comparison.pairs.len() as u64, "thread")
    )
}

/// Prints the summary to standard output; a closed pipe is no error.
pub(super) fn print(comparison: &Comparison<'_>, remarks: &[String]) -> Result<(), Stop> {
    let mut out = Vec::new();
    write(&mut out, comparison, remarks)
        .map_err(|error| Stop::output(format!("the summary could not be made: {error}")))?;
    displayed(&String::from_utf8_lossy(&out)).map(|_| ())
}

fn write(out: &mut impl io::Write, comparison: &Comparison<'_>, remarks: &[String]) -> io::Result<()> {
    let width = terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0)).clamp(40, 110);
    let bold = Style::new().bold();
    let dim = Style::new().dimmed();
    // Threads that are in one of the two only are told apart from these.
    let was: u64 = comparison.pairs.iter().map(|pair| pair.old.comments.len() as u64).sum();
    let is: u64 = comparison.pairs.iter().map(|pair| pair.new.comments.len() as u64).sum();
    writeln!(
        out,
        "{} in both, {}, then {is}",
        plural(comparison.pairs.len() as u64, "thread"),
        plural(was, "comment")
    )?;
    for line in remarks {
        writeln!(out, "{dim}{}{dim:#}", textwrap::fill(&printable(line), width))?;
    }
    let all = comparison.changes.len() as u64;
    // An answer to a question that was not put would be a lie.
    if comparison.pairs.is_empty() && comparison.only_old.len() + comparison.only_new.len() > 0 {
        return writeln!(
            out,
            "\n{bold}Nothing to compare{bold:#}: no thread is in both; a thread is known by its article's address"
        );
    }
    if all == 0 {
        return writeln!(out, "\n{bold}No changes{bold:#}");
    }
    writeln!(out, "\n{bold}Changes{bold:#} {dim}(a comment can have several){dim:#}")?;
    for kind in ChangeKind::ALL {
        let count = comparison.count(kind);
        if count > 0 {
            bar(out, kind.as_str(), count, all, width, color(kind))?;
        }
    }
    let mut changed: Vec<&Pair<'_>> = comparison.pairs.iter().filter(|pair| !pair.changes.is_empty()).collect();
    changed.sort_by_key(|pair| std::cmp::Reverse(pair.changes.len()));
    writeln!(out, "\n{bold}Threads{bold:#} {dim}(those with most changes first){dim:#}")?;
    for pair in changed.iter().take(LISTED_THREADS) {
        for line in textwrap::wrap(&title(pair.new), width) {
            writeln!(out, "{line}")?;
        }
        let line = format!("{} · {}", span(pair), counts(&comparison.changes[pair.changes.clone()]));
        let options = textwrap::Options::new(width).initial_indent("  ").subsequent_indent("  ");
        writeln!(out, "{dim}{}{dim:#}", textwrap::fill(&line, options))?;
    }
    if changed.len() > LISTED_THREADS {
        writeln!(out, "{dim}… and {} more with changes{dim:#}", changed.len() - LISTED_THREADS)?;
    }
    for kind in ChangeKind::ALL {
        let telling: Vec<&Change<'_>> =
            comparison.changes.iter().filter(|change| change.kind == kind).take(TELLING).collect();
        if !telling.is_empty() {
            writeln!(out, "\n{bold}{}{bold:#}", kind.as_str())?;
        }
        for change in telling {
            tell(out, change, width)?;
        }
    }
    Ok(())
}

fn color(kind: ChangeKind) -> AnsiColor {
    match kind {
        ChangeKind::Added | ChangeKind::Restored | ChangeKind::Approved => AnsiColor::Green,
        ChangeKind::Edited | ChangeKind::Moved | ChangeKind::Held => AnsiColor::Yellow,
        ChangeKind::Deleted | ChangeKind::Hidden | ChangeKind::Gone => AnsiColor::Red,
        ChangeKind::Found | ChangeKind::Missing => AnsiColor::White,
    }
}

/// A change as a reader would tell it: the words before and after.
fn tell(out: &mut impl io::Write, change: &Change<'_>, width: usize) -> io::Result<()> {
    let said = |seen: Option<&Seen>| seen.map_or_else(String::new, |seen| printable(&seen.text));
    let (was, is) = (said(change.old), said(change.new));
    let lines = match change.kind {
        ChangeKind::Edited => {
            let same = was.chars().zip(is.chars()).take_while(|(old, new)| old == new).count();
            vec![excerpt(&was, same), format!("→ {}", excerpt(&is, same))]
        }
        ChangeKind::Moved => {
            let parent = |seen: Option<&Seen>| {
                seen.and_then(|seen| seen.reply_to.as_deref()).map_or_else(|| "the article".to_owned(), printable)
            };
            vec![excerpt(&is, 0), format!("answered {}, now {}", parent(change.old), parent(change.new))]
        }
        // What was taken away is told by what was there.
        _ => vec![excerpt(if is.trim().is_empty() || change.new.is_none() { &was } else { &is }, 0)],
    };
    let dim = Style::new().dimmed();
    for (at, line) in lines.iter().enumerate() {
        let first = if at == 0 { "  • " } else { "    " };
        let options = textwrap::Options::new(width).initial_indent(first).subsequent_indent("    ");
        writeln!(out, "{}", textwrap::fill(line, options))?;
    }
    let id = change.latest().map_or("", |seen| &seen.id);
    writeln!(out, "    {dim}{} {}{dim:#}", printable(change.thread), printable(id))
}

/// As much of a text as is shown, from a little before the character `at`.
fn excerpt(text: &str, at: usize) -> String {
    if text.trim().is_empty() {
        return "(no words)".to_owned();
    }
    let skipped = at.saturating_sub(BEFORE);
    let shown: String = text.chars().skip(skipped).take(EXCERPT).collect();
    let before = if skipped > 0 { "…" } else { "" };
    let after = if text.chars().count() > skipped + EXCERPT { "…" } else { "" };
    format!("{before}{shown}{after}")
}

/// `2 added, 1 edited`.
fn counts(changes: &[Change<'_>]) -> String {
    let count = |kind: ChangeKind| changes.iter().filter(|change| change.kind == kind).count();
    let kinds = ChangeKind::ALL.into_iter().map(|kind| (kind, count(kind))).filter(|(_, count)| *count > 0);
    kinds.map(|(kind, count)| format!("{count} {}", kind.as_str())).collect::<Vec<_>>().join(", ")
}

/// When the two were fetched and how many comments they have.
fn span(pair: &Pair<'_>) -> String {
    let date = |thread: &SeenThread| thread.fetched_at.as_deref().map(|at| at.chars().take(10).collect::<String>());
    let dates = match (date(pair.old), date(pair.new)) {
        (None, None) => String::new(),
        (old, new) => {
            let known = |date: Option<String>| date.map_or_else(|| "?".to_owned(), |date| printable(&date));
            format!("{} → {} · ", known(old), known(new))
        }
    };
    let comments = plural(pair.old.comments.len() as u64, "comment");
    format!("{dates}{comments}, then {}", pair.new.comments.len())
}

fn title(thread: &SeenThread) -> String {
    printable(thread.title.as_deref().unwrap_or(&thread.id))
}
