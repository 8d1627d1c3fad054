//! What archives had before a run, and what is left to do.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::{Span, Timestamp};
use uuid::Uuid;

use super::exit::{Exit, Stop};
use super::harvest::Job;
use super::web::Web;
use crate::fetch::Archive;
use crate::input::{Captures, without_login};
use crate::model::{Entry, Limits};
use crate::site;

/// A broken-off run older than this (hours) is not gone on with: the thread has moved on.
const STALE: i64 = 24;

/// Bytes of addresses in one entry of an archive.
const LISTED: usize = 1 << 20;

/// A name for a run, different for each.
pub(super) fn run_name() -> String {
    Uuid::new_v4().urn().to_string()
}

/// Addresses as archives and tables have them, without logins, and each thread once.
pub(super) fn once(typed: &[String]) -> Vec<String> {
    let mut seen = HashSet::new();
    let shown = typed.iter().map(|url| without_login(url));
    shown.filter(|url| seen.insert(site::thread_key(url).unwrap_or_else(|| url.clone()))).collect()
}

/// Every address, in order; what was begun is gone on with.
pub(super) fn jobs_of(urls: &[String], had: &Captures) -> Vec<Job> {
    let begun: HashMap<&str, usize> =
        had.captures().iter().enumerate().map(|(at, capture)| (capture.seed.as_str(), at)).collect();
    urls.iter()
        .zip(0..)
        .map(|(url, number)| Job { number, url: url.clone(), resumes: begun.get(url.as_str()).copied(), renews: None })
        .collect()
}

/// Writes down which addresses a run is to follow.
pub(super) fn list(archive: &Archive, run: &str, urls: &[String]) {
    let mut part: Vec<String> = Vec::new();
    let mut bytes = 0;
    for url in urls {
        bytes += url.len();
        part.push(url.clone());
        if bytes > LISTED {
            archive.entry(&Entry::Listed { run: run.to_owned(), urls: std::mem::take(&mut part) });
            bytes = 0;
        }
    }
    if !part.is_empty() {
        archive.entry(&Entry::Listed { run: run.to_owned(), urls: part });
    }
}

/// The archive of the addresses behind one table: it takes its name when the run is done, and the same run broken off before is
/// gone on with.
pub(super) struct ThreadArchive {
    pub(super) archive: Arc<Archive>,
    pub(super) run: String,
    pub(super) had: Captures,
    part: PathBuf,
    path: PathBuf,
}

impl ThreadArchive {
    pub(super) fn open(path: &Path, urls: &[String], limits: &Limits, web: &Web) -> Result<Self, Stop> {
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder)
                .map_err(|error| Stop::output(format!("cannot make the folder {}: {error}", folder.display())))?;
        }
        let (mut had, mut run) = (Captures::default(), None);
        if part.exists() {
            had = Captures::open(std::slice::from_ref(&part));
            let recent = (Timestamp::now() - Span::new().hours(STALE)).to_string();
            let fits = had.captures().iter().all(|capture| capture.at > recent && capture.limits == *limits);
            run = had.last_run().filter(|(_, listed)| fits && *listed == urls).map(|(run, _)| run.to_owned());
            if run.is_none() {
                had = Captures::default();
                fs::remove_file(&part).map_err(|error| Stop::output(format!("{}: {error}", part.display())))?;
            }
        }
        let archive = Arc::new(Archive::file(&part, &web.about()).map_err(Stop::output)?);
        let run = run.unwrap_or_else(|| {
            let run = run_name();
            list(&archive, &run, urls);
            run
        });
        Ok(Self { archive, run, had, part, path: path.to_owned() })
    }

    /// What it had before.
    pub(super) fn take_had(&mut self) -> Captures {
        std::mem::take(&mut self.had)
    }

    /// What was fetched before an interruption is there for the same command to go on with.
    pub(super) fn interrupted(&self, mut stop: Stop) -> Stop {
        if stop.exit == Exit::Interrupted {
            let part = self.part.display();
            stop.message = stop.message.map(|said| format!("{said} but {part}; the same command goes on with it"));
        }
        stop
    }

    /// Leaves nothing of it: there is nothing to go on with.
    pub(super) fn discard(self) {
        let _ = fs::remove_file(&self.part);
    }

    /// Gives it its name. Another archive of that name is evidence of what was seen then: it gets a number.
    pub(super) fn finish(self) -> Result<PathBuf, Stop> {
        let renamed = |from: &Path, to: &Path| {
            fs::rename(from, to).map_err(|error| {
                Stop::output(format!("{} cannot be made of {}: {error}", to.display(), from.display()))
            })
        };
        if self.path.exists() {
            let name = self.path.to_string_lossy();
            let stem = name.strip_suffix(".warc.gz").unwrap_or(&name);
            let free = (1..u32::MAX)
                .map(|number| PathBuf::from(format!("{stem}.{number}.warc.gz")))
                .find(|path| !path.exists());
            renamed(&self.path, &free.expect("some number is free"))?;
        }
        renamed(&self.part, &self.path)?;
        Ok(self.path)
    }
}
