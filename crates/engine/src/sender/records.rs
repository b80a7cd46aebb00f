//! Inspection of decrypted TLS records. The client allows nothing else between itself and its connections.
//!
//! Each cipher suite is the provider's own; its decrypted data is counted by [`Frames`] before it is passed on.

use std::sync::{Arc, LazyLock};

use rustls::crypto::CryptoProvider;
use rustls::crypto::cipher::{
    AeadKey, InboundOpaqueMessage, InboundPlainMessage, Iv, KeyBlockShape, MessageDecrypter, MessageEncrypter,
    Tls12AeadAlgorithm, Tls13AeadAlgorithm, UnsupportedOperationError,
};
use rustls::{
    CipherSuiteCommon, ConnectionTrafficSecrets, ContentType, Error, OtherError, SupportedCipherSuite,
    Tls12CipherSuite, Tls13CipherSuite,
};

use super::frames::Frames;
use super::framing::Framing;
use webhooks_runtime::tls;

/// Type of a handshake message that changes keys (RFC 8446, section 4.6.3).
const KEY_UPDATE: u8 = 24;

/// Error for a receiver that changes its keys within a connection.
///
/// The library would create a new counter for the new keys, and forget the earlier frames. A callback's connection is
/// much too short to need new keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the receiver changed its keys in the middle of a connection")]
pub(super) struct KeysChanged;

/// The crypto provider of callbacks, with every suite counted. It is created once per process, because `rustls` never
/// frees suites.
pub(super) static PROVIDER: LazyLock<Arc<CryptoProvider>> = LazyLock::new(|| {
    let provider = tls::provider();
    let cipher_suites = provider.cipher_suites.iter().map(|suite| counted_suite(*suite)).collect();
    Arc::new(CryptoProvider { cipher_suites, ..(*provider).clone() })
});

fn counted_suite(suite: SupportedCipherSuite) -> SupportedCipherSuite {
    match suite {
        SupportedCipherSuite::Tls12(suite) => {
            let aead_alg = Box::leak(Box::new(Counted12(suite.aead_alg)));
            let Tls12CipherSuite { prf_provider, kx, sign, .. } = *suite;
            let common = common(&suite.common);
            SupportedCipherSuite::Tls12(Box::leak(Box::new(Tls12CipherSuite {
                common,
                prf_provider,
                kx,
                sign,
                aead_alg,
            })))
        }
        SupportedCipherSuite::Tls13(suite) => {
            let aead_alg = Box::leak(Box::new(Counted13(suite.aead_alg)));
            let Tls13CipherSuite { hkdf_provider, quic, .. } = *suite;
            let common = common(&suite.common);
            SupportedCipherSuite::Tls13(Box::leak(Box::new(Tls13CipherSuite { common, hkdf_provider, aead_alg, quic })))
        }
    }
}

fn common(suite: &CipherSuiteCommon) -> CipherSuiteCommon {
    let CipherSuiteCommon { suite, hash_provider, confidentiality_limit } = *suite;
    CipherSuiteCommon { suite, hash_provider, confidentiality_limit }
}

struct Counted12(&'static dyn Tls12AeadAlgorithm);

impl Tls12AeadAlgorithm for Counted12 {
    fn encrypter(&self, key: AeadKey, iv: &[u8], extra: &[u8]) -> Box<dyn MessageEncrypter> {
        self.0.encrypter(key, iv, extra)
    }

    fn decrypter(&self, key: AeadKey, iv: &[u8]) -> Box<dyn MessageDecrypter> {
        Box::new(Counting::new(self.0.decrypter(key, iv)))
    }

    fn key_block_shape(&self) -> KeyBlockShape {
        self.0.key_block_shape()
    }

    fn extract_keys(
        &self,
        key: AeadKey,
        iv: &[u8],
        explicit: &[u8],
    ) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        self.0.extract_keys(key, iv, explicit)
    }

    fn fips(&self) -> bool {
        self.0.fips()
    }
}

struct Counted13(&'static dyn Tls13AeadAlgorithm);

impl Tls13AeadAlgorithm for Counted13 {
    fn encrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn MessageEncrypter> {
        self.0.encrypter(key, iv)
    }

    fn decrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn MessageDecrypter> {
        Box::new(Counting::new(self.0.decrypter(key, iv)))
    }

    fn key_len(&self) -> usize {
        self.0.key_len()
    }

    fn extract_keys(&self, key: AeadKey, iv: Iv) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        self.0.extract_keys(key, iv)
    }

    fn fips(&self) -> bool {
        self.0.fips()
    }
}

struct Counting {
    inner: Box<dyn MessageDecrypter>,
    frames: Frames,
    handshake: Handshake,
}

impl Counting {
    fn new(inner: Box<dyn MessageDecrypter>) -> Self {
        Self { inner, frames: Frames::default(), handshake: Handshake::default() }
    }
}

impl MessageDecrypter for Counting {
    fn decrypt<'a>(&mut self, message: InboundOpaqueMessage<'a>, seq: u64) -> Result<InboundPlainMessage<'a>, Error> {
        let plain = self.inner.decrypt(message, seq)?;
        match plain.typ {
            ContentType::ApplicationData => self.frames.read(plain.payload).map_err(other)?,
            ContentType::Handshake => self.handshake.read(plain.payload).map_err(other)?,
            _ => {}
        }
        Ok(plain)
    }
}

fn other(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Other(OtherError(Arc::new(error)))
}

/// A stream of handshake messages: a type, a length of 24 bits, and as many bytes (RFC 8446, section 4).
#[derive(Default)]
struct Handshake(Framing<4>);

impl Handshake {
    fn read(&mut self, bytes: &[u8]) -> Result<(), KeysChanged> {
        self.0.read(bytes, |[kind, l0, l1, l2]| match kind {
            KEY_UPDATE => Err(KeysChanged),
            _ => Ok(u32::from_be_bytes([0, l0, l1, l2]) as usize),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_keys_is_found_behind_and_across_other_messages() {
        let ticket = [&[4, 0, 0, 5][..], &[KEY_UPDATE; 5]].concat();
        let update = [KEY_UPDATE, 0, 0, 1, 0];
        assert_eq!(Handshake::default().read(&ticket.repeat(3)), Ok(()));
        for size in [1, 3, 100] {
            let mut handshake = Handshake::default();
            let messages = [&ticket[..], &ticket, &update].concat();
            assert_eq!(messages.chunks(size).try_for_each(|chunk| handshake.read(chunk)), Err(KeysChanged));
        }
    }
}
