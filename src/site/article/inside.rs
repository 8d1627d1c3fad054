//! Comments that stand inside the element of the article: no part of its text, or they would pass for copies of it.

use std::collections::HashMap;
use std::ops::Range;

use crate::model::Comment;

/// Bytes of a line from which on it is looked for: shorter ones stand anywhere.
const LEAST: usize = 20;
/// Bytes between two comments: names, dates and buttons.
const MAX_BETWEEN: usize = 400;
/// Lines before and behind a comment among which its writer's name stands.
const NEAR: usize = 4;
/// Places looked at of a line that stands in several.
const MAX_PLACES: usize = 8;

/// The article's text without the comments in it. A comment that is nothing but a paragraph of the article, quoted, is no such: those
/// of the thread stand together, or beside their writers' names.
pub(super) fn without(body: &str, comments: &[Comment]) -> String {
    let lines: Vec<&str> = body.split('\n').collect();
    let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| line.trim().len() >= LEAST) {
        places.entry(line.trim()).or_default().push(at);
    }
    let mut found: Vec<(Range<usize>, bool)> = Vec::new();
    for comment in comments {
        let Some(at) = place(&lines, &places, &comment.text) else { continue };
        let name = comment.author.as_ref().map(|author| author.name.as_str()).filter(|name| !name.is_empty());
        let around = at.start.saturating_sub(NEAR)..(at.end + NEAR).min(lines.len());
        let is_named =
            name.is_some_and(|name| around.filter(|line| !at.contains(line)).any(|line| lines[line].contains(name)));
        found.push((at, is_named));
    }
    // Few of many are quotes.
    let is_thread = found.len() * 2 >= comments.len();
    found.sort_by_key(|(at, _)| at.start);
    let bytes = |lines: &[&str]| lines.iter().map(|line| line.len()).sum::<usize>();
    // Where they begin and end, and whether they are sure to be the thread's.
    let mut runs: Vec<(Range<usize>, bool)> = Vec::new();
    for (at, is_named) in found {
        match runs.last_mut() {
            Some((run, sure)) if at.start <= run.end || bytes(&lines[run.end..at.start]) <= MAX_BETWEEN => {
                *sure |= is_named || (is_thread && at.start >= run.end);
                run.end = run.end.max(at.end);
            }
            _ => runs.push((at, is_named)),
        }
    }
    let mut kept: Vec<&str> = Vec::new();
    let mut next = 0;
    for (run, _) in runs.into_iter().filter(|(_, sure)| *sure) {
        kept.extend(&lines[next..run.start]);
        next = (run.end..lines.len()).find(|at| !lines[*at].trim().is_empty()).unwrap_or(lines.len());
    }
    kept.extend(&lines[next..]);
    kept.join("\n").trim_end().to_owned()
}

/// The lines that a comment's text takes up, the last of several such places.
fn place(lines: &[&str], places: &HashMap<&str, Vec<usize>>, text: &str) -> Option<Range<usize>> {
    let own: Vec<&str> = text.split('\n').map(str::trim).filter(|line| !line.is_empty()).collect();
    let (lead, known) = own.iter().enumerate().find_map(|(at, line)| Some((at, places.get(line)?)))?;
    known.iter().rev().take(MAX_PLACES).find_map(|at| {
        // Lines that are too short to be looked for stand right before.
        let mut start = *at;
        for line in own[..lead].iter().rev() {
            start = (0..start).rev().find(|before| !lines[*before].trim().is_empty())?;
            if lines[start].trim() != *line {
                return None;
            }
        }
        let mut end = *at + 1;
        for line in &own[lead + 1..] {
            end = (end..lines.len()).find(|behind| !lines[*behind].trim().is_empty())?;
            if lines[end].trim() != *line {
                return None;
            }
            end += 1;
        }
        Some(start..end)
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
        let more = ["Oui.", "Non.", "Peut-être."].map(|text| comment("Iris", text));
        let quoted = [vec![comment("Zoé", first), comment("Bob", second)], more.to_vec()].concat();
        assert_eq!(without(ARTICLE, &quoted), ARTICLE);
    }
}
