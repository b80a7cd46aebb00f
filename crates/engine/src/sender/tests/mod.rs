use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use http::{Method, Version};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::*;
use webhooks_model::delivery::Reason;

mod guarded;
mod kept_connections;
use webhooks_test_support::name_server;
mod name_servers;
mod nginx;
mod odd_receivers;
mod outcomes;
mod protocol_errors;
mod tls;

const TIMEOUT: Duration = Duration::from_millis(400);

fn sender() -> Sender {
    Sender::new(settings()).unwrap()
}

/// Returns settings for receivers on this machine.
fn settings() -> SenderSettings {
    SenderSettings { timeout: TIMEOUT, policy: allowing("127.0.0.0/8,::1/128"), ..SenderSettings::default() }
}

fn allowing(networks: &str) -> OutboundPolicy {
    OutboundPolicy { allowed_networks: networks.parse().unwrap(), ..OutboundPolicy::default() }
}

/// Returns the workspace of all attempts.
fn acme() -> &'static WorkspaceId {
    static ACME: LazyLock<WorkspaceId> = LazyLock::new(|| WorkspaceId::try_from("acme".to_owned()).unwrap());
    &ACME
}

fn get(url: &str) -> Request {
    Request::new(Method::GET, url.parse().unwrap())
}

/// Starts a receiver that handles each connection with `answer`, and counts them.
async fn receiver<F, A>(answer: F) -> (SocketAddr, Arc<AtomicUsize>)
where
    F: Fn(TcpStream) -> A + Send + Sync + 'static,
    A: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let count = connections.clone();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            count.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(answer(stream));
        }
    });
    (address, connections)
}

/// Waits for a request.
async fn request_on(stream: &mut TcpStream) {
    assert!(stream.read(&mut [0; 4096]).await.unwrap() > 0);
}

/// Starts a receiver that responds to a request with `answer`, then keeps the connection open.
async fn answering(answer: &'static [u8]) -> SocketAddr {
    let respond = move |mut stream: TcpStream| async move {
        while stream.read(&mut [0; 4096]).await.unwrap_or(0) > 0 {
            stream.write_all(answer).await.unwrap();
        }
    };
    receiver(respond).await.0
}

async fn attempt(address: SocketAddr) -> Attempt {
    sender().attempt(acme(), get(&format!("http://{address}/?token=secret"))).await
}

fn shown(attempt: &Attempt) -> (Option<u16>, Option<(Reason, &str)>, &str) {
    let failure = attempt.failure.as_ref().map(|failure| (failure.reason, &*failure.detail));
    (attempt.status, failure, &attempt.body)
}
/// Starts an https receiver with its own self-signed certificate; it responds with the HTTP version of the request.
async fn https(alpn: &[&[u8]]) -> (SocketAddr, CertificateDer<'static>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = made.cert.der().clone();
    (https_with(certificate.clone(), made.signing_key.serialize_der(), alpn).await, certificate)
}

/// Starts an https receiver with this certificate.
async fn https_with(certificate: CertificateDer<'static>, key: Vec<u8>, alpn: &[&[u8]]) -> SocketAddr {
    let serve = |stream| async {
        let version = service_fn(|request: http::Request<Incoming>| {
            let version = if request.version() == Version::HTTP_2 { "HTTP/2" } else { "HTTP/1.1" };
            std::future::ready(Ok::<_, std::convert::Infallible>(http::Response::new(version.to_owned())))
        });
        _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), version).await;
    };
    over_tls(certificate, key, alpn, serve).await.0
}

/// Starts a TLS receiver that handles each connection with `serve`, and counts them.
async fn over_tls<F, A>(
    certificate: CertificateDer<'static>,
    key: Vec<u8>,
    alpn: &[&[u8]],
    serve: F,
) -> (SocketAddr, Arc<AtomicUsize>)
where
    F: Fn(TlsStream<TcpStream>) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = ()> + Send + 'static,
{
    let key = rustls::pki_types::PrivateKeyDer::try_from(key).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let accept = move |stream: TcpStream| {
        let (acceptor, serve) = (acceptor.clone(), serve.clone());
        async move {
            let Ok(stream) = acceptor.accept(stream).await else { return };
            serve(stream).await;
        }
    };
    receiver(accept).await
}

/// Starts a listener on every loopback address, which counts connections.
async fn everywhere() -> (u16, Arc<AtomicUsize>) {
    // Both families; only IPv4 if there is no IPv6.
    let listener = match TcpListener::bind("[::]:0").await {
        Ok(listener) => listener,
        Err(_) => TcpListener::bind("0.0.0.0:0").await.unwrap(),
    };
    let is_ipv6 = listener.local_addr().unwrap().is_ipv6();
    let (port, count) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
    let connections = count.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            connections.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                request_on(&mut stream).await;
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
            });
        }
    });
    let second = cfg!(target_os = "linux").then_some("127.0.0.2"); // macOS does not have it
    for address in ["127.0.0.1"].into_iter().chain(second).chain(is_ipv6.then_some("[::1]")) {
        let before = connections_of(&count);
        TcpStream::connect(format!("{address}:{port}")).await.unwrap();
        tokio::time::timeout(Duration::from_secs(5), async {
            while connections_of(&count) == before {
                tokio::task::yield_now().await;
            }
        })
        .await
        .expect("it counts");
    }
    count.store(0, Ordering::SeqCst);
    (port, count)
}

fn connections_of(count: &AtomicUsize) -> usize {
    count.load(Ordering::SeqCst)
}

/// Creates a sender that allows only 127.0.0.1 and resolves names to these addresses, one list per lookup.
fn sender_with(lookups: &'static [&[&str]]) -> (Sender, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let answer = move |_: &str| {
        let addresses = lookups[count.fetch_add(1, Ordering::SeqCst).min(lookups.len() - 1)];
        Ok(addresses.iter().map(|address| address.parse().unwrap()).collect())
    };
    let (policy, lookup) = (allowing("127.0.0.1/32"), Lookup::Given(Arc::new(answer)));
    (Sender::new(SenderSettings { policy, lookup, ..settings() }).unwrap(), asked)
}
