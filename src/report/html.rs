//! Text in HTML, and tables.

use std::fmt::Write as _;

use super::charts::escape;

/// Words of somebody else: their direction stays theirs.
pub(super) fn bdi(text: &str) -> String {
    format!("<bdi>{}</bdi>", escape(text))
}

/// A cell of a table: text, or a number, which stands to the right.
pub(super) enum Cell {
    Text(String),
    Number(String),
}

impl Cell {
    pub(super) fn text(text: &str) -> Self {
        Self::Text(bdi(text))
    }

    /// What the tables say, in English whatever the language of the report.
    pub(super) fn english(text: &str) -> Self {
        Self::Text(format!("<bdi lang=\"en\">{}</bdi>", escape(text)))
    }

    /// A number; a dash where there is none.
    pub(super) fn number(number: Option<String>) -> Self {
        Self::Number(number.unwrap_or_else(|| "–".to_owned()))
    }
}

/// A table with a caption; the first cell of a row heads it.
pub(super) fn table(out: &mut String, caption: &str, head: &[&str], rows: &[Vec<Cell>]) {
    let _ = write!(
        out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{0}\"><table class=\"plain\"><caption>{0}</caption><thead><tr>",
        escape(caption)
    );
    for (at, name) in head.iter().enumerate() {
        let number = rows.first().is_some_and(|row| matches!(row.get(at), Some(Cell::Number(_))));
        let _ = write!(out, "<th scope=\"col\"{}>{}</th>", if number { " class=\"number\"" } else { "" }, escape(name));
    }
    out.push_str("</tr></thead><tbody>\n");
    for row in rows {
        out.push_str("<tr>");
        for (at, cell) in row.iter().enumerate() {
            let _ = match (at, cell) {
                (0, Cell::Text(text) | Cell::Number(text)) => write!(out, "<th scope=\"row\">{text}</th>"),
                (_, Cell::Text(text)) => write!(out, "<td>{text}</td>"),
                (_, Cell::Number(text)) => write!(out, "<td class=\"number\">{}</td>", escape(text)),
            };
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div>\n");
}

pub(super) fn paragraph(out: &mut String, text: &str) {
    let _ = writeln!(out, "<p>{}</p>", escape(text));
}
