use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use tempfile::TempDir;

use super::exit::Stop;
use crate::export::{
    Dialect, ExportError, Format, Locale, TableWriter, WorkbookTable, check_workbook_rows, finish_all, table_path,
    write_workbook,
};
use crate::model::{CodedThread, Failure};
use crate::table::{CodeColumn, Column, Sheet, Table, Tables};

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum TableFormat {
    Csv,
    Ndjson,
    Parquet,
    Arrow,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum ExcelLocale {
    En,
    /// And all others that write decimal commas.
    #[value(aliases = ["de", "es", "it", "pt"])]
    Fr,
}

impl ExcelLocale {
    pub(super) fn dialect(self) -> Dialect {
        match self {
            Self::En => Dialect::Excel(Locale::En),
            Self::Fr => Dialect::Excel(Locale::Fr),
        }
    }
}

/// Where the tables of a study are written.
#[derive(Debug, Args)]
pub(super) struct TablesOutput {
    /// Table of comments (.csv, .ndjson, .parquet, .arrow), a workbook (.xlsx) or a folder for all tables, or - for standard output. Without it, a
    /// summary is printed.
    #[arg(help_heading = "Output", short, long, value_name = "FILE|FOLDER|-")]
    pub(super) output: Option<PathBuf>,

    /// Format of tables in a folder or on standard output [default: csv].
    #[arg(help_heading = "Output", long, value_name = "FORMAT")]
    format: Option<TableFormat>,

    /// CSV for spreadsheets: byte order mark, dates they understand with the offset beside them, no formulas; `fr` for semicolons and decimal
    /// commas.
    #[arg(help_heading = "Output", long, value_name = "LOCALE", num_args = 0..=1, default_missing_value = "en")]
    excel: Option<ExcelLocale>,
}

impl TablesOutput {
    /// What these say together; nothing without `-o`.
    pub(super) fn destination(&self) -> Result<Option<Destination>, Stop> {
        Destination::chosen(self.output.as_deref(), self.format, self.excel)
    }
}

/// Where the tables go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Destination {
    /// The table of comments on standard output.
    Stdout(Format),
    /// The table of comments in one file; failures beside it.
    File(PathBuf, Format),
    /// All tables in a folder.
    Folder(PathBuf, Format),
    /// All tables in a workbook of Excel.
    Workbook(PathBuf),
}

impl Destination {
    /// What `-o`, `--format` and `--excel` say together; nothing without `-o`.
    pub(super) fn chosen(
        output: Option<&Path>,
        format: Option<TableFormat>,
        excel: Option<ExcelLocale>,
    ) -> Result<Option<Self>, Stop> {
        let (format, dialect) = said(format, excel)?;
        match output {
            Some(output) => Self::new(output, format, dialect).map(Some),
            None if excel.is_some() || format.is_some() => {
                Err(Stop::usage("--excel and --format say how tables are written; say where with -o"))
            }
            None => Ok(None),
        }
    }

    /// Opens one table there. Returns the path it will have, too; none on standard output.
    pub(super) fn open(&self, table: Table, columns: Vec<Column>) -> Result<(TableWriter, Option<PathBuf>), Stop> {
        let (path, format) = match self {
            Self::Stdout(format) => {
                let out = Box::new(io::BufWriter::new(io::stdout()));
                return Ok((TableWriter::stream("standard output", out, *format, columns)?, None));
            }
            Self::File(path, format) => (path.clone(), *format),
            Self::Folder(folder, format) => {
                make_folder(folder)?;
                (table_path(folder, table, *format), *format)
            }
            Self::Workbook(path) => {
                return Err(Stop::usage(format!(
                    "-o {}: this command writes no workbook; name a .csv",
                    path.display()
                )));
            }
        };
        Ok((TableWriter::create(&path, format, columns)?, Some(path)))
    }

    /// What `-o` means: `-`, a folder (it exists, ends in a slash or has no extension), or a file.
    pub(super) fn new(output: &Path, format: Option<Format>, dialect: Dialect) -> Result<Self, Stop> {
        let chosen = format.unwrap_or(Format::Csv(dialect));
        if output.as_os_str() == "-" {
            return Ok(Self::Stdout(chosen));
        }
        let slash = output.as_os_str().to_string_lossy().ends_with(['/', std::path::MAIN_SEPARATOR]);
        if slash || output.is_dir() || (output.extension().is_none() && !output.exists()) {
            return Ok(Self::Folder(output.to_owned(), chosen));
        }
        if output.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("xlsx")) {
            if format.is_some() || dialect != Dialect::Canonical {
                return Err(Stop::usage(
                    "a workbook is neither CSV nor another format; leave --excel and --format out",
                ));
            }
            return Ok(Self::Workbook(output.to_owned()));
        }
        let named = Format::for_path(output, dialect);
        let format = match (format, named) {
            (Some(format), Ok(named)) if format.extension() != named.extension() => {
                return Err(Stop::usage(format!(
                    "--format {} contradicts the name {}; leave one of them out",
                    format.extension(),
                    output.display()
                )));
            }
            (Some(format), _) => format,
            (None, named) => named.map_err(Stop::usage)?,
        };
        Ok(Self::File(output.to_owned(), format))
    }

    /// The file or folder; nothing for standard output.
    pub(super) fn place(&self) -> Option<PathBuf> {
        match self {
            Self::Stdout(_) => None,
            Self::File(path, _) | Self::Folder(path, _) | Self::Workbook(path) => Some(path.clone()),
        }
    }

    /// The files of its tables; not all need be there.
    pub(super) fn tables(&self) -> Vec<PathBuf> {
        match self {
            Self::Stdout(_) => Vec::new(),
            Self::File(path, format) => vec![path.clone(), errors_beside(path, *format)],
            Self::Workbook(path) => vec![path.clone()],
            Self::Folder(folder, format) => [Table::Comments, Table::Codings, Table::Threads, Table::Errors]
                .map(|table| table_path(folder, table, *format))
                .into(),
        }
    }

    /// Those of its tables that people may have worked on: all but the errors.
    pub(super) fn coded_tables(&self) -> Vec<PathBuf> {
        match self {
            Self::File(path, _) => vec![path.clone()],
            Self::Folder(folder, format) => {
                [Table::Comments, Table::Codings, Table::Threads].map(|table| table_path(folder, table, *format)).into()
            }
            Self::Stdout(_) | Self::Workbook(_) => self.tables(),
        }
    }

    /// Where the archive of what is fetched for these tables lies.
    pub(super) fn archive(&self) -> Option<PathBuf> {
        match self {
            Self::Stdout(_) => None,
            // Beside a device or a pipe nothing can stand.
            Self::File(path, _) if path.exists() && !path.is_file() => None,
            Self::File(path, _) | Self::Workbook(path) => Some(path.with_extension("warc.gz")),
            Self::Folder(folder, _) => Some(folder.join("archive.warc.gz")),
        }
    }
}

/// What `--format` and `--excel` say together.
fn said(format: Option<TableFormat>, excel: Option<ExcelLocale>) -> Result<(Option<Format>, Dialect), Stop> {
    let dialect = excel.map_or(Dialect::Canonical, ExcelLocale::dialect);
    let format = format.map(|format| match format {
        TableFormat::Csv => Format::Csv(dialect),
        TableFormat::Ndjson => Format::Ndjson,
        TableFormat::Parquet => Format::Parquet,
        TableFormat::Arrow => Format::Arrow,
    });
    if excel.is_some() && !matches!(format, None | Some(Format::Csv(_))) {
        return Err(Stop::usage("--excel is a dialect of CSV; leave out --format, or give --format csv"));
    }
    Ok((format, dialect))
}

/// Where a command writes its tables that has figures to print, too.
#[derive(Debug, Args)]
pub(super) struct FolderOutput {
    /// Folder for the tables. Without it, figures are printed only.
    #[arg(short, long, value_name = "FOLDER")]
    pub(super) output: Option<PathBuf>,

    /// Format of the tables [default: csv].
    #[arg(long, value_name = "FORMAT")]
    format: Option<TableFormat>,

    /// CSV for spreadsheets; `fr` for semicolons and decimal commas.
    #[arg(long, value_name = "LOCALE", num_args = 0..=1, default_missing_value = "en")]
    excel: Option<ExcelLocale>,
}

impl FolderOutput {
    /// The format of the tables; without a folder nothing can be said of it.
    pub(super) fn format(&self) -> Result<Format, Stop> {
        if self.output.is_none() && (self.format.is_some() || self.excel.is_some()) {
            return Err(Stop::usage("--excel and --format say how tables are written; say where with -o"));
        }
        let (format, dialect) = said(self.format, self.excel)?;
        Ok(format.unwrap_or(Format::Csv(dialect)))
    }

    /// The folder, made if it is not there.
    pub(super) fn folder(&self) -> Result<Option<&Path>, Stop> {
        let Some(folder) = self.output.as_deref() else { return Ok(None) };
        let is_named_like_a_table = Format::for_path(folder, Dialect::Canonical).is_ok() && !folder.is_dir();
        if folder.is_file() || is_named_like_a_table {
            return Err(Stop::usage(format!(
                "-o {}: there are several tables; name a folder for them",
                folder.display()
            )));
        }
        make_folder(folder).map(|()| Some(folder))
    }
}

/// The tables being written; they appear together when finished.
pub(super) struct Writers {
    destination: Destination,
    tables: Tables,
    comments: TableWriter,
    codings: Option<TableWriter>,
    threads: Option<TableWriter>,
    /// Where the tables of a workbook are until it is made.
    sheets: Option<TempDir>,
    // Last, so that it goes when the writers have taken their temporary files away.
    _made: Option<MadeFolder>,
}

/// A folder made for the tables: it goes again if nothing was put into it.
struct MadeFolder(PathBuf);

impl Drop for MadeFolder {
    fn drop(&mut self) {
        // A folder that holds something cannot be removed so.
        let _ = std::fs::remove_dir(&self.0);
    }
}

impl Writers {
    /// Opens what the destination needs, so that a place that cannot be written is known before the work begins.
    pub(super) fn open(destination: Destination, tables: Tables) -> Result<Self, Stop> {
        let columns = |table| tables.columns(table);
        let (mut made, mut sheets) = (None, None);
        let in_folder = |folder: &Path, format: Format| -> Result<_, Stop> {
            let open = |table: Table| TableWriter::create(&table_path(folder, table, format), format, columns(table));
            Ok((open(Table::Comments)?, Some(open(Table::Codings)?), Some(open(Table::Threads)?)))
        };
        let (comments, codings, threads) = match &destination {
            Destination::Stdout(format) => {
                let out = Box::new(io::BufWriter::new(io::stdout()));
                (TableWriter::stream("standard output", out, *format, columns(Table::Comments))?, None, None)
            }
            Destination::File(path, format) => {
                (TableWriter::create(path, *format, columns(Table::Comments))?, None, None)
            }
            Destination::Folder(folder, format) => {
                made = (!folder.exists()).then(|| MadeFolder(folder.clone()));
                make_folder(folder)?;
                in_folder(folder, *format)?
            }
            Destination::Workbook(path) => {
                check_place(path)?;
                let folder =
                    tempfile::tempdir().map_err(|error| Stop::output(format!("no temporary folder: {error}")))?;
                let opened = in_folder(folder.path(), SHEETS)?;
                sheets = Some(folder);
                opened
            }
        };
        Ok(Self { destination, tables, comments, codings, threads, sheets, _made: made })
    }

    pub(super) fn write(&mut self, threads: &[CodedThread]) -> Result<(), Stop> {
        if let Destination::Workbook(path) = &self.destination {
            // Known as soon as it is so: coding takes longer than anything else.
            let rows = self.comments.rows().max(self.codings.as_ref().map_or(0, TableWriter::rows));
            check_workbook_rows(rows, path)?;
        }
        self.comments.write(&self.tables.comments(threads).map_err(Stop::output)?)?;
        if let Some(codings) = &mut self.codings {
            codings.write(&self.tables.codings(threads).map_err(Stop::output)?)?;
        }
        if let Some(writer) = &mut self.threads {
            writer.write(&self.tables.threads(threads).map_err(Stop::output)?)?;
        }
        Ok(())
    }

    /// Lets the tables appear, with that of the failures: always in a folder, beside a file only if there are any.
    /// Without a single thread only the failures appear, so that an older result is not replaced by nothing; where there is one, nothing
    /// appears: its failures are others.
    /// Returns what was written, for the closing line.
    pub(super) fn finish(self, failures: &[Failure], any_thread: bool) -> Result<Vec<PathBuf>, Stop> {
        if !any_thread && self.destination.coded_tables().iter().any(|path| path.is_file()) {
            return Ok(Vec::new());
        }
        let errors = self.tables.errors(failures).map_err(Stop::output)?;
        let columns = self.tables.columns(Table::Errors);
        let mut writers = Vec::new();
        let mut written = Vec::new();
        let mut stale = None;
        if any_thread {
            writers.push(self.comments);
            writers.extend(self.codings);
            writers.extend(self.threads);
        }
        match &self.destination {
            Destination::Stdout(_) => {}
            Destination::File(path, format) => {
                let beside = errors_beside(path, *format);
                if any_thread {
                    written.push(path.clone());
                }
                if failures.is_empty() {
                    stale = Some(beside);
                } else if path.exists() && !path.is_file() {
                    // Nothing can stand beside a device or a pipe; standard error has the failures.
                } else {
                    let mut writer = TableWriter::create(&beside, errors_format(*format), columns)?;
                    writer.write(&errors)?;
                    writers.push(writer);
                    written.push(beside);
                }
            }
            Destination::Folder(folder, format) => {
                let path = table_path(folder, Table::Errors, *format);
                let mut writer = TableWriter::create(&path, *format, columns)?;
                writer.write(&errors)?;
                writers.push(writer);
                written.push(if any_thread { folder.clone() } else { path });
            }
            Destination::Workbook(path) => {
                let folder = self.sheets.as_ref().map_or_else(|| path.clone(), |folder| folder.path().to_owned());
                let mut writer = TableWriter::create(&table_path(&folder, Table::Errors, SHEETS), SHEETS, columns)?;
                writer.write(&errors)?;
                writers.push(writer);
                finish_all(writers)?;
                if any_thread {
                    workbook(path, &folder, self.tables.codes())?;
                    written.push(path.clone());
                }
                return Ok(written);
            }
        }
        finish_all(writers)?;
        // Errors of an earlier run would be taken for this one's; another file of that name is not ours to remove.
        if let Some(beside) = stale.filter(|path| is_errors_table(path)) {
            let _ = std::fs::remove_file(beside);
        }
        Ok(written)
    }
}

/// The form in which the tables of a workbook wait.
const SHEETS: Format = Format::Parquet;

/// A workbook of the tables in a folder; without threads there are only failures.
fn workbook(path: &Path, folder: &Path, codes: &[CodeColumn]) -> Result<(), Stop> {
    let mut made = Vec::new();
    for table in [Table::Comments, Table::Codings, Table::Threads, Table::Errors] {
        let file = table_path(folder, table, SHEETS);
        if file.is_file() {
            let sheet = Sheet::read(&file).and_then(|sheet| sheet.typed(table, codes)).map_err(Stop::output)?;
            made.push(WorkbookTable { table, columns: sheet.0, frame: sheet.1 });
        }
    }
    Ok(write_workbook(path, &made)?)
}

/// Says before the work begins that a file cannot be where it is to be.
fn check_place(path: &Path) -> Result<(), Stop> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if folder.is_dir() {
        return Ok(());
    }
    Err(ExportError::NoFolder { output: path.display().to_string(), folder: folder.to_owned() }.into())
}

pub(super) fn make_folder(folder: &Path) -> Result<(), Stop> {
    std::fs::create_dir_all(folder)
        .map_err(|error| Stop::output(format!("cannot make the folder {}: {error}", folder.display())))
}

/// `thread.errors.csv` beside `thread.csv`, `thread.parquet` or `thread.ndjson`.
fn errors_beside(path: &Path, format: Format) -> PathBuf {
    path.with_extension(format!("errors.{}", errors_format(format).extension()))
}

/// Whether a file begins as our table of errors does.
fn is_errors_table(path: &Path) -> bool {
    let mut head = [0; 64];
    let Ok(length) = std::fs::File::open(path).and_then(|mut file| file.read(&mut head)) else { return false };
    let head = String::from_utf8_lossy(&head[..length]).replace(';', ",");
    head.trim_start_matches('\u{feff}').starts_with("source,url,stage,reason,message")
}

/// Failures are read by people: CSV, in the dialect of the comments.
fn errors_format(format: Format) -> Format {
    match format {
        Format::Csv(dialect) => Format::Csv(dialect),
        _ => Format::Csv(Dialect::Canonical),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_output_says_what_it_is() {
        let of = |path: &str| Destination::new(Path::new(path), None, Dialect::Canonical);
        let csv = Format::Csv(Dialect::Canonical);
        assert_eq!(of("-").unwrap(), Destination::Stdout(csv));
        assert_eq!(of("no-such/thread.csv").unwrap(), Destination::File("no-such/thread.csv".into(), csv));
        assert_eq!(of("no-such-study/").unwrap(), Destination::Folder("no-such-study/".into(), csv));
        assert_eq!(of("no-such-study").unwrap(), Destination::Folder("no-such-study".into(), csv));
        assert_eq!(of("a.parquet").unwrap(), Destination::File("a.parquet".into(), Format::Parquet));
        assert_eq!(of("thread.xls").unwrap_err().exit, super::super::Exit::Usage);
    }
}
