//! What a line of a copied page can be: a date, a writer's name, both.

use std::ops::Range;

use super::super::words::WORDS;
use super::words::PRINTED;
use crate::model::Precision;
use crate::text::dates::{DayOrder, Printed, find_printed, parse_printed};

/// A head's line without the marks of nesting and lists before it.
pub(super) fn bare(line: &str) -> &str {
    line.trim()
        .trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '>' | '↳' | '└' | '*' | '•' | '-' | '│' | '─'))
}

/// Whether a line holds marks only: "•", "—".
pub(super) fn is_mark(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && line.chars().take(8).count() <= 3 && !line.chars().any(char::is_alphanumeric)
}

/// Whether a line is a post's number: "#3", "Nr. 3", "N°3".
pub(super) fn is_number(line: &str) -> bool {
    let line = line.trim();
    let digits = line.trim_start_matches(['#', '№']).trim();
    let is_digits = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    line.starts_with(['#', '№']) && !digits.is_empty() && digits.len() <= 9 && is_digits
}

/// A date in a line, and where it stands.
pub(super) type Found = (Printed, Range<usize>);

/// A whole line that says when a comment was posted, perhaps with its number or buttons: "3 avril 2024 • #2".
pub(super) fn date(line: &str, found: Option<&Found>) -> Option<Printed> {
    let (date, place) = found?;
    let is_aside = |piece: &str| {
        let piece =
            piece.trim_matches(|c: char| c.is_whitespace() || matches!(c, '·' | '•' | '|' | '—' | '–' | '-' | ','));
        piece.is_empty()
            || is_number(piece)
            || WORDS.is_button(piece)
            || PRINTED.is_badge(piece)
            || piece.bytes().all(|b| b.is_ascii_digit())
    };
    (is_posting(date) && is_aside(&line[..place.start]) && is_aside(&line[place.end..])).then(|| date.clone())
}

/// "April 2024" is the name of an archive.
fn is_posting(date: &Printed) -> bool {
    !matches!(date, Printed::Absolute(moment) if moment.precision < Precision::Day)
}

/// "Zoé • il y a 8 mois", "Zoé, 14 March 2026", "Gaëlle422026-03-14": both on one line.
pub(super) fn author_and_date(line: &str, order: DayOrder) -> Option<(String, Printed)> {
    let by_mark = || {
        [" • ", "•", " · ", "·", " | ", " — ", " – ", " - ", ", le ", ", on ", ", am ", ", el ", ", il ", ", em ", ", "]
            .iter()
            .find_map(|separator| {
                let (author, date) = line.split_once(separator)?;
                let author = author_name(written_by(without_number(author.trim())))?;
                let date = parse_printed(date.trim(), order).filter(is_posting)?;
                let is_label = WORDS.is_button(&author) || PRINTED.is_posted(&author);
                (!is_label && parse_printed(&author, order).is_none()).then_some((author, date))
            })
    };
    // Most lines are too long to be heads.
    if line.len() > 200 { None } else { by_mark().or_else(|| glued(line, order)) }
}

/// A name with the date right behind it, as pages that set them apart by style alone are copied.
fn glued(line: &str, order: DayOrder) -> Option<(String, Printed)> {
    let at = line.len().checked_sub("2026-03-14".len())?;
    let (name, day) = (line.get(..at)?, line.get(at..)?);
    let is_iso =
        day.bytes().enumerate().all(|(at, b)| if matches!(at, 4 | 7) { b == b'-' } else { b.is_ascii_digit() });
    if !is_iso || name.is_empty() || name.ends_with(char::is_whitespace) {
        return None;
    }
    Some((author_name(PRINTED.without_glued_badge(name))?, parse_printed(day, order)?))
}

/// A line that names writer and date among words for that: "Posté par Zoé le 3 avril 2024", "#3 Zoé 14:05, 3 April 2024".
pub(super) fn label(line: &str, found: Option<&Found>) -> Option<(String, Printed)> {
    // "Zoé a écrit : ↑4 mars 2025" heads a quote.
    let (date, place) = found.filter(|(date, _)| is_posting(date) && !line.contains('↑'))?;
    let is_edge = |c: char| {
        c.is_whitespace() || matches!(c, '·' | '•' | '|' | '—' | '–' | '-' | '»' | '«' | ',' | ':' | '(' | ')' | '/')
    };
    let (before, after) = (line[..place.start].trim_matches(is_edge), line[place.end..].trim_matches(is_edge));
    let name = if before.is_empty() { label_name(after, true) } else { label_name(before, false) };
    Some((name.or_else(|| label_name(after, true))?, date.clone()))
}

/// The writer in what stands before or behind a date.
fn label_name(text: &str, behind: bool) -> Option<String> {
    let name = written_by(text);
    // "3 April 2024 by Bob"; without "by" it could be anything.
    if behind && name.len() == text.len() {
        return None;
    }
    let name = without_number(name.trim_start_matches("[–]").trim_start_matches("[-]").trim());
    let name = written_by(name);
    let name = WORDS.author(WORDS.before_reply(without_points(name))).trim_end_matches("[S]");
    let is_label = WORDS.is_button(name) || PRINTED.is_card(name) || find_printed(name, DayOrder::DayFirst).is_some();
    author_name(name).filter(|name| !is_label && name.split_whitespace().count() <= 5)
}

/// "#3 Bob" without the post's number.
fn without_number(name: &str) -> &str {
    name.strip_prefix('#').map_or(name, |rest| rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').trim())
}

/// The name behind "Posté par", "Beitrag von", "Re: Titre par"; "Zoé von Berg" is one.
fn written_by(text: &str) -> &str {
    match WORDS.split_byline(text) {
        (before, Some(name)) if before.is_empty() || PRINTED.is_posted(before) || PRINTED.is_subject(before) => name,
        _ => text,
    }
}

/// "zoe 12 points" without the points.
fn without_points(name: &str) -> &str {
    points_of(name).map_or(name, |(rest, _)| rest)
}

/// Who stands before points ("[–]zoe 12 points 3 years ago"), and how many.
fn points_of(line: &str) -> Option<(&str, i64)> {
    let at = line.find(" point")?;
    let (rest, count) = line[..at].rsplit_once(' ')?;
    Some((rest, count.parse().ok()?))
}

/// The votes that a head's line prints as points.
pub(super) fn points(line: &str) -> Option<i64> {
    points_of(line).map(|(_, count)| count).filter(|_| line.len() <= 200)
}

/// A line as a name: short, not a sentence, without the link a printed page adds (`anonyme < https://…>`) and without
/// whom the comment answers.
pub(super) fn author_name(line: &str) -> Option<String> {
    if line.len() > 480 {
        return None;
    }
    let name = line.split_once("< http").map_or(line, |(name, _)| name).trim();
    let name = WORDS.author(WORDS.before_reply(name));
    let is_name = !name.is_empty()
        && name.chars().count() <= 60
        && name.split_whitespace().count() <= 7
        && !name.ends_with(['!', '?', ';', ',', ':', '…'])
        && name.chars().any(char::is_alphanumeric);
    is_name.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writer and date, as heads are found.
    fn read(line: &str) -> (Option<String>, Option<Printed>) {
        let found = find_printed(line, DayOrder::DayFirst);
        let both = author_and_date(line, DayOrder::DayFirst).or_else(|| label(line, found.as_ref()));
        (both.map(|(name, _)| name), date(line, found.as_ref()))
    }

    #[test]
    fn marks_of_nesting_are_no_part_of_a_head() {
        assert_eq!(bare("   ↳ Zoé"), "Zoé");
        assert_eq!(bare("> - Zoé "), "Zoé");
        assert_eq!(author_name("Zoé replied to Bob").as_deref(), Some("Zoé"));
        assert_eq!(author_name("en réponse à Bob"), None);
    }

    #[test]
    fn labels_name_their_writer() {
        for (line, name) in [
            ("Posté par Zoé le 3 avril 2024 à 06:55", "Zoé"),
            ("Beitrag von Zoé » Mi 3. Apr 2024, 06:55", "Zoé"),
            ("Zoé von Berg, 3. April 2024", "Zoé von Berg"),
            ("[–]zoe[S] 1 point 3 years ago", "zoe"),
            ("Re: Le câble par Zoé » 03 avr. 2024, 06:55", "Zoé"),
            ("Zoé a écrit le 3 avril 2024 :", "Zoé"),
            ("Bob - 12.03.2020, 14:05 Uhr", "Bob"),
            ("#3 Bob Lee, 3 April 2024 14:05", "Bob Lee"),
            ("3 April 2024 by Bob", "Bob"),
            ("[–]zoe 12 points 3 years ago", "zoe"),
            ("zoe 3 hours ago | parent | next [–]", "zoe"),
            ("zoe April 3, 2024, 6:55am 2", "zoe"),
            ("kévin<32026-03-15", "kévin<3"),
            ("Abonné n°72026-03-14", "Abonné n°7"),
            ("Gaëlle42Épinglé2026-03-14", "Gaëlle42"),
        ] {
            assert_eq!(read(line).0.as_deref(), Some(name), "{line}");
        }
        for line in [
            "Publié le 3 avril 2024",
            "Reply · 3 April 2024",
            "Vu le 3 avril 2024, la CNIL réagit",
            "Joined: 3 Mar 2010",
            "Zoé a écrit : ↑04 mars 2025, 18:22",
        ] {
            assert_eq!(read(line).0, None, "{line}");
        }
    }

    #[test]
    fn dates_with_numbers_and_buttons() {
        for line in ["3 avril 2024 • #2", "#1 — vor 3 Stunden", "2 h · Répondre", "3 avril 2024 à 06:55"] {
            assert!(read(line).1.is_some(), "{line}");
        }
        for line in ["avril 2024", "Zoé 3 avril 2024", "Inscrit le 3 avril 2024"] {
            assert!(read(line).1.is_none(), "{line}");
        }
    }
}
