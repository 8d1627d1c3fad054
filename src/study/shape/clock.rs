use jiff::tz::TimeZone;

use crate::model::{Moment, Precision};

const SECONDS_AN_HOUR: f64 = 3600.0;

/// What a date was read from. Dates of two clocks cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::study) enum Clock {
    /// An instant: the offset is known.
    Universal,
    /// The time on a clock that is not known.
    Local,
}

/// A date that can be counted with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::study) struct When {
    pub(in crate::study) clock: Clock,
    /// Since 1970 on that clock.
    pub(in crate::study) seconds: i64,
    /// Whether the source said at least the hour.
    timed: bool,
}

impl When {
    /// `None` for what is no ISO 8601 date.
    pub(in crate::study) fn of(moment: &Moment) -> Option<Self> {
        let (clock, instant) = if moment.has_offset() {
            (Clock::Universal, moment.instant()?)
        } else {
            (Clock::Local, TimeZone::UTC.to_timestamp(moment.clock()?).ok()?)
        };
        let timed = moment.precision >= Precision::Hour && moment.iso.len() > "2024-04-03".len();
        Some(Self { clock, seconds: instant.as_second(), timed })
    }

    /// As [`Self::of`], of dates with a time only.
    pub(in crate::study) fn timed(moment: Option<&Moment>) -> Option<Self> {
        moment.and_then(Self::of).filter(|when| when.timed)
    }

    /// Hours since an earlier date on the same clock; `None` if it is later, or on another clock.
    pub(in crate::study) fn hours_since(self, earlier: Self) -> Option<f64> {
        let seconds = self.seconds - earlier.seconds;
        (self.clock == earlier.clock && seconds >= 0).then(|| seconds as f64 / SECONDS_AN_HOUR)
    }
}

/// The dates on the clock that most of them are on, in order; of as many on either, the instants.
pub(in crate::study) fn commonest(dates: impl Iterator<Item = When>) -> Vec<When> {
    let (mut instants, mut locals): (Vec<When>, Vec<When>) = dates.partition(|when| when.clock == Clock::Universal);
    let most = if locals.len() > instants.len() { &mut locals } else { &mut instants };
    most.sort_by_key(|when| when.seconds);
    std::mem::take(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn when(iso: &str, precision: Precision) -> Option<When> {
        When::of(&Moment { iso: iso.into(), precision })
    }

    #[test]
    fn dates_are_compared_on_one_clock_only() {
        let [paris, utc, local, day] = [
            ("2024-04-03T06:55:00+02:00", Precision::Minute),
            ("2024-04-03T06:55:00Z", Precision::Second),
            ("2024-04-03T06:55:00", Precision::Minute),
            ("2024-04-03", Precision::Day),
        ]
        .map(|(iso, precision)| when(iso, precision).unwrap());
        assert_eq!(utc.hours_since(paris), Some(2.0));
        assert_eq!(paris.hours_since(utc), None);
        assert_eq!(local.hours_since(paris), None);
        assert!(local.timed && !day.timed);
        assert!(!when("2024-04-03", Precision::Second).unwrap().timed);
    }

    #[test]
    fn what_is_no_date_is_none() {
        for iso in ["", "2024", "2024-04", "yesterday", "2024-13-01T00:00:00", "+999999-01-01T00:00:00Z"] {
            assert_eq!(when(iso, Precision::Second), None, "{iso}");
        }
    }
}
