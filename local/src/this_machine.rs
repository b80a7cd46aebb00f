//! The check that a request is this machine's own. Not every request from this machine is its user's: a web page that
//! the user visits can make the browser send one, and by DNS rebinding even from a name that leads here and counts as
//! the page's own origin.

use axum::http::{HeaderMap, Uri, header, uri::Authority};
use std::net::{IpAddr, Ipv6Addr};

/// Reason that a request is not this machine's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ForeignRequest {
    /// The request names another host, or none.
    Host,
    /// A web page of another origin has sent the request: another site's, or one of another port of this machine.
    Page,
}

/// Checks that a request names this machine, and that no page of another origin has sent it.
pub(crate) fn check(uri: &Uri, headers: &HeaderMap) -> Result<(), ForeignRequest> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (host, more) = (hosts.next().and_then(|host| host.to_str().ok()), hosts.next());
    let target = uri.authority().is_none_or(|target| is_this_machine(target.as_str()));
    let Some(host) = host.filter(|host| is_this_machine(host) && target && more.is_none()) else {
        return Err(ForeignRequest::Host);
    };
    // A page's own requests have the same host and port in `Origin` and `Host`: a listener on another port of this
    // machine is another program, and its pages are foreign.
    let own = |origin: &str| {
        origin
            .strip_prefix("http://")
            .or_else(|| origin.strip_prefix("https://"))
            .is_some_and(|authority| authority.eq_ignore_ascii_case(host))
    };
    if headers.get_all(header::ORIGIN).iter().any(|origin| !origin.to_str().is_ok_and(own)) || is_embedded(headers) {
        return Err(ForeignRequest::Page);
    }
    Ok(())
}

/// Returns whether a page of another origin embeds the response, as an image or a frame: browsers send no `Origin` for
/// these requests, but mark them otherwise (Fetch Metadata). A followed link does not count.
fn is_embedded(headers: &HeaderMap) -> bool {
    let is = |name: &str, values: &[&[u8]]| headers.get(name).is_some_and(|it| values.contains(&it.as_bytes()));
    let followed = is("sec-fetch-mode", &[b"navigate"]) && is("sec-fetch-dest", &[b"document"]);
    is("sec-fetch-site", &[b"cross-site", b"same-site"]) && !followed
}

/// Returns whether an authority, with or without a port, names this machine.
fn is_this_machine(authority: &str) -> bool {
    let Ok(parsed) = authority.parse::<Authority>() else { return false };
    if authority.contains('@') {
        return false;
    }
    let host = parsed.host();
    match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(address) => address.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback()),
        None => {
            host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(target: &str, headers: &[(&str, &str)]) -> bool {
        let pairs = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        let mut map = HeaderMap::new();
        pairs.for_each(|(name, value): (header::HeaderName, _)| {
            map.append(name, value);
        });
        check(&target.parse().unwrap(), &map).is_ok()
    }

    #[test]
    fn a_request_names_this_machine() {
        for host in ["localhost", "LocalHost:8787", "127.0.0.1:8787", "127.0.0.2", "[::1]", "[::1]:8787"] {
            assert!(checked("/", &[("host", host)]), "{host}");
        }
        for host in [
            "",
            "rebound.example",
            "rebound.example:8787",
            "localhost.rebound.example",
            "127.0.0.1.rebound.example",
            "127.1",
            "2130706433",
            "0.0.0.0:8787",
            "192.168.0.2",
            "::1",
            "[::]",
            "[::ffff:127.0.0.1]",
            "localhost@rebound.example",
            "rebound.example@localhost",
            "localhost, rebound.example",
        ] {
            assert!(!checked("/", &[("host", host)]), "{host}");
        }
        assert!(!checked("/", &[]), "it has to name one");
        assert!(!checked("/", &[("host", "localhost"), ("host", "rebound.example")]), "and one only");
        assert!(!checked("http://rebound.example/", &[("host", "localhost")]), "in the request line, too");
        assert!(checked("http://localhost:8787/", &[("host", "localhost:8787")]));
    }

    #[test]
    fn no_foreign_page_has_sent_it() {
        let from = |origin| checked("/", &[("host", "localhost:8787"), ("origin", origin)]);
        for origin in ["http://localhost:8787", "https://localhost:8787", "http://LOCALHOST:8787"] {
            assert!(from(origin), "{origin}");
        }
        for origin in
            ["null", "", "https://page.example", "http://localhost.page.example", "localhost", "http://10.0.0.1"]
        {
            assert!(!from(origin), "{origin}");
        }
        for other_port in ["http://localhost:3000", "http://localhost", "http://127.0.0.1:8787", "http://[::1]:8787"] {
            assert!(!from(other_port), "{other_port}");
        }
        let one_of_two = [("origin", "http://localhost"), ("origin", "https://page.example")];
        assert!(!checked("/", &[("host", "localhost"), one_of_two[0], one_of_two[1]]));
    }

    #[test]
    fn no_foreign_page_has_embedded_it() {
        let fetched = |site, mode, dest| {
            let metadata = [("sec-fetch-site", site), ("sec-fetch-mode", mode), ("sec-fetch-dest", dest)];
            checked("/", &[&[("host", "localhost:8787")], &metadata[..]].concat())
        };
        for site in ["cross-site", "same-site"] {
            assert!(fetched(site, "navigate", "document"), "a link to here");
            for (mode, dest) in [("no-cors", "image"), ("no-cors", "script"), ("no-cors", "empty"), ("cors", "empty")] {
                assert!(!fetched(site, mode, dest), "{site} {mode} {dest}");
            }
            assert!(!fetched(site, "navigate", "iframe"));
        }
        for site in ["same-origin", "none"] {
            assert!(fetched(site, "cors", "empty"));
        }
    }
}
