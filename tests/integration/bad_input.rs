//! Input nobody should have saved and servers nobody should have met, through the command: exit code, message, and
//! the table of errors. The good inputs beside them go on.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use causerie::model::PageKind;
use causerie::site;

use super::arbitrary::page;
use super::server::{Server, reply};
use super::workplace::{Ran, Row, Workplace, samples};

/// Comments of the good page beside every bad input.
const GOOD: usize = 8;

/// A workplace with one good page.
fn workplace() -> Workplace {
    let place = Workplace::new();
    place.sample("latin1.html");
    place
}

/// Runs over the good page and the bad input; the good one arrives, the bad one is the only error.
#[track_caller]
fn refused(place: &Workplace, bad: &str, more: &[&str]) -> (Ran, Row) {
    let arguments = [&["analyze", "latin1.html", bad, "-o", "out.csv"], more].concat();
    let ran = place.run(&arguments);
    assert_eq!(place.table("out.csv").len(), GOOD, "the good page goes on");
    let mut errors = place.table("out.errors.csv");
    assert_eq!(errors.len(), 1, "{errors:?}");
    let row = errors.remove(0);
    let ran = ran.ends(if row["reason"] == "rate_limited" { 4 } else { 1 });
    assert_eq!(row["source"], bad);
    assert!(ran.err.contains(&format!("error: {bad}: {}", row["message"])), "{}", ran.err);
    (ran, row)
}

#[track_caller]
fn refused_file(bytes: impl AsRef<[u8]>, stage: &str, reason: &str, words: &[&str]) {
    let place = workplace();
    place.write("bad.html", bytes);
    let (ran, row) = refused(&place, "bad.html", &[]);
    assert_eq!((row["stage"].as_str(), row["reason"].as_str()), (stage, reason));
    ran.says(words);
}

/// Runs over one page that can be read after all.
#[track_caller]
fn read(bytes: impl AsRef<[u8]>) -> (Ran, Vec<Row>) {
    let place = Workplace::new();
    place.write("page.html", bytes);
    let ran = place.run(&["analyze", "page.html", "-o", "out.csv"]).ends(0);
    assert!(!place.has("out.errors.csv"));
    (ran, place.table("out.csv"))
}

fn sample(name: &str) -> Vec<u8> {
    fs::read(samples().join(name)).unwrap()
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = bytes.windows(from.len()).position(|window| window == from).unwrap();
    [&bytes[..at], to, &bytes[at + from.len()..]].concat()
}

fn texts(rows: &[Row]) -> Vec<&str> {
    rows.iter().map(|row| row["text"].as_str()).collect()
}

#[test]
fn empty_file() {
    refused_file("", "input", "empty", &["holds nothing"]);
    refused_file(" \n\t\r\n ", "input", "empty", &["holds nothing"]);
}

#[test]
fn binary_file() {
    refused_file(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", "input", "binary", &["PNG", "save the page"]);
    let noise: Vec<u8> = (0..40_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    refused_file(noise, "input", "binary", &["binary data"]);
}

#[test]
fn json_of_nobody_and_broken_json() {
    refused_file("{\"answer\": 42}", "parse", "unknown_json", &["causerie sites"]);
    refused_file(
        "{\"code\":\"rest_no_route\",\"message\":\"No route\",\"data\":{\"status\":404}}",
        "parse",
        "refused",
        &["No route"],
    );
}

#[test]
fn truncated_html() {
    let whole = sample("wordpress-citations.html");
    let mut before = usize::MAX;
    for part in [10, 9, 7, 5, 4] {
        let (ran, rows) = read(&whole[..whole.len() * part / 10]);
        assert!(rows.len() <= before, "{part} tenths");
        before = rows.len();
        if rows.len() < 11 && !rows.is_empty() {
            ran.says(&["fewer comments than stated", "11 stated"]);
        }
    }
    assert!(before < 11);
    // In the middle of a tag, of an attribute, of a character.
    let at = whole.windows(12).rposition(|window| window == b"comment-body").unwrap();
    for cut in at..at + 30 {
        let _ = site::read(&page(PageKind::Html, String::from_utf8_lossy(&whole[..cut]).into_owned())).unwrap();
    }
}

#[test]
fn fifty_megabytes() {
    let place = workplace();
    place.write("bad.html", "<p>some words</p>\n".repeat((50 << 20) / 18 + 1));
    let (ran, row) = refused(&place, "bad.html", &[]);
    assert_eq!(row["reason"], "too_large");
    ran.says(&["--max-page-size"]);
}

#[test]
fn fifty_megabytes_from_a_server_and_from_standard_input() {
    let large = Server::saying("200 OK\r\nContent-Type: text/html", vec![b'a'; 50 << 20]);
    let (ran, row) = refused(&workplace(), &large.url("/article"), &[]);
    assert_eq!(row["reason"], "too_large");
    ran.says(&["--max-page-size"]);
    let place = Workplace::new();
    place.feed(vec![b'a'; 50 << 20], &["analyze", "-", "-o", "-"]).ends(1).says(&["--max-page-size"]);
}

#[test]
fn a_large_page_is_read() {
    // 12 MB of it, under the limit of 32 MiB: slow only where something grows faster than the page.
    let mut page = String::from_utf8(sample("wordpress-blocks.html")).unwrap();
    page.truncate(page.rfind("</body>").unwrap());
    page.push_str(&"<p>some more words of <b>no</b> account</p>\n".repeat((12 << 20) / 44));
    let start = Instant::now();
    let (_, rows) = read(page);
    assert_eq!(rows.len(), 10);
    assert!(start.elapsed() < Duration::from_mins(1), "{:?}", start.elapsed());
}

#[test]
fn one_comment_of_a_megabyte() {
    let page = String::from_utf8(sample("wordpress-blocks.html")).unwrap();
    let at = page.find("wp-block-comment-content").unwrap();
    let at = at + page[at..].find('>').unwrap() + 1;
    let start = Instant::now();
    let (_, rows) = read(format!("{}{}{}", &page[..at], "<p>the scam is not quoted ".repeat(40_000), &page[at..]));
    assert_eq!(rows.len(), 10);
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
}

#[test]
fn nesting_a_hundred_thousand_deep() {
    let start = Instant::now();
    for (tag, close) in [("<div>", ""), ("<b>", "</b>"), ("<ul><li>", ""), ("<table><tr><td>", "")] {
        let deep = format!("{}words{}", tag.repeat(100_000), close.repeat(100_000));
        let html = replaced(&sample("wordpress-blocks.html"), b"</body>", format!("{deep}</body>").as_bytes());
        let (_, rows) = read(html);
        assert_eq!(rows.len(), 10, "{tag}");
        read(format!("<!DOCTYPE html><title>deep</title><body>{deep}"));
    }
    assert!(start.elapsed() < Duration::from_mins(1), "{:?}", start.elapsed());
    let place = workplace();
    place.write("bad.json", format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000)));
    let (_, row) = refused(&place, "bad.json", &[]);
    assert!(["broken_json", "unknown_json", "no_thread"].contains(&row["reason"].as_str()), "{row:?}");
}

#[test]
fn wrong_charset_label() {
    let (_, right) = read(sample("latin1.html"));
    assert!(texts(&right).iter().any(|text| text.contains('é')));
    // Windows-1252 that says it is UTF-8, and UTF-8 that says it is Windows-1252.
    for (name, from, to) in [("latin1.html", "windows-1252", "utf-8"), ("wordpress-citations.html", "UTF-8", "latin1")]
    {
        let bytes = sample(name);
        let (_, right) = read(&bytes);
        let (_, mislabelled) = read(replaced(&bytes, from.as_bytes(), to.as_bytes()));
        assert_eq!(texts(&mislabelled), texts(&right), "{name}");
    }
}

#[test]
fn invalid_utf8() {
    let bytes = sample("wordpress-citations.html");
    let (_, right) = read(&bytes);
    let word = "vélos".as_bytes();
    let word = if bytes.windows(word.len()).any(|window| window == word) { word } else { "é".as_bytes() };
    let at = bytes.windows(12).position(|window| window == b"comment-body").unwrap();
    let damaged = [&bytes[..at], &replaced(&bytes[at..], word, b"v\xe9los")].concat();
    let (_, rows) = read(damaged);
    assert_eq!(rows.len(), right.len());
    let different = texts(&rows).iter().zip(texts(&right)).filter(|(got, right)| *got != right).count();
    assert!(different <= 1, "one damaged place leaves the other comments alone");
}

#[test]
fn folder_without_readable_pages() {
    let place = workplace();
    place.write("bad/notes.md", "# notes");
    place.write("bad/logo.png", b"\x89PNG\r\n\x1a\n");
    let (ran, row) = refused(&place, "bad", &[]);
    assert_eq!((row["stage"].as_str(), row["reason"].as_str()), ("input", "no_pages"));
    ran.says(&["no readable page in this folder", "2 other files"]);
}

#[test]
fn files_that_are_not_there() {
    let (ran, row) = refused(&workplace(), "gone.html", &[]);
    assert_eq!(row["reason"], "not_found");
    ran.says(&["gone.html"]);
}

#[test]
fn unreachable_host() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (ran, row) = refused(&workplace(), &format!("http://{free}/article"), &[]);
    assert_eq!((row["stage"].as_str(), row["reason"].as_str()), ("fetch", "unreachable"));
    ran.says(&["cannot be reached"]);
    let place = Workplace::new();
    let ran = place.run(&["analyze", "http://no-such-host.invalid/", "--timeout", "5"]).ends(1);
    assert!(ran.err.contains("http://no-such-host.invalid/"), "{}", ran.err);
}

/// A server without robots.txt that answers this everywhere else.
fn answering(head: &'static str, body: impl Into<Vec<u8>>) -> Server {
    let body = body.into();
    Server::start(move |seen, _, stream| match seen.path.as_str() {
        "/robots.txt" => reply(stream, "404 Not Found", b""),
        _ => reply(stream, head, &body),
    })
}

#[test]
fn statuses() {
    for (head, reason, words) in [
        ("404 Not Found", "not_found", "check the address"),
        ("403 Forbidden", "forbidden", "save it"),
        ("401 Unauthorized", "forbidden", "save it"),
        ("418 I'm a teapot", "http_418", "418"),
        ("200 OK", "empty", "holds nothing"),
    ] {
        let server = answering(head, "");
        let (ran, row) = refused(&workplace(), &server.url("/article"), &[]);
        assert_eq!((row["stage"].as_str(), row["reason"].as_str()), ("fetch", reason), "{head}");
        assert_eq!(row["url"], server.url("/article"));
        ran.says(&[words]);
    }
}

#[test]
fn too_many_requests() {
    let server = answering("429 Too Many Requests\r\nRetry-After: 0", "");
    let (ran, row) = refused(&workplace(), &server.url("/article"), &["--interval", "0"]);
    assert_eq!(row["reason"], "rate_limited");
    ran.says(&["too many requests", "4 times in a row", "--interval"]);
    assert_eq!(server.seen().iter().filter(|seen| seen.path == "/article").count(), 4);
    let hour = answering("429 Too Many Requests\r\nRetry-After: 3600", "");
    let start = Instant::now();
    let (ran, _) = refused(&workplace(), &hour.url("/article"), &[]);
    ran.says(&["60 minutes"]);
    assert!(start.elapsed() < Duration::from_secs(30));
}

#[test]
fn redirect_loop() {
    let server = Server::start(|seen, _, stream| match seen.path.as_str() {
        "/robots.txt" => reply(stream, "404 Not Found", b""),
        "/a" => reply(stream, "302 Found\r\nLocation: /b", b""),
        _ => reply(stream, "302 Found\r\nLocation: /a", b""),
    });
    let (ran, row) = refused(&workplace(), &server.url("/a"), &["--interval", "0"]);
    assert_eq!(row["reason"], "redirect_loop");
    ran.says(&["in a circle"]);
    assert!(server.seen().len() <= 4);
}

#[test]
fn slow_server() {
    let silent = Server::start(|seen, _, stream| match seen.path.as_str() {
        "/robots.txt" => reply(stream, "404 Not Found", b""),
        _ => thread::sleep(Duration::from_mins(1)),
    });
    let dripping = Server::start(|seen, _, stream| {
        if seen.path == "/robots.txt" {
            return reply(stream, "404 Not Found", b"");
        }
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
        while stream.write_all(b"x").is_ok() {
            thread::sleep(Duration::from_millis(50));
        }
    });
    for server in [silent, dripping] {
        let start = Instant::now();
        let (ran, row) = refused(&workplace(), &server.url("/article"), &["--timeout", "0.5"]);
        assert_eq!((row["stage"].as_str(), row["reason"].as_str()), ("fetch", "timeout"));
        ran.says(&["in time"]);
        assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    }
    let place = Workplace::new();
    for wrong in ["0", "-1", "nan", "soon"] {
        place.run(&["analyze", "http://a.invalid/", &format!("--timeout={wrong}")]).ends(2).says(&["--timeout"]);
    }
}

#[test]
fn html_where_json_was_promised() {
    let server = Server::start(|seen, _, stream| {
        let html = "200 OK\r\nContent-Type: text/html";
        match seen.path.as_str() {
            "/robots.txt" => reply(stream, "404 Not Found", b""),
            path if path.starts_with("/wp-json/") => reply(stream, html, b"<!DOCTYPE html><p>Just a moment</p>"),
            _ => {
                let page = fs::read_to_string(samples().join("wordpress-blocks.html")).unwrap();
                let host = seen.headers["host"].clone();
                let at = page.find("/wp-json").unwrap();
                let old = &page[page[..at].rfind('"').unwrap() + 1..at];
                reply(stream, html, page.replace(old, &format!("http://{host}")).as_bytes());
            }
        }
    });
    let place = Workplace::new();
    let ran = place.run(&["analyze", &server.url("/article/"), "-o", "out.csv", "--interval", "0"]).ends(0);
    assert_eq!(place.table("out.csv").len(), 10, "the comments of the page");
    assert!(server.seen().iter().any(|seen| seen.path.starts_with("/wp-json/")));
    ran.says(&["note: ", "not_json"]);
    assert!(!place.has("out.errors.csv"));
}

#[test]
fn several_kinds_of_failure_are_one_row_each() {
    let forbidden = answering("403 Forbidden", "");
    let place = workplace();
    place.write("bad/a.html", "");
    place.write("bad/b.html", b"\x89PNG\r\n\x1a\n\0\0");
    place.write("bad/c.json", "{\"answer\": 42}");
    place.write("bad/d.html", b"\x1f\x8b\x08\0\0\0\0\0\0\xff\xff\xff\xffrubbish");
    place.write("bad/e.txt", "a shopping list: milk, bread");
    let url = forbidden.url("/article");
    let ran = place.run(&["analyze", "gone.html", "bad", "latin1.html", &url, "-o", "out.csv"]).ends(1);
    assert_eq!(place.table("out.csv").len(), GOOD);
    let mut rows: Vec<(String, String)> =
        place.table("out.errors.csv").into_iter().map(|row| (row["reason"].clone(), row["source"].clone())).collect();
    rows.sort();
    let expected = [
        ("binary", "bad/b.html"),
        ("corrupt", "bad/d.html"),
        ("empty", "bad/a.html"),
        ("forbidden", url.as_str()),
        ("no_thread", "bad/e.txt"),
        ("not_found", "gone.html"),
        ("unknown_json", "bad/c.json"),
    ];
    assert_eq!(rows.iter().map(|(reason, source)| (reason.as_str(), source.as_str())).collect::<Vec<_>>(), expected);
    for (_, source) in expected {
        assert!(ran.err.contains(source), "{source} is not in: {}", ran.err);
    }
    // A folder gets the same table under its plain name, and without an output the failures are told all the same.
    place.run(&["analyze", "gone.html", "latin1.html", "-o", "study/"]).ends(1);
    assert_eq!(place.table("study/errors.csv")[0]["reason"], "not_found");
    place.run(&["analyze", "gone.html", "latin1.html"]).ends(1).says(&["error: gone.html"]);
}

#[test]
fn unwritable_output() {
    let place = workplace();
    place.run(&["analyze", "latin1.html", "-o", "no/such/out.csv"]).ends(3).says(&["no/such", "there is no folder"]);
    place.write("file", "x");
    place.run(&["analyze", "latin1.html", "-o", "file/out.csv"]).ends(3).says(&["file/out.csv"]);
    place.run(&["analyze", "latin1.html", "-o", "file/study/"]).ends(3).says(&["file/study"]);
    place.run(&["analyze", "latin1.html", "-o", "out.xls"]).ends(2).says(&["out.xls"]);
    assert_eq!(place.read("file"), "x");
}

#[cfg(target_os = "linux")]
#[test]
fn full_disk() {
    let place = workplace();
    place
        .run(&["analyze", "latin1.html", "-o", "/dev/full", "--format", "csv"])
        .ends(3)
        .says(&["disk full", "/dev/full"]);
    let mut command = place.command(&["analyze", "latin1.html", "-o", "-"]);
    command.stdout(fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
    let ended = command.output().unwrap();
    let told = String::from_utf8(ended.stderr).unwrap();
    assert_eq!((ended.status.code(), told.contains("disk full")), (Some(3), true), "{told}");
}

#[cfg(unix)]
#[test]
fn interrupted() {
    use std::process::Stdio;
    let server = Server::start(|seen, _, stream| match seen.path.as_str() {
        "/robots.txt" => reply(stream, "404 Not Found", b""),
        _ => thread::sleep(Duration::from_mins(1)),
    });
    for signal in ["-INT", "-TERM"] {
        let place = workplace();
        place.run(&["analyze", "latin1.html", "-o", "out.csv", "--authors", "drop"]).ends(0);
        let earlier = place.read("out.csv");
        let mut command =
            place.command(&["analyze", "latin1.html", &server.url(&format!("/{signal}")), "-o", "out.csv"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let start = Instant::now();
        while !server.seen().iter().any(|seen| seen.path.ends_with(signal)) {
            assert!(start.elapsed() < Duration::from_secs(30), "the request never came");
            thread::sleep(Duration::from_millis(20));
        }
        let killed = std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        let sent = Instant::now();
        let _ = child.wait().unwrap();
        assert!(sent.elapsed() < Duration::from_secs(10), "{signal} is heard while waiting");
        let ended = child.wait_with_output().unwrap();
        let told = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(130), "{told}");
        assert!(told.contains("interrupted; nothing was written"), "{told}");
        assert_eq!(place.read("out.csv"), earlier);
        let left: Vec<_> = fs::read_dir(place.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        // What was fetched so far is there for the next run.
        let known = ["out.csv", "out.run.json", "latin1.html", "data", "out.warc.gz.part"];
        let strange = |name: &&std::ffi::OsString| !known.iter().any(|known| **name == *known);
        assert_eq!(left.iter().filter(strange).count(), 0, "{left:?}");
    }
}

#[test]
fn wrong_codebook() {
    let place = workplace();
    let mut book = String::from("name = \"mine\"\nversion = \"1\"\n\n");
    let _ = write!(book, "[[codes]]\nname = \"Bad Name\"\nlabel = \"x\"\ndefinition = \"x\"\n");
    place.write("broken.toml", "name = \"mine\"\nversion = \n");
    place.write("name.toml", book);
    for name in ["broken.toml", "name.toml"] {
        let ran = place.run(&["analyze", "latin1.html", "--codebook", name, "-o", "out.csv"]).ends(2);
        let line = ran.err.split_once(name).map(|(_, rest)| rest.chars().any(|c| c.is_ascii_digit()));
        assert_eq!(line, Some(true), "file and line: {}", ran.err);
        assert!(!place.has("out.csv"));
    }
    place.run(&["analyze", "latin1.html", "--codebook", "gone.toml"]).ends(2).says(&["gone.toml"]);
}

#[test]
fn missing_or_wrong_author_key() {
    let place = workplace();
    place.write("short.key", "1234");
    for name in ["gone.key", "short.key"] {
        place.run(&["analyze", "latin1.html", "--author-key", name, "-o", "out.csv"]).ends(2).says(&[name]);
        assert!(!place.has("out.csv"));
    }
}

#[test]
fn a_page_cut_in_its_middle_says_so() {
    let place = Workplace::new();
    let page = std::fs::read_to_string(samples().join("custom-site.html")).unwrap();
    place.write("cut.html", &page[..page.floor_char_boundary(page.len() * 3 / 4)]);
    place.run(&["analyze", "cut.html", "-o", "out"]).ends(0);
    assert!(place.table("out/threads.csv")[0]["notes"].contains("closing tags"));
    place.write("whole.html", &page);
    place.run(&["analyze", "whole.html", "-o", "whole"]).ends(0);
    assert!(!place.table("whole/threads.csv")[0]["notes"].contains("closing tags"));
}

#[test]
fn a_table_of_an_earlier_run_is_no_discussion() {
    let place = Workplace::new();
    place.sample("custom-site.html");
    place.run(&["analyze", "custom-site.html", "-o", "first.csv"]).ends(0);
    let told = place.run(&["analyze", "first.csv", "-o", "second.csv"]).ends(1).err;
    assert!(told.contains("a table that causerie wrote"), "{told}");
}
