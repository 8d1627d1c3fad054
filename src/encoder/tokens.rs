use std::collections::HashMap;

use super::EncoderError;
use super::weights::Weights;
use crate::model::Span;

/// Stands for a blank inside pieces.
const MARK: char = '▁';

/// SentencePiece's unigram model (Kudo 2018, *Subword Regularization*): a text is cut into the pieces whose
/// probabilities multiply to the most. Written here because the weights' normaliser is a table of single characters
/// that no library reads, and evidence needs each piece's place in the text as it was.
#[derive(Debug)]
pub(super) struct Vocabulary {
    /// Piece → id.
    ids: HashMap<Box<str>, u32>,
    scores: Vec<f32>,
    /// Longest piece, in characters.
    longest: usize,
    /// What the normaliser makes of a character.
    map: HashMap<char, Box<str>>,
    begin: u32,
    end: u32,
    unknown: u32,
    unknown_score: f32,
}

impl Vocabulary {
    pub(super) fn read(weights: &Weights) -> Result<Self, EncoderError> {
        let blob = weights.bytes("tokens.pieces")?;
        let ends = weights.integers("tokens.ends")?;
        let scores = weights.floats("tokens.scores")?;
        let (rows, columns) = weights.shape("tokens.map")?;
        let wrong = |what: &str| EncoderError::Wrong { name: "tokens".to_owned(), what: what.to_owned() };
        if ends.len() != scores.len() || columns < 2 {
            return Err(wrong("lists of unequal length"));
        }
        let (mut ids, mut longest, mut from) = (HashMap::with_capacity(ends.len()), 1, 0);
        for (id, end) in ends.iter().map(|end| *end as usize).enumerate() {
            let piece = blob.get(from..end).ok_or_else(|| wrong("a piece ends outside the list"))?;
            from = end;
            let piece = std::str::from_utf8(piece).map_err(|_| wrong("a piece is not UTF-8"))?;
            longest = longest.max(piece.chars().count());
            ids.insert(Box::from(piece), id as u32);
        }
        let table = weights.integers("tokens.map")?;
        let mut map = HashMap::with_capacity(rows);
        for row in table.chunks_exact(columns) {
            let from = char::from_u32(row[0]).ok_or_else(|| wrong("a mapped character that is none"))?;
            let made = row[2..].iter().take(row[1] as usize).map(|point| char::from_u32(*point));
            let made: Option<String> = made.collect();
            map.insert(from, made.ok_or_else(|| wrong("a mapped character that is none"))?.into_boxed_str());
        }
        Ok(Self {
            ids,
            scores,
            longest,
            map,
            begin: weights.fact("begin")?,
            end: weights.fact("end")?,
            unknown: weights.fact("unknown")?,
            unknown_score: weights.fact("unknown_score")?,
        })
    }

    /// How many pieces there are.
    pub(super) fn len(&self) -> usize {
        self.scores.len()
    }

    /// Ids of the marks around a window.
    pub(super) fn marks(&self) -> (u32, u32) {
        (self.begin, self.end)
    }

    /// The pieces of a text: id and place. Linear in the length of the text.
    pub(super) fn cut(&self, text: &str) -> Vec<(u32, Span)> {
        let (normal, places) = self.normalised(text);
        if normal.is_empty() {
            return Vec::new();
        }
        // Character borders in `normal`; `places[i]` is where character i stands in `text`.
        let mut borders: Vec<usize> = normal.char_indices().map(|(at, _)| at).collect();
        borders.push(normal.len());
        let count = places.len();
        let mut best = vec![f32::NEG_INFINITY; count + 1];
        let mut back = vec![(0_usize, self.unknown); count + 1];
        best[0] = 0.0;
        for start in 0..count {
            for end in start + 1..=count.min(start + self.longest) {
                if let Some(&id) = self.ids.get(&normal[borders[start]..borders[end]])
                    && id != self.unknown
                {
                    let score = best[start] + self.scores[id as usize];
                    if score > best[end] {
                        (best[end], back[end]) = (score, (start, id));
                    }
                }
            }
            let score = best[start] + self.unknown_score;
            if score > best[start + 1] {
                (best[start + 1], back[start + 1]) = (score, (start, self.unknown));
            }
        }
        let mut pieces = Vec::new();
        let mut at = count;
        while at > 0 {
            let (start, id) = back[at];
            pieces.push((id, Span::new(places[start].start, places[at - 1].end.max(places[start].start))));
            at = start;
        }
        pieces.reverse();
        pieces
    }

    /// The text as the model reads it, and where each of its characters stands in the original.
    fn normalised(&self, text: &str) -> (String, Vec<Span>) {
        let mut normal = String::with_capacity(text.len() + 3);
        let mut places = Vec::with_capacity(text.len() + 1);
        let mut push = |c: char, place: Span| {
            // A text begins with a mark, blanks are one mark.
            if normal.is_empty() && c != ' ' {
                normal.push(MARK);
                places.push(Span::new(place.start, place.start));
            }
            if c != ' ' {
                normal.push(c);
            } else if normal.ends_with(MARK) {
                return;
            } else {
                normal.push(MARK);
            }
            places.push(place);
        };
        for (at, c) in text.char_indices() {
            let place = Span::new(at, at + c.len_utf8());
            if let Some(made) = self.map.get(&c) {
                made.chars().for_each(|c| push(c, place));
            } else {
                push(c, place);
            }
        }
        (normal, places)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Encoder;

    #[test]
    fn pieces_lead_back_to_the_text() {
        let text = "Ça n’inspire  aucune confiance… 👍🏽 ﬁn";
        let pieces = Encoder::builtin().vocabulary.cut(text);
        let mut at = 0;
        for (_, span) in &pieces {
            assert!(span.start >= at && text.get(span.start..span.end).is_some(), "{span:?}");
            at = span.start;
        }
        let said: String = pieces.iter().map(|(_, span)| span.of(text)).collect();
        assert_eq!(said.replace("  ", " "), text.replace("  ", " "));
    }

    #[test]
    fn nothing_has_no_pieces() {
        let vocabulary = &Encoder::builtin().vocabulary;
        assert!(vocabulary.cut("").is_empty());
        assert_eq!(vocabulary.cut("\u{e000}").iter().filter(|(id, _)| *id == vocabulary.unknown).count(), 1);
    }
}
