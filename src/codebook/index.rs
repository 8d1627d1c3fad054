use super::matcher::{ArticleWords, Match, Matcher};
use super::pattern::Step;
use super::{Codebook, Language};
use crate::text::Tokens;

/// What a sequence is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Speaks for the code: one of its patterns.
    Pattern(usize),
    /// Undoes the code's pattern of this number in the sentence.
    Unless(usize),
    /// Undoes all of them.
    UnlessAny,
    /// The code's context.
    Context,
}

/// A sequence found: tokens `first..=last`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hit {
    /// Index of the code.
    pub(crate) code: usize,
    /// What it means for the code.
    pub(crate) role: Role,
    /// First token.
    pub(crate) first: usize,
    /// Last token, inclusive.
    pub(crate) last: usize,
}

/// All patterns of a codebook, one matcher a language.
#[derive(Debug)]
pub(crate) struct Index {
    roles: Vec<(usize, Role)>,
    languages: Vec<(String, Matcher)>,
    /// For texts whose language is not known, or has no patterns.
    all: Matcher,
}

impl Index {
    pub(crate) fn new(book: &Codebook) -> Self {
        let mut roles = Vec::new();
        let mut entries: Vec<(usize, &Language, &[Step])> = Vec::new();
        for (code, definition) in book.codes.iter().enumerate() {
            for (at, pattern) in definition.patterns.iter().enumerate() {
                roles.push((code, Role::Pattern(at)));
                entries.extend(pattern.sequences.iter().map(|steps| (roles.len() - 1, &pattern.language, steps)));
                roles.push((code, Role::Unless(at)));
                entries.extend(pattern.unless.iter().map(|steps| (roles.len() - 1, &Language::Any, steps)));
            }
            roles.push((code, Role::UnlessAny));
            entries.extend(definition.unless.iter().map(|steps| (roles.len() - 1, &Language::Any, steps)));
            roles.push((code, Role::Context));
            entries.extend(definition.context.iter().map(|steps| (roles.len() - 1, &Language::Any, steps)));
        }
        let mut names: Vec<&String> = Vec::new();
        for (_, language, _) in &entries {
            if let Language::Named(name) = language
                && !names.contains(&name)
            {
                names.push(name);
            }
        }
        let of = |wanted: &str| {
            let fits = |language: &Language| match language {
                Language::Any => true,
                Language::Named(name) => name == wanted,
            };
            Matcher::new(
                entries.iter().filter(|(_, language, _)| fits(language)).map(|(role, _, steps)| (*role, *steps)),
            )
        };
        let languages = names.iter().map(|name| ((*name).clone(), of(name))).collect();
        let all = Matcher::new(entries.iter().map(|(role, _, steps)| (*role, *steps)));
        Self { roles, languages, all }
    }

    /// Whether texts in this language can be coded: there are patterns for it, or the codebook tells no languages apart.
    /// Beside patterns for other languages, those for all are too few to say that a text carries no code.
    pub(crate) fn reads(&self, language: &str) -> bool {
        self.languages.is_empty() || self.languages.iter().any(|(name, _)| name == language)
    }

    /// Everything the patterns for `language` find; those of all languages where the codebook has none for it.
    pub(crate) fn find(&self, language: Option<&str>, tokens: &Tokens, article: &ArticleWords) -> Vec<Hit> {
        let named = language.and_then(|wanted| self.languages.iter().find(|(name, _)| name == wanted));
        let matcher = named.map_or(&self.all, |(_, matcher)| matcher);
        let hit = |found: Match| {
            let (code, role) = self.roles[found.pattern];
            Hit { code, role, first: found.first, last: found.last }
        };
        matcher.find(tokens, article).into_iter().map(hit).collect()
    }
}
