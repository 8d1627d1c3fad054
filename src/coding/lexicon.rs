use std::sync::LazyLock;

use crate::text::lists::{WordMap, rows};
use crate::text::{TokenKind, Tokens, tokens};

/// Valences of words and phrases of one language, -4 to 4.
#[derive(Debug, Default)]
pub(super) struct Lexicon {
    words: WordMap<f64>,
    /// By first word: the words behind it and the valence of the whole.
    phrases: WordMap<Vec<(Vec<String>, f64)>>,
    /// Words that strengthen (above 0) or weaken (below) the next.
    degrees: WordMap<f64>,
}

/// The lexicons that are compiled in.
#[derive(Debug)]
pub(super) struct Lexicons {
    fr: Lexicon,
    en: Lexicon,
    smileys: WordMap<f64>,
}

static BUILTIN: LazyLock<Lexicons> = LazyLock::new(|| Lexicons {
    fr: Lexicon::of(
        &[include_str!("../../data/lexicons/vader.fr.tsv"), include_str!("../../data/lexicons/comments.fr.tsv")],
        include_str!("../../data/lexicons/degrees.fr.tsv"),
    ),
    en: Lexicon::of(
        &[include_str!("../../data/lexicons/vader.en.tsv"), include_str!("../../data/lexicons/comments.en.tsv")],
        include_str!("../../data/lexicons/degrees.en.tsv"),
    ),
    smileys: [
        include_str!("../../data/text/smileys.tsv"),
        include_str!("../../data/text/forum-smileys.tsv"),
        include_str!("../../data/text/emoji.tsv"),
    ]
    .into_iter()
    .flat_map(pairs)
    .collect(),
});

fn pairs(list: &'static str) -> impl Iterator<Item = (&'static str, f64)> {
    rows(list).filter_map(|row| Some((row[0], row.get(1)?.parse().ok()?)))
}

impl Lexicon {
    /// Later lists overrule earlier ones.
    fn of(lists: &[&'static str], degrees: &'static str) -> Self {
        let mut lexicon = Self { degrees: pairs(degrees).collect(), ..Self::default() };
        for (entry, valence) in lists.iter().flat_map(|list| pairs(list)) {
            let Some((first, _)) = entry.split_once([' ', '\'']) else {
                lexicon.words.insert(entry, valence);
                continue;
            };
            let cut = tokens(entry, &[]);
            let words: Vec<String> = cut.items().iter().map(|t| cut.folded_of(t).to_owned()).collect();
            // The key is a slice of the list: the first word, with its apostrophe if it has one.
            let key = entry.get(..words.first().map_or(first.len(), String::len)).unwrap_or(first);
            if words.len() == 1 {
                lexicon.words.insert(entry, valence);
            } else {
                lexicon.phrases.entry(key).or_default().push((words[1..].to_vec(), valence));
            }
        }
        lexicon
    }

    /// Valence of what begins at token `at`, and how many tokens that is: the longest phrase, else the word.
    pub(super) fn at(&self, tokens: &Tokens, at: usize) -> Option<(f64, usize)> {
        let word = tokens.folded(at);
        let phrase = self.phrases.get(word).and_then(|phrases| {
            let fits = |rest: &Vec<String>| rest.iter().enumerate().all(|(i, w)| tokens.folded(at + 1 + i) == w);
            phrases.iter().filter(|(rest, _)| fits(rest)).max_by_key(|(rest, _)| rest.len())
        });
        if let Some((rest, valence)) = phrase {
            return Some((*valence, rest.len() + 1));
        }
        self.words.get(word).filter(|valence| **valence != 0.0).map(|valence| (*valence, 1))
    }

    /// How much a word strengthens (above 0) or weakens (below 0) the next.
    pub(super) fn degree(&self, word: &str) -> Option<f64> {
        self.degrees.get(word).copied()
    }
}

impl Lexicons {
    pub(super) fn builtin() -> &'static Self {
        &BUILTIN
    }

    /// The lexicon for a language, if there is one.
    pub(super) fn of(&self, language: &str) -> Option<&Lexicon> {
        match language {
            "fr" => Some(&self.fr),
            "en" => Some(&self.en),
            _ => None,
        }
    }

    /// Valence of a smiley or emoji.
    pub(super) fn smiley(&self, tokens: &Tokens, at: usize) -> Option<f64> {
        let token = tokens.items().get(at)?;
        if !matches!(token.kind, TokenKind::Smiley | TokenKind::Emoji) {
            return None;
        }
        self.smileys.get(tokens.folded(at)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_phrases_and_smileys_have_valences() {
        let french = Lexicons::builtin().of("fr").unwrap();
        let cut = tokens("quelle honte", &[]);
        assert!(french.at(&cut, 1).unwrap().0 < 0.0);
        let cut = tokens("ils se foutent du monde", &[]);
        assert_eq!(french.at(&cut, 1).map(|(v, n)| (v < 0.0, n)), Some((true, 4)));
        assert!(Lexicons::builtin().of("en").unwrap().words.len() > 5000);
        assert!(Lexicons::builtin().smiley(&tokens("😡", &[]), 0).unwrap() < 0.0);
        assert!(Lexicons::builtin().of("de").is_none());
    }
}
