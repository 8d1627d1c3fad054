//! Text as it grows: gaps between pieces, and spans that stay right when blanks are taken back.

use crate::model::Span;

const PARAGRAPHS: &[&str] =
    &["p", "blockquote", "ul", "ol", "dl", "pre", "table", "h1", "h2", "h3", "h4", "h5", "h6", "figure", "details"];
const LINES: &[&str] = &[
    "div",
    "li",
    "dt",
    "dd",
    "tr",
    "section",
    "article",
    "aside",
    "header",
    "footer",
    "address",
    "summary",
    "figcaption",
    "center",
    "caption",
    "main",
    "nav",
    "fieldset",
    "menu",
];

/// Whether an element is set apart by an empty line.
pub(super) fn is_paragraph(name: &str) -> bool {
    PARAGRAPHS.contains(&name)
}

/// Whether an element stands on lines of its own.
pub(super) fn is_line(name: &str) -> bool {
    LINES.contains(&name)
}

/// Whether an element's words do not touch those before and after it.
pub(super) fn is_apart(name: &str) -> bool {
    matches!(name, "br" | "td" | "th" | "hr") || is_line(name) || is_paragraph(name)
}

/// Whether `c` is a mark for typesetting that no reader sees: the soft hyphen, the byte order mark. Zero-width blanks stay:
/// writers set them to keep words from being found, which those who study the text may want to know.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{feff}')
}

/// White space as HTML collapses it; a no-break space is none.
fn is_collapsible(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}')
}

/// Longest signature, in bytes and lines; what is longer is text.
const MAX_SIGNATURE: (usize, usize) = (600, 8);

/// What separates the next piece of text from what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
enum Gap {
    #[default]
    None,
    Space,
    Cell,
    Line,
    Paragraph,
}

/// Where a span begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// With the next text, the number of its list item included.
    Next,
    /// With the next text behind such a number.
    BehindMarker,
}

#[derive(Debug, Clone, Copy)]
struct Mark {
    start: Option<usize>,
    end: Option<usize>,
}

#[derive(Debug, Default)]
pub(super) struct Writer {
    text: String,
    gap: Gap,
    /// `<br>`s since the last text.
    breaks: usize,
    /// The number of a list's item, written with its first text.
    marker: Option<String>,
    marks: Vec<Mark>,
    /// Marks that begin with the next text.
    waiting: Vec<(usize, Start)>,
    /// Marks that have begun and not ended: one quote and one link at most.
    open: Vec<usize>,
    /// Marks that ended, in order: of those at the text's end the end moves when blanks there are taken back.
    ended: Vec<usize>,
    /// Where a signature's delimiter stands.
    signature: Option<usize>,
}

impl Writer {
    /// What is written so far, gaps at its end not counted.
    pub(super) fn written(&self) -> &str {
        &self.text
    }

    /// Whether the next text begins a line.
    pub(super) fn at_line_start(&self) -> bool {
        self.text.is_empty() || self.gap >= Gap::Line
    }

    /// Adds text, its white space collapsed.
    pub(super) fn text(&mut self, text: &str) {
        let mut rest = text;
        while !rest.is_empty() {
            let word_end = rest.find(is_collapsible).unwrap_or(rest.len());
            if word_end > 0 {
                self.word(&rest[..word_end]);
            }
            rest = &rest[word_end..];
            let space_end = rest.find(|c| !is_collapsible(c)).unwrap_or(rest.len());
            if space_end > 0 {
                self.gap = self.gap.max(Gap::Space);
            }
            rest = &rest[space_end..];
        }
    }

    fn word(&mut self, word: &str) {
        // A line of nothing but no-break spaces is an empty line.
        let is_blank = word.chars().all(|c| c == '\u{a0}' || is_invisible(c));
        if is_blank && (self.at_line_start() || !word.contains('\u{a0}')) {
            return;
        }
        self.flush();
        self.push(word);
    }

    fn push(&mut self, text: &str) {
        if text.contains(is_invisible) {
            self.text.extend(text.chars().filter(|c| !is_invisible(*c)));
        } else {
            self.text.push_str(text);
        }
    }

    /// Adds text as it stands.
    pub(super) fn verbatim(&mut self, text: &str) {
        let text = text.strip_prefix('\n').filter(|_| self.gap == Gap::Paragraph).unwrap_or(text);
        if !text.is_empty() {
            self.flush();
            self.push(text);
        }
    }

    pub(super) fn line_break(&mut self) {
        self.breaks += 1;
        self.gap = self.gap.max(Gap::Line);
    }

    pub(super) fn line(&mut self) {
        self.gap = self.gap.max(Gap::Line);
    }

    pub(super) fn paragraph(&mut self) {
        self.gap = Gap::Paragraph;
    }

    pub(super) fn cell(&mut self) {
        self.gap = self.gap.max(Gap::Cell);
    }

    pub(super) fn marker(&mut self, marker: String) {
        self.marker = Some(marker);
    }

    /// Notes that from here on the text may be a signature; `delimiter` is no part of the text if it is.
    pub(super) fn signature_begins(&mut self, delimiter: &str) {
        if self.at_line_start() {
            self.take_back_blanks();
            self.signature = Some(self.text.len());
        }
        self.text(delimiter);
    }

    /// A span that begins with the next text.
    pub(super) fn start(&mut self, start: Start) -> usize {
        // A number that waits already stands outside of what begins now.
        let start = if self.marker.is_some() { Start::BehindMarker } else { start };
        self.waiting.push((self.marks.len(), start));
        self.marks.push(Mark { start: None, end: None });
        self.open.push(self.marks.len() - 1);
        self.marks.len() - 1
    }

    /// A span that began at `start`.
    pub(super) fn start_at(&mut self, start: usize) -> usize {
        self.marks.push(Mark { start: Some(start), end: None });
        self.open.push(self.marks.len() - 1);
        self.marks.len() - 1
    }

    /// Where a span begins, if any of it is written.
    pub(super) fn begun(&self, mark: usize) -> Option<usize> {
        self.marks[mark].start
    }

    /// Ends a span.
    pub(super) fn end(&mut self, mark: usize) {
        self.open.retain(|open| *open != mark);
        if self.marks[mark].start.is_some() {
            self.marks[mark].end = Some(self.text.len());
            self.ended.push(mark);
        } else {
            self.waiting.retain(|(waiting, _)| *waiting != mark);
        }
    }

    fn flush(&mut self) {
        if self.gap >= Gap::Cell {
            self.take_back_blanks();
        }
        if !self.text.is_empty() {
            match self.gap {
                Gap::None => {}
                Gap::Space => self.text.push(' '),
                Gap::Cell => self.text.push('\t'),
                Gap::Paragraph => self.text.push_str("\n\n"),
                // An empty line is as much as any run of breaks gives.
                Gap::Line => self.text.push_str(if self.breaks > 1 { "\n\n" } else { "\n" }),
            }
        }
        self.gap = Gap::None;
        self.breaks = 0;
        let marker = self.marker.take();
        self.begin_waiting(Start::Next);
        if let Some(marker) = marker {
            self.text.push_str(&marker);
        }
        self.begin_waiting(Start::BehindMarker);
    }

    /// Begins the spans that wait for the text that is written next; those behind a number last.
    fn begin_waiting(&mut self, last: Start) {
        let at = self.text.len();
        for &(mark, start) in &self.waiting {
            if start == Start::Next || last == Start::BehindMarker {
                self.marks[mark].start.get_or_insert(at);
            }
        }
        if last == Start::BehindMarker {
            self.waiting.clear();
        }
    }

    /// Blanks at the end of a line are not seen.
    fn take_back_blanks(&mut self) {
        let end = self.text.trim_end().len();
        if end == self.text.len() {
            return;
        }
        self.text.truncate(end);
        for &mark in &self.open {
            if let Some(start) = &mut self.marks[mark].start {
                *start = end.min(*start);
            }
        }
        for &mark in self.ended.iter().rev() {
            let Mark { start, end: ended } = &mut self.marks[mark];
            if ended.is_none_or(|ended| ended <= end) {
                break;
            }
            *ended = Some(end);
            *start = start.map(|start| start.min(end));
        }
    }

    /// The text without blanks around it, and the spans; those of which nothing is left are none.
    pub(super) fn finish(mut self) -> (String, Vec<Option<Span>>) {
        if let Some(at) = self.signature {
            let rest = self.text[at..].trim();
            if at > 0 && rest.len() <= MAX_SIGNATURE.0 && rest.lines().count() <= MAX_SIGNATURE.1 {
                self.text.truncate(at);
            }
        }
        let end = self.text.trim_end().len();
        self.text.truncate(end);
        let lead = end - self.text.trim_start().len();
        self.text.drain(..lead);
        let text = self.text.as_str();
        let span = |mark: &Mark| {
            let start = mark.start?.max(lead) - lead;
            let stop = mark.end.unwrap_or(end).min(end).max(lead) - lead;
            let covered = text.get(start..stop)?;
            let start = start + (covered.len() - covered.trim_start().len());
            let words = covered.trim();
            (!words.is_empty()).then(|| Span::new(start, start + words.len()))
        };
        let spans = self.marks.iter().map(span).collect();
        (self.text, spans)
    }
}
