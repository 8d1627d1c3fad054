//! Studies as files of other programs.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::coder::code_columns;
use super::destination::make_folder;
use super::exit::{Exit, Stop, remark};
use super::provenance::Run;
use super::study::{Opened, StudyArgs, table_beside};
use super::summary::plural;
use crate::codebook::Codebook;
use crate::export::exchange::{self, ExportedFile, LabelsOf};
use crate::export::package::{About, codebook_csv, codebook_markdown, descriptor, dictionary_markdown};
use crate::export::{Dialect, Format, TableWriter, WorkbookTable, finish_together, qda, table_path, write_workbook};
use crate::model::{CodeLabel, Study};
use crate::table::{self, CodeColumn, Sheet, Table};

/// The tables of a study.
const TABLES: [Table; 4] = [Table::Comments, Table::Codings, Table::Threads, Table::Errors];

const AFTER_HELP: &str = "\
Formats:
  xlsx           a workbook: a sheet a table, the data dictionary, codes in colours           FILE.xlsx
  csv, ndjson, parquet, arrow   the tables again, with descriptions where the format has room FOLDER
  data-package   tables, datapackage.json (Frictionless), dictionary and codebook to publish  FOLDER
  qdpx           a project for MAXQDA, ATLAS.ti, NVivo, QualCoder (REFI-QDA)                  FILE.qdpx
  qdc            its codebook alone                                                           FILE.qdc
  convokit       a ConvoKit corpus                                                            FOLDER
  4cat           a table for 4CAT                                                             FILE.csv
  gexf, graphml  who replies to whom (or, with --network comments, the tree) for Gephi, R …   FILE
  label-studio   tasks with the machine's codes as predictions, people's as annotations;      FILE.json
                 its labeling interface lies beside as FILE.config.xml
  doccano        texts with the machine's codes and spans, or, with --hand, people's          FILE.jsonl
  quanteda       the codebook's words as a dictionary                                         FILE.yml
  taguette       the codes as tags                                                            FILE.csv

Examples:
  causerie export xlsx study/ -o study.xlsx
  causerie export qdpx study/ -o study.qdpx --hand sheet.anne.xlsx sheet.ben.xlsx
  causerie export data-package study/ -o published/ --licence CC-BY-4.0
  causerie export gexf study/ -o replies.gexf";

/// Hand a study over: as a workbook, a data package, or files of the programs people work with.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Export {
    /// What to make.
    #[arg(value_name = "FORMAT", hide_possible_values = true)]
    format: ExportFormat,

    #[command(flatten)]
    study: StudyArgs,

    /// File, or folder where the format is several files.
    #[arg(short, long, value_name = "FILE|FOLDER")]
    pub(super) output: PathBuf,

    /// Licence of a data package, as SPDX names it: CC-BY-4.0. Whose the comments are is another question.
    #[arg(long, value_name = "NAME")]
    licence: Option<String>,

    /// Title of a data package [default: the article's].
    #[arg(long, value_name = "TITLE")]
    title: Option<String>,

    /// What a network's nodes are.
    #[arg(long, value_name = "NODES", default_value = "authors")]
    network: Nodes,

    /// Say nothing but errors.
    #[arg(short, long)]
    pub(super) quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ExportFormat {
    Xlsx,
    Csv,
    Ndjson,
    Parquet,
    Arrow,
    DataPackage,
    Qdpx,
    Qdc,
    Convokit,
    #[value(name = "4cat")]
    FourCat,
    Gexf,
    Graphml,
    LabelStudio,
    Doccano,
    Quanteda,
    Taguette,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Nodes {
    Authors,
    Comments,
}

impl ExportFormat {
    /// How names of its files end.
    fn extension(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Csv | Self::DataPackage | Self::FourCat | Self::Taguette => "csv",
            Self::Ndjson => "ndjson",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
            Self::Qdpx => "qdpx",
            Self::Qdc => "qdc",
            Self::LabelStudio => "json",
            Self::Convokit | Self::Doccano => "jsonl",
            Self::Gexf => "gexf",
            Self::Graphml => "graphml",
            Self::Quanteda => "yml",
        }
    }

    /// Whether it is several files in a folder.
    fn is_folder(self) -> bool {
        matches!(self, Self::Csv | Self::Ndjson | Self::Parquet | Self::Arrow | Self::DataPackage | Self::Convokit)
    }
}

impl Export {
    pub(super) fn run(&self, mut record: Run) -> Result<Exit, Stop> {
        self.check_output()?;
        if !matches!(self.format, ExportFormat::Qdpx | ExportFormat::LabelStudio | ExportFormat::Doccano) {
            self.study
                .without_hand("only qdpx, label-studio and doccano have room for what people coded; leave it out")?;
        }
        let is_package = self.format == ExportFormat::DataPackage;
        if !is_package && (self.licence.is_some() || self.title.is_some()) {
            return Err(Stop::usage("--licence and --title are of data-package; leave them out"));
        }
        if self.network != Nodes::Authors && !matches!(self.format, ExportFormat::Gexf | ExportFormat::Graphml) {
            return Err(Stop::usage("--network is of gexf and graphml; leave it out"));
        }
        let opened = self.study.read(&mut record, self.quiet)?;
        let files = TABLES.map(|table| self.output.join(table.as_str()).with_extension(self.format.extension()));
        let mut outputs: Vec<&Path> = vec![&self.output];
        outputs.extend(files.iter().map(PathBuf::as_path));
        record.spare(&outputs)?;
        let written = self.write(&opened)?;
        record.count("threads", opened.study.threads.len() as u64);
        record.count("comments", opened.study.threads.iter().map(|thread| thread.comments.len() as u64).sum());
        record.write(&self.output, &written)?;
        if !self.quiet {
            remark(&format!("wrote {}", self.output.display()));
        }
        Ok(Exit::Done)
    }

    fn check_output(&self) -> Result<(), Stop> {
        let output = self.output.display();
        if !self.format.is_folder() && self.output.is_dir() {
            return Err(Stop::usage(format!("-o {output} is a folder, and this format is one file; name the file")));
        }
        let ending = self.output.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        if !self.format.is_folder() && ending.as_deref() != Some(self.format.extension()) {
            return Err(Stop::usage(format!(
                "-o {output}: this format is a file that ends in .{}",
                self.format.extension()
            )));
        }
        if self.format.is_folder() && self.output.is_file() {
            return Err(Stop::usage(format!("-o {output} is a file, and this format is several; name a folder")));
        }
        Ok(())
    }

    /// Makes it, and returns what was written.
    fn write(&self, opened: &Opened) -> Result<Vec<PathBuf>, Stop> {
        let study = &opened.study;
        let one = |bytes: Vec<u8>| appear(Vec::new(), vec![(self.output.clone(), bytes)]);
        match self.format {
            ExportFormat::Csv => {
                appear(self.tables(&self.typed(opened)?, Format::Csv(Dialect::Canonical))?, Vec::new())
            }
            ExportFormat::Ndjson => appear(self.tables(&self.typed(opened)?, Format::Ndjson)?, Vec::new()),
            ExportFormat::Parquet => appear(self.tables(&self.typed(opened)?, Format::Parquet)?, Vec::new()),
            ExportFormat::Arrow => appear(self.tables(&self.typed(opened)?, Format::Arrow)?, Vec::new()),
            ExportFormat::Xlsx => self.workbook(opened),
            ExportFormat::DataPackage => self.package(opened),
            ExportFormat::Qdpx => one(qda::project(study, &made_at(opened)).map_err(Stop::output)?),
            ExportFormat::Qdc => one(qda::codebook(study).map_err(Stop::output)?),
            ExportFormat::Convokit => {
                let files = exchange::convokit(study).map_err(Stop::output)?;
                make_folder(&self.output)?;
                appear(Vec::new(), self.placed(files))
            }
            ExportFormat::FourCat => one(exchange::four_cat(study).map_err(Stop::output)?),
            ExportFormat::Gexf => one(exchange::gexf(&self.network(opened)).map_err(Stop::output)?),
            ExportFormat::Graphml => one(exchange::graphml(&self.network(opened)).map_err(Stop::output)?),
            ExportFormat::LabelStudio => {
                self.tell_left_out(study);
                let interface = exchange::label_studio_interface(study).into_bytes();
                let tasks = exchange::label_studio(study).map_err(Stop::output)?;
                let beside = self.output.with_extension("config.xml");
                appear(Vec::new(), vec![(self.output.clone(), tasks), (beside, interface)])
            }
            ExportFormat::Doccano => {
                self.tell_left_out(study);
                let labels = if opened.hand.is_some() { LabelsOf::People } else { LabelsOf::Machine };
                one(exchange::doccano(study, labels).map_err(Stop::output)?)
            }
            ExportFormat::Taguette => one(exchange::taguette(&study.codes)),
            ExportFormat::Quanteda => {
                let book = opened.book.as_ref().ok_or_else(|| {
                    Stop::usage("a dictionary is made of the codebook's patterns; give the codebook with --codebook")
                })?;
                let made = exchange::quanteda(book);
                if !self.quiet {
                    remark(&format!("{} entries", made.entries));
                    if made.left_out > 0 {
                        remark(&format!(
                            "{} cannot be said in a dictionary, or only in part; the file names them",
                            plural(made.left_out as u64, "pattern")
                        ));
                    }
                }
                one(made.yaml.into_bytes())
            }
        }
    }

    /// Tools that show texts have no place for comments without any.
    fn tell_left_out(&self, study: &Study) {
        let left_out = exchange::without_words(study);
        if left_out > 0 && !self.quiet {
            remark(&format!("left out: {} without words", plural(left_out, "comment")));
        }
    }

    fn network(&self, opened: &Opened) -> exchange::Network {
        let network = match self.network {
            Nodes::Authors => exchange::authors(&opened.study),
            Nodes::Comments => exchange::reply_tree(&opened.study),
        };
        if !self.quiet {
            remark(&network.description);
        }
        network
    }

    /// Files of these names in the folder.
    fn placed(&self, files: Vec<ExportedFile>) -> Vec<(PathBuf, Vec<u8>)> {
        files.into_iter().map(|file| (self.output.join(file.name), file.bytes)).collect()
    }

    /// The tables there are, each in a file of its name, not finished yet.
    fn tables(&self, tables: &[WorkbookTable], format: Format) -> Result<Vec<(PathBuf, TableWriter)>, Stop> {
        make_folder(&self.output)?;
        let open = |WorkbookTable { table, columns, frame }: &WorkbookTable| {
            let path = table_path(&self.output, *table, format);
            let mut writer = TableWriter::create(&path, format, columns.clone())?;
            writer.write(frame)?;
            Ok((path, writer))
        };
        tables.iter().map(open).collect()
    }

    fn workbook(&self, opened: &Opened) -> Result<Vec<PathBuf>, Stop> {
        write_workbook(&self.output, &self.typed(opened)?)?;
        Ok(vec![self.output.clone()])
    }

    fn package(&self, opened: &Opened) -> Result<Vec<PathBuf>, Stop> {
        let format = Format::Csv(Dialect::Canonical);
        let typed = self.typed(opened)?;
        let mut writers = self.tables(&typed, format)?;
        let tables: Vec<_> =
            typed.into_iter().map(|made| (made.table, format!("{}.csv", made.table), made.columns)).collect();
        let about = About {
            title: self.title.clone(),
            licence: self.licence.clone(),
            created: made_at(opened),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        if self.licence.is_none() && !self.quiet {
            remark("the package names no licence; give one with --licence before you publish it");
        }
        let mut json = serde_json::to_vec_pretty(&descriptor(&opened.study, &about, &tables)).map_err(Stop::output)?;
        json.push(b'\n');
        let columns: Vec<_> = tables.iter().flat_map(|(.., columns)| columns.clone()).collect();
        let path = table_path(&self.output, Table::Columns, format);
        let mut dictionary = TableWriter::create(&path, format, table::dictionary_columns())?;
        dictionary.write(&table::dictionary(&columns).map_err(Stop::output)?)?;
        writers.push((path, dictionary));
        let mut files = vec![
            ("datapackage.json", json),
            ("DICTIONARY.md", dictionary_markdown(&tables).into_bytes()),
            ("CODEBOOK.md", codebook_markdown(&opened.study).into_bytes()),
            ("codebook.csv", codebook_csv(&opened.study).into_bytes()),
        ];
        if let Some(book) = &opened.book {
            files.push(("codebook.toml", book_source(self.study.codebook_file(opened), book)?));
        }
        let files = files.into_iter().map(|(name, bytes)| ExportedFile { name: name.to_owned(), bytes });
        let files = self.placed(files.collect());
        appear(writers, files)
    }

    /// The tables of the study with their types and what their columns mean.
    fn typed(&self, opened: &Opened) -> Result<Vec<WorkbookTable>, Stop> {
        let codes = labelled(&opened.study.codes, opened.book.as_ref());
        let mut made = Vec::new();
        for table in TABLES {
            let beside = if table == Table::Comments {
                Some(opened.table.clone())
            } else {
                table_beside(self.study.place(), table)?
            };
            let Some(path) = beside else { continue };
            let (columns, frame) =
                Sheet::read(&path).and_then(|sheet| sheet.typed(table, &codes)).map_err(Stop::usage)?;
            made.push(WorkbookTable { table, columns, frame });
        }
        Ok(made)
    }
}

/// Lets tables and files appear together; returns their paths.
fn appear(tables: Vec<(PathBuf, TableWriter)>, files: Vec<(PathBuf, Vec<u8>)>) -> Result<Vec<PathBuf>, Stop> {
    let (mut written, writers): (Vec<PathBuf>, Vec<TableWriter>) = tables.into_iter().unzip();
    finish_together(writers, &files)?;
    written.extend(files.into_iter().map(|(path, _)| path));
    Ok(written)
}

/// The codes as columns, described as the codebook does.
fn labelled(codes: &[CodeLabel], book: Option<&Codebook>) -> Vec<CodeColumn> {
    match book {
        Some(book) => code_columns(book),
        None => codes
            .iter()
            .map(|code| CodeColumn { name: code.name.clone(), description: format!("{}.", code.label) })
            .collect(),
    }
}

/// When the study was made, or else fetched: a second export is the same file.
fn made_at(opened: &Opened) -> String {
    let fetched = opened.study.threads.iter().filter_map(|thread| thread.thread.fetched_at.as_ref());
    // Both programs and schemas want an instant; where none is known the one that nobody takes for true.
    let unknown = || "1970-01-01T00:00:00Z".to_owned();
    let newest = fetched.filter(|at| at.iso.len() > 10 && at.has_offset()).map(|at| at.iso.clone()).max();
    opened.made_by.as_ref().map(|run| run.ended_at.clone()).or(newest).unwrap_or_else(unknown)
}

/// The codebook's file as it is.
fn book_source(file: Option<PathBuf>, book: &Codebook) -> Result<Vec<u8>, Stop> {
    match file {
        Some(path) => std::fs::read(&path)
            .map_err(|error| Stop::usage(format!("{} cannot be opened: {error}; check the path", path.display()))),
        None if book.name == Codebook::builtin().name => Ok(Codebook::builtin_source().as_bytes().to_vec()),
        None => Err(Stop::usage("the codebook's file is not known; give it with --codebook")),
    }
}
