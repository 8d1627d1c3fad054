//! Words of a text and their places, as code points; and the ways in which other tools count.

use unicode_segmentation::UnicodeSegmentation as _;

/// What a tool counts when it says where a span begins and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Offsets {
    /// Unicode code points, as Python does.
    CodePoints,
    /// Code units of UTF-16, as JavaScript does: an emoji is two.
    Utf16,
    /// What a reader takes for one character.
    Graphemes,
}

impl Offsets {
    pub(super) const ALL: [Self; 3] = [Self::CodePoints, Self::Utf16, Self::Graphemes];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::CodePoints => "code points",
            Self::Utf16 => "UTF-16 units",
            Self::Graphemes => "graphemes",
        }
    }

    /// The span in code points; none where it is empty, leaves the text or cuts a character.
    pub(super) fn span(self, text: &str, start: usize, end: usize) -> Option<(usize, usize)> {
        let sizes: Box<dyn Iterator<Item = (usize, usize)> + '_> = match self {
            Self::CodePoints => Box::new(text.chars().map(|_| (1, 1))),
            Self::Utf16 => Box::new(text.chars().map(|c| (c.len_utf16(), 1))),
            Self::Graphemes => Box::new(text.graphemes(true).map(|cluster| (1, cluster.chars().count()))),
        };
        let (mut begins, mut ends) = ((start == 0).then_some(0), None);
        let (mut unit, mut point) = (0, 0);
        for (units, points) in sizes {
            (unit, point) = (unit + units, point + points);
            if unit == start {
                begins = Some(point);
            }
            if unit >= end {
                ends = (unit == end).then_some(point);
                break;
            }
        }
        begins.zip(ends).filter(|(start, end)| start < end)
    }
}

/// The words of a span in code points.
pub(super) fn words(text: &str, (start, end): (usize, usize)) -> String {
    text.chars().skip(start).take(end.saturating_sub(start)).collect()
}

/// Where `words` are in `text`, first occurrence: as they are, or else with blanks, quotation marks and case that
/// spreadsheets and people change on the way.
pub(super) fn find(text: &str, words: &str) -> Option<(usize, usize)> {
    let words = words.trim();
    if words.is_empty() {
        return None;
    }
    if let Some(at) = text.find(words) {
        let start = text[..at].chars().count();
        return Some((start, start + words.chars().count()));
    }
    let (text, places) = plain(text);
    let (words, _) = plain(words);
    let at = text.windows(words.len()).position(|window| window == words)?;
    Some((places[at], places[at + words.len() - 1] + 1))
}

/// Whether `words` are in `text` once and only once.
pub(super) fn only(text: &str, words: &str) -> Option<(usize, usize)> {
    (text.matches(words).count() == 1).then(|| find(text, words)).flatten()
}

/// The characters without differences of blanks, quotation marks and case, and the code point each was.
fn plain(text: &str) -> (Vec<char>, Vec<usize>) {
    let mut plain = (Vec::with_capacity(text.len()), Vec::with_capacity(text.len()));
    for (place, c) in text.chars().enumerate() {
        let c = match c {
            '’' | '‘' | 'ʼ' => '\'',
            '“' | '”' | '„' => '"',
            '–' | '—' => '-',
            c if c.is_whitespace() => ' ',
            c => c,
        };
        if c == ' ' && plain.0.last() == Some(&' ') {
            continue;
        }
        for lower in c.to_lowercase() {
            plain.0.push(lower);
            plain.1.push(place);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_of_counting_finds_the_same_words() {
        let text = "👨🏻\u{200d}🚒 firemen drive 🚒 trucks";
        for (offsets, start, end) in
            [(Offsets::CodePoints, 21, 27), (Offsets::Utf16, 25, 31), (Offsets::Graphemes, 18, 24)]
        {
            let span = offsets.span(text, start, end).unwrap();
            assert_eq!(words(text, span), "trucks", "{offsets:?}");
        }
        assert_eq!(Offsets::Utf16.span(text, 0, 1), None, "half an emoji");
        assert_eq!(Offsets::CodePoints.span("abc", 1, 4), None);
        assert_eq!(Offsets::CodePoints.span("abc", 2, 2), None);
        assert_eq!(Offsets::CodePoints.span("abc", 0, 3), Some((0, 3)));
    }

    #[test]
    fn words_are_found_in_spite_of_what_spreadsheets_change() {
        let text = "🙄 C’est\r\nune   arnaque";
        assert_eq!(find(text, "c'est une arnaque").map(|span| words(text, span)).as_deref(), Some(&text[5..]));
        assert_eq!(find("abc abc", "abc"), Some((0, 3)));
        assert_eq!(find("שלום עולם", "עולם"), Some((5, 9)));
        assert_eq!(find("abc", "abcd"), None);
        assert_eq!(find("abc", "  "), None);
        assert_eq!(only("abc abc", "abc"), None);
    }
}
