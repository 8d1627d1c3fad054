use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// How much of a [`Moment`] the source really said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// Only the year.
    Year,
    /// Year and month.
    Month,
    /// A day without a time.
    Day,
    /// To the hour ("3 hours ago").
    Hour,
    /// Hours and minutes.
    Minute,
    /// To the second or finer.
    Second,
}

impl Precision {
    /// The word tables show.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Month => "month",
            Self::Day => "day",
            Self::Hour => "hour",
            Self::Minute => "minute",
            Self::Second => "second",
        }
    }
}

words!(Precision: Year, Month, Day, Hour, Minute, Second);

/// A date as far as the source knows it: ISO 8601 with the offset if it is known
/// (`2024-04-03T06:55:00+02:00`, `…Z`), else local time without one (`2024-04-03T06:55:00`),
/// or only the date (`2024-04-03`) where no time was given.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Moment {
    /// ISO 8601.
    pub iso: String,
    /// What the source said.
    pub precision: Precision,
}

impl Moment {
    /// The instant; nothing where the offset or the time is not known.
    pub fn instant(&self) -> Option<Timestamp> {
        self.iso.parse().ok()
    }

    /// What the clock of the page showed, without the offset; midnight where only the day is known, nothing where not even that is.
    pub fn clock(&self) -> Option<DateTime> {
        // `Z` is what no time on a clock has, to the parser.
        self.iso.trim_end_matches('Z').parse().ok()
    }

    /// The instant on the clock of UTC, or else what the page's own clock showed: for figures and files that know one clock only.
    pub fn utc_or_clock(&self) -> Option<DateTime> {
        self.instant().map(|instant| TimeZone::UTC.to_datetime(instant)).or_else(|| self.clock())
    }

    /// Whether the instant is known, not just the time on some clock.
    pub fn has_offset(&self) -> bool {
        self.iso.get(10..).is_some_and(|time| time.ends_with('Z') || time.contains(['+', '-']))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_count_and_what_is_not_known_stays_so() {
        for (iso, clock, counted) in [
            ("2024-04-03T06:55:00+02:00", Some("2024-04-03T06:55:00"), Some("2024-04-03T04:55:00")),
            ("2024-04-03T06:55:00-05:00", Some("2024-04-03T06:55:00"), Some("2024-04-03T11:55:00")),
            ("2024-04-03T06:55:00Z", Some("2024-04-03T06:55:00"), Some("2024-04-03T06:55:00")),
            ("2024-04-03T06:55", Some("2024-04-03T06:55:00"), Some("2024-04-03T06:55:00")),
            ("2024-04-03", Some("2024-04-03T00:00:00"), Some("2024-04-03T00:00:00")),
            ("2024-04", None, None),
            ("2024", None, None),
            ("", None, None),
        ] {
            let moment = Moment { iso: iso.to_owned(), precision: Precision::Minute };
            let shown = |at: Option<DateTime>| at.map(|at| at.to_string());
            assert_eq!(shown(moment.clock()).as_deref(), clock, "{iso}");
            assert_eq!(shown(moment.utc_or_clock()).as_deref(), counted, "{iso}");
        }
    }
}
