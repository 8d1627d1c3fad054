//! Texts by themselves that are HTML, as databases and interfaces give them ("I&#39;m in<br>"), in tables that people bring.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use super::answer::markup;
use super::body::BodyText;
use crate::model::Comment;

/// Names of tags (`data/text/tags.toml`).
#[derive(Deserialize)]
struct Tags {
    lines: Vec<String>,
    inline: Vec<String>,
}

/// What HTML is told by.
struct Marks {
    /// Tags that set lines.
    lines: Regex,
    /// Other tags, and notes.
    inline: Regex,
    /// Character references: hardly anybody types them.
    references: Regex,
}

static MARKS: LazyLock<Marks> = LazyLock::new(|| {
    let Tags { lines, inline } = toml::from_str(include_str!("../../data/text/tags.toml")).expect("checked by a test");
    let tags = |names: &[String]| format!(r"</?(?:{})(?:\s+[\w:-]+\s*=[^<>]*|\s*/?)>", names.join("|"));
    let references = r"&(?:#\d{2,6}|#x[0-9a-f]{2,5}|[a-z]{2,8}\d{0,2});";
    let read = |pattern: String| Regex::new(&format!("(?i){pattern}")).expect("checked by a test");
    let inline = format!("{}|<!--.*?-->", tags(&inline));
    Marks { lines: read(tags(&lines)), inline: read(inline), references: read(references.to_owned()) }
});

/// Whether a text seems to be HTML.
pub fn is_html(text: &str) -> bool {
    MARKS.lines.is_match(text) || MARKS.inline.is_match(text) || MARKS.references.is_match(text)
}

/// Reads a comment whose text is HTML as a page would show it: lines, quotes, links. One whose text is none stays as it is.
pub fn read_html(comment: &mut Comment) {
    if is_html(&comment.text) {
        shown(&std::mem::take(&mut comment.text)).fill(comment);
    }
}

/// A line of HTML, such as a headline, as a page would show it.
pub fn read_html_line(line: &str) -> String {
    if is_html(line) { shown(line).text } else { line.to_owned() }
}

fn shown(html: &str) -> BodyText {
    let typed = typed_signs(html);
    // Programs that only escape what they give keep its line breaks, which HTML would take for blanks.
    let lined =
        if MARKS.lines.is_match(&typed) { typed } else { typed.replace("\r\n", "\n").replace('\n', "<br>").into() };
    markup(&lined)
}

/// The same HTML, in which a `<` that begins no known tag is what somebody typed ("a<b", "<me@example.org>"), not the beginning of one.
fn typed_signs(html: &str) -> Cow<'_, str> {
    let begins: HashSet<usize> =
        [&MARKS.lines, &MARKS.inline].iter().flat_map(|tags| tags.find_iter(html)).map(|tag| tag.start()).collect();
    if html.match_indices('<').all(|(at, _)| begins.contains(&at)) {
        return Cow::Borrowed(html);
    }
    let mut kept = String::with_capacity(html.len() + 16);
    let mut from = 0;
    for (at, _) in html.match_indices('<').filter(|(at, _)| !begins.contains(at)) {
        kept.push_str(&html[from..at]);
        kept.push_str("&lt;");
        from = at + 1;
    }
    kept.push_str(&html[from..]);
    kept.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(html: &str) -> (String, Vec<String>) {
        let mut comment = Comment { text: html.into(), ..Comment::default() };
        read_html(&mut comment);
        let quotes = comment.quotes.iter().map(|quote| quote.span.of(&comment.text).to_owned()).collect();
        (comment.text.replace('\u{a0}', " "), quotes)
    }

    #[test]
    fn html_is_told_from_what_people_type() {
        for text in [
            "I&#39;m in",
            "Oui<br>non",
            "<p>Oui</p>",
            "<a href=\"https://example.org\">ici</a>",
            "d&eacute;j&agrave; &AMP; encore",
            "c&oelig;ur",
        ] {
            assert!(is_html(text), "{text}");
        }
        for text in ["<3", "a < b > c", "R&D", "&", "<grin>", "if (a<b && c>d)", "<I don't know>", "Vec<u8>", "&#1;"] {
            assert!(!is_html(text), "{text}");
            assert_eq!(read(text).0, text);
        }
    }

    #[test]
    fn html_is_read_as_a_page_shows_it() {
        let (text, quotes) =
            read("<blockquote><p>On ne vend rien.</p></blockquote><p>J&#39;y crois&nbsp;:<br>pas.</p>");
        assert_eq!(text, "On ne vend rien.\n\nJ'y crois :\npas.");
        assert_eq!(quotes, ["On ne vend rien."]);
        assert_eq!(read_html_line("L&#39;offre <b>&amp;</b> ses suites"), "L'offre & ses suites");
    }

    #[test]
    fn line_breaks_of_escaped_text_are_its_own() {
        assert_eq!(read("&gt; On ne vend rien.\r\n\r\nSi.").0, "> On ne vend rien.\n\nSi.");
        assert_eq!(read("<p>Oui\nnon</p>").0, "Oui non");
    }

    #[test]
    fn nothing_that_somebody_typed_is_lost() {
        for (html, text) in [
            ("a<b that is all &amp; more", "a<b that is all & more"),
            ("it&#39;s <!-- not a note", "it's <!-- not a note"),
            ("<me@example.org> it&#39;s <strong words", "<me@example.org> it's <strong words"),
            ("<q>Oui</q><!-- a note --> <i>non</i> x<y", "Oui non x<y"),
            ("<p>x<p", "x<p"),
        ] {
            assert_eq!(read(html).0, text);
        }
    }
}
