//! What stands between a hostile or careless page and the HTML parser.
//!
//! html5ever's time grows with the square of the nesting depth (16,000 × `<ul><li>`, 128 KB, take seconds), with
//! the square of the attributes of one tag, and leaked formatting elements multiply nodes. One linear pass over the
//! source keeps all three small, and drops what no reader sees (scripts, styles, comments, drawings, attributes for
//! scripts and layout, indentation): most of a page's bytes. Browsers cut nesting too, at 512 levels.
//!
//! Pages that went through an XML serialiser close every tag (`<br/>`, and `<i class="icon"/>`, which HTML reads as left
//! open): in those, and only those, an empty tag is closed at once.
//!
//! A component's `<template shadowrootmode>` becomes a `<div>`, as readers see what is in it. `<noscript>` becomes a
//! `<div data-noscript>`: with scripting on, the parser would leave it raw text, and some
//! platforms (Discourse's crawler view) keep all posts in there.

mod attributes;
mod names;
mod references;
mod tags;
mod xml;

use memchr::memchr;

pub(super) use names::is_void;
use names::{Traits, traits};
use tags::tag_name;
pub(super) use tags::{comment_end, find_end_tag, tag_end};

/// Levels kept; deeper tags are dropped, their text stays.
pub(super) const MAX_DEPTH: usize = 512;
/// How far up the open elements an end tag looks for its start.
const MAX_LOOK_UP: usize = 600;
/// How far up a start tag looks for an element it closes without saying so.
const MAX_IMPLIED_LOOK_UP: usize = 32;

/// A page ready to parse.
#[derive(Debug)]
pub(super) struct Guarded {
    /// The source, without what no reader sees and without what would stall the parser.
    pub(super) html: String,
    /// Whether tags nested deeper than [`MAX_DEPTH`] were dropped.
    pub(super) cut: bool,
}

/// Passes over the source once.
pub(super) fn guard(source: &str) -> Guarded {
    let out = String::with_capacity(source.len() / 2);
    let mut pass = Pass {
        source,
        out,
        open: Vec::new(),
        apart: false,
        pre: 0,
        endless: Vec::new(),
        cut: false,
        xml: xml::is_xml(source),
    };
    let mut at = 0;
    while at < source.len() {
        let Some(offset) = memchr(b'<', &source.as_bytes()[at..]) else {
            pass.text(&source[at..]);
            break;
        };
        let text = &source[at..at + offset];
        at += offset;
        // Blanks between blocks are half of a page's texts.
        if !(pass.apart && pass.pre == 0 && is_blank(text) && is_apart(&source[at..])) {
            pass.text(text);
        }
        at = pass.markup(at);
    }
    Guarded { html: pass.out, cut: pass.cut }
}

struct Pass<'a> {
    source: &'a str,
    out: String,
    open: Vec<Open<'a>>,
    /// Whether what was written last is the tag of a block.
    apart: bool,
    /// Open elements in which white space counts.
    pre: usize,
    /// Hidden elements for which no end tag is left in the source: looking again would take the page's length each time.
    endless: Vec<&'static str>,
    cut: bool,
    /// Whether `<i/>` is closed.
    xml: bool,
}

#[derive(Clone, Copy)]
struct Open<'a> {
    name: &'a str,
    traits: Traits,
    dropped: bool,
}

impl Pass<'_> {
    /// Adds text, its indentation reduced to one blank.
    fn text(&mut self, text: &str) {
        let is_blank = |b: &u8| b.is_ascii_whitespace();
        let bytes = text.as_bytes();
        self.apart &= bytes.is_empty();
        if self.pre > 0 || bytes.len() < 2 {
            references::copy(text, &[], &mut self.out);
            return;
        }
        let lead = bytes.iter().position(|b| !is_blank(b)).unwrap_or(bytes.len());
        let end = bytes.iter().rposition(|b| !is_blank(b)).map_or(lead, |last| last + 1);
        for (blanks, words) in [(&bytes[..lead], &text[lead..end]), (&bytes[end..], "")] {
            if !blanks.is_empty() {
                self.out.push(if blanks.contains(&b'\n') { '\n' } else { ' ' });
            }
            references::copy(words, &[], &mut self.out);
        }
    }

    /// Closes the open elements from `keep` on.
    fn truncate(&mut self, keep: usize) {
        for open in self.open.drain(keep..) {
            self.pre -= usize::from(open.traits.has(Traits::PRE));
        }
    }

    /// Handles the markup that starts at the `<` at `at`; returns where the text goes on.
    fn markup(&mut self, at: usize) -> usize {
        let rest = &self.source[at..];
        let bytes = rest.as_bytes();
        match bytes.get(1) {
            Some(b'!') => self.declaration(at),
            Some(b'/') if bytes.get(2).is_some_and(u8::is_ascii_alphabetic) => self.end_tag(at),
            Some(letter) if letter.is_ascii_alphabetic() => self.start_tag(at),
            Some(b'?' | b'/') => at + memchr(b'>', bytes).map_or(bytes.len(), |end| end + 1),
            _ => {
                self.apart = false;
                self.out.push('<');
                at + 1
            }
        }
    }

    /// Drops comments, keeps the doctype.
    fn declaration(&mut self, at: usize) -> usize {
        let rest = &self.source[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            if comment.starts_with('>') || comment.starts_with("->") {
                return at + 4 + comment.find('>').map_or(0, |end| end + 1);
            }
            let end = comment_end(comment);
            return at + 4 + end;
        }
        let end = memchr(b'>', rest.as_bytes()).map_or(rest.len(), |end| end + 1);
        self.out.push_str(&rest[..end]);
        at + end
    }

    fn end_tag(&mut self, at: usize) -> usize {
        let rest = &self.source[at..];
        let name = tag_name(&rest[2..]);
        let end = memchr(b'>', rest.as_bytes()).map_or(rest.len(), |end| end + 1);
        let found = self.open.iter().rev().take(MAX_LOOK_UP).position(|open| open.name.eq_ignore_ascii_case(name));
        let mut dropped = false;
        if let Some(up) = found {
            let keep = self.open.len() - 1 - up;
            dropped = self.open[keep].dropped;
            // Formatting left open inside a closing element would be opened again after it, each time again.
            for index in (keep + 1..self.open.len()).rev() {
                let open = self.open[index];
                if !open.dropped && open.traits.has(Traits::FORMATTING) {
                    self.close(open.name);
                }
            }
            self.truncate(keep);
        }
        // A stray end tag opens an element in two cases (`</p>`, `</br>`); both are harmless.
        if !dropped && !name.eq_ignore_ascii_case("svg") {
            // Only templates that are shown are open.
            let is_div =
                name.eq_ignore_ascii_case("noscript") || (found.is_some() && name.eq_ignore_ascii_case("template"));
            self.close(if is_div { "div" } else { name });
        }
        at + end
    }

    fn close(&mut self, name: &str) {
        self.apart = traits(name).is_apart();
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    fn start_tag(&mut self, at: usize) -> usize {
        let rest = &self.source[at..];
        let name = tag_name(&rest[1..]);
        let traits = traits(name);
        let (end, attributes_end) = tag_end(rest, 1 + name.len());
        let attributes = &rest[1 + name.len()..attributes_end];
        let after = at + end;
        if self.xml && attributes.ends_with('/') && !traits.has(Traits::VOID) {
            return self.empty_tag(name, attributes, after);
        }

        let shadow = is_shadow(name, attributes);
        if traits.has(Traits::HIDDEN)
            && !shadow
            && let Some(hidden) = HIDDEN.iter().find(|hidden| hidden.eq_ignore_ascii_case(name))
        {
            return self.hidden(hidden, attributes, after);
        }
        self.imply_ends(traits);
        let void = traits.has(Traits::VOID);
        let dropped = !void && self.open.len() >= MAX_DEPTH;
        if dropped {
            self.cut = true;
        } else {
            self.out.push('<');
            if name.eq_ignore_ascii_case("noscript") {
                self.out.push_str("div data-noscript");
            } else if shadow {
                self.out.push_str("div");
            } else {
                self.out.push_str(name);
            }
            attributes::copy(attributes, &mut self.out);
            self.out.push('>');
            self.apart = traits.is_apart();
        }
        if void {
            return after;
        }
        self.pre += usize::from(traits.has(Traits::PRE));
        self.open.push(Open { name, traits, dropped });
        if !traits.has(Traits::RAW) {
            return after;
        }
        let body = &self.source[after..];
        let length = find_end_tag(body, name).unwrap_or(body.len());
        self.out.push_str(&body[..length]);
        self.apart = false;
        after + length
    }

    /// Keeps an empty tag of a page in XML as an element that is open and closed; one no reader sees goes.
    fn empty_tag(&mut self, name: &str, attributes: &str, after: usize) -> usize {
        if !traits(name).has(Traits::HIDDEN) && self.open.len() < MAX_DEPTH {
            self.out.push('<');
            self.out.push_str(name);
            attributes::copy(attributes.trim_end_matches('/').trim_end(), &mut self.out);
            self.out.push('>');
            self.close(name);
        }
        after
    }

    /// Drops an element no reader sees; keeps scripts that hold data. One that never ends hides nothing, but for
    /// scripts and styles, whose text no browser shows either.
    fn hidden(&mut self, name: &'static str, attributes: &str, after: usize) -> usize {
        let body = &self.source[after..];
        if self.endless.contains(&name) || (attributes.ends_with('/') && matches!(name, "svg" | "math")) {
            return after;
        }
        let Some(length) = find_end_tag(body, name) else {
            self.endless.push(name);
            return if matches!(name, "script" | "style") { self.source.len() } else { after };
        };
        let tail = &body[length..];
        let end = after + length + memchr(b'>', tail.as_bytes()).map_or(tail.len(), |end| end + 1);
        if name == "script" && attributes.to_ascii_lowercase().contains("json") {
            self.out.push_str("<script");
            self.out.push_str(attributes);
            self.out.push('>');
            self.out.push_str(&body[..length]);
            self.out.push_str("</script>");
        }
        end
    }

    /// Closes what a start tag closes without saying so (`<li>` after `<li>`, a block after `<p>`).
    fn imply_ends(&mut self, traits: Traits) {
        let closes_p = traits.has(Traits::CLOSES_P);
        if !traits.is_item() && !closes_p {
            return;
        }
        let mut keep = None;
        for (index, open) in self.open.iter().enumerate().rev().take(MAX_IMPLIED_LOOK_UP) {
            if traits.is_item_like(open.traits) || (closes_p && open.traits.has(Traits::P)) {
                keep = Some(index);
                break;
            }
            if open.traits.has(Traits::BARRIER) || (!traits.is_item() && !open.traits.has(Traits::FORMATTING)) {
                break;
            }
        }
        let Some(keep) = keep else { return };
        for index in (keep..self.open.len()).rev() {
            let open = self.open[index];
            if !open.dropped {
                self.close(open.name);
            }
        }
        self.truncate(keep);
    }
}

/// Whether a template is what a reader sees in its element's place: a component's declared shadow tree
/// (<https://html.spec.whatwg.org/multipage/scripting.html#attr-template-shadowrootmode>).
fn is_shadow(name: &str, attributes: &str) -> bool {
    name.eq_ignore_ascii_case("template") && attributes.to_ascii_lowercase().contains("shadowroot")
}

const HIDDEN: &[&str] = &["script", "style", "svg", "template", "math"];

fn is_blank(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_whitespace())
}

/// Whether the markup that comes next is the tag of a block, or nothing a reader sees.
fn is_apart(markup: &str) -> bool {
    let inside = markup.strip_prefix("</").or_else(|| markup.strip_prefix('<')).unwrap_or_default();
    inside.starts_with("!--") || traits(tag_name(inside)).is_apart()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drops_what_no_reader_sees_and_keeps_data() {
        let html = "<p>a<script>if (a<b) {}</script><!-- no --><style>p{}</style>\
                    <script type=\"application/ld+json\">{\"a\":1}</script>b<svg><path/></svg></p>";
        assert_eq!(guard(html).html, "<p>a<script type=\"application/ld+json\">{\"a\":1}</script>b</p>");
    }

    #[test]
    fn blanks_between_blocks_are_left_out() {
        let html = "<ul>\n  <li>a</li>\n <!-- b -->\n <li><b>c</b> <i>d</i>\n\t</li></ul> e <p>f</p>\n<span>g</span>";
        let kept = "<ul><li>a</li><li><b>c</b> <i>d</i>\n</li></ul> e <p>f</p>\n<span>g</span>";
        assert_eq!(guard(html).html, kept);
        assert_eq!(guard("<pre>\n <div> </div> </pre>").html, "<pre>\n <div> </div> </pre>");
    }

    #[test]
    fn cuts_nesting_and_keeps_the_text() {
        let html = format!("{}deep{}", "<div>".repeat(100_000), "</div>".repeat(100_000));
        let guarded = guard(&html);
        assert!(guarded.cut);
        assert!(guarded.html.contains("deep"));
        assert_eq!(guarded.html.matches("<div>").count(), MAX_DEPTH);
        assert_eq!(guarded.html.matches("</div>").count(), MAX_DEPTH);
    }

    #[test]
    fn unclosed_items_are_not_depth() {
        let html = "<ul>".to_owned() + &"<li>one<p>two".repeat(5_000) + "</ul>";
        let guarded = guard(&html);
        assert!(!guarded.cut);
        assert_eq!(guarded.html.matches("<li>").count(), 5_000);
    }

    #[test]
    fn noscript_is_read_as_markup() {
        assert_eq!(guard("<noscript><p>x</p></noscript>").html, "<div data-noscript><p>x</p></div>");
    }

    #[test]
    fn shadow_trees_are_shown_and_templates_are_not() {
        let html = "<x-talk><template shadowrootmode=\"open\"><p>seen</p></template></x-talk><template><p>unseen</p></template>";
        let kept = guard(html).html;
        assert!(kept.contains("<p>seen</p></div></x-talk>") && !kept.contains("unseen"), "{kept}");
        let nested = "<div><template x-if><template x-for>a</template></template><p>text</p></div>";
        assert_eq!(guard(nested).html.matches("</div>").count(), 1);
    }

    #[test]
    fn tags_that_never_end_do_not_swallow_the_page() {
        assert_eq!(guard("<p class=\"a>one</p>two").html, "<p>one</p>two");
        assert_eq!(guard("a < b <3 c").html, "a < b <3 c");
        assert_eq!(guard("x<div").html, "x<div>");
    }

    #[test]
    fn hostile_repetition_takes_linear_time() {
        for piece in
            ["<svg>", "<!---->", "<!-- -- -->", "<p a='>", "</x>", "<script></script>", "<b a=1><p>", "<svg><p a=\">"]
        {
            let html = piece.repeat(2_000_000 / piece.len());
            let start = std::time::Instant::now();
            assert!(guard(&html).html.len() <= html.len() * 3);
            assert!(start.elapsed().as_secs() < 20, "{piece}");
        }
    }

    #[test]
    fn leaked_formatting_is_closed_with_its_block() {
        assert_eq!(guard("<p><b><i>x</p><p>y</p>").html, "<p><b><i>x</i></b></p><p>y</p>");
    }

    #[test]
    fn a_million_attributes_stay_few() {
        let html = format!("<p {}>x", "a=1 ".repeat(100_000));
        assert!(guard(&html).html.len() < 5_000);
    }
}
