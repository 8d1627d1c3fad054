//! `/.well-known/tdmrep.json`: for which addresses of a host text and data mining is reserved.
//!
//! As TDMRep has it (<https://github.com/w3c/tdm-reservation-protocol>, `spec/index.html`, "TDM File on the Origin Server"): a list of rules, of which the first
//! that matches counts; patterns and their comparison are those of robots.txt: case counts, a pattern is the beginning of a path,
//! `*` stands for anything, `$` at the end for the end. Where no rule matches, nothing is said. What an answer's headers or the
//! page itself say goes before.

use memchr::memmem;
use serde_json::Value;

use super::robots::normal;

/// No address worth a rule is longer.
const MAX_LOCATION: usize = 2000;
/// The most characters of a policy's address.
const MAX_POLICY: usize = 500;

/// What the file says of an address, given as path and query: whether mining is reserved, and where the policy stands.
pub(super) fn reservation(file: &str, path: &str) -> Option<(bool, Option<String>)> {
    let Ok(Value::Array(rules)) = serde_json::from_str(file.trim_start_matches('\u{feff}')) else { return None };
    // In a path these are letters, in a pattern written as here.
    let path = encoded(path).replace('$', "%24").replace('*', "%2A");
    rules.iter().find_map(|rule| {
        // A rule without a value, or with another than these, is none.
        let reserved = match &rule["tdm-reservation"] {
            Value::Number(number) => number.as_u64().filter(|number| *number < 2)? == 1,
            Value::String(text) => match text.trim() {
                "1" => true,
                "0" => false,
                _ => return None,
            },
            _ => return None,
        };
        let location = rule["location"].as_str().map(str::trim).filter(|location| location.len() <= MAX_LOCATION)?;
        matches(&encoded(location), &path).then(|| {
            let policy = rule["tdm-policy"].as_str().map(str::trim).filter(|_| reserved);
            (
                reserved,
                policy.filter(|policy| is_address(policy)).map(|policy| policy.chars().take(MAX_POLICY).collect()),
            )
        })
    })
}

fn is_address(text: &str) -> bool {
    !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// Percent-encoding as robots.txt compares it, letters outside of ASCII encoded.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            out.extend(c.encode_utf8(&mut [0; 4]).bytes().map(|byte| format!("%{byte:02X}")));
        }
    }
    normal(&out)
}

/// Whether a path begins as the pattern says. One pass: each piece between stars is taken where it comes first.
fn matches(pattern: &str, path: &str) -> bool {
    if !pattern.starts_with(['/', '*']) {
        return false;
    }
    let (pattern, to_the_end) = match pattern.strip_suffix('$') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let pattern = pattern.replace('$', "%24");
    let (first, rest) = pattern.split_once('*').map_or((pattern.as_str(), None), |(first, rest)| (first, Some(rest)));
    let Some(mut left) = path.strip_prefix(first) else { return false };
    let Some(rest) = rest else { return !to_the_end || left.is_empty() };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    for piece in middle.split('*') {
        let Some(at) = memmem::find(left.as_bytes(), piece.as_bytes()) else { return false };
        left = left.get(at + piece.len()..).unwrap_or_default();
    }
    if to_the_end { left.ends_with(last) } else { left.contains(last) }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn reserved(file: &str, path: &str) -> Option<bool> {
        reservation(file, path).map(|(reserved, _)| reserved)
    }

    fn rule(location: &str) -> String {
        format!(r#"[{{"location": "{location}", "tdm-reservation": 1}}]"#)
    }

    #[test]
    fn the_first_rule_that_matches_counts() {
        let file = r#"[
            {"location": "/a/", "tdm-reservation": 1},
            {"location": "/b/pages/", "tdm-reservation": 1, "tdm-policy": "https://a.example/policies/policy.json"},
            {"location": "/b/pictures/*.jpg", "tdm-reservation": 0, "tdm-policy": "https://a.example/other.json"},
            {"location": "/b/pictures/", "tdm-reservation": 1}
        ]"#;
        let policy = Some("https://a.example/policies/policy.json".to_owned());
        assert_eq!(reservation(file, "/a/1.html"), Some((true, None)));
        assert_eq!(reservation(file, "/b/pages/x?y"), Some((true, policy)));
        assert_eq!(reservation(file, "/b/pictures/x/1.jpg"), Some((false, None)));
        assert_eq!(reservation(file, "/b/pictures/1.png"), Some((true, None)));
        assert_eq!((reservation(file, "/c"), reservation(file, "/A/")), (None, None));
    }

    #[test]
    fn patterns() {
        for (pattern, path, expected) in [
            ("/", "/anything?x=1", true),
            ("*", "/x", true),
            ("/a", "/ab", true),
            ("/a$", "/ab", false),
            ("/a$", "/a", true),
            ("/*/c", "/a/b/c/d", true),
            ("/*/c$", "/a/b/c/d", false),
            ("/*.html$", "/a.html.html", true),
            ("/a*a$", "/a", false),
            ("/a**b*", "/axxb", true),
            ("/foo-%24", "/foo-$", true),
            ("/foo-$x", "/foo-$x", true),
            ("/%2a", "/*", true),
            ("/%7Ejo/", "/~jo/x", true),
            ("/été", "/%C3%A9t%c3%a9/1", true),
            ("/a%2Fb", "/a/b", false),
            ("a/", "/a/", false),
            ("", "/", false),
            ("/$", "/", true),
            ("$", "", false),
        ] {
            assert_eq!(reserved(&rule(pattern), path), expected.then_some(true), "{pattern} {path}");
        }
    }

    #[test]
    fn what_is_no_rule_is_passed_over() {
        for file in [
            "",
            "null",
            "{}",
            "<html>not found</html>",
            "[",
            "[1, null, \"x\", [], {}]",
            r#"{"location": "/", "tdm-reservation": 1}"#,
            r#"[{"location": "/"}]"#,
            r#"[{"tdm-reservation": 1}]"#,
            r#"[{"location": 7, "tdm-reservation": 1}]"#,
            r#"[{"location": "/", "tdm-reservation": 2}]"#,
            r#"[{"location": "/", "tdm-reservation": -1}]"#,
            r#"[{"location": "/", "tdm-reservation": true}]"#,
            r#"[{"location": "/", "tdm-reservation": "yes"}]"#,
        ] {
            assert_eq!(reservation(file, "/"), None, "{file}");
        }
        let mixed = "\u{feff}[{\"location\": \"/\", \"tdm-reservation\": 7}, {\"location\": \"/\", \"tdm-reservation\": \"1\", \"tdm-policy\": \"no address\"}]";
        assert_eq!(reservation(mixed, "/"), Some((true, None)));
    }

    #[test]
    fn hostile_files_do_no_harm() {
        let start = Instant::now();
        let long_path = format!("/{}", "ab".repeat(4_000));
        for location in ["*a".repeat(900), "*".repeat(1_900), format!("/{}$", "*ab".repeat(600)), "%".repeat(1_500)] {
            let rules = vec![format!(r#"{{"location":"{location}","tdm-reservation":0}}"#); 200].join(",");
            reservation(&format!("[{rules}]"), &long_path);
        }
        assert_eq!(reservation(&rule(&format!("/{}", "*a".repeat(1_000_000))), &long_path), None);
        assert_eq!(reservation(&"[".repeat(1_000_000), "/"), None);
        let policy = format!(r#"[{{"location":"/","tdm-reservation":1,"tdm-policy":"{}"}}]"#, "é".repeat(100_000));
        assert_eq!(reservation(&policy, "/").unwrap().1.unwrap().chars().count(), MAX_POLICY);
        assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(file in "(\\[|\\{|\"location\":|\"tdm-reservation\":|1|,|\"/\\*\\$\"|\\]|\\}|\\PC){0,40}", pattern in "[/*$%é2a]{0,12}", path in "[/*$%é2a]{0,12}") {
            let _ = (reservation(&file, &path), reservation(&rule(&pattern), &path));
        }
    }
}
