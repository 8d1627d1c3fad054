//! How captures are taken in: one pass over each archive, wherever it lies.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Seek as _, SeekFrom};
use std::path::PathBuf;

use flate2::bufread::MultiGzDecoder;

use super::{Capture, Captures, Place, Stored, broken, key, short};
use crate::input::Origin;
use crate::input::inflate::ReadError;
use crate::input::members::{MemberError, Members, is_ours};
use crate::input::store::{Kept, Scratch, Store, most_unpacked, no_room};
use crate::input::warc::bare;
use crate::model::{Entry, Failure, Outcome};

/// Failures that may pass: what was asked is worth asking again.
const PASSING: [&str; 8] =
    ["rate_limited", "robots_unknown", "timeout", "server_error", "unreachable", "dns", "broken_answer", "not_fetched"];
/// Bytes unpacked at a time.
const CHUNK: usize = 1 << 16;

impl Captures {
    /// Reads what the archives say. Files that are none of ours are left out; what is wrong with ours is in
    /// [`Self::failures`].
    pub fn open(files: &[PathBuf]) -> Self {
        let mut captures = Self::default();
        for path in files {
            let (source, store) = (path.to_string_lossy(), Store::File(path.clone()));
            let ours = store.open().and_then(|mut handle| Ok(is_ours(handle.fill_buf()?)));
            match ours {
                Ok(true) => {
                    captures.add_file(&source, store);
                }
                Ok(false) => {}
                Err(error) => captures.fail(broken(&source, &error)),
            }
        }
        captures
    }

    /// How much the archives say of what was done, or fail to.
    fn said(&self) -> usize {
        self.all.len() + self.runs.len() + self.failures.len()
    }

    /// Where what can be read only once is kept.
    pub(in crate::input) fn scratch(&mut self) -> &mut Scratch {
        &mut self.scratch
    }

    fn fail(&mut self, failure: Failure) {
        self.failures.push(failure);
    }

    /// Takes in a file that is an archive of ours; whether it says anything of what was done.
    pub(in crate::input) fn add_file(&mut self, source: &str, store: Store) -> bool {
        let before = self.said();
        let bytes = store.open().and_then(|mut handle| handle.seek(SeekFrom::End(0))).unwrap_or_default();
        self.add(source, Kept { store, bytes, fault: None }, most_unpacked(bytes));
        self.said() > before
    }

    /// Takes in an archive of ours that lies in another file. It goes into a temporary one, together with what it unpacks to at
    /// most `most` bytes; how many it took is told, and whether it says anything of what was done.
    pub(in crate::input) fn add_packed(&mut self, source: &str, reader: impl BufRead, most: u64) -> (u64, bool) {
        let before = self.said();
        let took = self.keep_packed(source, reader, most);
        (took, self.said() > before)
    }

    fn keep_packed(&mut self, source: &str, reader: impl BufRead, most: u64) -> u64 {
        match self.scratch.keep(reader, most) {
            Ok(kept) => {
                let bytes = kept.bytes;
                bytes + self.add(source, kept, most.saturating_sub(bytes))
            }
            Err(error) => {
                self.fail(no_room(source, &error));
                0
            }
        }
    }

    /// Takes in an archive of ours; how many bytes it was unpacked to, where it had to be.
    fn add(&mut self, source: &str, kept: Kept, most: u64) -> u64 {
        let Kept { store, mut fault, .. } = kept;
        let file = self.files.len();
        self.files.push(Stored { source: source.to_owned(), store });
        let mut unpacked = 0;
        let mut scanned = self.scan(file);
        if matches!(scanned, Err(MemberError::Together(0))) {
            // Otherwise each request would unpack all that stands before it.
            match self.files[file].store.open() {
                Ok(handle) => {
                    let reader = BufReader::with_capacity(CHUNK, MultiGzDecoder::new(handle));
                    match self.scratch.keep(reader, most) {
                        Ok(kept) => {
                            self.files[file].store = kept.store;
                            (unpacked, fault) = (kept.bytes, fault.or(kept.fault));
                            scanned = self.scan(file);
                        }
                        Err(error) => {
                            self.fail(no_room(source, &error));
                            return 0;
                        }
                    }
                }
                Err(error) => scanned = Err(error.into()),
            }
        }
        match (fault, scanned) {
            (None, Ok(())) => {}
            (None, Err(error)) => self.fail(broken(source, &error)),
            (Some(ReadError::TooLarge), _) => self.fail(trap(source)),
            (Some(ReadError::Truncated), _) => self.fail(broken(source, &"it ends in the middle")),
            (Some(ReadError::Other(error)), _) => self.fail(broken(source, &error)),
        }
        unpacked
    }

    fn scan(&mut self, file: usize) -> Result<(), MemberError> {
        let mut members = Members::new(self.files[file].store.open()?);
        while let Some((offset, header, block)) = members.next()? {
            let place = Place { file, offset };
            match header.record_type().as_str() {
                "response" => {
                    let name = header.get("WARC-Record-ID").map(bare).unwrap_or_default();
                    self.records.insert(short(name.as_bytes()), place);
                }
                // What is not in our words is another's, who may add to the file.
                "metadata" => {
                    if let Ok(entry) = serde_json::from_slice(&block) {
                        self.take(entry, place);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn take(&mut self, entry: Entry, place: Place) {
        match entry {
            Entry::Listed { run, urls } => match self.runs.last_mut().filter(|(last, _)| *last == run) {
                Some((_, all)) => all.extend(urls),
                None => self.runs.push((run, urls)),
            },
            Entry::Begun { capture: name, run, seed, number, at, limits } => {
                self.names.insert(name.clone(), self.all.len());
                let asked = HashMap::new();
                self.all.push(Capture {
                    name,
                    run,
                    seed,
                    number,
                    at,
                    limits,
                    visit: None,
                    failures: Vec::new(),
                    asked,
                });
            }
            Entry::Asked { capture, request, outcome } => {
                let passing =
                    matches!(&outcome, Outcome::Refused { failure, .. } if PASSING.contains(&failure.reason.as_str()));
                if let Some(at) = self.names.get(&capture) {
                    self.all[*at].asked.insert(key(&request), (place, passing));
                }
            }
            Entry::Ended { capture, visit, failures } => {
                if let Some(at) = self.names.get(&capture) {
                    let capture = &mut self.all[*at];
                    (capture.visit, capture.failures) = (Some(visit), failures);
                }
            }
        }
    }
}

fn trap(source: &str) -> Failure {
    let message = "it unpacks to far more than an archive of pages does; what came before is kept. If it is no trap, unpack it \
                   and give the .warc file";
    Origin::file(source).fail("too_large", message)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;

    use super::*;
    use crate::model::{Answer, Limits, Moment, Page, Precision, Refused, Request, Visit};

    const URL: &str = "https://a.example/1";

    fn record(kind: &str, block: &str) -> Vec<u8> {
        let length = block.len();
        format!("WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:a>\r\nContent-Length: {length}\r\n\r\n{block}\r\n\r\n")
            .into_bytes()
    }

    /// An archive of one capture of one page.
    fn records() -> Vec<Vec<u8>> {
        let asked = Answer {
            record: "urn:a".into(),
            url: URL.into(),
            fetched_at: Moment { iso: "2026-11-23T16:45:05Z".into(), precision: Precision::Second },
            reserved: None,
        };
        let (capture, run, seed, at) = ("c".to_owned(), "r".to_owned(), URL.to_owned(), "2026-11-23".to_owned());
        let begun = Entry::Begun { capture: capture.clone(), run, seed, number: 0, at, limits: Limits::default() };
        let (request, outcome) = (Request::get(URL), Outcome::Answer(asked));
        let asked = Entry::Asked { capture: capture.clone(), request, outcome };
        let ended = Entry::Ended { capture, visit: Visit::default(), failures: Vec::new() };
        let entry = |entry: &Entry| record("metadata", &serde_json::to_string(entry).unwrap());
        vec![
            record("warcinfo", "software: causerie/1.0\r\n"),
            entry(&begun),
            record("response", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>x</p>"),
            entry(&asked),
            entry(&ended),
        ]
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn captures(bytes: &[u8], most: u64) -> Captures {
        let mut captures = Captures::default();
        captures.add_packed("a.zip#a.warc.gz", bytes, most);
        captures
    }

    fn page(captures: &Captures) -> Result<Page, Refused> {
        captures.outcome(0, &Request::get(URL), true, 1000).unwrap()
    }

    #[test]
    fn packed_apart_together_or_not_at_all() {
        let apart: Vec<u8> = records().iter().flat_map(|record| gzip(record)).collect();
        let plain = records().concat();
        let blocks: Vec<u8> = plain.chunks(20).flat_map(gzip).collect();
        for (name, bytes) in [("apart", &apart), ("together", &gzip(&plain)), ("plain", &plain), ("blocks", &blocks)] {
            let captures = captures(bytes, 1 << 20);
            assert!(captures.failures().is_empty(), "{name}: {:?}", captures.failures());
            assert!(captures.captures()[0].is_done(), "{name}");
            assert_eq!(page(&captures).unwrap().body, "<p>x</p>", "{name}");
            assert!(captures.earlier(0, &Request::get(URL)).is_none(), "no tag, no date");
        }
    }

    #[test]
    fn what_unpacks_to_too_much_is_a_failure_of_its_own() {
        let mut bomb = records();
        bomb.push(record("resource", &" ".repeat(1 << 20)));
        let bomb = gzip(&bomb.concat());
        let captures = captures(&bomb, bomb.len() as u64 + (200 << 10));
        assert_eq!(page(&captures).unwrap().body, "<p>x</p>", "what came before is kept");
        let [failure] = captures.failures() else { panic!("{:?}", captures.failures()) };
        assert_eq!((failure.reason.as_str(), failure.source.as_str()), ("too_large", "a.zip#a.warc.gz"));
        assert!(failure.message.contains("trap"), "{}", failure.message);
    }

    #[test]
    fn one_that_lost_its_notes_says_nothing_beside_one_that_has_them() {
        let notes_lost: Vec<u8> = [0, 2].iter().flat_map(|at| records()[*at].clone()).collect();
        let mut captures = Captures::default();
        assert!(captures.add_packed("whole.warc", &records().concat()[..], 1 << 20).1);
        assert!(!captures.add_packed("lost.warc", &notes_lost[..], 1 << 20).1);
    }

    #[test]
    fn an_end_in_the_middle_is_told_once() {
        let together = gzip(&records().concat());
        let captures = captures(&together[..together.len() - 12], 1 << 20);
        let [failure] = captures.failures() else { panic!("{:?}", captures.failures()) };
        assert_eq!(failure.reason, "corrupt");
        assert!(captures.said() > 0);
        assert_eq!(Captures::default().said(), 0);
    }

    proptest! {
        #[test]
        fn damage_never_panics(at in 0_usize..3000, by in any::<[u8; 3]>(), form in 0_usize..3) {
            let mut bytes = match form {
                0 => records().concat(),
                1 => gzip(&records().concat()),
                _ => records().iter().flat_map(|record| gzip(record)).collect(),
            };
            let at = at.min(bytes.len() - 3);
            bytes[at..at + 3].copy_from_slice(&by);
            let captures = captures(&bytes, 1 << 16);
            for number in 0..captures.captures().len() {
                let _ = captures.outcome(number, &Request::get(URL), true, 1000);
            }
        }
    }
}
