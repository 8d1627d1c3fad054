//! `data/text/walls.toml`, ready to look for.

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use ego_tree::NodeId;
use serde::Deserialize;

use super::super::document::{Css, Document};
use super::super::traces::{Gathered, Traces};
use super::shown::Words;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    words: usize,
    banner_words: usize,
    bare: usize,
    cut: usize,
    parts: Vec<String>,
    wall: Vec<WallData>,
    hidden: Vec<Sentences>,
    barrier: Vec<Sentences>,
    banner: Vec<Banner>,
    shell: ShellData,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct WallData {
    name: Option<String>,
    reason: String,
    words: Option<usize>,
    headers: Vec<String>,
    addresses: Vec<String>,
    scripts: Vec<String>,
    elements: Vec<String>,
    titles: Vec<String>,
    phrases: Vec<String>,
    texts: Vec<String>,
    together: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sentences {
    reason: String,
    phrases: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Banner {
    name: String,
    elements: Vec<String>,
    open: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ShellData {
    words: usize,
    elements: Vec<String>,
    phrases: Vec<String>,
}

/// A wall that stands in the page's place.
#[derive(Debug)]
pub(super) struct Wall {
    pub(super) name: Option<String>,
    pub(super) reason: String,
    /// The most words its pages have.
    pub(super) words: usize,
    /// Names in lower case, values where they count.
    headers: Vec<(String, Option<String>)>,
    addresses: Vec<String>,
    /// None where it has no elements.
    pub(super) css: Option<Css>,
    titles: Vec<(Words, Option<Words>)>,
    texts: Vec<String>,
    pub(super) together: bool,
}

impl Wall {
    /// Whether headers or the address alone tell it.
    pub(super) fn is_told_by(&self, headers: &BTreeMap<String, String>, address: &str) -> bool {
        let in_headers = self.headers.iter().any(|(name, wanted)| {
            let value = headers.get(name);
            value.is_some_and(|value| wanted.as_ref().is_none_or(|wanted| value.trim().eq_ignore_ascii_case(wanted)))
        });
        in_headers || self.addresses.iter().any(|part| address.contains(part.as_str()))
    }

    /// Whether one of the page's titles is one of its.
    pub(super) fn has_title(&self, titles: &[Words]) -> bool {
        self.titles.iter().any(|pattern| titles.iter().any(|title| title.are(pattern)))
    }

    /// Whether a short answer that is no HTML is one of its.
    pub(super) fn has_text(&self, text: &str) -> bool {
        self.texts.iter().any(|part| text.contains(part.as_str()))
    }
}

/// Phrases, each with the place of what it belongs to.
#[derive(Debug)]
pub(super) struct Phrases {
    automaton: AhoCorasick,
    of: Vec<usize>,
}

impl Phrases {
    fn new<'a>(lists: impl Iterator<Item = &'a [String]>) -> Self {
        let (mut words, mut of) = (Vec::new(), Vec::new());
        for (at, list) in lists.enumerate() {
            words.extend(list.iter().map(|phrase| Words::of(phrase)));
            of.resize(words.len(), at);
        }
        let automaton = AhoCorasick::new(words.iter().map(Words::as_str))
            .expect("some hundred phrases are within the automaton's limits");
        Self { automaton, of }
    }

    /// The places of what has a phrase in the text.
    pub(super) fn find(&self, text: &Words) -> HashSet<usize> {
        self.automaton.find_overlapping_iter(text.as_str()).map(|hit| self.of[hit.pattern().as_usize()]).collect()
    }
}

/// Everything there is to look for.
#[derive(Debug)]
pub(super) struct Catalogue {
    /// The most words of any page that is a wall, with those of a banner.
    pub(super) most: usize,
    pub(super) bare: usize,
    pub(super) cut: usize,
    pub(super) parts: Vec<String>,
    /// The walls, by place.
    pub(super) traces: Traces,
    pub(super) walls: Vec<Wall>,
    pub(super) wall_phrases: Phrases,
    /// Reasons, by place in `hidden_phrases`.
    pub(super) hidden: Vec<String>,
    pub(super) hidden_phrases: Phrases,
    /// Reasons, by place in `barrier_phrases`.
    pub(super) barriers: Vec<String>,
    pub(super) barrier_phrases: Phrases,
    banners: Vec<(String, Css)>,
    open: Vec<(String, Css)>,
    pub(super) shell_words: usize,
    pub(super) shell: Css,
    pub(super) shell_phrases: Phrases,
}

impl Catalogue {
    /// The banners of a page, and the name of the first.
    pub(super) fn banners(&self, html: &Document) -> (HashSet<NodeId>, Option<&str>) {
        let mut first = None;
        let mut found = HashSet::new();
        for (name, css) in &self.banners {
            for banner in html.select(css) {
                first = first.or(Some(name.as_str()));
                found.insert(banner.id());
            }
        }
        (found, first)
    }

    /// The name of a banner that bars the way.
    pub(super) fn open_banner(&self, html: &Document) -> Option<&str> {
        self.open.iter().find(|(_, open)| html.select(open).next().is_some()).map(|(name, _)| name.as_str())
    }
}

pub(super) static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let data: Data = toml::from_str(include_str!("../../../data/text/walls.toml"))
        .expect("data/text/walls.toml is compiled in and read by a test");
    let mut strings = Gathered::default();
    for wall in &data.wall {
        strings.add(&wall.scripts, &wall.elements);
    }
    let traces = strings.traces();
    let banners = data.banner.iter().filter_map(|row| Some((row.name.clone(), css(&row.elements)?))).collect();
    let open = data.banner.iter().filter_map(|row| Some((row.name.clone(), css(&row.open)?))).collect();
    Catalogue {
        most: data.wall.iter().filter_map(|row| row.words).fold(data.words, usize::max) + data.banner_words,
        bare: data.bare,
        cut: data.cut,
        parts: data.parts,
        traces,
        wall_phrases: Phrases::new(data.wall.iter().map(|row| row.phrases.as_slice())),
        walls: data.wall.into_iter().map(|row| wall(row, data.words)).collect(),
        hidden_phrases: Phrases::new(data.hidden.iter().map(|row| row.phrases.as_slice())),
        hidden: data.hidden.into_iter().map(|row| row.reason).collect(),
        barrier_phrases: Phrases::new(data.barrier.iter().map(|row| row.phrases.as_slice())),
        barriers: data.barrier.into_iter().map(|row| row.reason).collect(),
        banners,
        open,
        shell_words: data.shell.words,
        shell: css(&data.shell.elements).expect("the catalogue names elements"),
        shell_phrases: Phrases::new(std::iter::once(data.shell.phrases.as_slice())),
    }
});

fn wall(row: WallData, words: usize) -> Wall {
    let header = |header: &String| match header.split_once(':') {
        Some((name, value)) => (name.trim().to_owned(), Some(value.trim().to_owned())),
        None => (header.clone(), None),
    };
    let title = |title: &String| match title.split_once('*') {
        Some((head, tail)) => (Words::of(head), Some(Words::of(tail))),
        None => (Words::of(title), None),
    };
    Wall {
        headers: row.headers.iter().map(header).collect(),
        css: css(&row.elements),
        titles: row.titles.iter().map(title).collect(),
        name: row.name,
        reason: row.reason,
        words: row.words.unwrap_or(words),
        addresses: row.addresses,
        texts: row.texts,
        together: row.together,
    }
}

fn css(elements: &[String]) -> Option<Css> {
    (!elements.is_empty()).then(|| Css::new(&elements.join(", ")))
}
