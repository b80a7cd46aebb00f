//! The cryptography for `jsonwebtoken`: ring, as for TLS. It has four algorithms, each for its own kind of key and none
//! with a shared secret, so that a public key is never used as one.

use jsonwebtoken::crypto::{CryptoProvider, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{ErrorKind, Result};
use jsonwebtoken::signature::{Error, Verifier};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, DecodingKeyKind};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaParameters,
    RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};

static RING: CryptoProvider = CryptoProvider {
    signer_factory: |_, _| Err(ErrorKind::UnsupportedAlgorithm.into()),
    verifier_factory: verifier,
    key_utils: KeyUtils::new_unimplemented(), // for making keys, which is not done here
};

/// Installs the provider. Must be called before the first token is read; more calls have no effect.
pub(super) fn install() {
    let _ = RING.install_default();
}

fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>> {
    let fits = matches!(
        (algorithm, key.family()),
        (Algorithm::RS256 | Algorithm::PS256, AlgorithmFamily::Rsa)
            | (Algorithm::ES256, AlgorithmFamily::Ec)
            | (Algorithm::EdDSA, AlgorithmFamily::Ed)
    );
    if !fits {
        return Err(ErrorKind::InvalidAlgorithm.into());
    }
    Ok(Box::new(RingVerifier { algorithm: *algorithm, key: key.clone() }))
}

struct RingVerifier {
    algorithm: Algorithm,
    key: DecodingKey,
}

impl JwtVerifier for RingVerifier {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

impl Verifier<Vec<u8>> for RingVerifier {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), Error> {
        match (self.algorithm, self.key.kind()) {
            (Algorithm::RS256, DecodingKeyKind::RsaModulusExponent { n, e }) => {
                rsa(&RSA_PKCS1_2048_8192_SHA256, n, e, message, signature)
            }
            (Algorithm::PS256, DecodingKeyKind::RsaModulusExponent { n, e }) => {
                rsa(&RSA_PSS_2048_8192_SHA256, n, e, message, signature)
            }
            (Algorithm::ES256, DecodingKeyKind::SecretOrDer(point)) => {
                curve(&ECDSA_P256_SHA256_FIXED, point, message, signature)
            }
            (Algorithm::EdDSA, DecodingKeyKind::SecretOrDer(point)) => curve(&ED25519, point, message, signature),
            _ => Err(Error::new()),
        }
    }
}

fn rsa(
    kind: &'static RsaParameters,
    n: &[u8],
    e: &[u8],
    message: &[u8],
    signature: &[u8],
) -> std::result::Result<(), Error> {
    // Some issuers write the modulus with a leading zero (RFC 7518, section 6.3.1.1, forbids it), which ring does not
    // accept.
    let n = &n[n.iter().take_while(|byte| **byte == 0).count()..];
    RsaPublicKeyComponents { n, e }.verify(kind, message, signature).map_err(|_| Error::new())
}

fn curve(
    kind: &'static dyn VerificationAlgorithm,
    point: &[u8],
    message: &[u8],
    signature: &[u8],
) -> std::result::Result<(), Error> {
    UnparsedPublicKey::new(kind, point).verify(message, signature).map_err(|_| Error::new())
}
