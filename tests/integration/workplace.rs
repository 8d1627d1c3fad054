//! The command itself, run in a folder of its own, far from the user's keys and settings.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

/// A row of a table by the names of its columns.
pub(crate) type Row = HashMap<String, String>;

/// A folder to work in.
pub(crate) struct Workplace(TempDir);

/// What a run of the command left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Workplace {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file, with the folders above it.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// Copies a sample page into the folder.
    pub(crate) fn sample(&self, name: &str) -> PathBuf {
        self.write(name, fs::read(samples().join(name)).unwrap())
    }

    /// `causerie` with this folder as home, data folder and working directory.
    pub(crate) fn command(&self, arguments: &[impl AsRef<OsStr>]) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("causerie"));
        command.args(arguments).current_dir(self.0.path());
        command.env("HOME", self.0.path()).env("XDG_DATA_HOME", self.path("data")).env("NO_COLOR", "1");
        for proxy in ["http_proxy", "https_proxy", "all_proxy"] {
            command.env_remove(proxy).env_remove(proxy.to_uppercase());
        }
        command.env_remove("CAUSERIE_AUTHOR_KEY").env_remove("CLICOLOR_FORCE");
        command
    }

    /// Runs it to its end; more than two minutes is a hang.
    pub(crate) fn run(&self, arguments: &[impl AsRef<OsStr>]) -> Ran {
        Ran::of(assert_cmd::Command::from_std(self.command(arguments)))
    }

    /// The same with something on standard input.
    pub(crate) fn feed(&self, stdin: impl Into<Vec<u8>>, arguments: &[impl AsRef<OsStr>]) -> Ran {
        let mut command = assert_cmd::Command::from_std(self.command(arguments));
        command.write_stdin(stdin);
        Ran::of(command)
    }

    /// The rows of a CSV file.
    pub(crate) fn table(&self, name: &str) -> Vec<Row> {
        rows(&self.read(name))
    }
}

impl Ran {
    fn of(mut command: assert_cmd::Command) -> Self {
        let output = command.timeout(Duration::from_mins(2)).output().unwrap();
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The exit code was this one.
    #[track_caller]
    pub(crate) fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout: {}\nstderr: {}", self.out, self.err);
        self
    }

    /// Standard error holds these words.
    #[track_caller]
    pub(crate) fn says(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.err.contains(word), "{word:?} is not in: {}", self.err);
        }
        self
    }
}

/// Rows of canonical CSV.
pub(crate) fn rows(csv: &str) -> Vec<Row> {
    csv::Reader::from_reader(csv.as_bytes()).deserialize().map(Result::unwrap).collect()
}

/// The folder of the sample pages.
pub(crate) fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/pages")
}
