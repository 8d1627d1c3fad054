//! Folders and patterns → the files in them worth reading.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use globset::GlobBuilder;
use memchr::memmem;
use walkdir::{DirEntry, WalkDir};

use super::media::{Promise, promise};
use super::plan::{Draft, InputError};
use super::{Origin, kind};
use crate::model::PageKind;

/// Everything below a folder, by name.
pub(super) fn walk(root: &Path, draft: &mut Draft) {
    let (met, ignored) = (draft.met(), draft.ignored());
    for entry in entries(root, usize::MAX) {
        match entry {
            Ok(entry) if entry.file_type().is_dir() => {}
            Ok(entry) if is_wanted(root, &entry) => {
                let bytes = entry.metadata().map_or(0, |metadata| metadata.len());
                draft.file(entry.into_path(), bytes);
            }
            Ok(entry) if is_of_archive(&entry) => {}
            Ok(_) => draft.ignore(),
            Err(error) => report(root, error, draft),
        }
    }
    if draft.met() == met {
        draft.no_pages(root, draft.ignored() - ignored);
    }
}

/// Whether an argument that is no path may be a pattern.
pub(super) fn is_pattern(argument: &str) -> bool {
    argument.contains(['*', '?', '[', '{'])
}

/// The files and folders a pattern matches; a folder brings everything below it.
pub(super) fn expand(pattern: &str, draft: &mut Draft) -> Result<(), InputError> {
    let glob = GlobBuilder::new(pattern.strip_prefix("./").unwrap_or(pattern))
        .literal_separator(true)
        .build()
        .map_err(|e| InputError::Glob { pattern: pattern.to_owned(), reason: e.kind().to_string() })?
        .compile_matcher();
    // Only what lies below the last folder the pattern spells out can match.
    let fixed: PathBuf = Path::new(pattern).components().take_while(|part| !is_pattern(&text(part))).collect();
    let depth = if pattern.contains("**") {
        usize::MAX
    } else {
        Path::new(pattern).components().count() - fixed.components().count()
    };
    let base = if fixed.as_os_str().is_empty() { Path::new(".") } else { &fixed };
    let (met, ignored) = (draft.met(), draft.ignored());
    for entry in entries(base, depth) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                report(base, error, draft);
                continue;
            }
        };
        let path = entry.path().strip_prefix(".").unwrap_or(entry.path());
        if entry.depth() == 0 || !glob.is_match(path) {
            continue;
        }
        if entry.file_type().is_dir() {
            // A folder matched by `**` is met file by file anyway.
            if !pattern.contains("**") {
                walk(path, draft);
            }
        } else if entry.file_type().is_file() && promise(&name(&entry)) != Promise::Asset {
            draft.file(path.to_owned(), entry.metadata().map_or(0, |metadata| metadata.len()));
        } else {
            draft.ignore();
        }
    }
    if draft.met() == met {
        let others = match draft.ignored() - ignored {
            0 => String::new(),
            n => format!(" that could be a page ({n} others were passed over)"),
        };
        let message = format!("no file matches this pattern{others}; check it, and the folder it starts from");
        draft.fail(Origin::file(pattern).fail("not_found", message));
    }
    Ok(())
}

fn text(part: &Component<'_>) -> String {
    part.as_os_str().to_string_lossy().into_owned()
}

/// Files and folders below `root`, sorted, hidden ones left out.
fn entries(root: &Path, depth: usize) -> impl Iterator<Item = walkdir::Result<DirEntry>> {
    WalkDir::new(root)
        .follow_links(true)
        .max_depth(depth)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| entry.depth() == 0 || !name(entry).starts_with('.'))
}

fn name(entry: &DirEntry) -> String {
    entry.file_name().to_string_lossy().into_owned()
}

/// A link in a circle leads to nothing that is not met anyway; a part of a page is no loss.
fn report(root: &Path, error: walkdir::Error, draft: &mut Draft) {
    if error.loop_ancestor().is_some() {
        return;
    }
    let path = error.path().unwrap_or(root).to_owned();
    let file_name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if promise(&file_name) == Promise::Asset {
        return draft.ignore();
    }
    let error = error.into_io_error().unwrap_or_else(|| io::Error::other("the folder cannot be listed"));
    draft.unreadable(&path, &error);
}

/// Whether a file is one of the tables that `causerie fetch` writes beside its archive.
fn is_of_archive(entry: &DirEntry) -> bool {
    matches!(name(entry).as_str(), "addresses.csv" | "errors.csv")
        && entry.path().with_file_name("pages-00001.warc.gz").is_file()
}

fn is_wanted(root: &Path, entry: &DirEntry) -> bool {
    if !entry.file_type().is_file() {
        return false;
    }
    let promise = promise(&name(entry));
    if promise != Promise::Asset && is_in_asset_folder(root, entry.path()) {
        // Beside a page saved whole: frames are documents, the rest belongs to the page.
        return head(entry.path())
            .is_some_and(|head| kind::promises_a_page(&head) && kind::recognise_start(&head) == PageKind::Html);
    }
    match promise {
        Promise::Page => true,
        Promise::Asset => false,
        Promise::Unknown => head(entry.path()).is_some_and(|head| kind::promises_a_page(&head)),
    }
}

/// How browsers name the folder for the parts of `X.html`: `X_files`, in the browser's language.
const PART_FOLDERS: &[&str] =
    &["_files", "_fichiers", "-Dateien", "_archivos", "_ficheiros", "_arquivos", "_bestanden", "_pliki", "_elemei"];
/// How the page itself is named.
pub(super) const PAGE_ENDINGS: &[&str] = &[".html", ".htm", ".xhtml", ".shtml", ".php"];
/// How far a page is searched for the name of a frame.
const SEARCHED: u64 = 16 * 1024 * 1024;

/// The folder the user named is no folder of parts, whatever its name.
fn is_in_asset_folder(root: &Path, path: &Path) -> bool {
    path.strip_prefix(root).is_ok_and(|below| saved_stem(&below.to_string_lossy()).is_some())
}

/// `a/X` of a path `a/X_files/…`.
pub(super) fn saved_stem(path: &str) -> Option<&str> {
    path.match_indices(['/', std::path::MAIN_SEPARATOR]).find_map(|(end, _)| {
        PART_FOLDERS
            .iter()
            .filter_map(|folder| path[..end].strip_suffix(folder))
            .find(|stem| !stem.is_empty() && !stem.ends_with(['/', std::path::MAIN_SEPARATOR]))
    })
}

/// The saved page in which a file stands as a frame: it lies beside the folder, and names the file.
pub(super) fn frame_of(path: &Path) -> Option<String> {
    let (text, name) = (path.to_str()?, path.file_name()?.to_str()?);
    let stem = saved_stem(text)?;
    let page = PAGE_ENDINGS.iter().map(|end| format!("{stem}{end}")).find(|page| Path::new(page).is_file())?;
    let mut source = Vec::new();
    File::open(&page).ok()?.take(SEARCHED).read_to_end(&mut source).ok()?;
    let named = |name: &str| memmem::find(&source, name.as_bytes()).is_some();
    (named(name) || named(&name.replace(' ', "%20"))).then_some(page)
}

/// The first bytes; `None` where it cannot be opened.
fn head(path: &Path) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    File::open(path).ok()?.take(8 * 1024).read_to_end(&mut head).ok()?;
    Some(head)
}
