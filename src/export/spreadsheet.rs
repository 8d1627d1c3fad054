use std::borrow::Cow;

use polars::prelude::{DataFrame, IntoColumn, NewChunkedArray, PolarsResult, StringChunked};

use super::ExportError;
use crate::table::{
    CELL_LIMIT, Column, Kind, OFFSET, ROW_LIMIT, Table, begins_as_formula, needs_guard, offset_cell, with_line_feeds,
};

/// Refuses more rows than a sheet holds.
pub(super) fn check_rows(rows: u64, output: &str) -> Result<(), ExportError> {
    if rows > ROW_LIMIT {
        return Err(ExportError::TooManyRows { output: output.into(), limit: ROW_LIMIT });
    }
    Ok(())
}

/// The columns as spreadsheets have them: behind each of dates one of their offsets, for which their dates have no room. Without it, times of
/// two clocks would look alike.
pub(super) fn with_offsets(columns: &[Column]) -> Vec<Column> {
    let pair = |column: &Column| {
        let Column { table, name, kind, description, .. } = column;
        // Sheets for coders are read by people one comment at a time.
        if *kind != Kind::Moment || *table == Table::Form {
            return vec![column.clone()];
        }
        let offset = format!("{name}{OFFSET}");
        let dates = format!(
            "{description} Here the time that the clock shows; how far it is from UTC, if that is known, says `{offset}`."
        );
        let offsets = format!(
            "Offset of `{name}`: `UTC+02:00` is two hours ahead of UTC; empty where it is not known, or there is no time."
        );
        let offsets =
            Column { table: *table, name: offset, kind: Kind::Text, nullable: true, unit: "", description: offsets };
        vec![Column { description: dates, ..column.clone() }, offsets]
    };
    columns.iter().flat_map(pair).collect()
}

/// The frame with a column for each of [`with_offsets`].
pub(super) fn offsets_told(frame: &DataFrame, columns: &[Column], output: &str) -> Result<DataFrame, ExportError> {
    let refused = |source| ExportError::Encode { output: output.into(), source };
    let cells = |column: &Column| {
        let own = frame.column(&column.name);
        // A code may be called so, too.
        match column.name.strip_suffix(OFFSET).filter(|_| own.is_err()).and_then(|date| frame.column(date).ok()) {
            Some(dates) => {
                let offsets = dates.str()?.iter().map(|date| offset_cell(date?));
                Ok(StringChunked::from_iter_options(column.name.as_str().into(), offsets).into_column())
            }
            None => own.cloned(),
        }
    };
    let cells = columns.iter().map(cells).collect::<PolarsResult<Vec<_>>>().map_err(refused)?;
    DataFrame::new(frame.height(), cells).map_err(refused)
}

/// The frame with cells as a spreadsheet needs them; see [`super::Dialect::Excel`].
pub(super) fn adapted(frame: &DataFrame, columns: &[Column], output: &str) -> Result<DataFrame, ExportError> {
    let refused = |source| ExportError::Encode { output: output.into(), source };
    let mut adapted = Vec::with_capacity(columns.len());
    for column in columns {
        let cells = frame.column(&column.name).map_err(refused)?;
        let change: fn(&str) -> Cow<'_, str> = match column.kind {
            Kind::Text => text_cell,
            Kind::Moment => moment_cell,
            Kind::Flag | Kind::Integer | Kind::Number => {
                adapted.push(cells.clone());
                continue;
            }
        };
        let texts = cells.str().map_err(refused)?;
        let changed = StringChunked::from_iter_options(cells.name().clone(), texts.iter().map(|cell| cell.map(change)));
        for (index, cell) in changed.iter().enumerate() {
            // A text has no more UTF-16 units than bytes, so nearly no cell has to be counted.
            if let Some(cell) = cell.filter(|cell| cell.len() > CELL_LIMIT) {
                let length = cell.encode_utf16().count();
                if length > CELL_LIMIT {
                    let (row, column) = (key(frame, index), column.name.clone());
                    return Err(ExportError::CellTooLong {
                        output: output.into(),
                        row,
                        column,
                        length,
                        limit: CELL_LIMIT,
                    });
                }
            }
        }
        adapted.push(changed.into_column());
    }
    DataFrame::new(frame.height(), adapted).map_err(refused)
}

/// Line breaks as LF, and `'` before what a spreadsheet would take for something else than a text.
fn text_cell(cell: &str) -> Cow<'_, str> {
    guarded(cell, needs_guard)
}

/// Line breaks as LF, and `'` before what could be a formula.
fn without_formula(cell: &str) -> Cow<'_, str> {
    guarded(cell, begins_as_formula)
}

fn guarded(cell: &str, needs: fn(&str) -> bool) -> Cow<'_, str> {
    let cell = with_line_feeds(cell);
    if needs(&cell) { Cow::Owned(format!("'{cell}")) } else { cell }
}

/// `2024-04-03T06:55:00.5+02:00` as `2024-04-03 06:55:00`; what is no such date is guarded against formulas.
fn moment_cell(iso: &str) -> Cow<'_, str> {
    let Some((date, time)) = iso.split_once('T') else { return without_formula(iso) };
    let clock = time.split(['Z', '+', '-', '.', ',']).next().unwrap_or_default();
    let seconds = if clock.len() == "06:55".len() { ":00" } else { "" };
    without_formula(&format!("{date} {clock}{seconds}")).into_owned().into()
}

/// How a person finds the row: by its ids where it has them.
fn key(frame: &DataFrame, index: usize) -> String {
    let cell = |name: &str| frame.column(name).ok()?.str().ok()?.get(index);
    match (cell("thread_id"), cell("comment_id")) {
        (Some(thread), Some(comment)) => format!("comment {comment} in thread {thread}"),
        (Some(thread), None) => format!("thread {thread}"),
        _ => format!("row {}", index + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_and_carriage_returns_are_defused() {
        for (raw, shown) in [
            ("=1+1", "'=1+1"),
            ("+33", "'+33"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r\n=1", "'\n=1"),
            ("a\r\nb\rc", "a\nb\nc"),
            ("a =1", "a =1"),
            ("1/2", "'1/2"),
            ("007", "'007"),
            ("1e5", "'1e5"),
            ("vrai", "'vrai"),
            ("100 % d'accord", "100 % d'accord"),
            ("20e", "'20e"),
            ("", ""),
        ] {
            assert_eq!(text_cell(raw), shown, "{raw:?}");
        }
    }

    #[test]
    fn dates_lose_letter_offset_and_fraction() {
        for (iso, shown) in [
            ("2024-04-03T06:55:00+02:00", "2024-04-03 06:55:00"),
            ("2024-04-03T06:55:00-05:00", "2024-04-03 06:55:00"),
            ("2024-04-03T06:55:00.123Z", "2024-04-03 06:55:00"),
            ("2024-04-03T06:55", "2024-04-03 06:55:00"),
            ("2024-04-03", "2024-04-03"),
            ("=1T1", "'=1 1"),
        ] {
            assert_eq!(moment_cell(iso), shown);
        }
    }

    #[test]
    fn offsets_stand_beside_the_dates_they_are_of() {
        let column = |name: &str, kind| Column {
            table: Table::Comments,
            name: name.into(),
            kind,
            nullable: true,
            unit: "",
            description: "When.".into(),
        };
        let columns = with_offsets(&[column("posted_at", Kind::Moment), column("votes", Kind::Integer)]);
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["posted_at", "posted_at_offset", "votes"]);
        let isos = [
            "2024-04-03T06:55:00+02:00",
            "2024-04-03T06:55:00.5-05:30",
            "2024-04-03T06:55Z",
            "2024-04-03T06:55",
            "2024-04-03",
        ];
        let dates = StringChunked::from_iter_values("posted_at".into(), isos.into_iter()).into_column();
        let frame = DataFrame::new(isos.len(), vec![dates]).unwrap();
        let told = offsets_told(&frame, &columns[..2], "a.csv").unwrap();
        let offsets: Vec<Option<&str>> = told.column("posted_at_offset").unwrap().str().unwrap().iter().collect();
        assert_eq!(offsets, [Some("UTC+02:00"), Some("UTC-05:30"), Some("UTC"), None, None]);
        assert!(offsets.into_iter().flatten().all(|cell| text_cell(cell) == cell));
    }

    #[test]
    fn rows_past_the_sheet_are_refused() {
        assert!(check_rows(1_048_575, "a.csv").is_ok());
        assert!(check_rows(1_048_576, "a.csv").unwrap_err().to_string().contains("1048575"));
    }
}
