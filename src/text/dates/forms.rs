//! Tables of forms, language by language.

use super::*;
use crate::model::Precision;

fn read_at() -> Moment {
    // A Thursday.
    Moment { iso: "2024-04-18T10:30:00Z".into(), precision: Precision::Second }
}

/// What a form says to someone who reads it at [`read_at`].
fn iso(text: &str, order: DayOrder) -> Option<String> {
    match parse_printed(text, order)? {
        Printed::Absolute(moment) => Some(moment.iso),
        Printed::Relative(relative) => relative.from(&read_at()).map(|moment| moment.iso),
    }
}

fn check(order: DayOrder, forms: &[(&str, &str)]) {
    let wrong: Vec<_> = forms
        .iter()
        .map(|(text, wanted)| (*text, *wanted, iso(text, order)))
        .filter(|(_, wanted, found)| found.as_deref() != Some(*wanted))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn french() {
    check(
        DayOrder::DayFirst,
        &[
            ("Le 03 avril 2024 à 06h55", "2024-04-03T06:55:00"),
            ("3 avril 2024", "2024-04-03"),
            ("mer. 3 avr. 2024, 06:55", "2024-04-03T06:55:00"),
            ("mar 5 mars 2024", "2024-03-05"),
            ("» mar. 5 mar. 2024 12:05", "2024-03-05T12:05:00"),
            ("Mercredi 3 avril 2024 à 12h05", "2024-04-03T12:05:00"),
            ("Posté le 03/04/2024 à 18:00:12", "2024-04-03T18:00:12"),
            ("Répondu le 3 avril 2024", "2024-04-03"),
            ("Publié le 1er août 2023 à 14 h", "2023-08-01T14:00:00"),
            ("03/04/24 06:55", "2024-04-03T06:55:00"),
            ("avril 2024", "2024-04"),
            ("il y a 3 heures", "2024-04-18T07:30:00Z"),
            ("il y a plus d’un an", "2023"),
            ("il y a environ 2 mois", "2024-02"),
            ("Il y a 8 mois", "2023-08"),
            ("il y a un jour", "2024-04-17"),
            ("il y a quelques secondes", "2024-04-18T10:30:00Z"),
            ("à l’instant", "2024-04-18T10:30:00Z"),
            ("hier à 14:02", "2024-04-17T14:02:00"),
            ("Hier, 14h02", "2024-04-17T14:02:00"),
            ("avant-hier", "2024-04-16"),
            ("avant-hier à 9h", "2024-04-16T09:00:00"),
            ("aujourd’hui, 09:15", "2024-04-18T09:15:00"),
            ("Aujourd'hui à 9 h 15", "2024-04-18T09:15:00"),
            ("lundi à 15h15", "2024-04-15T15:15:00"),
            ("jeudi à 15h15", "2024-04-11T15:15:00"),
            ("lundi dernier", "2024-04-15"),
            ("3 avril", "2024-04-03"),
            ("25 déc. à 18h00", "2023-12-25T18:00:00"),
            ("2 sem.", "2024-04-04"),
            ("5 j", "2024-04-13"),
            ("il y a 2 ans (modifié)", "2022"),
        ],
    );
}

#[test]
fn english() {
    check(
        DayOrder::MonthFirst,
        &[
            ("April 3, 2024 at 6:55 am", "2024-04-03T06:55:00"),
            ("Apr 3 '24", "2024-04-03"),
            ("Apr 3 ’24 at 18:00", "2024-04-03T18:00:00"),
            ("3 Apr, 2024", "2024-04-03"),
            ("Wed Apr 03, 2024 6:55 am", "2024-04-03T06:55:00"),
            ("03-04-2024, 06:55 PM", "2024-03-04T18:55:00"),
            ("2024/04/03", "2024-04-03"),
            ("2024-04-03 06:55", "2024-04-03T06:55:00"),
            ("April 2024", "2024-04"),
            ("3 Apr 2024 6.55", "2024-04-03T06:55:00"),
            ("Posted 3 April 2024 - 06:55 AM", "2024-04-03T06:55:00"),
            ("on 3 April 2024 06:55:12", "2024-04-03T06:55:12"),
            ("Wednesday, April 3rd, 2024, 9:29am", "2024-04-03T09:29:00"),
            ("3rd April 2024 at 12:05 a.m.", "2024-04-03T00:05:00"),
            ("Apr 3, 2024, 9 pm", "2024-04-03T21:00:00"),
            ("Apr 3, 2024 09:29 UTC", "2024-04-03T09:29:00Z"),
            ("Apr 3, 2024 09:29 GMT+1", "2024-04-03T09:29:00+01:00"),
            ("Apr 3, 2024 9:29 PM PDT", "2024-04-03T21:29:00-07:00"),
            ("Apr 3, 2024 9:29 PM EST", "2024-04-03T21:29:00-05:00"),
            ("Apr 3, 2024 9:29 CST", "2024-04-03T09:29:00"),
            ("03-Apr-2024 09:29", "2024-04-03T09:29:00"),
            ("Yesterday at 2:05 PM", "2024-04-17T14:05:00"),
            ("Today 10:11", "2024-04-18T10:11:00"),
            ("Monday at 3:15 PM", "2024-04-15T15:15:00"),
            ("last Friday", "2024-04-12"),
            ("3w", "2024-03-28"),
            ("2y ago", "2022"),
            ("5 mo", "2023-11"),
            ("a few seconds ago", "2024-04-18T10:30:00Z"),
            ("over 2 years ago", "2022"),
            ("about an hour ago", "2024-04-18T09:30:00Z"),
            ("1 year, 3 months ago", "2023-01"),
            ("two days ago", "2024-04-16"),
            ("just now", "2024-04-18T10:30:00Z"),
            ("Apr 3", "2024-04-03"),
            ("12 Nov 14:05", "2023-11-12T14:05:00"),
            ("\u{200e}Apr\u{a0}3,\u{202f}2024\u{200f}", "2024-04-03"),
            ("5 hours ago (edited)", "2024-04-18T05:30:00Z"),
            ("Wed, 03 Apr 2024 06:55:00 +0200", "2024-04-03T06:55:00+02:00"),
        ],
    );
}

#[test]
fn german() {
    check(
        DayOrder::DayFirst,
        &[
            ("3. April 2024", "2024-04-03"),
            ("Mittwoch, 3. April 2024 um 6:55 Uhr", "2024-04-03T06:55:00"),
            ("03.04.2024, 18:00 Uhr", "2024-04-03T18:00:00"),
            ("3.4.24 18:00", "2024-04-03T18:00:00"),
            ("3. 4. 2024 18.00 Uhr", "2024-04-03T18:00:00"),
            ("Sa 7. Dez 2019, 10:20", "2019-12-07T10:20:00"),
            ("» Mi 3. Apr 2024", "2024-04-03"),
            ("am 3. März 2024 um 9 Uhr", "2024-03-03T09:00:00"),
            ("Geschrieben am 03.04.2024 06:55", "2024-04-03T06:55:00"),
            ("vom 3. Jänner 2024", "2024-01-03"),
            ("03.04.2024 06:55 MESZ", "2024-04-03T06:55:00+02:00"),
            ("vor 2 Tagen", "2024-04-16"),
            ("vor einem Jahr", "2023"),
            ("vor über 3 Jahren", "2021"),
            ("vor etwa 5 Stunden", "2024-04-18T05:30:00Z"),
            ("vor ein paar Sekunden", "2024-04-18T10:30:00Z"),
            ("vor 2 Jahren (bearbeitet)", "2022"),
            ("gestern, 14:02 Uhr", "2024-04-17T14:02:00"),
            ("Gestern um 14:02", "2024-04-17T14:02:00"),
            ("vorgestern", "2024-04-16"),
            ("Heute", "2024-04-18"),
            ("Heute um 9:15", "2024-04-18T09:15:00"),
            ("Letzten Montag", "2024-04-15"),
            ("Letzten Donnerstag um 8:00", "2024-04-11T08:00:00"),
            ("gerade eben", "2024-04-18T10:30:00Z"),
            ("April 2024", "2024-04"),
            ("12. März", "2024-03-12"),
            ("12.03., 14:05", "2024-03-12T14:05:00"),
            ("5 Std.", "2024-04-18T05:30:00Z"),
        ],
    );
}

#[test]
fn spanish() {
    check(
        DayOrder::DayFirst,
        &[
            ("3 de abril de 2024", "2024-04-03"),
            ("3 de abril de 2024 a las 6:55", "2024-04-03T06:55:00"),
            ("miércoles, 3 de abril de 2024, 18:00 hs", "2024-04-03T18:00:00"),
            ("Mié Abr 03, 2024 6:55 am", "2024-04-03T06:55:00"),
            ("3 abr 2024", "2024-04-03"),
            ("03/abr/2024", "2024-04-03"),
            ("03/04/2024 18:00", "2024-04-03T18:00:00"),
            ("Publicado el 3 de abril del 2024", "2024-04-03"),
            ("el 3 de abril de 2024 a las 6:55 p. m.", "2024-04-03T18:55:00"),
            ("3 ago 2023", "2023-08-03"),
            ("abril de 2024", "2024-04"),
            ("mar 2 abr 2024", "2024-04-02"),
            ("hace 2 años", "2022"),
            ("Hace 5 minutos", "2024-04-18T10:25:00Z"),
            ("hace un mes", "2024-03"),
            ("hace más de un año", "2023"),
            ("hace unos segundos", "2024-04-18T10:30:00Z"),
            ("hace 3 semanas", "2024-03-28"),
            ("ayer a las 14:02", "2024-04-17T14:02:00"),
            ("Ayer", "2024-04-17"),
            ("anteayer", "2024-04-16"),
            ("antes de ayer", "2024-04-16"),
            ("hoy, 09:15", "2024-04-18T09:15:00"),
            ("Hoy a las 9:15", "2024-04-18T09:15:00"),
            ("lunes a las 15:15", "2024-04-15T15:15:00"),
            ("el lunes pasado", "2024-04-15"),
            ("ahora mismo", "2024-04-18T10:30:00Z"),
            ("3 de abril", "2024-04-03"),
        ],
    );
}

#[test]
fn italian() {
    check(
        DayOrder::DayFirst,
        &[
            ("3 aprile 2024", "2024-04-03"),
            ("3 aprile 2024 alle 6:55", "2024-04-03T06:55:00"),
            ("3 aprile 2024 alle ore 18.00", "2024-04-03T18:00:00"),
            ("mercoledì 3 aprile 2024, 06:55", "2024-04-03T06:55:00"),
            ("mer 3 apr 2024, 6:55", "2024-04-03T06:55:00"),
            ("03/04/2024, 18:00", "2024-04-03T18:00:00"),
            ("il 3 aprile 2024", "2024-04-03"),
            ("Pubblicato il 3 aprile 2024", "2024-04-03"),
            ("1º gennaio 2024", "2024-01-01"),
            ("3 ago 2023", "2023-08-03"),
            ("Aprile 2024", "2024-04"),
            ("dom 7 gen 2024", "2024-01-07"),
            ("2 giorni fa", "2024-04-16"),
            ("un anno fa", "2023"),
            ("3 ore fa", "2024-04-18T07:30:00Z"),
            ("circa un mese fa", "2024-03"),
            ("più di 2 anni fa", "2022"),
            ("pochi secondi fa", "2024-04-18T10:30:00Z"),
            ("ieri alle 14:02", "2024-04-17T14:02:00"),
            ("Ieri, 14:02", "2024-04-17T14:02:00"),
            ("l’altro ieri", "2024-04-16"),
            ("ieri l'altro", "2024-04-16"),
            ("oggi alle 9:15", "2024-04-18T09:15:00"),
            ("lunedì alle 15:15", "2024-04-15T15:15:00"),
            ("lunedì scorso", "2024-04-15"),
            ("proprio ora", "2024-04-18T10:30:00Z"),
            ("3 aprile", "2024-04-03"),
            ("3 sett", "2024-03-28"),
        ],
    );
}

#[test]
fn portuguese() {
    check(
        DayOrder::DayFirst,
        &[
            ("3 de abril de 2024", "2024-04-03"),
            ("3 de abril de 2024 às 6:55", "2024-04-03T06:55:00"),
            ("quarta-feira, 3 de abril de 2024, 18h00", "2024-04-03T18:00:00"),
            ("Qua Abr 03, 2024 6:55 am", "2024-04-03T06:55:00"),
            ("3 abr. 2024", "2024-04-03"),
            ("03/04/2024 18h", "2024-04-03T18:00:00"),
            ("em 3 de março de 2024", "2024-03-03"),
            ("Publicado em 03.04.2024", "2024-04-03"),
            ("1º de maio de 2023", "2023-05-01"),
            ("5 out 2023", "2023-10-05"),
            ("abril de 2024", "2024-04"),
            ("há 3 dias", "2024-04-15"),
            ("há 2 horas", "2024-04-18T08:30:00Z"),
            ("há um ano", "2023"),
            ("há mais de um mês", "2024-03"),
            ("3 dias atrás", "2024-04-15"),
            ("há alguns segundos", "2024-04-18T10:30:00Z"),
            ("há cerca de 2 anos", "2022"),
            ("ontem às 14:02", "2024-04-17T14:02:00"),
            ("Ontem, 14:02", "2024-04-17T14:02:00"),
            ("anteontem", "2024-04-16"),
            ("hoje às 9h15", "2024-04-18T09:15:00"),
            ("Hoje", "2024-04-18"),
            ("segunda-feira às 15:15", "2024-04-15T15:15:00"),
            ("agora mesmo", "2024-04-18T10:30:00Z"),
            ("3 de abril", "2024-04-03"),
            ("2 sem", "2024-04-04"),
            ("12 de nov. 14:05", "2023-11-12T14:05:00"),
        ],
    );
}

#[test]
fn dutch() {
    check(
        DayOrder::DayFirst,
        &[
            ("3 april 2024 om 06:55", "2024-04-03T06:55:00"),
            ("woensdag 3 april 2024", "2024-04-03"),
            ("3 mrt 2024 14:05", "2024-03-03T14:05:00"),
            ("gisteren om 14:02", "2024-04-17T14:02:00"),
            ("2 dagen geleden", "2024-04-16"),
        ],
    );
}

#[test]
fn nothing_is_guessed_without_a_day_of_reading() {
    let day = Moment { iso: "2024-04-18".into(), precision: Precision::Day };
    let month = Moment { iso: "2024-04".into(), precision: Precision::Month };
    let at = |text: &str, read_at: &Moment| match parse_printed(text, DayOrder::DayFirst) {
        Some(Printed::Relative(relative)) => relative.from(read_at).map(|moment| moment.iso),
        other => panic!("{text}: {other:?}"),
    };
    assert_eq!(at("il y a 3 heures", &day), None);
    assert_eq!(at("hier", &day).as_deref(), Some("2024-04-17"));
    assert_eq!(at("hier", &month), None);
    assert_eq!(at("29 février", &day).as_deref(), Some("2024-02-29"));
    assert_eq!(at("19 avril", &day).as_deref(), Some("2023-04-19"));
    assert_eq!(at("a few hours ago", &read_at()), None);
}

#[test]
fn what_is_no_date() {
    for text in [
        "en 2024",
        "2024",
        "12",
        "3/4",
        "1.5",
        "v1.2.3",
        "192.168.1.20",
        "3 avril 2024 5",
        "31 février 2024",
        "mai 68",
        "14:02",
        "par",
        "Non",
        "Le",
        "hier encore",
        "Monday",
        "lundi",
        "two",
        "May",
        "10 000 ans",
        "3 % de mars",
        "n° 3 mars",
        "Joined: Mar 2010",
        "Inscrit le 3 avril 2024",
        "Mitglied seit 3. April 2024",
        "Edited April 3, 2024",
        "99:99",
        "25/13/2024",
        "vor allem",
        "a year",
    ] {
        assert_eq!(parse_printed(text, DayOrder::DayFirst), None, "{text}");
    }
}

#[test]
fn dates_inside_labels() {
    for (line, date, iso) in [
        ("Posté par Zoé le 3 avril 2024 à 06:55", "le 3 avril 2024 à 06:55", "2024-04-03T06:55:00"),
        ("#3 by Bob » 12 Mar 2020 14:05", "12 Mar 2020 14:05", "2020-03-12T14:05:00"),
        ("Bob - 12.03.2020, 14:05 Uhr", "12.03.2020, 14:05 Uhr", "2020-03-12T14:05:00"),
        ("Zoé a écrit le 3 avril 2024 :", "le 3 avril 2024", "2024-04-03"),
        ("bob wrote on Apr 3, 2024 at 9:29 am:", "on Apr 3, 2024 at 9:29 am", "2024-04-03T09:29:00"),
        ("Mo • 3 avril 2024", "3 avril 2024", "2024-04-03"),
        ("Zoé il y a 3 heures", "il y a 3 heures", "2024-04-18T07:30:00Z"),
        ("Zoé · 3w", "3w", "2024-03-28"),
        ("Zoé · Apr 3 · Edited", "Apr 3", "2024-04-03"),
        ("2 h · Répondre", "2 h", "2024-04-18T08:30:00Z"),
        ("Answered 3 Apr 2024 by bob", "3 Apr 2024", "2024-04-03"),
        ("3 April 2024, 06:55 AM #3", "3 April 2024, 06:55 AM", "2024-04-03T06:55:00"),
        ("Von Zoé, gestern um 14:02 Uhr", "gestern um 14:02 Uhr", "2024-04-17T14:02:00"),
        ("Re: Antwort von Bob » 2024-04-03T06:55:00Z", "2024-04-03T06:55:00Z", "2024-04-03T06:55:00Z"),
        ("Message par Zoé » mer. 3 avr. 2024 06:55", "mer. 3 avr. 2024 06:55", "2024-04-03T06:55:00"),
        ("Inviato da Bob il 3 aprile 2024", "il 3 aprile 2024", "2024-04-03"),
    ] {
        let (printed, place) = find_printed(line, DayOrder::DayFirst).unwrap_or_else(|| panic!("{line}"));
        let found = match printed {
            Printed::Absolute(moment) => moment.iso,
            Printed::Relative(relative) => relative.from(&read_at()).unwrap().iso,
        };
        assert_eq!((&line[place], found.as_str()), (date, iso), "{line}");
    }
}

#[test]
fn prose_is_no_label() {
    for line in [
        "Le 3 avril 2024, la CNIL a réagi",
        "en 2024",
        "On se voit le 3 mars ?",
        "J’ai acheté ça il y a 3 ans",
        "I bought mine two years ago and it still works",
        "Il est parti hier",
        "It took 5 min to fix",
        "Am 3. April 2024 kam die Antwort",
        "Joined: Mar 2010",
        "Inscrit depuis le 3 avril 2024",
        "Last edited: Apr 3, 2024",
        "Modifié par Zoé le 3 avril 2024",
        "Version 1.2.2024 is out",
        "Les prix de mars 2024 sont fous",
        "Python 3.4.24",
    ] {
        assert_eq!(find_printed(line, DayOrder::DayFirst), None, "{line}");
    }
}

#[test]
fn marks_of_edits() {
    for (line, date) in [
        ("Last edited by Bob; 03-04-2024 at 06:55 PM.", "2024-04-03T18:55:00"),
        ("Last edited by Bob on Wed Apr 03, 2024 6:55 am, edited 2 times in total.", "2024-04-03T06:55:00"),
        ("Last edited: Apr 3, 2024", "2024-04-03"),
        ("« Last Edit: April 03, 2024, 06:55:12 am by bob »", "2024-04-03T06:55:12"),
        ("Edited April 3, 2024 by Bob", "2024-04-03"),
        ("(edited)", ""),
        ("Edited by Bob", ""),
        ("Bob edited this post on 3 April 2024", "2024-04-03"),
        ("Dernière modification par Zoé le 03 avr. 2024, 06:55, modifié 1 fois.", "2024-04-03T06:55:00"),
        ("Modifié le 3 avril 2024 à 06h55 par le modérateur", "2024-04-03T06:55:00"),
        ("Modifié il y a 3 heures", "2024-04-18T07:30:00Z"),
        ("Modifié", ""),
        ("Zuletzt geändert von Bob am Mi 3. Apr 2024, 06:55, insgesamt 1-mal geändert.", "2024-04-03T06:55:00"),
        ("Dieser Beitrag wurde am 3. April 2024 von Bob bearbeitet", "2024-04-03"),
        ("bearbeitet von Bob, 03.04.2024, 18:00 Uhr", "2024-04-03T18:00:00"),
        ("Última edición por Bob el Mié Abr 03, 2024 6:55 am, editado 1 vez en total.", "2024-04-03T06:55:00"),
        ("Editado: hace 2 días", "2024-04-16"),
        ("Ultima modifica di Bob il mer 3 apr 2024, 6:55, modificato 1 volta in totale.", "2024-04-03T06:55:00"),
        ("Modificato", ""),
        ("Editado pela última vez por Bob em 03 abr 2024, 06:55, em um total de 1 vez.", "2024-04-03T06:55:00"),
    ] {
        let mark = edit_mark(line, DayOrder::DayFirst).unwrap_or_else(|| panic!("{line}"));
        let found = mark.at.map_or(String::new(), |printed| match printed {
            Printed::Absolute(moment) => moment.iso,
            Printed::Relative(relative) => relative.from(&read_at()).unwrap().iso,
        });
        assert_eq!(found, date, "{line}");
    }
    for line in [
        "Edit: typo",
        "EDIT : j’avais oublié le lien, voilà",
        "Edited for clarity and length",
        "Modifié par mes soins, ce code marche.",
        "Modifier",
        "Bearbeitet wird nichts mehr",
        "3 April 2024",
    ] {
        assert_eq!(edit_mark(line, DayOrder::DayFirst), None, "{line}");
    }
    assert!(says_edited("vor 2 Jahren (bearbeitet)") && !says_edited("vor 2 Jahren"));
}

#[test]
fn orders_of_pages() {
    use DayOrder::{DayFirst, MonthFirst};
    for (dates, language, order) in [
        (&["03/04/2024", "03/14/2024"][..], "fr", MonthFirst),
        (&["13-04-2024, 06:55 PM", "03-04-2024"][..], "en-US", DayFirst),
        (&["01/02/2024", "02/02/2024", "01/03/2024", "02/03/2024"][..], "en", DayFirst),
        (&["02/01/2024", "02/02/2024", "03/01/2024"][..], "de", MonthFirst),
        (&["03/04/2024"][..], "en", MonthFirst),
        (&["03/04/2024"][..], "en-AU", DayFirst),
        (&["2024-04-03", "03.14.2024", "prose"][..], "fr", DayFirst),
        (&[][..], "en-US", MonthFirst),
    ] {
        assert_eq!(order_of(dates.iter().copied(), language), order, "{dates:?}");
    }
}

proptest::proptest! {
    #[test]
    fn no_line_panics(line in "\\PC{0,80}") {
        all_ways(&line);
    }

    #[test]
    fn no_line_of_date_pieces_panics(
        pieces in proptest::collection::vec(
            proptest::sample::select(vec![
                "3", "03", "2024", "99", "'24", ".", "/", "-", ":", "h", " ", "a", ".m", "Apr", "mars", "il y a", "é", "T", "+", "Z", "UTC", "hier",
                "lundi", "•", "um", "Uhr", "18.00", "12/03", "2024-04-03", "e\u{301}", "\u{a0}", "99999", "edited", "by", "de", "seconds", "31",
            ]),
            0..24,
        ),
    ) {
        all_ways(&pieces.concat());
        all_ways(&pieces.join(" "));
    }
}

fn all_ways(line: &str) {
    let resolve = |printed: Printed| match printed {
        Printed::Absolute(moment) => moment.iso.parse::<jiff::civil::Date>().map(drop).unwrap_or_default(),
        Printed::Relative(relative) => drop(relative.from(&read_at())),
    };
    if let Some(printed) = parse_printed(line, DayOrder::MonthFirst) {
        resolve(printed);
    }
    if let Some((printed, place)) = find_printed(line, DayOrder::DayFirst) {
        assert!(!line[place].trim().is_empty());
        resolve(printed);
    }
    let _ = (parse_machine(line), edit_mark(line, DayOrder::DayFirst), says_edited(line), tells_membership(line));
    order_of([line], "fr");
}

#[test]
fn long_lines_cost_no_more_than_their_length() {
    let begun = std::time::Instant::now();
    for piece in ["3 avril ", "1/2/", "il y a ", "a", "12:", "é ", "• 3 ", "by "] {
        let long = piece.repeat(200_000);
        let lines: Vec<&str> = (0..3_000).map(|_| &long[..long.floor_char_boundary(150)]).collect();
        all_ways(&long);
        order_of(lines.iter().copied().chain([long.as_str()]), "");
        for line in &lines[..300] {
            all_ways(line);
        }
    }
    assert!(begun.elapsed() < std::time::Duration::from_secs(20), "{:?}", begun.elapsed());
}
