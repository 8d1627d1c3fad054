//! Character references, read before the parser sees them: it stops at each, and pages with JSON in an attribute or with
//! `&nbsp;` between all words have as many as words. Those that stand for characters of the markup itself stay.

use memchr::memchr;

/// Copies text, references read; `keeps` are the characters that must stay references there.
pub(super) fn copy(text: &str, keeps: &[char], out: &mut String) {
    let mut rest = text;
    while let Some(at) = memchr(b'&', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let read = reference(rest).filter(|(c, _)| !matches!(c, '&' | '<' | '>') && !keeps.contains(c));
        let (c, length) = read.unwrap_or(('&', 1));
        out.push(c);
        rest = &rest[length..];
    }
    out.push_str(rest);
}

/// The character a text's first reference stands for, and the reference's length; only common ones that end as they should.
fn reference(text: &str) -> Option<(char, usize)> {
    let end = memchr(b';', &text.as_bytes()[..text.len().min(10)])?;
    let name = text.get(1..end)?;
    let c = match name.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) if digits.bytes().all(|b| b.is_ascii_hexdigit()) => u32::from_str_radix(digits, 16),
                None if number.bytes().all(|b| b.is_ascii_digit()) => number.parse(),
                _ => return None,
            };
            // Below lie control characters, some of which mean others by an old custom.
            code.ok().filter(|code| (0x20..0x7f).contains(code) || *code >= 0xa0).and_then(char::from_u32)?
        }
        None => match name {
            "nbsp" => '\u{a0}',
            "quot" => '"',
            "apos" => '\'',
            "rsquo" => '’',
            "lsquo" => '‘',
            "rdquo" => '”',
            "ldquo" => '“',
            "laquo" => '«',
            "raquo" => '»',
            "ndash" => '–',
            "mdash" => '—',
            "hellip" => '…',
            "middot" => '·',
            "bull" => '•',
            "eacute" => 'é',
            "egrave" => 'è',
            "ecirc" => 'ê',
            "agrave" => 'à',
            "ccedil" => 'ç',
            "auml" => 'ä',
            "ouml" => 'ö',
            "uuml" => 'ü',
            "szlig" => 'ß',
            _ => return None,
        },
    };
    // Non-characters are errors that the parser deals with.
    (!matches!(u32::from(c), 0xfdd0..=0xfdef) && u32::from(c) & 0xfffe != 0xfffe).then_some((c, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copied(text: &str, keeps: &[char]) -> String {
        let mut out = String::new();
        copy(text, keeps, &mut out);
        out
    }

    #[test]
    fn references_of_markup_and_broken_ones_stay() {
        let text = "a&nbsp;b &amp; &lt;i&gt; &#60; &#8217;&#x2019;&rsquo;&eacute; &quot;&#39; & &; &nope; &#; &#x; &#150; &#xD800; &eacute";
        assert_eq!(
            copied(text, &['"', '\'']),
            "a\u{a0}b &amp; &lt;i&gt; &#60; ’’’é &quot;&#39; & &; &nope; &#; &#x; &#150; &#xD800; &eacute"
        );
        assert_eq!(copied("&quot;x&#039;&é;", &[]), "\"x'&é;");
    }
}
