//! The whole road: pages → fragments → threads → codes, with memory bounded by a batch.
//!
//! Which pages make one thread is known only when all have been read. So fragments are spooled to disk as they come,
//! and threads are joined and coded in a second pass over them.

use std::collections::HashSet;
use std::panic;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;

use rayon::prelude::*;
use tokio::runtime::Runtime;

use super::exit::Stop;
use super::interrupt::{CHECK_EVERY, Interrupt};
use super::live::{Followed, Replay, follow};
use super::spool::{Spool, Spooled};
use crate::coding::{Coder, code_thread};
use crate::input::{Captures, Plan};
use crate::model::{CodedThread, Failure, Page, Stage};
use crate::site::{self, Assembly, Fragment};

/// Pages and fragments worked on at a time.
const BATCH: usize = 256;
/// Bytes of pages or fragments held at a time.
const BATCH_BYTES: u64 = 32 << 20;
/// Pages read ahead of parsing.
const READ_AHEAD: usize = 8;

/// What reading gave: fragments on the spool, and what failed.
#[derive(Debug)]
pub(super) struct Gathered {
    spool: Spooled,
    assembly: Assembly,
    /// For each fragment of the assembly its number on the spool.
    numbers: Vec<usize>,
    pub(super) failures: Vec<Failure>,
    pub(super) pages: u64,
    pub(super) comments: u64,
}

/// Told how far the work is.
pub(super) trait Progress {
    /// An input (file, archive, address) is done.
    fn input_done(&self);
    /// So many pages were read, so many comments found, in all.
    fn so_far(&self, pages: u64, comments: u64);
    /// So many comments are coded, in all.
    fn coded(&self, comments: u64);
}

/// Where what was read stands among all: addresses by their number before files, whatever came first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// An address, by its number.
    Address(u64),
    /// Files, in the order they are read.
    Files,
}

/// What is known of a fragment that is set aside.
struct Known {
    rank: Rank,
    keys: Vec<String>,
    commented: bool,
    /// Failures of a page whose comments are elsewhere.
    lacking: Vec<Failure>,
}

/// Reads pages and sets their fragments aside.
pub(super) struct Gathering<'a> {
    spool: Spool,
    /// What is known of each fragment on the spool.
    known: Vec<Known>,
    failures: Vec<(Rank, Failure)>,
    pages: u64,
    comments: u64,
    keep_html: bool,
    interrupt: &'a Interrupt,
    progress: &'a dyn Progress,
}

impl<'a> Gathering<'a> {
    pub(super) fn new(keep_html: bool, interrupt: &'a Interrupt, progress: &'a dyn Progress) -> Self {
        Self {
            spool: Spool::new(),
            known: Vec::new(),
            failures: Vec::new(),
            pages: 0,
            comments: 0,
            keep_html,
            interrupt,
            progress,
        }
    }

    /// Reads files, folders, archives and standard input, while the pages before are parsed. Reading has a thread of its own, so
    /// that a silent standard input does not keep a run from being interrupted.
    pub(super) fn read(&mut self, plan: Plan) -> Result<(), Stop> {
        let (sender, receiver) = mpsc::sync_channel(READ_AHEAD);
        let reader = thread::spawn(move || {
            for item in plan.items {
                for page in item.pages() {
                    // Nobody listens any more: the run was stopped.
                    if sender.send(Some(page)).is_err() {
                        return;
                    }
                }
                if sender.send(None).is_err() {
                    return;
                }
            }
        });
        let mut batch: Vec<Result<Page, Failure>> = Vec::new();
        let mut bytes = 0;
        loop {
            self.interrupt.check()?;
            match receiver.recv_timeout(CHECK_EVERY) {
                Ok(Some(page)) => {
                    bytes += page.as_ref().map_or(0, |page| page.body.len() as u64);
                    batch.push(page);
                    if batch.len() >= BATCH || bytes >= BATCH_BYTES {
                        self.parse(std::mem::take(&mut batch))?;
                        bytes = 0;
                    }
                }
                Ok(None) => self.progress.input_done(),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.parse(batch)?;
        reader.join().map_err(|_| Stop::reading_broke_off())
    }

    fn parse(&mut self, pages: Vec<Result<Page, Failure>>) -> Result<(), Stop> {
        let interrupt = self.interrupt;
        let fragments: Vec<Result<Fragment, Failure>> = pages
            .into_par_iter()
            // Once interrupted, what is left of the batch is not worth parsing.
            .filter(|_| interrupt.check().is_ok())
            .map(|page| parse_page(&page?))
            .collect();
        self.interrupt.check()?;
        fragments.into_iter().try_for_each(|fragment| self.take(Rank::Files, fragment))
    }

    fn take(&mut self, rank: Rank, fragment: Result<Fragment, Failure>) -> Result<(), Stop> {
        match fragment {
            Ok(mut fragment) => {
                if !self.keep_html {
                    for comment in &mut fragment.comments {
                        comment.html = None;
                    }
                }
                let mut lacking = Vec::new();
                for failure in fragment.failures.drain(..) {
                    if site::is_void_with_comments(&failure) {
                        lacking.push(failure);
                    } else {
                        self.failures.push((rank, failure));
                    }
                }
                let (keys, commented) = (fragment.keys.clone(), !fragment.comments.is_empty());
                self.known.push(Known { rank, keys, commented, lacking });
                self.pages += 1;
                self.comments += fragment.comments.len() as u64;
                self.spool.push(&fragment).map_err(|error| {
                    Stop::output(format!(
                        "the temporary folder cannot hold the pages read so far: {error}; free some \
                        space or set TMPDIR to another folder"
                    ))
                })?;
            }
            Err(failure) => self.failures.push((rank, failure)),
        }
        self.progress.so_far(self.pages, self.comments);
        Ok(())
    }

    /// Takes what following an address brought.
    pub(super) fn followed(&mut self, number: u64, followed: Followed) -> Result<(), Stop> {
        let rank = Rank::Address(number);
        self.failures.extend(followed.failures.into_iter().map(|failure| (rank, failure)));
        followed.fragments.into_iter().try_for_each(|fragment| self.take(rank, Ok(fragment)))?;
        self.progress.input_done();
        Ok(())
    }

    /// Does again, without the web, what archives say was done: of each address the last capture up to `as_of`.
    pub(super) fn replay(
        &mut self,
        runtime: &Runtime,
        archive: &Captures,
        as_of: Option<&str>,
        max_page_size: u64,
    ) -> Result<(), Stop> {
        // What was left undone is of now; a day before it has other snapshots.
        let undone = if as_of.is_none() { archive.never_begun() } else { Vec::new() };
        for failure in archive.failures().iter().cloned().chain(undone) {
            self.failures.push((Rank::Files, failure));
        }
        for captures in archive.latest(as_of).chunks(BATCH) {
            self.interrupt.check()?;
            let interrupt = self.interrupt;
            let followed: Vec<(u64, Followed)> = captures
                .par_iter()
                .filter(|_| interrupt.check().is_ok())
                .map(|at| {
                    let capture = &archive.captures()[*at];
                    let replay = Replay { archive, capture: *at, max_page_size };
                    let mut followed = runtime.block_on(follow(&replay, &capture.seed, &capture.limits));
                    followed.remember(|| archive.before(*at));
                    (capture.number, followed)
                })
                .collect();
            self.interrupt.check()?;
            followed.into_iter().try_for_each(|(number, followed)| self.followed(number, followed))?;
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Result<Gathered, Stop> {
        let spool = self.spool.finish().map_err(|error| Stop::output(format!("temporary file: {error}")))?;
        let mut numbers: Vec<usize> = (0..self.known.len()).collect();
        numbers.sort_by_key(|number| (self.known[*number].rank, *number));
        let mut assembly = Assembly::default();
        for number in &numbers {
            assembly.add(&self.known[*number].keys);
        }
        // What a page leaves to a script, or keeps behind a wall, may be in another file of the thread: the answer the script
        // asked for, the page as a subscriber saved it.
        let mut read = HashSet::new();
        for (at, number) in numbers.iter().enumerate() {
            if self.known[*number].commented {
                read.insert(assembly.thread_of(at));
            }
        }
        let mut failures = self.failures;
        for (at, number) in numbers.iter().enumerate() {
            let Known { rank, lacking, .. } = &self.known[*number];
            if !lacking.is_empty() && !read.contains(&assembly.thread_of(at)) {
                failures.extend(lacking.iter().map(|failure| (*rank, failure.clone())));
            }
        }
        failures.sort_by_key(|(rank, _)| *rank);
        let failures = failures.into_iter().map(|(_, failure)| failure).collect();
        Ok(Gathered { spool, assembly, numbers, failures, pages: self.pages, comments: self.comments })
    }
}

/// Reads a page. Should a fault of ours stop on one, it costs this page and not the thousands around it.
pub(super) fn parse_page(page: &Page) -> Result<Fragment, Failure> {
    panic::catch_unwind(|| site::read(page)).unwrap_or_else(|_| {
        Err(Failure {
            source: page.source.clone(),
            url: page.url.clone(),
            stage: Stage::Parse,
            reason: "internal".to_owned(),
            message: "causerie itself failed on this page; please report it, with the page if you may".to_owned(),
        })
    })
}

/// Joins and codes all threads, in order of first appearance, and hands them on in batches.
pub(super) fn code(
    gathered: Gathered,
    coder: &dyn Coder,
    interrupt: &Interrupt,
    progress: &dyn Progress,
    mut each: impl FnMut(Vec<CodedThread>) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let Gathered { mut spool, assembly, numbers, .. } = gathered;
    let mut batch: Vec<Vec<Fragment>> = Vec::new();
    let (mut bytes, mut coded) = (0, 0);
    let mut groups = assembly.groups().into_iter().peekable();
    while let Some(group) = groups.next() {
        interrupt.check()?;
        bytes += group.iter().map(|at| spool.size(numbers[*at])).sum::<u64>();
        let fragments = group
            .into_iter()
            .map(|at| spool.get(numbers[at]))
            .collect::<std::io::Result<Vec<_>>>()
            .map_err(|error| Stop::output(format!("temporary file: {error}")))?;
        batch.push(fragments);
        if batch.len() >= BATCH || bytes >= BATCH_BYTES || groups.peek().is_none() {
            let threads = std::mem::take(&mut batch);
            bytes = 0;
            let done: Vec<CodedThread> = threads
                .into_par_iter()
                .filter(|_| interrupt.check().is_ok())
                .map(|fragments| code_thread(coder, site::join(fragments)))
                .collect();
            interrupt.check()?;
            coded += done.iter().map(|thread| thread.comments.len() as u64).sum::<u64>();
            progress.coded(coded);
            each(done)?;
        }
    }
    Ok(())
}
