//! The client against real servers on this machine.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use causerie::fetch::{FetchOptions, Fetcher, Robots};
use causerie::model::{Failure, Page, PageKind, Request, Stage};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::server::{Server, reply};

const HTML: &str = "<!DOCTYPE html><p>déçu par l'été</p>";

fn html(stream: &mut TcpStream) {
    reply(stream, "200 OK\r\nContent-Type: text/html; charset=utf-8", HTML.as_bytes());
}

/// Quick, without robots.txt, on this machine.
fn quick() -> FetchOptions {
    FetchOptions {
        robots: Robots::Ignore,
        interval: Duration::ZERO,
        connect_timeout: Duration::from_secs(2),
        read_timeout: Duration::from_millis(400),
        total_timeout: Duration::from_millis(1500),
        retries: 2,
        backoff: Duration::from_millis(10),
        max_wait: Duration::from_secs(2),
        allow_private: true,
        ..FetchOptions::default()
    }
}

async fn get(url: &str) -> Result<Page, Failure> {
    Fetcher::new(quick()).unwrap().get(&Request::get(url)).await
}

async fn reason(url: &str) -> String {
    let failure = get(url).await.unwrap_err();
    assert_eq!((failure.stage, failure.source.as_str()), (Stage::Fetch, url));
    assert!(failure.message.contains(';'), "says what to do: {}", failure.message);
    failure.reason
}

#[tokio::test]
async fn a_page_arrives_with_its_circumstances() {
    let server = Server::saying("200 OK\r\nContent-Type: text/html\r\nX-WP-Total: 58\r\nLink: <a>\r\nLink: <b>", HTML);
    let page = get(&server.url("/article#comments")).await.unwrap();
    assert_eq!(page.body, HTML);
    assert_eq!(page.url, Some(server.url("/article")));
    assert_eq!(page.source, server.url("/article#comments"));
    assert_eq!((page.headers["x-wp-total"].as_str(), page.headers["link"].as_str()), ("58", "<a>, <b>"));
    let fetched: jiff::Timestamp = page.fetched_at.unwrap().iso.parse().unwrap();
    assert!(fetched.duration_until(jiff::Timestamp::now()).as_secs().abs() < 60);
    let request = &server.seen()[0];
    assert!(request.headers["user-agent"].starts_with("causerie/"), "{request:?}");
    assert!(request.headers["accept"].starts_with("text/html,"), "{request:?}");
}

#[tokio::test]
async fn statuses_become_reasons() {
    for (head, expected) in [
        ("404 Not Found", "not_found"),
        ("410 Gone", "not_found"),
        ("401 Unauthorized", "forbidden"),
        ("403 Forbidden", "forbidden"),
        ("451 Unavailable For Legal Reasons", "forbidden"),
        ("400 Bad Request", "http_400"),
        ("304 Not Modified", "http_304"),
    ] {
        let server = Server::saying(head, "<p>x</p>");
        assert_eq!(reason(&server.url("/")).await, expected, "{head}");
        assert_eq!(server.seen().len(), 1, "{head} is final");
    }
}

#[tokio::test]
async fn retry_after_is_obeyed_then_the_page_comes() {
    let server = Server::start(|_, before, stream| match before {
        0 => reply(stream, "429 Too Many Requests\r\nRetry-After: 1", b""),
        _ => html(stream),
    });
    assert_eq!(get(&server.url("/")).await.unwrap().body, HTML);
    let seen = server.seen();
    assert!(seen[1].at - seen[0].at >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_server_that_asks_for_too_much_patience_is_left() {
    let forever = Server::saying("429 Too Many Requests", "");
    assert_eq!(reason(&forever.url("/")).await, "rate_limited");
    assert_eq!(forever.seen().len(), 3);
    let hour = Server::saying("429 Too Many Requests\r\nRetry-After: 3600", "");
    let failure = get(&hour.url("/")).await.unwrap_err();
    assert_eq!((failure.reason.as_str(), hour.seen().len()), ("rate_limited", 1));
    assert!(failure.message.contains("60 minutes"), "{}", failure.message);
}

#[tokio::test]
async fn server_errors_are_repeated() {
    let recovers = Server::start(|_, before, stream| match before {
        0 => reply(stream, "500 Internal Server Error", b""),
        1 => reply(stream, "503 Service Unavailable\r\nRetry-After: 0", b""),
        _ => html(stream),
    });
    assert_eq!(get(&recovers.url("/")).await.unwrap().body, HTML);
    let broken = Server::saying("502 Bad Gateway", "");
    assert_eq!(reason(&broken.url("/")).await, "server_error");
    assert_eq!(broken.seen().len(), 3);
}

#[tokio::test]
async fn a_connection_that_breaks_is_tried_again() {
    let server = Server::start(|_, before, stream| match before {
        0 => drop(stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<p>half")),
        _ => html(stream),
    });
    assert_eq!(get(&server.url("/")).await.unwrap().body, HTML);
    let damaged =
        Server::saying("200 OK\r\nContent-Encoding: gzip", *b"\x1f\x8b\x08\0\0\0\0\0\0\x03not gzip after all");
    assert_eq!(reason(&damaged.url("/")).await, "corrupt");
    // As browsers do not, but what it means is plain.
    let mislabelled = Server::saying("200 OK\r\nContent-Encoding: gzip", "<p>not gzip at all");
    assert_eq!(get(&mislabelled.url("/")).await.unwrap().body, "<p>not gzip at all");
}

#[tokio::test]
async fn redirects_are_followed_but_not_in_circles() {
    let server = Server::start(|seen, _, stream| match seen.path.as_str() {
        "/old" => reply(stream, "301 Moved Permanently\r\nLocation: new?x=1#part", b""),
        "/new?x=1" => html(stream),
        "/a" => reply(stream, "302 Found\r\nLocation: /b", b""),
        "/b" => reply(stream, "302 Found\r\nLocation: /a", b""),
        "/file" => reply(stream, "302 Found\r\nLocation: file:///etc/passwd", b""),
        path => {
            let step: usize = path[1..].parse().unwrap();
            reply(stream, &format!("302 Found\r\nLocation: /{}", step + 1), b"");
        }
    });
    assert_eq!(get(&server.url("/old")).await.unwrap().url, Some(server.url("/new?x=1")));
    assert_eq!(reason(&server.url("/a")).await, "redirect_loop");
    assert_eq!(reason(&server.url("/0")).await, "redirect_loop");
    assert_eq!(
        server.seen().iter().filter(|seen| seen.path.len() < 4 && seen.path[1..].parse::<u8>().is_ok()).count(),
        11
    );
    assert_eq!(get(&server.url("/file")).await.unwrap_err().reason, "unsupported_scheme");
}

#[tokio::test]
async fn slow_servers_are_given_up() {
    let silent = Server::start(|_, _, _| thread::sleep(Duration::from_secs(20)));
    let dripping = Server::start(|_, _, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
        while stream.write_all(b"x").is_ok() {
            thread::sleep(Duration::from_millis(50));
        }
    });
    for server in [silent, dripping] {
        let start = Instant::now();
        assert_eq!(reason(&server.url("/")).await, "timeout");
        assert!(start.elapsed() < Duration::from_secs(5));
    }
}

#[tokio::test]
async fn hosts_that_cannot_be_reached() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(reason(&format!("http://{free}/")).await, "unreachable");
    let unknown = reason("http://no-such-host.invalid/").await;
    assert!(["dns", "timeout"].contains(&unknown.as_str()), "by way of the name server: {unknown}");
    let obeying = Fetcher::new(FetchOptions { robots: Robots::Obey, ..quick() }).unwrap();
    assert_eq!(obeying.get(&Request::get(format!("http://{free}/"))).await.unwrap_err().reason, "unreachable");
    let plain = Server::saying("200 OK", "<p>x</p>");
    assert_eq!(reason(&plain.url("/").replace("http:", "https:")).await, "tls");
}

#[tokio::test]
async fn addresses_that_are_none() {
    for (url, expected) in [
        ("no address", "bad_url"),
        ("ftp://a.example/", "unsupported_scheme"),
        ("data:text/html,x", "unsupported_scheme"),
    ] {
        assert_eq!(get(url).await.unwrap_err().reason, expected, "{url}");
    }
}

#[tokio::test]
async fn compressed_bodies() {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(HTML.as_bytes()).unwrap();
    let mut br = Vec::new();
    brotli::CompressorWriter::new(&mut br, 4096, 5, 20).write_all(HTML.as_bytes()).unwrap();
    for (head, body) in [
        ("200 OK\r\nContent-Encoding: gzip", gzip.finish().unwrap()),
        ("200 OK\r\nContent-Encoding: br", br),
        ("200 OK\r\nContent-Encoding: zstd", zstd::encode_all(HTML.as_bytes(), 1).unwrap()),
    ] {
        let server = Server::saying(head, body);
        assert_eq!(get(&server.url("/")).await.unwrap().body, HTML, "{head}");
        let accepted = server.seen()[0].headers["accept-encoding"].clone();
        assert!(["gzip", "br", "zstd"].iter().all(|coding| accepted.contains(coding)), "{accepted}");
    }
}

#[tokio::test]
async fn charsets() {
    let latin = b"<!DOCTYPE html><p>d\xe9\xe7u par l'\xe9t\xe9</p>".to_vec();
    let meta = [b"<!DOCTYPE html><meta charset=iso-8859-1>", &latin[15..]].concat();
    for (head, body) in [
        ("200 OK\r\nContent-Type: text/html; charset=ISO-8859-1", latin.clone()),
        ("200 OK\r\nContent-Type: text/html", meta),
        ("200 OK\r\nContent-Type: text/html", latin.clone()),
        ("200 OK\r\nContent-Type: text/html; charset=utf-8", latin),
        ("200 OK\r\nContent-Type: text/html; charset=windows-1251", HTML.as_bytes().to_vec()),
    ] {
        let server = Server::saying(head, body);
        let page = get(&server.url("/")).await.unwrap();
        assert!(page.body.ends_with("<p>déçu par l'été</p>"), "{head}: {}", page.body);
    }
}

#[tokio::test]
async fn what_is_no_page_or_too_large() {
    let image = Server::saying("200 OK\r\nContent-Type: text/html", b"\x89PNG\r\n\x1a\n\0\0");
    assert_eq!(reason(&image.url("/")).await, "binary");
    let empty = Server::saying("200 OK", "");
    assert_eq!(reason(&empty.url("/")).await, "empty");
    let small = Fetcher::new(FetchOptions { max_page_size: 100_000, ..quick() }).unwrap();
    let stated = Server::saying("200 OK", vec![b'a'; 200_000]);
    let endless = Server::start(|_, _, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n");
        while stream.write_all(&[b'a'; 10_000]).is_ok() {}
    });
    let mut bomb = GzEncoder::new(Vec::new(), Compression::fast());
    bomb.write_all(&vec![b'a'; 20_000_000]).unwrap();
    let bomb = Server::saying("200 OK\r\nContent-Encoding: gzip", bomb.finish().unwrap());
    for server in [stated, endless, bomb] {
        assert_eq!(small.get(&Request::get(server.url("/"))).await.unwrap_err().reason, "too_large");
    }
}

#[tokio::test]
async fn json_that_was_promised() {
    let page = Server::saying("200 OK\r\nContent-Type: application/json", HTML);
    let json = Server::saying("200 OK\r\nContent-Type: text/html", "[{\"id\": 1}]");
    let fetcher = Fetcher::new(quick()).unwrap();
    let failure = fetcher.get(&Request::expecting(page.url("/"), PageKind::Json)).await.unwrap_err();
    assert_eq!(failure.reason, "not_json");
    assert!(failure.message.contains("HTML where JSON was promised"), "{}", failure.message);
    assert_eq!(fetcher.get(&Request::expecting(json.url("/"), PageKind::Json)).await.unwrap().kind, PageKind::Json);
    assert!(json.seen()[0].headers["accept"].starts_with("application/json"));
}

/// A server with this robots.txt (status line and body), and a page everywhere else.
fn with_robots(head: &'static str, robots: &'static str) -> Server {
    Server::start(move |seen, _, stream| match seen.path.as_str() {
        "/robots.txt" => reply(stream, head, robots.as_bytes()),
        _ => html(stream),
    })
}

#[tokio::test]
async fn robots_txt_is_obeyed_and_asked_once() {
    let fetcher = Fetcher::new(FetchOptions { robots: Robots::Obey, ..quick() }).unwrap();
    let server = with_robots("200 OK", "User-agent: *\nDisallow: /private\n");
    for _ in 0..2 {
        assert!(fetcher.get(&Request::get(server.url("/public"))).await.is_ok());
    }
    let failure = fetcher.get(&Request::get(server.url("/private/x"))).await.unwrap_err();
    assert_eq!(failure.reason, "robots");
    for part in ["Disallow: /private", "/robots.txt", "--robots ignore"] {
        assert!(failure.message.contains(part), "{}", failure.message);
    }
    let paths: Vec<String> = server.seen().into_iter().map(|seen| seen.path).collect();
    assert_eq!(paths, ["/robots.txt", "/.well-known/tdmrep.json", "/public", "/public"]);
    assert!(get(&server.url("/private/x")).await.is_ok(), "--robots ignore");
}

#[tokio::test]
async fn robots_txt_that_is_not_there() {
    for (head, robots, expected) in [
        ("404 Not Found", "", "page"),
        ("403 Forbidden", "", "page"),
        ("200 OK", "", "page"),
        ("302 Found\r\nLocation: /robots.txt", "", "page"),
        ("200 OK", "User-agent: causerie\nDisallow: /\n\nUser-agent: *\nAllow: /", "robots"),
        ("500 Internal Server Error", "", "robots_unknown"),
        ("429 Too Many Requests", "", "robots_unknown"),
    ] {
        let server = with_robots(head, robots);
        let fetcher = Fetcher::new(FetchOptions { robots: Robots::Obey, ..quick() }).unwrap();
        let outcome = fetcher.get(&Request::get(server.url("/a"))).await;
        assert_eq!(outcome.map_or_else(|failure| failure.reason, |_| "page".into()), expected, "{head} {robots}");
    }
}

#[tokio::test]
async fn a_redirect_does_not_get_around_robots_txt() {
    let server = Server::start(|seen, _, stream| match seen.path.as_str() {
        "/robots.txt" => reply(stream, "200 OK", b"User-agent: *\nDisallow: /private"),
        "/open" => reply(stream, "302 Found\r\nLocation: /private", b""),
        _ => html(stream),
    });
    let fetcher = Fetcher::new(FetchOptions { robots: Robots::Obey, ..quick() }).unwrap();
    let failure = fetcher.get(&Request::get(server.url("/open"))).await.unwrap_err();
    assert_eq!((failure.reason.as_str(), failure.url), ("robots", Some(server.url("/private"))));
}

#[tokio::test]
async fn one_request_at_a_time_and_apart() {
    let server = Server::start(|_, _, stream| {
        thread::sleep(Duration::from_millis(50));
        html(stream);
    });
    let options = FetchOptions { interval: Duration::from_millis(100), ..quick() };
    let fetcher = Arc::new(Fetcher::new(options).unwrap());
    let requests: Vec<_> = (0..3)
        .map(|n| {
            let (fetcher, url) = (Arc::clone(&fetcher), server.url(&format!("/{n}")));
            tokio::spawn(async move { fetcher.get(&Request::get(url)).await.is_ok() })
        })
        .collect();
    for request in requests {
        assert!(request.await.unwrap());
    }
    let seen = server.seen();
    for pair in seen.windows(2) {
        // From one beginning to the next, a quarter more or less.
        assert!(pair[1].at - pair[0].at >= Duration::from_millis(70), "{:?}", pair[1].at - pair[0].at);
    }
}

#[tokio::test]
async fn crawl_delay_is_honoured_up_to_a_limit() {
    let server = with_robots("200 OK", "User-agent: *\nCrawl-delay: 1000\n");
    let options = FetchOptions { robots: Robots::Obey, max_crawl_delay: Duration::from_millis(300), ..quick() };
    let fetcher = Fetcher::new(options).unwrap();
    for path in ["/a", "/b"] {
        fetcher.get(&Request::get(server.url(path))).await.unwrap();
    }
    let seen: Vec<_> = server.seen().into_iter().filter(|seen| ["/a", "/b"].contains(&seen.path.as_str())).collect();
    let gap = seen[1].at - seen[0].at;
    // The server notes a request a little after it begins.
    assert!((Duration::from_millis(280)..Duration::from_secs(3)).contains(&gap), "{gap:?}");
}
