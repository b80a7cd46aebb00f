//! Receivers: the servers behind callback URLs, with correct or faulty behaviour.
//!
//! They speak HTTP/1.1 over bare sockets, so that a test sees the exact bytes of a request and a receiver can do what
//! no HTTP server would.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{self, pki_types::PrivateKeyDer};

use crate::patience::PATIENCE;

/// Time that a test waits to see that no further request arrives.
pub(crate) const QUIET: Duration = Duration::from_millis(400);

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// First line, without its line end.
    pub(crate) line: String,
    /// Header names as they arrived, and their values.
    pub(crate) headers: Vec<(String, String)>,
    /// Time at which the whole head was read.
    pub(crate) at: Instant,
    pub(crate) at_clock: SystemTime,
    /// Time just before the response's head was sent, if it was.
    pub(crate) answered_at: Option<Instant>,
    /// Status of the response, if it was HTTP.
    pub(crate) status: Option<u16>,
    /// `Retry-After` of the response, in seconds.
    pub(crate) retry_after: Option<i64>,
    /// Time at which the receiver closed the connection without a response, if it did.
    pub(crate) closed_at: Option<Instant>,
    /// Whether the response was a 2xx: the event is acknowledged.
    pub(crate) taken: bool,
    /// Number of the receiver's connection, from 0.
    pub(crate) connection: usize,
}

impl Request {
    fn parse(head: &[u8], connection: usize) -> Self {
        let text = String::from_utf8_lossy(head);
        let mut lines = text.split("\r\n");
        let line = lines.next().unwrap_or_default().to_owned();
        let headers = lines
            .take_while(|line| !line.is_empty())
            .map(|line| line.split_once(": ").unwrap_or((line, "")))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Self {
            line,
            headers,
            at: Instant::now(),
            at_clock: SystemTime::now(),
            answered_at: None,
            status: None,
            retry_after: None,
            closed_at: None,
            taken: false,
            connection,
        }
    }

    /// Records that a response was sent.
    fn answered(&mut self, at: Instant, bytes: &[u8]) {
        let head = String::from_utf8_lossy(bytes);
        let number = |after: &str| head.split_once(after)?.1.split([' ', '\r']).next()?.parse().ok();
        self.answered_at = Some(at);
        self.status =
            head.starts_with("HTTP/1.1 ").then(|| number("HTTP/1.1 ")).flatten().and_then(|it| u16::try_from(it).ok());
        self.retry_after = number("retry-after: ");
        self.taken = self.status.is_some_and(|status| (200..300).contains(&status));
    }

    /// Returns the only value of this header.
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut values = self.headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
        let (_, value) = values.next().unwrap_or_else(|| panic!("no header {name} in {self:?}"));
        assert!(values.next().is_none(), "header {name} came twice in {self:?}");
        value
    }

    pub(crate) fn has_header(&self, name: &str) -> bool {
        self.headers.iter().any(|(other, _)| other.eq_ignore_ascii_case(name))
    }

    /// Returns the request target: path and query, byte for byte.
    pub(crate) fn target(&self) -> &str {
        let target = self.line.strip_prefix("GET ").and_then(|rest| rest.strip_suffix(" HTTP/1.1"));
        target.unwrap_or_else(|| panic!("not a GET over HTTP/1.1: {:?}", self.line))
    }

    /// Returns a query parameter, decoded by a parser other than the product's. The last one counts, because a URL's
    /// own query comes before the appended one.
    pub(crate) fn parameter(&self, name: &str) -> String {
        let url =
            url::Url::parse("http://receiver").and_then(|base| base.join(self.target())).expect("a request target");
        let value = url.query_pairs().filter(|(other, _)| other == name).last();
        value.unwrap_or_else(|| panic!("no parameter {name} in {:?}", self.line)).1.into_owned()
    }

    pub(crate) fn instance(&self) -> String {
        self.parameter("instanceID")
    }

    pub(crate) fn process(&self) -> String {
        self.parameter("processName")
    }

    pub(crate) fn event_type(&self) -> String {
        self.parameter("eventType")
    }

    pub(crate) fn id(&self) -> &str {
        self.header("webhook-id")
    }
}

/// Behaviour of a receiver towards a request.
#[derive(Clone)]
pub(crate) enum Behaviour {
    /// Sends these bytes and keeps the connection.
    Answer(Vec<u8>),
    /// Sends these bytes after a while and keeps the connection.
    Slow(Duration, Vec<u8>),
    /// Sends these bytes once the gate opens and keeps the connection.
    Held(Gate, Vec<u8>),
    /// Sends these bytes, without `Connection: close`, and closes.
    AnswerThenClose(Vec<u8>),
    /// Sends no response, for ever.
    Hang,
    /// Sends these bytes, then one more byte at a time, for ever.
    Drip(Vec<u8>),
    /// Sends these bytes, then as many as the other side reads.
    Flood(Vec<u8>),
    /// Ends the connection with RST.
    Reset,
    /// Ends the connection with FIN.
    Close,
}

impl Behaviour {
    /// Responds with this status and a short body.
    pub(crate) fn status(status: u16) -> Self {
        Self::Answer(answer(status, "", "thanks"))
    }

    pub(crate) fn ok() -> Self {
        Self::status(200)
    }

    /// Sends a status line and a header that never ends.
    pub(crate) fn drip_headers() -> Self {
        Self::Drip(b"HTTP/1.1 200 OK\r\nx-drip: ".to_vec())
    }

    /// Sends a complete head at once, and a body that never ends.
    pub(crate) fn drip_body() -> Self {
        Self::Drip(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n".to_vec())
    }

    /// Sends a complete head that announces 1 GiB, and the bytes for it.
    pub(crate) fn huge_body(status: u16) -> Self {
        Self::Flood(format!("HTTP/1.1 {status} Huge\r\ncontent-length: 1073741824\r\n\r\n").into_bytes())
    }

    fn sends_a_whole_head(&self) -> bool {
        match self {
            Self::Drip(bytes) => bytes.ends_with(b"\r\n\r\n"),
            _ => true,
        }
    }
}

/// Builds a response with `content-length`; `headers` are whole lines.
pub(crate) fn answer(status: u16, headers: &str, body: &str) -> Vec<u8> {
    // RFC 9110 section 8.6: no content-length in a 204
    let length = if status == 204 { String::new() } else { format!("content-length: {}\r\n", body.len()) };
    let body = if status == 204 { "" } else { body };
    format!("HTTP/1.1 {status} Status\r\n{headers}{length}\r\n{body}").into_bytes()
}

/// Gate that holds responses until it is opened, for all at once.
#[derive(Clone)]
pub(crate) struct Gate(Arc<watch::Sender<bool>>);

impl Gate {
    pub(crate) fn closed() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    pub(crate) fn open(&self) {
        self.0.send_replace(true);
    }

    async fn opened(&self) {
        // the sender lives in `self`
        let _ = self.0.subscribe().wait_for(|open| *open).await;
    }
}

/// Log of a receiver.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log {
    pub(crate) requests: Vec<Request>,
    pub(crate) connections: usize,
    /// Connections that the other side closed, as the receiver detected.
    pub(crate) hangups: Vec<Hangup>,
    /// Number of failed TLS handshakes.
    pub(crate) failed_handshakes: usize,
    /// Bytes of a flood that the other side, or the sockets between, accepted.
    pub(crate) flooded: u64,
}

/// The end of a connection, as the receiver detects it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hangup {
    pub(crate) connection: usize,
    pub(crate) at: Instant,
}

type Decide = dyn Fn(&Request) -> Behaviour + Send + Sync;

struct Shared {
    log: watch::Sender<Log>,
    decide: Mutex<Arc<Decide>>,
    tls: Option<TlsAcceptor>,
}

/// A receiver on a free port of the loopback address, until it is dropped.
pub(crate) struct Receiver {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Receiver {
    /// Starts a receiver that responds with 200.
    pub(crate) async fn healthy() -> Self {
        Self::new(Behaviour::ok()).await
    }

    pub(crate) async fn new(behaviour: Behaviour) -> Self {
        Self::deciding(move |_| behaviour.clone()).await
    }

    /// Starts a receiver that chooses its behaviour for each request.
    pub(crate) async fn deciding(decide: impl Fn(&Request) -> Behaviour + Send + Sync + 'static) -> Self {
        Self::listen(Arc::new(decide), None).await
    }

    /// Starts a receiver that responds with 200 over TLS, with a certificate that no client trusts.
    pub(crate) async fn untrusted() -> Self {
        Self::with_certificate().await.0
    }

    /// Starts such a receiver; returns its certificate as PEM, too.
    pub(crate) async fn with_certificate() -> (Self, String) {
        let names = ["127.0.0.1".to_owned(), "localhost".to_owned()];
        let certified = rcgen::generate_simple_self_signed(names).expect("a self-signed certificate");
        let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).expect("its key");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("TLS versions")
            .with_no_client_auth()
            .with_single_cert(vec![certified.cert.der().clone()], key)
            .expect("a TLS configuration");
        let tls = TlsAcceptor::from(Arc::new(config));
        (Self::listen(Arc::new(|_: &Request| Behaviour::ok()), Some(tls)).await, certified.cert.pem())
    }

    async fn listen(decide: Arc<Decide>, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        let shared = Arc::new(Shared { log: watch::Sender::default(), decide: Mutex::new(decide), tls });
        let task = tokio::spawn(accept(listener, shared.clone()));
        Self { address, shared, task }
    }

    /// Sets the behaviour from the next request on.
    pub(crate) fn turn(&self, behaviour: Behaviour) {
        *self.shared.decide.lock().expect("no panic while held") = Arc::new(move |_: &Request| behaviour.clone());
    }

    pub(crate) fn url(&self, path_and_query: &str) -> String {
        let scheme = if self.shared.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}{path_and_query}", self.address)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns a copy of the log.
    pub(crate) fn log(&self) -> Log {
        self.shared.log.borrow().clone()
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.log().requests
    }

    /// Reads the log without a copy.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&Log) -> T) -> T {
        look(&self.shared.log.borrow())
    }

    /// Waits until `condition` holds.
    pub(crate) async fn until(&self, what: &str, condition: impl FnMut(&Log) -> bool) -> Log {
        let mut log = self.shared.log.subscribe();
        let seen =
            timeout(PATIENCE, log.wait_for(condition)).await.map(|seen| seen.expect("the receiver lives").clone());
        seen.unwrap_or_else(|_| panic!("waited {PATIENCE:?} in vain for {what}; the receiver saw {:#?}", self.log()))
    }

    /// Waits for this number of requests and returns all there are.
    pub(crate) async fn arrived(&self, count: usize) -> Vec<Request> {
        let log = self.until(&format!("{count} requests"), |log| log.requests.len() >= count).await;
        log.requests
    }

    /// Waits for exactly this number of requests: they arrive, and then no more.
    pub(crate) async fn exactly(&self, count: usize) -> Vec<Request> {
        self.arrived(count).await;
        sleep(QUIET).await;
        let requests = self.requests();
        assert_eq!(requests.len(), count, "requests: {requests:#?}");
        requests
    }

    /// Waits for a request about this instance.
    pub(crate) async fn heard_of(&self, instance: &str) -> Request {
        let about = |log: &Log| log.requests.iter().find(|request| request.instance() == instance).cloned();
        let log = self.until(&format!("a request about {instance}"), |log| about(log).is_some()).await;
        about(&log).expect("just seen")
    }
}

/// A port of the loopback address that refuses connections, reserved for this test.
pub(crate) struct Refusing(TcpSocket);

impl Refusing {
    pub(crate) fn new() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
        Self(socket) // bound, never listening
    }

    pub(crate) fn url(&self, path_and_query: &str) -> String {
        format!("http://{}{path_and_query}", self.0.local_addr().expect("its address"))
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let connection = shared.log.borrow().connections;
        shared.log.send_modify(|log| log.connections += 1);
        tokio::spawn(connected(stream, connection, shared.clone()));
    }
}

async fn connected(mut stream: TcpStream, connection: usize, shared: Arc<Shared>) {
    let _ = stream.set_nodelay(true);
    let end = match &shared.tls {
        None => serve(&mut stream, connection, &shared).await,
        Some(acceptor) => match acceptor.accept(&mut stream).await {
            Ok(mut stream) => serve(&mut stream, connection, &shared).await,
            Err(_) => {
                shared.log.send_modify(|log| log.failed_handshakes += 1);
                End::Fin
            }
        },
    };
    match end {
        End::HungUp => shared.log.send_modify(|log| log.hangups.push(Hangup { connection, at: Instant::now() })),
        End::Rst => drop(stream.set_zero_linger()),
        End::Fin => {}
    }
}

/// End of a connection.
enum End {
    /// The other side closed it.
    HungUp,
    Rst,
    Fin,
}

async fn serve(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), connection: usize, shared: &Shared) -> End {
    let mut unread = Vec::new();
    loop {
        let head = match read_head(stream, &mut unread).await {
            Head::Whole(head) => head,
            Head::NotHttp => {
                shared.log.send_modify(|log| log.failed_handshakes += 1);
                let _ = stream.write_all(&answer(400, "connection: close\r\n", "this port speaks plain HTTP")).await;
                return End::Fin;
            }
            Head::HungUp => return End::HungUp,
        };
        let request = Request::parse(&head, connection);
        let decide = shared.decide.lock().expect("no panic while held").clone();
        let behaviour = decide(&request);
        let mut index = 0;
        shared.log.send_modify(|log| {
            index = log.requests.len();
            log.requests.push(request);
        });
        let ended = || shared.log.send_modify(|log| log.requests[index].closed_at = Some(Instant::now()));
        let whole_head = behaviour.sends_a_whole_head();
        let (bytes, then) = match behaviour {
            Behaviour::Answer(bytes) => (bytes, Then::Keep),
            Behaviour::Slow(delay, bytes) => {
                if quiet_for(delay, stream, &mut unread).await {
                    return End::HungUp;
                }
                (bytes, Then::Keep)
            }
            Behaviour::Held(gate, bytes) => {
                gate.opened().await;
                (bytes, Then::Keep)
            }
            Behaviour::AnswerThenClose(bytes) => (bytes, Then::Close),
            Behaviour::Drip(bytes) => (bytes, Then::Drip),
            Behaviour::Flood(bytes) => (bytes, Then::Flood),
            Behaviour::Hang => {
                while !quiet_for(PATIENCE, stream, &mut unread).await {}
                return End::HungUp;
            }
            Behaviour::Reset => {
                ended();
                return End::Rst;
            }
            Behaviour::Close => {
                ended();
                return End::Fin;
            }
        };
        let answered_at = Instant::now();
        if stream.write_all(&bytes).await.is_err() {
            return End::HungUp;
        }
        if whole_head {
            shared.log.send_modify(|log| log.requests[index].answered(answered_at, &bytes));
        }
        match then {
            Then::Keep => {}
            Then::Close => return closed(stream).await,
            Then::Drip => {
                while stream.write_all(b"x").await.is_ok() {
                    if quiet_for(Duration::from_millis(50), stream, &mut unread).await {
                        break;
                    }
                }
                return End::HungUp;
            }
            Then::Flood => {
                let chunk = vec![b'x'; 64 * 1024];
                while let Ok(written) = stream.write(&chunk).await {
                    shared.log.send_modify(|log| log.flooded += written as u64);
                }
                return End::HungUp;
            }
        }
    }
}

enum Then {
    Keep,
    Close,
    Drip,
    Flood,
}

enum Head {
    Whole(Vec<u8>),
    /// The first byte is not a letter: a TLS ClientHello, for example.
    NotHttp,
    HungUp,
}

/// Reads up to the empty line; bytes after it stay in `unread`, and would be the next request.
async fn read_head(stream: &mut (impl AsyncRead + Unpin), unread: &mut Vec<u8>) -> Head {
    loop {
        if unread.first().is_some_and(|byte| !byte.is_ascii_alphabetic()) {
            return Head::NotHttp;
        }
        if let Some(end) = unread.windows(4).position(|window| window == b"\r\n\r\n") {
            let rest = unread.split_off(end + 4);
            return Head::Whole(std::mem::replace(unread, rest));
        }
        match stream.read_buf(unread).await {
            Ok(0) | Err(_) => return Head::HungUp,
            Ok(_) => {}
        }
    }
}

/// Waits, and returns whether the other side closed the connection meanwhile.
async fn quiet_for(delay: Duration, stream: &mut (impl AsyncRead + Unpin), unread: &mut Vec<u8>) -> bool {
    let hung_up = async {
        loop {
            match stream.read_buf(unread).await {
                Ok(0) | Err(_) => return true,
                Ok(_) => {}
            }
        }
    };
    timeout(delay, hung_up).await.unwrap_or(false)
}

/// Sends FIN and waits until the other side has closed as well.
async fn closed(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> End {
    let _ = stream.shutdown().await;
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest).await;
    End::HungUp
}
