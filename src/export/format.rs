use std::path::Path;

use super::ExportError;

/// The extensions that stand for a format, for messages.
pub(super) const EXTENSIONS: &str = ".csv, .ndjson, .jsonl, .parquet or .arrow";

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Values separated by commas or semicolons, UTF-8.
    Csv(Dialect),
    /// A JSON object a line, UTF-8; empty cells are `null`.
    Ndjson,
    /// Apache Parquet, compressed with Zstandard; descriptions of the columns are in its metadata.
    Parquet,
    /// Arrow IPC file (Feather version 2), not compressed, with the same descriptions.
    Arrow,
}

/// Which CSV: no single one suits both data tools and spreadsheets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// For pandas, R, DuckDB, Polars: UTF-8 without byte order mark, comma, decimal point, lines end in LF, quoted as
    /// RFC 4180 says, values as they are. An empty text is `""`, an unknown value is nothing.
    #[default]
    Canonical,
    /// For spreadsheets: UTF-8 with byte order mark, separator and decimals of the locale. Dates become
    /// `YYYY-MM-DD HH:MM:SS`, the time as the page printed it, without fractions (a date without a time
    /// stays one); each column of dates has one of their offsets behind it (`posted_at_offset`: `UTC+02:00`, empty where it is not known). In text columns a cell that begins with `=`, `+`, `-`, `@`, tab or a line break gets a leading `'`,
    /// so that no formula runs, and so does a text that would turn into a number, a date or a truth value; line breaks are LF
    /// only. Positions in `codings` count in the canonical text.
    Excel(Locale),
}

/// The conventions of a spreadsheet's country.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Locale {
    /// Comma between cells, decimal point.
    #[default]
    En,
    /// Semicolon between cells, decimal comma.
    Fr,
}

impl Format {
    /// The format a file name stands for, by its extension; CSV in this dialect.
    ///
    /// ```
    /// use causerie::export::{Dialect, Format};
    ///
    /// assert_eq!(Format::for_path("thread.PARQUET".as_ref(), Dialect::Canonical)?, Format::Parquet);
    /// assert!(Format::for_path("thread.xls".as_ref(), Dialect::Canonical).is_err());
    /// # Ok::<(), causerie::export::ExportError>(())
    /// ```
    ///
    /// # Errors
    /// [`ExportError::UnknownExtension`], and [`ExportError::NotCsv`] where a spreadsheet dialect meets another format.
    pub fn for_path(path: &Path, dialect: Dialect) -> Result<Self, ExportError> {
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let format = match extension.to_ascii_lowercase().as_str() {
            "csv" => Self::Csv(dialect),
            "ndjson" | "jsonl" => Self::Ndjson,
            "parquet" => Self::Parquet,
            "arrow" | "feather" => Self::Arrow,
            _ => return Err(ExportError::UnknownExtension { path: path.into() }),
        };
        if dialect != Dialect::Canonical && !matches!(format, Self::Csv(_)) {
            return Err(ExportError::NotCsv { path: path.into() });
        }
        Ok(format)
    }

    /// The extension files of this format get, without dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv(_) => "csv",
            Self::Ndjson => "ndjson",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
        }
    }
}

impl Dialect {
    pub(super) fn separator(self) -> u8 {
        if self == Self::Excel(Locale::Fr) { b';' } else { b',' }
    }

    pub(super) fn has_decimal_comma(self) -> bool {
        self == Self::Excel(Locale::Fr)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str, dialect: Dialect) -> Result<Format, String> {
        Format::for_path(Path::new(name), dialect).map_err(|error| error.to_string())
    }

    #[test]
    fn extension_chooses_the_format() {
        assert_eq!(named("a/b.csv", Dialect::Canonical), Ok(Format::Csv(Dialect::Canonical)));
        assert_eq!(named("b.JSONL", Dialect::Canonical), Ok(Format::Ndjson));
        for name in ["thread", "thread.xlsx", ".csv", "thread.csv.gz"] {
            let message = named(name, Dialect::Canonical).unwrap_err();
            assert!(message.contains(name) && message.contains(".parquet"), "{message}");
        }
    }

    #[test]
    fn spreadsheets_are_csv() {
        let excel = Dialect::Excel(Locale::Fr);
        assert_eq!(named("b.csv", excel), Ok(Format::Csv(excel)));
        assert!(named("b.parquet", excel).unwrap_err().contains("--excel"));
    }
}
