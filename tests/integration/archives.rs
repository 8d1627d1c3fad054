//! Threads fetched into an archive: what it gives again, what a killed run loses, how snapshots stand beside each other.

use std::fs;
use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::Duration;

use super::blog::{HTML, asked, blog, lasting, list, page, serve};
use super::server::{Seen, Server, reply};
use super::workplace::Workplace;

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
    let ran = place.run(&["rerun", "live/run.json"]).ends(0);
    assert!(ran.err.contains("same: comments.csv") && !ran.err.contains("differs"), "{}", ran.err);
    assert_eq!(server.seen().len(), seen, "a rerun asks nobody");
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
fn a_thread_that_is_gone_is_told_of() {
    let gone = Arc::new(AtomicUsize::new(0));
    let now = Arc::clone(&gone);
    let server = Server::start(move |seen, _, stream| match (seen.path.as_str(), now.load(Ordering::SeqCst)) {
        ("/7", 0) => reply(stream, HTML, page("7").as_bytes()),
        _ => reply(stream, "404 Not Found", b""),
    });
    let place = Workplace::new();
    let url = server.url("/7");
    let fetch = ["fetch", &url, "-o", "archive", "--interval", "0"];
    place.run(&fetch).ends(0);
    sleep(Duration::from_millis(1100));
    gone.store(1, Ordering::SeqCst);
    place.run(&fetch).ends(1);
    place.run(&["analyze", "archive", "--coder", "rules", "-o", "new/"]).ends(1);
    let message = &place.table("new/errors.csv")[0]["message"];
    assert!(message.contains("404") && message.contains("an earlier snapshot has 2 comments"), "{message}");
    let as_of = message.rsplit(' ').next().unwrap();
    place.run(&["analyze", "archive", "--coder", "rules", "--as-of", as_of, "-o", "old/"]).ends(0);
    assert_eq!(place.table("old/comments.csv").len(), 2);
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

#[test]
fn what_is_undone_is_told_for_every_archive_and_not_for_the_past() {
    let server = blog();
    let place = Workplace::new();
    list(&place, &server, 6);
    for archive in ["one", "two"] {
        place.run(&["fetch", "-i", "urls.txt", "-o", archive, "--interval", "0"]).ends(0);
        sleep(Duration::from_millis(1100));
    }
    // Only what the first was to do is kept, and the beginning of it.
    let path = place.path("one/pages-00001.warc.gz");
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let lost = |place: &Workplace| {
        place.table("out/errors.csv").into_iter().filter(|row| row["reason"] == "not_fetched").count()
    };
    place.run(&["analyze", "one", "--coder", "rules", "-o", "out/"]).ends(1);
    assert!(lost(&place) > 0);
    // The other archive has them all, whichever comes first.
    for order in [["one", "two"], ["two", "one"]] {
        place.run(&["analyze", order[0], order[1], "--coder", "rules", "-o", "out/"]);
        assert_eq!((place.table("out/comments.csv").len(), lost(&place)), (12, 0), "{order:?}");
    }
    let today = jiff::Timestamp::now().to_string()[..10].to_owned();
    place.run(&["analyze", "one", "--as-of", &today, "--coder", "rules", "-o", "out/"]).ends(1);
    let undone = place.table("out/errors.csv").into_iter().filter(|row| row["source"].ends_with("/5")).count();
    assert_eq!(undone, 0, "a day says nothing of what is still to do");
}
