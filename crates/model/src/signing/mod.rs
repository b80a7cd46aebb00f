//! Signatures of callback requests according to Standard Webhooks.
//!
//! A callback request has no body. In its place the request target is signed: path and query, byte for byte as they are
//! sent (docs/receivers.md, docs/adr/0009). Each endpoint has a secret of its own, derived from the workspace's key or
//! set by a user (docs/adr/0024).

mod key;
mod rotating;
mod secret;
mod source;

use std::fmt::Write as _;

use jiff::Timestamp;

pub use key::WorkspaceKey;
pub use rotating::{MAX_SECRETS, Retiring, Rotating, TooManySecrets};
pub use secret::{InvalidSecret, SigningSecret};
pub use source::{EndpointSecret, SecretSource, SecretSources};

/// The keys of a workspace.
pub type WorkspaceKeys = Rotating<WorkspaceKey>;

/// The secrets with which requests to an endpoint are signed.
pub type SigningSecrets = Rotating<SigningSecret>;

impl SigningSecrets {
    /// Returns the value of `webhook-signature`: `v1,` and the Base64 of an HMAC-SHA256 for each secret that signs at
    /// `now`.
    ///
    /// The current secret's signature is the first.
    pub fn sign(&self, id: &str, now: Timestamp, target: &str) -> String {
        let mut signed = String::with_capacity(id.len() + target.len() + 24); // the time has 20 characters at most
        _ = write!(signed, "{id}.{}.{target}", now.as_second()); // a string takes everything
        let secrets = std::iter::once(&self.current).chain(self.valid(now).map(|it| &it.value));
        let mut signatures = String::with_capacity("v1,".len() + 44); // mostly there is one
        for secret in secrets {
            if !signatures.is_empty() {
                signatures.push(' ');
            }
            secret.sign(signed.as_bytes(), &mut signatures);
        }
        signatures
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
        let signature = SigningSecrets::new(secret).sign(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            at(1_614_265_330),
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn both_sign_until_the_old_one_expires_the_new_one_first() {
        let old = SigningSecrets::new(secret(1));
        let rotated = old.rotated(secret(2), at(100), at(0)).unwrap();
        let parts = |now| {
            let signatures = rotated.sign("e", at(now), "/t");
            signatures.split(' ').map(str::to_owned).collect::<Vec<_>>()
        };
        let alone = |secret, now| SigningSecrets::new(secret).sign("e", at(now), "/t");
        assert_eq!(parts(99), [alone(secret(2), 99), alone(secret(1), 99)]);
        assert_eq!(parts(100), [alone(secret(2), 100)]);
    }
}
