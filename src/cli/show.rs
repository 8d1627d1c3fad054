//! Threads in the terminal, to be read: comments in their tree, with their codes and the words these rest on.

use std::collections::HashMap;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use clap::Args;

use super::exit::{Exit, Stop, displayed, printable};
use super::provenance::Run;
use super::study::{Opened, StudyArgs};
use super::summary::{counts, plural, title};
use super::terminal;
use crate::model::{CodedThread, CommentState, Confidence, HandCoding, IRONY, Polarity, Span};

/// Levels that are indented; deeper ones stand under each other.
const DEEPEST: usize = 8;

/// Read a thread in the terminal: every comment in its tree, with sentiment, codes and the words these rest on.
///
/// Without --thread, and where there are several threads, these are listed.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  causerie show study/                                  the threads of a study
  causerie show study/ --thread td0cbbae36d5b | less -R
  causerie show study/ --code distrust                  comments that voice it, in all threads
  causerie show study/ --thread td0cbbae36d5b --hand sheet.xlsx    with what people said")]
pub(super) struct Show {
    #[command(flatten)]
    study: StudyArgs,

    /// The thread, by its thread_id.
    #[arg(long, value_name = "THREAD_ID")]
    thread: Option<String>,

    /// Only comments that carry this code, or this sentiment (negative, neutral, positive).
    #[arg(long, value_name = "CODE")]
    code: Option<String>,
}

impl Show {
    pub(super) fn run(&self, mut record: Run) -> Result<Exit, Stop> {
        let opened = self.study.read(&mut record, false)?;
        self.check_code(&opened)?;
        let threads: Vec<&CodedThread> = match &self.thread {
            Some(id) => opened.study.threads.iter().filter(|thread| thread.thread.id == *id).collect(),
            None => opened.study.threads.iter().collect(),
        };
        let mut out = String::new();
        match (&self.thread, threads.len()) {
            (Some(id), 0) => {
                return Err(Stop::usage(format!(
                    "no thread {id} in this study; `causerie show {}` lists those there are",
                    self.study.place().display()
                )));
            }
            (None, count) if count > 1 && self.code.is_none() => list(&mut out, &threads),
            _ => threads.iter().for_each(|thread| self.write(&mut out, &opened, thread)),
        }
        displayed(&out)
    }

    fn check_code(&self, opened: &Opened) -> Result<(), Stop> {
        let Some(code) = &self.code else { return Ok(()) };
        let mut known: Vec<&str> = opened.study.codes.iter().map(|known| known.name.as_str()).collect();
        known.extend([IRONY, "negative", "neutral", "positive"]);
        if known.contains(&code.as_str()) {
            return Ok(());
        }
        Err(Stop::usage(format!("--code {code}: no such code; there are {}", known.join(", "))))
    }

    /// The thread, or of it the comments asked for.
    fn write(&self, out: &mut String, opened: &Opened, thread: &CodedThread) {
        let (bold, dim) = (Style::new().bold(), Style::new().dimmed());
        let view = View::of(opened, thread);
        let order = thread.thread.reading_order();
        let wanted = |at: usize| self.code.as_deref().is_none_or(|code| view.carries(at, code));
        if !order.iter().any(|(at, _)| wanted(*at)) && self.thread.is_none() {
            return;
        }
        for line in textwrap::wrap(&title(&thread.thread), view.width) {
            let _ = writeln!(out, "{bold}{line}{bold:#}");
        }
        let _ = writeln!(
            out,
            "{dim}{} · {} · {}{dim:#}\n",
            printable(&thread.thread.id),
            printable(&thread.thread.site),
            counts(&thread.thread)
        );
        for (at, level) in order {
            if wanted(at) {
                view.write(out, at, if self.code.is_some() { 0 } else { level });
            }
        }
    }
}

/// The threads, a paragraph each.
fn list(out: &mut String, threads: &[&CodedThread]) {
    let (bold, dim) = (Style::new().bold(), Style::new().dimmed());
    for thread in threads {
        let _ = writeln!(out, "{bold}{}{bold:#}  {}", printable(&thread.thread.id), title(&thread.thread));
        let date = thread.thread.article.published_at.as_ref().map(|at| at.iso.chars().take(10).collect::<String>());
        let date = date.map(|date| format!("{date} · ")).unwrap_or_default();
        let _ =
            writeln!(out, "{dim}{:15}{date}{} · {}{dim:#}", "", printable(&thread.thread.site), counts(&thread.thread));
    }
    let _ = writeln!(out, "\n{}; read one with --thread", plural(threads.len() as u64, "thread"));
}

/// A thread as it is written.
struct View<'a> {
    opened: &'a Opened,
    thread: &'a CodedThread,
    /// What people said, by comment.
    people: HashMap<&'a str, Vec<&'a HandCoding>>,
    width: usize,
    plain: bool,
}

impl<'a> View<'a> {
    fn of(opened: &'a Opened, thread: &'a CodedThread) -> Self {
        let mut people: HashMap<&str, Vec<&HandCoding>> = HashMap::new();
        for said in opened.study.people.iter().filter(|said| said.key.thread_id == thread.thread.id) {
            people.entry(&said.key.comment_id).or_default().push(said);
        }
        Self { opened, thread, people, width: terminal::width(), plain: terminal::is_plain() }
    }

    fn carries(&self, at: usize, code: &str) -> bool {
        self.thread.comments[at].coded.as_ref().is_some_and(|coded| {
            coded.codings.iter().any(|coding| coding.code == code)
                || coded.polarity.as_ref().is_some_and(|found| found.polarity.as_str() == code)
                || (code == IRONY && coded.irony.as_ref().is_some_and(|(applies, _)| *applies))
        })
    }

    /// One comment: who and when, what, its codes.
    fn write(&self, out: &mut String, at: usize, level: usize) {
        let (comment, coded) = (&self.thread.thread.comments[at], &self.thread.comments[at].coded);
        let dim = Style::new().dimmed();
        let indent = format!("{dim}{}{dim:#}", "│ ".repeat(level.min(DEEPEST)));
        let author = comment.author.as_ref().map_or("", |author| author.name.as_str());
        let posted = comment.posted_at.as_ref().map(|at| at.iso.chars().take(16).collect::<String>().replace('T', " "));
        let deeper = if level > DEEPEST { format!("  level {level}") } else { String::new() };
        let state = if comment.state == CommentState::Visible { "" } else { comment.state.as_str() };
        let head = [printable(author), posted.unwrap_or_default(), state.to_owned()].join("  ");
        let _ = writeln!(out, "{indent}{}{dim}  {}{deeper}{dim:#}", bold(&comment.id), head.trim());
        let spans = coded.as_ref().map(|coded| {
            let irony = coded.irony.iter().filter(|(applies, _)| *applies).map(|(_, coding)| coding);
            coded
                .codings
                .iter()
                .chain(irony)
                .map(|coding| coding.evidence)
                .filter(|span| span.start < span.end)
                .collect()
        });
        let text = self.marked(&comment.text, spans.unwrap_or_default());
        let room = self.width.saturating_sub(2 * level.min(DEEPEST)).max(20);
        for paragraph in text.lines().filter(|line| !line.trim().is_empty()) {
            for line in textwrap::wrap(paragraph, room) {
                let _ = writeln!(out, "{indent}{line}");
            }
        }
        let said = self.said(at);
        if !said.is_empty() {
            let _ = writeln!(out, "{indent}{said}");
        }
        let _ = writeln!(out, "{indent}");
    }

    /// The text with the words of evidence marked, word by word, so that lines can be broken between them.
    fn marked(&self, text: &str, mut spans: Vec<Span>) -> String {
        spans.sort_unstable();
        let mark = Style::new().underline().fg_color(Some(AnsiColor::Yellow.into()));
        let (mut out, mut at) = (String::new(), 0);
        for span in spans {
            let span = Span::new(span.start.max(at), span.end.max(at));
            let words = span.of(text);
            if words.is_empty() {
                continue;
            }
            out.push_str(&line_by_line(text.get(at..span.start).unwrap_or_default()));
            if self.plain {
                let _ = write!(out, "[{}]", line_by_line(words));
            } else {
                for (place, word) in words.split(' ').enumerate() {
                    let _ = write!(out, "{}{mark}{}{mark:#}", if place > 0 { " " } else { "" }, line_by_line(word));
                }
            }
            at = span.end;
        }
        out.push_str(&line_by_line(text.get(at..).unwrap_or_default()));
        out
    }

    /// Sentiment and codes, and what people said.
    fn said(&self, at: usize) -> String {
        let mut parts = Vec::new();
        if let Some(coded) = &self.thread.comments[at].coded {
            if let Some(found) = &coded.polarity {
                let color = match found.polarity {
                    Polarity::Negative => AnsiColor::Red,
                    Polarity::Neutral => AnsiColor::White,
                    Polarity::Positive => AnsiColor::Green,
                };
                parts.push(tag(found.polarity.as_str(), found.confidence, color));
            }
            if let Some((true, coding)) = &coded.irony {
                parts.push(tag(IRONY, coding.confidence, AnsiColor::Magenta));
            }
            for coding in &coded.codings {
                let known = self.opened.study.codes.iter().find(|code| code.name == coding.code);
                let label = known.map_or(coding.code.as_str(), |code| code.label.as_str());
                parts.push(tag(label, coding.confidence, AnsiColor::Cyan));
            }
        }
        let of_this = self.people.get(self.thread.thread.comments[at].id.as_str()).into_iter().flatten();
        parts.extend(of_this.map(|said| {
            format!("{}: {} = {}", printable(&said.coder), printable(&said.question), printable(&said.value))
        }));
        parts.join(" · ")
    }
}

fn bold(words: &str) -> String {
    let style = Style::new().bold();
    format!("{style}{}{style:#}", printable(words))
}

fn tag(label: &str, confidence: Option<Confidence>, color: AnsiColor) -> String {
    let (style, dim) = (Style::new().fg_color(Some(color.into())), Style::new().dimmed());
    let sure = confidence.map(|sure| format!(" {dim}{:.0} %{dim:#}", sure.value * 100.0)).unwrap_or_default();
    format!("{style}{}{style:#}{sure}", printable(label))
}

/// As [`printable`], but for the line breaks.
fn line_by_line(text: &str) -> String {
    text.split('\n').map(printable).collect::<Vec<_>>().join("\n")
}
