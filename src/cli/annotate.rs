use std::collections::HashMap;
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use tokio::runtime::Runtime;

use super::coder::codebook;
use super::exit::{Exit, Stop, remark};
use super::hand::{answers, chosen};
use super::interrupt::Interrupt;
use super::provenance::Run;
use super::sample::{self, Sample};
use super::study::{design_beside, population, read_design};
use super::summary::plural;
use super::{Command, parse};
use crate::annotate::{Around, Options, Remark, Session, serve};
use crate::hand::{Answer, Form, Journal, JournalError, Key, Question, Said, Unit};
use crate::model::Drawn;
use crate::study::{Member, Population};

/// Comments shown above and below one that is coded.
const AROUND: usize = 50;

const AFTER_HELP: &str = "\
The command prints a link; open it in a browser. It lets one browser in, once; the page makes further links, for a second coder or a phone. Every
decision is on the disk before the next comment is shown, in SHEET.decisions.ndjson: stop with Ctrl-C, start again, go on. Coders do not see what
others coded until they adjudicate. `causerie validate`, `estimate` and `train --hand` read the file of decisions.

Examples:
  causerie annotate study/ sheet.xlsx                       the comments of a sample, as `causerie sample` drew them
  causerie annotate study/ sheet.anne.xlsx sheet.ben.xlsx   settle what two filled sheets differ on
  causerie annotate study/ sheet.design.csv --codes distrust,irony
  causerie annotate study/                                  every comment of a table
  causerie annotate study/ sheet.xlsx --host 192.168.1.20   for phones in the same network, who then can reach the page";

/// Code comments by hand in the browser: each in its thread, with the codebook at hand, by keyboard.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Annotate {
    /// Table of comments that `causerie analyze` wrote, or its folder.
    #[arg(value_name = "TABLE|FOLDER")]
    table: PathBuf,

    /// Sheet that `causerie sample` wrote, or the design beside it [default: all comments of the table]. What is filled in already is taken over; several
    /// sheets are those of several coders of one sample, whose differences are then settled in the page.
    #[arg(value_name = "SHEET")]
    sheets: Vec<PathBuf>,

    /// File of decisions [default: SHEET.decisions.ndjson].
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,

    /// Codebook of the codes to ask for [default: the sheet's, or the built-in one].
    #[arg(long, value_name = "FILE")]
    codebook: Option<PathBuf>,

    /// What to ask for [default: what the sheet asks for, or polarity and the codes of the codebook].
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    codes: Vec<String>,

    /// Address of this machine to serve the page on. Others than loopback let everybody in the network who has a link in.
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    host: IpAddr,

    /// Port; 0 for any that is free.
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    port: u16,
}

impl Annotate {
    pub(super) fn run(&self) -> Result<Exit, Stop> {
        let population = population(&self.table)?;
        let sampled = self.sampled();
        let (book, codes) = match (&sampled, &self.codebook, &self.codes[..]) {
            (None, None, []) => (None, Vec::new()),
            (Some(Ok(sample)), None, []) => (sample.codebook.clone(), sample.codes.clone()),
            (Some(Err(stop)), None, []) => {
                let why = stop.message.as_deref().unwrap_or_default();
                return Err(Stop::usage(format!(
                    "what the sheet asks for is not known: {why}; say it with --codes or --codebook"
                )));
            }
            _ => (self.codebook.clone(), self.codes.clone()),
        };
        let questions = chosen(&codebook(book.as_deref())?, &codes)?;
        let mut drawn = self.drawn(&population)?;
        if let Some(Ok(sample)) = &sampled {
            // What an earlier sheet asked for is not asked again.
            let earlier = sample.earlier(&mut Run::default())?;
            drawn.retain(|drawn| !earlier.contains(&sample::key(drawn)));
        }
        let units: Vec<Unit> = drawn.iter().map(|drawn| sample::unit(drawn, &population)).collect();
        if let Some(unit) = units.iter().find(|unit| unit.text.is_empty()) {
            return Err(Stop::usage(format!(
                "the comment {} of thread {} is not in {}: the sheet is of another table",
                unit.key.comment_id,
                unit.key.thread_id,
                self.table.display()
            )));
        }
        let form = Form { questions, units };
        let filled = self.filled(&population, &form)?;
        let path = self.decisions();
        let journal = Arc::new(Journal::open(&path, &form).map_err(Stop::usage)?);
        let before = journal.answers().len();
        let taken = take_over(&journal, &form, &filled).map_err(Stop::output)?;
        if taken > 0 {
            remark(&format!("{} taken over from the sheets", plural(taken, "comment")));
        }
        let threads = around(&population, &form);
        let runtime = Runtime::new().map_err(|error| Stop::output(format!("no threads to be had: {error}")))?;
        let interrupt = Interrupt::listen(&runtime);
        let session = Session { form, threads, journal: Arc::clone(&journal) };
        let server =
            runtime.block_on(serve(session, Options { host: self.host, port: self.port })).map_err(Stop::usage)?;
        let mut out = anstream::stdout();
        let told = writeln!(out, "{}", server.link()).and_then(|()| out.flush());
        told.map_err(|error| Stop::output(format!("standard output: {error}")))?;
        if !self.host.is_loopback() {
            remark(
                "the page can be reached from the network, without encryption: whoever reads along sees comments and codes",
            );
        }
        remark(&format!("open the link in a browser; decisions go to {}; Ctrl-C ends", path.display()));
        let stop = async move { interrupt.asked().await };
        runtime.block_on(server.until(stop)).map_err(Stop::output)?;
        let made = journal.answers().len();
        remark(&format!(
            "{} in {path}, {} of them new; next: causerie validate {} {path}",
            plural(made as u64, "answer"),
            made.saturating_sub(before),
            self.table.display(),
            path = path.display()
        ));
        Ok(Exit::Done)
    }

    /// The command that drew the sheet, where its record lies beside.
    fn sampled(&self) -> Option<Result<Box<Sample>, Stop>> {
        let record = companion(&design_beside(self.sheets.first()?)?, "run.json");
        record.is_file().then(|| match parse(&Run::load(&record)?.arguments)? {
            Command::Sample(sample) => Ok(sample),
            _ => Err(Stop::usage(format!("{} is the record of another command", record.display()))),
        })
    }

    /// What is filled in in the sheets.
    fn filled(&self, population: &Population, form: &Form) -> Result<Vec<Answer>, Stop> {
        let mut samples: Vec<Option<PathBuf>> = self.sheets.iter().map(|sheet| design_beside(sheet)).collect();
        samples.dedup();
        if samples.len() > 1 {
            return Err(Stop::usage("the sheets are of several samples; give those of one"));
        }
        let sheets: Vec<PathBuf> =
            self.sheets.iter().filter(|sheet| design_beside(sheet).as_ref() != Some(sheet)).cloned().collect();
        answers(&sheets, &form.questions, population, &mut Run::default(), true)
    }

    fn drawn(&self, population: &Population) -> Result<Vec<Drawn>, Stop> {
        let Some(sheet) = self.sheets.first() else {
            let all = |member: &Member| Drawn {
                thread_id: member.key.thread_id.clone(),
                comment_id: member.key.comment_id.clone(),
                ..Drawn::default()
            };
            return Ok(population.comments.iter().map(all).collect());
        };
        let design = design_beside(sheet).ok_or_else(|| {
            Stop::usage(format!(
                "{}: no NAME.design.csv lies beside it, which says what was drawn; name a sheet that `causerie sample` wrote",
                sheet.display()
            ))
        })?;
        read_design(&design)
    }

    fn decisions(&self) -> PathBuf {
        if let Some(path) = &self.journal {
            return path.clone();
        }
        let of: &Path = self.sheets.first().unwrap_or(&self.table);
        match design_beside(of) {
            Some(design) => companion(&design, "decisions.ndjson"),
            None if of.is_dir() => of.join("comments.decisions.ndjson"),
            None => of.with_extension("decisions.ndjson"),
        }
    }
}

/// Puts into the journal what coders answered in sheets and have not in the page: units of which they answered every question. How many.
fn take_over(journal: &Journal, form: &Form, filled: &[Answer]) -> Result<u64, JournalError> {
    let mut said: HashMap<(&Key, &str, &str), &Answer> = HashMap::new();
    let mut coders: Vec<&str> = Vec::new();
    for answer in filled {
        said.insert((&answer.key, &answer.coder, &answer.question), answer);
        if !coders.contains(&answer.coder.as_str()) {
            coders.push(&answer.coder);
        }
    }
    let mut taken = 0;
    for (at, unit) in form.units.iter().enumerate() {
        for coder in &coders {
            let of = |question: &Question| said.get(&(&unit.key, *coder, question.name.as_str())).copied();
            let answers: Option<Vec<Said>> = form
                .questions
                .iter()
                .map(|question| {
                    of(question).map(|answer| Said { value: answer.value.clone(), spans: answer.spans.clone() })
                })
                .collect();
            if let (Some(answers), false) = (answers, journal.has_coded(at, coder)) {
                journal.code(at, coder, answers)?;
                taken += 1;
            }
        }
    }
    Ok(taken)
}

/// The file beside NAME.design.csv that is called NAME and this.
fn companion(design: &Path, ending: &str) -> PathBuf {
    design.with_extension("").with_extension(ending)
}

/// What stands around each unit in its thread.
fn around(population: &Population, form: &Form) -> HashMap<Key, Around> {
    let mut replies: HashMap<&Key, Vec<&Member>> = HashMap::new();
    for member in &population.comments {
        if let Some(parent) = &member.parent {
            replies.entry(parent).or_default().push(member);
        }
    }
    let remark = |member: &Member| Remark {
        author: member.author.clone(),
        posted_at: member.posted_at.clone(),
        text: member.text.clone(),
    };
    let of = |unit: &Unit| {
        let member = population.get(&unit.key)?;
        let above = |member: &&Member| population.get(member.parent.as_ref()?);
        // A circle of replies ends with the number of steps.
        let mut ancestors: Vec<Remark> =
            std::iter::successors(above(&member), above).take(AROUND).map(remark).collect();
        ancestors.reverse();
        let below = replies.get(&unit.key).into_iter().flatten().take(AROUND);
        let around =
            Around { author: member.author.clone(), ancestors, replies: below.map(|member| remark(member)).collect() };
        Some((unit.key.clone(), around))
    };
    form.units.iter().filter_map(of).collect()
}
