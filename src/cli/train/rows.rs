//! The rows of hand-coded tables as threads.

use std::collections::HashMap;
use std::path::PathBuf;

use crate::cli::exit::Stop;
use crate::coding::{HandCoded, Labels};
use crate::hand::Question;
use crate::model::{Article, Key, Polarity};
use crate::table::{Columns, Field, ReadThreads, Sheet};

/// Columns to learn, settled.
pub(super) struct Wanted {
    pub(super) sentiments: Vec<String>,
    pub(super) codes: Vec<String>,
    /// The column that says which rows are measured with.
    pub(super) held_out: Option<String>,
}

/// Hand-coded threads, each told by its id whichever tables its comments stand in.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) threads: Vec<HandCoded>,
    places: HashMap<String, usize>,
    /// For each comment of a thread the table it is in.
    first: HashMap<Key, usize>,
    tables: Vec<PathBuf>,
}

impl Gathered {
    /// Adds the rows of a table, its threads in the order they begin.
    pub(super) fn add(
        &mut self,
        sheet: &Sheet,
        columns: &Columns,
        read: ReadThreads,
        wanted: &Wanted,
    ) -> Result<(), Stop> {
        let labels = labels(sheet, wanted)?;
        let has_ids = columns.of(Field::CommentId).is_some_and(|name| sheet.has(name));
        let table = self.tables.len();
        self.tables.push(sheet.path().to_owned());
        for (mut thread, rows) in read.threads.into_iter().zip(read.rows) {
            let mut labels = rows.iter().map(|row| labels(*row)).collect::<Result<Vec<_>, Stop>>()?;
            if thread.id.is_empty() {
                // Rows of no thread stand alone in every table.
                self.threads.push(HandCoded { thread, labels });
                continue;
            }
            for (comment, row) in thread.comments.iter_mut().zip(rows) {
                if !has_ids {
                    // An id that only counts the rows of its table.
                    comment.id = format!("{}.{table}", comment.id);
                }
                let key = Key { thread_id: thread.id.clone(), comment_id: comment.id.clone() };
                if let Some(first) = self.first.insert(key, table) {
                    return Err(Stop::usage(format!(
                        "{}, row {}: the comment {} of thread {} is in {} already; leave it in one of the tables",
                        sheet.path().display(),
                        row + 1,
                        comment.id,
                        thread.id,
                        self.tables[first].display()
                    )));
                }
            }
            let at = *self.places.entry(thread.id.clone()).or_insert(self.threads.len());
            if let Some(known) = self.threads.get_mut(at) {
                if known.thread.article == Article::default() {
                    known.thread.article = thread.article;
                }
                known.thread.comments.append(&mut thread.comments);
                known.labels.append(&mut labels);
            } else {
                self.threads.push(HandCoded { thread, labels });
            }
        }
        Ok(())
    }
}

/// What people said of each row of a table.
fn labels<'a>(sheet: &'a Sheet, wanted: &'a Wanted) -> Result<impl Fn(usize) -> Result<Labels, Stop> + 'a, Stop> {
    let column = |name: &str| sheet.column(name).map_err(Stop::usage);
    // A table may lack the column of someone who coded another, but not all of them.
    let mut coders: Vec<&String> = wanted.sentiments.iter().filter(|name| sheet.has(name)).collect();
    if coders.is_empty() {
        coders.extend(wanted.sentiments.first());
    }
    let sentiments = coders.into_iter().map(|name| column(name)).collect::<Result<Vec<_>, Stop>>()?;
    let codes = wanted.codes.iter().map(|code| column(code)).collect::<Result<Vec<_>, Stop>>()?;
    let held_out = wanted.held_out.as_deref().map(column).transpose()?;
    Ok(move |row: usize| {
        let fault = |what: String| Stop::usage(format!("{}, row {}: {what}", sheet.path().display(), row + 1));
        let polarity = |label: &str| {
            let wrong = || fault(format!("sentiment `{label}`; write negative, neutral, positive, or -1, 0, 1"));
            polarity_of(label).ok_or_else(wrong)
        };
        let said = sentiments.iter().filter_map(|column| column[row].as_deref());
        let code = |(name, column): (&String, &Vec<Option<String>>)| {
            let wrong = |label: &str| fault(format!("`{name}` is `{label}`; write 1 or 0"));
            column[row].as_deref().map(|label| flag(label).ok_or_else(|| wrong(label))).transpose()
        };
        let out = held_out.as_ref().and_then(|column| column[row].as_deref());
        let out = out.map(|label| flag(label).ok_or_else(|| fault(format!("held out is `{label}`; write 1 or 0"))));
        Ok(Labels {
            polarities: said.map(polarity).collect::<Result<_, Stop>>()?,
            codes: wanted.codes.iter().zip(&codes).map(code).collect::<Result<_, Stop>>()?,
            held_out: out.transpose()? == Some(true),
        })
    })
}

/// What a cell says of the sentiment, in the words sheets take.
pub(super) fn polarity_of(label: &str) -> Option<Polarity> {
    let classes = [Polarity::Negative, Polarity::Neutral, Polarity::Positive];
    let question = Question::polarity();
    let value = question.value(label)?;
    classes.into_iter().find(|class| class.as_str() == value)
}

/// What a cell says of a code, in the words sheets take.
fn flag(label: &str) -> Option<bool> {
    Question::named("").value(label).map(|value| value == "1")
}
