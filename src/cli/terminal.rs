//! What a terminal can show: its width, whether letters beyond ASCII come out, whether there is colour.

use std::borrow::Cow;
use std::io;

use anstream::ColorChoice;

/// Columns where nothing says how many there are.
const WIDTH: usize = 80;
/// Longer lines are hard to read.
const WIDEST: usize = 110;
const NARROWEST: usize = 40;

/// Columns to write in.
pub(super) fn width() -> usize {
    let width = terminal_size::terminal_size().map_or(WIDTH, |(width, _)| usize::from(width.0));
    width.clamp(NARROWEST, WIDEST)
}

/// Whether standard output takes no colours: marks have to be characters then.
pub(super) fn is_plain() -> bool {
    anstream::AutoStream::choice(&io::stdout()) == ColorChoice::Never
}

/// Whether bars and lines may be drawn beyond ASCII. The first of these variables that is set says which charset the terminal has; where
/// none is, it is taken for a new one.
pub(super) fn has_unicode() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(|name| std::env::var(name).ok());
    let said = locale.into_iter().find(|value| !value.is_empty());
    std::env::var("TERM").as_deref() != Ok("dumb") && said.is_none_or(|locale| names_utf8(&locale))
}

fn names_utf8(locale: &str) -> bool {
    let locale = locale.to_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

/// Text as the terminal can show it: signs of typography by their ASCII look-alikes where it has no more. Quoted comments go the same way,
/// so this is for what is read in a terminal: tables and exports have the words unchanged.
pub(super) fn shown(text: &str) -> Cow<'_, str> {
    if has_unicode() { Cow::Borrowed(text) } else { Cow::Owned(in_ascii(text)) }
}

fn in_ascii(text: &str) -> String {
    const LOOK_ALIKES: [(&str, &str); 13] = [
        ("·", "-"),
        ("•", "*"),
        ("→", "->"),
        ("…", "..."),
        ("│", "|"),
        ("–", "-"),
        ("±", "+-"),
        ("▲", "^"),
        ("▼", "v"),
        ("“", "\""),
        ("”", "\""),
        ("\u{a0}", " "),
        ("\u{202f}", " "),
    ];
    LOOK_ALIKES.iter().fold(text.to_owned(), |text, (sign, ascii)| text.replace(sign, ascii))
}

/// The part of `room` that a share takes, in eighths of a column where the terminal can.
pub(super) fn filled(share: f64, room: usize, unicode: bool) -> String {
    if !unicode {
        return "#".repeat((share * room as f64).round() as usize);
    }
    let eighths = (share * room as f64 * 8.0).round() as usize;
    let part = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8];
    format!("{}{part}", "█".repeat(eighths / 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_come_in_two_makes() {
        assert_eq!(in_ascii("a · b → c…"), "a - b -> c...");
        assert_eq!(filled(0.5, 3, true), "█▌");
        assert_eq!(filled(0.5, 4, false), "##");
        assert!(names_utf8("fr_FR.UTF-8") && names_utf8("C.utf8") && !names_utf8("C") && !names_utf8("POSIX"));
    }
}
