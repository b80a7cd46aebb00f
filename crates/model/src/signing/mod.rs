//! Signatures of callback requests according to Standard Webhooks.
//!
//! A callback request has no body. In its place the request target is signed: path and query, byte for byte as they are
//! sent (docs/receivers.md, docs/adr/0009).

mod secret;

use std::fmt;

use http::HeaderValue;
use jiff::Timestamp;

pub use secret::{InvalidSecret, SigningSecret};

/// Maximum number of secrets that sign at the same time.
pub const MAX_SECRETS: usize = 4;

/// The signing secrets of a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningSecrets {
    /// The latest secret.
    pub current: SigningSecret,
    /// Previous secrets that receivers may still use, newest first.
    pub previous: Vec<RetiringSecret>,
}

/// A previous secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetiringSecret {
    /// The secret.
    pub secret: SigningSecret,
    /// Time from which it no longer signs.
    pub expires_at: Timestamp,
}

/// Error for a rotation while the maximum number of secrets sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManySecrets {
    /// Time at which the next of them expires.
    pub until: Timestamp,
}

impl SigningSecrets {
    /// Returns a workspace's first secret.
    pub fn new(current: SigningSecret) -> Self {
        Self { current, previous: Vec::new() }
    }

    /// Returns the secrets with a new current one.
    ///
    /// The previous one still signs until `overlap_until`. If that is not after `now`, only the new one signs from now
    /// on.
    ///
    /// # Errors
    /// [`TooManySecrets`] if [`MAX_SECRETS`] sign already.
    pub fn rotated(
        &self,
        current: SigningSecret,
        overlap_until: Timestamp,
        now: Timestamp,
    ) -> Result<Self, TooManySecrets> {
        if overlap_until <= now {
            return Ok(Self::new(current));
        }
        let mut previous = vec![RetiringSecret { secret: self.current.clone(), expires_at: overlap_until }];
        previous.extend(self.valid(now).cloned());
        match previous.iter().map(|it| it.expires_at).min() {
            Some(until) if previous.len() >= MAX_SECRETS => Err(TooManySecrets { until }),
            _ => Ok(Self { current, previous }),
        }
    }

    /// Returns the previous secrets that still sign.
    pub fn valid(&self, now: Timestamp) -> impl Iterator<Item = &RetiringSecret> {
        self.previous.iter().filter(move |it| it.expires_at > now)
    }

    /// Returns the value of `webhook-signature`: `v1,` and the Base64 of an HMAC-SHA256 for each secret that signs at
    /// `now`.
    ///
    /// The current secret's signature is the first.
    ///
    /// # Errors
    /// Never: digits, letters and `+/=, ` are valid in a header.
    pub fn sign(&self, id: &str, now: Timestamp, target: &str) -> Result<HeaderValue, http::Error> {
        let signed = SignedContent { id, timestamp: now.as_second(), target }.to_string();
        let secrets = std::iter::once(&self.current).chain(self.valid(now).map(|it| &it.secret));
        let signatures: Vec<_> = secrets.map(|secret| secret.sign(signed.as_bytes())).collect();
        Ok(HeaderValue::try_from(signatures.join(" "))?)
    }
}

/// The signed content: `id.timestamp.target`.
struct SignedContent<'a> {
    id: &'a str,
    timestamp: i64,
    target: &'a str,
}

impl fmt::Display for SignedContent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.id, self.timestamp, self.target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(byte: u8) -> SigningSecret {
        SigningSecret::from_key(vec![byte; 32])
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// Verifies the example of the Standard Webhooks specification.
    #[test]
    fn the_specifications_example_has_the_specifications_signature() {
        let secret: SigningSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().unwrap();
        let signature = SigningSecrets::new(secret)
            .sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at(1_614_265_330), r#"{"test": 2432232314}"#)
            .unwrap();
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn both_sign_until_the_old_one_expires_the_new_one_first() {
        let old = SigningSecrets::new(secret(1));
        let rotated = old.rotated(secret(2), at(100), at(0)).unwrap();
        let parts = |now| {
            let signature = rotated.sign("e", at(now), "/t").unwrap();
            signature.to_str().unwrap().split(' ').map(str::to_owned).collect::<Vec<_>>()
        };
        let alone = |secret, now| SigningSecrets::new(secret).sign("e", at(now), "/t").unwrap();
        assert_eq!(parts(99), [alone(secret(2), 99), alone(secret(1), 99)]);
        assert_eq!(parts(100), [alone(secret(2), 100)]);
    }

    #[test]
    fn without_overlap_the_new_one_alone_signs() {
        let rotated = SigningSecrets::new(secret(1)).rotated(secret(2), at(100), at(0)).unwrap();
        assert_eq!(rotated.rotated(secret(3), at(5), at(5)).unwrap(), SigningSecrets::new(secret(3)));
    }

    #[test]
    fn an_earlier_overlap_goes_on_and_no_more_than_four_sign() {
        let mut secrets = SigningSecrets::new(secret(0));
        for n in 1..=3 {
            secrets = secrets.rotated(secret(n), at(100 + i64::from(n)), at(0)).unwrap();
        }
        assert_eq!(secrets.previous.len(), 3);
        assert_eq!(secrets.rotated(secret(4), at(200), at(0)), Err(TooManySecrets { until: at(101) }));
        let later = secrets.rotated(secret(4), at(200), at(101)).unwrap();
        assert_eq!(later.previous.iter().map(|it| it.expires_at.as_second()).collect::<Vec<_>>(), [200, 103, 102]);
    }
}
