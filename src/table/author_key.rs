use std::fmt;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Length of a key in bytes.
const LENGTH: usize = 32;

/// The secret that pseudonyms are made with: 32 random bytes.
///
/// Whoever has it can test whether a name they know is behind a pseudonym; without it nobody can. As a file it is 64
/// hexadecimal digits on one line, readable by its owner only.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorKey([u8; LENGTH]);

impl fmt::Debug for AuthorKey {
    /// Never the key itself: debug output ends up in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthorKey(…)")
    }
}

/// Why there is no author key.
#[derive(Debug, thiserror::Error)]
pub enum AuthorKeyError {
    /// The file cannot be read.
    #[error("the author key {} cannot be read: {source}", path.display())]
    Unreadable {
        /// The key file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file holds something else.
    #[error(
        "{} is not an author key: it should hold {} hexadecimal digits but {found}. Restore it from a copy, or \
         delete it to have a new one made (pseudonyms will then differ from those of earlier runs)",
        path.display(), LENGTH * 2
    )]
    Malformed {
        /// The key file.
        path: PathBuf,
        /// What is in it instead, as the end of a sentence.
        found: &'static str,
    },
    /// A new key cannot be stored.
    #[error(
        "the author key {} cannot be stored: {source}. Name a file with --author-key, or choose --authors keep or drop",
        path.display()
    )]
    Unwritable {
        /// The key file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The system gives no random bytes.
    #[error("no random bytes for an author key: {source}")]
    NoRandomness {
        /// Why.
        source: getrandom::Error,
    },
}

impl AuthorKey {
    /// A key that is known already.
    pub fn from_bytes(bytes: [u8; LENGTH]) -> Self {
        Self(bytes)
    }

    /// A new random key.
    ///
    /// # Errors
    /// [`AuthorKeyError::NoRandomness`] where the system gives no random bytes.
    pub fn generate() -> Result<Self, AuthorKeyError> {
        let mut bytes = [0; LENGTH];
        getrandom::fill(&mut bytes).map_err(|source| AuthorKeyError::NoRandomness { source })?;
        Ok(Self(bytes))
    }

    /// The key in a file.
    ///
    /// # Errors
    /// [`AuthorKeyError::Unreadable`] (also for a missing file) or [`AuthorKeyError::Malformed`].
    pub fn read(path: &Path) -> Result<Self, AuthorKeyError> {
        let unreadable = |source| AuthorKeyError::Unreadable { path: path.into(), source };
        let malformed = |found| AuthorKeyError::Malformed { path: path.into(), found };
        let mut content = Vec::new();
        // A key with its line end has 65 bytes: whatever is longer than this is none, however long it is.
        fs::File::open(path).map_err(unreadable)?.take(1024).read_to_end(&mut content).map_err(unreadable)?;
        let digits = content.trim_ascii();
        if digits.is_empty() {
            return Err(malformed("is empty"));
        }
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(malformed("holds other characters"));
        }
        if digits.len() != LENGTH * 2 {
            return Err(malformed(if digits.len() < LENGTH * 2 { "has fewer" } else { "has more" }));
        }
        let mut bytes = [0; LENGTH];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = pair.iter().fold(0, |value, &digit| value << 4 | digit_value(digit));
        }
        Ok(Self(bytes))
    }

    /// The key in a file, made and stored there first (mode 0600, with the folders it needs) where there is none.
    ///
    /// The file appears whole or not at all; of two processes that make one at once, both use the one stored first.
    ///
    /// # Errors
    /// As [`AuthorKey::read`], and [`AuthorKeyError::Unwritable`] where a new key cannot be stored.
    pub fn read_or_create(path: &Path) -> Result<Self, AuthorKeyError> {
        match Self::read(path) {
            Err(AuthorKeyError::Unreadable { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
            read => return read,
        }
        let key = Self::generate()?;
        match key.store(path) {
            Ok(()) => Ok(key),
            Err(source) if source.kind() == io::ErrorKind::AlreadyExists => Self::read(path),
            Err(source) => Err(AuthorKeyError::Unwritable { path: path.into(), source }),
        }
    }

    /// Tells whether two results were made with the same key, and nothing of the key: the first 64 bits of its HMAC-SHA256 over a
    /// fixed text, in hexadecimal.
    pub fn fingerprint(&self) -> String {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
        mac.update(b"fingerprint of an author key");
        HEXLOWER.encode(&mac.finalize().into_bytes()[..8])
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn store(&self, path: &Path) -> io::Result<()> {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        fs::create_dir_all(folder)?;
        // Temporary files are readable by their owner only, and keep that mode under their final name.
        let mut file = tempfile::Builder::new().prefix(".author-key-").tempfile_in(folder)?;
        let mut line = String::with_capacity(LENGTH * 2 + 1);
        for byte in self.0 {
            line.push(char::from(hex_digit(byte >> 4)));
            line.push(char::from(hex_digit(byte & 0xf)));
        }
        line.push('\n');
        file.write_all(line.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist_noclobber(path).map_err(|error| error.error)?;
        Ok(())
    }
}

fn digit_value(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit.to_ascii_lowercase() - b'a') + 10,
    }
}

fn hex_digit(value: u8) -> u8 {
    if value < 10 { b'0' + value } else { b'a' + value - 10 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_is_made_once_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data/author.key");
        let first = AuthorKey::read_or_create(&path).unwrap();
        assert_eq!(AuthorKey::read_or_create(&path).unwrap(), first);
        assert_eq!(AuthorKey::read(&path).unwrap(), first);
        assert_ne!(AuthorKey::generate().unwrap(), first);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no temporary file is left");
    }

    #[cfg(unix)]
    #[test]
    fn key_file_is_readable_by_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("author.key");
        AuthorKey::read_or_create(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn wrong_key_files_are_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("author.key");
        let (short, long, other) = ("0".repeat(63), "0".repeat(2000), "x".repeat(64));
        for (content, found) in [("", "empty"), (" \n", "empty"), (&short, "fewer"), (&long, "more"), (&other, "other")]
        {
            fs::write(&path, content).unwrap();
            let message = AuthorKey::read_or_create(&path).unwrap_err().to_string();
            assert!(message.contains(found) && message.contains("author.key"), "{message}");
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
        }
    }

    #[test]
    fn missing_and_impossible_files_name_the_path() {
        let folder = tempfile::tempdir().unwrap();
        let message = AuthorKey::read(&folder.path().join("none.key")).unwrap_err().to_string();
        assert!(message.contains("none.key"), "{message}");
        fs::write(folder.path().join("file"), "").unwrap();
        let message = AuthorKey::read_or_create(&folder.path().join("file/author.key")).unwrap_err().to_string();
        assert!(message.contains("author.key"), "{message}");
    }

    #[test]
    fn debug_output_hides_the_key() {
        assert_eq!(format!("{:?}", AuthorKey::from_bytes([7; 32])), "AuthorKey(…)");
    }
}
