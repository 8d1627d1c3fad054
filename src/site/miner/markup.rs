//! Parts of names by which markup says what it holds (`data/text/markup.toml`).

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    author: Vec<String>,
    author_words: Vec<String>,
    people: Vec<String>,
    discussion: Vec<String>,
    comment: Vec<String>,
    answers: Vec<String>,
    contribution: Vec<String>,
    contribution_parts: Vec<String>,
    signature: Vec<String>,
    level: Vec<String>,
    teasers: Vec<String>,
    article_text: Vec<String>,
    title: Vec<String>,
}

pub(super) struct Markup {
    author: AhoCorasick,
    author_words: Vec<String>,
    people: AhoCorasick,
    discussion: AhoCorasick,
    comment: AhoCorasick,
    answers: AhoCorasick,
    contribution: Vec<String>,
    contribution_parts: Vec<String>,
    signature: Vec<String>,
    level: AhoCorasick,
    teasers: AhoCorasick,
    article_text: Vec<String>,
    title: Vec<String>,
}

pub(super) static MARKUP: LazyLock<Markup> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("../../../data/text/markup.toml"))
        .expect("data/text/markup.toml is compiled in and read by a test");
    let any = |words: &[String]| {
        AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(words)
            .expect("a few dozen short words are within the automaton's limits")
    };
    Markup {
        author: any(&file.author),
        author_words: file.author_words,
        people: any(&file.people),
        discussion: any(&file.discussion),
        comment: any(&file.comment),
        answers: any(&file.answers),
        contribution: file.contribution,
        contribution_parts: file.contribution_parts,
        signature: file.signature,
        level: any(&file.level),
        teasers: any(&file.teasers),
        article_text: file.article_text,
        title: file.title,
    }
});

impl Markup {
    pub(super) fn author(&self, token: &str) -> bool {
        let is_word = |part: &str| self.author_words.iter().any(|word| word.eq_ignore_ascii_case(part));
        self.author.is_match(token) || token.split(['-', '_']).any(is_word)
    }

    pub(super) fn person(&self, href: &str) -> bool {
        self.people.is_match(href)
    }

    pub(super) fn discussion(&self, token: &str) -> bool {
        self.discussion.is_match(token)
    }

    /// Whether a token speaks of comments or answers, rather than of anything posted.
    pub(super) fn says_comment(&self, token: &str) -> bool {
        self.comment.is_match(token)
    }

    /// Whether a token speaks of answers: the name of a list of them.
    pub(super) fn answers(&self, token: &str) -> bool {
        self.answers.is_match(token)
    }

    /// Whether an id names one contribution by number: "comment-12".
    pub(super) fn numbered(&self, id: &str) -> bool {
        id.ends_with(|c: char| c.is_ascii_digit()) && self.contribution(id)
    }

    /// Whether a token names one contribution: "comment", "comment-12", "li-comment-3", not "comments-area".
    pub(super) fn contribution(&self, token: &str) -> bool {
        let token = token.to_ascii_lowercase();
        let is_one = |part: &str| self.contribution.iter().any(|word| word == part);
        let mut found = false;
        for part in token.split(['-', '_']) {
            let part = part.trim_end_matches(|c: char| c.is_ascii_digit());
            found |= is_one(part);
            if !part.is_empty() && !is_one(part) && !self.contribution_parts.iter().any(|word| word == part) {
                return false;
            }
        }
        found
    }

    pub(super) fn signature(&self, token: &str) -> bool {
        let token = token.to_ascii_lowercase();
        token.split(['-', '_']).any(|part| self.signature.iter().any(|word| word == part))
            || token.contains("signature")
    }

    pub(super) fn level(&self, token: &str) -> bool {
        self.level.is_match(token)
    }

    /// Whether a token is the name of what holds an article's text.
    pub(super) fn article_text(&self, token: &str) -> bool {
        self.article_text.iter().any(|name| name.eq_ignore_ascii_case(token))
    }

    /// Whether a token names a contribution's title: "title", "comment-title", not "user-title".
    pub(super) fn title(&self, token: &str) -> bool {
        let token = token.to_ascii_lowercase();
        let is_one = |part: &str| self.title.iter().any(|word| word == part);
        token.split(['-', '_']).any(is_one)
            && token.split(['-', '_']).all(|part| {
                part.is_empty()
                    || is_one(part)
                    || [&self.contribution, &self.contribution_parts].into_iter().flatten().any(|word| word == part)
            })
    }

    pub(super) fn teasers(&self, token: &str) -> bool {
        self.teasers.is_match(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn names_of_one_contribution() {
        for token in ["comment", "Comment-12", "li-comment-3", "kommentar_item", "reply", "cmt7"] {
            assert!(MARKUP.contribution(token), "{token}");
        }
        for token in ["comments", "comment-list", "comment-form", "item", "commentary", ""] {
            assert!(!MARKUP.contribution(token), "{token}");
        }
        assert!(MARKUP.title("comment__title") && MARKUP.title("titre") && !MARKUP.title("user-title"));
        assert!(MARKUP.numbered("comment-12") && !MARKUP.numbered("comment"));
    }

    #[test]
    fn signatures_and_levels() {
        assert!(MARKUP.signature("post-sig") && MARKUP.signature("userSignature") && !MARKUP.signature("design"));
        assert!(MARKUP.level("level-2") && MARKUP.level("depth3") && !MARKUP.level("comment"));
    }
}
