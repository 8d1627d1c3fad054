//! Cookies of the user's own subscriptions, as browsers export them (the format of Netscape's `cookies.txt`).

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use jiff::Timestamp;
use reqwest::cookie::Jar;
use url::Url;

/// Begins a line whose cookie scripts may not read; elsewhere `#` begins a remark.
const HTTP_ONLY: &str = "#HttpOnly_";

/// A cookie to send.
#[derive(Clone, PartialEq, Eq)]
pub struct Cookie {
    /// An address it is for.
    url: Url,
    /// As a server would set it.
    set: String,
}

impl std::fmt::Debug for Cookie {
    // What it says opens the user's account.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Cookie for {}", self.url)
    }
}

/// Cookies that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CookieError {
    /// No such file, no permission.
    #[error("{path}: {source}; give a file of cookies in Netscape's format, as browser extensions export it")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line in another form.
    #[error("{path}, line {line}: not a cookie; seven fields with tabs between are needed (Netscape's cookies.txt)")]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// All are too old.
    #[error("{path}: all {count} cookies have expired; log in again and export them anew")]
    Expired {
        /// The file.
        path: PathBuf,
        /// How many there are.
        count: usize,
    },
}

/// Reads a file of cookies; those that have expired are left out.
///
/// # Errors
/// [`CookieError`] with the line that is wrong.
pub fn read_cookies(path: &Path) -> Result<Vec<Cookie>, CookieError> {
    let text = fs::read_to_string(path).map_err(|source| CookieError::Read { path: path.to_owned(), source })?;
    let now = Timestamp::now().as_second();
    let (mut cookies, mut expired) = (Vec::new(), 0);
    for (at, line) in text.lines().enumerate() {
        let line = line.strip_prefix(HTTP_ONLY).unwrap_or(line);
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let wrong = || CookieError::Line { path: path.to_owned(), line: at + 1 };
        let (expires, cookie) = cookie(line).ok_or_else(wrong)?;
        if expires > 0 && expires <= now { expired += 1 } else { cookies.push(cookie) }
    }
    if cookies.is_empty() && expired > 0 {
        return Err(CookieError::Expired { path: path.to_owned(), count: expired });
    }
    Ok(cookies)
}

/// When it expires (seconds since 1970, 0 with the session), and the cookie.
fn cookie(line: &str) -> Option<(i64, Cookie)> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [domain, below, path, secure, expires, name, value] = fields[..] else { return None };
    let secure = secure.eq_ignore_ascii_case("TRUE");
    let host = domain.trim_start_matches('.');
    let url = Url::parse(&format!("{}://{host}{path}", if secure { "https" } else { "http" })).ok()?;
    let mut set = format!("{name}={value}; Path={path}");
    if below.eq_ignore_ascii_case("TRUE") {
        set.push_str("; Domain=");
        set.push_str(host);
    }
    if secure {
        set += "; Secure";
    }
    // Some exporters write parts of a second.
    let expires = expires.split('.').next()?.trim().parse().ok()?;
    Some((expires, Cookie { url, set }))
}

/// A jar with these in it; it keeps those that servers set while the program runs, too.
pub(super) fn jar(cookies: &[Cookie]) -> Arc<Jar> {
    let jar = Jar::default();
    for cookie in cookies {
        jar.add_cookie_str(&cookie.set, &cookie.url);
    }
    Arc::new(jar)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use reqwest::cookie::CookieStore;

    use super::*;

    fn read(text: &str) -> Result<Vec<Cookie>, CookieError> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        read_cookies(file.path())
    }

    #[test]
    fn cookies_go_where_they_belong() {
        let text = "# Netscape HTTP Cookie File\n\n.a.example\tTRUE\t/\tTRUE\t4102444800\tsession\tx=1\n\
                    #HttpOnly_b.example\tFALSE\t/forum\tFALSE\t0\tid\t7\nold.example\tFALSE\t/\tFALSE\t5\tx\ty\n";
        let jar = jar(&read(text).unwrap());
        let sent = |url: &str| jar.cookies(&Url::parse(url).unwrap()).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(sent("https://www.a.example/x").as_deref(), Some("session=x=1"));
        assert_eq!(sent("http://a.example/x"), None);
        assert_eq!(sent("http://b.example/forum/1").as_deref(), Some("id=7"));
        assert_eq!(sent("http://b.example/"), None);
        assert_eq!(sent("http://c.b.example/forum/"), None);
        assert_eq!(sent("http://old.example/"), None);
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert!(matches!(read("a\tb"), Err(CookieError::Line { line: 1, .. })));
        assert!(matches!(read("a.example\tFALSE\t/\tFALSE\t5\tx\ty"), Err(CookieError::Expired { count: 1, .. })));
        assert!(read("").unwrap().is_empty());
        assert!(!format!("{:?}", read("a.example\tFALSE\t/\tFALSE\t0\tx\tsecret").unwrap()).contains("secret"));
    }
}
