//! Which of the lines above a date is the writer's name.

use std::collections::HashSet;

use super::super::words::WORDS;
use super::heads::{Head, Heads, MAX_ASIDES};
use super::words::PRINTED;
use crate::text::fold;

/// Words of a line that can be a name beside others.
const MAX_WORDS: usize = 4;

impl Heads<'_> {
    /// The heads of a layout, where the name above a date may be that of the one answered: "Bob / Zoé / 12 mars", Zoé
    /// having written before, and Bob right below a comment's buttons.
    pub(super) fn with_writers(&self, mut heads: Vec<Head>) -> Vec<Head> {
        let mut known: HashSet<String> = HashSet::new();
        for head in &mut heads {
            let above = head.at.checked_sub(1);
            let is_answered = head.author.as_ref().is_some_and(|name| known.contains(name));
            if is_answered
                && let Some(at) = above
                && self.is_below_buttons(at)
                && !self.is_avatar(at)
                && let Some(name) =
                    self.author(at).filter(|name| name.split_whitespace().count() <= MAX_WORDS && !name.ends_with('.'))
            {
                (head.at, head.author) = (at, Some(name));
            }
            known.extend(head.author.clone());
        }
        self.with_places(heads)
    }

    /// The heads of a layout, where a place or office may stand between name and date: "Orla / Cork, Ireland / March 14".
    /// That is so where most have a second short line right below the buttons of the comment above.
    fn with_places(&self, mut heads: Vec<Head>) -> Vec<Head> {
        let names: Vec<Option<String>> = heads.iter().map(|head| self.name_above(head)).collect();
        let found: Vec<(&String, &Head)> =
            names.iter().zip(&heads).filter_map(|(name, head)| Some((name.as_ref()?, head))).collect();
        // Ranks stand above names, too, but are the same for many.
        let uppers: HashSet<&String> = found.iter().map(|(name, _)| *name).collect();
        let lowers: HashSet<Option<&str>> = found.iter().map(|(_, head)| head.author.as_deref()).collect();
        // The article's own byline says "by".
        let is_comment =
            |head: &&Head| head.author.as_deref().is_none_or(|name| WORDS.byline(name).len() == name.len());
        let all = heads.iter().filter(is_comment).count();
        if found.len() >= 2 && found.len() * 3 >= all * 2 && uppers.len() >= lowers.len() {
            for (head, name) in heads.iter_mut().zip(names) {
                if let Some(name) = name {
                    (head.at, head.author) = (head.at - 1, Some(name));
                }
            }
        }
        heads
    }

    /// The name on the line above the one taken for a head's name, where nothing but buttons, a count or how comments are
    /// sorted stands above, and the comment begins right below its date.
    fn name_above(&self, head: &Head) -> Option<String> {
        let at = head.at.checked_sub(1)?;
        let name = self.author(at).filter(|name| name.split_whitespace().count() <= MAX_WORDS)?;
        let (above, below) = (fold(&name), fold(head.author.as_deref()?));
        let is_picture = self.is_avatar(at) || above.chars().count() < 2 || above.contains(&below);
        let is_other = PRINTED.is_badge(&name) || name.ends_with('.') || WORDS.is_more_comments(&name);
        let begins = self.filled(head.body).is_some_and(|at| !self.is_between(at));
        let first_above = (at.saturating_sub(MAX_ASIDES)..at).rev().find(|&at| !self.is_empty(at))?;
        let is_first = self.is_between(first_above) || self.is_section(first_above);
        (!is_picture && !is_other && begins && is_first).then_some(name)
    }

    /// Whether buttons stand right above a line; votes may come between.
    fn is_below_buttons(&self, at: usize) -> bool {
        let above = (at.saturating_sub(MAX_ASIDES)..at).rev().take_while(|&at| self.is_between(at));
        let mut above = above.map(|at| self.lines[at].trim()).filter(|line| !line.is_empty());
        above.any(|line| WORDS.is_button(line))
    }
}
