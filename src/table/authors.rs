use std::borrow::Cow;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use unicode_normalization::UnicodeNormalization;
use url::Url;

use super::AuthorKey;
use crate::model::Thread;

/// What tables show of the people who wrote comments.
///
/// Texts are left alone in every case: a name written inside a comment stays there.
#[derive(Debug, Clone)]
pub enum AuthorPolicy {
    /// The name as printed, and the comment's own address.
    Keep,
    /// A pseudonym: the same person on the same platform always has the same one under one key; pseudonyms stay what they are. No addresses.
    Pseudonym(AuthorKey),
    /// Nothing: no name, no address.
    Drop,
}

impl AuthorPolicy {
    /// What the `author` column shows for `name`; `platform` as [`platform`] says it.
    pub(super) fn shown<'a>(&self, platform: &str, name: &'a str) -> Option<Cow<'a, str>> {
        let name = name.trim();
        if name.is_empty() {
            return None;
        }
        match self {
            Self::Keep => Some(Cow::Borrowed(name)),
            // What a table has that was made so already.
            Self::Pseudonym(_) if is_pseudonym(name) => Some(Cow::Borrowed(name)),
            Self::Pseudonym(key) => pseudonym(key, platform, name).map(Cow::Owned),
            Self::Drop => None,
        }
    }

    /// Whether the comment's own address may be shown: its page names the author.
    pub(super) fn shows_permalink(&self) -> bool {
        matches!(self, Self::Keep)
    }
}

/// The platform names are told apart by: host of the article's address without `www.`, or else the site adapter.
pub(super) fn platform(thread: &Thread) -> String {
    let url = thread.article.url.as_deref().and_then(|url| Url::parse(url).ok());
    match url.as_ref().and_then(Url::host_str) {
        Some(host) => host.strip_prefix("www.").unwrap_or(host).to_owned(),
        None => thread.site.clone(),
    }
}

/// Whether a name is one that [`AuthorPolicy::Pseudonym`] makes: `a` and 16 hexadecimal digits.
pub(super) fn is_pseudonym(name: &str) -> bool {
    let digits = name.strip_prefix('a').unwrap_or_default();
    digits.len() == 16 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// `a` and 16 hexadecimal digits: the first 64 bits of HMAC-SHA256 (RFC 2104, FIPS 198-1) over platform, line feed
/// and name. The letter keeps spreadsheets from reading a number; two of 100,000 names share a pseudonym with a
/// probability of about 3 in 10 thousand million.
fn pseudonym(key: &AuthorKey, platform: &str, name: &str) -> Option<String> {
    // HMAC takes keys of any length, so this never fails; a name must not leak if it ever did.
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).ok()?;
    mac.update(platform.as_bytes());
    mac.update(b"\n");
    // The same name may be composed differently from page to page.
    let composed = name.split_whitespace().collect::<Vec<_>>().join(" ").nfc().collect::<String>();
    mac.update(composed.as_bytes());
    let digest: [u8; 32] = mac.finalize().into_bytes().into();
    let bits = digest.iter().take(8).fold(0_u64, |bits, &byte| bits << 8 | u64::from(byte));
    Some(format!("a{bits:016x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> AuthorKey {
        AuthorKey::from_bytes([byte; 32])
    }

    fn shown(policy: &AuthorPolicy, platform: &str, name: &str) -> Option<String> {
        policy.shown(platform, name).map(Cow::into_owned)
    }

    #[test]
    fn pseudonyms_follow_key_platform_and_trimmed_name() {
        let policy = AuthorPolicy::Pseudonym(key(1));
        let mine = shown(&policy, "next.ink", "Élodie").unwrap();
        assert_eq!(shown(&policy, "next.ink", " Élodie\u{a0}").as_deref(), Some(mine.as_str()));
        assert_ne!(shown(&policy, "next.ink", "élodie").as_deref(), Some(mine.as_str()));
        assert_ne!(shown(&policy, "example.org", "Élodie").as_deref(), Some(mine.as_str()));
        assert_ne!(shown(&AuthorPolicy::Pseudonym(key(2)), "next.ink", "Élodie").as_deref(), Some(mine.as_str()));
        assert!(is_pseudonym(&mine) && !is_pseudonym("Anne") && !is_pseudonym("a0123456789abcdeF"), "{mine}");
    }

    #[test]
    fn pseudonym_is_hmac_sha256() {
        // RFC 4231, test case 1 has the message "Hi There"; ours has a line feed, so this value was computed apart:
        // printf 'next.ink\nAnne' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0b…0b (32 bytes)
        assert_eq!(pseudonym(&key(0x0b), "next.ink", "Anne").unwrap(), "acbe79d9888a2b324");
    }

    #[test]
    fn platform_is_the_host_or_the_site() {
        let mut thread = Thread { site: "pasted".into(), ..Thread::default() };
        assert_eq!(platform(&thread), "pasted");
        thread.article.url = Some("https://WWW.Next.ink/article/1?x".into());
        assert_eq!(platform(&thread), "next.ink");
        thread.article.url = Some("not an address".into());
        assert_eq!(platform(&thread), "pasted");
    }

    #[test]
    fn nothing_is_shown_when_dropped_or_blank() {
        assert_eq!(shown(&AuthorPolicy::Drop, "next.ink", "Anne"), None);
        assert_eq!(shown(&AuthorPolicy::Keep, "next.ink", " \n"), None);
        assert_eq!(shown(&AuthorPolicy::Keep, "next.ink", " Anne ").as_deref(), Some("Anne"));
    }
}
