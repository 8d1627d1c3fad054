use whichlang::Lang;

use super::tokens::{TokenKind, Tokens};

/// Fewer words than this tell no language.
const FEWEST_WORDS: usize = 4;
/// Fewer letters than this neither.
const FEWEST_LETTERS: usize = 18;

/// Language of the words in `tokens` (ISO 639-1), without quotes, links, smileys and numbers; `None` where there
/// are too few to tell. One of the sixteen languages whichlang knows: a text in another gets the nearest of them.
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
        // The answer no longer changes, the cost would.
        if letters > 1200 {
            break;
        }
    }
    // Scripts without blanks between words have one long "word".
    let spaced = own.is_ascii() || !own.chars().any(|c| matches!(u32::from(c), 0x3040..=0x30FF | 0x4E00..=0x9FFF));
    if (spaced && (words < FEWEST_WORDS || letters < FEWEST_LETTERS)) || letters == 0 {
        return None;
    }
    Some(iso(whichlang::detect_language(&own)))
}

/// The language most comments of a thread are in: what a short comment is most likely written in.
pub fn majority<'a>(languages: impl Iterator<Item = Option<&'a str>>) -> Option<&'a str> {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for language in languages.flatten() {
        match counts.iter_mut().find(|(known, _)| *known == language) {
            Some((_, count)) => *count += 1,
            None => counts.push((language, 1)),
        }
    }
    let most = counts.iter().map(|(_, count)| *count).max()?;
    counts.iter().find(|(_, count)| *count == most).map(|(language, _)| *language)
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
    fn the_majority_speaks_for_the_short_ones() {
        assert_eq!(majority([Some("fr"), None, Some("en"), Some("fr")].into_iter()), Some("fr"));
        assert_eq!(majority([None, None].into_iter()), None);
    }
}
