//! A study as a workbook of Excel: a sheet a table, the data dictionary, and what was too long for a cell.

use std::path::Path;

use polars::prelude::{AnyValue, DataFrame};
use rust_xlsxwriter::{
    Color, ConditionalFormatCell, ConditionalFormatCellRule, DocProperties, ExcelDateTime, Format, FormatAlign,
    Workbook, Worksheet, XlsxError,
};

use super::{ExportError, spreadsheet, write_whole};
use crate::model::{IRONY, Moment, POLARITY, Precision};
use crate::table::{CELL_LIMIT, Column, Kind, ROW_LIMIT, Table, columns_without_codes, with_line_feeds};

/// UTF-16 units that stay in a cell whose text goes on elsewhere.
const KEPT: usize = CELL_LIMIT - 100;
/// Colours of codes, light enough for black letters, in turn.
const CODES: [u32; 8] =
    [0xFF_E9_A8, 0xCF_E8_FC, 0xD3_F2_CB, 0xFB_DA_DF, 0xE6_DB_FD, 0xFD_E0_C0, 0xC9_F1_EA, 0xE9_EA_B5];
const NEGATIVE: u32 = 0xF8_D0_CB;
const POSITIVE: u32 = 0xCF_EB_D2;

/// A table for a sheet.
#[derive(Debug)]
pub struct WorkbookTable {
    /// The table.
    pub table: Table,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// Its rows.
    pub frame: DataFrame,
}

/// A text that did not fit into its cell.
struct Long {
    table: Table,
    thread: String,
    comment: String,
    /// Row of the sheet, the header being 1.
    row: usize,
    column: String,
    part: usize,
    text: String,
}

/// Writes the workbook. Texts and ids are text, dates are dates, the header stays in view and filters; codes are coloured. The sheet `columns`
/// says what each column means. A text longer than a cell ends in the sheet `long_texts`. Dates show the time as the page printed it;
/// the offset stands beside it.
///
/// # Errors
/// [`ExportError::TooManyRows`], and those of writing files.
pub fn write_workbook(path: &Path, tables: &[WorkbookTable]) -> Result<(), ExportError> {
    let output = path.display().to_string();
    for table in tables {
        check_workbook_rows(table.frame.height() as u64, path)?;
    }
    let with_offsets = |WorkbookTable { table, columns, frame }: &WorkbookTable| {
        let columns = spreadsheet::with_offsets(columns);
        let frame = spreadsheet::offsets_told(frame, &columns, &output)?;
        Ok(WorkbookTable { table: *table, columns, frame })
    };
    let tables = tables.iter().map(with_offsets).collect::<Result<Vec<_>, ExportError>>()?;
    let bytes = made(&tables).map_err(|error| ExportError::Workbook { output, message: error.to_string() })?;
    write_whole(path, &bytes)
}

/// Refuses more rows than a sheet holds.
///
/// # Errors
/// [`ExportError::TooManyRows`].
pub fn check_workbook_rows(rows: u64, path: &Path) -> Result<(), ExportError> {
    if rows > ROW_LIMIT {
        return Err(ExportError::TooManyRows { output: path.display().to_string(), limit: ROW_LIMIT });
    }
    Ok(())
}

fn made(tables: &[WorkbookTable]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    // The time of writing would make every file another one.
    book.set_properties(&DocProperties::new().set_creation_datetime(&ExcelDateTime::from_ymd(2000, 1, 1)?));
    let mut long = Vec::new();
    for table in tables {
        let sheet = book.add_worksheet().set_name(table.table.as_str())?;
        fill(sheet, table, &mut long)?;
    }
    dictionary(book.add_worksheet().set_name("columns")?, tables)?;
    if !long.is_empty() {
        continued(book.add_worksheet().set_name("long_texts")?, &long)?;
    }
    book.save_to_buffer()
}

fn fill(sheet: &mut Worksheet, table: &WorkbookTable, long: &mut Vec<Long>) -> Result<(), XlsxError> {
    let WorkbookTable { table, columns, frame } = table;
    let (rows, last_column) = (frame.height(), columns.len().saturating_sub(1) as u16);
    let text = Format::new().set_num_format("@").set_align(FormatAlign::Top);
    let date = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss").set_align(FormatAlign::Top);
    let day = Format::new().set_num_format("yyyy-mm-dd").set_align(FormatAlign::Top);
    let number = Format::new().set_align(FormatAlign::Top);
    let cell_of = |name: &str, row: usize| {
        let cell = frame.column(name).ok().and_then(|cells| cells.get(row).ok());
        cell.map_or_else(String::new, |cell| cell.str_value().into_owned())
    };
    for (at, column) in (0_u16..).zip(columns) {
        sheet.write_string_with_format(0, at, &column.name, &header())?;
        sheet.set_column_width(at, width(column))?;
        let Ok(cells) = frame.column(&column.name) else { continue };
        for row in 0..rows {
            let to = row as u32 + 1;
            match cells.get(row).unwrap_or(AnyValue::Null) {
                AnyValue::Null => {}
                AnyValue::String(cell) if column.kind == Kind::Moment => match moment(cell) {
                    Some(at_day) if cell.len() == 10 => {
                        sheet.write_datetime_with_format(to, at, &at_day, &day)?;
                    }
                    Some(instant) => {
                        sheet.write_datetime_with_format(to, at, &instant, &date)?;
                    }
                    None => {
                        sheet.write_string_with_format(to, at, cell, &text)?;
                    }
                },
                AnyValue::String(cell) => {
                    let cell = fitting(&with_line_feeds(cell), |part, rest| {
                        long.push(Long {
                            table: *table,
                            thread: cell_of("thread_id", row),
                            comment: cell_of("comment_id", row),
                            row: row + 2,
                            column: column.name.clone(),
                            part,
                            text: rest,
                        });
                    });
                    sheet.write_string_with_format(to, at, cell, &text)?;
                }
                value => {
                    if let Ok(value) = value.try_extract::<f64>() {
                        sheet.write_number_with_format(to, at, value, &number)?;
                    }
                }
            }
        }
        if rows > 0 {
            colour(sheet, at, rows as u32, column, columns)?;
        }
    }
    let frozen = if *table == Table::Comments { 2 } else { 1 };
    sheet.set_freeze_panes(1, frozen)?.autofilter(0, 0, rows as u32, last_column)?;
    Ok(())
}

/// The cell as far as it fits; what is left over goes to `rest` in parts.
fn fitting(cell: &str, mut rest: impl FnMut(usize, String)) -> String {
    // A text has no more UTF-16 units than bytes.
    if cell.len() <= CELL_LIMIT || cell.encode_utf16().count() <= CELL_LIMIT {
        return cell.to_owned();
    }
    let mut parts = vec![String::new()];
    let mut units = 0;
    for c in cell.chars() {
        if units + c.len_utf16() > KEPT {
            parts.push(String::new());
            units = 0;
        }
        units += c.len_utf16();
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    let mut parts = parts.into_iter();
    let first = parts.next().unwrap_or_default();
    for (number, part) in (2..).zip(parts) {
        rest(number, part);
    }
    format!("{first} […] goes on in the sheet long_texts")
}

/// Codes that apply, and the sentiment, in colours.
fn colour(sheet: &mut Worksheet, at: u16, rows: u32, column: &Column, columns: &[Column]) -> Result<(), XlsxError> {
    let filled = |colour: u32| Format::new().set_background_color(Color::RGB(colour));
    let mut rule = |value: ConditionalFormatCellRule<&str>, colour: u32| {
        let rule = ConditionalFormatCell::new().set_rule(value).set_format(filled(colour));
        sheet.add_conditional_format(1, at, rows, at, &rule).map(|_| ())
    };
    if column.name == POLARITY {
        rule(ConditionalFormatCellRule::EqualTo("negative"), NEGATIVE)?;
        return rule(ConditionalFormatCellRule::EqualTo("positive"), POSITIVE);
    }
    if column.kind == Kind::Flag && column.table == Table::Comments && is_code(column) {
        let codes = columns.iter().filter(|column| column.kind == Kind::Flag);
        let place = codes.take_while(|other| other.name != column.name).count();
        let rule = ConditionalFormatCell::new()
            .set_rule(ConditionalFormatCellRule::EqualTo(1))
            .set_format(filled(CODES[place % CODES.len()]));
        sheet.add_conditional_format(1, at, rows, at, &rule)?;
    }
    Ok(())
}

/// Whether a flag of the comments is a code: `irony`, or one that is none of their other columns.
fn is_code(column: &Column) -> bool {
    column.name == IRONY || columns_without_codes(Table::Comments).iter().all(|known| known.name != column.name)
}

fn dictionary(sheet: &mut Worksheet, tables: &[WorkbookTable]) -> Result<(), XlsxError> {
    let body = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    for (at, (name, width)) in
        (0..).zip([("table", 12), ("column", 22), ("type", 10), ("empty", 8), ("unit", 20), ("description", 90)])
    {
        sheet.set_column_width(at, f64::from(width))?.write_string_with_format(0, at, name, &header())?;
    }
    let columns = tables.iter().flat_map(|table| &table.columns);
    for (row, column) in (1..).zip(columns) {
        let cells = [
            column.table.as_str(),
            &column.name,
            column.kind.as_str(),
            if column.nullable { "yes" } else { "no" },
            column.unit,
            &column.description,
        ];
        for (at, cell) in (0..).zip(cells) {
            sheet.write_string_with_format(row, at, cell, &body)?;
        }
    }
    sheet.set_freeze_panes(1, 2)?;
    Ok(())
}

fn continued(sheet: &mut Worksheet, long: &[Long]) -> Result<(), XlsxError> {
    let text = Format::new().set_num_format("@").set_align(FormatAlign::Top);
    let head = ["table", "thread_id", "comment_id", "sheet_row", "column", "part", "text"];
    for (at, name) in (0..).zip(head) {
        sheet.write_string_with_format(0, at, name, &header())?;
    }
    for (row, Long { table, thread, comment, row: of, column, part, text: words }) in (1..).zip(long) {
        let (of, part) = (of.to_string(), part.to_string());
        for (at, cell) in (0..).zip([table.as_str(), thread, comment, &of, column, &part, words]) {
            sheet.write_string_with_format(row, at, cell, &text)?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

fn header() -> Format {
    Format::new().set_bold().set_align(FormatAlign::Top).set_background_color("#E7E6E6")
}

/// Characters of a column.
fn width(column: &Column) -> f64 {
    match (column.kind, column.name.as_str()) {
        (_, "text") => 80.0,
        (Kind::Text, "own_text" | "evidence" | "article_title" | "message" | "notes" | "polarity_evidence") => 40.0,
        (Kind::Moment, _) => 19.0,
        (Kind::Text, _) => 16.0,
        _ => 11.0,
    }
}

/// The time as the page printed it; nothing where Excel has no such date.
fn moment(iso: &str) -> Option<ExcelDateTime> {
    let shown = Moment { iso: iso.to_owned(), precision: Precision::Second }.clock()?;
    ExcelDateTime::parse_from_str(&shown.strftime("%Y-%m-%dT%H:%M:%S").to_string()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_longer_than_a_cell_goes_on_elsewhere_and_none_is_lost() {
        let text = "🙄é".repeat(20_000);
        let mut rest = String::new();
        let cell = fitting(&text, |_, part| rest.push_str(&part));
        assert!(cell.encode_utf16().count() <= CELL_LIMIT && cell.ends_with("long_texts"));
        let kept = cell.split(" […]").next().unwrap();
        assert_eq!(format!("{kept}{rest}"), text);
        assert_eq!(fitting("court", |_, _| panic!()), "court");
    }

    #[test]
    fn more_rows_than_a_sheet_has_are_refused_before_any_work() {
        use polars::prelude::{IntoColumn, NewChunkedArray, StringChunked};
        let rows = ROW_LIMIT as usize + 1;
        let column =
            StringChunked::from_iter_values("comment_id".into(), std::iter::repeat_n("c1", rows)).into_column();
        let frame = DataFrame::new(rows, vec![column]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("many.xlsx");
        let error = write_workbook(&path, &[WorkbookTable { table: Table::Comments, columns: Vec::new(), frame }]);
        assert!(error.unwrap_err().to_string().contains("1048575 rows") && !path.exists());
    }

    #[test]
    fn dates_are_dates_as_printed() {
        let day = |iso: &str| moment(iso).map(|date| date.to_excel());
        assert_eq!(day("2024-04-03T12:00:00+02:00"), Some(45_385.5));
        assert_eq!(day("2024-04-03T12:00:00-05:00"), Some(45_385.5));
        assert_eq!(day("2024-04-03T12:00Z"), Some(45_385.5));
        assert_eq!(day("2024-04-03"), Some(45_385.0));
        assert_eq!(day("soon"), None);
        assert_eq!(day("1850-01-01"), None);
    }
}
