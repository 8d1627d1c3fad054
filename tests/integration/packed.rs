//! Archives of causerie's own that lie in a zip file, are packed again or unpacked, or come through a pipe: the same tables.

use std::fs;
use std::io::{Cursor, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::Duration;

use flate2::read::MultiGzDecoder;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::blog::{HTML, blog, list, page};
use super::reading::gzip;
use super::server::{Server, reply};
use super::workplace::{Ran, Workplace};

const TABLES: [&str; 4] = ["comments.csv", "codings.csv", "threads.csv", "errors.csv"];

fn zipped(method: CompressionMethod, files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn gunzip(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    MultiGzDecoder::new(bytes).read_to_end(&mut plain).unwrap();
    plain
}

fn analyze(place: &Workplace, input: &str, to: &str, more: &[&str]) -> Ran {
    place.run(&[&["analyze", input, "--coder", "rules", "-o", to][..], more].concat())
}

fn tables(place: &Workplace, folder: &str) -> [String; 4] {
    TABLES.map(|table| place.read(&format!("{folder}/{table}")))
}

/// An archive of two snapshots of two threads, one of which loses a comment between them, and a time between.
fn two_snapshots(place: &Workplace) -> (Vec<u8>, String) {
    let round = Arc::new(AtomicUsize::new(0));
    let now = Arc::clone(&round);
    let server = Server::start(move |seen, _, stream| match (seen.path.as_str(), now.load(Ordering::SeqCst)) {
        ("/robots.txt" | "/.well-known/tdmrep.json", _) => reply(stream, "404 Not Found", b""),
        ("/1", 0) => {
            let page = page("1");
            let (start, end) = (page.find("<li").unwrap(), page.find("</li>").unwrap() + 5);
            let third = page[start..end].replace("comment-11", "comment-13").replace("Avis 1", "Avis 3");
            reply(stream, HTML, [&page[..end], &third, &page[end..]].concat().as_bytes());
        }
        (path, _) => reply(stream, HTML, page(path.trim_start_matches('/')).as_bytes()),
    });
    let (one, two) = (server.url("/1"), server.url("/2"));
    let fetch = ["fetch", &one, &two, "-o", "archive", "--interval", "0"];
    place.run(&fetch).ends(0);
    sleep(Duration::from_millis(1100));
    let between = jiff::Timestamp::now().to_string();
    sleep(Duration::from_millis(1100));
    round.store(1, Ordering::SeqCst);
    place.run(&fetch).ends(0);
    (fs::read(place.path("archive/pages-00001.warc.gz")).unwrap(), between)
}

#[test]
fn wherever_an_archive_lies_its_tables_are_the_same() {
    let place = Workplace::new();
    let (bytes, between) = two_snapshots(&place);
    analyze(&place, "archive", "last/", &[]).ends(0);
    analyze(&place, "archive", "first/", &["--as-of", &between]).ends(0);
    let (last, first) = (tables(&place, "last"), tables(&place, "first"));
    assert_eq!((place.table("last/comments.csv").len(), place.table("first/comments.csv").len()), (4, 5));

    let plain = gunzip(&bytes);
    let beside = place.read("archive/addresses.csv");
    let folder = [("ar/pages-00001.warc.gz", &bytes[..]), ("ar/addresses.csv", beside.as_bytes())];
    let package = [("archive/data.warc.gz", &bytes[..]), ("datapackage.json", b"{}")];
    let forms = [
        ("a.warc.gz", bytes.clone()),
        ("renamed.txt", bytes.clone()),
        ("plain.warc", plain.clone()),
        ("one-member.warc.gz", gzip(&plain)),
        ("deflated.zip", zipped(CompressionMethod::Deflated, &folder)),
        ("stored.zip", zipped(CompressionMethod::Stored, &folder)),
        ("plain.zip", zipped(CompressionMethod::Deflated, &[("a.warc", &plain)])),
        ("one-member.zip", zipped(CompressionMethod::Stored, &[("a.warc.gz", &gzip(&plain))])),
        ("a.wacz", zipped(CompressionMethod::Stored, &package)),
    ];
    for (name, form) in forms {
        place.write(name, &form);
        analyze(&place, name, "again/", &[]).ends(0);
        assert_eq!(tables(&place, "again"), last, "{name}");
        analyze(&place, name, "again/", &["--as-of", &between]).ends(0);
        assert_eq!(tables(&place, "again"), first, "{name} as of {between}");
        place.feed(form, &["analyze", "-", "--coder", "rules", "-o", "again/"]).ends(0);
        assert_eq!(tables(&place, "again"), last, "{name} on standard input");
    }
    let early = analyze(&place, "deflated.zip", "none/", &["--as-of", "2020-01-01"]);
    early.ends(2).says(&["no snapshot up to then"]);
}

#[test]
fn what_lies_beside_an_archive_in_a_zip_file_is_read_too() {
    let place = Workplace::new();
    let server = blog();
    place.run(&["fetch", &server.url("/1"), "-o", "archive", "--interval", "0"]).ends(0);
    let bytes = fs::read(place.path("archive/pages-00001.warc.gz")).unwrap();
    let other = page("2");
    let files = [("ar/pages-00001.warc.gz", &bytes[..]), ("other.html", other.as_bytes())];
    place.write("both.zip", zipped(CompressionMethod::Deflated, &files));
    analyze(&place, "both.zip", "both/", &[]).ends(0);
    let sources: Vec<String> = place.table("both/threads.csv").into_iter().map(|row| row["sources"].clone()).collect();
    assert_eq!(sources, [server.url("/1"), "both.zip#other.html".to_owned()]);
    // The same archive twice is the same snapshots twice.
    place.run(&["analyze", "both.zip", "archive", "--coder", "rules", "-o", "twice/"]).ends(0);
    assert_eq!(place.read("twice/comments.csv"), place.read("both/comments.csv"));
}

#[test]
fn a_time_before_is_asked_only_of_what_has_snapshots() {
    let place = Workplace::new();
    place.sample("latin1.html");
    let ran = analyze(&place, "latin1.html", "out/", &["--as-of", "2026-11-01"]).ends(2);
    ran.says(&["--as-of 2026-11-01: no input has snapshots"]);
    assert!(!place.has("out"));
}

#[test]
fn an_archive_packed_again_and_cut_keeps_what_stands_before() {
    let place = Workplace::new();
    let server = blog();
    list(&place, &server, 6);
    place.run(&["fetch", "-i", "urls.txt", "-o", "archive", "--interval", "0"]).ends(0);
    let bytes = fs::read(place.path("archive/pages-00001.warc.gz")).unwrap();
    let one = gzip(&gunzip(&bytes));
    let parts = zipped(CompressionMethod::Stored, &[("a.warc.gz", &one[..one.len() / 2])]);
    for (name, cut) in [("one.warc.gz", one[..one.len() / 2].to_vec()), ("one.zip", parts)] {
        place.write(name, cut);
        analyze(&place, name, "cut/", &[]).ends(1);
        let reasons: Vec<String> = place
            .table("cut/errors.csv")
            .into_iter()
            .map(|row| row["reason"].clone())
            .filter(|r| r != "not_fetched")
            .collect();
        assert_eq!(reasons, ["corrupt"], "{name}");
        let comments = place.table("cut/comments.csv").len();
        assert!((2..12).contains(&comments), "{name}: {comments} comments");
    }
    // Two ways of packing in one file.
    place.write("mixed.warc.gz", [&bytes[..], &one].concat());
    analyze(&place, "mixed.warc.gz", "mixed/", &[]).ends(1).says(&["packed together", "gunzip"]);
    assert_eq!(place.table("mixed/comments.csv").len(), 12);
    // What was packed again is not written to, and still known.
    place.write("archive/pages-00001.warc.gz", &one);
    place.run(&["fetch", &server.url("/0"), "-o", "archive", "--interval", "0"]).ends(0);
    assert_eq!(fs::read(place.path("archive/pages-00001.warc.gz")).unwrap(), one);
    assert!(place.has("archive/pages-00002.warc.gz"));
    analyze(&place, "archive", "both/", &[]).ends(0);
    assert_eq!(place.table("both/comments.csv").len(), 12);
}

#[test]
fn archives_in_which_nothing_is_are_errors() {
    let place = Workplace::new();
    let server = blog();
    place.run(&["fetch", &server.url("/1"), "-o", "archive", "--interval", "0"]).ends(0);
    let plain = String::from_utf8(gunzip(&fs::read(place.path("archive/pages-00001.warc.gz")).unwrap())).unwrap();
    let records: Vec<String> =
        plain.split("WARC/1.1\r\n").skip(1).map(|record| format!("WARC/1.1\r\n{record}")).collect();
    place.write("begun.warc.gz", gzip(records[0].as_bytes()));
    analyze(&place, "begun.warc.gz", "begun/", &[]).ends(1);
    assert_eq!(place.table("begun/errors.csv")[0]["reason"], "no_pages");
    // Nor does one give a page that has only pictures; beside pages it is passed over.
    let picture = "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\nx";
    let fields = "WARC-Type: response\r\nWARC-Target-URI: https://a.example/x.png\r\nContent-Type: application/http";
    place.write(
        "pictures.warc",
        format!("WARC/1.1\r\n{fields}\r\nContent-Length: {}\r\n\r\n{picture}\r\n\r\n", picture.len()),
    );
    analyze(&place, "pictures.warc", "pictures/", &[]).ends(1).says(&["pictures.warc: no page"]);
    place.run(&["analyze", "pictures.warc", "archive", "--coder", "rules", "-o", "both/"]).ends(0);
    // Without the notes on what was asked it is an archive like those of others.
    let answers: String =
        records.into_iter().filter(|record| !record.starts_with("WARC/1.1\r\nWARC-Type: metadata")).collect();
    place.write("answers.warc", &answers);
    analyze(&place, "answers.warc", "answers/", &[]).ends(0);
    assert_eq!(place.table("answers/comments.csv")[0]["source"], "answers.warc#3");
    place.feed(answers, &["analyze", "-", "--coder", "rules", "-o", "fed/"]).ends(0);
    assert_eq!(place.table("fed/comments.csv").len(), 2);
}

#[cfg(unix)]
#[test]
fn pipes_are_read_once() {
    let place = Workplace::new();
    let server = blog();
    place.run(&["fetch", &server.url("/1"), "-o", "archive", "--interval", "0"]).ends(0);
    let archive = fs::read(place.path("archive/pages-00001.warc.gz")).unwrap();
    let packed = zipped(CompressionMethod::Stored, &[("page.html", page("1").as_bytes())]);
    for bytes in [archive, packed, page("1").into_bytes()] {
        let pipe = place.path("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let writer = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::write(pipe, bytes).unwrap()
        });
        analyze(&place, "pipe", "piped/", &[]).ends(0);
        writer.join().unwrap();
        assert_eq!(place.table("piped/comments.csv").len(), 2);
        fs::remove_file(pipe).unwrap();
    }
}
