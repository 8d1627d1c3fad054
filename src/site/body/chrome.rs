//! What stands in a body and is not its writer's words: `data/text/bodies.toml`.

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasherDefault;
use std::sync::LazyLock;

use scraper::node::Element;
use scraper::{ElementRef, Node};
use serde::Deserialize;

use crate::site::words::WORDS;
use crate::text::fold;
use crate::text::lists::ShortHasher;

#[derive(Deserialize)]
struct Lists {
    classes: HashMap<String, Vec<String>>,
    words: Words,
}

/// The words of bodies, lower case without accents.
#[derive(Deserialize)]
pub(super) struct Words {
    labels: HashSet<String>,
    expand: HashSet<String>,
    arrows: HashSet<String>,
    pub(super) quote_labels: HashSet<String>,
    pub(super) quote_before: HashSet<String>,
    pub(super) quote_after: HashSet<String>,
    pub(super) quote_dates: HashSet<String>,
    pub(super) no_names: HashSet<String>,
    pub(super) edit_marks: Vec<String>,
    pub(super) edit_marks_loose: HashSet<String>,
    pub(super) edit_tails: Vec<String>,
}

impl Words {
    /// Whether a folded text asks to open or to go to something.
    pub(super) fn is_expand(&self, text: &str) -> bool {
        self.expand.contains(text)
    }
}

/// What the classes of an element say it is; it can be several things.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Roles(u16);

impl Roles {
    pub(super) const CHROME: Self = Self(1);
    const SIGNATURE: Self = Self(1 << 1);
    pub(super) const EDITED: Self = Self(1 << 2);
    pub(super) const QUOTE: Self = Self(1 << 3);
    pub(super) const QUOTE_HEAD: Self = Self(1 << 4);
    pub(super) const PLAIN: Self = Self(1 << 5);
    const SPOILER: Self = Self(1 << 6);
    const LABEL: Self = Self(1 << 7);
    pub(super) const SMILEY: Self = Self(1 << 8);

    /// By the keys of the data.
    const NAMES: [(&'static str, Self); 9] = [
        ("chrome", Self::CHROME),
        ("signature", Self::SIGNATURE),
        ("edited", Self::EDITED),
        ("quote", Self::QUOTE),
        ("quote_head", Self::QUOTE_HEAD),
        ("plain", Self::PLAIN),
        ("spoiler", Self::SPOILER),
        ("label", Self::LABEL),
        ("smiley", Self::SMILEY),
    ];

    pub(super) fn of(el: &Element) -> Self {
        let Some(classes) = el.attr("class") else { return Self::default() };
        let roles = &BODIES.roles;
        Self(classes.split_ascii_whitespace().filter_map(|class| roles.get(class)).fold(0, |all, role| all | role.0))
    }

    pub(super) fn has(self, role: Self) -> bool {
        self.0 & role.0 != 0
    }
}

struct Bodies {
    roles: HashMap<String, Roles, BuildHasherDefault<ShortHasher>>,
    smiley_paths: Vec<String>,
    words: Words,
}

static BODIES: LazyLock<Bodies> = LazyLock::new(|| {
    let mut lists: Lists = toml::from_str(include_str!("../../../data/text/bodies.toml"))
        .expect("data/text/bodies.toml is compiled in and read by a test");
    let mut roles: HashMap<String, Roles, _> = HashMap::default();
    for (key, role) in Roles::NAMES {
        for class in lists.classes.remove(key).expect("every role has its classes") {
            let all = roles.entry(class).or_default();
            *all = Roles(all.0 | role.0);
        }
    }
    Bodies { roles, smiley_paths: lists.classes.remove("smiley_paths").unwrap_or_default(), words: lists.words }
});

/// The words of bodies.
pub(super) fn words() -> &'static Words {
    &BODIES.words
}

/// Whether an address is one of pictures that stand for characters.
pub(super) fn is_smiley_path(address: &str) -> bool {
    // The file's name may say anything ("smiling-family.jpg" is a photograph), its folders do not.
    let address = address.get(..address.floor_char_boundary(300)).unwrap_or_default().to_ascii_lowercase();
    let folders = address.rsplit_once('/').map_or("", |(folders, _)| folders);
    BODIES.smiley_paths.iter().any(|part| folders.contains(part.as_str()))
}

/// Whether a reader does not see an element, or sees a control.
pub(super) fn is_unseen(el: &Element, roles: Roles) -> bool {
    match el.name() {
        "script" | "style" | "template" | "noscript" | "button" | "form" | "select" | "textarea" | "input"
        | "object" | "iframe" | "svg" | "head" | "rp" | "video" | "audio" | "canvas" | "datalist" => true,
        name => {
            let mut hidden = roles.has(Roles::CHROME) || is_hidden(el);
            for (key, value) in el.attrs() {
                hidden |= match key {
                    "data-noscript" => true,
                    // Drawings and the anchors of headings; words hidden from screen readers only are seen.
                    "aria-hidden" => value == "true" && matches!(name, "i" | "a"),
                    _ => false,
                };
            }
            hidden
        }
    }
}

/// Whether an element says that it is not shown.
pub(super) fn is_hidden(el: &Element) -> bool {
    el.attrs().any(|(key, value)| key == "hidden" || (key == "style" && is_hiding(value)))
}

/// Whether a style hides its element.
fn is_hiding(style: &str) -> bool {
    style.split(';').take(40).any(|rule| {
        let Some((property, value)) = rule.split_once(':') else { return false };
        let (property, value) = (property.trim(), value.trim());
        let is = |word: &str| value.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
        (property.eq_ignore_ascii_case("display") && is("none"))
            || (property.eq_ignore_ascii_case("visibility") && is("hidden"))
    })
}

/// How far up a spoiler may be from what it hides.
const SPOILER_LEVELS: usize = 4;

/// Whether an element inside a body is left out with all it holds; `in_quote` says whether it is part of a quote.
pub(super) fn is_left_out(el: ElementRef<'_>, roles: Roles, in_quote: bool) -> bool {
    let element = el.value();
    if is_unseen(element, roles) {
        // What a spoiler hides can be read by who wants to.
        let is_control =
            matches!(element.name(), "button" | "input" | "script" | "style" | "template" | "svg" | "iframe");
        let in_spoiler =
            || el.ancestors().take(SPOILER_LEVELS).filter_map(ElementRef::wrap).any(|above| is_spoiler(above.value()));
        return is_control || !in_spoiler();
    }
    roles.has(Roles::SIGNATURE) || is_label(el, roles, in_quote)
}

fn is_spoiler(el: &Element) -> bool {
    el.name() == "details" || Roles::of(el).has(Roles::SPOILER)
}

/// Whether an element is a button or the label of a box and no more.
fn is_label(el: ElementRef<'_>, roles: Roles, in_quote: bool) -> bool {
    let element = el.value();
    let name = element.name();
    if !matches!(name, "a" | "div" | "span" | "summary" | "p" | "dt" | "b" | "strong" | "legend") {
        return false;
    }
    let is_box = || {
        let of_code = |above: &Element| above.attr("class").is_some_and(|class| class.contains("codebox"));
        let above = el.parent().and_then(ElementRef::wrap).map(|above| above.value());
        matches!(name, "summary" | "legend")
            || roles.has(Roles::LABEL)
            || above.is_some_and(|above| of_code(above) || is_spoiler(above))
    };
    // Those that hold text as a rule are labels only where they stand.
    if matches!(name, "p" | "dt" | "b" | "strong" | "legend") && !is_box() {
        return false;
    }
    let Some(text) = short_text(el, 64) else { return false };
    let text = fold(text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '.' | ':' | '…')));
    let words = words();
    if words.is_expand(&text) {
        // "Read more" can also be a link to more.
        return match name {
            "a" => !leads_away(element),
            name => !matches!(name, "b" | "strong" | "p"),
        };
    }
    if words.labels.contains(&text) {
        return is_box();
    }
    name == "a"
        && ((in_quote && words.arrows.contains(text.as_str()))
            || (!leads_away(element) && !text.is_empty() && WORDS.is_button(&text)))
}

/// Whether a link leads to another site.
fn leads_away(el: &Element) -> bool {
    el.attr("href").is_some_and(|href| href.starts_with("http") && !href.contains('#'))
}

/// The text of an element that holds little, or nothing where it holds more than `most` bytes.
pub(super) fn short_text(el: ElementRef<'_>, most: usize) -> Option<String> {
    const NODES: usize = 40;
    let mut text = String::new();
    for (count, node) in el.descendants().enumerate() {
        if count > NODES {
            return None;
        }
        if let Node::Text(piece) = node.value() {
            // The guard leaves little of indentation: what is long holds words.
            if piece.len() > most + 64 {
                return None;
            }
            // Indentation counts once.
            for (at, word) in piece.split_ascii_whitespace().enumerate() {
                if at > 0 || piece.starts_with(|c: char| c.is_ascii_whitespace()) {
                    text.push(' ');
                }
                text.push_str(word);
                if text.len() > most {
                    return None;
                }
            }
            if piece.ends_with(|c: char| c.is_ascii_whitespace()) {
                text.push(' ');
            }
        }
    }
    Some(text)
}

/// Whether a text is the line boards and mail programs set between a message and its signature: phpBB's seventeen
/// underscores, or `-- ` with its blank.
pub(super) fn begins_signature(text: &str) -> bool {
    let line = text.trim();
    if line.starts_with('_') {
        return (15..=20).contains(&line.len()) && line.bytes().all(|b| b == b'_');
    }
    line == "--" && text.ends_with("-- ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_complete() {
        assert!(BODIES.smiley_paths.len() > 2);
        let words = words();
        let all = [
            &words.labels,
            &words.expand,
            &words.quote_labels,
            &words.quote_before,
            &words.quote_after,
            &words.no_names,
        ];
        for word in all.into_iter().flatten().chain(&words.edit_marks) {
            assert_eq!(fold(word), *word, "folded, to be found");
        }
        for loose in &words.edit_marks_loose {
            assert!(words.edit_marks.contains(loose), "{loose}");
        }
    }

    #[test]
    fn styles_that_hide() {
        assert!(is_hiding("color:red; DISPLAY : none!important"));
        assert!(!is_hiding("display: block"));
    }
}
