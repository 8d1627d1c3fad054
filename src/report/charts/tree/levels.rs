use std::collections::{BTreeMap, BTreeSet};

use super::super::figure::Table;
use super::super::format::Language;
use super::super::svg::{Anchor, BASELINE, Svg};
use super::shape::Shape;
use super::{Mark, Node};

/// Levels that stand for themselves; below, each row holds twice as many as the one above.
const SINGLE: usize = 8;

/// The last row begins here at the latest: a thread that goes deeper is no talk between people.
const LAST: usize = 257;

/// Comments by level and mark.
#[derive(Debug)]
pub(super) struct Levels {
    rows: Vec<Row>,
    /// Which marks occur, as they stand in a legend.
    marks: BTreeSet<Mark>,
}

#[derive(Debug)]
struct Row {
    first: usize,
    last: usize,
    counts: BTreeMap<Mark, u64>,
}

impl Row {
    fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    fn name(&self, language: Language) -> String {
        let [first, last] = [self.first, self.last].map(|level| language.count(level as u64));
        if first == last { first } else { format!("{first}–{last}") }
    }
}

impl Levels {
    pub(super) fn of(nodes: &[Node], shape: &Shape) -> Self {
        let deepest = shape.depth.iter().copied().max().unwrap_or(0);
        let mut rows: Vec<Row> = Vec::new();
        let mut first = 1;
        while first <= deepest {
            let last = match first {
                ..=SINGLE => first,
                LAST.. => deepest,
                first => (first - 1) * 2,
            };
            rows.push(Row { first, last: last.min(deepest), counts: BTreeMap::new() });
            first = last + 1;
        }
        for (node, &depth) in nodes.iter().zip(&shape.depth) {
            let at = rows.partition_point(|row| row.last < depth);
            if let Some(row) = rows.get_mut(at) {
                *row.counts.entry(node.mark).or_default() += 1;
            }
        }
        Self { rows, marks: nodes.iter().map(|node| node.mark).collect() }
    }

    pub(super) fn marks(&self) -> impl Iterator<Item = Mark> {
        self.marks.iter().copied()
    }

    /// One bar a row below `top`; ends the drawing.
    pub(super) fn draw(&self, svg: &mut Svg, top: f64, language: Language) {
        let words = language.words();
        let left = svg.layout.pick(120.0, 94.0);
        let right = svg.layout.width() - 60.0;
        let most = self.rows.iter().map(Row::total).max().unwrap_or(0).max(1);
        svg.text("head", Anchor::Start, 0.0, top + 10.0, &words.level);
        let mut y = top + 20.0;
        for row in &self.rows {
            svg.text("label", Anchor::Start, 0.0, y + 11.0 + BASELINE, &row.name(language));
            let mut x = left;
            for (mark, &n) in &row.counts {
                let width = (right - left) * n as f64 / most as f64;
                svg.rect(mark.class(), x, y + 2.0, width, 18.0);
                x += width;
            }
            svg.text("label soft", Anchor::Start, x + 6.0, y + 11.0 + BASELINE, &language.count(row.total()));
            y += 24.0;
        }
        svg.height = y + 2.0;
    }

    pub(super) fn table(&self, language: Language) -> Table {
        let words = language.words();
        let names = self.marks().map(|mark| mark.name(words));
        let head: Vec<&str> = [&*words.level, &*words.comments].into_iter().chain(names).collect();
        let mut table = Table::new(&head);
        for row in &self.rows {
            let counts = self.marks().map(|mark| language.count(row.counts.get(&mark).copied().unwrap_or(0)));
            table.rows.push([row.name(language), language.count(row.total())].into_iter().chain(counts).collect());
        }
        table
    }
}
