//! The origins that the page may connect to besides its own.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock};
use url::{Host, Url};

/// Origins (RFC 6454) that the page may connect to. The set may grow while the program runs, because an issuer
/// publishes the URL of its token endpoint, which is read later. Clones share the set.
#[derive(Clone, Debug, Default)]
pub struct Origins(Arc<RwLock<BTreeSet<String>>>);

/// Error for an origin that the page may not connect to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidOrigin {
    /// The text is not a URL.
    #[error("{0:?} is not a URL: {1}")]
    Url(String, url::ParseError),
    /// The URL is not https, so that tokens would be sent unencrypted.
    #[error("{0:?} has to start with https://, or with http:// on this machine (localhost, 127.0.0.1, [::1])")]
    InTheClear(String),
    /// The URL has more than an origin, where only an origin has a meaning.
    #[error("{0:?} has to be an origin alone, without a path, query, user or password: write {1}")]
    MoreThanAnOrigin(String, String),
}

impl Origins {
    /// Adds the origin of this URL.
    ///
    /// # Errors
    /// [`InvalidOrigin::Url`] for a text that is not a URL, [`InvalidOrigin::InTheClear`] for a URL that tokens may not
    /// be sent to.
    pub fn add_origin_of(&self, url: &str) -> Result<(), InvalidOrigin> {
        let origin = trustworthy(url)?.origin().ascii_serialization();
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(origin);
        Ok(())
    }

    /// Adds an origin.
    ///
    /// # Errors
    /// As [`Self::add_origin_of`], and [`InvalidOrigin::MoreThanAnOrigin`] for a URL with more than an origin.
    pub fn add(&self, origin: &str) -> Result<(), InvalidOrigin> {
        let only = trustworthy(origin)?.origin().ascii_serialization();
        if !origin.trim_end_matches('/').eq_ignore_ascii_case(&only) {
            return Err(InvalidOrigin::MoreThanAnOrigin(origin.to_owned(), only));
        }
        self.add_origin_of(origin)
    }

    pub(crate) fn list(&self) -> BTreeSet<String> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Parses a URL that is https, or on this machine.
pub(crate) fn trustworthy(text: &str) -> Result<Url, InvalidOrigin> {
    let url = Url::parse(text).map_err(|error| InvalidOrigin::Url(text.to_owned(), error))?;
    let this_machine = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    match url.scheme() {
        "https" => Ok(url),
        "http" if this_machine => Ok(url),
        _ => Err(InvalidOrigin::InTheClear(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_kept_as_browsers_write_it() {
        let origins = Origins::default();
        for good in ["https://id.example", "HTTPS://ID.example/", "https://id.example:8443", "http://localhost:9000"] {
            origins.add(good).unwrap();
        }
        origins.add_origin_of("https://token.example:443/oauth2/token?a=b").unwrap();
        let expected =
            ["http://localhost:9000", "https://id.example", "https://id.example:8443", "https://token.example"];
        assert_eq!(origins.list().into_iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_is_more_or_less_than_an_origin_is_refused() {
        let rejected = |text| Origins::default().add(text).unwrap_err().to_string();
        assert!(rejected("id.example").contains("is not a URL"), "{}", rejected("id.example"));
        assert!(rejected("https://id.example/oauth2").ends_with("write https://id.example"));
        for bad in ["https://a@id.example", "https://id.example;script-src *", "https://id.example *", "https://a?b"] {
            rejected(bad);
        }
        for bad in ["http://id.example", "ftp://id.example", "data:text/plain,a", "http://localhost.id.example"] {
            assert!(rejected(bad).contains("has to start with https://"), "{bad}");
        }
    }
}
