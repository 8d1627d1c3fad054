//! Which language a comment is in.

use std::collections::HashMap;
use std::sync::LazyLock;

use whichlang::Lang;

use super::lists::rows;
use super::tokens::{TokenKind, Tokens};

/// Fewer words than this tell no language.
const FEWEST_WORDS: usize = 4;
/// Fewer letters than this neither.
const FEWEST_LETTERS: usize = 18;
/// A language told from fewer words than this is doubted where the thread speaks another.
const SURE_WORDS: usize = 12;
/// Bytes of a text after which the answer no longer changes; the cost would.
const ENOUGH: usize = 1200;

/// The language most written in each script that is not Latin.
static SCRIPTS: LazyLock<Vec<(u32, u32, &'static str)>> = LazyLock::new(|| {
    let code = |hex: &str| u32::from_str_radix(hex, 16).ok();
    rows(include_str!("../../data/text/scripts.tsv"))
        .filter_map(|row| Some((code(row[0])?, code(row.get(1)?)?, *row.get(2)?)))
        .collect()
});

/// The languages in which each function word is one.
static FUNCTION_WORDS: LazyLock<HashMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| {
    let mut words: HashMap<&str, Vec<&str>> = HashMap::new();
    for row in rows(include_str!("../../data/text/function-words.tsv")) {
        for word in row.get(1).into_iter().flat_map(|list| list.split(' ')) {
            words.entry(word).or_default().push(row[0]);
        }
    }
    words
});

/// Language of the words in `tokens` (ISO 639-1), without quotes, links, smileys and numbers; `None` where there
/// are too few to tell. A script other than Latin tells the language most written in it, however few words there are; of those in Latin
/// letters it is one of the ten whichlang knows: a text in another gets the nearest of them.
pub fn language(text: &str, tokens: &Tokens) -> Option<&'static str> {
    let (mut words, mut letters) = (0, 0);
    let mut own = String::with_capacity(text.len());
    for token in tokens.items().iter().filter(|t| t.kind == TokenKind::Word) {
        let word = token.span.of(text);
        words += 1;
        letters += word.len();
        own.push_str(word);
        if !word.ends_with(['\'', '’']) {
            own.push(' ');
        }
        if letters > ENOUGH {
            break;
        }
    }
    if let Some(language) = of_script(&own) {
        return Some(language);
    }
    if words < FEWEST_WORDS || letters < FEWEST_LETTERS {
        return None;
    }
    Some(iso(whichlang::detect_language(&own)))
}

/// The language of the script most letters of a text are in; none for Latin letters.
fn of_script(text: &str) -> Option<&'static str> {
    if text.is_ascii() {
        return None;
    }
    let mut counts: Vec<(&str, usize)> = Vec::new();
    let mut letters = 0;
    for c in text.chars().filter(|c| c.is_alphabetic()) {
        letters += 1;
        let at = u32::from(c);
        let Some((.., language)) = SCRIPTS.iter().find(|(from, to, _)| (*from..=*to).contains(&at)) else { continue };
        match counts.iter_mut().find(|(known, _)| known == language) {
            Some((_, count)) => *count += 1,
            None => counts.push((language, 1)),
        }
    }
    let count = |language: &str| counts.iter().find(|(known, _)| *known == language).map_or(0, |(_, count)| *count);
    // Japanese is written in Chinese characters, too.
    if count("ja") > 0 && (count("ja") + count("zh")) * 2 > letters {
        return Some("ja");
    }
    counts.iter().find(|(_, count)| count * 2 > letters).map(|(language, _)| *language)
}

/// Whether the language told of a comment is kept where most of its thread speaks another: it has words enough, a script of its own, or
/// more words that the language cannot do without than of the thread's.
pub(super) fn is_believed(language: &str, spoken: &str, tokens: &Tokens) -> bool {
    let is_script = |language: &str| SCRIPTS.iter().any(|(.., known)| *known == language);
    // Few Chinese characters may be Japanese.
    if language == spoken || (is_script(language) && (language, spoken) != ("zh", "ja")) {
        return true;
    }
    let words = || tokens.items().iter().enumerate().filter(|(_, token)| token.kind == TokenKind::Word);
    if words().nth(SURE_WORDS - 1).is_some() {
        return true;
    }
    let (mut own, mut theirs) = (0, 0);
    for (at, _) in words() {
        let languages = FUNCTION_WORDS.get(bare(tokens.folded(at))).map(Vec::as_slice).unwrap_or_default();
        own += usize::from(languages.contains(&language));
        theirs += usize::from(languages.contains(&spoken));
    }
    // One word may be of two languages.
    let is_listed = FUNCTION_WORDS.values().any(|languages| languages.contains(&spoken));
    own > theirs && (is_listed || own > 1)
}

/// A word without its apostrophe.
fn bare(word: &str) -> &str {
    word.trim_end_matches(['\'', '’'])
}

/// The language most comments of a thread are in: what a short comment is most likely written in. Of several the first of the alphabet,
/// so that it does not depend on the order of the comments.
pub fn majority<'a>(languages: impl Iterator<Item = Option<&'a str>>) -> Option<&'a str> {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for language in languages.flatten() {
        match counts.iter_mut().find(|(known, _)| *known == language) {
            Some((_, count)) => *count += 1,
            None => counts.push((language, 1)),
        }
    }
    counts.into_iter().max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(a.0))).map(|(language, _)| language)
}

fn iso(language: Lang) -> &'static str {
    match language {
        Lang::Ara => "ar",
        Lang::Cmn => "zh",
        Lang::Deu => "de",
        Lang::Eng => "en",
        Lang::Fra => "fr",
        Lang::Hin => "hi",
        Lang::Ita => "it",
        Lang::Jpn => "ja",
        Lang::Kor => "ko",
        Lang::Nld => "nl",
        Lang::Por => "pt",
        Lang::Rus => "ru",
        Lang::Spa => "es",
        Lang::Swe => "sv",
        Lang::Tur => "tr",
        Lang::Vie => "vi",
    }
}

#[cfg(test)]
mod tests {
    use super::super::tokens;
    use super::*;

    fn of(text: &str) -> Option<&'static str> {
        language(text, &tokens(text, &[]))
    }

    #[test]
    fn sentences_tell_and_shouts_do_not() {
        assert_eq!(of("Je ne vois pas pourquoi on leur ferait confiance"), Some("fr"));
        assert_eq!(of("I do not see why anyone would trust them"), Some("en"));
        assert_eq!(of("+1"), None);
        assert_eq!(of("ok mdr"), None);
        assert_eq!(of(""), None);
    }

    #[test]
    fn scripts_tell_however_few_the_words() {
        let cases = [
            ("Спасибо", "ru"),
            ("騒音がひどい", "ja"),
            ("很好", "zh"),
            ("좋아요", "ko"),
            ("شكرا", "ar"),
            ("ευχαριστώ", "el"),
        ];
        for (text, told) in cases {
            assert_eq!(of(text), Some(told), "{text}");
        }
        assert_eq!(of("π r ok"), None);
    }

    #[test]
    fn short_comments_are_believed_by_their_function_words() {
        let believed = |text: &str, language: &str, spoken: &str| is_believed(language, spoken, &tokens(text, &[]));
        assert!(believed("Too much noise, I cannot sleep.", "en", "fr"));
        assert!(believed("No me gusta la idea de pagar", "es", "fr"));
        assert!(believed("Ik vind het niet goed", "nl", "fr"));
        assert!(!believed("jai pa compri le truc", "it", "fr"));
        assert!(!believed("Wifi, mail, Google, bof bof", "nl", "fr"));
        assert!(!believed("kalispera se olous sas file", "es", "el"));
        assert!(believed("좋아요", "ko", "ja") && believed("شكرا", "ar", "ru") && !believed("最高", "zh", "ja"));
    }

    #[test]
    fn the_lists_can_be_met() {
        for row in rows(include_str!("../../data/text/function-words.tsv")) {
            let words: Vec<&str> = row[1].split(' ').collect();
            for (at, word) in words.iter().enumerate() {
                assert!(!words[..at].contains(word), "{}: {word} twice", row[0]);
                let text = format!("{word} x");
                let tokens = tokens(&text, &[]);
                assert_eq!(bare(tokens.folded(0)), *word, "{}", row[0]);
            }
        }
        assert_eq!(SCRIPTS.len(), rows(include_str!("../../data/text/scripts.tsv")).count());
    }

    #[test]
    fn the_majority_speaks_for_the_short_ones() {
        assert_eq!(majority([Some("fr"), None, Some("en"), Some("fr")].into_iter()), Some("fr"));
        assert_eq!(majority([None, None].into_iter()), None);
        assert_eq!(majority([Some("fr"), Some("en")].into_iter()), majority([Some("en"), Some("fr")].into_iter()));
    }
}
