//! The small word lists under `data/text/`: one entry a line, `#` begins a remark.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::LazyLock;

/// FNV-1a: the lists are compiled in, so nobody can choose keys that collide, and words are short.
#[derive(Debug, Clone)]
pub(crate) struct ShortHasher(u64);

impl Default for ShortHasher {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for ShortHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

/// A map keyed by short words of a compiled-in list.
pub(crate) type WordMap<V> = HashMap<&'static str, V, BuildHasherDefault<ShortHasher>>;

/// Rows of a tab-separated list without its remarks and blank lines.
pub(crate) fn rows(list: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    list.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()).map(|line| line.split('\t').collect())
}

/// A set of folded words.
#[derive(Debug)]
pub(crate) struct Words(HashSet<&'static str, BuildHasherDefault<ShortHasher>>);

impl Words {
    /// The words of a compiled-in list, one a line.
    pub(crate) fn of(list: &'static str) -> Self {
        Self(rows(list).map(|row| row[0].trim()).collect())
    }

    /// Whether the folded `word` is in it.
    pub(crate) fn contains(&self, word: &str) -> bool {
        self.0.contains(word)
    }
}

/// Smileys typed as characters, by their first character, the longest first.
pub(super) struct Smileys {
    by_first: HashMap<char, Vec<&'static str>>,
    /// Which ASCII characters begin one: most do not, and the question comes up at every word.
    begins: [bool; 128],
}

static SMILEYS: LazyLock<Smileys> = LazyLock::new(|| {
    let mut by_first: HashMap<char, Vec<&'static str>> = HashMap::new();
    for row in rows(include_str!("../../data/text/smileys.tsv")) {
        if let Some(first) = row[0].chars().next() {
            by_first.entry(first).or_default().push(row[0]);
        }
    }
    for list in by_first.values_mut() {
        list.sort_by_key(|smiley| std::cmp::Reverse(smiley.len()));
    }
    let mut begins = [false; 128];
    for first in by_first.keys().filter(|c| c.is_ascii()) {
        begins[*first as usize] = true;
    }
    Smileys { by_first, begins }
});

/// The compiled-in list.
pub(super) fn smileys() -> &'static Smileys {
    &SMILEYS
}

impl Smileys {
    /// Length in bytes of the smiley at the start of `text`, which follows `before`: one of the list, or a
    /// forum's own `:name:`.
    pub(super) fn at(&self, text: &str, before: impl Fn() -> Option<char>) -> Option<usize> {
        let first = text.chars().next()?;
        if !self.begins.get(first as usize).copied().unwrap_or(false) {
            return None;
        }
        // A word, a time (10:30) or a drive (C:) runs into it: no smiley.
        if before().is_some_and(char::is_alphanumeric) {
            return None;
        }
        if first == ':'
            && let Some(len) = forum_smiley(text)
        {
            return Some(len);
        }
        let list = self.by_first.get(&first)?;
        list.iter()
            .find(|smiley| text.starts_with(**smiley) && ends_well(smiley, &text[smiley.len()..]))
            .map(|s| s.len())
    }
}

/// `:name:` as forums write pictures: letters, digits, `_`, `-`, `+`; at most 32, at least one letter.
fn forum_smiley(text: &str) -> Option<usize> {
    let rest = &text[1..];
    let end = rest.bytes().take(33).position(|b| b == b':')?;
    let name = &rest[..end];
    let letters = name.bytes().any(|b| b.is_ascii_alphabetic());
    let named = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+'));
    (letters && named).then_some(end + 2)
}

/// `:D` inside `:Demain` is none, and neither is `:p` before letters.
fn ends_well(smiley: &str, rest: &str) -> bool {
    let letter = smiley.ends_with(char::is_alphanumeric);
    !(letter && rest.starts_with(char::is_alphanumeric) || smiley.ends_with('/') && rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smileys_need_borders() {
        assert_eq!(smileys().at(":D mdr", || None), Some(2));
        assert_eq!(smileys().at(":Demain", || None), None);
        assert_eq!(smileys().at(":)", || Some('x')), None);
        assert_eq!(smileys().at(":mad2: non", || Some(' ')), Some(6));
        assert_eq!(smileys().at("://next.ink", || Some('p')), None);
        assert_eq!(smileys().at(":30:", || None), None);
    }
}
