use std::collections::HashMap;

use unicode_segmentation::UnicodeSegmentation;

/// How much of the words two texts share, from 0 to 1: Sørensen and Dice's coefficient over words and marks, each as often as
/// it is written. Linear in the texts, unlike measures that keep the order.
pub(super) fn similarity(old: &str, new: &str) -> f64 {
    let (mut words, mut common) = (0_usize, 0_usize);
    let mut left: HashMap<&str, usize> = HashMap::new();
    for word in tokens(old) {
        words += 1;
        *left.entry(word).or_default() += 1;
    }
    for word in tokens(new) {
        words += 1;
        if let Some(count) = left.get_mut(word).filter(|count| **count > 0) {
            *count -= 1;
            common += 1;
        }
    }
    if words == 0 { 1.0 } else { (2 * common) as f64 / words as f64 }
}

/// Whether the texts say the same: how blanks and line breaks are set is the page's business and not the writer's.
pub(super) fn same_words(old: &str, new: &str) -> bool {
    old == new || old.split_whitespace().eq(new.split_whitespace())
}

fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split_word_bounds().filter(|word| !word.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similarity_is_the_share_of_words_kept() {
        for (old, new, expected) in [
            ("a b c d", "a b c d", 1.0),
            ("a b c d", "a b c e", 0.75),
            ("a b", "c d", 0.0),
            ("a a a", "a", 0.5),
            ("oui", "oui !", 2.0 / 3.0),
            ("", "a", 0.0),
            ("", "", 1.0),
        ] {
            assert!((similarity(old, new) - expected).abs() < 1e-9, "{old:?} {new:?}: {}", similarity(old, new));
        }
        assert!(same_words("a\r\nb", " a b") && !same_words("ab", "a b"));
    }
}
