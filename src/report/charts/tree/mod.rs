mod forest;
mod levels;
mod shape;

use super::figure::{Figure, Plot, legend};
use super::format::Language;
use super::sentiment::Tone;
use super::svg::{Layout, Svg};
use super::words::{Words, sentence};
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// Its sentiment.
    Tone(Tone),
    /// Nothing: it has no sentiment.
    Uncoded,
    /// It was deleted.
    Deleted,
}

impl Mark {
    fn class(self) -> &'static str {
        match self {
            Self::Tone(tone) => tone.class(),
            Self::Uncoded => "s-none",
            Self::Deleted => "hollow",
        }
    }

    fn name(self, words: &Words) -> &str {
        match self {
            Self::Tone(tone) => words.tone(tone),
            Self::Uncoded => &words.uncoded,
            Self::Deleted => &words.deleted,
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
        notes: vec![if wide.is_some() { &words.tree_note } else { &words.levels_note }],
        desc: describe(&shape, language),
        table: levels.table(language),
    };
    if tree.nodes.is_empty() {
        return plot.render_empty();
    }
    let names: Vec<(&str, &str)> = levels.marks().map(|mark| (mark.class(), mark.name(words))).collect();
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

fn describe(shape: &Shape, language: Language) -> Vec<String> {
    let n = |n: usize| language.count(n as u64);
    let largest = shape.trees.iter().map(|tree| tree.len).max().unwrap_or(0);
    let deepest = shape.trees.iter().map(|tree| tree.depth).max().unwrap_or(0);
    let values = [n(shape.order.len()), n(shape.trees.len()), n(deepest), n(largest)];
    let [comments, roots, depth, largest] = values.each_ref().map(String::as_str);
    let values = [("comments", comments), ("roots", roots), ("depth", depth), ("largest", largest)];
    vec![sentence(&language.words().tree_desc, &values)]
}
