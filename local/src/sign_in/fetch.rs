//! Reads the documents that an issuer publishes.

use axum::http::{StatusCode, Uri};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use serde::de::DeserializeOwned;
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// Time limit for one document, including the connection. A caller may wait for it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Limit on a document's size in bytes; no issuer's documents come near it.
const MAX_BYTES: usize = 256 * 1024;

/// Error of reading a document.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("{0} is no address")]
    Address(String),
    #[error("it did not answer within {} seconds", PATIENCE.as_secs())]
    Timeout,
    #[error("{0}")]
    Connection(Box<dyn std::error::Error + Send + Sync>),
    #[error("it answered {0}")]
    Status(StatusCode),
    #[error("what it answered is not what is expected there: {0}")]
    Document(#[from] serde_json::Error),
}

/// Reads JSON documents; follows no redirects, which could lead to any address.
pub(super) struct Fetcher(Client<HttpsConnector<HttpConnector>, Empty<Bytes>>);

impl Fetcher {
    pub(super) fn new() -> Result<Self, rustls::Error> {
        let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_all_versions().build();
        Ok(Self(Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector)))
    }

    pub(super) async fn json<T: DeserializeOwned>(&self, url: &str) -> Result<T, FetchError> {
        let uri: Uri = url.parse().map_err(|_| FetchError::Address(url.to_owned()))?;
        let read = async {
            let answer = self.0.get(uri).await.map_err(|error| FetchError::Connection(error.into()))?;
            if answer.status() != StatusCode::OK {
                return Err(FetchError::Status(answer.status()));
            }
            let body = Limited::new(answer.into_body(), MAX_BYTES).collect().await.map_err(FetchError::Connection)?;
            Ok(serde_json::from_slice(&body.to_bytes())?)
        };
        timeout(PATIENCE, read).await.map_err(|_| FetchError::Timeout)?
    }
}
