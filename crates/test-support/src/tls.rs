//! Certificates of receivers, and what they serve TLS with.

use std::sync::Arc;

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::{TlsAcceptor, rustls};

/// A certificate with its key.
pub struct Certified {
    pub certificate: CertificateDer<'static>,
    /// The certificate as PEM.
    pub pem: String,
    /// The key as PKCS #8.
    pub key: Vec<u8>,
}

impl Certified {
    /// Creates a self-signed certificate of these host names or addresses.
    pub fn self_signed(names: impl Into<Vec<String>>) -> Self {
        let made = rcgen::generate_simple_self_signed(names).expect("a self-signed certificate");
        let (certificate, pem) = (made.cert.der().clone(), made.cert.pem());
        Self { certificate, pem, key: made.signing_key.serialize_der() }
    }

    /// Returns what accepts TLS connections with this certificate; `alpn` are the offered protocols.
    pub fn acceptor(&self, alpn: &[&[u8]]) -> TlsAcceptor {
        let key = PrivateKeyDer::try_from(self.key.clone()).expect("a PKCS #8 key");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("TLS versions")
            .with_no_client_auth()
            .with_single_cert(vec![self.certificate.clone()], key)
            .expect("a TLS configuration");
        config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
        TlsAcceptor::from(Arc::new(config))
    }
}
