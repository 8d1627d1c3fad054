//! Threads fetched into an archive: what it gives again, what a killed run loses, what limits do.

use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::Duration;

use super::server::{Seen, Server, reply};
use super::workplace::{Row, Workplace};

const HTML: &str = "200 OK\r\nContent-Type: text/html; charset=utf-8";
const JSON: &str = "200 OK\r\nContent-Type: application/json; charset=UTF-8";

/// A page of a blog with two comments, different for each number.
fn page(number: &str) -> String {
    let comment = |id: usize| {
        format!(
            "<li id=\"comment-{number}{id}\" class=\"comment\"><article><b class=\"fn\">Ana {id}</b>\
             <time datetime=\"2026-11-0{id}T10:00:00+00:00\">le {id}</time>\
             <div class=\"comment-content\"><p>Avis {id} sur la page {number}, franchement décevant.</p></div></article></li>"
        )
    };
    format!(
        "<!DOCTYPE html><html><head><title>Article {number}</title></head><body><h1>Article {number}</h1>\
         <h2>2 commentaires</h2><ol class=\"comment-list\">{}{}</ol></body></html>",
        comment(1),
        comment(2)
    )
}

/// Articles under any address but robots.txt.
fn blog() -> Server {
    Server::start(|seen, _, stream| serve(seen, stream))
}

fn serve(seen: &Seen, stream: &mut TcpStream) {
    match seen.path.as_str() {
        "/robots.txt" | "/.well-known/tdmrep.json" => reply(stream, "404 Not Found", b""),
        path => reply(stream, HTML, page(path.trim_start_matches('/')).as_bytes()),
    }
}

fn list(place: &Workplace, server: &Server, count: usize) {
    let urls: Vec<String> = (0..count).map(|number| server.url(&format!("/{number}"))).collect();
    place.write("urls.txt", urls.join("\n"));
}

fn asked(server: &Server) -> Vec<String> {
    let other = |path: &String| path != "/robots.txt" && path != "/.well-known/tdmrep.json";
    server.seen().into_iter().map(|seen| seen.path).filter(other).collect()
}

/// Rows without what differs from run to run.
fn lasting(rows: Vec<Row>) -> Vec<Row> {
    rows.into_iter()
        .map(|mut row| {
            row.remove("fetched_at");
            row
        })
        .collect()
}

#[test]
fn an_archive_gives_the_same_tables_without_the_web() {
    let server = blog();
    let place = Workplace::new();
    let live = ["analyze", &server.url("/1"), &server.url("/2"), &server.url("/1"), "--interval", "0", "-o", "live/"];
    place.run(&live).ends(0);
    assert_eq!(asked(&server), ["/1", "/2"]);
    let seen = server.seen().len();
    place.run(&["analyze", "live/archive.warc.gz", "-o", "again/"]).ends(0);
    for table in ["comments.csv", "codings.csv", "threads.csv", "errors.csv"] {
        assert_eq!(place.read(&format!("live/{table}")), place.read(&format!("again/{table}")), "{table}");
    }
    assert_eq!(place.table("again/comments.csv").len(), 4);
    assert_eq!(server.seen().len(), seen, "nobody was asked again");
    assert!(!place.has("live/archive.warc.gz.part"));
}

#[test]
fn an_archive_gives_the_same_errors() {
    let server = Server::start(|seen, _, stream| match seen.path.as_str() {
        "/gone" => reply(stream, "404 Not Found", b""),
        "/closed" => reply(stream, "403 Forbidden\r\nContent-Type: text/html", b"<html><title>Non</title></html>"),
        _ => serve(seen, stream),
    });
    let place = Workplace::new();
    let (gone, closed) = (server.url("/gone"), server.url("/closed"));
    place
        .run(&["analyze", &gone, &server.url("/1"), &closed, "http://no-such-host.invalid/", "-o", "live.csv"])
        .ends(1);
    place.run(&["analyze", "live.warc.gz", "-o", "again.csv"]).ends(1);
    assert_eq!(place.read("live.csv"), place.read("again.csv"));
    assert_eq!(place.read("live.errors.csv"), place.read("again.errors.csv"));
    let reasons: Vec<String> = place.table("again.errors.csv").into_iter().map(|row| row["reason"].clone()).collect();
    assert_eq!(reasons, ["not_found", "forbidden", "dns"]);
}

#[test]
fn what_failed_is_asked_again() {
    let there = Arc::new(AtomicUsize::new(0));
    let now = Arc::clone(&there);
    let server = Server::start(move |seen, _, stream| {
        if now.load(Ordering::SeqCst) == 0 {
            return reply(stream, "404 Not Found", b"");
        }
        serve(seen, stream);
    });
    let place = Workplace::new();
    let url = server.url("/1");
    place.run(&["analyze", &url, "-o", "t.csv", "--interval", "0"]).ends(1);
    assert!(!place.has("t.warc.gz.part"));
    there.store(1, Ordering::SeqCst);
    place.run(&["analyze", &url, "-o", "t.csv", "--interval", "0"]).ends(0);
    place
        .run(&["analyze", "t.warc.gz", "--as-of", "2020-01-01", "-o", "x.csv"])
        .ends(2)
        .says(&["no snapshot up to then"]);
}

#[test]
fn no_archive_where_none_is_wanted() {
    let server = blog();
    let place = Workplace::new();
    place.run(&["analyze", &server.url("/1"), "--no-archive", "-o", "live.csv"]).ends(0);
    assert!(!place.has("live.warc.gz"));
    place.run(&["fetch", &server.url("/1"), "--no-archive", "-o", "tried"]).ends(0);
    assert_eq!(place.table("tried/addresses.csv")[0]["parsed_count"], "2");
    assert!(!place.has("tried/pages-00001.warc.gz"));
}

#[test]
fn a_batch_says_what_each_address_came_to() {
    let server = Server::start(|seen, _, stream| match seen.path.as_str() {
        "/gone" => reply(stream, "404 Not Found", b""),
        _ => serve(seen, stream),
    });
    let place = Workplace::new();
    let lines =
        format!("\u{feff}# mes adresses\n{0}/1   # la premiere\n\n{0}/gone\n{0}/1\npas une adresse\n", server.address);
    place.write("urls.txt", lines);
    let dry = place.run(&["fetch", "-i", "urls.txt", "-o", "archive", "--dry-run"]).ends(0);
    assert!(dry.err.contains("3 addresses on 2 hosts"), "{}", dry.err);
    assert!(server.seen().is_empty() && !place.has("archive"));

    let ran = place.run(&["fetch", "-i", "urls.txt", "-o", "archive", "--interval", "0"]).ends(1);
    assert!(ran.err.contains("1 of 3 addresses done"), "{}", ran.err);
    assert!(ran.err.contains("bad_url × 1") && ran.err.contains("not_found × 1"), "{}", ran.err);
    let rows = place.table("archive/addresses.csv");
    let states: Vec<(&str, &str)> = rows.iter().map(|row| (row["state"].as_str(), row["reason"].as_str())).collect();
    assert_eq!(states, [("done", ""), ("failed", "not_found"), ("failed", "bad_url")]);
    assert_eq!((rows[0]["stated_count"].as_str(), rows[0]["parsed_count"].as_str()), ("2", "2"));
    assert_eq!(place.table("archive/errors.csv").len(), 2);
    place.run(&["analyze", "archive", "-o", "study/"]).ends(1);
    assert_eq!(place.table("study/comments.csv").len(), 2);
    assert_eq!(place.table("study/errors.csv").len(), 2);
}

fn start(place: &Workplace, arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_causerie"))
        .args(arguments)
        .current_dir(place.path("."))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn killed_runs_lose_nothing_and_repeat_nothing() {
    const ADDRESSES: usize = 120;
    let server = Server::start(|seen, _, stream| {
        sleep(Duration::from_millis(5));
        serve(seen, stream);
    });
    let place = Workplace::new();
    list(&place, &server, ADDRESSES);
    let fetch = ["fetch", "-i", "urls.txt", "-o", "archive", "--interval", "0", "--quiet"];
    let resume = [&fetch[..], &["--resume"]].concat();
    let mut kills = 0;
    for round in 0..5 {
        let mut run = start(&place, if round == 0 { &fetch } else { &resume });
        // Killed after some more requests, wherever the run then is.
        let before = server.seen().len();
        while server.seen().len() < before + 13 && run.try_wait().unwrap().is_none() {
            sleep(Duration::from_millis(1));
        }
        kills += usize::from(run.try_wait().unwrap().is_none());
        run.kill().unwrap();
        run.wait().unwrap();
    }
    assert!(kills >= 4, "the runs ended before they could be killed");
    place.run(&["fetch", "-o", "archive", "--interval", "0", "--resume"]).ends(0);
    let mut asked = asked(&server);
    let all = asked.len();
    asked.sort();
    asked.dedup();
    assert_eq!(asked.len(), ADDRESSES);
    assert!(all - ADDRESSES <= kills, "{} requests were made twice after {kills} kills", all - ADDRESSES);

    place.run(&["fetch", "-i", "urls.txt", "-o", "undisturbed", "--interval", "0"]).ends(0);
    for archive in ["archive", "undisturbed"] {
        place.run(&["analyze", archive, "--coder", "linear", "-o", &format!("of-{archive}/")]).ends(0);
    }
    for table in ["comments", "codings", "threads"] {
        let rows = |archive: &str| lasting(place.table(&format!("of-{archive}/{table}.csv")));
        assert_eq!(rows("archive"), rows("undisturbed"), "{table}");
    }
    let rows = place.table("archive/addresses.csv");
    assert_eq!(rows.len(), ADDRESSES);
    assert!(rows.iter().all(|row| row["state"] == "done"));
}

#[test]
fn a_host_that_wants_to_be_left_alone_is_come_back_to() {
    let open = Arc::new(AtomicUsize::new(0));
    let opened = Arc::clone(&open);
    let server = Server::start(move |seen, _, stream| {
        if seen.path == "/2" && opened.load(Ordering::SeqCst) == 0 {
            return reply(stream, "429 Too Many Requests\r\nRetry-After: 3600", b"");
        }
        serve(seen, stream);
    });
    let place = Workplace::new();
    list(&place, &server, 5);
    let ran = place.run(&["fetch", "-i", "urls.txt", "-o", "archive", "--interval", "0"]).ends(4);
    assert!(ran.err.contains("--resume"), "{}", ran.err);
    assert_eq!(asked(&server), ["/0", "/1", "/2"], "the host is left alone at once");
    let states = |place: &Workplace| -> Vec<String> {
        place.table("archive/addresses.csv").into_iter().map(|row| row["state"].clone()).collect()
    };
    assert_eq!(states(&place), ["done", "done", "waiting", "waiting", "waiting"]);
    open.store(1, Ordering::SeqCst);
    place.run(&["fetch", "-o", "archive", "--interval", "0", "--resume"]).ends(0);
    assert_eq!(asked(&server), ["/0", "/1", "/2", "/2", "/3", "/4"]);
    assert_eq!(states(&place), ["done"; 5]);
    assert_eq!(place.run(&["fetch", "-o", "new", "--resume"]).ends(2).err.lines().count(), 1);
}

#[test]
fn snapshots_stand_beside_each_other() {
    let round = Arc::new(AtomicUsize::new(0));
    let now = Arc::clone(&round);
    let server = Server::start(move |seen, _, stream| match seen.path.as_str() {
        "/robots.txt" | "/.well-known/tdmrep.json" => reply(stream, "404 Not Found", b""),
        _ => {
            let page = page("7").replace("décevant", ["décevant", "corrigé"][now.load(Ordering::SeqCst)]);
            reply(stream, HTML, page.as_bytes());
        }
    });
    let place = Workplace::new();
    let url = server.url("/7");
    let fetch = ["fetch", &url, "-o", "archive", "--interval", "0"];
    place.run(&fetch).ends(0);
    sleep(Duration::from_millis(1100));
    let between = jiff::Timestamp::now().to_string();
    sleep(Duration::from_millis(1100));
    round.store(1, Ordering::SeqCst);
    place.run(&fetch).ends(0);
    place.run(&["analyze", "archive", "--coder", "rules", "-o", "new.csv"]).ends(0);
    place.run(&["analyze", "archive", "--coder", "rules", "--as-of", &between, "-o", "old.csv"]).ends(0);
    let texts = |table: &str| place.table(table).into_iter().map(|row| row["text"].clone()).collect::<Vec<_>>();
    assert_eq!((texts("old.csv").len(), texts("new.csv").len()), (2, 2));
    assert!(texts("old.csv")[0].contains("décevant") && texts("new.csv")[0].contains("corrigé"));
}

#[test]
fn a_page_that_did_not_change_is_not_sent_again() {
    let server = Server::start(|seen, _, stream| match (seen.path.as_str(), seen.headers.get("if-none-match")) {
        ("/1", Some(tag)) if tag == "\"x7\"" => reply(stream, "304 Not Modified\r\nETag: \"x7\"", b""),
        ("/1", _) => reply(stream, &format!("{HTML}\r\nETag: \"x7\""), page("1").as_bytes()),
        _ => serve(seen, stream),
    });
    let place = Workplace::new();
    let (one, two) = (server.url("/1"), server.url("/2"));
    let fetch = ["fetch", &one, &two, "-o", "archive", "--interval", "0"];
    place.run(&fetch).ends(0);
    place.run(&["analyze", "archive", "--coder", "rules", "-o", "old.csv"]).ends(0);
    sleep(Duration::from_millis(1100));
    place.run(&fetch).ends(0);
    let asked: Vec<Seen> = server.seen().into_iter().filter(|seen| seen.path == "/1").collect();
    assert_eq!((asked.len(), asked[1].headers["if-none-match"].as_str()), (2, "\"x7\""));
    place.run(&["analyze", "archive", "--coder", "rules", "-o", "new.csv"]).ends(0);
    assert_ne!(place.read("old.csv"), place.read("new.csv"), "it was seen again, later");
    assert_eq!(lasting(place.table("old.csv")), lasting(place.table("new.csv")));
}

#[test]
fn one_connection_a_host_at_a_time() {
    let (open, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (now, peak) = (Arc::clone(&open), Arc::clone(&most));
    let server = Server::start(move |seen, _, stream| {
        peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        sleep(Duration::from_millis(10));
        serve(seen, stream);
        now.fetch_sub(1, Ordering::SeqCst);
    });
    let place = Workplace::new();
    list(&place, &server, 20);
    place.run(&["fetch", "-i", "urls.txt", "-o", "archive", "--interval", "0"]).ends(0);
    assert_eq!(asked(&server).len(), 20);
    assert_eq!(most.load(Ordering::SeqCst), 1);
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
fn an_analysis_that_was_refused_goes_on_later() {
    let open = Arc::new(AtomicUsize::new(0));
    let opened = Arc::clone(&open);
    let server = Server::start(move |seen, _, stream| match seen.path.as_str() {
        "/2" if opened.load(Ordering::SeqCst) == 0 => {
            reply(stream, "503 Service Unavailable\r\nRetry-After: 3600", b"");
        }
        _ => serve(seen, stream),
    });
    let place = Workplace::new();
    let urls = [server.url("/1"), server.url("/2"), server.url("/3")];
    let run = ["analyze", &urls[0], &urls[1], &urls[2], "--interval", "0", "--coder", "rules", "-o", "t.csv"];
    place.run(&run).ends(4);
    assert_eq!(place.table("t.csv").len(), 2);
    let reasons: Vec<String> = place.table("t.errors.csv").into_iter().map(|row| row["reason"].clone()).collect();
    assert_eq!(reasons, ["rate_limited"; 2]);
    assert!(place.has("t.warc.gz.part") && !place.has("t.warc.gz"));
    open.store(1, Ordering::SeqCst);
    place.run(&run).ends(0);
    assert_eq!(asked(&server), ["/1", "/2", "/2", "/3"]);
    place.run(&["analyze", "t.warc.gz", "--coder", "rules", "-o", "again.csv"]).ends(0);
    assert_eq!(place.read("t.csv"), place.read("again.csv"));
    // What was seen then is kept when it is seen anew.
    place.run(&run).ends(0);
    assert!(place.has("t.warc.gz") && place.has("t.1.warc.gz"));
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

/// A WordPress whose API has ever more pages.
fn endless(same: bool) -> Server {
    Server::start(move |seen, _, stream| match seen.path.as_str() {
        "/robots.txt" | "/.well-known/tdmrep.json" => reply(stream, "404 Not Found", b""),
        path if path.contains("/wp-json/") => {
            let number = path.split("page=").nth(2).and_then(|rest| rest.split('&').next()).unwrap_or("1");
            let id = if same { "1" } else { number };
            let comment = |at: usize| {
                format!(
                    "{{\"id\": {id}{at}, \"post\": 7, \"parent\": 0, \"author_name\": \"Ana\", \"date_gmt\": \
                     \"2026-11-{:02}T10:00:00\", \"content\": {{\"rendered\": \"<p>Avis {id}{at}</p>\"}}, \"type\": \"comment\"}}",
                    29 - id.parse::<usize>().unwrap_or(1).min(28)
                )
            };
            let head = format!("{JSON}\r\nX-WP-Total: 100000\r\nX-WP-TotalPages: 1000");
            reply(stream, &head, format!("[{}, {}]", comment(2), comment(1)).as_bytes());
        }
        _ => {
            let here = format!("http://{}", seen.headers["host"]);
            let page = page("7")
                .replace("<head>", &format!("<head><link rel=\"https://api.w.org/\" href=\"{here}/wp-json/\">"));
            reply(stream, HTML, page.replace("<body>", "<body class=\"postid-7\">").as_bytes());
        }
    })
}

#[test]
fn threads_without_end_come_to_one() {
    let place = Workplace::new();
    for (server, more, said) in [
        (endless(true), &[][..], "repeats what was there"),
        (endless(false), &["--max-requests", "9"][..], "stopped after 9 requests"),
        (endless(false), &["--max-comments", "10"][..], "stopped after 10 comments"),
        (endless(false), &["--since", "2026-11-20"][..], "older than 2026-11-20"),
    ] {
        let url = server.url("/");
        let run = [&["fetch", &url, "-o", "archive", "--interval", "0"][..], more].concat();
        place.run(&run).ends(0);
        let notes = place.table("archive/addresses.csv")[0]["notes"].clone();
        assert!(notes.contains(said), "{said}: {notes}");
        assert!(asked(&server).len() < 20, "{said}: {}", asked(&server).len());
        place.run(&["analyze", "archive", "--coder", "rules", "-o", "study/"]).ends(0);
        assert!(place.table("study/threads.csv")[0]["notes"].contains(said));
        fs::remove_dir_all(place.path("archive")).unwrap();
    }
}

#[test]
fn files_of_others_are_left_alone() {
    let server = blog();
    let place = Workplace::new();
    fs::create_dir(place.path("archive")).unwrap();
    place.write("archive/pages-00001.warc.gz", "something else");
    let ran = place.run(&["fetch", &server.url("/1"), "-o", "archive"]).ends(3);
    assert!(ran.err.contains("something else than an archive"), "{}", ran.err);
    assert_eq!(place.read("archive/pages-00001.warc.gz"), "something else");
}

#[test]
fn an_archive_that_is_cut_keeps_what_stands_before() {
    let server = blog();
    let place = Workplace::new();
    list(&place, &server, 4);
    place.run(&["fetch", "-i", "urls.txt", "-o", "archive", "--interval", "0"]).ends(0);
    let path = place.path("archive/pages-00001.warc.gz");
    let bytes = fs::read(&path).unwrap();
    for cut in [bytes.len() - 5, bytes.len() / 2] {
        fs::write(&path, &bytes[..cut]).unwrap();
        place.run(&["analyze", "archive", "--coder", "rules", "-o", "study/"]).ends(1);
        assert!(!place.table("study/comments.csv").is_empty());
        assert!(place.table("study/errors.csv").iter().any(|row| row["reason"] == "corrupt"));
        // The next run cuts the rest off, and goes on.
        place.run(&["fetch", "-o", "archive", "--interval", "0", "--resume"]).ends(0);
        place.run(&["analyze", "archive", "--coder", "rules", "-o", "study/"]).ends(0);
        assert_eq!(place.table("study/comments.csv").len(), 8, "{cut} of {}", bytes.len());
    }
    let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
    // Damage is no cut: it stays, and what is new goes elsewhere.
    file.write_all(b"\x1f\x8bnothing of ours").unwrap();
    let bytes = fs::read(&path).unwrap();
    place.run(&["fetch", &server.url("/9"), "-o", "archive", "--interval", "0"]).ends(0);
    assert_eq!(fs::read(&path).unwrap(), bytes);
    place.run(&["analyze", "archive", "--coder", "rules", "-o", "study/"]).ends(1);
    assert_eq!(place.table("study/comments.csv").len(), 10);
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

#[test]
fn pages_without_their_comments_are_no_success() {
    let script = "<!DOCTYPE html><title>x</title><h1>x</h1><p>Un article.</p><script src='https://giscus.app/client.js' data-repo='a/b'></script>";
    let server = Server::start(move |seen, _, stream| match seen.path.as_str() {
        "/1" => reply(stream, HTML, script.as_bytes()),
        "/2" => reply(
            stream,
            "403 Forbidden\r\nContent-Type: text/html\r\ncf-mitigated: challenge",
            b"<title>Just a moment...</title>",
        ),
        _ => serve(seen, stream),
    });
    let place = Workplace::new();
    place.run(&["fetch", &server.url("/1"), &server.url("/2"), "-o", "archive", "--interval", "0"]).ends(1);
    let reasons = |table: &str| place.table(table).into_iter().map(|row| row["reason"].clone()).collect::<Vec<_>>();
    assert_eq!(reasons("archive/addresses.csv"), ["needs_script", "captcha"]);
    assert_eq!(reasons("archive/errors.csv"), ["needs_script", "captcha"]);
    assert!(place.table("archive/addresses.csv").iter().all(|row| row["state"] == "failed"));
    place.run(&["analyze", "archive", "--coder", "rules", "-o", "out/"]).ends(1);
    assert_eq!(reasons("out/errors.csv"), ["needs_script", "captcha"]);
}

#[test]
fn what_a_run_never_came_to_is_told() {
    let server = blog();
    let place = Workplace::new();
    list(&place, &server, 6);
    place.run(&["fetch", "-i", "urls.txt", "-o", "archive", "--interval", "0"]).ends(0);
    let path = place.path("archive/pages-00001.warc.gz");
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    place.run(&["analyze", "archive", "--coder", "rules", "-o", "out/"]).ends(1);
    let threads = place.table("out/threads.csv").len();
    let lost = place.table("out/errors.csv").into_iter().filter(|row| row["reason"] == "not_fetched").count();
    assert!(threads > 0 && lost > 0 && threads + lost >= 6, "{threads} threads, {lost} not fetched");
}
