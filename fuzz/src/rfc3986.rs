//! A URL split by the regular expression of RFC 3986, appendix B, in plain string operations: shares no code with the
//! product's parsers, so that the two can disagree.

/// Parts of `scheme://authority path ?query`, unchanged from the text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Parts<'a> {
    pub(crate) scheme: &'a str,
    pub(crate) authority: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: Option<&'a str>,
}

/// Splits an absolute URL into its parts, without the fragment.
pub(crate) fn split(url: &str) -> Option<Parts<'_>> {
    let url = url.split('#').next()?;
    let (scheme, rest) = url.split_once("://")?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    let (path, query) = match rest.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (rest, None),
    };
    Some(Parts { scheme, authority, path, query })
}

impl Parts<'_> {
    /// Returns host and port as written; an IPv6 literal keeps its brackets.
    pub(crate) fn host_and_port(&self) -> (&str, Option<&str>) {
        let after_literal = self.authority.rfind(']').map_or(0, |at| at + 1);
        match self.authority[after_literal..].find(':') {
            Some(at) => (&self.authority[..after_literal + at], Some(&self.authority[after_literal + at + 1..])),
            None => (self.authority, None),
        }
    }
}

/// Returns the bytes that a percent-encoded text stands for; `None` if a `%` is not followed by two digits.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::new();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                u8::try_from(digit(bytes.next()?)? * 16 + digit(bytes.next()?)?).ok()?
            }
            plain => plain,
        });
    }
    Some(decoded)
}
