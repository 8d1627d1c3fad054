//! Comments that stand inside the element of the article: no part of its text, or they would pass for copies of it.

use std::collections::HashMap;
use std::ops::Range;

use crate::model::Comment;

/// Bytes of a line from which on it is looked for: shorter ones stand anywhere.
const LEAST: usize = 20;
/// Bytes between two comments, and of the line that names a writer: names, dates and buttons.
const MAX_HEAD: usize = 160;
/// Lines before and behind a comment among which its writer's name stands, and most between two comments.
const NEAR: usize = 4;
/// Places looked at of a line that stands in several.
const MAX_PLACES: usize = 8;
/// Comments that stand together as no quotes do.
const TOGETHER: usize = 3;

/// The article's text without the comments in it. A comment that is nothing but a paragraph of the article, quoted, is no such: those
/// of the thread stand beside their writers' names, or several together.
pub(super) fn without(body: &str, comments: &[Comment]) -> String {
    let whole: Vec<&str> = body.split('\n').collect();
    let filled: Vec<usize> = (0..whole.len()).filter(|at| !whole[*at].trim().is_empty()).collect();
    let lines: Vec<&str> = filled.iter().map(|at| whole[*at].trim()).collect();
    let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| line.len() >= LEAST) {
        places.entry(line).or_default().push(at);
    }
    let mut found: Vec<(Range<usize>, bool)> = Vec::new();
    for comment in comments {
        let Some(at) = place(&lines, &places, &comment.text) else { continue };
        let name = comment.author.as_ref().map(|author| author.name.as_str()).unwrap_or_default();
        let around = (at.start.saturating_sub(NEAR)..at.start).chain(at.end..(at.end + NEAR).min(lines.len()));
        let is_named = around.into_iter().any(|line| names(lines[line], name));
        found.push((at, is_named));
    }
    found.sort_by_key(|(at, _)| (at.start, at.end));
    found.dedup_by(|later, first| later.0 == first.0);
    // Where they stand together, how many, and whether one of them is named.
    let mut runs: Vec<(Range<usize>, usize, bool)> = Vec::new();
    for (at, is_named) in found {
        let is_head = |gap: Range<usize>| gap.len() <= NEAR && lines[gap].iter().all(|line| line.len() <= MAX_HEAD);
        match runs.last_mut() {
            Some((run, many, named)) if at.start <= run.end || is_head(run.end..at.start) => {
                *many += 1;
                *named |= is_named;
                run.end = run.end.max(at.end);
            }
            _ => runs.push((at, 1, is_named)),
        }
    }
    let is_thread = |(_, many, named): &(Range<usize>, usize, bool)| *named || *many >= TOGETHER;
    let mut kept: Vec<&str> = Vec::new();
    let mut next = 0;
    for (run, ..) in runs.into_iter().filter(is_thread) {
        kept.extend(&whole[next..filled[run.start]]);
        next = filled.get(run.end).copied().unwrap_or(whole.len());
    }
    kept.extend(&whole[next..]);
    kept.join("\n").trim_end().to_owned()
}

/// Whether a short line holds a writer's name, as whole words.
fn names(line: &str, name: &str) -> bool {
    let is_end = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    let is_whole = |at: usize| is_end(line[..at].chars().next_back()) && is_end(line[at + name.len()..].chars().next());
    !name.is_empty() && line.len() <= MAX_HEAD && line.match_indices(name).any(|(at, _)| is_whole(at))
}

/// The lines that a comment's text takes up, the last of several such places.
fn place(lines: &[&str], places: &HashMap<&str, Vec<usize>>, text: &str) -> Option<Range<usize>> {
    let own: Vec<&str> = text.split('\n').map(str::trim).filter(|line| !line.is_empty()).collect();
    // Lines that are too short to be looked for may stand before.
    let (lead, known) = own.iter().enumerate().find_map(|(at, line)| Some((at, places.get(line)?)))?;
    known.iter().rev().take(MAX_PLACES).find_map(|at| {
        let start = at.checked_sub(lead)?;
        let there = lines.get(start..start + own.len())?;
        (there == own).then_some(start..start + own.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Author;

    fn comment(name: &str, text: &str) -> Comment {
        let author = (!name.is_empty()).then(|| Author { name: name.into(), avatar: None });
        Comment { author, text: text.into(), ..Comment::default() }
    }

    const ARTICLE: &str =
        "Le prix du pain augmente encore cette année.\n\nLes boulangers n'y peuvent rien, dit la chambre.";

    #[test]
    fn the_thread_is_cut_out() {
        let comments = [
            comment("Zoé", "Bof\n\nOn nous prend pour des imbéciles, voilà tout."),
            comment("", "Je fais mon pain moi-même depuis dix ans."),
        ];
        let body = format!(
            "{ARTICLE}\n\nZoé a écrit le 3 mai\n\nBof\n\nOn nous prend pour des imbéciles, voilà tout.\n\nRépondre\n\nIris\n\nJe fais mon pain moi-même depuis dix ans."
        );
        assert_eq!(without(&body, &comments), format!("{ARTICLE}\n\nZoé a écrit le 3 mai"));
        assert_eq!(
            without(&body, &comments[..1]),
            format!(
                "{ARTICLE}\n\nZoé a écrit le 3 mai\n\nRépondre\n\nIris\n\nJe fais mon pain moi-même depuis dix ans."
            )
        );
    }

    #[test]
    fn what_comments_quote_stays() {
        let quoted = [
            comment("Zoé", "Les boulangers n'y peuvent rien, dit la chambre."),
            comment("Bob", "Le prix du pain augmente encore cette année.\n\nEt alors ? Le reste aussi."),
        ];
        assert_eq!(without(ARTICLE, &quoted), ARTICLE);
        let [first, second] = ARTICLE.split_once("\n\n").map(<[&str; 2]>::from).unwrap();
        assert_eq!(without(ARTICLE, &[comment("Zoé", first), comment("Les", second)]), ARTICLE);
    }
}
