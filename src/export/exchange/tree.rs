//! Threads as trees of comments below their article.

use super::network::{Edge, Kind, Network, Node, Value};
use super::sayings::{applies, polarity};
use crate::model::{CodedThread, Parent, Study};

/// Characters of a text that its node shows.
const SHOWN: usize = 80;

/// A node an article and a node a comment; an edge from each comment to what it answers.
///
/// Nodes have `thread_id`, `comment_id` (empty for the article), `author`, `posted_at`, `depth`, `state`, `polarity`, then
/// `code_CODE` as 0 and 1. Replies to a comment that is not in the thread lead to the article.
pub fn reply_tree(study: &Study) -> Network {
    let texts = ["thread_id", "comment_id", "author", "posted_at"].map(|name| (name.to_owned(), Kind::Text));
    let mut node_columns: Vec<(String, Kind)> = texts.into();
    node_columns.push(("depth".to_owned(), Kind::Integer));
    node_columns.extend(["state", "polarity"].map(|name| (name.to_owned(), Kind::Text)));
    node_columns.extend(study.codes.iter().map(|code| (format!("code_{}", code.name), Kind::Integer)));
    let (mut nodes, mut edges, mut cut) = (Vec::new(), Vec::new(), 0_u64);
    for thread in &study.threads {
        let article = nodes.len();
        nodes.push(article_node(thread, study));
        for (at, parent) in thread.thread.parents().into_iter().enumerate() {
            nodes.push(comment_node(thread, at, study));
            cut += u64::from(matches!(parent, Parent::Missing | Parent::Circle));
            let to = if let Parent::Comment(above) = parent { article + 1 + above } else { article };
            edges.push(Edge { from: article + 1 + at, to, weight: 1, values: Vec::new() });
        }
    }
    let description = format!(
        "{} threads with {} comments. An edge runs from each comment to what it answers. {cut} comments answer one that is not \
         in their thread, or would close a circle: they lead to the article.",
        study.threads.len(),
        edges.len(),
    );
    Network { description, node_columns, edge_columns: Vec::new(), nodes, edges }
}

fn article_node(coded: &CodedThread, study: &Study) -> Node {
    let (thread, article) = (&coded.thread, &coded.thread.article);
    let published = article.published_at.as_ref().map(|at| text(&at.iso));
    let mut values = vec![Some(text(&thread.id)), None, article.author.as_deref().map(text), published];
    values.resize(values.len() + 3 + study.codes.len(), None);
    Node { label: shown(article.title.as_deref().unwrap_or(&thread.id)), values }
}

fn comment_node(coded: &CodedThread, at: usize, study: &Study) -> Node {
    let comment = &coded.thread.comments[at];
    let said = coded.comments.get(at).and_then(|comment| comment.coded.as_ref());
    let mut values = vec![
        Some(text(&coded.thread.id)),
        Some(text(&comment.id)),
        comment.author.as_ref().map(|author| text(&author.name)),
        comment.posted_at.as_ref().map(|at| text(&at.iso)),
        comment.depth.map(|depth| Value::Integer(i64::from(depth))),
        Some(text(comment.state.as_str())),
        polarity(said).map(|polarity| text(polarity.as_str())),
    ];
    values.extend(study.codes.iter().map(|code| applies(said, &code.name).map(|flag| Value::Integer(flag.into()))));
    Node { label: shown(&comment.text), values }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// The beginning of a text, with an ellipsis where it goes on.
fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
