//! Where a model may be written.

use std::path::Path;

use crate::cli::exit::Stop;
use crate::cli::provenance::Run;
use crate::coding::Model;

/// How names of tables and sheets end: a model of such a name would be taken for one, or replace one.
const TABLES: [&str; 11] =
    ["csv", "tsv", "ndjson", "jsonl", "json", "parquet", "arrow", "feather", "xlsx", "xls", "ods"];

/// Refuses, before anything is read, a place where a model would be no model, or where something else would be lost.
pub(super) fn check(output: &Path, record: &Run) -> Result<(), Stop> {
    let refused = |why: &str| Err(Stop::usage(format!("-o {}: {why}", output.display())));
    if output.as_os_str() == "-" {
        return refused("a model is a file; name one, such as mine.safetensors");
    }
    let ending = output.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    if TABLES.contains(&ending.as_str()) {
        return refused("a model is no table; end its name in .safetensors");
    }
    if output.is_dir() {
        return refused("this is a folder; name a file in it, such as mine.safetensors");
    }
    if output.is_file() && !Model::is_one(output) {
        return Err(Stop::usage(format!(
            "{} is there already, and no model of causerie's: it would be lost; give -o another name, or move it away first",
            output.display()
        )));
    }
    // Of study.csv it says how that was coded, and study.safetensors would have its own of the same name.
    let beside = record.beside(output);
    match Run::load(&beside) {
        Ok(earlier) if earlier.arguments.first().is_some_and(|command| command != "train") => {
            Err(Stop::usage(format!(
                "{} is the record of another run (`causerie {}`) and would be lost; give -o another name",
                beside.display(),
                earlier.arguments[0]
            )))
        }
        _ => Ok(()),
    }
}
