//! Rows of comma-separated values, RFC 4180, lines ended by LF.

/// Appends a row.
pub(super) fn push<'a>(out: &mut String, cells: impl IntoIterator<Item = &'a str>) {
    for (at, cell) in cells.into_iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        if cell.contains(['"', ',', '\n', '\r']) {
            out.push('"');
            out.push_str(&cell.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(cell);
        }
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_cell_is_quoted() {
        let mut out = String::new();
        push(&mut out, ["a", "", "b\n\"c\"", "d, e", "\u{202e}👍\0"]);
        assert_eq!(out, "a,,\"b\n\"\"c\"\"\",\"d, e\",\u{202e}👍\0\n");
    }
}
