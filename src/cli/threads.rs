use std::collections::HashMap;

use super::exit::Stop;
use crate::model::{Comment, CommentState, Thread};
use crate::table::Sheet;

/// The rows of a table as threads.
pub(super) struct Threads {
    /// Name and thread, in the order they begin.
    pub(super) threads: Vec<(String, Thread)>,
    /// For each thread the rows of its comments.
    pub(super) rows: Vec<Vec<usize>>,
}

impl Threads {
    /// Reads a table of comments: `text` is the column with the texts; thread_id, comment_id, reply_to, article_title, article_body
    /// and state are used where they are there. Rows without a thread_id stand alone.
    pub(super) fn read(sheet: &Sheet, text: &str) -> Result<Self, Stop> {
        let column = |name: &str| sheet.column(name).map_err(Stop::usage);
        let maybe = |name: &str| sheet.maybe(name).map_err(Stop::usage);
        let texts = column(text)?;
        let (thread_ids, ids, parents) = (maybe("thread_id")?, maybe("comment_id")?, maybe("reply_to")?);
        let (titles, bodies, states) = (maybe("article_title")?, maybe("article_body")?, maybe("state")?);
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut seen: HashMap<(usize, String), usize> = HashMap::new();
        let mut made = Self { threads: Vec::new(), rows: Vec::new() };
        for (row, text) in texts.into_iter().enumerate() {
            let new = made.threads.len();
            let at = match &thread_ids[row] {
                Some(id) => *places.entry(id.clone()).or_insert(new),
                None => new,
            };
            if at == new {
                made.threads.push((thread_ids[row].clone().unwrap_or_default(), Thread::default()));
                made.rows.push(Vec::new());
            }
            let thread = &mut made.threads[at].1;
            let article = &mut thread.article;
            article.title = article.title.take().or_else(|| titles[row].clone());
            article.body = article.body.take().or_else(|| bodies[row].clone());
            let id = ids[row].clone().unwrap_or_else(|| format!("row {}", row + 1));
            if let Some(first) = seen.insert((at, id.clone()), row) {
                return Err(Stop::usage(format!(
                    "{}, row {}: the comment_id {id} is in row {} already; ids must differ within a thread",
                    sheet.path().display(),
                    row + 1,
                    first + 1
                )));
            }
            thread.comments.push(Comment {
                id,
                reply_to: parents[row].clone(),
                text: text.unwrap_or_default(),
                state: if states[row].as_deref() == Some("deleted") {
                    CommentState::Deleted
                } else {
                    CommentState::default()
                },
                ..Comment::default()
            });
            made.rows[at].push(row);
        }
        Ok(made)
    }
}
