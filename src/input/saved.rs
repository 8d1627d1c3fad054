//! What saving tools write into a page: the address it was saved from, and when.

use jiff::fmt::{rfc2822, strtime};
use jiff::tz::Offset;

use crate::model::{Moment, Precision};

/// How far the comment is looked for: it stands at the top, at most behind `<head>`.
const PRESCAN: usize = 16 * 1024;

/// What the saving tool said.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Snapshot {
    pub(super) url: Option<String>,
    pub(super) saved_at: Option<Moment>,
}

/// Reads the comments of browsers ("saved from url="), SingleFile and HTTrack.
pub(super) fn snapshot(html: &str) -> Snapshot {
    let mut rest = &html[..html.floor_char_boundary(PRESCAN)];
    while let Some(start) = rest.find("<!--") {
        let body = &rest[start + 4..];
        let end = body.find("-->").unwrap_or(body.len());
        let comment = body[..end].trim();
        if let Some(found) = browser(comment).or_else(|| single_file(comment)).or_else(|| httrack(comment)) {
            return found;
        }
        rest = &body[end..];
    }
    Snapshot::default()
}

/// `saved from url=(0042)https://…`: the number is the length of the address.
fn browser(comment: &str) -> Option<Snapshot> {
    let (_, url) = comment.strip_prefix("saved from url=(")?.split_once(')')?;
    Some(Snapshot { url: address(url), saved_at: None })
}

/// Lines `Page saved with SingleFile`, `url: …`, `saved date: Mon Nov 23 2026 16:45:17 GMT+0000 (…)`.
fn single_file(comment: &str) -> Option<Snapshot> {
    let fields = comment.strip_prefix("Page saved with SingleFile")?;
    let field = |name: &str| fields.lines().find_map(|line| line.trim().strip_prefix(name));
    Some(Snapshot { url: field("url:").and_then(address), saved_at: field("saved date:").and_then(script_date) })
}

/// `Mirrored from HOST/PATH by HTTrack Website Copier/…, Thu, 03 Apr 2024 06:55:00 GMT`. The scheme is not said:
/// https is assumed.
fn httrack(comment: &str) -> Option<Snapshot> {
    let (host_and_path, rest) = comment.strip_prefix("Mirrored from ")?.split_once(" by HTTrack")?;
    let saved_at = rest
        .split_once("], ")
        .and_then(|(_, date)| rfc2822::parse(date.trim()).ok())
        .map(|date| Moment { iso: date.timestamp().to_string(), precision: Precision::Second });
    let url = match host_and_path.trim() {
        whole if whole.contains("://") => address(whole),
        bare => address(&format!("https://{bare}")),
    };
    Some(Snapshot { url, saved_at })
}

fn address(text: &str) -> Option<String> {
    let text = text.trim();
    (super::is_url(text) && url::Url::parse(text).is_ok()).then(|| text.to_owned())
}

/// A date as JavaScript prints it, which is English on every machine.
fn script_date(text: &str) -> Option<Moment> {
    let text = text.split_once('(').map_or(text, |(date, _)| date).trim();
    let parsed = strtime::parse("%a %b %d %Y %H:%M:%S GMT%z", text).ok()?;
    let (instant, offset) = (parsed.to_timestamp().ok()?, parsed.offset()?);
    let iso = if offset == Offset::UTC { instant.to_string() } else { instant.display_with_offset(offset).to_string() };
    Some(Moment { iso, precision: Precision::Second })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(comment: &str) -> (Option<String>, Option<String>) {
        let page = format!("<!DOCTYPE html>\n<!-- theme: é --><html><!--{comment}--><head>");
        let Snapshot { url, saved_at } = snapshot(&page);
        (url, saved_at.map(|moment| moment.iso))
    }

    #[test]
    fn each_tool_is_read() {
        let url = Some("https://a.example/x?y=1".to_owned());
        assert_eq!(found(" saved from url=(0023)https://a.example/x?y=1 "), (url.clone(), None));
        let single = "\n Page saved with SingleFile \n url: https://a.example/x?y=1 \n saved date: ";
        assert_eq!(
            found(&format!("{single}Mon Nov 23 2026 16:45:17 GMT+0000 (Coordinated Universal Time)\n")),
            (url.clone(), Some("2026-11-23T16:45:17Z".to_owned()))
        );
        assert_eq!(
            found(&format!("{single}Wed Apr 03 2024 06:55:00 GMT+0200 (heure d’été)\n")).1.as_deref(),
            Some("2024-04-03T06:55:00+02:00")
        );
        let httrack = " Mirrored from a.example/x?y=1 by HTTrack Website Copier/3.x [XR&CO'2014], ";
        assert_eq!(
            found(&format!("{httrack}Wed, 03 Apr 2024 06:55:00 GMT ")),
            (url.clone(), Some("2024-04-03T06:55:00Z".to_owned()))
        );
        assert_eq!(found(&format!("{httrack}hier")), (url, None));
    }

    #[test]
    fn other_comments_and_odd_addresses_give_nothing() {
        assert_eq!(found(" saved from url=(0014)about:internet "), (None, None));
        assert_eq!(found(" url: https://a.example/ "), (None, None));
        assert_eq!(snapshot(&"é".repeat(20_000)), Snapshot::default());
    }
}
