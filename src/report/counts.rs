//! What the charts and sentences of a report count.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::DateTime;

use super::charts::{Bin, Level, Mark, Node, Step, Tally, Tone};
use crate::model::{
    CoOccurrence, CodedComment, CodedThread, Comment, CommentState, Moment, Parent, Polarity, Study, ThreadShape,
};
use crate::study::shape::shape;
use crate::study::talk::cooccurrence;

/// Comments counted once for everything a report says.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) comments: u64,
    /// Comments that the sites state, of the threads whose site states a count.
    pub(super) stated: Option<u64>,
    /// How many of these are not there: `stated` less `missing` was found.
    pub(super) missing: u64,
    /// Comments of these threads beyond what their sites state.
    pub(super) beyond: u64,
    /// Comments of threads whose site states no count.
    pub(super) unstated: u64,
    pub(super) deleted: u64,
    pub(super) hidden: u64,
    pub(super) pending: u64,
    /// The shape of each thread, and of all in the last row.
    pub(super) shapes: Vec<ThreadShape>,
    /// Which codes come together.
    pub(super) pairs: Vec<CoOccurrence>,
    pub(super) coded: u64,
    /// For each code the comments of which it was left open whether they carry it.
    pub(super) open: Vec<u64>,
    pub(super) all: Tally,
    /// For each code the comments that carry it, by sentiment.
    pub(super) codes: Vec<Tally>,
    /// Comments by author, in no order.
    pub(super) authors: Vec<u64>,
    pub(super) by_level: Vec<Level>,
    pub(super) first: Option<DateTime>,
    pub(super) last: Option<DateTime>,
    pub(super) step: Option<Step>,
    pub(super) bins: Vec<Bin>,
    pub(super) coders: Vec<String>,
}

impl Counts {
    pub(super) fn of(study: &Study) -> Self {
        let mut made = Self {
            shapes: shape(study),
            pairs: cooccurrence(study),
            codes: vec![Tally::default(); study.codes.len()],
            open: vec![0; study.codes.len()],
            ..Self::default()
        };
        let places: HashMap<&str, usize> =
            study.codes.iter().enumerate().map(|(place, code)| (code.name.as_str(), place)).collect();
        let mut authors: HashMap<&str, u64> = HashMap::new();
        let mut levels: BTreeMap<u32, Level> = BTreeMap::new();
        let mut moments = Vec::new();
        for thread in &study.threads {
            made.completeness(thread);
            let is_told = thread.thread.shows_structure();
            for (comment, coded) in thread.thread.comments.iter().zip(&thread.comments) {
                let said = Said::of(coded, &places);
                made.states(comment);
                if let Some(author) = comment.author.as_ref().filter(|author| !author.name.trim().is_empty()) {
                    *authors.entry(author.name.trim()).or_default() += 1;
                }
                made.coded += u64::from(said.is_coded);
                said.open.iter().for_each(|code| made.open[*code] += 1);
                tally(&mut made.all, said.tone);
                for code in &said.codes {
                    tally(&mut made.codes[*code], said.tone);
                }
                // What answers nobody answers the article, where the page shows answers at all.
                let depth = comment.depth.or_else(|| (is_told && comment.reply_to.is_none()).then_some(0));
                if let Some(depth) = depth {
                    let level = levels.entry(depth + 1).or_insert_with(|| Level {
                        depth: depth + 1,
                        codes: vec![0; study.codes.len()],
                        open: vec![0; study.codes.len()],
                        ..Level::default()
                    });
                    said.add_to((&mut level.n, &mut level.tally, &mut level.codes, &mut level.open));
                }
                if let Some(coder) = coded.coded.as_ref().map(|coded| &coded.coder)
                    && !coder.is_empty()
                    && !made.coders.contains(coder)
                {
                    made.coders.push(coder.clone());
                }
                if let Some(at) = comment.posted_at.as_ref().and_then(Moment::clock) {
                    moments.push((at, said));
                }
            }
        }
        made.authors = authors.into_values().collect();
        made.by_level = levels.into_values().collect();
        made.over_time(&moments, study.codes.len());
        made
    }

    fn completeness(&mut self, thread: &CodedThread) {
        let found = thread.thread.parsed_count();
        self.comments += found;
        match thread.thread.stated_count {
            Some(stated) => {
                *self.stated.get_or_insert(0) += stated;
                self.missing += stated.saturating_sub(found);
                self.beyond += found.saturating_sub(stated);
            }
            None => self.unstated += found,
        }
    }

    fn states(&mut self, comment: &Comment) {
        self.deleted += u64::from(comment.state == CommentState::Deleted);
        self.hidden += u64::from(comment.state == CommentState::Hidden);
        self.pending += u64::from(comment.state == CommentState::Pending);
    }

    fn over_time(&mut self, moments: &[(DateTime, Said)], codes: usize) {
        let (Some(first), Some(last)) =
            (moments.iter().map(|(at, _)| *at).min(), moments.iter().map(|(at, _)| *at).max())
        else {
            return;
        };
        let step = Step::of_span(first, last);
        (self.first, self.last, self.step) = (Some(first), Some(last), Some(step));
        let mut bins: BTreeMap<DateTime, Bin> = BTreeMap::new();
        for (at, said) in moments {
            let start = step.floor(*at);
            let bin = bins.entry(start).or_insert_with(|| Bin {
                start,
                tally: Tally::default(),
                n: 0,
                codes: vec![0; codes],
                open: vec![0; codes],
            });
            said.add_to((&mut bin.n, &mut bin.tally, &mut bin.codes, &mut bin.open));
        }
        self.bins = bins.into_values().collect();
    }

    /// The shape of all threads together: the last row, which is there even of nothing.
    pub(super) fn of_all(&self) -> Option<&ThreadShape> {
        self.shapes.last()
    }

    /// Comments with this sentiment, as a share of those with any.
    pub(super) fn share(tally: &Tally, tone: Tone) -> Option<f64> {
        (tally.coded() > 0).then(|| tally.of(tone) as f64 / tally.coded() as f64)
    }

    /// Comments that carry a code, with or without a sentiment.
    pub(super) fn carrying(&self, code: usize) -> u64 {
        self.codes[code].all()
    }

    /// The share of a code among the comments of which it was decided whether they carry it.
    pub(super) fn code_share(&self, code: usize) -> Option<f64> {
        let decided = self.coded.saturating_sub(self.open[code]);
        (decided > 0).then(|| self.carrying(code) as f64 / decided as f64)
    }

    /// The fewest authors who wrote half of the signed comments.
    pub(super) fn authors_of_half(&self) -> u64 {
        let mut sorted = self.authors.clone();
        sorted.sort_unstable_by(|a, b| b.cmp(a));
        let half = sorted.iter().sum::<u64>().div_ceil(2);
        let mut written = 0;
        let before = sorted.iter().map(|comments| {
            let before = written;
            written += comments;
            before
        });
        before.take_while(|before| *before < half).count() as u64
    }
}

/// What the machine said of a comment, codes by their places.
#[derive(Default)]
struct Said {
    is_coded: bool,
    tone: Option<Tone>,
    codes: Vec<usize>,
    /// Codes that were left open.
    open: Vec<usize>,
}

/// What levels and stretches of time count: coded comments, their sentiments, and by code those that carry it and those left open.
type Sums<'a> = (&'a mut u64, &'a mut Tally, &'a mut Vec<u64>, &'a mut Vec<u64>);

impl Said {
    fn of(comment: &CodedComment, places: &HashMap<&str, usize>) -> Self {
        let Some(coded) = &comment.coded else { return Self::default() };
        let place = |name: &str| places.get(name).copied();
        Self {
            is_coded: true,
            tone: coded.polarity.as_ref().map(|found| tone(found.polarity)),
            codes: coded.codings.iter().filter_map(|coding| place(&coding.code)).collect(),
            open: coded.undecided.iter().filter_map(|name| place(name)).collect(),
        }
    }

    fn add_to(&self, (n, tallied, codes, open): Sums<'_>) {
        *n += u64::from(self.is_coded);
        tally(tallied, self.tone);
        self.codes.iter().for_each(|code| codes[*code] += 1);
        self.open.iter().for_each(|code| open[*code] += 1);
    }
}

pub(super) fn tone(polarity: Polarity) -> Tone {
    match polarity {
        Polarity::Negative => Tone::Negative,
        Polarity::Neutral => Tone::Neutral,
        Polarity::Positive => Tone::Positive,
    }
}

fn tally(tally: &mut Tally, tone: Option<Tone>) {
    match tone {
        Some(Tone::Negative) => tally.negative += 1,
        Some(Tone::Neutral) => tally.neutral += 1,
        Some(Tone::Positive) => tally.positive += 1,
        None => tally.uncoded += 1,
    }
}

/// A thread's comments as the nodes of a tree, marked by sentiment.
pub(super) fn nodes(thread: &CodedThread) -> Vec<Node> {
    let node = |((comment, coded), parent): ((&Comment, &CodedComment), Parent)| Node {
        parent: match parent {
            Parent::Comment(above) => Some(above),
            Parent::Article | Parent::Missing | Parent::Circle => None,
        },
        mark: match coded.coded.as_ref().and_then(|coded| coded.polarity.as_ref()) {
            _ if comment.state == CommentState::Deleted => Mark::Deleted,
            Some(found) => Mark::Tone(tone(found.polarity)),
            None => Mark::Uncoded,
        },
    };
    thread.thread.comments.iter().zip(&thread.comments).zip(thread.thread.parents()).map(node).collect()
}
