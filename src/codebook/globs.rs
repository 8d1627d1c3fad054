//! Patterns as the globs that plain dictionaries hold: words in a row, `*` for what a word may end in.

use std::collections::BTreeSet;

use super::pattern::{Atom, Kind, Step};
use super::{Pattern, Sequences};

/// A pattern that unfolds into more globs than this is a rule, and no list of words.
const MOST: usize = 1000;

/// What of a pattern globs can say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Globs {
    /// Words in a row with one blank between; folded, `*` behind the beginning of a word, or for any one word.
    pub said: Vec<String>,
    /// What globs cannot say, in words.
    pub lost: BTreeSet<String>,
}

impl Pattern {
    /// The pattern as globs, without its conditions (`context`, `unless` …).
    pub fn globs(&self) -> Globs {
        self.sequences.globs()
    }
}

impl Sequences {
    fn globs(&self) -> Globs {
        let mut globs = Globs::default();
        for steps in self.iter() {
            globs.add(steps);
        }
        globs
    }
}

impl Globs {
    fn add(&mut self, steps: &[Step]) {
        let mut runs = vec![String::new()];
        for step in steps {
            if step.gap > 0 {
                self.lost.insert("other words between its own".to_owned());
                return;
            }
            let words: Vec<String> = step.atoms.iter().filter_map(|atom| self.word(atom)).collect();
            if runs.len() * words.len() > MOST {
                self.lost.insert(format!("more than {MOST} combinations of words"));
                return;
            }
            runs = runs.iter().flat_map(|run| words.iter().map(|word| joined(run, word))).collect();
        }
        for mut run in runs {
            if run.ends_with('\'') {
                run.push('*');
            }
            if !self.said.contains(&run) {
                self.said.push(run);
            }
        }
    }

    fn word(&mut self, atom: &Atom) -> Option<String> {
        let lost = match atom {
            Atom::Word(word) | Atom::Prefix(word) if word.contains(['*', '?']) => format!("the sign {word}"),
            Atom::Word(word) => return Some(word.clone()),
            Atom::Prefix(word) => return Some(format!("{word}*")),
            Atom::Kind(Kind::Any) => return Some("*".to_owned()),
            Atom::Kind(Kind::Number) => "numbers (#)".to_owned(),
            Atom::Kind(kind) => format!("<{}>", format!("{kind:?}").to_lowercase()),
        };
        self.lost.insert(lost);
        None
    }
}

/// Halves of elided and contracted words stand together, as most tokenizers leave them: `l'offre`, `don't`.
fn joined(run: &str, word: &str) -> String {
    let second = word.starts_with('\'') || word == "n't";
    match run {
        "" if second => format!("*{word}"),
        "" => word.to_owned(),
        _ if second || run.ends_with('\'') => format!("{run}{word}"),
        _ => format!("{run} {word}"),
    }
}

#[cfg(test)]
mod tests {
    use crate::codebook::Codebook;

    fn globs(pattern: &str) -> (Vec<String>, Vec<String>) {
        let toml = format!(
            "name = \"n\"\nversion = \"1\"\n[sets]\nplace = [\"médiathèque*\", \"salle de lecture\"]\n[[codes]]\nname = \"x\"\n\
             label = \"X\"\ndefinition = \"d\"\npatterns.any = [\"{pattern}\"]"
        );
        let globs = Codebook::parse("x", &toml).unwrap().codes[0].patterns[0].globs();
        (globs.said, globs.lost.into_iter().collect())
    }

    #[test]
    fn words_in_a_row_unfold_and_the_rest_is_named() {
        for (pattern, said, lost) in [
            ("arnaqu*", vec!["arnaqu*"], vec![]),
            ("(un|une)? Piège à cons", vec!["un piege a cons", "une piege a cons", "piege a cons"], vec![]),
            ("la {place}", vec!["la salle de lecture", "la mediatheque*"], vec![]),
            ("l'offre", vec!["l'offre"], vec![]),
            ("(I|you) don't", vec!["i don't", "you don't"], vec![]),
            ("n't trust", vec!["*n't trust"], vec![]),
            ("d'", vec!["d'*"], vec![]),
            ("vend* * vie", vec!["vend* * vie"], vec![]),
            ("(a|<amount>) rien", vec!["a rien"], vec!["<amount>"]),
            ("(rien|vend* ..3 {place})", vec!["rien"], vec!["other words between its own"]),
            ("# fois", vec![], vec!["numbers (#)"]),
            ("<start> non", vec![], vec!["<start>"]),
        ] {
            let (mut found, reasons) = globs(pattern);
            found.sort();
            let mut said = said;
            said.sort_unstable();
            assert_eq!(found, said, "{pattern}");
            assert_eq!(reasons, lost, "{pattern}");
        }
    }
}
