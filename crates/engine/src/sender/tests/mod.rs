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
use tokio_rustls::server::TlsStream;
use webhooks_test_support::receiver::{Behaviour, Gate, Receiver, Request as Arrived, answer};
use webhooks_test_support::tls::Certified;
use webhooks_test_support::{name_server, sockets};

use super::*;
use webhooks_model::attempt::Reason;

mod guarded;
mod kept_connections;
mod name_servers;
mod nginx;
mod odd_receivers;
mod outcomes;
mod protocol_errors;
mod shared_slots;
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

/// Makes a request for this URL.
fn get(url: &str) -> impl Fn(Timestamp) -> Result<Request, http::Error> + Sync + use<> {
    let url: url::Url = url.parse().unwrap();
    move |_| Ok(Request::new(Method::GET, url.clone()))
}

/// Starts a receiver that responds to each request with these bytes.
async fn answering(bytes: impl Into<Vec<u8>>) -> Receiver {
    Receiver::new(Behaviour::Answer(bytes.into())).await
}

async fn attempt(address: SocketAddr) -> Attempt {
    sender().attempt(acme(), Beside::Others, get(&format!("http://{address}/?token=secret"))).await
}

fn shown(attempt: &Attempt) -> (Option<u16>, Option<(Reason, &str)>, &str) {
    let failure = attempt.failure.as_ref().map(|failure| (failure.reason, &*failure.detail));
    (attempt.status, failure, &attempt.body)
}

/// Starts an https receiver with this certificate; it responds with the HTTP version of the request.
async fn https(certified: &Certified, alpn: &[&[u8]]) -> SocketAddr {
    let serve = |stream| async {
        let version = service_fn(|request: http::Request<Incoming>| {
            let version = if request.version() == Version::HTTP_2 { "HTTP/2" } else { "HTTP/1.1" };
            std::future::ready(Ok::<_, std::convert::Infallible>(http::Response::new(version.to_owned())))
        });
        _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), version).await;
    };
    sockets::start_tls(certified.acceptor(alpn), serve).await.0
}

fn localhost() -> Certified {
    Certified::self_signed(["localhost".to_owned()])
}

/// Starts a receiver on every loopback address, and checks that it counts connections to each.
async fn everywhere() -> Receiver {
    // Both families; only IPv4 if there is no IPv6.
    let listener = match TcpListener::bind("[::]:0").await {
        Ok(listener) => listener,
        Err(_) => TcpListener::bind("0.0.0.0:0").await.unwrap(),
    };
    let receiver = Receiver::healthy_on(listener);
    let second = cfg!(target_os = "linux").then_some("127.0.0.2"); // macOS does not have it
    let sixth = receiver.address().is_ipv6().then_some("[::1]");
    for (before, address) in ["127.0.0.1"].into_iter().chain(second).chain(sixth).enumerate() {
        TcpStream::connect(format!("{address}:{}", receiver.address().port())).await.unwrap();
        receiver.until("a connection", |log| log.connections > before).await;
    }
    receiver.forget();
    receiver
}

fn number(count: &AtomicUsize) -> usize {
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
