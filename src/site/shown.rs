//! Texts by themselves that are HTML, as databases and interfaces give them ("I&#39;m in<br>"), in tables that people bring.

use std::ops::Range;
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
    /// Any known tag.
    tags: Regex,
    /// Character references: hardly anybody types them.
    references: Regex,
}

static MARKS: LazyLock<Marks> = LazyLock::new(|| {
    let Tags { lines, inline } = toml::from_str(include_str!("../../data/text/tags.toml")).expect("checked by a test");
    let tags = |names: &[String]| {
        let (letters, names): (Vec<&str>, Vec<&str>) =
            names.iter().map(String::as_str).partition(|name| name.len() == 1);
        // People type "a<b and c>d", too: behind one letter an attribute has a value.
        let (letters, names) = (letters.join("|"), names.join("|"));
        format!(r"</?(?:(?:{names})(?:\s[^<>]*|/)?|(?:{letters})(?:\s+[\w:-]+\s*=[^<>]*|\s*/?))>")
    };
    let references = r"&(?:#\d{2,6}|#x[0-9a-f]{2,5}|[a-z]{2,8}\d{0,2});";
    let read = |pattern: &str| Regex::new(&format!("(?i){pattern}")).expect("checked by a test");
    let all = [lines.as_slice(), &inline].concat();
    Marks { lines: read(&tags(&lines)), tags: read(&tags(&all)), references: read(references) }
});

/// Whether a text seems to be HTML.
pub fn is_html(text: &str) -> bool {
    MARKS.tags.is_match(text) || MARKS.references.is_match(text)
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
    markup(&between_tags(html))
}

/// The same HTML, in which what stands between tags and notes is what somebody typed: a `<` there begins nothing ("a<b",
/// "<me@example.org>"), and where no tag sets lines, line breaks do. Programs that only escape what they give keep them, and HTML would take
/// them for blanks.
fn between_tags(html: &str) -> String {
    let has_lines = MARKS.lines.is_match(html);
    let mut marked: Vec<Range<usize>> = notes(html);
    marked.extend(MARKS.tags.find_iter(html).map(|tag| tag.range()));
    marked.sort_by_key(|range| range.start);
    let mut read = String::with_capacity(html.len() + 16);
    let mut at = 0;
    for range in marked.into_iter().chain(std::iter::once(html.len()..html.len())) {
        // A tag in a note is part of the note.
        let Some(typed) = html.get(at..range.start) else { continue };
        let typed = typed.replace('<', "&lt;");
        read.push_str(&if has_lines { typed } else { typed.replace("\r\n", "\n").replace('\n', "<br>") });
        read.push_str(&html[range.clone()]);
        at = range.end;
    }
    read
}

/// The notes in HTML, `<!-- … -->`, which nobody sees.
fn notes(html: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = html[at..].find("<!--").map(|start| at + start)
        && let Some(end) = html[start + 4..].find("-->").map(|end| start + 4 + end + 3)
    {
        found.push(start..end);
        at = end;
    }
    found
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
    fn much_that_begins_and_never_ends_is_quick() {
        for piece in ["<!--<b>", "<b ", "<", "&lt;!--", "<!-- --"] {
            assert!(!read(&format!("{}&amp;", piece.repeat(50_000))).0.is_empty());
        }
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
            ("a<b and c>d &amp; so", "a<b and c>d & so"),
            ("<p>Oui</p><!--[if x]>\n<xml>x</xml>\n<![endif]-->", "Oui"),
            ("Voir <a href=\"https://x.example\"\n rel=\"nofollow\">ici</a>\nou là", "Voir ici\nou là"),
            ("<script async src=x>f(1<2)</script>La <acronym title=x>CNIL</acronym>", "La CNIL"),
        ] {
            assert_eq!(read(html).0, text);
        }
    }
}
