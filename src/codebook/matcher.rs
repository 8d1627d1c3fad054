//! Finds many patterns in one pass: every token is looked up once in a trie of all words and prefixes, and only
//! the sequences that begin with what it meets are tried.

use std::collections::HashMap;

use super::pattern::{Atom, Kind, Step};
use crate::text::{Token, TokenKind, Tokens, fold, tokens};

/// A set of atoms that one step accepts.
type ClassId = u32;

#[derive(Debug, Default)]
struct Node {
    /// Sorted by byte.
    children: Vec<(u8, u32)>,
    exact: Vec<ClassId>,
    prefix: Vec<ClassId>,
}

/// A sequence that must begin where a token meets the first class.
#[derive(Debug)]
struct Sequence {
    pattern: u32,
    anchored: bool,
    /// The steps behind the first: gap and class.
    rest: Vec<(u8, ClassId)>,
}

/// Patterns made ready to be found.
#[derive(Debug)]
pub(crate) struct Matcher {
    nodes: Vec<Node>,
    /// By kind.
    kinds: Vec<Vec<ClassId>>,
    /// By first class.
    sequences: Vec<Vec<Sequence>>,
}

/// A pattern found in a text: tokens `first..=last`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Match {
    /// Index of the pattern, as given to [`Matcher::new`].
    pub(crate) pattern: usize,
    /// First token.
    pub(crate) first: usize,
    /// Last token, inclusive.
    pub(crate) last: usize,
}

/// What patterns may ask of the article.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArticleWords {
    /// Amounts of money it names, in hundredths, sorted.
    pub amounts: Vec<i64>,
    /// What it quotes, folded, words only, one blank between.
    pub speech: Vec<String>,
    /// Hashes of its quoted words, alone, in pairs and in threes, sorted (see [`ArticleWords::hear`]).
    echoes: Vec<u64>,
}

/// Shorter words are in every sentence.
const TELLING: usize = 5;

impl ArticleWords {
    /// Adds something the article quotes: whole, and the words by which it is known again.
    pub fn hear(&mut self, said: &str) {
        let tokens = tokens(said, &[]);
        for at in 0..tokens.items().len() {
            self.echoes.extend(runs(&tokens, at).into_iter().flatten());
        }
        self.echoes.sort_unstable();
        self.echoes.dedup();
        self.speech.push(words_only(&fold(said)));
    }

    fn heard(&self, hash: Option<u64>) -> bool {
        hash.is_some_and(|hash| self.echoes.binary_search(&hash).is_ok())
    }

    /// Whether `quote` (folded) is, in whole or part, something the article quotes.
    fn claims(&self, quote: &str) -> bool {
        if self.speech.is_empty() {
            return false;
        }
        let quote = words_only(quote);
        !quote.is_empty() && self.speech.iter().any(|said| said.contains(&quote) || quote.contains(said.as_str()))
    }
}

/// Hashes of the word at `at`, of it and the next, of it and the next two, where they are telling enough.
fn runs(tokens: &Tokens, at: usize) -> [Option<u64>; 3] {
    let word = |i: usize| tokens.items().get(i).filter(|t| t.kind == TokenKind::Word).map(|t| tokens.folded_of(t));
    let mut out = [None; 3];
    let (mut hash, mut telling) = (0xcbf2_9ce4_8422_2325_u64, 0);
    for (length, slot) in out.iter_mut().enumerate() {
        let Some(word) = word(at + length) else { break };
        for byte in word.bytes().chain([b' ']) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        telling += usize::from(word.len() >= TELLING);
        if telling >= [1, 2, 1][length] {
            *slot = Some(hash);
        }
    }
    out
}

/// Letters and digits of a folded text, one blank between the words.
fn words_only(folded: &str) -> String {
    let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// The classes each token of a text meets.
struct Classes {
    all: Vec<ClassId>,
    ranges: Vec<(u32, u32)>,
}

impl Classes {
    fn of(&self, at: usize) -> &[ClassId] {
        self.ranges.get(at).and_then(|&(from, to)| self.all.get(from as usize..to as usize)).unwrap_or(&[])
    }

    fn meets(&self, at: usize, class: ClassId) -> bool {
        self.of(at).contains(&class)
    }
}

impl Matcher {
    /// Builds a matcher from pairs of pattern number and sequence.
    pub(super) fn new<'p>(patterns: impl Iterator<Item = (usize, &'p [Step])>) -> Self {
        let mut matcher =
            Self { nodes: vec![Node::default()], kinds: vec![Vec::new(); Kind::COUNT], sequences: Vec::new() };
        let mut classes: HashMap<Vec<Atom>, ClassId> = HashMap::new();
        for (pattern, steps) in patterns {
            let anchored = steps.first().is_some_and(|step| step.atoms.contains(&Atom::Kind(Kind::Start)));
            let mut ids = steps.iter().skip(usize::from(anchored)).map(|step| {
                let mut atoms = step.atoms.clone();
                atoms.sort();
                atoms.dedup();
                let known = classes.len() as ClassId;
                let id = *classes.entry(atoms).or_insert(known);
                if id == known {
                    matcher.sequences.push(Vec::new());
                    step.atoms.iter().for_each(|atom| matcher.teach(atom, id));
                }
                (step.gap, id)
            });
            let Some((_, first)) = ids.next() else { continue };
            let rest = ids.collect();
            matcher.sequences[first as usize].push(Sequence { pattern: pattern as u32, anchored, rest });
        }
        matcher
    }

    fn teach(&mut self, atom: &Atom, class: ClassId) {
        let (word, prefix) = match atom {
            Atom::Kind(kind) => return self.kinds[*kind as usize].push(class),
            Atom::Word(word) => (word, false),
            Atom::Prefix(word) => (word, true),
        };
        let mut at = 0;
        for &byte in word.as_bytes() {
            at = match self.nodes[at].children.binary_search_by_key(&byte, |&(b, _)| b) {
                Ok(i) => self.nodes[at].children[i].1 as usize,
                Err(i) => {
                    let new = self.nodes.len();
                    self.nodes[at].children.insert(i, (byte, new as u32));
                    self.nodes.push(Node::default());
                    new
                }
            };
        }
        let list = if prefix { &mut self.nodes[at].prefix } else { &mut self.nodes[at].exact };
        if !list.contains(&class) {
            list.push(class);
        }
    }

    fn classify(&self, tokens: &Tokens, article: &ArticleWords) -> Classes {
        let mut classes = Classes {
            all: Vec::with_capacity(tokens.items().len() * 12),
            ranges: Vec::with_capacity(tokens.items().len()),
        };
        for (at, token) in tokens.items().iter().enumerate() {
            let from = classes.all.len() as u32;
            let mut kind = |kind: Kind| classes.all.extend(&self.kinds[kind as usize]);
            match token.kind {
                TokenKind::Number => kind(Kind::Number),
                TokenKind::Amount => kind(Kind::Amount),
                TokenKind::Quote => kind(Kind::Quote),
                TokenKind::Smiley | TokenKind::Emoji => kind(Kind::Smiley),
                TokenKind::End => kind(Kind::End),
                TokenKind::Word => kind(Kind::Any),
                TokenKind::Link => {}
            }
            if token.kind == TokenKind::End && tokens.folded_of(token) == "?" {
                kind(Kind::Question);
            }
            if matches!(token.kind, TokenKind::Number | TokenKind::Amount) {
                if token.hundredths.is_some_and(|value| article.amounts.binary_search(&value).is_ok()) {
                    kind(if token.kind == TokenKind::Amount { Kind::Offer } else { Kind::Figure });
                }
                kind(Kind::Any);
            }
            if token.marked {
                kind(Kind::Marked);
            }
            if !article.echoes.is_empty() && token.kind == TokenKind::Word {
                let [word, pair, three] = runs(tokens, at);
                if article.heard(pair) || article.heard(three) {
                    kind(Kind::Echo);
                } else if token.marked && article.heard(word) {
                    kind(Kind::Claim);
                }
            }
            if token.kind == TokenKind::Quote && article.claims(tokens.folded_of(token)) {
                kind(Kind::Claim);
            }
            self.walk(tokens.folded_of(token), token, &mut classes.all);
            classes.ranges.push((from, classes.all.len() as u32));
        }
        classes
    }

    fn walk(&self, word: &str, token: &Token, found: &mut Vec<ClassId>) {
        if matches!(token.kind, TokenKind::End | TokenKind::Quote | TokenKind::Link) {
            return;
        }
        let mut node = &self.nodes[0];
        for &byte in word.as_bytes() {
            let Ok(i) = node.children.binary_search_by_key(&byte, |&(b, _)| b) else { return };
            node = &self.nodes[node.children[i].1 as usize];
            found.extend(&node.prefix);
        }
        found.extend(&node.exact);
    }

    /// All matches, in order of their first token: of each sequence and each beginning the shortest.
    pub(crate) fn find(&self, tokens: &Tokens, article: &ArticleWords) -> Vec<Match> {
        let classes = self.classify(tokens, article);
        // Most sequences lack a later word anywhere in the text: one look each spares the search for them.
        let mut present = vec![false; self.sequences.len()];
        for &class in &classes.all {
            present[class as usize] = true;
        }
        let mut found = Vec::new();
        for at in 0..tokens.items().len() {
            for &class in classes.of(at) {
                for sequence in &self.sequences[class as usize] {
                    if !sequence.rest.iter().all(|&(_, class)| present[class as usize])
                        || sequence.anchored && !starts_sentence(tokens, at)
                    {
                        continue;
                    }
                    if let Some(last) = follow(tokens, &classes, at, &sequence.rest, &mut STEPS.clone()) {
                        found.push(Match { pattern: sequence.pattern as usize, first: at, last });
                    }
                }
            }
        }
        found
    }
}

/// Tries one sequence may take at one place: gaps inside gaps could otherwise multiply.
const STEPS: usize = 2000;

/// Whether a sentence begins at token `at`, smileys and quotes before it aside.
fn starts_sentence(tokens: &Tokens, at: usize) -> bool {
    let before = tokens.items()[..at].iter().rev();
    let opening = |token: &&Token| !matches!(token.kind, TokenKind::Smiley | TokenKind::Emoji);
    before.filter(opening).map(|t| t.kind).next().is_none_or(|kind| matches!(kind, TokenKind::End | TokenKind::Quote))
}

/// Follows the steps behind token `at`; the last token they take.
fn follow(tokens: &Tokens, classes: &Classes, at: usize, rest: &[(u8, ClassId)], budget: &mut usize) -> Option<usize> {
    let Some((&(gap, class), behind)) = rest.split_first() else { return Some(at) };
    for next in at + 1..=at + 1 + usize::from(gap) {
        *budget = budget.checked_sub(1)?;
        if classes.meets(next, class)
            && let Some(last) = follow(tokens, classes, next, behind, budget)
        {
            return Some(last);
        }
        // A gap stays inside its sentence.
        if tokens.items().get(next).is_none_or(|token| token.kind == TokenKind::End) {
            return None;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::pattern::{Sets, parse};
    use super::*;
    use crate::model::{Quote, Span};
    use crate::text::tokens;

    fn found(pattern: &str, text: &str) -> Option<String> {
        let sequences = parse(pattern, &Sets::new()).unwrap();
        let matcher = Matcher::new(sequences.iter().map(|steps| (0, steps.as_slice())));
        let quotes: Vec<Quote> = text
            .find('«')
            .zip(text.find('»'))
            .map(|(start, end)| Quote { span: Span::new(start, end + '»'.len_utf8()), author: None })
            .into_iter()
            .collect();
        let tokens = tokens(text, &quotes);
        let mut article = ArticleWords { amounts: vec![2000], ..ArticleWords::default() };
        article.hear("On ne vend rien du tout à des partenaires choisis");
        let found = matcher.find(&tokens, &article);
        found.first().map(|m| text[tokens.items()[m.first].span.start..tokens.items()[m.last].span.end].to_owned())
    }

    #[test]
    fn every_element_finds_its_words() {
        for (pattern, text, words) in [
            ("arnaqu*", "Quelle ARNAQUE !", "ARNAQUE"),
            ("inspire ..2 confiance", "ça inspire aucune confiance", "inspire aucune confiance"),
            ("n'en (ai|a) rien (à|a) (battre|cirer)", "Il n’en a rien à cirer", "n’en a rien à cirer"),
            ("(ne)? croi* (pas|plus)", "je crois pas", "crois pas"),
            ("<amount> pour", "100euros pour moi", "100euros pour"),
            ("(<offer>|<figure>) en cash", "Que 20 en cash", "20 en cash"),
            ("<offer> en", "20 ou 20e en bons", "20e en"),
            ("<start> bien sûr", "Non. Bien sûr que si", "Bien sûr"),
            ("vraiment <question>", "Ah, vraiment ???", "vraiment ???"),
            ("bravo <smiley>", "bravo :phiphi:", "bravo :phiphi:"),
            ("payer # fois", "payer 3 fois", "payer 3 fois"),
            ("<claim> (mais|ah) oui", "« Rien du tout » ah oui", "« Rien du tout » ah oui"),
            ("<echo>", "Vos partenaires choisis", "partenaires"),
            ("<claim>", "vos \"partenaires\"", "partenaires"),
            ("<marked> ..3 bref", "du \"service\" bref", "service\" bref"),
            ("do n't trust", "I don't trust it", "don't trust"),
        ] {
            assert_eq!(found(pattern, text).as_deref(), Some(words), "{pattern}");
        }
    }

    #[test]
    fn gaps_stop_at_the_end_of_a_sentence() {
        assert_eq!(found("vend ..5 données", "Il vend. Mes données"), None);
        assert_eq!(found("<start> oui", "mais oui"), None);
        assert_eq!(found("arnaque", "arnaques"), None);
        assert_eq!(found("<claim>", "« Autre chose »"), None);
    }

    #[test]
    fn gaps_inside_gaps_stay_cheap() {
        let pattern = "a ..20 a ..20 a ..20 a ..20 a ..20 a ..20 b";
        assert_eq!(found(pattern, &"a ".repeat(5000)), None);
    }
}
