//! Pages saved by other programs: MHTML, zip files, mirrors; and the pages of one thread in several files.

use std::io::{Cursor, Write};
use std::path::Path;
use std::time::Instant;

use causerie::input::{InputOptions, plan};
use causerie::model::{Failure, Page, Thread};
use causerie::site::{self, Assembly, join};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::reading::{HTML, answer, captures, folder, gzip, outcome, planned, read, read_bytes, reasons};

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let packed = if name.ends_with("gz") { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        zip.start_file(*name, SimpleFileOptions::default().compression_method(packed)).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn threads(pages: Vec<Result<Page, Failure>>) -> Vec<Thread> {
    let (mut fragments, mut assembly) = (Vec::new(), Assembly::default());
    for fragment in pages.into_iter().filter_map(|page| site::read(&page.ok()?).ok()) {
        assembly.add(&fragment.keys);
        fragments.push(fragment);
    }
    let groups = assembly.groups().into_iter();
    groups.map(|group| join(group.into_iter().map(|number| fragments[number].clone()).collect())).collect()
}

#[test]
fn a_zip_file_is_read_like_a_folder() {
    let warc = gzip(&answer("https://a.example/1", "200 OK\r\nContent-Type: text/html", HTML.as_bytes()));
    let bytes = zipped(&[
        ("b/page.html", HTML.as_bytes()),
        ("b/page_files/frame.html", HTML.as_bytes()),
        ("b/page_files/part", b"some text"),
        ("a/odd.2024", HTML.as_bytes()),
        ("a\\windows.txt", b"Commentaires (2)"),
        ("../../etc/up.html", HTML.as_bytes()),
        ("c.warc.gz", &warc),
        ("d.html", b"\x89PNG\r\n\x1a\n"),
        ("notes.md", b"# notes"),
        ("style.css", b"p {}"),
        (".git/x.html", HTML.as_bytes()),
        ("__MACOSX/b/._page.html", b"\x00\x05"),
        ("inner.zip", &zipped(&[("x.html", HTML.as_bytes())])),
    ]);
    for name in ["a.zip", "named-wrongly.html"] {
        let dir = folder(&[(name, &bytes)]);
        let pages = read(&planned(&[dir.path()]));
        let expected = [
            "#../../etc/up.html",
            "#a/odd.2024",
            "#a/windows.txt",
            "#b/page.html",
            "#b/page_files/frame.html",
            "#c.warc.gz#1",
            "#d.html: binary",
            "#inner.zip: binary",
        ];
        assert_eq!(outcome(dir.path(), &pages), expected.map(|end| format!("{name}{end}")));
        let frame = pages[4].as_ref().unwrap();
        assert_eq!(frame.frame_of, Some(pages[3].as_ref().unwrap().source.clone()));
        assert_eq!(pages[5].as_ref().unwrap().url.as_deref(), Some("https://a.example/1"));
    }
}

#[test]
fn a_wacz_gives_the_pages_of_its_archives() {
    let warc = gzip(&answer("https://a.example/1", "200 OK\r\nContent-Type: text/html", HTML.as_bytes()));
    let wacz = zipped(&[
        ("archive/data.warc.gz", &warc),
        ("pages/pages.jsonl", b"{\"format\": \"json-pages-1.0\"}"),
        ("datapackage.json", b"{\"profile\": \"data-package\"}"),
        ("datapackage-digest.json", b"{\"path\": \"datapackage.json\"}"),
        ("indexes/index.cdx.gz", &gzip(b"example,a)/1 2024 {}")),
    ]);
    let dir = folder(&[("a.wacz", &wacz)]);
    assert_eq!(outcome(dir.path(), &read(&planned(&[dir.path()]))), ["a.wacz#archive/data.warc.gz#1"]);
}

#[test]
fn documents_and_locked_files_are_refused_in_words() {
    let page = || zipped(&[("p.html", HTML.as_bytes())]);
    // The flag that says so, in the entry and in the list at the end.
    let mut locked = page();
    let list = locked.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    locked[6] |= 1;
    locked[list + 8] |= 1;
    let word = zipped(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w:document/>")]);
    for (name, bytes, reason, words) in [
        ("a.docx", word, "unsupported_document", ".docx"),
        ("a.zip", locked, "encrypted", "password"),
        ("b.zip", zipped(&[]), "no_pages", "saved HTML"),
        ("c.zip", zipped(&[("style.css", b"p {}")]), "no_pages", "saved HTML"),
        ("d.zip", page()[..60].to_vec(), "corrupt", "again"),
    ] {
        let pages = read_bytes(name, &bytes);
        assert_eq!(reasons(&pages), [reason], "{name}");
        let message = &pages[0].as_ref().unwrap_err().message;
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn what_is_damaged_in_a_zip_file_costs_only_itself() {
    let mut bytes = zipped(&[("a.html", &HTML.as_bytes().repeat(50)), ("b.html", HTML.as_bytes())]);
    let at = bytes.windows(6).position(|name| name == b"a.html").unwrap() + 10;
    bytes[at..at + 8].fill(0xff);
    assert_eq!(reasons(&read_bytes("a.zip", &bytes)), ["corrupt", "page"]);
    // Names in the charset of an old system.
    let mut old = zipped(&[("et_.html", HTML.as_bytes())]);
    for at in 0..old.len() - 8 {
        if &old[at..at + 8] == b"et_.html" {
            old[at..at + 3].copy_from_slice(b"\x82t\x82");
        }
    }
    let dir = folder(&[("a.zip", &old)]);
    assert_eq!(outcome(dir.path(), &read(&planned(&[dir.path()]))), ["a.zip#été.html"]);
}

#[test]
fn zip_bombs_end_soon() {
    let start = Instant::now();
    let spaces = vec![b' '; 60 << 20];
    let bytes = zipped(&[("a.html", &spaces), ("b.html", HTML.as_bytes())]);
    assert_eq!(reasons(&read_bytes("a.zip", &bytes)), ["too_large", "page"]);
    // Ten thousand names for the same bytes, each as large as a page may be.
    let one = zipped(&[("00000.html", &vec![b' '; 30 << 20])]);
    let list = one.windows(4).rposition(|four| four == b"PK\x01\x02").unwrap();
    let end = one.windows(4).rposition(|four| four == b"PK\x05\x06").unwrap();
    let mut bomb = one[..list].to_vec();
    for number in 0..10_000_u32 {
        let mut entry = one[list..end].to_vec();
        entry[46..51].copy_from_slice(format!("{number:05}").as_bytes());
        bomb.extend(entry);
    }
    let mut tail = one[end..].to_vec();
    let length = (bomb.len() - list) as u32;
    tail[8..10].copy_from_slice(&10_000_u16.to_le_bytes());
    tail[10..12].copy_from_slice(&10_000_u16.to_le_bytes());
    tail[12..16].copy_from_slice(&length.to_le_bytes());
    bomb.extend(tail);
    let pages = read_bytes("bomb.zip", &bomb);
    assert!(pages.len() < 200, "{}", pages.len());
    let last = pages.last().unwrap().as_ref().unwrap_err();
    assert_eq!(last.reason, "too_large");
    assert!(last.message.contains("trap"), "{}", last.message);
    assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
}

#[test]
fn small_pages_only_where_told() {
    let dir = folder(&[("a.zip", &zipped(&[("a.html", HTML.as_bytes())]))]);
    let options = InputOptions { max_page_size: 10 };
    let pages = read(&plan(&[dir.path().to_str().unwrap().to_owned()], &options).unwrap());
    assert_eq!(outcome(dir.path(), &pages), ["a.zip#a.html: too_large"]);
}

/// Comments of a page, and the page's number in a list of pages.
fn page(title: &str, texts: &[&str], pager: &str) -> String {
    let comment = |(at, text): (usize, &&str)| {
        let day = at + 1;
        format!(
            "<div itemscope itemtype='https://schema.org/Comment'><b itemprop=author>Léa</b>\
             <time itemprop=dateCreated datetime='2024-05-0{day}T10:00:00Z'></time><p itemprop=text>{text}</p></div>"
        )
    };
    let comments = texts.iter().enumerate().map(comment).collect::<Vec<_>>().concat();
    format!("<!DOCTYPE html><title>{title}</title><h1>{title}</h1>{comments}<p class=pages>{pager}</p>")
}

#[test]
fn threads_in_one_folder_stay_apart() {
    let pager = |topic: u32, current: u32| {
        let (first, second) = (format!("sujet.php@t={topic}.html"), format!("sujet.php@t={topic}&start=2.html"));
        if current == 1 {
            format!("<b>1</b> <a href='{second}'>2</a>")
        } else {
            format!("<a href='{first}'>1</a> <b>2</b>")
        }
    };
    let dir = folder(&[
        ("sujet.php@t=1.html", page("Un", &["a", "b"], &pager(1, 1)).as_bytes()),
        ("sujet.php@t=1&start=2.html", page("Un", &["a", "c"], &pager(1, 2)).as_bytes()),
        ("sujet.php@t=2.html", page("Deux", &["d"], &pager(2, 1)).as_bytes()),
        ("sujet.php@t=2&start=2.html", page("Deux", &["e"], &pager(2, 2)).as_bytes()),
        ("sujet.php@t=3.html", page("Trois", &["f"], "<b>1</b>").as_bytes()),
    ]);
    let found: Vec<(String, String)> = threads(read(&planned(&[dir.path()])))
        .into_iter()
        .map(|thread| {
            let texts = thread.comments.iter().map(|comment| comment.text.as_str()).collect();
            (thread.article.title.unwrap_or_default(), texts)
        })
        .collect();
    let expected = [("Un", "abc"), ("Deux", "de"), ("Trois", "f")];
    let mut found: Vec<(&str, &str)> = found.iter().map(|(title, texts)| (title.as_str(), texts.as_str())).collect();
    found.sort_unstable();
    let mut expected = expected.to_vec();
    expected.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn a_frame_belongs_to_the_page_that_names_it() {
    let frame = page("Commentaires", &["a"], "");
    let outer =
        "<!DOCTYPE html><title>Titre</title><h1>Titre</h1><p>Texte.</p><iframe src='./X_files/f.html'></iframe>";
    let other = "<!DOCTYPE html><title>Bilan</title><h1>Bilan</h1><p>Rien de commun.</p>";
    let dir = folder(&[
        ("X.html", outer.as_bytes()),
        ("X_files/f.html", frame.as_bytes()),
        ("Y.html", other.as_bytes()),
        ("Y_files/a.html", page("Un", &["b"], "").as_bytes()),
        ("Y_files/b.html", page("Deux", &["c"], "").as_bytes()),
    ]);
    let found = threads(read(&planned(&[dir.path()])));
    let titles: Vec<_> = found.iter().map(|thread| (thread.article.title.as_deref(), thread.comments.len())).collect();
    assert_eq!(titles, [(Some("Titre"), 1), (Some("Bilan"), 0), (Some("Un"), 1), (Some("Deux"), 1)]);
    let alone = threads(read(&planned(&[Path::new(&dir.path().join("X_files"))])));
    assert_eq!((alone.len(), alone[0].comments.len()), (1, 1));
}

#[test]
fn real_mhtml_says_what_the_page_said() {
    let Some(captures) = captures() else { return };
    let truth: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(captures.join("truth.json")).unwrap()).unwrap();
    let shown: Vec<String> = truth["comments"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|comment| comment["page1"] == true)
        .map(|comment| format!("c{}", comment["id"]))
        .collect();
    for name in ["chromium.mhtml", "singlefile.html"] {
        let thread = threads(read(&planned(&[&captures.join(name)]))).remove(0);
        let mut ids: Vec<&str> = thread.comments.iter().map(|comment| comment.id.as_str()).collect();
        ids.sort_by_key(|id| id[1..].parse::<u32>().unwrap());
        assert_eq!(ids, shown, "{name}");
        assert_eq!(thread.stated_count, Some(59));
    }
    for (folder, words) in [("isso", "article-1.html"), ("waline", "article-waline-local.html")] {
        let file = captures.parent().unwrap().join(format!("{folder}/chromium-{folder}.mhtml"));
        let pages = read(&planned(&[&file]));
        assert!(pages[0].as_ref().unwrap().url.as_deref().unwrap().ends_with(words), "{folder}");
    }
}
