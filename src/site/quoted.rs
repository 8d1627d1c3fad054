//! Whom a comment answers by what it quotes: "Zoé a dit :" and words that an earlier comment of Zoé's holds.

use std::collections::HashMap;

use crate::model::{Comment, ReplyBasis};
use crate::text::fold;

/// Earlier comments of one writer that are looked at, the latest first.
const MAX_LOOKED_AT: usize = 40;
/// Letters of a quote that must be found: the quoted may be cut or set otherwise further on.
const ENOUGH: usize = 60;

/// A quote at the head of a comment: who is quoted, and what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Quoted {
    pub(super) name: String,
    pub(super) words: String,
}

/// Sets `reply_to` where a comment without one quotes an earlier one; `heads` are the quotes, one a comment.
pub(super) fn answer(comments: &mut [Comment], heads: &[Option<Quoted>]) {
    let mut of_writer: HashMap<String, Vec<usize>> = HashMap::new();
    let words: Vec<String> = comments.iter().map(|comment| letters(&comment.text)).collect();
    for at in 0..comments.len() {
        if let Some(Some(quoted)) = heads.get(at)
            && comments[at].reply_to.is_none()
        {
            let wanted: String = letters(&quoted.words).chars().take(ENOUGH).collect();
            let earlier = of_writer.get(&fold(quoted.name.trim())).map(Vec::as_slice).unwrap_or_default();
            let found = earlier.iter().rev().take(MAX_LOOKED_AT).find(|at| words[**at].contains(&wanted));
            if let Some(above) = found.filter(|_| !wanted.is_empty()) {
                let id = comments[*above].id.clone();
                comments[at].reply_to = Some(id);
                comments[at].reply_basis = Some(ReplyBasis::Quote);
                comments[at].depth = None;
            }
        }
        if let Some(author) = &comments[at].author {
            of_writer.entry(fold(author.name.trim())).or_default().push(at);
        }
    }
}

/// A text's letters and digits, to compare.
fn letters(text: &str) -> String {
    fold(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Author;

    fn comment(id: &str, name: &str, text: &str) -> Comment {
        Comment {
            id: id.into(),
            author: Some(Author { name: name.into(), avatar: None }),
            text: text.into(),
            ..Comment::default()
        }
    }

    #[test]
    fn the_latest_that_holds_the_words_is_answered() {
        let mut comments = [
            comment("c1", "Zoé", "Rien ne va plus."),
            comment("c2", "Zoé", "Autre chose."),
            comment("c3", "Bob", "Zoé a dit : Rien ne va plus ! Si."),
        ];
        let quoted = |words: &str| Some(Quoted { name: "zoé".into(), words: words.into() });
        answer(&mut comments, &[None, None, quoted("Rien ne va plus")]);
        assert_eq!(comments[2].reply_to.as_deref(), Some("c1"));
        comments[2].reply_to = None;
        answer(&mut comments, &[None, None, quoted("Jamais dit")]);
        assert_eq!(comments[2].reply_to, None);
    }
}
