use crate::model::Quote;

/// A comment as learned coders read it: the writer's own words, without quotes. Knows the way back to the text.
///
/// Nothing marks where a quote stood: in what the coders learnt from, people quote mostly what they doubt, and a mark made distrust of
/// every answer with a quote in it.
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
            at = span.end;
        }
        view.copy(text, at, text.len());
        view
    }

    fn copy(&mut self, text: &str, from: usize, to: usize) {
        let more = &text[from..to];
        // Words on both sides of a quote do not become one.
        if self.text.ends_with(char::is_alphanumeric) && more.starts_with(char::is_alphanumeric) {
            self.text.push(' ');
        }
        self.copied.push((self.text.len(), from));
        self.text.push_str(more);
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Where in the text something begins that begins there in the view.
    pub(crate) fn place(&self, at: usize) -> usize {
        let stretch = self.copied.partition_point(|(start, _)| *start <= at).saturating_sub(1);
        let Some(&(start, source)) = self.copied.get(stretch) else { return 0 };
        let length = self.copied.get(stretch + 1).map_or(self.text.len(), |(next, _)| *next) - start;
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
        assert_eq!(view.text(), " dit-il. Et  non plus.");
        assert_eq!(view.place(view.text().len()), text.len());
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
