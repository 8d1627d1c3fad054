//! Networks: nodes, what is known of them, and what binds them.

use std::collections::{BTreeMap, HashMap};

use super::sayings::{Mean, applies, polarity};
use crate::model::{CodedThread, Parent, Study};

/// What kind of value a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Real,
}

/// A value of a node or an edge.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number.
    Real(f64),
}

impl Value {
    /// As XML writes it.
    pub(super) fn written(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Integer(number) => number.to_string(),
            Self::Real(number) => number.to_string(),
        }
    }
}

/// A name and kind for each value of all nodes, or of all edges.
pub(super) type Columns = Vec<(String, Kind)>;

/// A node.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    /// What people see.
    pub(super) label: String,
    /// A value a column; empty where it is not known.
    pub(super) values: Vec<Option<Value>>,
}

/// An edge from node to node, by their places.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Edge {
    /// Who answers.
    pub(super) from: usize,
    /// Who is answered.
    pub(super) to: usize,
    /// How many replies it stands for.
    pub(super) weight: u64,
    /// A value a column.
    pub(super) values: Vec<Option<Value>>,
}

/// A directed network, for [`super::gexf`] and [`super::graphml`].
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    /// What it shows and what is left out, for people.
    pub description: String,
    pub(super) node_columns: Columns,
    pub(super) edge_columns: Columns,
    pub(super) nodes: Vec<Node>,
    pub(super) edges: Vec<Edge>,
}

/// Who replies to whom over all threads. A node an author, as tables show them; an edge from who answers to who is answered.
///
/// Of nodes: `comments`, `mean_polarity` (from -1, all negative, to 1, all positive) and `share_CODE` of the comments that
/// were coded. Of edges: `weight`, the number of replies, and `mean_polarity` of these. Authors who answer themselves have an
/// edge to themselves. Comments without an author have no node; how many they are says the description.
pub fn authors(study: &Study) -> Network {
    let mut found = Gathering::default();
    for thread in &study.threads {
        found.read(thread, study);
    }
    let mut node_columns = vec![("comments".to_owned(), Kind::Integer), ("mean_polarity".to_owned(), Kind::Real)];
    node_columns.extend(study.codes.iter().map(|code| (format!("share_{}", code.name), Kind::Real)));
    let description = found.description(study.threads.len());
    Network {
        description,
        node_columns,
        edge_columns: vec![("mean_polarity".to_owned(), Kind::Real)],
        nodes: found.authors.into_iter().map(Author::into_node).collect(),
        edges: found
            .replies
            .into_iter()
            .map(|((from, to), (weight, mean))| Edge { from, to, weight, values: vec![mean.value().map(Value::Real)] })
            .collect(),
    }
}

struct Author<'a> {
    name: &'a str,
    comments: i64,
    polarity: Mean,
    codes: Vec<Mean>,
}

impl Author<'_> {
    fn into_node(self) -> Node {
        let means = std::iter::once(self.polarity).chain(self.codes).map(|mean| mean.value().map(Value::Real));
        let values = std::iter::once(Some(Value::Integer(self.comments))).chain(means).collect();
        Node { label: self.name.to_owned(), values }
    }
}

#[derive(Default)]
struct Gathering<'a> {
    authors: Vec<Author<'a>>,
    places: HashMap<&'a str, usize>,
    replies: BTreeMap<(usize, usize), (u64, Mean)>,
    unsigned: u64,
    unsigned_replies: u64,
    missing: u64,
    circles: u64,
}

impl<'a> Gathering<'a> {
    fn read(&mut self, coded: &'a CodedThread, study: &Study) {
        let comments = &coded.thread.comments;
        let written: Vec<Option<usize>> = comments
            .iter()
            .map(|comment| comment.author.as_ref().map(|author| self.place(&author.name, study.codes.len())))
            .collect();
        for (at, parent) in coded.thread.parents().into_iter().enumerate() {
            let said = coded.comments.get(at).and_then(|comment| comment.coded.as_ref());
            let sign = polarity(said).map(|polarity| i64::from(polarity.sign()));
            match written[at] {
                None => self.unsigned += 1,
                Some(author) => {
                    let author = &mut self.authors[author];
                    author.comments += 1;
                    author.polarity.add(sign);
                    for (mean, code) in author.codes.iter_mut().zip(&study.codes) {
                        mean.add(applies(said, &code.name).map(i64::from));
                    }
                }
            }
            match parent {
                Parent::Article => {}
                Parent::Missing => self.missing += 1,
                Parent::Circle => self.circles += 1,
                Parent::Comment(above) => match (written[at], written[above]) {
                    (Some(from), Some(to)) => {
                        let (weight, mean) = self.replies.entry((from, to)).or_default();
                        *weight += 1;
                        mean.add(sign);
                    }
                    _ => self.unsigned_replies += 1,
                },
            }
        }
    }

    fn place(&mut self, name: &'a str, codes: usize) -> usize {
        *self.places.entry(name).or_insert_with(|| {
            let (polarity, codes) = (Mean::default(), vec![Mean::default(); codes]);
            self.authors.push(Author { name, comments: 0, polarity, codes });
            self.authors.len() - 1
        })
    }

    fn description(&self, threads: usize) -> String {
        let replies: u64 = self.replies.values().map(|(weight, _)| weight).sum();
        format!(
            "Who replies to whom: {} authors and {replies} replies in {threads} threads. An edge runs from who answers to who is \
             answered; its weight is the number of replies. Left out: {} comments without an author, {} replies from or to \
             these, {} replies to comments that are not in their thread, {} replies that would close a circle.",
            self.authors.len(),
            self.unsigned,
            self.unsigned_replies,
            self.missing,
            self.circles,
        )
    }
}
