//! Somebody else's words inside a comment: set apart by markup, by quotation marks, by `>` lines, by a board's
//! "X a dit :", or copied from the article or an earlier comment without any mark.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::copies::words;
use super::fold;
use super::lists::{Words, rows};
use crate::model::{Quote, Span};

/// A marked stretch of fewer words is the writer's own: irony marks, titles, terms.
const FEWEST_WORDS: usize = 4;
/// A pair of marks further apart than this (bytes) is taken for a forgotten closing mark.
const LONGEST: usize = 3000;

static MARKS: LazyLock<Vec<(char, char)>> = LazyLock::new(|| {
    rows(include_str!("../../data/text/quote-marks.tsv"))
        .filter_map(|row| Some((row[0].chars().next()?, row.get(1)?.chars().next()?)))
        .collect()
});
static HEADS: LazyLock<Words> = LazyLock::new(|| Words::of(include_str!("../../data/text/quote-heads.txt")));

/// The quotes of `text` that something marks: the markup (`marked`), signs and words.
pub(super) fn find(text: &str, marked: &[Quote]) -> Found {
    let mut quotes = Found::new();
    for quote in marked {
        if !quote.span.of(text).is_empty() {
            add(&mut quotes, quote.clone());
        }
    }
    headed(text, &mut quotes);
    arrows(text, &mut quotes);
    let mut marked = quotes.clone();
    punctuated(text, &mut marked);
    // Who puts all they say in quotation marks says it: where marks would leave no word, they are no quote's.
    let more = marked.len() > quotes.len();
    if more && (says_something(text, &marked) || !says_something(text, &quotes)) { marked } else { quotes }
}

/// All quotes of a text, in order, not overlapping: those that are marked, and what it copied without a mark.
pub(super) fn with_copies(mut quotes: Found, copied: Vec<Span>) -> Vec<Quote> {
    for span in copied {
        add(&mut quotes, Quote { span, author: None });
    }
    quotes.into_values().collect()
}

/// Whether there is a letter outside the quotes, links and mentions left out.
fn says_something(text: &str, quotes: &Found) -> bool {
    let mut at = 0;
    let ends = quotes.values().map(|quote| (quote.span.start, quote.span.end)).chain([(text.len(), text.len())]);
    let mut own = String::new();
    for (start, end) in ends {
        own.push_str(text.get(at..start).unwrap_or(""));
        own.push(' ');
        at = end;
    }
    let words = own.split_whitespace().filter(|word| !word.starts_with(['@', '#']) && !word.starts_with("http"));
    words.flat_map(str::chars).any(char::is_alphabetic)
}

/// The quotes found so far, by where they begin.
pub(super) type Found = BTreeMap<usize, Quote>;

/// The spans of `text` between quotation marks: direct speech, in an article.
pub(super) fn marked_spans(text: &str) -> Vec<Span> {
    let mut found = Found::new();
    punctuated(text, &mut found);
    found.into_values().map(|quote| quote.span).collect()
}

/// Adds a quote unless a known one overlaps it.
fn add(quotes: &mut Found, quote: Quote) {
    let before = quotes.range(..quote.span.end).next_back();
    if before.is_none_or(|(_, known)| !known.span.overlaps(quote.span)) {
        quotes.insert(quote.span.start, quote);
    }
}

/// Each line with its byte offset, without its line break.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split('\n').map(move |line| {
        let start = at;
        at += line.len() + 1;
        (start, line)
    })
}

/// Runs of lines that begin with `>`, as in e-mail.
fn arrows(text: &str, quotes: &mut Found) {
    let mut run: Option<(Span, usize)> = None;
    let mut settle = |run: Option<(Span, usize)>| {
        let Some((span, said)) = run else { return };
        // One word may be a sign of its own ("> 100€"), or all that somebody says; above what somebody says it is a quote.
        let above = |word: &str| {
            let letters = |text: &str| text.contains(char::is_alphabetic);
            word.starts_with("> ") && letters(word) && letters(&text[span.end..])
        };
        if said > 1 || (said == 1 && above(span.of(text))) {
            add(quotes, Quote { span, author: None });
        }
    };
    for (start, line) in lines(text) {
        let trimmed = line.trim();
        if is_arrow(trimmed, run.is_some()) {
            let end = start + line.trim_end().len();
            let begin = start + (line.len() - line.trim_start().len());
            let (known, said) = run.unwrap_or((Span::new(begin, end), 0));
            run = Some((Span::new(known.start, end), said + words(trimmed).len()));
        } else {
            settle(run.take());
        }
    }
    settle(run);
}

/// Whether a line begins as quoted ones do; a bare ">" is an empty line of a quote.
fn is_arrow(line: &str, within: bool) -> bool {
    let Some(rest) = line.strip_prefix('>') else { return false };
    let begins = || !rest.trim_matches('>').is_empty() && !is_face(line);
    !rest.starts_with('_') && (within || begins())
}

/// Whether the first word of a line that begins with ">" is a face: ">:(", ">.<".
fn is_face(line: &str) -> bool {
    let first = line.split_whitespace().next().unwrap_or_default();
    let behind = first.trim_start_matches('>');
    first.chars().count() <= 4
        && behind.starts_with([':', ';', '=', '.', '<', '^', '|'])
        && !behind.chars().all(|sign| sign == '.')
}

/// "X a dit :" alone on its line, and the paragraph behind it (only the next line where nothing would be left).
fn headed(text: &str, quotes: &mut Found) {
    for (start, line) in lines(text) {
        let Some(author) = head_of(line) else { continue };
        let body_at = start + line.len() + 1;
        let Some(body) = text.get(body_at..).filter(|body| !body.trim().is_empty()) else { continue };
        let lead = body.len() - body.trim_start().len();
        let rest = &body[lead..];
        let window = (0..=LONGEST.min(rest.len())).rev().find(|&i| rest.is_char_boundary(i)).unwrap_or(0);
        let rest = &rest[..window];
        let paragraph = rest.find("\n\n").or_else(|| rest.find('\n')).unwrap_or(rest.len());
        let end = body_at + lead + rest[..paragraph].trim_end().len();
        add(quotes, Quote { span: Span::new(start, end), author: Some(author.to_owned()) });
    }
}

/// The name in "X a dit :", "X wrote:".
fn head_of(line: &str) -> Option<&str> {
    let before = line.trim().strip_suffix(':')?.trim_end();
    if before.len() > 80 {
        return None;
    }
    let verb_at = |n: usize| before.rmatch_indices(char::is_whitespace).nth(n - 1).map(|(i, _)| i);
    [1, 2].into_iter().find_map(|n| {
        let at = verb_at(n)?;
        HEADS.contains(fold(before[at..].trim()).as_str()).then(|| before[..at].trim())
    })
}

/// Pairs of quotation marks around [`FEWEST_WORDS`] words or more. A mark that is never closed opens nothing.
fn punctuated(text: &str, quotes: &mut Found) {
    let mut at = 0;
    // Behind its last partner a mark opens nothing.
    let last_close = |open: char| {
        MARKS.iter().filter(|(o, _)| *o == open).filter_map(|&(_, close)| text.rfind(close)).max().unwrap_or(0)
    };
    let mut last: Vec<(char, usize)> = Vec::new();
    while let Some((open_at, open)) = text[at..].char_indices().find(|(_, c)| is_open(*c)).map(|(i, c)| (at + i, c)) {
        let after = open_at + open.len_utf8();
        at = after;
        let limit = if let Some(&(_, limit)) = last.iter().find(|(known, _)| *known == open) {
            limit
        } else {
            let limit = last_close(open);
            last.push((open, limit));
            limit
        };
        if after > limit || !opens(text, open_at, open) {
            continue;
        }
        let Some(close_end) = closing(text, after, open) else { continue };
        let span = Span::new(open_at, close_end);
        if words(span.of(text)).len() >= FEWEST_WORDS {
            add(quotes, Quote { span, author: None });
        }
        at = close_end;
    }
}

fn is_open(c: char) -> bool {
    MARKS.iter().any(|&(open, _)| open == c)
}

/// Whether the mark stands where one opens: a `"` behind a letter closes or counts inches.
fn opens(text: &str, at: usize, mark: char) -> bool {
    if !matches!(mark, '"' | '‘') {
        return true;
    }
    let before = text[..at].chars().next_back();
    before.is_none_or(|c| c.is_whitespace() || matches!(c, '(' | '[' | '\'' | '’' | ':' | ',' | '-' | '—' | '–' | '/'))
}

/// End of the quote whose words begin at `from`: behind the mark that closes it, inner pairs skipped, in the
/// same paragraph for marks that look alike on both sides.
fn closing(text: &str, from: usize, open: char) -> Option<usize> {
    let mut depth = 0_usize;
    let mut rest = text[from..].char_indices().peekable();
    while let Some((i, c)) = rest.next() {
        if i > LONGEST {
            return None;
        }
        let next = rest.peek().map(|&(_, next)| next);
        let closes = MARKS.iter().any(|&(o, close)| o == open && close == c);
        let alike = matches!(open, '"' | '‘');
        if alike && c == '\n' && next == Some('\n') {
            return None;
        }
        if closes && alike && next.is_some_and(char::is_alphanumeric) {
            continue;
        }
        if closes && depth == 0 {
            return Some(from + i + c.len_utf8());
        }
        if closes {
            depth -= 1;
        } else if c == open {
            depth += 1;
        }
    }
    None
}

/// The text without its quotes: what is left of a line is joined with a blank, empty lines go.
pub(super) fn own_text(text: &str, quotes: &[Quote]) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut at = 0;
    for quote in quotes {
        kept.push_str(text.get(at..quote.span.start).unwrap_or(""));
        at = quote.span.end;
    }
    kept.push_str(text.get(at..).unwrap_or(""));
    if quotes.is_empty() {
        return kept.trim().to_owned();
    }
    let mut own = String::with_capacity(kept.len());
    let mut blank = false;
    for line in kept.lines() {
        let line = line.trim();
        if line.is_empty() {
            blank = !own.is_empty();
            continue;
        }
        if !own.is_empty() {
            own.push_str(if blank { "\n\n" } else { "\n" });
        }
        own.push_str(line);
        blank = false;
    }
    own.replace("  ", " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quoted(text: &str) -> Vec<&str> {
        find(text, &[]).values().map(|q| q.span.of(text)).collect()
    }

    #[test]
    fn who_puts_all_they_say_in_marks_says_it() {
        let quoted = |text: &str| find(text, &[]).len();
        assert_eq!(quoted("\"I can only say that this is great news\" @zoe http://x.example"), 0);
        assert_eq!(quoted("\"I can only say that this is great news\" they said"), 1);
        assert_eq!(quoted("> une ligne citée ici\n« et une autre entre guillemets »"), 1);
    }

    #[test]
    fn long_marked_stretches_are_quotes_and_scare_quotes_are_not() {
        assert_eq!(quoted("Il dit « nous ne vendons rien du tout » et voilà"), ["« nous ne vendons rien du tout »"]);
        assert_eq!(quoted("des comptes que j'aurais \"vendues\" et \"les opinions\""), Vec::<&str>::new());
        assert_eq!(quoted("They say “we never sell your data” lol"), ["“we never sell your data”"]);
        assert_eq!(quoted("\"a b c d\" puis \"e f g h\""), ["\"a b c d\"", "\"e f g h\""]);
    }

    #[test]
    fn an_unclosed_mark_swallows_nothing() {
        assert!(quoted("Il dit « nous ne vendons rien du tout et voilà").is_empty());
        assert!(quoted("un écran 27\" et un autre de 32\" pour pas cher du tout").is_empty());
        assert!(quoted("\"ouvert ici et jamais\n\nrefermé là bas ok\"").is_empty());
    }

    #[test]
    fn lines_behind_arrows_belong_together() {
        assert_eq!(quoted("> un deux\n> trois\nma réponse"), ["> un deux\n> trois"]);
        assert_eq!(quoted("> un\n> deux\nréponse"), ["> un\n> deux"]);
        assert_eq!(quoted("> un deux trois\n>\n> quatre\nréponse"), ["> un deux trois\n>\n> quatre"]);
        assert_eq!(quoted("> vraiment ?\nOui."), ["> vraiment ?"]);
        for quote in
            [">...et rien n'est vendu\nSi.", "> point\n>- un élément\n>: fin\nSi.", ">---- Message d'origine ----\nSi."]
        {
            assert_eq!(quoted(quote), [quote.rsplit_once('\n').unwrap().0], "{quote}");
        }
        for own in [">:( c'est nul", ">_> ben voyons", ">.< pardon à tous", "> vraiment", "> 100\nnon", ">\n>\nnon"] {
            assert_eq!(quoted(own), Vec::<String>::new(), "{own}");
        }
    }

    #[test]
    fn arrows_and_heads() {
        assert_eq!(quoted("> on ne vend rien\n> jamais de la vie\nmon œil"), ["> on ne vend rien\n> jamais de la vie"]);
        let text = "Léa a dit :\nje les crois volontiers\n\nPas moi.";
        let quotes = with_copies(find(text, &[]), Vec::new());
        assert_eq!(quotes[0].author.as_deref(), Some("Léa"));
        assert_eq!(own_text(text, &quotes), "Pas moi.");
    }

    #[test]
    fn many_unclosed_marks_cost_little() {
        let text = "« ".repeat(200_000);
        assert!(quoted(&text).is_empty());
    }

    #[test]
    fn own_text_is_what_is_left() {
        let text = "Bon. « ceci est une longue citation » Voilà.\n\n\"et une autre longue citation\"\n\nFin.";
        assert_eq!(own_text(text, &with_copies(find(text, &[]), Vec::new())), "Bon. Voilà.\n\nFin.");
    }
}
