//! The pattern language, from text to flat sequences of word classes.

use std::collections::HashMap;

use crate::text::{TokenKind, fold, tokens};

/// Alternatives and optional words multiply; a pattern that unfolds into more sequences than this is refused.
const MOST_SEQUENCES: usize = 512;
/// Longest gap, in words.
const LONGEST_GAP: u8 = 30;
/// Brackets inside brackets.
const DEEPEST: usize = 8;

/// One alternative a single token may meet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Atom {
    /// A folded word form.
    Word(String),
    /// All words that begin so.
    Prefix(String),
    /// A kind of token, whatever it says.
    Kind(Kind),
}

/// What `#` and `<…>` stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    /// `#`
    Number,
    /// `<amount>`
    Amount,
    /// `<offer>`
    Offer,
    /// `<figure>`
    Figure,
    /// `<quote>`
    Quote,
    /// `<claim>`: a quote of what the article quotes, or one telling word of it in marks.
    Claim,
    /// `<marked>`: a word that opens a short stretch in quotation marks.
    Marked,
    /// `<echo>`: words of the article's quotations, said again.
    Echo,
    /// `<smiley>`: typed or emoji.
    Smiley,
    /// `<end>`
    End,
    /// `<question>`
    Question,
    /// `<start>`: takes no token, stands where a sentence begins.
    Start,
    /// `*`: any word.
    Any,
}

impl Kind {
    /// How many kinds there are.
    pub(super) const COUNT: usize = Self::Any as usize + 1;
}

const KINDS: &[(&str, Kind)] = &[
    ("amount", Kind::Amount),
    ("offer", Kind::Offer),
    ("figure", Kind::Figure),
    ("quote", Kind::Quote),
    ("claim", Kind::Claim),
    ("marked", Kind::Marked),
    ("echo", Kind::Echo),
    ("smiley", Kind::Smiley),
    ("end", Kind::End),
    ("question", Kind::Question),
    ("start", Kind::Start),
];

/// A step of a sequence: up to `gap` tokens, then one that meets one of `atoms`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) gap: u8,
    pub(super) atoms: Vec<Atom>,
}

/// Steps in a row; a pattern unfolds into several.
pub(super) type Sequence = Vec<Step>;

/// The named sets of a codebook: the sequences each stands for.
pub(super) type Sets = HashMap<String, Vec<Sequence>>;

/// Unfolds a pattern into its sequences.
pub(super) fn parse(pattern: &str, sets: &Sets) -> Result<Vec<Sequence>, String> {
    if pattern.trim().is_empty() {
        return Err("is empty; write the words to look for, or remove it".to_owned());
    }
    let sequences = unfold(pattern, sets)?;
    let anchored = |step: &Step| step.atoms.contains(&Atom::Kind(Kind::Start));
    for sequence in &sequences {
        let mut words = sequence.iter().filter(|step| !anchored(step)).peekable();
        if words.peek().is_none() {
            return Err("can match nothing at all; leave at least one word that is not optional".to_owned());
        }
        if words.all(|step| step.atoms.contains(&Atom::Kind(Kind::Any))) {
            return Err("would match any words; name at least one".to_owned());
        }
        if sequence.iter().skip(1).any(anchored) {
            return Err("has `<start>` after another element; put it first".to_owned());
        }
        if sequence.first().is_some_and(|step| step.atoms.len() > 1 && anchored(step)) {
            return Err("has `<start>` among alternatives; put it first, on its own".to_owned());
        }
    }
    Ok(sequences)
}

/// All sequences a run of elements stands for.
fn unfold(pattern: &str, sets: &Sets) -> Result<Vec<Sequence>, String> {
    let mut sequences: Vec<Sequence> = vec![Vec::new()];
    let mut gap = 0;
    let mut rest = pattern.trim();
    let mut first = true;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("..") {
            let end = after.find([' ', '(']).unwrap_or(after.len());
            if first {
                return Err("begins with a gap; drop the `..`".to_owned());
            }
            gap = gap_of(&after[..end])?;
            rest = after[end..].trim_start();
            continue;
        }
        let (choices, after) = if rest.starts_with('(') { group(rest, sets)? } else { plain(rest, sets)? };
        if !after.is_empty() && !after.starts_with([' ', '(']) {
            return Err(format!("has `{after}` right behind a `)`; put a blank between the elements"));
        }
        sequences = join(&sequences, gap, &choices)?;
        gap = 0;
        first = false;
        rest = after.trim_start();
    }
    if gap > 0 {
        return Err("ends with a gap; drop the `..`".to_owned());
    }
    Ok(sequences)
}

/// Every sequence followed by every choice.
fn join(sequences: &[Sequence], gap: u8, choices: &[Sequence]) -> Result<Vec<Sequence>, String> {
    if sequences.len() * choices.len() > MOST_SEQUENCES {
        return Err(format!("unfolds into more than {MOST_SEQUENCES} sequences; split it into several patterns"));
    }
    let mut joined = Vec::with_capacity(sequences.len() * choices.len());
    for sequence in sequences {
        for choice in choices {
            let mut steps = sequence.clone();
            steps.extend(choice.iter().cloned());
            // What stands first has nothing before it to keep a distance from.
            if let Some(step) = steps.get_mut(sequence.len()).filter(|_| !sequence.is_empty()) {
                step.gap = step.gap.max(gap);
            }
            joined.push(steps);
        }
    }
    Ok(joined)
}

/// `(…|…)` or `(…|…)?` at the start of `text`, and what is behind it.
fn group<'t>(text: &'t str, sets: &Sets) -> Result<(Vec<Sequence>, &'t str), String> {
    let mut depth = 0_usize;
    let mut from = 1;
    let mut choices = Vec::new();
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            '|' if depth == 1 => {
                choices.extend(alternative(&text[from..at], sets)?);
                from = at + 1;
            }
            ')' if depth == 1 => {
                choices.extend(alternative(&text[from..at], sets)?);
                let after = &text[at + 1..];
                let (optional, after) = after.strip_prefix('?').map_or((false, after), |after| (true, after));
                let mut merged = merge(choices);
                if optional {
                    merged.push(Vec::new());
                }
                return Ok((merged, after));
            }
            ')' => depth -= 1,
            _ => {}
        }
        if depth > DEEPEST {
            return Err(format!("has more than {DEEPEST} brackets inside each other; split it into several patterns"));
        }
    }
    Err("has a `(` without `)`; close the alternatives".to_owned())
}

/// Single words share one step; only longer alternatives branch.
fn merge(choices: Vec<Sequence>) -> Vec<Sequence> {
    let (single, mut merged): (Vec<Sequence>, Vec<Sequence>) =
        choices.into_iter().partition(|choice| choice.len() == 1);
    let atoms: Vec<Atom> = single.into_iter().flatten().flat_map(|step| step.atoms).collect();
    if !atoms.is_empty() {
        merged.push(vec![Step { gap: 0, atoms }]);
    }
    merged
}

/// One alternative of a group, or one member of a set.
pub(super) fn alternative(text: &str, sets: &Sets) -> Result<Vec<Sequence>, String> {
    if text.trim().is_empty() {
        return Err("has an empty alternative; write `(…)?` for something optional".to_owned());
    }
    unfold(text, sets)
}

/// A word, a set or a kind at the start of `text`, and what is behind it.
fn plain<'t>(text: &'t str, sets: &Sets) -> Result<(Vec<Sequence>, &'t str), String> {
    let end = text.find([' ', '(']).unwrap_or(text.len());
    let (word, after) = text.split_at(end);
    let choices = if word.starts_with('{') {
        set_of(word, sets)?
    } else {
        vec![atoms_of(word)?.into_iter().map(|atom| Step { gap: 0, atoms: vec![atom] }).collect()]
    };
    Ok((choices, after))
}

fn gap_of(text: &str) -> Result<u8, String> {
    match text.parse::<u8>() {
        Ok(words @ 1..=LONGEST_GAP) => Ok(words),
        _ => Err(format!("has the gap `..{text}`; write `..N` with N from 1 to {LONGEST_GAP}")),
    }
}

/// The sequences a set's name stands for.
fn set_of(word: &str, sets: &Sets) -> Result<Vec<Sequence>, String> {
    let name = word
        .strip_prefix('{')
        .and_then(|word| word.strip_suffix('}'))
        .ok_or_else(|| format!("has `{word}`; write a set as `{{name}}`"))?;
    sets.get(name)
        .cloned()
        .map(merge)
        .ok_or_else(|| format!("names the set `{{{name}}}`, which [sets] does not define; define it"))
}

/// A word as the tokenizer cuts it ("l'offre" is two), or a kind.
fn atoms_of(word: &str) -> Result<Vec<Atom>, String> {
    if word == "#" {
        return Ok(vec![Atom::Kind(Kind::Number)]);
    }
    if word == "*" {
        return Ok(vec![Atom::Kind(Kind::Any)]);
    }
    if let Some(name) = word.strip_prefix('<').and_then(|word| word.strip_suffix('>')) {
        let known = KINDS.iter().find(|(kind, _)| *kind == name);
        let names = || KINDS.iter().map(|(kind, _)| format!("<{kind}>")).collect::<Vec<_>>().join(" ");
        return known
            .map(|(_, kind)| vec![Atom::Kind(*kind)])
            .ok_or_else(|| format!("has the unknown kind `<{name}>`; there are {}", names()));
    }
    if word.len() > 1 && (word.starts_with('\'') || word.eq_ignore_ascii_case("n't")) {
        // The second halves of English contractions, which a tokenizer only meets behind a word.
        return Ok(vec![Atom::Word(fold(word))]);
    }
    let (stem, prefix) = word.strip_suffix('*').map_or((word, false), |stem| (stem, true));
    let is_smiley = stem.len() > 1 && stem.starts_with(':') && stem.ends_with(':');
    if !is_smiley && stem.contains(['*', '(', ')', '{', '}', '|', '<', '>', '?', '#', '"']) {
        return Err(format!("has `{word}`, which is neither a word nor an element; see docs/codebooks.md"));
    }
    let cut = tokens(stem, &[]);
    let kept: Vec<&str> = cut
        .items()
        .iter()
        .filter(|t| t.kind != TokenKind::End && t.kind != TokenKind::Link)
        .map(|t| cut.folded_of(t))
        .collect();
    if kept.is_empty() {
        return Err(format!("has `{word}`, which holds no word"));
    }
    let last = kept.len() - 1;
    if prefix && kept[last].chars().count() < 2 {
        return Err(format!("has `{word}`, which would match too much; give at least two letters before `*`"));
    }
    let atom = |(i, word): (usize, &&str)| {
        if prefix && i == last { Atom::Prefix((*word).to_owned()) } else { Atom::Word((*word).to_owned()) }
    };
    Ok(kept.iter().enumerate().map(atom).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(pattern: &str) -> Result<usize, String> {
        let sets =
            Sets::from([("firme".to_owned(), vec![vec![Step { gap: 0, atoms: vec![Atom::Word("temu".into())] }]])]);
        parse(pattern, &sets).map(|sequences| sequences.len())
    }

    #[test]
    fn groups_unfold_only_where_they_must() {
        assert_eq!(count("(un|une) arnaqu*"), Ok(1));
        assert_eq!(count("(ne|n')? (a|en a) rien"), Ok(4));
        assert_eq!(count("(garder ..3 (vie privee|donnee*)|refuser)"), Ok(3));
        assert_eq!(count("l'offre ..3 {firme} # <amount>"), Ok(1));
    }

    #[test]
    fn faults_are_named() {
        for (pattern, part) in [
            ("", "empty"),
            ("(a|b", "without `)`"),
            ("(a||b)", "empty alternative"),
            ("a ..0 b", "..0"),
            ("a ..3", "ends with a gap"),
            ("{nobody} x", "{nobody}"),
            ("<amonut>", "unknown kind"),
            ("a*", "at least two letters"),
            ("(a)?", "nothing at all"),
            ("a <start>", "put it first"),
            ("* *", "any words"),
            ("(a)b", "blank"),
        ] {
            let reason = count(pattern).unwrap_err();
            assert!(reason.contains(part), "{pattern}: {reason}");
        }
    }
}
