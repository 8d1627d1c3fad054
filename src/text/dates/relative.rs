//! Distances from the moment a page was read.

use jiff::Span;
use jiff::civil::{Date, DateTime};
use serde::Deserialize;

use super::machine::{split_offset, with_minutes};
use super::printed::{Clock, TimeOfDay};
use super::tokens::{Part, Token};
use super::words::{Role, WORDS, Word};
use crate::model::{Moment, Precision};
use crate::text::fold;

/// A date that only someone who knows when the page was read can tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relative {
    day: Day,
    time: Option<(Clock, Option<i32>)>,
    /// Whether words say that it is a distance from now.
    explicit: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Day {
    /// So many units back, the largest first: "1 year, 3 months ago".
    Back(Vec<(i64, Unit)>),
    /// "A few seconds ago": some of these units back.
    Few(Unit),
    /// The last such day of the week before; Monday is 1.
    Weekday(i8),
    /// The last such day of a year, month first.
    OfYear(i8, i8),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

impl Unit {
    fn times(self, count: i64) -> Option<Span> {
        let span = Span::new();
        match self {
            Self::Second => span.try_seconds(count),
            Self::Minute => span.try_minutes(count),
            Self::Hour => span.try_hours(count),
            Self::Day => span.try_days(count),
            Self::Week => span.try_weeks(count),
            Self::Month => span.try_months(count),
            Self::Year => span.try_years(count),
        }
        .ok()
    }

    fn precision(self) -> Precision {
        match self {
            Self::Second => Precision::Second,
            Self::Minute => Precision::Minute,
            Self::Hour => Precision::Hour,
            Self::Day | Self::Week => Precision::Day,
            Self::Month => Precision::Month,
            Self::Year => Precision::Year,
        }
    }
}

impl Relative {
    pub(super) fn day_of_year(month: i64, day: i64, time: Option<(Clock, Option<i32>)>) -> Option<Self> {
        let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
        // 2024 has all days.
        Date::new(2024, month, day).ok()?;
        Some(Self { day: Day::OfYear(month, day), time, explicit: false })
    }

    /// Whether it is told in words that nothing but a date is: "il y a 3 heures", "hier à 14:02", not "3w" or "3 avril".
    pub(super) fn is_explicit(&self) -> bool {
        self.explicit || self.time.is_some()
    }

    /// The moment meant by someone who read the page at `read_at`, as precise as the words; `None` where that is not
    /// known well enough.
    pub fn from(&self, read_at: &Moment) -> Option<Moment> {
        if read_at.precision < Precision::Day {
            return None;
        }
        let (local, offset) = split_offset(&read_at.iso)?;
        let (at, precision) = match &self.day {
            Day::Back(counts) => {
                let mut at = local;
                for (count, unit) in counts {
                    at = at.checked_sub(unit.times(*count)?).ok()?;
                }
                (at, counts.last()?.1.precision())
            }
            Day::Few(Unit::Second) => (local, Precision::Minute),
            Day::Few(Unit::Minute) => (local, Precision::Day),
            Day::Few(_) => return None,
            Day::Weekday(number) => {
                let today = local.date().weekday().to_monday_one_offset();
                let back = (today - number + 6) % 7 + 1;
                (local.checked_sub(Span::new().try_days(back).ok()?).ok()?, Precision::Day)
            }
            Day::OfYear(month, day) => {
                let year = local.date().year();
                let days = (0..9).filter_map(|back| Date::new(year - back, *month, *day).ok());
                // The site's day may have begun before the reader's: the clocks of the world lie 14 hours ahead at most.
                let ahead = if read_at.precision > Precision::Day { 14 } else { 0 };
                let latest = local.checked_add(Span::new().try_hours(ahead).ok()?).ok()?.date();
                (DateTime::from_parts(days.filter(|date| *date <= latest).max()?, local.time()), Precision::Day)
            }
        };
        // Hours before a day are on no known day.
        if precision > Precision::Day && read_at.precision == Precision::Day {
            return None;
        }
        // The site's clock need not be the reader's: its times carry an offset only where it is printed.
        if let Some(((time, precision), offset)) = self.time {
            return Some(with_minutes(DateTime::from_parts(at.date(), time), offset, precision));
        }
        let iso = match precision {
            Precision::Year => at.strftime("%Y").to_string(),
            Precision::Month => at.strftime("%Y-%m").to_string(),
            Precision::Day => at.strftime("%Y-%m-%d").to_string(),
            _ => format!("{}{offset}", at.strftime("%Y-%m-%dT%H:%M:%S")),
        };
        Some(Moment { iso, precision })
    }
}

/// "Just now", "à l'instant".
pub(super) fn now(text: &str) -> Option<Relative> {
    let is_now = text.len() <= 40 && !text.bytes().any(|b| b.is_ascii_digit()) && WORDS.now.contains(&fold(text));
    is_now.then_some(Relative { day: Day::Few(Unit::Second), time: None, explicit: false })
}

pub(super) fn relative(tokens: &[Token]) -> Option<Relative> {
    named_day(tokens).or_else(|| counted(tokens))
}

/// "Hier à 14:02", "avant-hier", "Monday at 3:15 PM", "letzten Montag".
fn named_day(tokens: &[Token]) -> Option<Relative> {
    let mut back = None;
    let mut weekday = None;
    let mut last = false;
    let mut time = TimeOfDay::default();
    for (at, token) in tokens.iter().enumerate() {
        if time.take(tokens, at)? {
            continue;
        }
        match token.part {
            // "Aujourd'hui à 14 h"
            Part::Number { value, digits: 1 | 2, .. } => {
                let is_hour = tokens.get(at + 1).is_some_and(|next| next.is(Role::HourMark));
                (is_hour && time.take_hour(value)).then_some(())?;
            }
            Part::Word(word) if word.is(Role::Today) => back = Some(0),
            Part::Word(word) if word.is(Role::Yesterday) => back = Some(back.unwrap_or(0) + 1),
            Part::Word(word) if word.is(Role::BeforeYesterday) => back = Some(2),
            Part::Word(word) if word.is(Role::Before) => back = Some(back.unwrap_or(0) + 1),
            Part::Word(word) if word.is(Role::Last) => last = true,
            Part::Word(Word { weekday: Some(number), .. }) if weekday.is_none() => weekday = Some(number),
            Part::Word(word) if word.is_beside() || word.weekday.is_some() => {}
            Part::Word(word) if word.is(Role::Edited) && at > 0 => {}
            _ => return None,
        }
    }
    let said = time.is_known();
    let time = if said { Some(time.read()?) } else { None };
    let day = match (back, weekday) {
        (Some(days @ 0..=2), _) if !last => Day::Back(vec![(days, Unit::Day)]),
        (None, Some(number)) if last || said => Day::Weekday(number),
        _ => return None,
    };
    Some(Relative { day, time, explicit: last })
}

/// "Il y a 3 heures", "over a year ago", "1 year, 3 months ago"; "3w": a count and a short unit, nothing else.
fn counted(tokens: &[Token]) -> Option<Relative> {
    let mut counts: Vec<(i64, Unit)> = Vec::new();
    let mut count = None;
    let (mut spelled, mut few) = (false, false);
    let mut few_of = None;
    let mut marked = false;
    let mut bare = true;
    for (at, token) in tokens.iter().enumerate() {
        match token.part {
            // "il y a 3 heures": the "a" is no count once a number follows.
            Part::Number { value, year: false, .. } if count.is_none() || spelled => {
                (count, spelled) = (Some(value), false);
            }
            Part::Word(word) => {
                let goes_on = counts.last().is_none_or(|(_, last)| word.unit.is_some_and(|unit| unit < *last));
                if let (Some(unit), Some(number), true) = (word.unit, count, goes_on) {
                    counts.push((number, unit));
                    (count, spelled) = (None, false);
                } else if word.is(Role::Ago) {
                    (marked, bare) = (true, false);
                } else if word.is(Role::Few) {
                    // "ein paar Sekunden"
                    (few, count, spelled, bare) = (true, None, false, false);
                } else if let Some(number) =
                    word.count.filter(|_| (count.is_none() || spelled) && at + 1 < tokens.len())
                {
                    (count, spelled, bare) = (Some(number), true, false);
                } else if let (Some(unit), true) = (word.unit, counts.is_empty() && few_of.is_none()) {
                    // "hace segundos"
                    (few_of, bare) = (Some(unit), false);
                } else if word.is_beside() || word.is(Role::About) || (word.is(Role::Edited) && at > 0) {
                    bare = false;
                } else {
                    return None;
                }
            }
            _ => return None,
        }
    }
    let day = match (few_of, counts.is_empty()) {
        (None, false) if count.is_none() || spelled => {
            let short = bare && tokens.len() == 2;
            (marked || short).then_some(())?;
            Day::Back(counts)
        }
        (Some(unit), true) if marked && (few || unit == Unit::Second) && (count.is_none() || spelled) => Day::Few(unit),
        _ => return None,
    };
    Some(Relative { day, time: None, explicit: marked })
}
