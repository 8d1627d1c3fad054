//! Which number of "03/04/2024" is the day.

use super::printed::numeric_date;
use super::tokens::{Part, any};

/// Dates looked at; a page's order shows in the first few.
const MAX_DATES: usize = 2_000;

/// Which number of "03/04/2024" is the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DayOrder {
    /// Day first, as everywhere but in the United States.
    #[default]
    DayFirst,
    /// Month first.
    MonthFirst,
}

impl DayOrder {
    /// From a page's language tag (`en-US`, `fr`); plain `en` is read as American, as most software does.
    pub fn of_language(tag: &str) -> Self {
        let tag = tag.to_ascii_lowercase();
        if tag == "en" || tag.starts_with("en-us") || tag.starts_with("en_us") {
            Self::MonthFirst
        } else {
            Self::DayFirst
        }
    }
}

/// The order of a page's numeric dates, given in the page's order: a number above 12 decides; else whether they run on
/// under one reading only; else the page's language.
///
/// ```
/// use causerie::text::dates::{DayOrder, order_of};
/// assert_eq!(order_of(["03/04/2024", "03/14/2024"], "fr"), DayOrder::MonthFirst);
/// assert_eq!(order_of(["30/03/2024", "02/04/2024"], "en"), DayOrder::DayFirst);
/// assert_eq!(order_of(["03/04/2024"], "en-GB"), DayOrder::DayFirst);
/// ```
pub fn order_of<'a>(dates: impl IntoIterator<Item = &'a str>, language: &str) -> DayOrder {
    let found: Vec<Numeric> = dates.into_iter().filter_map(Numeric::of).take(MAX_DATES).collect();
    let above = |at: usize| found.iter().filter(|date| date.values[at] > 12).count();
    let (first, second) = (above(0), above(1));
    if first != second {
        return if first > second { DayOrder::DayFirst } else { DayOrder::MonthFirst };
    }
    let runs = |order| runs_on(&found, order);
    match (runs(DayOrder::DayFirst), runs(DayOrder::MonthFirst)) {
        (true, false) => DayOrder::DayFirst,
        (false, true) => DayOrder::MonthFirst,
        _ => DayOrder::of_language(language),
    }
}

struct Numeric {
    values: [i64; 3],
    digits: [usize; 3],
    separator: char,
}

impl Numeric {
    /// The first numeric date of a line that may be read both ways.
    fn of(line: &str) -> Option<Self> {
        if line.len() > 200 || !line.contains(['/', '-']) {
            return None;
        }
        any(line).iter().find_map(|token| match token.part {
            Part::Numeric { values, digits, separator } if digits[0] <= 2 && separator != '.' => {
                Some(Self { values, digits, separator })
            }
            _ => None,
        })
    }
}

/// Whether dates only rise, or only fall; days alone, as clocks of twelve hours fall back at noon.
fn runs_on(dates: &[Numeric], order: DayOrder) -> bool {
    let read = |date: &Numeric| numeric_date(date.values, date.digits, date.separator, order);
    let Some(read): Option<Vec<_>> = dates.iter().map(read).collect() else { return false };
    read.is_sorted() || read.is_sorted_by(|a, b| a >= b)
}
