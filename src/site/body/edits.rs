//! Marks that a text was changed after it was posted: "Last edited by X on …", "Dernière modification par …".

use std::collections::HashSet;
use std::sync::LazyLock;

use ego_tree::iter::Edge;
use scraper::{ElementRef, Node};

use super::Options;
use super::chrome::{Roles, short_text, words};
use crate::model::Moment;
use crate::site::article;
use crate::site::words::WORDS;
use crate::text::{dates, fold};

/// Longest mark, in bytes.
const MAX_MARK: usize = 250;
/// Elements of a mark looked at for a date.
const MAX_ELEMENTS: usize = 12;
/// Steps through a comment in which a mark beside its text is looked for.
const MAX_BESIDE: usize = 2000;

/// First words of marks: few elements need a closer look.
static FIRST_WORDS: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| words().edit_marks.iter().filter_map(|mark| mark.split(' ').next()).collect());

/// What an edit mark says.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::site) struct Edited {
    /// When, where it says so.
    pub(in crate::site) at: Option<Moment>,
}

/// Whether an element is an edit mark, and when it says the text was changed.
pub(super) fn mark(el: ElementRef<'_>, roles: Roles, options: Options<'_>) -> Option<Edited> {
    let name = el.value().name();
    let by_class = roles.has(Roles::EDITED);
    let may_be = matches!(
        name,
        "p" | "div"
            | "span"
            | "em"
            | "i"
            | "small"
            | "strong"
            | "b"
            | "font"
            | "td"
            | "footer"
            | "time"
            | "cite"
            | "li"
    );
    if !may_be || !(by_class || begins_like_one(el)) {
        return None;
    }
    let text = short_text(el, MAX_MARK)?;
    let said = text.trim().trim_start_matches(|c: char| !c.is_alphanumeric());
    if by_class && (name == "time" || said.is_empty()) {
        return Some(Edited { at: moment(el, "", options) });
    }
    let folded = fold(said);
    let (phrase, rest) = words()
        .edit_marks
        .iter()
        .filter_map(|mark| Some((mark, folded.strip_prefix(mark.as_str())?)))
        .filter(|(_, rest)| !rest.starts_with(char::is_alphanumeric))
        .max_by_key(|(mark, _)| mark.len())?;
    let at = moment(el, said, options);
    let is_mark = if words().edit_marks_loose.contains(phrase) && !by_class {
        // Nothing but a day: what a writer adds below "Edited:" is text.
        at.is_some() && rest.split_whitespace().count() <= 8 && !rest.trim_start().starts_with(':')
    } else {
        by_class || at.is_some()
    };
    is_mark.then_some(Edited { at })
}

/// The edit mark beside a comment's text, among its date and buttons: "Modifié", "(edited)", "Modifié le 3 avril 2024",
/// "12 mars 2024 (modifié)". The subtrees `skip` says are left out: the text, and comments inside.
pub(in crate::site) fn beside(
    root: ElementRef<'_>,
    options: Options<'_>,
    skip: impl Fn(ElementRef<'_>) -> bool,
) -> Option<Edited> {
    let is_out =
        |el: ElementRef<'_>| skip(el) || matches!(el.value().name(), "form" | "select" | "textarea" | "template");
    let mut skipping = None;
    for edge in root.traverse().take(MAX_BESIDE) {
        match edge {
            Edge::Open(node) if skipping.is_none() => {
                let Some(el) = ElementRef::wrap(node) else { continue };
                if el.id() != root.id() && is_out(el) {
                    skipping = Some(el.id());
                    continue;
                }
                let said = short_text(el, MAX_MARK).and_then(|text| said_beside(el, text.trim(), options));
                let mut inside = el.descendants().skip(1).filter_map(ElementRef::wrap);
                if said.is_some() && !inside.any(is_out) {
                    return said;
                }
            }
            Edge::Close(node) if skipping == Some(node.id()) => skipping = None,
            _ => {}
        }
    }
    None
}

fn said_beside(el: ElementRef<'_>, text: &str, options: Options<'_>) -> Option<Edited> {
    let core = text.trim_matches(|c: char| !c.is_alphanumeric());
    if core.is_empty() || core.lines().count() > 1 {
        return None;
    }
    let is_control = matches!(el.value().name(), "button" | "a" | "input" | "label");
    if let Some(mark) = dates::edit_mark(text, options.order) {
        // "Modifica", "Edit" are buttons; what says when is a mark wherever it stands.
        let is_mark = mark.at.is_some() || !(is_control || WORDS.is_button(text));
        return is_mark.then(|| Edited { at: moment(el, core, options) });
    }
    let is_dated = || dates::find_printed(core, options.order).is_some();
    (!is_control && core.len() <= 60 && dates::says_edited(core) && is_dated()).then_some(Edited { at: None })
}

/// Whether the first words of an element are those of a mark; looks a few levels down, no further.
fn begins_like_one(el: ElementRef<'_>) -> bool {
    let mut node = *el;
    for _ in 0..4 {
        let first = node.children().find(|child| match child.value() {
            Node::Text(text) => text.contains(|c: char| !c.is_whitespace()),
            Node::Element(el) => !matches!(el.name(), "br" | "hr" | "img"),
            _ => false,
        });
        let Some(first) = first else { return false };
        if let Node::Text(text) = first.value() {
            let word = text.trim_start_matches(|c: char| !c.is_alphanumeric());
            let end = word.find(|c: char| !c.is_alphanumeric()).unwrap_or(word.len());
            return end <= 16 && FIRST_WORDS.contains(fold(&word[..end]).as_str());
        }
        node = first;
    }
    false
}

/// The day of a mark: of an element in it, else of its words.
fn moment(el: ElementRef<'_>, said: &str, options: Options<'_>) -> Option<Moment> {
    let of_element = |el: ElementRef<'_>| article::moment(el, options.order, options.read_at);
    el.descendants()
        .filter_map(ElementRef::wrap)
        .filter(|el| matches!(el.value().name(), "time" | "abbr" | "span"))
        .take(MAX_ELEMENTS)
        .find_map(of_element)
        .or_else(|| printed(said, options))
}

/// A date inside a sentence: "Last edited by X on Tue Aug 27, 2019 10:03 pm, edited 1 time in total."
fn printed(said: &str, options: Options<'_>) -> Option<Moment> {
    let lower = said.to_lowercase();
    let end = if lower.len() == said.len() {
        words().edit_tails.iter().filter_map(|tail| lower.find(tail.as_str())).min().unwrap_or(said.len())
    } else {
        said.len()
    };
    let said = said.get(..end)?.trim_end_matches(|c: char| !c.is_alphanumeric());
    let starts = std::iter::once(0).chain(said.match_indices(char::is_whitespace).map(|(at, blank)| at + blank.len()));
    starts
        .filter(|&at| said[at..].contains(|c: char| c.is_ascii_digit()))
        .take(30)
        .find_map(|at| article::printed_moment(said[at..].trim(), options.order, options.read_at))
}

#[cfg(test)]
mod tests {
    use scraper::Html;

    use super::*;

    /// When a comment says it was changed: nothing where it was not, an empty string where it does not say.
    fn read(html: &str) -> Option<String> {
        let html = Html::parse_fragment(html);
        let options = Options { order: dates::DayOrder::DayFirst, ..Options::default() };
        let mark = beside(html.root_element(), options, |el| el.value().name() == "p")?;
        Some(mark.at.map_or_else(String::new, |at| at.iso))
    }

    #[test]
    fn marks_beside_a_text_are_read() {
        for (mark, at) in [
            ("<span>Modifié</span>", ""),
            ("<i>(modifié)</i>", ""),
            ("<small>Edited</small>", ""),
            ("<span>Modifié le 13 mars 2024 à 19:00</span>", "2024-03-13T19:00:00"),
            ("<div>Message modifié par Zoé le 13 mars 2024 à 19:00</div>", "2024-03-13T19:00:00"),
            ("<time>12 mars 2024 (modifié)</time>", ""),
            ("<span>bearbeitet</span>", ""),
        ] {
            let found = read(&format!("<div><b>Alban</b> {mark}<p>Et la cantine ?</p></div>"));
            assert_eq!(found.as_deref(), Some(at), "{mark}");
        }
    }

    #[test]
    fn buttons_and_words_are_no_marks() {
        for mark in [
            "<button>Modifier</button>",
            "<a>Modifica</a>",
            "<a>Edit</a>",
            "<button>Edit</button>",
            "<span>12 mars 2024</span>",
            "<p>Modifié</p>",
            "<span>Édith</span>",
            "<form><span>Edited</span></form>",
        ] {
            assert_eq!(read(&format!("<div><b>Alban</b> {mark}</div>")), None, "{mark}");
        }
    }
}
