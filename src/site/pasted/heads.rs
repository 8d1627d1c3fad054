//! Where comments begin in a plain text.
//!
//! Every line is read once; each count line of the text then only takes its share of what was found, so that a text of
//! count lines costs no more than another.

use std::collections::HashMap;

use super::super::words::WORDS;
use super::avatars::{Template, is_avatar};
use super::bounds::Bounds;
use super::lines::{Found, author_and_date, author_name, bare, date, is_mark, is_number, label};
use super::words::PRINTED;
use crate::model::Precision;
use crate::text::dates::{DayOrder, Printed, find_printed};
use crate::text::fold;

/// Filled lines below a count in which the first avatar must stand; "Trier par : plus récents" may come between.
const LINES_TO_AVATAR: usize = 10;

/// Code points of an avatar's alternative text.
const MAX_AVATAR: usize = 60;

/// Lines between a name and its date: ranks, whom the comment answers, marks.
pub(super) const MAX_ASIDES: usize = 8;

/// Where a comment begins, and what its head says.
#[derive(Debug, Clone)]
pub(super) struct Head {
    /// First line of the block.
    pub(super) at: usize,
    /// First line of the body.
    pub(super) body: usize,
    /// Behind the last line of the body, where it is known.
    pub(super) end: Option<usize>,
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
    /// One line that says both among other words.
    Label,
}

const LAYOUTS: [Layout; 4] = [Layout::AuthorDate, Layout::AuthorGapDate, Layout::DateAuthor, Layout::Label];

/// All lines of a text that may begin comments.
pub(super) struct Heads<'a> {
    pub(super) lines: &'a [&'a str],
    pub(super) order: DayOrder,
    /// The date each line is, if it is one.
    pub(super) dates: Vec<Option<Printed>>,
    /// The name each line could be.
    names: Vec<Option<String>>,
    /// Name and date of each line that is nothing else.
    both: Vec<Option<(String, Printed)>>,
    /// Name and date of each line that says both.
    labels: Vec<Option<(String, Printed)>>,
    /// Whether each line is part of a writer's card.
    pub(super) cards: Vec<bool>,
    /// The count each line states.
    pub(super) counts: Vec<Option<u64>>,
    /// For each layout that can be told apart, its heads in order.
    dated: [Vec<Head>; 4],
    /// Author, body, then the date among buttons.
    closed: Vec<Head>,
    /// Dates that stand among the buttons below a comment, and all dates.
    closing: (Vec<usize>, Vec<usize>),
    /// Short lines that name an avatar.
    avatars: Vec<usize>,
    /// Where each short line stands.
    places: HashMap<&'a str, Vec<usize>>,
    /// Lines that bound the comments.
    pub(super) bounds: Bounds,
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
        let cards = cards(lines);
        // "Joined / Mar 3, 2010" is no date of a comment.
        let found: Vec<Option<Found>> = lines
            .iter()
            .zip(&cards)
            .map(|(line, card)| if *card { None } else { find_printed(bare(line), order) })
            .collect();
        let dates: Vec<Option<Printed>> =
            lines.iter().zip(&found).map(|(line, found)| date(bare(line), found.as_ref())).collect();
        let names = lines.iter().map(|line| author_name(bare(line))).collect();
        let both: Vec<_> = lines.iter().map(|line| author_and_date(bare(line), order)).collect();
        let labels = lines
            .iter()
            .zip(&both)
            .zip(&found)
            .map(|((line, both), found)| both.clone().or_else(|| label(bare(line), found.as_ref())))
            .collect();
        let counts = (0..lines.len()).map(|at| count(lines, at)).collect();
        let mut heads = Self {
            lines,
            order,
            dates,
            names,
            both,
            labels,
            counts,
            cards,
            dated: Default::default(),
            closed: Vec::new(),
            closing: Default::default(),
            avatars,
            places,
            bounds: Bounds::of(lines),
        };
        heads.dated = LAYOUTS.map(|layout| heads.dated_heads(layout));
        let (closed, closing): (Vec<Head>, Vec<usize>) = heads.closed_blocks().into_iter().unzip();
        let all = (0..lines.len()).filter(|&at| heads.dates[at].is_some()).collect();
        (heads.closed, heads.closing) = (closed, (closing, all));
        heads
    }

    /// The lines that state a count, in order.
    pub(super) fn counts(&self) -> impl Iterator<Item = (usize, u64)> {
        self.counts.iter().enumerate().filter_map(|(at, count)| Some((at, (*count)?)))
    }

    /// Whether a line is part of a writer's card.
    pub(super) fn is_card(&self, at: usize) -> bool {
        self.cards[at]
    }

    /// Whether a line states a count: "2 réponses", a button below a comment.
    pub(super) fn is_count(&self, at: usize) -> bool {
        self.counts[at].is_some()
    }

    /// Where comments begin below line `from`: of all ways to read the lines, the one that finds a number of comments
    /// nearest to the stated one, the surer way first.
    pub(super) fn below(&self, from: usize, stated: Option<u64>) -> Vec<Head> {
        let end = self.end_of_discussion(from, stated);
        let (by_avatar, by_repetition) = self.marked_heads(from, stated);
        if self.dates_close(from) {
            return within(&self.closed, from, end).to_vec();
        }
        let by_avatar = by_avatar.into_iter().map(|heads| within(&heads, from, end).to_vec());
        let [strict, gap, date_first, label] = self
            .dated
            .each_ref()
            .map(|heads| self.without_teasers(without_coarse(within(heads, from, end), stated), stated));
        // A page may show less than it states: the looser layouts must explain clearly more, not a line more.
        let gap = if gap.len() >= 2 * strict.len() { gap } else { Vec::new() };
        let date_first = if date_first.len() > strict.len() { date_first } else { Vec::new() };
        let label = if label.len() > strict.len() { label } else { Vec::new() };
        let distance = |heads: &Vec<Head>| stated.map_or(0, |stated| stated.abs_diff(heads.len() as u64));
        by_avatar
            .chain([strict, gap, date_first, label])
            .chain(by_repetition)
            .filter(|heads| !heads.is_empty())
            .min_by_key(distance)
            .unwrap_or_default()
    }

    /// Heads where no line states a count: name and date close together, or at least three with a gap.
    pub(super) fn anywhere(&self) -> Vec<Head> {
        let from = self.begin_of_discussion();
        let found = self.uncounted(from, self.end_of_discussion(from, None));
        // A list of other articles may stand in the article, below its byline and other dates.
        let is_whole = !found.is_empty() || self.closed_at(from).is_some();
        if is_whole { found } else { self.uncounted(from, self.lines.len()) }
    }

    fn uncounted(&self, from: usize, end: usize) -> Vec<Head> {
        let closed = within(&self.closed, from, end);
        if self.dates_close(from) && closed.len() >= 2 {
            return closed.to_vec();
        }
        let least = |layout: Layout| if matches!(layout, Layout::AuthorDate | Layout::Label) { 2 } else { 3 };
        let (by_avatar, _) = self.marked_heads(from, None);
        let by_avatar = by_avatar.into_iter().map(|heads| within(&heads, from, end).to_vec());
        let dated = LAYOUTS.into_iter().zip(self.dated.each_ref().map(|heads| within(heads, from, end)));
        let dated = dated.filter(|(layout, heads)| heads.len() >= least(*layout));
        let mut dated: Vec<Vec<Head>> =
            dated.map(|(_, heads)| without_byline(heads.to_vec())).filter(|heads| heads.len() >= 2).collect();
        // The surer layout first, unless another finds twice as many.
        let most = dated.iter().map(Vec::len).max().unwrap_or(0);
        dated.retain(|heads| 2 * heads.len() >= most);
        by_avatar.filter(|heads| heads.len() >= 2).chain(dated).next().unwrap_or_default()
    }

    /// How many heads of one layout stand from a line to before another, at most.
    pub(super) fn most_heads(&self, from: usize, until: usize) -> usize {
        let all = self.dated.iter().chain([&self.closed]);
        all.map(|heads| within(heads, from, until).len()).max().unwrap_or(0)
    }

    /// Whether a line announces comments.
    pub(super) fn is_section(&self, at: usize) -> bool {
        self.bounds.is_section(at)
    }

    /// Whether a line is what is copied in place of somebody's picture.
    pub(super) fn is_avatar(&self, at: usize) -> bool {
        self.avatars.binary_search(&at).is_ok() && is_avatar(self.lines[at].trim())
    }

    /// Whether most dates from a line on stand below what they date.
    fn dates_close(&self, from: usize) -> bool {
        let count = |lines: &[usize]| lines.len() - lines.partition_point(|at| *at < from);
        let (closing, all) = (count(&self.closing.0), count(&self.closing.1));
        closing >= 2 && closing * 4 >= all * 3
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
                return Head { at, body: next + 1, end: None, author: None, date: Some(date) };
            }
        }
        Head { at, body: at + 1, end: None, author: None, date: None }
    }

    /// The next line that is not empty.
    pub(super) fn filled(&self, from: usize) -> Option<usize> {
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
                Layout::Label => self.labels[at]
                    .clone()
                    .filter(|_| self.counts[at].is_none())
                    .map(|(author, date)| Head { at, body: at + 1, end: None, author: Some(author), date: Some(date) }),
            };
            match head {
                Some(head) => {
                    at = head.body;
                    heads.push(head);
                }
                None => at += 1,
            }
        }
        if layout == Layout::AuthorDate { self.with_writers(heads) } else { heads }
    }

    /// An author at line `at`, a date on the same line or on the next filled one, at most `gap` empty lines below.
    fn author_first(&self, at: usize, gap: usize) -> Option<Head> {
        let line = bare(self.lines[at]);
        if line.is_empty() || line.chars().count() > 120 {
            return None;
        }
        if let Some((author, date)) = self.both[at].clone() {
            return Some(Head { at, body: at + 1, end: None, author: Some(author), date: Some(date) });
        }
        let below = |from: usize| (from..self.lines.len().min(from + gap + 1)).find(|&at| !self.is_empty(at));
        let author = self.author(at)?;
        // What could end a sentence is a name only right above its date.
        let is_initial = || author.rsplit(' ').next().is_some_and(|word| word.chars().count() == 2);
        let is_short = author.split_whitespace().count() <= 4 && (!author.ends_with('.') || is_initial());
        let mut date_at = below(at + 1)?;
        // "Zoé / Membre / en réponse à Bob / 12 mars": rank, and who is answered, may have their own lines.
        for _ in 0..MAX_ASIDES {
            if self.dates[date_at].is_some() || !is_short || !self.is_aside(date_at) {
                break;
            }
            date_at = below(date_at + 1)?;
        }
        let date = self.dates[date_at].clone()?;
        Some(Head { at, body: date_at + 1, end: None, author: Some(author), date: Some(date) })
    }

    /// Whether a line may stand between a name and its date.
    fn is_aside(&self, at: usize) -> bool {
        let line = bare(self.lines[at]);
        is_mark(self.lines[at])
            || is_number(line)
            || self.cards[at]
            || (!line.is_empty() && WORDS.before_reply(line).is_empty())
    }

    /// A date at line `at`, the author right below it, a body below that.
    fn date_first(&self, at: usize) -> Option<Head> {
        let date = self.dates[at].clone()?;
        let mut author_at = at + 1;
        while author_at <= at + 2 && self.lines.get(author_at).is_some_and(|line| is_number(line) || is_mark(line)) {
            author_at += 1;
        }
        let author = self.author(author_at)?;
        let author = WORDS.byline(&author).to_owned();
        let is_short = author.split_whitespace().count() <= 4;
        let body = self.filled(author_at + 1)?;
        (is_short && self.dates[body].is_none()).then_some(Head {
            at,
            body: author_at + 1,
            end: None,
            author: Some(author),
            date: Some(date),
        })
    }

    /// Whether a line may stand between two comments: nothing, a button, a count, a vote.
    pub(super) fn is_between(&self, at: usize) -> bool {
        let line = self.lines[at].trim();
        line.is_empty()
            || is_mark(line)
            || WORDS.is_button(line)
            || PRINTED.is_sorter(line)
            || self.counts[at].is_some()
            || PRINTED.is_tally(line)
            || (line.len() <= 6 && line.bytes().all(|b| b.is_ascii_digit()))
    }

    /// The name a whole line is; "Published" above a date, a count and a button are labels.
    pub(super) fn author(&self, at: usize) -> Option<String> {
        let line = bare(self.lines.get(at)?);
        let author = self.names[at].clone()?;
        let is_label = self.dates[at].is_some()
            || self.counts[at].is_some()
            || WORDS.is_button(line)
            || (self.cards[at] && !PRINTED.is_badge(line))
            || is_number(line)
            || PRINTED.is_tally(line)
            || PRINTED.is_sorter(line)
            || PRINTED.is_subject(line);
        (!is_label).then_some(author)
    }

    pub(super) fn is_empty(&self, at: usize) -> bool {
        self.lines[at].trim().is_empty()
    }
}

/// The count a line states, or a number above "Go to comments".
fn count(lines: &[&str], at: usize) -> Option<u64> {
    let line = lines[at].trim();
    let leads_to_comments = || lines.get(at + 1).is_some_and(|next| PRINTED.is_way_to_comments(next));
    let number = || (line.len() <= 6 && leads_to_comments()).then(|| line.parse().ok()).flatten();
    if line.len() <= 80 { WORDS.stated_count(line).or_else(number) } else { None }
}

/// Which lines are part of a writer's card: ranks, "Posts: 12", and "Joined" with its value on the next line.
fn cards(lines: &[&str]) -> Vec<bool> {
    let mut label_above = false;
    let card = |line: &&str| {
        let line = line.trim();
        if line.is_empty() {
            return false;
        }
        let is_value = label_above && line.chars().count() <= 40 && line.bytes().any(|b| b.is_ascii_digit());
        let is_card = PRINTED.is_card(line) || is_value;
        label_above = PRINTED.is_card_label(line);
        is_card || label_above
    };
    lines.iter().map(card).collect()
}

/// The heads from a line to before another.
fn within(heads: &[Head], from: usize, until: usize) -> &[Head] {
    let end = heads.partition_point(|head| head.at < until);
    &heads[heads.partition_point(|head| head.at < from).min(end)..end]
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
