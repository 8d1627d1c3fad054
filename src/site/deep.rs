//! Answers nested deeper than a program's stack is safe for: discussion trees (Reddit, Hacker News) nest a few levels of
//! JSON for each reply. They are read on a thread with a stack of its own size, up to a bound.

use std::cell::Cell;
use std::thread;

use serde::Deserialize;
use serde_json::Value;

use crate::model::{Page, PageKind};

/// Levels `serde_json` reads by itself, less what its own count may differ by.
const PLAIN: usize = 120;
/// Levels read at most; what is deeper is no discussion.
const MAX: usize = 2_000;
/// More than [`MAX`] levels take in a build without optimisation, reading and dropping.
const STACK: usize = 128 << 20;

thread_local! {
    /// Whether this thread was started with [`STACK`].
    static ROOMY: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work` on this page where there is room for the depth of its JSON; beyond [`MAX`] it is read no deeper than
/// `serde_json` does by itself.
pub(super) fn with_room<T: Send>(page: &Page, work: impl Fn(&Page) -> T + Sync) -> T {
    let levels = if page.kind == PageKind::Json { levels(&page.body) } else { 0 };
    if levels <= PLAIN || levels > MAX {
        return work(page);
    }
    let roomy = || {
        ROOMY.set(true);
        work(page)
    };
    thread::scope(|scope| match thread::Builder::new().stack_size(STACK).spawn_scoped(scope, roomy) {
        Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
        Err(_) => work(page),
    })
}

/// Reads a JSON text, deeper than `serde_json` does by default on a thread of [`with_room`].
pub(super) fn parse(text: &str) -> Result<Value, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(text);
    if ROOMY.get() {
        reader.disable_recursion_limit();
    }
    let value = Value::deserialize(&mut reader)?;
    reader.end().map(|()| value)
}

/// How deep brackets nest outside of texts; one pass.
fn levels(text: &str) -> usize {
    let (mut now, mut most, mut quoted, mut escaped) = (0_usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => {
                now += 1;
                most = most.max(now);
            }
            b'}' | b']' if !quoted => now = now.saturating_sub(1),
            _ => {}
        }
    }
    most
}

/// Elements of a tree in reading order, each before its children, with its depth.
pub(super) fn preorder<'v>(
    roots: Vec<&'v Value>,
    children: impl Fn(&'v Value) -> Vec<&'v Value>,
) -> Vec<(&'v Value, u32)> {
    let mut found = Vec::new();
    let mut stack: Vec<(&Value, u32)> = roots.into_iter().rev().map(|root| (root, 0)).collect();
    while let Some((element, depth)) = stack.pop() {
        found.push((element, depth));
        stack.extend(children(element).into_iter().rev().map(|child| (child, depth.saturating_add(1))));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(levels: usize) -> Page {
        Page {
            frame_of: None,
            posted: None,
            source: String::new(),
            url: None,
            fetched_at: None,
            kind: PageKind::Json,
            headers: std::collections::BTreeMap::default(),
            body: format!("{}1{}", "{\"a\":[".repeat(levels / 2), "]}".repeat(levels / 2)),
        }
    }

    #[test]
    fn deep_answers_are_read_up_to_a_bound() {
        let read = |levels| with_room(&page(levels), |page| parse(&page.body).ok().map(|value| levels_of(&value)));
        assert_eq!((read(10), read(1_000), read(2_000)), (Some(10), Some(1_000), Some(2_000)));
        assert_eq!((read(2_002), read(200_000)), (None, None));
        assert!(parse(&page(1_000).body).is_err());
    }

    fn levels_of(value: &Value) -> usize {
        let all = preorder(vec![value], |value| match value {
            Value::Array(values) => values.iter().collect(),
            Value::Object(object) => object.values().collect(),
            _ => Vec::new(),
        });
        all.iter().map(|(_, depth)| *depth as usize).max().unwrap()
    }

    #[test]
    fn brackets_in_texts_do_not_count() {
        assert_eq!(levels(r#"{"a":"[[[\"[[","b":[1,[2]]}"#), 3);
    }
}
