//! Workbooks of Excel and LibreOffice, as people send them back.

use std::io::{self, Cursor, Read as _};
use std::panic::{UnwindSafe, catch_unwind};

use calamine::{Data, Ods, Reader, Xlsx};
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use super::faults::{Fault, Place, Problem};
use super::grid::{Grid, letters, list};

/// Bytes of a workbook's parts, inflated, all together. A workbook with 100,000 comments has some 60 MB.
const INFLATED_LIMIT: u64 = 200 << 20;
/// Texts of an XLSX workbook.
const TEXTS_LIMIT: usize = 10_000_000;
/// Columns of a sheet.
const COLUMN_LIMIT: u32 = 16_384;
/// Cells of an ODS sheet with the repeated ones: the library makes each of them.
const CELL_LIMIT: usize = 5_000_000;

/// Rows and columns, first = 0, last included.
#[derive(Debug, Clone, Copy)]
struct Merged {
    start: (usize, usize),
    end: (usize, usize),
}

/// The one sheet of a workbook that has a column `comment_id`, or else its first. Merged cells are faults.
pub(super) fn xlsx(bytes: &[u8]) -> Result<Grid, Vec<Fault>> {
    check_size(bytes, "XLSX", INFLATED_LIMIT).and_then(|()| check_texts(bytes)).map_err(of_file)?;
    caught("XLSX", || xlsx_grid(bytes))
}

/// As [`xlsx`], for LibreOffice's own format.
pub(super) fn ods(bytes: &[u8]) -> Result<Grid, Vec<Fault>> {
    check_size(bytes, "ODS", INFLATED_LIMIT).map_err(of_file)?;
    let merged = scan_ods(bytes).map_err(of_file)?;
    caught("ODS", || ods_grid(bytes, merged))
}

/// What `read` gives; the library's arithmetic panics on some damaged files.
fn caught(
    format: &'static str,
    read: impl FnOnce() -> Result<Grid, Vec<Fault>> + UnwindSafe,
) -> Result<Grid, Vec<Fault>> {
    let damaged = |_| Err(of_file(Problem::Unreadable { format, why: "it is damaged".to_owned() }));
    catch_unwind(read).unwrap_or_else(damaged)
}

fn xlsx_grid(bytes: &[u8]) -> Result<Grid, Vec<Fault>> {
    let failed = |error: calamine::XlsxError| of_file(unreadable("XLSX", &error));
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(failed)?;
    let mut sheets = Vec::new();
    for name in book.sheet_names() {
        let mut grid = Grid::of_workbook();
        // Cells one by one: a range would make room for every cell between the first and the last.
        let Ok(mut cells) = book.worksheet_cells_reader(&name) else { continue };
        while let Some(cell) = cells.next_cell().map_err(failed)? {
            let (row, column) = cell.get_position();
            if column >= COLUMN_LIMIT {
                return Err(of_file(Problem::TooLarge { limit: "16,384 columns" }));
            }
            grid.push(row as usize + 1, column as usize, text(&Data::from(cell.get_value().clone())))
                .map_err(of_file)?;
        }
        drop(cells);
        sheets.push((name, grid.ordered()));
    }
    let (name, grid) = chosen(sheets)?;
    let merged = book.merge_cells_by_sheet_name(&name).map_err(failed)?;
    let merged = merged.iter().map(|range| Merged {
        start: (range.start.0 as usize, range.start.1 as usize),
        end: (range.end.0 as usize, range.end.1 as usize),
    });
    without_merged(grid, merged)
}

fn ods_grid(bytes: &[u8], merged: Vec<(usize, Merged)>) -> Result<Grid, Vec<Fault>> {
    let failed = |error: calamine::OdsError| of_file(unreadable("ODS", &error));
    let mut book = Ods::new(Cursor::new(bytes)).map_err(failed)?;
    let mut sheets = Vec::new();
    for name in book.sheet_names() {
        let range = book.worksheet_range(&name).map_err(failed)?;
        let (top, left) = range.start().unwrap_or_default();
        let mut grid = Grid::of_workbook();
        for (row, column, cell) in range.used_cells() {
            grid.push(top as usize + row + 1, left as usize + column, text(cell)).map_err(of_file)?;
        }
        sheets.push((name, grid));
    }
    let (name, grid) = chosen(sheets)?;
    let sheet = book.sheet_names().iter().position(|known| *known == name);
    without_merged(grid, merged.into_iter().filter(|(of, _)| Some(*of) == sheet).map(|(_, merged)| merged))
}

fn of_file(fault: impl Into<Fault>) -> Vec<Fault> {
    vec![fault.into()]
}

fn unreadable(format: &'static str, error: &dyn std::error::Error) -> Problem {
    Problem::Unreadable { format, why: error.to_string() }
}

fn chosen(mut sheets: Vec<(String, Grid)>) -> Result<(String, Grid), Vec<Fault>> {
    let with_ids: Vec<usize> = (0..sheets.len()).filter(|&at| sheets[at].1.id_row().is_some()).collect();
    match with_ids.as_slice() {
        [] if sheets.is_empty() => Err(of_file(Problem::Empty)),
        [] => Ok(sheets.swap_remove(0)),
        [only] => Ok(sheets.swap_remove(*only)),
        several => {
            let names = list(several.iter().map(|&at| sheets[at].0.as_str()));
            Err(of_file(Problem::Sheets { sheets: names }))
        }
    }
}

/// Refuses merged cells, but for a title above the header.
fn without_merged(grid: Grid, merged: impl Iterator<Item = Merged>) -> Result<Grid, Vec<Fault>> {
    let header = grid.id_row().unwrap_or(1);
    let faults: Vec<Fault> = merged
        .filter(|range| range.end.0 + 1 >= header)
        .map(|Merged { start, end }| {
            let corner = |(row, column): (usize, usize)| format!("{}{}", letters(column), row + 1);
            let range = format!("{}:{}", corner(start), corner(end));
            Fault { place: Place::at("row", start.0 + 1).column(letters(start.1)), problem: Problem::Merged { range } }
        })
        .collect();
    if faults.is_empty() { Ok(grid) } else { Err(faults) }
}

/// A value as people would have typed it; whole numbers without a fraction.
fn text(cell: &Data) -> String {
    match cell {
        Data::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => (*number as i64).to_string(),
        Data::Float(number) if number.abs() >= 1e15 => format!("{number:E}").replace('E', "E+"),
        other => other.to_string(),
    }
}

/// Refuses a workbook that is larger than it looks: what it says of its parts need not be true, so they are inflated.
fn check_size(bytes: &[u8], format: &'static str, limit: u64) -> Result<(), Problem> {
    let too_large = || Problem::TooLarge { limit: "200 MB of tables" };
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| unreadable(format, &error))?;
    if archive.decompressed_size().is_some_and(|size| size > u128::from(limit)) {
        return Err(too_large());
    }
    let mut left = limit;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|error| unreadable(format, &error))?;
        let read = io::copy(&mut part.take(left + 1), &mut io::sink()).map_err(|error| unreadable(format, &error))?;
        left = left.checked_sub(read).ok_or_else(too_large)?;
    }
    Ok(())
}

/// Refuses an XLSX workbook that says it has more texts than fit into memory: the library makes room for as many as it says.
fn check_texts(bytes: &[u8]) -> Result<(), Problem> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| unreadable("XLSX", &error))?;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|error| unreadable("XLSX", &error))?;
        if !part.name().is_ok_and(|name| name.to_lowercase().ends_with("sharedstrings.xml")) {
            continue;
        }
        let mut reader = quick_xml::Reader::from_reader(io::BufReader::new(part));
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            match reader.read_event_into(&mut buffer).map_err(|error| unreadable("XLSX", &error))? {
                Event::Start(element) | Event::Empty(element) if element.local_name().as_ref() == "sst" => {
                    if count(&element, "uniqueCount") > TEXTS_LIMIT {
                        return Err(Problem::TooLarge { limit: "10 million texts" });
                    }
                    break;
                }
                Event::Eof => break,
                _ => {}
            }
        }
    }
    Ok(())
}

/// The merged cells, with the number of their sheet. Refuses a sheet that repeats a cell until memory ends.
fn scan_ods(bytes: &[u8]) -> Result<Vec<(usize, Merged)>, Problem> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| unreadable("ODS", &error))?;
    let content = archive.by_name("content.xml").map_err(|error| unreadable("ODS", &error))?;
    let mut reader = quick_xml::Reader::from_reader(io::BufReader::new(content));
    let (mut buffer, mut merged, mut walk) = (Vec::new(), Vec::new(), Walk::default());
    loop {
        buffer.clear();
        let (element, is_empty) =
            match reader.read_event_into(&mut buffer).map_err(|error| unreadable("ODS", &error))? {
                Event::Start(element) => (element, false),
                Event::Empty(element) => (element, true),
                Event::Eof => return Ok(merged),
                _ => continue,
            };
        match element.name().0 {
            "table:table" => walk = Walk { sheets: walk.sheets + 1, ..Walk::default() },
            "table:table-row" => walk.next_row(&element),
            "table:table-cell" | "table:covered-table-cell" => {
                if let Some(range) = walk.next_cell(&element, is_empty)? {
                    merged.push((walk.sheets.saturating_sub(1), range));
                }
            }
            _ => {}
        }
    }
}

/// Where in an ODS workbook one is.
#[derive(Default)]
struct Walk {
    sheets: usize,
    /// The row one is in, and how often it is repeated.
    row: usize,
    repeated: usize,
    column: usize,
    /// Columns up to the last one with something in it.
    width: usize,
}

impl Walk {
    fn next_row(&mut self, row: &BytesStart<'_>) {
        self.row = self.row.saturating_add(self.repeated);
        self.repeated = count(row, "table:number-rows-repeated");
        self.column = 0;
    }

    /// The range, if the cell is a merged one.
    fn next_cell(&mut self, cell: &BytesStart<'_>, is_empty: bool) -> Result<Option<Merged>, Problem> {
        let start = (self.row, self.column);
        self.column = self.column.saturating_add(count(cell, "table:number-columns-repeated"));
        if !is_empty || matches!(cell.try_get_attribute("office:value-type"), Ok(Some(_))) {
            self.width = self.width.max(self.column);
            if self.row.saturating_add(self.repeated).saturating_mul(self.width) > CELL_LIMIT {
                return Err(Problem::TooLarge { limit: "5 million cells in a sheet" });
            }
        }
        let rows = count(cell, "table:number-rows-spanned");
        let columns = count(cell, "table:number-columns-spanned");
        let end = (start.0.saturating_add(rows - 1), start.1.saturating_add(columns - 1));
        Ok((rows > 1 || columns > 1).then_some(Merged { start, end }))
    }
}

/// A number of an element, at least 1.
fn count(element: &BytesStart<'_>, name: &str) -> usize {
    let written = element.try_get_attribute(name).ok().flatten();
    written.and_then(|written| written.value.parse().ok()).unwrap_or(1).max(1)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use zip::write::{SimpleFileOptions, ZipWriter};

    use super::*;

    #[test]
    fn parts_larger_than_they_say_are_noticed() {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file("a", SimpleFileOptions::default()).unwrap();
        zip.write_all(&vec![b' '; 100_000]).unwrap();
        let mut bytes = zip.finish().unwrap().into_inner();
        assert_eq!(check_size(&bytes, "XLSX", 100_000), Ok(()));
        let too_large = Err(Problem::TooLarge { limit: "200 MB of tables" });
        assert_eq!(check_size(&bytes, "XLSX", 99_999), too_large);
        let size = 100_000_u32.to_le_bytes();
        for at in 0..bytes.len() - 4 {
            if bytes[at..at + 4] == size {
                bytes[at..at + 4].copy_from_slice(&10_u32.to_le_bytes());
            }
        }
        assert!(check_size(&bytes, "XLSX", 50_000).is_err());
    }
}
