use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use polars::io::csv::write::{BatchedWriter as CsvBatches, CsvWriter};
use polars::io::json::{JsonFormat, JsonWriter};
use polars::io::parquet::write::{BatchedWriter as ParquetBatches, ParquetCompression, ParquetWriter};
use polars::prelude::{CompatLevel, DataFrame, PolarsResult, Schema, SerWriter};
use polars_arrow::io::ipc::write::{FileWriter as ArrowFile, WriteOptions};

use super::output::{Output, Sink, Staged, show_all, stage_whole};
use super::{Dialect, ExportError, Format, described, spreadsheet};
use crate::table::{Column, Table, columns_without_codes, polars_schema};

/// Rows of a Parquet row group: small batches are collected up to this.
const GROUP_ROWS: usize = 100_000;

/// Bytes of a Parquet row group, uncompressed: long texts close a group earlier.
const GROUP_BYTES: usize = 32 << 20;

/// Writes one table, batch by batch. The output appears on [`finish`](Self::finish), whole; a writer that is dropped
/// before leaves nothing (a stream keeps what was written).
///
/// ```
/// use causerie::export::{Dialect, Format, TableWriter};
/// use causerie::table::{AuthorPolicy, Table, Tables};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("comments.csv");
/// let tables = Tables::new(Vec::new(), AuthorPolicy::Drop, false)?;
/// let format = Format::for_path(&path, Dialect::Canonical)?;
/// let mut writer = TableWriter::create(&path, format, tables.columns(Table::Comments))?;
/// writer.write(&tables.comments(&[])?)?;
/// writer.finish()?;
/// assert!(std::fs::read_to_string(&path)?.starts_with("thread_id,comment_id,position,"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct TableWriter {
    columns: Vec<Column>,
    schema: Schema,
    encoder: Encoder,
    output: Output,
    rows: u64,
}

enum Encoder {
    Csv { batches: CsvBatches<Sink>, dialect: Dialect },
    Ndjson(JsonWriter<Sink>),
    Parquet { batches: Box<ParquetBatches<Sink>>, waiting: Group },
    Arrow(Box<ArrowFile<Sink>>),
}

/// Rows that wait for their Parquet row group to fill.
#[derive(Default)]
struct Group {
    frames: Vec<DataFrame>,
    rows: usize,
    bytes: usize,
}

impl TableWriter {
    /// A table in a new file, or in place of the file that has this name; into a device or a named pipe as it comes.
    /// `columns` are those of [`crate::table::Tables::columns`].
    ///
    /// # Errors
    /// [`ExportError::IsFolder`], [`ExportError::NoFolder`], [`ExportError::Forbidden`], [`ExportError::DiskFull`], or
    /// [`ExportError::Io`] for other reasons of the system.
    pub fn create(path: &Path, format: Format, columns: Vec<Column>) -> Result<Self, ExportError> {
        Self::to_output(Output::file(path)?, format, columns)
    }

    /// A table into a stream, such as standard output; `name` is what messages call it.
    ///
    /// # Errors
    /// As [`TableWriter::create`], where Parquet writes its first bytes.
    pub fn stream(
        name: &str,
        stream: Box<dyn Write + Send>,
        format: Format,
        columns: Vec<Column>,
    ) -> Result<Self, ExportError> {
        Self::to_output(Output::stream(name.into(), stream), format, columns)
    }

    fn to_output(output: Output, format: Format, columns: Vec<Column>) -> Result<Self, ExportError> {
        let schema = polars_schema(&columns);
        let columns = match format {
            Format::Csv(Dialect::Excel(_)) => spreadsheet::with_offsets(&columns),
            _ => columns,
        };
        let encoder = Encoder::new(format, output.sink(), &columns, &polars_schema(&columns))
            .map_err(|error| output.explain(error))?;
        Ok(Self { columns, schema, encoder, output, rows: 0 })
    }

    /// Adds a batch; its columns must be those of the table, in order.
    ///
    /// # Errors
    /// [`ExportError::OtherColumns`]; [`ExportError::CellTooLong`] and [`ExportError::TooManyRows`] in a spreadsheet
    /// dialect; [`ExportError::DiskFull`], [`ExportError::BrokenPipe`] and others of the system.
    pub fn write(&mut self, frame: &DataFrame) -> Result<(), ExportError> {
        if **frame.schema() != self.schema {
            let table = self.columns.first().map(|column| column.table.as_str()).unwrap_or_default().to_owned();
            return Err(ExportError::OtherColumns { output: self.output.name.clone(), table });
        }
        self.rows += frame.height() as u64;
        let mut frame = match self.encoder {
            Encoder::Csv { dialect: Dialect::Excel(_), .. } => {
                spreadsheet::check_rows(self.rows, &self.output.name)?;
                let frame = spreadsheet::offsets_told(frame, &self.columns, &self.output.name)?;
                spreadsheet::adapted(&frame, &self.columns, &self.output.name)?
            }
            _ => frame.clone(),
        };
        // The batched writers of polars need the chunks of all columns aligned.
        frame.rechunk_mut();
        self.encoder.write(frame).map_err(|error| self.output.explain(error))
    }

    /// Rows written so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Completes the table and lets it appear.
    ///
    /// # Errors
    /// [`ExportError::DiskFull`], [`ExportError::BrokenPipe`] and others of the system; the output then does not appear,
    /// and a file that was there before stays as it was.
    pub fn finish(self) -> Result<(), ExportError> {
        finish_all(vec![self])
    }

    fn stage(mut self) -> Result<Staged, ExportError> {
        self.encoder.finish().map_err(|error| self.output.explain(error))?;
        drop(self.encoder);
        self.output.stage()
    }
}

/// Completes several tables and lets them appear together: none does before all are on the disk.
///
/// # Errors
/// As [`TableWriter::finish`], for the first that fails. Files made new by this call are removed again then; one that
/// replaced an older file stays if a later one could not be renamed, which the system does for few reasons.
pub fn finish_all(writers: Vec<TableWriter>) -> Result<(), ExportError> {
    finish_together(writers, &[])
}

/// As [`finish_all`], with other files that belong to the tables.
///
/// # Errors
/// As [`finish_all`].
pub fn finish_together(writers: Vec<TableWriter>, files: &[(PathBuf, Vec<u8>)]) -> Result<(), ExportError> {
    let mut staged = writers.into_iter().map(TableWriter::stage).collect::<Result<Vec<_>, _>>()?;
    for (path, bytes) in files {
        staged.push(stage_whole(path, bytes)?);
    }
    show_all(staged)
}

/// Writes tables whose columns are their own ([`columns_without_codes`]) into a folder, each under its name; they appear together. Returns
/// their paths.
///
/// # Errors
/// As [`finish_all`].
pub fn write_tables(
    folder: &Path,
    format: Format,
    tables: impl IntoIterator<Item = (Table, DataFrame)>,
) -> Result<Vec<PathBuf>, ExportError> {
    let (mut writers, mut written) = (Vec::new(), Vec::new());
    for (table, frame) in tables {
        let path = table_path(folder, table, format);
        let mut writer = TableWriter::create(&path, format, columns_without_codes(table))?;
        writer.write(&frame)?;
        writers.push(writer);
        written.push(path);
    }
    finish_all(writers)?;
    Ok(written)
}

/// The file of a table in a folder.
pub fn table_path(folder: &Path, table: Table, format: Format) -> PathBuf {
    folder.join(table.as_str()).with_extension(format.extension())
}

impl Encoder {
    fn new(format: Format, sink: Sink, columns: &[Column], schema: &Schema) -> PolarsResult<Self> {
        Ok(match format {
            Format::Csv(dialect) => Self::Csv {
                batches: CsvWriter::new(sink)
                    .include_bom(dialect != Dialect::Canonical)
                    .with_separator(dialect.separator())
                    .with_decimal_comma(dialect.has_decimal_comma())
                    .batched(schema)?,
                dialect,
            },
            Format::Ndjson => Self::Ndjson(JsonWriter::new(sink).with_json_format(JsonFormat::JsonLines)),
            Format::Parquet => Self::Parquet {
                batches: Box::new(
                    ParquetWriter::new(sink)
                        .with_compression(ParquetCompression::Zstd(None))
                        .with_key_value_metadata(Some(described::parquet_metadata(columns)))
                        .batched(schema)?,
                ),
                waiting: Group::default(),
            },
            Format::Arrow => {
                let schema = Arc::new(described::arrow_schema(columns));
                let mut file = ArrowFile::new(sink, schema, None, WriteOptions { compression: None });
                file.set_custom_schema_metadata(described::arrow_metadata(columns));
                file.start()?;
                Self::Arrow(Box::new(file))
            }
        })
    }

    fn write(&mut self, mut frame: DataFrame) -> PolarsResult<()> {
        if frame.height() == 0 {
            return Ok(());
        }
        match self {
            Self::Csv { batches, .. } => batches.write_batch(&frame),
            Self::Ndjson(writer) => writer.finish(&mut frame),
            Self::Arrow(file) => {
                frame.iter_chunks(CompatLevel::newest(), true).try_for_each(|batch| file.write(&batch, None))
            }
            Self::Parquet { batches, waiting } => {
                waiting.push(frame);
                if waiting.rows >= GROUP_ROWS || waiting.bytes >= GROUP_BYTES {
                    waiting.write_to(batches)?;
                }
                Ok(())
            }
        }
    }

    fn finish(&mut self) -> PolarsResult<()> {
        match self {
            Self::Csv { batches, .. } => batches.finish(),
            Self::Ndjson(_) => Ok(()),
            Self::Arrow(file) => file.finish(),
            Self::Parquet { batches, waiting } => {
                waiting.write_to(batches)?;
                batches.finish().map(|_| ())
            }
        }
    }
}

impl Group {
    fn push(&mut self, frame: DataFrame) {
        self.rows += frame.height();
        self.bytes += frame.estimated_size();
        self.frames.push(frame);
    }

    /// Writes what waits as one row group and empties it.
    fn write_to(&mut self, batches: &mut ParquetBatches<Sink>) -> PolarsResult<()> {
        let mut frames = std::mem::take(self).frames.into_iter();
        let Some(mut group) = frames.next() else { return Ok(()) };
        for frame in frames {
            group.vstack_mut(&frame)?;
        }
        group.rechunk_mut();
        batches.write_batch(&group)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io;

    use polars::prelude::{ParquetReader, SerReader};

    use super::*;
    use crate::model::{Failure, Stage};
    use crate::table::{AuthorPolicy, Tables};

    /// Takes some bytes, then fails like a full disk.
    struct Full(usize);

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0 == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            let taken = bytes.len().min(self.0);
            self.0 -= taken;
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn tables() -> Tables {
        Tables::new(Vec::new(), AuthorPolicy::Drop, false).unwrap()
    }

    fn errors(count: usize) -> DataFrame {
        let failures: Vec<Failure> = (0..count)
            .map(|index| Failure {
                source: format!("page-{index}.html"),
                url: None,
                stage: Stage::Parse,
                reason: "no_thread".into(),
                message: format!("{index:x} words ").repeat(20),
            })
            .collect();
        tables().errors(&failures).unwrap()
    }

    fn writer_to(path: &Path, format: Format, room: usize) -> Result<TableWriter, ExportError> {
        let output = Output::file(path)?.through(Box::new(Full(room)));
        TableWriter::to_output(output, format, tables().columns(Table::Errors))
    }

    fn files(folder: &Path) -> Vec<PathBuf> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
    }

    #[test]
    fn full_disk_is_told_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        for format in [Format::Csv(Dialect::Canonical), Format::Ndjson, Format::Parquet] {
            for room in [0, 3, 1000] {
                let path = folder.path().join("errors.out");
                let result = writer_to(&path, format, room).and_then(|mut writer| {
                    for _ in 0..5 {
                        writer.write(&errors(2000))?;
                    }
                    writer.finish()
                });
                assert!(result.unwrap_err().to_string().starts_with("disk full: "), "{format:?} {room}");
                assert_eq!(files(folder.path()), Vec::<PathBuf>::new(), "{format:?} {room}");
            }
        }
    }

    #[test]
    fn full_disk_under_one_table_leaves_none_of_the_study() {
        let folder = tempfile::tempdir().unwrap();
        let old = folder.path().join("old.csv");
        fs::write(&old, "as it was").unwrap();
        let csv = Format::Csv(Dialect::Canonical);
        let mut writers = vec![
            TableWriter::create(&old, csv, tables().columns(Table::Errors)).unwrap(),
            TableWriter::create(&folder.path().join("new.csv"), csv, tables().columns(Table::Errors)).unwrap(),
            writer_to(&folder.path().join("full.csv"), csv, 10).unwrap(),
        ];
        for writer in &mut writers {
            writer.write(&errors(1)).unwrap();
        }
        assert!(matches!(finish_all(writers), Err(ExportError::DiskFull { .. })));
        assert_eq!(files(folder.path()), std::slice::from_ref(&old));
        assert_eq!(fs::read_to_string(&old).unwrap(), "as it was");
    }

    #[test]
    fn table_that_cannot_be_renamed_takes_the_new_ones_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (folder.path().join("one.csv"), folder.path().join("two.csv"));
        let csv = Format::Csv(Dialect::Canonical);
        let writers = [&one, &two].map(|path| TableWriter::create(path, csv, tables().columns(Table::Errors)).unwrap());
        fs::create_dir_all(two.join("in the way")).unwrap();
        assert!(finish_all(writers.into()).is_err());
        assert!(!one.exists() && two.is_dir());
        assert_eq!(files(folder.path()), [two]);
    }

    #[test]
    fn a_file_beside_the_tables_appears_with_them_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let (table, beside) = (folder.path().join("errors.csv"), folder.path().join("datapackage.json"));
        let csv = Format::Csv(Dialect::Canonical);
        let writer = || TableWriter::create(&table, csv, tables().columns(Table::Errors)).unwrap();
        let in_the_way = beside.join("in the way");
        fs::create_dir_all(&in_the_way).unwrap();
        assert!(finish_together(vec![writer()], &[(beside.clone(), b"{}".to_vec())]).is_err());
        assert!(!table.exists());
        fs::remove_dir_all(&beside).unwrap();
        finish_together(vec![writer()], &[(beside.clone(), b"{}".to_vec())]).unwrap();
        assert!(table.exists());
        assert_eq!(fs::read(&beside).unwrap(), b"{}");
    }

    #[test]
    fn writers_and_tables_go_to_other_threads() {
        fn sent<T: Send>() {}
        sent::<TableWriter>();
        sent::<Tables>();
    }

    #[test]
    fn small_batches_share_a_row_group() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("errors.parquet");
        let mut writer = TableWriter::create(&path, Format::Parquet, tables().columns(Table::Errors)).unwrap();
        for _ in 0..50 {
            writer.write(&errors(10)).unwrap();
        }
        assert_eq!(writer.rows(), 500);
        writer.finish().unwrap();
        let mut reader = ParquetReader::new(fs::File::open(&path).unwrap());
        assert_eq!(reader.get_metadata().unwrap().row_groups.len(), 1);
        assert_eq!(reader.finish().unwrap().height(), 500);
    }
}
