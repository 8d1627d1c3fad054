use serde::{Deserialize, Serialize};

/// A stretch of a text: byte offsets, `end` exclusive, both on character borders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// A span from `start` to `end` (exclusive).
    pub fn new(start: usize, end: usize) -> Self {
        debug_assert!(start <= end, "span {start}..{end} runs backwards");
        Self { start, end }
    }

    /// The words the span covers; empty where it does not fit `text`.
    pub fn of(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or("")
    }

    /// Whether the two share at least one byte.
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Whether `other` lies wholly inside.
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The same stretch counted in Unicode code points (first = 0, end exclusive), as tables show it.
    ///
    /// ```
    /// use causerie::model::Span;
    /// assert_eq!(Span::new(7, 11).in_code_points("déjà 👍"), (5, 6));
    /// ```
    pub fn in_code_points(self, text: &str) -> (usize, usize) {
        let points = |end: usize| text.get(..end).map_or(0, |head| head.chars().count());
        (points(self.start), points(self.end))
    }

    /// The stretch from code point `start` to `end` (exclusive) of a text; nothing where it does not fit or runs backwards.
    ///
    /// ```
    /// use causerie::model::Span;
    /// assert_eq!(Span::from_code_points("déjà 👍", 5, 6).unwrap().of("déjà 👍"), "👍");
    /// assert_eq!(Span::from_code_points("déjà", 3, 5), None);
    /// ```
    pub fn from_code_points(text: &str, start: usize, end: usize) -> Option<Self> {
        let mut borders = text.char_indices().map(|(at, _)| at).chain([text.len()]);
        let first = borders.nth(start)?;
        let last = match end.checked_sub(start)? {
            0 => first,
            more => borders.nth(more - 1)?,
        };
        Some(Self::new(first, last))
    }
}
