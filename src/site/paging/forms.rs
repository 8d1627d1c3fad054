//! Addresses read as page so-and-so of something.

use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

#[derive(Deserialize)]
struct Patterns {
    strong: Vec<String>,
    weak: Vec<String>,
    folder_pages: Vec<String>,
}

struct Forms {
    /// And whether each is strong.
    patterns: Vec<(Regex, bool)>,
    folder_pages: Vec<String>,
}

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    let read: Patterns = toml::from_str(include_str!("../../../data/text/paging.toml"))
        .expect("data/text/paging.toml is compiled in and read by a test");
    let compiled = |list: Vec<String>, strong: bool| {
        list.into_iter()
            .map(move |pattern| (Regex::new(&pattern).expect("each pattern is compiled by a test"), strong))
            .collect::<Vec<_>>()
    };
    let mut patterns = compiled(read.strong, true);
    patterns.extend(compiled(read.weak, false));
    Forms { patterns, folder_pages: read.folder_pages }
});

/// One reading of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Form {
    /// The address without what says the page.
    pub(super) base: String,
    /// The number it gives; none where it gives none, as first pages do.
    pub(super) page: Option<u64>,
    /// Whether the number can hardly be anything else.
    pub(super) strong: bool,
    /// Whether it stands in the path rather than behind `?`.
    pub(super) in_path: bool,
}

/// All readings of an address, that as a first page first.
pub(super) fn forms(place: &str) -> Vec<Form> {
    let mut forms = vec![Form { base: place.to_owned(), page: None, strong: true, in_path: true }];
    for (pattern, strong) in &FORMS.patterns {
        let Some(found) = pattern.captures(place) else { continue };
        let Some(cut) = found.name("cut") else { continue };
        let (before, after) = (&place[..cut.start()], &place[cut.end()..]);
        let base = match after.strip_prefix(['&', ';']) {
            Some(rest) if !before.contains('?') => format!("{before}?{rest}"),
            _ => format!("{before}{after}"),
        };
        let page = found.name("page").and_then(|page| page.as_str().parse().ok());
        let in_path = !before.contains('?') && !cut.as_str().starts_with('?');
        // `a/page-2.html` stands beside `a.html`, or in the folder `a`.
        let folder = (in_path && cut.as_str().starts_with('/') && after.starts_with(".htm")).then(|| before.to_owned());
        forms.extend([Some(base), folder].into_iter().flatten().map(|base| Form {
            base,
            page,
            strong: *strong,
            in_path,
        }));
    }
    forms
}

/// A key with the folder for its `index.html`.
pub(super) fn tidy(key: &str) -> String {
    let bare = FORMS.folder_pages.iter().find_map(|page| key.strip_suffix(page.as_str())?.strip_suffix('/'));
    bare.unwrap_or(key).trim_end_matches('/').to_owned()
}

/// Whether an address can be that of a thread: not that of a whole site, nor of the script that serves all threads.
pub(super) fn is_thread(base: &str) -> bool {
    let Some((_, path)) = base.split_once(':').and_then(|(_, place)| place.split_once('/')) else { return false };
    let script = path.rsplit('/').next().is_some_and(|name| {
        [".php", ".asp", ".aspx", ".cgi", ".pl", ".jsp", ".dll"]
            .iter()
            .any(|end| name.to_ascii_lowercase().ends_with(end))
    });
    !path.is_empty() && !script
}

/// An address cut into numbers and what stands between them.
pub(super) fn pieces(place: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = place;
    while let Some(first) = rest.chars().next() {
        let number = first.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != number).unwrap_or(rest.len());
        let (piece, tail) = rest.split_at(end);
        pieces.push(piece);
        rest = tail;
    }
    pieces
}
