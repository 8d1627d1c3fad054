//! The whole road: pages → fragments → threads → codes, with memory bounded by a batch.
//!
//! Which pages make one thread is known only when all have been read. So fragments are spooled to disk as they come,
//! and threads are joined and coded in a second pass over them.

use std::collections::HashSet;
use std::panic;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use rayon::prelude::*;
use tokio::runtime::Runtime;

use super::exit::Stop;
use super::interrupt::Interrupt;
use super::live::{self, Followed};
use super::spool::{Spool, Spooled};
use crate::coding::{Coder, code_thread};
use crate::fetch::Fetcher;
use crate::input::Plan;
use crate::model::{CodedThread, Failure, Page, Stage};
use crate::site::{self, Assembly, Fragment};

/// Pages and fragments worked on at a time.
const BATCH: usize = 256;
/// Bytes of pages or fragments held at a time.
const BATCH_BYTES: u64 = 32 << 20;
/// Pages read ahead of parsing.
const READ_AHEAD: usize = 8;
/// How often a waiting run looks whether it was interrupted.
const CHECK_EVERY: Duration = Duration::from_millis(100);
/// Addresses followed at once; requests to one host still go one by one.
const LIVE_AT_ONCE: usize = 8;

/// What reading gave: fragments on the spool, and what failed.
#[derive(Debug)]
pub(super) struct Gathered {
    spool: Spooled,
    assembly: Assembly,
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

/// Reads pages and sets their fragments aside.
pub(super) struct Gathering<'a> {
    spool: Spool,
    assembly: Assembly,
    failures: Vec<Failure>,
    /// For each fragment, whether it has comments.
    commented: Vec<bool>,
    /// Failures of pages whose comments are elsewhere, with the number of their fragment.
    lacking: Vec<(usize, Failure)>,
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
            assembly: Assembly::default(),
            failures: Vec::new(),
            commented: Vec::new(),
            lacking: Vec::new(),
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
        reader.join().map_err(|_| Stop::output("reading broke off by a fault of causerie; please report it"))
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
        fragments.into_iter().try_for_each(|fragment| self.take(fragment))
    }

    fn take(&mut self, fragment: Result<Fragment, Failure>) -> Result<(), Stop> {
        match fragment {
            Ok(mut fragment) => {
                if !self.keep_html {
                    for comment in &mut fragment.comments {
                        comment.html = None;
                    }
                }
                let number = self.commented.len();
                self.commented.push(!fragment.comments.is_empty());
                for failure in fragment.failures.drain(..) {
                    if site::is_void_with_comments(&failure) {
                        self.lacking.push((number, failure));
                    } else {
                        self.failures.push(failure);
                    }
                }
                self.pages += 1;
                self.comments += fragment.comments.len() as u64;
                self.assembly.add(&fragment.keys);
                self.spool.push(&fragment).map_err(|error| {
                    Stop::output(format!(
                        "the temporary folder cannot hold the pages read so far: {error}; free some \
                        space or set TMPDIR to another folder"
                    ))
                })?;
            }
            Err(failure) => self.failures.push(failure),
        }
        self.progress.so_far(self.pages, self.comments);
        Ok(())
    }

    /// Fetches addresses and what their threads need.
    pub(super) fn fetch(
        &mut self,
        runtime: &Runtime,
        fetcher: Fetcher,
        urls: &[String],
        max_requests: usize,
    ) -> Result<(), Stop> {
        let fetcher = Arc::new(fetcher);
        for urls in urls.chunks(LIVE_AT_ONCE) {
            let tasks: Vec<_> = urls
                .iter()
                .cloned()
                .map(|url| {
                    let fetcher = Arc::clone(&fetcher);
                    runtime.spawn(async move { live::follow(&fetcher, &url, max_requests).await })
                })
                .collect();
            for (task, url) in tasks.into_iter().zip(urls) {
                let Followed { fragments, failures } = runtime.block_on(async {
                    tokio::select! {
                        followed = task => followed.map_err(|error| Stop::output(format!("{url}: {error}"))),
                        () = self.interrupt.asked() => Err(Stop::interrupted()),
                    }
                })?;
                self.failures.extend(failures);
                fragments.into_iter().try_for_each(|fragment| self.take(Ok(fragment)))?;
                self.progress.input_done();
            }
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Result<Gathered, Stop> {
        let spool = self.spool.finish().map_err(|error| Stop::output(format!("temporary file: {error}")))?;
        let (mut assembly, mut failures) = (self.assembly, self.failures);
        // What a page leaves to a script, or keeps behind a wall, may be in another file of the thread: the answer the script
        // asked for, the page as a subscriber saved it.
        let commented = self.commented.iter().enumerate().filter(|(_, commented)| **commented);
        let read: HashSet<usize> = commented.map(|(number, _)| assembly.thread_of(number)).collect();
        let missing = self.lacking.into_iter().filter(|(number, _)| !read.contains(&assembly.thread_of(*number)));
        failures.extend(missing.map(|(_, failure)| failure));
        Ok(Gathered { spool, assembly, failures, pages: self.pages, comments: self.comments })
    }
}

/// Reads a page. Should a fault of ours stop on one, it costs this page and not the thousands around it.
fn parse_page(page: &Page) -> Result<Fragment, Failure> {
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
    let Gathered { mut spool, assembly, .. } = gathered;
    let mut batch: Vec<Vec<Fragment>> = Vec::new();
    let (mut bytes, mut coded) = (0, 0);
    let mut groups = assembly.groups().into_iter().peekable();
    while let Some(group) = groups.next() {
        interrupt.check()?;
        bytes += group.iter().map(|number| spool.size(*number)).sum::<u64>();
        let fragments = group
            .into_iter()
            .map(|number| spool.get(number))
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
