//! The input room through the library: folders, archives, and input nobody should have saved.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use causerie::input::{InputError, InputOptions, Item, Plan, plan};
use causerie::model::{Failure, Page, PageKind};
use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;

pub(crate) const HTML: &str = "<!DOCTYPE html><title>é</title><p>bonjour</p>";

pub(crate) fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    dir
}

pub(crate) fn planned(inputs: &[&Path]) -> Plan {
    let inputs: Vec<String> = inputs.iter().map(|path| path.to_str().unwrap().to_owned()).collect();
    plan(&inputs, &InputOptions::default()).unwrap()
}

pub(crate) fn read(plan: &Plan) -> Vec<Result<Page, Failure>> {
    plan.items.iter().flat_map(Item::pages).collect()
}

pub(crate) fn read_bytes(name: &str, bytes: &[u8]) -> Vec<Result<Page, Failure>> {
    let dir = folder(&[(name, bytes)]);
    read(&planned(&[&dir.path().join(name)]))
}

/// Names below `root` of pages, and reasons of failures.
pub(crate) fn outcome(root: &Path, pages: &[Result<Page, Failure>]) -> Vec<String> {
    let name = |source: &str| Path::new(source).strip_prefix(root).map_or(source.into(), Path::to_path_buf);
    pages
        .iter()
        .map(|page| match page {
            Ok(page) => name(&page.source).display().to_string(),
            Err(failure) => format!("{}: {}", name(&failure.source).display(), failure.reason),
        })
        .collect()
}

pub(crate) fn reasons(pages: &[Result<Page, Failure>]) -> Vec<&str> {
    pages.iter().map(|page| page.as_ref().map_or_else(|failure| failure.reason.as_str(), |_| "page")).collect()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// One WARC record of an HTTP answer.
pub(crate) fn answer(url: &str, head: &str, body: &[u8]) -> Vec<u8> {
    let http = [format!("HTTP/1.1 {head}\r\n\r\n").as_bytes(), body].concat();
    record("response", url, "Content-Type: application/http; msgtype=response\r\n", &http)
}

fn record(kind: &str, url: &str, fields: &str, block: &[u8]) -> Vec<u8> {
    let head = format!(
        "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: <{url}>\r\nWARC-Date: 2026-11-23T16:45:05Z\r\n{fields}\
         Content-Length: {}\r\n\r\n",
        block.len()
    );
    [head.as_bytes(), block, b"\r\n\r\n"].concat()
}

#[test]
fn a_folder_gives_its_pages_in_order_and_passes_over_parts() {
    let dir = folder(&[
        ("b.html", HTML.as_bytes()),
        ("a/comments", b"{\"a\": 1}"),
        ("a/style.css", b"p { color: red }"),
        ("c.2024", HTML.as_bytes()),
        ("notes.md", b"# notes"),
        ("comments.csv", b"a,b\n"),
        (".hidden.html", HTML.as_bytes()),
        (".git/x.html", HTML.as_bytes()),
        ("b_files/frame.html", HTML.as_bytes()),
        ("b_files/data", b"some text"),
        ("b_files/logo.png", b"\x89PNG\r\n\x1a\n"),
        ("broken.html", b"\x89PNG\r\n\x1a\n"),
        ("pasted.txt", b"Commentaires (2)"),
    ]);
    let plan = planned(&[dir.path()]);
    let pages = read(&plan);
    assert_eq!(
        outcome(dir.path(), &pages),
        ["a/comments", "b.html", "b_files/frame.html", "broken.html: binary", "c.2024", "pasted.txt"]
    );
    assert_eq!(plan.ignored, 5);
    assert!(plan.bytes() > 2 * HTML.len() as u64);
    assert_eq!(pages[0].as_ref().unwrap().kind, PageKind::Json);
    assert_eq!(pages[5].as_ref().unwrap().kind, PageKind::Text);
}

#[test]
fn what_is_named_twice_is_read_once() {
    let dir = folder(&[("a.html", HTML.as_bytes())]);
    assert_eq!(planned(&[dir.path(), &dir.path().join("a.html"), &dir.path().join("*.html")]).items.len(), 1);
}

#[test]
fn quoted_patterns_are_expanded() {
    let dir = folder(&[
        ("a.html", HTML.as_bytes()),
        ("b.txt", b"b"),
        ("sub/c.html", HTML.as_bytes()),
        ("sub/deep/d.html", HTML.as_bytes()),
        ("sub/deep/e.css", b"p {}"),
        ("odd[1].html", HTML.as_bytes()),
    ]);
    let found = |pattern: &str| outcome(dir.path(), &read(&planned(&[&dir.path().join(pattern)])));
    assert_eq!(found("*.html"), ["a.html", "odd[1].html"]);
    assert_eq!(found("**/*.html"), ["a.html", "odd[1].html", "sub/c.html", "sub/deep/d.html"]);
    assert_eq!(found("{a.html,b.txt}"), ["a.html", "b.txt"]);
    assert_eq!(found("su?"), ["sub/c.html", "sub/deep/d.html"]);
    assert_eq!(found("odd[1].html"), ["odd[1].html"]);
    assert_eq!(found("*.json"), ["*.json: not_found"]);
    assert_eq!(found("sub/deep/*.css"), ["sub/deep/*.css: not_found"]);
}

#[test]
fn arguments_that_mean_nothing_are_refused() {
    let plan =
        |inputs: &[&str]| plan(&inputs.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>(), &InputOptions::default());
    assert!(matches!(plan(&[]), Err(InputError::Nothing)));
    assert!(matches!(plan(&["-", "-"]), Err(InputError::StdinTwice)));
    assert!(matches!(plan(&["no/such/[folder"]), Err(InputError::Glob { .. })));
}

#[cfg(unix)]
#[test]
fn links_in_a_circle_and_into_nothing() {
    let dir = folder(&[("a.html", HTML.as_bytes()), ("sub/b.html", HTML.as_bytes())]);
    std::os::unix::fs::symlink(dir.path(), dir.path().join("sub/up")).unwrap();
    std::os::unix::fs::symlink("gone.html", dir.path().join("link.html")).unwrap();
    std::os::unix::fs::symlink("gone.png", dir.path().join("link.png")).unwrap();
    let plan = planned(&[dir.path()]);
    assert_eq!(outcome(dir.path(), &read(&plan)), ["a.html", "link.html: not_found", "sub/b.html"]);
    assert_eq!(plan.ignored, 1);
}

#[cfg(unix)]
#[test]
fn a_file_without_permission() {
    use std::os::unix::fs::PermissionsExt;
    let dir = folder(&[("a.html", HTML.as_bytes()), ("b.html", HTML.as_bytes())]);
    let locked = dir.path().join("a.html");
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::File::open(&locked).is_ok() {
        return; // Run by an administrator: nothing is locked.
    }
    assert_eq!(outcome(dir.path(), &read(&planned(&[dir.path()]))), ["a.html: unreadable", "b.html"]);
}

#[test]
fn folders_without_pages() {
    let empty = folder(&[]);
    assert_eq!(reasons(&read(&planned(&[empty.path()]))), ["no_pages"]);
    let assets = folder(&[("a.css", b"p {}"), ("b/c.png", b"\x89PNG\r\n\x1a\n"), ("data.db", b"SQLite format 3\x00")]);
    let plan = planned(&[assets.path()]);
    let pages = read(&plan);
    assert_eq!((reasons(&pages), plan.ignored), (vec!["no_pages"], 3));
    let message = &pages[0].as_ref().unwrap_err().message;
    assert!(message.contains("3 other files"), "{message}");
}

#[test]
fn paths_that_lead_nowhere() {
    let dir = folder(&[("a.html", HTML.as_bytes())]);
    for path in ["gone.html", "gone/", "a.html/b.html"] {
        assert_eq!(reasons(&read(&planned(&[&dir.path().join(path)]))), ["not_found"], "{path}");
    }
}

const MHTML: &[u8] = b"From: <Saved by Blink>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\r\n";

#[test]
fn files_that_hold_no_page() {
    for (name, bytes, reason) in [
        ("empty.html", &b""[..], "empty"),
        ("blank.txt", b" \r\n\t", "empty"),
        ("print.html", b"%PDF-1.4\n1 0 obj", "binary"),
        ("cut.zip", b"PK\x03\x04\x14\x00", "corrupt"),
        ("noise.html", b"\x01\x02\x03\x90\x91\x00\x05\x06\x80abc", "binary"),
        ("page.mhtml", MHTML, "corrupt"),
        ("page.webarchive", b"bplist00\xd1\x01\x02", "corrupt"),
        (
            "page.mhtml.warc",
            &answer("https://a.example/1", "200 OK\r\nContent-Type: text/html", MHTML),
            "unsupported_mhtml",
        ),
        ("cut.html.gz", &gzip(HTML.as_bytes())[..30], "truncated"),
        ("cut.gz", &gzip(HTML.as_bytes())[..5], "truncated"),
        ("damaged.gz", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xff\xff\xff\xff\xff\xff", "corrupt"),
    ] {
        let pages = read_bytes(name, bytes);
        assert_eq!(reasons(&pages), [reason], "{name}");
        assert!(pages[0].as_ref().unwrap_err().message.len() > 20, "{name}");
    }
}

#[test]
fn kind_and_charset_come_from_the_content() {
    let latin = b"<html><meta charset=utf-8><p>d\xe9\xe7u par l'\xe9t\xe9</p>";
    for (name, bytes, kind, part) in [
        ("json.html", &b"{\"a\": \"\xc3\xa9\"}"[..], PageKind::Json, "é"),
        ("page.json", HTML.as_bytes(), PageKind::Html, "bonjour"),
        ("wrong-label.html", latin, PageKind::Html, "déçu par l'été"),
        ("invalid.txt", b"\xc3\xa9t\xc3\xa9 \xff\xfe fin", PageKind::Text, "été \u{fffd}\u{fffd} fin"),
        ("mac.txt", b"un\rdeux\r\ntrois", PageKind::Text, "un\ndeux\ntrois"),
        ("bom.txt", b"\xef\xbb\xbfbonjour", PageKind::Text, "bonjour"),
        ("page.html.gz", &gzip(HTML.as_bytes()), PageKind::Html, "bonjour"),
        ("half.html", b"<html><body><div><p>bonjour <a hre", PageKind::Html, "bonjour <a hre"),
    ] {
        let pages = read_bytes(name, bytes);
        let page = pages[0].as_ref().unwrap();
        assert_eq!(page.kind, kind, "{name}");
        assert!(page.body.contains(part), "{name}: {}", page.body);
    }
}

#[test]
fn large_pages_and_bombs_are_refused_quickly() {
    let dir = tempfile::tempdir().unwrap();
    let large = dir.path().join("large.html");
    let mut file = fs::File::create(&large).unwrap();
    for _ in 0..50 {
        file.write_all(&b"<p>bonjour</p>\n\n".repeat(65_536)).unwrap();
    }
    let bomb = dir.path().join("bomb.html.gz");
    let mut encoder = GzEncoder::new(fs::File::create(&bomb).unwrap(), Compression::fast());
    let spaces = vec![b' '; 1_048_576];
    for _ in 0..100 {
        encoder.write_all(&spaces).unwrap();
    }
    encoder.finish().unwrap();
    let start = Instant::now();
    for path in [large, bomb] {
        let pages = read(&planned(&[&path]));
        assert_eq!(reasons(&pages), ["too_large"]);
        assert!(pages[0].as_ref().unwrap_err().message.contains("--max-page-size"));
    }
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
    let small = InputOptions { max_page_size: 10 };
    let page = folder(&[("a.html", HTML.as_bytes())]);
    let plan = plan(&[page.path().to_str().unwrap().to_owned()], &small).unwrap();
    assert_eq!(reasons(&read(&plan)), ["too_large"]);
}

fn sample_archive() -> Vec<Vec<u8>> {
    let html = "200 OK\r\nContent-Type: text/html; charset=iso-8859-1";
    let chunked = "200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip";
    let packed = gzip(HTML.as_bytes());
    let chunks = [format!("{:x}\r\n", packed.len()).as_bytes(), &packed, b"\r\n0\r\n\r\n"].concat();
    vec![
        record("warcinfo", "urn:x", "Content-Type: application/warc-fields\r\n", b"software: x\r\n"),
        record("request", "https://a.example/1", "Content-Type: application/http\r\n", b"GET / HTTP/1.1\r\n\r\n"),
        answer("https://a.example/1", html, b"<p>\xe9t\xe9</p>"),
        answer("https://a.example/2", chunked, &chunks),
        answer("https://a.example/3", "301 Moved\r\nLocation: /4\r\nContent-Type: text/html", b"<p>moved</p>"),
        answer("https://a.example/4", "404 Not Found\r\nContent-Type: text/html", b"<p>nothing</p>"),
        answer("https://a.example/style.css", "404 Not Found\r\nContent-Type: text/html", b"<p>nothing</p>"),
        answer("https://a.example/logo", "200 OK\r\nContent-Type: image/png", b"\x89PNG\r\n\x1a\n"),
        answer("https://a.example/robots.txt", "200 OK\r\nContent-Type: text/plain", b"User-agent: *"),
        answer("https://a.example/api", "200 OK\r\nContent-Type: application/json\r\nX-WP-Total: 58", b"[{\"id\": 1}]"),
        record("resource", "https://a.example/5", "Content-Type: text/html\r\n", HTML.as_bytes()),
        record("resource", "metadata://x/log", "Content-Type: text/plain\r\n", b"log"),
        record("revisit", "https://a.example/1", "WARC-Profile: x\r\n", b""),
        record("revisit", "https://a.example/unseen", "WARC-Profile: x\r\n", b""),
    ]
}

#[test]
fn archives_give_pages_and_say_what_is_missing() {
    let records = sample_archive();
    let plain = records.concat();
    let per_record: Vec<u8> = records.iter().flat_map(|record| gzip(record)).collect();
    for (name, bytes) in [("a.warc", plain.clone()), ("a.warc.gz", per_record), ("whole.html", gzip(&plain))] {
        let dir = folder(&[(name, &bytes)]);
        let pages = read(&planned(&[dir.path()]));
        let expected = ["#1", "#2", "#4: http_404", "#8", "#9", "#12: revisit"].map(|end| format!("{name}{end}"));
        assert_eq!(outcome(dir.path(), &pages), expected);
        let page = pages[0].as_ref().unwrap();
        assert_eq!((page.body.as_str(), page.url.as_deref()), ("<p>été</p>", Some("https://a.example/1")));
        assert_eq!(page.fetched_at.as_ref().unwrap().iso, "2026-11-23T16:45:05Z");
        assert_eq!(pages[1].as_ref().unwrap().body, HTML);
        let api = pages[3].as_ref().unwrap();
        assert_eq!((api.kind, api.headers["x-wp-total"].as_str()), (PageKind::Json, "58"));
    }
}

#[test]
fn a_cut_archive_keeps_what_came_before() {
    let first = answer("https://a.example/1", "200 OK\r\nContent-Type: text/html", HTML.as_bytes());
    let second = answer("https://a.example/2", "200 OK\r\nContent-Type: text/html", &HTML.as_bytes().repeat(99));
    let plain = [&first[..], &second].concat();
    let packed = [gzip(&first), gzip(&second)].concat();
    for (bytes, cut) in [(&plain, plain.len() - 500), (&packed, packed.len() - 30), (&plain, first.len() + 40)] {
        let pages = read_bytes("cut.warc", &bytes[..cut]);
        assert_eq!(reasons(&pages), ["page", "truncated"], "{cut}");
        assert!(pages[1].as_ref().unwrap_err().message.contains("up to #1 are kept"));
    }
    let pages = read_bytes("odd.warc", &[&first[..], b"<html>no record</html>\r\n"].concat());
    assert_eq!(reasons(&pages), ["page", "corrupt"]);
}

#[test]
fn a_bomb_in_an_archive_costs_only_itself() {
    let head = "200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip";
    let bomb = answer("https://a.example/1", head, &gzip(&vec![b' '; 3_000_000]));
    let large = answer("https://a.example/2", "200 OK\r\nContent-Type: text/html", &vec![b' '; 3_000_000]);
    let fine = answer("https://a.example/3", "200 OK\r\nContent-Type: text/html", HTML.as_bytes());
    let dir = folder(&[("bomb.warc.gz", &gzip(&[bomb, large, fine].concat()))]);
    let options = InputOptions { max_page_size: 1_000_000 };
    let pages = read(&plan(&[dir.path().to_str().unwrap().to_owned()], &options).unwrap());
    assert_eq!(reasons(&pages), ["too_large", "too_large", "page"]);
}

pub(crate) fn captures() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/captures/saved-shapes");
    path.is_dir().then_some(path)
}

#[test]
fn real_archives() {
    let Some(captures) = captures() else { return };
    let joined = read(&planned(&[&captures.join("wp-page1-nogz.warc")]));
    let pages: Vec<&Page> = joined.iter().map(|page| page.as_ref().unwrap()).collect();
    assert_eq!(
        pages.iter().map(|page| page.kind).collect::<Vec<_>>(),
        [PageKind::Html, PageKind::Html, PageKind::Json]
    );
    assert_eq!(pages[2].headers["x-wp-total"], "58");
    assert!(pages[1].url.as_deref().unwrap().ends_with("/comment-page-2/"));
    let one = read(&planned(&[&captures.join("wp-page1.warc.gz")]));
    assert_eq!(one.len(), 1, "{one:?}");
    assert_eq!(one[0].as_ref().unwrap().body.len(), pages[0].body.len());
}

#[test]
fn real_saved_pages() {
    let Some(captures) = captures() else { return };
    let single = read(&planned(&[&captures.join("singlefile.html")]));
    let page = single[0].as_ref().unwrap();
    assert_eq!(page.url.as_deref(), Some("http://127.0.0.1:8095/2026/03/fuite-de-donnees-cnil/"));
    assert_eq!(page.fetched_at.as_ref().unwrap().iso, "2026-11-23T16:45:17Z");
    let whole = read(&planned(&[&captures.join("chromium.mhtml")]));
    assert_eq!(reasons(&whole), ["page"]);
    let same = whole[0].as_ref().unwrap();
    assert_eq!(
        (same.url.as_deref(), &same.fetched_at.as_ref().unwrap().iso[..]),
        (page.url.as_deref(), "2026-11-23T16:37:52Z")
    );
    for name in ["print.txt", "copy-paste-innertext.txt"] {
        assert_eq!(read(&planned(&[&captures.join(name)]))[0].as_ref().unwrap().kind, PageKind::Text, "{name}");
    }
}
