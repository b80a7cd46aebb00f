//! Credentials: what the requests to an endpoint carry as proof of their origin.

mod secret_header;

use crate::signing::SigningSecrets;

pub use secret_header::{
    InvalidHeader, MAX_SECRET_HEADERS, MAX_SECRET_HEADERS_BYTES, SecretHeader, SecretHeaders, header_name, header_value,
};

/// Signing secrets and secret headers of the requests to an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The secrets with which the requests are signed.
    pub secrets: SigningSecrets,
    /// Headers that the requests have besides.
    pub headers: SecretHeaders,
}

impl From<SigningSecrets> for Credentials {
    fn from(secrets: SigningSecrets) -> Self {
        Self { secrets, headers: SecretHeaders::default() }
    }
}
