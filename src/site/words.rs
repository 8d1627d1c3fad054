//! The words discussions are printed with (`data/text/threads.toml`): counts, buttons, the lines that end a thread.

use std::collections::HashSet;
use std::sync::LazyLock;

use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Words {
    count_nouns: HashSet<String>,
    one: HashSet<String>,
    none: HashSet<String>,
    buttons: HashSet<String>,
    footers: HashSet<String>,
    author_suffixes: HashSet<String>,
    author_prefixes: HashSet<String>,
    by: HashSet<String>,
}

pub(super) static WORDS: LazyLock<Words> = LazyLock::new(|| {
    toml::from_str(include_str!("../../data/text/threads.toml"))
        .expect("data/text/threads.toml is compiled in and read by a test")
});

impl Words {
    /// The count a line states, if it is a line of few words that starts or ends with it: "Commentaires (19)", "59 comments",
    /// "3 réflexions sur « Titre »", "One thought on …".
    pub(super) fn stated_count(&self, line: &str) -> Option<u64> {
        if line.len() > 300 {
            return None;
        }
        let folded = crate::text::fold(line.trim());
        let words: Vec<&str> = folded
            .split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | ':' | '[' | ']' | '\u{a0}'))
            .filter(|word| !word.is_empty())
            .take(12)
            .collect();
        let number = |word: &str| -> Option<u64> {
            let digits: String = word.chars().filter(char::is_ascii_digit).collect();
            let plain = word.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '\u{202f}'));
            (plain && !digits.is_empty()).then(|| digits.parse().ok()).flatten()
        };
        for (at, word) in words.iter().enumerate().take(3) {
            if !self.count_nouns.contains(*word) {
                continue;
            }
            let before = at.checked_sub(1).and_then(|i| words.get(i));
            if let Some(before) = before {
                if let Some(count) = number(before) {
                    // "1 234 comments"
                    let thousands = at.checked_sub(2).and_then(|i| number(words[i]));
                    return Some(match thousands {
                        Some(head) if before.len() == 3 => head * 1000 + count,
                        _ => count,
                    });
                }
                if self.one.contains(*before) {
                    return Some(1);
                }
                if self.none.contains(*before) {
                    return Some(0);
                }
            }
            if at == 0 && words.len() == 2 {
                return number(words[1]);
            }
        }
        None
    }

    /// Whether a whole line is a button or label.
    pub(super) fn is_button(&self, line: &str) -> bool {
        if line.len() > 60 {
            return false;
        }
        let folded = crate::text::fold(line);
        // Isso prints the votes before it: "3 | Répondre".
        let bare = folded.trim().trim_start_matches(|c: char| c.is_ascii_digit() || c.is_whitespace());
        let bare = bare.trim_matches(|c: char| c.is_whitespace() || matches!(c, '·' | '•' | '↓' | '→' | '|'));
        self.buttons.contains(bare)
    }

    /// Whether a whole line ends the discussion.
    pub(super) fn is_footer(&self, line: &str) -> bool {
        line.len() <= 80 && self.footers.contains(crate::text::fold(line.trim()).as_str())
    }

    /// A name without what is printed around it: "Zoé dit :" gives "Zoé".
    pub(super) fn author<'a>(&self, printed: &'a str) -> &'a str {
        let name = printed.trim().trim_end_matches(':').trim();
        // The last words, longest tail first: "a écrit" before "écrit".
        let tails = name.char_indices().filter(|(_, c)| c.is_whitespace());
        tails
            .filter(|(at, _)| self.author_suffixes.contains(crate::text::fold(name[*at..].trim()).as_str()))
            .map(|(at, _)| name[..at].trim_end())
            .next()
            .unwrap_or(name)
    }

    /// What stands before and after the "by" of a line: "2 mai 2024 par Séverin Péan"; no name where there is no "by".
    pub(super) fn split_byline<'a>(&self, line: &'a str) -> (&'a str, Option<&'a str>) {
        let mut at = 0;
        for word in line.split_inclusive(char::is_whitespace) {
            let end = at + word.len();
            if self.by.contains(&crate::text::fold(word.trim())) {
                let name = line[end..].trim();
                let is_name = !name.is_empty() && name.chars().count() <= 60;
                return (line[..at].trim(), is_name.then_some(name));
            }
            at = end;
        }
        (line.trim(), None)
    }

    /// A byline without its "By".
    pub(super) fn byline<'a>(&self, printed: &'a str) -> &'a str {
        let name = printed.trim();
        let Some((head, tail)) = name.split_once(char::is_whitespace) else { return name };
        let head = crate::text::fold(head.trim_end_matches(':'));
        if self.author_prefixes.contains(&head) { tail.trim() } else { name }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_as_sites_print_them() {
        for (line, count) in [
            ("Commentaires (19)", Some(19)),
            ("59 comments", Some(59)),
            ("59 Comments", Some(59)),
            ("1\u{202f}234 commentaires", Some(1234)),
            ("1,234 comments", Some(1234)),
            ("3 réflexions sur « Vendre ses données »", Some(3)),
            ("One thought on “Title”", Some(1)),
            ("Aucun commentaire", Some(0)),
            ("Comments: 7", Some(7)),
            ("Les commentaires sont fermés", None),
            ("Nos 12 commentaires préférés de 2024 sont ici", Some(12)),
            ("On a reçu 3000 euros et des commentaires", None),
        ] {
            assert_eq!(WORDS.stated_count(line), count, "{line}");
        }
    }

    #[test]
    fn names_and_buttons() {
        assert_eq!(WORDS.author("Zoé a écrit :"), "Zoé");
        assert_eq!(WORDS.author("Édith says:"), "Édith");
        assert_eq!(WORDS.author("Bénédicte"), "Bénédicte");
        assert_eq!(WORDS.byline("By admin"), "admin");
        assert!(WORDS.is_button("Répondre"));
        assert!(WORDS.is_button("3 | Répondre"));
        assert!(!WORDS.is_button("Répondre à quoi ?"));
        assert!(WORDS.is_footer("Leave a comment"));
    }
}
