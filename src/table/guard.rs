//! What a spreadsheet makes of cells: those that it would not take for text, and the `'` that makes it; how much it holds.

use std::borrow::Cow;

/// UTF-16 units a cell of Excel and LibreOffice holds.
pub(crate) const CELL_LIMIT: usize = 32_767;
/// Rows a sheet holds below the header.
pub(crate) const ROW_LIMIT: u64 = 1_048_576 - 1;

/// What the name of a column of dates has behind it where it is that of their offsets: no date of a spreadsheet has one.
pub(crate) const OFFSET: &str = "_offset";
/// What the offset begins with, so that no spreadsheet takes `+02:00` for a formula.
const UTC: &str = "UTC";

/// The offset of a date, for the cell beside it: `UTC+02:00`, or `UTC` for `Z`; nothing for a time on an unknown clock.
pub(crate) fn offset_cell(iso: &str) -> Option<String> {
    let (_, time) = iso.split_once('T')?;
    let at = time.find(['Z', '+', '-'])?;
    Some(format!("{UTC}{}", time[at..].trim_start_matches('Z')))
}

/// Whether a cell is an offset as [`offset_cell`] writes it.
pub(super) fn is_offset(cell: &str) -> bool {
    cell.starts_with(UTC)
}

/// A date of a spreadsheet, `2024-04-03 06:55:00`, with the offset that stands beside it.
pub(super) fn with_offset(cell: &str, offset: &str) -> Option<String> {
    // Some spreadsheets save dates as their language writes them: those are left to whoever knows the form.
    let is_day = |day: &str| {
        day.len() == 10
            && day
                .bytes()
                .enumerate()
                .all(|(at, byte)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() })
    };
    let (day, time) = cell.split_once([' ', 'T']).filter(|(day, _)| is_day(day))?;
    let offset = offset.strip_prefix(UTC)?;
    Some(format!("{day}T{time}{}", if offset.is_empty() { "Z" } else { offset }))
}

/// A text with line breaks as cells have them: LF only.
pub(crate) fn with_line_feeds(text: &str) -> Cow<'_, str> {
    if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")) } else { Cow::Borrowed(text) }
}

/// Whether the cell gets a `'` in a spreadsheet: it could be a formula, or would turn into a number, a date or a truth value.
pub(crate) fn needs_guard(cell: &str) -> bool {
    begins_as_formula(cell) || reads_as_value(cell)
}

/// Whether the cell could be a formula. Characters as OWASP lists them:
/// <https://owasp.org/www-community/attacks/CSV_Injection>.
pub(crate) fn begins_as_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\n'])
}

/// The cell without its `'`, if it has one for a spreadsheet's sake.
pub(super) fn unguarded(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|bare| needs_guard(bare)).unwrap_or(cell)
}

/// Whether a spreadsheet would turn a whole text into a number, a date or a truth value: `1/2`, `007`, `3,5 %`, `VRAI`.
fn reads_as_value(cell: &str) -> bool {
    let cell = cell.trim();
    let numeric =
        |c: char| c.is_ascii_digit() || matches!(c, '/' | '.' | ',' | ':' | '-' | '%' | ' ' | 'e' | 'E' | '€' | '$');
    let is_number = cell.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '€' | '$'))
        && cell.chars().all(numeric);
    cell.len() <= 30
        && (is_number || ["TRUE", "FALSE", "VRAI", "FAUX"].iter().any(|word| cell.eq_ignore_ascii_case(word)))
}
