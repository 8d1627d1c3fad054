//! The house's own rules: which room may know which, where a crate may be used, how long a file may be.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use causerie::site::SITES;
use causerie::table::Table;
use regex::Regex;
use walkdir::WalkDir;

/// Each room and the rooms it may know.
const ROOMS: [(&str, &[&str]); 14] = [
    ("model", &[]),
    ("input", &["model"]),
    ("fetch", &["model", "input"]),
    ("site", &["model", "text"]),
    ("text", &["model"]),
    ("codebook", &["model", "text"]),
    ("encoder", &["model"]),
    ("coding", &["model", "text", "codebook", "encoder"]),
    ("table", &["model"]),
    ("hand", &["model", "input", "codebook", "table"]),
    ("annotate", &["hand", "model", "codebook"]),
    ("study", &["model", "text", "table", "hand"]),
    ("export", &["table", "model", "text", "codebook", "hand"]),
    ("report", &["study", "model"]),
];

/// Crates that stay behind a wall, and the rooms that may use them; the command lives in `cli`.
const CRATES: [(&str, &[&str]); 14] = [
    ("reqwest", &["fetch"]),
    ("tokio", &["fetch", "annotate", "cli"]),
    ("axum", &["annotate"]),
    ("calamine", &["hand"]),
    ("rust_xlsxwriter", &["hand", "export"]),
    ("statrs", &["study"]),
    ("scraper", &["site"]),
    ("ego_tree", &["site"]),
    ("html5ever", &["site"]),
    ("polars", &["table", "export"]),
    ("rten_gemm", &["encoder"]),
    ("rten_vecmath", &["encoder"]),
    ("clap", &["cli"]),
    ("indicatif", &["cli"]),
];

/// Lines of a file, tests included.
const MAX_LINES: usize = 500;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Source files by path below `src`, comments left out.
fn sources() -> BTreeMap<String, String> {
    let src = root().join("src");
    let files = WalkDir::new(&src)
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.path().extension().is_some_and(|e| e == "rs"));
    files
        .map(|entry| {
            let name = entry.path().strip_prefix(&src).unwrap().to_str().unwrap().replace('\\', "/");
            let text = fs::read_to_string(entry.path()).unwrap();
            let code = text.lines().map(|line| if line.trim_start().starts_with("//") { "" } else { line });
            (name, code.collect::<Vec<_>>().join("\n"))
        })
        .collect()
}

fn room(file: &str) -> Option<&str> {
    file.split_once('/').map(|(room, _)| room)
}

/// Rooms a piece of code names: `crate::text::…`, `crate::{text, model::Page}`, `causerie::text`.
fn named(code: &str) -> BTreeSet<String> {
    let single = Regex::new(r"\b(?:crate|causerie)::([a-z_]+)").unwrap();
    let group = Regex::new(r"(?s)\b(?:crate|causerie)::\{(.*?)\};").unwrap();
    let first = Regex::new(r"(?:^|,)\s*([a-z_]+)").unwrap();
    let mut names: BTreeSet<String> = single.captures_iter(code).map(|found| found[1].to_owned()).collect();
    for found in group.captures_iter(code) {
        names.extend(first.captures_iter(&found[1]).map(|name| name[1].to_owned()));
    }
    names
}

#[test]
fn rooms_know_only_who_they_may() {
    let files = sources();
    let rooms: BTreeSet<&str> = files.keys().filter_map(|file| room(file)).collect();
    let expected: BTreeSet<&str> = ROOMS.iter().map(|(room, _)| *room).chain(["cli"]).collect();
    assert_eq!(rooms, expected, "every room has its line in ROOMS");
    let mut wrong = Vec::new();
    for (own, may) in ROOMS {
        for (file, code) in files.iter().filter(|(file, _)| room(file) == Some(own)) {
            let others = named(code).into_iter().filter(|name| rooms.contains(name.as_str()) && name != own);
            wrong.extend(
                others.filter(|other| !may.contains(&other.as_str())).map(|other| format!("{file} knows {other}")),
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_way_out_through_super() {
    // `super::super::` from a room's door would lead into another room unseen by the test above.
    let chain = Regex::new(r"(?:\bsuper::)+").unwrap();
    for (file, code) in sources() {
        let Some(_) = room(&file) else { continue };
        let depth = file.split('/').count() - usize::from(file.ends_with("/mod.rs"));
        let (code, tests) = code.split_once("mod tests {").unwrap_or((&code, ""));
        for (part, levels) in [(code, depth - 1), (tests, depth)] {
            let longest = chain.find_iter(part).map(|found| found.as_str().matches("super").count()).max().unwrap_or(0);
            assert!(longest <= levels, "{file} leaves its room by super::");
        }
    }
}

#[test]
fn crates_stay_behind_their_walls() {
    let mut wrong = Vec::new();
    for (name, rooms) in CRATES {
        let used = Regex::new(&format!(r"\b{name}(?:::|!|\s*;)")).unwrap();
        let mut somewhere = false;
        for (file, code) in sources() {
            if used.is_match(&code) {
                let room = room(&file).unwrap_or(&file);
                somewhere |= rooms.contains(&room);
                if !rooms.contains(&room) {
                    wrong.push(format!("{file} uses {name}"));
                }
            }
        }
        assert!(somewhere || name == "html5ever", "{name} is used nowhere: its line is out of date");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_rules_see_what_they_forbid() {
    let code = "use crate::{model::Page,\n    fetch};\nlet x = crate::cli::run();\nuse crate::text;";
    assert_eq!(named(code).into_iter().collect::<Vec<_>>(), ["cli", "fetch", "model", "text"]);
    let words = forbidden();
    for path in ["home", "etc"] {
        assert!(!words.is_match(&format!("see /{path}/x")));
    }
    for (path, after) in [("work", "/x"), ("root", "/.cargo"), ("work", " ")] {
        assert!(words.is_match(&format!("see /{path}{after}")), "{path}");
        assert!(words.is_match(&format!("\"/{path}{after}")), "{path}");
        assert!(!words.is_match(&format!("https://a.example/{path}{after}")), "{path}");
    }
}

#[test]
fn files_are_short_enough_to_read() {
    let lengths: BTreeMap<String, usize> =
        sources().into_iter().map(|(file, code)| (file, code.lines().count())).collect();
    let long: Vec<_> = lengths.iter().filter(|(_, lines)| **lines > MAX_LINES).collect();
    assert!(long.is_empty(), "a file past {MAX_LINES} lines holds two things: {long:?}");
}

#[test]
fn site_names_are_unique() {
    let mut names: Vec<&str> = SITES.iter().map(|site| site.name()).collect();
    names.sort_unstable();
    // WordPress has two readers, of pages and of its API's answers: one site to those who read the tables.
    assert_eq!(names.iter().filter(|name| **name == "wordpress").count(), 2);
    names.dedup();
    assert_eq!(names.len(), SITES.len() - 1, "{names:?}");
    let reads: BTreeSet<&str> = SITES.iter().map(|site| site.reads()).collect();
    assert_eq!(reads.len(), SITES.len());
    assert_eq!(SITES.last().unwrap().name(), "generic", "the one that claims every page comes last");
}

/// Absolute paths of the machines it is developed on.
fn forbidden() -> Regex {
    let folders = ["work", "root"].join("|");
    Regex::new(&format!(r#"(?m)(?:^|[\s"'`(\[=:,])/(?:{folders})(?:/|\s|$|["'`)\],])"#)).unwrap()
}

/// Files of the repository: what is not built, hidden or written by a run.
fn repository() -> impl Iterator<Item = PathBuf> {
    let skipped = |path: &Path| {
        let name = path.file_name().unwrap().to_string_lossy();
        matches!(name.as_ref(), ".git" | "target" | "out" | "__pycache__" | "node_modules")
            || name.ends_with(".profraw")
    };
    WalkDir::new(root())
        .into_iter()
        .filter_entry(move |entry| entry.depth() == 0 || !skipped(entry.path()))
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
}

#[test]
fn no_paths_of_a_machine() {
    let words = forbidden();
    let mut found = Vec::new();
    let mut read = 0;
    for path in repository() {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        read += 1;
        found.extend(words.find(&text).map(|word| format!("{}: {}", path.display(), word.as_str().trim())));
    }
    assert!(read > 50 && found.is_empty(), "{found:#?}");
}

/// A codebook that is accepted must not fail later, when its codes become columns.
#[test]
fn codes_cannot_be_named_like_columns() {
    let reserved = std::fs::read_to_string(root().join("data/codebooks/reserved-names.txt")).unwrap();
    let reserved: BTreeSet<&str> = reserved.lines().map(str::trim).collect();
    let columns = causerie::table::columns(&[], true);
    let missing: Vec<&str> = columns
        .iter()
        .filter(|column| matches!(column.table, Table::Comments | Table::Threads))
        .map(|column| column.name.as_str())
        .filter(|name| !reserved.contains(name))
        .collect();
    assert!(columns.len() > 40 && missing.is_empty(), "{missing:?}");
}
