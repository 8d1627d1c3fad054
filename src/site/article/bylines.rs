//! The lines that say who wrote an article and when: "Par Anne Delcourt, publié le 3 octobre 2025 · 4 min de lecture".

use scraper::ElementRef;

use super::super::body;
use super::super::words::WORDS;
use super::printed_moment;
use crate::model::Moment;
use crate::text::dates::{DayOrder, find_printed};

/// The text of an element on one line, a space between what only style sets apart: `<span>Par Zoé</span><span>3 mai</span>`.
pub(super) fn line(element: ElementRef<'_>) -> String {
    /// Texts of a byline; longer ones are none.
    const MAX_TEXTS: usize = 40;
    let plain = body::line(element);
    let texts: Vec<&str> = element.text().take(MAX_TEXTS).collect();
    if plain.len() > 500 || texts.len() == MAX_TEXTS {
        return plain;
    }
    let mut glued = Vec::new();
    for pair in texts.windows(2) {
        let (Some(before), Some(after)) = (pair[0].chars().next_back(), pair[1].chars().next()) else { continue };
        let is_seam = before.is_alphanumeric() && after.is_numeric()
            || (before.is_lowercase() || before.is_numeric()) && after.is_uppercase();
        if is_seam {
            // The words on both sides, as they stand in the line.
            let last = pair[0].split_whitespace().next_back().unwrap_or_default();
            let first = pair[1].split_whitespace().next().unwrap_or_default();
            glued.push((format!("{last}{first}"), format!("{last} {first}")));
        }
    }
    glued.into_iter().fold(plain, |line, (glued, apart)| line.replacen(&glued, &apart, 1))
}

/// The writer in a byline: without "by", dates, and how long reading takes.
pub(super) fn name(line: &str, order: DayOrder) -> &str {
    let names = line.split(['·', '|', '•', '—', '–']).map(|piece| of_piece(piece, order));
    names.into_iter().find(|name| !name.is_empty()).unwrap_or_default()
}

fn of_piece(piece: &str, order: DayOrder) -> &str {
    let piece = piece.trim();
    if printed_moment(piece, order, None).is_some() {
        return "";
    }
    let name = before_date(WORDS.byline(piece), order).0;
    let name = before_reading_time(name);
    let name = find_printed(name, order).map_or(name, |(_, place)| &name[..place.start]);
    name.trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | '-' | ':' | '/'))
}

/// What stands before "4 min de lecture", "Temps de lecture : 4 min".
fn before_reading_time(line: &str) -> &str {
    let starts = line.char_indices().filter(|&(at, c)| {
        !c.is_whitespace() && (at == 0 || line[..at].ends_with(|c: char| c.is_whitespace() || c == '('))
    });
    starts
        .take(2 * MAX_NAME_WORDS)
        .find(|&(at, _)| WORDS.is_reading_time(&line[at..]))
        .map_or(line, |(at, _)| &line[..at])
}

/// Words of a byline before its date.
const MAX_NAME_WORDS: usize = 16;

/// What a line near a headline says of the article.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::site) struct Byline {
    /// Who wrote it.
    pub(in crate::site) author: Option<String>,
    /// When it appeared.
    pub(in crate::site) date: Option<Moment>,
}

/// Reads a line such as "2 mai 2024 par Séverin Péan" or "By Imogen Tarrant · 13 March 2026"; empty where the line
/// says neither.
pub(in crate::site) fn byline(line: &str, order: DayOrder) -> Byline {
    let mut byline = Byline::default();
    for piece in line.split(['·', '|', '•', '—', '–']) {
        let (before, name) = WORDS.split_byline(piece);
        let (name, behind) = name.map(|name| before_date(before_reading_time(name).trim_end(), order)).unzip();
        byline.date = byline.date.or_else(|| first_moment(before, order)).or(behind.flatten());
        byline.author = byline.author.or_else(|| name.filter(|name| name.chars().count() <= 60).map(str::to_owned));
    }
    byline
}

/// The date that a piece of a byline says, or the first of several: "Publié le 4 mars 2025 à 06h30, mis à jour le 5 mars".
fn first_moment(piece: &str, order: DayOrder) -> Option<Moment> {
    let ends = piece.match_indices(',').map(|(at, _)| at).chain([piece.len()]).collect::<Vec<_>>();
    ends.into_iter().rev().find_map(|end| printed_moment(&piece[..end], order, None))
}

/// A name, and the first date that stands behind it on its line: "Anne Delcourt, publié le 3 octobre 2025, mis à jour le 4 octobre".
pub(in crate::site) fn before_date(line: &str, order: DayOrder) -> (&str, Option<Moment>) {
    let (name, last) = before_last_date(line, order);
    if last.is_none() {
        return (name, None);
    }
    let (name, first) = before_date(name, order);
    (name, first.or(last))
}

fn before_last_date(line: &str, order: DayOrder) -> (&str, Option<Moment>) {
    let words = line.char_indices().filter(|&(at, c)| {
        at > 0 && !c.is_whitespace() && line[..at].ends_with(|before: char| before.is_whitespace() || before == '(')
    });
    // A name is before; what is behind it must be a date as a whole.
    words
        .take(MAX_NAME_WORDS)
        .find_map(|(at, _)| {
            let date = printed_moment(line[at..].trim_end_matches(')'), order, None)?;
            let name = line[..at].trim_end_matches(|c: char| {
                c.is_whitespace() || matches!(c, ',' | '(' | '-' | ':' | '/' | '|' | '·' | '•' | '—' | '–')
            });
            Some((name, Some(date)))
        })
        .unwrap_or((line, None))
}

#[cfg(test)]
mod tests {
    use scraper::Html;

    use super::*;

    #[test]
    fn names_are_told_from_dates_and_times() {
        let name = |line: &str| name(line, DayOrder::DayFirst).to_owned();
        for (line, expected) in [
            ("Par Antoine Delvaux 3 déc. 2023", "Antoine Delvaux"),
            ("Markus Rohrhuber 14. März 2024", "Markus Rohrhuber"),
            ("By Corinne Alvarez-Dunn April 3, 2024", "Corinne Alvarez-Dunn"),
            ("Par Zoé Martin · 12 mars 2024 · 4 min de lecture", "Zoé Martin"),
            ("12 mars 2024 — Zoé Martin", "Zoé Martin"),
            ("Zoé Martin 4 min read", "Zoé Martin"),
            ("Par Zoé Martin, Temps de lecture : 4 min", "Zoé Martin"),
            ("Zoé Martin et Luc Roy", "Zoé Martin et Luc Roy"),
            ("Agence France 24", "Agence France 24"),
        ] {
            assert_eq!(name(line), expected, "{line}");
        }
    }

    #[test]
    fn what_style_sets_apart_is_apart() {
        let of = |html: &str| {
            let html = Html::parse_fragment(html);
            line(html.root_element())
        };
        assert_eq!(of("<span>Par Antoine Delvaux</span><span>3 déc. 2023</span>"), "Par Antoine Delvaux 3 déc. 2023");
        assert_eq!(of("<i>Par Zoé</i><i>6 mai 2025</i><i>3 min de lecture</i>"), "Par Zoé 6 mai 2025 3 min de lecture");
        assert_eq!(of("<a>Corinne Dunn</a><i>April 3</i>"), "Corinne Dunn April 3");
        assert_eq!(of("<b>É</b>lise <i>Roux</i>"), "Élise Roux");
    }

    #[test]
    fn a_byline_says_who_and_when() {
        let said = byline("By Imogen Tarrant · 13 March 2026", DayOrder::of_language("en"));
        assert_eq!(said.author.as_deref(), Some("Imogen Tarrant"));
        assert!(said.date.is_some_and(|date| date.iso.starts_with("2026-03-13")));
        let said =
            byline("Par Luc — Publié le 4 mars 2025 à 06h30, mis à jour le 5 mars 2025 à 11h02", DayOrder::DayFirst);
        assert!(
            said.author.as_deref() == Some("Luc") && said.date.is_some_and(|date| date.iso == "2025-03-04T06:30:00")
        );
        assert_eq!(byline("Nothing of the kind", DayOrder::of_language("en")), Byline::default());
        for (line, name) in [
            ("Par Anne Delcourt, publié le 3 octobre 2025", "Anne Delcourt"),
            ("Par Anne Delcourt le 3 octobre 2025", "Anne Delcourt"),
            ("Par Anne Delcourt et Luc Roy, mis à jour le 3 octobre 2025 à 07h00", "Anne Delcourt et Luc Roy"),
            ("Par Anne Delcourt (03/10/2025)", "Anne Delcourt"),
            ("Par Anne Delcourt, publié le 3 octobre 2025 à 06h30, mis à jour le 4 octobre 2025", "Anne Delcourt"),
        ] {
            let said = byline(line, DayOrder::DayFirst);
            assert_eq!(said.author.as_deref(), Some(name), "{line}");
            assert!(said.date.is_some_and(|date| date.iso.starts_with("2025-10-03")), "{line}");
        }
    }
}
