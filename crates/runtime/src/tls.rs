//! The TLS client: rustls with ring, on the compiled-in roots of Mozilla's programme (docs/adr/0002).

use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

/// Returns ring's crypto provider.
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// Creates a client configuration that also trusts these authorities.
///
/// # Errors
/// [`rustls::Error`] if one of them is not a valid certificate.
pub fn client(
    provider: Arc<CryptoProvider>,
    more_roots: Vec<CertificateDer<'static>>,
) -> Result<ClientConfig, rustls::Error> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    for root in more_roots {
        roots.add(root)?;
    }
    let client = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(client.with_root_certificates(roots).with_no_client_auth())
}
