//! The words discussions are printed with (`data/text/threads.toml`): counts, buttons, the lines that end a thread.

use std::collections::HashSet;
use std::sync::LazyLock;

use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Words {
    count_nouns: HashSet<String>,
    loose_nouns: HashSet<String>,
    count_leads: HashSet<String>,
    count_about: HashSet<String>,
    count_about_quoted: HashSet<String>,
    one: HashSet<String>,
    none: HashSet<String>,
    buttons: HashSet<String>,
    footers: HashSet<String>,
    author_suffixes: HashSet<String>,
    author_prefixes: HashSet<String>,
    by: HashSet<String>,
    in_reply_to: HashSet<String>,
    labels: HashSet<String>,
    more: HashSet<String>,
    more_comments: HashSet<String>,
    other_lists: HashSet<String>,
    other_names: Vec<String>,
    membership: HashSet<String>,
    since: HashSet<String>,
    answers: HashSet<String>,
    count_about_this: HashSet<String>,
    count_kinds: HashSet<String>,
    reading_times: Vec<String>,
    reading_units: HashSet<String>,
}

pub(super) static WORDS: LazyLock<Words> = LazyLock::new(|| {
    toml::from_str(include_str!("../../data/text/threads.toml"))
        .expect("data/text/threads.toml is compiled in and read by a test")
});

/// Characters of a writer's name, or several's, with the date that may stand behind.
const MAX_WRITER: usize = 120;

/// Words of "Con nosotros desde el" before its date.
const MAX_SINCE: usize = 5;

impl Words {
    /// The count a line states, if it is a line of few words that starts or ends with it: "Commentaires (19)", "59 comments",
    /// "3 réflexions sur « Titre »", "One thought on …". Headlines count things too ("10 réponses à vos questions"), so
    /// nouns with other uses, and numbers that are words, count only where the line ends or names what was commented on.
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
        let nouns = words.iter().enumerate().take(7).filter(|(_, word)| self.count_nouns.contains(**word));
        for (at, noun) in nouns {
            let (before, after) = (&words[..at], &words[at + 1..]);
            // "3 Reader Comments".
            let before = match before.split_last() {
                Some((kind, counted)) if !counted.is_empty() && self.count_kinds.contains(*kind) => counted,
                _ => before,
            };
            let after = if after.iter().any(|word| word.contains(char::is_alphanumeric)) { after } else { &[] };
            let ends = after.is_empty() || self.names_the_article(after);
            let loose = self.loose_nouns.contains(*noun);
            if let Some((count, taken)) = count_at_end(before) {
                let lead = &before[..before.len() - taken];
                if (lead.len() <= 1 || self.are_leads(lead)) && (ends || !loose) {
                    return count;
                }
                continue;
            }
            if let Some((word, lead)) = before.split_last()
                && ends
                && self.are_leads(lead)
            {
                if self.one.contains(*word) {
                    return Some(1);
                }
                if self.none.contains(*word) {
                    return Some(0);
                }
            }
            // "Commentaires · 3"; "Reply · 3" is a button.
            let mark = after.first().filter(|word| !loose && matches!(**word, "·" | "•" | "|" | "–" | "—"));
            let after = if mark.is_some() { &after[1..] } else { after };
            let is_marked = !loose || folded.contains(['(', ':', '[']);
            if is_marked
                && self.are_leads(before)
                && let Some((count, taken)) = count_at_end(after)
                && taken == after.len()
            {
                return count;
            }
        }
        None
    }

    /// Whether a folded line, without marks and numbers, is nothing but what a count of comments is called: "Commentaires".
    pub(super) fn is_count_noun(&self, line: &str) -> bool {
        line.len() <= 40
            && self.count_nouns.contains(crate::text::fold(line).trim_matches(|c: char| !c.is_alphabetic()))
    }

    /// Whether a line holds what a count of comments is called.
    pub(super) fn holds_count_noun(&self, line: &str) -> bool {
        crate::text::fold(line).split(|c: char| !c.is_alphabetic()).any(|word| self.count_nouns.contains(word))
    }

    /// Whether a line begins with how long reading takes: "4 min de lecture", "Lesezeit: 3 Min.".
    pub(super) fn is_reading_time(&self, line: &str) -> bool {
        let folded = crate::text::fold(&line[..line.ceil_char_boundary(48.min(line.len()))]);
        let mut words = folded
            .split(|c: char| c.is_whitespace() || matches!(c, '\u{a0}' | '.' | ',' | '-'))
            .filter(|word| !word.is_empty());
        let counts_minutes = words.next().is_some_and(|word| word.bytes().all(|b| b.is_ascii_digit()))
            && words.next().is_some_and(|word| self.reading_units.contains(word));
        counts_minutes || self.reading_times.iter().any(|phrase| folded.starts_with(phrase.as_str()))
    }

    /// Whether a line that states a count may count something else than comments: "Voir les 2 réponses".
    pub(super) fn is_loose_count(&self, line: &str) -> bool {
        crate::text::fold(line).split(|c: char| !c.is_alphanumeric()).any(|word| self.loose_nouns.contains(word))
    }

    /// Whether all words are such as stand before a count: "Lire les", "There are".
    fn are_leads(&self, words: &[&str]) -> bool {
        words.iter().all(|word| self.count_leads.contains(*word))
    }

    /// Whether the words behind a count go on with the title: "on Title", "à « Titre »".
    fn names_the_article(&self, words: &[&str]) -> bool {
        let (Some(first), Some(second)) = (words.first(), words.get(1)) else { return false };
        self.count_about_this.contains(&words.join(" "))
            || self.count_about.contains(*first)
            || self.count_about.contains(&format!("{first} {second}"))
            || (self.count_about_quoted.contains(*first) && second.starts_with(['«', '“', '"', '„', '\'']))
    }

    /// Whether a whole line is a button or label of a comment, or several: "Répondre", "3 | Répondre", "Like · Reply (2)",
    /// "permalink embed save".
    pub(super) fn is_button(&self, line: &str) -> bool {
        if line.len() > 80 {
            return false;
        }
        let folded = crate::text::fold(line);
        let mut some = false;
        let all =
            folded.split(['·', '•', '|', '/', '\t', '\u{a0}']).map(bare_button).filter(|piece| !piece.is_empty()).all(
                |piece| {
                    some = true;
                    self.buttons.contains(piece) || self.are_buttons(piece)
                },
            );
        some && all
    }

    /// Whether words are nothing but buttons one after another.
    fn are_buttons(&self, words: &str) -> bool {
        let words: Vec<&str> = words.split_whitespace().take(9).collect();
        let mut rest = words.as_slice();
        while !rest.is_empty() && words.len() <= 8 {
            let longest = (1..=rest.len().min(5))
                .rev()
                .find(|&count| self.buttons.contains(bare_button(&rest[..count].join(" "))));
            let Some(count) = longest else { return false };
            rest = &rest[count..];
        }
        words.len() > 1 && rest.is_empty()
    }

    /// Whether a whole line is a button that stands under contributions only.
    pub(super) fn is_reply(&self, line: &str) -> bool {
        line.len() <= 40
            && self
                .answers
                .contains(crate::text::fold(line).trim_matches(|c: char| !c.is_alphanumeric() || c.is_ascii_digit()))
    }

    /// Whether a whole line is what stands behind a writer's name: "says".
    pub(super) fn is_said(&self, line: &str) -> bool {
        line.len() <= 20 && self.author_suffixes.contains(crate::text::fold(line.trim()).as_str())
    }

    /// A name without a label behind it: "Zoé Offline", "Zoé Author".
    pub(super) fn without_label<'a>(&self, name: &'a str) -> &'a str {
        match name.rsplit_once(' ') {
            Some((head, tail)) if !head.is_empty() && self.is_label(tail) => head.trim_end(),
            _ => name,
        }
    }

    /// Whether a line says, or begins to say, since when somebody is a member, or since or until when something holds.
    pub(super) fn is_membership(&self, line: &str) -> bool {
        let line = line.trim();
        if line.len() > 80 || line.is_empty() {
            return false;
        }
        let folded = crate::text::fold(line);
        let head = folded.split(|c: char| c == ':' || c.is_ascii_digit()).next().unwrap_or_default().trim();
        self.membership.contains(head)
            || head.rsplit_once(' ').is_some_and(|(head, _)| self.membership.contains(head.trim_end_matches(',')))
            // "They have been waiting since May." is prose.
            || !line.ends_with(['.', '!', '?', '…'])
                && head.split(' ').count() <= MAX_SINCE
                && head.split(' ').rev().take(2).any(|word| self.since.contains(word))
    }

    /// Whether a whole line is the heading of a list that is no discussion: "Live updates", "More opinion".
    pub(super) fn is_other_list(&self, line: &str) -> bool {
        line.len() <= 80
            && self.other_lists.contains(crate::text::fold(line).trim_matches(|c: char| !c.is_alphanumeric()))
    }

    /// Whether an id or class, lower case, is of what lists other articles.
    pub(super) fn names_other_articles(&self, name: &str) -> bool {
        self.other_names.iter().any(|part| name.contains(part.as_str()))
    }

    /// Whether a whole line leads from a teaser to the whole text.
    pub(super) fn is_more(&self, line: &str) -> bool {
        line.len() <= 40 && self.more.contains(crate::text::fold(line).trim_matches(|c: char| !c.is_alphanumeric()))
    }

    /// Whether a whole line leads to further comments: "Load more comments (15)", "Commentaires précédents".
    pub(super) fn is_more_comments(&self, line: &str) -> bool {
        let folded = crate::text::fold(line);
        let words = folded
            .split(|c: char| !c.is_alphanumeric() && c != '\'')
            .filter(|word| !word.is_empty() && !word.bytes().all(|b| b.is_ascii_digit()));
        line.len() <= 60 && self.more_comments.contains(&words.collect::<Vec<_>>().join(" "))
    }

    /// Whether a whole line is a label that stands around a writer's name.
    pub(super) fn is_label(&self, line: &str) -> bool {
        line.len() <= 40 && self.labels.contains(crate::text::fold(line).trim_matches(|c: char| !c.is_alphanumeric()))
    }

    /// Whether a whole line ends the discussion.
    pub(super) fn is_footer(&self, line: &str) -> bool {
        line.len() <= 80 && self.footers.contains(crate::text::fold(line.trim()).as_str())
    }

    /// A name without what is printed around it: "Zoé dit :" gives "Zoé".
    pub(super) fn author<'a>(&self, printed: &'a str) -> &'a str {
        let name = printed.trim().trim_end_matches(':').trim_end_matches("...").trim_end_matches('…').trim();
        // The last words, longest tail first: "a écrit" before "écrit".
        let tails = name.char_indices().filter(|(_, c)| c.is_whitespace());
        tails
            .filter(|(at, _)| self.author_suffixes.contains(crate::text::fold(name[*at..].trim()).as_str()))
            .map(|(at, _)| name[..at].trim_end())
            .next()
            .unwrap_or(name)
    }

    /// A name without the one it answers: "Zoé replied to Bob" gives "Zoé", "en réponse à Bob" gives nothing.
    pub(super) fn before_reply<'a>(&self, printed: &'a str) -> &'a str {
        let starts = printed
            .char_indices()
            .filter(|&(at, c)| !c.is_whitespace() && (at == 0 || printed[..at].ends_with(char::is_whitespace)));
        for (at, _) in starts.take(16) {
            // No mark is longer.
            let tail = crate::text::fold(&printed[at..printed.ceil_char_boundary(at + 48)]);
            let is_mark = |mark: &String| {
                // The name may stand in a link of its own.
                tail.strip_prefix(mark.as_str())
                    .is_some_and(|name| name.is_empty() || name.starts_with([' ', '@']) && name.len() > 1)
            };
            if self.in_reply_to.iter().any(is_mark) {
                return printed[..at].trim_end();
            }
        }
        printed
    }

    /// Whom a line says is answered: "Zoé replied to Bob" gives "Bob".
    pub(super) fn answered<'a>(&self, printed: &'a str) -> Option<&'a str> {
        let head = self.before_reply(printed);
        let tail = printed.get(head.len()..)?.trim_start();
        let folded = crate::text::fold(&tail[..tail.ceil_char_boundary(48.min(tail.len()))]);
        let words = self
            .in_reply_to
            .iter()
            .filter(|mark| folded.starts_with(mark.as_str()))
            .map(|mark| mark.split(' ').count())
            .max()?;
        let name = tail
            .splitn(words + 1, char::is_whitespace)
            .nth(words)?
            .trim()
            .trim_start_matches('@')
            .trim_end_matches(':')
            .trim();
        (!name.is_empty() && name.chars().count() <= 60).then_some(name)
    }

    /// What stands before and after the "by" of a line: "2 mai 2024 par Séverin Péan"; no name where there is no "by".
    pub(super) fn split_byline<'a>(&self, line: &'a str) -> (&'a str, Option<&'a str>) {
        let mut at = 0;
        for word in line.split_inclusive(char::is_whitespace) {
            let end = at + word.len();
            if self.by.contains(&crate::text::fold(word.trim())) {
                let name = line[end..].trim();
                let is_name = !name.is_empty() && name.chars().count() <= MAX_WRITER;
                return (line[..at].trim(), is_name.then_some(name));
            }
            at = end;
        }
        (line.trim(), None)
    }

    /// Whether a line ends with the "by" before a name: "2 mai 2024, par".
    pub(super) fn introduces(&self, line: &str) -> bool {
        let last = line.trim_end().rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        line.len() <= MAX_WRITER && self.by.contains(&crate::text::fold(last))
    }

    /// A byline without its "By".
    pub(super) fn byline<'a>(&self, printed: &'a str) -> &'a str {
        let name = printed.trim();
        let ends = name.char_indices().filter(|(_, c)| c.is_whitespace()).map(|(at, _)| at).take(2);
        let behind = |end: usize| {
            let head = crate::text::fold(name[..end].trim_end_matches(':'));
            self.author_prefixes.contains(&head).then(|| name[end..].trim())
        };
        ends.filter_map(behind).last().unwrap_or(name)
    }
}

/// A button without its count, arrows and marks: "↓ 12", "(3)".
fn bare_button(folded: &str) -> &str {
    let is_mark = |c: char| {
        c.is_whitespace()
            || c.is_ascii_digit()
            || matches!(
                c,
                '↓' | '↑'
                    | '→'
                    | '←'
                    | '›'
                    | '»'
                    | '▾'
                    | '▲'
                    | '▼'
                    | '+'
                    | '−'
                    | '↩'
                    | '⤶'
                    | '('
                    | ')'
                    | '…'
            )
    };
    folded.trim_matches(is_mark)
}

/// Counts above this are no counts of comments.
const MAX_COUNT: u64 = 10_000_000;

/// The number that `words` end with, "1 234" being one, and how many words it takes; a number too high to be a count is
/// read as none.
fn count_at_end(words: &[&str]) -> Option<(Option<u64>, usize)> {
    let mut groups: Vec<&str> = Vec::new();
    let mut taken = 0;
    for word in words.iter().rev() {
        let of_word: Vec<&str> = word.split(['.', ',']).collect();
        let is_number = of_word.iter().all(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
            && (of_word.len() == 1 || of_word[0].len() <= 3)
            && of_word[1..].iter().all(|digits| digits.len() == 3);
        let joins = groups.first().is_none_or(|next| next.len() == 3 && of_word.len() == 1 && word.len() <= 3);
        if !is_number || !joins {
            break;
        }
        groups.splice(0..0, of_word);
        taken += 1;
    }
    let digits = groups.concat();
    (taken > 0).then(|| (digits.parse().ok().filter(|count| *count <= MAX_COUNT), taken))
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
            ("Commentaires (1 234)", Some(1234)),
            ("Tous les commentaires (2)", Some(2)),
            ("All comments (2)", Some(2)),
            ("Vos réactions (2)", Some(2)),
            ("There are 2 comments", Some(2)),
            ("Lire les 2 commentaires", Some(2)),
            ("Voir les 1 234 commentaires", Some(1234)),
            ("1,2k comments", None),
            ("1.5 comments", None),
            ("Une réponse", Some(1)),
            ("One response to Title", Some(1)),
            ("2 réponses à « Titre »", Some(2)),
            ("Aucune réponse", Some(0)),
            ("99999999999999999999 comments", None),
            ("18446744073709551 615 comments", Some(615)),
            ("999 999 999 999 999 999 999 comments", None),
        ] {
            assert_eq!(WORDS.stated_count(line), count, "{line}");
        }
    }

    #[test]
    fn headlines_that_count_something_else() {
        for (line, count) in [
            ("Une réponse européenne au Cloud Act", None),
            ("10 réponses à vos questions sur la 5G", None),
            ("Aucun avis favorable", None),
            ("3 messages à retenir", None),
            ("No comment from the company so far", None),
            ("Message 2", None),
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
        assert_eq!(WORDS.before_reply("Zoé replied to Bob"), "Zoé");
        assert_eq!(WORDS.before_reply("Zoé en réponse à Bob"), "Zoé");
        assert_eq!(WORDS.before_reply("En réponse à Bob"), "");
        assert_eq!(WORDS.before_reply("Zoé répond"), "Zoé répond");
        assert_eq!(WORDS.answered("Zoé en réponse à Bob :"), Some("Bob"));
        assert_eq!(WORDS.answered("in reply to @old sam"), Some("old sam"));
        assert_eq!(WORDS.answered("Zoé répond"), None);
        assert!(WORDS.is_button("Répondre"));
        assert!(WORDS.is_button("3 | Répondre"));
        assert!(WORDS.is_button("Like · Reply (2) · Share"));
        assert!(WORDS.is_button("permalink embed save report reply"));
        assert!(WORDS.is_button("Antworten Melden"));
        assert!(!WORDS.is_button("Répondre à quoi ?"));
        assert!(!WORDS.is_button("12"));
        assert!(!WORDS.is_button("like it or not"));
        assert!(WORDS.is_footer("Leave a comment"));
        assert!(WORDS.is_membership("Joined: 3 May 2010"));
        assert!(WORDS.is_membership("Con nosotros desde el 1 de octubre de 2004"));
        assert!(!WORDS.is_membership("Zoé, le 1er octobre 2004"));
    }
}
