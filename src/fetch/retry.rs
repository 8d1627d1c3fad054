//! When to try again.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::header::RETRY_AFTER;

use super::FetchOptions;
use super::client::Answer;

/// How long to wait before asking again after this answer; `None` where it is final.
pub(super) fn after_answer(answer: &Answer, attempt: u32, options: &FetchOptions) -> Option<Duration> {
    let status = answer.status.as_u16();
    if status != 429 && status < 500 {
        return None;
    }
    let stated = answer.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    Some(stated.and_then(|value| stated_wait(value, Timestamp::now())).unwrap_or_else(|| backoff(attempt, options)))
}

/// Doubles with every attempt, half as much more or less at random, so that clients do not come back together.
pub(super) fn backoff(attempt: u32, options: &FetchOptions) -> Duration {
    let factor = 2_f64.powi(attempt.min(16).cast_signed()) * (0.5 + chance());
    times(options.backoff, factor).min(options.max_wait)
}

/// A multiple of a duration; the longest there is instead of a panic.
pub(super) fn times(duration: Duration, factor: f64) -> Duration {
    Duration::try_from_secs_f64(duration.as_secs_f64() * factor).unwrap_or(Duration::MAX)
}

/// A number from 0 to 1.
pub(super) fn chance() -> f64 {
    getrandom::u32().map_or(0.5, |random| f64::from(random) / f64::from(u32::MAX))
}

/// `Retry-After`: seconds or an HTTP date.
fn stated_wait(value: &str, now: Timestamp) -> Option<Duration> {
    // Some servers give parts of a second, or more than a number holds.
    if let Some(seconds) = value.trim().parse().ok().filter(|seconds: &f64| *seconds >= 0.0) {
        return Some(Duration::try_from_secs_f64(seconds.ceil()).unwrap_or(Duration::MAX));
    }
    let date = rfc2822::parse(value.trim()).ok()?.timestamp();
    Some(date.duration_since(now).try_into().unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now: Timestamp = "2024-04-03T06:55:00Z".parse().unwrap();
        let wait = |value| stated_wait(value, now).map(|wait| wait.as_secs());
        assert_eq!(wait("120"), Some(120));
        assert_eq!(wait("Wed, 03 Apr 2024 06:55:30 GMT"), Some(30));
        assert_eq!(wait("Wed, 03 Apr 2024 06:00:00 GMT"), Some(0));
        assert_eq!(wait("2.5"), Some(3));
        assert_eq!(wait("999999999999999999999"), Some(u64::MAX));
        assert_eq!(wait("-1"), None);
        assert_eq!(wait("soon"), None);
    }

    #[test]
    fn backoff_grows_and_is_capped() {
        let options = FetchOptions { backoff: Duration::from_secs(1), ..FetchOptions::default() };
        let within = |attempt, from: f64, to: f64| (from..=to).contains(&backoff(attempt, &options).as_secs_f64());
        assert!(within(0, 0.5, 1.5) && within(3, 4.0, 12.0));
        assert_eq!(backoff(u32::MAX, &options), options.max_wait);
        assert_eq!(times(Duration::MAX, 1.5), Duration::MAX);
    }
}
