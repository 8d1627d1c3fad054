//! What must stand in a page's source for one of many things to be in the page: one pass over it says which are worth a
//! look at the tree.

use aho_corasick::AhoCorasick;

use super::scripts::scripts;

/// Where a string counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In a script element, its tag or its text.
    Script,
    /// Anywhere.
    Source,
}

/// Strings to look for, case aside, each with the row of the catalogue it stands for.
#[derive(Debug)]
pub(super) struct Traces {
    automaton: AhoCorasick,
    patterns: Vec<(usize, Place)>,
    rows: usize,
}

/// Strings to look for.
#[derive(Debug, Default)]
pub(super) struct Gathered<'a> {
    strings: Vec<&'a str>,
    patterns: Vec<(usize, Place)>,
    rows: usize,
}

impl<'a> Gathered<'a> {
    /// Adds a row: strings of scripts, selectors of elements.
    pub(super) fn add(&mut self, scripts: &'a [String], elements: &'a [String]) {
        self.strings.extend(scripts.iter().map(String::as_str));
        self.patterns.extend(scripts.iter().map(|_| (self.rows, Place::Script)));
        self.strings.extend(elements.iter().map(|element| longest_name(element)));
        self.patterns.resize(self.strings.len(), (self.rows, Place::Source));
        self.rows += 1;
    }

    /// # Panics
    /// When there are more strings than an automaton holds.
    pub(super) fn traces(self) -> Traces {
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(&self.strings)
            .expect("some hundred short strings are within the automaton's limits");
        Traces { automaton, patterns: self.patterns, rows: self.rows }
    }
}

/// Rows found in a page's source.
#[derive(Debug)]
pub(super) struct Found {
    /// For each row, whether a string of its scripts stands in a script element.
    pub(super) in_scripts: Vec<bool>,
    /// For each row, whether what its elements need stands in the source.
    pub(super) in_source: Vec<bool>,
}

impl Traces {
    pub(super) fn find(&self, source: &str) -> Found {
        let mut found = Found { in_scripts: vec![false; self.rows], in_source: vec![false; self.rows] };
        let mut scripted = false;
        for hit in self.automaton.find_overlapping_iter(source) {
            match self.patterns[hit.pattern().as_usize()] {
                (row, Place::Source) => found.in_source[row] = true,
                (_, Place::Script) => scripted = true,
            }
        }
        if scripted {
            for script in scripts(source) {
                for hit in self.automaton.find_overlapping_iter(script.source) {
                    if let (row, Place::Script) = self.patterns[hit.pattern().as_usize()] {
                        found.in_scripts[row] = true;
                    }
                }
            }
        }
        found
    }
}

/// The longest word of a selector: what the page's source must hold for it to match.
pub(super) fn longest_name(selector: &str) -> &str {
    selector
        .split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')))
        .max_by_key(|word| word.len())
        .unwrap_or(selector)
}
