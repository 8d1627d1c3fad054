use jiff::Span;
use jiff::civil::{DateTime, Time};

use super::machine::split_offset;
use super::printed::Part;
use super::words::WORDS;
use crate::model::{Moment, Precision};

/// A distance back from the moment of reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relative {
    count: i64,
    unit: Unit,
    time: Option<Time>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
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
        let precision = match self.unit {
            _ if self.time.is_some() => Precision::Minute,
            Unit::Second => Precision::Second,
            Unit::Minute => Precision::Minute,
            Unit::Hour => Precision::Hour,
            Unit::Day | Unit::Week => Precision::Day,
            Unit::Month => Precision::Month,
            Unit::Year => Precision::Year,
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

pub(super) fn relative(parts: &[Part]) -> Option<Relative> {
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
