//! A line cut into numbers, numeric dates, clock times and words that dates are made of.

use jiff::civil::Time;
use unicode_normalization::char::is_combining_mark;

use super::words::{Role, WORDS, Word, Zone};
use crate::model::Precision;
use crate::text::fold::{fold_into, is_invisible};

/// Tokens of a line that are looked at; a date line has far fewer.
const MAX_TOKENS: usize = 40;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Part {
    /// A number; `year` where an apostrophe says so ("'24").
    Number {
        value: i64,
        digits: usize,
        year: bool,
    },
    /// "03/04/2024", "2024-04-03": three numbers, how many digits each has, and what stands between them.
    Numeric {
        values: [i64; 3],
        digits: [usize; 3],
        separator: char,
    },
    /// "12.03.", "12/03".
    DayMonth {
        values: [i64; 2],
        separator: char,
    },
    Clock(Time, Precision),
    /// Minutes east of Greenwich.
    Offset(i32),
    Word(Word),
    /// What is no part of a date.
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Token {
    pub(super) part: Part,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether a mark such as "•", "|" or " - " stands before it.
    pub(super) apart: bool,
}

impl Token {
    pub(super) fn is(&self, role: Role) -> bool {
        matches!(self.part, Part::Word(word) if word.is(role))
    }
}

/// The tokens of a line that holds nothing but words of dates; `None` at the first that is none.
pub(super) fn all_of_dates(text: &str) -> Option<Vec<Token>> {
    let mut cutter = Cutter::new(text);
    while cutter.step() {
        if cutter.tokens.last().is_some_and(|token| token.part == Part::Other) || cutter.tokens.len() > MAX_TOKENS {
            return None;
        }
    }
    Some(cutter.tokens)
}

/// The first tokens of any line.
pub(super) fn any(text: &str) -> Vec<Token> {
    let mut cutter = Cutter::new(text);
    while cutter.tokens.len() < MAX_TOKENS && cutter.step() {}
    cutter.tokens
}

struct Cutter<'a> {
    text: &'a str,
    at: usize,
    apart: bool,
    tokens: Vec<Token>,
    folded: String,
}

/// Marks that set the pieces of a line apart.
fn sets_apart(c: char) -> bool {
    matches!(c, '•' | '·' | '⋅' | '∙' | '●' | '|' | '—' | '–' | '»' | '«' | '›' | '‹' | '~' | '/' | '→' | '▸' | '▪' | '\n')
        // Clock faces and calendars.
        || matches!(c, '\u{1f550}'..='\u{1f567}' | '📅' | '📆' | '🗓' | '⏱' | '⏰' | '⌚' | '⌛' | '⏳')
}

/// Marks without meaning: blanks, direction marks, punctuation that dates are written with.
fn is_plain(c: char) -> bool {
    c.is_whitespace()
        || is_invisible(c)
        || matches!(c, ',' | '.' | ':' | ';' | '-' | '(' | ')' | '[' | ']' | '@' | '\'' | '’' | '‘' | '`' | '\u{fe0f}')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '‐' | '‑' | 'º' | 'ª')
}

fn is_letter(c: char) -> bool {
    (c.is_alphabetic() && !matches!(c, 'º' | 'ª')) || is_combining_mark(c)
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// The number that the first `length` bytes are; they are digits, four at most.
fn value(text: &str, length: usize) -> i64 {
    text[..length].bytes().fold(0, |value, digit| value * 10 + i64::from(digit - b'0'))
}

/// Bytes of the blanks at the head of a text.
fn blanks(text: &str) -> usize {
    text.len() - text.trim_start_matches([' ', '\u{a0}', '\u{202f}', '\u{2009}']).len()
}

impl<'a> Cutter<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, at: 0, apart: false, tokens: Vec::new(), folded: String::new() }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn push(&mut self, part: Part, length: usize) {
        let start = self.at;
        self.at += length;
        self.tokens.push(Token { part, start, end: self.at, apart: self.apart });
        self.apart = false;
    }

    /// Takes the next token or mark; false at the end.
    fn step(&mut self) -> bool {
        let rest = self.rest();
        let Some(c) = rest.chars().next() else { return false };
        if c.is_ascii_digit() {
            let (part, length) = self.number(rest);
            self.push(part, length);
        } else if is_letter(c) {
            self.word(rest);
        } else if let Some((offset, length)) = self.offset(rest) {
            self.push(Part::Offset(offset), length);
        } else if sets_apart(c) || (c == '-' && rest[1..].starts_with(char::is_whitespace)) {
            self.apart = true;
            self.at += c.len_utf8();
        } else if is_plain(c) {
            self.at += c.len_utf8();
        } else {
            self.push(Part::Other, c.len_utf8());
        }
        true
    }

    fn word(&mut self, rest: &str) {
        let mut length = rest.find(|c| !is_letter(c)).unwrap_or(rest.len());
        let word = &rest[..length];
        self.folded.clear();
        if length <= 32 {
            fold_into(word, &mut self.folded);
        }
        if matches!(self.folded.as_str(), "a" | "p")
            && let Some(taken) = noon(&rest[length..])
        {
            // "a.m.", "p. m."
            self.folded.push('m');
            length += taken;
        }
        // "d'un an": an elision, not the unit.
        if length == 1 && rest[length..].starts_with(['\'', '’']) {
            self.folded.push('\'');
        }
        // "2024-04-03T06:55"
        if self.folded == "t"
            && rest[length..].starts_with(|c: char| c.is_ascii_digit())
            && matches!(self.tokens.last(), Some(Token { part: Part::Numeric { .. }, end, .. }) if *end == self.at)
        {
            self.at += length;
            return;
        }
        let part = WORDS.get(&self.folded).map_or(Part::Other, Part::Word);
        self.push(part, length);
    }

    /// "+01:00" behind a clock, "+1" behind "GMT".
    fn offset(&self, rest: &str) -> Option<(i32, usize)> {
        let sign = match rest.as_bytes()[0] {
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        let last = self.tokens.last()?;
        let is_adjacent = last.end == self.at;
        let hours = digits(&rest[1..]);
        let behind_zone = matches!(last.part, Part::Word(Word { zone: Some(Zone::Offset(0)), .. }));
        let behind_clock = matches!(last.part, Part::Clock(..)) && (is_adjacent || sign == 1) && hours >= 2;
        if !(behind_clock || (behind_zone && is_adjacent)) {
            return None;
        }
        let tail = &rest[1..];
        let (hour, minute, length) = match hours {
            4 => (value(tail, 2), value(&tail[2..], 2), 5),
            1 | 2 => match tail[hours..].strip_prefix(':').filter(|minutes| digits(minutes) == 2) {
                Some(minutes) => (value(tail, hours), value(minutes, 2), hours + 4),
                None => (value(tail, hours), 0, hours + 1),
            },
            _ => return None,
        };
        let minutes = i32::try_from(hour * 60 + minute).ok().filter(|minutes| *minutes <= 14 * 60)?;
        Some((sign * minutes, length))
    }

    /// The number, numeric date or clock time at the head of `rest`, and its length.
    fn number(&self, rest: &str) -> (Part, usize) {
        let first = digits(rest);
        let before = self.text[..self.at].chars().next_back();
        let glued = before.is_some_and(|c| c.is_alphanumeric() && !matches!(c, 'T' | 't'));
        if first > 4 || glued {
            return (Part::Other, first);
        }
        let found = three_numbers(rest, first)
            .or_else(|| clock(rest, first))
            .or_else(|| self.hour(rest, first))
            .or_else(|| two_numbers(rest, first));
        if let Some(found) = found {
            return found;
        }
        let after = &rest[first..];
        if after.starts_with(['.', ',', ':', '/']) && digits(&after[1..]) > 0 {
            // "1.5", "12:345", "3/4"
            let length = after.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',' | ':' | '/')));
            return (Part::Other, first + length.unwrap_or(after.len()));
        }
        let suffix = ["st", "nd", "rd", "th", "er", "ère", "re", "ème", "e", "ste", "de"]
            .into_iter()
            .find(|suffix| {
                after.get(..suffix.len()).is_some_and(|head| {
                    head.eq_ignore_ascii_case(suffix) && !after[suffix.len()..].starts_with(is_letter)
                })
            })
            .map_or(0, str::len);
        let year = first == 2 && matches!(before, Some('\'' | '’' | '‘'));
        (Part::Number { value: value(rest, first), digits: first, year }, first + suffix)
    }

    /// "9 pm"; "18.00 Uhr", "alle 18.00".
    fn hour(&self, rest: &str, first: usize) -> Option<(Part, usize)> {
        let hour = value(rest, first);
        if first > 2 || hour > 24 {
            return None;
        }
        let after = &rest[first..];
        let gap = blanks(after);
        let tail = &after[gap..];
        let is_half = |half: &str| {
            tail.get(..1).is_some_and(|letter| letter.eq_ignore_ascii_case(half))
                && (tail.get(1..2).is_some_and(|m| m.eq_ignore_ascii_case("m")) && !tail[2..].starts_with(is_letter)
                    || noon(&tail[1..]).is_some())
        };
        // "am" opens German dates, too: "9 am 3. April".
        let opens = || tail.get(2..).is_some_and(|next| next.trim_start().starts_with(|c: char| c.is_ascii_digit()));
        if (1..=12).contains(&hour) && (is_half("p") || (is_half("a") && !opens())) {
            return Some((Part::Clock(Time::new(i8::try_from(hour).ok()?, 0, 0, 0).ok()?, Precision::Hour), first));
        }
        let minutes = after.strip_prefix('.').filter(|minutes| digits(minutes) == 2)?;
        let behind = &minutes[2..];
        if behind.starts_with('.') && digits(&behind[1..]) > 0 {
            return None;
        }
        let mut next = String::new();
        fold_into(behind.trim_start().split(|c| !is_letter(c)).next().filter(|word| word.len() <= 8)?, &mut next);
        let is_marked = WORDS.get(&next).is_some_and(|word| word.is(Role::HourMark))
            || self.tokens.last().is_some_and(|token| {
                token.is(Role::BeforeHours) || matches!(token.part, Part::Number { digits: 4, .. })
            });
        let time = Time::new(i8::try_from(hour).ok()?, i8::try_from(value(minutes, 2)).ok()?, 0, 0).ok()?;
        is_marked.then_some((Part::Clock(time, Precision::Minute), first + 3))
    }
}

/// The rest of "a.m." or "p. m." behind its first letter.
fn noon(after: &str) -> Option<usize> {
    let tail = after.strip_prefix('.')?;
    let gap = blanks(tail);
    let tail = &tail[gap..];
    let is_m = tail.starts_with(['m', 'M']) && !tail[1..].starts_with(is_letter);
    is_m.then(|| 2 + gap + usize::from(tail[1..].starts_with('.')))
}

/// "03/04/2024", "3.4.24", "2024-04-03", "3. 4. 2024".
fn three_numbers(rest: &str, first: usize) -> Option<(Part, usize)> {
    let separator = rest[first..].chars().next().filter(|c| matches!(c, '/' | '.' | '-'))?;
    let gap = |text: &str| usize::from(separator == '.' && text.starts_with(' '));
    let second_at = first + 1 + gap(&rest[first + 1..]);
    let second = digits(&rest[second_at..]);
    let tail = rest[second_at + second..].strip_prefix(separator)?;
    let third_gap = gap(tail);
    let tail = &tail[third_gap..];
    let third = digits(tail);
    let behind = &tail[third..];
    let goes_on = behind.starts_with([separator, '_']) && digits(&behind[1..]) > 0;
    let is_date = (1..=2).contains(&second)
        && (matches!((first, third), (1 | 2, 2 | 4)) || (first == 4 && matches!(third, 1 | 2)))
        && !goes_on;
    let values = [value(rest, first), value(&rest[second_at..], second.min(2)), value(tail, third.min(4))];
    let length = second_at + second + 1 + third_gap + third;
    is_date.then_some((Part::Numeric { values, digits: [first, second, third], separator }, length))
}

/// "9:29", "09h29", "9 h 29 min", "09:29:30".
fn clock(rest: &str, first: usize) -> Option<(Part, usize)> {
    if first > 2 {
        return None;
    }
    let after = &rest[first..];
    let gap = blanks(after);
    let tail = &after[gap..];
    let colon = gap == 0 && tail.starts_with(':');
    let letter = tail.starts_with(['h', 'H']) && !tail[1..].starts_with(is_letter);
    if !(colon || letter) {
        return None;
    }
    let minutes_at = first + gap + 1 + if letter { blanks(&tail[1..]) } else { 0 };
    let minutes = &rest[minutes_at..];
    if digits(minutes) != 2 {
        return None;
    }
    let mut length = minutes_at + 2;
    let (mut second, mut precision) = (0, Precision::Minute);
    let seconds = minutes[2..].strip_prefix([':', 'm']).or_else(|| minutes[2..].strip_prefix('.').filter(|_| colon));
    if let Some(seconds) = seconds
        && digits(seconds) == 2
    {
        (second, precision) = (value(seconds, 2), Precision::Second);
        length += 3;
        let fraction = digits(seconds[2..].strip_prefix(['.', ',']).unwrap_or_default());
        length += if (1..=9).contains(&fraction) { 1 + fraction } else { 0 };
    }
    if rest[length..].starts_with(':') && digits(&rest[length + 1..]) > 0 {
        return None;
    }
    let number = |value: i64| i8::try_from(value).ok();
    let time = Time::new(
        number(value(rest, first))?,
        number(value(minutes, 2))?,
        number(Some(second).filter(|second| *second <= 60)?.min(59))?,
        0,
    )
    .ok()?;
    Some((Part::Clock(time, precision), length))
}

/// "12.03.", "12/03".
fn two_numbers(rest: &str, first: usize) -> Option<(Part, usize)> {
    let separator = rest[first..].chars().next().filter(|c| matches!(c, '/' | '.'))?;
    let tail = &rest[first + 1..];
    let second = digits(tail);
    let behind = &tail[second..];
    let goes_on = behind.starts_with(['/', '.', ',', '-', '%']) && digits(behind.get(1..)?) > 0;
    let is_closed = separator == '/' || behind.starts_with('.');
    let is_date = (1..=2).contains(&first) && (1..=2).contains(&second) && is_closed && !goes_on;
    let values = [value(rest, first), value(tail, second.min(2))];
    is_date.then_some((Part::DayMonth { values, separator }, first + 1 + second))
}
