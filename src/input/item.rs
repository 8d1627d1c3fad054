use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::iter;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use super::archive::Archive;
use super::inflate::{ReadError, read_capped};
use super::mhtml::Mhtml;
use super::zipped::Store;
use super::{Origin, decode, folder, frames, kind, webarchive, zipped};
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
    max_page_size: u64,
}

#[derive(Debug, Clone)]
enum From {
    File(PathBuf),
    Stdin,
    /// What planning already found to be wrong.
    Failed(Failure),
}

impl Item {
    pub(super) fn file(path: PathBuf, bytes: u64, max_page_size: u64) -> Self {
        Self { source: path.to_string_lossy().into_owned(), bytes, from: From::File(path), max_page_size }
    }

    pub(super) fn stdin(max_page_size: u64) -> Self {
        Self { source: "-".to_owned(), bytes: 0, from: From::Stdin, max_page_size }
    }

    pub(super) fn failed(failure: Failure) -> Self {
        Self { source: failure.source.clone(), bytes: 0, from: From::Failed(failure), max_page_size: 0 }
    }

    /// The path as given or found, or `-`.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The file, where it is one.
    pub(super) fn path(&self) -> Option<&Path> {
        if let From::File(path) = &self.from { Some(path) } else { None }
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
        let frame_of = match &self.from {
            From::File(path) => folder::frame_of(path),
            From::Failed(failure) => return Pages::one(Err(failure.clone())),
            From::Stdin => None,
        };
        let reading = Reading { source: self.source.clone(), frame_of, max_page_size: self.max_page_size };
        let opened: io::Result<Box<dyn BufRead + Send>> = match &self.from {
            From::File(path) => File::open(path).map(|file| Box::new(BufReader::new(file)) as Box<dyn BufRead + Send>),
            _ => Ok(Box::new(BufReader::new(io::stdin()))),
        };
        match opened.and_then(with_head) {
            Ok(opened) if opened.head.starts_with(b"PK") && zipped::begins(&opened.head) => match &self.from {
                From::File(path) => zipped::pages(reading, Store::File(path.clone())),
                // A zip file is read from its end, so all of it must be there.
                _ => match read_capped(opened.reader, self.max_page_size) {
                    Ok(bytes) => zipped::pages(reading, Store::Memory(bytes.into())),
                    Err(error) => Pages::one(Err(reading.broken(error, "zip file"))),
                },
            },
            Ok(opened) => reading.read(opened, Some(self.bytes)),
            Err(error) => Pages::one(Err(unreadable(&self.source, &error))),
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
