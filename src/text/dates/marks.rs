//! Lines whose date is not when a contribution was posted.

use super::find::longest;
use super::tokens::{Part, Token, any};
use super::words::{Role, WORDS};
use super::{DayOrder, Printed};
use crate::text::fold;

/// Bytes of a line that says that a contribution was changed.
const MAX_LINE: usize = 200;

/// What a line says of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditMark {
    /// When, if it says so.
    pub at: Option<Printed>,
}

/// Whether a whole line says that the contribution was changed: "Last edited by Bob; 03-04-2024 at 06:55 PM",
/// "Modifié le 3 avril 2024", "(bearbeitet)".
///
/// ```
/// use causerie::text::dates::{DayOrder, edit_mark};
/// assert!(edit_mark("Dernière modification par Zoé le 03 avr. 2024, 06:55, modifié 1 fois.", DayOrder::DayFirst).is_some());
/// assert!(edit_mark("Modifié par mes soins, ce code marche.", DayOrder::DayFirst).is_none());
/// ```
pub fn edit_mark(line: &str, order: DayOrder) -> Option<EditMark> {
    let line = line.trim();
    if line.len() > MAX_LINE {
        return None;
    }
    let folded = fold(line.trim_start_matches(|c: char| !c.is_alphanumeric()));
    let begins =
        |phrase: &String| folded.strip_prefix(phrase.as_str()).filter(|rest| !rest.starts_with(char::is_alphanumeric));
    let by_phrase = WORDS.edits.iter().find_map(begins);
    let by_act = || {
        let at = |act: &String| folded.find(act.as_str()).filter(|at| folded[..*at].split_whitespace().count() <= 4);
        WORDS.edit_acts.iter().find_map(|act| at(act).map(|at| &folded[at + act.len()..]))
    };
    let rest = by_phrase.or_else(by_act)?;
    let tokens = any(rest);
    if tokens.is_empty() {
        return Some(EditMark { at: None });
    }
    let found = longest(&tokens, order);
    let (before, after) = match &found {
        Some(found) => (&tokens[..found.tokens.start], &tokens[found.tokens.end..]),
        None => (&tokens[..], &[][..]),
    };
    // Behind the date stand counts, or a reason; before it, or without it, a writer.
    let names = before.iter().any(|token| token.is(Role::By));
    let is_mark = match &found {
        Some(_) => strangers(before) <= if names { 6 } else { 2 },
        None => (names && strangers(before) <= 3) || strangers(before) == 0,
    };
    let behind_by = after.first().is_some_and(|token| token.is(Role::By));
    let is_short =
        after.iter().any(|token| token.is(Role::EditCount)) || strangers(after) <= if behind_by { 6 } else { 2 };
    (is_mark && is_short).then(|| EditMark { at: found.map(|found| found.date) })
}

/// Whether a date's line says that the contribution was changed since: "vor 2 Jahren (bearbeitet)", "3 avril 2024, modifié".
pub fn says_edited(line: &str) -> bool {
    line.len() <= MAX_LINE && any(line).last().is_some_and(|token| token.is(Role::Edited))
}

/// Whether a line speaks of another date than that of a contribution: "Joined: Mar 2010", "Inscrit le 3 avril 2024",
/// "Last seen yesterday"; not where it reads like prose: "They have sold it since 2019."
pub fn tells_membership(line: &str) -> bool {
    let line = line.trim();
    if line.len() > MAX_LINE {
        return false;
    }
    let tokens = any(line);
    let Some(at) = tokens.iter().position(|token| token.is(Role::Elsewhere)) else { return false };
    let ends_with_month =
        || matches!(tokens.last().map(|token| token.part), Some(Part::Word(word)) if word.month.is_some());
    let is_sentence = line.ends_with(['!', '?', '…']) || line.ends_with('.') && !ends_with_month();
    let is_stranger = |word: &&str| {
        word.starts_with(char::is_lowercase) && any(word).first().is_some_and(|token| token.part == Part::Other)
    };
    !is_sentence && at <= 2 && line[tokens[at].end..].split_whitespace().filter(is_stranger).count() <= 1
}

fn strangers(tokens: &[Token]) -> usize {
    tokens
        .iter()
        .filter(|token| match token.part {
            Part::Word(word) => {
                !(word.is_beside() || word.is(Role::By) || word.is(Role::Edited) || word.is(Role::EditCount))
            }
            Part::Other => true,
            _ => false,
        })
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_tells_no_membership() {
        for line in [
            "Joined: Mar 2010",
            "Inscrit le : 03 avr. 2010",
            "Inscrit le 3 avr.",
            "Con nosotros desde el 1 de octubre de 2004",
        ] {
            assert!(tells_membership(line), "{line}");
        }
        for line in [
            "Posted 3 April 2024",
            "They have sold it since 2019.",
            "On le sait depuis 2019",
            "Das machen die seit 2019.",
            "Since May 2018 nobody has seen any of it",
        ] {
            assert!(!tells_membership(line), "{line}");
        }
    }
}
