//! `run.json`: what a result was made of, so that it can be made again.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::exit::Stop;
use crate::export;
use crate::input::{is_url, without_login};

/// Name of the record in a folder of tables, and the end of its name beside one file.
const NAME: &str = "run.json";

/// What stands for a key.
const HIDDEN: &str = "not-kept";

/// The record of one run.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Run {
    /// Version of causerie.
    pub(super) causerie: String,
    /// The command line, without the program's name.
    pub(super) arguments: Vec<String>,
    /// When it ended, UTC.
    pub(super) ended_at: String,
    /// What was read.
    pub(super) inputs: Vec<Digested>,
    /// What a result depends on beside its inputs: coder, codebook, models, seed, fingerprint of the author key.
    pub(super) settings: BTreeMap<String, String>,
    /// Comments, threads, failures …
    pub(super) counts: BTreeMap<String, u64>,
    /// What was written.
    pub(super) outputs: Vec<Digested>,
    /// What earlier runs wrote there that is still as they left it: the same tables in other formats.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) earlier: Vec<Digested>,
    /// Name of the file that was asked for; empty where it was a folder.
    pub(super) output: Option<String>,
}

/// A file and what was in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Digested {
    /// As given on the command line; of outputs the name in their folder.
    pub(super) path: String,
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

impl Digested {
    /// Reads a file through.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 16]);
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            hash.update(&buffer[..read]);
            bytes += read as u64;
        }
        Ok(Self { path: path.to_string_lossy().into_owned(), bytes, sha256: HEXLOWER.encode(&hash.finalize()) })
    }

    /// Whether a file holds what this one held.
    fn is_still(&self, path: &Path) -> bool {
        Self::of(path).is_ok_and(|now| (now.bytes, &now.sha256) == (self.bytes, &self.sha256))
    }
}

/// SHA-256 of some bytes, in hexadecimal.
pub(super) fn digest<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hash = Sha256::new();
    parts.into_iter().for_each(|part| hash.update(part));
    HEXLOWER.encode(&hash.finalize())
}

impl Run {
    /// A record of the command that runs, without what nobody else should have: logins in addresses, keys of interfaces.
    pub(super) fn new(arguments: &[String]) -> Self {
        let named = |key: &str| format!("{}={HIDDEN}", key.split('=').next().unwrap_or_default());
        let before = std::iter::once("").chain(arguments.iter().map(String::as_str));
        let shown = before.zip(arguments).map(|(before, argument)| match argument.strip_prefix("--key=") {
            Some(key) => format!("--key={}", named(key)),
            None if before == "--key" => named(argument),
            None if is_url(argument) => without_login(argument),
            None => argument.clone(),
        });
        Self { causerie: env!("CARGO_PKG_VERSION").to_owned(), arguments: shown.collect(), ..Self::default() }
    }

    /// Adds a file that was read. What is no file (standard input, a pipe) stands without a digest: such a run cannot be repeated.
    pub(super) fn read(&mut self, path: &Path) -> Result<(), Stop> {
        let known = |error: io::Error| Stop::usage(format!("{} cannot be read: {error}", path.display()));
        let digested = if path.is_file() {
            Digested::of(path).map_err(known)?
        } else {
            Digested { path: path.to_string_lossy().into_owned(), ..Digested::default() }
        };
        if !self.inputs.contains(&digested) {
            self.inputs.push(digested);
        }
        Ok(())
    }

    /// Refuses to write over what was read.
    pub(super) fn spare(&self, outputs: &[&Path]) -> Result<(), Stop> {
        let real = |path: &Path| path.canonicalize().ok();
        for output in outputs.iter().filter_map(|output| Some((*output, real(output)?))) {
            if self.inputs.iter().any(|input| real(Path::new(&input.path)).as_ref() == Some(&output.1)) {
                return Err(Stop::usage(format!(
                    "-o would write over {}, which is read; name another file",
                    output.0.display()
                )));
            }
        }
        Ok(())
    }

    /// Refuses to replace tables that are not as the run left them whose record lies there: somebody corrected them, or they are another's.
    pub(super) fn spare_changed(&self, place: &Path, tables: &[PathBuf]) -> Result<(), Stop> {
        let earlier = Self::load(&self.beside(place)).unwrap_or_default();
        let is_left = |path: &Path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            earlier.outputs.iter().chain(&earlier.earlier).any(|output| output.path == name && output.is_still(path))
        };
        match tables.iter().find(|path| path.is_file() && !is_left(path)) {
            Some(path) => Err(Stop::usage(format!(
                "{} is there already, and not as causerie left it: it would be lost; give -o another name, or move it away first",
                path.display()
            ))),
            None => Ok(()),
        }
    }

    pub(super) fn set(&mut self, setting: &str, value: impl Into<String>) {
        self.settings.insert(setting.to_owned(), value.into());
    }

    pub(super) fn count(&mut self, what: &str, number: u64) {
        self.counts.insert(what.to_owned(), number);
    }

    /// Where the record of an output lies. In a folder that of `analyze` or `code`, whose the folder is, has the plain name: other commands may write there, too.
    pub(super) fn beside(&self, output: &Path) -> PathBuf {
        match self.arguments.first().map(String::as_str) {
            // A study is handed over as study.xlsx, study.qdpx …: each has a record of its own, and leaves that of study.csv alone.
            Some("export" | "report") if !output.is_dir() => {
                let mut name = output.as_os_str().to_owned();
                name.push(".");
                name.push(NAME);
                name.into()
            }
            _ if !output.is_dir() => output.with_extension(NAME),
            Some("analyze" | "code") | None => output.join(NAME),
            Some(command) => output.join(format!("{command}.{NAME}")),
        }
    }

    /// Writes the record beside `outputs`: in their folder, or beside the one file that was asked for.
    pub(super) fn write(mut self, output: &Path, outputs: &[PathBuf]) -> Result<(), Stop> {
        if !outputs.iter().any(|path| path.is_file()) {
            return Ok(());
        }
        let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.output = (!output.is_dir()).then(|| name(output));
        for path in outputs.iter().filter(|path| path.is_file()) {
            let digested = Digested::of(path)
                .map_err(|error| Stop::output(format!("{} cannot be read again: {error}", path.display())))?;
            self.outputs.push(Digested { path: name(path), ..digested });
        }
        self.ended_at = jiff::Timestamp::now().round(jiff::Unit::Second).unwrap_or_default().to_string();
        let place = self.beside(output);
        if let Ok(before) = Self::load(&place) {
            let is_new = |path: &str| self.outputs.iter().any(|output| output.path == path);
            let all = before.outputs.into_iter().chain(before.earlier);
            let stays =
                |output: &Digested| !is_new(&output.path) && output.is_still(&place.with_file_name(&output.path));
            self.earlier.extend(all.filter(stays));
        }
        let mut json = serde_json::to_vec_pretty(&self).map_err(Stop::output)?;
        json.push(b'\n');
        Ok(export::write_whole(&place, &json)?)
    }

    /// Reads a record.
    pub(super) fn load(path: &Path) -> Result<Self, Stop> {
        let wrong = |why: String| Stop::usage(format!("{}: {why}", path.display()));
        let json = std::fs::read(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
        serde_json::from_slice(&json).map_err(|error| {
            wrong(format!("no record of a run ({error}); give the run.json that lies beside the tables"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_logins_are_not_kept() {
        let line = [
            "analyze",
            "https://ana:secret@a.example/1",
            "--key",
            "disqus=secret",
            "--key=disqus=secret",
            "-o",
            "a.csv",
        ];
        let run = Run::new(&line.map(str::to_owned));
        let kept =
            ["analyze", "https://a.example/1", "--key", "disqus=not-kept", "--key=disqus=not-kept", "-o", "a.csv"];
        assert_eq!(run.arguments, kept);
    }

    #[test]
    fn a_record_lies_beside_its_outputs_and_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let table = folder.path().join("comments.csv");
        std::fs::write(&table, "abc").unwrap();
        let mut run = Run::new(&["analyze".to_owned()]);
        run.read(&table).unwrap();
        run.read(&table).unwrap();
        run.set("seed", "7");
        run.clone().write(folder.path(), std::slice::from_ref(&table)).unwrap();
        run.write(&table, std::slice::from_ref(&table)).unwrap();
        for (name, output) in [("run.json", None), ("comments.run.json", Some("comments.csv"))] {
            let again = Run::load(&folder.path().join(name)).unwrap();
            assert_eq!((again.output.as_deref(), again.settings["seed"].as_str()), (output, "7"));
            // FIPS 180-2, example B.1.
            let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
            assert_eq!((again.inputs.len(), again.outputs[0].sha256.as_str(), again.outputs[0].bytes), (1, abc, 3));
            assert_eq!(again.outputs[0].path, "comments.csv");
        }
        assert!(Run::load(&table).unwrap_err().message.unwrap().contains("no record of a run"));
    }
}
