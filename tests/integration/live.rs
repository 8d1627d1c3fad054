//! Live threads, served by the tests themselves: the same comments as from saved pages, and what a closed or broken
//! server costs.

use std::fs;
use std::net::TcpStream;
use std::sync::Arc;

use serde_json::Value;

use super::server::{Seen, Server, reply};
use super::workplace::{Ran, Row, Workplace, rows, samples};

const HTML: &str = "200 OK\r\nContent-Type: text/html; charset=UTF-8";
const JSON: &str = "200 OK\r\nContent-Type: application/json; charset=UTF-8";
const ARTICLE: &str = "/2024/11/pedalys-trajets-cyclistes/";
const REST: &str = "/wp-json/wp/v2/comments";

/// A sample page as its site serves it, with links that lead back to the server asked.
fn page(name: &str, host: &str, seen: &Seen) -> Vec<u8> {
    let here = format!("http://{}", seen.headers["host"]);
    let page = fs::read_to_string(samples().join(name)).unwrap();
    page.replace(host, &here).replace(&host.replace('/', "\\/"), &here.replace('/', "\\/")).into_bytes()
}

const GAZETTE: &str = "https://gazette-des-rives.example";

/// What a test's server says instead of the usual answer; false leaves it at that.
type Instead = dyn Fn(&Seen, &mut TcpStream) -> bool + Send + Sync;

/// The sample thread on WordPress, REST answers in pages of `per_page`.
fn wordpress(per_page: usize, instead: impl Fn(&Seen, &mut TcpStream) -> bool + Send + Sync + 'static) -> Server {
    let instead: Arc<Instead> = Arc::new(instead);
    Server::start(move |seen, _, stream| {
        if instead(seen, stream) {
            return;
        }
        match seen.path.as_str() {
            path if path.split('?').next() == Some(ARTICLE) || path.ends_with("/comment-page-1/") => {
                reply(stream, HTML, &page("wordpress-classique/page-1.html", GAZETTE, seen));
            }
            path if path.strip_prefix(ARTICLE) == Some("comment-page-2/") => {
                reply(stream, HTML, &page("wordpress-classique/comment-page-2.html", GAZETTE, seen));
            }
            path if path.starts_with(REST) => {
                assert!(path.contains("post=88"), "{path}");
                let at = query(path, "page").map_or(1, |page| page.parse::<usize>().unwrap());
                let all = page("wordpress-classique/comments.json", GAZETTE, seen);
                let all: Vec<Value> = serde_json::from_slice(&all).unwrap();
                let (total, pages) = (all.len(), all.len().div_ceil(per_page));
                let part: Vec<&Value> = all.iter().skip((at - 1) * per_page).take(per_page).collect();
                let head = format!("{JSON}\r\nX-WP-Total: {total}\r\nX-WP-TotalPages: {pages}");
                reply(stream, &head, serde_json::to_string(&part).unwrap().as_bytes());
            }
            _ => reply(stream, "404 Not Found", b""),
        }
    })
}

fn query<'a>(path: &'a str, name: &str) -> Option<&'a str> {
    path.split_once('?')?.1.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// What the address gave, as rows, and what was said.
fn live(place: &Workplace, url: &str, more: &[&str]) -> Ran {
    place.run(&[&["analyze", url, "-o", "out.csv", "--authors", "keep", "--interval", "0"], more].concat())
}

/// What the discussion is, wherever it was read.
fn discussion(rows: &[Row]) -> Vec<Vec<String>> {
    const COLUMNS: [&str; 12] = [
        "comment_id",
        "position",
        "reply_to",
        "depth",
        "author",
        "posted_at",
        "text",
        "state",
        "article_title",
        "article_author",
        "article_published_at",
        "stated_count",
    ];
    rows.iter().map(|row| COLUMNS.iter().map(|column| row[*column].clone()).collect()).collect()
}

fn saved(name: &str) -> Vec<Row> {
    let path = samples().join(name);
    let ran = Workplace::new().run(&["analyze", path.to_str().unwrap(), "-o", "-", "--authors", "keep"]).ends(0);
    rows(&ran.out)
}

fn asked(server: &Server, part: &str) -> usize {
    server.seen().iter().filter(|seen| seen.path.contains(part)).count()
}

#[test]
fn live_and_saved_give_the_same_thread() {
    for per_page in [100, 6] {
        let server = wordpress(per_page, |_, _| false);
        let place = Workplace::new();
        live(&place, &server.url(ARTICLE), &[]).ends(0);
        let rows = place.table("out.csv");
        assert_eq!(rows.len(), 16);
        assert_eq!(discussion(&rows), discussion(&saved("wordpress-classique")), "in pages of {per_page}");
        assert_eq!(asked(&server, REST), 16_usize.div_ceil(per_page));
        assert_eq!(rows[0]["article_url"], server.url(ARTICLE));
    }
}

#[test]
fn any_address_of_the_thread_will_do() {
    let server = wordpress(100, |_, _| false);
    let place = Workplace::new();
    let mut ids = std::collections::BTreeSet::new();
    for path in ["", "#comments", "comment-page-2/", "?utm_source=x"] {
        live(&place, &server.url(&format!("{ARTICLE}{path}")), &[]).ends(0);
        let rows = place.table("out.csv");
        assert_eq!(rows.len(), 16, "{path}");
        ids.extend(rows.into_iter().map(|row| row["thread_id"].clone()));
    }
    assert_eq!(ids.len(), 1, "one thread, one id");
}

#[test]
fn the_client_says_who_it_is() {
    let server = wordpress(100, |_, _| false);
    live(&Workplace::new(), &server.url(ARTICLE), &["--contact", "me@example.org"]).ends(0);
    assert!(server.seen().len() >= 3);
    for seen in server.seen() {
        let name = &seen.headers["user-agent"];
        let honest = format!("causerie/{} (+https://", env!("CARGO_PKG_VERSION"));
        assert!(name.starts_with(&honest) && name.contains("me@example.org"), "{name}");
        assert!(!name.contains("Mozilla"), "{name}");
    }
    assert_eq!(server.seen()[0].path, "/robots.txt");
}

#[test]
fn next_ink_live_and_saved() {
    const HOST: &str = "https://relais-numerique.example";
    let server = Server::start(|seen, _, stream| match seen.path.as_str() {
        "/164207/troqueo/" => reply(stream, HTML, &page("next-ink-tickets.html", HOST, seen)),
        _ => reply(stream, "404 Not Found", b""),
    });
    let place = Workplace::new();
    let ran = live(&place, &server.url("/164207/troqueo/"), &[]).ends(0);
    let rows = place.table("out.csv");
    assert_eq!(rows.len(), 14);
    assert_eq!(discussion(&rows), discussion(&saved("next-ink-tickets.html")));
    assert_eq!(asked(&server, "post=164207"), 1, "the API is asked for the parents");
    ran.says(&["note: ", "did not answer with comments"]);
}

/// REST is closed the way WordPress and its guards close it.
fn closed(seen: &Seen, stream: &mut TcpStream) -> bool {
    let closed = seen.path.starts_with("/wp-json/");
    if closed {
        let body = b"{\"code\":\"rest_cannot_read\",\"message\":\"Sorry\",\"data\":{\"status\":401}}";
        reply(stream, "401 Unauthorized\r\nContent-Type: application/json", body);
    }
    closed
}

#[test]
fn closed_rest_falls_back_to_comment_pages() {
    let server = wordpress(100, closed);
    let place = Workplace::new();
    let ran = live(&place, &server.url(ARTICLE), &[]).ends(0);
    let rows = place.table("out.csv");
    assert_eq!(rows.len(), 14, "both pages");
    assert_eq!(asked(&server, "comment-page-2"), 1);
    assert!(!place.has("out.errors.csv"));
    ran.says(&["note: ", "forbidden", "17 stated, 14 parsed"]);
    let whole = saved("wordpress-classique");
    for row in &rows {
        let same = whole.iter().find(|other| other["comment_id"] == row["comment_id"]).unwrap();
        for column in ["reply_to", "author", "text"] {
            assert_eq!(row[column], same[column], "{}", row["comment_id"]);
        }
    }
}

#[test]
fn robots_txt_that_closes_the_api() {
    let server = wordpress(100, |seen, stream| {
        let asked = seen.path == "/robots.txt";
        if asked {
            reply(stream, "200 OK", b"User-agent: *\nDisallow: /wp-json/\n");
        }
        asked
    });
    let place = Workplace::new();
    live(&place, &server.url(ARTICLE), &[]).ends(0).says(&["note: ", "robots"]);
    assert_eq!(place.table("out.csv").len(), 14);
    assert_eq!(asked(&server, REST), 0);
    live(&place, &server.url(ARTICLE), &["--robots", "ignore"]).ends(0);
    assert_eq!(place.table("out.csv").len(), 16);
}

#[test]
fn robots_txt_that_closes_the_article() {
    let server = wordpress(100, |seen, stream| {
        let asked = seen.path == "/robots.txt";
        if asked {
            reply(stream, "200 OK", b"User-agent: *\nDisallow: /2024/\n");
        }
        asked
    });
    let place = Workplace::new();
    live(&place, &server.url(ARTICLE), &[]).ends(1).says(&["robots.txt", "Disallow: /2024/", "--robots ignore"]);
    let errors = place.table("out.errors.csv");
    assert_eq!((errors.len(), errors[0]["reason"].as_str()), (1, "robots"));
    assert_eq!(errors[0]["source"], server.url(ARTICLE));
    assert!(!place.has("out.csv"));
    assert_eq!(server.seen().len(), 1, "nothing but robots.txt was asked for");
}

#[test]
fn a_missing_part_of_the_api_is_an_error() {
    let server = wordpress(6, |seen, stream| {
        let second = seen.path.starts_with(REST) && query(&seen.path, "page") == Some("2");
        if second {
            reply(stream, "404 Not Found", b"");
        }
        second
    });
    let place = Workplace::new();
    live(&place, &server.url(ARTICLE), &[]).ends(1).says(&["page=2", "fewer comments than stated"]);
    let errors = place.table("out.errors.csv");
    assert_eq!((errors.len(), errors[0]["reason"].as_str()), (1, "not_found"));
    assert!(errors[0]["source"].contains("page=2"), "{errors:?}");
    let rows = place.table("out.csv");
    assert!((6..16).contains(&rows.len()), "what came is kept: {}", rows.len());
}

#[test]
fn requests_are_limited() {
    let server = wordpress(2, |_, _| false);
    let place = Workplace::new();
    live(&place, &server.url(ARTICLE), &["--max-requests", "3"]).ends(0).says(&["note: ", "stopped after 3 requests"]);
    let page = |path: &str| !path.starts_with("/robots") && !path.starts_with("/.well-known");
    assert_eq!(server.seen().iter().filter(|seen| page(&seen.path)).count(), 3);
}

/// A blog without an API whose comment pages link to each other.
fn linking(next: fn(usize) -> usize) -> Server {
    Server::start(move |seen, _, stream| {
        let Some(rest) = seen.path.strip_prefix("/post/") else { return reply(stream, "404 Not Found", b"") };
        let at: usize = rest.trim_start_matches("comment-page-").trim_end_matches('/').parse().unwrap_or(1);
        let body = format!(
            "<!DOCTYPE html><meta name=generator content='WordPress 6.5'><title>Post</title>\
             <link rel=canonical href='http://{}/post/'><h1>Post</h1><h2 class=comments-title>900 comments</h2>\
             <ol class=commentlist><li id=comment-{at} class='comment depth-1'><article id=div-comment-{at}>\
             <b class=fn>Ann</b><div class=comment-content><p>Number {at} says something.</p></div></article></li></ol>\
             <a href='/post/comment-page-{}/#comments'>more</a>",
            seen.headers["host"],
            next(at)
        );
        reply(stream, HTML, body.as_bytes());
    })
}

#[test]
fn comment_pages_without_end() {
    let endless = linking(|at| at + 1);
    let place = Workplace::new();
    live(&place, &endless.url("/post/"), &["--max-requests", "12"]).ends(0).says(&["stopped after 12 requests"]);
    assert_eq!(asked(&endless, "/post/"), 12);
    assert_eq!(place.table("out.csv").len(), 12);
}

#[test]
fn comment_pages_in_a_circle() {
    let circle = linking(|at| at % 3 + 1);
    let place = Workplace::new();
    live(&place, &circle.url("/post/"), &[]).ends(0);
    assert!(asked(&circle, "/post/") <= 4, "each page once");
    assert_eq!(place.table("out.csv").len(), 3);
}

#[test]
fn several_addresses_and_files_at_once() {
    let server = wordpress(100, |_, _| false);
    let place = Workplace::new();
    place.sample("latin1.html");
    let gone = server.url("/gone/");
    let ran =
        place.run(&["analyze", &server.url(ARTICLE), "latin1.html", &gone, "-o", "study/", "--interval", "0"]).ends(1);
    assert_eq!(place.table("study/threads.csv").len(), 2);
    assert_eq!(place.table("study/comments.csv").len(), 16 + 8);
    assert_eq!(place.table("study/errors.csv")[0]["source"], gone);
    ran.says(&[&gone]);
}
