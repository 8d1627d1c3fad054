//! The body's HTML, for readers who want the raw form.

use ego_tree::NodeId;
use ego_tree::iter::Edge;
use scraper::{ElementRef, Node};

use super::chrome::Roles;
use super::{Options, chrome, edits};
use crate::site::guard::is_void;

/// The element's inner HTML without the elements [`super::read`] leaves out: the raw form, not the writer's name and
/// picture around it. (html5ever's serialiser takes the square of the time on texts of many special characters.)
pub(in crate::site) fn html(element: ElementRef<'_>, skip: impl Fn(ElementRef<'_>) -> bool) -> String {
    let mut html = String::new();
    let mut skipping: Option<NodeId> = None;
    for edge in element.traverse() {
        match edge {
            Edge::Open(node) if skipping.is_none() && node.id() != element.id() => match node.value() {
                Node::Text(text) => escape(text, &mut html),
                Node::Element(el) => {
                    let roles = Roles::of(el);
                    let left_out = |el| {
                        skip(el)
                            || chrome::is_left_out(el, roles, false)
                            || edits::mark(el, roles, Options::default()).is_some()
                    };
                    if ElementRef::wrap(node).is_some_and(left_out) {
                        skipping = Some(node.id());
                        continue;
                    }
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
                    && !is_void(el.name())
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
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"']) {
        html.push_str(&rest[..at]);
        html.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            _ => "&quot;",
        });
        rest = &rest[at + 1..];
    }
    html.push_str(rest);
}
