//! The caller at this machine. Not every request that comes from this machine is theirs: a web page that they visit can
//! make the browser send one, and by DNS rebinding even from a name that leads here and counts as the page's own.

use axum::extract::Request;
use axum::http::{HeaderMap, Uri, header, uri::Authority};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use std::net::{IpAddr, Ipv6Addr};
use webhooks::access::Claims;
use webhooks::api::{Problem, ProblemType};

/// Lets requests in that are for this machine by name and that no foreign page has sent.
pub(super) async fn admit(mut request: Request, next: Next) -> Response {
    if let Err(reason) = check(request.uri(), request.headers()) {
        return Problem::new(ProblemType::ForeignRequest, reason).into_response();
    }
    request.extensions_mut().insert(Claims::local_administrator());
    next.run(request).await
}

fn check(uri: &Uri, headers: &HeaderMap) -> Result<(), &'static str> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (host, more) = (hosts.next(), hosts.next());
    let named = host.and_then(|host| host.to_str().ok()).is_some_and(is_this_machine);
    let target = uri.authority().is_none_or(|target| is_this_machine(target.as_str()));
    if !named || !target || more.is_some() {
        return Err("this API is for this machine only: call it as http://localhost, 127.0.0.1 or [::1], \
            or have it check tokens (--issuer)");
    }
    // Pages of this machine are not foreign: the console's development server is one, at a port of its own.
    let ours = |origin: &str| origin.split_once("://").is_some_and(|(_, host)| is_this_machine(host));
    if headers.get_all(header::ORIGIN).iter().any(|origin| !origin.to_str().is_ok_and(ours)) {
        return Err("a web page of another origin has sent this, which may not configure callbacks here");
    }
    Ok(())
}

/// Whether an authority, with or without a port, names this machine.
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
        for origin in ["http://localhost:8787", "http://127.0.0.1:5173", "https://localhost", "http://[::1]:8787"] {
            assert!(from(origin), "{origin}");
        }
        for origin in
            ["null", "", "https://page.example", "http://localhost.page.example", "localhost", "http://10.0.0.1"]
        {
            assert!(!from(origin), "{origin}");
        }
    }
}
