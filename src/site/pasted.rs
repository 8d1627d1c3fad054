//! Text copied from a browser or printed from a page: no ids, no parents, often no authors.
//!
//! Grammar: the article; a stated count ("Commentaires (19)", "59 comments"); blocks, each begun by the
//! avatar's alternative text, which repeats, or by an author's line with a date line below it (or both on one line);
//! buttons ("Répondre") at a block's end; the page's footer.

use super::words::WORDS;
use super::{Fragment, Origin, Site, SiteError, View};
use crate::model::{Article, Author, Comment, Moment, PageKind};
use crate::text::dates::{DayOrder, Printed, parse_printed};
use crate::text::fold;

/// Pasted or printed text.
#[derive(Debug)]
pub(super) struct Pasted;

impl Site for Pasted {
    fn name(&self) -> &'static str {
        "pasted"
    }

    fn reads(&self) -> &'static str {
        "text copied from a browser or printed to text, in the site's order, without ids and parents"
    }

    fn claims(&self, view: &View<'_>) -> bool {
        view.page.kind == PageKind::Text
    }

    fn parse(&self, view: &View<'_>) -> Result<Fragment, SiteError> {
        let Some(text) = view.text() else { return Err(SiteError::NoThread) };
        let lines: Vec<&str> = text.lines().map(|line| line.trim_matches(['\u{c}', '\u{feff}']).trim_end()).collect();
        let reader = Reader { lines: &lines, read_at: view.page.fetched_at.as_ref(), order: day_order(&lines) };
        let mut fragment = reader.read()?;
        fragment.origin = Origin::Structure;
        Ok(fragment)
    }
}

/// "3:05 pm" next to a numeric date is American usage; everything else puts the day first.
fn day_order(lines: &[&str]) -> DayOrder {
    let american = lines.iter().any(|line| {
        let line = fold(line.trim());
        line.len() < 60 && line.contains('/') && (line.ends_with("am") || line.ends_with("pm"))
    });
    if american { DayOrder::MonthFirst } else { DayOrder::DayFirst }
}

/// Where a comment begins, and what its head says.
#[derive(Debug, Clone)]
struct Head {
    /// First line of the block.
    at: usize,
    /// First line of the body.
    body: usize,
    author: Option<String>,
    date: Option<Printed>,
}

struct Reader<'a> {
    lines: &'a [&'a str],
    read_at: Option<&'a Moment>,
    order: DayOrder,
}

impl Reader<'_> {
    fn read(&self) -> Result<Fragment, SiteError> {
        let counts: Vec<(usize, u64)> = self
            .lines
            .iter()
            .enumerate()
            .filter(|(_, line)| line.trim().len() <= 80)
            .filter_map(|(at, line)| Some((at, WORDS.stated_count(line)?)))
            .collect();
        // The count nearest the comments: the first one below which blocks are found.
        let found = counts.iter().map(|&(at, count)| (at, count, self.heads(at + 1, Some(count)))).max_by_key(
            |(at, count, heads)| {
                (heads.len().min(usize::try_from(*count).unwrap_or(usize::MAX)), std::cmp::Reverse(*at))
            },
        );
        let (from, stated, heads) = match found {
            Some((at, count, heads)) if !heads.is_empty() || count == 0 => (at, Some(count), heads),
            _ => {
                let heads = self.heads(0, None);
                let from = heads.first().map(|head| head.at).filter(|_| heads.len() > 1).ok_or(SiteError::NoThread)?;
                (from, counts.first().map(|(_, count)| *count), heads)
            }
        };
        let article = self.article(from);
        let comments = self.comments(&heads, article.title.as_deref());
        Ok(Fragment { article, comments, stated_count: stated, ..Fragment::default() })
    }

    /// Where comments begin below line `from`.
    fn heads(&self, from: usize, stated: Option<u64>) -> Vec<Head> {
        let by_date = self.dated_heads(from);
        let by_avatar = self.avatar_heads(from, stated);
        let distance = |heads: &[Head]| stated.map_or(0, |stated| stated.abs_diff(heads.len() as u64));
        if by_avatar.is_empty() || (!by_date.is_empty() && distance(&by_date) < distance(&by_avatar)) {
            by_date
        } else {
            by_avatar
        }
    }

    /// Blocks begun by a repeated line, the avatar's alternative text.
    fn avatar_heads(&self, from: usize, stated: Option<u64>) -> Vec<Head> {
        let Some(first) = (from..self.lines.len()).find(|&at| !self.lines[at].trim().is_empty()) else {
            return Vec::new();
        };
        let mark = self.lines[first].trim();
        let is_avatar = |line: &str| line.chars().count() <= 60 && fold(line).contains("avatar");
        let same: Vec<usize> = (first..self.lines.len()).filter(|&at| self.lines[at].trim() == mark).collect();
        let marks = if is_avatar(mark) {
            // "votre avatar" for all, or "Avatar de Zoé" for each.
            (first..self.lines.len()).filter(|&at| is_avatar(self.lines[at].trim())).collect()
        } else if mark.chars().count() <= 60 && stated == Some(same.len() as u64) && same.len() > 1 {
            same
        } else {
            return Vec::new();
        };
        marks.into_iter().map(|at| self.head_after(at)).collect()
    }

    /// The head of the block whose mark stands at `at`: an author and a date may follow it.
    fn head_after(&self, at: usize) -> Head {
        let filled = |from: usize| (from..self.lines.len()).find(|&at| !self.lines[at].trim().is_empty());
        if let Some(next) = filled(at + 1) {
            if let Some(head) = self.dated_head(next).filter(|head| head.at == next) {
                return Head { at, ..head };
            }
            if let Some(date) = parse_printed(self.lines[next].trim(), self.order) {
                return Head { at, body: next + 1, author: None, date: Some(date) };
            }
        }
        Head { at, body: at + 1, author: None, date: None }
    }

    /// Blocks begun by an author's line and a date.
    fn dated_heads(&self, from: usize) -> Vec<Head> {
        let mut heads: Vec<Head> = Vec::new();
        let mut at = from;
        while at < self.lines.len() {
            match self.dated_head(at) {
                Some(head) => {
                    at = head.body;
                    heads.push(head);
                }
                None => at += 1,
            }
        }
        heads
    }

    fn dated_head(&self, at: usize) -> Option<Head> {
        let line = self.lines[at].trim();
        if line.is_empty() || line.chars().count() > 120 {
            return None;
        }
        if let Some((author, date)) = self.author_and_date(line) {
            return Some(Head { at, body: at + 1, author: Some(author), date: Some(date) });
        }
        let date = parse_printed(self.lines.get(at + 1)?.trim(), self.order)?;
        let author = author_name(line)?;
        // "Published / 14 March": a label, not a name.
        if parse_printed(line, self.order).is_some() || WORDS.stated_count(line).is_some() || WORDS.is_button(line) {
            return None;
        }
        Some(Head { at, body: at + 2, author: Some(author), date: Some(date) })
    }

    /// "Zoé • il y a 8 mois", "Zoé, 14 March 2026": both on one line.
    fn author_and_date(&self, line: &str) -> Option<(String, Printed)> {
        [" • ", "•", " · ", "·", " | ", " — ", " – ", " - ", ", le ", ", on ", ", "].iter().find_map(|separator| {
            let (author, date) = line.split_once(separator)?;
            let author = author_name(author.trim())?;
            (parse_printed(&author, self.order).is_none()).then_some(())?;
            Some((author, parse_printed(date.trim(), self.order)?))
        })
    }

    fn comments(&self, heads: &[Head], title: Option<&str>) -> Vec<Comment> {
        let mut comments = Vec::with_capacity(heads.len());
        for (number, head) in heads.iter().enumerate() {
            let next = heads.get(number + 1).map(|next| next.at);
            let end = next.unwrap_or_else(|| self.end_of_thread(head.body, title));
            let text = self.body(head.body.min(end), end);
            let posted_at = head.date.clone().and_then(|date| match date {
                Printed::Absolute(moment) => Some(moment),
                Printed::Relative(relative) => relative.from(self.read_at?),
            });
            comments.push(Comment {
                id: format!("c{}", number + 1),
                author: head.author.clone().map(|name| Author { name, avatar: None }),
                posted_at,
                text,
                ..Comment::default()
            });
        }
        comments
    }

    /// Where the last comment ends: at the page's footer, at the article's title coming again, or at a wide gap, as
    /// printed pages have.
    fn end_of_thread(&self, from: usize, title: Option<&str>) -> usize {
        let mut empty = 0;
        let mut begun = false;
        for at in from..self.lines.len() {
            let line = self.lines[at].trim();
            if line.is_empty() {
                empty += 1;
                if begun && empty >= 3 {
                    return at;
                }
                continue;
            }
            let is_title = begun && title.is_some_and(|title| title == line);
            if WORDS.is_footer(line) || is_title {
                return at;
            }
            (begun, empty) = (true, 0);
        }
        self.lines.len()
    }

    /// The lines of a body, without empty ones and buttons around, without a printed page's indent.
    fn body(&self, mut from: usize, mut end: usize) -> String {
        let is_noise = |at: usize| self.lines[at].trim().is_empty() || WORDS.is_button(self.lines[at].trim());
        while from < end && self.lines[from].trim().is_empty() {
            from += 1;
        }
        while end > from && is_noise(end - 1) {
            end -= 1;
        }
        let lines = &self.lines[from..end];
        let indent = |line: &&str| line.len() - line.trim_start_matches([' ', '\t']).len();
        let common = lines.iter().filter(|line| !line.trim().is_empty()).map(indent).min().unwrap_or(0);
        let body: Vec<&str> = lines.iter().map(|line| line.get(common..).unwrap_or("")).collect();
        body.join("\n").trim().to_owned()
    }

    /// What stands above the comments.
    fn article(&self, until: usize) -> Article {
        let head = &self.lines[..until.min(self.lines.len())];
        let date_at =
            head.iter().position(|line| matches!(parse_printed(line, self.order), Some(Printed::Absolute(_))));
        let published_at = date_at.and_then(|at| match parse_printed(head[at], self.order) {
            Some(Printed::Absolute(moment)) => Some(moment),
            _ => None,
        });
        let author = date_at.and_then(|at| {
            let near = at.saturating_sub(2)..(at + 3).min(head.len());
            head[near].iter().map(|line| line.trim()).find_map(|line| {
                let name = WORDS.byline(line);
                (name.len() < line.len() && name.chars().count() <= 60).then(|| name.to_owned())
            })
        });
        let title = self.title(head);
        let paragraphs: Vec<&str> = head
            .iter()
            .map(|line| line.trim())
            .filter(|line| line.chars().count() >= 60 && Some(*line) != title.as_deref())
            .collect();
        Article {
            published_at,
            author,
            url: head.iter().map(|line| line.trim()).find(|line| is_address(line)).and_then(super::address::canonical),
            body: (!paragraphs.is_empty()).then(|| paragraphs.join("\n\n")),
            title,
        }
    }

    /// The headline: pages print it more than once (tab, heading, share button); else the last line above the text that
    /// reads like one.
    fn title(&self, head: &[&str]) -> Option<String> {
        let is_headline = |line: &&str| {
            let words = line.split_whitespace().count();
            (3..=40).contains(&words)
                && line.chars().count() <= 250
                && parse_printed(line, self.order).is_none()
                && WORDS.stated_count(line).is_none()
                && !line.contains("://")
                && !line.ends_with([',', ';', '<', '>'])
        };
        let times = |line: &str| self.lines.iter().filter(|other| other.trim() == line).count();
        // Mastheads stand above the headline, and the headline stands right above the text.
        let text_at = head.iter().position(|line| line.trim().chars().count() >= 60 && times(line.trim()) == 1);
        let above: Vec<&str> =
            head[..text_at.unwrap_or(head.len())].iter().map(|line| line.trim()).filter(is_headline).collect();
        let repeated = above.iter().rev().find(|line| line.chars().count() >= 15 && times(line) > 1);
        repeated
            .or_else(|| above.iter().rev().find(|line| line.split_whitespace().count() >= 4))
            .or_else(|| above.last())
            .map(|line| (*line).to_owned())
    }
}

fn is_address(line: &str) -> bool {
    (line.starts_with("http://") || line.starts_with("https://")) && !line.contains(char::is_whitespace)
}

/// A line as a name: short, not a sentence, without the link a printed page adds (`anonyme < https://…>`).
fn author_name(line: &str) -> Option<String> {
    let name = line.split_once("< http").map_or(line, |(name, _)| name).trim();
    let name = WORDS.author(name);
    let is_name = !name.is_empty()
        && name.chars().count() <= 60
        && name.split_whitespace().count() <= 7
        && !name.ends_with(['!', '?', ';', ',', ':', '…'])
        && name.chars().any(char::is_alphanumeric);
    is_name.then(|| name.to_owned())
}
