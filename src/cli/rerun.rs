use std::path::{Path, PathBuf};

use clap::Args;

use super::exit::{Exit, Stop, remark, report};
use super::parse;
use super::provenance::{Digested, Run};
use crate::input;

/// Inputs named that are not what they were.
const LISTED: usize = 5;

/// Make a result again from its record, and compare: are the tables the same, byte for byte?
///
/// The record (run.json in a folder of tables, NAME.run.json beside one) has the command line and the digests of what was read and
/// written. Paths are those of the first run: start in the same folder. Tables made live are made again from their archive.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  causerie rerun study/run.json                 make all tables again in a temporary folder, compare, forget them
  causerie rerun thread.run.json -o again/      keep them
  causerie rerun study/run.json --author-key team.key

Exit code 1: something differs, or an input is not what it was.")]
pub(super) struct Rerun {
    /// The record.
    #[arg(value_name = "RUN.JSON")]
    record: PathBuf,

    /// Folder to keep the new tables in.
    #[arg(short, long, value_name = "FOLDER")]
    output: Option<PathBuf>,

    /// Key of the pseudonyms, where it is not the one the first run found by itself.
    #[arg(long, value_name = "FILE", env = "CAUSERIE_AUTHOR_KEY")]
    author_key: Option<PathBuf>,
}

/// What a command is to do otherwise when it is run again.
pub(super) struct Redirection<'a> {
    /// File or folder its tables go to.
    pub(super) output: &'a Path,
    /// What stands in for addresses.
    pub(super) archive: Option<&'a Path>,
    pub(super) author_key: Option<&'a Path>,
}

impl Rerun {
    pub(super) fn run(&self) -> Result<Exit, Stop> {
        let record = if self.record.is_dir() { self.record.join("run.json") } else { self.record.clone() };
        let run = Run::load(&record)?;
        let changed = changed(&run.inputs);
        if !changed.is_empty() {
            for what in changed.iter().take(LISTED) {
                report(what);
            }
            if changed.len() > LISTED {
                report(&format!("and {} more", changed.len() - LISTED));
            }
            return Err(Stop {
                exit: Exit::SomeFailed,
                message: Some("the inputs are not what they were; nothing was made".to_owned()),
            });
        }
        if run.causerie != env!("CARGO_PKG_VERSION") {
            remark(&format!(
                "made by causerie {}, this is {}: the codes may differ",
                run.causerie,
                env!("CARGO_PKG_VERSION")
            ));
        }
        let temporary = tempfile::tempdir().map_err(|error| Stop::output(format!("no temporary folder: {error}")))?;
        let folder = self.output.as_deref().unwrap_or(temporary.path());
        std::fs::create_dir_all(folder)
            .map_err(|error| Stop::output(format!("cannot make the folder {}: {error}", folder.display())))?;
        if same_folder(folder, &record) {
            return Err(Stop::usage(
                "-o is the folder of the first run; name another, so that the two can be compared",
            ));
        }
        // A name only: a record must not have files written elsewhere.
        let name = run.output.as_deref().map(|name| Path::new(name).file_name().unwrap_or_default());
        let output = name.map_or_else(|| folder.to_owned(), |name| folder.join(name));
        let archive = archive(&record, &run)?;
        let mut command = parse(&run.arguments)?;
        command.redirect(&Redirection {
            output: &output,
            archive: archive.as_deref(),
            author_key: self.author_key.as_deref(),
        })?;
        command.run(&run.arguments)?;
        let again = Run::load(&run.beside(&output))?;
        if run.settings.get("author_key") != again.settings.get("author_key") {
            let advice = if self.author_key.is_some() { "" } else { "; give the one of that run with --author-key" };
            remark(&format!("another author key than then, so pseudonyms differ{advice}"));
        }
        let same = compare(&run.outputs, &again.outputs, &record);
        remark(if same { "all as recorded" } else { "not all as recorded" });
        Ok(if same { Exit::Done } else { Exit::SomeFailed })
    }
}

/// The archive of a run that fetched: it lies beside the record.
fn archive(record: &Path, run: &Run) -> Result<Option<PathBuf>, Stop> {
    if !run.arguments.iter().any(|argument| input::is_url(argument)) {
        return Ok(None);
    }
    let archive = run.outputs.iter().find(|output| output.path.ends_with(".warc.gz"));
    let archive = archive.ok_or_else(|| {
        Stop::usage("it fetched addresses and kept no archive (--no-archive): what they said then cannot be had again")
    })?;
    let path = record.with_file_name(Path::new(&archive.path).file_name().unwrap_or_default());
    match Digested::of(&path) {
        Ok(found) if found.sha256 == archive.sha256 => Ok(Some(path)),
        Ok(_) => Err(Stop::usage(format!("{} is not the archive it was", path.display()))),
        Err(error) => Err(Stop::usage(format!("{}, the archive of the run, cannot be read: {error}", path.display()))),
    }
}

fn same_folder(folder: &Path, record: &Path) -> bool {
    let beside = record.parent().filter(|beside| !beside.as_os_str().is_empty()).unwrap_or(Path::new("."));
    matches!((folder.canonicalize(), beside.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// What is no longer as it was.
fn changed(inputs: &[Digested]) -> Vec<String> {
    let fault = |input: &Digested| {
        if input.path == "-" {
            return Some("it read standard input, of which nothing is left".to_owned());
        }
        if input.sha256.is_empty() {
            return None;
        }
        match Digested::of(Path::new(&input.path)) {
            Ok(found) if found == *input => None,
            Ok(_) => Some(format!("{}: its contents have changed since", input.path)),
            Err(error) => Some(format!(
                "{}: {error}; paths are those of the first run: start in the folder it was started in",
                input.path
            )),
        }
    };
    inputs.iter().filter_map(fault).collect()
}

/// Says of each output whether it is the same as recorded, in the file that lies there and made again; whether all are.
fn compare(before: &[Digested], after: &[Digested], record: &Path) -> bool {
    let mut same = true;
    // An archive is what the tables are made of, and not made again.
    for was in before.iter().filter(|was| !was.path.ends_with(".warc.gz")) {
        let word = match after.iter().find(|is| is.path == was.path) {
            Some(is) if is.sha256 == was.sha256 => "same",
            Some(_) => "differs",
            None => "missing",
        };
        let there = Digested::of(&record.with_file_name(Path::new(&was.path).file_name().unwrap_or_default()));
        let changed = there.is_ok_and(|there| there.sha256 != was.sha256);
        let note = if changed { "  (the file that lies there was changed since)" } else { "" };
        same &= word == "same" && !changed;
        remark(&format!("{word}: {}{note}", was.path));
    }
    same
}
