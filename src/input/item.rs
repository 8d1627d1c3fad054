use std::collections::HashSet;
use std::fmt;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::iter;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use flate2::read::MultiGzDecoder;

use super::archive::Archive;
use super::inflate::{ReadError, read_capped};
use super::members::is_ours;
use super::mhtml::Mhtml;
use super::store::{Kept, Scratch, Store, no_room};
use super::{Captures, Origin, decode, folder, frames, kind, webarchive, zipped};
use crate::model::{Failure, Page};

/// How much of a file is looked at before deciding how to read it.
const HEAD: u64 = 8 * 1024;

/// One thing to read: a file, an archive, standard input. Items are independent of each other, so that a caller may
/// read several at once.
#[derive(Debug, Clone)]
pub struct Item {
    source: String,
    bytes: u64,
    from: From,
    /// Entries of a zip file that are read elsewhere.
    taken: HashSet<usize>,
    max_page_size: u64,
}

#[derive(Debug, Clone)]
enum From {
    /// A file, or what came in one go and is kept in one.
    Store(Store),
    Stdin,
    /// What can be read only once, and was begun.
    Begun(Arc<Mutex<Option<Opened>>>),
    /// What planning already found to be wrong.
    Failed(Failure),
}

impl Item {
    fn new(source: String, bytes: u64, from: From, max_page_size: u64) -> Self {
        Self { source, bytes, from, taken: HashSet::new(), max_page_size }
    }

    pub(super) fn file(path: PathBuf, bytes: u64, max_page_size: u64) -> Self {
        Self::new(path.to_string_lossy().into_owned(), bytes, From::Store(Store::File(path)), max_page_size)
    }

    pub(super) fn stdin(max_page_size: u64) -> Self {
        Self::new("-".to_owned(), 0, From::Stdin, max_page_size)
    }

    pub(super) fn failed(failure: Failure) -> Self {
        Self::new(failure.source.clone(), 0, From::Failed(failure), 0)
    }

    /// The path as given or found, or `-`.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Size on disk, for progress; 0 where it is not known.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Opens the item and reads its pages one at a time: one of a file, any number of an archive, and behind each the
    /// frames that stand in it.
    pub fn pages(&self) -> Pages {
        let with_frames = |page: Result<Page, Failure>| match page {
            Ok(page) => frames::with_frames(page).into_iter().map(Ok).collect(),
            Err(failure) => vec![Err(failure)],
        };
        Pages(Box::new(self.documents().flat_map(with_frames)))
    }

    fn documents(&self) -> Pages {
        let reading = self.reading();
        let opened = match self.open() {
            Ok(opened) => opened,
            Err(failure) => return Pages::one(Err(failure)),
        };
        if !zipped::begins(&opened.head) {
            return reading.read(opened, Some(self.bytes));
        }
        match self.stored(opened, &mut Scratch::default()) {
            Ok(store) => zipped::pages(reading, &store, &self.taken),
            Err(failure) => Pages::one(Err(failure)),
        }
    }

    /// Takes out the archives of ours, wherever they lie; what else there is to read, if anything. What can be read only once
    /// stays readable.
    pub(super) fn without_ours(&mut self, captures: &mut Captures) -> Option<Self> {
        // What is wrong with it is told when its pages are read.
        let Ok(opened) = self.open() else { return Some(self.clone()) };
        let (ours, zip) = (is_ours(&opened.head), zipped::begins(&opened.head));
        let lasting = matches!(&self.from, From::Store(store) if store.is_lasting());
        if !lasting {
            self.from = if !ours && !zip {
                From::Begun(Arc::new(Mutex::new(Some(opened))))
            } else {
                self.stored(opened, captures.scratch()).map_or_else(From::Failed, From::Store)
            };
        }
        match &self.from {
            // One that lost what says which request was for what is read as those of other programs are.
            From::Store(store) if ours => (!captures.add_file(&self.source, store.clone())).then(|| self.clone()),
            From::Store(store) if zip => {
                let taken = zipped::take_ours(&self.reading(), store, captures);
                Some(Self { taken, ..self.clone() })
            }
            _ => Some(self.clone()),
        }
    }

    fn reading(&self) -> Reading {
        let frame_of = match &self.from {
            From::Store(Store::File(path)) => folder::frame_of(path),
            _ => None,
        };
        Reading { source: self.source.clone(), frame_of, max_page_size: self.max_page_size }
    }

    fn open(&self) -> Result<Opened, Failure> {
        let opened = match &self.from {
            From::Store(store) => store.open().and_then(|handle| with_head(Box::new(handle))),
            From::Stdin => with_head(Box::new(BufReader::new(io::stdin()))),
            From::Begun(begun) => match begun.lock().unwrap_or_else(PoisonError::into_inner).take() {
                Some(opened) => Ok(opened),
                None => with_head(Box::new(io::empty())),
            },
            From::Failed(failure) => return Err(failure.clone()),
        };
        opened.map_err(|error| unreadable(&self.source, &error))
    }

    /// Where the bytes lie; those that come only once are kept first.
    fn stored(&self, opened: Opened, scratch: &mut Scratch) -> Result<Store, Failure> {
        match &self.from {
            From::Store(store) if store.is_lasting() => return Ok(store.clone()),
            _ => {}
        }
        // An archive holds any number of pages; a zip file counts as one, as it may be of anybody.
        let most = if zipped::begins(&opened.head) { self.max_page_size } else { u64::MAX };
        match scratch.keep(opened.reader, most) {
            Ok(Kept { store, fault: None, .. }) => Ok(store),
            Ok(Kept { fault: Some(fault), .. }) => Err(self.reading().broken(fault, "file")),
            Err(error) => Err(no_room(&self.source, &error)),
        }
    }
}

/// How one file, or one file in a zip, is read once it is open.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    pub(super) source: String,
    pub(super) frame_of: Option<String>,
    pub(super) max_page_size: u64,
}

impl Reading {
    /// `bytes` is the size on disk, 0 where it is not known, nothing for what is unpacked on the way.
    pub(super) fn read(&self, Opened { head, reader }: Opened, bytes: Option<u64>) -> Pages {
        if head.starts_with(b"\x1f\x8b") && bytes.is_some() {
            return match with_head(Box::new(BufReader::new(MultiGzDecoder::new(reader)))) {
                Ok(opened) => self.read(opened, None),
                Err(error) => Pages::one(Err(self.broken(error.into(), "gzip data"))),
            };
        }
        if head.starts_with(b"WARC/") {
            return Pages(Box::new(Archive::new(self.source.clone(), reader, self.max_page_size)));
        }
        if kind::is_mhtml(&head) {
            return Pages(Box::new(Mhtml::new(self.source.clone(), reader, self.max_page_size)));
        }
        if webarchive::begins(&head) {
            return match read_capped(reader, webarchive::most_bytes(self.max_page_size)) {
                Ok(bytes) => Pages(Box::new(webarchive::pages(&bytes, &self.source, self.max_page_size).into_iter())),
                Err(error) => Pages::one(Err(self.broken(error, "web archive"))),
            };
        }
        if bytes.is_some_and(|bytes| bytes > self.max_page_size) {
            return Pages::one(Err(self.origin().too_large(self.max_page_size)));
        }
        let what = if bytes.is_some() { "file" } else { "gzip data" };
        Pages::one(match read_capped(reader, self.max_page_size) {
            Ok(bytes) => decode(bytes, self.origin(), self.max_page_size),
            Err(error) => Err(self.broken(error, what)),
        })
    }

    pub(super) fn origin(&self) -> Origin {
        Origin { frame_of: self.frame_of.clone(), ..Origin::file(&self.source) }
    }

    pub(super) fn broken(&self, error: ReadError, what: &str) -> Failure {
        let origin = self.origin();
        match error {
            ReadError::TooLarge => origin.too_large(self.max_page_size),
            ReadError::Truncated => {
                origin.fail("truncated", format!("the {what} ends in the middle; copy or save it again"))
            }
            ReadError::Other(error) if what == "file" => unreadable(&self.source, &error),
            ReadError::Other(error) => {
                origin.fail("corrupt", format!("the {what} is damaged ({error}); copy or save it again"))
            }
        }
    }
}

pub(super) fn unreadable(source: &str, error: &io::Error) -> Failure {
    let (reason, advice) = match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            ("not_found", "check the path (a web address begins with https://)")
        }
        io::ErrorKind::PermissionDenied => ("unreadable", "change its permissions or copy it"),
        _ => ("unreadable", "check the file and the disk it is on"),
    };
    Origin::file(source).fail(reason, format!("cannot be read: {error}; {advice}"))
}

pub(super) struct Opened {
    /// A copy of the first bytes; `reader` gives them again.
    pub(super) head: Vec<u8>,
    pub(super) reader: Box<dyn BufRead + Send>,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opened")
    }
}

/// Looks at the beginning. Damage found so early is kept for whoever reads on: what comes before it counts.
pub(super) fn with_head(mut reader: Box<dyn BufRead + Send>) -> io::Result<Opened> {
    let mut head = Vec::new();
    let outcome = (&mut reader).take(HEAD).read_to_end(&mut head);
    let rest: Box<dyn BufRead + Send> = match outcome {
        Ok(_) => reader,
        Err(error) if head.is_empty() => return Err(error),
        Err(error) => Box::new(BufReader::new(Broken(Some(error)))),
    };
    Ok(Opened { head: head.clone(), reader: Box::new(Cursor::new(head).chain(rest)) })
}

/// Gives an error met earlier.
struct Broken(Option<io::Error>);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// The pages of an [`Item`], read as they are asked for.
pub struct Pages(pub(super) Box<dyn Iterator<Item = Result<Page, Failure>> + Send>);

impl Pages {
    pub(super) fn one(page: Result<Page, Failure>) -> Self {
        Self(Box::new(iter::once(page)))
    }
}

impl Iterator for Pages {
    type Item = Result<Page, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}

impl fmt::Debug for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pages")
    }
}
