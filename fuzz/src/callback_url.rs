use http::Uri;
use webhooks_model::callback_url::{CallbackUrl, MAX_URL_CHARACTERS, trim};

use crate::rfc3986;

/// Parses a text as a callback URL: an accepted URL has one normal form, two independent parsers find the same host and
/// port in it, and no part of it can break a request's first line. An error does not repeat the text.
pub fn callback_url(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    match CallbackUrl::try_from(text.to_owned()) {
        Ok(url) => accepted(text, &url),
        Err(refusal) => does_not_repeat(text, &refusal.to_string()),
    }
    match CallbackUrl::from_input(text) {
        Ok(url) => assert_eq!(CallbackUrl::try_from(trim(text).to_owned()), Ok(url), "stricter, but no other URL"),
        Err(refusal) => does_not_repeat(text, &refusal.to_string()),
    }
}

fn accepted(text: &str, url: &CallbackUrl) {
    let normal = url.as_str();
    assert_eq!(CallbackUrl::try_from(normal.to_owned()).as_ref(), Ok(url), "the normal form is its own");
    assert!(text.len().max(normal.len()) <= MAX_URL_CHARACTERS, "{} characters", text.len());
    assert!(normal.bytes().all(|byte| byte.is_ascii_graphic()), "{text:?} could break a request line");

    let stored = serde_json::to_string(url).unwrap();
    assert_eq!(serde_json::from_str::<CallbackUrl>(&stored).unwrap(), *url, "comes back from the table as it was");

    let ours = rfc3986::split(text).unwrap();
    let path_and_query = url.path_and_query();
    let kept = rfc3986::split(normal).unwrap();
    let query = kept.query.map(|query| format!("?{query}")).unwrap_or_default();
    assert_eq!(path_and_query, format!("{}{query}", kept.path), "byte for byte what stands in the normal form");
    assert_eq!(ours.query.is_some(), kept.query.is_some());
    assert!(!ours.authority.contains('@'), "{text:?} carries a user");

    let sent: Uri = format!("{}{path_and_query}", url.origin()).parse().unwrap();
    let browsers = url::Url::parse(text).unwrap();
    same_place(&ours, &browsers, &sent);
}

/// Checks that the request goes to the place that a browser, or a reader of the text, would expect.
fn same_place(ours: &rfc3986::Parts<'_>, browsers: &url::Url, sent: &Uri) {
    let scheme = ours.scheme.to_ascii_lowercase();
    assert_eq!((sent.scheme_str(), browsers.scheme()), (Some(&*scheme), &*scheme));

    let default_port = if scheme == "https" { 443 } else { 80 };
    let (host, port) = ours.host_and_port();
    let port = port.filter(|port| !port.is_empty()).map_or(default_port, |port| port.parse().unwrap());
    assert_ne!(port, 0);
    assert_eq!(sent.port_u16().unwrap_or(default_port), port);
    assert_eq!(browsers.port_or_known_default(), Some(port));

    assert_eq!(sent.host(), browsers.host_str());
    assert_eq!(sent.authority().map(|authority| authority.as_str().contains('@')), Some(false));
    match browsers.host().unwrap() {
        // Browsers percent-decode a name; in no other way does it become another one.
        url::Host::Domain(name) => {
            let decoded = rfc3986::decode(host).unwrap();
            assert_eq!(name.as_bytes(), decoded.to_ascii_lowercase(), "the host of the text");
        }
        // Browsers read numbers as an address that `std` would take for a name: `0x7f.1`, `2130706433`.
        url::Host::Ipv4(address) => {
            let read = rfc3986::decode(host).and_then(|host| String::from_utf8(host).ok()?.parse().ok());
            assert!(read.is_none_or(|read: std::net::Ipv4Addr| read == address), "{host:?} is {address}");
        }
        url::Host::Ipv6(address) => {
            let literal = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap();
            assert_eq!(literal.parse(), Ok(address));
        }
    }
}

/// Checks that an error does not repeat the text: a URL may hold a token anywhere, even before the colon after a wrong
/// paste.
fn does_not_repeat(text: &str, refusal: &str) {
    let longest =
        text.split(['/', ':', '?', '#', '&', '=', ' ', '\n']).max_by_key(|part| part.len()).unwrap_or_default();
    // Shorter parts may be in an error by chance.
    assert!(longest.len() < 24 || !refusal.contains(longest), "{refusal:?} repeats what stands in the URL");
}
