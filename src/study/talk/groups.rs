use std::collections::{BTreeSet, HashMap};

use crate::model::{Comment, Precision, Study};
use crate::study::shape::{Tree, When, commonest, writer};

/// Ends of the stretches of time since something, in hours, and their names.
const HOURS: [(f64, &str); 8] = [
    (1.0, "0-1 h"),
    (3.0, "1-3 h"),
    (6.0, "3-6 h"),
    (12.0, "6-12 h"),
    (24.0, "12-24 h"),
    (48.0, "1-2 d"),
    (168.0, "2-7 d"),
    (f64::INFINITY, "7+ d"),
];
/// The most an author of each group has written, and its name.
const COMMENTS: [(u64, &str); 5] = [(1, "1"), (3, "2-3"), (9, "4-9"), (29, "10-29"), (u64::MAX, "30+")];
/// Levels from here on are one group.
const DEEP: usize = 10;
const TENTHS: usize = 10;

/// A way to split the comments of a study.
#[derive(Debug)]
pub(super) struct Groups {
    /// What they are split by.
    pub(super) by: &'static str,
    /// Names of the groups, in order.
    pub(super) names: Vec<String>,
    /// The group of each comment, by its place; `None` where it is not known.
    pub(super) of: Vec<Option<usize>>,
}

impl Groups {
    /// All ways, in the order of the table.
    pub(super) fn all(study: &Study) -> [Self; 6] {
        let times = Times::of(study);
        [
            depth(study),
            tenth(study),
            since("hours_since_article", times.since_article),
            since("hours_since_first_comment", times.since_first),
            date(study),
            author_comments(study),
        ]
    }
}

fn depth(study: &Study) -> Groups {
    let levels = study.threads.iter().flat_map(|thread| Tree::of(&thread.thread).levels);
    let of = levels.map(|level| level.map(|level| (level as usize).min(DEEP))).collect();
    let names = (0..DEEP).map(|level| level.to_string()).chain([format!("{DEEP}+")]).collect();
    Groups { by: "depth", names, of }
}

/// Tenths of the thread in the order the site shows; threads of fewer comments than tenths have none.
fn tenth(study: &Study) -> Groups {
    let of_thread =
        |comments: usize| (0..comments).map(move |place| (comments >= TENTHS).then(|| TENTHS * place / comments));
    let of = study.threads.iter().flat_map(|thread| of_thread(thread.thread.comments.len())).collect();
    Groups { by: "tenth", names: (1..=TENTHS).map(|tenth| tenth.to_string()).collect(), of }
}

#[derive(Debug, Default)]
struct Times {
    since_article: Vec<Option<f64>>,
    since_first: Vec<Option<f64>>,
}

impl Times {
    fn of(study: &Study) -> Self {
        let mut times = Self::default();
        for thread in study.threads.iter().map(|thread| &thread.thread) {
            let dates: Vec<Option<When>> =
                thread.comments.iter().map(|comment| When::timed(comment.posted_at.as_ref())).collect();
            let hours = |start: Option<When>| {
                dates.iter().map(move |date| date.zip(start).and_then(|(date, start)| date.hours_since(start)))
            };
            times.since_article.extend(hours(When::timed(thread.article.published_at.as_ref())));
            times.since_first.extend(hours(commonest(dates.iter().copied().flatten()).first().copied()));
        }
        times
    }
}

fn since(by: &'static str, hours: Vec<Option<f64>>) -> Groups {
    let group = |hours: f64| HOURS.iter().position(|(end, _)| hours < *end);
    let of = hours.into_iter().map(|hours| hours.and_then(group)).collect();
    Groups { by, names: HOURS.map(|(_, name)| name.to_owned()).into(), of }
}

/// The day on the clock the comment's date is of.
fn date(study: &Study) -> Groups {
    let comments = || study.threads.iter().flat_map(|thread| &thread.thread.comments);
    let day = |comment: &Comment| -> Option<String> {
        let moment = comment.posted_at.as_ref()?;
        When::of(moment)?;
        (moment.precision >= Precision::Day).then(|| moment.iso.get(..10).map(str::to_owned))?
    };
    let days: Vec<Option<String>> = comments().map(day).collect();
    let names: BTreeSet<&String> = days.iter().flatten().collect();
    let place: HashMap<&String, usize> = names.iter().copied().zip(0..).collect();
    let of = days.iter().map(|day| day.as_ref().and_then(|day| place.get(day).copied())).collect();
    Groups { by: "date", names: names.into_iter().cloned().collect(), of }
}

/// By how much their author writes in the whole study.
fn author_comments(study: &Study) -> Groups {
    let comments = || study.threads.iter().flat_map(|thread| &thread.thread.comments);
    let mut written: HashMap<&str, u64> = HashMap::new();
    for author in comments().filter_map(writer) {
        *written.entry(author).or_insert(0) += 1;
    }
    let group = |author: &str| {
        let count = written.get(author)?;
        COMMENTS.iter().position(|(most, _)| count <= most)
    };
    let of = comments().map(|comment| writer(comment).and_then(group)).collect();
    Groups { by: "author_comments", names: COMMENTS.map(|(_, name)| name.to_owned()).into(), of }
}
