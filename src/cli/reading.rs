//! Tables that people bring: which column holds what, and in which charset they are.

use std::path::Path;

use clap::Args;

use super::exit::{Stop, remark};
use crate::input::text_of;
use crate::table::{Field, Sheet};

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
}

/// The table; a CSV in another charset than UTF-8, as spreadsheets save it, is seen through.
pub(super) fn sheet(path: &Path, quiet: bool) -> Result<Sheet, Stop> {
    let is_csv =
        path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv") || ending.eq_ignore_ascii_case("tsv"));
    if is_csv
        && let Ok(bytes) = std::fs::read(path)
        && std::str::from_utf8(&bytes).is_err()
    {
        let (text, guessed) = text_of(&bytes);
        if let (Some(charset), false) = (guessed, quiet) {
            remark(&format!("{}: taken for {charset}", path.display()));
        }
        return Sheet::of_csv(path, &text).map_err(Stop::usage);
    }
    Sheet::read(path).map_err(Stop::usage)
}
