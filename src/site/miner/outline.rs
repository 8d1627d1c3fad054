//! The tree of a page, flattened: elements in document order with running totals, so that the text, the links or the
//! dates of any subtree are counted by one subtraction.

use std::collections::HashMap;

use ego_tree::iter::Edge;
use scraper::{ElementRef, Html, Node};

/// Class tokens and ids kept an element.
const MAX_TOKENS: usize = 8;

/// A kind of element: tag and one class token, or tag and place where there is no class; digits masked.
pub(super) type Kind = u32;

/// One element.
#[derive(Debug)]
pub(super) struct Item<'a> {
    pub(super) element: ElementRef<'a>,
    /// Its parent's place; its own for the root.
    pub(super) parent: usize,
    /// One past the last element of its subtree.
    pub(super) end: usize,
    /// All it is: tag and all tokens.
    pub(super) strict: Kind,
    /// Its tag alone.
    pub(super) tag: Kind,
    /// Every single thing it is: tag with each token.
    pub(super) kinds: Vec<Kind>,
    /// Letters and digits of text before it, and before its end.
    text: (usize, usize),
    /// The same of text in links.
    links: (usize, usize),
    /// Whether it is, or lies in, something no reader takes for content: navigation, forms' controls, hidden parts.
    pub(super) aside: bool,
}

/// The flattened tree.
#[derive(Debug)]
pub(super) struct Outline<'a> {
    pub(super) items: Vec<Item<'a>>,
    /// Its headings of the first level.
    pub(super) titles: Vec<usize>,
}

#[derive(Default)]
struct Names {
    known: HashMap<(String, String), Kind>,
}

impl Names {
    fn get(&mut self, tag: &str, token: String) -> Kind {
        let next = self.known.len() as Kind;
        *self.known.entry((tag.to_owned(), token)).or_insert(next)
    }
}

/// Digits masked, so that `post-1` and `post-2` are alike; runs of digits as one.
pub(super) fn masked(token: &str) -> String {
    let mut out = String::with_capacity(token.len());
    for c in token.chars() {
        if !c.is_ascii_digit() {
            out.push(c);
        } else if !out.ends_with('#') {
            out.push('#');
        }
    }
    out
}

/// Classes that differ from record to record: parity, place, state.
fn is_state(token: &str) -> bool {
    matches!(
        token,
        "odd" | "even" | "alt" | "first" | "last" | "active" | "new" | "op" | "row#" | "bg#" | "clearfix" | "clear"
    )
}

impl<'a> Outline<'a> {
    pub(super) fn of(html: &'a Html) -> Self {
        let mut outline = Self { items: Vec::new(), titles: Vec::new() };
        let mut names = Names::default();
        let mut open: Vec<usize> = Vec::new();
        // How many children of each open element there have been.
        let mut children: Vec<usize> = Vec::new();
        let (mut text, mut links, mut in_link) = (0, 0, 0);
        for edge in html.root_element().traverse() {
            match edge {
                Edge::Open(node) => match node.value() {
                    Node::Element(_) => {
                        let Some(element) = ElementRef::wrap(node) else { continue };
                        let at = outline.items.len();
                        let parent = open.last().copied().unwrap_or(at);
                        if element.value().name() == "h1" {
                            outline.titles.push(at);
                        }
                        let aside = open.last().is_some_and(|parent| outline.items[*parent].aside) || is_aside(element);
                        let nth = children.last_mut().map_or(0, |before| std::mem::replace(before, *before + 1));
                        let (strict, kinds) = kinds(element, nth, &mut names);
                        let tag = names.get(element.value().name(), String::new());
                        outline.items.push(Item {
                            element,
                            parent,
                            end: at + 1,
                            strict,
                            tag,
                            kinds,
                            text: (text, text),
                            links: (links, links),
                            aside,
                        });
                        in_link += usize::from(element.value().name() == "a");
                        open.push(at);
                        children.push(0);
                    }
                    Node::Text(words) => {
                        let is_shown = open.last().is_some_and(|at| {
                            !matches!(
                                outline.items[*at].element.value().name(),
                                "script" | "style" | "option" | "title"
                            )
                        });
                        if is_shown {
                            let count = words.chars().filter(|c| c.is_alphanumeric()).count();
                            text += count;
                            links += if in_link > 0 { count } else { 0 };
                        }
                    }
                    _ => {}
                },
                Edge::Close(node) => {
                    if node.value().is_element()
                        && let Some(at) = open.pop()
                    {
                        children.pop();
                        let end = outline.items.len();
                        let item = &mut outline.items[at];
                        item.end = end;
                        item.text.1 = text;
                        item.links.1 = links;
                        in_link -= usize::from(item.element.value().name() == "a");
                    }
                }
            }
        }
        outline
    }

    /// Letters and digits in a subtree.
    pub(super) fn text(&self, at: usize) -> usize {
        self.items[at].text.1 - self.items[at].text.0
    }

    /// Letters and digits before an element.
    pub(super) fn text_before(&self, at: usize) -> usize {
        self.items[at].text.0
    }

    /// Letters and digits of links in a subtree.
    pub(super) fn links(&self, at: usize) -> usize {
        self.items[at].links.1 - self.items[at].links.0
    }

    /// Whether `inner` lies in `outer` or is it.
    pub(super) fn holds(&self, outer: usize, inner: usize) -> bool {
        outer <= inner && inner < self.items[outer].end
    }

    /// The element and those around it, from the inside out, at most `levels`, without `body` and `html`.
    pub(super) fn climb(&self, at: usize, levels: usize) -> impl Iterator<Item = usize> + '_ {
        let mut next = Some(at);
        std::iter::from_fn(move || {
            let here = next?;
            let parent = self.items[here].parent;
            next = (parent != here).then_some(parent);
            Some(here)
        })
        .take_while(|at| !matches!(self.items[*at].element.value().name(), "body" | "html"))
        .take(levels)
    }

    pub(super) fn name(&self, at: usize) -> &'a str {
        self.items[at].element.value().name()
    }

    /// The children of an element, in order.
    pub(super) fn children(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        let end = self.items[at].end;
        let mut next = at + 1;
        std::iter::from_fn(move || {
            let here = (next < end).then_some(next)?;
            next = self.items[here].end;
            Some(here)
        })
    }
}

/// Its kinds; `nth` child of its parent.
fn kinds(element: ElementRef<'_>, nth: usize, names: &mut Names) -> (Kind, Vec<Kind>) {
    let tag = element.value().name();
    let mut tokens: Vec<String> =
        element.value().classes().take(MAX_TOKENS).map(masked).filter(|t| !is_state(t)).collect();
    tokens.sort_unstable();
    tokens.dedup();
    let mut kinds: Vec<Kind> = Vec::new();
    let id = element.attr("id").map(masked).filter(|id| id.contains('#'));
    if let Some(id) = &id {
        kinds.push(names.get(tag, format!("id:{id}")));
    }
    if tokens.is_empty() {
        // Without a class, the parent says what it is.
        let parent = element.parent().and_then(ElementRef::wrap);
        let around = parent.map_or_else(String::new, |parent| {
            format!("{} {}", parent.value().name(), parent.value().classes().next().map(masked).unwrap_or_default())
        });
        kinds.push(names.get(tag, format!("in:{around}")));
        // Lists within lists go without the class of the outermost.
        if let Some(parent) = parent.filter(|parent| parent.value().classes().next().is_some()) {
            kinds.push(names.get(tag, format!("in:{} ", parent.value().name())));
        }
    }
    // An id with a number may be all that tells a body from other boxes.
    let strict = match id {
        Some(id) if tokens.is_empty() => names.get(tag, format!("#{id}")),
        // Cells of a table are told by their columns.
        None if tokens.is_empty() && nth > 0 && matches!(tag, "td" | "th") => {
            names.get(tag, format!("nth:{}", nth.min(MAX_TOKENS)))
        }
        _ => names.get(tag, tokens.join(" ")),
    };
    kinds.extend(tokens.into_iter().map(|token| names.get(tag, format!(".{token}"))));
    (strict, kinds)
}

/// Whether an element is navigation, a control, or hidden.
fn is_aside(element: ElementRef<'_>) -> bool {
    let el = element.value();
    matches!(el.name(), "nav" | "aside" | "select" | "button" | "textarea" | "template" | "head")
        || matches!(el.attr("role"), Some("navigation" | "search" | "menu" | "banner" | "contentinfo"))
        || (el.attr("data-noscript").is_some() && asks_for_script(element))
}

/// Text nodes, and bytes, of a sentence that asks for scripts.
const SENTENCE: (usize, usize) = (8, 300);

/// Whether what is shown without scripts is no more than that they are needed: "Please enable JavaScript to view the comments".
fn asks_for_script(element: ElementRef<'_>) -> bool {
    let said: String = element.text().take(SENTENCE.0 + 1).collect();
    let is_sentence = said.len() <= SENTENCE.1 && element.text().nth(SENTENCE.0).is_none();
    is_sentence && said.to_ascii_lowercase().contains("javascript")
}

#[cfg(test)]
mod tests {
    use super::*;
    const PAGE: &str = "<body><nav><a href=/>Up</a></nav><ul><li id=post-7 class='odd x'>One <a href=#>two</a></li>\
                        <li id=post-12 class=x>three<script>four</script></li></ul></body>";

    #[test]
    fn totals_of_any_subtree() {
        let html = Html::parse_document(PAGE);
        let outline = Outline::of(&html);
        let at = |name: &str| (0..outline.items.len()).find(|at| outline.name(*at) == name).unwrap();
        let list = at("ul");
        assert_eq!((outline.text(0), outline.text(list), outline.links(list)), (13, 11, 3));
        assert_eq!(outline.text_before(list), 2);
        let items: Vec<usize> = outline.children(list).collect();
        assert_eq!(items.iter().map(|at| outline.text(*at)).collect::<Vec<_>>(), [6, 5]);
        assert!(outline.holds(list, items[1]) && !outline.holds(items[0], items[1]));
        assert_eq!(outline.climb(items[0] + 1, 9).map(|at| outline.name(at)).collect::<Vec<_>>(), ["a", "li", "ul"]);
        assert!(outline.items[at("nav") + 1].aside && !outline.items[list].aside);
    }

    #[test]
    fn records_of_one_kind_are_alike() {
        let html = Html::parse_document(PAGE);
        let outline = Outline::of(&html);
        let items: Vec<&Item<'_>> = outline.items.iter().filter(|item| item.element.value().name() == "li").collect();
        assert_eq!(items[0].strict, items[1].strict);
        assert_eq!(items[0].kinds, items[1].kinds);
        assert_eq!(masked("post-12 of 7"), "post-# of #");
    }
}
