//! What must not leave the machine or reach a table: names under pseudonyms, logins, terminal sequences.

use std::thread;
use std::time::{Duration, Instant};

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
