//! Where the page may connect to beside its own origin.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock};
use url::{Host, Url};

/// Origins (RFC 6454) that may become more while the program runs, because an issuer says only when it is asked where its
/// token endpoint is. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Origins(Arc<RwLock<BTreeSet<String>>>);

/// Why the page may not connect there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidOrigin {
    /// It is no URL.
    #[error("{0:?} is not a URL: {1}")]
    Url(String, url::ParseError),
    /// Tokens would travel in the clear.
    #[error("{0:?} has to start with https://, or with http:// on this machine (localhost, 127.0.0.1, [::1])")]
    InTheClear(String),
    /// More than an origin, where only an origin has a meaning.
    #[error("{0:?} has to be an origin alone, without a path, query, user or password: write {1}")]
    MoreThanAnOrigin(String, String),
}

impl Origins {
    /// Adds the origin of this URL.
    ///
    /// # Errors
    /// When it is none, or one that tokens may not be sent to.
    pub fn add_origin_of(&self, url: &str) -> Result<(), InvalidOrigin> {
        let origin = trustworthy(url)?.origin().ascii_serialization();
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(origin);
        Ok(())
    }

    /// Adds an origin.
    ///
    /// # Errors
    /// When it is none, more than one, or one that tokens may not be sent to.
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

/// A URL over https, or of this machine.
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
        let refused = |text| Origins::default().add(text).unwrap_err().to_string();
        assert!(refused("id.example").contains("is not a URL"), "{}", refused("id.example"));
        assert!(refused("https://id.example/oauth2").ends_with("write https://id.example"));
        for bad in ["https://a@id.example", "https://id.example;script-src *", "https://id.example *", "https://a?b"] {
            refused(bad);
        }
        for bad in ["http://id.example", "ftp://id.example", "data:text/plain,a", "http://localhost.id.example"] {
            assert!(refused(bad).contains("has to start with https://"), "{bad}");
        }
    }
}
