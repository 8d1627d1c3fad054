//! The report: one HTML file.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::destination::make_folder;
use super::exit::{Exit, Stop, remark};
use super::hand::{Read, remarks};
use super::provenance::{Digested, Run};
use super::study::{Opened, StudyArgs, translate};
use super::validate::SEED;
use crate::export::write_whole;
use crate::model::{Agreement, Share};
use crate::report::{Language, Made, Report as Page};
use crate::study::agreement::Bootstrap;
use crate::study::estimate::Estimand;
use crate::study::{Correction, corrected, reliability};

const CONFIDENCE: f64 = 0.95;
const MARGIN: f64 = 0.05;

const AFTER_HELP: &str = "\
Examples:
  causerie report study/ -o report.html
  causerie report study/ -o rapport.html --lang fr
  causerie report study/ -o report.html --hand sheet.anne.xlsx sheet.ben.xlsx     shares corrected by what people coded";

/// Write a report for the browser: findings in words, charts, every comment with its evidence. One file, without the web.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Report {
    #[command(flatten)]
    study: StudyArgs,

    /// The file.
    #[arg(short, long, value_name = "FILE.html", default_value = "report.html")]
    pub(super) output: PathBuf,

    /// Language of the report [default: that of most comments, if it is one of these, else en].
    #[arg(long, value_name = "LANGUAGE")]
    lang: Option<ReportLanguage>,

    /// Its title [default: the article's].
    #[arg(long, value_name = "TITLE")]
    title: Option<String>,

    /// Folder for the charts of shares, sentiment and time as Vega-Lite specifications: for notebooks.
    #[arg(long, value_name = "FOLDER")]
    vega_lite: Option<PathBuf>,

    /// The sheets of --hand have no design beside them and are of a simple random sample: every comment had the same chance.
    #[arg(long, requires = "hand")]
    simple_random: bool,

    /// Say nothing but errors.
    #[arg(short, long)]
    pub(super) quiet: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ReportLanguage {
    En,
    Fr,
}

impl Report {
    pub(super) fn run(&self, mut record: Run) -> Result<Exit, Stop> {
        let ending = self.output.extension().map(std::ffi::OsStr::to_ascii_lowercase);
        if self.output.is_dir() || !ending.is_some_and(|ending| ending == "html" || ending == "htm") {
            return Err(Stop::usage(format!(
                "-o {}: a report is one file for the browser; name it, such as report.html",
                self.output.display()
            )));
        }
        let mut opened = self.study.read(&mut record, self.quiet)?;
        record.spare(&[&self.output])?;
        let language = self.language(&opened);
        if let Some(book) = &opened.book {
            translate(&mut opened.study, book, language.tag());
        }
        let (shares, agreement) = match &opened.hand {
            Some(read) => self.of_people(read)?,
            None => (Vec::new(), Vec::new()),
        };
        let page = Page {
            study: &opened.study,
            language,
            title: self.title.as_deref(),
            shares: &shares,
            agreement: &agreement,
            made: made(&opened),
        };
        let html = page.html().map_err(Stop::output)?;
        write_whole(&self.output, html.as_bytes())?;
        if let Some(folder) = &self.vega_lite {
            make_folder(folder)?;
            for (name, chart) in page.vega_lite() {
                let json = serde_json::to_vec_pretty(&chart).map_err(Stop::output)?;
                write_whole(&folder.join(format!("{name}.vl.json")), &json)?;
            }
        }
        record.count("threads", opened.study.threads.len() as u64);
        record.count("comments", opened.study.threads.iter().map(|thread| thread.comments.len() as u64).sum());
        record.write(&self.output, std::slice::from_ref(&self.output))?;
        if !self.quiet {
            remark(&format!("wrote {}; open it in a browser", self.output.display()));
        }
        Ok(Exit::Done)
    }

    /// Has it write elsewhere, and nothing to the terminal.
    pub(super) fn redirect(&mut self, output: PathBuf) {
        // The charts are not what a record is of.
        (self.output, self.quiet, self.vega_lite) = (output, true, None);
    }

    /// What the hand-coded sample says of all comments, and of the machine.
    fn of_people(&self, read: &Read) -> Result<(Vec<Share>, Vec<Agreement>), Stop> {
        let hand = read.joined();
        // As `validate` draws them, so that both tell the same.
        let bootstrap = Bootstrap { seed: SEED, ..Bootstrap::default() };
        if !self.quiet {
            for line in remarks(&hand, &read.population) {
                remark(&line);
            }
        }
        let agreement = reliability(&read.population, &hand, &[], &bootstrap).map_err(Stop::usage)?.measures;
        if read.design.is_none() && !self.simple_random {
            remark(
                "how the comments were drawn is not known (no NAME.design.csv lies beside the sheets), so no share is corrected; say --simple-random \
                 if every comment had the same chance",
            );
            return Ok((Vec::new(), agreement));
        }
        let correction = Correction { estimand: Estimand::Finite, confidence: CONFIDENCE, margin: MARGIN };
        Ok((corrected(&read.population, &hand, &[], &correction).map_err(Stop::usage)?.shares, agreement))
    }

    fn language(&self, opened: &Opened) -> Language {
        match self.lang {
            Some(ReportLanguage::En) => Language::English,
            Some(ReportLanguage::Fr) => Language::French,
            None => {
                let comments = opened.study.threads.iter().flat_map(|thread| &thread.comments);
                let (mut french, mut known) = (0, 0);
                for language in comments.filter_map(|comment| comment.language.as_deref()) {
                    known += 1;
                    french += usize::from(language == "fr");
                }
                if 2 * french > known { Language::French } else { Language::English }
            }
        }
    }
}

/// What the record of the study says, and the tables as they are now.
fn made(opened: &Opened) -> Made {
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let Some(run) = &opened.made_by else { return Made { version, ..Made::default() } };
    let mut facts = vec![
        ("version".to_owned(), run.causerie.clone()),
        ("command".to_owned(), format!("causerie {}", run.arguments.join(" "))),
        ("ended".to_owned(), run.ended_at.clone()),
    ];
    facts.extend(run.settings.iter().map(|(name, value)| (name.clone(), value.clone())));
    facts.extend(run.counts.iter().map(|(name, count)| (name.clone(), count.to_string())));
    let files = |files: &[Digested]| files.iter().map(|file| (file.path.clone(), file.sha256.clone())).collect();
    Made { version, facts, inputs: files(&run.inputs), outputs: files(&run.outputs) }
}
