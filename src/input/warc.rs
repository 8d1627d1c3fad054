//! The records of a WARC file (ISO 28500), read one after the other.
//!
//! Own reader instead of the crate `warc` 0.4, which was read for this: it collects header lines and bodies of any
//! length in memory, ends at the first irregular line without saying at which record, and would add libflate and
//! chrono; what is left to do is a header block and a length. gzip comes from flate2, which this crate has anyway,
//! and whose multi-member decoder reads record-wise and whole-file compression alike.

use std::io::{self, BufRead, Read};

use super::inflate::ReadError;

/// The most bytes the header block of one record may have.
const MAX_HEADER: u64 = 256 * 1024;

/// The header of one record.
#[derive(Debug, Default)]
pub(super) struct Header {
    fields: Vec<(String, String)>,
    /// Bytes of the block that follows.
    pub(super) length: u64,
}

impl Header {
    /// The value of a field.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// `WARC-Type`, in lower case.
    pub(super) fn record_type(&self) -> String {
        self.get("WARC-Type").unwrap_or_default().to_ascii_lowercase()
    }

    /// `WARC-Target-URI`; WARC 1.0 put it in angle brackets, and wget still does.
    pub(super) fn target(&self) -> Option<&str> {
        self.get("WARC-Target-URI").map(bare)
    }
}

/// An address without angle brackets.
pub(super) fn bare(uri: &str) -> &str {
    uri.strip_prefix('<').and_then(|uri| uri.strip_suffix('>')).unwrap_or(uri).trim()
}

/// Why no further record can be read.
#[derive(Debug)]
pub(super) enum WarcError {
    /// The file ends inside a record.
    Truncated,
    /// The file is damaged: no record where one should begin, or a header without a length.
    Malformed(&'static str),
    /// Reading failed: a failing disk, damaged gzip data.
    Read(io::Error),
}

impl From<io::Error> for WarcError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof { Self::Truncated } else { Self::Read(error) }
    }
}

/// Reads records; after an error there are no more.
pub(super) struct Records<R> {
    reader: R,
    /// Bytes of the current block not read yet.
    unread: u64,
}

impl<R: BufRead> Records<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, unread: 0 }
    }

    /// The header of the next record, skipping what is left of the current one; `None` at the end.
    pub(super) fn next_header(&mut self) -> Result<Option<Header>, WarcError> {
        self.skip_block()?;
        let mut budget = MAX_HEADER;
        let version = loop {
            match self.line(&mut budget)? {
                None => return Ok(None),
                Some(line) if line.is_empty() => {}
                Some(line) => break line,
            }
        };
        if !version.starts_with("WARC/") {
            return Err(WarcError::Malformed("no WARC record begins where one should"));
        }
        let mut header = Header::default();
        loop {
            let line = self.line(&mut budget)?.ok_or(WarcError::Truncated)?;
            if line.is_empty() {
                break;
            }
            if line.starts_with([' ', '\t']) {
                if let Some((_, value)) = header.fields.last_mut() {
                    value.push(' ');
                    value.push_str(line.trim());
                }
            } else if let Some((name, value)) = line.split_once(':') {
                header.fields.push((name.trim().to_owned(), value.trim().to_owned()));
            }
        }
        let length = header.get("Content-Length").and_then(|value| value.parse().ok());
        header.length = length.ok_or(WarcError::Malformed("a record without a readable Content-Length"))?;
        self.unread = header.length;
        Ok(Some(header))
    }

    /// The block of the current record; [`ReadError::TooLarge`] leaves it to be skipped.
    pub(super) fn block(&mut self, cap: u64) -> Result<Vec<u8>, ReadError> {
        if self.unread > cap {
            return Err(ReadError::TooLarge);
        }
        let mut block = Vec::new();
        // Not allocated ahead: the length is only claimed.
        let read = (&mut self.reader).take(self.unread).read_to_end(&mut block)?;
        if (read as u64) < self.unread {
            return Err(ReadError::Truncated);
        }
        self.unread = 0;
        Ok(block)
    }

    /// At most so many bytes from the beginning of the current block.
    pub(super) fn beginning(&mut self, most: u64) -> io::Result<Vec<u8>> {
        let mut beginning = Vec::new();
        let read = (&mut self.reader).take(self.unread.min(most)).read_to_end(&mut beginning)?;
        self.unread -= read as u64;
        Ok(beginning)
    }

    /// Passes over what is left of the current block.
    pub(super) fn skip_block(&mut self) -> Result<(), WarcError> {
        let skipped = io::copy(&mut (&mut self.reader).take(self.unread), &mut io::sink())?;
        if skipped < self.unread {
            return Err(WarcError::Truncated);
        }
        self.unread = 0;
        Ok(())
    }

    /// One line without its end; `None` at the end of the file.
    fn line(&mut self, budget: &mut u64) -> Result<Option<String>, WarcError> {
        let mut line = Vec::new();
        let read = (&mut self.reader).take(*budget).read_until(b'\n', &mut line)? as u64;
        *budget -= read;
        if read == 0 && *budget > 0 {
            return Ok(None);
        }
        if !line.ends_with(b"\n") {
            return Err(if *budget == 0 {
                WarcError::Malformed("a header that does not end")
            } else {
                WarcError::Truncated
            });
        }
        Ok(Some(String::from_utf8_lossy(line.trim_ascii_end()).into_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = "WARC/1.0\r\nWARC-Type: Response\r\nwarc-target-uri: <http://a/>\r\nX: a\r\n b\r\n\
                       Content-Length: 5\r\n\r\n12345\r\n\r\nWARC/1.1\r\nContent-Length: 0\r\n\r\n\r\n\r\n";

    #[test]
    fn records_are_read_or_skipped() {
        for read_block in [true, false] {
            let mut records = Records::new(TWO.as_bytes());
            let first = records.next_header().unwrap().unwrap();
            assert_eq!((first.record_type().as_str(), first.target()), ("response", Some("http://a/")));
            assert_eq!(first.get("x"), Some("a b"));
            if read_block {
                assert_eq!(records.block(5).unwrap(), b"12345");
            }
            assert_eq!(records.next_header().unwrap().unwrap().length, 0);
            assert!(records.next_header().unwrap().is_none());
        }
    }

    #[test]
    fn damage_is_named() {
        let ended = |text: &str| {
            let mut records = Records::new(text.as_bytes());
            loop {
                match records.next_header() {
                    Ok(Some(_)) => {}
                    Ok(None) => return "whole",
                    Err(WarcError::Truncated) => return "truncated",
                    Err(WarcError::Malformed(what)) => return what,
                    Err(WarcError::Read(_)) => return "read",
                }
            }
        };
        assert_eq!(ended(&TWO[..TWO.find("45\r").unwrap()]), "truncated");
        assert_eq!(ended(&TWO[..20]), "truncated");
        assert_eq!(ended("WARC/1.0\r\n\r\n"), "a record without a readable Content-Length");
        assert_eq!(ended("<html>\r\n\r\n"), "no WARC record begins where one should");
        let endless = format!("WARC/1.0\r\nX: {}", "a".repeat(300_000));
        assert_eq!(ended(&endless), "a header that does not end");
        let claimed = "WARC/1.0\r\nContent-Length: 18446744073709551615\r\n\r\nabc";
        assert_eq!(ended(claimed), "truncated");
        let mut records = Records::new(claimed.as_bytes());
        records.next_header().unwrap();
        assert!(matches!(records.block(u64::MAX), Err(ReadError::Truncated)));
    }
}
