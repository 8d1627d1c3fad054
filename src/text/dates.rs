//! Printed dates: "Le 03 avril 2024 à 06h55", "March 14, 2026 at 9:29 am", "14.03.2026, 9:29 Uhr", ISO 8601, epochs.
//!
//! A string is a date when every word of it is part of one: so a line of prose that mentions a date is not
//! taken for a date line. What the string does not say (seconds, time, offset) is not added. The words stand
//! in `data/text/dates.toml`.

use std::collections::HashMap;
use std::sync::LazyLock;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde::Deserialize;

use crate::model::{Moment, Precision};

/// What a string says about time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Printed {
    /// A day, perhaps with a time.
    Absolute(Moment),
    /// A distance from the moment it was read ("il y a 3 heures"): resolve it with [`Relative::from`].
    Relative(Relative),
}

/// A distance back from the moment of reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relative {
    count: i64,
    unit: Unit,
    time: Option<Time>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

impl Relative {
    /// The moment meant by someone who read the page at `read_at`, as precise as the unit; `None` where
    /// `read_at` is no full date.
    pub fn from(&self, read_at: &Moment) -> Option<Moment> {
        let back: Span = match self.unit {
            Unit::Second => Span::new().try_seconds(self.count),
            Unit::Minute => Span::new().try_minutes(self.count),
            Unit::Hour => Span::new().try_hours(self.count),
            Unit::Day => Span::new().try_days(self.count),
            Unit::Week => Span::new().try_weeks(self.count),
            Unit::Month => Span::new().try_months(self.count),
            Unit::Year => Span::new().try_years(self.count),
        }
        .ok()?;
        let (local, offset) = split_offset(&read_at.iso)?;
        let at = local.checked_sub(back).ok()?;
        let precision = match (self.time, self.unit) {
            (Some(_), _) => Precision::Minute,
            (None, Unit::Second) => Precision::Second,
            (None, Unit::Minute) => Precision::Minute,
            (None, Unit::Hour) => Precision::Hour,
            (None, Unit::Day | Unit::Week) => Precision::Day,
            (None, Unit::Month) => Precision::Month,
            (None, Unit::Year) => Precision::Year,
        };
        let iso = match (self.time, precision) {
            // The site's clock need not be the reader's: its times carry no offset.
            (Some(time), _) => DateTime::from_parts(at.date(), time).strftime("%Y-%m-%dT%H:%M:%S").to_string(),
            (None, Precision::Year) => at.strftime("%Y").to_string(),
            (None, Precision::Month) => at.strftime("%Y-%m").to_string(),
            (None, Precision::Day) => at.strftime("%Y-%m-%d").to_string(),
            _ => format!("{}{offset}", at.strftime("%Y-%m-%dT%H:%M:%S")),
        };
        Some(Moment { iso, precision })
    }
}

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

/// Reads a machine's date: ISO 8601 (`T` or a blank, with or without seconds, fraction, offset), RFC 2822,
/// or an epoch in seconds or milliseconds.
///
/// ```
/// use causerie::text::dates::parse_machine;
/// assert_eq!(parse_machine("2026-03-14T09:29:00+0100").unwrap().iso, "2026-03-14T09:29:00+01:00");
/// assert_eq!(parse_machine("2026-03-14 09:29").unwrap().iso, "2026-03-14T09:29:00");
/// assert_eq!(parse_machine("1773476940").unwrap().iso, "2026-03-14T08:29:00Z");
/// ```
pub fn parse_machine(text: &str) -> Option<Moment> {
    let text = text.trim();
    if text.len() >= 9 && text.bytes().all(|b| b.is_ascii_digit()) {
        return epoch(text.parse().ok()?);
    }
    if !text.as_bytes().first()?.is_ascii_digit() {
        let zoned = jiff::fmt::rfc2822::parse(text).ok()?;
        return Some(with_offset(zoned.datetime(), &offset_of(zoned.offset().seconds()), Precision::Second));
    }
    let date = text.get(..10)?;
    date.parse::<Date>().ok()?;
    let rest = text.get(10..)?.trim_start_matches(['T', 't', ' ']);
    if rest.is_empty() {
        return Some(Moment { iso: date.to_owned(), precision: Precision::Day });
    }
    let zone_at = rest.find(['Z', 'z', '+', '-', ' ']).unwrap_or(rest.len());
    let (clock, zone) = (&rest[..zone_at], rest[zone_at..].trim());
    let mut parts = clock.split([':', '.', ',']);
    let hour: i8 = parts.next()?.parse().ok()?;
    let minute: i8 = parts.next()?.parse().ok()?;
    let (second, precision) = match parts.next() {
        Some(second) => (second.parse::<i8>().ok()?.min(59), Precision::Second),
        None => (0, Precision::Minute),
    };
    let at = DateTime::from_parts(date.parse().ok()?, Time::new(hour, minute, second, 0).ok()?);
    let offset = match zone {
        "" => return Some(local(at, precision)),
        "Z" | "z" | "UTC" | "GMT" => "Z".to_owned(),
        zone => {
            let sign = zone.chars().next().filter(|c| matches!(c, '+' | '-'))?;
            let digits: String = zone[1..].chars().filter(char::is_ascii_digit).collect();
            let (hours, minutes) = match digits.len() {
                1 | 2 => (digits.parse::<u8>().ok()?, 0),
                4 => (digits[..2].parse().ok()?, digits[2..].parse().ok()?),
                _ => return None,
            };
            format!("{sign}{hours:02}:{minutes:02}")
        }
    };
    Some(with_offset(at, &offset, precision))
}

/// An instant from an epoch in seconds, or in milliseconds if it is too large for seconds.
pub fn epoch(number: i64) -> Option<Moment> {
    let seconds = if number.abs() >= 100_000_000_000 { number / 1000 } else { number };
    let at = Timestamp::from_second(seconds).ok()?;
    Some(Moment { iso: at.to_string(), precision: Precision::Second })
}

/// Gives a local time the offset of its place: next.ink prints Paris time, say. What has an offset, or no time, stays.
pub fn in_zone(moment: Moment, zone: &str) -> Moment {
    let known = moment.precision >= Precision::Minute && !moment.has_offset();
    let zoned = known
        .then(|| {
            let local: DateTime = moment.iso.parse().ok()?;
            local.to_zoned_datetime(TimeZone::get(zone).ok()?).ok()
        })
        .flatten();
    match zoned {
        Some(zoned) => with_offset(zoned.datetime(), &offset_of(zoned.offset().seconds()), moment.precision),
        None => moment,
    }
}

/// The instant as seconds since 1970, to sort by; local times are taken as UTC, missing parts as the first.
pub fn sort_key(moment: &Moment) -> i64 {
    let Some((local, offset)) = split_offset(&moment.iso) else { return i64::MIN };
    let shift = match offset.as_str() {
        "" | "Z" => 0,
        text => {
            let sign = if text.starts_with('-') { -1 } else { 1 };
            let part = |range| text.get(range).and_then(|t: &str| t.parse::<i64>().ok()).unwrap_or(0);
            sign * (part(1..3) * 3600 + part(4..6) * 60)
        }
    };
    local.to_zoned_datetime(TimeZone::UTC).map_or(i64::MIN, |zoned| zoned.timestamp().as_second() - shift)
}

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
enum Part {
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

fn relative(parts: &[Part]) -> Option<Relative> {
    let words = &*WORDS;
    let mut count = None;
    let mut unit = None;
    let mut time = None;
    let mut marked = false;
    let mut bare = true;
    let mut spelled = false;
    for (index, part) in parts.iter().enumerate() {
        match part {
            // "il y a 3 heures": the "a" is no count once a number follows.
            Part::Number { value, ordinal: false, .. } if count.is_none() || spelled => {
                (count, spelled) = (Some(*value), false);
            }
            Part::Clock(clock, _) if time.is_none() => time = Some(*clock),
            Part::Word(word) => {
                let word = word.as_str();
                if words.today.contains(word) {
                    (count, unit, marked) = (Some(0), Some(Unit::Day), true);
                } else if words.yesterday.contains(word) {
                    (count, unit, marked) = (Some(1), Some(Unit::Day), true);
                } else if count.is_some() && unit.is_none() && words.units.contains_key(word) {
                    unit = words.units.get(word).copied();
                } else if words.ago.contains(word) {
                    (marked, bare) = (true, false);
                } else if (count.is_none() || spelled) && words.one.contains(word) && parts.len() > index + 1 {
                    (count, spelled, bare) = (Some(1), true, false);
                } else if words.now.contains(word) {
                    (count, unit, marked) = (Some(0), Some(Unit::Minute), true);
                } else if words.fillers.contains(word) || word == "l'" {
                    bare = false;
                } else {
                    return None;
                }
            }
            _ => return None,
        }
    }
    // "3w", "14 h", "2 d": a count and a short unit, nothing else.
    let short = bare && parts.len() == 2;
    (marked || short).then_some(())?;
    if time.is_some() && unit != Some(Unit::Day) {
        return None;
    }
    Some(Relative { count: count?, unit: unit?, time })
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

fn local(at: DateTime, precision: Precision) -> Moment {
    with_offset(at, "", precision)
}

fn with_offset(at: DateTime, offset: &str, precision: Precision) -> Moment {
    Moment { iso: format!("{}{offset}", at.strftime("%Y-%m-%dT%H:%M:%S")), precision }
}

fn offset_of(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.abs() / 60;
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// A moment's local time and its offset as written; the first day or hour where none is given.
fn split_offset(iso: &str) -> Option<(DateTime, String)> {
    let date = match iso.len() {
        4 => format!("{iso}-01-01"),
        7 => format!("{iso}-01"),
        _ => iso.get(..10)?.to_owned(),
    };
    let date: Date = date.parse().ok()?;
    let rest = iso.get(10..).unwrap_or("").trim_start_matches('T');
    if rest.is_empty() {
        return Some((DateTime::from_parts(date, Time::midnight()), String::new()));
    }
    let zone_at = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
    let time: Time = rest[..zone_at].parse().ok()?;
    Some((DateTime::from_parts(date, time), rest[zone_at..].to_owned()))
}

/// Lower case without accents; letter by letter, so that words keep their borders.
pub(crate) fn fold(text: &str) -> String {
    text.chars()
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            'à' | 'â' | 'á' | 'ã' | 'ä' => 'a',
            'é' | 'è' | 'ê' | 'ë' => 'e',
            'î' | 'ï' | 'í' | 'ì' => 'i',
            'ô' | 'ö' | 'ó' | 'õ' => 'o',
            'û' | 'ü' | 'ù' | 'ú' => 'u',
            'ç' => 'c',
            '’' => '\'',
            c => c,
        })
        .collect()
}

type WordSet = std::collections::HashSet<String>;

struct Words {
    months: HashMap<String, i8>,
    units: HashMap<String, Unit>,
    weekdays: WordSet,
    fillers: WordSet,
    before_noon: WordSet,
    after_noon: WordSet,
    today: WordSet,
    yesterday: WordSet,
    now: WordSet,
    ago: WordSet,
    one: WordSet,
}

#[derive(Deserialize)]
struct File {
    months: HashMap<String, Vec<String>>,
    words: FileWords,
    units: HashMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct FileWords {
    weekdays: WordSet,
    fillers: WordSet,
    before_noon: WordSet,
    after_noon: WordSet,
    today: WordSet,
    yesterday: WordSet,
    now: WordSet,
    ago: WordSet,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("../../data/text/dates.toml"))
        .expect("data/text/dates.toml is compiled in and read by a test");
    let mut months = HashMap::new();
    for (number, names) in file.months {
        for name in names {
            months.insert(name, number.parse().unwrap_or(0));
        }
    }
    let mut units = HashMap::new();
    let mut one = WordSet::new();
    for (unit, names) in file.units {
        let unit = match unit.as_str() {
            "second" => Unit::Second,
            "minute" => Unit::Minute,
            "hour" => Unit::Hour,
            "day" => Unit::Day,
            "week" => Unit::Week,
            "month" => Unit::Month,
            "year" => Unit::Year,
            _ => {
                one.extend(names);
                continue;
            }
        };
        units.extend(names.into_iter().map(|name| (name, unit)));
    }
    let FileWords { weekdays, fillers, before_noon, after_noon, today, yesterday, now, ago } = file.words;
    Words { months, units, weekdays, fillers, before_noon, after_noon, today, yesterday, now, ago, one }
});

#[cfg(test)]
mod tests {
    use super::*;

    fn absolute_iso(text: &str, order: DayOrder) -> Option<String> {
        match parse_printed(text, order)? {
            Printed::Absolute(moment) => Some(moment.iso),
            Printed::Relative(_) => None,
        }
    }

    #[test]
    fn printed_dates_of_six_languages() {
        for (text, iso) in [
            ("Le 03 avril 2024 à 06h55", "2024-04-03T06:55:00"),
            ("14 mars 2026 à 9h29", "2026-03-14T09:29:00"),
            ("14 mars 2026 à 9 h 29 min", "2026-03-14T09:29:00"),
            ("Publié le 1er août 2025", "2025-08-01"),
            ("Published 14 mars 2026", "2026-03-14"),
            ("March 14, 2026 at 9:29 am", "2026-03-14T09:29:00"),
            ("on March 3rd, 2026 at 12:05 a.m.", "2026-03-03T00:05:00"),
            ("Mar 14, 2026 9:29 PM", "2026-03-14T21:29:00"),
            ("Apr 3 '24", "2024-04-03"),
            ("Samstag, 14. März 2026 um 9:29 Uhr", "2026-03-14T09:29:00"),
            ("14.03.2026, 09:29 Uhr", "2026-03-14T09:29:00"),
            ("14 de marzo de 2026 a las 9:29", "2026-03-14T09:29:00"),
            ("14 marzo 2026 alle 9:29", "2026-03-14T09:29:00"),
            ("14 de março de 2026 às 9:29", "2026-03-14T09:29:00"),
            ("2026-03-14 09:29:30", "2026-03-14T09:29:30"),
        ] {
            assert_eq!(absolute_iso(text, DayOrder::DayFirst).as_deref(), Some(iso), "{text}");
        }
    }

    #[test]
    fn numeric_dates_follow_the_language() {
        assert_eq!(absolute_iso("03/04/2024", DayOrder::DayFirst).as_deref(), Some("2024-04-03"));
        assert_eq!(absolute_iso("03/04/2024", DayOrder::MonthFirst).as_deref(), Some("2024-03-04"));
        assert_eq!(absolute_iso("13/04/24 18:00", DayOrder::MonthFirst).as_deref(), Some("2024-04-13T18:00:00"));
        assert_eq!(DayOrder::of_language("en-GB"), DayOrder::DayFirst);
        assert_eq!(DayOrder::of_language("en-US"), DayOrder::MonthFirst);
    }

    #[test]
    fn prose_and_nonsense_are_no_dates() {
        for text in [
            "Le 03 avril 2024, la CNIL a réagi",
            "100 euros",
            "42",
            "(n° 18)",
            "32 mars 2026",
            "mars",
            "",
            "a",
            "Non.",
            "Le jour",
            "1 234,56 €",
            "de la",
        ] {
            assert_eq!(parse_printed(text, DayOrder::DayFirst), None, "{text}");
        }
    }

    #[test]
    fn relative_dates_keep_their_precision() {
        let read_at = Moment { iso: "2026-03-14T10:00:00Z".into(), precision: Precision::Second };
        for (text, iso, precision) in [
            ("il y a 3 heures", "2026-03-14T07:00:00Z", Precision::Hour),
            ("Il y a 8 mois", "2025-07", Precision::Month),
            ("il y a un an", "2025", Precision::Year),
            ("3 hours ago", "2026-03-14T07:00:00Z", Precision::Hour),
            ("3w", "2026-02-21", Precision::Day),
            ("vor 2 Tagen", "2026-03-12", Precision::Day),
            ("hace 5 minutos", "2026-03-14T09:55:00Z", Precision::Minute),
            ("hier à 14:02", "2026-03-13T14:02:00", Precision::Minute),
        ] {
            let Some(Printed::Relative(relative)) = parse_printed(text, DayOrder::DayFirst) else {
                panic!("{text} is relative")
            };
            assert_eq!(relative.from(&read_at), Some(Moment { iso: iso.into(), precision }), "{text}");
        }
    }

    #[test]
    fn machine_dates_and_zones() {
        assert_eq!(parse_machine("2026-03-14T08:29:00Z").unwrap().iso, "2026-03-14T08:29:00Z");
        assert_eq!(parse_machine("2026-03-14T08:29:00.123+02:00").unwrap().iso, "2026-03-14T08:29:00+02:00");
        assert_eq!(parse_machine("2026-03-14").unwrap().precision, Precision::Day);
        assert_eq!(parse_machine("Sat, 14 Mar 2026 09:29:00 +0100").unwrap().iso, "2026-03-14T09:29:00+01:00");
        assert_eq!(parse_machine("1773476940000").unwrap().iso, "2026-03-14T08:29:00Z");
        assert_eq!(parse_machine("not a date"), None);
        assert_eq!(parse_machine("2026-13-14"), None);
        let winter = in_zone(parse_machine("2026-03-14 09:29:00").unwrap(), "Europe/Paris");
        assert_eq!(winter.iso, "2026-03-14T09:29:00+01:00");
        let summer = in_zone(parse_machine("2024-04-03 06:55:00").unwrap(), "Europe/Paris");
        assert_eq!(summer.iso, "2024-04-03T06:55:00+02:00");
        assert_eq!(sort_key(&winter), sort_key(&parse_machine("2026-03-14T08:29:00Z").unwrap()));
    }

    #[test]
    fn no_input_panics() {
        for text in [
            "9h",
            "h9",
            "9:",
            "99:99",
            "1/2/3",
            "é9h2",
            "9\u{a0}h\u{a0}5",
            "'",
            "2026-",
            "-",
            "0000-00-00T",
            "20260314T",
        ] {
            let _ = parse_printed(text, DayOrder::DayFirst);
            let _ = parse_machine(text);
        }
    }
}
