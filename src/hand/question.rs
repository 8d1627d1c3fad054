use std::collections::HashMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::codebook::{Code, Codebook};
use crate::model::{IRONY, POLARITY};

/// Questions that no codebook has, by name.
static OWN: LazyLock<HashMap<String, Question>> = LazyLock::new(|| {
    toml::from_str(include_str!("../../data/codebooks/questions.toml")).expect("a test reads the built-in questions")
});
static WORDS: LazyLock<Words> = LazyLock::new(|| {
    toml::from_str(include_str!("../../data/text/answers.toml")).expect("a test reads the words for answers")
});

/// How people write answers.
#[derive(Deserialize)]
struct Words {
    /// That there is none.
    none: Vec<String>,
    /// By value.
    code: HashMap<String, Vec<String>>,
    polarity: HashMap<String, Vec<String>>,
}

/// One thing asked of every unit: a code, or the sentiment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Question {
    /// Name of the column, as in the table of comments: `distrust`, `polarity`.
    pub name: String,
    /// Name for people.
    pub label: String,
    /// What it means.
    pub definition: String,
    /// What counts.
    pub include: Vec<String>,
    /// What does not.
    pub exclude: Vec<String>,
    /// Texts that carry it.
    pub positive: Vec<String>,
    /// Texts that only look so.
    pub negative: Vec<String>,
    /// The answers there are, in order: `0`, `1`; or `negative`, `neutral`, `positive`.
    pub values: Vec<String>,
}

impl Question {
    /// Whether a code applies: 0 or 1.
    pub fn code(code: &Code) -> Self {
        Self {
            name: code.name.clone(),
            label: code.label.clone(),
            definition: code.definition.clone(),
            include: code.include.clone(),
            exclude: code.exclude.clone(),
            positive: code.examples.positive.clone(),
            negative: code.examples.negative.clone(),
            values: ["0", "1"].map(str::to_owned).into(),
        }
    }

    /// Whether a code applies of which no more than the name is known.
    pub fn named(name: &str) -> Self {
        Self::code(&Code { name: name.to_owned(), label: name.to_owned(), ..Code::default() })
    }

    /// The sentiment of the writer's own words.
    pub fn polarity() -> Self {
        let values = ["negative", "neutral", "positive"].map(str::to_owned).into();
        Self { name: POLARITY.to_owned(), values, ..OWN[POLARITY].clone() }
    }

    /// Whether the literal meaning is not the intended one.
    pub fn irony() -> Self {
        let Self { name, values, .. } = Self::named(IRONY);
        Self { name, values, ..OWN[IRONY].clone() }
    }

    /// The questions of a codebook: the sentiment first, then its codes.
    pub fn all(book: &Codebook) -> Vec<Self> {
        std::iter::once(Self::polarity()).chain(book.codes.iter().map(Self::code)).collect()
    }

    /// Whether it asks for a code: its evidence can be marked in the text.
    pub fn is_code(&self) -> bool {
        self.name != POLARITY
    }

    /// The value that an answer as people write it stands for (`oui`, `yes`, `x`, `1.0`; `négatif`, `-1`), in any case. The words are in
    /// `data/text/answers.toml`.
    pub fn value(&self, written: &str) -> Option<&str> {
        let written = written.trim().to_lowercase();
        let words = if self.is_code() { &WORDS.code } else { &WORDS.polarity };
        let means =
            |value: &&String| **value == written || words.get(*value).is_some_and(|words| words.contains(&written));
        self.values.iter().find(means).map(String::as_str)
    }
}

/// Whether a cell says that there is no answer: `?`, `n/a`.
pub(super) fn is_no_answer(written: &str) -> bool {
    WORDS.none.contains(&written.trim().to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_and_the_words_for_answers_are_whole() {
        let (polarity, irony, code) = (Question::polarity(), Question::irony(), Question::named("hope"));
        for question in [&polarity, &irony] {
            assert!(!question.label.is_empty() && !question.definition.is_empty() && !question.include.is_empty());
        }
        assert_eq!((polarity.name.as_str(), irony.name.as_str(), irony.is_code()), ("polarity", "irony", true));
        let means = |question: &Question, words: &HashMap<String, Vec<String>>| {
            assert_eq!(words.len(), question.values.len());
            for (value, words) in words {
                assert!(!words.is_empty());
                for word in words {
                    assert_eq!(question.value(&word.to_uppercase()), Some(value.as_str()), "{word}");
                }
            }
        };
        means(&polarity, &WORDS.polarity);
        means(&code, &WORDS.code);
        assert_eq!(
            [code.value("maybe"), code.value("o"), polarity.value("1"), code.value("1")],
            [None, None, Some("positive"), Some("1")]
        );
        assert!(is_no_answer("N/A") && !is_no_answer("0") && !is_no_answer(""));
    }
}
