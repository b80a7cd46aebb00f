//! The SDK's HTTP client in a function: `reqwest`, like the sender's, with compiled-in roots. The SDK's own client is a
//! second one in the binary, and reads the system's roots from disk at each start.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use reqwest::{Body, Client, Request, redirect, retry};

use crate::tls;

/// Creates a client with the compiled-in roots.
///
/// # Errors
/// [`rustls::Error`] if the TLS client cannot be created.
pub(super) fn client() -> Result<SharedHttpClient, rustls::Error> {
    Ok(SharedHttpClient::new(Connectors { tls: tls::client(tls::provider(), Vec::new())?, made: Mutex::default() }))
}

/// Timeouts of connecting and of reading.
type Timeouts = (Option<Duration>, Option<Duration>);

/// Connectors with a pool each, by the timeouts of calls. The SDK requests one at each call.
#[derive(Debug)]
struct Connectors {
    tls: rustls::ClientConfig,
    made: Mutex<HashMap<Timeouts, SharedHttpConnector>>,
}

impl HttpClient for Connectors {
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let timeouts = (settings.connect_timeout(), settings.read_timeout());
        made.entry(timeouts).or_insert_with(|| SharedHttpConnector::new(self.connector(timeouts))).clone()
    }
}

impl Connectors {
    fn connector(&self, (connect_timeout, read_timeout): Timeouts) -> Connector {
        // The SDK repeats requests, and follows no redirect.
        let mut client = Client::builder()
            .tls_backend_preconfigured(self.tls.clone())
            .http1_only()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .retry(retry::never());
        if let Some(bound) = connect_timeout {
            client = client.connect_timeout(bound);
        }
        if let Some(bound) = read_timeout {
            client = client.read_timeout(bound);
        }
        Connector(client.build())
    }
}

#[derive(Debug)]
struct Connector(reqwest::Result<Client>);

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (client, request) = match (&self.0, converted(request)) {
            (Ok(client), Ok(request)) => (client.clone(), request),
            (Err(error), _) => return HttpConnectorFuture::ready(Err(ConnectorError::user(error.to_string().into()))),
            (_, Err(error)) => return HttpConnectorFuture::ready(Err(error)),
        };
        HttpConnectorFuture::new(async move {
            let response = http::Response::<Body>::from(client.execute(request).await.map_err(failure)?);
            HttpResponse::try_from(response.map(SdkBody::from_body_1_x))
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

fn converted(request: HttpRequest) -> Result<Request, ConnectorError> {
    let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
    Request::try_from(request.map(Body::wrap)).map_err(|error| ConnectorError::user(error.into()))
}

/// Converts an error into one that the SDK retries if it is a failure in transit.
///
/// All calls of the SDK here are safe to repeat, and it does not repeat our own mistakes.
fn failure(error: reqwest::Error) -> ConnectorError {
    if error.is_builder() {
        ConnectorError::user(error.into())
    } else if error.is_timeout() {
        ConnectorError::timeout(error.into())
    } else {
        ConnectorError::io(error.into())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Instant;

    use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
    use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
    use aws_sdk_dynamodb::error::DisplayErrorContext;
    use rustls::pki_types::PrivateKeyDer;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    const NO_TABLES: &[u8] =
        b"HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: 17\r\n\r\n{\"TableNames\":[]}";

    async fn listen(scheme: &str) -> (TcpListener, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("{scheme}://localhost:{}", listener.local_addr().unwrap().port());
        (listener, endpoint)
    }

    /// Lists the tables.
    async fn ask(endpoint: &str, timeouts: TimeoutConfig) -> Result<usize, String> {
        let answer = dynamodb(endpoint, timeouts).list_tables().send().await;
        answer.map(|it| it.table_names().len()).map_err(|error| DisplayErrorContext(error).to_string())
    }

    fn dynamodb(endpoint: &str, timeouts: TimeoutConfig) -> aws_sdk_dynamodb::Client {
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(client().unwrap())
            .endpoint_url(endpoint)
            .region(Region::from_static("us-east-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .timeout_config(timeouts)
            .build();
        aws_sdk_dynamodb::Client::from_conf(config)
    }

    #[tokio::test]
    async fn calls_share_a_connection() {
        let (listener, endpoint) = listen("http").await;
        let asked = tokio::spawn(async move {
            let client = dynamodb(&endpoint, TimeoutConfig::disabled());
            for _ in 0..3 {
                client.list_tables().send().await.unwrap();
            }
        });
        // No further connection is accepted.
        let (mut stream, _) = listener.accept().await.unwrap();
        for _ in 0..3 {
            assert!(stream.read(&mut [0; 4096]).await.unwrap() > 0);
            stream.write_all(NO_TABLES).await.unwrap();
        }
        asked.await.unwrap();
    }

    #[tokio::test]
    async fn a_connection_that_breaks_is_tried_again_as_the_sdk_does() {
        let (listener, endpoint) = listen("http").await;
        let asked = tokio::spawn(async move { ask(&endpoint, TimeoutConfig::disabled()).await });
        for _ in 0..2 {
            drop(listener.accept().await.unwrap());
        }
        let (mut stream, _) = listener.accept().await.unwrap();
        assert!(stream.read(&mut [0; 4096]).await.unwrap() > 0);
        stream.write_all(NO_TABLES).await.unwrap();
        assert_eq!(asked.await.unwrap(), Ok(0));
    }

    #[tokio::test]
    async fn an_answer_is_waited_for_no_longer_than_asked() {
        let (listener, endpoint) = listen("http").await;
        let timeouts = TimeoutConfig::builder().read_timeout(Duration::from_millis(50)).build();
        let begun = Instant::now();
        let asked = tokio::spawn(async move { ask(&endpoint, timeouts).await });
        let mut silent = Vec::new();
        for _ in 0..3 {
            silent.push(listener.accept().await.unwrap());
        }
        let error = asked.await.unwrap().unwrap_err();
        assert!(error.contains("operation timed out"), "{error}");
        assert!(begun.elapsed() >= Duration::from_millis(150), "{:?} for three tries", begun.elapsed());
    }

    #[tokio::test]
    async fn who_is_not_vouched_for_is_told_nothing() {
        let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let server = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certified.cert.der().clone()], key)
            .unwrap();
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(server));
        let (listener, endpoint) = listen("https").await;
        let asked = tokio::spawn(async move { ask(&endpoint, TimeoutConfig::disabled()).await });
        tokio::select! {
            answer = asked => {
                let error = answer.unwrap().unwrap_err();
                assert!(error.contains("UnknownIssuer"), "{error}");
            }
            () = async {
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    assert!(acceptor.accept(stream).await.is_err(), "the handshake ends");
                }
            } => {}
        }
    }
}
