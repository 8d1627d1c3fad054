//! Other people's words in a body, and whose they are.
//!
//! Boards mark a quote by an element or class (`blockquote`, `aside.quote`, `.bbcode_quote`; vBulletin 3 and phpBB 2 by
//! a table behind "Quote:") and say whose it is in an attribute (`data-quote`, `data-username`, `data-author`) or in
//! its head: "X wrote:", "Zitat von X", "Quote from: X on 6 April". The head stands inside the quote, as an element of its
//! own or its first line, or right before it (SMF's `.quoteheader`); it is part of the quote's span either way.

use ego_tree::NodeId;
use scraper::node::Element;

use super::chrome::{Roles, words};
use super::writer::{Start, Writer};
use crate::model::{Quote, Span};
use crate::text::fold;

/// Attributes that name the one quoted.
const AUTHOR_ATTRIBUTES: [&str; 6] =
    ["data-quote", "data-username", "data-author", "data-ipsquote-username", "data-quote-author", "data-quoteauthor"];
/// Longest head, in bytes.
const MAX_HEAD: usize = 160;
/// Longest name, in bytes and in words.
const MAX_NAME: (usize, usize) = (80, 6);

/// A quote while it is read.
#[derive(Debug)]
struct Current {
    node: NodeId,
    mark: usize,
    author: Option<String>,
    /// The element of its head, while that is read.
    head: Option<NodeId>,
    headed: bool,
    /// What was written when it began.
    from: usize,
}

/// A quote that was read.
#[derive(Debug)]
struct Done {
    mark: usize,
    author: Option<String>,
    headed: bool,
    from: usize,
}

impl From<Current> for Done {
    fn from(quote: Current) -> Self {
        Self { mark: quote.mark, author: quote.author, headed: quote.headed, from: quote.from }
    }
}

/// The quotes of a body, the outermost of each nest.
#[derive(Debug, Default)]
pub(super) struct Open {
    current: Option<Current>,
    /// A head before its quote: its element, its span, where it ended.
    before: Option<(NodeId, usize, Option<usize>)>,
    done: Vec<Done>,
}

impl Open {
    /// Whether a quote is being read.
    pub(super) fn is_open(&self) -> bool {
        self.current.is_some()
    }

    /// Whether a quote's head is being read.
    pub(super) fn in_head(&self) -> bool {
        self.current.as_ref().is_some_and(|quote| quote.head.is_some())
    }

    pub(super) fn open(&mut self, el: &Element, roles: Roles, node: NodeId, writer: &mut Writer) {
        let is_head = roles.has(Roles::QUOTE_HEAD);
        if let Some(quote) = &mut self.current {
            let is_first = writer.written().len() == quote.from;
            if is_first && !quote.headed && (is_head || matches!(el.name(), "cite" | "header")) {
                (quote.head, quote.headed) = (Some(node), true);
            }
            return;
        }
        if is_quote(el, roles) || (el.name() == "table" && writer.at_line_start() && leads_in(last_line(writer))) {
            self.begin(el, node, writer);
        } else if is_head && self.before.is_none_or(|(.., ended)| ended.is_some()) {
            self.before = Some((node, writer.start(Start::Next), None));
        }
    }

    fn begin(&mut self, el: &Element, node: NodeId, writer: &mut Writer) {
        let written = writer.written().len();
        let mut headed = false;
        let head = match self.before.take() {
            Some((_, mark, Some(ended))) if ended == written => {
                headed = true;
                writer.begun(mark)
            }
            _ => None,
        };
        // Any line before it that says so is its head, too.
        let line = last_line(writer);
        let line_before = || {
            let leads = el.name() != "q" && writer.at_line_start() && (leads_in(line) || strict_author(line).is_some());
            leads.then_some(written - line.len())
        };
        let mark = match head.or_else(line_before) {
            Some(start) if start < written => writer.start_at(start),
            _ => writer.start(Start::Next),
        };
        let author = AUTHOR_ATTRIBUTES.iter().find_map(|name| el.attr(name)).and_then(name);
        self.current = Some(Current { node, mark, author, head: None, headed, from: written });
    }

    pub(super) fn close(&mut self, node: NodeId, writer: &mut Writer) {
        if let Some((head, mark, ended @ None)) = &mut self.before
            && *head == node
        {
            writer.end(*mark);
            *ended = Some(writer.written().len());
            writer.line();
        }
        let Some(quote) = &mut self.current else { return };
        if quote.head == Some(node) {
            quote.head = None;
            writer.line();
        }
        if quote.node == node
            && let Some(quote) = self.current.take()
        {
            writer.end(quote.mark);
            self.done.push(quote.into());
        }
    }

    /// The quotes, and their heads as far as they stand before them, given the text and where each span of the writer
    /// came to lie.
    pub(super) fn finish(self, text: &str, spans: &[Option<Span>]) -> (Vec<Quote>, Vec<Span>) {
        let (mut quotes, mut heads) = (Vec::new(), Vec::new());
        let mut end = 0;
        for done in self.done.into_iter().chain(self.current.map(Done::from)) {
            let Some(span) = spans[done.mark].filter(|span| span.start >= end) else { continue };
            end = span.end;
            if span.start < done.from {
                heads.push(Span::new(span.start, done.from));
            }
            let author = done.author.or_else(|| head_author(span.of(text), done.headed));
            quotes.push(Quote { span, author });
        }
        (quotes, heads)
    }
}

fn is_quote(el: &Element, roles: Roles) -> bool {
    match el.name() {
        "blockquote" => !roles.has(Roles::PLAIN),
        "q" => true,
        "div" | "aside" | "td" | "figure" | "section" | "p" => {
            roles.has(Roles::QUOTE) || el.attr("data-quote").is_some()
        }
        _ => false,
    }
}

/// The line written last.
fn last_line(writer: &Writer) -> &str {
    let text = writer.written();
    let from = text.ceil_char_boundary(text.len().saturating_sub(MAX_HEAD));
    let tail = &text[from..];
    tail.rfind('\n').map_or(if from == 0 { tail } else { "" }, |at| &tail[at + 1..])
}

/// Whether a line says that a quote follows: "Quote:".
fn leads_in(line: &str) -> bool {
    let label = line.trim().trim_end_matches(':').trim_end();
    label.len() <= 12 && words().quote_labels.contains(fold(label).as_str())
}

/// Who a quote's first line says wrote it.
fn head_author(quote: &str, headed: bool) -> Option<String> {
    let mut lines = quote.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut line = lines.next()?;
    if leads_in(line) {
        return lines.next().filter(|line| line.len() <= MAX_HEAD).and_then(author);
    }
    if line.len() > MAX_HEAD {
        // A head that its markup does not set apart from the quote.
        line = &line[..line.floor_char_boundary(MAX_HEAD)];
    }
    if !headed {
        return strict_author(line).or_else(|| introduced(&split(line)));
    }
    author(line).or_else(|| {
        let bare = line.strip_suffix(':')?;
        (bare.split_whitespace().count() <= 4).then(|| name(bare))?
    })
}

/// The name in a line that is known to be a head.
fn author(line: &str) -> Option<String> {
    let words = split(line);
    introduced(&words).or_else(|| followed(&words, false))
}

/// The name in a line that may be a head or a sentence: only "X wrote:", X being one to four words that look like a name.
fn strict_author(line: &str) -> Option<String> {
    if !line.ends_with(':') && !line.contains(": ") {
        return None;
    }
    let name = followed(&split(line), true)?;
    let words = name.split_whitespace().count();
    let looks = words <= 4 && (words == 1 || name.starts_with(|c: char| c.is_uppercase() || c.is_numeric()));
    looks.then_some(name)
}

fn split(line: &str) -> Vec<&str> {
    line.split_whitespace().take(30).collect()
}

fn phrase(words: &[&str]) -> String {
    fold(words.join(" ").trim_end_matches([':', ',']))
}

/// "Zitat von X", "Quote from: X on 6 April".
fn introduced(line: &[&str]) -> Option<String> {
    // A label may come first: "Quote: Originally posted by X".
    for from in 0..2.min(line.len()) {
        for length in (2..=5).rev() {
            let Some(words_before) = line.get(from..from + length) else { continue };
            let is_lead = words().quote_before.contains(&phrase(words_before).replace(": ", " "));
            if is_lead {
                return name(&line[from + length..until_date(line, from + length)].join(" "));
            }
        }
    }
    None
}

/// Where the name that begins at `from` gives way to a day.
fn until_date(line: &[&str], from: usize) -> usize {
    let has_digit = |word: &&str| word.contains(|c: char| c.is_ascii_digit());
    (from + 1..line.len())
        .find(|&at| {
            let is_end = at > from && line[at - 1].ends_with(':');
            is_end || (words().quote_dates.contains(&fold(line[at])) && line[at + 1..].iter().take(4).any(has_digit))
        })
        .unwrap_or(line.len())
}

/// "X wrote:", "On 3 April at 14:02, X said:", "Am 3. April um 14:03 schrieb X:".
fn followed(line: &[&str], strict: bool) -> Option<String> {
    for at in 1..line.len() {
        for length in (1..=3).rev() {
            let Some(verb) = line.get(at..at + length) else { continue };
            if !words().quote_after.contains(&phrase(verb)) {
                continue;
            }
            let next = line.get(at + length).copied();
            let has_colon = verb[length - 1].ends_with(':') || next == Some(":");
            // "X said in Topic:"
            let in_topic = next == Some("in") && line[line.len() - 1].ends_with(':');
            let is_dated = line[..at].iter().any(|word| word.contains(|c: char| c.is_ascii_digit()))
                && words().quote_dates.contains(&fold(line[0]));
            if is_dated && !has_colon {
                return name(&line[at + length..].join(" "));
            }
            if has_colon || in_topic || (!strict && (next.is_none_or(|word| !word.contains(char::is_alphanumeric)))) {
                let before = line[..at].join(" ");
                let bare = match before.rsplit_once(", ") {
                    Some((when, who)) if when.contains(|c: char| c.is_ascii_digit()) => who,
                    _ => before.as_str(),
                };
                return name(bare);
            }
        }
    }
    None
}

/// A name, if it can be one.
fn name(printed: &str) -> Option<String> {
    let trimmed = printed.trim().trim_start_matches('@').trim_end_matches([':', ',', '↑', '»']).trim();
    // The stop of "Zoé B." is part of the name, that of a sentence is not.
    let initial = trimmed.strip_suffix('.').and_then(|head| head.chars().rev().nth(1)).is_some_and(char::is_whitespace);
    let trimmed = if initial { trimmed } else { trimmed.trim_end_matches('.').trim() };
    let no_name = |word: &str| words().no_names.contains(&fold(word));
    let mut of_name = trimmed.split_whitespace();
    let ends = [of_name.next(), of_name.next_back()];
    let is_name = !trimmed.is_empty()
        && trimmed.len() <= MAX_NAME.0
        && trimmed.split_whitespace().count() <= MAX_NAME.1
        && !no_name(trimmed)
        && !ends.into_iter().flatten().any(no_name);
    is_name.then(|| trimmed.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_of_boards() {
        for (line, who) in [
            ("Poltergust said:", "Poltergust"),
            ("changingtimes wrote: Sat Feb 24, 2024 12:41 pm", "changingtimes"),
            ("Quote from: once removed on April 06, 2020, 01:28:03 AM", "once removed"),
            ("Zitat von Atomfried", "Atomfried"),
            ("Zitat von Baal Netbeck:", "Baal Netbeck"),
            ("14 hours ago, cork1958 said:", "cork1958"),
            ("Le 3/4/2020 à 14:02, Zoé de la Rue a dit :", "Zoé de la Rue"),
            ("Am 3.4.2020 um 14:03 schrieb Édith Blanc:", "Édith Blanc"),
            ("Barrio schrieb:", "Barrio"),
            ("Originally Posted by dc_denizen", "dc_denizen"),
            ("Zoé a écrit :", "Zoé"),
            ("@idefix37 said in Route files:", "idefix37"),
        ] {
            assert_eq!(author(line).as_deref(), Some(who), "{line}");
        }
    }

    #[test]
    fn sentences_are_no_heads() {
        for line in
            ["Then he said:", "Il a écrit :", "the paper of record wrote:", "He wrote a book", "wrote:", "Quote:"]
        {
            assert_eq!(strict_author(line), None, "{line}");
        }
        assert_eq!(strict_author("Zoé Blanc a écrit :").as_deref(), Some("Zoé Blanc"));
    }
}
