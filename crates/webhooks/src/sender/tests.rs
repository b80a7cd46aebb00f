use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::Version;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::conn::auto;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::*;

const TIMEOUT: Duration = Duration::from_millis(400);

fn sender() -> Sender {
    Sender::new(settings()).unwrap()
}

/// For receivers on this machine.
fn settings() -> SenderSettings {
    SenderSettings { timeout: TIMEOUT, guard: allowing("127.0.0.0/8,::1/128"), ..SenderSettings::default() }
}

fn allowing(networks: &str) -> Guard {
    Guard { allowed_networks: networks.parse().unwrap(), ..Guard::default() }
}

fn get(url: &str) -> Request<Empty<Bytes>> {
    Request::get(url).body(Empty::new()).unwrap()
}

/// A receiver that does `answer` with each connection, and counts them.
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

/// Waits until a request has come.
async fn request_on(stream: &mut TcpStream) {
    assert!(stream.read(&mut [0; 4096]).await.unwrap() > 0);
}

/// Reads a request and writes `answer` to it, then keeps the connection open.
async fn answering(answer: &'static [u8]) -> SocketAddr {
    let respond = move |mut stream: TcpStream| async move {
        while stream.read(&mut [0; 4096]).await.unwrap_or(0) > 0 {
            stream.write_all(answer).await.unwrap();
        }
    };
    receiver(respond).await.0
}

async fn attempt(address: SocketAddr) -> Attempt {
    sender().attempt(get(&format!("http://{address}/?token=secret"))).await
}

fn shown(attempt: &Attempt) -> (Option<u16>, Option<(Reason, &str)>, &str) {
    let failure = attempt.failure.as_ref().map(|failure| (failure.reason, &*failure.detail));
    (attempt.status, failure, &attempt.body)
}

#[tokio::test]
async fn a_2xx_is_a_success_and_the_beginning_of_its_body_is_kept() {
    let receiver = answering(b"HTTP/1.1 201 Created\r\ncontent-length: 3\r\n\r\nyes").await;
    assert_eq!(shown(&attempt(receiver).await), (Some(201), None, "yes"));
}

#[tokio::test]
async fn a_redirect_is_a_failure_and_is_not_followed() {
    let (target, called) = receiver(|_| async {}).await;
    let answer = format!("HTTP/1.1 307 X\r\nlocation: http://{target}/\r\ncontent-length: 0\r\n\r\n").leak();
    let attempt = attempt(answering(answer.as_bytes()).await).await;
    let failure = (Reason::Redirect, "answered 307 Temporary Redirect; redirects are not followed");
    assert_eq!(shown(&attempt), (Some(307), Some(failure), ""));
    assert_eq!(called.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_receiver_that_never_answers_is_a_timeout_that_says_it_was_connected() {
    let begun = Instant::now();
    let attempt = attempt(answering(b"").await).await;
    assert_eq!(shown(&attempt).1, Some((Reason::Timeout, "connected, but no answer within 400ms")));
    assert!(begun.elapsed() >= TIMEOUT && attempt.latency >= TIMEOUT);
}

#[tokio::test]
async fn headers_that_drip_are_a_timeout() {
    let drip = |mut stream: TcpStream| async move {
        request_on(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\n").await.unwrap();
        while stream.write_all(b"x: y\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let (address, _) = receiver(drip).await;
    assert_eq!(shown(&attempt(address).await).1.unwrap().0, Reason::Timeout);
}

#[tokio::test]
async fn a_body_that_drips_is_cut_off_within_the_same_time_and_the_headers_have_decided() {
    let drip = |mut stream: TcpStream| async move {
        request_on(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n").await.unwrap();
        while stream.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let (address, _) = receiver(drip).await;
    let begun = Instant::now();
    let attempt = attempt(address).await;
    assert!(attempt.succeeded() && attempt.body.starts_with('x'), "{attempt:?}");
    assert!(attempt.latency < TIMEOUT && begun.elapsed() < 4 * TIMEOUT, "{attempt:?}");
}

#[tokio::test]
async fn of_an_endless_body_no_more_than_4_kib_are_read() {
    let sent = Arc::new(AtomicUsize::new(0));
    let count = sent.clone();
    let pour = move |mut stream: TcpStream| {
        let count = count.clone();
        async move {
            request_on(&mut stream).await;
            stream.write_all(b"HTTP/1.1 500 X\r\ncontent-length: 1073741824\r\n\r\n").await.unwrap();
            while let Ok(n) = stream.write(&[b'x'; 4096]).await {
                count.fetch_add(n, Ordering::SeqCst);
            }
        }
    };
    let (address, _) = receiver(pour).await;
    let begun = Instant::now();
    let attempt = attempt(address).await;
    assert_eq!((attempt.body.len(), attempt.status), (MAX_BODY_BYTES, Some(500)));
    assert!(begun.elapsed() < TIMEOUT, "it does not wait for the rest");
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(sent.load(Ordering::SeqCst) < 64 * 1024 * 1024, "the connection is closed, not drained");
}

#[tokio::test]
async fn each_way_of_not_answering_has_its_reason() {
    let reason = async |address| shown(&attempt(address).await).1.map(|(reason, detail)| (reason, detail.to_owned()));
    let reset = |mut stream: TcpStream| async move {
        request_on(&mut stream).await;
        socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    };
    let close = |mut stream: TcpStream| async move { request_on(&mut stream).await };
    let (resetting, resets) = receiver(reset).await;
    let (closing, closes) = receiver(close).await;
    assert_eq!(reason(resetting).await.unwrap().0, Reason::ConnectionReset);
    assert_eq!(reason(closing).await.unwrap().0, Reason::ConnectionClosed);
    assert_eq!((resets.load(Ordering::SeqCst), closes.load(Ordering::SeqCst)), (1, 1), "the client never repeats");

    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    assert_eq!(reason(nobody).await.unwrap().0, Reason::ConnectionRefused);
    assert_eq!(reason(answering(b"SSH-2.0-OpenSSH_9.2\r\n").await).await.unwrap().0, Reason::InvalidResponse);

    let unknown = sender().attempt(get("http://does-not-exist.invalid/")).await;
    assert_eq!(shown(&unknown).1.unwrap().0, Reason::DnsFailure);
    let plain = answering(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await;
    let tls = sender().attempt(get(&format!("https://{plain}/?token=secret"))).await;
    assert_eq!(shown(&tls).1.unwrap().0, Reason::TlsFailure);
}

#[tokio::test]
async fn a_reason_never_contains_the_url() {
    let plain = answering(b"nonsense\r\n\r\n").await;
    for url in [
        "http://does-not-exist.invalid/?token=secret".to_owned(),
        format!("http://{plain}/?token=secret"),
        format!("https://{plain}/?token=secret"),
        "http://127.0.0.1:1/?token=secret".to_owned(),
    ] {
        let attempt = sender().attempt(get(&url)).await;
        assert!(!format!("{attempt:?}").contains("secret"), "{attempt:?}");
    }
}

#[tokio::test]
async fn connections_are_reused() {
    let respond = |mut stream: TcpStream| async move {
        while stream.read(&mut [0; 4096]).await.unwrap_or(0) > 0 {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await.unwrap();
        }
    };
    let (address, connections) = receiver(respond).await;
    let sender = sender();
    for _ in 0..20 {
        assert!(sender.attempt(get(&format!("http://{address}/"))).await.succeeded());
    }
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

/// An https receiver with a certificate of its own making; answers with the HTTP version it was spoken to in.
async fn https(alpn: &[&[u8]]) -> (SocketAddr, CertificateDer<'static>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = made.cert.der().clone();
    (https_with(certificate.clone(), made.signing_key.serialize_der(), alpn).await, certificate)
}

/// The same with this certificate.
async fn https_with(certificate: CertificateDer<'static>, key: Vec<u8>, alpn: &[&[u8]]) -> SocketAddr {
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
    let serve = move |stream: TcpStream| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(stream) = acceptor.accept(stream).await else { return };
            let version = service_fn(|request: Request<Incoming>| {
                let version = if request.version() == Version::HTTP_2 { "HTTP/2" } else { "HTTP/1.1" };
                std::future::ready(Ok::<_, std::convert::Infallible>(Response::new(version.to_owned())))
            });
            _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), version).await;
        }
    };
    receiver(serve).await.0
}

#[tokio::test]
async fn http2_is_spoken_where_the_receiver_offers_it() {
    for (alpn, spoken) in [(&[&b"h2"[..], b"http/1.1"][..], "HTTP/2"), (&[b"http/1.1"], "HTTP/1.1"), (&[], "HTTP/1.1")]
    {
        let (address, certificate) = https(alpn).await;
        let settings =
            SenderSettings { extra_roots: vec![certificate], timeout: Duration::from_secs(10), ..settings() };
        let attempt =
            Sender::new(settings).unwrap().attempt(get(&format!("https://localhost:{}/", address.port()))).await;
        assert_eq!(shown(&attempt), (Some(200), None, spoken));
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_a_tls_failure() {
    let (address, _) = https(&[]).await;
    let attempt = sender().attempt(get(&format!("https://localhost:{}/", address.port()))).await;
    assert_eq!(
        shown(&attempt).1,
        Some((Reason::TlsFailure, "no TLS connection: invalid peer certificate: UnknownIssuer"))
    );
}

/// A listener on every loopback address, which counts those who come.
async fn everywhere() -> (u16, Arc<AtomicUsize>) {
    // Both families; IPv4 alone where there is no IPv6.
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
    let second = cfg!(target_os = "linux").then_some("127.0.0.2"); // not there on macOS
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

#[tokio::test]
async fn what_may_not_be_called_never_gets_a_connection_however_it_is_spelt() {
    let (port, connections) = everywhere().await;
    let sender = Sender::new(SenderSettings { timeout: TIMEOUT, ..SenderSettings::default() }).unwrap();
    let table = include_str!("../../tests/data/refused-urls.txt");
    let lines = table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let (mut refused, mut raw) = (0, 0);
    for (expected, url) in lines.filter_map(|line| line.split_once(' ')) {
        let url = url.replace("PORT", &port.to_string());
        if expected == "address-not-allowed" {
            // As it is sent when it was configured before it was refused.
            let configured = crate::callbacks::CallbackUrl::try_from(url.clone()).unwrap();
            let attempt = sender.attempt(get(configured.origin())).await;
            assert_eq!(attempt.failure.map(|failure| failure.reason), Some(Reason::AddressNotAllowed), "{url}");
            refused += 1;
        }
        // As it never is: past the canonical form, as far as the client can make a request of it.
        if let Ok(request) = Request::get(&url).body(Empty::new()) {
            let attempt = sender.attempt(request).await;
            assert!(!attempt.succeeded() && attempt.status.is_none(), "{url}: {attempt:?}");
            raw += 1;
        }
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(connections_of(&connections), 0);
    assert!(refused >= 60, "{refused}");
    println!("{refused} spellings refused at the attempt, {raw} of all without the canonical form, no connection");
}

/// A sender that allows 127.0.0.1 alone, for which names stand for these addresses, one list at each lookup.
fn sender_with(lookups: &'static [&[&str]]) -> (Sender, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let answer = move |_: &str| {
        let addresses = lookups[count.fetch_add(1, Ordering::SeqCst).min(lookups.len() - 1)];
        Ok(addresses.iter().map(|address| address.parse().unwrap()).collect())
    };
    let (guard, lookup) = (allowing("127.0.0.1/32"), Lookup::Given(Arc::new(answer)));
    (Sender::new(SenderSettings { guard, lookup, ..settings() }).unwrap(), asked)
}

#[tokio::test]
async fn a_name_that_answers_differently_the_second_time_is_not_called() {
    let (port, connections) = everywhere().await;
    let url = format!("http://rebinding.example:{port}/?token=secret");

    let (sender, asked) = sender_with(&[&["127.0.0.1"], &["127.0.0.2"]]);
    let names = || std::iter::once("rebinding.example".to_owned()).collect();
    assert!(sender.refused_names(names()).await.is_empty(), "when it is configured it is allowed");
    let attempt = sender.attempt(get(&url)).await;
    let detail = "the host name leads to an address that may not be called: loopback; use a host on the internet, or have \
                  the operator allow its network (ALLOWED_NETWORKS)";
    assert_eq!(shown(&attempt), (None, Some((Reason::AddressNotAllowed, detail)), ""));
    assert_eq!((connections_of(&asked), connections_of(&connections)), (2, 0));
    assert!(!sender.refused_names(names()).await.is_empty(), "from then on it is refused when it is configured, too");
}

#[tokio::test]
async fn the_connection_goes_to_the_address_that_was_judged_and_there_is_no_second_lookup() {
    let (port, connections) = everywhere().await;
    let (sender, asked) = sender_with(&[&["127.0.0.1"], &["127.0.0.2"]]);
    assert!(sender.attempt(get(&format!("http://rebinding.example:{port}/"))).await.succeeded());
    assert_eq!((connections_of(&asked), connections_of(&connections)), (1, 1));
}

#[tokio::test]
async fn one_bad_address_among_good_ones_is_enough() {
    let (port, connections) = everywhere().await;
    let mixed: [&'static [&[&str]]; 3] =
        [&[&["127.0.0.1", "127.0.0.2"]], &[&["169.254.169.254", "127.0.0.1"]], &[&["127.0.0.1", "::1"]]];
    for lookups in mixed {
        let (sender, _) = sender_with(lookups);
        let attempt = sender.attempt(get(&format!("http://mixed.example:{port}/"))).await;
        assert_eq!(attempt.failure.unwrap().reason, Reason::AddressNotAllowed);
    }
    assert_eq!(connections_of(&connections), 0);
}

#[tokio::test]
async fn scheme_and_port_are_judged_at_the_attempt_too() {
    let (port, connections) = everywhere().await;
    let https_only = Guard { https_only: true, ..allowing("127.0.0.0/8") };
    let other_port = Guard { allowed_ports: "443".parse().unwrap(), ..allowing("127.0.0.0/8") };
    for guard in [https_only, other_port] {
        let sender = Sender::new(SenderSettings { guard, ..settings() }).unwrap();
        let attempt = sender.attempt(get(&format!("http://127.0.0.1:{port}/?token=secret"))).await;
        assert_eq!(attempt.failure.as_ref().unwrap().reason, Reason::AddressNotAllowed);
        assert!(!format!("{attempt:?}").contains("secret"));
    }
    assert_eq!(connections_of(&connections), 0);
}

#[tokio::test]
async fn a_receiver_with_a_certificate_of_a_private_ca_is_trusted_where_it_is_set() {
    let authority = rcgen::KeyPair::generate().unwrap();
    let mut parameters = rcgen::CertificateParams::new(Vec::new()).unwrap();
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let root = parameters.self_signed(&authority).unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let leaf = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&key, &rcgen::Issuer::new(parameters, authority)).unwrap();
    let address = https_with(leaf.der().clone(), key.serialize_der(), &[]).await;

    // As it comes out of an environment variable.
    let setting = root.pem().lines().collect::<Vec<_>>().join(" ");
    let url = format!("https://localhost:{}/", address.port());
    let trusting = SenderSettings { extra_roots: certificates(&setting).unwrap(), ..settings() };
    assert!(Sender::new(trusting).unwrap().attempt(get(&url)).await.succeeded());
    assert_eq!(sender().attempt(get(&url)).await.failure.unwrap().reason, Reason::TlsFailure);
}
