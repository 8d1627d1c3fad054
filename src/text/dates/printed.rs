//! Dates that people read, as whole strings.

use jiff::civil::{Date, DateTime, Time};

use super::machine::with_minutes;
use super::relative::{now, relative};
use super::tokens::{Part, Token, all_of_dates};
use super::words::Role;
use super::{DayOrder, Printed, Relative, parse_machine};
use crate::model::{Moment, Precision};

/// Bytes of the longest line that can be a date; prose need not be taken apart.
const MAX_LINE: usize = 120;

/// Reads a whole string as a printed date; `None` when any part of it is something else.
///
/// ```
/// use causerie::text::dates::{Printed, parse_printed, DayOrder};
/// let Some(Printed::Absolute(at)) = parse_printed("Le 03 avril 2024 à 06h55", DayOrder::DayFirst) else { panic!() };
/// assert_eq!(at.iso, "2024-04-03T06:55:00");
/// assert_eq!(parse_printed("Le 03 avril 2024, la CNIL a réagi", DayOrder::DayFirst), None);
/// ```
pub fn parse_printed(text: &str, order: DayOrder) -> Option<Printed> {
    let text = text.trim();
    if text.len() > MAX_LINE || text.is_empty() {
        return None;
    }
    if text.len() >= 10
        && text.as_bytes()[0].is_ascii_digit()
        && !text.bytes().all(|b| b.is_ascii_digit())
        && let Some(moment) = parse_machine(text)
    {
        return Some(Printed::Absolute(moment));
    }
    if let Some(now) = now(text) {
        return Some(Printed::Relative(now));
    }
    of_tokens(&all_of_dates(text)?, order)
}

/// The date that tokens are, all of them.
pub(super) fn of_tokens(tokens: &[Token], order: DayOrder) -> Option<Printed> {
    // "Edited: 3 April" says when something was changed, not when it was written; "3 April (edited)" does.
    let first = tokens.first()?;
    if first.is(Role::Edited) && !first.is(Role::Label) {
        return None;
    }
    relative(tokens).map(Printed::Relative).or_else(|| absolute(tokens, order))
}

/// A time of day, and how much of it was said.
pub(super) type Clock = (Time, Precision);

/// What the words around a day say of the time; kept apart from the day, whose words may come in any order.
#[derive(Default)]
pub(super) struct TimeOfDay {
    clock: Option<Clock>,
    afternoon: Option<bool>,
    /// Minutes east of Greenwich.
    offset: Option<i32>,
}

impl TimeOfDay {
    /// Takes a token that speaks of the time of day: `Some(true)`; `None` where it contradicts what was said.
    pub(super) fn take(&mut self, tokens: &[Token], at: usize) -> Option<bool> {
        let before = at.checked_sub(1).map(|at| tokens[at].part);
        match tokens[at].part {
            Part::Clock(time, precision) => self.clock.replace((time, precision)).is_none().then_some(true),
            Part::Offset(minutes) => {
                self.offset = Some(minutes);
                Some(self.clock.is_some())
            }
            Part::Word(word) => {
                let behind_clock = matches!(before, Some(Part::Clock(time, _)) if time.hour() <= 12);
                if behind_clock && (word.is(Role::BeforeNoon) || word.is(Role::AfterNoon)) {
                    self.afternoon = Some(word.is(Role::AfterNoon));
                    return Some(true);
                }
                let Some(zone) = word.zone.filter(|_| self.clock.is_some()) else { return Some(false) };
                self.offset = zone.offset();
                Some(true)
            }
            _ => Some(false),
        }
    }

    /// "14 h", "9 Uhr": the number before an hour mark.
    pub(super) fn take_hour(&mut self, hour: i64) -> bool {
        let time = i8::try_from(hour).ok().and_then(|hour| Time::new(hour, 0, 0, 0).ok());
        let clock = time.map(|time| (time, Precision::Hour)).filter(|_| self.clock.is_none());
        self.clock = self.clock.or(clock);
        clock.is_some()
    }

    pub(super) fn is_known(&self) -> bool {
        self.clock.is_some()
    }

    /// The time on a clock of 24 hours, and the offset.
    pub(super) fn read(&self) -> Option<(Clock, Option<i32>)> {
        let (time, precision) = self.clock?;
        let hour = match self.afternoon {
            Some(true) if time.hour() < 12 => time.hour() + 12,
            Some(false) if time.hour() == 12 => 0,
            _ => time.hour(),
        };
        Some(((time.with().hour(hour).build().ok()?, precision), self.offset))
    }
}

/// The numbers of a date that names its month, in their order.
#[derive(Default)]
struct Numbers {
    plain: Vec<i64>,
    year: Option<i64>,
}

fn absolute(tokens: &[Token], order: DayOrder) -> Option<Printed> {
    let mut months: Vec<(i8, bool)> = Vec::new();
    let mut numbers = Numbers::default();
    let mut numeric = None;
    let mut day_month = None;
    let mut time = TimeOfDay::default();
    let mut weekday = false;
    for (at, token) in tokens.iter().enumerate() {
        if time.take(tokens, at)? {
            continue;
        }
        match token.part {
            Part::Numeric { values, digits, separator } => {
                if numeric.replace(numeric_date(values, digits, separator, order)?).is_some() {
                    return None;
                }
            }
            Part::DayMonth { values: [a, b], separator } => {
                let (day, month) = day_and_month(a, b, separator, order);
                if day_month.replace((month, day)).is_some() {
                    return None;
                }
            }
            Part::Number { value, digits, year } => {
                if year || digits == 4 {
                    if numbers.year.replace(full_year(value, digits)).is_some() {
                        return None;
                    }
                } else {
                    numbers.plain.push(value);
                }
            }
            Part::Word(word) => {
                let behind_hour = at > 0
                    && word.is(Role::HourMark)
                    && matches!(tokens[at - 1].part, Part::Number { digits: 1 | 2, year: false, .. });
                if behind_hour && !time.is_known() {
                    let hour = numbers.plain.pop()?;
                    time.take_hour(hour).then_some(())?;
                } else if let Some(month) = word.month {
                    months.push((month, word.weekday.is_some()));
                } else if word.weekday.is_some() {
                    weekday = true;
                } else if !(word.is_beside() || (word.is(Role::Edited) && at > 0)) {
                    return None;
                }
            }
            Part::Clock(..) | Part::Offset(_) | Part::Other => return None,
        }
    }
    let month = the_month(&months);
    if month.is_none() && !months.is_empty() {
        return None;
    }
    let time = if time.is_known() { Some(time.read()?) } else { None };
    let date = match (numeric, month, day_month) {
        (Some(date), None, None) if numbers.plain.is_empty() && numbers.year.is_none() => date,
        // A day without a year among words could be anything; with a time it is one.
        (None, None, Some((month, day))) if numbers.plain.is_empty() && numbers.year.is_none() && time.is_some() => {
            return Relative::day_of_year(month, day, time).map(Printed::Relative);
        }
        (None, Some(month), None) => match (numbers.plain.as_slice(), numbers.year) {
            ([day], Some(year)) => Date::new(i16::try_from(year).ok()?, month, i8::try_from(*day).ok()?).ok()?,
            // "3 Apr 24"
            ([day, year], None) if (10..100).contains(year) => {
                Date::new(i16::try_from(full_year(*year, 2)).ok()?, month, i8::try_from(*day).ok()?).ok()?
            }
            ([], Some(year)) if time.is_none() && !weekday && is_believable(year) => {
                return Some(Printed::Absolute(Moment {
                    iso: format!("{year:04}-{month:02}"),
                    precision: Precision::Month,
                }));
            }
            ([day], None) => return Relative::day_of_year(month.into(), *day, time).map(Printed::Relative),
            _ => return None,
        },
        _ => return None,
    };
    if !is_believable(date.year().into()) {
        return None;
    }
    Some(Printed::Absolute(match time {
        Some(((time, precision), offset)) => with_minutes(DateTime::from_parts(date, time), offset, precision),
        None => Moment { iso: date.to_string(), precision: Precision::Day },
    }))
}

fn is_believable(year: i64) -> bool {
    (1970..=2100).contains(&year)
}

/// Of two words that can be months, one may be a day of the week: "mar 3 mars", "mar 3 mar". `None` where none is a
/// month, or two are.
fn the_month(months: &[(i8, bool)]) -> Option<i8> {
    match *months {
        [(month, _)] | [(_, true), (month, _)] | [(month, false), (_, true)] => Some(month),
        _ => None,
    }
}

fn full_year(value: i64, digits: usize) -> i64 {
    match value {
        _ if digits > 2 => value,
        0..70 => 2000 + value,
        _ => 1900 + value,
    }
}

/// Day and month of "03/04"; with points the day comes first everywhere.
pub(super) fn day_and_month(a: i64, b: i64, separator: char, order: DayOrder) -> (i64, i64) {
    match order {
        _ if separator == '.' || a > 12 => (a, b),
        _ if b > 12 => (b, a),
        DayOrder::DayFirst => (a, b),
        DayOrder::MonthFirst => (b, a),
    }
}

pub(super) fn numeric_date([a, b, c]: [i64; 3], digits: [usize; 3], separator: char, order: DayOrder) -> Option<Date> {
    let (year, month, day) = if digits[0] == 4 {
        (a, b, c)
    } else {
        let (day, month) = day_and_month(a, b, separator, order);
        (full_year(c, digits[2]), month, day)
    };
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}
