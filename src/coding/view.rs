use crate::model::Quote;

/// What stands in a view for each quote.
const QUOTE: &str = "«…»";

/// A comment as learned coders read it: the writer's own words, each quote shrunk to a mark. Knows the way back to
/// the text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct View {
    text: String,
    /// Where each copied stretch begins in the view, and in the text.
    copied: Vec<(usize, usize)>,
}

impl View {
    pub(crate) fn of(text: &str, quotes: &[Quote]) -> Self {
        let mut view = Self { text: String::with_capacity(text.len()), copied: Vec::with_capacity(quotes.len() + 1) };
        let mut at = 0;
        for Quote { span, .. } in quotes {
            if span.start < at || span.end > text.len() {
                continue;
            }
            view.copy(text, at, span.start);
            view.text.push_str(QUOTE);
            at = span.end;
        }
        view.copy(text, at, text.len());
        view
    }

    fn copy(&mut self, text: &str, from: usize, to: usize) {
        self.copied.push((self.text.len(), from));
        self.text.push_str(&text[from..to]);
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// A place in the view as a place in the text; inside a mark it is where the quote begins.
    pub(crate) fn place(&self, at: usize) -> usize {
        let stretch = self.copied.partition_point(|(start, _)| *start <= at).saturating_sub(1);
        let Some(&(start, source)) = self.copied.get(stretch) else { return 0 };
        let length = self.copied.get(stretch + 1).map_or(self.text.len(), |(next, _)| next - QUOTE.len()) - start;
        source + (at - start).min(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Span;

    #[test]
    fn places_lead_back_to_the_text() {
        let text = "« Rien n'est vendu » dit-il. Et « jamais » non plus.";
        let quote = |from: &str| {
            let start = text.find(from).unwrap();
            Quote { span: Span::new(start, start + from.len()), author: None }
        };
        let view = View::of(text, &[quote("« Rien n'est vendu »"), quote("« jamais »")]);
        assert_eq!(view.text(), "«…» dit-il. Et «…» non plus.");
        for word in ["dit-il", "Et", "non plus."] {
            let at = view.text().find(word).unwrap();
            assert_eq!(view.place(at), text.find(word).unwrap());
        }
        assert_eq!(view.place(view.text().len()), text.len());
    }

    #[test]
    fn without_quotes_it_is_the_text() {
        let view = View::of("déjà vu", &[]);
        assert_eq!((view.text(), view.place(5)), ("déjà vu", 5));
    }
}
