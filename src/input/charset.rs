//! Bytes → text. The rule is told at [`super::decode`].

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK, ISO_2022_JP, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, X_USER_DEFINED,
};
use memchr::memmem;

/// How far a document is searched for its own declaration. The HTML standard asks for 1,024 bytes; pages put
/// comments and scripts before it.
const PRESCAN: usize = 4096;

/// How many telling bytes detection gets: it runs at some 5 MB/s, and a few hundred letters settle the matter.
const DETECTED: usize = 4096;

/// Encodings with multi-byte sequences: text in them is rarely well-formed by chance.
const MULTI_BYTE: [&Encoding; 6] = [BIG5, EUC_JP, EUC_KR, GB18030, GBK, SHIFT_JIS];

/// Decodes; never fails: what cannot be decoded becomes U+FFFD.
pub(super) fn to_text(bytes: Vec<u8>, content_type: Option<&str>, url: Option<&str>) -> String {
    let encoding = choose(&bytes, content_type, url);
    if encoding == UTF_8 && !bytes.starts_with(b"\xef\xbb\xbf") {
        return String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned());
    }
    encoding.decode_with_bom_removal(&bytes).0.into_owned()
}

/// The text of a file that is no page, and the name of its charset where nothing in it says which that is: it was guessed.
pub(crate) fn text_of(bytes: &[u8]) -> (Cow<'_, str>, Option<&'static str>) {
    let encoding = choose(bytes, None, None);
    let is_told = encoding == UTF_8 || Encoding::for_bom(bytes).is_some();
    (encoding.decode_with_bom_removal(bytes).0, (!is_told).then(|| encoding.name()))
}

fn choose(bytes: &[u8], content_type: Option<&str>, url: Option<&str>) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return encoding;
    }
    if let Some(encoding) = unmarked_utf16(bytes) {
        return encoding;
    }
    let labels = labels(bytes, content_type);
    match Utf8::of(bytes) {
        Utf8::Ascii if labels.contains(&ISO_2022_JP) => ISO_2022_JP,
        Utf8::Ascii | Utf8::Valid => UTF_8,
        Utf8::Damaged => {
            labels.into_iter().find(|label| MULTI_BYTE.contains(label) && decodes(bytes, label)).unwrap_or(UTF_8)
        }
        Utf8::Other => labels.into_iter().find(|label| decodes(bytes, label)).unwrap_or_else(|| detect(bytes, url)),
    }
}

fn decodes(bytes: &[u8], encoding: &'static Encoding) -> bool {
    encoding.decode_without_bom_handling_and_without_replacement(bytes).is_some()
}

/// How much the bytes look like UTF-8.
enum Utf8 {
    Ascii,
    Valid,
    /// At least as many characters beyond ASCII are well-formed as not: in other charsets that happens to few.
    Damaged,
    Other,
}

impl Utf8 {
    fn of(bytes: &[u8]) -> Self {
        if bytes.is_ascii() {
            return Self::Ascii;
        }
        let (mut formed, mut malformed) = (0_usize, 0_usize);
        for chunk in bytes.utf8_chunks() {
            formed += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
            malformed += usize::from(!chunk.invalid().is_empty());
        }
        match (formed, malformed) {
            (_, 0) => Self::Valid,
            _ if formed >= malformed => Self::Damaged,
            _ => Self::Other,
        }
    }
}

/// UTF-16 without a byte-order mark: in markup and Western text every second byte is zero, and those beside them are
/// printable. A label alone is not believed, since nearly any bytes decode as UTF-16.
pub(super) fn unmarked_utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(PRESCAN)];
    let (pairs, _) = sample.as_chunks::<2>();
    let printable = |byte: u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~' | 0xa0..);
    let [mut little, mut big, mut neither] = [0_usize; 3];
    for pair in pairs {
        match pair {
            [byte, 0] if printable(*byte) => little += 1,
            [0, byte] if printable(*byte) => big += 1,
            [low, high] if *low == 0 || *high == 0 => neither += 1,
            _ => {}
        }
    }
    let clear = |count: usize, other: usize| count * 5 >= pairs.len().max(10) && (other + neither) * 50 <= count;
    match (clear(little, big), clear(big, little)) {
        (true, _) => Some(UTF_16LE),
        (_, true) => Some(UTF_16BE),
        _ => None,
    }
}

/// The encodings the header and the document declare, in that order, unknown and unusable ones left out.
fn labels(bytes: &[u8], content_type: Option<&str>) -> Vec<&'static Encoding> {
    let head = &bytes[..bytes.len().min(PRESCAN)];
    let from_header = content_type.and_then(|value| charset_parameter(value.as_bytes()));
    [from_header, declared(head)]
        .into_iter()
        .flatten()
        .filter_map(Encoding::for_label_no_replacement)
        .filter(|encoding| ![UTF_16LE, UTF_16BE, X_USER_DEFINED].contains(encoding))
        .collect()
}

/// The label in `<meta charset>`, `<meta http-equiv>` or the XML declaration.
fn declared(head: &[u8]) -> Option<&[u8]> {
    if head.starts_with(b"<?xml") {
        let declaration = &head[..memmem::find(head, b"?>").unwrap_or(head.len())];
        if let Some(label) = assigned(declaration, b"encoding") {
            return Some(label);
        }
    }
    let mut rest = head;
    while let Some(at) = memchr::memchr(b'<', rest) {
        rest = &rest[at..];
        if rest.starts_with(b"<!--") {
            rest = &rest[memmem::find(rest, b"-->")?..];
            continue;
        }
        if rest.len() > 5 && rest[..5].eq_ignore_ascii_case(b"<meta") {
            let tag = &rest[..memchr::memchr(b'>', rest).unwrap_or(rest.len())];
            if let Some(label) = charset_parameter(tag) {
                return Some(label);
            }
        }
        rest = &rest[1..];
    }
    None
}

fn charset_parameter(value: &[u8]) -> Option<&[u8]> {
    assigned(value, b"charset")
}

/// The value of `name = value` within `within`, quoted or not.
fn assigned<'a>(within: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let mut rest = within;
    loop {
        let at = rest.windows(name.len()).position(|window| window.eq_ignore_ascii_case(name))?;
        rest = &rest[at + name.len()..];
        if let Some(value) = rest.trim_ascii_start().strip_prefix(b"=") {
            let value = value.trim_ascii_start();
            let value = value.strip_prefix(b"\"").or_else(|| value.strip_prefix(b"'")).unwrap_or(value);
            let ends = |b: &u8| matches!(b, b'"' | b'\'' | b';' | b',' | b'/' | b'>') || b.is_ascii_whitespace();
            let end = value.iter().position(ends).unwrap_or(value.len());
            return (end > 0).then(|| &value[..end]);
        }
    }
}

fn detect(bytes: &[u8], url: Option<&str>) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    for piece in telling(bytes) {
        detector.feed(piece, false);
        detector.feed(b"\n", false);
    }
    detector.feed(b"", true);
    // The country of the address tells apart what bytes alone cannot (Baltic from Western European …).
    let host = url.and_then(|url| url::Url::parse(url).ok()).and_then(|url| url.domain().map(str::to_owned));
    let tld = host.as_deref().and_then(|host| host.rsplit('.').next()).filter(|tld| tld.is_ascii());
    detector.guess(tld.map(str::as_bytes), Utf8Detection::Deny)
}

/// The stretches of text that hold bytes beyond ASCII, [`DETECTED`] bytes in all.
fn telling(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut left = DETECTED;
    // None of these is a trail byte in any multi-byte encoding of the Web.
    bytes
        .split(|b| matches!(b, b'<' | b'>' | b'\n'))
        .filter_map(|piece| {
            let first = piece.iter().position(|b| !b.is_ascii())?;
            Some(&piece[first.saturating_sub(64)..])
        })
        .map_while(move |piece| {
            let piece = &piece[..piece.len().min(left)];
            left -= piece.len();
            (!piece.is_empty()).then_some(piece)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATIN: &[u8] = b"<p>Tr\xe8s d\xe9\xe7u par l'\xe9t\xe9</p>";
    const TEXT: &str = "<p>Très déçu par l'été</p>";

    fn html(label: &str, body: &[u8]) -> Vec<u8> {
        [b"<html><!-- <meta charset=koi8-r> -->", label.as_bytes(), body].concat()
    }

    fn ends_with(bytes: Vec<u8>, header: Option<&str>, end: &str) {
        let text = to_text(bytes, header, None);
        assert!(text.ends_with(end), "{text}");
    }

    #[test]
    fn labels_of_header_meta_and_xml_are_followed() {
        ends_with(LATIN.to_vec(), Some("text/html; charset=\"ISO-8859-1\""), TEXT);
        ends_with(html("<META CHARSET = latin1>", LATIN), None, TEXT);
        let equiv = "<meta http-equiv=Content-Type content='text/html; charset=iso-8859-1'/>";
        ends_with(html(equiv, LATIN), None, TEXT);
        let cyrillic = encoding_rs::KOI8_R.encode("<p>Привет</p>").0.into_owned();
        ends_with([b"<?xml version='1.0' encoding='koi8-r'?>", &cyrillic[..]].concat(), None, "<p>Привет</p>");
    }

    #[test]
    fn a_wrong_label_does_not_ruin_the_text() {
        ends_with(TEXT.as_bytes().to_vec(), Some("text/html; charset=iso-8859-1"), TEXT);
        ends_with(html("<meta charset=windows-1251>", TEXT.as_bytes()), None, TEXT);
        ends_with(LATIN.to_vec(), Some("text/html; charset=utf-8"), TEXT);
        ends_with(html("<meta charset=iso-8859-1>", LATIN), Some("text/html; charset=utf-8"), TEXT);
        ends_with(TEXT.as_bytes().to_vec(), Some("text/html; charset=utf-16"), TEXT);
        ends_with(LATIN.to_vec(), Some("text/html; charset=shift_jis"), TEXT);
        ends_with(LATIN.to_vec(), None, TEXT);
    }

    #[test]
    fn damaged_utf8_loses_only_the_damaged_places() {
        let mut bytes = "été été ".as_bytes().to_vec();
        bytes.extend(b"\xff fin");
        ends_with(bytes, Some("text/html; charset=iso-8859-1"), "été été \u{fffd} fin");
        ends_with("déjà cou".bytes().chain(*b"\xc3").collect(), None, "déjà cou\u{fffd}");
    }

    #[test]
    fn detection_finds_the_telling_words_far_down() {
        let padding = b"<p class=x>nothing to see</p>\n".repeat(5000);
        ends_with([&padding[..], LATIN].concat(), None, TEXT);
        ends_with([&b"x".repeat(50_000), LATIN].concat(), None, TEXT);
        let russian = "<p>Привет, как дела? Хорошо</p>".repeat(1000);
        ends_with(encoding_rs::WINDOWS_1251.encode(&russian).0.into_owned(), None, "дела? Хорошо</p>");
        let japanese = "<p>コメントありがとうございます</p>".repeat(300);
        ends_with(SHIFT_JIS.encode(&japanese).0.into_owned(), None, "ありがとうございます</p>");
        assert_eq!(telling(&b"\xe9".repeat(9000)).map(<[u8]>::len).sum::<usize>(), DETECTED);
    }

    #[test]
    fn files_that_are_no_pages_say_whether_it_was_a_guess() {
        let sheet = "commentaire;déçu;très fâché à l’été";
        let latin = encoding_rs::WINDOWS_1252.encode(sheet).0.into_owned();
        assert_eq!(text_of(&latin), (sheet.into(), Some("windows-1252")));
        let wide: Vec<u8> = "\u{feff}é".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(text_of(&wide), ("é".into(), None));
        assert_eq!(text_of("\u{feff}é".as_bytes()), ("é".into(), None));
        assert_eq!(text_of("é".as_bytes()), ("é".into(), None));
    }

    #[test]
    fn wide_and_asian_encodings() {
        let wide: Vec<u8> = TEXT.encode_utf16().flat_map(u16::to_le_bytes).collect();
        ends_with(wide.clone(), None, TEXT);
        ends_with([b"\xff\xfe", &wide[..]].concat(), Some("text/html; charset=utf-8"), TEXT);
        let shift_jis = SHIFT_JIS.encode("<p>こんにちは</p>").0.into_owned();
        ends_with(shift_jis, Some("text/html; charset=Shift_JIS"), "<p>こんにちは</p>");
        let escaped = ISO_2022_JP.encode("<p>日本</p>").0.into_owned();
        ends_with(escaped, Some("text/html; charset=iso-2022-jp"), "<p>日本</p>");
    }
}
