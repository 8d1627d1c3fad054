//! What bytes and text are, told from the content alone.

use memchr::{memchr, memmem};
use serde::de::IgnoredAny;

use super::{charset, webarchive};
use crate::model::PageKind;

/// How far is looked.
const SAMPLE: usize = 8 * 1024;

/// A format that is not a page, and what to do with it.
pub(super) struct Foreign {
    name: &'static str,
    offset: usize,
    magic: &'static [u8],
    /// The failure's reason.
    pub(super) reason: &'static str,
    advice: &'static str,
}

impl Foreign {
    pub(super) fn message(&self) -> String {
        format!("{}, not a page causerie reads; {}", self.name, self.advice)
    }
}

const fn row(name: &'static str, offset: usize, magic: &'static [u8], advice: &'static str) -> Foreign {
    Foreign { name, offset, magic, reason: "binary", advice }
}

const SAVE_PAGE: &str = "save the page itself (\"Webpage, complete\") or copy its text into a .txt file";
const UNPACK: &str = "unpack it and give the folder";
const AS_TEXT: &str = "save it as plain text (.txt, UTF-8)";

/// Formats people have lying beside pages, or save by mistake. One row a format; the first match wins.
const FOREIGN: &[Foreign] = &[
    row("a PDF", 0, b"%PDF-", "print it to text with `pdftotext -layout` and give the text file"),
    row("a zip file inside another file, or behind an address", 0, b"PK\x03\x04", UNPACK),
    row("an empty zip file", 0, b"PK\x05\x06", UNPACK),
    row("a bzip2 file", 0, b"BZh", UNPACK),
    row("an xz file", 0, b"\xfd7zXZ\x00", UNPACK),
    row("a zstd file", 0, b"\x28\xb5\x2f\xfd", "unpack it with `zstd -d`"),
    row("a 7-Zip file", 0, b"7z\xbc\xaf\x27\x1c", UNPACK),
    row("a RAR file", 0, b"Rar!\x1a\x07", UNPACK),
    row("a tar file", 257, b"ustar", UNPACK),
    row("a gzip file inside another", 0, b"\x1f\x8b", "unpack it with `gunzip`"),
    Foreign {
        name: "a Safari web archive inside another file, or behind an address",
        offset: 0,
        magic: b"bplist00",
        reason: "unsupported_webarchive",
        advice: "save it as a file of its own",
    },
    Foreign { name: "an RTF document", offset: 0, magic: b"{\\rtf", reason: "unsupported_rtf", advice: AS_TEXT },
    row("an old Office document", 0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", AS_TEXT),
    row("an SQLite database", 0, b"SQLite format 3\x00", SAVE_PAGE),
    row("a Parquet table", 0, b"PAR1", SAVE_PAGE),
    row("a PNG image", 0, b"\x89PNG\r\n\x1a\n", SAVE_PAGE),
    row("a JPEG image", 0, b"\xff\xd8\xff", SAVE_PAGE),
    row("a GIF image", 0, b"GIF8", SAVE_PAGE),
    row("a TIFF image", 0, b"II*\x00", SAVE_PAGE),
    row("an icon", 0, b"\x00\x00\x01\x00", SAVE_PAGE),
    row("a WebP image, or sound or film", 0, b"RIFF", SAVE_PAGE),
    row("a film, or a HEIC or AVIF image", 4, b"ftyp", SAVE_PAGE),
    row("sound", 0, b"ID3", SAVE_PAGE),
    row("sound or film", 0, b"OggS", SAVE_PAGE),
    row("a film", 0, b"\x1a\x45\xdf\xa3", SAVE_PAGE),
    row("a font", 0, b"wOFF", SAVE_PAGE),
    row("a font", 0, b"wOF2", SAVE_PAGE),
    row("a font", 0, b"OTTO", SAVE_PAGE),
    row("a font", 0, b"\x00\x01\x00\x00\x00", SAVE_PAGE),
    row("a program", 0, b"\x7fELF", SAVE_PAGE),
    row("a program", 0, b"MZ\x90\x00", SAVE_PAGE),
    row("a program", 0, b"\x00asm", SAVE_PAGE),
];

const MHTML: Foreign = Foreign {
    name: "an MHTML file inside another file, or behind an address",
    offset: 0,
    magic: b"",
    reason: "unsupported_mhtml",
    advice: "save it as a file of its own",
};

/// The format, where it is a known one that is not a page.
pub(super) fn foreign(bytes: &[u8]) -> Option<&'static Foreign> {
    FOREIGN
        .iter()
        .find(|row| {
            bytes.get(row.offset..).is_some_and(|rest| rest.starts_with(row.magic))
                // A pasted text may begin with "GIF89" or "ID3", too.
                && (!row.magic.iter().all(u8::is_ascii_alphanumeric) || is_binary(bytes))
        })
        .or_else(|| is_mhtml(bytes).then_some(&MHTML))
}

/// Mail headers with `multipart/related`, before the first empty line.
pub(super) fn is_mhtml(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(SAMPLE)];
    let end = memmem::find(head, b"\r\n\r\n").or_else(|| memmem::find(head, b"\n\n")).unwrap_or(head.len());
    let head = head[..end].to_ascii_lowercase();
    let first_line = &head[..memchr(b'\n', &head).unwrap_or(head.len())];
    memchr(b':', first_line).is_some_and(|colon| colon > 0 && first_line[..colon].iter().copied().all(is_token))
        && memmem::find(&head, b"mime-version:").is_some()
        && memmem::find(&head, b"multipart/related").is_some()
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

/// Whether the bytes are no text in any encoding: more than one control character in fifty, or NULs in what does
/// not begin as markup. A stray NUL in a page is what browsers live with.
pub(super) fn is_binary(bytes: &[u8]) -> bool {
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    if charset::unmarked_utf16(sample).is_some() || sample.starts_with(b"\xff\xfe") || sample.starts_with(b"\xfe\xff") {
        return false;
    }
    let controls = sample.iter().filter(|b| matches!(b, 0..=8 | 0x0e..=0x1a | 0x1c..=0x1f | 0x7f)).count();
    controls * 50 > sample.len() || (memchr(0, sample).is_some() && sample.trim_ascii_start().first() != Some(&b'<'))
}

/// JSON, HTML or text. What begins as an answer to a program does is JSON even where it breaks: a download cut short.
pub(super) fn recognise(text: &str) -> PageKind {
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    // IgnoredAny is read without recursion, so deep nesting is no danger here.
    if start.starts_with(['{', '[']) && (begins_as_answer(start) || serde_json::from_str::<IgnoredAny>(start).is_ok()) {
        return PageKind::Json;
    }
    let head = start[..start.floor_char_boundary(SAMPLE)].to_ascii_lowercase();
    if begins_as_html(&head) || is_mostly_html(&head) { PageKind::Html } else { PageKind::Text }
}

/// The kind, as far as the beginning tells it.
pub(super) fn recognise_start(head: &[u8]) -> PageKind {
    recognise(&String::from_utf8_lossy(head))
}

/// Whether it starts with an object's first key and a colon, alone or as the first of a list.
fn begins_as_answer(start: &str) -> bool {
    let object = start.strip_prefix('[').map_or(start, str::trim_start);
    let Some(key) = object.strip_prefix('{').and_then(|rest| rest.trim_start().strip_prefix('"')) else { return false };
    let end = key.bytes().take(80).position(|b| matches!(b, b'"' | b'\\' | b'\n'));
    end.is_some_and(|end| key[end..].strip_prefix('"').is_some_and(|rest| rest.trim_start().starts_with(':')))
}

/// Whether it starts with a doctype, a comment, an XML declaration or a tag.
fn begins_as_html(head: &str) -> bool {
    let Some(rest) = head.strip_prefix('<') else { return false };
    if rest.starts_with("!doctype") || rest.starts_with("!--") || rest.starts_with("?xml") {
        return true;
    }
    let name_end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).unwrap_or(rest.len());
    let (name, after) = rest.split_at(name_end);
    // `<jean@example.org>` and `<3` open pasted text, too.
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && after.starts_with([' ', '\t', '\n', '\r', '>', '/'])
}

/// Whether tags come soon after something else, such as a server's warning printed before the doctype.
fn is_mostly_html(head: &str) -> bool {
    const DOCUMENT: [&str; 4] = ["<!doctype html", "<html", "<body", "<head>"];
    const CLOSING: [&str; 6] = ["</p>", "</div>", "</li>", "</span>", "</a>", "</td>"];
    DOCUMENT.iter().any(|tag| head.contains(tag))
        || CLOSING.iter().map(|tag| head.matches(tag).count()).sum::<usize>() >= 3
}

/// Whether the beginning of a file whose name says nothing is worth reading as a page: markup, JSON, gzip, WARC …
pub(super) fn promises_a_page(head: &[u8]) -> bool {
    if [&b"\x1f\x8b"[..], b"WARC/", b"PK\x03\x04"].iter().any(|magic| head.starts_with(magic))
        || is_mhtml(head)
        || webarchive::begins(head)
    {
        return true;
    }
    if foreign(head).is_some() || is_binary(head) {
        return false;
    }
    let text = String::from_utf8_lossy(&head[..head.len().min(SAMPLE)]).to_ascii_lowercase();
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let json = start.starts_with("{\"") || start.starts_with("[{") || start.starts_with("{\n");
    let feed = start.starts_with("<?xml") && !start.contains("<html");
    json || ((begins_as_html(start) || is_mostly_html(start)) && !feed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_content() {
        for html in ["\n<!DOCTYPE html>", "<!-- x -->", "<p>a", "<x-app>", "Warning: mysql\n<html>"] {
            assert_eq!(recognise(html), PageKind::Html, "{html}");
        }
        for json in ["{}", " [1, 2]\n", "\u{feff}{\"a\": \"<p>\"}", "{\"a\": [1", "[ {\n\"id\" : 4, \"te"] {
            assert_eq!(recognise(json), PageKind::Json, "{json}");
        }
        for text in [
            "[1, 2",
            "{ broken",
            "{\"bonjour\" dit-il",
            "Bonjour <b>vous</b>",
            "<3 merci",
            "<jean@example.org> a écrit",
            "1 < 2",
        ] {
            assert_eq!(recognise(text), PageKind::Text, "{text}");
        }
    }

    #[test]
    fn deep_json_is_json() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(recognise(&deep), PageKind::Json);
    }

    #[test]
    fn mhtml_is_told_by_its_mail_headers() {
        let mail = b"From: <Saved by Blink>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\r\n--x";
        assert_eq!(foreign(mail).map(|f| f.reason), Some("unsupported_mhtml"));
        assert!(foreign(b"Bonjour : multipart/related\n\nmime-version:").is_none());
    }

    #[test]
    fn a_stray_nul_in_a_page_is_not_binary() {
        assert!(!is_binary(b"<p>un\x00deux trois quatre cinq six sept huit neuf dix onze douze treize</p>"));
        assert!(is_binary(b"un\x00deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze"));
        assert!(!is_binary("été à Noël".as_bytes()));
    }

    #[test]
    fn odd_names_are_judged_by_their_beginning() {
        for page in [&b"<html>"[..], b"{\"a\":1}", b"\x1f\x8b\x08", b"WARC/1.0\r\n"] {
            assert!(promises_a_page(page));
        }
        for other in [&b"body { color: red }"[..], b"a,b\n1,2", b"\x89PNG\r\n\x1a\n", b"<?xml ?><rss>", b""] {
            assert!(!promises_a_page(other));
        }
    }
}
