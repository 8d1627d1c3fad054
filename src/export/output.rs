use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tempfile::NamedTempFile;

use super::ExportError;

/// Where the bytes of a table go, and how they become visible.
pub(super) struct Output {
    /// Path or name, for messages.
    pub(super) name: String,
    sink: Sink,
    place: Place,
}

enum Place {
    /// A temporary file beside the final one.
    File { temporary: NamedTempFile, path: PathBuf },
    /// Something that cannot be renamed into place: standard output, a pipe, a device.
    Stream,
}

/// Bytes all on the disk, under a temporary name still.
pub(super) struct Staged {
    name: String,
    place: Place,
}

impl Output {
    /// A file that appears when it is [staged](Self::stage) and [shown](Staged::show).
    pub(super) fn file(path: &Path) -> Result<Self, ExportError> {
        let name = path.display().to_string();
        let existing = fs::metadata(path).ok();
        if existing.as_ref().is_some_and(fs::Metadata::is_dir) {
            return Err(ExportError::IsFolder { path: path.into() });
        }
        if existing.as_ref().is_some_and(|existing| !existing.is_file()) {
            // Renaming a file over a device would replace the device.
            let device =
                OpenOptions::new().write(true).open(path).map_err(|error| ExportError::from_io(&name, error))?;
            return Ok(Self::stream(name, Box::new(device)));
        }
        // A link stays a link: the file it leads to is replaced.
        let path = match existing {
            Some(_) => fs::canonicalize(path).map_err(|error| ExportError::from_io(&name, error))?,
            None => path.to_owned(),
        };
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let opened = temporary_in(folder).and_then(|temporary| {
            if let Some(existing) = &existing {
                temporary.as_file().set_permissions(existing.permissions())?;
            }
            let file = temporary.as_file().try_clone()?;
            Ok((temporary, file))
        });
        let (temporary, file) = opened.map_err(|error| ExportError::from_create(&name, folder, error))?;
        Ok(Self { sink: Sink::new(Box::new(file)), place: Place::File { temporary, path }, name })
    }

    /// A stream that is written as the table comes.
    pub(super) fn stream(name: String, stream: Box<dyn Write + Send>) -> Self {
        Self { name, sink: Sink::new(stream), place: Place::Stream }
    }

    /// Puts another writer before the temporary file, to see what its failures do.
    #[cfg(test)]
    pub(super) fn through(mut self, writer: Box<dyn Write + Send>) -> Self {
        self.sink = Sink::new(writer);
        self
    }

    /// A handle to write with.
    pub(super) fn sink(&self) -> Sink {
        self.sink.clone()
    }

    /// The error of the system behind `error`, in the user's terms, or else what `error` says.
    pub(super) fn explain(&self, error: polars::error::PolarsError) -> ExportError {
        match self.sink.lock().failure.take() {
            Some(source) => ExportError::from_io(&self.name, source),
            None => ExportError::Encode { output: self.name.clone(), source: error },
        }
    }

    /// Brings every byte to the disk.
    pub(super) fn stage(self) -> Result<Staged, ExportError> {
        let explain = |error| ExportError::from_io(&self.name, error);
        self.sink.lock().writer.flush().map_err(explain)?;
        if let Place::File { temporary, .. } = &self.place {
            temporary.as_file().sync_all().map_err(explain)?;
        }
        Ok(Staged { name: self.name, place: self.place })
    }
}

/// Writes a file whole or not at all, as tables are written: with the rights of the one it replaces, through links, onto devices.
///
/// # Errors
/// [`ExportError`] if it cannot be written.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), ExportError> {
    stage_whole(path, bytes)?.show().map(|_| ())
}

/// The bytes of a file on the disk, under a temporary name still.
pub(super) fn stage_whole(path: &Path, bytes: &[u8]) -> Result<Staged, ExportError> {
    let output = Output::file(path)?;
    output.sink().write_all(bytes).map_err(|error| ExportError::from_io(&output.name, error))?;
    output.stage()
}

/// Gives files their names, one after the other. Those that are new are removed again if a later one cannot be named.
pub(super) fn show_all(staged: Vec<Staged>) -> Result<(), ExportError> {
    let mut fresh = Vec::new();
    for file in staged {
        match file.show() {
            Ok(path) => fresh.extend(path),
            Err(error) => {
                for path in fresh {
                    // The failure itself is what to report, not that of cleaning up after it.
                    let _ = fs::remove_file(path);
                }
                return Err(error);
            }
        }
    }
    Ok(())
}

impl Staged {
    /// Gives the file its name, at once. Returns the path if there was nothing before.
    pub(super) fn show(self) -> Result<Option<PathBuf>, ExportError> {
        let Place::File { temporary, path } = self.place else { return Ok(None) };
        let fresh = !path.exists();
        temporary.persist(&path).map_err(|error| ExportError::from_io(&self.name, error.error))?;
        Ok(fresh.then_some(path))
    }
}

/// Buffered writing that several owners share: polars keeps one handle, we need the bytes out at the end.
#[derive(Clone)]
pub(super) struct Sink(Arc<Mutex<Inner>>);

pub(super) struct Inner {
    writer: BufWriter<Box<dyn Write + Send>>,
    /// What failed: polars turns errors of the system into its own and may lose their kind.
    failure: Option<io::Error>,
}

impl Sink {
    fn new(writer: Box<dyn Write + Send>) -> Self {
        Self(Arc::new(Mutex::new(Inner { writer: BufWriter::with_capacity(1 << 18, writer), failure: None })))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn kept<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        result.inspect_err(|error| {
            self.failure = Some(error.raw_os_error().map_or_else(|| error.kind().into(), io::Error::from_raw_os_error));
        })
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut inner = self.lock();
        let result = inner.writer.write(bytes);
        if matches!(&result, Err(error) if error.kind() == io::ErrorKind::Interrupted) {
            return result;
        }
        inner.kept(result)
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut inner = self.lock();
        let result = inner.writer.flush();
        inner.kept(result)
    }
}

/// A temporary file with the permissions any new file gets here.
fn temporary_in(folder: &Path) -> io::Result<NamedTempFile<File>> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".causerie-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}
