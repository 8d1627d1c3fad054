//! robots.txt, read by the crate texting_robots and brought to RFC 9309 where that crate departs from it.

use std::fmt;
use std::time::Duration;

use texting_robots::Robot;
use url::{Position, Url};

/// Our name in robots.txt.
const PRODUCT: &str = "causerie";
/// RFC 9309 asks for at least 500 KiB; the rest is not read.
pub(super) const MAX_ROBOTS: u64 = 500 * 1024;
/// No address worth a rule is longer.
const MAX_LINE: usize = 2000;

/// What a robots.txt allows.
pub(super) enum Rules {
    /// There is none, or it has no rule for us.
    AllAllowed,
    /// It could not be had; the status it was answered with.
    Unknown(u16),
    /// Its rules.
    Some { robot: Box<Robot>, text: String },
}

/// What it says of one address.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Allowed,
    /// By this line, where one line alone decides.
    Forbidden(Option<String>),
    /// Nobody knows, so no.
    Unknown(u16),
}

impl Rules {
    pub(super) fn all_allowed() -> Self {
        Self::AllAllowed
    }

    pub(super) fn unknown(status: u16) -> Self {
        Self::Unknown(status)
    }

    pub(super) fn parse(body: &[u8]) -> Self {
        let body = &body[..body.len().min(MAX_ROBOTS as usize)];
        let text: Vec<String> = String::from_utf8_lossy(body)
            .split(['\n', '\r'])
            .filter(|line| line.len() <= MAX_LINE)
            .map(|line| normal_rule(line.split('#').next().unwrap_or_default().trim()))
            .filter(|line| !line.is_empty())
            .collect();
        let mut text = text.join("\n");
        let robot = Robot::new(PRODUCT, text.as_bytes()).or_else(|_| {
            text = text.lines().filter_map(compilable).collect::<Vec<_>>().join("\n");
            Robot::new(PRODUCT, text.as_bytes())
        });
        match robot {
            Ok(robot) => Self::Some { robot: Box::new(robot), text },
            // Not known to happen; RFC 9309 lets lines be that cannot be parsed.
            Err(_) => Self::AllAllowed,
        }
    }

    pub(super) fn check(&self, url: &Url) -> Verdict {
        match self {
            Self::AllAllowed => Verdict::Allowed,
            Self::Unknown(status) => Verdict::Unknown(*status),
            Self::Some { robot, text } => {
                let path = normal(&url[Position::BeforePath..Position::AfterQuery]).replace('$', "%24");
                if robot.allowed(&path) { Verdict::Allowed } else { Verdict::Forbidden(culprit(text, &path)) }
            }
        }
    }

    pub(super) fn crawl_delay(&self) -> Duration {
        match self {
            Self::Some { robot, .. } => {
                robot.delay.and_then(|delay| Duration::try_from_secs_f32(delay).ok()).unwrap_or_default()
            }
            _ => Duration::ZERO,
        }
    }
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AllAllowed => f.write_str("AllAllowed"),
            Self::Unknown(status) => write!(f, "Unknown({status})"),
            Self::Some { text, .. } => write!(f, "Some({} bytes)", text.len()),
        }
    }
}

/// The line without which the path would be allowed. Tried are only lines that forbid it by themselves.
fn culprit(text: &str, path: &str) -> Option<String> {
    let forbids =
        |line: &str| is_disallow(line) && Robot::new(PRODUCT, line.as_bytes()).is_ok_and(|robot| !robot.allowed(path));
    let lines: Vec<&str> = text.lines().collect();
    let candidates = lines.iter().enumerate().filter(|(_, line)| forbids(line)).take(20);
    candidates
        .filter(|(at, _)| {
            let rest: Vec<&str> = lines.iter().enumerate().filter(|(i, _)| i != at).map(|(_, line)| *line).collect();
            Robot::new(PRODUCT, rest.join("\n").as_bytes()).is_ok_and(|robot| robot.allowed(path))
        })
        .map(|(_, line)| (*line).to_owned())
        .next()
}

/// The crate refuses a whole file for one `…*…$` that makes too large an automaton. Without the `$` it makes none: a
/// Disallow then forbids somewhat more, an Allow is left out.
fn compilable(line: &str) -> Option<&str> {
    match Robot::new(PRODUCT, line.as_bytes()) {
        Ok(_) => Some(line),
        Err(_) if is_disallow(line) => line.strip_suffix('$'),
        Err(_) => None,
    }
}

fn is_disallow(line: &str) -> bool {
    line.get(..3).is_some_and(|head| head.eq_ignore_ascii_case("dis"))
}

/// A `$` means the end only at the end of a rule; elsewhere it is a letter, which the crate does not know.
fn normal_rule(line: &str) -> String {
    let line = normal(line);
    match line.strip_suffix('$') {
        Some(rule) => rule.replace('$', "%24") + "$",
        None => line.replace('$', "%24"),
    }
}

/// Percent-encoding as RFC 9309 compares it: unreserved characters plain, the rest with capital digits.
pub(super) fn normal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let code = rest.get(at + 1..at + 3).filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        let byte = code.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match byte {
            Some(byte) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => out.push(char::from(byte)),
            Some(_) => out.push_str(&rest[at..at + 3].to_ascii_uppercase()),
            None => out.push('%'),
        }
        rest = &rest[at + if byte.is_some() { 3 } else { 1 }..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(robots: &str, path: &str) -> bool {
        let url = Url::parse("https://a.example").unwrap().join(path).unwrap();
        Rules::parse(robots.as_bytes()).check(&url) == Verdict::Allowed
    }

    #[test]
    fn groups_are_chosen_as_rfc_9309_says() {
        let two = "User-agent: *\nDisallow: /\n\nUser-agent: other\nuser-agent: CAUSERIE # us\nDisallow: /b\n";
        assert!(allowed(two, "/a") && !allowed(two, "/b"));
        let split =
            "User-agent: causerie\nDisallow: /a\n\nUser-agent: x\nDisallow: /\n\nUser-agent: causerie\nDisallow: /b";
        assert!(!allowed(split, "/a") && !allowed(split, "/b") && allowed(split, "/c"));
        let others = "User-agent: foobot\nDisallow: /";
        assert!(allowed(others, "/a"));
        let between = "User-agent: *\nDisallow: /a\nSitemap: https://a.example/s.xml\nDisallow: /b";
        assert!(!allowed(between, "/b"));
        assert!(allowed("", "/a") && allowed("<html>not found</html>", "/a"));
    }

    #[test]
    fn the_longest_rule_wins_and_allow_breaks_ties() {
        let rules = "User-agent: *\nDisallow: /a/\nAllow: /a/b/\nDisallow: /a/b/c\n";
        assert!(!allowed(rules, "/a/x") && allowed(rules, "/a/b/x") && !allowed(rules, "/a/b/cd"));
        assert!(allowed("User-agent: *\nDisallow: /a\nAllow: /a", "/a"));
        assert!(allowed("User-agent: *\nDisallow:", "/a"));
        assert!(allowed("User-agent: *\nDisallow: /", "/robots.txt"));
    }

    #[test]
    fn patterns() {
        let rules = "User-agent: *\nDisallow: *.gif$\nDisallow: /x/*/y\nDisallow: /p$q\nDisallow: /search?q=\n";
        assert!(!allowed(rules, "/i/a.gif") && allowed(rules, "/i/a.gif?x"));
        assert!(!allowed(rules, "/x/1/2/y/z") && allowed(rules, "/x/y"));
        assert!(!allowed(rules, "/p$q") && allowed(rules, "/p"));
        assert!(!allowed(rules, "/search?q=a") && allowed(rules, "/search"));
        assert!(allowed("User-agent: *\nDisallow: /Secret", "/secret"));
    }

    #[test]
    fn encodings_compare_equal() {
        for (rule, path) in
            [("/été", "/%c3%a9t%C3%A9"), ("/%C3%A9t%c3%A9", "/été"), ("/%7ejo", "/~jo"), ("/~jo", "/%7Ejo")]
        {
            assert!(!allowed(&format!("User-agent: *\nDisallow: {rule}"), path), "{rule} {path}");
        }
        assert!(allowed("User-agent: *\nDisallow: /a%2Fb", "/a/b"));
        assert_eq!(normal("100%é%4"), "100%é%4");
    }

    #[test]
    fn the_rule_is_named_and_odd_files_do_no_harm() {
        let text =
            "User-agent: x\nDisallow: /a/b\nUser-agent: *\nAllow: /a/c\nDisallow: /a # keep out\nCrawl-delay: 2.5";
        let rules = Rules::parse(text.as_bytes());
        let url = Url::parse("https://a.example/a/b").unwrap();
        assert_eq!(rules.check(&url), Verdict::Forbidden(Some("Disallow: /a".to_owned())));
        assert_eq!(rules.crawl_delay(), Duration::from_millis(2500));
        let endless =
            "User-agent: *\nCrawl-delay: inf\nDisallow: /b\nDisallow: /".to_owned() + &"*a".repeat(100_000) + "$";
        assert!(allowed(&endless, "/a") && !allowed(&endless, "/b"));
        assert_eq!(Rules::parse(endless.as_bytes()).crawl_delay(), Duration::ZERO);
        for length in [10, 100, 900] {
            let stars = format!("User-agent: *\nDisallow: /b\nDisallow: /{}$", "*é".repeat(length));
            assert!(!allowed(&stars, "/b"), "{length}");
        }
        assert!(!allowed("User-agent: *\r\nDisallow: /b\r\n", "/b"));
    }
}
