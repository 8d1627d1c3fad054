//! How many voted for a comment, where markup or a label says so: "J’aime (12)", "12 likes", `<span class="vote-count">12</span>`,
//! `aria-label="12 likes"`. Two numbers that differ, or votes against beside those for, say nothing that could be trusted:
//! a wrong number is worse than none. Shortened numbers ("1.2k") are not read. The words are data: `data/text/votes.toml`.

use std::collections::HashSet;
use std::sync::LazyLock;

use ego_tree::iter::Edge;
use scraper::ElementRef;
use serde::Deserialize;

use crate::text::fold;

/// Nodes of a comment that are looked at.
const MAX_NODES: usize = 2000;
/// Nodes of a label.
const MAX_INSIDE: usize = 12;
/// Longest label, in bytes.
const MAX_LABEL: usize = 60;
/// Votes above this are no votes of a comment.
const MAX_VOTES: i64 = 1_000_000;

#[derive(Deserialize)]
struct Words {
    labels: HashSet<String>,
    classes: HashSet<String>,
    class_parts: HashSet<String>,
    against: HashSet<String>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    toml::from_str(include_str!("../../data/text/votes.toml"))
        .expect("data/text/votes.toml is compiled in and read by a test")
});

/// What an element says of votes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    For(i64),
    /// Against, with a number that is not 0.
    Against,
}

/// The votes that a comment's element says it has, leaving out the subtrees `skip` says: comments inside of it, and its
/// text.
pub(super) fn votes(root: ElementRef<'_>, skip: impl Fn(ElementRef<'_>) -> bool) -> Option<i64> {
    let mut skipping = None;
    let mut found: Option<i64> = None;
    for edge in root.traverse().take(2 * MAX_NODES) {
        match edge {
            Edge::Open(node) if skipping.is_none() => {
                let Some(el) = ElementRef::wrap(node) else { continue };
                if el.id() != root.id() && skip(el) {
                    skipping = Some(el.id());
                    continue;
                }
                let mut inside = el.descendants().skip(1).take(MAX_INSIDE).filter_map(ElementRef::wrap);
                match said(el).filter(|_| !inside.any(&skip)) {
                    Some(Said::For(count)) if found.is_none_or(|other| other == count) => found = Some(count),
                    Some(_) => return None,
                    None => {}
                }
            }
            Edge::Close(node) if skipping == Some(node.id()) => skipping = None,
            _ => {}
        }
    }
    found
}

fn said(el: ElementRef<'_>) -> Option<Said> {
    let mut labels = ["aria-label", "title"].into_iter().filter_map(|name| el.attr(name));
    if let Some(said) = labels.find_map(labelled) {
        return Some(said);
    }
    let text = short_text(el)?;
    labelled(&text).or_else(|| {
        let count = number(&text)?;
        match class_of(el) {
            Some(true) => Some(Said::For(count)),
            Some(false) => (count != 0).then_some(Said::Against),
            None => beside(el)
                .map(|is_for| if is_for { Some(Said::For(count)) } else { (count != 0).then_some(Said::Against) })?,
        }
    })
}

/// All text of an element with little in it.
fn short_text(el: ElementRef<'_>) -> Option<String> {
    let mut text = String::new();
    for (at, node) in el.descendants().enumerate() {
        if let Some(part) = node.value().as_text() {
            text.push_str(part);
            text.push(' ');
        }
        if at > MAX_INSIDE || text.len() > 2 * MAX_LABEL {
            return None;
        }
    }
    Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|text| !text.is_empty() && text.len() <= MAX_LABEL)
}

/// A number that is nothing else: "12", "+12", "(12)", "-3".
fn number(text: &str) -> Option<i64> {
    let digits = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '(' | ')'));
    let digits = digits.strip_prefix('+').unwrap_or(digits).replace('−', "-");
    let is_number = digits.strip_prefix('-').unwrap_or(&digits).bytes().all(|b| b.is_ascii_digit());
    (is_number && digits.len() <= 7).then(|| digits.parse().ok()).flatten().filter(|count| *count <= MAX_VOTES)
}

/// "12 likes", "J’aime (12)", "Recommander : 2": one number and a label, nothing else.
fn labelled(text: &str) -> Option<Said> {
    if text.len() > MAX_LABEL || !text.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let folded = fold(text.trim());
    let is_digit = |c: char| c.is_ascii_digit();
    let start = folded.find(is_digit)?;
    let end = start + folded[start..].find(|c: char| !c.is_ascii_digit()).unwrap_or(folded.len() - start);
    let (before, after) = (&folded[..start], &folded[end..]);
    // "1.2k likes", "3 of 5 found this helpful".
    let is_shortened =
        after.starts_with(['.', ',', 'k', 'm']) || before.ends_with(['.', ',']) || after.contains(is_digit);
    let is_edge = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | ':' | '·' | '|' | '+' | '\u{a0}');
    let (before, after) = (before.trim_matches(is_edge), after.trim_matches(is_edge));
    let label = match (before.is_empty(), after.is_empty()) {
        (false, true) => before,
        (true, false) => after,
        _ => return None,
    };
    let count = number(&folded[start..end]).filter(|_| !is_shortened)?;
    if WORDS.labels.contains(label) {
        Some(Said::For(count))
    } else {
        (WORDS.against.contains(label) && count != 0).then_some(Said::Against)
    }
}

/// Whether a class of an element says that it holds the votes for a comment (`true`) or against it.
fn class_of(el: ElementRef<'_>) -> Option<bool> {
    let mut found = None;
    for class in el.value().classes().take(20) {
        let words = words_of(class);
        if words.iter().any(|word| WORDS.against.contains(word)) {
            return Some(false);
        }
        let is_named = words.iter().any(|word| WORDS.classes.contains(word));
        let is_known = |word: &String| WORDS.classes.contains(word) || WORDS.class_parts.contains(word);
        if is_named && words.iter().all(is_known) {
            found = Some(true);
        }
    }
    found
}

/// "voteCount", "vote-count", "comment__likes" in words.
fn words_of(class: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_lower = false;
    for c in class.chars().take(60) {
        if !c.is_alphabetic() || (c.is_uppercase() && after_lower) {
            words.push(String::new());
        }
        if c.is_alphabetic() {
            words.last_mut().expect("never empty").extend(c.to_lowercase());
        }
        after_lower = c.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether the element right before, a button, names votes for (`true`) or against a comment: `<button>J’aime</button> <span>12</span>`.
fn beside(el: ElementRef<'_>) -> Option<bool> {
    let before = el.prev_siblings().find_map(ElementRef::wrap)?;
    let is_button = matches!(before.value().name(), "button" | "a") || before.attr("role") == Some("button");
    let text = short_text(before).filter(|_| is_button)?;
    let label = fold(&text);
    if WORDS.labels.contains(&label) { Some(true) } else { WORDS.against.contains(&label).then_some(false) }
}

#[cfg(test)]
mod tests {
    use scraper::Html;

    use super::*;

    fn read(html: &str) -> Option<i64> {
        let html = Html::parse_fragment(html);
        votes(html.root_element(), |el| matches!(el.value().name(), "p" | "ul"))
    }

    #[test]
    fn votes_as_pages_print_them() {
        for (html, count) in [
            (
                "<div><b>Zoé</b><p>Oui.</p><button>J’aime</button> <span class=x>12</span> <button>Répondre</button></div>",
                12,
            ),
            ("<div><span class='likes'>13</span></div>", 13),
            ("<div><span class='comment__voteCount'>-2</span></div>", -2),
            ("<div><a>Recommander (2)</a> <a>Répondre</a></div>", 2),
            ("<div><span>12 likes</span></div>", 12),
            ("<div><button aria-label='7 upvotes'><svg></svg></button></div>", 7),
            ("<div><button>👍 <span>4</span></button></div>", 4),
            ("<div><button class=like>Gefällt mir <span class=count>5</span></button></div>", 5),
            ("<div><span class=score>6</span> <span class=dislikes>0</span></div>", 6),
            ("<div><span title='3 points'>3 points</span></div>", 3),
        ] {
            assert_eq!(read(html), Some(count), "{html}");
        }
    }

    #[test]
    fn other_numbers_are_no_votes() {
        for html in [
            "<div><span class=date>12</span></div>",
            "<div><a>Répondre (2)</a></div>",
            "<div><span class=likes>1.2k</span></div>",
            "<div><span class=likes>12</span><span class=dislikes>3</span></div>",
            "<div><span class=likes>12</span><span class=likes>3</span></div>",
            "<div><p>12 likes</p></div>",
            "<div><ul><li><span class=likes>3</span></li></ul></div>",
            "<div><span class=total-likes-of-author>99</span></div>",
            "<div><span>3 of 5 found this helpful</span></div>",
            "<div><span class='upvote-button'>Vote</span></div>",
            "<div><span class=user-points>480</span></div>",
        ] {
            assert_eq!(read(html), None, "{html}");
        }
    }

    #[test]
    fn no_comment_takes_long() {
        let begun = std::time::Instant::now();
        for part in
            ["<div>1 like", "<span class=likes>1</span>", "<button>J’aime</button><i>1</i>", "<i class=a-b-c-d>"]
        {
            let _ = read(&part.repeat(2_000));
        }
        assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
    }
}
