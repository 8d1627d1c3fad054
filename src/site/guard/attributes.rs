//! Which attributes of a tag are worth the parser's time.
//!
//! An attribute that no one reads costs as much as one that is read. Handlers, sizes and sources for scripts, and layout
//! are left out; styles stay where they are short, since they hide elements and indent replies.

use super::references;

/// Attributes kept a tag.
const MAX_ATTRIBUTES: usize = 256;
/// Longest style kept, in bytes.
const MAX_STYLE: usize = 160;
/// Longest picture inside an attribute, in bytes.
const MAX_DATA_ADDRESS: usize = 256;

/// Copies the attributes of a start tag.
pub(super) fn copy(attributes: &str, out: &mut String) {
    let mut count = 0;
    let mut at = 0;
    let bytes = attributes.as_bytes();
    loop {
        while bytes.get(at).is_some_and(|b| b.is_ascii_whitespace() || *b == b'/') {
            at += 1;
        }
        if at >= bytes.len() || count == MAX_ATTRIBUTES {
            return;
        }
        let start = at;
        // A first `=` belongs to the name, as in browsers.
        at += 1;
        while bytes.get(at).is_some_and(|b| !b.is_ascii_whitespace() && !matches!(b, b'=' | b'/')) {
            at += 1;
        }
        let name = &attributes[start..at];
        let mut value_at = at;
        while bytes.get(value_at).is_some_and(u8::is_ascii_whitespace) {
            value_at += 1;
        }
        let mut value = "";
        if bytes.get(value_at) == Some(&b'=') {
            value_at += 1;
            while bytes.get(value_at).is_some_and(u8::is_ascii_whitespace) {
                value_at += 1;
            }
            let end = match bytes.get(value_at) {
                Some(&quote @ (b'"' | b'\'')) => {
                    let inside = value_at + 1;
                    memchr::memchr(quote, &bytes[inside..]).map_or(bytes.len(), |length| inside + length + 1)
                }
                _ => bytes[value_at..]
                    .iter()
                    .position(u8::is_ascii_whitespace)
                    .map_or(bytes.len(), |length| value_at + length),
            };
            value = &attributes[value_at..end];
            at = end;
        }
        if !is_read(name, value) {
            continue;
        }
        count += 1;
        out.push(' ');
        out.push_str(name);
        if !value.is_empty() {
            out.push('=');
            copy_value(value, out);
        }
    }
}

/// Copies a value with its quotes. JSON in an attribute is all quotation marks, which need no reference between others.
fn copy_value(value: &str, out: &mut String) {
    let is_double = value.len() >= 2 && value.starts_with('"') && value.ends_with('"');
    if is_double && value.contains("&quot;") && !value.contains('\'') {
        out.push('\'');
        references::copy(&value[1..value.len() - 1], &['\''], out);
        out.push('\'');
    } else if value.starts_with(['"', '\'']) {
        references::copy(value, &['"', '\''], out);
    } else {
        out.push_str(value);
    }
}

/// Whether anyone may read an attribute.
fn is_read(name: &str, value: &str) -> bool {
    match name.as_bytes().first() {
        Some(b'o' | b'O') => {
            !(name.len() > 4 && name.is_char_boundary(2) && name[..2].eq_ignore_ascii_case("on")) || value.len() <= 160
        }
        Some(b's') if name == "style" => value.len() <= MAX_STYLE,
        Some(b's') if name == "src" => value.len() <= MAX_DATA_ADDRESS || !value[1..].starts_with("data:"),
        _ => !UNREAD.contains(&name),
    }
}

const UNREAD: &[&str] = &[
    "srcset",
    "sizes",
    "target",
    "tabindex",
    "loading",
    "decoding",
    "fetchpriority",
    "crossorigin",
    "integrity",
    "nonce",
    "referrerpolicy",
    "aria-controls",
    "aria-describedby",
    "aria-expanded",
    "aria-haspopup",
    "aria-labelledby",
    "aria-live",
    "cellpadding",
    "cellspacing",
    "bgcolor",
    "valign",
    "autocomplete",
    "data-srcset",
    "data-lazy-srcset",
    "data-sizes",
    "data-lazy-sizes",
    "data-image-meta",
    "data-image-description",
    "data-image-title",
    "data-image-caption",
    "data-medium-file",
    "data-large-file",
    "data-orig-file",
    "data-orig-size",
    "data-elementor-settings",
    "data-wp-interactive",
    "data-wp-context",
    "data-ga",
    "data-turbo",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn copied(attributes: &str) -> String {
        let mut out = String::new();
        copy(attributes, &mut out);
        out
    }

    #[test]
    fn what_nobody_reads_is_left_out() {
        assert_eq!(
            copied(" id=a srcset='x 1x' class = \"b c\" hidden data-id=7 /"),
            " id=a class=\"b c\" hidden data-id=7"
        );
        assert_eq!(copied(&format!(" style='{}' style=display:none", "a".repeat(200))), " style=display:none");
        assert_eq!(copied(&format!(" src=\"data:{}\" alt=x", "a".repeat(300))), " alt=x");
        assert_eq!(copied(" href=/a/b/ =x é=ü \"q"), " href=/a/b/ =x é=ü \"q");
        assert_eq!(copied(r#" data-x="{&quot;a&quot;:&quot;é&amp;&eacute;&quot;}""#), r#" data-x='{"a":"é&amp;é"}'"#);
        assert_eq!(copied(r#" title="l'&quot;a&nbsp;b""#), " title=\"l'&quot;a\u{a0}b\"");
        assert_eq!(copied(&"a=1 ".repeat(100_000)).len(), 4 * MAX_ATTRIBUTES);
    }
}
