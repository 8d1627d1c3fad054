//! Every column of every table: name, type, description and the value it takes from a row. A new column is one entry.

mod addresses;
mod changes;
mod codings;
mod comments;
mod description;
mod errors;
mod threads;
mod validation;

use std::borrow::Cow;

use super::{CodeColumn, Column, Kind, Table};
use crate::model::Moment;

pub(super) use addresses::addresses;
pub(super) use changes::changes;
pub(super) use codings::codings;
pub(super) use comments::comments;
pub(super) use description::{breakdown, collocations, cooccurrence, keyness, replies, responses, shape};
pub(super) use errors::errors;
pub(super) use threads::threads;
pub(super) use validation::{agreement, confusion, contrasts, design, disagreements, shares};

/// A column and how a row fills it.
pub(super) struct Entry<R> {
    pub(super) name: String,
    pub(super) value: Value<R>,
    kind: Kind,
    nullable: bool,
    unit: &'static str,
    description: String,
}

/// How a row fills a cell.
pub(super) enum Value<R> {
    Text(TextCell<R>),
    Flag(Cell<R, bool>),
    Integer(Cell<R, i64>),
    Number(Cell<R, f64>),
}

type Cell<R, T> = Box<dyn Fn(&R) -> Option<T>>;
type TextCell<R> = Box<dyn Fn(&R) -> Option<Cow<'_, str>>>;

impl<R> Entry<R> {
    fn new(name: &str, kind: Kind, value: Value<R>, description: &str) -> Self {
        Self { name: name.into(), value, kind, nullable: true, unit: "", description: description.into() }
    }

    /// Text a row has, or has not.
    fn text(name: &str, value: impl Fn(&R) -> Option<&str> + 'static, description: &str) -> Self {
        Self::new(name, Kind::Text, Value::Text(Box::new(move |row| value(row).map(Cow::Borrowed))), description)
    }

    /// Text that every row has.
    fn always_text(name: &str, value: impl Fn(&R) -> &str + 'static, description: &str) -> Self {
        Self::text(name, move |row| Some(value(row)), description).always()
    }

    /// Text put together for the table.
    fn made_text(name: &str, value: impl Fn(&R) -> Option<String> + 'static, description: &str) -> Self {
        Self::new(name, Kind::Text, Value::Text(Box::new(move |row| value(row).map(Cow::Owned))), description)
    }

    fn moment(name: &str, value: impl Fn(&R) -> Option<&str> + 'static, description: &str) -> Self {
        Self { kind: Kind::Moment, ..Self::text(name, value, description) }
    }

    fn flag(name: &str, value: impl Fn(&R) -> Option<bool> + 'static, description: &str) -> Self {
        Self::new(name, Kind::Flag, Value::Flag(Box::new(value)), description)
    }

    fn integer(name: &str, value: impl Fn(&R) -> Option<i64> + 'static, description: &str) -> Self {
        Self::new(name, Kind::Integer, Value::Integer(Box::new(value)), description)
    }

    fn number(name: &str, value: impl Fn(&R) -> Option<f64> + 'static, description: &str) -> Self {
        Self::new(name, Kind::Number, Value::Number(Box::new(value)), description)
    }

    /// The cells are never empty.
    fn always(mut self) -> Self {
        self.nullable = false;
        self
    }

    fn in_unit(mut self, unit: &'static str) -> Self {
        self.unit = unit;
        self
    }

    fn into_column(self, table: Table) -> Column {
        let Self { name, kind, nullable, unit, description, .. } = self;
        Column { table, name, kind, nullable, unit, description }
    }
}

/// The columns of one table.
pub(super) fn columns_of(table: Table, codes: &[CodeColumn], keep_html: bool) -> Vec<Column> {
    fn described<R>(table: Table, entries: Vec<Entry<R>>) -> Vec<Column> {
        entries.into_iter().map(|entry| entry.into_column(table)).collect()
    }
    match table {
        Table::Comments => described(table, comments(codes, keep_html)),
        Table::Codings => described(table, codings()),
        Table::Threads => described(table, threads(codes)),
        Table::Errors => described(table, errors()),
        Table::Addresses => described(table, addresses()),
        Table::Changes => described(table, changes()),
        Table::Design => described(table, design()),
        Table::Agreement => described(table, agreement()),
        Table::Confusion => described(table, confusion()),
        Table::Disagreements => described(table, disagreements()),
        Table::Shares => described(table, shares()),
        Table::Contrasts => described(table, contrasts()),
        Table::Shape => described(table, shape()),
        Table::Replies => described(table, replies()),
        Table::Breakdown => described(table, breakdown()),
        Table::Responses => described(table, responses()),
        Table::Cooccurrence => described(table, cooccurrence()),
        Table::Keyness => described(table, keyness()),
        Table::Collocations => described(table, collocations()),
        // Its columns are what is asked.
        Table::Form => Vec::new(),
        Table::Columns => super::dictionary_columns(),
    }
}

fn iso(moment: Option<&Moment>) -> Option<&str> {
    moment.map(|moment| moment.iso.as_str())
}

fn count(number: u64) -> Option<i64> {
    i64::try_from(number).ok()
}

const THREAD_ID: &str = "Thread the row belongs to, the same in every run: key to the table `threads`.";
const COMMENT_ID: &str = "`c` and the site's own id, or the position (or a hash of the content) where the site shows none; unique in its thread.";
const SITE: &str = "How the thread was found: the site adapter.";
const TITLE: &str = "Headline of the article.";
const BYLINE: &str = "Author of the article, as printed; shown like other authors if they comment under it, too.";
const PUBLISHED: &str = "When the article was published, as far as its page says.";
const ADDRESS: &str = "Address of the article.";
const STATED: &str = "How many comments the site says the thread has.";
const PARSED: &str = "How many comments were found, deleted ones whose place is left included.";
const FETCHED: &str = "When the pages were fetched or saved, if known.";

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn codes() -> Vec<CodeColumn> {
        ["distrust", "fraud_speculation"]
            .map(|name| CodeColumn { name: name.into(), description: "Means it.".into() })
            .into()
    }

    #[test]
    fn names_are_unique_snake_case_and_described() {
        for table in Table::ALL {
            let columns = columns_of(table, &codes(), true);
            let names: HashSet<&str> = columns.iter().map(|column| column.name.as_str()).collect();
            assert_eq!(names.len(), columns.len(), "{table} has a name twice");
            for column in &columns {
                assert!(column.name.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{}", column.name);
                assert!(column.description.ends_with('.'), "{table}.{} is not described", column.name);
            }
        }
    }

    #[test]
    fn numbers_that_count_say_what_they_count() {
        for column in Table::ALL.into_iter().flat_map(|table| columns_of(table, &codes(), true)) {
            let counts = matches!(column.kind, Kind::Integer | Kind::Number) && column.name != "position";
            assert_eq!(!column.unit.is_empty(), counts, "{}.{}", column.table, column.name);
        }
    }

    #[test]
    fn sentiment_is_found_by_its_word() {
        let columns = columns_of(Table::Comments, &[], false);
        let polarity = columns.iter().find(|column| column.name == "polarity").unwrap();
        assert!(polarity.description.contains("Sentiment (column `polarity`)"));
    }

    #[test]
    fn raw_html_and_codes_are_there_on_request() {
        let names = |codes: &[CodeColumn], html| -> Vec<String> {
            columns_of(Table::Comments, codes, html).into_iter().map(|column| column.name).collect()
        };
        assert!(!names(&[], false).contains(&"html".into()) && names(&[], true).contains(&"html".into()));
        assert_eq!(names(&codes(), false).len(), names(&[], false).len() + 2);
    }
}
