//! Many addresses at once: what is said of each, when hosts are left alone, where threads end.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::Duration;

use super::blog::{HTML, asked, list, page, serve};
use super::server::{Server, reply};
use super::workplace::Workplace;

const JSON: &str = "200 OK\r\nContent-Type: application/json; charset=UTF-8";

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
fn one_connection_a_host_at_a_time() {
    let (open, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (now, peak) = (Arc::clone(&open), Arc::clone(&most));
    let server = Server::start(move |seen, _, stream| {
        peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        sleep(Duration::from_millis(10));
        // Before the answer: whoever has it may ask again sooner than this thread counts down.
        now.fetch_sub(1, Ordering::SeqCst);
        serve(seen, stream);
    });
    let place = Workplace::new();
    list(&place, &server, 20);
    place.run(&["fetch", "-i", "urls.txt", "-o", "archive", "--interval", "0"]).ends(0);
    assert_eq!(asked(&server).len(), 20);
    assert_eq!(most.load(Ordering::SeqCst), 1);
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
fn a_host_without_answers_is_not_waited_for_again() {
    let server = Server::start(|_, _, _| {});
    let place = Workplace::new();
    list(&place, &server, 4);
    place.run(&["fetch", "-i", "urls.txt", "-o", "archive", "--interval", "0"]).ends(1);
    let reasons: Vec<String> = place.table("archive/errors.csv").into_iter().map(|row| row["reason"].clone()).collect();
    assert_eq!(reasons, ["broken_answer"; 4]);
    let asked: Vec<String> = server.seen().into_iter().map(|seen| seen.path).collect();
    assert_eq!(asked, ["/robots.txt"; 4], "once, and three times again");
}
