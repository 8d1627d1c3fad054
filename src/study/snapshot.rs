use std::collections::HashMap;
use std::path::PathBuf;

use thiserror::Error;

use crate::model::{CommentState, Key, Seen, Thread};
use crate::table::{Sheet, SheetError};

/// Threads as they were at one time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// In the order they begin.
    pub threads: Vec<SeenThread>,
    /// Whether it says what became of comments: deleted, hidden …
    pub tells_states: bool,
    /// Whether it says whom comments answer.
    pub tells_parents: bool,
}

/// A thread in a snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeenThread {
    /// As [`Thread::id`].
    pub id: String,
    /// Headline of the article.
    pub title: Option<String>,
    /// How many comments the site says it has.
    pub stated_count: Option<u64>,
    /// How many comments were found on the pages: more than there are here, if rows were taken out of the table.
    pub parsed_count: Option<u64>,
    /// When it was fetched or saved, ISO 8601.
    pub fetched_at: Option<String>,
    /// Its comments.
    pub comments: Vec<Seen>,
}

/// Why a table is no snapshot.
#[derive(Debug, Error)]
pub enum SnapshotError {
    /// A column is missing, or cannot be read.
    #[error(transparent)]
    Sheet(#[from] SheetError),
    /// A state that is none.
    #[error("{path}, row {row}: the state `{state}` is none of visible, deleted, hidden, pending")]
    State {
        /// The table.
        path: PathBuf,
        /// The row, first = 1.
        row: usize,
        /// What stands there.
        state: String,
    },
}

impl SeenThread {
    /// Whether all comments the site has are here, as far as is known: none is stated or was found that is not here. A thread
    /// without comments of which no count is known counts as incomplete: a script may load them.
    pub fn is_complete(&self) -> bool {
        let here = self.comments.len() as u64;
        let more = |count: Option<u64>| count.is_some_and(|count| count > here);
        !more(self.stated_count) && !more(self.parsed_count) && (here > 0 || self.stated_count.is_some())
    }
}

impl Snapshot {
    /// Threads as they were parsed, authors by name.
    pub fn of_threads(threads: &[Thread]) -> Self {
        let threads = threads.iter().map(|thread| SeenThread {
            id: thread.id.clone(),
            title: thread.article.title.clone(),
            stated_count: thread.stated_count,
            parsed_count: Some(thread.parsed_count()),
            fetched_at: thread.fetched_at.as_ref().map(|at| at.iso.clone()),
            comments: thread
                .comments
                .iter()
                .map(|comment| Seen {
                    id: comment.id.clone(),
                    reply_to: comment.reply_to.clone(),
                    depth: comment.depth.map(i64::from),
                    author: comment.author.as_ref().map(|author| author.name.clone()),
                    posted_at: comment.posted_at.as_ref().map(|at| at.iso.clone()),
                    text: comment.text.clone(),
                    votes: comment.votes,
                    state: Some(comment.state),
                })
                .collect(),
        });
        Self { threads: threads.collect(), tells_states: true, tells_parents: true }
    }

    /// A table of comments in any format causerie writes. Needs the columns `thread_id`, `comment_id` and `text`; of the others
    /// those are used that are there. A table without rows and columns, as NDJSON without lines, is an empty snapshot.
    ///
    /// # Errors
    /// [`SnapshotError`] names the column or the row that is at fault.
    pub fn of_comments(sheet: &Sheet) -> Result<Self, SnapshotError> {
        let path = || sheet.path().to_owned();
        let maybe = |name| sheet.maybe(name);
        let (keys, texts) = (sheet.keys()?, sheet.column("text")?);
        let (mut parents, mut authors) = (maybe("reply_to")?, maybe("author")?);
        let (mut posted, mut fetched) = (maybe("posted_at")?, maybe("fetched_at")?);
        let (depths, votes, states) = (maybe("depth")?, maybe("votes")?, maybe("state")?);
        let (stated, parsed) = (maybe("stated_count")?, maybe("parsed_count")?);
        let mut titles = maybe("article_title")?;

        let empty = sheet.rows() == 0;
        let mut made = Self {
            threads: Vec::new(),
            tells_states: empty || sheet.has("state"),
            tells_parents: empty || sheet.has("reply_to"),
        };
        let mut places: HashMap<String, usize> = HashMap::new();
        for (at, (Key { thread_id, comment_id: id }, text)) in keys.into_iter().zip(texts).enumerate() {
            let row = at + 1;
            let state = match states[at].as_deref() {
                None => None,
                Some(word) => Some(CommentState::named(word).ok_or_else(|| SnapshotError::State {
                    path: path(),
                    row,
                    state: word.to_owned(),
                })?),
            };
            let place = made.place_of(&mut places, thread_id);
            let thread = &mut made.threads[place];
            thread.add_facts(titles[at].take(), stated[at].as_deref(), parsed[at].as_deref(), fetched[at].take());
            thread.comments.push(Seen {
                id,
                reply_to: parents[at].take(),
                depth: depths[at].as_deref().and_then(|depth| depth.parse().ok()),
                author: authors[at].take(),
                posted_at: posted[at].take().map(as_iso),
                text: text.unwrap_or_default(),
                votes: votes[at].as_deref().and_then(|votes| votes.parse().ok()),
                state,
            });
        }
        Ok(made)
    }

    /// Adds what a table of threads says: among it threads without comments, which a table of comments cannot have.
    ///
    /// # Errors
    /// [`SnapshotError::Sheet`] where there is no `thread_id`.
    pub fn add_threads(&mut self, sheet: &Sheet) -> Result<(), SnapshotError> {
        let maybe = |name| sheet.maybe(name);
        let (stated, parsed) = (maybe("stated_count")?, maybe("parsed_count")?);
        let (mut titles, mut fetched) = (maybe("article_title")?, maybe("fetched_at")?);
        let mut places: HashMap<String, usize> =
            self.threads.iter().enumerate().map(|(place, thread)| (thread.id.clone(), place)).collect();
        for (at, id) in sheet.column("thread_id")?.into_iter().enumerate() {
            let Some(id) = id else { continue };
            let place = self.place_of(&mut places, id);
            let thread = &mut self.threads[place];
            thread.add_facts(titles[at].take(), stated[at].as_deref(), parsed[at].as_deref(), fetched[at].take());
        }
        Ok(())
    }

    /// Comments of all threads.
    pub fn comments(&self) -> u64 {
        self.threads.iter().map(|thread| thread.comments.len() as u64).sum()
    }

    /// Where the thread is; it is added where it is new.
    fn place_of(&mut self, places: &mut HashMap<String, usize>, id: String) -> usize {
        if let Some(place) = places.get(&id) {
            return *place;
        }
        let place = self.threads.len();
        self.threads.push(SeenThread { id: id.clone(), ..SeenThread::default() });
        places.insert(id, place);
        place
    }
}

impl SeenThread {
    /// What each row says of its thread; the first row that says it counts.
    fn add_facts(
        &mut self,
        title: Option<String>,
        stated: Option<&str>,
        parsed: Option<&str>,
        fetched_at: Option<String>,
    ) {
        let count = |cell: Option<&str>| cell.and_then(|cell| cell.parse().ok());
        self.title = self.title.take().or(title);
        self.stated_count = self.stated_count.or_else(|| count(stated));
        self.parsed_count = self.parsed_count.or_else(|| count(parsed));
        self.fetched_at = self.fetched_at.take().or_else(|| fetched_at.map(as_iso));
    }
}

/// Dates of a spreadsheet have a blank between date and time.
fn as_iso(moment: String) -> String {
    let is_spaced = moment.len() == "2024-04-03 06:55:00".len() && moment.as_bytes()[10] == b' ';
    if is_spaced { moment.replacen(' ', "T", 1) } else { moment }
}
