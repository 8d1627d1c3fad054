//! Which sites a page may be of: one pass over its source for the strings every page of theirs holds, so that asking
//! all the sites costs no more than asking one.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind};

use super::{SITES, View};
use crate::model::PageKind;

struct Hints {
    automaton: AhoCorasick,
    /// For each pattern, the place of its site in [`SITES`].
    sites: Vec<usize>,
    /// Sites without hints.
    always: Vec<bool>,
}

static HINTS: LazyLock<Hints> = LazyLock::new(|| {
    let pairs: Vec<(&str, usize)> =
        SITES.iter().enumerate().flat_map(|(at, site)| site.hints().iter().map(move |hint| (*hint, at))).collect();
    let patterns = pairs.iter().map(|(hint, _)| *hint);
    Hints {
        automaton: AhoCorasickBuilder::new()
            .kind(Some(AhoCorasickKind::DFA))
            .build(patterns)
            .expect("a few hundred short strings are within the automaton's limits"),
        sites: pairs.iter().map(|(_, at)| *at).collect(),
        always: SITES.iter().map(|site| site.hints().is_empty()).collect(),
    }
});

/// For each of [`SITES`], whether it is to be asked.
pub(super) fn found(view: &View<'_>) -> Vec<bool> {
    let hints = &*HINTS;
    if view.page.kind != PageKind::Html {
        return vec![true; hints.always.len()];
    }
    let mut asked = hints.always.clone();
    let mut left = asked.iter().filter(|asked| !**asked).count();
    for found in hints.automaton.find_overlapping_iter(view.page.body.as_str()) {
        let site = hints.sites[found.pattern().as_usize()];
        if !asked[site] {
            asked[site] = true;
            left -= 1;
            if left == 0 {
                break;
            }
        }
    }
    asked
}
