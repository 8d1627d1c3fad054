use std::collections::HashMap;

use super::Thread;

/// What a comment hangs below in a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parent {
    /// The article.
    Article,
    /// Another comment, by its place in the thread.
    Comment(usize),
    /// The article, as the comment it answers is not in the thread.
    Missing,
    /// The article, as what it answers leads back to it: the first comment of each circle is cut off.
    Circle,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    No,
    OnTheWay,
    Done,
}

impl Thread {
    /// What each comment hangs below, so that every one leads up to the article. Takes time in the number of comments, whatever their depth.
    pub fn parents(&self) -> Vec<Parent> {
        parents(self)
    }

    /// The comments as a reader goes through them: each with its replies below it, siblings in the thread's order. For each its place and how
    /// many comments above it are in the thread. What answers a missing comment stands by itself; a circle begins at its first comment.
    pub fn reading_order(&self) -> Vec<(usize, usize)> {
        let mut replies: Vec<Vec<usize>> = vec![Vec::new(); self.comments.len()];
        let mut roots = Vec::new();
        for (at, parent) in self.parents().into_iter().enumerate() {
            match parent {
                Parent::Comment(above) => replies[above].push(at),
                _ => roots.push(at),
            }
        }
        let mut order = Vec::with_capacity(self.comments.len());
        let mut waiting: Vec<(usize, usize)> = roots.into_iter().rev().map(|root| (root, 0)).collect();
        while let Some((at, level)) = waiting.pop() {
            order.push((at, level));
            waiting.extend(replies[at].iter().rev().map(|reply| (*reply, level + 1)));
        }
        order
    }
}

fn parents(thread: &Thread) -> Vec<Parent> {
    let place: HashMap<&str, usize> =
        thread.comments.iter().enumerate().map(|(at, comment)| (comment.id.as_str(), at)).collect();
    let mut parents: Vec<Parent> = thread
        .comments
        .iter()
        .map(|comment| match comment.reply_to.as_deref() {
            None => Parent::Article,
            Some(id) => place.get(id).map_or(Parent::Missing, |at| Parent::Comment(*at)),
        })
        .collect();
    let mut seen = vec![Seen::No; parents.len()];
    for start in 0..parents.len() {
        let (mut at, mut way) = (start, Vec::new());
        while seen[at] == Seen::No {
            seen[at] = Seen::OnTheWay;
            way.push(at);
            let Parent::Comment(above) = parents[at] else { break };
            if seen[above] == Seen::OnTheWay {
                let circle = way.iter().skip_while(|step| **step != above);
                if let Some(first) = circle.min() {
                    parents[*first] = Parent::Circle;
                }
                break;
            }
            at = above;
        }
        for step in way {
            seen[step] = Seen::Done;
        }
    }
    parents
}

#[cfg(test)]
mod tests {
    use super::super::Comment;
    use super::Parent::{Article, Circle, Comment as Of, Missing};
    use super::*;

    #[test]
    fn every_comment_leads_up_to_the_article() {
        for (tree, expected) in [
            (vec![("a", ""), ("b", "a"), ("c", "x")], vec![Article, Of(0), Missing]),
            (vec![("d", "b"), ("a", "b"), ("b", "a"), ("c", "")], vec![Of(2), Circle, Of(1), Article]),
            (vec![("a", "a"), ("b", "a")], vec![Circle, Of(0)]),
            (vec![("b", "c"), ("c", "d"), ("d", "b"), ("e", "d")], vec![Circle, Of(2), Of(0), Of(2)]),
        ] {
            let comments = tree.iter().map(|(id, to)| Comment {
                id: (*id).to_owned(),
                reply_to: (!to.is_empty()).then(|| (*to).to_owned()),
                ..Comment::default()
            });
            let thread = Thread { comments: comments.collect(), ..Thread::default() };
            assert_eq!(thread.parents(), expected, "{tree:?}");
        }
    }

    #[test]
    fn a_reader_meets_replies_below_what_they_answer() {
        let comment = |&(id, parent): &(&str, Option<&str>)| Comment {
            id: id.into(),
            reply_to: parent.map(str::to_owned),
            ..Comment::default()
        };
        let order = |parents: &[(&str, Option<&str>)]| {
            Thread { comments: parents.iter().map(comment).collect(), ..Thread::default() }.reading_order()
        };
        let tree =
            [("a", None), ("b", None), ("c", Some("a")), ("d", Some("c")), ("e", Some("a")), ("f", Some("gone"))];
        assert_eq!(order(&tree), [(0, 0), (2, 1), (3, 2), (4, 1), (1, 0), (5, 0)]);
        assert_eq!(order(&[("a", Some("b")), ("b", Some("a")), ("c", Some("b"))]), [(0, 0), (1, 1), (2, 2)]);
    }

    #[test]
    fn a_chain_of_a_hundred_thousand_is_quick() {
        let comment = |n: usize| Comment {
            id: format!("c{n}"),
            reply_to: Some(format!("c{}", (n + 1) % 100_000)),
            ..Comment::default()
        };
        let thread = Thread { comments: (0..100_000).map(comment).collect(), ..Thread::default() };
        assert_eq!(thread.parents().iter().filter(|parent| **parent == Circle).count(), 1);
    }
}
