use jiff::civil::{Date, DateTime, Time, date};
use jiff::{Span, Unit};

use super::format::Language;
use super::words::fill;

/// How long a bin of time is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// From hour to hour.
    Hour,
    /// From midnight to midnight.
    Day,
    /// From Monday to Monday.
    Week,
    /// Calendar months.
    Month,
    /// Calendar years.
    Year,
}

/// The Monday that weeks are numbered from.
const MONDAY: Date = date(1969, 12, 29);
const EPOCH: Date = date(1970, 1, 1);

impl Step {
    /// The step that gives a span some 10 to 150 bins.
    pub fn of_span(first: DateTime, last: DateTime) -> Self {
        match days(first.date(), last.date()) {
            ..=4 => Self::Hour,
            5..=130 => Self::Day,
            131..=900 => Self::Week,
            901..=4_000 => Self::Month,
            _ => Self::Year,
        }
    }

    /// The beginning of the bin that a moment is in.
    pub fn floor(self, at: DateTime) -> DateTime {
        self.start(self.index(at)).unwrap_or(at)
    }

    pub(super) fn coarser(self) -> Option<Self> {
        match self {
            Self::Hour => Some(Self::Day),
            Self::Day => Some(Self::Week),
            Self::Week => Some(Self::Month),
            Self::Month => Some(Self::Year),
            Self::Year => None,
        }
    }

    /// The number of a moment's bin on a line of bins without end.
    pub(super) fn index(self, at: DateTime) -> i64 {
        match self {
            Self::Hour => days(EPOCH, at.date()) * 24 + i64::from(at.hour()),
            Self::Day => days(EPOCH, at.date()),
            Self::Week => days(MONDAY, at.date()).div_euclid(7),
            Self::Month => i64::from(at.year()) * 12 + i64::from(at.month()) - 1,
            Self::Year => i64::from(at.year()),
        }
    }

    /// Where a bin begins; empty for one outside the calendar.
    pub(super) fn start(self, index: i64) -> Option<DateTime> {
        let day = |from: Date, n: i64| from.checked_add(Span::new().try_days(n).ok()?).ok();
        let first_of = |year: i64, month: i64| Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, 1).ok();
        match self {
            Self::Hour => {
                let time = Time::new(i8::try_from(index.rem_euclid(24)).ok()?, 0, 0, 0).ok()?;
                Some(day(EPOCH, index.div_euclid(24))?.to_datetime(time))
            }
            Self::Day => Some(day(EPOCH, index)?.into()),
            Self::Week => Some(day(MONDAY, index.checked_mul(7)?)?.into()),
            Self::Month => Some(first_of(index.div_euclid(12), index.rem_euclid(12) + 1)?.into()),
            Self::Year => Some(first_of(index, 1)?.into()),
        }
    }

    /// How a bin is named in a table and in sentences.
    pub(super) fn name(self, at: DateTime, language: Language) -> String {
        let words = language.words();
        let day = format!("{} {} {}", at.day(), words.months[month(at)], at.year());
        match self {
            Self::Hour => format!("{day}, {}", hour(at, language)),
            Self::Day | Self::Week => day,
            Self::Month => format!("{} {}", words.months[month(at)], at.year()),
            Self::Year => at.year().to_string(),
        }
    }

    /// What a mark on the axis says, and what is said below it when it changes.
    fn mark(self, at: DateTime, language: Language) -> (String, String) {
        let months = &language.words().months;
        let day = format!("{} {}", at.day(), months[month(at)]);
        match self {
            Self::Hour => (hour(at, language), day),
            Self::Day | Self::Week => (day, at.year().to_string()),
            Self::Month => (months[month(at)].clone(), at.year().to_string()),
            Self::Year => (at.year().to_string(), String::new()),
        }
    }
}

/// A mark on the time axis.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// Bins from the first one.
    pub(super) slot: i64,
    pub(super) label: String,
    /// The day or year it is in, where that is not the mark's before.
    pub(super) context: String,
}

/// Marks of an axis over bins `first` to `last`: at midnights, Mondays, firsts of months or years, `most` of them or fewer.
pub(super) fn marks(step: Step, (first, last): (i64, i64), most: usize, language: Language) -> Vec<Mark> {
    const PACES: [(Step, i64); 19] = [
        (Step::Hour, 1),
        (Step::Hour, 3),
        (Step::Hour, 6),
        (Step::Hour, 12),
        (Step::Day, 1),
        (Step::Day, 2),
        (Step::Week, 1),
        (Step::Week, 2),
        (Step::Month, 1),
        (Step::Month, 3),
        (Step::Month, 6),
        (Step::Year, 1),
        (Step::Year, 2),
        (Step::Year, 5),
        (Step::Year, 10),
        (Step::Year, 50),
        (Step::Year, 200),
        (Step::Year, 1_000),
        (Step::Year, 5_000),
    ];
    let fitting = PACES.into_iter().filter(|(unit, _)| *unit >= step).find_map(|(unit, every)| {
        let slots = turns(step, (first, last), unit, every);
        (slots.len() <= most).then_some((unit, slots))
    });
    let Some((unit, mut slots)) = fitting else { return Vec::new() };
    if slots.is_empty() {
        slots.push(first);
    }
    let mut before = String::new();
    let named = slots.into_iter().filter_map(|slot| {
        let (label, context) = unit.max(step).mark(step.start(slot)?, language);
        let context = if context == before {
            String::new()
        } else {
            before.clone_from(&context);
            context
        };
        Some(Mark { slot: slot - first, label, context })
    });
    named.collect()
}

/// The bins in which a new stretch of `every` units begins.
fn turns(step: Step, (first, last): (i64, i64), unit: Step, every: i64) -> Vec<i64> {
    let stretch = |slot: i64| step.start(slot).map(|at| unit.index(at).div_euclid(every));
    (first..=last).filter(|&slot| stretch(slot) != stretch(slot - 1)).collect()
}

fn days(from: Date, to: Date) -> i64 {
    from.until((Unit::Day, to)).map_or(0, |span| i64::from(span.get_days()))
}

fn month(at: DateTime) -> usize {
    at.month().clamp(1, 12) as usize - 1
}

fn hour(at: DateTime, language: Language) -> String {
    fill(&language.words().hour, &[("hour", &at.hour().to_string())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_are_numbered_both_ways() {
        let at = date(2026, 11, 29).at(14, 35, 0, 0);
        for (step, start) in [
            (Step::Hour, date(2026, 11, 29).at(14, 0, 0, 0)),
            (Step::Day, date(2026, 11, 29).at(0, 0, 0, 0)),
            (Step::Week, date(2026, 11, 23).at(0, 0, 0, 0)),
            (Step::Month, date(2026, 11, 1).at(0, 0, 0, 0)),
            (Step::Year, date(2026, 1, 1).at(0, 0, 0, 0)),
        ] {
            assert_eq!(step.floor(at), start, "{step:?}");
            assert_eq!(step.start(step.index(at) + 1).map(|next| step.index(next)), Some(step.index(at) + 1));
        }
        assert_eq!(Step::Week.floor(date(1969, 1, 1).into()), date(1968, 12, 30).into());
        assert_eq!(Step::Year.start(i64::MAX), None);
        assert_eq!(Step::Week.start(i64::MIN), None);
        let ends = (Date::MIN.into(), Date::MAX.into());
        assert_eq!(Step::of_span(ends.0, ends.1), Step::Year);
        assert_eq!(Step::Hour.floor(Date::MIN.into()), Date::MIN.into());
    }

    #[test]
    fn marks_stand_where_a_day_a_month_or_a_year_begins() {
        let of = |step: Step, first: DateTime, last: DateTime, most| {
            let marks = marks(step, (step.index(first), step.index(last)), most, Language::English);
            marks.into_iter().map(|mark| format!("{}|{}|{}", mark.slot, mark.label, mark.context)).collect::<Vec<_>>()
        };
        let hours = of(Step::Hour, date(2026, 3, 1).at(7, 0, 0, 0), date(2026, 3, 2).at(9, 0, 0, 0), 5);
        assert_eq!(hours, ["5|12:00|1 Mar", "11|18:00|", "17|0:00|2 Mar", "23|6:00|"]);
        let days = of(Step::Day, date(2025, 12, 20).into(), date(2026, 2, 2).into(), 2);
        assert_eq!(days, ["12|Jan|2026", "43|Feb|"]);
        let months = of(Step::Month, date(2022, 5, 1).into(), date(2026, 2, 1).into(), 4);
        assert_eq!(months, ["8|2023|", "20|2024|", "32|2025|", "44|2026|"]);
        assert_eq!(of(Step::Day, date(2026, 2, 3).into(), date(2026, 2, 3).into(), 4), ["0|3 Feb|2026"]);
        let long = of(Step::Year, date(-9998, 1, 1).into(), date(9998, 1, 1).into(), 4);
        assert!((1..=4).contains(&long.len()), "{long:?}");
    }
}
