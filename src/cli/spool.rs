use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use tempfile::SpooledTempFile;

use crate::site::Fragment;

/// Bytes kept in memory before fragments go to a temporary file.
const IN_MEMORY: usize = 32 << 20;

/// Fragments set aside until it is known which of them make one thread, so that memory does not grow with the
/// study. They lie in a file that has no name and vanishes with the process.
#[derive(Debug)]
pub(super) struct Spool {
    file: BufWriter<SpooledTempFile>,
    /// Where each fragment begins; one more for the end.
    offsets: Vec<u64>,
}

/// A spool that is written and can be read.
#[derive(Debug)]
pub(super) struct Spooled {
    file: BufReader<SpooledTempFile>,
    offsets: Vec<u64>,
}

impl Spool {
    pub(super) fn new() -> Self {
        Self { file: BufWriter::new(SpooledTempFile::new(IN_MEMORY)), offsets: vec![0] }
    }

    pub(super) fn push(&mut self, fragment: &Fragment) -> io::Result<()> {
        let bytes = serde_json::to_vec(fragment)?;
        self.file.write_all(&bytes)?;
        let end = self.offsets.last().copied().unwrap_or(0) + bytes.len() as u64;
        self.offsets.push(end);
        Ok(())
    }

    pub(super) fn finish(self) -> io::Result<Spooled> {
        let mut file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(0))?;
        Ok(Spooled { file: BufReader::new(file), offsets: self.offsets })
    }
}

impl Spooled {
    /// Bytes the fragment takes, about those it takes in memory.
    pub(super) fn size(&self, number: usize) -> u64 {
        match (self.offsets.get(number), self.offsets.get(number + 1)) {
            (Some(start), Some(end)) => end - start,
            _ => 0,
        }
    }

    pub(super) fn get(&mut self, number: usize) -> io::Result<Fragment> {
        let size = usize::try_from(self.size(number)).map_err(io::Error::other)?;
        let at = self.offsets.get(number).copied().unwrap_or(0);
        // A relative seek keeps the buffer: fragments are mostly read in the order they were written.
        let here = self.file.stream_position()?;
        self.file.seek_relative(at as i64 - here as i64)?;
        let mut bytes = vec![0; size];
        self.file.read_exact(&mut bytes)?;
        Ok(serde_json::from_slice(&bytes)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_back_what_was_put_in_any_order() {
        let mut spool = Spool::new();
        for number in 0..100 {
            spool.push(&Fragment { source: format!("page {number}"), ..Fragment::default() }).unwrap();
        }
        let mut spooled = spool.finish().unwrap();
        for number in [0, 1, 99, 50, 51, 2] {
            assert_eq!(spooled.get(number).unwrap().source, format!("page {number}"));
        }
    }
}
