use crate::model::Span;

/// The spans counted in Unicode code points (first = 0, end exclusive), in their order.
///
/// One pass over the text for all spans together: [`Span::in_code_points`] reads the text anew for each.
pub(super) fn in_code_points(text: &str, spans: &[Span]) -> Vec<(usize, usize)> {
    if text.is_ascii() {
        return spans.iter().map(|span| (span.start.min(text.len()), span.end.min(text.len()))).collect();
    }
    let border = |byte: usize| text.floor_char_boundary(byte);
    let mut bytes: Vec<usize> = spans.iter().flat_map(|span| [border(span.start), border(span.end)]).collect();
    bytes.sort_unstable();
    bytes.dedup();
    let (mut at, mut counted) = (0, 0);
    let points: Vec<usize> = bytes
        .iter()
        .map(|&byte| {
            counted += text[at..byte].chars().count();
            at = byte;
            counted
        })
        .collect();
    let point = |byte: usize| bytes.binary_search(&border(byte)).map_or(counted, |index| points[index]);
    spans.iter().map(|span| (point(span.start), point(span.end))).collect()
}

/// The spans at these code points; none if one does not stand in the text, or begins before the one listed above it has ended.
pub(super) fn of_code_points(text: &str, points: impl IntoIterator<Item = (usize, usize)>) -> Option<Vec<Span>> {
    let mut letters = text.chars();
    let mut seen = 0;
    let mut byte = |point: usize| {
        for _ in 0..point.checked_sub(seen)? {
            letters.next()?;
            seen += 1;
        }
        Some(text.len() - letters.as_str().len())
    };
    points.into_iter().map(|(start, end)| Some(Span::new(byte(start)?, byte(end)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_lead_back_to_spans() {
        let text = "déjà 👍 vu";
        let spans = vec![Span::new(0, 6), Span::new(7, 11)];
        assert_eq!(of_code_points(text, in_code_points(text, &spans)), Some(spans));
        assert_eq!(of_code_points(text, [(9, 9)]), Some(vec![Span::new(14, 14)]));
        for wrong in [[(5, 6), (0, 4)], [(0, 4), (3, 5)], [(0, 4), (6, 10)], [(4, 2), (5, 6)]] {
            assert_eq!(of_code_points(text, wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn agrees_with_the_model_on_every_border() {
        for text in ["plain", "déjà 👍🏽 vu", "e\u{301}te\u{301} 👨\u{200d}👩\u{200d}👧 fin", ""] {
            let borders: Vec<usize> = (0..=text.len()).filter(|&byte| text.is_char_boundary(byte)).collect();
            let mut spans = Vec::new();
            for &start in borders.iter().rev() {
                for &end in borders.iter().filter(|&&end| end >= start) {
                    spans.push(Span::new(start, end));
                }
            }
            let expected: Vec<_> = spans.iter().map(|span| span.in_code_points(text)).collect();
            assert_eq!(in_code_points(text, &spans), expected, "{text:?}");
        }
    }

    #[test]
    fn spans_that_do_not_fit_stay_in_the_text() {
        assert_eq!(in_code_points("né", &[Span::new(2, 99)]), [(1, 2)]);
        assert_eq!(in_code_points("ne", &[Span::new(1, 99)]), [(1, 2)]);
    }
}
