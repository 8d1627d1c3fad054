//! The records of an archive of ours, each a gzip member of its own: where each begins, and where the last whole one ends.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::GzDecoder;

use super::inflate::ReadError;
use super::warc::{Header, Records, WarcError};

/// What an archive of ours says of itself first.
const SOFTWARE: &str = concat!("software: ", env!("CARGO_PKG_NAME"), "/");
/// The most bytes an entry may have.
pub(super) const MAX_ENTRY: u64 = 16 << 20;

/// What a file holds, from the beginning on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Whole {
    /// Whole records of an archive of ours up to here; what follows, if anything, is the beginning of one.
    Ours(u64),
    /// An archive of ours, damaged.
    Damaged,
    /// Something else.
    Foreign,
}

/// How many bytes of a file are whole records of an archive of ours.
pub(crate) fn whole_records(reader: impl BufRead) -> Whole {
    let mut members = Members::new(reader);
    if members.is_empty() {
        return Whole::Ours(0);
    }
    if !members.begins_ours() {
        return Whole::Foreign;
    }
    loop {
        match members.next() {
            Ok(Some(_)) => {}
            Ok(None) => return Whole::Ours(members.whole),
            // What a killed run leaves of its last record. Anything else is for a person to look at, not to cut off.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Whole::Ours(members.whole),
            Err(_) => return Whole::Damaged,
        }
    }
}

/// Where a record begins, its header, and its block where that is ours to read.
pub(super) type Member = (u64, Header, Vec<u8>);

/// The records of a file in which each is a gzip member.
pub(super) struct Members<R> {
    reader: Counted<R>,
    /// End of the last whole record.
    whole: u64,
    /// The first record, once looked at.
    first: Option<io::Result<Option<Member>>>,
}

impl<R: BufRead> Members<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader: Counted { reader, count: 0 }, whole: 0, first: None }
    }

    fn is_empty(&mut self) -> bool {
        self.reader.fill_buf().is_ok_and(<[u8]>::is_empty)
    }

    pub(super) fn begins_ours(&mut self) -> bool {
        let first = self.read();
        let ours = matches!(&first, Ok(Some((_, header, block)))
            if header.record_type() == "warcinfo" && block.starts_with(SOFTWARE.as_bytes()));
        self.first = Some(first);
        ours
    }

    pub(super) fn next(&mut self) -> io::Result<Option<Member>> {
        match self.first.take() {
            Some(first) => first,
            None => self.read(),
        }
    }

    fn read(&mut self) -> io::Result<Option<Member>> {
        let offset = self.reader.count;
        let head = self.reader.fill_buf()?;
        if head.is_empty() {
            return Ok(None);
        }
        if !head.starts_with(b"\x1f") {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "no record begins where one should"));
        }
        let mut inflated = BufReader::new(GzDecoder::new(&mut self.reader));
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "a record is damaged");
        let cut = || io::Error::new(io::ErrorKind::UnexpectedEof, "the last record is cut");
        let mut records = Records::new(&mut inflated);
        let header = match records.next_header() {
            Ok(Some(header)) => header,
            Err(WarcError::Truncated) => return Err(cut()),
            Ok(None) | Err(_) => return Err(damaged()),
        };
        let wanted = matches!(header.record_type().as_str(), "metadata" | "warcinfo");
        let block = if wanted { records.block(MAX_ENTRY) } else { Ok(Vec::new()) };
        let block = block.map_err(|error| if matches!(error, ReadError::Truncated) { cut() } else { damaged() })?;
        // To the end, where the checksum is.
        io::copy(&mut inflated, &mut io::sink())?;
        self.whole = self.reader.count;
        Ok(Some((offset, header, block)))
    }
}

/// Counts the bytes taken from a reader.
struct Counted<R> {
    reader: R,
    count: u64,
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.count += read as u64;
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.reader.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.count += amount as u64;
        self.reader.consume(amount);
    }
}
