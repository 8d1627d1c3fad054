//! Threads over several pages: followed to the end, and told where they were not.

use super::server::{Server, reply};
use super::workplace::{Ran, Workplace};

const HTML: &str = "200 OK\r\nContent-Type: text/html; charset=UTF-8";

/// What a page of the thread holds: the words of its five comments.
const SAID: [&str; 5] = [
    "Je ne vois pas ce que cela change pour les riverains.",
    "Moi si, le bruit a doublé depuis le printemps.",
    "Il suffisait de lire l’enquête publique, page douze.",
    "Personne ne lit ces choses-là, et c’est bien le calcul.",
    "Rendez-vous au conseil du mois prochain, alors ?",
];

/// Page `at` of a thread of twenty comments on four pages, with `links` to the others; of no platform.
fn page(at: usize, links: &str) -> String {
    let comments = SAID
        .iter()
        .zip((at - 1) * 5 + 1..)
        .map(|(said, number)| {
            format!(
                "<div class=avis id=avis-{}><b class=auteur>Lectrice {number}</b> <time datetime=2026-03-0{at}T10:{number:02}:00>\
                 {at} mars</time><p>{said} ({number})</p><a href=#>Répondre</a></div>",
                9000 + number
            )
        })
        .collect::<Vec<_>>()
        .concat();
    format!(
        "<!DOCTYPE html><html lang=fr><head><title>La rocade</title></head><body><h1>La rocade</h1><p>Le chantier de la rocade \
         reprendra en septembre, a annoncé la préfecture.</p><h2>20 commentaires</h2>{comments}{links}</body></html>"
    )
}

/// The number of the page an address asks for.
fn number(path: &str) -> usize {
    path.split_once("page=").map_or(1, |(_, number)| number.parse().unwrap())
}

fn read(server: &Server, path: &str, more: &[&str]) -> (Workplace, Ran) {
    let place = Workplace::new();
    let url = server.url(path);
    let ran = place.run(&[&["analyze", &url, "-o", "out.csv", "--interval", "0", "--coder", "rules"], more].concat());
    (place, ran)
}

fn asked(server: &Server) -> Vec<String> {
    let pages = server.seen().into_iter().map(|seen| seen.path);
    pages.filter(|path| !path.starts_with("/robots") && !path.starts_with("/.well-known")).collect()
}

#[test]
fn links_between_pages_of_any_site_are_followed() {
    let next: fn(usize) -> String = |at| match at {
        4 => String::new(),
        at => format!("<a rel=next href='?page={}'>Suivant</a>", at + 1),
    };
    let list: fn(usize) -> String = |at| {
        let link = |number: usize| {
            if number == at {
                format!("<b>{number}</b> ")
            } else {
                format!("<a href='/rocade?page={number}'>{number}</a> ")
            }
        };
        format!("<p>Pages : {}</p>", (1..5).map(link).collect::<String>())
    };
    let more: fn(usize) -> String = |at| match at {
        4 => String::new(),
        at => format!("<a href='/rocade?page={}'>Afficher plus de commentaires</a>", at + 1),
    };
    for links in [next, list, more] {
        let server = Server::start(move |seen, _, stream| {
            let at = number(&seen.path);
            reply(stream, HTML, page(at, &links(at)).as_bytes());
        });
        let (place, ran) = read(&server, "/rocade", &[]);
        ran.ends(0);
        let ids: Vec<String> = place.table("out.csv").iter().map(|row| row["comment_id"].clone()).collect();
        assert_eq!(ids, (9001..9021).map(|id| format!("c{id}")).collect::<Vec<_>>(), "{}", links(1));
        assert!(asked(&server).len() <= 5, "{:?}", asked(&server));
    }
}

#[test]
fn the_next_article_is_no_page_of_the_thread() {
    let server = Server::start(|_, _, stream| {
        reply(
            stream,
            HTML,
            page(1, "<a rel=next href='/pont'>Article suivant</a> <a href='/rocade/2'>2</a>").as_bytes(),
        );
    });
    read(&server, "/rocade", &[]).1.ends(0);
    assert_eq!(asked(&server), ["/rocade"]);
}

#[test]
fn a_wall_behind_the_first_page_is_an_error() {
    const LOGIN: &str = "<!DOCTYPE html><html lang=fr><title>Connexion</title><body><h1>Connectez-vous</h1><form action=/login \
        method=post><input name=login><input name=password type=password><button>Se connecter</button></form></body></html>";
    for (instead, reason) in
        [(LOGIN, "login_wall"), ("<title>Accueil</title><p>Bienvenue chez nous.</p>", "no_comments")]
    {
        let server = Server::start(move |seen, _, stream| match number(&seen.path) {
            2 => reply(stream, HTML, instead.as_bytes()),
            at => reply(stream, HTML, page(at, &format!("<a rel=next href='?page={}'>Suivant</a>", at + 1)).as_bytes()),
        });
        let (place, ran) = read(&server, "/rocade", &[]);
        ran.ends(1).says(&["page=2"]);
        assert_eq!(place.table("out.csv").len(), 5, "what came is kept");
        let errors = place.table("out.errors.csv");
        assert_eq!((errors.len(), errors[0]["reason"].as_str()), (1, reason), "{errors:?}");
    }
}

#[test]
fn limits_count_each_comment_once_and_leave_a_thread_in_part() {
    let server = Server::start(|seen, _, stream| {
        let at = number(&seen.path);
        reply(stream, HTML, page(at, &format!("<a rel=next href='?page={}'>Suivant</a>", at + 1)).as_bytes());
    });
    let (place, ran) = read(&server, "/rocade", &["--max-comments", "12"]);
    ran.ends(0).says(&["stopped after 15 comments; raise --max-comments"]);
    assert_eq!(place.table("out.csv").len(), 15);
    let url = server.url("/rocade");
    let fetched = place.run(&["fetch", &url, "-o", "archive", "--interval", "0", "--max-requests", "1"]).ends(0);
    fetched.says(&["1 in part", "limit × 1"]);
    let row = &place.table("archive/addresses.csv")[0];
    assert_eq!((row["state"].as_str(), row["requests"].as_str()), ("partial", "1"));
    let again = place.run(&["fetch", "-o", "archive", "--interval", "0", "--resume"]).ends(0);
    again.says(&["not asked again", "without --resume"]);
}

#[test]
fn redirects_for_a_cookie_are_followed_back() {
    let server = Server::start(|seen, _, stream| match (seen.path.as_str(), seen.headers.contains_key("cookie")) {
        ("/rocade", false) => reply(stream, "302 Found\r\nLocation: /check", b""),
        ("/check", _) => reply(stream, "302 Found\r\nLocation: /rocade\r\nSet-Cookie: seen=1; Path=/", b""),
        _ => reply(stream, HTML, page(1, "").as_bytes()),
    });
    let (place, ran) = read(&server, "/rocade", &[]);
    ran.ends(0);
    assert_eq!(place.table("out.csv").len(), 5);
    assert_eq!(asked(&server), ["/rocade", "/check", "/rocade"]);
}

#[test]
fn an_address_that_leads_elsewhere_is_told() {
    let server = Server::start(|seen, _, stream| match seen.path.as_str() {
        "/gone" => reply(stream, "301 Moved Permanently\r\nLocation: /rocade", b""),
        _ => reply(stream, HTML, page(1, "").as_bytes()),
    });
    read(&server, "/gone", &[]).1.ends(0).says(&["/gone led to ", "/rocade"]);
}

#[test]
fn one_thread_by_two_addresses_is_one_thread_at_two_times() {
    let server = Server::start(|seen, before, stream| {
        let whole = page(1, "");
        // Its second comment is gone when it is asked for again.
        let first = whole.find("<div class=avis id=avis-9002").unwrap();
        let rest = whole.find("<div class=avis id=avis-9003").unwrap();
        let now = if before == 0 && seen.path.contains("utm") {
            whole.clone()
        } else {
            whole[..first].to_owned() + &whole[rest..]
        };
        reply(stream, HTML, now.as_bytes());
    });
    let place = Workplace::new();
    for path in ["/rocade?utm_source=lettre", "/rocade"] {
        place.run(&["fetch", &server.url(path), "-o", "archive", "--interval", "0"]).ends(0);
    }
    place.run(&["analyze", "archive", "-o", "study/", "--coder", "rules"]).ends(0);
    let ids: Vec<String> = place.table("study/comments.csv").iter().map(|row| row["comment_id"].clone()).collect();
    assert_eq!(ids, ["c9001", "c9003", "c9004", "c9005"]);
}

#[test]
fn addresses_keep_their_order_where_a_run_was_broken_off() {
    let server = Server::start(|seen, _, stream| match seen.path.as_str() {
        "/late" => reply(stream, "429 Too Many Requests\r\nRetry-After: 7200", b""),
        _ => reply(stream, HTML, page(1, "").as_bytes()),
    });
    let other = Server::saying(HTML, page(1, ""));
    let place = Workplace::new();
    place.write(
        "urls.txt",
        [server.url("/late"), server.url("/rocade"), other.url("/pont"), "x y".to_owned()].join("\n"),
    );
    place.run(&["fetch", "-i", "urls.txt", "-o", "archive", "--interval", "0"]).ends(4);
    place.run(&["fetch", "-o", "archive", "--interval", "0", "--resume"]).ends(4);
    let rows = place.table("archive/addresses.csv");
    let urls: Vec<&str> = rows.iter().map(|row| row["url"].as_str()).collect();
    assert_eq!(urls, [&server.url("/late"), &server.url("/rocade"), &other.url("/pont"), "x y"]);
}
