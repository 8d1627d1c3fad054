//! A sheet: a row a unit and a column a question; or a row an answer.

use std::collections::HashSet;

use super::answers::{Gathering, KnownUnit, Note};
use super::faults::{Place, Problem};
use super::grid::{COMMENT_ID, Grid, Header, Row, list, plain};
use super::question::is_no_answer;
use super::{Form, Question, Unit, WriteError};
use crate::table::{CELL_LIMIT, Kind, ROW_LIMIT};

/// Columns that are for the reader only.
const CONTEXT: [&str; 5] = ["article_title", "parent_text", "text", "posted_at", "note"];

/// The columns of a sheet to be filled.
pub(super) struct Layout<'a> {
    pub(super) columns: Vec<Column<'a>>,
}

/// One of them.
pub(super) struct Column<'a> {
    pub(super) name: String,
    pub(super) cell: Cell<'a>,
}

/// What a column holds.
#[derive(Clone, Copy)]
pub(super) enum Cell<'a> {
    Thread,
    Comment,
    Title,
    Parent,
    Text,
    Posted,
    Answer(&'a Question),
    Evidence,
    Coder,
    Note,
}

impl Cell<'_> {
    /// What stands in it before anybody fills it.
    pub(super) fn of(self, unit: &Unit) -> &str {
        match self {
            Self::Thread => &unit.key.thread_id,
            Self::Comment => &unit.key.comment_id,
            Self::Title => unit.article_title.as_deref().unwrap_or(""),
            Self::Parent => unit.parent_text.as_deref().unwrap_or(""),
            Self::Text => &unit.text,
            Self::Posted => unit.posted_at.as_deref().unwrap_or(""),
            Self::Coder => match unit.coders.as_slice() {
                [coder] => coder,
                _ => "",
            },
            Self::Answer(_) | Self::Evidence | Self::Note => "",
        }
    }

    /// What its cells are.
    pub(super) fn kind(self) -> Kind {
        if matches!(self, Self::Posted) { Kind::Moment } else { Kind::Text }
    }

    /// Whether people write in it.
    pub(super) fn is_filled(self) -> bool {
        matches!(self, Self::Answer(_) | Self::Evidence | Self::Coder | Self::Note)
    }
}

impl<'a> Layout<'a> {
    pub(super) fn of(form: &'a Form) -> Self {
        let column = |name: &str, cell| Column { name: name.to_owned(), cell };
        let mut columns = vec![
            column("thread_id", Cell::Thread),
            column(COMMENT_ID, Cell::Comment),
            column("article_title", Cell::Title),
            column("parent_text", Cell::Parent),
            column("text", Cell::Text),
            column("posted_at", Cell::Posted),
        ];
        for question in &form.questions {
            columns.push(column(&question.name, Cell::Answer(question)));
            if question.is_code() {
                columns.push(column(&evidence_of(question), Cell::Evidence));
            }
        }
        columns.extend([column("coder", Cell::Coder), column("note", Cell::Note)]);
        Self { columns }
    }

    /// Refuses names that could not be told apart when the sheet comes back.
    pub(super) fn check_names(&self) -> Result<(), WriteError> {
        let mut names = HashSet::new();
        match self.columns.iter().find(|column| !names.insert(plain(&column.name))) {
            Some(column) => Err(WriteError::SecondColumn { column: column.name.clone() }),
            None => Ok(()),
        }
    }

    /// Refuses what a spreadsheet would cut.
    pub(super) fn check(&self, form: &Form) -> Result<(), WriteError> {
        if form.units.len() as u64 > ROW_LIMIT {
            return Err(WriteError::TooManyUnits { units: form.units.len(), limit: ROW_LIMIT });
        }
        for unit in &form.units {
            for column in &self.columns {
                let cell = column.cell.of(unit);
                // A text has no more UTF-16 units than bytes, so nearly no cell has to be counted.
                let length = if cell.len() > CELL_LIMIT { cell.encode_utf16().count() } else { 0 };
                if length > CELL_LIMIT {
                    return Err(WriteError::CellTooLong {
                        thread: unit.key.thread_id.clone(),
                        comment: unit.key.comment_id.clone(),
                        column: column.name.clone(),
                        length,
                        limit: CELL_LIMIT,
                    });
                }
            }
        }
        Ok(())
    }
}

fn evidence_of(question: &Question) -> String {
    format!("evidence_{}", question.name)
}

/// Gathers the answers of a sheet.
pub(super) fn read(grid: &Grid, into: &mut Gathering<'_>) {
    let Some((header, rows)) = grid.split() else {
        into.fault(Place::default(), Problem::Empty);
        return;
    };
    let Some(ids) = Ids::of(&header, into) else { return };
    let long = match ["value", "question", "code"].map(|name| header.column(name)) {
        [Ok(Some(value)), Ok(Some(question)), _] | [Ok(Some(value)), _, Ok(Some(question))] => Some((value, question)),
        _ => None,
    };
    if let Some((value, question)) = long {
        read_long(&header, rows, &ids, (value, question), into);
    } else {
        read_wide(&header, rows, &ids, into);
    }
}

/// The columns that say whose answer it is, and of what.
struct Ids {
    thread: Option<usize>,
    comment: usize,
    coder: Option<usize>,
}

impl Ids {
    fn of(header: &Header<'_>, into: &mut Gathering<'_>) -> Option<Self> {
        let comment = column(header, COMMENT_ID, into);
        if comment.is_none() {
            let problem = Problem::NoColumn {
                wanted: COMMENT_ID.into(),
                nearest: header.likeliest_id().or_else(|| header.nearest(COMMENT_ID)),
                columns: header.list(),
            };
            into.fault(header.row_place(header.row), problem);
        }
        let (thread, coder) = (column(header, "thread_id", into), column(header, "coder", into));
        Some(Self { thread, comment: comment?, coder })
    }

    /// Names of the columns it takes.
    fn takes(name: &str) -> bool {
        ["thread_id", COMMENT_ID, "coder"].iter().any(|taken| plain(taken) == plain(name))
    }
}

/// A column, or none; a second one of its name is a fault.
fn column(header: &Header<'_>, name: &str, into: &mut Gathering<'_>) -> Option<usize> {
    header.column(name).unwrap_or_else(|second| {
        into.fault(second, Problem::SecondColumn);
        None
    })
}

fn read_wide(header: &Header<'_>, rows: &[Row], ids: &Ids, into: &mut Gathering<'_>) {
    let questions = into.questions;
    let columns: Vec<(usize, &Question, Option<usize>)> = questions
        .iter()
        .filter_map(|question| {
            let evidence = column(header, &evidence_of(question), into);
            let answer = column(header, &question.name, into);
            if answer.is_none() && evidence.is_some() {
                let (wanted, columns) = (question.name.as_str().into(), header.list());
                let nearest = header.nearest(&question.name);
                into.fault(header.row_place(header.row), Problem::NoColumn { wanted, nearest, columns });
            }
            Some((answer?, question, evidence))
        })
        .collect();
    if columns.is_empty() {
        let problem = Problem::NoQuestion { questions: into.question_names(), columns: header.list() };
        into.fault(header.row_place(header.row), problem);
        return;
    }
    remark_columns(header, &columns, into);
    let text = column(header, "text", into);
    for row in rows {
        let filled = |column: usize| !row.cell(column).trim().is_empty();
        let answered = columns.iter().any(|(answer, _, evidence)| filled(*answer) || evidence.is_some_and(filled));
        let Some(unit) = unit(header, row, ids, answered, into) else { continue };
        if !answered {
            into.note(Note::Unanswered);
            continue;
        }
        if let Some(column) = text {
            into.compare(unit, row.cell(column));
        }
        let coder = coder(row, ids, into);
        for &(answer, question, evidence) in &columns {
            let value = value(row.cell(answer), question, header.place(row.number, answer), into);
            let spans = evidence.map_or_else(Vec::new, |column| {
                into.evidence(&header.place(row.number, column), unit, row.cell(column))
            });
            into.answer(&header.place(row.number, answer), unit, &coder, question, value, spans);
        }
    }
}

/// Says which columns are no question.
fn remark_columns(header: &Header<'_>, columns: &[(usize, &Question, Option<usize>)], into: &mut Gathering<'_>) {
    let used = |column: usize| columns.iter().any(|read| read.0 == column || read.2 == Some(column));
    let context = |name: &str| Ids::takes(name) || CONTEXT.iter().any(|known| plain(known) == plain(name));
    let unread = header.names.iter().filter(|(column, name)| !used(*column) && !context(name)).map(|(_, name)| *name);
    let unread = list(unread);
    if !unread.is_empty() {
        into.remark(format!("columns that are no question of the codebook were not read: {unread}"));
    }
}

fn read_long(
    header: &Header<'_>,
    rows: &[Row],
    ids: &Ids,
    (value_in, question_in): (usize, usize),
    into: &mut Gathering<'_>,
) {
    let evidence_in = column(header, "evidence", into);
    for row in rows {
        let place = header.place(row.number, value_in);
        let written = row.cell(value_in);
        let evidence = evidence_in.map_or("", |column| row.cell(column));
        let answered = !written.trim().is_empty() || !evidence.is_empty();
        let Some(unit) = unit(header, row, ids, answered, into) else { continue };
        if !answered {
            into.note(Note::Unanswered);
            continue;
        }
        let Some(question) = into.question(row.cell(question_in)) else {
            into.unknown_question(header.place(row.number, question_in), row.cell(question_in));
            continue;
        };
        let value = value(written, question, place.clone(), into);
        let spans = match evidence_in {
            Some(column) => into.evidence(&header.place(row.number, column), unit, evidence),
            None => Vec::new(),
        };
        let coder = coder(row, ids, into);
        into.answer(&place, unit, &coder, question, value, spans);
    }
}

/// The unit of a row; none for a row that says nothing.
fn unit<'a>(
    header: &Header<'_>,
    row: &Row,
    ids: &Ids,
    answered: bool,
    into: &mut Gathering<'a>,
) -> Option<KnownUnit<'a>> {
    if header.is_exceeded(row) {
        let problem = Problem::Ragged { cells: row.width(), columns: header.width() };
        into.fault(header.row_place(row.number), problem);
        return None;
    }
    let comment = row.cell(ids.comment);
    let place = header.place(row.number, ids.comment);
    if comment.is_empty() {
        if answered {
            into.fault(place, Problem::NoId);
        }
        return None;
    }
    into.unit(place, ids.thread.map_or("", |column| row.cell(column)), comment)
}

fn coder(row: &Row, ids: &Ids, into: &Gathering<'_>) -> String {
    let named = ids.coder.map_or("", |column| row.cell(column)).trim();
    if named.is_empty() { into.coder.clone() } else { named.trim_start_matches('\'').to_owned() }
}

/// The answer of a cell; none for an empty cell and for one that says that there is none.
fn value<'q>(cell: &str, question: &'q Question, place: Place, into: &mut Gathering<'_>) -> Option<&'q str> {
    let written = cell.trim().trim_start_matches('\'').trim();
    if written.is_empty() {
        return None;
    }
    let value = question.value(written);
    if value.is_none() {
        if is_no_answer(written) {
            into.note(Note::NoAnswer);
        } else {
            into.no_answer(place, written, question);
        }
    }
    value
}
