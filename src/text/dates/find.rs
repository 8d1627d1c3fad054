//! Dates inside short lines: "Posté par Zoé le 3 avril 2024 à 06:55", "#3 by Bob » 12 Mar 2020 14:05".
//!
//! A line that says who wrote when is a label, not prose: few words, names with capitals, hardly a word that is neither
//! a name nor one labels are made of. What could be anything ("3w", "3 avril", "hier") is a date there only where a
//! mark sets it apart.

use std::ops::Range;

use super::printed::{of_tokens, parse_printed};
use super::tokens::{Part, Token, any};
use super::words::{Role, WORDS};
use super::{DayOrder, Printed};
use crate::model::Precision;
use crate::text::fold;

/// Bytes of a line that says who wrote when.
const MAX_LINE: usize = 160;
/// Without a digit a date line says little more than "gestern".
const MAX_WITHOUT_DIGIT: usize = 60;
/// Tokens of the longest date.
const MAX_DATE: usize = 14;

/// Finds the date in a line of few other words, and where it stands; none in prose.
///
/// ```
/// use causerie::text::dates::{DayOrder, find_printed};
/// let line = "Posté par Zoé le 3 avril 2024 à 06:55";
/// let (_, place) = find_printed(line, DayOrder::DayFirst).unwrap();
/// assert_eq!(&line[..place.start], "Posté par Zoé ");
/// assert_eq!(find_printed("Le 3 avril 2024, la CNIL a réagi", DayOrder::DayFirst), None);
/// ```
pub fn find_printed(line: &str, order: DayOrder) -> Option<(Printed, Range<usize>)> {
    let trimmed = line.trim();
    let has_digit = trimmed.bytes().any(|b| b.is_ascii_digit());
    if trimmed.is_empty() || trimmed.len() > if has_digit { MAX_LINE } else { MAX_WITHOUT_DIGIT } {
        return None;
    }
    let start = line.len() - line.trim_start().len();
    let whole = parse_printed(trimmed, order);
    let tokens = any(line);
    if let Some(date) = whole
        && holds_together(&tokens)
    {
        return Some((date, start..start + trimmed.len()));
    }
    if tokens.iter().any(|token| token.is(Role::Elsewhere)) {
        return None;
    }
    let found = longest(&tokens, order)?;
    let place = tokens[found.tokens.start].start..tokens[found.tokens.end - 1].end;
    let is_edit = tokens[..found.tokens.start].iter().any(|token| token.is(Role::Edited) && !token.is(Role::Label));
    (!is_edit && is_label(line, &tokens, &found)).then_some((found.date, place))
}

/// The longest date in a line known to say one among other things ("Edited by Zoé on 2 May 2024, 3 times"); none where
/// the line has no digit, or more than 240 bytes.
///
/// ```
/// use causerie::text::dates::{DayOrder, Printed, within};
/// let date = within("Zoé am 19. Juni 2019 um 6:16 Uhr, Nr. 4", DayOrder::DayFirst);
/// assert!(matches!(date, Some(Printed::Absolute(moment)) if moment.iso == "2019-06-19T06:16:00"));
/// assert_eq!(within("3 replies", DayOrder::DayFirst), None);
/// ```
pub fn within(line: &str, order: DayOrder) -> Option<Printed> {
    const MAX_BYTES: usize = 240;
    if line.len() > MAX_BYTES || !line.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    longest(&any(line), order).map(|found| found.date)
}

/// A date among tokens.
pub(super) struct Found {
    pub(super) date: Printed,
    pub(super) tokens: Range<usize>,
}

/// The longest stretch of tokens that is a date.
pub(super) fn longest(tokens: &[Token], order: DayOrder) -> Option<Found> {
    let mut best: Option<(usize, Found)> = None;
    for start in (0..tokens.len()).filter(|&at| opens(&tokens[at])) {
        let run = tokens[start..].iter().take(MAX_DATE).take_while(|token| is_of_dates(token)).count();
        for end in (start + 1..=start + run).rev().filter(|end| closes(&tokens[end - 1])) {
            let length = tokens[end - 1].end - tokens[start].start;
            if best.as_ref().is_some_and(|(longest, _)| length <= *longest) {
                break;
            }
            if holds_together(&tokens[start..end])
                && let Some(date) = of_tokens(&tokens[start..end], order)
            {
                best = Some((length, Found { date, tokens: start..end }));
                break;
            }
        }
    }
    best.map(|(_, found)| found)
}

/// Whether a token can be inside a date; words such as "by" and "posted" stand beside it.
fn is_of_dates(token: &Token) -> bool {
    match token.part {
        Part::Other => false,
        Part::Word(word) => {
            let beside = word.is(Role::Label) || word.is(Role::By) || word.is(Role::Edited) || word.is(Role::EditCount);
            !beside || is_named(token) || word.is(Role::Ago) || word.is(Role::Filler)
        }
        _ => true,
    }
}

/// Whether a word names a part of a date.
fn is_named(token: &Token) -> bool {
    let Part::Word(word) = token.part else { return false };
    let days = [Role::Today, Role::Yesterday, Role::BeforeYesterday, Role::Last];
    word.month.is_some() || word.weekday.is_some() || days.into_iter().any(|role| word.is(role))
}

fn opens(token: &Token) -> bool {
    let words = [Role::Opener, Role::Before, Role::Ago, Role::About, Role::Few];
    match token.part {
        Part::Number { .. } | Part::Numeric { .. } | Part::DayMonth { .. } | Part::Clock(..) => true,
        Part::Word(word) => is_named(token) || word.count.is_some() || words.into_iter().any(|role| word.is(role)),
        Part::Offset(_) | Part::Other => false,
    }
}

fn closes(token: &Token) -> bool {
    let words = [Role::Ago, Role::HourMark, Role::BeforeNoon, Role::AfterNoon, Role::Before];
    match token.part {
        Part::Word(word) => {
            !word.is(Role::By)
                && (is_named(token)
                    || word.unit.is_some()
                    || word.zone.is_some()
                    || words.into_iter().any(|role| word.is(role))
                    || word.is(Role::Filler) && token.end - token.start == 3)
        }
        part => part != Part::Other,
    }
}

/// Whether every piece that a mark sets apart says a day or a time: in "Mo • 3 avril 2024" Mo is a name.
fn holds_together(tokens: &[Token]) -> bool {
    let says =
        |token: &Token| !matches!(token.part, Part::Word(_)) || token.is(Role::Today) || token.is(Role::Yesterday);
    let mut pieces = tokens.chunk_by(|_, next| !next.apart).peekable();
    let first = pieces.next();
    pieces.peek().is_none() || first.into_iter().chain(pieces).all(|piece| piece.iter().any(says))
}

/// Whether a line with a date in it reads like a label.
fn is_label(line: &str, tokens: &[Token], found: &Found) -> bool {
    let (first, last) = (&tokens[found.tokens.start], &tokens[found.tokens.end - 1]);
    let (before, after) = (line[..first.start].trim(), line[last.end..].trim());
    let behind = tokens.get(found.tokens.end);
    let apart_behind = behind.map_or(!after.contains(char::is_alphanumeric), |token| token.apart);
    let apart_before = first.apart || before.is_empty() || before.ends_with(['(', '[']);
    let is_sure = match &found.date {
        // "Python 3.4.24" is none.
        Printed::Absolute(moment) if moment.precision == Precision::Day => !tokens[found.tokens.clone()]
            .iter()
            .any(|token| matches!(token.part, Part::Numeric { digits: [1 | 2, _, 2], .. })),
        Printed::Absolute(moment) => moment.precision > Precision::Day,
        Printed::Relative(relative) => relative.is_explicit(),
    };
    if !is_sure && !(apart_before && (apart_behind || after.is_empty())) {
        return false;
    }
    if !apart_before && before.contains(['!', '?', '…']) {
        return false;
    }
    let by = behind.is_some_and(|token| token.is(Role::By));
    let most = |apart: bool, name: bool| if apart { 3 } else { usize::from(name) };
    strangers(before, 10).is_some_and(|count| count <= most(first.apart, true))
        && strangers(after, 8).is_some_and(|count| count <= most(apart_behind, by))
}

/// How many words are neither capitalised nor such as labels are made of; `None` where there are more than `most` words.
fn strangers(text: &str, most: usize) -> Option<usize> {
    let is_stranger = |word: &&str| {
        let folded = fold(word.trim_matches(|c: char| !c.is_alphanumeric()));
        let is_known = WORDS.get(&folded).is_some_and(|word| {
            word.is_beside() || word.is(Role::By) || word.is(Role::Edited) || word.is(Role::EditCount)
        });
        word.chars().next().is_some_and(char::is_lowercase) && !is_known
    };
    let words = text.split_whitespace();
    (words.clone().take(most + 1).count() <= most).then(|| words.filter(is_stranger).count())
}
