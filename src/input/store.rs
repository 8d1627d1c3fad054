//! Bytes that are read at many places: those of a file, or those that came in one go (standard input, what is packed in
//! another file) and lie in a temporary file, which has no name and vanishes with the process.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Origin;
use super::inflate::ReadError;
use crate::model::Failure;

/// How many times its bytes a file may unpack to; pages shrink to a tenth, repeated text to a thousandth.
pub(super) const MAX_RATIO: u64 = 200;
/// What any file may unpack to, however small it is.
const FREE_BYTES: u64 = 256 * 1024 * 1024;

/// The most bytes that a file of so many may unpack to: a small file should not make days of work, or fill a disk.
pub(super) fn most_unpacked(bytes: u64) -> u64 {
    bytes.saturating_mul(MAX_RATIO).saturating_add(FREE_BYTES)
}

/// Where the bytes lie.
#[derive(Debug, Clone)]
pub(super) enum Store {
    File(PathBuf),
    Scratch(Part),
}

pub(super) trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

pub(super) type Handle = BufReader<Box<dyn ReadSeek>>;

impl Store {
    /// Opens it at its beginning.
    pub(super) fn open(&self) -> io::Result<Handle> {
        let handle: Box<dyn ReadSeek> = match self {
            Self::File(path) => Box::new(File::open(path)?),
            Self::Scratch(part) => Box::new(part.clone()),
        };
        Ok(BufReader::new(handle))
    }

    /// Whether it can be opened again and again; a pipe cannot.
    pub(super) fn is_lasting(&self) -> bool {
        match self {
            Self::File(path) => path.is_file(),
            Self::Scratch(_) => true,
        }
    }
}

/// A part of a temporary file, read independently of others.
#[derive(Debug, Clone)]
pub(super) struct Part {
    file: Arc<Mutex<File>>,
    start: u64,
    end: u64,
    /// Where the next byte is read, from the beginning of the file.
    at: u64,
}

impl Read for Part {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        let mut file = lock(&self.file);
        file.seek(SeekFrom::Start(self.at))?;
        let read = file.read(&mut buffer[..wanted])?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Part {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let from_start = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => (self.end - self.start).checked_add_signed(by),
            SeekFrom::Current(by) => (self.at - self.start).checked_add_signed(by),
        };
        let target = from_start.and_then(|at| Some((at, self.start.checked_add(at)?)));
        let (from_start, at) = target.ok_or(io::ErrorKind::InvalidInput)?;
        self.at = at;
        Ok(from_start)
    }
}

/// One temporary file for all that is kept: many archives in a zip file would need more open files than a process may have.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    file: Option<Arc<Mutex<File>>>,
    end: u64,
}

/// What was kept.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) store: Store,
    pub(super) bytes: u64,
    /// Why it is not all.
    pub(super) fault: Option<ReadError>,
}

impl Scratch {
    /// Keeps what a reader gives, at most so many bytes.
    ///
    /// # Errors
    /// Where the temporary folder cannot take it.
    pub(super) fn keep(&mut self, mut reader: impl BufRead, most: u64) -> io::Result<Kept> {
        let file = match &self.file {
            Some(file) => Arc::clone(file),
            None => Arc::clone(self.file.insert(Arc::new(Mutex::new(tempfile::tempfile()?)))),
        };
        let (start, mut fault) = (self.end, None);
        loop {
            let chunk = match reader.fill_buf() {
                Ok([]) => break,
                Ok(chunk) => chunk,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    fault = Some(error.into());
                    break;
                }
            };
            let bytes = chunk.len();
            if bytes as u64 > most.saturating_sub(self.end - start) {
                fault = Some(ReadError::TooLarge);
                break;
            }
            // Locked for no longer: the reader may be a part of the same file.
            let mut locked = lock(&file);
            locked.seek(SeekFrom::Start(self.end))?;
            locked.write_all(chunk)?;
            drop(locked);
            self.end += bytes as u64;
            reader.consume(bytes);
        }
        let part = Part { file, start, end: self.end, at: start };
        Ok(Kept { store: Store::Scratch(part), bytes: self.end - start, fault })
    }
}

/// The failure of something that the temporary folder cannot take.
pub(super) fn no_room(source: &str, error: &io::Error) -> Failure {
    let message =
        format!("the temporary folder cannot hold it: {error}; free some space or set TMPDIR to another folder");
    Origin::file(source).fail("unreadable", message)
}

fn lock(file: &Mutex<File>) -> MutexGuard<'_, File> {
    file.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(store: &Store) -> String {
        let mut text = String::new();
        store.open().unwrap().read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn parts_of_one_file_are_read_beside_each_other() {
        let mut scratch = Scratch::default();
        let [one, two, none] = ["un deux", "trois", ""].map(|said| scratch.keep(said.as_bytes(), 10).unwrap());
        assert_eq!([&one, &two, &none].map(|kept| text(&kept.store)), ["un deux", "trois", ""]);
        assert_eq!((one.bytes, two.bytes, none.bytes), (7, 5, 0));
        let mut handle = one.store.open().unwrap();
        assert_eq!(handle.seek(SeekFrom::End(-4)).unwrap(), 3);
        let mut rest = String::new();
        handle.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "deux");
        assert_eq!(handle.seek(SeekFrom::Start(100)).unwrap(), 100);
        assert_eq!(handle.read(&mut [0; 4]).unwrap(), 0, "the next part begins there");
        assert!(handle.seek(SeekFrom::End(-8)).is_err());
        // A part of the file can be the source of another.
        let again = scratch.keep(one.store.open().unwrap(), 10).unwrap();
        assert_eq!(text(&again.store), "un deux");
    }

    #[test]
    fn what_came_before_a_fault_is_kept() {
        let mut scratch = Scratch::default();
        let large = scratch.keep(BufReader::with_capacity(2, &b"abcdefg"[..]), 5).unwrap();
        assert!(matches!(large.fault, Some(ReadError::TooLarge)));
        assert_eq!(text(&large.store), "abcd");
        let cut = (&b"abc"[..]).chain(Cut);
        let cut = scratch.keep(BufReader::with_capacity(2, cut), 5).unwrap();
        assert!(matches!(cut.fault, Some(ReadError::Truncated)));
        assert_eq!(text(&cut.store), "abc");
    }

    struct Cut;

    impl Read for Cut {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::UnexpectedEof.into())
        }
    }
}
