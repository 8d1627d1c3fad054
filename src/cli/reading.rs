//! Tables that people bring: which column holds what, and in which charset they are.

use std::path::Path;

use clap::Args;
use rayon::prelude::*;

use super::exit::{Stop, remark};
use super::summary::plural;
use crate::input::text_of;
use crate::model::Thread;
use crate::site::{is_html, read_html, read_html_line};
use crate::table::{Columns, Field, ReadThreads, Sheet, SheetError};

/// Texts that seem to be HTML are told of from one in so many on: where there are fewer, somebody writes of tags.
const SHARE: usize = 50;

/// What the options call columns, where their names do not say it.
#[derive(Debug, Clone, Args)]
pub(super) struct ColumnArgs {
    /// Column of the texts.
    #[arg(help_heading = "Columns", long, value_name = "COLUMN")]
    text: Option<String>,

    /// Column that keeps the comments of one discussion together.
    #[arg(help_heading = "Columns", long, value_name = "COLUMN")]
    thread: Option<String>,

    /// Column with an id of each comment, unique in its thread.
    #[arg(help_heading = "Columns", long, value_name = "COLUMN")]
    id: Option<String>,

    /// Column with the id of the comment answered.
    #[arg(help_heading = "Columns", long, value_name = "COLUMN")]
    parent: Option<String>,

    /// Column with the headline of the article: it is read beside the comment.
    #[arg(help_heading = "Columns", long, value_name = "COLUMN")]
    title: Option<String>,

    /// Texts and headlines are HTML, as databases and interfaces give them (`I&#39;m in<br>`): they are read as a page shows them.
    #[arg(help_heading = "Columns", long)]
    html: bool,
}

impl ColumnArgs {
    /// What each named column holds.
    pub(super) fn named(&self) -> Vec<(Field, String)> {
        [
            (Field::Text, &self.text),
            (Field::ThreadId, &self.thread),
            (Field::CommentId, &self.id),
            (Field::ReplyTo, &self.parent),
            (Field::ArticleTitle, &self.title),
        ]
        .into_iter()
        .filter_map(|(field, name)| Some((field, name.clone()?)))
        .collect()
    }

    /// Reads texts and headlines that are HTML as a page shows them.
    ///
    /// # Errors
    /// The table is causerie's own, with texts that tables of codes refer to.
    fn read_html(sheet: &Sheet, columns: &Columns, threads: &mut [Thread]) -> Result<(), Stop> {
        if columns.form.as_deref() == Some("causerie") {
            return Err(Stop::usage(format!(
                "{} is a table of causerie's; leave --html out, or code the table it was made from with it",
                sheet.path().display()
            )));
        }
        threads.par_iter_mut().for_each(|thread| {
            if let Some(title) = &mut thread.article.title {
                let shown = read_html_line(title);
                // Where nothing else tells threads, the headline does.
                if thread.id == *title {
                    thread.id.clone_from(&shown);
                }
                *title = shown;
            }
            thread.comments.par_iter_mut().for_each(read_html);
        });
        Ok(())
    }

    /// Says that texts seem to be HTML.
    fn doubt_html(sheet: &Sheet, threads: &[Thread]) {
        let comments =
            || threads.iter().flat_map(|thread| thread.comments.iter().map(move |comment| (thread, comment)));
        let html: Vec<_> = comments().filter(|(_, comment)| is_html(&comment.text)).collect();
        let all = comments().count();
        if let Some((thread, comment)) = html.first().filter(|_| html.len() * SHARE >= all) {
            let of = if thread.id.is_empty() { String::new() } else { format!(" of thread {}", thread.id) };
            remark(&format!(
                "{}: {} of {all} texts seem to be HTML (the first is comment {}{of}), tags and all; --html reads them as a page shows them",
                sheet.path().display(),
                html.len(),
                comment.id
            ));
        }
    }

    /// Has texts that are HTML read as a page shows them, where that is asked for; where it is not, says that there are such texts.
    pub(super) fn settle_html(
        &self,
        sheet: &Sheet,
        columns: &Columns,
        threads: &mut [Thread],
        quiet: bool,
    ) -> Result<(), Stop> {
        if self.html {
            return Self::read_html(sheet, columns, threads);
        }
        if !quiet && columns.form.as_deref() != Some("causerie") {
            Self::doubt_html(sheet, threads);
        }
        Ok(())
    }
}

/// Says of how many comments a table's column of quotes is no use.
pub(super) fn tell_misquoted(sheet: &Sheet, read: &ReadThreads) {
    if read.misquoted == 0 {
        return;
    }
    let why = if sheet.has("quotes") {
        "text, `quotes` and `own_text` do not fit (changed since?)"
    } else {
        "the table does not say where their quotes stand (it is of an earlier version, or lost the column `quotes`)"
    };
    remark(&format!(
        "{}: {why}; quotes are looked for in the text alone, what only a page marked as one is coded",
        plural(read.misquoted as u64, "comment")
    ));
}

/// The table; a CSV in another charset than UTF-8, as spreadsheets save it, is seen through.
pub(super) fn sheet(path: &Path, quiet: bool) -> Result<Sheet, Stop> {
    match Sheet::read(path) {
        Err(SheetError::Encoding { .. }) => {}
        read => return read.map_err(Stop::usage),
    }
    let bytes =
        std::fs::read(path).map_err(|source| Stop::usage(SheetError::Open { path: path.to_owned(), source }))?;
    let (text, guessed) = text_of(&bytes);
    if let (Some(charset), false) = (guessed, quiet) {
        remark(&format!("{}: taken for {charset}", path.display()));
    }
    Sheet::of_csv(path, &text).map_err(Stop::usage)
}
