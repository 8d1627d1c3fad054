//! Where a negation reaches. French and English at once: the words do not clash.

use std::sync::LazyLock;

use super::lists::Words;
use super::tokens::{TokenKind, Tokens};

static NEGATORS: LazyLock<Words> = LazyLock::new(|| Words::of(include_str!("../../data/text/negators.txt")));
static RELEASES: LazyLock<Words> = LazyLock::new(|| Words::of(include_str!("../../data/text/negation-releases.txt")));
static TURNS: LazyLock<Words> = LazyLock::new(|| Words::of(include_str!("../../data/text/turns.txt")));

/// How many words a negation reaches forward.
const REACH: usize = 6;

/// Whether token `at` negates what follows: `pas`, `jamais`, `not`, `n't` …; `plus` only behind `ne`; `not only`,
/// `pas seulement` do not.
pub(crate) fn is_negator(tokens: &Tokens, at: usize) -> bool {
    let word = tokens.folded(at);
    if RELEASES.contains(tokens.folded(at + 1)) {
        return false;
    }
    if word == "plus" {
        return (at.saturating_sub(3)..at).any(|i| is_particle(tokens.folded(i)));
    }
    NEGATORS.contains(word)
}

/// Whether a negation reaches token `at`: from before it in the same clause, or around the verb ("je ne me méfie pas").
pub(crate) fn is_negated(tokens: &Tokens, at: usize) -> bool {
    let items = tokens.items();
    let Some(here) = items.get(at) else { return false };
    let same = |i: usize| items.get(i).is_some_and(|t| t.clause == here.clause && t.kind == TokenKind::Word);
    for i in (at.saturating_sub(REACH)..at).rev() {
        if !same(i) || TURNS.contains(tokens.folded(i)) {
            break;
        }
        if is_negator(tokens, i) {
            return true;
        }
    }
    let particle = (at.saturating_sub(3)..at).any(|i| same(i) && is_particle(tokens.folded(i)));
    particle && (at + 1..=at + 3).any(|i| same(i) && is_negator(tokens, i))
}

/// Whether token `at` turns the argument: `mais`, `but`, `however`.
pub(crate) fn is_turn(tokens: &Tokens, at: usize) -> bool {
    TURNS.contains(tokens.folded(at))
}

fn is_particle(word: &str) -> bool {
    matches!(word, "ne" | "n'")
}

#[cfg(test)]
mod tests {
    use super::super::tokens;
    use super::*;

    fn negated(text: &str, word: &str) -> bool {
        let tokens = tokens(text, &[]);
        let at = tokens.items().iter().position(|t| tokens.folded_of(t) == word).unwrap();
        is_negated(&tokens, at)
    }

    #[test]
    fn reach() {
        for (text, word, expected) in [
            ("Ce n'est pas une arnaque", "arnaque", true),
            ("je ne crois pas que ce soit une arnaque", "arnaque", true),
            ("It's not a scam", "scam", true),
            ("never had an issue, total scam", "scam", false),
            ("pas cher mais arnaque", "arnaque", false),
            ("pas seulement une arnaque", "arnaque", false),
            ("je ne me méfie pas", "mefie", true),
            ("je me méfie", "mefie", false),
            ("plus une arnaque qu'autre chose", "arnaque", false),
            ("ce n'est plus une arnaque", "arnaque", true),
        ] {
            assert_eq!(negated(text, word), expected, "{text}");
        }
    }
}
