//! GraphML (<http://graphml.graphdrawing.org>).

use std::io;

use super::ExchangeError;
use super::network::{Columns, Kind, Network, Value};
use super::xml::{Xml, document, element, empty, text};

/// A network as GraphML, UTF-8. Ids of nodes are their places (`n1`, `n2` …); what people see is their `label`.
///
/// # Errors
///
/// [`ExchangeError::Xml`] if the XML cannot be written.
pub fn graphml(network: &Network) -> Result<Vec<u8>, ExchangeError> {
    Ok(document("graphml", &[("xmlns", "http://graphml.graphdrawing.org/xmlns")], |xml| {
        key(xml, "node", "label", "label", Kind::Text)?;
        key(xml, "edge", "weight", "weight", Kind::Integer)?;
        keys(xml, "node", &network.node_columns)?;
        keys(xml, "edge", &network.edge_columns)?;
        element(xml, "graph", &[("id", "causerie"), ("edgedefault", "directed")], |xml| {
            text(xml, "desc", &[], &network.description)?;
            nodes(xml, network)?;
            edges(xml, network)
        })
    })?)
}

fn keys(xml: &mut Xml, class: &str, columns: &Columns) -> io::Result<()> {
    let mut numbered = columns.iter().enumerate();
    numbered.try_for_each(|(at, (title, kind))| key(xml, class, &format!("{class}{at}"), title, *kind))
}

fn key(xml: &mut Xml, class: &str, id: &str, title: &str, kind: Kind) -> io::Result<()> {
    let kind = match kind {
        Kind::Text => "string",
        Kind::Integer => "long",
        Kind::Real => "double",
    };
    empty(xml, "key", &[("id", id), ("for", class), ("attr.name", title), ("attr.type", kind)])
}

fn nodes(xml: &mut Xml, network: &Network) -> io::Result<()> {
    (1..).zip(&network.nodes).try_for_each(|(number, node)| {
        element(xml, "node", &[("id", &format!("n{number}"))], |xml| {
            text(xml, "data", &[("key", "label")], &node.label)?;
            values(xml, "node", &node.values)
        })
    })
}

fn edges(xml: &mut Xml, network: &Network) -> io::Result<()> {
    network.edges.iter().try_for_each(|edge| {
        let (from, to) = (format!("n{}", edge.from + 1), format!("n{}", edge.to + 1));
        element(xml, "edge", &[("source", &from), ("target", &to)], |xml| {
            text(xml, "data", &[("key", "weight")], &edge.weight.to_string())?;
            values(xml, "edge", &edge.values)
        })
    })
}

fn values(xml: &mut Xml, class: &str, values: &[Option<Value>]) -> io::Result<()> {
    let mut known = values.iter().enumerate().filter_map(|(at, value)| Some((at, value.as_ref()?)));
    known.try_for_each(|(at, value)| text(xml, "data", &[("key", &format!("{class}{at}"))], &value.written()))
}
