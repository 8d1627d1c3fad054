//! The sheet as a workbook of Excel: drop-downs, and the codebook on a second sheet.

use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, DocProperties, ExcelDateTime, Format, FormatAlign, ProtectionOptions,
    Workbook, Worksheet, XlsxError,
};

use super::sheet::{Cell, Column, Layout};
use super::{Form, Question, Unit, WriteError};
use crate::table::with_line_feeds;

/// UTF-16 units Excel shows of the message beside a cell, and of its title.
const MESSAGE: usize = 255;
const TITLE: usize = 32;
/// Height of a line of text and of the highest row, in points.
const LINE: usize = 15;
const HIGHEST: usize = 240;

/// Name, width and cell.
type CodebookColumn = (&'static str, usize, fn(&Question) -> String);

/// The columns of the codebook.
const CODEBOOK: [CodebookColumn; 8] = [
    ("question", 20, |question| question.name.clone()),
    ("label", 24, |question| question.label.clone()),
    ("answers", 12, |question| question.values.join("\n")),
    ("definition", 60, |question| question.definition.clone()),
    ("what counts", 50, |question| bullets(&question.include)),
    ("what does not", 50, |question| bullets(&question.exclude)),
    ("texts that carry it", 60, |question| bullets(&question.positive)),
    ("texts that only look so", 60, |question| bullets(&question.negative)),
];

/// The workbook; the same bytes for the same form.
pub(super) fn write(form: &Form) -> Result<Vec<u8>, WriteError> {
    let layout = Layout::of(form);
    layout.check(form)?;
    let mut book = Workbook::new();
    // The time of writing would make every file another one.
    book.set_properties(&DocProperties::new().set_creation_datetime(&ExcelDateTime::from_ymd(2000, 1, 1)?));
    answers(book.add_worksheet().set_name("answers")?, &layout, form)?;
    codebook(book.add_worksheet().set_name("codebook")?, form)?;
    Ok(book.save_to_buffer()?)
}

fn answers(sheet: &mut Worksheet, layout: &Layout<'_>, form: &Form) -> Result<(), XlsxError> {
    let last_row = form.units.len() as u32;
    let last_column = layout.columns.len().saturating_sub(1) as u16;
    let formats: Vec<Format> = layout.columns.iter().map(|column| format_of(column.cell)).collect();
    for ((index, column), format) in (0..).zip(&layout.columns).zip(&formats) {
        sheet.set_column_width(index, width(column.cell) as f64)?.set_column_format(index, format)?;
        sheet.write_string_with_format(0, index, &column.name, &header())?;
        if let (Cell::Answer(question), 1..) = (column.cell, last_row) {
            sheet.add_data_validation(1, index, last_row, index, &drop_down(question)?)?;
        }
    }
    for (row, unit) in (1..).zip(&form.units) {
        sheet.set_row_height(row, height(layout, unit) as f64)?;
        for ((index, column), format) in (0..).zip(&layout.columns).zip(&formats) {
            // A string without letters becomes a blank with the format: not every program looks at the column's.
            sheet.write_string_with_format(row, index, with_line_feeds(column.cell.of(unit)), format)?;
        }
    }
    sheet.set_freeze_panes(1, 2)?.autofilter(0, 0, last_row, last_column)?;
    // Texts and ids are kept from slips of the hand; there is no password.
    sheet.protect_with_options(&ProtectionOptions {
        format_columns: true,
        format_rows: true,
        use_autofilter: true,
        ..ProtectionOptions::default()
    });
    Ok(())
}

fn codebook(sheet: &mut Worksheet, form: &Form) -> Result<(), WriteError> {
    let body = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    for (index, (name, width, cell)) in (0..).zip(CODEBOOK) {
        sheet.set_column_width(index, width as f64)?;
        sheet.write_string_with_format(0, index, name, &header())?;
        for (row, question) in (1..).zip(&form.questions) {
            match sheet.write_string_with_format(row, index, cell(question), &body) {
                Err(XlsxError::MaxStringLengthExceeded) => {
                    return Err(WriteError::QuestionTooLong { question: question.name.clone(), column: name });
                }
                written => written?,
            };
        }
    }
    sheet.set_freeze_panes(1, 1)?;
    Ok(())
}

fn bullets(lines: &[String]) -> String {
    lines.iter().map(|line| format!("• {line}")).collect::<Vec<_>>().join("\n")
}

fn header() -> Format {
    Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Top).set_background_color("#E7E6E6")
}

fn format_of(cell: Cell<'_>) -> Format {
    let format = Format::new().set_align(FormatAlign::Top);
    let format = match cell {
        // Not as text: a number typed there would be no number of the list.
        Cell::Answer(_) => format.set_align(FormatAlign::Center),
        _ => format.set_text_wrap().set_num_format("@"),
    };
    if cell.is_filled() { format.set_unlocked() } else { format }
}

/// Characters of a column.
fn width(cell: Cell<'_>) -> usize {
    match cell {
        Cell::Text => 70,
        Cell::Parent => 40,
        Cell::Title | Cell::Evidence | Cell::Note => 24,
        Cell::Posted => 20,
        Cell::Thread | Cell::Comment | Cell::Answer(_) | Cell::Coder => 14,
    }
}

/// Height of a row in points: as many lines as its longest cell fills.
fn height(layout: &Layout<'_>, unit: &Unit) -> usize {
    let lines = |column: &Column<'_>| -> usize {
        let width = width(column.cell);
        column.cell.of(unit).lines().map(|line| line.chars().count() / width + 1).sum()
    };
    (layout.columns.iter().map(lines).max().unwrap_or(1).max(2) * LINE).min(HIGHEST)
}

/// The answers to choose from; the definition shows beside the cell.
fn drop_down(question: &Question) -> Result<DataValidation, XlsxError> {
    let values = question.values.join(", ");
    DataValidation::new()
        .allow_list_strings(&question.values)?
        .set_input_title(cut(&question.label, TITLE))?
        .set_input_message(cut(&question.definition, MESSAGE))?
        .set_error_title("No answer")?
        .set_error_message(cut(&format!("Choose one of {values}, or leave the cell empty."), MESSAGE))
        .map(|validation| validation.set_error_style(DataValidationErrorStyle::Stop))
}

/// The words that fit into so many UTF-16 units.
fn cut(text: &str, limit: usize) -> String {
    if text.encode_utf16().count() <= limit {
        return text.to_owned();
    }
    let mut left = limit - 1;
    let fits = |c: &char| left.checked_sub(c.len_utf16()).map(|rest| left = rest).is_some();
    text.chars().take_while(fits).collect::<String>() + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_definitions_are_cut_where_a_character_ends() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("ab😀cd", 4), "ab…");
        assert_eq!(cut("ab😀cd", 5), "ab😀…");
        assert_eq!(cut(&"é".repeat(300), MESSAGE).encode_utf16().count(), MESSAGE);
    }
}
