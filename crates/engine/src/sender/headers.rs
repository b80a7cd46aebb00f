//! The headers that a failed attempt keeps, for users who look for the cause.
//!
//! A success keeps none: they would double what most deliveries cost to store.

use reqwest::header::HeaderMap;

use webhooks_model::attempt::MAX_HEADERS_BYTES;

/// Headers that carry secrets, in addition to those that [`SECRET_PARTS`] finds.
const SECRET: [&str; 3] = ["authentication-info", "www-authenticate", "proxy-authenticate"];

/// Parts of the names of headers that carry secrets.
const SECRET_PARTS: [&str; 9] =
    ["authorization", "cookie", "credential", "jwt", "key", "passw", "secret", "session", "token"];

/// Headers of the connection, and the time, which the attempt has itself.
const NOT_KEPT: [&str; 4] = ["connection", "date", "keep-alive", "transfer-encoding"];

/// Returns the headers to keep, one per line as `name: value`: as many as fit into [`MAX_HEADERS_BYTES`].
pub(super) fn kept(headers: &HeaderMap) -> String {
    let mut kept = String::new();
    for (name, value) in headers {
        if is_secret(name.as_str()) || NOT_KEPT.contains(&name.as_str()) {
            continue;
        }
        let value = String::from_utf8_lossy(value.as_bytes());
        if kept.len() + name.as_str().len() + value.len() + ": \n".len() <= MAX_HEADERS_BYTES {
            kept.extend([name.as_str(), ": ", &value, "\n"]);
        }
    }
    kept
}

fn is_secret(name: &str) -> bool {
    SECRET.contains(&name) || SECRET_PARTS.iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    fn of(headers: &[(&'static str, &str)]) -> String {
        let value = |value: &str| HeaderValue::from_bytes(value.as_bytes()).unwrap();
        kept(&headers.iter().map(|(name, it)| (HeaderName::from_static(name), value(it))).collect())
    }

    #[test]
    fn headers_are_kept_in_their_order_without_those_of_the_connection() {
        let headers = [
            ("date", "Fri, 27 Nov 2026 07:00:00 GMT"),
            ("content-type", "text/html; charset=utf-8"),
            ("connection", "close"),
            ("x-request-id", "7f3a"),
            ("via", "1.1 a: b"),
        ];
        assert_eq!(of(&headers), "content-type: text/html; charset=utf-8\nx-request-id: 7f3a\nvia: 1.1 a: b\n");
    }

    #[test]
    fn no_header_that_may_carry_a_secret_is_kept() {
        for name in [
            "set-cookie",
            "authorization",
            "proxy-authorization",
            "www-authenticate",
            "proxy-authenticate",
            "authentication-info",
            "x-api-key",
            "x-csrf-token",
            "x-amz-security-token",
            "client-secret",
            "x-session-id",
        ] {
            assert_eq!(of(&[(name, "hidden"), ("server", "nginx")]), "server: nginx\n", "{name}");
        }
    }

    #[test]
    fn of_large_headers_those_that_fit_are_kept() {
        let large = "x".repeat(MAX_HEADERS_BYTES);
        let fits = "x".repeat(MAX_HEADERS_BYTES - "server: nginx\nx-fits: \n".len());
        let kept = of(&[("x-large", &large), ("server", "nginx"), ("x-fits", &fits), ("x-more", "1")]);
        assert_eq!((kept.len(), kept.lines().count()), (MAX_HEADERS_BYTES, 2));
        assert_eq!(of(&[("x-odd", "\u{e9}")]), "x-odd: \u{e9}\n");
    }
}
