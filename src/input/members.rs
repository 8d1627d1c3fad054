//! The records of an archive of ours: where each begins, and where the last whole one ends. We write each as a gzip member of its
//! own; unpacked they can be read one by one as well, packed together they cannot.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::{GzDecoder, MultiGzDecoder};

use super::inflate::ReadError;
use super::warc::{Header, Records, WarcError};

/// What an archive of ours says of itself first.
const SOFTWARE: &str = concat!("software: ", env!("CARGO_PKG_NAME"), "/");
/// The most bytes an entry may have.
pub(super) const MAX_ENTRY: u64 = 16 << 20;
/// How gzip data begins.
const GZIP: u8 = 0x1f;

/// What a file holds, from the beginning on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Whole {
    /// Whole records of an archive of ours up to here; what follows, if anything, is the beginning of one.
    Ours(u64),
    /// An archive of ours, damaged, or packed again in another way: nothing can be added to it.
    Damaged,
    /// Something else.
    Foreign,
}

/// How many bytes of a file are whole records of an archive of ours.
pub(crate) fn whole_records(mut reader: impl BufRead) -> Whole {
    match reader.fill_buf() {
        Ok([]) => return Whole::Ours(0),
        Ok(head) if !is_ours(head) => return Whole::Foreign,
        Ok([GZIP, ..]) => {}
        Ok(_) => return Whole::Damaged,
        Err(_) => return Whole::Foreign,
    }
    let mut members = Members::new(reader);
    loop {
        match members.next() {
            Ok(Some(_)) => {}
            // What a killed run leaves of its last record. Anything else is for a person to look at, not to cut off.
            Ok(None) | Err(MemberError::Cut) => return Whole::Ours(members.whole),
            Err(_) => return Whole::Damaged,
        }
    }
}

/// Whether a file that begins so, with its first few KiB, is an archive of ours.
pub(super) fn is_ours(head: &[u8]) -> bool {
    if is_packed(head) {
        return begins_ours(BufReader::new(MultiGzDecoder::new(head)));
    }
    head.starts_with(b"WARC/") && begins_ours(head)
}

/// Whether a record that begins so is packed.
pub(super) fn is_packed(head: &[u8]) -> bool {
    head.first() == Some(&GZIP)
}

fn begins_ours(reader: impl BufRead) -> bool {
    let mut records = Records::new(reader);
    let is_info = matches!(records.next_header(), Ok(Some(header)) if header.record_type() == "warcinfo");
    is_info && records.beginning(SOFTWARE.len() as u64).is_ok_and(|said| said == SOFTWARE.as_bytes())
}

/// Where a record begins, its header, and its block where that is ours to read.
pub(super) type Member = (u64, Header, Vec<u8>);

/// Why no further record can be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum MemberError {
    /// The file ends inside a record.
    #[error("the last record is cut")]
    Cut,
    /// What stands there is no record of ours.
    #[error("{0}")]
    Damaged(&'static str),
    /// From this byte on a gzip member holds several records, or a part of one.
    #[error("from byte {0} on records are packed together, unpack it (gunzip) and give the .warc file")]
    Together(u64),
    /// Reading failed: a failing disk, damaged gzip data.
    #[error(transparent)]
    Read(io::Error),
}

impl From<io::Error> for MemberError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof { Self::Cut } else { Self::Read(error) }
    }
}

impl From<WarcError> for MemberError {
    fn from(error: WarcError) -> Self {
        match error {
            WarcError::Truncated => Self::Cut,
            WarcError::Malformed(what) => Self::Damaged(what),
            WarcError::Read(error) => Self::Read(error),
        }
    }
}

impl From<ReadError> for MemberError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Truncated => Self::Cut,
            ReadError::TooLarge => Self::Damaged("a record is larger than causerie writes them"),
            ReadError::Other(error) => Self::Read(error),
        }
    }
}

/// The records of a file, each a gzip member or not packed.
pub(super) struct Members<R> {
    reader: Counted<R>,
    /// End of the last whole record.
    whole: u64,
}

impl<R: BufRead> Members<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader: Counted { reader, count: 0 }, whole: 0 }
    }

    pub(super) fn next(&mut self) -> Result<Option<Member>, MemberError> {
        let offset = self.reader.count;
        let record = match self.reader.fill_buf()?.first() {
            None => None,
            Some(&GZIP) => {
                let found = packed(&mut self.reader);
                // The member ended, the record did not: it was cut into blocks of one size.
                let in_blocks = matches!(found, Err(MemberError::Cut)) && !self.reader.fill_buf()?.is_empty();
                match found {
                    Ok(None) => return Err(MemberError::Together(offset)),
                    Err(_) if in_blocks => return Err(MemberError::Together(offset)),
                    found => found?,
                }
            }
            Some(b'W' | b'\r' | b'\n') => record(&mut self.reader)?,
            Some(_) => return Err(MemberError::Damaged("no record begins where one should")),
        };
        self.whole = self.reader.count;
        Ok(record.map(|(header, block)| (offset, header, block)))
    }
}

fn record(reader: &mut impl BufRead) -> Result<Option<(Header, Vec<u8>)>, MemberError> {
    let mut records = Records::new(reader);
    let Some(header) = records.next_header()? else { return Ok(None) };
    let wanted = matches!(header.record_type().as_str(), "metadata" | "warcinfo");
    let block = if wanted { records.block(MAX_ENTRY)? } else { Vec::new() };
    records.skip_block()?;
    Ok(Some((header, block)))
}

/// The record of a gzip member; none where the member holds more.
fn packed(reader: &mut impl BufRead) -> Result<Option<(Header, Vec<u8>)>, MemberError> {
    let mut inflated = BufReader::new(GzDecoder::new(reader));
    let record = record(&mut inflated)?.ok_or(MemberError::Damaged("a record is damaged"))?;
    // To the end, where the checksum is.
    loop {
        let chunk = inflated.fill_buf()?;
        if chunk.is_empty() {
            return Ok(Some(record));
        }
        if !chunk.iter().all(u8::is_ascii_whitespace) {
            return Ok(None);
        }
        let bytes = chunk.len();
        inflated.consume(bytes);
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

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;

    use super::*;

    fn record(kind: &str, block: &str) -> Vec<u8> {
        format!("WARC/1.1\r\nWARC-Type: {kind}\r\nContent-Length: {}\r\n\r\n{block}\r\n\r\n", block.len()).into_bytes()
    }

    fn records() -> [Vec<u8>; 3] {
        [
            record("warcinfo", &format!("{SOFTWARE}1.0\r\n")),
            record("response", "HTTP/1.1 200 OK\r\n\r\nx"),
            record("metadata", "{}"),
        ]
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn apart() -> Vec<u8> {
        records().iter().flat_map(|record| gzip(record)).collect()
    }

    /// Where the records are, and why they end.
    fn scan(bytes: &[u8]) -> (Vec<u64>, String) {
        let mut members = Members::new(bytes);
        let mut offsets = Vec::new();
        loop {
            match members.next() {
                Ok(Some((offset, ..))) => offsets.push(offset),
                Ok(None) => return (offsets, "end".to_owned()),
                Err(error) => return (offsets, error.to_string()),
            }
        }
    }

    #[test]
    fn records_are_found_packed_one_by_one_and_unpacked() {
        for all in [records().map(|record| gzip(&record)), records()] {
            let (offsets, end) = scan(&all.concat());
            assert_eq!((offsets.len(), end.as_str()), (3, "end"));
            for (offset, record) in offsets.into_iter().zip(&all) {
                // Unpacked, the blank lines behind a record may count to the next one.
                let bytes = &all.concat()[offset as usize..];
                assert_eq!(bytes.trim_ascii_start()[..20], record[..20]);
            }
        }
    }

    #[test]
    fn records_packed_together_are_no_members() {
        let together = gzip(&records().concat());
        assert!(is_ours(&together));
        let (offsets, end) = scan(&together);
        assert!(offsets.is_empty() && end.starts_with("from byte 0 on records are packed together"), "{end}");
        let behind = [apart(), together.clone()].concat();
        assert_eq!(scan(&behind).0.len(), 3);
        let blocks: Vec<u8> = records().concat().chunks(20).flat_map(gzip).collect();
        assert!(is_ours(&blocks) && scan(&blocks).1.contains("packed together"));
        // Nothing of it is cut off, whole or not.
        for bytes in [&together[..], &together[..together.len() - 4], &behind, &blocks, &records().concat()] {
            assert_eq!(whole_records(bytes), Whole::Damaged);
        }
    }

    #[test]
    fn only_what_a_killed_run_left_is_cut_off() {
        let whole = apart();
        let last = gzip(&records()[2]).len();
        assert_eq!(whole_records(&whole[..]), Whole::Ours(whole.len() as u64));
        assert_eq!(whole_records(&whole[..whole.len() - 3]), Whole::Ours((whole.len() - last) as u64));
        assert_eq!(whole_records(&b""[..]), Whole::Ours(0));
        assert_eq!(whole_records(&[&whole[..], b"rubbish"].concat()[..]), Whole::Damaged);
        assert_eq!(whole_records(&b"<html>"[..]), Whole::Foreign);
        assert_eq!(whole_records(&gzip(&record("warcinfo", "software: other/1"))[..]), Whole::Foreign);
    }

    proptest! {
        #[test]
        fn damage_never_panics(at in 0_usize..600, by in any::<[u8; 3]>(), cut in 0_usize..600, packed in any::<bool>()) {
            let mut bytes = if packed { apart() } else { records().concat() };
            let at = at.min(bytes.len() - 3);
            bytes[at..at + 3].copy_from_slice(&by);
            bytes.truncate(cut.max(at));
            is_ours(&bytes);
            prop_assert!(scan(&bytes).0.len() <= 3);
        }
    }
}
