//! Secret headers: what a receiver asks for besides the signature, such as a token, so that it need not be in a URL.

use std::borrow::Cow;

use http::{HeaderName, HeaderValue};
use jiff::Timestamp;

/// Maximum number of secret headers of an endpoint.
pub const MAX_SECRET_HEADERS: usize = 10;

/// Maximum length of names and values of an endpoint's secret headers together, in bytes. Every batch reads them.
pub const MAX_SECRET_HEADERS_BYTES: usize = 4_096;

/// Minimum length of a part of a value that is redacted in responses, in bytes. A shorter one may be
/// a common word, such as `Bearer`.
const MIN_REDACTED_BYTES: usize = 8;

/// What stands in the place of a value.
const REDACTED: &str = "[secret header]";

/// Names that are not allowed: they would break the request, or say what only this program or a proxy may say.
const NOT_ALLOWED: [&str; 19] = [
    "accept",
    "accept-encoding",
    "connection",
    "expect",
    "forwarded",
    "host",
    "http2-settings",
    "keep-alive",
    "max-forwards",
    "origin",
    "range",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
    "x-http-method-override",
    "x-real-ip",
];

/// Beginnings of names that are not allowed, for the same reasons.
const NOT_ALLOWED_PREFIXES: [&str; 6] = ["content-", "if-", "proxy-", "sec-", "webhook-", "x-forwarded-"];

/// A secret header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretHeader {
    /// Name, in lower case.
    pub name: HeaderName,
    /// Value. Its `Debug` form does not show it.
    pub value: HeaderValue,
    /// Time at which the value was set.
    pub changed_at: Timestamp,
}

/// The secret headers of an endpoint, in the order of their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecretHeaders(Vec<SecretHeader>);

/// Reason why a name or value is not valid for a secret header. It does not contain the value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidHeader {
    /// The name is not one of HTTP.
    #[error("{0:?} is no name of a header; one has letters, digits and hyphens, such as authorization")]
    Name(String),
    /// The name is not allowed.
    #[error(
        "{0:?} is not allowed, because it would change how the request is read or say who sent it; use another name, such as authorization or x-api-key"
    )]
    NotAllowed(String),
    /// The value is empty.
    #[error("the value is empty; give one, or null to remove the header")]
    Empty,
    /// A character of the value is not allowed.
    #[error(
        "character {0} of the value is not allowed; a value has visible ASCII characters, with blanks between them"
    )]
    Character(usize),
}

/// Returns a name that a secret header may have, in lower case.
///
/// # Errors
/// [`InvalidHeader::Name`], [`InvalidHeader::NotAllowed`].
pub fn header_name(name: &str) -> Result<HeaderName, InvalidHeader> {
    let valid = HeaderName::from_bytes(name.as_bytes()).map_err(|_| InvalidHeader::Name(name.to_owned()))?;
    let is_reserved = |it: &HeaderName| {
        NOT_ALLOWED.contains(&it.as_str()) || NOT_ALLOWED_PREFIXES.iter().any(|prefix| it.as_str().starts_with(prefix))
    };
    if is_reserved(&valid) { Err(InvalidHeader::NotAllowed(name.to_owned())) } else { Ok(valid) }
}

/// Returns a value that a secret header may have.
///
/// # Errors
/// [`InvalidHeader::Empty`], [`InvalidHeader::Character`].
pub fn header_value(text: &str) -> Result<HeaderValue, InvalidHeader> {
    if text.is_empty() {
        return Err(InvalidHeader::Empty);
    }
    let last = text.chars().count() - 1;
    let is_allowed = |at: usize, it: char| it.is_ascii_graphic() || it == ' ' && at > 0 && at < last;
    if let Some((at, _)) = text.chars().enumerate().find(|(at, it)| !is_allowed(*at, *it)) {
        return Err(InvalidHeader::Character(at + 1));
    }
    let mut value = HeaderValue::try_from(text).map_err(|_| InvalidHeader::Character(1))?;
    value.set_sensitive(true);
    Ok(value)
}

impl SecretHeaders {
    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the number of headers.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns the length of all names and values, in bytes.
    pub fn bytes(&self) -> usize {
        self.iter().map(|it| it.name.as_str().len() + it.value.len()).sum()
    }

    /// Returns the headers, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &SecretHeader> {
        self.0.iter()
    }

    /// Sets a header at `now`, or removes it without a value. Setting the value that it has changes nothing.
    pub fn set(&mut self, name: &HeaderName, value: Option<HeaderValue>, now: Timestamp) {
        let found = self.0.binary_search_by(|it| it.name.as_str().cmp(name.as_str()));
        match (found, value) {
            (Ok(at), None) => _ = self.0.remove(at),
            (Ok(at), Some(value)) if self.0[at].value == value => {}
            (Ok(at), Some(value)) => self.0[at] = SecretHeader { name: name.clone(), value, changed_at: now },
            (Err(_), None) => {}
            (Err(at), Some(value)) => self.0.insert(at, SecretHeader { name: name.clone(), value, changed_at: now }),
        }
    }

    /// Replaces the values in a text of the receiver, who may echo the request: what is stored must not show them.
    pub fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let parts = self.iter().filter_map(|it| it.value.to_str().ok()).flat_map(|value| value.split(' '));
        parts.filter(|part| part.len() >= MIN_REDACTED_BYTES).fold(Cow::Borrowed(text), |text, part| {
            let text = match text.contains(part) {
                true => Cow::Owned(text.replace(part, REDACTED)),
                false => text,
            };
            // The text may have been cut within a value.
            match (MIN_REDACTED_BYTES..part.len()).rev().find(|length| text.ends_with(&part[..*length])) {
                Some(length) => Cow::Owned(text[..text.len() - length].to_owned() + REDACTED),
                None => text,
            }
        })
    }
}

impl FromIterator<SecretHeader> for SecretHeaders {
    fn from_iter<I: IntoIterator<Item = SecretHeader>>(headers: I) -> Self {
        let mut all = Self::default();
        headers.into_iter().for_each(|it| all.set(&it.name, Some(it.value), it.changed_at));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn headers(all: &[(&str, &str)]) -> SecretHeaders {
        let header = |(name, value): &(&str, &str)| SecretHeader {
            name: header_name(name).unwrap(),
            value: header_value(value).unwrap(),
            changed_at: at(1),
        };
        all.iter().map(header).collect()
    }

    #[test]
    fn what_a_request_needs_or_a_proxy_says_is_not_allowed_in_any_case() {
        for name in ["Host", "CONTENT-Length", "content-type", "Connection", "webhook-id", "Webhook-Anything", "TE"] {
            assert_eq!(header_name(name), Err(InvalidHeader::NotAllowed(name.to_owned())));
        }
        for name in ["transfer-encoding", "proxy-authorization", "x-forwarded-for", "user-agent", "if-match", "accept"]
        {
            assert_eq!(header_name(name), Err(InvalidHeader::NotAllowed(name.to_owned())));
        }
        for name in ["", "a b", "a:b", "ä", "a\n", ":path"] {
            assert_eq!(header_name(name), Err(InvalidHeader::Name(name.to_owned())));
        }
        for (name, lower) in [("Authorization", "authorization"), ("X-API-Key", "x-api-key"), ("cookie", "cookie")] {
            assert_eq!(header_name(name).unwrap().as_str(), lower);
        }
    }

    #[test]
    fn a_value_is_visible_ascii_and_is_never_shown() {
        for (text, error) in [
            ("", InvalidHeader::Empty),
            (" a", InvalidHeader::Character(1)),
            ("a ", InvalidHeader::Character(2)),
            ("a\r\nx: y", InvalidHeader::Character(2)),
            ("ab\u{0}", InvalidHeader::Character(3)),
            ("aä", InvalidHeader::Character(2)),
            ("a\tb", InvalidHeader::Character(2)),
        ] {
            assert_eq!(header_value(text), Err(error), "{text:?}");
        }
        let shown = format!("{:?}", headers(&[("authorization", "Bearer SECRET")]));
        assert!(shown.contains("authorization") && !shown.contains("SECRET"), "{shown}");
    }

    #[test]
    fn headers_are_set_and_removed_one_by_one_in_the_order_of_their_names() {
        let mut all = headers(&[("x-b", "1"), ("x-a", "2")]);
        let names = |all: &SecretHeaders| all.iter().map(|it| it.name.to_string()).collect::<Vec<_>>();
        assert_eq!(names(&all), ["x-a", "x-b"]);
        let (a, b, c) = (header_name("x-a").unwrap(), header_name("x-b").unwrap(), header_name("x-c").unwrap());
        all.set(&a, Some(header_value("2").unwrap()), at(2));
        all.set(&b, Some(header_value("3").unwrap()), at(2));
        all.set(&c, None, at(2));
        assert_eq!(
            all.iter().map(|it| it.changed_at).collect::<Vec<_>>(),
            [at(1), at(2)],
            "the same value is no change"
        );
        assert_eq!((all.len(), all.bytes()), (2, 8));
        all.set(&a, None, at(3));
        assert_eq!(names(&all), ["x-b"]);
        all.set(&b, None, at(3));
        assert!(all.is_empty());
    }

    #[test]
    fn values_are_redacted_where_a_receiver_echoes_them() {
        let all = headers(&[("authorization", "Bearer abc.DEF1"), ("x-short", "on")]);
        assert_eq!(
            all.redact("{\"authorization\": \"Bearer abc.DEF1\"}"),
            "{\"authorization\": \"Bearer [secret header]\"}"
        );
        assert_eq!(all.redact("token abc.DEF1 of on"), "token [secret header] of on");
        let long = headers(&[("x-api-key", "0123456789abcdef")]);
        assert_eq!(long.redact("the key 0123456789abc"), "the key [secret header]", "it was cut");
        assert_eq!(long.redact("0123456789abcde?"), "0123456789abcde?", "it is another one");
        assert!(matches!(all.redact("nothing of that"), Cow::Borrowed("nothing of that")));
    }
}
