use jiff::Timestamp;

use crate::model::{Moment, Precision};

/// The first second that is taken for one and not for a year or a count: 2001-09-09.
const FIRST_SECOND: i64 = 1_000_000_000;
/// The first second that is none any more: 2100-01-01. Larger numbers are other things, such as a date without its marks.
const NO_SECOND: i64 = 4_102_444_800;
/// Seconds since 1970 have no more digits than this in the next two centuries; more are milliseconds.
const LAST_SECOND: i64 = 10_000_000_000;

/// A date as tables have it: ISO 8601, with a blank for the `T` as spreadsheets write it, or seconds or milliseconds since 1970.
/// What is no such date is left out: nothing is guessed.
pub(super) fn moment(cell: &str, precision: Option<&str>) -> Option<Moment> {
    let cell = cell.trim();
    // What causerie writes of dates of which a page says no more than the year or the month.
    let is_short = |form: &str| {
        form.len() == cell.len()
            && cell.bytes().zip(form.bytes()).all(|(c, f)| if f == b'0' { c.is_ascii_digit() } else { c == f })
    };
    match precision {
        Some("year") if is_short("0000") => return Some(of_iso(cell.to_owned(), precision)),
        Some("month") if is_short("0000-00") => return Some(of_iso(cell.to_owned(), precision)),
        _ => {}
    }
    let iso = match cell.parse::<f64>() {
        Ok(number) => instant(number)?,
        Err(_) => iso(cell)?,
    };
    Some(of_iso(iso, precision))
}

/// What a form (strftime) tells of the time, by its letters, the finest first.
const TELLS: [(Precision, &str); 3] =
    [(Precision::Second, "STcrXs"), (Precision::Minute, "MR"), (Precision::Hour, "HIkl")];

/// A date written in this form: as exact as the form is, with an offset if it has one.
pub(super) fn formatted(cell: &str, form: &str) -> Option<Moment> {
    let parsed = jiff::fmt::strtime::parse(form, cell.trim()).ok()?;
    let told = |(_, letters): &&(Precision, &str)| directives(form).any(|letter| letters.contains(letter));
    let Some((precision, _)) = TELLS.iter().find(told) else {
        // A day without a time is no midnight.
        return Some(Moment { iso: parsed.to_date().ok()?.to_string(), precision: Precision::Day });
    };
    let instant = parsed.to_timestamp().map(|instant| instant.to_string());
    let iso = instant.or_else(|_| parsed.to_datetime().map(|clock| clock.to_string())).ok()?;
    Some(Moment { iso, precision: *precision })
}

/// The letters of a form's directives, flags and widths (`%-d`, `%3f`) left out.
fn directives(form: &str) -> impl Iterator<Item = char> {
    let mut chars = form.chars();
    std::iter::from_fn(move || {
        chars.find(|c| *c == '%')?;
        chars.find(|c| !matches!(c, '-' | '_' | '^' | '#' | '.' | ':' | '0'..='9'))
    })
}

fn of_iso(iso: String, precision: Option<&str>) -> Moment {
    let finest = match iso.get(11..) {
        None => Precision::Day,
        Some(time) if time.as_bytes().get(5) == Some(&b':') => Precision::Second,
        Some(_) => Precision::Minute,
    };
    let precision = precision.and_then(Precision::named).unwrap_or(finest);
    Moment { iso, precision }
}

fn instant(number: f64) -> Option<String> {
    let whole = number.trunc() as i64;
    let seconds = if whole >= LAST_SECOND { whole / 1000 } else { whole };
    (FIRST_SECOND..NO_SECOND)
        .contains(&seconds)
        .then(|| Timestamp::from_second(seconds).ok())
        .flatten()
        .map(|at| at.to_string())
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
            ("20240403065500", None),
            ("2024", None),
            ("yesterday", None),
            ("2024-13-45 06:55:00", None),
            ("é2024-04-03T06:55", None),
            ("", None),
        ] {
            assert_eq!(moment(cell, None).map(|moment| moment.iso).as_deref(), expected, "{cell}");
        }
        let spelt = |cell, form| formatted(cell, form).map(|moment| moment.iso);
        assert_eq!(spelt("03/04/2024 06:55", "%d/%m/%Y %H:%M").as_deref(), Some("2024-04-03T06:55:00"));
        assert_eq!(spelt("03.04.2024", "%d.%m.%Y").as_deref(), Some("2024-04-03"));
        assert_eq!(spelt("soon", "%d.%m.%Y"), None);
        for (cell, form, precision) in [
            ("03/04/2024", "%d/%m/%Y", Precision::Day),
            ("03/04/2024 6", "%d/%m/%Y %-H", Precision::Hour),
            ("03/04/2024 06:55", "%d/%m/%Y %H:%M", Precision::Minute),
            ("03/04/2024 06:55", "%d/%m/%Y %R", Precision::Minute),
            ("03/04/2024 06:55 +0200", "%d/%m/%Y %H:%M %z", Precision::Minute),
            ("03/04/2024 06:55:10", "%d/%m/%Y %T", Precision::Second),
            ("% 03/04/2024 06:55:10", "%% %d/%m/%Y %H:%M:%S", Precision::Second),
        ] {
            assert_eq!(formatted(cell, form).map(|moment| moment.precision), Some(precision), "{form}");
        }
        assert_eq!(moment("2024", Some("year")).unwrap().iso, "2024");
        assert_eq!(moment("2024-04-03T06:55+02:00", None).unwrap().precision, Precision::Minute);
        assert_eq!(moment("2024-04-03", Some("month")).unwrap().precision, Precision::Month);
    }
}
