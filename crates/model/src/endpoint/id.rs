//! The id of an endpoint.

use std::fmt;
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::callback_url::CallbackUrl;

/// Number of digits of an id.
const DIGITS: usize = 32;

/// The id of an endpoint, that is of one distinct URL of a workspace. It does not reveal the URL.
///
/// It is the first 128 bits of the URL's SHA-256, in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EndpointId(Arc<str>);

/// Error for a text that is not a valid endpoint id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an endpoint id has 32 hexadecimal digits, in lower case")]
pub struct InvalidEndpointId;

impl EndpointId {
    /// Returns the id of a URL.
    pub fn of(url: &CallbackUrl) -> Self {
        let digest = Sha256::digest(url.as_str());
        let first = digest.first_chunk().expect("it has 256 bits");
        Self(format!("{:0DIGITS$x}", u128::from_be_bytes(*first)).into())
    }

    /// Returns the id of [`Endpoint::unrouted`](super::Endpoint::unrouted), which no URL has.
    pub fn unrouted() -> Self {
        static ID: LazyLock<EndpointId> = LazyLock::new(|| EndpointId("0".repeat(DIGITS).into()));
        ID.clone()
    }

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for EndpointId {
    type Error = InvalidEndpointId;

    fn try_from(id: String) -> Result<Self, InvalidEndpointId> {
        let digits = id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if digits && id.len() == DIGITS { Ok(Self(id.into())) } else { Err(InvalidEndpointId) }
    }
}

impl From<EndpointId> for String {
    fn from(id: EndpointId) -> Self {
        id.as_str().to_owned()
    }
}

impl fmt::Display for EndpointId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_beginning_of_the_urls_digest() {
        let id = EndpointId::of(&CallbackUrl::try_from("https://a.example/".to_owned()).unwrap());
        assert_eq!(id.as_str(), "befde498a45b6c82084a07709548fe6f");
        assert_eq!((id.to_string(), String::from(id.clone())), (id.as_str().to_owned(), id.as_str().to_owned()));
        assert_eq!(EndpointId::try_from(id.to_string()), Ok(id));
        assert_eq!(EndpointId::unrouted().as_str(), "00000000000000000000000000000000");
    }

    #[test]
    fn any_other_text_is_refused() {
        let valid = "0123456789abcdef0123456789abcdef";
        assert!(EndpointId::try_from(valid.to_owned()).is_ok());
        for other in ["", &valid[1..], &format!("{valid}0"), &valid.to_uppercase(), &valid.replace('9', "g")] {
            assert_eq!(EndpointId::try_from(other.to_owned()), Err(InvalidEndpointId), "{other}");
        }
    }
}
