//! The SDK's HTTP client in a function: `hyper-util`'s pool, which the sender's `reqwest` uses too, with compiled-in
//! roots. The SDK's own client reads the system's roots from disk at each start.

use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector as Tcp;
use hyper_util::rt::{TokioExecutor, TokioTimer};

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
        made.entry(timeouts).or_insert_with(|| self.connector(timeouts)).clone()
    }
}

impl Connectors {
    fn connector(&self, (connect_timeout, read_timeout): Timeouts) -> SharedHttpConnector {
        let mut tcp = Tcp::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(connect_timeout);
        let tls = HttpsConnectorBuilder::new().with_tls_config(self.tls.clone());
        let connector = tls.https_or_http().enable_http1().wrap_connector(tcp);
        let client = Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector);
        SharedHttpConnector::new(Connector { client, read_timeout })
    }
}

struct Connector {
    client: Client<HttpsConnector<Tcp>, SdkBody>,
    read_timeout: Option<Duration>,
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connector").field("read_timeout", &self.read_timeout).finish_non_exhaustive()
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let request = match request.try_into_http1x() {
            Ok(request) => request,
            Err(error) => return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into()))),
        };
        let (answer, read_timeout) = (self.client.request(request), self.read_timeout);
        HttpConnectorFuture::new(async move {
            let answer = match read_timeout {
                None => answer.await,
                Some(bound) => {
                    tokio::time::timeout(bound, answer).await.map_err(|late| ConnectorError::timeout(late.into()))?
                }
            };
            let answer = answer.map_err(failure)?;
            HttpResponse::try_from(answer.map(SdkBody::from_body_1_x))
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// Converts an error into one that the SDK retries if it is a failure in transit.
///
/// All calls of the SDK here are safe to repeat, and it does not repeat our own mistakes.
fn failure(error: hyper_util::client::legacy::Error) -> ConnectorError {
    let mut source = error.source();
    while let Some(cause) = source {
        match cause.downcast_ref::<hyper::Error>() {
            Some(cause) if cause.is_user() => return ConnectorError::user(error.into()),
            Some(cause) if cause.is_timeout() => return ConnectorError::timeout(error.into()),
            _ => source = cause.source(),
        }
    }
    ConnectorError::io(error.into())
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
        assert!(error.contains("deadline has elapsed"), "{error}");
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
