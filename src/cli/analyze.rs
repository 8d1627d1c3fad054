use std::path::Path;
use std::sync::Arc;

use clap::Args;
use tokio::runtime::Runtime;

use super::authors::AuthorArgs;
use super::coder::{CodingArgs, code_columns};
use super::destination::{Destination, TablesOutput, Writers};
use super::exit::{Exit, Stop, remark, report};
use super::harvest::{Harvest, HostProgress};
use super::interrupt::Interrupt;
use super::progress::Bar;
use super::provenance::Run;
use super::rerun::Redirection;
use super::road::{self, Gathering};
use super::snapshots::{ThreadArchive, jobs_of, once, run_name};
use super::summary::{Closing, Summary};
use super::web::Web;
use crate::codebook::Codebook;
use crate::fetch::Fetcher;
use crate::input::{self, Captures, InputOptions};
use crate::model::{Failure, Limits, Stage};
use crate::table::{AuthorPolicy, Tables};

const AFTER_HELP: &str = "\
Examples:
  causerie analyze https://example.org/article -o thread.csv
  causerie analyze pages/ -o study/            comments.csv, codings.csv, threads.csv, errors.csv
  causerie analyze 'pages/**/*.html' archive.warc.gz -o comments.parquet
  causerie analyze pasted.txt --excel fr -o thread.csv
  pbpaste | causerie analyze - -o -            standard input → CSV on standard output
  causerie analyze pages/ --codebook my.toml --authors drop -o study/
  causerie analyze archive/ --coder linear -o study/      millions of comments
  causerie analyze thread.warc.gz -o again.csv            the same thread again, without the web
  causerie analyze pages/ --model mine.safetensors --min-confidence 0.8 -o study/";

/// Find the comments of articles, code their sentiment and themes, and write them as tables.
///
/// Inputs may be mixed: web addresses, saved pages (HTML, MHTML, web archives, zip files of them), text copied or printed from a browser, saved API answers
/// (JSON), WARC archives, folders and patterns of these. What an input is, is told by its content. Pages of one
/// thread are joined.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Analyze {
    /// Web address, file, folder, pattern in quotes, or - for standard input.
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<String>,

    #[command(flatten)]
    to: TablesOutput,

    #[command(flatten)]
    coding: CodingArgs,

    #[command(flatten)]
    authors: AuthorArgs,

    /// Add a column with the HTML of each comment.
    #[arg(help_heading = "Output", long)]
    keep_html: bool,

    #[command(flatten)]
    web: Web,

    /// Keep no archive of what was fetched; otherwise it lies beside the tables (thread.warc.gz, or archive.warc.gz in a folder).
    #[arg(help_heading = "Web addresses", long)]
    no_archive: bool,

    /// Of archives with several snapshots of a thread the last one up to this day or instant (UTC) [default: the last].
    #[arg(long, value_name = "YYYY-MM-DD[THH:MM:SSZ]", value_parser = day_or_instant)]
    as_of: Option<String>,

    /// Largest page read, in MiB after decompression.
    #[arg(long, value_name = "MIB", default_value_t = 32, value_parser = clap::value_parser!(u64).range(1..=4096))]
    max_page_size: u64,

    /// Say nothing but errors.
    #[arg(short, long)]
    quiet: bool,
}

impl Analyze {
    pub(super) fn run(&self, mut record: Run) -> Result<Exit, Stop> {
        let runtime = Runtime::new().map_err(|error| Stop::output(format!("no threads to be had: {error}")))?;
        let interrupt = Interrupt::listen(&runtime);
        let destination = self.to.destination()?;
        let (coder, book) = self.coding.chosen(self.quiet)?;
        let columns = code_columns(&book);
        let (typed, paths): (Vec<_>, Vec<_>) = self.inputs.iter().cloned().partition(|input| input::is_url(input));
        let options = InputOptions { max_page_size: self.max_page_size << 20 };
        let mut plan = if paths.is_empty() {
            input::Plan::default()
        } else {
            input::plan(&paths, &options).map_err(Stop::usage)?
        };
        self.record(&mut record, &plan, &book, coder.name(), &interrupt)?;
        if let Some(to) = &destination
            && let Some(place) = to.place()
        {
            record.spare_changed(&place, &to.coded_tables())?;
        }
        let (archives, plan) = interrupt.apart(move || (plan.take_captures(), plan))?;
        self.has_snapshot(&archives)?;
        let live = Live::of(typed, &self.web, options.max_page_size)?;

        let beside = destination.as_ref().and_then(Destination::archive).filter(|_| !self.no_archive);
        let (output, tables) = destination.as_ref().map(|to| (to.place(), to.tables())).unwrap_or_default();
        let writers = match destination {
            Some(destination) => {
                let policy = self.authors.policy(self.quiet)?;
                if let AuthorPolicy::Pseudonym(key) = &policy {
                    record.set("author_key", key.fingerprint());
                }
                let tables = Tables::new(columns, policy, self.keep_html).map_err(Stop::usage)?;
                Some(Writers::open(destination, tables)?)
            }
            None => None,
        };
        let replayed = archives.latest(self.as_of.as_deref()).len();
        let bar = Arc::new(Bar::new(
            plan.items.len() + live.as_ref().map_or(0, |live| live.urls.len()) + replayed,
            self.quiet,
        ));

        let mut gathering = Gathering::new(self.keep_html, &interrupt, &*bar);
        let (archive, rate_limited) = match live {
            Some(live) => live.follow(&self.web, beside.as_deref(), &runtime, &interrupt, &bar, &mut gathering)?,
            None => (None, false),
        };
        gathering.replay(&runtime, &archives, self.as_of.as_deref(), options.max_page_size)?;
        let ignored = plan.ignored;
        gathering.read(plan)?;
        let mut gathered = gathering.finish()?;
        let mut failures = std::mem::take(&mut gathered.failures);
        let pages = gathered.pages;
        if pages == 0 && failures.is_empty() {
            failures.push(self.nothing_read());
        }

        let mut writers = writers;
        let mut summary = Summary::new(&book);
        self.coding.announce(gathered.comments, self.quiet);
        bar.coding(gathered.comments);
        road::code(gathered, coder.as_ref(), &interrupt, &*bar, |threads| {
            summary.add(&threads);
            writers.as_mut().map_or(Ok(()), |writers| writers.write(&threads))
        })?;
        interrupt.check()?;
        bar.finish();

        let mut written = match writers {
            Some(writers) => Some(writers.finish(&failures, summary.threads() > 0)?),
            None => None,
        };
        if let (Some(archive), Some(written)) = (archive, &mut written) {
            // What a host refused for now waits for the same command to go on with it; without a thread the older tables stay, and so
            // does their archive.
            if summary.threads() > 0 && !rate_limited {
                written.push(archive.finish()?);
            } else if !rate_limited {
                archive.discard();
            }
        }
        if let (Some(output), Some(written), true) = (output, &written, summary.threads() > 0) {
            record.count("pages", pages);
            record.count("threads", summary.threads());
            record.count("comments", summary.comments());
            record.count("failures", failures.len() as u64);
            let archive = written.iter().filter(|path| path.is_file() && !tables.contains(path));
            record.write(&output, &tables.iter().chain(archive).cloned().collect::<Vec<_>>())?;
        }
        self.close(&summary, &failures, &Closing { pages: Some(pages), ignored, written })?;
        Ok(match failures.is_empty() {
            true => Exit::Done,
            false if rate_limited => Exit::RateLimited,
            false => Exit::SomeFailed,
        })
    }

    /// What the result will depend on.
    fn record(
        &self,
        record: &mut Run,
        plan: &input::Plan,
        book: &Codebook,
        coder: &str,
        interrupt: &Interrupt,
    ) -> Result<(), Stop> {
        if self.to.output.is_none() {
            return Ok(());
        }
        for item in &plan.items {
            interrupt.check()?;
            record.read(Path::new(item.source()))?;
        }
        self.coding.record(record, book, coder)
    }

    /// How comments are coded.
    pub(super) fn coding(&self) -> &CodingArgs {
        &self.coding
    }

    /// Has it write elsewhere, and read an archive instead of the web.
    pub(super) fn redirect(&mut self, to: &Redirection<'_>) {
        (self.to.output, self.quiet) = (Some(to.output.to_owned()), true);
        if let Some(key) = to.author_key {
            self.authors.author_key = Some(key.to_owned());
        }
        if let Some(archive) = to.archive {
            let mut places: Vec<String> = vec![archive.to_string_lossy().into_owned()];
            places.extend(self.inputs.drain(..).filter(|input| !input::is_url(input)));
            self.inputs = places;
        }
    }

    /// Refuses a day before all snapshots: an empty study would look like an answer. So would one of pages that have no snapshots.
    fn has_snapshot(&self, archives: &Captures) -> Result<(), Stop> {
        let Some(limit) = &self.as_of else { return Ok(()) };
        match archives.first() {
            Some(first) if archives.latest(Some(limit)).is_empty() => {
                Err(Stop::usage(format!("--as-of {limit}: there is no snapshot up to then; the first is of {first}")))
            }
            None if archives.failures().is_empty() => Err(Stop::usage(format!(
                "--as-of {limit}: no input has snapshots, only archives of causerie fetch do; leave --as-of out"
            ))),
            _ => Ok(()),
        }
    }

    /// The failure of inputs that hold no page, and nothing that could be told of by itself: an archive of pictures.
    fn nothing_read(&self) -> Failure {
        Failure {
            source: self.inputs.join(", "),
            url: None,
            stage: Stage::Input,
            reason: "no_pages".to_owned(),
            message: "no page in what was given; it should hold saved HTML, JSON answers, .txt or .warc files"
                .to_owned(),
        }
    }

    /// The last words: failures always, the summary where it is the result, a line where tables are.
    fn close(&self, summary: &Summary, failures: &[Failure], closing: &Closing) -> Result<(), Stop> {
        let listed = if closing.written.as_ref().is_some_and(|written| !written.is_empty()) { 10 } else { usize::MAX };
        for failure in failures.iter().take(listed) {
            report(&format!("{}: {}", failure.source, failure.message));
        }
        if failures.len() > listed {
            remark(&format!("… and {} more failures; all are in the table of errors", failures.len() - listed));
        }
        match &closing.written {
            None if summary.threads() > 0 => return summary.print(),
            None => {}
            Some(_) if self.quiet => {}
            Some(written) if written.is_empty() && summary.threads() == 0 => {
                remark("no thread was found; the tables that are there are of an earlier run and stay as they are");
            }
            Some(_) => {
                for line in summary.closing_lines(closing) {
                    remark(&line);
                }
            }
        }
        Ok(())
    }
}

/// Addresses to follow.
struct Live {
    typed: Vec<String>,
    urls: Vec<String>,
    fetcher: Fetcher,
    limits: Limits,
    max_page_size: u64,
}

impl Live {
    /// None where there is no address.
    fn of(typed: Vec<String>, web: &Web, max_page_size: u64) -> Result<Option<Self>, Stop> {
        let (urls, limits) = (once(&typed), web.limits()?);
        if urls.is_empty() {
            return Ok(None);
        }
        Ok(Some(Self { fetcher: web.fetcher(max_page_size)?, typed, urls, limits, max_page_size }))
    }

    /// Follows them; the archive of what came, and whether a host wants to be left alone.
    fn follow(
        mut self,
        web: &Web,
        beside: Option<&Path>,
        runtime: &Runtime,
        interrupt: &Interrupt,
        bar: &Arc<Bar>,
        gathering: &mut Gathering<'_>,
    ) -> Result<(Option<ThreadArchive>, bool), Stop> {
        for url in &self.typed {
            self.fetcher.name(url);
        }
        let mut archive = match beside {
            Some(path) => Some(ThreadArchive::open(path, &self.urls, &self.limits, web)?),
            None => None,
        };
        if let Some(archive) = &archive {
            self.fetcher = self.fetcher.with_archive(Arc::clone(&archive.archive));
        }
        let had = archive.as_mut().map(ThreadArchive::take_had).unwrap_or_default();
        let harvest = Harvest {
            fetcher: Arc::new(self.fetcher),
            run: archive.as_ref().map_or_else(run_name, |archive| archive.run.clone()),
            limits: self.limits,
            parallel: web.parallel(),
            jobs: jobs_of(&self.urls, &had),
            had: Arc::new(had),
            max_page_size: self.max_page_size,
        };
        let hosts: Arc<dyn HostProgress> = bar.clone();
        let mut rate_limited = false;
        let followed = harvest.run(runtime, interrupt, &hosts, |done| {
            rate_limited |= done.followed.is_rate_limited();
            gathering.followed(done.number, done.followed)
        });
        match (followed, archive) {
            (Ok(()), archive) => Ok((archive, rate_limited)),
            (Err(stop), Some(archive)) => Err(archive.interrupted(stop)),
            (Err(stop), None) => Err(stop),
        }
    }
}

/// A day, or an instant in UTC to the second, as archives write it.
fn day_or_instant(given: &str) -> Result<String, String> {
    if given.parse::<jiff::civil::Date>().is_ok() && given.len() == 10 {
        return Ok(given.to_owned());
    }
    let instant =
        given.parse::<jiff::Timestamp>().map_err(|_| "give a day (2026-11-01) or an instant (2026-11-01T10:00:00Z)")?;
    Ok(jiff::Timestamp::from_second(instant.as_second()).map_err(|error| error.to_string())?.to_string())
}
