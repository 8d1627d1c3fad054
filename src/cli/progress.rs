use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::exit::logs_json;
use super::harvest::HostProgress;
use super::road::Progress;
use crate::model::{Visit, VisitState};

/// Hosts named beside the bar: those with most addresses left.
const HOSTS: usize = 3;

/// Where progress is drawn: not among messages for programs.
fn target(quiet: bool) -> ProgressDrawTarget {
    if quiet || logs_json() { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() }
}

/// A progress bar on standard error; nothing where that is no terminal, or on `--quiet`.
#[derive(Debug)]
pub(super) struct Bar(ProgressBar);

impl Bar {
    pub(super) fn new(inputs: usize, quiet: bool) -> Self {
        let bar = ProgressBar::with_draw_target(Some(inputs as u64), target(quiet));
        if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_bar} {pos}/{len} inputs, {msg} ({eta} left)") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }

    /// From here on comments are counted, of so many.
    pub(super) fn coding(&self, comments: u64) {
        if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_bar} {pos}/{len} comments coded ({eta} left)")
        {
            self.0.set_style(style);
        }
        self.0.reset();
        self.0.set_length(comments);
        self.0.set_position(0);
    }

    pub(super) fn finish(&self) {
        self.0.finish_and_clear();
    }
}

impl Progress for Bar {
    fn input_done(&self) {
        self.0.inc(1);
    }

    fn so_far(&self, pages: u64, comments: u64) {
        self.0.set_message(format!("{pages} pages, {comments} comments"));
    }

    fn coded(&self, comments: u64) {
        self.0.set_position(comments);
    }
}

impl HostProgress for Bar {
    fn left(&self, _: &str, _: usize) {}
}

/// How fetching goes, on standard error: what is done and failed, and how many addresses wait at which host.
#[derive(Debug)]
pub(super) struct FetchView {
    bar: ProgressBar,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    failed: usize,
    comments: u64,
    left: BTreeMap<String, usize>,
}

impl FetchView {
    pub(super) fn new(addresses: usize, quiet: bool) -> Self {
        let bar = ProgressBar::with_draw_target(Some(addresses as u64), target(quiet));
        let template = "{spinner} {wide_bar} {pos}/{len} addresses ({eta} left)\n  {wide_msg}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar, counts: Mutex::default() }
    }

    pub(super) fn done(&self, visit: &Visit) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.failed += usize::from(matches!(visit.state, VisitState::Failed | VisitState::Partial));
        counts.comments += visit.parsed_count;
        self.bar.inc(1);
        self.bar.set_message(counts.to_string());
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl HostProgress for FetchView {
    fn left(&self, host: &str, addresses: usize) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if addresses == 0 {
            counts.left.remove(host);
        } else {
            counts.left.insert(host.to_owned(), addresses);
        }
        self.bar.set_message(counts.to_string());
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} comments, {} failed", self.comments, self.failed)?;
        let mut left: Vec<(&String, &usize)> = self.left.iter().collect();
        left.sort_by(|a, b| b.1.cmp(a.1));
        for (host, addresses) in left.iter().take(HOSTS) {
            write!(f, "; {host}: {addresses} waiting")?;
        }
        if left.len() > HOSTS {
            write!(f, "; and {} more hosts", left.len() - HOSTS)?;
        }
        Ok(())
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
