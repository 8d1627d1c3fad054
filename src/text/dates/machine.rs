//! Dates that programs write.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

use crate::model::{Moment, Precision};

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
        // A leap second is the last of its minute.
        Some(second) => {
            (second.parse::<i8>().ok().filter(|second| (0..=60).contains(second))?.min(59), Precision::Second)
        }
        None => (0, Precision::Minute),
    };
    let at = DateTime::from_parts(date.parse().ok()?, Time::new(hour, minute, second, 0).ok()?);
    let offset = match zone {
        "" => return Some(with_minutes(at, None, precision)),
        "Z" | "z" | "UTC" | "GMT" => "Z".to_owned(),
        zone => {
            let sign = zone.chars().next().filter(|c| matches!(c, '+' | '-'))?;
            let digits = zone[1..].replacen(':', "", 1);
            if !digits.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            let (hours, minutes) = match digits.len() {
                1 | 2 => (digits.parse::<u8>().ok()?, 0),
                4 => (digits[..2].parse().ok()?, digits[2..].parse().ok()?),
                _ => return None,
            };
            if hours > 14 || minutes > 59 {
                return None;
            }
            format!("{sign}{hours:02}:{minutes:02}")
        }
    };
    Some(with_offset(at, &offset, precision))
}

/// An instant from an epoch in seconds, or in milliseconds or microseconds if it is too large for seconds.
pub fn epoch(number: i64) -> Option<Moment> {
    let seconds = match number.unsigned_abs() {
        0..100_000_000_000 => number,
        100_000_000_000..100_000_000_000_000 => number / 1000,
        _ => number / 1_000_000,
    };
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

/// A local time, with its offset in minutes where it is known; none at all is `Z`.
pub(super) fn with_minutes(at: DateTime, offset: Option<i32>, precision: Precision) -> Moment {
    match offset {
        None => with_offset(at, "", precision),
        Some(0) => with_offset(at, "Z", precision),
        Some(minutes) => with_offset(at, &offset_of(minutes * 60), precision),
    }
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
pub(super) fn split_offset(iso: &str) -> Option<(DateTime, String)> {
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
