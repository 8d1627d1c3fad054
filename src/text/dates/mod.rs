//! Printed dates: "Le 03 avril 2024 à 06h55", "March 14, 2026 at 9:29 am", "14.03.2026, 9:29 Uhr", ISO 8601, epochs.
//!
//! A string is a date when every word of it is part of one: so a line of prose that mentions a date is not
//! taken for a date line. What the string does not say (seconds, time, offset) is not added. The words stand
//! in `data/text/dates.toml`.
//!
//! `machine` reads what programs write, `printed` what people read, `relative` distances from now; `find` finds a date
//! inside a label, `marks` tells dates that are not of a posting, `order` how a page writes its numbers.

mod find;
#[cfg(test)]
mod forms;
mod machine;
mod marks;
mod order;
mod printed;
mod relative;
mod tokens;
mod words;

pub use find::{find_printed, within};
pub use machine::{epoch, in_zone, parse_machine, sort_key};
pub use marks::{EditMark, edit_mark, says_edited, tells_membership};
pub use order::{DayOrder, order_of};
pub use printed::parse_printed;
pub use relative::Relative;

use crate::model::Moment;

/// What a string says about time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Printed {
    /// A day, perhaps with a time.
    Absolute(Moment),
    /// A distance from the moment it was read ("il y a 3 heures"): resolve it with [`Relative::from`].
    Relative(Relative),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Precision;

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
        for odd in
            ["2026-03-14 09:00 - 3 réponses", "2026-03-14T09:00+99:99", "2026-03-14T09:00:75Z", "2026-03-14T09:00-3x"]
        {
            assert_eq!(parse_machine(odd), None, "{odd}");
        }
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
