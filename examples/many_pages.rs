//! Makes a folder of many saved pages from the sample pages, to measure with:
//! `cargo run --release --example many_pages -- FOLDER COUNT [KILOBYTES]`.
//!
//! Each page is a sample page under a host of its own, its comments repeated with new ids until it has the size
//! asked for (100 KB unless told): more comments and more text a page than most sites have.

use std::fs;
use std::path::Path;

const SAMPLES: &[&str] =
    &["next-ink-tickets", "wordpress-blocks", "wordpress-citations", "microdonnees", "custom-site"];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, count, rest @ ..] = arguments.as_slice() else {
        return Err("usage: many_pages FOLDER COUNT [KILOBYTES]".into());
    };
    let count: usize = count.parse()?;
    let bytes = rest.first().map_or(Ok(100), |kilobytes| kilobytes.parse::<usize>())? * 1000;
    fs::create_dir_all(folder)?;
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/pages");
    let samples = SAMPLES
        .iter()
        .map(|name| fs::read_to_string(pages.join(format!("{name}.html"))))
        .collect::<Result<Vec<_>, _>>()?;
    for number in 0..count {
        let page = grow(&samples[number % samples.len()], number, bytes);
        fs::write(Path::new(folder).join(format!("page-{number:06}.html")), page)?;
    }
    Ok(())
}

/// A page of a host of its own, of at least `bytes` bytes: the part from the first to the last comment is repeated.
fn grow(sample: &str, number: usize, bytes: usize) -> String {
    let marks = ["data-comment-id=\"", "id=\"comment-", "id=\"comm-", "<div class=\"css-1q8zkf3\">"];
    let rows: Vec<usize> = marks
        .iter()
        .map(|mark| sample.match_indices(mark).filter_map(|(at, _)| sample[..=at].rfind('<')).collect::<Vec<_>>())
        .max_by_key(Vec::len)
        .unwrap_or_default();
    let mut page = sample.replace(".example", &format!("-{number}.example"));
    if let (Some(&first), Some(&last)) = (rows.first(), rows.last()) {
        let block = &sample[first..last];
        let mut extra = String::new();
        let mut copy = 1;
        while page.len() + extra.len() < bytes && block.len() > 100 {
            extra.push_str(&renumbered(block, copy));
            copy += 1;
        }
        if let Some(at) = page.find(&sample[first..(first + 60).min(last)]) {
            page.insert_str(at, &extra);
        }
    }
    page
}

/// The block with other ids: digits of an id get a number in front.
fn renumbered(block: &str, copy: usize) -> String {
    let mut out = block.to_owned();
    for mark in ["data-comment-id=\"", "comment-", "comm-"] {
        out = out.replace(mark, &format!("{mark}{copy}"));
    }
    // A class is no id.
    for word in ["author", "content", "meta", "body", "list", "reply", "date", "archor", "navigation", "status"] {
        out = out.replace(&format!("comment-{copy}{word}"), &format!("comment-{word}"));
    }
    out.replace(&format!("data-comment-{copy}"), "data-comment-")
}
