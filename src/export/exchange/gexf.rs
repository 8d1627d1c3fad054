//! GEXF 1.3, as Gephi reads it (<https://gexf.net>).

use std::io;

use super::ExchangeError;
use super::network::{Columns, Kind, Network, Value};
use super::xml::{Xml, document, element, empty, text};

/// A network as GEXF 1.3, UTF-8. Ids of nodes are their places (`n1`, `n2` …), labels what people see.
///
/// # Errors
///
/// [`ExchangeError::Xml`] if the XML cannot be written.
pub fn gexf(network: &Network) -> Result<Vec<u8>, ExchangeError> {
    let root = [("xmlns", "http://gexf.net/1.3"), ("version", "1.3")];
    Ok(document("gexf", &root, |xml| {
        element(xml, "meta", &[], |xml| {
            text(xml, "creator", &[], "causerie")?;
            text(xml, "description", &[], &network.description)
        })?;
        element(xml, "graph", &[("mode", "static"), ("defaultedgetype", "directed")], |xml| {
            columns(xml, "node", &network.node_columns)?;
            columns(xml, "edge", &network.edge_columns)?;
            nodes(xml, network)?;
            edges(xml, network)
        })
    })?)
}

fn columns(xml: &mut Xml, class: &str, columns: &Columns) -> io::Result<()> {
    if columns.is_empty() {
        return Ok(());
    }
    element(xml, "attributes", &[("class", class)], |xml| {
        columns.iter().enumerate().try_for_each(|(at, (title, kind))| {
            let kind = match kind {
                Kind::Text => "string",
                Kind::Integer => "integer",
                Kind::Real => "double",
            };
            empty(xml, "attribute", &[("id", &at.to_string()), ("title", title), ("type", kind)])
        })
    })
}

fn nodes(xml: &mut Xml, network: &Network) -> io::Result<()> {
    element(xml, "nodes", &[], |xml| {
        (1..).zip(&network.nodes).try_for_each(|(number, node)| {
            let id = format!("n{number}");
            element(xml, "node", &[("id", &id), ("label", &node.label)], |xml| values(xml, &node.values))
        })
    })
}

fn edges(xml: &mut Xml, network: &Network) -> io::Result<()> {
    element(xml, "edges", &[], |xml| {
        (1..).zip(&network.edges).try_for_each(|(number, edge)| {
            let (id, weight) = (format!("e{number}"), edge.weight.to_string());
            let (from, to) = (format!("n{}", edge.from + 1), format!("n{}", edge.to + 1));
            let attributes = [("id", &*id), ("source", &from), ("target", &to), ("weight", &weight)];
            element(xml, "edge", &attributes, |xml| values(xml, &edge.values))
        })
    })
}

fn values(xml: &mut Xml, values: &[Option<Value>]) -> io::Result<()> {
    if values.iter().all(Option::is_none) {
        return Ok(());
    }
    element(xml, "attvalues", &[], |xml| {
        let known = values.iter().enumerate().filter_map(|(at, value)| Some((at, value.as_ref()?)));
        for (at, value) in known {
            empty(xml, "attvalue", &[("for", &at.to_string()), ("value", &value.written())])?;
        }
        Ok(())
    })
}
