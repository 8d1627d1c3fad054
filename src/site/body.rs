//! From a comment's markup to its text as a reader sees it.
//!
//! Paragraphs and other blocks are set apart by an empty line, `<br>` and `<div>` by a line break, white space is
//! collapsed as a browser does it, pictures give their `alt` text, and what is chrome rather than content
//! (buttons, forms, text for screen readers) is left out. Quotes the markup sets apart are returned as spans.

use std::collections::HashSet;

use ego_tree::iter::Edge;
use scraper::node::Element;
use scraper::{ElementRef, Node};

use crate::model::{Link, Moment, Quote, Span};

/// A body as a reader sees it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct BodyText {
    /// The text.
    pub(super) text: String,
    /// `blockquote` and `q` elements in it, outermost only, in order.
    pub(super) quotes: Vec<Quote>,
    /// Links, in order.
    pub(super) links: Vec<Link>,
    /// Whether the markup says that the text was changed after it was posted.
    pub(super) edited: bool,
    /// When, where it says so.
    pub(super) edited_at: Option<Moment>,
}

/// Reads `element`, leaving out the subtrees `skip` says.
pub(super) fn read(element: ElementRef<'_>, skip: impl Fn(ElementRef<'_>) -> bool) -> BodyText {
    let mut writer = Writer::default();
    let mut skipping: Option<ego_tree::NodeId> = None;
    let mut quote: Option<(ego_tree::NodeId, usize)> = None;
    let mut pre = 0_usize;
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for edge in element.traverse() {
        match edge {
            Edge::Open(node) if skipping.is_none() => match node.value() {
                Node::Text(text) if pre > 0 => writer.verbatim(text),
                Node::Text(text) => writer.text(text),
                Node::Element(el) => {
                    if node.id() != element.id() && (is_chrome(el) || ElementRef::wrap(node).is_some_and(&skip)) {
                        skipping = Some(node.id());
                        continue;
                    }
                    match el.name() {
                        "br" => writer.line_break(),
                        "img" => writer.text(el.attr("alt").unwrap_or_default()),
                        "hr" => writer.paragraph(),
                        name => {
                            if PARAGRAPHS.contains(&name) {
                                writer.paragraph();
                            } else if LINES.contains(&name) {
                                writer.line();
                            } else if matches!(name, "td" | "th") {
                                writer.text(" ");
                            }
                            if name == "pre" {
                                pre += 1;
                            }
                            if matches!(name, "blockquote" | "q") && quote.is_none() {
                                quote = Some((node.id(), writer.next_offset()));
                            }
                        }
                    }
                }
                _ => {}
            },
            Edge::Close(node) => {
                if skipping == Some(node.id()) {
                    skipping = None;
                    continue;
                }
                if skipping.is_some() {
                    continue;
                }
                let Node::Element(el) = node.value() else { continue };
                let name = el.name();
                if let Some((id, start)) = quote
                    && id == node.id()
                {
                    spans.push((start, writer.text.len()));
                    quote = None;
                }
                if name == "pre" {
                    pre -= 1;
                }
                if PARAGRAPHS.contains(&name) {
                    writer.paragraph();
                } else if LINES.contains(&name) {
                    writer.line();
                }
            }
            Edge::Open(_) => {}
        }
    }
    writer.finish(&spans)
}

/// The element's inner HTML without what [`read`] leaves out: for readers who want the raw form, not the writer's
/// name and picture around it. (html5ever's serialiser takes the square of the time on texts of many special characters.)
pub(super) fn html(element: ElementRef<'_>, skip: impl Fn(ElementRef<'_>) -> bool) -> String {
    let mut html = String::new();
    let mut skipping: Option<ego_tree::NodeId> = None;
    for edge in element.traverse() {
        match edge {
            Edge::Open(node) if skipping.is_none() && node.id() != element.id() => match node.value() {
                Node::Text(text) => escape(text, &mut html),
                Node::Element(el) if is_chrome(el) || ElementRef::wrap(node).is_some_and(&skip) => {
                    skipping = Some(node.id());
                }
                Node::Element(el) => {
                    html.push('<');
                    html.push_str(el.name());
                    for (name, value) in el.attrs() {
                        html.push(' ');
                        html.push_str(name);
                        html.push_str("=\"");
                        escape(value, &mut html);
                        html.push('"');
                    }
                    html.push('>');
                }
                _ => {}
            },
            Edge::Close(node) if skipping == Some(node.id()) => skipping = None,
            Edge::Close(node) if skipping.is_none() && node.id() != element.id() => {
                if let Node::Element(el) = node.value()
                    && !super::guard::is_void(el.name())
                {
                    html.push_str("</");
                    html.push_str(el.name());
                    html.push('>');
                }
            }
            _ => {}
        }
    }
    html.trim().to_owned()
}

fn escape(text: &str, html: &mut String) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            c => html.push(c),
        }
    }
}

/// All text of an element on one line, for names, dates and titles.
pub(super) fn line(element: ElementRef<'_>) -> String {
    read(element, |_| false).text.split_whitespace().collect::<Vec<_>>().join(" ")
}

const PARAGRAPHS: &[&str] =
    &["p", "blockquote", "ul", "ol", "dl", "pre", "table", "h1", "h2", "h3", "h4", "h5", "h6", "figure", "details"];
const LINES: &[&str] =
    &["div", "li", "dt", "dd", "tr", "section", "article", "header", "footer", "address", "summary", "figcaption"];

fn is_chrome(el: &Element) -> bool {
    match el.name() {
        "script" | "style" | "template" | "noscript" | "button" | "form" | "select" | "textarea" | "input"
        | "object" | "iframe" | "svg" | "head" => true,
        _ => {
            el.attr("hidden").is_some()
                || el.attr("data-noscript").is_some()
                || el.classes().any(|class| {
                    matches!(class, "screen-reader-text" | "sr-only" | "visually-hidden" | "visuallyhidden")
                })
        }
    }
}

/// What separates the next piece of text from what is written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
enum Gap {
    #[default]
    None,
    Space,
    Line,
    Paragraph,
}

#[derive(Default)]
struct Writer {
    text: String,
    gap: Gap,
    /// `<br>`s since the last text.
    breaks: usize,
}

impl Writer {
    fn text(&mut self, text: &str) {
        let mut rest = text;
        while !rest.is_empty() {
            let word_end = rest.find(is_collapsible).unwrap_or(rest.len());
            if word_end > 0 {
                self.flush();
                self.text.push_str(&rest[..word_end]);
            }
            rest = &rest[word_end..];
            let space_end = rest.find(|c| !is_collapsible(c)).unwrap_or(rest.len());
            if space_end > 0 {
                self.gap = self.gap.max(Gap::Space);
            }
            rest = &rest[space_end..];
        }
    }

    fn verbatim(&mut self, text: &str) {
        let text = text.strip_prefix('\n').filter(|_| self.gap == Gap::Paragraph).unwrap_or(text);
        if !text.is_empty() {
            self.flush();
            self.text.push_str(text);
        }
    }

    fn line_break(&mut self) {
        self.breaks += 1;
        self.gap = self.gap.max(Gap::Line);
    }

    fn line(&mut self) {
        self.gap = self.gap.max(Gap::Line);
    }

    fn paragraph(&mut self) {
        self.gap = Gap::Paragraph;
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            match self.gap {
                Gap::None => {}
                Gap::Space => self.text.push(' '),
                Gap::Paragraph => self.text.push_str("\n\n"),
                // An empty line is as much as any run of breaks gives.
                Gap::Line => self.text.push_str(if self.breaks > 1 { "\n\n" } else { "\n" }),
            }
        }
        self.gap = Gap::None;
        self.breaks = 0;
    }

    /// Where text written from here on will begin, gaps counted.
    fn next_offset(&mut self) -> usize {
        self.flush();
        self.text.len()
    }

    fn finish(self, spans: &[(usize, usize)]) -> BodyText {
        let mut text = self.text;
        text.truncate(text.trim_end().len());
        let mut seen = HashSet::new();
        let quotes = spans
            .iter()
            .map(|&(start, end)| (start, end.min(text.len())))
            .filter(|&(start, end)| start < end && seen.insert(start))
            .map(|(start, end)| Quote { span: Span::new(start, end), author: None })
            .collect();
        BodyText { text, quotes, ..BodyText::default() }
    }
}

/// White space as HTML collapses it; a no-break space is none.
fn is_collapsible(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use scraper::Html;

    fn body(html: &str) -> BodyText {
        read(Html::parse_fragment(html).root_element(), |_| false)
    }

    #[test]
    fn paragraphs_breaks_and_pictures() {
        let html = "<p>Bravo <img alt=\"👏\">\n !</p><p>Une<br>deux<br><br>trois</p><ul><li>a</li><li>b</li></ul>";
        assert_eq!(body(html).text, "Bravo 👏 !\n\nUne\ndeux\n\ntrois\n\na\nb");
    }

    #[test]
    fn chrome_is_left_out_and_no_break_space_kept() {
        assert_eq!(body("<p>20\u{a0}€ <button>Reply</button><span class=sr-only>x</span></p>").text, "20\u{a0}€");
    }

    #[test]
    fn quotes_are_spans_into_the_text() {
        let body = body("<blockquote><p>« Jamais »</p><blockquote>x</blockquote></blockquote><p>Ben voyons.</p>");
        assert_eq!(body.text, "« Jamais »\n\nx\n\nBen voyons.");
        assert_eq!(body.quotes.len(), 1);
        assert_eq!(body.quotes[0].span.of(&body.text), "« Jamais »\n\nx");
    }

    #[test]
    fn raw_form_lacks_what_is_left_out() {
        let page = Html::parse_fragment(
            "<div class=vcard>Zoé</div>a &lt; b<p id=x>c <i>d</i><br><b class=vcard>e</b></p><button>Reply</button>",
        );
        let raw = html(page.root_element(), |el| el.value().classes().any(|class| class == "vcard"));
        assert_eq!(raw, "a &lt; b<p id=\"x\">c <i>d</i><br></p>");
    }

    #[test]
    fn preformatted_text_keeps_its_lines() {
        assert_eq!(body("<p>a</p><pre>\n  x\n  y</pre>").text, "a\n\n  x\n  y");
    }
}
