//! The archive: every exchange with a server as WARC records (ISO 28500, WARC 1.1), each a gzip member of its own, with
//! what we made of them beside it ([`Entry`], as metadata records). `input` reads it again.
//!
//! Files only grow. A record is written in one piece; what a killed run left of a last one is cut off when the archive is
//! opened again, so that at most the exchange then under way is lost.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use data_encoding::BASE32;
use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::exchange::Exchange;
use crate::input::{Whole, whole_records};
use crate::model::Entry;

/// A file of a folder is full at this size (bytes): what fits on any disk and through any copy.
const FULL: u64 = 1 << 30;
/// What files of a folder are called, with a number.
const NAME: &str = "pages";

/// Why there is no archive.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// A file cannot be read or written.
    #[error("{path}: {source}; the archive needs a folder that can be written to and room on the disk")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another process writes it.
    #[error("{path} is being written by another run; wait for it, or give another place")]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// A file is damaged, and not as a killed run leaves it: nothing is cut off, and nothing added.
    #[error("{path} is damaged; keep it to read what stands before, and write to another place")]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// A file of that name is no archive of ours.
    #[error("{path} holds something else than an archive of causerie; give another name")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
}

/// An archive open for writing. All tasks of a run share it.
#[derive(Debug)]
pub struct Archive {
    open: Mutex<Open>,
    /// What made writing impossible: nothing fetched after it is kept.
    broken: OnceLock<String>,
}

#[derive(Debug)]
struct Open {
    place: Place,
    /// Who runs this, for the first record of a file.
    about: String,
    path: PathBuf,
    file: File,
    length: u64,
}

/// Where an archive lies.
#[derive(Debug, Clone)]
enum Place {
    /// One file.
    File,
    /// Files in a folder, numbered from 1; the number of the last.
    Folder(PathBuf, u32),
}

impl Archive {
    /// Opens one file, to append to it; it is made where there is none.
    ///
    /// # Errors
    /// [`ArchiveError`], among others where the file is something else.
    pub fn file(path: &Path, about: &[(&str, String)]) -> Result<Self, ArchiveError> {
        Self::open(Place::File, path.to_owned(), about)
    }

    /// Opens the files of a folder, to append to the last; both are made where there are none.
    ///
    /// # Errors
    /// [`ArchiveError`], among others where a file is something else.
    pub fn folder(folder: &Path, about: &[(&str, String)]) -> Result<Self, ArchiveError> {
        let failed = |source| ArchiveError::File { path: folder.to_owned(), source };
        std::fs::create_dir_all(folder).map_err(failed)?;
        let mut last = 1;
        while numbered(folder, last + 1).exists() {
            last += 1;
        }
        match Self::open(Place::Folder(folder.to_owned(), last), numbered(folder, last), about) {
            // It stays as it is; what is new goes into a file of its own.
            Err(ArchiveError::Damaged { .. }) => {
                Self::open(Place::Folder(folder.to_owned(), last + 1), numbered(folder, last + 1), about)
            }
            opened => opened,
        }
    }

    /// The files of the archive in a folder, in order.
    pub fn files(folder: &Path) -> Vec<PathBuf> {
        (1..u32::MAX).map(|number| numbered(folder, number)).take_while(|path| path.exists()).collect()
    }

    fn open(place: Place, path: PathBuf, about: &[(&str, String)]) -> Result<Self, ArchiveError> {
        let about = about.iter().map(|(name, value)| line(name, value)).collect::<Vec<_>>().concat();
        let (file, length) = begin(&path, &about)?;
        Ok(Self { open: Mutex::new(Open { place, about, path, file, length }), broken: OnceLock::new() })
    }

    /// What made writing impossible, if anything did.
    pub fn broken(&self) -> Option<&str> {
        self.broken.get().map(String::as_str)
    }

    /// Writes an exchange; the name of the record that holds the answer.
    pub(super) fn exchange(&self, exchange: &Exchange<'_>) -> String {
        let (asked, answered) = (name(), name());
        let target = exchange.url;
        let mut common = format!("WARC-Target-URI: {target}\r\nWARC-Date: {}\r\n", exchange.at);
        if let Some(address) = exchange.address {
            common += &line("WARC-IP-Address", &address.ip().to_string());
        }
        let of = |other: &str| format!("{common}WARC-Concurrent-To: <{other}>\r\n");
        let mut fields = of(&asked);
        fields += &line("WARC-Payload-Digest", &digest(exchange.body));
        if let Some(reason) = exchange.cut {
            fields += &line("WARC-Truncated", reason);
        }
        let answer = record("response", &answered, &fields, "application/http; msgtype=response", &exchange.answer());
        let request =
            record("request", &asked, &of(&answered), "application/http; msgtype=request", &exchange.request());
        self.append(&[answer, request].concat());
        answered
    }

    /// Writes what we made of exchanges, beside the answer it is about.
    pub(crate) fn entry(&self, entry: &Entry) {
        let (target, about) = match entry {
            Entry::Begun { seed, .. } => (Some(seed), None),
            Entry::Asked { request, outcome, .. } => {
                (Some(&request.url), outcome.answer().map(|answer| &answer.record))
            }
            Entry::Listed { .. } | Entry::Ended { .. } => (None, None),
        };
        let mut fields = format!("WARC-Date: {}\r\n", now());
        if let Some(target) = target {
            fields += &line("WARC-Target-URI", &target.replace(' ', "%20"));
        }
        if let Some(about) = about {
            fields += &line("WARC-Refers-To", &format!("<{about}>"));
        }
        let json = serde_json::to_vec(entry).expect("plain data");
        self.append(&record("metadata", &name(), &fields, "application/json", &json));
    }

    fn append(&self, records: &[u8]) {
        if self.broken.get().is_some() {
            return;
        }
        if let Err(error) = self.lock().append(records) {
            // The first reason is the one to tell.
            let _ = self.broken.set(error.to_string());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn append(&mut self, records: &[u8]) -> Result<(), ArchiveError> {
        if let Place::Folder(folder, last) = &mut self.place
            && self.length >= FULL
        {
            *last += 1;
            self.path = numbered(folder, *last);
            (self.file, self.length) = begin(&self.path, &self.about)?;
        }
        self.length += records.len() as u64;
        self.file.write_all(records).map_err(|source| ArchiveError::File { path: self.path.clone(), source })
    }
}

fn numbered(folder: &Path, number: u32) -> PathBuf {
    folder.join(format!("{NAME}-{number:05}.warc.gz"))
}

/// Opens a file behind its last whole record; a new one begins with what an archive says of itself.
fn begin(path: &Path, about: &str) -> Result<(File, u64), ArchiveError> {
    let failed = |source| ArchiveError::File { path: path.to_owned(), source };
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(failed)?;
    // Some file systems have no locks; they are a courtesy.
    if let Err(TryLockError::WouldBlock) = file.try_lock() {
        return Err(ArchiveError::Busy { path: path.to_owned() });
    }
    let whole = match whole_records(BufReader::new(&file)) {
        Whole::Ours(whole) => whole,
        Whole::Damaged => return Err(ArchiveError::Damaged { path: path.to_owned() }),
        Whole::Foreign => return Err(ArchiveError::Foreign { path: path.to_owned() }),
    };
    file.set_len(whole).map_err(failed)?;
    file.seek(SeekFrom::Start(whole)).map_err(failed)?;
    let mut length = whole;
    if whole == 0 {
        let fields = format!(
            "WARC-Date: {}\r\nWARC-Filename: {}\r\n",
            now(),
            path.file_name().unwrap_or_default().to_string_lossy().trim_end_matches(".part")
        );
        let software = format!(
            "software: {}/{}\r\nformat: WARC File Format 1.1\r\nconformsTo: \
             http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n{about}",
            env!("CARGO_PKG_NAME"),
            env!("CARGO_PKG_VERSION")
        );
        let first = record("warcinfo", &name(), &fields, "application/warc-fields", software.as_bytes());
        file.write_all(&first).map_err(failed)?;
        length = first.len() as u64;
    }
    Ok((file, length))
}

/// A header's line; it stays one, whatever the value holds.
fn line(name: &str, value: &str) -> String {
    format!("{name}: {}\r\n", value.replace(['\r', '\n'], " "))
}

/// One record, compressed. `fields` are whole lines.
fn record(kind: &str, name: &str, fields: &str, media: &str, block: &[u8]) -> Vec<u8> {
    let head = format!(
        "WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <{name}>\r\n{fields}WARC-Block-Digest: {}\r\nContent-Type: \
         {media}\r\nContent-Length: {}\r\n\r\n",
        digest(block),
        block.len()
    );
    let mut member = GzEncoder::new(Vec::with_capacity(block.len() / 3 + 512), Compression::fast());
    let written = [head.as_bytes(), block, b"\r\n\r\n"].iter().try_for_each(|part| member.write_all(part));
    written.and_then(|()| member.finish()).expect("memory takes what is written")
}

/// What WARC tools compare.
fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", BASE32.encode(&Sha256::digest(bytes)))
}

fn name() -> String {
    Uuid::new_v4().urn().to_string()
}

/// The time as archives write it.
pub(super) fn now() -> String {
    let now = Timestamp::now();
    now.round(jiff::Unit::Second).unwrap_or(now).to_string()
}
