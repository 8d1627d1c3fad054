//! What a spreadsheet makes of cells: those that it would not take for text, and the `'` that makes it; how much it holds.

use std::borrow::Cow;

/// UTF-16 units a cell of Excel and LibreOffice holds.
pub(crate) const CELL_LIMIT: usize = 32_767;
/// Rows a sheet holds below the header.
pub(crate) const ROW_LIMIT: u64 = 1_048_576 - 1;

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
