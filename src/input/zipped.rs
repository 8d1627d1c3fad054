//! The pages in a zip file: a folder somebody packed, or a WACZ (a zip of WARC archives).
//!
//! What a folder would give is read, in the order of the names; names are only names here, nothing is written anywhere.
//! An entry may have [`super::InputOptions::max_page_size`] bytes, and all of them together some hundred times the bytes of the
//! file: entries that share their bytes would otherwise make days of work of a small file.

use std::collections::HashSet;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::vec;

use flate2::read::DeflateDecoder;
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::inflate::{ReadError, read_capped};
use super::item::{Opened, Pages, Reading, unreadable, with_head};
use super::media::{Promise, promise};
use super::members::is_ours;
use super::store::{Handle, MAX_RATIO, Store, most_unpacked};
use super::{Captures, folder, kind};
use crate::model::{Failure, Page, PageKind};

/// More entries than a study packs into one file.
const MAX_ENTRIES: usize = 200_000;

/// Documents that are zip files: an entry that gives them away, and what they are.
const DOCUMENTS: &[(&str, &str)] = &[
    ("[Content_Types].xml", "an Office document (.docx, .xlsx, .pptx)"),
    ("META-INF/container.xml", "an e-book (.epub)"),
    ("META-INF/manifest.xml", "an OpenDocument file (.odt, .ods)"),
    ("META-INF/MANIFEST.MF", "a program (.jar)"),
    ("AndroidManifest.xml", "a program (.apk)"),
];

/// A zip file with or without entries. Text may begin with "PK", too.
pub(super) fn begins(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

/// Opens a zip file; entries that were taken out are passed over.
pub(super) fn pages(file: Reading, store: &Store, taken: &HashSet<usize>) -> Pages {
    match Zipped::open(file, store, taken) {
        Ok(zipped) => Pages(Box::new(zipped)),
        Err(failure) => Pages::one(Err(*failure)),
    }
}

/// Takes the archives of ours out of a zip file: which entries they are.
pub(super) fn take_ours(file: &Reading, store: &Store, captures: &mut Captures) -> HashSet<usize> {
    let mut taken = HashSet::new();
    // What is wrong with the file is told when its pages are read.
    let Ok(mut zipped) = Zipped::open(file.clone(), store, &taken) else { return taken };
    let mut left = zipped.budget;
    for entry in std::mem::take(&mut zipped.entries) {
        if !zipped.head(entry.index).is_ok_and(|head| is_ours(&head)) {
            continue;
        }
        if let Ok(opened) = zipped.stream(entry.index) {
            let source = zipped.source_of(&entry.name);
            let (took, says) = captures.add_packed(&source, opened.reader, left);
            left = left.saturating_sub(took);
            // One that lost what says which request was for what is read as those of other programs are.
            if says {
                taken.insert(entry.index);
            }
        }
    }
    taken
}

struct Entry {
    index: usize,
    /// Its path, with `/` between folders.
    name: String,
    promise: Promise,
    /// Whether it lies in the folder of parts of a page saved whole.
    part: bool,
    frame_of: Option<String>,
}

struct Zipped {
    file: Reading,
    store: Store,
    zip: ZipArchive<Handle>,
    entries: vec::IntoIter<Entry>,
    /// An entry that holds several pages, being read.
    within: Option<Pages>,
    encrypted: usize,
    /// Bytes that may still be unpacked.
    budget: u64,
    /// Pages read, or taken out before.
    pages: usize,
}

impl Zipped {
    fn open(file: Reading, store: &Store, taken: &HashSet<usize>) -> Result<Self, Box<Failure>> {
        let opened = store.open().and_then(|mut handle| {
            let bytes = handle.seek(SeekFrom::End(0))?;
            handle.rewind()?;
            Ok((handle, bytes))
        });
        let (handle, bytes) = opened.map_err(|error| unreadable(&file.source, &error))?;
        let zip = ZipArchive::new(handle).map_err(|error| match error {
            ZipError::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => unreadable(&file.source, &error),
            error => file.origin().fail(
                "corrupt",
                format!("the zip file is damaged or ends in the middle ({error}); copy or download it again"),
            ),
        })?;
        let mut entries = entries(&file, &zip)?;
        entries.retain(|entry| !taken.contains(&entry.index));
        Ok(Self {
            file,
            store: store.clone(),
            zip,
            entries: entries.into_iter(),
            within: None,
            encrypted: 0,
            budget: most_unpacked(bytes),
            pages: taken.len(),
        })
    }

    fn source_of(&self, name: &str) -> String {
        format!("{}#{name}", self.file.source)
    }

    /// Reads an entry; `None` where it is nothing to read.
    fn entry(&mut self, entry: &Entry) -> Option<Result<Page, Failure>> {
        let reading = Reading {
            source: self.source_of(&entry.name),
            frame_of: entry.frame_of.as_ref().map(|page| self.source_of(page)),
            max_page_size: self.file.max_page_size,
        };
        match self.zip.by_index_data(entry.index) {
            Ok(data) if data.encrypted() => {
                self.encrypted += 1;
                return None;
            }
            _ => {}
        }
        let head = match self.head(entry.index) {
            Ok(head) => head,
            Err(error) => return Some(Err(failure(&reading, error))),
        };
        let wanted = match entry.promise {
            // Frames of a saved page are documents, the rest belongs to it.
            _ if entry.part => kind::promises_a_page(&head) && kind::recognise_start(&head) == PageKind::Html,
            Promise::Page => true,
            Promise::Unknown => kind::promises_a_page(&head),
            Promise::Asset => false,
        };
        if !wanted {
            return None;
        }
        self.pages += 1;
        if head.starts_with(b"\x1f\x8b") || head.starts_with(b"WARC/") {
            return match self.stream(entry.index) {
                Ok(opened) => {
                    self.within = Some(reading.read(opened, Some(0)));
                    None
                }
                Err(error) => Some(Err(failure(&reading, error))),
            };
        }
        let cap = if kind::is_mhtml(&head) { reading.max_page_size.saturating_mul(4) } else { reading.max_page_size };
        let bytes = match self.zip.by_index(entry.index) {
            Ok(data) if data.size() > cap => return Some(Err(reading.origin().too_large(cap))),
            Ok(data) => read_capped(data, cap).map_err(|error| reading.broken(error, "file in the zip")),
            Err(error) => Err(failure(&reading, error)),
        };
        self.budget = self.budget.saturating_sub(bytes.as_ref().map_or(cap, |bytes| bytes.len() as u64));
        let opened = match bytes {
            Ok(bytes) => with_head(Box::new(Cursor::new(bytes))),
            Err(failure) => return Some(Err(failure)),
        };
        match opened {
            Ok(opened) => self.within = Some(reading.read(opened, Some(0))),
            Err(error) => return Some(Err(unreadable(&reading.source, &error))),
        }
        None
    }

    fn head(&mut self, index: usize) -> Result<Vec<u8>, ZipError> {
        let mut head = Vec::new();
        self.zip.by_index(index)?.take(8 * 1024).read_to_end(&mut head)?;
        Ok(head)
    }

    /// An entry of any size, read as it is asked for, from a place of its own in the file.
    fn stream(&mut self, index: usize) -> Result<Opened, ZipError> {
        let entry = self.zip.by_index_raw(index)?;
        let (start, length, method) = (entry.data_start(), entry.compressed_size(), entry.compression());
        drop(entry);
        let mut handle = self.store.open()?;
        handle.seek(SeekFrom::Start(start.ok_or(ZipError::FileNotFound)?))?;
        self.budget = self.budget.saturating_sub(length.saturating_mul(MAX_RATIO));
        let packed = handle.take(length);
        Ok(match method {
            CompressionMethod::Stored => with_head(Box::new(packed))?,
            _ => with_head(Box::new(BufReader::new(DeflateDecoder::new(packed))))?,
        })
    }

    /// What is to be said of the file as a whole once all entries were met.
    fn last_word(&mut self) -> Option<Failure> {
        let origin = self.file.origin();
        match std::mem::take(&mut self.encrypted) {
            0 => {}
            n => {
                self.pages += n;
                let message = format!("{n} files in it are locked with a password; unpack it and give the folder");
                return Some(origin.fail("encrypted", message));
            }
        }
        (self.pages == 0).then(|| {
            self.pages = 1;
            let message =
                "no readable page in this zip file; it should hold saved HTML, JSON answers, .txt or .warc files";
            origin.fail("no_pages", message)
        })
    }
}

impl Iterator for Zipped {
    type Item = Result<Page, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(page) = self.within.as_mut().and_then(Iterator::next) {
                return Some(page);
            }
            self.within = None;
            if self.budget == 0 {
                self.budget = u64::MAX;
                self.entries = Vec::new().into_iter();
                let message = "it unpacks to far more than a zip file of pages does; what came before is kept. If it is \
                               no trap, unpack it and give the folder";
                return Some(Err(self.file.origin().fail("too_large", message)));
            }
            match self.entries.next() {
                Some(entry) => {
                    if let Some(page) = self.entry(&entry) {
                        return Some(page);
                    }
                }
                None => return self.last_word().map(Err),
            }
        }
    }
}

/// The entries worth opening, by name.
fn entries(file: &Reading, zip: &ZipArchive<Handle>) -> Result<Vec<Entry>, Box<Failure>> {
    if zip.len() > MAX_ENTRIES {
        let message = format!("more than {MAX_ENTRIES} files in one zip file; unpack it and give the folder");
        return Err(file.origin().fail("too_large", message).into());
    }
    let names: Vec<String> = (0..zip.len()).map(|index| name(zip, index)).collect();
    if let Some((_, what)) = DOCUMENTS.iter().find(|(part, _)| names.iter().any(|name| name == part)) {
        let message = format!("{what}, not a page causerie reads; save it as plain text (.txt, UTF-8)");
        return Err(file.origin().fail("unsupported_document", message).into());
    }
    // A WACZ describes its archives in files of its own.
    let wacz = names.iter().any(|name| name == "datapackage.json") && names.iter().any(|name| is_wacz_archive(name));
    let known: HashSet<&str> = names.iter().map(String::as_str).collect();
    let mut entries: Vec<Entry> = names
        .iter()
        .enumerate()
        .filter(|(_, name)| {
            let hidden = name.split('/').any(is_hidden);
            !name.ends_with('/') && !hidden && (!wacz || is_wacz_archive(name))
        })
        .map(|(index, name)| Entry {
            index,
            name: name.clone(),
            promise: promise(name.rsplit('/').next().unwrap_or_default()),
            part: folder::saved_stem(name).is_some(),
            frame_of: folder::saved_stem(name).and_then(|stem| {
                folder::PAGE_ENDINGS.iter().map(|end| format!("{stem}{end}")).find(|page| known.contains(page.as_str()))
            }),
        })
        .filter(|entry| entry.promise != Promise::Asset)
        .collect();
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(entries)
}

fn is_hidden(part: &str) -> bool {
    part == "__MACOSX" || (part.starts_with('.') && part != "." && part != "..")
}

fn is_wacz_archive(name: &str) -> bool {
    name.strip_prefix("archive/").is_some_and(|name| name.contains(".warc"))
}

/// An entry's path as people read it. Names are UTF-8 whether they say so or not, or in the charset of old DOS.
fn name(zip: &ZipArchive<Handle>, index: usize) -> String {
    let Ok(data) = zip.by_index_data(index) else { return String::new() };
    let name = match std::str::from_utf8(data.name_raw()) {
        Ok(name) => name.to_owned(),
        Err(_) => data
            .name()
            .map_or_else(|_| String::from_utf8_lossy(data.name_raw()).into_owned(), std::borrow::Cow::into_owned),
    };
    name.replace('\\', "/").replace(char::is_control, "\u{fffd}")
}

fn failure(reading: &Reading, error: ZipError) -> Failure {
    match error {
        ZipError::CompressionMethodNotSupported(_) | ZipError::UnsupportedArchive(_) => reading.origin().fail(
            "unsupported_compression",
            format!("packed in a way causerie cannot unpack ({error}); unpack the zip file and give the folder"),
        ),
        ZipError::Io(error) => reading.broken(ReadError::from(error), "file in the zip"),
        error => {
            let message = format!("the zip file is damaged here ({error}); copy or download it again");
            reading.origin().fail("corrupt", message)
        }
    }
}
