use std::collections::{BTreeSet, HashMap};
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use tokio::runtime::Runtime;

use super::coder::{codebook_for, models};
use super::drawn::Design;
use super::exit::{Exit, Stop, remark};
use super::hand::{answers, chosen};
use super::interrupt::Interrupt;
use super::provenance::Run;
use super::sample;
use super::study::{coded_with, population};
use super::summary::plural;
use crate::annotate::{Around, Options, Remark, Session, serve};
use crate::hand::{Answer, Form, Journal, JournalError, Question, Said, Unit};
use crate::model::{Drawn, Key};
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

    /// Sheet that `causerie sample` wrote, or the design beside it [default: all comments of the table]. Comments answered whole in it are taken over; several
    /// sheets are those of several coders of one sample, whose differences are then settled in the page.
    #[arg(value_name = "SHEET")]
    sheets: Vec<PathBuf>,

    /// File of decisions [default: SHEET.decisions.ndjson].
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,

    /// Codebook of the codes to ask for [default: the sheet's, or the one the study was coded with].
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
        let design = self.design()?;
        let (questions, mut drawn) = (self.questions(design.as_ref())?, drawn(design.as_ref(), &population)?);
        // Without its record a sheet is taken to ask for all of its sample.
        if let Some(Ok(Some(sample))) = design.as_ref().map(Design::command) {
            let earlier = sample.earlier(&mut Run::default())?;
            drawn.retain(|drawn| !earlier.contains(&drawn.key));
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
        let path = self.decisions(design.as_ref());
        let journal = Arc::new(Journal::open(&path, &form).map_err(Stop::usage)?);
        let before = journal.answers().len();
        let taken = take_over(&journal, &form, &filled).map_err(Stop::output)?;
        if taken.whole > 0 {
            remark(&format!("{} taken over from the sheets", plural(taken.whole, "comment")));
        }
        if taken.in_part > 0 {
            remark(&format!(
                "{} answered there in part: left to be coded in the page",
                plural(taken.in_part, "comment")
            ));
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
        let next = if made > 0 {
            format!("; next: causerie validate {} {}", self.table.display(), path.display())
        } else {
            String::new()
        };
        let new = made.saturating_sub(before);
        remark(&format!("{} in {}, {new} of them new{next}", plural(made as u64, "answer"), path.display()));
        Ok(Exit::Done)
    }

    /// The design of the sheets, which are of one sample.
    fn design(&self) -> Result<Option<Design>, Stop> {
        let mut designs: Vec<Design> = Vec::new();
        for sheet in &self.sheets {
            designs.push(Design::beside(sheet).ok_or_else(|| {
                Stop::usage(format!(
                    "{}: no NAME.design.csv lies beside it, which says what was drawn; name a sheet that `causerie sample` wrote",
                    sheet.display()
                ))
            })?);
        }
        designs.dedup();
        if designs.len() > 1 {
            return Err(Stop::usage("the sheets are of several samples; give those of one"));
        }
        Ok(designs.pop())
    }

    /// What is asked: as told, or as the sheets ask.
    fn questions(&self, design: Option<&Design>) -> Result<Vec<Question>, Stop> {
        if self.codebook.is_none() && self.codes.is_empty() {
            let unknown = |stop: Stop| {
                let why = stop.message.unwrap_or_default();
                Stop::usage(format!("what the sheet asks for is not known: {why}; say it with --codes or --codebook"))
            };
            if let Some(sample) = design.map_or(Ok(None), Design::command).map_err(unknown)? {
                return sample.questions();
            }
        }
        let with = coded_with(&self.table, self.codebook.as_deref(), &[], None)?;
        chosen(&codebook_for(with.codebook.as_deref(), &models(&with.models)?)?, &self.codes)
    }

    /// What is filled in in the sheets.
    fn filled(&self, population: &Population, form: &Form) -> Result<Vec<Answer>, Stop> {
        let is_sheet = |sheet: &&PathBuf| Design::beside(sheet).is_none_or(|design| design.path() != sheet.as_path());
        let sheets: Vec<PathBuf> = self.sheets.iter().filter(is_sheet).cloned().collect();
        answers(&sheets, &form.questions, population, &mut Run::default(), true)
    }

    fn decisions(&self, design: Option<&Design>) -> PathBuf {
        match (&self.journal, design) {
            (Some(path), _) => path.clone(),
            (None, Some(design)) => design.companion("decisions.ndjson"),
            (None, None) if self.table.is_dir() => self.table.join("comments.decisions.ndjson"),
            (None, None) => self.table.with_extension("decisions.ndjson"),
        }
    }
}

/// The comments of a sample, or all there are.
fn drawn(design: Option<&Design>, population: &Population) -> Result<Vec<Drawn>, Stop> {
    let all = |member: &Member| Drawn { key: member.key.clone(), ..Drawn::default() };
    design.map_or_else(|| Ok(population.comments.iter().map(all).collect()), Design::read)
}

/// How many comments were taken over from sheets, and how many were answered there in part.
#[derive(Default)]
struct Taken {
    whole: u64,
    in_part: u64,
}

/// Puts into the journal what coders answered in sheets and have not in the page: comments of which they answered every question.
fn take_over(journal: &Journal, form: &Form, filled: &[Answer]) -> Result<Taken, JournalError> {
    let mut said: HashMap<(&Key, &str), HashMap<&str, &Answer>> = HashMap::new();
    for answer in filled {
        said.entry((&answer.key, &answer.coder)).or_default().insert(&answer.question, answer);
    }
    let coders: BTreeSet<&str> = filled.iter().map(|answer| answer.coder.as_str()).collect();
    let mut taken = Taken::default();
    for (at, unit) in form.units.iter().enumerate() {
        for coder in coders.iter().filter(|coder| !journal.has_coded(at, coder)) {
            let Some(said) = said.get(&(&unit.key, *coder)) else { continue };
            let answer = |question: &Question| {
                let Answer { value, spans, .. } = said.get(question.name.as_str())?;
                Some(Said { value: value.clone(), spans: spans.clone() })
            };
            match form.questions.iter().map(answer).collect() {
                Some(answers) => {
                    journal.code(at, coder, answers)?;
                    taken.whole += 1;
                }
                None => taken.in_part += 1,
            }
        }
    }
    Ok(taken)
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
