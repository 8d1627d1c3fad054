use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::super::svg::{Layout, Svg, Units};
use super::shape::{Shape, Tree};
use super::{Mark, Node};

/// Distances between neighbours that are tried, the largest first.
const PITCHES: [f64; 10] = [20.0, 16.0, 12.0, 10.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0];

/// Height that the drawing should stay in, and the one it must.
const GOOD_HEIGHT: f64 = 380.0;
const MOST_HEIGHT: f64 = 1_100.0;

/// Height of a conversation: deeper ones are drawn closer.
const TREE_HEIGHT: f64 = 300.0;

/// Neighbours that are closer cannot be told apart.
const CLOSEST: f64 = 1.2;

/// Lines that are closer make a grey area.
const APART: f64 = 2.5;

/// Links between dots smaller than the first are drawn pale, for the dots to be seen; none is smaller than the second.
const SMALL_DOT: f64 = 4.0;
const SMALLEST_DOT: f64 = 1.8;

/// Where each conversation stands: in rows, the deepest first, as words stand in a paragraph.
#[derive(Debug)]
pub(super) struct Forest {
    plots: Vec<Place>,
    height: f64,
}

#[derive(Debug)]
struct Place {
    tree: Tree,
    x: f64,
    y: f64,
    /// From neighbour to neighbour.
    across: f64,
    /// From level to level.
    down: f64,
    dot: f64,
}

impl Place {
    /// Down from a comment to a bar across its replies, and from there down to each, where that does not make one grey area.
    fn link(&self, links: &mut String, node: usize, places: &[(f64, f64)], replies: &[usize]) {
        let (Some(&first), Some(&last)) = (replies.first(), replies.last()) else { return };
        let (x, y) = places[node];
        if first == last {
            let _ = write!(links, "M{} {}V{}", Units(x), Units(y), Units(places[first].1));
            return;
        }
        let bar = y + self.down / 2.0;
        let _ = write!(links, "M{} {}V{}", Units(x), Units(y), Units(bar));
        let _ = write!(links, "M{} {}H{}", Units(places[first].0), Units(bar), Units(places[last].0));
        for &(x, y) in replies.iter().map(|&reply| &places[reply]).filter(|_| self.across >= APART) {
            let _ = write!(links, "M{} {}V{}", Units(x), Units(bar), Units(y));
        }
    }
}

impl Forest {
    /// Finds the largest distances at which all fits; empty where none shows the comments apart.
    pub(super) fn plan(shape: &Shape, layout: Layout) -> Option<Self> {
        let mut trees = shape.trees.clone();
        trees.sort_by_key(|tree| (std::cmp::Reverse((tree.depth, tree.len)), tree.start));
        let plans = || PITCHES.into_iter().filter_map(|pitch| Self::pack(&trees, pitch, layout.width()));
        plans()
            .find(|forest| forest.height <= GOOD_HEIGHT)
            .or_else(|| plans().next_back().filter(|forest| forest.height <= MOST_HEIGHT))
    }

    fn pack(trees: &[Tree], pitch: f64, room: f64) -> Option<Self> {
        let (mut x, mut y, mut row) = (0.0, 0.0, 0.0);
        let mut plots = Vec::with_capacity(trees.len());
        for &tree in trees {
            let across = if tree.width > 0.0 { pitch.min((room - pitch) / tree.width) } else { pitch };
            let down = (pitch * 1.3).min(TREE_HEIGHT / tree.depth as f64);
            if across < CLOSEST || down < CLOSEST {
                return None;
            }
            let width = across * tree.width + pitch;
            if x > 0.0 && x + width > room + 0.01 {
                (x, y) = (0.0, y + row + pitch * 0.5);
                row = 0.0;
            }
            row = f64::max(row, down * tree.depth as f64);
            let dot = (across.min(down) * 0.9).max(SMALLEST_DOT).min(pitch * 0.68).min(11.0);
            plots.push(Place { tree, x: x + pitch / 2.0, y, across, down, dot });
            x += if tree.len > 1 { width + pitch / 2.0 } else { width };
        }
        Some(Self { plots, height: y + row })
    }

    /// Draws links and dots below `top`; ends the drawing.
    pub(super) fn draw(&self, svg: &mut Svg, top: f64, nodes: &[Node], shape: &Shape) {
        let mut links = [String::new(), String::new()];
        // Dots of one colour and size are one path: a dot is a line of no length with round ends.
        let mut dots: BTreeMap<(Mark, u32), String> = BTreeMap::new();
        let mut places = vec![(0.0, 0.0); nodes.len()];
        for plot in &self.plots {
            for &node in &shape.order[plot.tree.range()] {
                let x = plot.x + plot.across * shape.across[node];
                let y = top + plot.y + plot.down * (shape.depth[node] as f64 - 0.5);
                places[node] = (x, y);
                let mark = nodes[node].mark;
                let path = dots.entry((mark, (plot.dot * 10.0) as u32)).or_default();
                if mark == Mark::Deleted { ring(path, x, y, plot.dot / 2.0 - 0.5) } else { dot(path, x, y) }
            }
            for &node in &shape.order[plot.tree.range()] {
                plot.link(&mut links[usize::from(plot.dot < SMALL_DOT)], node, &places, shape.children(node));
            }
        }
        for (links, opacity) in links.into_iter().zip(["1", "0.4"]).filter(|(links, _)| !links.is_empty()) {
            let _ = write!(svg.body, r#"<path class="edge" stroke-opacity="{opacity}" d="{links}"/>"#);
        }
        for ((mark, size), path) in dots {
            let (class, width) = (mark.class(), Units(f64::from(size) / 10.0));
            let _ = match mark {
                Mark::Deleted => write!(svg.body, r#"<path class="{class}" d="{path}"/>"#),
                _ => write!(
                    svg.body,
                    r#"<path class="{class} line" stroke-linecap="round" stroke-width="{width}" d="{path}"/>"#
                ),
            };
        }
        svg.height = top + self.height + 4.0;
    }
}

fn dot(path: &mut String, x: f64, y: f64) {
    let _ = write!(path, "M{} {}h0", Units(x), Units(y));
}

fn ring(path: &mut String, x: f64, y: f64, radius: f64) {
    let radius = radius.max(0.8);
    let (left, y, r, width) = (Units(x - radius), Units(y), Units(radius), Units(radius * 2.0));
    let _ = write!(path, "M{left} {y}a{r} {r} 0 1 0 {width} 0a{r} {r} 0 1 0 -{width} 0");
}
