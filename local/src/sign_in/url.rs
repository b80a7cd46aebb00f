//! Sources of keys: over https, or on this machine. A change of the keys on their way would allow any token to be
//! forged.

use ::url::{Host, Url};

/// Checks an issuer and returns it as it was written, because tokens name it to the letter (OpenID Connect Core,
/// section 3.1.3.7).
pub(crate) fn issuer(text: &str) -> Result<String, String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    if !is_trustworthy(&url) {
        return Err(
            "an issuer starts with https://, or with http:// on this machine (localhost, 127.0.0.1, [::1])".to_owned()
        );
    }
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        return Err(
            "an issuer has no query, fragment, user or password (OpenID Connect Discovery, section 3)".to_owned()
        );
    }
    Ok(text.to_owned())
}

pub(super) fn is_trustworthy(url: &Url) -> bool {
    let this_machine = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" && url.has_host() || url.scheme() == "http" && this_machine
}

/// Returns the URL of an issuer's configuration (OpenID Connect Discovery, section 4).
pub(super) fn discovery(issuer: &str) -> String {
    format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_https_or_on_this_machine() {
        for good in
            ["https://id.example", "https://id.example/realms/a/", "http://localhost:8080/realms/a", "http://[::1]:1"]
        {
            assert_eq!(issuer(good).as_deref(), Ok(good));
        }
        for bad in [
            "http://id.example",
            "http://localhost.id.example",
            "ftp://localhost",
            "id.example",
            "https://id.example?a",
            "https://id.example#a",
            "https://a:b@id.example",
            "",
        ] {
            assert!(issuer(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_well_known_path_stands_behind_the_issuers_own() {
        for issuer in ["https://id.example/realms/a", "https://id.example/realms/a/"] {
            assert_eq!(discovery(issuer), "https://id.example/realms/a/.well-known/openid-configuration");
        }
    }
}
