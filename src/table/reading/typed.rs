use polars::prelude::{DataFrame, DataType, IntoColumn, NewChunkedArray, StringChunked};

use crate::table::{CodeColumn, Column, Kind, Sheet, SheetError, Table, schema};

impl Sheet {
    /// The table with the types and the order its columns have by the schema; columns that somebody added come last, are text, and described as
    /// theirs. Cells that are not of their column's type make it text, too.
    ///
    /// # Errors
    /// [`SheetError::Read`] if a column is no text or number.
    pub fn typed(&self, table: Table, codes: &[CodeColumn]) -> Result<(Vec<Column>, DataFrame), SheetError> {
        let known = schema::columns_of(table, codes, true);
        let (mut columns, mut filled) = (Vec::new(), Vec::new());
        let mut names = self.names();
        if names.is_empty() {
            // NDJSON without a line says nothing of its columns.
            names = schema::columns_of(table, codes, false).into_iter().map(|column| column.name).collect();
        }
        // A line of NDJSON has its keys in no order.
        names.sort_by_key(|name| known.iter().position(|column| column.name == *name).unwrap_or(known.len()));
        for name in names {
            let Ok(cells) = self.column(&name) else { continue };
            let column = known.iter().find(|column| column.name == name).cloned();
            let mut column = column.unwrap_or_else(|| Column {
                table,
                name: name.clone(),
                kind: Kind::Text,
                nullable: true,
                unit: "",
                description: "Added by whoever worked with the table.".to_owned(),
            });
            let has_empty_texts = column.kind == Kind::Text && !column.nullable;
            let is_number = matches!(column.kind, Kind::Number);
            let cells: Vec<Option<String>> = cells
                .into_iter()
                .map(|cell| match cell {
                    // A French spreadsheet's decimals.
                    Some(cell) if is_number => Some(cell.replace(',', ".")),
                    None if has_empty_texts => Some(String::new()),
                    cell => cell,
                })
                .collect();
            let texts = StringChunked::from_iter_options(name.as_str().into(), cells.iter().map(Option::as_deref))
                .into_column();
            let as_typed = texts.cast(&column.kind.data_type());
            let typed = match as_typed {
                Ok(typed) if typed.null_count() == texts.null_count() => typed,
                _ => {
                    column.kind = Kind::Text;
                    texts.cast(&DataType::String).map_err(|source| self.wrong(source))?
                }
            };
            columns.push(column);
            filled.push(typed);
        }
        let frame = DataFrame::new(self.rows(), filled).map_err(|source| self.wrong(source))?;
        Ok((columns, frame))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_get_their_types_and_added_ones_stay() {
        let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
        let text = "\u{feff}thread_id;comment_id;position;text;hope;polarity_score;votes;note\nt1;c1;1;a;1;-0,5;;x\nt1;c2;2;;0;;viele;\n";
        std::fs::write(file.path(), text).unwrap();
        let codes = [CodeColumn { name: "hope".into(), description: "Hopes.".into() }];
        let (columns, frame) = Sheet::read(file.path()).unwrap().typed(Table::Comments, &codes).unwrap();
        let kinds: Vec<Kind> = columns.iter().map(|column| column.kind).collect();
        let (text, number) = (Kind::Text, Kind::Number);
        assert_eq!(kinds, [text, text, Kind::Integer, text, number, Kind::Flag, text, text]);
        assert_eq!(frame.column("polarity_score").unwrap().f64().unwrap().get(0), Some(-0.5));
        assert_eq!(frame.column("text").unwrap().str().unwrap().get(1), Some(""));
        assert!(columns[7].description.starts_with("Added"));
    }
}
