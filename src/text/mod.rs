//! Reading what people wrote: whose words, which language, which tokens. Byte offsets always lead back to the
//! original text, which never changes.

mod amounts;
mod copies;
mod fold;
mod language;
pub(crate) mod lists;
pub(crate) mod negation;
mod quotes;
mod tokens;

pub mod dates;

pub use fold::{fold, fold_into};
pub use language::{language, majority};
pub use tokens::{Token, TokenKind, Tokens, tokens};

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

use crate::model::{CodedComment, Quote, Span, Thread};
use copies::{Copies, Shingled, Shingles};

/// Comments read side by side.
const AT_A_TIME: usize = 2048;

/// Reads every comment of a thread: its quotes, its own words, its language. One entry a comment, in order;
/// `coded` stays empty.
///
/// A language is kept only where the comment itself tells it: short comments have none, and a short one that
/// seems to speak another language than the rest of its thread only where its words bear that out.
pub fn read(thread: &Thread) -> Vec<CodedComment> {
    read_with_tokens(thread).into_iter().map(|(comment, _)| comment).collect()
}

/// The stretches of an article between quotation marks, four words at least: what it has people say.
pub(crate) fn direct_speech(text: &str) -> Vec<Span> {
    quotes::marked_spans(text)
}

/// As [`read`], with the tokens of each comment (quotes as one token each), so that a coder need not cut again.
pub fn read_with_tokens(thread: &Thread) -> Vec<(CodedComment, Tokens)> {
    let mut sources = Copies::default();
    for text in [&thread.article.title, &thread.article.body].into_iter().flatten() {
        sources.add_article(&Shingled::of(text));
    }
    for comments in thread.comments.chunks(AT_A_TIME) {
        let shingled: Vec<Shingled> = comments.par_iter().map(|comment| Shingled::of(&comment.text)).collect();
        for text in &shingled {
            sources.count(text);
        }
    }
    let parents: HashSet<&str> = thread.comments.iter().filter_map(|comment| comment.reply_to.as_deref()).collect();
    // Once for each comment that is answered, however often.
    let said: HashMap<&str, Shingles> = thread
        .comments
        .par_iter()
        .filter(|comment| parents.contains(comment.id.as_str()))
        .map(|comment| (comment.id.as_str(), Shingled::of(&comment.text).shingles()))
        .collect();
    let mut read: Vec<(CodedComment, Tokens)> = Vec::with_capacity(thread.comments.len());
    for comments in thread.comments.chunks(AT_A_TIME) {
        let marked = comments
            .par_iter()
            .map(|comment| (quotes::find(&comment.text, &comment.quotes), Shingled::of(&comment.text)));
        let marked: Vec<(quotes::Found, Shingled)> = marked.collect();
        // One after the other: an earlier comment is a source of a later one.
        let quoted = comments.iter().zip(marked).map(|(comment, (found, shingled))| {
            let answered = comment.reply_to.as_deref().and_then(|parent| said.get(parent));
            let quotes = quotes::with_copies(found, sources.find(&comment.text, &shingled, answered));
            sources.add(&shingled);
            quotes
        });
        let quoted: Vec<Vec<Quote>> = quoted.collect();
        read.par_extend(comments.par_iter().zip(quoted).map(|(comment, quotes)| {
            let tokens = tokens(&comment.text, &quotes);
            let language = language(&comment.text, &tokens).map(str::to_owned);
            let own_text = quotes::own_text(&comment.text, &quotes);
            (CodedComment { language, own_text, quotes, coded: None }, tokens)
        }));
    }
    let spoken = majority(read.iter().map(|(comment, _)| comment.language.as_deref())).map(str::to_owned);
    for (comment, tokens) in &mut read {
        let language = comment.language.take();
        comment.language =
            language.filter(|told| spoken.as_deref().is_none_or(|spoken| language::is_believed(told, spoken, tokens)));
    }
    read
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Article, Comment};

    fn thread(texts: &[&str]) -> Thread {
        let body = "La société affirme que personne ne pourra jamais lire les messages privés. Elle paie 100 euros.";
        let comments = texts.iter().enumerate().map(|(i, text)| Comment {
            id: format!("c{i}"),
            text: (*text).into(),
            ..Comment::default()
        });
        Thread {
            article: Article { body: Some(body.into()), ..Article::default() },
            comments: comments.collect(),
            ..Thread::default()
        }
    }

    #[test]
    fn earlier_comments_are_sources_and_later_ones_are_not() {
        let thread = thread(&[
            "Je trouve que cette offre est vraiment très généreuse pour nous.",
            "Je trouve que cette offre est vraiment très généreuse pour nous.\nEt puis quoi encore ?",
        ]);
        let read = read(&thread);
        assert!(read[0].quotes.is_empty());
        assert_eq!(read[1].own_text, "Et puis quoi encore ?");
        assert_eq!(read[1].quotes[0].span, Span::new(0, thread.comments[0].text.len()));
    }

    #[test]
    fn words_of_the_comment_answered_are_quotes_and_those_of_others_are_shared() {
        let line = "je n'ai aucune confiance dans cette entreprise qui va tout revendre";
        let mut thread = thread(&[line, &format!("Oui, {line}, et alors ?"), &format!("Moi aussi {line}. Marc")]);
        thread.comments[1].reply_to = Some("c0".into());
        let own: Vec<String> = read(&thread).into_iter().map(|comment| comment.own_text).collect();
        assert!(own[1].contains("alors") && !own[1].contains("confiance"), "{own:?}");
        assert_eq!(own[2], thread.comments[2].text);
    }

    #[test]
    fn what_many_write_is_everybodys_own() {
        let call = "Nous exigeons une enquête publique sur la vente de nos données.\nSigné :";
        let texts: Vec<String> = ["Léa", "Bob", "Zoé"].iter().map(|name| format!("{call} {name}")).collect();
        let thread = thread(&texts.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(read(&thread).iter().all(|comment| comment.quotes.is_empty()));
    }

    #[test]
    fn markup_quotes_come_first() {
        let mut thread = thread(&["ils mentent\n\nPas sûr."]);
        thread.comments[0].quotes = vec![Quote { span: Span::new(0, 11), author: Some("Léa".into()) }];
        let read = read(&thread);
        assert_eq!(read[0].own_text, "Pas sûr.");
        assert_eq!(read[0].quotes, thread.comments[0].quotes);
    }

    #[test]
    fn a_short_outsider_is_told_by_its_words() {
        let thread = thread(&[
            "Je ne comprends pas pourquoi les gens acceptent ce genre de contrat aussi facilement.",
            "Voila donc un projet super cool pour les gens",
            "Wait and see what they do",
        ]);
        let languages: Vec<_> = read(&thread).into_iter().map(|comment| comment.language).collect();
        assert_eq!([languages[0].as_deref(), languages[2].as_deref()], [Some("fr"), Some("en")]);
        assert_eq!(languages[1].as_deref(), Some("fr"));
    }

    proptest::proptest! {
        #[test]
        fn quotes_fit_the_text_and_never_overlap(text in "(\\PC|[ \n«»“”\"‘’>:a]|a dit :|un mot ){0,80}") {
            let read = read(&thread(&["un mot un mot un mot un mot un mot", &text]));
            let mut at = 0;
            for quote in &read[1].quotes {
                assert!(quote.span.start >= at && text.get(quote.span.start..quote.span.end).is_some(), "{text:?}");
                at = quote.span.end;
            }
        }
    }
}
