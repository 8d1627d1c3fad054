//! Numbers and amounts of money: `16 000`, `0,0137 €`, `20e`, `$4`, `100 balles`, `cinq euros`, `3 million dollars`.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::lists::{Words, rows};
use super::tokens::{Token, TokenKind, Tokens};

static CURRENCIES: LazyLock<Words> = LazyLock::new(|| Words::of(include_str!("../../data/text/currencies.txt")));
/// Before `cent`, these count hundreds.
static HUNDREDS: LazyLock<Words> = LazyLock::new(|| Words::of(include_str!("../../data/text/hundreds.txt")));
/// What is counted, not paid: months, units, ordinal endings.
static COUNTED: LazyLock<Words> = LazyLock::new(|| Words::of(include_str!("../../data/text/counted.txt")));
static CENTS: LazyLock<Words> = LazyLock::new(|| Words::of(include_str!("../../data/text/cents.txt")));

/// Number words and their value; multipliers (`mille`, `million`) from 1,000 up.
static NUMBERS: LazyLock<HashMap<&'static str, i64>> = LazyLock::new(|| {
    rows(include_str!("../../data/text/numbers.tsv"))
        .filter_map(|row| Some((row[0], row.get(1)?.parse().ok()?)))
        .collect()
});

/// How many bytes the number at the start of `text` takes: digits, decimal part, groups of three behind blanks.
pub(super) fn number_len(text: &str) -> usize {
    let digits = |from: usize| text[from..].find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len() - from);
    let mut len = digits(0);
    if len == 0 {
        // Other scripts' digits, superscripts, fractions: one character, no value.
        return text.chars().next().map_or(0, char::len_utf8);
    }
    let first = len;
    loop {
        let rest = &text[len..];
        let Some(separator) = rest.chars().next() else { return len };
        let after = len + separator.len_utf8();
        let group = match separator {
            '.' | ',' => digits(after),
            ' ' | '\u{a0}' | '\u{202f}' | '\'' if first <= 3 && digits(after) == 3 => 3,
            _ => 0,
        };
        if group == 0 {
            return len;
        }
        len = after + group;
    }
}

/// The value of a number in hundredths, where it is told exactly: `1 000,50` and `1,000.50` → 100050.
pub(super) fn hundredths(raw: &str) -> Option<i64> {
    let decimal = raw.rfind([',', '.']).filter(|&i| raw.len() - i - 1 != 3 || raw.starts_with('0'));
    let (whole, part) = decimal.map_or((raw, ""), |i| (&raw[..i], &raw[i + 1..]));
    let digits: String = whole.chars().filter(char::is_ascii_digit).collect();
    if digits.is_empty() || digits.len() > 12 || part.len() > 2 {
        return None;
    }
    let cents: i64 = match part.len() {
        0 => 0,
        1 => part.parse::<i64>().ok()? * 10,
        _ => part.parse().ok()?,
    };
    Some(digits.parse::<i64>().ok()? * 100 + cents)
}

/// Joins numbers and number words with the currency beside them.
pub(super) fn merge(tokens: &mut Tokens) {
    let has_money = tokens.items().iter().any(|t| t.kind == TokenKind::Number)
        || tokens.items().iter().any(|t| t.kind == TokenKind::Word && is_currency(tokens.folded_of(t)));
    if !has_money {
        return;
    }
    let old = tokens.take_items();
    let mut items = Vec::with_capacity(old.len());
    let mut at = 0;
    while at < old.len() {
        if let Some((len, value)) = amount_at(tokens, &old[at..]) {
            Tokens::merge(&mut items, &old[at..at + len], value);
            at += len;
        } else {
            let mut token = old[at];
            // "4 September", "2 clics", "4th" are no sums.
            if token.kind == TokenKind::Number
                && old.get(at + 1).is_some_and(|next| COUNTED.contains(tokens.folded_of(next)))
            {
                token.hundredths = None;
            }
            items.push(token);
            at += 1;
        }
    }
    tokens.set_items(items);
}

fn is_currency(word: &str) -> bool {
    CURRENCIES.contains(word) || CENTS.contains(word)
}

/// The amount that begins at `rest[0]`: how many tokens it takes and what it is worth.
fn amount_at(tokens: &Tokens, rest: &[Token]) -> Option<(usize, Option<i64>)> {
    let word = |i: usize| rest.get(i).filter(|t| t.kind == TokenKind::Word).map_or("", |t| tokens.folded_of(t));
    let sign_first = matches!(word(0), "$" | "€" | "£" | "¥");
    let mut at = usize::from(sign_first);
    let mut value = match rest.get(at)? {
        token if token.kind == TokenKind::Number => token.hundredths,
        token if token.kind == TokenKind::Word => Some(NUMBERS.get(tokens.folded_of(token))?.checked_mul(100)?),
        _ => return None,
    };
    let number = rest.get(at)?;
    at += 1;
    let mut scaled = false;
    // "deux cent euros" multiplies, "50 cent" is the coin.
    let coin = |at: usize| {
        CENTS.contains(word(at)) && !CURRENCIES.contains(word(at + 1)) && !(at > 0 && HUNDREDS.contains(word(at - 1)))
    };
    while let Some(&times) = NUMBERS.get(word(at)).filter(|&&times| times >= 100 && !coin(at)) {
        value = value.and_then(|v| v.checked_mul(times));
        at += 1;
        scaled = true;
    }
    if sign_first {
        return Some((at, value));
    }
    if scaled && matches!(word(at), "d'" | "de" | "of") {
        at += 1;
    }
    let unit = word(at);
    let close = rest.get(at).is_some_and(|t| rest[at - 1].span.end == t.span.start);
    if CENTS.contains(unit) {
        return Some((at + 1, value.map(|v| v / 100)));
    }
    // "20e" and "20k" are prices only where the letter sticks to digits, "20 e" and "le 20e arrondissement" are not.
    let letter =
        matches!(unit, "e" | "eu") && close && number.kind == TokenKind::Number && !word(at + 1).starts_with("arr");
    if CURRENCIES.contains(unit) || letter {
        return Some((at + 1, value));
    }
    if matches!(unit, "k" | "m" | "mds") && close && CURRENCIES.contains(word(at + 1)) {
        return Some((at + 2, None));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::tokens;
    use super::*;

    fn amounts(text: &str) -> Vec<(String, Option<i64>)> {
        let tokens = tokens(text, &[]);
        let found = tokens.items().iter().filter(|t| t.kind == TokenKind::Amount);
        found.map(|t| (t.span.of(text).to_owned(), t.hundredths)).collect()
    }

    #[test]
    fn money_in_many_shapes() {
        let cases = [
            ("20e pour ça", "20e", Some(2000)),
            ("100euros", "100euros", Some(10000)),
            ("0,0137 € par jour", "0,0137 €", None),
            ("2,50 €", "2,50 €", Some(250)),
            ("1 000 euros", "1 000 euros", Some(100_000)),
            ("$4 a month", "$4", Some(400)),
            ("100 balles", "100 balles", Some(10000)),
            ("Cinq euros", "Cinq euros", Some(500)),
            ("50 cents", "50 cents", Some(50)),
            ("600 USD", "600 USD", Some(60000)),
            ("3 millions d'euros", "3 millions d'euros", Some(300_000_000)),
            ("about $1 per survey", "$1", Some(100)),
        ];
        for (text, span, value) in cases {
            assert_eq!(amounts(text), [(span.to_owned(), value)], "{text}");
        }
    }

    #[test]
    fn numbers_alone_are_not_money() {
        for text in ["8000 pas", "le 20e siècle a 3 ans".get(9..).unwrap(), "dans 3, 2, 1", "en 2024", "12 %"] {
            assert!(amounts(text).is_empty(), "{text}");
        }
    }
}
