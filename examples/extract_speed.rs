//! How fast comments are extracted, reading of files not counted, on one core:
//! `cargo run --release --example extract_speed -- FOLDER [ROUNDS]`.
//!
//! All pages of the folder (`.html`, `.html.gz`) are decoded into memory first; then each round reads every page. Prints the
//! seconds of processor time of the fastest round and pages/s (of the clock, where the system does not count a thread's time:
//! elsewhere than on Linux). `benches/extraction_peers.py` runs it beside its peers.

#![allow(clippy::print_stdout, reason = "a command prints its result")]

use std::fs;
use std::hint::black_box;
use std::io::Read;
use std::sync::LazyLock;
use std::time::Instant;

use causerie::input::{Origin, decode};
use causerie::model::Page;
use causerie::site;

/// Largest page read, in bytes.
const MAX_PAGE: u64 = 64 << 20;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("usage: extract_speed FOLDER [ROUNDS]")?;
    let rounds: u32 = arguments.next().map_or(Ok(5), |rounds| rounds.parse())?;
    let pages = pages(&folder)?;
    let bytes: usize = pages.iter().map(|page| page.body.len()).sum();
    let mut comments = 0;
    let mut best = f64::INFINITY;
    for _ in 0..rounds.max(1) {
        let start = seconds();
        comments =
            pages.iter().filter_map(|page| black_box(site::read(page)).ok()).map(|found| found.comments.len()).sum();
        best = best.min(seconds() - start);
    }
    println!(
        "{} pages, {:.1} MB, {comments} comments: {best:.4} s, {:.0} pages/s, {:.1} MB/s",
        pages.len(),
        bytes as f64 / 1e6,
        pages.len() as f64 / best,
        bytes as f64 / 1e6 / best
    );
    Ok(())
}

/// Seconds this thread has run.
fn seconds() -> f64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let counted = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = counted.and_then(|line| line.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| START.elapsed().as_secs_f64(), |nanoseconds| nanoseconds / 1e9)
}

fn pages(folder: &str) -> Result<Vec<Page>, Box<dyn std::error::Error>> {
    let mut paths: Vec<_> = fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    let mut pages = Vec::new();
    for path in paths {
        let mut bytes = fs::read(&path)?;
        let name = path.display().to_string();
        if path.extension().is_some_and(|extension| extension == "gz") {
            let mut whole = Vec::new();
            flate2::read::MultiGzDecoder::new(bytes.as_slice()).take(MAX_PAGE).read_to_end(&mut whole)?;
            bytes = whole;
        }
        if let Ok(page) = decode(bytes, Origin::file(name), MAX_PAGE) {
            pages.push(page);
        }
    }
    Ok(pages)
}
