use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Appends `text` to `out` without case and accents: compatibility decomposition, combining marks dropped,
/// `œ` → `oe`, `æ` → `ae`, `ß` → `ss`, `ø` → `o`, every apostrophe → `'`.
pub fn fold_into(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            'A'..='Z' => out.push(c.to_ascii_lowercase()),
            c if c.is_ascii() => out.push(c),
            '’' | '‘' | 'ʼ' | '′' | '＇' => out.push('\''),
            'é' | 'è' | 'ê' | 'ë' | 'É' | 'È' | 'Ê' => out.push('e'),
            'à' | 'â' | 'À' | 'Â' => out.push('a'),
            'ç' | 'Ç' => out.push('c'),
            'ù' | 'û' | 'ü' => out.push('u'),
            'ô' | 'ø' | 'Ø' => out.push('o'),
            'î' | 'ï' => out.push('i'),
            'œ' | 'Œ' => out.push_str("oe"),
            'æ' | 'Æ' => out.push_str("ae"),
            'ß' | 'ẞ' => out.push_str("ss"),
            c if is_invisible(c) => {}
            c => {
                for plain in std::iter::once(c).nfkd().filter(|&d| !is_combining_mark(d)) {
                    out.extend(plain.to_lowercase());
                }
            }
        }
    }
}

/// [`fold_into`] a fresh string.
///
/// ```
/// assert_eq!(causerie::text::fold("L’Œuvre DÉJÀ vue"), "l'oeuvre deja vue");
/// ```
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fold_into(text, &mut out);
    out
}

/// Whether `c` takes no room and means nothing inside a word: soft hyphen, zero-width blank, non-joiner, word joiner,
/// byte order mark. The joiner U+200D is not among them: it makes emoji.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}' | '\u{200c}' | '\u{2060}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quick_path_agrees_with_unicode() {
        for c in "éèêëÉÈÊàâÀÂçÇùûüôîï".chars() {
            let slow: String =
                std::iter::once(c).nfkd().filter(|&d| !is_combining_mark(d)).flat_map(char::to_lowercase).collect();
            assert_eq!(fold(&c.to_string()), slow, "{c}");
        }
    }

    #[test]
    fn decomposed_and_styled_letters_fold_alike() {
        assert_eq!(fold("e\u{301}te\u{301}"), "ete");
        assert_eq!(fold("𝐚𝐫𝐧𝐚𝐪𝐮𝐞 ＳＣＡＭ"), "arnaque scam");
    }
}
