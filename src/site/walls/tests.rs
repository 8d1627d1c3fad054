use std::time::{Duration, Instant};

use super::*;
use crate::site::read;
use crate::site::traces::longest_name;
use crate::site::trial;

fn page(body: &str) -> Page {
    let url = Some("https://gazette.example/2025/03/marche".into());
    Page { source: "page.html".into(), url, ..trial::made(PageKind::Html, &[], body) }
}

/// Reason of a page's failures, with the message of the last.
fn reasons_of(page: &Page) -> (Vec<String>, String) {
    let failures = read(page).unwrap().failures;
    let message = failures.last().map_or_else(String::new, |failure| failure.message.clone());
    (failures.into_iter().map(|failure| failure.reason).collect(), message)
}

fn reasons(body: &str) -> Vec<String> {
    reasons_of(&page(body)).0
}

const STORY: &str = "Après deux ans de travaux, les halles accueillent de nouveau leurs marchands. La charpente a été reprise \
                     poutre par poutre, et les étals du fond gardent leurs carreaux d'origine.";

fn article(rest: &str) -> String {
    format!(
        "<!DOCTYPE html><html lang=fr><head><title>Le marché couvert rouvre – La Gazette</title>\
         <meta property=og:type content=article></head><body><article><h1>Le marché couvert rouvre</h1><p>{STORY}</p></article>{rest}</body></html>"
    )
}

#[test]
fn checks_for_robots_are_named() {
    for (name, body) in [
        (
            "Cloudflare",
            "<title>Just a moment...</title><body><noscript>Enable JavaScript and cookies to continue</noscript><script>window._cf_chl_opt={cvId:'3'};</script>",
        ),
        ("Cloudflare", "<title>Un instant…</title><body><h1>gazette.example</h1><p>Vérification de la connexion</p>"),
        (
            "Cloudflare",
            "<title>Attention Required! | Cloudflare</title><body><div id='cf-error-details'><h1>Sorry, you have been blocked</h1></div>",
        ),
        (
            "DataDome",
            "<title>gazette.example</title><body><p id=cmsg>Please enable JS and disable any ad blocker</p><script data-cfasync=false>var dd={'rt':'c'}</script>",
        ),
        (
            "DataDome",
            "<title>gazette.example</title><body><script src='https://ct.captcha-delivery.com/c.js'></script>",
        ),
        ("HUMAN (PerimeterX)", "<title>Access to this page has been denied</title><body><div id=px-captcha></div>"),
        (
            "Akamai",
            "<title>Access Denied</title><body><h1>Access Denied</h1>You don't have permission to access \"http&#58;&#47;&#47;gazette&#46;example\" on this server.<p>Reference&#32;&#35;18&#46;1",
        ),
        ("Akamai", "<title></title><body><div id='sec-if-cpt-container'></div>"),
        (
            "Imperva",
            "<html><head><script src='/_Incapsula_Resource?SWJIYLWA=7'></script></head><body><iframe id=main-iframe>Request unsuccessful. Incapsula incident ID: 7</iframe>",
        ),
        (
            "Imperva",
            "<title>Pardon Our Interruption</title><body><p>As you were browsing something about your browser made us think you were a bot.</p>",
        ),
        (
            "Anubis",
            "<title>Making sure you&#39;re not a bot!</title><script id='anubis_challenge' type='application/json'>{}</script><p>Loading...",
        ),
        (
            "AWS WAF",
            "<title></title><script>window.awsWafCookieDomainList = []; window.gokuProps = {};</script><div id=challenge-container></div>",
        ),
        ("Vercel", "<title>Vercel Security Checkpoint</title><p>We're verifying your browser</p>"),
        (
            "Google",
            "<title>https://x</title><p>Our systems have detected unusual traffic from your computer network.</p>",
        ),
        (
            "",
            "<title>Vérification</title><p>Merci de vérifier que vous n’êtes pas un robot.</p><div class=g-recaptcha data-sitekey=x></div>",
        ),
        ("", "<title>gazette.example</title><p>Please verify you are human</p><div class='h-captcha'></div>"),
        ("", "<title>Sind Sie ein Roboter?</title><p>Bitte warten.</p>"),
    ] {
        let (reasons, message) = reasons_of(&page(body));
        assert_eq!(reasons, ["captcha"], "{body}");
        let named = if name.is_empty() { "a check for robots instead".to_owned() } else { format!("robots ({name})") };
        assert!(message.contains(&named) && message.contains("MHTML"), "{message}");
    }
}

#[test]
fn questions_for_consent_are_named() {
    let google = Page {
        url: Some("https://consent.youtube.com/m?continue=https://www.youtube.com/watch".into()),
        ..page("<title>Avant d'accéder à YouTube</title><p>Nous utilisons des cookies.</p>")
    };
    assert_eq!(reasons_of(&google).0, ["consent_wall"]);
    for body in [
        "<title>Before you continue</title><form action='https://consent.google.com/save' method=POST><button>Accept all</button></form>",
        "<title>Le Courrier</title><div id=didomi-host><p>Nous et nos 842 partenaires déposons des cookies.</p><button>Accepter &amp; Fermer</button></div>",
        "<title>Der Bote</title><div id='sp_message_container_1'><p>Willkommen</p></div>",
        "<title>The Courier</title><div id=onetrust-consent-sdk><p>We value your privacy</p></div><p>Loading",
        "<title>Le Courrier</title><div id=axeptio_overlay><p>Bienvenue, vos cookies ?</p></div>",
        "<title>Le Courrier</title><h1>Pour lire Le Courrier</h1><p>J'accepte les cookies et j'accède gratuitement</p><p>Je m'abonne</p>",
        "<title>Der Bote</title><p>Mit Werbung weiterlesen</p><p>Im Abo ohne Werbung</p>",
    ] {
        let (reasons, message) = reasons_of(&page(body));
        assert_eq!(reasons, ["consent_wall"], "{body}");
        assert!(message.contains("answer as you see fit"), "{message}");
    }
    let overlaid = article("<h2>14 commentaires</h2>").replace("<body>", "<body class=didomi-popup-open>");
    assert_eq!(reasons(&overlaid), ["consent_wall"]);
    assert_eq!(
        reasons(&article("<p>Vous devez accepter les cookies pour afficher les commentaires.</p>")),
        ["consent_wall"]
    );
}

#[test]
fn requests_to_log_in_are_named() {
    let form = "<form><input type=email name=mail><input type=password name=pass><button>OK</button></form>";
    for body in [
        format!("<title>Log in to Chatter | Chatter</title>{form}"),
        format!("<title>Connexion – La Gazette</title><h1>Connexion</h1>{form}"),
        format!("<title>Bei Bote anmelden</title>{form}"),
        format!("<title>La Gaceta</title><p>Inicia sesión para continuar</p>{form}"),
        "<title>Board</title><p>The board requires you to be registered and logged in to view this forum.</p>"
            .to_owned(),
        article("<section id=comments><p><a href=/login>Log in</a> to view the comments</p></section>"),
        article("<p>Vous devez être connecté pour lire\n les commentaires.</p>"),
        article("<p>Fa&ccedil;a login para ver os coment&aacute;rios</p>"),
        article("<h2>3 commentaires</h2><p>Créez un compte gratuit pour lire la suite.</p>"),
    ] {
        let (reasons, message) = reasons_of(&page(&body));
        assert_eq!(reasons, ["login_wall"], "{body}");
        assert!(message.contains("--cookies FILE"), "{message}");
    }
}

#[test]
fn barriers_for_subscribers_are_named() {
    let data = "<script type='application/ld+json'>{\"@type\":\"NewsArticle\",\"headline\":\"Le marché\",\"isAccessibleForFree\":\"False\"}</script>";
    for body in [
        article("<p>Abonnez-vous pour accéder à cet espace d’échange et contribuer à la discussion.</p>"),
        article("<p>Nur Abonnenten können die Kommentare lesen.</p>"),
        article(&format!(
            "{data}<p>Il vous reste 75&nbsp;% de cet article à lire. La suite est réservée aux abonnés.</p>"
        )),
        article("<h2>23 commentaires</h2><p>La suite est r&eacute;serv&eacute;e aux abonn&eacute;s.</p>"),
    ] {
        let (reasons, message) = reasons_of(&page(&body));
        assert_eq!(reasons, ["paywall"], "{body}");
        assert!(message.contains("with a subscription of your own"), "{message}");
    }
}

#[test]
fn empty_shells_are_named() {
    for body in [
        "<title>App</title><div id=root></div><script src=/main.js></script>",
        "<title>App</title><noscript>You need to enable JavaScript to run this app.</noscript><div id=x></div><script src=/main.js></script>",
        "<title>App</title><div id=__next><p>Chargement…</p></div><script src=/main.js defer></script>",
        "<title>App</title><p>Veuillez activer JavaScript pour utiliser ce site.</p><script src=/main.js></script>",
    ] {
        let (reasons, message) = reasons_of(&page(body));
        assert_eq!(reasons, ["needs_script"], "{body}");
        assert!(message.contains("scroll to the comments"), "{message}");
    }
}

#[test]
fn what_most_pages_load_is_no_wall() {
    let data = "<script type='application/ld+json'>{\"@type\":\"NewsArticle\",\"headline\":\"Le marché\",\"isAccessibleForFree\":false}</script>";
    let bare = |rest: &str| format!("<title>Le marché</title><h1>Le marché</h1><p>{STORY} {STORY} {STORY}</p>{rest}");
    for body in [
        article(
            "<form id=commentform><textarea name=comment></textarea><div class=g-recaptcha></div></form><script src='https://www.google.com/recaptcha/api.js'></script>",
        ),
        bare(
            "<form id=commentform><div class=h-captcha></div></form><script src='https://hcaptcha.com/1/api.js'></script>",
        ),
        bare("<form><input type=password name=p><a href=/login>Connexion</a></form>"),
        article("<p>Vous devez être connecté pour publier un commentaire.</p>"),
        article("<p><a href=/login>Log in</a> to comment or reply.</p><p>Log in or register to post comments</p>"),
        article("<p>Les commentaires sont réservés aux abonnés.</p>"),
        bare("<div id=didomi-host><p>Nous et nos partenaires déposons des cookies.</p><button>Accepter</button></div>"),
        article("<div id=onetrust-banner-sdk><p>We value your privacy</p></div>"),
        article("<script src='https://sdk.privacy-center.org/loader.js'></script>")
            .replace("<body>", "<body class=didomi-popup-open>"),
        article(
            "<script>window.__CF$cv$params={r:'1'};a.src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'</script><script src='https://js.datadome.co/tags.js'></script>",
        ),
        article("<script src='/_Incapsula_Resource?SWJIYLWA=7'></script>"),
        article(
            "<p>La page dit « Just a moment... » et « verify you are human ».</p><pre>&lt;script>_cf_chl_opt&lt;/script></pre>",
        ),
        article(data),
        article("<p>La suite est réservée aux abonnés.</p>"),
        article("<div id=root></div><script src=/main.js></script>"),
        "<title>Le marché</title><h1>Le marché</h1><p>Deux mots.</p>".to_owned(),
        "<title>Le marché</title><div id=app><h1>Le marché</h1><p>Deux mots.</p></div>".to_owned(),
    ] {
        assert_eq!(reasons(&body), [""; 0], "{body}");
    }
}

#[test]
fn a_page_with_comments_is_no_wall() {
    let comment = |(day, text): (u32, &str)| {
        format!(
            "<li class=comment id=comment-{day}><cite class=fn>Zoé {day}</cite> <time datetime='2025-03-0{day}T10:00:00'>le {day}</time>\
             <div class=comment-content><p>{text}</p></div></li>"
        )
    };
    let said = [
        "Très belle rénovation, bravo aux artisans.",
        "Dommage pour les prix des étals.",
        "On y retourne samedi matin.",
    ];
    let comments = (1..).zip(said).map(comment).collect::<Vec<_>>().concat();
    let body = format!(
        "<title>Just a moment...</title><div id=didomi-host><p>Cookies</p></div><ol class=commentlist>{comments}</ol>\
         <p>Log in to view the comments</p><script>_cf_chl_opt</script>"
    );
    let barred = Page { headers: [("cf-mitigated".into(), "challenge".into())].into(), ..page(&body) };
    let fragment = read(&barred).unwrap();
    assert_eq!((fragment.comments.len(), fragment.failures.len()), (3, 0));
}

#[test]
fn a_count_of_none_is_believed() {
    assert_eq!(reasons(&article("<h2>0 commentaire</h2><p>Abonnez-vous pour lire les commentaires</p>")), [""; 0]);
}

#[test]
fn parts_of_other_pages_are_no_walls() {
    let check = "<title>reCAPTCHA</title><p>Please verify you are human</p><div class=g-recaptcha></div>";
    let at = |url: &str| Page { url: Some(url.into()), ..page(check) };
    assert_eq!(reasons_of(&at("https://www.google.com/recaptcha/api2/anchor?k=1")).0, [""; 0]);
    assert_eq!(reasons_of(&at("https://recaptcha.example/")).0, ["captcha"]);
    let frame = Page { frame_of: Some("around.html".into()), ..page(check) };
    assert_eq!(reasons_of(&frame).0, [""; 0]);
}

#[test]
fn a_wall_gives_its_title_to_no_thread() {
    let fragment = read(&page("<title>Just a moment...</title><script>_cf_chl_opt</script>")).unwrap();
    assert_eq!((fragment.article.title, fragment.stated_count), (None, None));
    assert_eq!(
        fragment.notes[0],
        "the comments are not in the page: the site shows a check for robots (Cloudflare) instead of the page"
    );
    assert!(crate::site::explains_no_comments(&fragment.notes[0]));
    assert!(!crate::site::is_void_with_comments(&fragment.failures[0]));
    let hidden = read(&page(&article("<p>Abonnez-vous pour lire les commentaires</p>"))).unwrap();
    assert!(crate::site::is_void_with_comments(&hidden.failures[0]));
    assert_eq!(fragment.failures[0].source, "page.html");
}

#[test]
fn refusals_are_told_from_headers_and_bodies() {
    let reason = |page: &Page| wall(page).map(|failure| (failure.reason, failure.stage, failure.source));
    let captcha = Some(("captcha".to_owned(), Stage::Fetch, "page.html".to_owned()));
    let headed = |name: &str, value: &str| Page { headers: [(name.into(), value.into())].into(), ..page("") };
    assert_eq!(reason(&headed("cf-mitigated", "challenge")), captcha);
    assert_eq!(reason(&headed("x-amzn-waf-action", "Captcha")), captcha);
    assert_eq!(reason(&headed("cf-ray", "challenge")), None);
    assert_eq!(
        reason(&page(
            "<title>403 Forbidden</title><h1>Forbidden</h1><p>You don't have permission to access this resource.</p>"
        )),
        None
    );
    assert_eq!(reason(&page("<title>429 Too Many Requests</title>")), None);
    assert_eq!(reason(&page("<title>Just a moment...</title>")), captcha);
    let answer = |kind, body: &str| reason(&Page { kind, ..page(body) });
    assert_eq!(answer(PageKind::Json, "{\"url\":\"https://geo.captcha-delivery.com/captcha/?x\"}"), captcha);
    assert_eq!(answer(PageKind::Text, "error code: 1020"), captcha);
    assert_eq!(answer(PageKind::Text, "error code: 7"), None);
    // As an answer that no site knows.
    let read = read(&Page { kind: PageKind::Text, ..page("error code: 1020") }).unwrap_err();
    assert_eq!((read.reason.as_str(), read.stage), ("captcha", Stage::Parse));
    let cut = format!("<title>Just a moment...</title><script>{}", "é".repeat(MAX_REFUSAL));
    assert_eq!(reason(&page(&cut)), captcha);
}

#[test]
fn titles_are_compared_by_their_parts() {
    let words = |title: &str| titles(&scraper::Html::parse_document(&format!("<title>{title}</title>")).into());
    assert_eq!(words("Sign in - X | Y"), ["Sign in - X | Y", "Sign in", "X", "Y"].map(Words::of));
    assert_eq!(words(""), []);
    let pattern = (Words::of("Bei "), Some(Words::of(" anmelden")));
    assert!(Words::of("Bei Bote anmelden").are(&pattern) && !Words::of("Bei Regen").are(&pattern));
    assert!(!Words::of("Log in to").are(&(Words::of("Log in to"), Some(Words::default()))));
}

#[test]
fn the_catalogue_is_complete() {
    let data: toml::Table = toml::from_str(include_str!("../../../data/text/walls.toml")).unwrap();
    let rows = |key: &str| data[key].as_array().unwrap().clone();
    let strings = |row: &toml::Value, key: &str| -> Vec<String> {
        let list = row.get(key).and_then(toml::Value::as_array).cloned().unwrap_or_default();
        list.iter().map(|value| value.as_str().unwrap().to_owned()).collect()
    };
    for row in rows("wall").iter().chain(&rows("hidden")).chain(&rows("barrier")) {
        let reason = row["reason"].as_str().unwrap();
        assert!(reason == CAPTCHA || REASONS.contains(&reason), "{row}");
        for element in strings(row, "elements") {
            assert!(longest_name(&element).len() >= 5, "{element}");
        }
        for phrase in strings(row, "phrases") {
            // Three words at least where they suffice: fewer stand on pages that are no walls.
            let suffices = row.get("together").is_none();
            assert!(Words::of(&phrase).as_str().matches(' ').count() > if suffices { 3 } else { 2 }, "{phrase}");
        }
        for title in strings(row, "titles") {
            assert!(!Words::of(&title).is_empty(), "{title}");
        }
    }
    // Parses all selectors.
    assert!(CATALOGUE.shell_words < CATALOGUE.bare && CATALOGUE.bare < CATALOGUE.cut);
}

#[test]
fn hostile_pages_take_linear_time() {
    for piece in [
        "<div id=didomi-host>",
        "<div class=g-recaptcha>",
        "log in to view ",
        "view the comments ",
        "<script>captcha-delivery.com</script>",
        "<title>a|b - c",
        "<noscript>enable JavaScript ",
        "<p style='display:none;'>",
        "<input type=password>",
        "<body class=didomi-popup-open>",
        "isAccessibleForFree",
        "<script type='application/ld+json'>[",
        "un robot ",
        "<div id=root>",
        "\u{301}é",
    ] {
        let body = piece.repeat(300_000 / piece.len());
        let start = Instant::now();
        let _ = (read(&page(&body)), wall(&page(&body)));
        assert!(start.elapsed() < Duration::from_secs(20), "{piece}: {:?}", start.elapsed());
    }
}

proptest::proptest! {
    #[test]
    fn nothing_panics(body in "(<title>|</title>|<div id=didomi-host>|<noscript>|</div>|<script>|captcha-delivery.com|Log in to |view the comments|é|\\PC){0,60}") {
        let _ = (read(&page(&body)), wall(&page(&body)));
    }
}
