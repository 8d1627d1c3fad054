use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::*;
use crate::hand::{Question, Unit};

const SCRIPT: &str = "<script>alert(1)</script> Méfiance 👍🏽 totale";

fn form(units: usize) -> Form {
    let question = |name: &str, values: &[&str]| Question {
        name: name.to_owned(),
        values: values.iter().map(|value| (*value).to_owned()).collect(),
        ..Question::default()
    };
    let unit = |number: usize| Unit {
        key: Key { thread_id: "t".to_owned(), comment_id: format!("c{number}") },
        text: if number == 0 { SCRIPT.to_owned() } else { format!("Texte {number}") },
        coders: if number == 3 { vec!["eve".to_owned()] } else { Vec::new() },
        ..Unit::default()
    };
    Form {
        questions: vec![question("polarity", &["negative", "neutral", "positive"]), question("distrust", &["0", "1"])],
        units: (0..units).map(unit).collect(),
    }
}

/// A page that is served, and the browser that was let in.
struct Page {
    address: SocketAddr,
    link: String,
    cookie: String,
    _folder: tempfile::TempDir,
    _runtime: tokio::runtime::Runtime,
}

struct Answered {
    status: u16,
    head: String,
    body: String,
}

impl Answered {
    fn json(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        serde_json::from_str(&self.body).unwrap()
    }
}

impl Page {
    fn closed(units: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let form = form(units);
        let journal = Arc::new(Journal::open(&folder.path().join("codes.ndjson"), &form).unwrap());
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let session = Session { form, threads: HashMap::new(), journal };
        let server = runtime.block_on(serve(session, Options::default())).unwrap();
        let (address, link) = (server.address(), server.link().to_owned());
        runtime.spawn(server.until(std::future::pending()));
        Self { address, link, cookie: String::new(), _folder: folder, _runtime: runtime }
    }

    fn open(units: usize) -> Self {
        let mut page = Self::closed(units);
        page.cookie = page.enter(&page.link.clone());
        page
    }

    /// Opens a link in a new browser; the cookie it is given.
    fn enter(&self, link: &str) -> String {
        let path = link.strip_prefix(&format!("http://{}", self.address)).unwrap();
        let answered = self.raw(&format!("GET {path} HTTP/1.1\r\nHost: {}\r\n", self.address), "");
        assert_eq!(answered.status, 200, "{}", answered.body);
        let line = answered.head.lines().find(|line| line.to_lowercase().starts_with("set-cookie: ")).unwrap();
        assert!(line.contains("HttpOnly") && line.contains("SameSite=Strict"), "{line}");
        line[12..].split(';').next().unwrap().to_owned()
    }

    fn raw(&self, head: &str, body: &str) -> Answered {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        write!(stream, "{head}Connection: close\r\n\r\n{body}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answered { status, head: head.to_owned(), body: body.to_owned() }
    }

    fn get(&self, path: &str) -> Answered {
        self.raw(&format!("GET {path} HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\n", self.address, self.cookie), "")
    }

    fn post(&self, path: &str, body: &Value) -> Answered {
        self.post_from(path, body, &format!("Origin: http://{}\r\n", self.address))
    }

    fn post_from(&self, path: &str, body: &Value, headers: &str) -> Answered {
        let (address, cookie, body) = (self.address, &self.cookie, body.to_string());
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nCookie: {cookie}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n{headers}",
            body.len()
        );
        self.raw(&head, &body)
    }

    fn code(&self, coder: &str, at: usize, polarity: &str, distrust: &str, spans: &Value) -> Answered {
        self.post("/api/code", &decision(coder, at, polarity, distrust, spans))
    }
}

fn decision(coder: &str, at: usize, polarity: &str, distrust: &str, spans: &Value) -> Value {
    json!({"coder": coder, "at": at, "answers": [
        {"question": "distrust", "value": distrust, "spans": spans}, {"question": "polarity", "value": polarity}]})
}

#[test]
fn a_link_lets_one_browser_in_once() {
    let page = Page::open(4);
    assert!(page.link.len() > "http://127.0.0.1:1/?token=".len() + 40);
    assert_eq!(page.get("/").status, 200);
    let path = page.link.split_once(&page.address.to_string()).unwrap().1.to_owned();
    let spent = page.raw(&format!("GET {path} HTTP/1.1\r\nHost: {}\r\n", page.address), "");
    assert_eq!((spent.status, spent.body.contains("has been used")), (403, true));

    let link = page.post("/api/link", &json!({})).json()["link"].as_str().unwrap().to_owned();
    // Asking about a link is not opening it.
    let path = link.split_once(&page.address.to_string()).unwrap().1;
    assert_eq!(page.raw(&format!("HEAD {path} HTTP/1.1\r\nHost: {}\r\n", page.address), "").status, 403);
    assert_ne!(page.enter(&link), page.cookie);
}

#[test]
fn links_asked_for_and_never_opened_run_out() {
    let page = Page::open(1);
    let link = || page.post("/api/link", &json!({})).json()["link"].as_str().unwrap().to_owned();
    let first = link();
    let last = std::iter::repeat_with(link).take(16).last().unwrap();
    let path = first.split_once(&page.address.to_string()).unwrap().1;
    assert_eq!(page.raw(&format!("GET {path} HTTP/1.1\r\nHost: {}\r\n", page.address), "").status, 403);
    page.enter(&last);
}

#[test]
fn nothing_is_reachable_without_a_cookie_or_by_another_way() {
    let mut page = Page::open(4);
    let cookie = std::mem::take(&mut page.cookie);
    let paths =
        ["/", "/?token=", "/?token=x", "/page.js", "/style.css", "/api/form", "/api/work?coder=ana", "/nowhere"];
    let traversals = [
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2fetc/passwd",
        "//etc/passwd",
        "/page.js/..",
        "/style.css%00",
    ];
    for path in paths.iter().chain(&traversals) {
        assert_eq!(page.get(path).status, 403, "{path}");
    }
    assert_eq!(page.code("ana", 0, "neutral", "0", &json!([])).status, 403);
    let name = cookie.split('=').next().unwrap().to_owned();
    for wrong in [format!("{name}="), format!("{name}=x"), cookie.to_uppercase(), cookie.replace(&name, "causerie-1")] {
        page.cookie = wrong;
        assert_eq!(page.get("/api/form").status, 403);
    }
    page.cookie = format!("other=1; {cookie}");
    assert_eq!(page.get("/api/form").status, 200);
    for path in &traversals {
        assert_eq!(page.get(path).status, 404, "{path}");
    }
    assert_eq!(page.post("/page.js", &json!({})).status, 405);
}

#[test]
fn other_names_and_other_pages_are_refused() {
    let page = Page::open(4);
    let port = page.address.port();
    let asked = |host: &str, more: &str| {
        page.raw(&format!("GET /api/form HTTP/1.1\r\nHost: {host}\r\nCookie: {}\r\n{more}", page.cookie), "").status
    };
    assert_eq!(asked(&format!("localhost:{port}"), ""), 200);
    assert_eq!(asked(&format!("127.0.0.1:{port}"), "Sec-Fetch-Site: same-origin\r\n"), 200);
    for host in [
        "evil.example",
        "127.0.0.1",
        "127.0.0.1:1",
        &format!("evil.example:{port}"),
        &format!("127.0.0.1:{port}.evil.example"),
    ] {
        assert_eq!(asked(host, ""), 403, "{host}");
    }
    let own = format!("127.0.0.1:{port}");
    assert_eq!(asked(&own, "Sec-Fetch-Site: same-site\r\n"), 403);
    assert_eq!(asked(&own, "Sec-Fetch-Site: cross-site\r\n"), 403);
    assert_eq!(asked(&own, "Origin: http://127.0.0.1:1\r\n"), 403);
    let body = decision("ana", 0, "neutral", "0", &json!([]));
    for origin in ["", "Origin: null\r\n", "Origin: http://evil.example\r\n", &format!("Origin: https://{own}\r\n")] {
        assert_eq!(page.post_from("/api/code", &body, origin).status, 403, "{origin}");
    }
    assert_eq!(page.get("/api/work?coder=ana").json()["done"], json!([]));
}

#[test]
fn every_answer_tells_the_browser_to_run_and_keep_nothing() {
    let page = Page::open(4);
    let mut stranger = Page::closed(1);
    stranger.cookie = "none".to_owned();
    for answered in [page.get("/"), page.get("/api/form"), page.get("/nowhere"), stranger.get("/")] {
        let head = answered.head.to_lowercase();
        for header in [
            "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
             img-src data:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "cache-control: no-store",
        ] {
            assert!(head.contains(header), "{header}: {head}");
        }
    }
}

#[test]
fn the_page_holds_no_script_of_its_own_and_no_text_but_as_json() {
    let page = Page::open(4);
    let html = page.get("/").body;
    assert!(html.matches("<script").count() == html.matches("<script type=\"module\" src=\"/").count(), "{html}");
    assert!(!html.contains("style=") && !html.contains(" on") || !html.contains("onclick"), "{html}");
    let unit = page.get("/api/unit?coder=ana&at=0");
    assert!(unit.head.to_lowercase().contains("content-type: application/json"), "{}", unit.head);
    assert_eq!(unit.json()["text"], SCRIPT);
    for part in page::PARTS.iter().filter(|part| part.media_type.starts_with("text/javascript")) {
        for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "http://", "https://"] {
            assert!(!part.content.contains(word), "{}: {word}", part.path);
        }
    }
}

#[test]
fn a_coder_codes_and_takes_back() {
    let page = Page::open(4);
    let progress = page.code("ana", 0, "negative", "1", &json!([[26, 34]])).json();
    assert_eq!(progress, json!({"units": 3, "done": 1, "people": 0, "codings": 0}));
    let answers = json!([
        {"question": "polarity", "value": "negative"}, {"question": "distrust", "value": "1", "spans": [[26, 34]]}]);
    assert_eq!(page.get("/api/unit?coder=ana&at=0").json()["answers"], answers);
    assert_eq!(page.get("/api/unit?coder=ben&at=0").json()["answers"], Value::Null, "coders are blind to each other");
    let work = page.get("/api/work?coder=ben").json();
    assert_eq!(
        work,
        json!({"units": [0, 1, 2], "done": [], "progress": {"units": 3, "done": 0, "people": 1, "codings": 1}})
    );
    assert_eq!(page.post("/api/undo", &json!({"coder": "ben"})).json()["at"], Value::Null);
    assert_eq!(page.post("/api/undo", &json!({"coder": "ana"})).json()["at"], 0);
    assert_eq!(page.get("/api/work?coder=ana").json()["done"], json!([]));
}

#[test]
fn what_is_no_answer_is_refused_in_words() {
    let page = Page::open(4);
    let length = SCRIPT.chars().count();
    let none = json!([]);
    for (answered, status, words) in [
        (page.code("ana", 0, "bad", "0", &none), 422, "polarity is one of negative, neutral, positive, not bad"),
        (page.code("ana", 0, "neutral", "yes", &none), 422, "distrust is one of 0, 1, not yes"),
        (page.code("ana", 0, "neutral", "0", &json!([[0, 1]])), 422, "words are marked for a code that applies"),
        (page.code("ana", 0, "neutral", "1", &json!([[2, 2]])), 422, "the words 2 to 2"),
        (page.code("ana", 0, "neutral", "1", &json!([[0, length + 1]])), 422, "are not in the text"),
        (page.code("ana", 0, "neutral", "1", &json!([[-1, 2]])), 422, ""),
        (page.code("ana", 99, "neutral", "0", &none), 404, "there is no such unit"),
        (page.code("ana", 3, "neutral", "0", &none), 403, "unit 3 is not one ana is to code"),
        (page.code("a/b", 0, "neutral", "0", &none), 422, "a coder's name has"),
        (page.code("", 0, "neutral", "0", &none), 422, "a coder's name has"),
        (page.code(&"a".repeat(41), 0, "neutral", "0", &none), 422, "a coder's name has"),
        (page.code("Adjudicated", 0, "neutral", "0", &none), 422, "take another"),
        (page.post("/api/code", &json!({"coder": "ana", "at": 0, "answers": []})), 422, "polarity has no answer"),
        (page.post("/api/code", &json!({"coder": "ana", "answers": "x"})), 422, ""),
        (page.get("/api/unit?coder=ana&at=-1"), 400, ""),
        (page.get("/api/unit?coder=ana&at=3"), 403, "is not one ana is to code"),
    ] {
        assert_eq!((answered.status, answered.body.contains(words)), (status, true), "{words}: {}", answered.body);
    }
    assert_eq!(page.code("ana", 0, "neutral", "1", &json!([[0, length]])).status, 200);
    let long = page.post("/api/code", &json!({"coder": "a".repeat(300_000)}));
    assert_eq!(long.status, 413);
}

#[test]
fn codes_of_others_are_seen_when_ones_own_are_done() {
    let page = Page::open(3);
    for at in 0..3 {
        page.code("ana", at, "neutral", "0", &json!([])).json();
    }
    page.code("ben", 0, "neutral", "0", &json!([])).json();
    page.code("ben", 1, "neutral", "1", &json!([[0, 5]])).json();
    let refused = page.get("/api/disagreements?coder=ben");
    assert_eq!((refused.status, refused.body.contains("1 left for ben")), (409, true));
    assert_eq!(page.get("/api/disagreement?coder=ben&at=1").status, 409);
    assert_eq!(page.get("/api/disagreements?coder=ana").json(), json!({"units": [1], "settled": []}));
    let seen = page.get("/api/disagreement?coder=ana&at=1").json();
    assert_eq!(seen["codings"][1]["coder"], "ben");
    assert_eq!(seen["codings"][1]["answers"][1]["spans"], json!([[0, 5]]));

    let final_answer = |coder, at| page.post("/api/adjudicate", &decision(coder, at, "neutral", "1", &json!([[0, 5]])));
    assert_eq!(final_answer("ben", 1).status, 409);
    assert_eq!(final_answer("ana", 0).status, 409, "there is nothing to settle");
    assert_eq!(final_answer("ana", 1).status, 200);
    assert_eq!(page.get("/api/disagreements?coder=ana").json(), json!({"units": [1], "settled": [1]}));
    assert_eq!(page.post("/api/undo", &json!({"coder": "ana", "adjudicated": true})).json()["at"], 1);
    assert_eq!(page.get("/api/disagreements?coder=ana").json()["settled"], json!([]));
    assert_eq!(page.get("/api/work?coder=ana").json()["done"], json!([0, 1, 2]));

    // A third person may look, and codes no more.
    assert_eq!(page.get("/api/disagreements?coder=eve").status, 200);
    let refused = page.code("eve", 0, "neutral", "0", &json!([]));
    assert_eq!((refused.status, refused.body.contains("take another name")), (409, true));
}

#[tokio::test]
async fn all_addresses_at_once_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let form = form(1);
    let journal = Arc::new(Journal::open(&folder.path().join("codes.ndjson"), &form).unwrap());
    let session = Session { form, threads: HashMap::new(), journal };
    let everywhere = Options { host: Ipv4Addr::UNSPECIFIED.into(), port: 0 };
    assert!(matches!(serve(session, everywhere).await, Err(ServeError::Unspecified { .. })));
}

#[test]
fn a_step_among_thousands_of_units_is_quick() {
    let page = Page::open(5000);
    page.get("/api/work?coder=ana").json();
    let mut taken: Vec<Duration> = (0..60)
        .map(|at| {
            let begun = Instant::now();
            assert_eq!(page.code("ana", at + 4, "neutral", "0", &json!([])).status, 200);
            assert_eq!(page.get(&format!("/api/unit?coder=ana&at={}", at + 5)).status, 200);
            begun.elapsed()
        })
        .collect();
    taken.sort_unstable();
    // A tenfold of what is promised: other tests keep the disk busy.
    assert!(taken[taken.len() * 95 / 100] < Duration::from_millis(500), "{taken:?}");
}
