//! Keeps pages and redirects from steering the reader's machine into its own network (server-side request forgery, OWASP).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::{env, io};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::lookup_host;
use url::{Host, Url};

/// Looks names up and keeps public addresses only.
#[derive(Debug)]
pub(super) struct PublicOnly {
    /// Names of the proxies that the environment sets: they are the user's own, wherever they are.
    proxies: Vec<String>,
}

impl PublicOnly {
    pub(super) fn new() -> Self {
        let settings = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"]
            .into_iter()
            .flat_map(|name| [name.to_owned(), name.to_lowercase()]);
        let proxies = settings.filter_map(|name| proxy(&env::var(name).ok()?)).collect();
        Self { proxies }
    }
}

/// The host of a proxy's address, which may lack its scheme.
fn proxy(setting: &str) -> Option<String> {
    let address = if setting.contains("://") { setting.to_owned() } else { format!("http://{setting}") };
    Url::parse(&address).ok()?.host_str().map(str::to_owned)
}

/// A name that stands for addresses of a private network only.
#[derive(Debug, thiserror::Error)]
#[error("{0} is an address of a private network")]
pub(super) struct PrivateAddress(pub(super) String);

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let ours = self.proxies.iter().any(|proxy| proxy.eq_ignore_ascii_case(name.as_str()));
        Box::pin(async move {
            let all: Vec<SocketAddr> = lookup_host((name.as_str(), 0)).await?.collect();
            let public: Vec<SocketAddr> =
                all.iter().copied().filter(|address| ours || is_public(address.ip())).collect();
            if public.is_empty() && !all.is_empty() {
                // Of this kind the client keeps the source.
                return Err(io::Error::other(PrivateAddress(name.as_str().to_owned())).into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// Whether an address names its host by number, and that of a private network. Names are looked at when they are looked up.
pub(super) fn is_private_literal(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => !is_public(address.into()),
        Some(Host::Ipv6(address)) => !is_public(address.into()),
        _ => false,
    }
}

/// Whether an address is one of the public internet (registries of special-purpose addresses, RFC 6890).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || matches!((a, b, c), (0 | 240.., _, _) | (100, 64..128, _) | (198, 18 | 19, _) | (192, 0, 0));
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let within = |high: u16, low: u16| is_public_v4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)));
    match segments {
        // IPv4 in other clothes: mapped, compatible (and so ::1), translated (RFC 6052), 6to4 (RFC 3056).
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            within(high, low)
        }
        // Teredo, examples, and translation within a network.
        [0x2001, 0 | 0xdb8, ..] | [0x64, 0xff9b, 1, ..] => false,
        // What is given out lies in 2000::/3: neither unique local nor link-local nor multicast.
        _ => segments[0] & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_may_be_anywhere() {
        for setting in ["http://proxy.univ.example:3128", "proxy.univ.example:3128", "socks5://proxy.univ.example"] {
            assert_eq!(proxy(setting).as_deref(), Some("proxy.univ.example"), "{setting}");
        }
    }

    #[test]
    fn networks_of_ones_own_are_known() {
        for private in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "192.0.0.8",
            "198.18.0.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        for public in
            ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
        {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for address in ["http://127.0.0.1:8/", "http://2130706433/", "http://0x7f.1/", "http://[::1]/"] {
            assert!(is_private_literal(&Url::parse(address).unwrap()), "{address}");
        }
        assert!(!is_private_literal(&Url::parse("http://localhost/").unwrap()));
    }
}
