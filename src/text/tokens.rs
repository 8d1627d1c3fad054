use std::sync::LazyLock;

use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;

use super::amounts;
use super::fold::{fold_into, is_invisible};
use super::lists::{Words, smileys};
use crate::model::{Quote, Span};

/// What a [`Token`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// A word form. Elided French words (`l'`, `qu'`) and English contractions (`n't`, `'s`) stand alone.
    Word,
    /// Digits, with their separators.
    Number,
    /// A number with its currency, or a number word with one: `20e`, `$4`, `100 balles`, `cinq euros`.
    Amount,
    /// A smiley typed as text: `:D`, `;-)`, `:francais:`.
    Smiley,
    /// An emoji, the whole grapheme cluster.
    Emoji,
    /// A whole quote, set apart: its inner words are not tokens.
    Quote,
    /// An address of the web.
    Link,
    /// The end of a sentence: `.`, `!`, `?`, a line break.
    End,
}

/// One token, with the way back to the text it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it stands in the text, in bytes.
    pub span: Span,
    /// Running number of the sentence, from 0.
    pub sentence: u32,
    /// Running number of the clause (commas, colons, brackets and dashes begin a new one), from 0.
    pub clause: u32,
    /// Hundredths, for numbers and amounts small enough to be told exactly.
    pub hundredths: Option<i64>,
    /// Whether it opens a stretch in quotation marks too short for a quote: irony, titles, terms.
    pub marked: bool,
    folded: (u32, u32),
}

/// A text cut into tokens.
#[derive(Debug, Clone, Default)]
pub struct Tokens {
    items: Vec<Token>,
    folded: String,
}

impl Tokens {
    /// The tokens, in order.
    pub fn items(&self) -> &[Token] {
        &self.items
    }

    /// The folded form of token `at` (see [`super::fold()`]); empty beyond the end and for links.
    pub fn folded(&self, at: usize) -> &str {
        self.items.get(at).map_or("", |token| self.folded_of(token))
    }

    /// The folded form of one of these tokens.
    pub fn folded_of(&self, token: &Token) -> &str {
        self.folded.get(token.folded.0 as usize..token.folded.1 as usize).unwrap_or("")
    }

    /// Whether there is nothing in it that could mean something: no word, amount, smiley or emoji.
    pub fn is_empty(&self) -> bool {
        self.items.iter().all(|t| matches!(t.kind, TokenKind::End | TokenKind::Quote | TokenKind::Link))
    }
}

/// French words that lose their vowel before another: they are tokens of their own.
static ELISIONS: LazyLock<Words> = LazyLock::new(|| Words::of(include_str!("../../data/text/elisions.txt")));

/// Cuts `text` into tokens. Each of `quotes` (in order, not overlapping) becomes one [`TokenKind::Quote`].
/// Linear in the length of the text; any text is accepted.
pub fn tokens(text: &str, quotes: &[Quote]) -> Tokens {
    let mut cutter = Cutter {
        text,
        out: Tokens { items: Vec::with_capacity(text.len() / 5 + 1), folded: String::with_capacity(text.len() + 8) },
        sentence: 0,
        clause: 0,
        marked: false,
    };
    let mut at = 0;
    for quote in quotes {
        if quote.span.start < at || text.get(quote.span.start..quote.span.end).is_none() {
            continue;
        }
        cutter.cut(at, quote.span.start);
        cutter.push(TokenKind::Quote, quote.span, quote.span.of(text));
        at = quote.span.end;
    }
    cutter.cut(at, text.len());
    let mut out = cutter.out;
    amounts::merge(&mut out);
    out
}

impl Tokens {
    /// Makes the tokens `from..=to` one amount worth `hundredths`.
    pub(super) fn merge(items: &mut Vec<Token>, group: &[Token], hundredths: Option<i64>) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { return };
        items.push(Token {
            kind: TokenKind::Amount,
            span: Span::new(first.span.start, last.span.end),
            folded: (first.folded.0, last.folded.1),
            hundredths,
            ..*first
        });
    }

    pub(super) fn take_items(&mut self) -> Vec<Token> {
        std::mem::take(&mut self.items)
    }

    pub(super) fn set_items(&mut self, items: Vec<Token>) {
        self.items = items;
    }
}

/// Makes emoji out of emoji; between letters it is noise.
const ZERO_WIDTH_JOINER: char = '\u{200d}';

struct Cutter<'t> {
    text: &'t str,
    out: Tokens,
    sentence: u32,
    clause: u32,
    /// Behind an opening quotation mark.
    marked: bool,
}

impl Cutter<'_> {
    fn push(&mut self, kind: TokenKind, span: Span, raw: &str) {
        let from = self.out.folded.len() as u32;
        fold_into(raw, &mut self.out.folded);
        let folded = (from, self.out.folded.len() as u32);
        self.out.items.push(Token {
            kind,
            span,
            sentence: self.sentence,
            clause: self.clause,
            hundredths: None,
            marked: std::mem::take(&mut self.marked),
            folded,
        });
    }

    fn end_sentence(&mut self, span: Span) {
        let raw = self.text.get(span.start..span.end).unwrap_or("");
        // "???", "?!" and a mark before a line break are one end; what matters later is whether it asks.
        if let Some(last) = self.out.items.last_mut()
            && last.kind == TokenKind::End
        {
            last.span.end = span.end;
            let asks = raw.contains('?') || self.out.folded.get(last.folded.0 as usize..) == Some("?");
            if asks {
                self.out.folded.truncate(last.folded.0 as usize);
                self.out.folded.push('?');
                last.folded.1 = self.out.folded.len() as u32;
            }
            return;
        }
        let mark = if raw.contains('?') {
            "?"
        } else if raw.contains('!') {
            "!"
        } else {
            "."
        };
        self.push(TokenKind::End, span, mark);
        self.sentence += 1;
        self.clause += 1;
    }

    fn cut(&mut self, from: usize, to: usize) {
        let mut at = from;
        while at < to {
            let Some(rest) = self.text.get(at..to) else { return };
            let Some(c) = rest.chars().next() else { return };
            at += self.step(at, rest, c).max(c.len_utf8());
        }
    }

    /// Reads one token or separator at `at` and says how many bytes it took.
    fn step(&mut self, at: usize, rest: &str, c: char) -> usize {
        if c == ' ' {
            return 1;
        }
        if c.is_alphabetic() {
            if let Some(len) = self.link(at, rest) {
                return len;
            }
            if let Some(len) = self.smiley(at, rest) {
                return len;
            }
            return self.word(at, rest);
        }
        if c.is_numeric() {
            return self.number(at, rest);
        }
        if c == '\n' {
            let len = rest.len() - rest.trim_start().len();
            self.end_sentence(Span::new(at, at + len));
            return len;
        }
        if let Some(len) = self.smiley(at, rest) {
            return len;
        }
        match c {
            '.' | '!' | '?' | '…' | '‼' | '⁉' | '⁇' => self.marks(at, rest),
            ',' | ';' | ':' | '(' | ')' | '[' | ']' | '—' | '–' | '/' | '=' => {
                self.clause += 1;
                c.len_utf8()
            }
            '-' => {
                let after_space = self.text.get(..at).is_some_and(|head| head.ends_with(char::is_whitespace));
                if after_space && rest[1..].starts_with(char::is_whitespace) {
                    self.clause += 1;
                }
                1
            }
            '€' | '$' | '£' | '¥' | '%' | '+' => {
                self.push(TokenKind::Word, Span::new(at, at + c.len_utf8()), &rest[..c.len_utf8()]);
                c.len_utf8()
            }
            '«' | '“' | '„' => {
                self.marked = true;
                c.len_utf8()
            }
            '"' => {
                let before = self.text.get(..at).and_then(|head| head.chars().next_back());
                self.marked = before.is_none_or(|c| c.is_whitespace() || c == '(');
                1
            }
            c if c.is_ascii() => 1,
            '»' | '”' | '·' | '•' | '’' | '\u{a0}' | '\u{202f}' => c.len_utf8(),
            _ => self.emoji(at, rest),
        }
    }

    /// A run of `.`, `!`, `?`, `…`. Dots inside a word ("next.ink") end nothing, three dots only a clause.
    fn marks(&mut self, at: usize, rest: &str) -> usize {
        let len = rest.find(|c| !matches!(c, '.' | '!' | '?' | '…' | '‼' | '⁉' | '⁇')).unwrap_or(rest.len());
        let run = &rest[..len];
        let next = rest[len..].chars().next();
        if run == "." && next.is_some_and(char::is_alphanumeric) {
            return len;
        }
        if run.contains('…') || (run.len() > 1 && run.bytes().all(|b| b == b'.')) {
            self.clause += 1;
            return len;
        }
        self.end_sentence(Span::new(at, at + len));
        len
    }

    fn link(&mut self, at: usize, rest: &str) -> Option<usize> {
        let head = rest.get(..4)?;
        if !head.eq_ignore_ascii_case("http") && !head.eq_ignore_ascii_case("www.") {
            return None;
        }
        let is_link =
            head.eq_ignore_ascii_case("www.") || rest[4..].starts_with("://") || rest[4..].starts_with("s://");
        if !is_link {
            return None;
        }
        let len = rest.find(char::is_whitespace).unwrap_or(rest.len());
        self.push(TokenKind::Link, Span::new(at, at + len), "");
        Some(len)
    }

    fn smiley(&mut self, at: usize, rest: &str) -> Option<usize> {
        let before = || self.text.get(..at).and_then(|head| head.chars().next_back());
        let len = smileys().at(rest, before)?;
        self.push(TokenKind::Smiley, Span::new(at, at + len), &rest[..len]);
        Some(len)
    }

    fn emoji(&mut self, at: usize, rest: &str) -> usize {
        // The longest emoji sequences have some ten code points: a window keeps hostile runs of marks linear.
        let window = rest.char_indices().nth(32).map_or(rest, |(end, _)| &rest[..end]);
        let Some(cluster) = window.graphemes(true).next() else { return 0 };
        let first = cluster.chars().next().map_or(0, u32::from);
        let pictured = matches!(first, 0x1F000..=0x1FAFF | 0x2600..=0x27BF | 0x2B00..=0x2BFF | 0x2190..=0x21FF);
        if pictured || emojis::get(cluster).is_some() {
            self.push(TokenKind::Emoji, Span::new(at, at + cluster.len()), cluster);
            // Colour and presentation do not change the meaning: lists name the plain form.
            let from = self.out.items.last().map_or(0, |t| t.folded.0 as usize);
            let plain: String = self
                .out
                .folded
                .get(from..)
                .unwrap_or("")
                .chars()
                .filter(|c| !matches!(c, '\u{FE0F}' | '\u{FE0E}' | '\u{1F3FB}'..='\u{1F3FF}'))
                .collect();
            self.out.folded.truncate(from);
            self.out.folded.push_str(&plain);
            let end = self.out.folded.len() as u32;
            if let Some(last) = self.out.items.last_mut() {
                last.folded.1 = end;
            }
            return cluster.len();
        }
        0
    }

    fn number(&mut self, at: usize, rest: &str) -> usize {
        let len = amounts::number_len(rest);
        self.push(TokenKind::Number, Span::new(at, at + len), &rest[..len]);
        if let Some(last) = self.out.items.last_mut() {
            last.hundredths = amounts::hundredths(&rest[..len]);
        }
        len
    }

    fn word(&mut self, at: usize, rest: &str) -> usize {
        let mut len = 0;
        let mut chars = rest.char_indices().peekable();
        while let Some((i, c)) = chars.next() {
            if c.is_alphabetic() || is_mark(c) {
                len = i + c.len_utf8();
                continue;
            }
            // Counted in only where letters follow.
            if c == ZERO_WIDTH_JOINER || is_invisible(c) {
                continue;
            }
            let followed = chars.peek().is_some_and(|&(_, next)| next.is_alphabetic());
            if is_apostrophe(c) && (followed || i == len) {
                return self.apostrophe(at, rest, i, c, followed);
            }
            break;
        }
        let raw = &rest[..len];
        if raw.contains(ZERO_WIDTH_JOINER) {
            self.push(TokenKind::Word, Span::new(at, at + len), &raw.replace(ZERO_WIDTH_JOINER, ""));
        } else {
            self.push(TokenKind::Word, Span::new(at, at + len), raw);
        }
        len
    }

    /// `rest[..i]` is a word and `c` the apostrophe behind it.
    fn apostrophe(&mut self, at: usize, rest: &str, i: usize, c: char, followed: bool) -> usize {
        let after = i + c.len_utf8();
        let left = &rest[..i];
        let mut folded = String::with_capacity(left.len());
        fold_into(left, &mut folded);
        if !followed {
            // "c' est", typed with a blank, or a closing quote behind a whole word.
            let end = if ELISIONS.contains(&folded) { after } else { i };
            self.push(TokenKind::Word, Span::new(at, at + end), &rest[..end]);
            return end;
        }
        let right_len = rest[after..].find(|c: char| !c.is_alphabetic() && !is_mark(c)).unwrap_or(rest.len() - after);
        let right = &rest[after..after + right_len];
        if folded == "aujourd" || folded == "prud" {
            self.push(TokenKind::Word, Span::new(at, at + after + right_len), &rest[..after + right_len]);
            return after + right_len;
        }
        if right.eq_ignore_ascii_case("t") && left.ends_with(['n', 'N']) && left.len() > 1 {
            self.push(TokenKind::Word, Span::new(at, at + i - 1), &rest[..i - 1]);
            self.push(TokenKind::Word, Span::new(at + i - 1, at + after + right_len), "n't");
            return after + right_len;
        }
        if !ELISIONS.contains(&folded) && matches!(right, "s" | "S" | "re" | "ve" | "ll" | "d" | "m") {
            self.push(TokenKind::Word, Span::new(at, at + i), left);
            self.push(TokenKind::Word, Span::new(at + i, at + after + right_len), &rest[i..after + right_len]);
            return after + right_len;
        }
        self.push(TokenKind::Word, Span::new(at, at + after), &rest[..after]);
        after
    }
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | 'ʼ' | '‘' | '＇')
}

fn is_mark(c: char) -> bool {
    !c.is_ascii() && is_combining_mark(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let tokens = tokens(text, &[]);
        tokens.items().iter().map(|t| tokens.folded_of(t).to_owned()).collect()
    }

    #[test]
    fn elisions_and_contractions_stand_alone() {
        assert_eq!(
            words("L’app n'a qu'à payer aujourd'hui"),
            ["l'", "app", "n'", "a", "qu'", "a", "payer", "aujourd'hui"]
        );
        assert_eq!(words("They don't and it's mine"), ["they", "do", "n't", "and", "it", "'s", "mine"]);
    }

    #[test]
    fn what_takes_no_room_is_folded_away_and_offsets_lead_back() {
        let text = "aucune con\u{200b}fi\u{200d}ance\u{ad}, \u{feff}arn\u{ad}aque";
        assert_eq!(words(text), ["aucune", "confiance", "arnaque"]);
        let tokens = tokens(text, &[]);
        assert_eq!(tokens.items()[1].span.of(text), "con\u{200b}fi\u{200d}ance");
    }

    #[test]
    fn a_word_behind_an_opening_mark_is_marked() {
        let tokens = tokens("vos \"partenaires de confiance\" et l'« anonymat »", &[]);
        let marked: Vec<_> = tokens.items().iter().filter(|t| t.marked).map(|t| tokens.folded_of(t)).collect();
        assert_eq!(marked, ["partenaires", "anonymat"]);
    }

    #[test]
    fn smileys_and_emoji_are_tokens() {
        assert_eq!(words("ok :francais: :D mdr 👨‍👩‍👧 👍🏽"), ["ok", ":francais:", ":d", "mdr", "👨‍👩‍👧", "👍"]);
        let tokens = tokens("note: 10h30:45 C:\\", &[]);
        assert!(tokens.items().iter().all(|t| t.kind != TokenKind::Smiley));
    }

    #[test]
    fn sentences_end_at_marks_and_line_breaks_but_not_in_names() {
        let tokens = tokens("Sur next.ink... oui ?! Non\nfin", &[]);
        let ends: Vec<_> = tokens.items().iter().filter(|t| t.kind == TokenKind::End).collect();
        assert_eq!(ends.len(), 2);
        assert_eq!(tokens.folded_of(ends[0]), "?");
    }

    #[test]
    fn a_quote_is_one_token() {
        let text = "il dit « tout va bien ici » hélas";
        let (start, end) = (text.find('«').unwrap(), text.find('»').unwrap() + '»'.len_utf8());
        let tokens = tokens(text, &[Quote { span: Span::new(start, end), author: None }]);
        let kinds: Vec<_> = tokens.items().iter().map(|t| t.kind).collect();
        assert_eq!(kinds, [TokenKind::Word, TokenKind::Word, TokenKind::Quote, TokenKind::Word]);
    }

    proptest::proptest! {
        #[test]
        fn spans_run_forward_on_char_borders(text in "(\\PC|[ \n'’.,€$0-9:;)DxéÉœ👍🏽]|\u{200d}|\u{fe0f}|\u{301}){0,60}") {
            let tokens = tokens(&text, &[]);
            let mut at = 0;
            for token in tokens.items() {
                assert!(token.span.start >= at && token.span.end >= token.span.start, "{text:?}");
                assert!(text.get(token.span.start..token.span.end).is_some(), "{text:?}");
                let _ = tokens.folded_of(token);
                at = token.span.end;
            }
        }
    }
}
