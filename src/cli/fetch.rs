use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use tokio::runtime::Runtime;

use super::exit::{Exit, Stop, remark, report};
use super::harvest::{Harvest, HostProgress, Job, host};
use super::interrupt::Interrupt;
use super::progress::FetchView;
use super::snapshots::{list, once, run_name};
use super::summary::plural;
use super::web::Web;
use crate::export::{Dialect, Format, TableWriter, finish_all};
use crate::fetch::Archive;
use crate::input::{Captures, is_url};
use crate::model::{Failure, Visit, VisitState};
use crate::site;
use crate::table::{AuthorPolicy, Table, Tables};

/// Failures told one by one; all are in the table.
const TOLD: usize = 10;

const AFTER_HELP: &str = "\
Examples:
  causerie fetch https://example.org/article -o archive/
  causerie fetch -i urls.txt -o archive/                    one address a line
  causerie fetch -o archive/ --resume                       go on where a run was broken off
  causerie fetch -i urls.txt -o archive/ --dry-run          what would be asked, and how long it takes
  causerie fetch -i urls.txt -o archive/                    again, a month later: a new snapshot of each thread
  causerie analyze archive/ -o study/                       the tables, without the web
  causerie analyze archive/ --as-of 2026-11-01 -o before/   the tables of an earlier snapshot

The folder gets pages-00001.warc.gz … (every request and answer, names included), addresses.csv (what each address came
to) and errors.csv.

Exit codes beside the usual ones:
  4  a host asked to be left alone for a while; go on later with --resume";

/// Fetch whole threads into an archive that proves what was seen.
///
/// Every address is followed to the end of its thread: further pages, calls of the comment system, folded replies. What
/// comes is kept as it came (WARC), so that tables can be made of it again and again.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
#[expect(clippy::struct_excessive_bools, reason = "options of the command line")]
pub(super) struct Fetch {
    /// Web addresses: articles, topics of forums, posts.
    #[arg(value_name = "URL")]
    urls: Vec<String>,

    /// File with one address a line; `#` begins a remark; - for standard input.
    #[arg(short, long, value_name = "FILE")]
    input: Vec<PathBuf>,

    /// Folder of the archive.
    #[arg(short, long, value_name = "FOLDER")]
    output: PathBuf,

    /// Go on with the last run of the archive: what is done is not asked again.
    #[arg(long, conflicts_with = "no_archive")]
    resume: bool,

    /// Keep no pages, only the tables of what came: to try out what a list of addresses gives.
    #[arg(long)]
    no_archive: bool,

    /// Ask nothing; say what would be asked.
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    web: Web,

    /// Largest page read, in MiB after decompression.
    #[arg(long, value_name = "MIB", default_value_t = 32, value_parser = clap::value_parser!(u64).range(1..=4096))]
    max_page_size: u64,

    /// Say nothing but errors.
    #[arg(short, long)]
    quiet: bool,
}

impl Fetch {
    pub(super) fn run(&self) -> Result<Exit, Stop> {
        let typed = self.given()?;
        let given = once(&typed);
        let had = if self.no_archive { Captures::default() } else { Captures::open(&Archive::files(&self.output)) };
        for failure in had.failures() {
            // What a killed run leaves is cut off when the archive is opened to write.
            remark(&format!("{}: {}", failure.source, failure.message));
        }
        let work = Work::of(given, &had, self.resume)?;
        if work.jobs.is_empty() && work.visits.is_empty() {
            return Err(Stop::usage("no address to fetch; give addresses, or a file of them with -i"));
        }
        let ended = |visit: &&Visit| matches!(visit.state, VisitState::Partial | VisitState::Failed);
        let incomplete = work.visits.values().filter(ended).count();
        if self.resume && incomplete > 0 {
            remark(&format!(
                "{incomplete} of the run's addresses failed or were stopped by a limit, and are not asked again; a new run (without \
                 --resume) asks them all, with its own options"
            ));
        }
        if self.dry_run {
            self.preview(&work);
            return Ok(Exit::Done);
        }
        let limits = self.web.limits()?;
        let max_page_size = self.max_page_size << 20;
        let mut fetcher = self.web.fetcher(max_page_size)?;
        for url in &typed {
            fetcher.name(url);
        }
        fs::create_dir_all(&self.output)
            .map_err(|error| Stop::output(format!("cannot make the folder {}: {error}", self.output.display())))?;
        if !self.no_archive {
            let archive = Archive::folder(&self.output, &self.web.about()).map_err(Stop::output)?;
            list(&archive, &work.run, &work.new);
            fetcher = fetcher.with_archive(Arc::new(archive));
        }
        let runtime = Runtime::new().map_err(|error| Stop::output(format!("no threads to be had: {error}")))?;
        let interrupt = Interrupt::listen(&runtime);
        let Work { run, jobs, mut visits, mut failures, .. } = work;
        let view = Arc::new(FetchView::new(jobs.len(), self.quiet));
        let hosts: Arc<dyn HostProgress> = view.clone();
        let harvest = Harvest {
            fetcher: Arc::new(fetcher),
            run,
            limits,
            parallel: self.web.parallel(),
            jobs,
            had: Arc::new(had),
            max_page_size,
        };
        harvest
            .run(&runtime, &interrupt, &hosts, |done| {
                view.done(&done.visit);
                // A rate that was exceeded is no fault of the address: it waits.
                if done.visit.state != VisitState::Waiting {
                    failures.extend(done.failures.into_iter().map(|failure| (done.number, failure)));
                }
                visits.insert(done.number, done.visit);
                Ok(())
            })
            .map_err(|stop| self.interrupted(stop))?;
        view.finish();
        failures.sort_by_key(|(number, _)| *number);
        let failures: Vec<Failure> = failures.into_iter().map(|(_, failure)| failure).collect();
        let visits: Vec<Visit> = visits.into_values().collect();
        self.tables(&visits, &failures)?;
        Ok(self.close(&visits, &failures))
    }

    /// What was fetched before an interruption stays.
    fn interrupted(&self, stop: Stop) -> Stop {
        if stop.exit != Exit::Interrupted || self.no_archive {
            return stop;
        }
        let message = format!("interrupted; go on with: causerie fetch -o {} --resume", self.output.display());
        Stop { message: Some(message), ..stop }
    }

    /// The addresses given, as typed.
    fn given(&self) -> Result<Vec<String>, Stop> {
        let mut urls = self.urls.clone();
        for path in &self.input {
            let text = if path.as_os_str() == "-" {
                let mut text = String::new();
                std::io::stdin().read_to_string(&mut text).map(|_| text)
            } else {
                fs::read_to_string(path)
            };
            let text = text.map_err(|error| {
                Stop::usage(format!("{}: {error}; give a text file with one address a line", path.display()))
            })?;
            // An address holds no blank: what follows one and begins with # is a remark, too.
            let address = |line: &str| {
                line.split_once([' ', '\t'])
                    .filter(|(_, rest)| rest.trim_start().starts_with('#'))
                    .map_or(line, |(url, _)| url)
                    // As mails and spreadsheets set them.
                    .trim_matches(['"', '\'', '<', '>', '‹', '›', '«', '»', ',', ';', '\u{a0}'])
                    .to_owned()
            };
            let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
            let addresses = lines.filter(|line| !line.starts_with('#')).map(address);
            urls.extend(addresses.filter(|address| !address.is_empty()));
        }
        Ok(urls)
    }

    fn preview(&self, work: &Work) {
        let mut hosts: BTreeMap<String, usize> = BTreeMap::new();
        for job in &work.jobs {
            *hosts.entry(host(&job.url)).or_default() += 1;
        }
        remark(&format!(
            "{} addresses on {} hosts would be asked, {} are done already",
            work.jobs.len(),
            hosts.len(),
            work.visits.len()
        ));
        let mut most: Vec<(&String, &usize)> = hosts.iter().collect();
        most.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
        for (host, count) in most.iter().take(TOLD) {
            remark(&format!("{count:>8}  {host}"));
        }
        if most.len() > TOLD {
            remark(&format!("        … and {} more hosts", most.len() - TOLD));
        }
        for job in work.jobs.iter().filter(|job| !is_url(&job.url)).take(TOLD) {
            remark(&format!("no web address, it should begin with https://: {}", job.url));
        }
        let longest = most.first().map_or(0.0, |(_, count)| **count as f64) * self.web.interval();
        let all = work.jobs.len() as f64 * self.web.interval() / self.web.parallel() as f64;
        remark(&format!(
            "at least {} with --interval {}, and for every further page of a thread as much again",
            duration(longest.max(all)),
            self.web.interval()
        ));
    }

    fn tables(&self, visits: &[Visit], failures: &[Failure]) -> Result<(), Stop> {
        let tables = Tables::new(Vec::new(), AuthorPolicy::Drop, false).map_err(Stop::usage)?;
        let open = |table: Table| {
            let path = self.output.join(table.as_str()).with_extension("csv");
            TableWriter::create(&path, Format::Csv(Dialect::Canonical), tables.columns(table))
        };
        let (mut addresses, mut errors) = (open(Table::Addresses)?, open(Table::Errors)?);
        addresses.write(&tables.addresses(visits).map_err(Stop::output)?)?;
        errors.write(&tables.errors(failures).map_err(Stop::output)?)?;
        finish_all(vec![addresses, errors])?;
        Ok(())
    }

    fn close(&self, visits: &[Visit], failures: &[Failure]) -> Exit {
        let count = |state: VisitState| visits.iter().filter(|visit| visit.state == state).count();
        let (partial, failed) = (count(VisitState::Partial), count(VisitState::Failed));
        let waiting = count(VisitState::Waiting);
        for failure in failures.iter().take(TOLD) {
            report(&format!("{}: {}", failure.source, failure.message));
        }
        if failures.len() > TOLD {
            remark(&format!(
                "… and {} more; all are in {}",
                failures.len() - TOLD,
                self.output.join("errors.csv").display()
            ));
        }
        if !self.quiet {
            let comments: u64 = visits.iter().map(|visit| visit.parsed_count).sum();
            let requests: u64 = visits.iter().map(|visit| visit.requests).sum();
            remark(&format!(
                "{} of {} done, {}, {}",
                count(VisitState::Done),
                plural(visits.len() as u64, "address"),
                plural(comments, "comment"),
                plural(requests, "request")
            ));
            if partial + failed > 0 {
                remark(&format!("{partial} in part, {failed} failed: {}", by_cause(visits, failures)));
            }
            if !self.no_archive && failed < visits.len() {
                remark(&format!("tables: causerie analyze {0} -o study/", self.output.display()));
            }
        }
        if waiting > 0 {
            let how = if self.no_archive {
                "run again later".to_owned()
            } else {
                format!("go on later with: causerie fetch -o {} --resume", self.output.display())
            };
            let mut waiting_for = visits.iter().filter(|visit| visit.state == VisitState::Waiting);
            if let Some(why) = waiting_for.find_map(|visit| visit.notes.last()) {
                remark(why);
            }
            report(&format!("{waiting} addresses wait: their hosts want to be left alone; {how}"));
            return Exit::RateLimited;
        }
        if failures.is_empty() { Exit::Done } else { Exit::SomeFailed }
    }
}

/// `404 × 3, robots × 1`; a thread that is there in part without a failure was stopped by a limit.
fn by_cause(visits: &[Visit], failures: &[Failure]) -> String {
    let mut causes: BTreeMap<&str, usize> = BTreeMap::new();
    let stopped = visits.iter().filter(|visit| visit.state == VisitState::Partial && visit.reason.is_none()).count();
    if stopped > 0 {
        causes.insert("limit", stopped);
    }
    for failure in failures {
        *causes.entry(&failure.reason).or_default() += 1;
    }
    let mut causes: Vec<(&str, usize)> = causes.into_iter().collect();
    causes.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    causes.iter().map(|(cause, count)| format!("{cause} × {count}")).collect::<Vec<_>>().join(", ")
}

fn duration(seconds: f64) -> String {
    match seconds as u64 {
        0..120 => format!("{:.0} seconds", seconds.ceil()),
        120..7200 => format!("{:.0} minutes", seconds / 60.0),
        _ => format!("{:.1} hours", seconds / 3600.0),
    }
}

/// What is to be done, and what is.
struct Work {
    run: String,
    /// Addresses the archive does not list for this run yet.
    new: Vec<String>,
    jobs: Vec<Job>,
    /// What is done, by number.
    visits: BTreeMap<u64, Visit>,
    failures: Vec<(u64, Failure)>,
}

impl Work {
    fn of(given: Vec<String>, had: &Captures, resume: bool) -> Result<Self, Stop> {
        // An address keeps its number over all snapshots, so that tables of them are in one order; those that no run came to have
        // the number their run would have given them.
        let mut numbers: HashMap<&str, u64> = HashMap::new();
        for url in had.listed() {
            let next = numbers.len() as u64;
            numbers.entry(url).or_insert(next);
        }
        numbers.extend(had.captures().iter().map(|capture| (capture.seed.as_str(), capture.number)));
        // The same thread by another address is the thread the archive has.
        let seeds: HashMap<String, &str> =
            had.listed().filter_map(|seed| Some((site::thread_key(seed)?, seed))).collect();
        let seed = |url: String| {
            let scheme = |url: &str| url.split(':').next().map(str::to_ascii_lowercase);
            let known = site::thread_key(&url).and_then(|key| seeds.get(&key).copied());
            known.filter(|known| scheme(known) == scheme(&url)).map_or(url.clone(), str::to_owned)
        };
        let given: Vec<String> = given.into_iter().map(seed).collect();
        let (run, listed) = match had.last_run() {
            Some((run, urls)) if resume => (run.to_owned(), urls),
            None if resume => {
                return Err(Stop::usage("there is no run to go on with in this folder; leave --resume out"));
            }
            _ => (run_name(), &[][..]),
        };
        let known: HashSet<&String> = listed.iter().collect();
        let new: Vec<String> = given.into_iter().filter(|url| !known.contains(url)).collect();
        let begun: HashMap<&str, usize> = had
            .captures()
            .iter()
            .enumerate()
            .filter(|(_, capture)| capture.run == run)
            .map(|(at, capture)| (capture.seed.as_str(), at))
            .collect();
        let earlier = had.latest(None).into_iter().filter(|at| had.captures()[*at].run != run);
        let before: HashMap<&str, usize> = earlier.map(|at| (had.captures()[at].seed.as_str(), at)).collect();
        let mut work = Self { run, new: Vec::new(), jobs: Vec::new(), visits: BTreeMap::new(), failures: Vec::new() };
        let mut next = numbers.values().max().map_or(0, |most| most + 1);
        for url in listed.iter().chain(&new) {
            let number = *numbers.entry(url).or_insert_with(|| {
                next += 1;
                next - 1
            });
            let capture = begun.get(url.as_str()).map(|at| (*at, &had.captures()[*at]));
            match capture {
                Some((_, capture)) if capture.is_done() => {
                    work.failures.extend(capture.failures.iter().map(|failure| (number, failure.clone())));
                    work.visits.extend(capture.visit.clone().map(|visit| (number, visit)));
                }
                _ => {
                    let (resumes, renews) = (capture.map(|(at, _)| at), before.get(url.as_str()).copied());
                    work.jobs.push(Job { number, url: url.clone(), resumes, renews });
                }
            }
        }
        work.new = new;
        Ok(work)
    }
}
