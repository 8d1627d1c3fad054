//! From a comment's markup to its text as a reader sees it.
//!
//! Paragraphs and other blocks are set apart by an empty line, `<br>` and `<div>` by a line break, cells by a tab, items of
//! a numbered list keep their numbers, white space is collapsed as a browser does it, and code keeps its lines. What no
//! reader sees, and what is chrome rather than content (buttons, text for screen readers, signatures, "Click to expand…"),
//! is left out; spoilers, and texts shown in part, are read as if opened. Pictures that stand for characters give their `alt` text ([`picture`]).
//!
//! Quotes, links and edit marks are kept apart: see [`quotes`] and [`edits`]. The classes and words of all this are data:
//! `data/text/bodies.toml`. Markup as it is in the templates of the boards themselves, among them
//! <https://github.com/phpbb/phpbb/tree/master/phpBB/styles/prosilver/template>,
//! <https://github.com/SimpleMachines/SMF/tree/release-2.1/Themes/default>,
//! <https://github.com/discourse/discourse/tree/main/app/assets/javascripts>, and on pages of XenForo, vBulletin, Invision,
//! Woltlab, Vanilla and MyBB boards.

mod chrome;
pub(super) mod edits;
mod folded;
mod picture;
mod quotes;
mod raw;
mod writer;

use ego_tree::iter::Edge;
use ego_tree::{NodeId, NodeRef};
use scraper::node::Element;
use scraper::{ElementRef, Node};

use crate::model::{Link, Moment, Quote};
use crate::text::dates::DayOrder;
use chrome::Roles;
use folded::Unfolded;
use writer::{Start, Writer};

pub(super) use edits::beside as edit_beside;
pub(super) use raw::html;

/// A body as a reader sees it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct BodyText {
    /// The text.
    pub(super) text: String,
    /// Quotes the markup sets apart, heads included, outermost only, in order.
    pub(super) quotes: Vec<Quote>,
    /// Links, in order, but for those in the head of a quote.
    pub(super) links: Vec<Link>,
    /// Whether the markup says that the text was changed after it was posted.
    pub(super) edited: bool,
    /// When, where it says so.
    pub(super) edited_at: Option<Moment>,
}

/// What a body does not say itself.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Options<'a> {
    /// The page's address, to which links are relative.
    pub(super) base: Option<&'a str>,
    /// How the page writes numeric dates.
    pub(super) order: DayOrder,
    /// When the page was read, to which "edited 3 hours ago" is relative.
    pub(super) read_at: Option<&'a Moment>,
}

/// Reads `element`, leaving out the subtrees `skip` says.
pub(super) fn read(element: ElementRef<'_>, skip: impl Fn(ElementRef<'_>) -> bool) -> BodyText {
    read_with(element, Options::default(), skip)
}

/// As [`read`], with what else is known of the page.
pub(super) fn read_with(
    element: ElementRef<'_>,
    options: Options<'_>,
    skip: impl Fn(ElementRef<'_>) -> bool,
) -> BodyText {
    let mut reader = Reader::new(options);
    let unfolded = Unfolded::of(element);
    let mut skipping: Option<NodeId> = None;
    for edge in element.traverse() {
        match edge {
            Edge::Open(node) if skipping.is_none() => match node.value() {
                _ if unfolded.leaves_out(node.id()) => skipping = Some(node.id()),
                Node::Text(text) => reader.text(text, node),
                Node::Element(el) => {
                    let is_root = node.id() == element.id();
                    let roles = Roles::of(el);
                    if !is_root
                        && let Some(child) = ElementRef::wrap(node)
                        && (skip(child) || (!unfolded.shows(node.id()) && reader.leaves_out(child, roles)))
                    {
                        skipping = Some(node.id());
                        continue;
                    }
                    reader.open(el, roles, node, is_root);
                }
                _ => {}
            },
            Edge::Close(node) if skipping == Some(node.id()) => skipping = None,
            Edge::Close(node) if skipping.is_none() => {
                if let Node::Element(el) = node.value() {
                    reader.close(el, node.id());
                }
            }
            _ => {}
        }
    }
    reader.finish()
}

/// Whether style, class or attribute say that an element is not shown, or stands beside the words.
pub(super) fn is_hidden(el: &Element) -> bool {
    chrome::is_hidden(el) || Roles::of(el).has(Roles::CHROME)
}

/// All text of an element on one line, for names, dates and titles.
pub(super) fn line(element: ElementRef<'_>) -> String {
    let mut line = String::new();
    let mut skipping: Option<NodeId> = None;
    let mut add = |text: &str, apart: bool| {
        let mut apart = apart || text.starts_with(char::is_whitespace);
        for word in text.split_whitespace() {
            if apart && !line.is_empty() && !line.ends_with(' ') {
                line.push(' ');
            }
            line.extend(word.chars().filter(|c| !writer::is_invisible(*c)));
            apart = true;
        }
        if text.ends_with(char::is_whitespace) && !line.is_empty() && !line.ends_with(' ') {
            line.push(' ');
        }
    };
    for edge in element.traverse() {
        match edge {
            Edge::Open(node) if skipping.is_none() => match node.value() {
                Node::Text(text) => add(text, false),
                Node::Element(el) if node.id() != element.id() && chrome::is_unseen(el, Roles::of(el)) => {
                    skipping = Some(node.id());
                }
                Node::Element(el) => match el.name() {
                    "img" => add(picture::text(el).unwrap_or_default(), false),
                    name if writer::is_apart(name) => add(" ", true),
                    _ => {}
                },
                _ => {}
            },
            Edge::Close(node) if skipping == Some(node.id()) => skipping = None,
            Edge::Close(node)
                if skipping.is_none() && node.value().as_element().is_some_and(|el| writer::is_apart(el.name())) =>
            {
                add(" ", true);
            }
            _ => {}
        }
    }
    line.truncate(line.trim_end().len());
    line
}

/// A list whose items are being read.
struct List {
    node: NodeId,
    /// The number of the next item; none where items have bullets.
    next: Option<i64>,
}

struct Reader<'a> {
    options: Options<'a>,
    writer: Writer,
    quotes: quotes::Open,
    /// The link being read: its element, its span's place in the writer, its address.
    link: Option<(NodeId, usize, String)>,
    links: Vec<(usize, String)>,
    lists: Vec<List>,
    /// Elements in which white space counts.
    pre: usize,
    edited: bool,
    edited_at: Option<Moment>,
}

impl<'a> Reader<'a> {
    fn new(options: Options<'a>) -> Self {
        Self {
            options,
            writer: Writer::default(),
            quotes: quotes::Open::default(),
            link: None,
            links: Vec::new(),
            lists: Vec::new(),
            pre: 0,
            edited: false,
            edited_at: None,
        }
    }

    /// Whether an element is no part of the text; notes what an edit mark says.
    fn leaves_out(&mut self, el: ElementRef<'_>, roles: Roles) -> bool {
        let left_out = chrome::is_left_out(el, roles, self.quotes.is_open());
        if !left_out && let Some(edited) = edits::mark(el, roles, self.options) {
            self.edited = true;
            self.edited_at = edited.at.or(self.edited_at.take());
            return true;
        }
        left_out
    }

    fn text(&mut self, text: &str, node: NodeRef<'_, Node>) {
        if self.pre > 0 {
            self.writer.verbatim(text);
        } else if chrome::begins_signature(text) && !self.quotes.is_open() {
            self.writer.signature_begins(text);
        } else if let Some(raised) = raised(text, node) {
            self.writer.text(&raised);
        } else {
            self.writer.text(text);
        }
    }

    fn open(&mut self, el: &Element, roles: Roles, node: NodeRef<'_, Node>, is_root: bool) {
        let name = el.name();
        match name {
            "br" if self.pre > 0 => self.writer.verbatim("\n"),
            "br" => self.writer.line_break(),
            "img" => {
                if let Some(text) = picture::text(el).filter(|_| !self.quotes.in_head()) {
                    self.writer.text(text);
                }
            }
            "hr" => self.writer.paragraph(),
            "rt" => self.writer.text("("),
            "td" | "th" => self.writer.cell(),
            _ => {}
        }
        if writer::is_paragraph(name) {
            self.writer.paragraph();
        } else if writer::is_line(name) {
            self.writer.line();
        }
        match name {
            "pre" => self.pre += 1,
            "ul" | "ol" | "menu" => {
                let first = || el.attr("start").and_then(|start| start.trim().parse().ok()).unwrap_or(1);
                self.lists.push(List { node: node.id(), next: (name == "ol").then(first) });
            }
            "li" if !is_root => self.item(el),
            _ => {}
        }
        if !is_root {
            self.quotes.open(el, roles, node.id(), &mut self.writer);
        }
        if name == "a"
            && self.link.is_none()
            && !self.quotes.in_head()
            && let Some(url) = el.attr("href").and_then(|href| self.target(href))
        {
            self.link = Some((node.id(), self.writer.start(Start::BehindMarker), url));
        }
    }

    /// The number of a list's item.
    fn item(&mut self, el: &Element) {
        let Some(next) = self.lists.last_mut().and_then(|list| list.next.as_mut()) else { return };
        let number = el.attr("value").and_then(|value| value.trim().parse().ok()).unwrap_or(*next);
        *next = number.saturating_add(1);
        self.writer.marker(format!("{number}. "));
    }

    /// Where a link leads, if it leads anywhere else than to a spot of its own page or a script.
    fn target(&self, href: &str) -> Option<String> {
        let href = href.trim();
        let scheme = href.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
        let is_address = !href.is_empty()
            && !href.starts_with('#')
            && !matches!(scheme.as_deref(), Some("javascript" | "data" | "vbscript" | "about"));
        is_address.then(|| super::address::absolute(self.options.base, href).unwrap_or_else(|| href.to_owned()))
    }

    fn close(&mut self, el: &Element, node: NodeId) {
        let name = el.name();
        if self.link.as_ref().is_some_and(|(id, ..)| *id == node)
            && let Some((_, span, url)) = self.link.take()
        {
            self.writer.end(span);
            self.links.push((span, url));
        }
        self.quotes.close(node, &mut self.writer);
        match name {
            "pre" => self.pre = self.pre.saturating_sub(1),
            "rt" => self.writer.text(")"),
            "ul" | "ol" | "menu" if self.lists.last().is_some_and(|list| list.node == node) => {
                self.lists.pop();
            }
            _ => {}
        }
        if writer::is_paragraph(name) {
            self.writer.paragraph();
        } else if writer::is_line(name) {
            self.writer.line();
        }
    }

    fn finish(self) -> BodyText {
        let (text, spans) = self.writer.finish();
        let (quotes, heads) = self.quotes.finish(&text, &spans);
        let in_head = |link: &Link| {
            let next = heads.partition_point(|head| head.end <= link.span.start);
            heads.get(next).is_some_and(|head| head.contains(link.span))
        };
        let links = self.links.into_iter().filter_map(|(span, url)| Some(Link { span: spans[span]?, url }));
        BodyText {
            quotes,
            links: links.filter(|link| !in_head(link)).collect(),
            edited: self.edited,
            edited_at: self.edited_at,
            text,
        }
    }
}

/// Digits set high, which read as another number otherwise: "10<sup>2</sup>" is not 102.
fn raised(text: &str, node: NodeRef<'_, Node>) -> Option<String> {
    let is_raised = node.parent()?.value().as_element()?.name() == "sup";
    let raise = |c: char| match c {
        '1' => Some('¹'),
        '2' => Some('²'),
        '3' => Some('³'),
        '0' | '4'..='9' => char::from_u32(0x2070 + c.to_digit(10)?),
        '+' => Some('⁺'),
        '-' | '−' | '–' => Some('⁻'),
        _ => None,
    };
    if is_raised && text.len() <= 12 { text.trim().chars().map(raise).collect() } else { None }
}

#[cfg(test)]
mod tests;
