use std::sync::LazyLock;

use regex::Regex;

/// What stands in regular expressions and in hardly any word or smiley.
static REGULAR: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\\[a-zA-Z.]|\[[^\]]+\]|\.[*+]|\)\+|^\^|\$$|\(\?[:=!]").expect("checked by a test"));
/// Letters of scripts that are written without blanks between words.
static UNSPACED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}]")
        .expect("checked by a test")
});

/// Why a pattern that can be read will hardly find what it is to find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// It looks like a regular expression, where patterns are of words.
    Regular,
    /// Patterns compare whole words, and its language sets no blanks between them.
    Unspaced,
}

impl Doubt {
    /// The doubt that a pattern's text raises.
    pub(super) fn of(pattern: &str) -> Option<Self> {
        if REGULAR.is_match(pattern) {
            return Some(Self::Regular);
        }
        UNSPACED.is_match(pattern).then_some(Self::Unspaced)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_another_kind_are_doubted() {
        for pattern in ["[a-z]+", r"\w", r"bruit\.", "bruit.*", "^bruit", "bruit$", "(a|b)+", "(?:bruit)"] {
            assert_eq!(Doubt::of(pattern), Some(Doubt::Regular), "{pattern}");
        }
        for pattern in ["騒音", "ひどい", "เสียง"] {
            assert_eq!(Doubt::of(pattern), Some(Doubt::Unspaced), "{pattern}");
        }
        for pattern in
            ["(a|b)", "(a|b)?", "arnaqu*", "a ..3 b", "{place} #", "$4", "<amount>", ":-[", ":\\", "l'offre", "시끄럽*"]
        {
            assert_eq!(Doubt::of(pattern), None, "{pattern}");
        }
    }
}
