use jiff::civil::{Date, DateTime, Time};

use super::machine::local;
use super::relative::relative;
use super::words::WORDS;
use super::{DayOrder, Printed, parse_machine};
use crate::model::{Moment, Precision};
use crate::text::fold;

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
    // The longest real date line is some 60 characters; prose need not be taken apart.
    if text.len() > 120 || text.is_empty() {
        return None;
    }
    if let Some(moment) = text.as_bytes()[0].is_ascii_digit().then(|| parse_machine(text)).flatten()
        && text.len() >= 10
        && !text.bytes().all(|b| b.is_ascii_digit())
    {
        return Some(Printed::Absolute(moment));
    }
    let parts = parts(text)?;
    relative(&parts).map(Printed::Relative).or_else(|| absolute(&parts, order).map(Printed::Absolute))
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Part {
    Number { value: i64, digits: usize, ordinal: bool },
    Numeric([i64; 3], [usize; 3]),
    Clock(Time, Precision),
    Word(String),
}

/// Cuts a string into numbers, numeric dates, clock times and words; `None` where something else stands in it.
fn parts(text: &str) -> Option<Vec<Part>> {
    let folded = fold(text);
    let mut parts = Vec::new();
    let mut rest = folded.as_str();
    while let Some(c) = rest.chars().next() {
        if c.is_ascii_digit() {
            let (part, length) = number(rest)?;
            parts.push(part);
            rest = &rest[length..];
        } else if c.is_alphabetic() {
            let length = rest.find(|c: char| !(c.is_alphabetic() || matches!(c, '\''))).unwrap_or(rest.len());
            let mut word = rest[..length].to_owned();
            let mut taken = length;
            // "a.m." and "p.m."
            if matches!(word.as_str(), "a" | "p") && rest[length..].starts_with(".m") {
                word.push('m');
                taken = length + 2;
            }
            parts.push(Part::Word(word));
            rest = &rest[taken..];
        } else if matches!(
            c,
            ' ' | '\u{a0}' | '\u{202f}' | ',' | '.' | ':' | '-' | '–' | '—' | '|' | '·' | '•' | '(' | ')' | '@' | '\''
        ) {
            rest = &rest[c.len_utf8()..];
        } else {
            return None;
        }
        if parts.len() > 14 {
            return None;
        }
    }
    Some(parts)
}

/// The number, numeric date or clock time at the head of `rest`, and its length.
fn number(rest: &str) -> Option<(Part, usize)> {
    let digits = |s: &str| s.bytes().take_while(u8::is_ascii_digit).count();
    let first = digits(rest);
    if first > 4 {
        return None;
    }
    let value: i64 = rest[..first].parse().ok()?;
    let after = &rest[first..];
    for separator in ['/', '.', '-'] {
        let Some(tail) = after.strip_prefix(separator) else { continue };
        let second = digits(tail);
        let Some(tail2) = tail.get(second..).and_then(|t| t.strip_prefix(separator)) else { continue };
        let third = digits(tail2);
        if (1..=2).contains(&second) && matches!(third, 2 | 4) || (first == 4 && (1..=2).contains(&third)) {
            let values = [value, tail[..second].parse().ok()?, tail2[..third].parse().ok()?];
            return Some((Part::Numeric(values, [first, second, third]), first + second + third + 2));
        }
    }
    // 9:29, 09h29, 9 h 29, 09:29:30
    if first <= 2 {
        let gap = after.len() - after.trim_start_matches([' ', '\u{a0}', '\u{202f}']).len();
        let tail = &after[gap..];
        let colon = tail.starts_with(':') && gap == 0;
        let letter = tail.starts_with('h') && !tail[1..].starts_with(char::is_alphabetic);
        if colon || letter {
            let inner = tail[1..].len() - tail[1..].trim_start_matches([' ', '\u{a0}', '\u{202f}']).len();
            let minutes_at = if letter { 1 + inner } else { 1 };
            let minutes = &tail[minutes_at..];
            let count = digits(minutes);
            if count == 2 {
                let minute: i8 = minutes[..2].parse().ok()?;
                let mut length = first + gap + minutes_at + 2;
                let mut second = 0;
                let mut precision = Precision::Minute;
                if let Some(seconds) = minutes[2..].strip_prefix([':', 'm'])
                    && digits(seconds) == 2
                {
                    second = seconds[..2].parse().ok()?;
                    precision = Precision::Second;
                    length += 3;
                }
                let time = Time::new(i8::try_from(value).ok()?, minute, second, 0).ok()?;
                return Some((Part::Clock(time, precision), length));
            }
        }
    }
    let ordinal = ["st", "nd", "rd", "th", "er", "ere", "eme"]
        .iter()
        .find(|suffix| after.strip_prefix(**suffix).is_some_and(|tail| !tail.starts_with(char::is_alphanumeric)));
    let length = first + ordinal.map_or(0, |suffix| suffix.len());
    Some((Part::Number { value, digits: first, ordinal: ordinal.is_some() }, length))
}

fn absolute(parts: &[Part], order: DayOrder) -> Option<Moment> {
    let words = &*WORDS;
    let mut month = None;
    let mut numbers: Vec<(i64, usize)> = Vec::new();
    let mut date = None;
    let mut clock: Option<(Time, Precision)> = None;
    let mut half_day = None;
    for part in parts {
        match part {
            Part::Numeric(values, digits) => {
                if date.replace(numeric_date(*values, *digits, order)?).is_some() {
                    return None;
                }
            }
            Part::Clock(time, precision) => {
                if clock.replace((*time, *precision)).is_some() {
                    return None;
                }
            }
            Part::Number { value, digits, .. } => numbers.push((*value, *digits)),
            Part::Word(word) => {
                let word = word.as_str();
                if let Some(number) = words.months.get(word).filter(|_| month.is_none()) {
                    month = Some(*number);
                } else if clock.is_some() && words.before_noon.contains(word) {
                    half_day = Some(false);
                } else if clock.is_some() && words.after_noon.contains(word) {
                    half_day = Some(true);
                } else if word == "utc" || word == "gmt" {
                    // The offset would be known, but which clock the site prints is not always said so.
                } else if !(words.weekdays.contains(word) || words.fillers.contains(word)) {
                    return None;
                }
            }
        }
    }
    let date = match (date, month) {
        (Some(date), None) if numbers.is_empty() => date,
        (None, Some(month)) => {
            let year_at = numbers.iter().position(|(_, digits)| *digits == 4);
            let (year, rest): (i64, Vec<i64>) = match year_at {
                Some(at) => {
                    let year = numbers.remove(at).0;
                    (year, numbers.iter().map(|(value, _)| *value).collect())
                }
                // "Apr 3 '24"
                None if numbers.len() == 2 => (2000 + numbers[1].0, vec![numbers[0].0]),
                None => return None,
            };
            let [day] = rest.as_slice() else { return None };
            Date::new(i16::try_from(year).ok()?, month, i8::try_from(*day).ok()?).ok()?
        }
        _ => return None,
    };
    if !(1970..=2100).contains(&date.year()) {
        return None;
    }
    let Some((mut time, precision)) = clock else {
        return half_day.is_none().then(|| Moment { iso: date.to_string(), precision: Precision::Day });
    };
    match half_day {
        Some(true) if time.hour() < 12 => time = time.with().hour(time.hour() + 12).build().ok()?,
        Some(false) if time.hour() == 12 => time = time.with().hour(0).build().ok()?,
        _ => {}
    }
    Some(local(DateTime::from_parts(date, time), precision))
}

fn numeric_date(values: [i64; 3], digits: [usize; 3], order: DayOrder) -> Option<Date> {
    let [a, b, c] = values;
    if digits[0] == 4 {
        return Date::new(i16::try_from(a).ok()?, i8::try_from(b).ok()?, i8::try_from(c).ok()?).ok();
    }
    let year = if digits[2] == 2 { 2000 + c } else { c };
    let (day, month) = match order {
        _ if a > 12 => (a, b),
        _ if b > 12 => (b, a),
        DayOrder::DayFirst => (a, b),
        DayOrder::MonthFirst => (b, a),
    };
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}
