//! A secret in the form of its attribute.

use std::str::FromStr;

use secrecy::zeroize::Zeroizing;
use serde::{Deserialize, Serialize, Serializer};
use webhooks_model::signing::{InvalidSecret, SigningSecret, WorkspaceKey};

/// A secret in the form of its attribute: `whsec_…`.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String", bound = "T: FromStr<Err = InvalidSecret>")]
pub(crate) struct Text<T>(pub(crate) T);

/// A value that is stored as the text of a secret.
pub(crate) trait Expose {
    /// Returns the text.
    fn text(&self) -> Zeroizing<String>;
}

impl Expose for SigningSecret {
    fn text(&self) -> Zeroizing<String> {
        self.expose()
    }
}

impl Expose for WorkspaceKey {
    fn text(&self) -> Zeroizing<String> {
        self.expose()
    }
}

impl<T: FromStr<Err = InvalidSecret>> TryFrom<String> for Text<T> {
    type Error = InvalidSecret;

    fn try_from(text: String) -> Result<Self, InvalidSecret> {
        Zeroizing::new(text).parse().map(Self)
    }
}

impl<T: Expose> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.text())
    }
}
