use std::borrow::Cow;
use std::fmt::{self, Display, Write as _};

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthChar as _;

/// Height of letters in a drawing, in its units.
pub(super) const LETTERS: f64 = 13.0;

/// From one line of a label to the next.
pub(super) const LINE: f64 = 16.0;

/// From the middle of a row to the baseline of text that stands in it.
pub(super) const BASELINE: f64 = 4.5;

/// Which of the two drawings of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    Wide,
    Narrow,
}

impl Layout {
    pub(super) fn width(self) -> f64 {
        match self {
            Self::Wide => 720.0,
            Self::Narrow => 340.0,
        }
    }

    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Wide => "wide",
            Self::Narrow => "narrow",
        }
    }

    /// One value for wide pages, another for phones.
    pub(super) fn pick<T>(self, wide: T, narrow: T) -> T {
        match self {
            Self::Wide => wide,
            Self::Narrow => narrow,
        }
    }
}

/// Where a text stands relative to its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A drawing under way.
#[derive(Debug)]
pub(super) struct Svg {
    pub(super) layout: Layout,
    pub(super) height: f64,
    pub(super) body: String,
}

impl Svg {
    pub(super) fn new(layout: Layout, height: f64) -> Self {
        Self { layout, height, body: String::new() }
    }

    pub(super) fn rect(&mut self, class: &str, x: f64, y: f64, width: f64, height: f64) {
        self.pale_rect(class, 1.0, [x, y, width, height]);
    }

    /// A rectangle through which the page shows: `opacity` from 0 to 1, `place` as x, y, width and height.
    pub(super) fn pale_rect(&mut self, class: &str, opacity: f64, place: [f64; 4]) {
        let [x, y, width, height] = place.map(Units);
        let _ = write!(self.body, r#"<rect class="{class}" x="{x}" y="{y}" width="{width}" height="{height}""#);
        if opacity < 1.0 {
            let _ = write!(self.body, r#" fill-opacity="{opacity:.2}""#);
        }
        self.body.push_str("/>");
    }

    pub(super) fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        let [x1, y1, x2, y2] = [from.0, from.1, to.0, to.1].map(Units);
        let _ = write!(self.body, r#"<line class="{class}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>"#);
    }

    pub(super) fn circle(&mut self, class: &str, x: f64, y: f64, radius: f64) {
        let [x, y, radius] = [x, y, radius].map(Units);
        let _ = write!(self.body, r#"<circle class="{class}" cx="{x}" cy="{y}" r="{radius}"/>"#);
    }

    /// Begins a group that says what it is under the pointer.
    pub(super) fn open_titled(&mut self, title: &str) {
        let _ = write!(self.body, "<g><title>{}</title>", escape(title));
    }

    pub(super) fn close(&mut self) {
        self.body.push_str("</g>");
    }

    /// Text that is known to fit.
    pub(super) fn text(&mut self, class: &str, anchor: Anchor, x: f64, y: f64, text: &str) {
        self.titled_text(class, anchor, (x, y), text, None);
    }

    /// Text of any length, shortened to `room`; the whole of it is its title then.
    pub(super) fn label(&mut self, class: &str, anchor: Anchor, at: (f64, f64), room: f64, text: &str) {
        let text = clean(text);
        let short = fit(&text, room);
        let whole = (short != text).then_some(text.as_ref());
        self.titled_text(class, anchor, at, &short, whole);
    }

    /// A label of up to two lines around the middle `y`.
    pub(super) fn label_block(&mut self, class: &str, x: f64, y: f64, room: f64, text: &str) {
        let text = clean(text);
        let (first, second) = halves(&text, room);
        if second.is_empty() {
            return self.label(class, Anchor::Start, (x, y + BASELINE), room, &text);
        }
        let short = fit(second, room);
        let whole = (short != second).then_some(text.as_ref());
        self.titled_text(class, Anchor::Start, (x, y + BASELINE - LINE / 2.0), first, whole);
        self.titled_text(class, Anchor::Start, (x, y + BASELINE + LINE / 2.0), &short, whole);
    }

    fn titled_text(&mut self, class: &str, anchor: Anchor, at: (f64, f64), text: &str, title: Option<&str>) {
        let (x, y) = (Units(at.0), Units(at.1));
        let _ = write!(self.body, r#"<text class="{class}" x="{x}" y="{y}""#);
        self.body.push_str(match anchor {
            Anchor::Start => ">",
            Anchor::Middle => r#" text-anchor="middle">"#,
            Anchor::End => r#" text-anchor="end">"#,
        });
        if let Some(title) = title {
            let _ = write!(self.body, "<title>{}</title>", escape(title));
        }
        self.body.push_str(&isolated(&escape(text)));
        self.body.push_str("</text>");
    }
}

/// A length with one decimal at most: what a screen can show, and half of what a file would hold.
pub(super) struct Units(pub(super) f64);

impl Display for Units {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = if self.0.is_finite() { (self.0 * 10.0).round() as i64 } else { 0 };
        let sign = if tenths < 0 { "-" } else { "" };
        let (whole, tenth) = (tenths.unsigned_abs() / 10, tenths.unsigned_abs() % 10);
        if tenth == 0 { write!(f, "{sign}{whole}") } else { write!(f, "{sign}{whole}.{tenth}") }
    }
}

/// Whether a label needs two lines in `room`.
pub(super) fn needs_two_lines(text: &str, room: f64) -> bool {
    !halves(&clean(text), room).1.is_empty()
}

/// The first line that fits in `room`, broken at a blank, and the rest. A first word too long for a line stays whole: nothing is
/// gained by breaking it.
fn halves(text: &str, room: f64) -> (&str, &str) {
    if extent(text) <= room {
        return (text, "");
    }
    let fits = |at: &usize| extent(&text[..*at]) <= room;
    match text.match_indices(' ').map(|(at, _)| at).take_while(fits).last() {
        Some(at) if at > 0 => (&text[..at], text[at..].trim_start()),
        _ => (text, ""),
    }
}

/// The longest beginning of a text that fits, with `…` where something is left out.
fn fit(text: &str, room: f64) -> Cow<'_, str> {
    if extent(text) <= room {
        return Cow::Borrowed(text);
    }
    let mut left = room - em('…') * LETTERS;
    let kept = text.graphemes(true).take_while(|grapheme| {
        left -= extent(grapheme);
        left >= 0.0
    });
    let end = kept.map(str::len).sum::<usize>();
    Cow::Owned(format!("{}…", text[..end].trim_end()))
}

/// How wide a text is at most, in units, in the sans-serif faces that systems come with.
pub(super) fn extent(text: &str) -> f64 {
    text.chars().map(em).sum::<f64>() * LETTERS
}

fn em(c: char) -> f64 {
    match c {
        'i' | 'l' | 'j' | 'I' | '.' | ',' | '\'' | '’' | '|' | '!' | ':' | ';' | '\u{202f}' => 0.32,
        't' | 'f' | 'r' | ' ' | '\u{a0}' | '(' | ')' | '-' | '/' => 0.42,
        'm' | 'w' | 'M' | 'W' | '%' | '@' | '…' => 0.95,
        'A'..='Z' => 0.72,
        _ => match c.width().unwrap_or(0) {
            0 => 0.0,
            1 => 0.62,
            _ => 1.1,
        },
    }
}

/// A label on one line, without what has no place in one: control characters and marks that turn the direction of what follows.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    let odd = |c: char| {
        c.is_control() || is_direction_mark(c) || matches!(c, '\u{fffe}' | '\u{ffff}' | '\u{2028}' | '\u{2029}')
    };
    if !text.contains(odd) && text.trim() == text {
        return Cow::Borrowed(text);
    }
    let kept: String = text.chars().filter(|&c| !is_direction_mark(c)).map(|c| if odd(c) { ' ' } else { c }).collect();
    Cow::Owned(kept.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}') || turns_what_follows(c)
}

/// Embeddings, overrides and isolates, which reach beyond the text they stand in.
fn turns_what_follows(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A text from right to left, closed off from what stands around it. Goes around escaped text: [`escape`] takes such marks out.
pub(super) fn isolated(text: &str) -> Cow<'_, str> {
    let from_right = |c: char| {
        matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'
            | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
    };
    if text.contains(from_right) { Cow::Owned(format!("\u{2068}{text}\u{2069}")) } else { Cow::Borrowed(text) }
}

/// Text of anybody as HTML and XML hold it, in elements and in quoted attributes. Line breaks and tabs stay; other control
/// characters, which neither can hold, become blanks; marks that would turn the direction of what follows are left out.
pub(in crate::report) fn escape(text: &str) -> Cow<'_, str> {
    let forbidden = |c: char| matches!(c, '\u{fffe}' | '\u{ffff}') || (c.is_control() && !matches!(c, '\n' | '\t'));
    let special = |c: char| matches!(c, '&' | '<' | '>' | '"' | '\'') || forbidden(c) || turns_what_follows(c);
    if !text.contains(special) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if turns_what_follows(c) => {}
            c if forbidden(c) => out.push(' '),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_shortened_between_characters_as_people_see_them() {
        let flags = "🇫🇷🇧🇪🇨🇭🇨🇦🇱🇺";
        let short = fit(flags, 60.0);
        assert!(short.ends_with("🇫🇷…") || short.ends_with("🇧🇪…"), "{short}");
        assert_eq!(fit("short", 200.0), "short");
        assert_eq!(fit("anything", 0.0), "…");
    }

    #[test]
    fn a_label_breaks_at_a_blank() {
        assert_eq!(halves("Fraud, alleged or imagined", 105.0), ("Fraud, alleged", "or imagined"));
        assert_eq!(halves("Donaudampfschifffahrtsgesellschaft", 60.0).1, "");
    }

    #[test]
    fn labels_hold_no_marks_that_turn_or_break_the_line() {
        assert_eq!(clean("a\u{202e}b\nc\u{0}d"), "ab c d");
        assert_eq!(isolated("סרק"), "\u{2068}סרק\u{2069}");
        assert_eq!(isolated("plain"), "plain");
    }

    #[test]
    fn units_have_one_decimal_at_most() {
        assert_eq!(format!("{} {} {} {}", Units(1.0), Units(-0.04), Units(2.26), Units(f64::NAN)), "1 0 2.3 0");
        assert_eq!(Units(-1.5).to_string(), "-1.5");
    }

    #[test]
    fn nothing_a_label_says_is_markup() {
        assert_eq!(escape("<a href=\"x\">&'\u{1}"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39; ");
    }

    #[test]
    fn lines_stay_and_nothing_turns_what_follows() {
        assert_eq!(escape("one\n\ttwo\u{202e}\u{2067}three\u{2069}\u{ffff}"), "one\n\ttwothree ");
        assert!(matches!(escape("one\n\ttwo"), Cow::Borrowed(_)));
        let mut svg = Svg::new(Layout::Wide, 10.0);
        svg.label("label", Anchor::Start, (0.0, 0.0), 300.0, "\u{202e}סרק & co");
        assert!(svg.body.ends_with(">\u{2068}סרק &amp; co\u{2069}</text>"), "{}", svg.body);
    }
}
