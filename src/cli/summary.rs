//! The summary in the terminal: what was found, in a screenful.

use std::fmt::Write as _;
use std::io;
use std::path::PathBuf;

use anstyle::{AnsiColor, Style};

use super::exit::{Stop, displayed, printable};
use super::terminal;
use crate::codebook::Codebook;
use crate::model::{CodedThread, Completeness, Polarity, Span, Thread};
use crate::site;

/// Threads listed by name; the rest is counted.
const LISTED_THREADS: usize = 8;
/// Comments shown for each code.
const TELLING: usize = 3;
/// Characters of a comment shown around its evidence.
const EXCERPT: usize = 220;

/// Counts gathered while threads pass by.
#[derive(Debug)]
pub(super) struct Summary {
    listed: Vec<ListedThread>,
    threads: u64,
    comments: u64,
    partial: Vec<String>,
    partial_count: u64,
    /// Pages that show no comment and state none.
    silent: Vec<String>,
    silent_count: u64,
    notes: Vec<String>,
    polarity: [u64; 3],
    codes: Vec<CodeCount>,
    /// Whether it is of a table: what no page was read for, no browser would show.
    of_table: bool,
}

#[derive(Debug)]
struct ListedThread {
    title: String,
    date: Option<String>,
    site: String,
    counts: String,
}

#[derive(Debug)]
struct CodeCount {
    name: String,
    label: String,
    comments: u64,
    /// Comments of which it was decided.
    decided: u64,
    telling: Vec<Telling>,
}

/// A comment that shows what a code looks like.
#[derive(Debug, Clone)]
struct Telling {
    rank: (i64, usize),
    place: String,
    before: String,
    evidence: String,
    after: String,
}

/// What the closing lines say beside the counts.
#[derive(Debug)]
pub(super) struct Closing {
    /// Pages read; none where a table was.
    pub(super) pages: Option<u64>,
    pub(super) ignored: usize,
    pub(super) written: Option<Vec<PathBuf>>,
}

impl Summary {
    pub(super) fn new(book: &Codebook) -> Self {
        let codes = book
            .codes
            .iter()
            .map(|code| CodeCount {
                name: code.name.clone(),
                label: code.label.clone(),
                comments: 0,
                decided: 0,
                telling: Vec::new(),
            })
            .collect();
        Self {
            listed: Vec::new(),
            threads: 0,
            comments: 0,
            partial: Vec::new(),
            partial_count: 0,
            silent: Vec::new(),
            silent_count: 0,
            notes: Vec::new(),
            polarity: [0; 3],
            codes,
            of_table: false,
        }
    }

    /// One of comments that stood in a table.
    pub(super) fn of_table(book: &Codebook) -> Self {
        Self { of_table: true, ..Self::new(book) }
    }

    pub(super) fn threads(&self) -> u64 {
        self.threads
    }

    pub(super) fn comments(&self) -> u64 {
        self.comments
    }

    pub(super) fn add(&mut self, threads: &[CodedThread]) {
        for coded in threads {
            let thread = &coded.thread;
            self.threads += 1;
            self.comments += thread.parsed_count();
            if self.listed.len() < LISTED_THREADS {
                self.listed.push(ListedThread {
                    title: title(thread),
                    date: thread.article.published_at.as_ref().map(|at| at.iso.chars().take(10).collect()),
                    site: thread.site.clone(),
                    counts: counts(thread),
                });
            }
            if thread.completeness() == Completeness::Partial {
                self.partial_count += 1;
                if self.partial.len() < 3 {
                    self.partial.push(format!("{}: {}", title(thread), counts(thread)));
                }
            }
            // Where the page names the system that loads them, an error has said so.
            let named = thread.notes.iter().any(|note| site::explains_no_comments(note));
            if thread.comments.is_empty() && thread.stated_count.is_none() && !named {
                self.silent_count += 1;
                if self.silent.len() < 3 {
                    self.silent.push(thread.sources.first().map_or_else(|| title(thread), |source| printable(source)));
                }
            }
            for note in &thread.notes {
                if self.notes.len() < 3 {
                    self.notes.push(format!("{}: {}", title(thread), printable(note)));
                }
            }
            self.add_codes(coded);
        }
    }

    fn add_codes(&mut self, coded: &CodedThread) {
        for (comment, unit) in coded.thread.comments.iter().zip(&coded.comments) {
            let Some(said) = &unit.coded else { continue };
            if let Some(coding) = &said.polarity {
                self.polarity[coding.polarity as usize] += 1;
            }
            for count in self.codes.iter_mut().filter(|count| !said.undecided.contains(&count.name)) {
                count.decided += 1;
            }
            for coding in &said.codings {
                let Some(count) = self.codes.iter_mut().find(|count| count.name == coding.code) else { continue };
                count.comments += 1;
                let length = comment.text.chars().count();
                // The surest come first, of equally sure ones those that read best in a terminal.
                let rank = (-(coding.confidence.map_or(0.0, |sure| sure.value) * 100.0) as i64, length.abs_diff(140));
                if count.telling.len() == TELLING && count.telling.last().is_some_and(|last| last.rank <= rank) {
                    continue;
                }
                let (before, evidence, after) = excerpt(&comment.text, coding.evidence);
                let place = format!("{} {}", coded.thread.id, comment.id);
                count.telling.push(Telling { rank, place, before, evidence, after });
                count.telling.sort_by_key(|telling| telling.rank);
                count.telling.truncate(TELLING);
            }
        }
    }

    /// What was done, for standard error beside a table.
    pub(super) fn closing_lines(&self, closing: &Closing) -> Vec<String> {
        let mut lines = Vec::new();
        let written = closing.written.iter().flatten().map(|path| path.display().to_string()).collect::<Vec<_>>();
        let mut line = format!("{} in {}", plural(self.comments, "comment"), plural(self.threads, "thread"));
        if let Some(pages) = closing.pages {
            let _ = write!(line, " from {}", plural(pages, "page"));
        }
        if !written.is_empty() {
            let _ = write!(line, " → {}", written.join(", "));
        }
        lines.push(line);
        if closing.ignored > 0 {
            lines.push(format!("{} passed over: parts of pages, tables", plural(closing.ignored as u64, "file")));
        }
        if self.partial_count > 0 {
            lines.push(format!("fewer comments than stated in {}:", plural(self.partial_count, "thread")));
            lines.extend(self.partial.iter().map(|thread| format!("  {thread}")));
            let more = self.partial_count - self.partial.len() as u64;
            if more > 0 {
                lines.push(format!("  … and {more} more"));
            }
        }
        lines.extend(self.silent_line());
        lines.extend(self.notes.iter().map(|note| format!("note: {note}")));
        lines
    }

    /// A page without comments may be one whose comments a script would have loaded.
    fn silent_line(&self) -> Option<String> {
        (self.silent_count > 0).then(|| {
            let more = if self.silent_count > self.silent.len() as u64 { " …" } else { "" };
            let threads = format!("{}: {}{more}", plural(self.silent_count, "thread"), self.silent.join(", "));
            if self.of_table {
                return format!("no comments in {threads}");
            }
            format!(
                "no comments found and none stated in {threads}; if readers see comments there, a script loads them: save \
                 the page in the browser after they have appeared"
            )
        })
    }

    /// Prints the summary to standard output; a closed pipe is no error.
    pub(super) fn print(&self) -> Result<(), Stop> {
        let mut out = Vec::new();
        self.write(&mut out).map_err(Stop::output)?;
        displayed(&String::from_utf8_lossy(&out)).map(|_| ())
    }

    fn write(&self, out: &mut impl io::Write) -> io::Result<()> {
        let width = terminal::width();
        let bold = Style::new().bold();
        let dim = Style::new().dimmed();
        for thread in &self.listed {
            for line in textwrap::wrap(&thread.title, width) {
                writeln!(out, "{bold}{line}{bold:#}")?;
            }
            let date = thread.date.as_deref().map(|date| format!("{date} · ")).unwrap_or_default();
            writeln!(out, "{dim}{date}{} · {}{dim:#}", thread.site, thread.counts)?;
        }
        if self.threads > self.listed.len() as u64 {
            writeln!(out, "{dim}… and {} more threads{dim:#}", self.threads - self.listed.len() as u64)?;
        }
        if self.threads > 1 {
            writeln!(out, "\n{} in {} threads", plural(self.comments, "comment"), self.threads)?;
        }
        if let Some(line) = self.silent_line() {
            writeln!(out, "{dim}{}{dim:#}", textwrap::fill(&line, width))?;
        }
        for note in &self.notes {
            writeln!(out, "{dim}{}{dim:#}", textwrap::fill(&format!("note: {note}"), width))?;
        }
        let coded: u64 = self.polarity.iter().sum();
        if coded > 0 {
            writeln!(
                out,
                "\n{bold}Sentiment{bold:#} {dim}(column polarity, {coded} of {} comments){dim:#}",
                self.comments
            )?;
            let colors = [AnsiColor::Red, AnsiColor::White, AnsiColor::Green];
            for polarity in [Polarity::Negative, Polarity::Neutral, Polarity::Positive] {
                let at = polarity as usize;
                bar(out, polarity.as_str(), self.polarity[at], coded, width, colors[at])?;
            }
        }
        if !self.codes.is_empty() && self.comments > 0 {
            writeln!(out, "\n{bold}Themes{bold:#} {dim}(a comment can voice several){dim:#}")?;
            for code in &self.codes {
                if code.decided > 0 {
                    bar(out, &code.label, code.comments, code.decided, width, AnsiColor::Cyan)?;
                } else {
                    writeln!(out, "{} {dim}decided of no comment{dim:#}", code.label)?;
                }
            }
            for code in self.codes.iter().filter(|code| !code.telling.is_empty()) {
                writeln!(out, "\n{bold}{}{bold:#}", code.label)?;
                for telling in &code.telling {
                    telling.write(out, width)?;
                }
            }
        }
        Ok(())
    }
}

impl Telling {
    fn write(&self, out: &mut impl io::Write, width: usize) -> io::Result<()> {
        let plain = terminal::is_plain();
        let mark = Style::new().bold().underline().fg_color(Some(AnsiColor::Yellow.into()));
        let evidence = if plain { format!("[{}]", self.evidence) } else { format!("{mark}{}{mark:#}", self.evidence) };
        let text = format!("{}{evidence}{}", self.before, self.after);
        let options = textwrap::Options::new(width).initial_indent("  • ").subsequent_indent("    ");
        writeln!(out, "{}", textwrap::fill(&text, options))?;
        let dim = Style::new().dimmed();
        writeln!(out, "    {dim}{}{dim:#}", self.place)
    }
}

pub(super) fn title(thread: &Thread) -> String {
    let article = &thread.article;
    let title = article.title.as_deref().or(article.url.as_deref()).or(thread.sources.first().map(String::as_str));
    printable(title.unwrap_or("?"))
}

pub(super) fn counts(thread: &Thread) -> String {
    match thread.stated_count {
        Some(stated) => format!("{stated} stated, {} parsed", thread.parsed_count()),
        None => format!("{}, none stated", plural(thread.parsed_count(), "comment")),
    }
}

pub(super) fn plural(count: u64, noun: &str) -> String {
    let ending = match count {
        1 => "",
        _ if noun.ends_with('s') => "es",
        _ => "s",
    };
    format!("{count} {noun}{ending}")
}

/// One line: label, bar, share, count.
pub(super) fn bar(
    out: &mut impl io::Write,
    label: &str,
    count: u64,
    of: u64,
    width: usize,
    color: AnsiColor,
) -> io::Result<()> {
    const LABEL: usize = 26;
    const FIGURES: usize = 14;
    let room = width.saturating_sub(LABEL + FIGURES + 2).min(50);
    let share = count as f64 / of as f64;
    let filled = terminal::filled(share, room, terminal::has_unicode());
    let pad = room.saturating_sub(filled.chars().count());
    let style = Style::new().fg_color(Some(color.into()));
    let label: String = label.chars().take(LABEL).collect();
    writeln!(out, "{label:LABEL$} {style}{filled}{style:#}{:pad$} {:>5.1} % {count:>5}", "", share * 100.0)
}

/// The words of the evidence and as much around them as fits, on one line.
fn excerpt(text: &str, evidence: Span) -> (String, String, String) {
    let flat = printable;
    let words = flat(evidence.of(text)).chars().take(EXCERPT).collect::<String>();
    let room = EXCERPT.saturating_sub(words.chars().count());
    let before = flat(text.get(..evidence.start).unwrap_or(""));
    let after = flat(text.get(evidence.end..).unwrap_or(""));
    let tail = before.chars().count().saturating_sub(room / 2);
    let shown_before = if tail == 0 {
        before.trim_start().to_owned()
    } else {
        format!("…{}", before.chars().skip(tail).collect::<String>())
    };
    let room_after = EXCERPT.saturating_sub(shown_before.chars().count() + words.chars().count());
    let shown_after = if after.chars().count() <= room_after {
        after.trim_end().to_owned()
    } else {
        format!("{}…", after.chars().take(room_after).collect::<String>())
    };
    (shown_before, words, shown_after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_keeps_the_evidence_whole() {
        let text = format!("{} aucune\n\nconfiance {}", "é".repeat(400), "ü".repeat(400));
        let start = text.find("aucune").unwrap();
        let span = Span::new(start, start + "aucune\n\nconfiance".len());
        let (before, evidence, after) = excerpt(&text, span);
        assert_eq!(evidence, "aucune confiance");
        assert!(before.starts_with('…') && after.ends_with('…'));
        assert!((before + &evidence + &after).chars().count() <= EXCERPT + 2);
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        let (before, evidence, after) = excerpt("a\u{1b}[31m b \u{202e}c", Span::new(0, 1));
        assert_eq!((before + &evidence + &after).as_str(), "a[31m b c");
    }
}
