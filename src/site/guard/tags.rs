//! Where tags, comments and hidden elements end, by the rules of HTML's tokenizer.

use memchr::memchr;

/// The name at the head of a tag's inside.
pub(in crate::site) fn tag_name(inside: &str) -> &str {
    let end = inside.bytes().position(|b| b.is_ascii_whitespace() || matches!(b, b'/' | b'>')).unwrap_or(inside.len());
    &inside[..end]
}

/// Where a start tag ends (past its `>`) and where its attributes end. Quotes count only after `=`.
pub(in crate::site) fn tag_end(tag: &str, from: usize) -> (usize, usize) {
    let bytes = tag.as_bytes();
    let mut at = from;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        if byte == b'>' {
            return (at, at - 1);
        }
        if byte != b'=' {
            continue;
        }
        while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
            at += 1;
        }
        match bytes.get(at) {
            Some(&quote @ (b'"' | b'\'')) => {
                let Some(length) = memchr(quote, &bytes[at + 1..]) else { break };
                at += length + 2;
            }
            _ => {
                while bytes.get(at).is_some_and(|b| !b.is_ascii_whitespace() && *b != b'>') {
                    at += 1;
                }
            }
        }
    }
    // A tag that never ends (truncated page, or a quote left open): end it at the first `>` so that
    // what follows is not lost.
    match memchr(b'>', &bytes[from..]) {
        Some(length) => (from + length + 1, close_quote_before(tag, from, from + length)),
        None => (bytes.len(), from),
    }
}

/// Where the attributes can be cut so that no quote is left open.
fn close_quote_before(tag: &str, from: usize, end: usize) -> usize {
    let inside = &tag[from..end];
    match inside.rfind(['"', '\'']) {
        Some(quote) if inside.bytes().filter(|b| *b == inside.as_bytes()[quote]).count() % 2 == 1 => {
            from + inside[..quote].rfind(|c: char| c.is_ascii_whitespace()).unwrap_or(0)
        }
        _ => end,
    }
}

/// Where the text goes on after a comment's `-->` or `--!>`; its end where there is none.
pub(in crate::site) fn comment_end(comment: &str) -> usize {
    let mut at = 0;
    while let Some(offset) = comment[at..].find("--") {
        at += offset;
        let tail = &comment[at + 2..];
        if let Some(rest) = tail.strip_prefix('>').or_else(|| tail.strip_prefix("!>")) {
            return comment.len() - rest.len();
        }
        at += 1;
    }
    comment.len()
}

/// Where `</name` stands, in any case.
pub(in crate::site) fn find_end_tag(body: &str, name: &str) -> Option<usize> {
    let bytes = body.as_bytes();
    let mut at = 0;
    while let Some(offset) = memchr(b'<', &bytes[at..]) {
        at += offset;
        let tail = &bytes[at + 1..];
        if tail.first() == Some(&b'/')
            && tail.get(1..=name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
            && tail.get(1 + name.len()).is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/'))
        {
            return Some(at);
        }
        at += 1;
    }
    None
}
