use jiff::Timestamp;

use crate::model::{Moment, Precision};

/// The first second that is taken for one and not for a year or a count: 2001-09-09.
const FIRST_SECOND: i64 = 1_000_000_000;
/// Seconds since 1970 have no more digits than this in the next two centuries; more are milliseconds.
const LAST_SECOND: i64 = 10_000_000_000;

/// A date as tables have it: ISO 8601, with a blank for the `T` as spreadsheets write it, or seconds or milliseconds since 1970.
/// What is no such date is left out: nothing is guessed.
pub(super) fn moment(cell: &str, precision: Option<&str>) -> Option<Moment> {
    let cell = cell.trim();
    let iso = match cell.parse::<f64>() {
        Ok(number) => instant(number)?,
        Err(_) => iso(cell)?,
    };
    let precision =
        precision.and_then(named).unwrap_or(if iso.len() > 10 { Precision::Second } else { Precision::Day });
    Some(Moment { iso, precision })
}

fn instant(number: f64) -> Option<String> {
    let whole = number.trunc() as i64;
    let seconds = if whole >= LAST_SECOND { whole / 1000 } else { whole };
    (seconds >= FIRST_SECOND).then(|| Timestamp::from_second(seconds).ok()).flatten().map(|at| at.to_string())
}

fn iso(cell: &str) -> Option<String> {
    let is_day = |day: &str| day.len() == 10 && day.parse::<jiff::civil::Date>().is_ok();
    if is_day(cell) {
        return Some(cell.to_owned());
    }
    let (day, time) = (cell.get(..10)?, cell.get(11..)?);
    let separated = cell.as_bytes().get(10).is_some_and(|byte| matches!(byte, b'T' | b't' | b' '));
    // `+0000` and `UTC` are what some programs write for `Z`.
    let time = time.trim().trim_end_matches(" UTC").replace(' ', "");
    let spelt = format!("{day}T{time}");
    let known = spelt.parse::<jiff::civil::DateTime>().is_ok() || spelt.parse::<Timestamp>().is_ok();
    (separated && is_day(day) && known).then(|| if cell.ends_with(" UTC") { format!("{spelt}Z") } else { spelt })
}

fn named(word: &str) -> Option<Precision> {
    [Precision::Year, Precision::Month, Precision::Day, Precision::Hour, Precision::Minute, Precision::Second]
        .into_iter()
        .find(|precision| precision.as_str() == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_tables_are_read_and_others_left() {
        for (cell, expected) in [
            ("2024-04-03T06:55:00+02:00", Some("2024-04-03T06:55:00+02:00")),
            ("2024-04-03 06:55:00", Some("2024-04-03T06:55:00")),
            ("2024-04-03 06:55:00 UTC", Some("2024-04-03T06:55:00Z")),
            ("2024-04-03 06:55:00+00:00", Some("2024-04-03T06:55:00+00:00")),
            ("2024-04-03", Some("2024-04-03")),
            ("1712127300", Some("2024-04-03T06:55:00Z")),
            ("1712127300.0", Some("2024-04-03T06:55:00Z")),
            ("1712127300123", Some("2024-04-03T06:55:00Z")),
            ("2024", None),
            ("yesterday", None),
            ("2024-13-45 06:55:00", None),
            ("é2024-04-03T06:55", None),
            ("", None),
        ] {
            assert_eq!(moment(cell, None).map(|moment| moment.iso).as_deref(), expected, "{cell}");
        }
        assert_eq!(moment("2024-04-03", Some("month")).unwrap().precision, Precision::Month);
    }
}
