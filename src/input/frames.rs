//! Frames whose pages stand in the page around them, as `srcdoc` of an `<iframe>`: SingleFile saves all frames so.

use std::borrow::Cow;
use std::collections::BTreeMap;

use memchr::{memchr, memchr2, memmem};

use crate::model::{Page, PageKind};

/// How deep frames may stand in frames.
const MAX_DEPTH: usize = 4;
/// Frames of one page that are read; more than any page has that is no attack.
const MAX_FRAMES: usize = 100;
/// How often the word may come up where it is no attribute of a frame.
const MAX_OTHERS: usize = 1000;
/// How far before the attribute its tag may begin.
const MAX_TAG: usize = 4096;
/// Bytes of a frame too short to hold a comment.
const LEAST: usize = 64;

/// A page, and behind it the pages that stand in it as frames.
pub(super) fn with_frames(page: Page) -> Vec<Page> {
    let mut pages = vec![page];
    if pages[0].kind == PageKind::Html {
        collect(0, MAX_DEPTH, &mut pages);
    }
    pages
}

fn collect(around: usize, depth: usize, pages: &mut Vec<Page>) {
    let room = MAX_FRAMES.saturating_sub(pages.len() - 1);
    let bodies: Vec<String> = srcdocs(&pages[around].body).take(room).map(Cow::into_owned).collect();
    for body in bodies {
        if pages.len() > MAX_FRAMES {
            return;
        }
        let outer = &pages[0];
        pages.push(Page {
            source: format!("{}#frame-{}", outer.source, pages.len()),
            url: outer.url.clone(),
            fetched_at: outer.fetched_at.clone(),
            kind: PageKind::Html,
            frame_of: Some(outer.frame_of.clone().unwrap_or_else(|| outer.source.clone())),
            headers: BTreeMap::new(),
            posted: None,
            body,
        });
        if depth > 1 {
            collect(pages.len() - 1, depth - 1, pages);
        }
    }
}

/// The values of `srcdoc` in the frames of a page, in order.
fn srcdocs(html: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let bytes = html.as_bytes();
    let finder = memmem::Finder::new("srcdoc");
    let (mut at, mut others) = (0, 0);
    std::iter::from_fn(move || {
        while others < MAX_OTHERS {
            let found = at + finder.find(&bytes[at..])?;
            at = found + "srcdoc".len();
            let Some((start, end)) = value(bytes, at).filter(|_| is_in_frame(bytes, found)) else {
                others += 1;
                continue;
            };
            at = end;
            if end - start >= LEAST {
                return Some(unescaped(&html[start..end]));
            }
        }
        None
    })
    .fuse()
}

/// Where the quoted value of an attribute begins and ends whose name ends at `at`.
fn value(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let rest = bytes[at..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let quote = *rest.first().filter(|byte| matches!(byte, b'"' | b'\''))?;
    let start = bytes.len() - rest.len() + 1;
    Some((start, start + memchr(quote, &bytes[start..])?))
}

/// Whether what stands at `at` is an attribute of an `<iframe>`.
fn is_in_frame(bytes: &[u8], at: usize) -> bool {
    const TAG: &[u8] = b"<iframe";
    let before = &bytes[at.saturating_sub(MAX_TAG)..at];
    let begins =
        |from: &usize| before[*from..].len() > TAG.len() && before[*from..*from + TAG.len()].eq_ignore_ascii_case(TAG);
    let Some(start) = memchr::memrchr_iter(b'<', before).find(begins) else { return false };
    // The tag is still open, and so is no value in it.
    let mut rest = &before[start + TAG.len()..];
    while let Some(quote) = memchr2(b'"', b'\'', rest) {
        let Some(end) = memchr(rest[quote], &rest[quote + 1..]) else { return false };
        if memchr(b'>', &rest[..quote]).is_some() {
            return false;
        }
        rest = &rest[quote + 1 + end + 1..];
    }
    memchr(b'>', rest).is_none()
        && before.last().is_some_and(|b| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'/'))
}

/// A value without the references that keep it in its quotes; others are those of the page inside.
fn unescaped(value: &str) -> Cow<'_, str> {
    if !value.contains('&') {
        return Cow::Borrowed(value);
    }
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (c, length) = reference(rest).unwrap_or(('&', 1));
        out.push(c);
        rest = &rest[length..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The character a reference stands for, and the reference's length.
fn reference(text: &str) -> Option<(char, usize)> {
    const NAMED: [(&str, char); 6] =
        [("&quot;", '"'), ("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&apos;", '\''), ("&nbsp;", '\u{a0}')];
    if let Some((name, c)) = NAMED.iter().find(|(name, _)| text.starts_with(name)) {
        return Some((*c, name.len()));
    }
    let end = text.bytes().take(12).position(|b| b == b';')?;
    let digits = text.get(2..end).filter(|_| text.starts_with("&#"))?;
    let code = match digits.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None => digits.parse().ok()?,
    };
    Some((char::from_u32(code).filter(|c| *c != '\0')?, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(body: &str) -> Page {
        Page {
            source: "a.html".into(),
            url: Some("https://x.example/a".into()),
            fetched_at: None,
            kind: PageKind::Html,
            frame_of: None,
            headers: BTreeMap::new(),
            posted: None,
            body: body.into(),
        }
    }

    fn frames(body: &str) -> Vec<String> {
        with_frames(page(body)).into_iter().skip(1).map(|page| page.body).collect()
    }

    #[test]
    fn pages_in_attributes_are_frames() {
        let inner = format!("<p class=\"c\">Zoé &amp; Bob{}</p>", " oui".repeat(20));
        let escape = |text: &str| text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
        let around = |inner: &str| format!("<html><iframe title='>' srcdoc=\"{}\"></iframe></html>", escape(inner));
        assert_eq!(frames(&around(&inner)), [inner.as_str()]);
        let pages = with_frames(page(&around(&around(&inner))));
        assert_eq!(
            pages.iter().map(|page| page.source.as_str()).collect::<Vec<_>>(),
            ["a.html", "a.html#frame-1", "a.html#frame-2"]
        );
        assert!(pages[1..].iter().all(|page| page.frame_of.as_deref() == Some("a.html")));
        assert_eq!(pages[2].body, inner);
        let deep = (0..10).fold(inner, |inner, _| around(&inner));
        assert_eq!(frames(&deep).len(), MAX_DEPTH);
        assert_eq!(frames(&around("<p>Short</p>")), [""; 0]);
        let single = format!("<IFRAME srcdoc='&#60;p&#x3e;{}'>", "é".repeat(60));
        assert_eq!(frames(&single), [format!("<p>{}", "é".repeat(60))]);
    }

    #[test]
    fn what_only_speaks_of_frames_is_none() {
        let long = "x".repeat(100);
        for body in [
            format!("<p>iframe srcdoc=\"{long}\"</p>"),
            format!("<iframe src=a></iframe> srcdoc=\"{long}\""),
            format!("<iframe title=\"a srcdoc='{long}'\"></iframe>"),
            format!("<div srcdoc=\"{long}\"></div>"),
            format!("<iframe data-srcdoc=\"{long}\"></iframe>"),
            format!("<iframe srcdoc=\"{long}"),
            format!("<iframe srcdoc={long}>"),
        ] {
            assert_eq!(frames(&body), [""; 0], "{body}");
        }
    }

    #[test]
    fn no_page_takes_long() {
        let begun = std::time::Instant::now();
        for part in ["<iframe srcdoc=\"", "srcdoc", "<iframe srcdoc='&#'", "srcdoc=\"", "<iframe a=\"<\" srcdoc=''>"] {
            let _ = with_frames(page(&part.repeat(200_000)));
        }
        let many = format!("<iframe srcdoc='{}'>", "x".repeat(80)).repeat(20_000);
        assert_eq!(with_frames(page(&many)).len(), MAX_FRAMES + 1);
        assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
    }
}
