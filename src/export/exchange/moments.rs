//! Dates as other tools count them.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::model::Moment;

/// The moment on a clock: in UTC where its offset is known, else as the page showed it; midnight where only the day is
/// known. Empty where not even the day is.
pub(super) fn clock(moment: &Moment) -> Option<DateTime> {
    match moment.iso.parse::<Timestamp>() {
        Ok(instant) => Some(TimeZone::UTC.to_datetime(instant)),
        Err(_) => moment.iso.parse().ok(),
    }
}

/// Seconds since 1970 of [`clock`], taken for UTC.
pub(super) fn epoch(moment: &Moment) -> Option<i64> {
    let timestamp = TimeZone::UTC.to_timestamp(clock(moment)?).ok()?;
    Some(timestamp.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Precision;

    #[test]
    fn offsets_count_and_what_is_not_known_stays_so() {
        for (iso, expected, seconds) in [
            ("2024-04-03T06:55:00+02:00", Some("2024-04-03 04:55:00"), Some(1_712_120_100)),
            ("2024-04-03T06:55:00Z", Some("2024-04-03 06:55:00"), Some(1_712_127_300)),
            ("2024-04-03T06:55:00", Some("2024-04-03 06:55:00"), Some(1_712_127_300)),
            ("2024-04-03", Some("2024-04-03 00:00:00"), Some(1_712_102_400)),
            ("2024-04", None, None),
            ("2024", None, None),
            ("", None, None),
        ] {
            let moment = Moment { iso: iso.to_owned(), precision: Precision::Minute };
            let shown = clock(&moment).map(|clock| clock.strftime("%Y-%m-%d %H:%M:%S").to_string());
            assert_eq!(shown.as_deref(), expected, "{iso}");
            assert_eq!(epoch(&moment), seconds, "{iso}");
        }
    }
}
