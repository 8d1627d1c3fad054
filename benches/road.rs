//! The pieces and the whole road on the sample pages: `cargo bench`.
//!
//! Throughput is in pages (elements) and bytes of page source. `examples/measure.rs` measures any folder.

use std::hint::black_box;

use causerie::codebook::Codebook;
use causerie::coding::{Rules, code_thread};
use causerie::export::{Dialect, Format, TableWriter};
use causerie::input::{self, InputOptions};
use causerie::model::{CodedThread, Page, Thread};
use causerie::site::{self, Assembly, Fragment};
use causerie::table::{AuthorPolicy, CodeColumn, Table, Tables};
use causerie::text;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn pages() -> Vec<Page> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/data/pages").to_owned();
    let plan = input::plan(&[folder], &InputOptions::default()).expect("the sample pages");
    plan.items.iter().flat_map(input::Item::pages).map(|page| page.expect("a sample page")).collect()
}

fn fragments(pages: &[Page]) -> Vec<Fragment> {
    pages.iter().map(|page| site::read(page).expect("a sample page")).collect()
}

fn threads(fragments: Vec<Fragment>) -> Vec<Thread> {
    let mut assembly = Assembly::default();
    for fragment in &fragments {
        assembly.add(&fragment.keys);
    }
    let mut fragments: Vec<Option<Fragment>> = fragments.into_iter().map(Some).collect();
    assembly
        .groups()
        .into_iter()
        .map(|group| site::join(group.into_iter().filter_map(|number| fragments[number].take()).collect()))
        .collect()
}

fn tables() -> Tables {
    let codes = Codebook::builtin()
        .codes
        .iter()
        .map(|code| CodeColumn { name: code.name.clone(), description: code.definition.clone() })
        .collect();
    Tables::new(codes, AuthorPolicy::Drop, false).expect("the built-in codebook has no clashing names")
}

fn write(tables: &Tables, coded: &[CodedThread]) {
    let format = Format::Csv(Dialect::Canonical);
    let columns = tables.columns(Table::Comments);
    let mut writer = TableWriter::stream("nowhere", Box::new(std::io::sink()), format, columns).expect("a sink");
    writer.write(&tables.comments(coded).expect("coded threads")).expect("a sink");
    writer.finish().expect("a sink");
}

fn road(c: &mut Criterion) {
    let pages = pages();
    let bytes = pages.iter().map(|page| page.body.len() as u64).sum();
    let found = threads(fragments(&pages));
    let coder = Rules::new(Codebook::builtin());
    let tables = tables();
    let coded: Vec<CodedThread> = found.iter().cloned().map(|thread| code_thread(&coder, thread)).collect();

    let mut group = c.benchmark_group("road");
    group.throughput(Throughput::ElementsAndBytes { elements: pages.len() as u64, bytes });
    group.bench_function("parse", |b| b.iter(|| fragments(black_box(&pages))));
    group.bench_function("text", |b| b.iter(|| found.iter().map(text::read).collect::<Vec<_>>()));
    group.bench_function("code", |b| {
        b.iter(|| found.iter().cloned().map(|thread| code_thread(&coder, thread)).collect::<Vec<_>>());
    });
    group.bench_function("csv", |b| b.iter(|| write(&tables, black_box(&coded))));
    group.bench_function("whole", |b| {
        b.iter(|| {
            let coded: Vec<_> =
                threads(fragments(&pages)).into_iter().map(|thread| code_thread(&coder, thread)).collect();
            write(&tables, &coded);
        });
    });
    group.finish();
}

criterion_group!(benches, road);
criterion_main!(benches);
