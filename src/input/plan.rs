use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use super::item::unreadable;
use super::{Captures, InputOptions, Item, Origin, folder};
use crate::model::Failure;

/// Arguments that mean nothing; a path that cannot be read is a [`Failure`] instead, and the run goes on.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// No argument at all.
    #[error("nothing to read; give a file, a folder, a pattern in quotes, or - for standard input")]
    Nothing,
    /// `-` more than once.
    #[error("standard input (-) is named twice; it can be read only once")]
    StdinTwice,
    /// A pattern that cannot be understood.
    #[error("the pattern {pattern} cannot be understood: {reason}; write [[] for a literal [")]
    Glob {
        /// The argument.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// What is to be read, in order.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The things to read: in the order of the arguments, those of a folder or pattern sorted by name. No file
    /// stands here twice.
    pub items: Vec<Item>,
    /// Files in folders that were passed over: parts of pages, tables, anything not a page.
    pub ignored: usize,
}

impl Plan {
    /// Takes out the archives of ours, wherever they lie (in files, zip files, on standard input): what they hold is not only
    /// pages. Reads standard input as far as that takes. Archives that have lost what says which request was for what stay.
    pub fn take_captures(&mut self) -> Captures {
        let mut captures = Captures::default();
        self.items = self.items.iter_mut().filter_map(|item| item.without_ours(&mut captures)).collect();
        captures
    }

    /// Size on disk of all items, for progress.
    pub fn bytes(&self) -> u64 {
        self.items.iter().map(Item::bytes).sum()
    }
}

/// Finds what the arguments name: files, folders (with everything below, hidden files left out, links followed but
/// not in circles), patterns such as `"pages/**/*.html"`, and `-` for standard input. Files are opened later, by
/// [`Item::pages`]; only those whose name says nothing are looked into here.
///
/// # Errors
///
/// [`InputError`] where an argument cannot mean anything.
///
/// # Examples
///
/// ```
/// use causerie::input::{InputOptions, plan};
///
/// let plan = plan(&["no-such-file.html".to_owned()], &InputOptions::default())?;
/// for item in &plan.items {
///     for page in item.pages() {
///         assert_eq!(page.unwrap_err().reason, "not_found");
///     }
/// }
/// # Ok::<(), causerie::input::InputError>(())
/// ```
pub fn plan(inputs: &[String], options: &InputOptions) -> Result<Plan, InputError> {
    if inputs.is_empty() {
        return Err(InputError::Nothing);
    }
    if inputs.iter().filter(|input| *input == "-").count() > 1 {
        return Err(InputError::StdinTwice);
    }
    let mut draft =
        Draft { plan: Plan::default(), planned: HashSet::new(), max_page_size: options.max_page_size, met: 0 };
    for input in inputs {
        let path = Path::new(input);
        match path.metadata() {
            _ if input == "-" => draft.plan.items.push(Item::stdin(options.max_page_size)),
            Ok(metadata) if metadata.is_dir() => folder::walk(path, &mut draft),
            Ok(metadata) => draft.file(path.to_owned(), metadata.len()),
            Err(_) if folder::is_pattern(input) => folder::expand(input, &mut draft)?,
            Err(error) => draft.unreadable(path, &error),
        }
    }
    Ok(draft.plan)
}

/// A plan in the making.
pub(super) struct Draft {
    plan: Plan,
    /// Real paths of the files planned.
    planned: HashSet<PathBuf>,
    max_page_size: u64,
    /// Files and failures met, repeated ones counted, too.
    met: usize,
}

impl Draft {
    pub(super) fn file(&mut self, path: PathBuf, bytes: u64) {
        self.met += 1;
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
        if self.planned.insert(real) {
            self.plan.items.push(Item::file(path, bytes, self.max_page_size));
        }
    }

    pub(super) fn fail(&mut self, failure: Failure) {
        self.met += 1;
        self.plan.items.push(Item::failed(failure));
    }

    pub(super) fn unreadable(&mut self, path: &Path, error: &io::Error) {
        self.fail(unreadable(&path.to_string_lossy(), error));
    }

    pub(super) fn ignore(&mut self) {
        self.plan.ignored += 1;
    }

    pub(super) fn met(&self) -> usize {
        self.met
    }

    pub(super) fn ignored(&self) -> usize {
        self.plan.ignored
    }

    pub(super) fn no_pages(&mut self, path: &Path, ignored: usize) {
        let others = match ignored {
            0 => "it is empty".to_owned(),
            n => format!("{n} other files were passed over"),
        };
        let message = format!(
            "no readable page in this folder ({others}); it should hold saved HTML, JSON answers, .txt or .warc files"
        );
        self.fail(Origin::file(path.to_string_lossy()).fail("no_pages", message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_can_be_read_on_any_thread() {
        fn shared<T: Send + Sync>() {}
        fn sent<T: Send>() {}
        shared::<Plan>();
        sent::<crate::input::Pages>();
    }

    #[test]
    fn standard_input_keeps_its_place() {
        let plan = plan(&["gone".into(), "-".into(), "gone.html".into()], &InputOptions::default()).unwrap();
        assert_eq!(plan.items.iter().map(Item::source).collect::<Vec<_>>(), ["gone", "-", "gone.html"]);
    }
}
