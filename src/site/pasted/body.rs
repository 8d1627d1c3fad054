//! What stands between two heads: a comment's text, and what pages print around it.

use std::collections::HashMap;

use super::super::words::WORDS;
use super::Reader;
use super::heads::Head;
use super::lines::{is_mark, is_number, points};
use super::words::PRINTED;
use crate::model::{Author, Comment, CommentState, Link, Moment, Quote, ReplyBasis, Span};
use crate::text::dates::{Printed, edit_mark};
use crate::text::fold;

/// Filled lines of a writer's card above a head.
const MAX_CARD: usize = 14;

/// What the page calls a picture of somebody.
const PICTURES: [&str; 8] =
    ["avatar", "photo de profil", "image de profil", "profile p", "profilbild", "foto de", "foto del", "foto do"];

impl Reader<'_> {
    pub(super) fn comments(&self, heads: &[Head], end: usize, title: Option<&str>) -> Vec<Comment> {
        let end_of = |number: usize| {
            let next = heads.get(number + 1).map_or(end, |next: &Head| next.at);
            heads[number].end.map_or(next, |end| end.min(next))
        };
        let first_filled =
            |number: usize| (heads[number].body..end_of(number)).find(|&at| !self.lines[at].trim().is_empty());
        // Waline prints the votes right below the head.
        let votes = (0..heads.len()).filter_map(|number| votes(self.lines[first_filled(number)?])).count();
        let has_votes = heads.len() >= 2 && votes * 10 >= heads.len() * 9;
        let mut last_of: HashMap<String, String> = HashMap::new();
        let mut comments = Vec::with_capacity(heads.len());
        for (number, head) in heads.iter().enumerate() {
            let mut block = Block {
                from: head.body.min(end_of(number)),
                end: end_of(number),
                next: heads.get(number + 1),
                title,
                comment: Comment { id: format!("c{}", number + 1), ..Comment::default() },
            };
            if has_votes && let Some(at) = first_filled(number) {
                block.comment.votes = votes_at(self.lines, at);
                block.from = at + 1;
                if let Some((name, behind)) = self.answered(block.from, block.end) {
                    block.from = behind;
                    block.comment.reply_to = last_of.get(name).cloned();
                    block.comment.reply_basis = block.comment.reply_to.as_ref().map(|_| ReplyBasis::Mention);
                }
            }
            block.comment.votes = block.comment.votes.or_else(|| points(self.lines[head.at]));
            self.trim(&mut block);
            let mut comment = block.comment;
            self.text(block.from, block.end, &mut comment);
            comment.posted_at = head.date.clone().and_then(|date| self.resolve(date));
            comment.author = head.author.clone().map(|name| Author { name, avatar: None });
            if comment.state == CommentState::Deleted {
                comment.author = comment.author.filter(|author| !PRINTED.is_nobody(&author.name));
            }
            if let Some(author) = &comment.author {
                last_of.insert(author.name.clone(), comment.id.clone());
            }
            comments.push(comment);
        }
        comments
    }

    /// A printed date's moment; a distance from now only where it is known when the page was read.
    pub(super) fn resolve(&self, date: Printed) -> Option<Moment> {
        match date {
            Printed::Absolute(moment) => Some(moment),
            Printed::Relative(relative) => relative.from(self.read_at?),
        }
    }

    /// "@Zoé:" on a line of its own: whom the comment answers, and the line behind.
    fn answered(&self, from: usize, end: usize) -> Option<(&str, usize)> {
        let at = (from..end).find(|&at| !self.lines[at].trim().is_empty())?;
        let name = self.lines[at].trim().strip_prefix('@')?.strip_suffix(':')?;
        (name.chars().count() <= 60).then_some((name, at + 1))
    }

    /// Takes away what is around a body: blanks, buttons, votes, marks of edits, the next comment's subject and the
    /// card of its writer.
    fn trim(&self, block: &mut Block<'_>) {
        if let Some(at) = (block.from..block.end).find(|&at| is_rule(self.lines[at])) {
            // What follows a rule of underscores is a signature.
            if at > block.from {
                block.end = self.card(block).unwrap_or(block.end).min(at);
            }
        }
        while let Some(end) = self.trimmed(block) {
            block.end = end;
        }
        // "#2", "Partager" and cards between the date and the text.
        let is_aside = |line: &str| {
            line.is_empty()
                || is_number(line)
                || is_mark(line)
                || WORDS.is_button(line)
                || PRINTED.is_card(line)
                || names_answered(line)
        };
        let text_at = (block.from..block.end).find(|&at| !is_aside(self.lines[at].trim()));
        block.from = text_at.unwrap_or_else(|| {
            (block.from..block.end).find(|&at| !self.lines[at].trim().is_empty()).unwrap_or(block.end)
        });
    }

    /// The end of a body without its last line, or lines, where they are no part of it.
    fn trimmed(&self, block: &mut Block<'_>) -> Option<usize> {
        let end =
            (block.from..block.end).rev().find(|&at| !self.lines[at].trim().is_empty()).map_or(block.from, |at| at + 1);
        if end == block.from {
            return (end < block.end).then_some(end);
        }
        let (last, line) = (end - 1, self.lines[end - 1].trim());
        let first = (block.from..end).find(|&at| !self.lines[at].trim().is_empty()) == Some(last);
        if let Some(cut) = self.without_buttons(block.from, end) {
            return Some(cut);
        }
        if PRINTED.is_pending(line) {
            block.comment.state = CommentState::Pending;
            return Some(last);
        }
        if !first && let Some(mark) = edit_mark(line, self.order) {
            block.comment.edited = true;
            block.comment.edited_at = block.comment.edited_at.take().or_else(|| self.resolve(mark.at?));
            return Some(last);
        }
        if let Some(next) = block.next.filter(|_| !first) {
            let name = next.author.as_deref().unwrap_or_default();
            let is_title = block.title.is_some_and(|title| title == line);
            if PRINTED.is_subject(line) || is_number(line) || is_title || is_picture(line, name) {
                return Some(last);
            }
            if let Some(cut) = self.card(&Block { end, comment: Comment::default(), ..*block }) {
                return Some(cut);
            }
        }
        (end < block.end).then_some(end)
    }

    /// Where the card of the next comment's writer begins: the name on a line of its own, and below it ranks and counts.
    fn card(&self, block: &Block<'_>) -> Option<usize> {
        let name = block.next?.author.as_deref()?;
        let filled = (block.from..block.end).rev().filter(|&at| !self.lines[at].trim().is_empty());
        for at in filled.take(MAX_CARD) {
            let line = self.lines[at].trim();
            if line == name && at > block.from {
                return Some(at);
            }
            if !(PRINTED.is_card(line) || PRINTED.is_subject(line) || is_picture(line, name) || WORDS.is_button(line)) {
                return None;
            }
        }
        None
    }

    /// The end of a body without the buttons below it; votes and "2 réponses" stand among them. The first line of a
    /// comment is its text, were it "42".
    fn without_buttons(&self, from: usize, end: usize) -> Option<usize> {
        let first = (from..end).find(|&at| !self.lines[at].trim().is_empty()).unwrap_or(from);
        let mut cut = None;
        let mut at = end;
        while at > from {
            let line = self.lines[at - 1].trim();
            let is_votes =
                votes(line).is_some() || PRINTED.is_tally(line) || line.chars().all(|c| !c.is_alphanumeric());
            let is_aside = is_votes || self.heads.is_count(at - 1) || PRINTED.is_card(line);
            let is_among_buttons = at - 1 > first && is_aside;
            if WORDS.is_button(line) {
                cut = Some(at - 1);
            } else if !(line.is_empty() || is_among_buttons) {
                break;
            }
            at -= 1;
        }
        // Those above the first button are gone with it.
        cut.map(|_| at)
    }

    /// The lines of a body, without a printed page's indent, addresses and quotation marks.
    fn text(&self, from: usize, end: usize, comment: &mut Comment) {
        let lines = &self.lines[from.min(end)..end];
        let indent = |line: &&str| line.len() - line.trim_start_matches([' ', '\t']).len();
        let common = lines.iter().filter(|line| !line.trim().is_empty()).map(indent).min().unwrap_or(0);
        let body: Vec<&str> = lines.iter().map(|line| line.get(common..).unwrap_or("")).collect();
        let text = body.join("\n").trim().to_owned();
        let state = PRINTED.state(&text);
        if state != CommentState::Visible {
            comment.state = state;
            return;
        }
        let (text, links) = without_addresses(&text);
        let (text, quotes) = without_quote_marks(text, &links);
        (comment.text, comment.links, comment.quotes) = (text, links, quotes);
    }
}

struct Block<'a> {
    from: usize,
    end: usize,
    next: Option<&'a Head>,
    title: Option<&'a str>,
    comment: Comment,
}

fn votes(line: &str) -> Option<i64> {
    let line = line.trim();
    (!line.is_empty() && line.len() <= 6).then(|| line.trim_start_matches('+').parse().ok()).flatten()
}

fn votes_at(lines: &[&str], at: usize) -> Option<i64> {
    votes(lines.get(at)?)
}

/// A line of underscores, as forums set signatures apart.
fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 10 && line.bytes().all(|b| b == b'_')
}

/// Whether a whole line says whom a comment answers: "In risposta a Zeno C.".
fn names_answered(line: &str) -> bool {
    line.len() <= 60
        && line.split_whitespace().count() <= 7
        && !line.contains([',', ';', ':', '!', '?'])
        && WORDS.before_reply(line).is_empty()
}

/// Whether a line is what is copied of somebody's picture: "Z", "Photo de profil de Zoé".
fn is_picture(line: &str, name: &str) -> bool {
    if name.is_empty() || line.len() > 120 {
        return false;
    }
    let (line, name) = (fold(line), fold(name));
    if line == PICTURES[0] {
        return true;
    }
    let is_initial = line.chars().count() == 1 && line.chars().all(char::is_alphabetic) && name.starts_with(&line);
    is_initial || (line.contains(&name) && PICTURES.iter().any(|picture| line.contains(picture)))
}

/// A text without the addresses that a printed page adds behind its links ("ici < https://…>"), and the links.
fn without_addresses(text: &str) -> (String, Vec<Link>) {
    let mut out = String::with_capacity(text.len());
    let mut links = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, mark) = rest.split_at(at);
        let inner = &mark[1..];
        let address = inner.find('>').map(|end| &inner[..end]).filter(|address| {
            address.starts_with(char::is_whitespace)
                && address.trim_start().starts_with("http")
                && address.len() <= 2000
        });
        out.push_str(before);
        let Some(address) = address else {
            out.push('<');
            rest = inner;
            continue;
        };
        out.truncate(out.trim_end().len());
        // Of the link's words only the last is known.
        let start =
            out.rfind(char::is_whitespace).map_or(0, |at| at + out[at..].chars().next().map_or(1, char::len_utf8));
        if start < out.len() {
            let url = address.split_whitespace().collect();
            links.push(Link { span: Span { start, end: out.len() }, url });
        }
        rest = &inner[address.len() + 1..];
    }
    out.push_str(rest);
    (out, links)
}

/// A text without the mark that a printed page sets before its quotes, and the quotes. Such a mark opens a paragraph and
/// is never closed.
fn without_quote_marks(text: String, links: &[Link]) -> (String, Vec<Quote>) {
    const MARK: &str = "“ ";
    let is_quote = |paragraph: &str| paragraph.starts_with(MARK) && !paragraph.contains('”');
    if !links.is_empty() || !text.split("\n\n").any(is_quote) {
        return (text, Vec::new());
    }
    let mut out = String::with_capacity(text.len());
    let mut quotes = Vec::new();
    for paragraph in text.split("\n\n") {
        if !out.is_empty() {
            out.push_str("\n\n");
        }
        let start = out.len();
        if is_quote(paragraph) {
            let lines: Vec<&str> = paragraph[MARK.len()..].lines().map(str::trim).collect();
            out.push_str(&lines.join("\n"));
            quotes.push(Quote { span: Span { start, end: out.len() }, author: None });
        } else {
            out.push_str(paragraph);
        }
    }
    (out, quotes)
}
