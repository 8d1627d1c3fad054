use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::exit::Stop;
use crate::fetch::{FetchOptions, Fetcher, Key, Robots, read_cookies};
use crate::model::Limits;

/// Interfaces that want a key, and the host it goes to.
const KEYS: [(&str, &str); 1] = [("disqus", "disqus.com")];

/// How the web is asked, the same for all commands that ask it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Web addresses")]
pub(super) struct Web {
    /// Seconds between two requests to one host, on average.
    #[arg(long, value_name = "SECONDS", default_value_t = 1.0)]
    interval: f64,

    /// Whether robots.txt is obeyed by addresses given by hand; ignore it only where you have the site's leave.
    #[arg(long, value_name = "HOW", default_value = "obey")]
    robots: RobotsChoice,

    /// Most seconds to wait for one answer; of silence 20, unless more than 60 are given.
    #[arg(long, value_name = "SECONDS", default_value_t = 60.0)]
    timeout: f64,

    /// Address the site's owner can write to, sent with each request.
    #[arg(long, value_name = "E-MAIL")]
    contact: Option<String>,

    /// Cookies of your own subscriptions, exported from a browser (Netscape's cookies.txt).
    #[arg(long, value_name = "FILE")]
    cookies: Option<PathBuf>,

    /// Key of your own to an interface that wants one, such as disqus=KEY.
    #[arg(long = "key", value_name = "NAME=KEY", value_parser = key)]
    keys: Vec<(String, Key)>,

    /// Let pages and redirects lead to private networks and this computer, too; addresses given by hand always may.
    #[arg(long)]
    allow_private: bool,

    /// Most requests for one thread.
    #[arg(long, value_name = "N", default_value_t = 500)]
    max_requests: usize,

    /// Ask no more once a thread has so many comments.
    #[arg(long, value_name = "N")]
    max_comments: Option<usize>,

    /// Ask no more once comments are older than this day, where the site gives the newest first.
    #[arg(long, value_name = "YYYY-MM-DD")]
    since: Option<String>,

    /// Most hosts asked at once; each is asked for one thing at a time.
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=1000))]
    parallel: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RobotsChoice {
    Obey,
    Ignore,
}

impl Web {
    pub(super) fn fetcher(&self, max_page_size: u64) -> Result<Fetcher, Stop> {
        let interval = seconds("--interval", self.interval)?;
        let timeout = seconds("--timeout", self.timeout)?;
        if timeout.is_zero() {
            return Err(Stop::usage("--timeout 0: no server answers in no time; give seconds, such as 60"));
        }
        let cookies = match &self.cookies {
            Some(path) => read_cookies(path).map_err(Stop::usage)?,
            None => Vec::new(),
        };
        let robots = match self.robots {
            RobotsChoice::Obey => Robots::Obey,
            RobotsChoice::Ignore => Robots::IgnoreNamed,
        };
        if let Some(contact) = self.contact.as_ref().filter(|contact| !contact.contains(['@', '/'])) {
            return Err(Stop::usage(format!(
                "--contact {contact}: give an e-mail or web address that the site's owner can write to"
            )));
        }
        let usual = FetchOptions::default();
        let options = FetchOptions {
            robots,
            interval,
            contact: self.contact.clone(),
            cookies,
            keys: self.keys.iter().cloned().collect(),
            allow_private: self.allow_private,
            max_page_size,
            connect_timeout: usual.connect_timeout.min(timeout),
            read_timeout: if timeout > usual.total_timeout { timeout } else { usual.read_timeout.min(timeout) },
            total_timeout: timeout,
            ..usual
        };
        Fetcher::new(options).map_err(Stop::usage)
    }

    pub(super) fn limits(&self) -> Result<Limits, Stop> {
        if self.max_requests == 0 || self.max_comments == Some(0) {
            return Err(Stop::usage(
                "a thread takes one request at least: give 1 or more to --max-requests and --max-comments",
            ));
        }
        if let Some(since) = &self.since
            && since.parse::<jiff::civil::Date>().is_err()
        {
            return Err(Stop::usage(format!("--since {since}: give a day, such as 2026-11-01")));
        }
        Ok(Limits { max_requests: self.max_requests, max_comments: self.max_comments, since: self.since.clone() })
    }

    pub(super) fn parallel(&self) -> usize {
        self.parallel.into()
    }

    /// Seconds from one request to a host to the next.
    pub(super) fn interval(&self) -> f64 {
        self.interval
    }

    /// What an archive says of who made it, and how.
    pub(super) fn about(&self) -> Vec<(&'static str, String)> {
        let options = FetchOptions { contact: self.contact.clone(), ..FetchOptions::default() };
        let robots = match self.robots {
            RobotsChoice::Obey => "obey",
            RobotsChoice::Ignore => "ignore",
        };
        let mut about = vec![("http-header-user-agent", options.user_agent()), ("robots", robots.to_owned())];
        about.extend(self.contact.clone().map(|contact| ("operator", contact)));
        about
    }
}

fn key(given: &str) -> Result<(String, Key), String> {
    let (name, value) = given.split_once('=').ok_or("give NAME=KEY, such as disqus=…")?;
    let known = KEYS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    let (name, host) = known.ok_or_else(|| format!("no interface called {name} wants a key; known: disqus"))?;
    let value = value.trim().to_owned();
    // A short one would be found in every address.
    if value.len() < 8 {
        Err("too short for a key".to_owned())
    } else {
        Ok(((*name).to_owned(), Key { host: (*host).to_owned(), value }))
    }
}

fn seconds(option: &str, given: f64) -> Result<Duration, Stop> {
    Duration::try_from_secs_f64(given)
        .map_err(|_| Stop::usage(format!("{option} {given}: give seconds, such as 1 or 0.5")))
}
