//! Archives of ours: what was done to follow addresses, so that it can be done again without the web.
//!
//! Beside the answers such an archive says which requests followed which address, and what came of each ([`Entry`]). One pass
//! over the files finds where everything stands; entries and answers are read again when they are asked for, so that memory
//! holds some forty bytes a request.

mod intake;

use std::collections::{HashMap, HashSet};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};

use flate2::bufread::GzDecoder;
use sha2::{Digest, Sha256};

use super::http::Response;
use super::members::{MAX_ENTRY, is_packed};
use super::store::{Scratch, Store};
use super::warc::Records;
use super::{Origin, decode_answer};
use crate::model::{Answer, Earlier, Entry, Failure, Limits, Outcome, Page, Refused, Request, Visit};

/// The most bytes that are read of a record that holds an answer, beside the page itself.
const MESSAGE_HEAD: u64 = 1 << 20;

/// What archives of ours say of the addresses followed.
#[derive(Debug, Default)]
pub struct Captures {
    files: Vec<Stored>,
    /// What does not lie in a file of its own.
    scratch: Scratch,
    /// The captures, in the order they began.
    all: Vec<Capture>,
    /// By name, place among all.
    names: HashMap<String, usize>,
    /// The runs, in the order they began, with the addresses each was to follow.
    runs: Vec<(String, Vec<String>)>,
    /// By what a record's name comes to, where it stands.
    records: HashMap<u64, Place>,
    failures: Vec<Failure>,
}

/// One file.
#[derive(Debug)]
struct Stored {
    /// How it is called.
    source: String,
    store: Store,
}

/// One following of one address.
#[derive(Debug)]
pub struct Capture {
    /// Its name, different for each.
    pub name: String,
    /// The run it is of.
    pub run: String,
    /// The address.
    pub seed: String,
    /// Its place among the addresses of the archive.
    pub number: u64,
    /// When it began, ISO 8601 in UTC.
    pub at: String,
    /// How far it was followed.
    pub limits: Limits,
    /// What it came to, once it was followed to its end.
    pub visit: Option<Visit>,
    /// What failed on the way.
    pub failures: Vec<Failure>,
    /// By what a request comes to, where its last outcome stands, and whether that is a failure that may pass.
    asked: HashMap<u64, (Place, bool)>,
}

/// Where a record stands.
#[derive(Debug, Clone, Copy)]
struct Place {
    file: usize,
    offset: u64,
}

impl Capture {
    /// Whether it was followed to the end, and nothing is worth asking again.
    pub fn is_done(&self) -> bool {
        self.visit.is_some() && !self.asked.values().any(|(_, passing)| *passing)
    }
}

impl Captures {
    /// The captures, in the order they began.
    pub fn captures(&self) -> &[Capture] {
        &self.all
    }

    /// The last run, with the addresses it was to follow.
    pub fn last_run(&self) -> Option<(&str, &[String])> {
        self.runs.last().map(|(run, urls)| (run.as_str(), urls.as_slice()))
    }

    /// All addresses that runs were to follow, in the order they were listed; some stand there several times.
    pub fn listed(&self) -> impl Iterator<Item = &str> {
        self.runs.iter().flat_map(|(_, urls)| urls.iter().map(String::as_str))
    }

    /// A failure for each address that a run was to follow, and that nobody came to since it began.
    pub fn never_begun(&self) -> Vec<Failure> {
        let mut began: HashMap<&str, &str> = HashMap::new();
        let mut seen: HashMap<&str, &str> = HashMap::new();
        for capture in &self.all {
            let (run, seed) =
                (began.entry(&capture.run).or_insert(&capture.at), seen.entry(&capture.seed).or_default());
            *run = capture.at.as_str().min(run);
            *seed = capture.at.as_str().max(seed);
        }
        let undone = |run: &String, url: &String| {
            let since = began.get(run.as_str()).copied().unwrap_or_default();
            seen.get(url.as_str()).is_none_or(|last| *last < since)
        };
        let mut told = HashSet::new();
        let listed = self.runs.iter().flat_map(|(run, urls)| urls.iter().map(move |url| (run, url)));
        let missing = listed.filter(|(run, url)| undone(run, url)).map(|(_, url)| url);
        missing.filter(|url| told.insert(*url)).map(|url| Self::not_fetched(&Request::get(url))).collect()
    }

    /// What of the archives could not be read.
    pub fn failures(&self) -> &[Failure] {
        &self.failures
    }

    /// When the first capture began.
    pub fn first(&self) -> Option<&str> {
        self.all.iter().map(|capture| capture.at.as_str()).min()
    }

    /// Of each address the last capture begun up to an instant (ISO 8601 in UTC, or the beginning of one), in the order of the
    /// addresses.
    pub fn latest(&self, as_of: Option<&str>) -> Vec<usize> {
        let mut latest: HashMap<&str, usize> = HashMap::new();
        let within = |capture: &Capture| {
            as_of.is_none_or(|limit| capture.at.get(..limit.len().min(capture.at.len())) <= Some(limit))
        };
        for (at, capture) in self.all.iter().enumerate().filter(|(_, capture)| within(capture)) {
            // Archives may be named in any order.
            let last = latest.entry(&capture.seed).or_insert(at);
            if self.all[*last].at <= capture.at {
                *last = at;
            }
        }
        let mut latest: Vec<usize> = latest.into_values().collect();
        latest.sort_by_key(|at| (self.all[*at].number, *at));
        latest
    }

    /// The last capture of the same address that began before this one and brought comments.
    pub fn before(&self, capture: usize) -> Option<&Capture> {
        let this = &self.all[capture];
        let brought = |other: &&Capture| other.visit.as_ref().is_some_and(|visit| visit.parsed_count > 0);
        let same = self.all.iter().filter(|other| other.seed == this.seed && other.at < this.at);
        same.filter(brought).max_by(|a, b| a.at.cmp(&b.at))
    }

    /// What came of a request of a capture, again: the same page, or the same failure. None where it was never asked.
    /// `passing` failures can be left out: they are worth asking again.
    pub fn outcome(
        &self,
        capture: usize,
        request: &Request,
        passing: bool,
        max_page_size: u64,
    ) -> Option<Result<Page, Refused>> {
        let (place, may_pass) = self.all[capture].asked.get(&key(request))?;
        if *may_pass && !passing {
            return None;
        }
        let lost = |error: io::Error| Refused::from(broken(&self.files[place.file].source, &error));
        let entry = self.entry(*place);
        Some(entry.map_err(lost).and_then(|outcome| {
            let page = outcome.answer().map(|answer| self.page(request, answer, max_page_size));
            match (outcome, page) {
                (Outcome::Answer(_), Some(page)) => page.map_err(Refused::from),
                (Outcome::Answer(_), None) => unreachable!("an answer has a page"),
                (Outcome::Refused { failure, .. }, page) => {
                    Err(Refused { failure, page: page.and_then(Result::ok).map(Box::new) })
                }
            }
        }))
    }

    /// The answer to a request of a capture, where the server can be asked whether it still holds.
    pub fn earlier(&self, capture: usize, request: &Request) -> Option<Earlier> {
        // A condition on what is posted is another question (RFC 9110 §13.1.2).
        if request.post.is_some() {
            return None;
        }
        let (place, _) = self.all[capture].asked.get(&key(request))?;
        let Ok(Outcome::Answer(answer)) = self.entry(*place) else { return None };
        let place = self.records.get(&short(answer.record.as_bytes()))?;
        let beginning = self.member(*place).ok()?.beginning(MESSAGE_HEAD).ok()?;
        let (headers, _) = Response::parse(beginning)?.into_raw();
        let (tag, modified) = (headers.get("etag").cloned(), headers.get("last-modified").cloned());
        (tag.is_some() || modified.is_some()).then_some(Earlier { answer, tag, modified })
    }

    /// The page of an answer.
    ///
    /// # Errors
    /// As for any page.
    pub fn page(&self, request: &Request, answer: &Answer, max_page_size: u64) -> Result<Page, Failure> {
        let origin = Origin::fetched(&request.url);
        let lost = |what: &str| origin.fail("corrupt", format!("the archive lost the answer ({what}); fetch it again"));
        let place =
            self.records.get(&short(answer.record.as_bytes())).ok_or_else(|| lost("its record is not there"))?;
        let most = max_page_size.saturating_add(MESSAGE_HEAD);
        let block = self.record(*place, most).map_err(|error| lost(&error.to_string()))?;
        let response = Response::parse(block).ok_or_else(|| lost("no HTTP in its record"))?;
        let (headers, body) = response.into_raw();
        decode_answer(request, body, headers, answer, max_page_size)
    }

    /// The failure of a request that a capture broken off never came to.
    pub fn not_fetched(request: &Request) -> Failure {
        Origin::fetched(&request.url).fail(
            "not_fetched",
            "the archive does not hold this answer: fetching was broken off before it; go on with `causerie fetch --resume`",
        )
    }

    fn entry(&self, place: Place) -> io::Result<Outcome> {
        let block = self.record(place, MAX_ENTRY)?;
        match serde_json::from_slice(&block)? {
            Entry::Asked { outcome, .. } => Ok(outcome),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    fn record(&self, place: Place, most: u64) -> io::Result<Vec<u8>> {
        Ok(self.member(place)?.block(most).map_err(|_| io::ErrorKind::InvalidData)?)
    }

    /// A record, its header read.
    fn member(&self, place: Place) -> io::Result<Records<Box<dyn BufRead>>> {
        let mut file = self.files[place.file].store.open()?;
        file.seek(SeekFrom::Start(place.offset))?;
        let reader: Box<dyn BufRead> =
            if is_packed(file.fill_buf()?) { Box::new(BufReader::new(GzDecoder::new(file))) } else { Box::new(file) };
        let mut member = Records::new(reader);
        member.next_header().ok().flatten().ok_or(io::ErrorKind::InvalidData)?;
        Ok(member)
    }
}

fn broken(source: &str, error: &impl std::fmt::Display) -> Failure {
    Origin::file(source)
        .fail("corrupt", format!("the archive cannot be read further: {error}; what stands before is kept"))
}

/// How a request is known again.
fn key(request: &Request) -> u64 {
    short(&serde_json::to_vec(request).expect("plain data"))
}

/// Enough of a hash to tell some millions of things apart.
fn short(bytes: &[u8]) -> u64 {
    let hash = Sha256::digest(bytes);
    hash.iter().take(8).fold(0, |number, byte| (number << 8) | u64::from(*byte))
}
