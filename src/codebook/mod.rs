//! The coder's instrument: what each code means, for people, and the word patterns that find it, for the rules.
//!
//! A codebook is a TOML file (`docs/codebooks.md` shows one). The built-in one is `data/codebooks/data-economy.toml`.
//!
//! # Patterns
//!
//! A pattern runs over tokens, not characters: word forms without case and accents, elided words apart (`l'offre`
//! is `l'` + `offre`, don't is `do` + `n't`), commas and dashes skipped, sentences never crossed.
//!
//! | element | meets |
//! |---|---|
//! | `arnaque` | this word form, in any case, with or without accents |
//! | `arnaqu*` | every word that begins so (at least two letters) |
//! | `*` | any one word |
//! | `(a\|b c\|d ..2 e)` | one of these |
//! | `(a\|b)?` | one of these, or nothing |
//! | `..3` | up to three tokens in between (1 to 30) |
//! | `{firms}` | a member of the set `firms` of `[sets]` |
//! | `#` | a number |
//! | `<amount>` | an amount of money: `20e`, `100 balles`, `cinq euros`, `$4` |
//! | `<offer>` | an amount the article names, too |
//! | `<figure>` | a bare number equal to an amount the article names |
//! | `<quote>` | a quote, whole: patterns never see the words inside |
//! | `<claim>` | a quote of something the article has in quotation marks |
//! | `<smiley>` | a smiley or emoji; a certain one is written as such (`:bravo:`, `🙄`) |
//! | `<start>` | the beginning of a sentence |
//! | `<end>`, `<question>` | the end of a sentence, of one that asks |
//!
//! Instead of a string a pattern may be a table: `match` (the pattern), `confidence` (0 to 1, else 0.8), `negatable`
//! (whether a negation before it undoes it, else true; patterns that hold a negation themselves are never undone),
//! `context` (whether it counts only where one of the code's `context` patterns is met, else false), `parent` (whether
//! it counts only in answers to a comment that carries the code, else false) and `unless` (patterns that undo it in the same sentence). A code's own `unless` undoes any of its patterns in that sentence.

mod doubt;
mod error;
mod globs;
mod index;
mod matcher;
mod names;
mod parse;
mod pattern;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

pub use doubt::Doubt;
pub use error::CodebookError;
pub use globs::Globs;
pub(crate) use index::{Hit, Index, Role};
pub use matcher::ArticleWords;
pub(crate) use names::check_name;
use pattern::Step;

const BUILTIN: &str = include_str!("../../data/codebooks/data-economy.toml");

/// A set of codes with their patterns.
#[derive(Debug, Clone)]
pub struct Codebook {
    /// Its name.
    pub name: String,
    /// Its version, as the file gives it.
    pub version: String,
    /// The codes, in the order of the file.
    pub codes: Vec<Code>,
}

/// One category.
#[derive(Debug, Clone, Default)]
pub struct Code {
    /// Name in tables: `[a-z][a-z0-9_]*`, no column of the tables.
    pub name: String,
    /// Name for people.
    pub label: String,
    /// What it means.
    pub definition: String,
    /// Label and definition in other languages, by two-letter code: for reports.
    pub translations: BTreeMap<String, Translation>,
    /// What counts.
    pub include: Vec<String>,
    /// What does not.
    pub exclude: Vec<String>,
    /// Texts that carry it, and texts that only look so.
    pub examples: Examples,
    /// A wider code that applies wherever this one does.
    pub parent: Option<String>,
    /// Whether it is coded.
    pub status: Status,
    /// Version of its definition, where it differs from the codebook's.
    pub version: Option<String>,
    /// What the code says of the writer's sentiment by itself, -4 to 4, 0 for nothing.
    pub valence: f64,
    /// Patterns in any language that must be met, in the article, the parent comment or the comment, for the
    /// patterns that need a context.
    pub context: Sequences,
    /// Patterns in any language that undo the code's patterns in their sentence.
    pub unless: Sequences,
    /// What finds it.
    pub patterns: Vec<Pattern>,
}

/// A code in another language.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Translation {
    /// Name for people.
    pub label: String,
    /// What it means; that of the code where it is empty.
    pub definition: String,
}

/// Where a code stands in its life.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Status {
    /// Still discussed; coded all the same.
    Draft,
    /// Coded.
    #[default]
    InUse,
    /// Kept for the record; not coded, and no column.
    Retired,
}

impl Status {
    /// The word for it in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::InUse => "in use",
            Self::Retired => "retired",
        }
    }
}

/// Examples of a code, written for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Examples {
    /// They carry the code.
    pub positive: Vec<String>,
    /// They do not.
    pub negative: Vec<String>,
}

/// Which texts a pattern is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Language {
    /// Texts in every language.
    Any,
    /// Texts in one language, ISO 639-1.
    Named(String),
}

/// One pattern of a code.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// As written in the file.
    pub source: String,
    /// Where it applies.
    pub language: Language,
    /// From 0 to 1. A code applies where its matches together reach one half, each adding to what the others left
    /// open: two of 0.3 make 0.51.
    pub confidence: f64,
    /// Whether a negation before it undoes it.
    pub negatable: bool,
    /// Whether it counts only where the code's `context` is met.
    pub needs_context: bool,
    /// Whether it counts only in an answer to a comment that carries the code by its own words.
    pub needs_parent: bool,
    /// What undoes it in the same sentence.
    pub unless: Sequences,
    sequences: Sequences,
}

impl Pattern {
    /// Why it will hardly find what it is to find.
    pub fn doubt(&self) -> Option<Doubt> {
        Doubt::of(&self.source)
    }
}

/// Patterns made ready: for each, the sequences it unfolds into.
#[derive(Debug, Clone, Default)]
pub struct Sequences(Vec<Vec<Vec<Step>>>);

impl Sequences {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn iter(&self) -> impl Iterator<Item = &[Step]> {
        self.0.iter().flatten().map(Vec::as_slice)
    }
}

impl Codebook {
    /// The codebook causerie comes with: distrust, fraud speculation and data pricing in talk about personal data.
    ///
    /// ```
    /// let book = causerie::codebook::Codebook::builtin();
    /// assert_eq!(book.codes[0].name, "distrust");
    /// ```
    ///
    /// # Panics
    ///
    /// Never: the file is compiled in, and a test reads it.
    pub fn builtin() -> Self {
        Self::parse("data/codebooks/data-economy.toml", BUILTIN).expect("the built-in codebook is checked by a test")
    }

    /// The file of [`Self::builtin`], to tell one version of it from another.
    pub fn builtin_source() -> &'static str {
        BUILTIN
    }

    /// The codebook without its retired codes: what is coded by.
    #[must_use]
    pub fn in_use(mut self) -> Self {
        self.codes.retain(|code| code.status != Status::Retired);
        let names: Vec<String> = self.codes.iter().map(|code| code.name.clone()).collect();
        for code in &mut self.codes {
            code.parent = code.parent.take().filter(|parent| names.contains(parent));
        }
        self
    }

    /// A codebook of names alone, for codes that a model knows and no codebook explains.
    pub fn of_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let code = |name: &str| Code {
            name: name.to_owned(),
            label: name.to_owned(),
            definition: "As the model learnt it from hand-coded comments.".to_owned(),
            ..Code::default()
        };
        let mut codes: Vec<Code> = Vec::new();
        for name in names {
            if codes.iter().all(|known| known.name != name) {
                codes.push(code(name));
            }
        }
        Self { name: String::new(), version: String::new(), codes }
    }

    /// Reads the codebook at `path`.
    ///
    /// # Errors
    ///
    /// [`CodebookError::Read`] if the file cannot be read, [`CodebookError::Encoding`] if it is not UTF-8 text,
    /// [`CodebookError::Wrong`] with file, line and reason if it is no codebook.
    pub fn load(path: &Path) -> Result<Self, CodebookError> {
        let bytes = fs::read(path).map_err(|source| CodebookError::Read { path: path.to_owned(), source })?;
        let toml = String::from_utf8(bytes).map_err(|_| CodebookError::Encoding { path: path.to_owned() })?;
        Self::parse(&path.display().to_string(), &toml)
    }

    /// Reads a codebook from its text; messages call it `source_name`.
    ///
    /// # Errors
    ///
    /// [`CodebookError::Wrong`] with line and reason of the first fault.
    pub fn parse(source_name: &str, toml: &str) -> Result<Self, CodebookError> {
        parse::parse(source_name, toml)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_builtin_codebook_is_whole() {
        let book = Codebook::builtin();
        let names: Vec<_> = book.codes.iter().map(|code| code.name.as_str()).collect();
        assert_eq!(names, ["distrust", "fraud_speculation", "data_pricing"]);
        for code in &book.codes {
            assert!(!code.include.is_empty() && !code.exclude.is_empty(), "{}", code.name);
            assert!(!code.examples.positive.is_empty() && !code.examples.negative.is_empty(), "{}", code.name);
            for language in ["fr", "en"] {
                let of_language = |p: &&Pattern| p.language == Language::Named(language.to_owned());
                assert!(code.patterns.iter().filter(of_language).count() >= 20, "{} {language}", code.name);
            }
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = Codebook::load(Path::new("no/such.toml")).unwrap_err().to_string();
        assert!(error.contains("no/such.toml"), "{error}");
    }

    #[test]
    fn another_charset_is_no_matter_of_permissions() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), b"name = \"th\xe8mes\"").unwrap();
        let error = Codebook::load(file.path()).unwrap_err().to_string();
        assert!(error.contains("not in UTF-8") && !error.contains("permissions"), "{error}");
    }
}
