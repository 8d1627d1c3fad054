//! How fast the road is on your own pages, stage by stage, on one core:
//! `cargo run --release --example measure -- FOLDER`.
//!
//! Prints pages/s and MB/s (of page source, after decompression) of reading, parsing, joining and coding, and
//! writing CSV, and the comments found. The command itself uses all cores.

#![allow(clippy::print_stdout, reason = "a command prints its result")]

use std::time::{Duration, Instant};

use causerie::codebook::Codebook;
use causerie::coding::{Rules, code_thread};
use causerie::export::{Dialect, Format, TableWriter};
use causerie::input::{self, InputOptions};
use causerie::site::{self, Assembly};
use causerie::table::{AuthorPolicy, CodeColumn, Table, Tables};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let inputs: Vec<String> = std::env::args().skip(1).collect();
    let book = Codebook::builtin();
    let codes =
        book.codes.iter().map(|code| CodeColumn { name: code.name.clone(), description: code.definition.clone() });
    let tables = Tables::new(codes.collect(), AuthorPolicy::Drop, false)?;
    let coder = Rules::new(book);
    let plan = input::plan(&inputs, &InputOptions::default())?;

    let (mut pages, mut bytes, mut failures) = (0_u64, 0_u64, 0_u64);
    let [mut reading, mut parsing] = [Duration::ZERO; 2];
    let mut assembly = Assembly::default();
    let mut fragments = Vec::new();
    for item in &plan.items {
        // A file is read on opening, an archive's records one by one.
        let mut opened = Instant::now();
        for page in item.pages() {
            reading += opened.elapsed();
            let start = Instant::now();
            match page.and_then(|page| {
                pages += 1;
                bytes += page.body.len() as u64;
                site::read(&page)
            }) {
                Ok(fragment) => {
                    assembly.add(&fragment.keys);
                    fragments.push(Some(fragment));
                }
                Err(_) => failures += 1,
            }
            parsing += start.elapsed();
            opened = Instant::now();
        }
    }
    let start = Instant::now();
    let mut comments = 0;
    let mut coded = Vec::new();
    for group in assembly.groups() {
        let thread = site::join(group.into_iter().filter_map(|number| fragments[number].take()).collect());
        comments += thread.parsed_count();
        coded.push(code_thread(&coder, thread));
    }
    let coding = start.elapsed();
    let start = Instant::now();
    let format = Format::Csv(Dialect::Canonical);
    let mut writer =
        TableWriter::stream("nowhere", Box::new(std::io::sink()), format, tables.columns(Table::Comments))?;
    for batch in coded.chunks(256) {
        writer.write(&tables.comments(batch)?)?;
    }
    writer.finish()?;
    let writing = start.elapsed();

    println!(
        "{pages} pages, {:.1} MB, {} threads, {comments} comments, {failures} failures",
        bytes as f64 / 1e6,
        coded.len()
    );
    let stages = [
        ("read", reading),
        ("parse", parsing),
        ("join, code", coding),
        ("csv", writing),
        ("all", reading + parsing + coding + writing),
    ];
    for (name, time) in stages {
        let seconds = time.as_secs_f64().max(1e-9);
        println!(
            "{name:10} {seconds:8.2} s {:9.0} pages/s {:8.1} MB/s {:10.0} comments/s",
            pages as f64 / seconds,
            bytes as f64 / 1e6 / seconds,
            comments as f64 / seconds
        );
    }
    Ok(())
}
