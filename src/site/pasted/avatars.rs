//! The words that browsers copy in place of profile pictures.

use crate::text::fold;

/// Whether a line that names an avatar can be one's alternative text, not a sentence about avatars.
pub(super) fn is_avatar(line: &str) -> bool {
    line.split_whitespace().count() <= 6 && !line.ends_with(['.', '!', '?', '…', ':', ';', ','])
}

/// What the alternative texts of different people's avatars share.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Template {
    /// "Avatar de Zoé": the words up to the name.
    Before(String, bool),
    /// "Zoé's avatar": the words behind the name.
    After(String),
}

impl Template {
    /// The templates an avatar's text may follow, the narrower first.
    pub(super) fn of(mark: &str) -> Vec<Self> {
        let folded = plain(mark);
        let words: Vec<&str> = folded.split_whitespace().collect();
        let Some(avatar) = words.iter().position(|word| word.contains("avatar")) else { return Vec::new() };
        let after = &words[avatar + 1..];
        if after.is_empty() {
            let owned = words[..avatar].last().is_some_and(|word| word.ends_with("'s"));
            return vec![Self::After(format!("{} {}", if owned { "'s" } else { "" }, words[avatar]))];
        }
        let up_to_avatar = words[..=avatar].join(" ");
        let mut templates = Vec::new();
        if after.len() > 1 {
            templates.push(Self::Before(format!("{up_to_avatar} {} ", after[0]), true));
        }
        templates.push(Self::Before(format!("{up_to_avatar} "), false));
        templates
    }

    /// Whether the template leaves a name open, so that lines that differ are expected.
    pub(super) fn holds_a_name(&self) -> bool {
        match self {
            Self::Before(_, linked) => *linked,
            Self::After(tail) => tail.starts_with("'s"),
        }
    }

    pub(super) fn fits(&self, line: &str) -> bool {
        let folded = plain(line);
        is_avatar(line)
            && match self {
                Self::Before(head, _) => folded.starts_with(head.as_str()),
                Self::After(tail) => folded.ends_with(tail.as_str()),
            }
    }
}

/// Folded, the elided "d'" before a vowel as "de".
fn plain(line: &str) -> String {
    fold(line).replace(" d'", " de ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_tell_alternative_texts_from_sentences() {
        let fits = |mark: &str, line: &str| Template::of(mark).iter().map(|t| t.fits(line)).collect::<Vec<_>>();
        assert_eq!(fits("Avatar de Zoé", "Avatar d’Élise Roux"), [true, true]);
        assert_eq!(fits("Avatar de Zoé", "Vous avez vu Avatar de Cameron"), [false, false]);
        assert_eq!(fits("Avatar de Zoé", "Avatar de Cameron, ça vous parle ?"), [false, false]);
        assert_eq!(fits("Zoé's avatar", "Old Sam's avatar"), [true]);
        assert_eq!(fits("Zoé's avatar", "I liked avatar"), [false]);
    }
}
