use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::iter;
use std::path::PathBuf;

use flate2::read::MultiGzDecoder;

use super::archive::Archive;
use super::inflate::{ReadError, read_capped};
use super::{Origin, decode};
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

    /// Size on disk, for progress; 0 where it is not known.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Opens the item and reads its pages one at a time: one of a file, any number of an archive.
    pub fn pages(&self) -> Pages {
        let opened: io::Result<Box<dyn BufRead + Send>> = match &self.from {
            From::Failed(failure) => return Pages::one(Err(failure.clone())),
            From::Stdin => Ok(Box::new(BufReader::new(io::stdin()))),
            From::File(path) => File::open(path).map(|file| Box::new(BufReader::new(file)) as Box<dyn BufRead + Send>),
        };
        match opened.and_then(with_head) {
            Ok(opened) => self.read(opened),
            Err(error) => Pages::one(Err(unreadable(&self.source, &error))),
        }
    }

    fn read(&self, Opened { head, reader }: Opened) -> Pages {
        if head.starts_with(b"\x1f\x8b") {
            let unpacked = BufReader::new(MultiGzDecoder::new(reader));
            return match with_head(Box::new(unpacked)) {
                Ok(Opened { head, reader }) if head.starts_with(b"WARC/") => self.archive(reader),
                Ok(Opened { reader, .. }) => self.page(reader, "gzip data"),
                Err(error) => Pages::one(Err(self.broken(error.into(), "gzip data"))),
            };
        }
        if head.starts_with(b"WARC/") {
            return self.archive(reader);
        }
        if self.bytes > self.max_page_size {
            return Pages::one(Err(Origin::file(&self.source).too_large(self.max_page_size)));
        }
        self.page(reader, "file")
    }

    fn archive(&self, reader: Box<dyn BufRead + Send>) -> Pages {
        Pages(Box::new(Archive::new(self.source.clone(), reader, self.max_page_size)))
    }

    fn page(&self, reader: impl Read, what: &str) -> Pages {
        Pages::one(match read_capped(reader, self.max_page_size) {
            Ok(bytes) => decode(bytes, Origin::file(&self.source), self.max_page_size),
            Err(error) => Err(self.broken(error, what)),
        })
    }

    fn broken(&self, error: ReadError, what: &str) -> Failure {
        let origin = Origin::file(&self.source);
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

struct Opened {
    /// A copy of the first bytes; `reader` gives them again.
    head: Vec<u8>,
    reader: Box<dyn BufRead + Send>,
}

/// Looks at the beginning. Damage found so early is kept for whoever reads on: what comes before it counts.
fn with_head(mut reader: Box<dyn BufRead + Send>) -> io::Result<Opened> {
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
pub struct Pages(Box<dyn Iterator<Item = Result<Page, Failure>> + Send>);

impl Pages {
    fn one(page: Result<Page, Failure>) -> Self {
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
