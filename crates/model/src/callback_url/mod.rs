//! Validation and normal form of callback URLs.

mod host_name;

use std::fmt;

use http::Uri;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use url::{Host, Position, Url};

pub use host_name::InvalidHostName;

/// Maximum length of a URL, in characters.
pub const MAX_URL_CHARACTERS: usize = 2_048;

/// Printable ASCII characters that a URL must not contain unencoded (RFC 3986, section 2).
///
/// The other ones that the RFC leaves out (`[`, `]`, `{`, `}`, `|`, `^`) are in common use and every server accepts
/// them: they are kept.
const FORBIDDEN: &[char] = &[' ', '"', '<', '>', '\\', '`'];

/// Characters without a width that are copied along unseen, from web pages and chats: they have no meaning in a URL.
const INVISIBLE: &[char] = &[
    '\u{ad}', '\u{200b}', '\u{200c}', '\u{200d}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}', '\u{202c}',
    '\u{202d}', '\u{202e}', '\u{2060}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}', '\u{feff}',
];

/// Maximum length of a scheme that an error repeats. A longer text before a colon may be anything, including a token.
const MAX_ECHOED_SCHEME: usize = 16;

/// An absolute `http` or `https` URL in normal form.
///
/// It is stored, shown, sent and signed in this form: that of the WHATWG URL Standard, without a fragment. The host is
/// in lower case, an address in its usual notation, without a default port, with a path of at least `/`, with dot
/// segments resolved, and with a few characters percent-encoded, such as `'` in a query.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CallbackUrl(Url);

/// Reason why a text is not a valid [`CallbackUrl`], and how to fix it. It never repeats the URL, which may contain a
/// token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUrl {
    /// The URL has more than [`MAX_URL_CHARACTERS`] characters.
    #[error("the URL has {0} characters; at most {MAX_URL_CHARACTERS} are allowed")]
    TooLong(usize),
    /// The URL has more than [`MAX_URL_CHARACTERS`] characters after percent-encoding.
    #[error("the URL has {0} characters in its normalised form; at most {MAX_URL_CHARACTERS} are allowed")]
    TooLongNormalised(usize),
    /// A character has to be encoded.
    #[error("the character {character:?} at position {position} is not allowed in a URL (RFC 3986); {remedy}")]
    Character {
        /// The first such character.
        character: char,
        /// Position, from 1.
        position: usize,
        /// Instruction for the fix.
        remedy: String,
    },
    /// The scheme is missing or another one.
    #[error("a callback URL begins with http:// or https://{}", .0.as_ref().map(|s| format!(", not {s}:")).unwrap_or_default())]
    Scheme(Option<String>),
    /// The scheme stands there twice, as in `https://https://…`.
    #[error("the URL begins with two schemes; remove one of them")]
    TwoSchemes,
    /// Another URL follows, after a blank or a comma.
    #[error(
        "another URL begins at position {position}; write one URL per line, or, if it is part of this URL, write {remedy}"
    )]
    TwoUrls {
        /// Position of its first character, from 1.
        position: usize,
        /// What separates the two, percent-encoded.
        remedy: String,
    },
    /// No host can have the name.
    #[error("no host has this name: {0}")]
    HostName(#[from] InvalidHostName),
    /// A user or password stands before the host.
    #[error("a callback URL must not carry a user or password before the host; put a token into the path or the query")]
    UserInfo,
    /// Any other syntax error.
    #[error("this is not a valid URL: {0}")]
    Syntax(String),
}

/// Returns a text without blanks and invisible characters before and behind it.
pub fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || INVISIBLE.contains(&c))
}

impl CallbackUrl {
    /// Validates a URL that someone wants to have called.
    ///
    /// It finds mistakes that are no errors of syntax, too. What is stored already is not checked for them: a rule that
    /// a release adds must not make stored callbacks unreadable.
    ///
    /// # Errors
    /// [`InvalidUrl`], which says how to fix it.
    pub fn from_input(text: &str) -> Result<Self, InvalidUrl> {
        let text = trim(text);
        check_single(text)?;
        let url = Self::try_from(text.to_owned())?;
        if let Some(Host::Domain(name)) = url.0.host() {
            host_name::check(name)?;
        }
        Ok(url)
    }

    /// Returns the URL as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Returns the parsed URL.
    pub fn as_url(&self) -> &Url {
        &self.0
    }

    /// Returns scheme, host and port. The scheme's default port is left out.
    pub fn origin(&self) -> &str {
        &self.0[..Position::BeforePath]
    }

    /// Returns path and query, beginning with `/`.
    pub fn path_and_query(&self) -> &str {
        &self.0[Position::BeforePath..]
    }
}

impl TryFrom<String> for CallbackUrl {
    type Error = InvalidUrl;

    fn try_from(text: String) -> Result<Self, InvalidUrl> {
        let characters = text.chars().count();
        if characters > MAX_URL_CHARACTERS {
            return Err(InvalidUrl::TooLong(characters));
        }
        check_scheme(&text)?;
        check_characters(&text)?;
        let mut url = Url::parse(&text).map_err(|error| InvalidUrl::Syntax(error.to_string()))?;
        let authority = authority(&text);
        if authority.contains('@') {
            return Err(InvalidUrl::UserInfo);
        }
        if authority.is_empty() {
            return Err(InvalidUrl::Syntax("it has no host".to_owned()));
        }
        if url.port() == Some(0) {
            return Err(InvalidUrl::Syntax("port 0 cannot be connected to".to_owned()));
        }
        url.set_fragment(None);
        let normalised = url.as_str().len();
        if normalised > MAX_URL_CHARACTERS {
            return Err(InvalidUrl::TooLongNormalised(normalised));
        }
        // Validate with the client's own parser too, so that every accepted URL can be sent.
        url.as_str().parse::<Uri>().map_err(|error| InvalidUrl::Syntax(error.to_string()))?;
        Ok(Self(url))
    }
}

/// Returns the part between `//` and the path, query or fragment.
fn authority(text: &str) -> &str {
    let after = text.split_once("://").map_or("", |(_, rest)| rest);
    after.split(['/', '?', '#']).next().unwrap_or_default()
}

fn check_scheme(text: &str) -> Result<(), InvalidUrl> {
    let scheme = text.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    let Some(scheme) = scheme.filter(|scheme| is_scheme(scheme)) else { return Err(InvalidUrl::Scheme(None)) };
    if scheme != "http" && scheme != "https" {
        let name = (scheme.len() <= MAX_ECHOED_SCHEME).then_some(scheme);
        return Err(InvalidUrl::Scheme(name));
    }
    // Browsers repair `http:host` and `http:///host`; here they are more likely a mistake.
    if text[scheme.len()..].starts_with("://") { Ok(()) } else { Err(InvalidUrl::Scheme(None)) }
}

/// Returns whether a text is a scheme (RFC 3986, section 3.1). With a dot it is more likely a host and a port.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-".contains(&b))
}

/// Checks that the text is one URL, not two, and has one scheme.
fn check_single(text: &str) -> Result<(), InvalidUrl> {
    let lower = text.to_ascii_lowercase();
    let after_scheme = lower.split_once("://").map_or("", |(_, rest)| rest);
    if ["http:", "https:", "http//", "https//"].iter().any(|scheme| after_scheme.starts_with(scheme)) {
        return Err(InvalidUrl::TwoSchemes);
    }
    let schemes = lower.match_indices("http").filter(|(at, _)| {
        let rest = &lower[at + "http".len()..];
        rest.starts_with("://") || rest.starts_with("s://")
    });
    for (at, _) in schemes {
        let before = text[..at].trim_end_matches(char::is_whitespace);
        let separator = text[before.len()..at].chars().next().or_else(|| before.chars().next_back());
        if let Some(separator) = separator.filter(|c| c.is_whitespace() || [',', ';'].contains(c)) {
            let position = text[..at].chars().count() + 1;
            return Err(InvalidUrl::TwoUrls { position, remedy: percent_encoded(separator) });
        }
    }
    Ok(())
}

fn percent_encoded(character: char) -> String {
    utf8_percent_encode(character.encode_utf8(&mut [0; 4]), NON_ALPHANUMERIC).to_string()
}

fn check_characters(text: &str) -> Result<(), InvalidUrl> {
    let bad = |c: char| !c.is_ascii_graphic() || FORBIDDEN.contains(&c);
    let Some((position, character)) = (1..).zip(text.chars()).find(|(_, c)| bad(*c)) else { return Ok(()) };
    let remedy = match authority(text).contains(bad) {
        _ if INVISIBLE.contains(&character) => "delete it: it is invisible".to_owned(),
        true if character.is_ascii() => "no host name has it".to_owned(),
        true => "write the host name in its ASCII form (xn--…)".to_owned(),
        false => format!("write {}", percent_encoded(character)),
    };
    Err(InvalidUrl::Character { character, position, remedy })
}

impl From<CallbackUrl> for String {
    fn from(url: CallbackUrl) -> Self {
        url.0.into()
    }
}

impl fmt::Display for CallbackUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<CallbackUrl, InvalidUrl> {
        CallbackUrl::from_input(text)
    }

    fn error_text(text: &str) -> String {
        parse(text).expect_err(text).to_string()
    }

    #[test]
    fn a_url_is_kept_in_its_normal_form_without_fragment() {
        for (text, normal, origin, target) in [
            ("https://my-service.com/x", "https://my-service.com/x", "https://my-service.com", "/x"),
            ("HTTPS://My-Service.com:443", "https://my-service.com/", "https://my-service.com", "/"),
            ("http://h?", "http://h/?", "http://h", "/?"),
            ("http://h?a=1#frag?/x", "http://h/?a=1", "http://h", "/?a=1"),
            ("http://h/a/../b/./c//d", "http://h/b/c//d", "http://h", "/b/c//d"),
            (
                "http://h/'?x='&y=%2f%zz&z[]=1&&",
                "http://h/'?x=%27&y=%2f%zz&z[]=1&&",
                "http://h",
                "/'?x=%27&y=%2f%zz&z[]=1&&",
            ),
            ("http://h/{id}|?q={a}|^", "http://h/%7Bid%7D|?q={a}|^", "http://h", "/%7Bid%7D|?q={a}|^"),
            ("http://[::1]:80/", "http://[::1]/", "http://[::1]", "/"),
            ("http://0x7f.1:8080/", "http://127.0.0.1:8080/", "http://127.0.0.1:8080", "/"),
            ("http://h/p?at=@&u=http://x/y", "http://h/p?at=@&u=http://x/y", "http://h", "/p?at=@&u=http://x/y"),
        ] {
            let url = parse(text).expect(text);
            assert_eq!((url.as_str(), url.origin(), url.path_and_query()), (normal, origin, target), "{text}");
            assert_eq!(parse(normal), Ok(url), "the normal form is its own");
        }
    }

    #[test]
    fn an_error_says_why_and_how_to_fix_it() {
        insta::assert_snapshot!(error_text("ftp://h/"), @"a callback URL begins with http:// or https://, not ftp:");
        insta::assert_snapshot!(error_text("javascript:alert(1)"), @"a callback URL begins with http:// or https://, not javascript:");
        insta::assert_snapshot!(error_text(&format!("{}:x", "a".repeat(17))), @"a callback URL begins with http:// or https://");
        insta::assert_snapshot!(error_text("my-service.com/x"), @"a callback URL begins with http:// or https://");
        insta::assert_snapshot!(error_text("my-service.com:80/x"), @"a callback URL begins with http:// or https://");
        insta::assert_snapshot!(error_text("http:h"), @"a callback URL begins with http:// or https://");
        insta::assert_snapshot!(error_text("https://user:pw@h/"), @"a callback URL must not carry a user or password before the host; put a token into the path or the query");
        insta::assert_snapshot!(error_text("https://user@h/"), @"a callback URL must not carry a user or password before the host; put a token into the path or the query");
        insta::assert_snapshot!(error_text("https://h/a b"), @"the character ' ' at position 12 is not allowed in a URL (RFC 3986); write %20");
        insta::assert_snapshot!(error_text("https://h/ü"), @"the character 'ü' at position 11 is not allowed in a URL (RFC 3986); write %C3%BC");
        insta::assert_snapshot!(error_text("https://bücher.example/"), @"the character 'ü' at position 10 is not allowed in a URL (RFC 3986); write the host name in its ASCII form (xn--…)");
        insta::assert_snapshot!(error_text("https://h/a\nhttps://h/b"), @"another URL begins at position 13; write one URL per line, or, if it is part of this URL, write %0A");
        insta::assert_snapshot!(error_text("https://h/a\nb"), @r"the character '\n' at position 12 is not allowed in a URL (RFC 3986); write %0A");
        insta::assert_snapshot!(error_text("https://h/a\u{200b}b"), @r"the character '\u{200b}' at position 12 is not allowed in a URL (RFC 3986); delete it: it is invisible");
        insta::assert_snapshot!(error_text("https://a..example/"), @"no host has this name: there is nothing between two of its dots, or before the first one");
        insta::assert_snapshot!(error_text("https:///x"), @"this is not a valid URL: it has no host");
        insta::assert_snapshot!(error_text("https://"), @"this is not a valid URL: empty host");
        insta::assert_snapshot!(error_text("https://h:99999/"), @"this is not a valid URL: invalid port number");
        insta::assert_snapshot!(error_text("https://h:0/"), @"this is not a valid URL: port 0 cannot be connected to");
        insta::assert_snapshot!(error_text("https://1.2.3.256/"), @"this is not a valid URL: invalid IPv4 address");
        insta::assert_snapshot!(error_text(&format!("https://h/?{}", "'".repeat(700))), @"the URL has 2111 characters in its normalised form; at most 2048 are allowed");
        insta::assert_snapshot!(error_text(&format!("https://h/{}", "x".repeat(2039))), @"the URL has 2049 characters; at most 2048 are allowed");
    }

    #[test]
    fn two_urls_in_a_line_are_told_apart_from_a_url_in_a_url() {
        insta::assert_snapshot!(error_text("https://a/x, https://b/y"), @"another URL begins at position 14; write one URL per line, or, if it is part of this URL, write %20");
        insta::assert_snapshot!(error_text("https://a/?x=1,HTTP://b/"), @"another URL begins at position 16; write one URL per line, or, if it is part of this URL, write %2C");
        for text in ["https://a/;https://b/", "https://a/ https://b/", "https://a/\thttp://b/"] {
            assert!(matches!(parse(text), Err(InvalidUrl::TwoUrls { position: 12, .. })), "{text}");
        }
        for text in ["https://a/?u=https://b/", "https://a/http://b/", "https://a/?u=1%2Chttps://b/", "https://a/,http"]
        {
            assert_eq!(parse(text).as_ref().map(CallbackUrl::as_str), Ok(text));
        }
    }

    #[test]
    fn a_second_scheme_is_named() {
        for text in ["https://https://h/", "http://https://h/", "https://HTTP//h/", "https://https:/h/"] {
            assert_eq!(parse(text), Err(InvalidUrl::TwoSchemes), "{text}");
        }
        for text in ["https://https.example/", "http://http/", "http://httpbin.example/", "http://https-proxy:8080/"] {
            assert_eq!(parse(text).as_ref().map(CallbackUrl::as_str), Ok(text));
        }
    }

    #[test]
    fn what_is_stored_stays_readable() {
        for text in ["https://a..example/", "https://a/?x=1,https://b/", "https://https//h/"] {
            assert!(CallbackUrl::try_from(text.to_owned()).is_ok() && parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_copied_along_unseen_is_dropped() {
        assert_eq!(trim("\u{feff}\u{200b} https://h/a\u{2060}\u{a0}\t"), "https://h/a");
        assert_eq!(trim("\u{200b}\u{200e}"), "");
        assert_eq!(trim("https://h/\u{200b}a"), "https://h/\u{200b}a");
    }

    #[test]
    fn the_longest_url_is_allowed() {
        assert!(parse(&format!("https://h/{}", "x".repeat(2038))).is_ok());
    }
}
