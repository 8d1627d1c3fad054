//! Pictures that stand for characters.
//!
//! A reader sees a smiley, not its `alt` text, and means by it what the text says: it is kept. A photograph's `alt` text
//! describes it for those who cannot see it, names its file ("IMG_2041") or is there for search engines: no reader of the
//! page sees it and its writer did not write it, so it is left out. Which is which: a class or folder of smileys, text
//! without letters (`👏`, `:)`), a code between colons, or a picture no larger than a line.

use scraper::node::Element;

use super::chrome::{Roles, is_smiley_path, words};
use crate::text::fold;

/// A picture this high and wide stands in a line of text.
const LINE_HEIGHT: u32 = 32;
/// Longest name of a smiley, in bytes.
const MAX_NAME: usize = 40;

/// The text of a picture that stands for some.
pub(super) fn text(el: &Element) -> Option<&str> {
    let attr = |name| el.attr(name).map(str::trim).filter(|text| !text.is_empty());
    let name = attr("alt").or_else(|| attr("title")).filter(|name| name.len() <= MAX_NAME * 4)?;
    if Roles::of(el).has(Roles::SMILEY) {
        // vBulletin's class for smileys is also that of the arrow in a quote's head.
        return (!words().is_expand(&fold(name))).then_some(name);
    }
    let stands_for = is_symbol(name)
        || (name.len() <= MAX_NAME && (is_code(name) || is_small(el) || attr("src").is_some_and(is_smiley_path)));
    stands_for.then_some(name)
}

fn is_symbol(name: &str) -> bool {
    name.len() <= MAX_NAME && !name.chars().any(char::is_alphanumeric)
}

/// `:smile:`, `[ok]`
fn is_code(name: &str) -> bool {
    let between = |open, close| name.starts_with(open) && name.ends_with(close);
    name.len() > 2 && (between(':', ':') || between('[', ']')) && !name.contains(char::is_whitespace)
}

/// Whether a picture's size is stated, and one of a line; file icons and faces of users are no characters.
fn is_small(el: &Element) -> bool {
    let side = |name| el.attr(name).and_then(|size| size.trim().trim_end_matches("px").parse::<u32>().ok());
    let sides = [side("width"), side("height")];
    let is_face = |text: &str| {
        let text = text.to_ascii_lowercase();
        ["avatar", "icon", "logo", "gravatar", "pixel"].iter().any(|word| text.contains(word))
    };
    sides.iter().flatten().next().is_some()
        && sides.into_iter().flatten().all(|side| (8..=LINE_HEIGHT).contains(&side))
        && ![el.attr("class"), el.attr("src")].into_iter().flatten().any(|text| text.len() < 400 && is_face(text))
}
