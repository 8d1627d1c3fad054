use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::coder::{self, CoderChoice};
use super::destination::ExcelLocale;
use super::drawn::Design;
use super::exit::{Exit, Stop, remark};
use super::hand::chosen;
use super::provenance::Run;
use super::study::{coded_with, population, threads_of};
use super::summary::plural;
use crate::coding::{Coder, Discussion, Learned, Reads};
use crate::export::{self, Dialect, Format, TableWriter};
use crate::hand::{self, ADJUDICATED, Form, Kind, Question, Unit};
use crate::model::{Drawn, DrawnBy, Key};
use crate::study::{Allocation, Population, Sampling, deal, draw, most_doubtful};
use crate::table::{self, Table};

const AFTER_HELP: &str = "\
The sheet is blind: neither the machine's codes nor how a comment was drawn are in it. That lies beside it, in NAME.design.csv:
`causerie estimate` needs it, coders had better not look. With the same seed a larger sample holds a smaller one: --without
asks for the rest.

Examples:
  causerie sample study/ -o sheet.xlsx                                  200 comments, all with the same chance
  causerie sample study/ -n 300 --by distrust -o sheet.xlsx             as many with the code as without
  causerie sample study/ --by sentiment,language --coders anne,ben --overlap 0.3 -o sheet.xlsx
  causerie sample study/ --codebook my.toml -o tasks.json               for Label Studio; .jsonl for doccano
  causerie sample study/ -n 300 --without sheet.xlsx -o more.xlsx       100 more of the same sample
  causerie sample study/ --uncertain distrust -n 50 --without sheet.xlsx -o doubtful.xlsx
then `causerie annotate`, or fill the sheet in; then `causerie validate` and `causerie estimate`.";

/// Draw comments for people to code: at random, with known probabilities, as a sheet or for a coding tool.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Sample {
    /// Table of comments that `causerie analyze` wrote, or its folder.
    #[arg(value_name = "TABLE|FOLDER")]
    table: PathBuf,

    /// Sheet to write: .xlsx (with drop-downs), .csv, .json (Label Studio) or .jsonl (doccano). One for each coder with --coders.
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: PathBuf,

    /// Comments to draw.
    #[arg(short = 'n', long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
    size: u32,

    /// Columns to stratify by: a code, sentiment, confidence, thread, language, day, depth, activity (of the author), or any other.
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',')]
    by: Vec<String>,

    /// How strata share the sample.
    #[arg(long, value_name = "HOW", default_value = "equal", requires = "by")]
    allocation: AllocationChoice,

    /// Draws another sample.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,

    /// Who codes; each gets a sheet of their own.
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', value_parser = coder_name)]
    coders: Vec<String>,

    /// Share of the comments that all coders code, to measure their agreement; the others are divided among them.
    #[arg(long, value_name = "SHARE", default_value_t = 0.2, requires = "coders")]
    overlap: f64,

    /// Codebook of the codes to ask for [default: the one the study was coded with, or the built-in one].
    #[arg(long, value_name = "FILE")]
    codebook: Option<PathBuf>,

    /// What to ask for [default: polarity and the codes of the codebook].
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    codes: Vec<String>,

    /// A .csv for spreadsheets: byte order mark, no formulas; `fr` for semicolons.
    #[arg(long, value_name = "LOCALE", num_args = 0..=1, default_missing_value = "en")]
    excel: Option<ExcelLocale>,

    /// Instead of chance: the comments the coder is least sure of for this code (or polarity, irony). They teach a coder most,
    /// and no estimate uses them.
    #[arg(long, value_name = "CODE", conflicts_with = "by")]
    uncertain: Option<String>,

    /// Sheets (or designs) of a sample drawn before: its comments are not asked for again. A larger random sample, with the seed and strata of
    /// the first, holds it: the design has all, the sheet the new ones.
    #[arg(long, value_name = "SHEET", num_args = 1..)]
    without: Vec<PathBuf>,

    /// With --uncertain: whose doubts.
    #[arg(long, value_name = "CODER", default_value = "encoder", requires = "uncertain")]
    coder: CoderChoice,

    /// Models of `causerie train` whose codes go before the built-in ones [default: those of the study].
    #[arg(long = "model", value_name = "FILE")]
    models: Vec<PathBuf>,

    /// Say nothing but errors.
    #[arg(short, long)]
    pub(super) quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum AllocationChoice {
    /// As many from each: what is rare is seen.
    Equal,
    /// In proportion to their sizes.
    Proportional,
}

impl Sample {
    pub(super) fn run(&self, mut record: Run) -> Result<Exit, Stop> {
        let sheet_form = self.form()?;
        self.check_free()?;
        if !(0.0..=1.0).contains(&self.overlap) {
            return Err(Stop::usage(format!("--overlap {}: give a share from 0 to 1", self.overlap)));
        }
        if let Some(twice) =
            self.coders.iter().enumerate().find(|(at, name)| {
                self.coders[..*at].iter().any(|earlier| earlier.to_lowercase() == name.to_lowercase())
            })
        {
            return Err(Stop::usage(format!("--coders names {} twice; each has one sheet", twice.1)));
        }
        let population = population(&self.table)?;
        record.read(population.sheet().path())?;
        if let Some(path) = &self.codebook {
            record.read(path)?;
        }
        let questions = self.asked(Some(&mut record))?;
        let mut drawn = match &self.uncertain {
            Some(code) => self.doubtful(code, &population, &mut record)?,
            None => self.random(&population)?,
        };
        if drawn.is_empty() {
            return Err(Stop::usage("no comment is left to draw"));
        }
        let earlier = self.earlier(&mut record)?;
        let new: Vec<usize> = (0..drawn.len()).filter(|at| !earlier.contains(&drawn[*at].key)).collect();
        if self.uncertain.is_none() && drawn.len() - new.len() < earlier.len() {
            return Err(Stop::usage(format!(
                "--without: {} of the earlier sample would not be in this one, so that probabilities do not add up; give the seed, --by and \
                 --allocation of that one, and a larger -n",
                plural((earlier.len() + new.len() - drawn.len()) as u64, "comment")
            )));
        }
        let mut asked: Vec<Drawn> = new.iter().map(|at| drawn[*at].clone()).collect();
        deal(&mut asked, &self.coders, self.overlap);
        let form = Form { questions, units: asked.iter().map(|drawn| unit(drawn, &population)).collect() };
        for (at, asked) in new.into_iter().zip(asked) {
            drawn[at] = asked;
        }
        let written = self.write(&form, &drawn, sheet_form)?;
        record.set("seed", self.seed.to_string());
        record.count("comments", population.comments.len() as u64);
        record.count("drawn", drawn.len() as u64);
        record.write(&self.output, &written)?;
        if !self.quiet {
            if form.units.len() < drawn.len() {
                remark(&format!("{} asked for now, the others were drawn before", form.units.len()));
            }
            self.close(&population, &drawn, &written);
        }
        Ok(Exit::Done)
    }

    /// What it asks for.
    pub(super) fn questions(&self) -> Result<Vec<Question>, Stop> {
        self.asked(None)
    }

    fn asked(&self, record: Option<&mut Run>) -> Result<Vec<Question>, Stop> {
        let with = coded_with(&self.table, self.codebook.as_deref(), &self.models, record)?;
        let book = coder::codebook_for(with.codebook.as_deref(), &coder::models(&with.models)?)?;
        chosen(&book, &self.codes)
    }

    fn form(&self) -> Result<SheetForm, Stop> {
        let ending =
            self.output.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
        match (ending.as_str(), self.excel) {
            ("csv", excel) => Ok(SheetForm::Csv(excel.map_or(Dialect::Canonical, ExcelLocale::dialect))),
            (_, Some(_)) => Err(Stop::usage("--excel is a dialect of CSV; end the name in .csv, or leave --excel out")),
            ("xlsx", None) => Ok(SheetForm::File(Kind::Xlsx)),
            ("json", None) => Ok(SheetForm::File(Kind::LabelStudio)),
            ("jsonl" | "ndjson", None) => Ok(SheetForm::File(Kind::Doccano)),
            _ => Err(Stop::usage(format!(
                "{}: a sheet ends in .xlsx, .csv, .json (Label Studio) or .jsonl (doccano)",
                self.output.display()
            ))),
        }
    }

    fn random(&self, population: &Population) -> Result<Vec<Drawn>, Stop> {
        let mut strata = vec![String::new(); population.comments.len()];
        for by in &self.by {
            for (stratum, group) in strata.iter_mut().zip(population.groups(by).map_err(Stop::usage)?) {
                let gap = if stratum.is_empty() { "" } else { " " };
                *stratum = format!("{stratum}{gap}{by}={group}");
            }
        }
        let allocation = match self.allocation {
            AllocationChoice::Equal => Allocation::Equal,
            AllocationChoice::Proportional => Allocation::Proportional,
        };
        let (size, count) = (self.size as usize, strata.iter().collect::<BTreeSet<_>>().len());
        let drawn = draw(population, &Sampling { size, strata: &strata, allocation, seed: self.seed });
        if drawn.len() > size {
            return Err(Stop::usage(format!(
                "--by {}: {count} strata, of which two comments each would be {}: more than -n {size}. Draw more, or stratify by less",
                self.by.join(","),
                drawn.len()
            )));
        }
        Ok(drawn)
    }

    /// The comments the coder is least sure of, those of earlier samples left out.
    fn doubtful(&self, code: &str, population: &Population, record: &mut Run) -> Result<Vec<Drawn>, Stop> {
        let reads = match self.coder {
            CoderChoice::Encoder => Reads::Encoder,
            CoderChoice::Linear => Reads::Linear,
            CoderChoice::Rules => return Err(Stop::usage("rules have no doubts; take --coder linear or encoder")),
        };
        let with = coded_with(&self.table, self.codebook.as_deref(), &self.models, Some(record))?;
        let models = coder::models(&with.models)?;
        for path in &with.models {
            record.read(path)?;
        }
        let book = coder::codebook_for(with.codebook.as_deref(), &models)?;
        let coder = Learned::with_models(reads, book, models);
        record.set("coder", coder.name());
        let mut doubt = vec![None; population.comments.len()];
        for thread in threads_of(population.sheet(), "text")?.threads {
            let thread_id = thread.id.clone();
            let discussion = Discussion::of(thread);
            let units = discussion.units();
            let setting = coder.setting(discussion.article());
            let doubts = coder.doubt(&setting, &units, code).ok_or_else(|| {
                Stop::usage(format!(
                    "--uncertain {code}: {} finds no such code, or finds it by patterns, which have no doubts; name polarity, irony, a \
                     built-in code, or one of a --model",
                    coder.name()
                ))
            })?;
            for (comment_id, doubtful) in discussion.ids().zip(doubts) {
                let key = Key { thread_id: thread_id.clone(), comment_id: comment_id.to_owned() };
                if let Some(at) = population.place(&key) {
                    doubt[at] = doubtful;
                }
            }
        }
        for key in self.earlier(record)? {
            if let Some(at) = population.place(&key) {
                doubt[at] = None;
            }
        }
        Ok(most_doubtful(population, &doubt, self.size as usize, self.seed))
    }

    /// What was drawn before: by chance, where this is a random sample.
    pub(super) fn earlier(&self, record: &mut Run) -> Result<HashSet<Key>, Stop> {
        let mut earlier = HashSet::new();
        for sheet in &self.without {
            let design = Design::beside(sheet)
                .ok_or_else(|| Stop::usage(format!("--without {}: no design is beside it", sheet.display())))?;
            record.read(design.path())?;
            let counts = |drawn: &Drawn| self.uncertain.is_some() || drawn.by == DrawnBy::Random;
            earlier.extend(design.read()?.into_iter().filter(counts).map(|drawn| drawn.key));
        }
        Ok(earlier)
    }

    /// Refuses to write over sheets: they may have been filled in since.
    fn check_free(&self) -> Result<(), Stop> {
        let ending = self.output.extension().unwrap_or_default().to_string_lossy();
        let of_coders = self.coders.iter().map(|coder| self.output.with_extension(format!("{coder}.{ending}")));
        let mut all = of_coders.chain([self.output.clone(), self.output.with_extension("design.csv")]);
        match all.find(|path| path.exists()) {
            Some(path) => Err(Stop::usage(format!(
                "{} is there already, and its sheet may have been filled in; give -o another name, or move what is there away first",
                path.display()
            ))),
            None => Ok(()),
        }
    }

    /// Writes a sheet, or one a coder, and the design beside.
    fn write(&self, form: &Form, drawn: &[Drawn], sheet_form: SheetForm) -> Result<Vec<PathBuf>, Stop> {
        let mut written = Vec::new();
        if self.coders.is_empty() {
            sheet_form.write(form, &self.output)?;
            written.push(self.output.clone());
        }
        for coder in &self.coders {
            let units = form.units.iter().filter(|unit| unit.coders.contains(coder));
            let of_one = |unit: &Unit| Unit { coders: vec![coder.clone()], ..unit.clone() };
            let sheet = Form { questions: form.questions.clone(), units: units.map(of_one).collect() };
            let ending = self.output.extension().unwrap_or_default().to_string_lossy();
            let path = self.output.with_extension(format!("{coder}.{ending}"));
            sheet_form.write(&sheet, &path)?;
            written.push(path);
        }
        if sheet_form == SheetForm::File(Kind::LabelStudio) {
            let path = self.output.with_extension("config.xml");
            export::write_whole(&path, hand::label_studio_config(form).as_bytes())?;
            written.push(path);
        }
        let design = self.output.with_extension("design.csv");
        let columns = table::columns_without_codes(Table::Design);
        let mut writer = TableWriter::create(&design, Format::Csv(Dialect::Canonical), columns)?;
        writer.write(&table::design(drawn).map_err(Stop::output)?)?;
        writer.finish()?;
        written.push(design);
        Ok(written)
    }

    fn close(&self, population: &Population, drawn: &[Drawn], written: &[PathBuf]) {
        let how = match (&self.uncertain, self.by.is_empty()) {
            (Some(code), _) => format!("the least sure of {code}; no estimate can use them"),
            (None, true) => "each with the same chance".to_owned(),
            (None, false) => {
                let strata: BTreeSet<&str> = drawn.iter().map(|drawn| drawn.stratum.as_str()).collect();
                format!("by {}, strata: {}", self.by.join(", "), strata.len())
            }
        };
        remark(&format!("{} of {}, {how}", drawn.len(), plural(population.comments.len() as u64, "comment")));
        if !population.left_out.is_empty() {
            remark(&format!(
                "{} deleted or without words: not to be coded",
                plural(population.left_out.len() as u64, "comment")
            ));
        }
        let wanted = self.size as usize;
        if drawn.len() < wanted {
            remark(&format!("{wanted} were asked for, and there are no more"));
        }
        for coder in &self.coders {
            let own = drawn.iter().filter(|drawn| drawn.coders.contains(coder));
            let shared = own.clone().filter(|drawn| drawn.coders.len() > 1).count();
            remark(&format!("{coder}: {}, {shared} of them shared", plural(own.count() as u64, "comment")));
        }
        let names: Vec<String> = written.iter().map(|path| path.display().to_string()).collect();
        remark(&format!("wrote {}", names.join(", ")));
    }
}

/// What a sheet is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SheetForm {
    Csv(Dialect),
    File(Kind),
}

impl SheetForm {
    fn write(self, form: &Form, path: &Path) -> Result<(), Stop> {
        match self {
            Self::Csv(dialect) => {
                let columns = hand::sheet(form).map_err(Stop::output)?;
                let (columns, frame) = table::texts(Table::Form, columns).map_err(Stop::output)?;
                let mut writer = TableWriter::create(path, Format::Csv(dialect), columns)?;
                writer.write(&frame)?;
                Ok(writer.finish()?)
            }
            Self::File(kind) => Ok(export::write_whole(path, &hand::write(form, kind).map_err(Stop::output)?)?),
        }
    }
}

/// What a coder sees of a comment.
pub(super) fn unit(drawn: &Drawn, population: &Population) -> Unit {
    let member = population.get(&drawn.key);
    let parent = member.and_then(|member| population.get(member.parent.as_ref()?));
    Unit {
        text: member.map(|member| member.text.clone()).unwrap_or_default(),
        parent_text: parent.map(|parent| parent.text.clone()),
        article_title: member.and_then(|member| member.article_title.clone()),
        posted_at: member.and_then(|member| member.posted_at.clone()),
        coders: drawn.coders.clone(),
        key: drawn.key.clone(),
    }
}

/// Words that sheets' own companions end in, and what settled answers go by.
const RESERVED: [&str; 5] = ["design", "run", "config", "decisions", ADJUDICATED];

/// A name that can stand in a file's name.
fn coder_name(name: &str) -> Result<String, String> {
    let name = name.trim();
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    if name.is_empty() || name.chars().count() > 40 || !name.chars().all(fits) {
        return Err("a coder's name has 1 to 40 letters, digits, - or _".to_owned());
    }
    if RESERVED.contains(&name.to_lowercase().as_str()) {
        return Err(format!("{name} is what files of causerie are called; take another name"));
    }
    Ok(name.to_owned())
}
