//! The key of a workspace, from which the secrets of its endpoints are derived. Pure.

use std::fmt;
use std::str::FromStr;

use ring::error::Unspecified;
use secrecy::zeroize::Zeroizing;

use super::{InvalidSecret, SigningSecret};
use crate::endpoint::EndpointId;

/// Beginning of every text from which a secret is derived. It separates derivations from signatures, of which the second
/// part is a number, and from a later construction.
const LABEL: &str = "instance-webhooks.endpoint-secret.1";

/// The key of a workspace. It signs nothing, and no receiver has it: who has it has the secrets of all endpoints.
#[derive(Clone, PartialEq, Eq)]
pub struct WorkspaceKey(SigningSecret);

impl WorkspaceKey {
    /// Generates a key of 32 random bytes.
    ///
    /// # Errors
    /// [`Unspecified`] if the operating system provides no random bytes.
    pub fn generate() -> Result<Self, Unspecified> {
        SigningSecret::generate().map(Self)
    }

    /// Returns the key as text, to be stored.
    pub fn expose(&self) -> Zeroizing<String> {
        self.0.expose()
    }

    /// Returns a fingerprint, which identifies the key without revealing it.
    pub fn fingerprint(&self) -> String {
        self.0.fingerprint()
    }

    /// Derives an endpoint's secret: HMAC-SHA256 under this key, over a label, the identity and the generation
    /// (docs/adr/0024).
    ///
    /// A secret tells nothing about the key, and so nothing about another secret.
    pub fn derive(&self, identity: &EndpointId, generation: u64) -> SigningSecret {
        let text = format!("{LABEL}.{identity}.{generation}");
        SigningSecret::from_key(self.0.hmac(text.as_bytes()).as_ref().to_vec())
    }
}

impl FromStr for WorkspaceKey {
    type Err = InvalidSecret;

    fn from_str(text: &str) -> Result<Self, InvalidSecret> {
        text.parse().map(Self)
    }
}

impl fmt::Debug for WorkspaceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WorkspaceKey({})", self.fingerprint())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::callback_url::CallbackUrl;

    fn identity(url: &str) -> EndpointId {
        EndpointId::of(&CallbackUrl::try_from(url.to_owned()).unwrap())
    }

    /// The test vectors of docs/adr/0024, computed by Python's `hmac`.
    #[test]
    fn the_documented_vectors_are_what_is_derived() {
        let documented = include_str!("../../../../docs/adr/0024-a-secret-per-endpoint.md");
        let key: WorkspaceKey = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().unwrap();
        let vectors = [
            ("https://my-service.com/instanceCreated", 0, "whsec_qY/tuFaTbzQyVwxHE0FvJreuorUH5bLrafoxLFTtbmE="),
            ("https://my-service.com/instanceCreated", 1, "whsec_0lyeveZjj1J2uqQgZLQmsHWyPlbM9NTMxbZFhwQbNl8="),
            ("https://other.example/hook?token=a%2Fb", 0, "whsec_Hy3wJhvK8jto+r/RxZO5eiw+cgwA7DKTIqnyb+6J+nU="),
        ];
        for (url, generation, secret) in vectors {
            let identity = identity(url);
            assert_eq!(*key.derive(&identity, generation).expose(), secret, "{url} {generation}");
            let row = format!("| `{url}` | `{identity}` | {generation} | `{secret}` |");
            assert!(documented.contains(&row), "docs/adr/0024 does not show {row}");
        }
    }

    #[test]
    fn another_key_identity_or_generation_gives_another_secret() {
        let (one, two) = (WorkspaceKey::generate().unwrap(), WorkspaceKey::generate().unwrap());
        let (a, b) = (identity("http://a/"), identity("http://b/"));
        let all = [one.derive(&a, 0), one.derive(&b, 0), one.derive(&a, 1), two.derive(&a, 0), one.0.clone()];
        for (index, secret) in all.iter().enumerate() {
            assert!(all[index + 1..].iter().all(|other| other != secret), "{index}");
        }
        assert_eq!(one.derive(&a, 0), all[0], "and the same once more");
    }

    #[test]
    fn debug_shows_the_fingerprint_alone() {
        let key: WorkspaceKey = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().unwrap();
        assert_eq!(format!("{key:?}"), format!("WorkspaceKey({})", key.fingerprint()));
    }
}
