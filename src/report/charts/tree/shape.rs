use std::ops::Range;

use super::Node;

/// Who stands below whom, without rings.
#[derive(Debug)]
pub(super) struct Shape {
    /// Nodes with each before those below it, tree by tree.
    pub(super) order: Vec<usize>,
    /// Levels from the root, 1 for a root.
    pub(super) depth: Vec<usize>,
    /// From the left edge of the tree, where neighbours are one apart.
    pub(super) across: Vec<f64>,
    /// Conversations: each a root and all below it.
    pub(super) trees: Vec<Tree>,
    children: Vec<usize>,
    /// Where the children of a node begin in `children`; one entry more than there are nodes.
    begin: Vec<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tree {
    /// Where it begins in [`Shape::order`].
    pub(super) start: usize,
    /// Its nodes.
    pub(super) len: usize,
    /// From its leftmost to its rightmost node, where neighbours are one apart.
    pub(super) width: f64,
    /// Its levels.
    pub(super) depth: usize,
}

impl Tree {
    pub(super) fn range(&self) -> Range<usize> {
        self.start..self.start + self.len
    }
}

impl Shape {
    pub(super) fn of(nodes: &[Node]) -> Self {
        let parents = without_rings(nodes);
        let (children, begin) = children(&parents);
        let mut shape = Self {
            order: Vec::with_capacity(nodes.len()),
            depth: vec![0; nodes.len()],
            across: vec![0.0; nodes.len()],
            trees: Vec::new(),
            children,
            begin,
        };
        for root in (0..nodes.len()).filter(|&node| parents[node].is_none()) {
            shape.walk(root);
        }
        shape
    }

    pub(super) fn children(&self, node: usize) -> &[usize] {
        &self.children[self.begin[node]..self.begin[node + 1]]
    }

    fn walk(&mut self, root: usize) {
        let mut tree = Tree { start: self.order.len(), len: 0, width: 0.0, depth: 0 };
        let mut ahead = vec![(root, 1)];
        while let Some((node, depth)) = ahead.pop() {
            self.order.push(node);
            self.depth[node] = depth;
            tree.depth = tree.depth.max(depth);
            let below = self.children(node);
            ahead.extend(below.iter().rev().map(|&child| (child, depth + 1)));
        }
        tree.len = self.order.len() - tree.start;
        self.spread(&mut tree);
        self.trees.push(tree);
    }

    /// Places a conversation across: as narrow as can be with neighbours on a level one apart, each parent above the middle of its
    /// children (Reingold & Tilford 1981, Tidier Drawings of Trees).
    fn spread(&mut self, tree: &mut Tree) {
        let mut outlines: Vec<Outline> = Vec::new();
        // Backwards, so that children come before their parent, whose first child is then on top of the stack.
        for at in tree.range().rev() {
            let node = self.order[at];
            let below = self.begin[node]..self.begin[node + 1];
            let mut whole: Option<Outline> = None;
            let mut last = 0.0;
            for child in below.clone() {
                let Some(next) = outlines.pop() else { break };
                let (both, distance) = match whole.take() {
                    Some(before) => before.beside(next),
                    None => (next, 0.0),
                };
                (whole, last) = (Some(both), distance);
                self.across[self.children[child]] = distance;
            }
            for child in below {
                self.across[self.children[child]] -= last / 2.0;
            }
            outlines.push(whole.unwrap_or_default().below_root(last / 2.0));
        }
        let (left, right) = outlines.pop().map_or((0.0, 0.0), |outline| outline.ends());
        tree.width = right - left;
        self.across[self.order[tree.start]] = -left;
        for at in tree.range() {
            let node = self.order[at];
            for child in self.begin[node]..self.begin[node + 1] {
                self.across[self.children[child]] += self.across[node];
            }
        }
    }
}

/// How far a part of a tree reaches on each of its levels, the deepest first: to put two side by side takes time in the levels of
/// the shallower one only.
#[derive(Debug, Default)]
struct Outline {
    left: Vec<f64>,
    right: Vec<f64>,
    /// What all ends have been moved by.
    shift: f64,
}

impl Outline {
    /// Puts `next` to the right, one apart where they are closest. Gives back both as one and how far `next` was moved.
    fn beside(mut self, mut next: Self) -> (Self, f64) {
        let levels = self.left.len().min(next.left.len());
        // The levels that both have, as they are numbered in one and in the other.
        let (own, other) = (self.left.len() - levels, next.left.len() - levels);
        let overlap = |level: usize| self.right[own + level] + self.shift - next.left[other + level] - next.shift;
        let distance = (0..levels).map(overlap).fold(f64::NEG_INFINITY, f64::max) + 1.0;
        next.shift += distance;
        if other == 0 {
            for level in 0..levels {
                self.right[own + level] = next.right[level] + next.shift - self.shift;
            }
            (self, distance)
        } else {
            for level in 0..levels {
                next.left[other + level] = self.left[level] + self.shift - next.shift;
            }
            (next, distance)
        }
    }

    /// Puts a root on top, `middle` to the right of the first child.
    fn below_root(mut self, middle: f64) -> Self {
        self.shift -= middle;
        self.left.push(-self.shift);
        self.right.push(-self.shift);
        self
    }

    fn ends(&self) -> (f64, f64) {
        let left = self.left.iter().copied().fold(f64::INFINITY, f64::min);
        let right = self.right.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        (left + self.shift, right + self.shift)
    }
}

/// The parent of each node; a node whose parent is not there, or would close a ring, has none.
fn without_rings(nodes: &[Node]) -> Vec<Option<usize>> {
    let mut parents: Vec<Option<usize>> =
        nodes.iter().map(|node| node.parent.filter(|&parent| parent < nodes.len())).collect();
    // The walk a node was first met on.
    let mut met = vec![usize::MAX; nodes.len()];
    for start in 0..nodes.len() {
        let mut node = start;
        while met[node] == usize::MAX {
            met[node] = start;
            match parents[node] {
                Some(parent) if met[parent] == start => {
                    parents[node] = None;
                    break;
                }
                Some(parent) => node = parent,
                None => break,
            }
        }
    }
    parents
}

/// Children of all nodes one after the other, in the nodes' order, and where those of each begin.
fn children(parents: &[Option<usize>]) -> (Vec<usize>, Vec<usize>) {
    let mut begin = vec![0; parents.len() + 1];
    for parent in parents.iter().flatten() {
        begin[parent + 1] += 1;
    }
    for node in 0..parents.len() {
        begin[node + 1] += begin[node];
    }
    let mut next = begin.clone();
    let mut children = vec![0; begin[parents.len()]];
    for (node, parent) in parents.iter().enumerate() {
        if let Some(parent) = *parent {
            children[next[parent]] = node;
            next[parent] += 1;
        }
    }
    (children, begin)
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::random;
    use super::super::Mark;
    use super::*;

    fn nodes(parents: &[Option<usize>]) -> Vec<Node> {
        parents.iter().map(|&parent| Node { parent, mark: Mark::Uncoded }).collect()
    }

    #[test]
    fn parents_stand_above_the_middle_of_their_children() {
        let nodes = nodes(&[None, Some(0), Some(0), Some(2), Some(2), None]);
        let shape = Shape::of(&nodes);
        assert_eq!(shape.order, [0, 1, 2, 3, 4, 5]);
        assert_eq!(shape.depth, [1, 2, 2, 3, 3, 1]);
        let [first, second] = shape.trees[..] else { panic!("two trees") };
        assert_eq!((first.len, first.width, first.depth), (5, 1.5, 3));
        assert_eq!((second.len, second.width, second.depth), (1, 0.0, 1));
        assert_eq!(shape.across, [0.5, 0.0, 1.0, 0.5, 1.5, 0.0]);
    }

    #[test]
    fn rings_and_orphans_hide_no_node() {
        // 0 → 1 → 2 → 0 is a ring with 3 hanging on it; 4 is its own parent; 5's is not there; 6 replies to one behind it.
        let nodes = nodes(&[Some(1), Some(2), Some(0), Some(1), Some(4), Some(99), Some(7), None]);
        let shape = Shape::of(&nodes);
        let mut seen = shape.order.clone();
        seen.sort_unstable();
        assert_eq!(seen, (0..8).collect::<Vec<_>>());
        assert_eq!(shape.trees.iter().map(|tree| tree.len).collect::<Vec<_>>(), [4, 1, 1, 2]);
    }

    #[test]
    fn a_chain_of_a_hundred_thousand_is_no_problem() {
        let chain: Vec<Option<usize>> = (0..100_000).map(|node: usize| node.checked_sub(1)).collect();
        let shape = Shape::of(&nodes(&chain));
        assert_eq!(shape.trees[0].depth, 100_000);
        assert!(shape.trees[0].width < 1e-9);
    }

    #[test]
    fn neighbours_are_never_closer_than_one() {
        let mut random = random(1);
        for size in 1..200 {
            let parents: Vec<Option<usize>> = (0..size).map(|at| (at > 0).then(|| random(at))).collect();
            let shape = Shape::of(&nodes(&parents));
            let mut edge = vec![f64::NEG_INFINITY; size + 1];
            for &node in &shape.order {
                let (x, level) = (shape.across[node], shape.depth[node]);
                assert!((-1e-9..=shape.trees[0].width + 1e-9).contains(&x), "{x}");
                assert!(x >= edge[level] + 1.0 - 1e-9, "{x} beside {} in {parents:?}", edge[level]);
                edge[level] = x;
            }
        }
    }
}
