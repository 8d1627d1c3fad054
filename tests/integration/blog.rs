//! A blog for the tests of fetching: every address is an article with two comments.

use std::net::TcpStream;

use super::server::{Seen, Server, reply};
use super::workplace::{Row, Workplace};

pub(crate) const HTML: &str = "200 OK\r\nContent-Type: text/html; charset=utf-8";

/// A page of a blog with two comments, different for each number.
pub(crate) fn page(number: &str) -> String {
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
pub(crate) fn blog() -> Server {
    Server::start(|seen, _, stream| serve(seen, stream))
}

pub(crate) fn serve(seen: &Seen, stream: &mut TcpStream) {
    match seen.path.as_str() {
        "/robots.txt" | "/.well-known/tdmrep.json" => reply(stream, "404 Not Found", b""),
        path => reply(stream, HTML, page(path.trim_start_matches('/')).as_bytes()),
    }
}

pub(crate) fn list(place: &Workplace, server: &Server, count: usize) {
    let urls: Vec<String> = (0..count).map(|number| server.url(&format!("/{number}"))).collect();
    place.write("urls.txt", urls.join("\n"));
}

pub(crate) fn asked(server: &Server) -> Vec<String> {
    let other = |path: &String| path != "/robots.txt" && path != "/.well-known/tdmrep.json";
    server.seen().into_iter().map(|seen| seen.path).filter(other).collect()
}

/// Rows without what differs from run to run.
pub(crate) fn lasting(rows: Vec<Row>) -> Vec<Row> {
    rows.into_iter()
        .map(|mut row| {
            row.remove("fetched_at");
            row
        })
        .collect()
}
