mod forest;
mod levels;
mod shape;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::figure::{Figure, Plot, legend};
use super::format::Language;
use super::sentiment::Tone;
use super::svg::{Layout, Svg, escape};
use super::words::{Words, fill};
use forest::Forest;
use levels::Levels;
use shape::Shape;

/// Comments that are drawn one by one; a larger thread is drawn by its levels.
const MOST_DOTS: usize = 3_000;

/// A thread to be drawn.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReplyTree {
    /// What names the figure.
    pub figure: Figure,
    /// Names for people of the codes 1 to 8 that nodes are marked with; empty where they are marked by sentiment.
    pub codes: Vec<String>,
    /// Its comments in order. A parent that is not there, or that leads round to the node itself, is as none.
    pub nodes: Vec<Node>,
}

/// A comment in a [`ReplyTree`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node {
    /// Which of the nodes it replies to; empty for a comment on the article.
    pub parent: Option<usize>,
    /// What its dot shows.
    pub mark: Mark,
}

/// What a dot of the reply tree shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mark {
    /// Its sentiment.
    Tone(Tone),
    /// Its code, from 1 to 8; larger ones begin anew.
    Code(u8),
    /// Nothing: no sentiment, or none of the codes.
    Uncoded,
    /// It was deleted.
    Deleted,
}

impl Mark {
    /// All there are, as they stand in a legend: sentiment, codes 1 to 8, nothing, deleted.
    const COUNT: usize = 13;

    fn place(self) -> usize {
        match self {
            Self::Tone(Tone::Negative) => 0,
            Self::Tone(Tone::Neutral) => 1,
            Self::Tone(Tone::Positive) => 2,
            Self::Code(code) => 3 + usize::from(code.saturating_sub(1)) % 8,
            Self::Uncoded => 11,
            Self::Deleted => 12,
        }
    }

    fn class(place: usize) -> &'static str {
        const CLASSES: [&str; Mark::COUNT] = [
            "s-negative",
            "s-neutral",
            "s-positive",
            "s-code-1",
            "s-code-2",
            "s-code-3",
            "s-code-4",
            "s-code-5",
            "s-code-6",
            "s-code-7",
            "s-code-8",
            "s-none",
            "hollow",
        ];
        CLASSES[place]
    }

    fn name<'a>(place: usize, codes: &'a [String], words: &'a Words) -> &'a str {
        match place {
            0..3 => words.tone(Tone::ALL[place]),
            3..11 => codes.get(place - 3).map_or(&words.tree_legend_code, |code| code),
            11 => &words.uncoded,
            _ => &words.deleted,
        }
    }
}

/// The picture of a thread: each comment a dot below the one it replies to, the deepest conversations first; above 3,000 comments,
/// or where dots would be smaller than can be seen, the number of comments on each level.
///
/// Time and memory are linear in the number of nodes, whatever their depth.
pub fn reply_tree(tree: &ReplyTree, language: Language) -> String {
    let words = language.words();
    let shape = Shape::of(&tree.nodes);
    let levels = Levels::of(&tree.nodes, &shape);
    let forests = [Layout::Wide, Layout::Narrow].map(|layout| Forest::plan(&shape, layout));
    let [wide, narrow] = match forests {
        [Some(wide), Some(narrow)] if tree.nodes.len() <= MOST_DOTS => [Some(wide), Some(narrow)],
        _ => [None, None],
    };
    let plot = Plot {
        figure: &tree.figure,
        language,
        kind: "tree",
        title: &words.tree_title,
        note: if wide.is_some() { words.tree_note.clone() } else { words.levels_note.clone() },
        desc: describe(&shape, language),
        table: levels.table(&tree.codes, language),
    };
    if tree.nodes.is_empty() {
        return plot.render_empty();
    }
    let marks: BTreeSet<usize> = tree.nodes.iter().map(|node| node.mark.place()).collect();
    let names: Vec<(&str, &str)> =
        marks.iter().map(|&mark| (Mark::class(mark), Mark::name(mark, &tree.codes, words))).collect();
    plot.render(|layout| {
        let mut svg = Svg::new(layout, 0.0);
        let top = 24.0 + 20.0 * (legend(&mut svg, 10.0, &names) as f64 - 1.0);
        match layout.pick(&wide, &narrow) {
            Some(forest) => forest.draw(&mut svg, top, &tree.nodes, &shape),
            None => levels.draw(&mut svg, top, language),
        }
        svg
    })
}

/// The pictures of the `most` largest threads, and how many there are in all where some are left out.
pub fn reply_trees(trees: &[ReplyTree], most: usize, language: Language) -> String {
    let mut largest: Vec<&ReplyTree> = trees.iter().collect();
    largest.sort_by_key(|tree| std::cmp::Reverse(tree.nodes.len()));
    largest.truncate(most);
    let mut out = String::new();
    if largest.len() < trees.len() {
        let (shown, of) = (language.count(largest.len() as u64), language.count(trees.len() as u64));
        let note = fill(&language.words().trees_note, &[("shown", &shown), ("of", &of)]);
        let _ = writeln!(out, "<p class=\"note\">{}</p>", escape(&note));
    }
    out.extend(largest.into_iter().map(|tree| reply_tree(tree, language)));
    out
}

fn describe(shape: &Shape, language: Language) -> Vec<String> {
    let n = |n: usize| language.count(n as u64);
    let largest = shape.trees.iter().map(|tree| tree.len).max().unwrap_or(0);
    let deepest = shape.trees.iter().map(|tree| tree.depth).max().unwrap_or(0);
    let values = [n(shape.order.len()), n(shape.trees.len()), n(deepest), n(largest)];
    let [comments, roots, depth, largest] = values.each_ref().map(String::as_str);
    let values = [("comments", comments), ("roots", roots), ("depth", depth), ("largest", largest)];
    vec![fill(&language.words().tree_desc, &values)]
}
