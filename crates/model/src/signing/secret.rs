//! A signing secret: wiped from memory when dropped, redacted in debug output, and compared in constant time.
//!
//! What HMAC makes of it is not wiped: `ring` has no way to.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::error::Unspecified;
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretSlice};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Prefix of every secret (Standard Webhooks, "Symmetric").
const PREFIX: &str = "whsec_";

/// Length of a generated key, in bytes.
const KEY_BYTES: usize = 32;

/// Lengths that Standard Webhooks allows, in bytes: 192 to 512 bits.
const LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;

/// A key of HMAC-SHA256.
#[derive(Clone)]
pub struct SigningSecret(Arc<Keyed>);

struct Keyed {
    key: SecretSlice<u8>,
    /// HMAC that has taken the key: with a short message, half of a signature's time.
    hmac: hmac::Key,
}

/// Reason why a text is not a valid signing secret. It never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSecret {
    /// The prefix is missing.
    #[error("a signing secret begins with {PREFIX}")]
    Prefix,
    /// The rest is not Base64.
    #[error("after {PREFIX} a signing secret is Base64 (RFC 4648, section 4), padding included")]
    Encoding,
    /// The key is too short or too long; its length in bytes.
    #[error("after {PREFIX} stand 24 to 64 bytes in Base64; these are {0}")]
    Length(usize),
}

impl SigningSecret {
    /// Generates a secret of 32 random bytes.
    ///
    /// # Errors
    /// [`Unspecified`] if the operating system provides no random bytes.
    pub fn generate() -> Result<Self, Unspecified> {
        let mut key = Zeroizing::new(vec![0; KEY_BYTES]);
        SystemRandom::new().fill(&mut key)?;
        Ok(Self::from_key(std::mem::take(&mut *key)))
    }

    pub(super) fn from_key(key: Vec<u8>) -> Self {
        let hmac = hmac::Key::new(hmac::HMAC_SHA256, &key);
        Self(Arc::new(Keyed { key: key.into(), hmac }))
    }

    pub(super) fn key(&self) -> &[u8] {
        self.0.key.expose_secret()
    }

    /// Returns the secret as text, to be stored or shown to its owner.
    pub fn expose(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{PREFIX}{}", STANDARD.encode(self.key())))
    }

    /// Returns a fingerprint, which identifies the secret without revealing it: the first 64 bits of the key's SHA-256
    /// in hexadecimal.
    ///
    /// A key has at least 192 bits, so that it cannot be guessed from the fingerprint.
    pub fn fingerprint(&self) -> String {
        Sha256::digest(self.key())[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Returns the HMAC-SHA256 of a message under the key.
    pub(super) fn hmac(&self, message: &[u8]) -> hmac::Tag {
        hmac::sign(&self.0.hmac, message)
    }

    /// Appends one signature in the format of `webhook-signature`.
    pub(super) fn sign(&self, signed: &[u8], signatures: &mut String) {
        signatures.push_str("v1,");
        STANDARD.encode_string(self.hmac(signed), signatures);
    }
}

impl FromStr for SigningSecret {
    type Err = InvalidSecret;

    fn from_str(text: &str) -> Result<Self, InvalidSecret> {
        let encoded = text.strip_prefix(PREFIX).ok_or(InvalidSecret::Prefix)?;
        let mut key = Zeroizing::new(STANDARD.decode(encoded).map_err(|_| InvalidSecret::Encoding)?);
        if !LENGTHS.contains(&key.len()) {
            return Err(InvalidSecret::Length(key.len()));
        }
        Ok(Self::from_key(std::mem::take(&mut *key)))
    }
}

impl PartialEq for SigningSecret {
    fn eq(&self, other: &Self) -> bool {
        self.key().ct_eq(other.key()).into()
    }
}

impl Eq for SigningSecret {}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningSecret({})", self.fingerprint())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_one_is_read_back_and_is_like_no_other() {
        let secret = SigningSecret::generate().unwrap();
        assert_eq!(secret.expose().parse(), Ok(secret.clone()));
        assert_ne!(SigningSecret::generate().unwrap(), secret);
    }

    #[test]
    fn debug_shows_the_fingerprint_alone() {
        let secret: SigningSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().unwrap();
        assert_eq!(format!("{secret:?}"), format!("SigningSecret({})", secret.fingerprint()));
        assert!(!format!("{secret:?}").contains("MfKQ9r8"));
    }

    #[test]
    fn an_error_says_how_to_fix_it_and_never_the_value() {
        let error_text = |text: &str| text.parse::<SigningSecret>().unwrap_err().to_string();
        insta::assert_snapshot!(error_text("hunter2"), @"a signing secret begins with whsec_");
        insta::assert_snapshot!(error_text("whsec_hunter2"), @"after whsec_ a signing secret is Base64 (RFC 4648, section 4), padding included");
        insta::assert_snapshot!(error_text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLQ=="), @"after whsec_ stand 24 to 64 bytes in Base64; these are 22");
        insta::assert_snapshot!(error_text(&format!("whsec_{}", "A".repeat(88))), @"after whsec_ stand 24 to 64 bytes in Base64; these are 66");
        assert!(format!("whsec_{}==", "A".repeat(86)).parse::<SigningSecret>().is_ok());
    }
}
