//! The pages of a Safari web archive: a binary property list with the page, its frames and its parts.
//!
//! Its keys (`WebMainResource`, `WebSubframeArchives`, `WebResourceData` …) are those of WebKit's `LegacyWebArchive`; it
//! does not say when it was saved. Of the property list only these keys are followed, with an own reader of their few
//! types instead of the crate `plist` 1.10: that one builds the whole value, and a list may name one object any number
//! of times, so that a small file makes a tree larger than any memory.

use super::http::media_type;
use super::{Origin, decode, is_url};
use crate::model::{Failure, Page, PageKind};

/// How deep frames may stand in frames.
const MAX_DEPTH: usize = 8;
/// More frames than any page has.
const MAX_PAGES: usize = 500;
/// How many times the largest page's bytes all pages of an archive may hold together.
const MOST_HELD: u64 = 4;

pub(super) fn begins(head: &[u8]) -> bool {
    head.starts_with(b"bplist00")
}

/// The archive holds pictures and style, too, and is read as a whole.
pub(super) fn most_bytes(max_page_size: u64) -> u64 {
    max_page_size.saturating_mul(4)
}

/// The page, and its frames.
pub(super) fn pages(bytes: &[u8], source: &str, max_page_size: u64) -> Vec<Result<Page, Failure>> {
    let origin = Origin::file(source);
    let Some(list) = List::open(bytes) else {
        let message = "the web archive is damaged or ends in the middle; save the page again";
        return vec![Err(origin.fail("corrupt", message))];
    };
    if list.get(list.root, "WebMainResource").is_none() {
        let message = "a property list that is no Safari web archive; give saved HTML, a JSON answer or plain text";
        return vec![Err(origin.fail("binary", message))];
    }
    let mut pages = Vec::new();
    read(&list, list.root, source, max_page_size, MAX_DEPTH, &mut pages);
    if pages.is_empty() {
        let message = "the web archive holds no HTML; save the page itself rather than a picture or film";
        pages.push(Err(origin.fail("no_pages", message)));
    }
    pages
}

fn read(list: &List<'_>, archive: u64, source: &str, cap: u64, depth: usize, pages: &mut Vec<Result<Page, Failure>>) {
    if let Some(resource) = list.get(archive, "WebMainResource") {
        pages.extend(page(list, resource, source, pages.len(), cap));
    }
    let frames = list.get(archive, "WebSubframeArchives").map(|frames| list.array(frames)).unwrap_or_default();
    for frame in frames {
        // Frames may name one and the same data: what they hold together is bounded, too.
        let held: usize = pages.iter().flatten().map(|page| page.body.len()).sum();
        if held as u64 > MOST_HELD.saturating_mul(cap) {
            if !matches!(pages.last(), Some(Err(_))) {
                pages.push(Err(Origin::file(source)
                    .fail("too_large", "its frames hold more than four pages may; they are left out")));
            }
            return;
        }
        if depth > 0 && pages.len() < MAX_PAGES {
            read(list, frame, source, cap, depth - 1, pages);
        }
    }
}

fn page(list: &List<'_>, resource: u64, source: &str, before: usize, cap: u64) -> Option<Result<Page, Failure>> {
    let text = |name: &str| list.get(resource, name).and_then(|text| list.text(text)).unwrap_or_default();
    let (url, media) = (text("WebResourceURL"), text("WebResourceMIMEType"));
    if !matches!(media_type(&media).as_str(), "text/html" | "application/xhtml+xml") {
        return None;
    }
    let bytes = list.get(resource, "WebResourceData").and_then(|data| list.data(data)).unwrap_or_default();
    let frame = before > 0;
    if frame && bytes.trim_ascii().is_empty() {
        return None;
    }
    let content_type = format!("{media}; charset={}", text("WebResourceTextEncodingName"));
    let origin = Origin {
        url: Some(url).filter(|url| is_url(url)),
        headers: [("content-type".to_owned(), content_type)].into(),
        frame_of: frame.then(|| source.to_owned()),
        ..Origin::file(if frame { format!("{source}#{}", before + 1) } else { source.to_owned() })
    };
    if bytes.len() as u64 > cap {
        return Some(Err(origin.too_large(cap)));
    }
    let page = decode(bytes.to_vec(), origin, cap);
    let idle = frame && page.as_ref().is_ok_and(|page| page.kind != PageKind::Html);
    (!idle).then_some(page)
}

/// A binary property list: objects, each read when it is asked for.
struct List<'a> {
    bytes: &'a [u8],
    /// Where the table of the objects' places begins, and the size of its numbers.
    table: usize,
    offset_size: usize,
    /// Size of the numbers by which objects name each other.
    reference_size: usize,
    root: u64,
}

impl<'a> List<'a> {
    fn open(bytes: &'a [u8]) -> Option<Self> {
        let trailer = bytes.last_chunk::<32>()?;
        let list = Self {
            bytes,
            table: usize::try_from(number(&trailer[24..])?).ok()?,
            offset_size: trailer[6].into(),
            reference_size: trailer[7].into(),
            root: number(&trailer[16..24])?,
        };
        list.object(list.root)?;
        Some(list)
    }

    /// The bytes from an object's marker on.
    fn object(&self, reference: u64) -> Option<&'a [u8]> {
        let at = usize::try_from(reference).ok()?.checked_mul(self.offset_size)?.checked_add(self.table)?;
        let place = number(self.bytes.get(at..at.checked_add(self.offset_size)?)?)?;
        self.bytes.get(usize::try_from(place).ok()?..)
    }

    /// What follows the marker of an object of this type, and its length: bytes, letters or entries.
    fn open_object(&self, reference: u64, kind: u8) -> Option<(&'a [u8], usize)> {
        let (&marker, rest) = self.object(reference)?.split_first()?;
        match marker & 0x0f {
            _ if marker >> 4 != kind => None,
            0x0f => {
                let (&size, rest) = rest.split_first()?;
                let (length, rest) = rest.split_at_checked(1 << (size & 0x0f).min(3))?;
                Some((rest, usize::try_from(number(length)?).ok()?))
            }
            length => Some((rest, length.into())),
        }
    }

    fn data(&self, reference: u64) -> Option<&'a [u8]> {
        let (rest, length) = self.open_object(reference, 4)?;
        rest.get(..length)
    }

    fn text(&self, reference: u64) -> Option<String> {
        if let Some((rest, length)) = self.open_object(reference, 5) {
            return rest.get(..length).map(|ascii| String::from_utf8_lossy(ascii).into_owned());
        }
        let (rest, length) = self.open_object(reference, 6)?;
        let units =
            rest.get(..length.checked_mul(2)?)?.chunks_exact(2).map(|unit| u16::from_be_bytes([unit[0], unit[1]]));
        Some(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
    }

    fn array(&self, reference: u64) -> Vec<u64> {
        self.open_object(reference, 10).map(|(rest, length)| self.references(rest, length)).unwrap_or_default()
    }

    /// The value of a key; keys stand before the values.
    fn get(&self, dictionary: u64, key: &str) -> Option<u64> {
        let (rest, length) = self.open_object(dictionary, 13)?;
        let names = self.references(rest, length);
        let at = names.iter().position(|name| self.text(*name).is_some_and(|name| name == key))?;
        let values = self.references(rest.get(length.checked_mul(self.reference_size)?..)?, length);
        values.get(at).copied()
    }

    /// As many as asked for, and as are there.
    fn references(&self, bytes: &[u8], length: usize) -> Vec<u64> {
        let size = self.reference_size.max(1);
        bytes.chunks_exact(size).take(length.min(MAX_PAGES)).filter_map(number).collect()
    }
}

/// A number, the highest byte first.
fn number(bytes: &[u8]) -> Option<u64> {
    (1..=8).contains(&bytes.len()).then(|| bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A property list in the making, with numbers of two bytes.
    #[derive(Default)]
    struct Writer {
        bytes: Vec<u8>,
        places: Vec<usize>,
    }

    impl Writer {
        fn put(&mut self, kind: u8, length: usize, content: &[u8]) -> u16 {
            self.places.push(self.bytes.len() + 8);
            self.bytes.extend([kind << 4 | 0x0f, 0x11]);
            self.bytes.extend((length as u16).to_be_bytes());
            self.bytes.extend(content);
            self.places.len() as u16 - 1
        }

        fn list(&mut self, kind: u8, length: usize, references: &[u16]) -> u16 {
            let bytes: Vec<u8> = references.iter().flat_map(|reference| reference.to_be_bytes()).collect();
            self.put(kind, length, &bytes)
        }

        fn dictionary(&mut self, entries: &[(&str, u16)]) -> u16 {
            let keys = entries.iter().map(|(key, _)| self.put(5, key.len(), key.as_bytes())).collect::<Vec<_>>();
            let values = entries.iter().map(|(_, value)| *value);
            self.list(13, entries.len(), &keys.into_iter().chain(values).collect::<Vec<_>>())
        }

        fn resource(&mut self, url: &str, media: &str, data: &[u8]) -> u16 {
            let utf16: Vec<u8> = url.encode_utf16().flat_map(u16::to_be_bytes).collect();
            let url = self.put(6, utf16.len() / 2, &utf16);
            let media = self.put(5, media.len(), media.as_bytes());
            let charset = self.put(5, 12, b"windows-1252");
            let data = self.put(4, data.len(), data);
            self.dictionary(&[
                ("WebResourceURL", url),
                ("WebResourceMIMEType", media),
                ("WebResourceTextEncodingName", charset),
                ("WebResourceData", data),
            ])
        }

        fn archive(&mut self, main: u16, frames: &[u16]) -> u16 {
            let frames = self.list(10, frames.len(), frames);
            self.dictionary(&[("WebMainResource", main), ("WebSubframeArchives", frames)])
        }

        fn finish(self, root: u16) -> Vec<u8> {
            let mut all = [b"bplist00", &self.bytes[..]].concat();
            let table = all.len() as u64;
            all.extend(self.places.iter().flat_map(|place| (*place as u16).to_be_bytes()));
            all.extend([0, 0, 0, 0, 0, 0, 2, 2]);
            for number in [self.places.len() as u64, root.into(), table] {
                all.extend(number.to_be_bytes());
            }
            all
        }
    }

    fn outcome(bytes: &[u8]) -> Vec<String> {
        assert!(begins(bytes));
        pages(bytes, "a.webarchive", 1000)
            .into_iter()
            .map(|page| page.map_or_else(|failure| failure.reason, |page| format!("{} {}", page.source, page.body)))
            .collect()
    }

    fn sample() -> Vec<u8> {
        let mut list = Writer::default();
        let frames = [&b"<p>a</p>"[..], b" ", b"no document"].map(|data| {
            let main = list.resource("https://c.example/f", "text/html", data);
            list.archive(main, &[])
        });
        let main = list.resource("https://a.example/é", "text/html", b"<p>\xe9t\xe9</p>");
        let root = list.archive(main, &frames);
        list.finish(root)
    }

    #[test]
    fn page_and_frames() {
        assert_eq!(outcome(&sample()), ["a.webarchive <p>été</p>", "a.webarchive#2 <p>a</p>"]);
        let page = pages(&sample(), "x", 1000).remove(0).unwrap();
        assert_eq!((page.url.as_deref(), page.frame_of), (Some("https://a.example/é"), None));
        let mut picture = Writer::default();
        let main = picture.resource("https://a.example/x.png", "image/png", b"");
        let root = picture.archive(main, &[]);
        assert_eq!(outcome(&picture.finish(root)), ["no_pages"]);
        let mut other = Writer::default();
        let root = other.dictionary(&[]);
        assert_eq!(outcome(&other.finish(root)), ["binary"]);
    }

    #[test]
    fn frames_in_a_circle_come_to_an_end() {
        let mut list = Writer::default();
        let main = list.resource("https://a.example/", "text/html", b"<p>a</p>");
        let keys = ["WebMainResource", "WebSubframeArchives"].map(|key| list.put(5, key.len(), key.as_bytes()));
        let (frames, root) = (list.places.len() as u16, list.places.len() as u16 + 1);
        list.list(10, 3, &[root; 3]);
        list.list(13, 2, &[keys[0], keys[1], main, frames]);
        assert_eq!(outcome(&list.finish(root)).len(), MAX_PAGES);
    }

    #[test]
    fn damage_is_named() {
        for bytes in [&b"bplist00\xd1\x01\x02"[..], b"bplist00", &[b'b'; 64], &[0; 40]] {
            assert_eq!(pages(bytes, "a", 1000).remove(0).unwrap_err().reason, "corrupt");
        }
    }

    proptest! {
        #[test]
        fn damage_never_panics(at in 0_usize..2000, by in any::<[u8; 3]>(), cut in 0_usize..2000) {
            let mut bytes = sample();
            let at = at.min(bytes.len() - 3);
            bytes[at..at + 3].copy_from_slice(&by);
            bytes.drain(..cut.min(at));
            prop_assert!(!pages(&bytes, "a", 1000).is_empty());
        }
    }
}
