//! Where comments begin in a plain text.
//!
//! Every line is read once; each count line of the text then only takes its share of what was found, so that a text of
//! count lines costs no more than another.

use std::collections::HashMap;

use super::super::words::WORDS;
use crate::model::Precision;
use crate::text::dates::{DayOrder, Printed, parse_printed};
use crate::text::fold;

/// Filled lines below a count in which the first avatar must stand; "Trier par : plus récents" may come between.
const LINES_TO_AVATAR: usize = 10;

/// Code points of an avatar's alternative text.
const MAX_AVATAR: usize = 60;

/// Where a comment begins, and what its head says.
#[derive(Debug, Clone)]
pub(super) struct Head {
    /// First line of the block.
    pub(super) at: usize,
    /// First line of the body.
    pub(super) body: usize,
    pub(super) author: Option<String>,
    pub(super) date: Option<Printed>,
}

impl Head {
    /// Whether the date is a day without a time.
    fn is_coarse(&self) -> bool {
        matches!(&self.date, Some(Printed::Absolute(moment)) if moment.precision <= Precision::Day)
    }
}

/// How a text's heads are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// Author, then the date on the line below, or both on one line.
    AuthorDate,
    /// The same, with an empty line between.
    AuthorGapDate,
    /// Date, then the author.
    DateAuthor,
}

/// All lines of a text that may begin comments.
pub(super) struct Heads<'a> {
    lines: &'a [&'a str],
    order: DayOrder,
    /// The date each line is, if it is one.
    dates: Vec<Option<Printed>>,
    /// The count each line states.
    counts: Vec<Option<u64>>,
    /// For each layout that can be told apart, its heads in order.
    dated: [Vec<Head>; 3],
    /// Short lines that name an avatar.
    avatars: Vec<usize>,
    /// Where each short line stands.
    places: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Heads<'a> {
    pub(super) fn find(lines: &'a [&'a str], order: DayOrder) -> Self {
        let short = |line: &str| line.len() <= 4 * MAX_AVATAR && line.chars().count() <= MAX_AVATAR;
        let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
        let mut avatars = Vec::new();
        for (at, line) in lines.iter().map(|line| line.trim()).enumerate() {
            if !line.is_empty() && short(line) {
                places.entry(line).or_default().push(at);
                if fold(line).contains("avatar") {
                    avatars.push(at);
                }
            }
        }
        let dates = lines.iter().map(|line| parse_printed(bare(line), order)).collect();
        let counts = lines.iter().map(|line| if line.len() <= 80 { WORDS.stated_count(line) } else { None }).collect();
        let mut heads = Self { lines, order, dates, counts, dated: Default::default(), avatars, places };
        heads.dated =
            [Layout::AuthorDate, Layout::AuthorGapDate, Layout::DateAuthor].map(|layout| heads.dated_heads(layout));
        heads
    }

    /// The lines that state a count, in order.
    pub(super) fn counts(&self) -> impl Iterator<Item = (usize, u64)> {
        self.counts.iter().enumerate().filter_map(|(at, count)| Some((at, (*count)?)))
    }

    /// Whether a line states a count: "2 réponses", a button below a comment.
    pub(super) fn is_count(&self, at: usize) -> bool {
        self.counts[at].is_some()
    }

    /// Where comments begin below line `from`: of all ways to read the lines, the one that finds a number of comments
    /// nearest to the stated one, the surer way first.
    pub(super) fn below(&self, from: usize, stated: Option<u64>) -> Vec<Head> {
        let (by_avatar, by_repetition) = self.marked_heads(from, stated);
        let [strict, gap, date_first] = self
            .dated
            .each_ref()
            .map(|heads| without_coarse(&heads[heads.partition_point(|head| head.at < from)..], stated));
        // A page may show less than it states: the looser layouts must explain clearly more, not a line more.
        let gap = if gap.len() >= 2 * strict.len() { gap } else { Vec::new() };
        let date_first = if date_first.len() > strict.len() { date_first } else { Vec::new() };
        let distance = |heads: &Vec<Head>| stated.map_or(0, |stated| stated.abs_diff(heads.len() as u64));
        by_avatar
            .into_iter()
            .chain([strict, gap, date_first])
            .chain(by_repetition)
            .filter(|heads| !heads.is_empty())
            .min_by_key(distance)
            .unwrap_or_default()
    }

    /// Heads where no line states a count: name and date close together, or at least three with a gap.
    pub(super) fn anywhere(&self) -> Vec<Head> {
        let least = |layout: Layout| if layout == Layout::AuthorDate { 2 } else { 3 };
        let (by_avatar, _) = self.marked_heads(0, None);
        let dated = [Layout::AuthorDate, Layout::AuthorGapDate, Layout::DateAuthor].into_iter().zip(&self.dated);
        let dated = dated.filter(|(layout, heads)| heads.len() >= least(*layout)).map(|(_, heads)| heads.clone());
        let dated = dated.map(without_byline).filter(|heads| heads.len() >= 2);
        by_avatar.into_iter().filter(|heads| heads.len() >= 2).chain(dated).next().unwrap_or_default()
    }

    /// Blocks begun by an avatar's alternative text, and blocks begun by any line repeated as often as stated.
    fn marked_heads(&self, from: usize, stated: Option<u64>) -> (Vec<Vec<Head>>, Option<Vec<Head>>) {
        let mut first_lines = (from..self.lines.len()).filter(|&at| !self.lines[at].trim().is_empty());
        let Some(first) = first_lines.next() else { return (Vec::new(), None) };
        let last = first_lines.take(LINES_TO_AVATAR - 1).last().unwrap_or(first);
        let heads = |marks: &[usize]| -> Vec<Head> { marks.iter().map(|&at| self.head_after(at)).collect() };
        let is_avatar = |&&at: &&usize| is_avatar(self.lines[at].trim());
        let avatars = &self.avatars[self.avatars.partition_point(|&at| at < from)..];
        if let Some(&mark) = avatars.iter().take_while(|at| **at <= last).find(is_avatar) {
            let same = self.same(mark);
            let mut variants = vec![same.to_vec()];
            // "votre avatar" is the same for all; "Avatar de Zoé" differs, however often Zoé writes.
            for template in Template::of(self.lines[mark].trim()) {
                if same.len() < 2 || template.holds_a_name() {
                    let fits = |at: &usize| *at >= mark && template.fits(self.lines[*at].trim());
                    let marks: Vec<usize> = avatars.iter().copied().filter(fits).collect();
                    // As with dates: a page may show less than it states.
                    let narrower = variants.iter().skip(1).map(Vec::len).max().unwrap_or(0);
                    if narrower < 2 || marks.len() >= 2 * narrower {
                        variants.push(marks);
                    }
                }
            }
            return (variants.iter().map(|marks| heads(marks)).collect(), None);
        }
        let same = self.same(first);
        let repeated = same.len() > 1 && stated == Some(same.len() as u64) && !WORDS.is_button(self.lines[first]);
        (Vec::new(), repeated.then(|| heads(same)))
    }

    /// The lines from `mark` on that equal it.
    fn same(&self, mark: usize) -> &[usize] {
        let places = self.places.get(self.lines[mark].trim()).map_or(&[][..], Vec::as_slice);
        &places[places.partition_point(|&at| at < mark)..]
    }

    /// The head of the block whose mark stands at `at`: an author and a date may follow it.
    fn head_after(&self, at: usize) -> Head {
        if let Some(next) = self.filled(at + 1) {
            if let Some(head) = self.author_first(next, 1) {
                return Head { at, ..head };
            }
            if let Some(date) = self.dates[next].clone() {
                return Head { at, body: next + 1, author: None, date: Some(date) };
            }
        }
        Head { at, body: at + 1, author: None, date: None }
    }

    /// The next line that is not empty.
    fn filled(&self, from: usize) -> Option<usize> {
        // Gaps are walked over once for each head only: no head begins at an empty line.
        (from..self.lines.len().min(from + 16)).find(|&at| !self.lines[at].trim().is_empty())
    }

    /// Blocks begun by an author's line and a date.
    fn dated_heads(&self, layout: Layout) -> Vec<Head> {
        let mut heads: Vec<Head> = Vec::new();
        let mut at = 0;
        while at < self.lines.len() {
            let head = match layout {
                Layout::AuthorDate => self.author_first(at, 0),
                Layout::AuthorGapDate => self.author_first(at, 1),
                Layout::DateAuthor => self.date_first(at),
            };
            match head {
                Some(head) => {
                    at = head.body;
                    heads.push(head);
                }
                None => at += 1,
            }
        }
        heads
    }

    /// An author at line `at`, a date on the same line or on the next filled one, at most `gap` empty lines below.
    fn author_first(&self, at: usize, gap: usize) -> Option<Head> {
        let line = bare(self.lines[at]);
        if line.is_empty() || line.chars().count() > 120 {
            return None;
        }
        if let Some((author, date)) = author_and_date(line, self.order) {
            return Some(Head { at, body: at + 1, author: Some(author), date: Some(date) });
        }
        let below = |from: usize| (from..self.lines.len().min(from + gap + 1)).find(|&at| !self.is_empty(at));
        let mut date_at = below(at + 1)?;
        // "Zoé / en réponse à Bob / 12 mars": who is answered may have its own line.
        if self.dates[date_at].is_none() && WORDS.before_reply(bare(self.lines[date_at])).is_empty() {
            date_at = below(date_at + 1)?;
        }
        let date = self.dates[date_at].clone()?;
        Some(Head { at, body: date_at + 1, author: Some(self.author(at)?), date: Some(date) })
    }

    /// A date at line `at`, the author right below it, a body below that.
    fn date_first(&self, at: usize) -> Option<Head> {
        let date = self.dates[at].clone()?;
        let author = self.author(at + 1)?;
        let is_short = author.split_whitespace().count() <= 4;
        let body = self.filled(at + 2)?;
        (is_short && self.dates[body].is_none()).then_some(Head {
            at,
            body: at + 2,
            author: Some(author),
            date: Some(date),
        })
    }

    /// The name a whole line is; "Published" above a date, a count and a button are labels.
    fn author(&self, at: usize) -> Option<String> {
        let line = bare(self.lines.get(at)?);
        let author = author_name(line)?;
        let is_label = self.dates[at].is_some() || self.counts[at].is_some() || WORDS.is_button(line);
        (!is_label).then_some(author)
    }

    fn is_empty(&self, at: usize) -> bool {
        self.lines[at].trim().is_empty()
    }
}

/// "Zoé • il y a 8 mois", "Zoé, 14 March 2026": both on one line.
pub(super) fn author_and_date(line: &str, order: DayOrder) -> Option<(String, Printed)> {
    [" • ", "•", " · ", "·", " | ", " — ", " – ", " - ", ", le ", ", on ", ", "].iter().find_map(|separator| {
        let (author, date) = line.split_once(separator)?;
        let author = author_name(author.trim())?;
        let date = parse_printed(date.trim(), order)?;
        parse_printed(&author, order).is_none().then_some((author, date))
    })
}

/// Without days that stand among times where more heads were found than stated: a changelog quoted in a comment.
fn without_coarse(heads: &[Head], stated: Option<u64>) -> Vec<Head> {
    let coarse = heads.iter().filter(|head| head.is_coarse()).count();
    let found = heads.len() as u64;
    if stated.is_some_and(|stated| found > stated && (found - coarse as u64).abs_diff(stated) < found - stated)
        && coarse * 2 < heads.len()
    {
        heads.iter().filter(|head| !head.is_coarse()).cloned().collect()
    } else {
        heads.to_vec()
    }
}

/// Without the article's byline, "Par Jeanne Roux" above the date, where the other names go without "par".
fn without_byline(mut heads: Vec<Head>) -> Vec<Head> {
    let has_by = |head: &Head| head.author.as_deref().is_some_and(|name| WORDS.byline(name).len() < name.len());
    if heads.first().is_some_and(has_by) && !heads[1..].iter().any(has_by) {
        heads.remove(0);
    }
    heads
}

/// A head's line without the marks of nesting and lists before it.
fn bare(line: &str) -> &str {
    line.trim()
        .trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '>' | '↳' | '└' | '*' | '•' | '-' | '│' | '─'))
}

/// A line as a name: short, not a sentence, without the link a printed page adds (`anonyme < https://…>`) and without
/// whom the comment answers.
fn author_name(line: &str) -> Option<String> {
    if line.len() > 480 {
        return None;
    }
    let name = line.split_once("< http").map_or(line, |(name, _)| name).trim();
    let name = WORDS.author(WORDS.before_reply(name));
    let is_name = !name.is_empty()
        && name.chars().count() <= 60
        && name.split_whitespace().count() <= 7
        && !name.ends_with(['!', '?', ';', ',', ':', '…'])
        && name.chars().any(char::is_alphanumeric);
    is_name.then(|| name.to_owned())
}

/// Whether a line that names an avatar can be one's alternative text, not a sentence about avatars.
fn is_avatar(line: &str) -> bool {
    line.split_whitespace().count() <= 6 && !line.ends_with(['.', '!', '?', '…', ':', ';', ','])
}

/// What the alternative texts of different people's avatars share.
#[derive(Debug, PartialEq, Eq)]
enum Template {
    /// "Avatar de Zoé": the words up to the name.
    Before(String, bool),
    /// "Zoé's avatar": the words behind the name.
    After(String),
}

impl Template {
    /// The templates an avatar's text may follow, the narrower first.
    fn of(mark: &str) -> Vec<Self> {
        let folded = plain(mark);
        let words: Vec<&str> = folded.split_whitespace().collect();
        let Some(avatar) = words.iter().position(|word| word.contains("avatar")) else { return Vec::new() };
        let after = &words[avatar + 1..];
        if after.is_empty() {
            let owned = words[..avatar].last().is_some_and(|word| word.ends_with("'s"));
            return vec![Self::After(format!("{} {}", if owned { "'s" } else { "" }, words[avatar]))];
        }
        let up_to_avatar = words[..=avatar].join(" ");
        let mut templates = Vec::new();
        if after.len() > 1 {
            templates.push(Self::Before(format!("{up_to_avatar} {} ", after[0]), true));
        }
        templates.push(Self::Before(format!("{up_to_avatar} "), false));
        templates
    }

    /// Whether the template leaves a name open, so that lines that differ are expected.
    fn holds_a_name(&self) -> bool {
        match self {
            Self::Before(_, linked) => *linked,
            Self::After(tail) => tail.starts_with("'s"),
        }
    }

    fn fits(&self, line: &str) -> bool {
        let folded = plain(line);
        is_avatar(line)
            && match self {
                Self::Before(head, _) => folded.starts_with(head.as_str()),
                Self::After(tail) => folded.ends_with(tail.as_str()),
            }
    }
}

/// Folded, the elided "d'" before a vowel as "de".
fn plain(line: &str) -> String {
    fold(line).replace(" d'", " de ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_tell_alternative_texts_from_sentences() {
        let fits = |mark: &str, line: &str| Template::of(mark).iter().map(|t| t.fits(line)).collect::<Vec<_>>();
        assert_eq!(fits("Avatar de Zoé", "Avatar d’Élise Roux"), [true, true]);
        assert_eq!(fits("Avatar de Zoé", "Vous avez vu Avatar de Cameron"), [false, false]);
        assert_eq!(fits("Avatar de Zoé", "Avatar de Cameron, ça vous parle ?"), [false, false]);
        assert_eq!(fits("Zoé's avatar", "Old Sam's avatar"), [true]);
        assert_eq!(fits("Zoé's avatar", "I liked avatar"), [false]);
    }

    #[test]
    fn marks_of_nesting_are_no_part_of_a_head() {
        assert_eq!(bare("   ↳ Zoé"), "Zoé");
        assert_eq!(bare("> - Zoé "), "Zoé");
        assert_eq!(author_name("Zoé replied to Bob").as_deref(), Some("Zoé"));
        assert_eq!(author_name("en réponse à Bob"), None);
    }
}
