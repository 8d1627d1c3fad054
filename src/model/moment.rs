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
    /// Whether the instant is known, not just the time on some clock.
    pub fn has_offset(&self) -> bool {
        self.iso.get(10..).is_some_and(|time| time.ends_with('Z') || time.contains(['+', '-']))
    }
}
