use std::collections::{HashMap, VecDeque};

use super::similarity::similarity;
use crate::model::Seen;

/// Texts at the same place that share so many words are one comment that was edited.
const ALIKE: f64 = 0.5;

/// For each comment of the older list its place in the newer one.
pub(super) struct Pairing {
    pub(super) new_of: Vec<Option<usize>>,
    pub(super) old_of: Vec<Option<usize>>,
    /// Whether comments were matched by what they say, because their ids are places.
    pub(super) by_words: bool,
}

impl Pairing {
    /// Matches comments by id. Where the site shows no ids, an id is a place in the thread, and one comment less shifts all that
    /// follow: such comments are matched by writer, time and words.
    pub(super) fn of(old: &[Seen], new: &[Seen]) -> Self {
        let by_words = numbered_by_place(old) && numbered_by_place(new);
        let mut made = Self { new_of: vec![None; old.len()], old_of: vec![None; new.len()], by_words };
        if by_words {
            made.match_by(old, new, |seen| {
                Some((seen.author.as_deref(), seen.posted_at.as_deref(), Some(seen.text.as_str())))
            });
            // Authors have other pseudonyms under another key, and relative dates are dated anew at each visit.
            made.match_by(old, new, |seen| said(seen).map(|text| (None, seen.posted_at.as_deref(), Some(text))));
            made.match_by(old, new, |seen| said(seen).map(|text| (None, None, Some(text))));
            made.match_by(old, new, |seen| {
                Some((Some(seen.author.as_deref()?), Some(seen.posted_at.as_deref()?), None))
            });
            made.match_neighbours(old, new);
        } else {
            made.match_by(old, new, |seen| Some((Some(seen.id.as_str()), None, None)));
        }
        made
    }

    /// Matches what is left and has the same key, in order.
    fn match_by<'a>(&mut self, old: &'a [Seen], new: &'a [Seen], key: impl Fn(&'a Seen) -> Option<Key<'a>>) {
        let mut waiting: HashMap<Key<'a>, VecDeque<usize>> = HashMap::new();
        for (at, seen) in new.iter().enumerate().filter(|(at, _)| self.old_of[*at].is_none()) {
            if let Some(key) = key(seen) {
                waiting.entry(key).or_default().push_back(at);
            }
        }
        for (at, seen) in old.iter().enumerate() {
            if self.new_of[at].is_some() {
                continue;
            }
            let found = key(seen).and_then(|key| waiting.get_mut(&key)).and_then(VecDeque::pop_front);
            if let Some(found) = found {
                self.pair(at, found);
            }
        }
    }

    /// Matches what is left where the comments before are matched, if the words are alike or one of the two has none.
    fn match_neighbours(&mut self, old: &[Seen], new: &[Seen]) {
        for (at, seen) in old.iter().enumerate() {
            if self.new_of[at].is_some() {
                continue;
            }
            let after = match at.checked_sub(1) {
                None => Some(0),
                Some(before) => self.new_of[before].map(|before| before + 1),
            };
            let Some(place) = after.filter(|place| *place < new.len() && self.old_of[*place].is_none()) else {
                continue;
            };
            let (was, is) = (seen.text.as_str(), new[place].text.as_str());
            if was.trim().is_empty() || is.trim().is_empty() || similarity(was, is) >= ALIKE {
                self.pair(at, place);
            }
        }
    }

    fn pair(&mut self, old: usize, new: usize) {
        self.new_of[old] = Some(new);
        self.old_of[new] = Some(old);
    }
}

/// Author, time and words, or an id.
type Key<'a> = (Option<&'a str>, Option<&'a str>, Option<&'a str>);

fn said(seen: &Seen) -> Option<&str> {
    Some(seen.text.as_str()).filter(|text| !text.trim().is_empty())
}

/// Whether ids are `c1`, `c2`, … in order: what comments are called where the site shows no ids.
fn numbered_by_place(comments: &[Seen]) -> bool {
    let is_place = |(at, seen): (usize, &Seen)| {
        seen.id.strip_prefix('c').and_then(|place| place.parse().ok()).is_some_and(|place: usize| place == at + 1)
    };
    !comments.is_empty() && comments.iter().enumerate().all(is_place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(id: &str, author: &str, text: &str) -> Seen {
        Seen { id: id.into(), author: Some(author.into()), text: text.into(), ..Seen::default() }
    }

    #[test]
    fn places_shift_and_comments_are_found_again() {
        let old = [
            seen("c1", "a", "Premier !"),
            seen("c2", "b", "+1"),
            seen("c3", "c", "+1"),
            seen("c4", "d", "Une longue phrase avec une faute."),
            seen("c5", "e", "Effacé plus tard"),
        ];
        let new = [
            seen("c1", "a", "Premier !"),
            seen("c2", "c", "+1"),
            seen("c3", "d", "Une longue phrase sans faute."),
            seen("c4", "", ""),
            seen("c5", "f", "Nouveau"),
        ];
        let pairing = Pairing::of(&old, &new);
        assert!(pairing.by_words);
        assert_eq!(pairing.new_of, [Some(0), None, Some(1), Some(2), Some(3)]);
        assert_eq!(pairing.old_of, [Some(0), Some(2), Some(3), Some(4), None]);
    }

    #[test]
    fn ids_of_the_site_are_believed() {
        let old = [seen("c10", "a", "x"), seen("c11", "a", "y")];
        let new = [seen("c11", "a", "x"), seen("c12", "a", "y")];
        let pairing = Pairing::of(&old, &new);
        assert!(!pairing.by_words);
        assert_eq!(pairing.new_of, [None, Some(0)]);
    }
}
