//! What must not leave the machine or reach a table or an archive: names under pseudonyms, logins, cookies, keys, terminal
//! sequences; and where pages must not lead.

use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{fs, thread};

use crate::blog::{HTML, blog, list, page, serve};
use crate::server::{Server, reply};
use crate::workplace::Workplace;

/// WordPress' older markup: the writer's name and picture stand inside the comment's body.
const CLASSIC: &str = r#"<html lang="fr"><head><link rel="https://api.w.org/" href="https://blog.example/wp-json/">
<link rel="canonical" href="https://blog.example/a/"></head><body><h1 class="entry-title">Un titre</h1>
<div class="byline">par <span class="author vcard"><a class="fn">Zoé Secret</a></span></div>
<h3 id="comments">Un commentaire</h3><ol class="commentlist"><li class="comment depth-1" id="comment-5">
<div id="div-comment-5" class="comment-body"><div class="comment-author vcard">
<img class="avatar" src="https://gravatar.example/avatar/0bc8" alt=""><cite class="fn">Zoé Secret</cite></div>
<div class="comment-meta commentmetadata"><a href="https://blog.example/a/#comment-5">3 avril 2024 à 6 h 55 min</a></div>
<p>Je n'y <em>crois</em> pas.</p><div class="reply"><a>Répondre</a></div></div></li></ol></body></html>"#;

#[test]
fn no_name_nor_picture_is_in_any_column_under_pseudonyms() {
    let place = Workplace::new();
    place.write("page.html", CLASSIC);
    for authors in ["pseudonym", "drop"] {
        place.run(&["analyze", "page.html", "--keep-html", "--authors", authors, "-o", "out/"]).ends(0);
        for table in ["comments.csv", "codings.csv", "threads.csv", "errors.csv"] {
            let content = place.read(&format!("out/{table}"));
            for secret in ["Secret", "gravatar", "#comment-5"] {
                assert!(!content.contains(secret), "{secret} is in {table} with --authors {authors}");
            }
        }
        let row = &place.table("out/comments.csv")[0];
        assert_eq!(row["text"], "Je n'y crois pas.");
        assert_eq!(row["html"], "<p>Je n'y <em>crois</em> pas.</p>");
    }
    place.run(&["analyze", "page.html", "--authors", "pseudonym", "-o", "one.csv"]).ends(0);
    let row = &place.table("one.csv")[0];
    assert_eq!(row["article_author"], row["author"], "the journalist who comments has one pseudonym");
}

#[test]
fn logins_in_addresses_are_told_to_nobody() {
    let place = Workplace::new();
    let server = Server::start(|_, _, stream| reply(stream, "404 Not Found", b""));
    let url = server.url("/a").replace("http://", "http://ana:s3cret@");
    let ran = place.run(&["analyze", &url, "--interval", "0", "-o", "out.csv"]).ends(1);
    let told = format!("{}{}{}", ran.out, ran.err, place.read("out.errors.csv"));
    assert!(!told.contains("s3cret"), "{told}");
}

#[test]
fn a_page_does_not_steer_requests_into_private_networks() {
    let place = Workplace::new();
    let inner = Server::start(|_, _, stream| reply(stream, "200 OK", b"[]"));
    let target = inner.url("/wp-json/");
    let page = CLASSIC.replace("https://blog.example/wp-json/", &target).replace("<body>", "<body class=\"postid-7\">");
    let server = Server::start(move |seen, _, stream| match seen.path.as_str() {
        "/robots.txt" => reply(stream, "404 Not Found", b""),
        _ => reply(stream, "200 OK", page.as_bytes()),
    });
    place.run(&["analyze", &server.url("/a/"), "--interval", "0", "-o", "out/"]).ends(0);
    assert!(inner.seen().is_empty(), "the other host was asked");
    assert!(place.table("out/threads.csv")[0]["notes"].contains("private_address"));
    place.run(&["analyze", &server.url("/a/"), "--interval", "0", "-o", "out/", "--allow-private"]).ends(0);
    assert!(!inner.seen().is_empty(), "the other host was not asked");
}

#[test]
fn pages_do_not_steer_the_terminal() {
    let place = Workplace::new();
    place.write("page.html", CLASSIC.replace("Un titre", "Un&#27;]0;owned&#7; titre"));
    let ran = place.run(&["analyze", "page.html"]).ends(0);
    assert!(!ran.out.contains('\u{1b}') && !ran.out.contains('\u{7}'), "{:?}", ran.out);
    assert!(ran.out.contains("titre"));
}

#[cfg(unix)]
#[test]
fn waiting_for_standard_input_can_be_interrupted() {
    use std::process::Stdio;
    let place = Workplace::new();
    let mut command = place.command(&["analyze", "-", "-o", "out.csv"]);
    let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    thread::sleep(Duration::from_millis(1500));
    let start = Instant::now();
    let sent = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    // Kept open: the run must not need the end of its input.
    let input = child.stdin.take();
    let ended = child.wait_with_output().unwrap();
    drop(input);
    assert_eq!(ended.status.code(), Some(130));
    assert!(start.elapsed() < Duration::from_secs(10));
    assert!(!place.has("out.csv"));
}

#[test]
fn redirects_do_not_lead_into_private_networks() {
    let inner = blog();
    let port = inner.address.rsplit(':').next().unwrap().to_owned();
    let targets = [
        inner.url("/1"),
        inner.url("/4").replace("http://", "http://me@"),
        format!("http://localhost:{port}/2"),
        format!("http://[::ffff:127.0.0.1]:{port}/3"),
    ];
    let server = Server::start(move |seen, _, stream| match seen.path.trim_start_matches('/').parse::<usize>() {
        Ok(at) => reply(stream, &format!("302 Found\r\nLocation: {}", targets[at]), b""),
        Err(_) => reply(stream, "404 Not Found", b""),
    });
    let place = Workplace::new();
    list(&place, &server, 4);
    place.run(&["fetch", "-i", "urls.txt", "-o", "archive", "--interval", "0"]).ends(1);
    let reasons: Vec<String> = place.table("archive/errors.csv").into_iter().map(|row| row["reason"].clone()).collect();
    assert_eq!(reasons, ["private_address"; 4]);
    assert!(inner.seen().is_empty(), "the inner host was asked");
    place.run(&["fetch", &server.url("/1"), "-o", "allowed", "--interval", "0", "--allow-private"]).ends(0);
}

#[test]
fn robots_txt_does_not_lead_into_private_networks() {
    let inner = blog();
    let target = inner.url("/robots.txt");
    let server = Server::start(move |seen, _, stream| match seen.path.as_str() {
        "/robots.txt" => reply(stream, &format!("302 Found\r\nLocation: {target}"), b""),
        _ => serve(seen, stream),
    });
    let place = Workplace::new();
    place.run(&["fetch", &server.url("/1"), "-o", "archive", "--interval", "0"]).ends(1);
    assert!(inner.seen().is_empty(), "the inner host was asked");
    assert_eq!(place.table("archive/errors.csv")[0]["reason"], "private_address");
}

#[test]
fn cookies_of_ones_own_are_sent_and_not_archived() {
    let server = Server::start(|seen, _, stream| match seen.path.as_str() {
        "/1" => reply(stream, &format!("{HTML}\r\nSet-Cookie: session=s3cret-too"), page("1").as_bytes()),
        _ => serve(seen, stream),
    });
    let place = Workplace::new();
    place.write("cookies.txt", "127.0.0.1\tFALSE\t/\tFALSE\t0\tsession\ts3cret\n");
    place.run(&["fetch", &server.url("/1"), "-o", "archive", "--cookies", "cookies.txt"]).ends(0);
    let sent = server.seen().into_iter().find(|seen| seen.path == "/1").unwrap();
    assert_eq!(sent.headers["cookie"], "session=s3cret");
    let archive = fs::File::open(place.path("archive/pages-00001.warc.gz")).unwrap();
    let mut text = Vec::new();
    std::io::copy(&mut flate2::read::MultiGzDecoder::new(archive), &mut text).unwrap();
    assert!(!String::from_utf8_lossy(&text).contains("s3cret"));
    let told = place.run(&["fetch", &server.url("/1"), "-o", "archive", "--cookies", "no.txt"]).ends(2).err;
    assert!(told.contains("no.txt") && told.contains("Netscape"), "{told}");
}

#[test]
fn keys_of_ones_own_go_over_the_wire_and_nowhere_else() {
    use causerie::fetch::{Archive, FetchOptions, Fetcher, Key, Robots};
    use causerie::model::{KEY, Limits, Request};

    let server = Server::saying(HTML, page("1"));
    let place = Workplace::new();
    let options = FetchOptions {
        robots: Robots::Ignore,
        keys: [("disqus".to_owned(), Key { host: "127.0.0.1".to_owned(), value: "s3cr&t".to_owned() })].into(),
        ..FetchOptions::default()
    };
    let archive = Archive::file(&place.path("a.warc.gz"), &[]).unwrap();
    let fetcher = Fetcher::new(options).unwrap().with_archive(Arc::new(archive));
    let request = Request::get(server.url(&format!("/1?api_key={KEY}disqus&x=1")));
    let other = Request::get(server.url(&format!("/1?api_key={KEY}other")));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let capture = fetcher.capture("run", &server.url("/"), 0, &Limits::default());
    let page = runtime.block_on(capture.get(&request)).unwrap();
    assert_eq!(server.seen()[0].path, "/1?api_key=s3cr%26t&x=1");
    assert_eq!(page.url.as_deref(), Some(request.url.as_str()));
    assert_eq!(runtime.block_on(capture.get(&other)).unwrap_err().failure.reason, "needs_key");
    let mut text = Vec::new();
    let file = fs::File::open(place.path("a.warc.gz")).unwrap();
    std::io::copy(&mut flate2::read::MultiGzDecoder::new(file), &mut text).unwrap();
    let text = String::from_utf8_lossy(&text);
    assert!(text.contains(&request.url) && !text.contains("s3cr"));
    // It is for one host only.
    let elsewhere = Request::get(server.url("/").replace("127.0.0.1", "localhost") + "?k=" + KEY + "disqus");
    assert_eq!(runtime.block_on(capture.get(&elsewhere)).unwrap_err().failure.reason, "needs_key");
}

#[test]
fn logins_in_addresses_are_used_and_kept_nowhere() {
    let server = Server::start(|seen, _, stream| match seen.headers.get("authorization") {
        Some(_) => serve(seen, stream),
        None if seen.path == "/1" => reply(stream, "401 Unauthorized", b""),
        None => reply(stream, "404 Not Found", b""),
    });
    let place = Workplace::new();
    let url = server.url("/1").replace("http://", "http://ana:s3cret@");
    let fetch = ["fetch", &url, "-o", "archive", "--interval", "0"];
    place.run(&fetch).ends(0);
    let seen = server.seen().len();
    place.run(&[&fetch[..], &["--resume"]].concat()).ends(0);
    assert_eq!(server.seen().len(), seen, "a finished run asks nothing");
    place.run(&["analyze", "archive", "--coder", "rules", "-o", "out/"]).ends(0);
    assert_eq!(place.table("out/comments.csv").len(), 2);
    let mut text = Vec::new();
    let file = fs::File::open(place.path("archive/pages-00001.warc.gz")).unwrap();
    std::io::copy(&mut flate2::read::MultiGzDecoder::new(file), &mut text).unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&text), place.read("archive/addresses.csv"));
    assert!(!text.contains("s3cret") && !text.contains("YW5hOnMzY3JldA"), "the password is kept");
}
