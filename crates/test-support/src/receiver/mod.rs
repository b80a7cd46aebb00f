//! Receivers: the servers behind callback URLs, with correct or faulty behaviour.
//!
//! They speak HTTP/1.1 over bare sockets, so that a test sees the exact bytes of a request and a receiver can do what
//! no HTTP server would.

mod behaviour;
mod connection;
mod request;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use webhooks_model::address::OutboundPolicy;

pub use behaviour::{Behaviour, Gate, answer};
pub use request::Request;

use crate::patience::PATIENCE;
use crate::sockets;
use crate::tls::Certified;

/// Time that a test waits to see that no further request arrives.
pub const QUIET: Duration = Duration::from_millis(400);

/// Returns a policy that allows the receivers of tests.
pub fn on_this_machine() -> OutboundPolicy {
    OutboundPolicy { allowed_networks: "127.0.0.0/8,::1/128".parse().unwrap(), ..OutboundPolicy::default() }
}

/// Log of a receiver.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// Requests in the order of arrival.
    pub requests: Vec<Request>,
    pub connections: usize,
    /// Connections that the other side closed, as the receiver detected.
    pub hangups: Vec<Hangup>,
    /// Number of failed TLS handshakes.
    pub failed_handshakes: usize,
    /// Bytes of a flood that the other side, or the sockets between, accepted.
    pub flooded: u64,
    /// Number of requests without a response, now and at most.
    open: usize,
    pub most_open: usize,
    /// Number of requests that were removed from the log.
    forgotten: usize,
}

/// The end of a connection, as the receiver detects it.
#[derive(Clone, Copy, Debug)]
pub struct Hangup {
    pub connection: usize,
    pub at: Instant,
}

type Decide = dyn Fn(&Request) -> Behaviour + Send + Sync;

struct Shared {
    log: watch::Sender<Log>,
    decide: Mutex<Arc<Decide>>,
    tls: Option<TlsAcceptor>,
}

impl Shared {
    /// Records a request; returns its number.
    fn arrived(&self, request: Request) -> usize {
        let mut number = 0;
        self.log.send_modify(|log| {
            number = log.forgotten + log.requests.len();
            log.requests.push(request);
            log.open += 1;
            log.most_open = log.most_open.max(log.open);
        });
        number
    }

    /// Records that a request is open no longer, and how it ended.
    fn ended(&self, number: usize, how: impl FnOnce(&mut Request)) {
        self.log.send_modify(|log| log.open -= 1);
        self.record(number, how);
    }

    fn record(&self, number: usize, change: impl FnOnce(&mut Request)) {
        self.log.send_modify(|log| {
            let request = number.checked_sub(log.forgotten).and_then(|index| log.requests.get_mut(index));
            request.map(change);
        });
    }
}

/// A receiver on a free port of the loopback address, until it is dropped.
pub struct Receiver {
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
    pub async fn healthy() -> Self {
        Self::new(Behaviour::ok()).await
    }

    pub async fn new(behaviour: Behaviour) -> Self {
        Self::deciding(move |_| behaviour.clone()).await
    }

    /// Starts a receiver that chooses its behaviour for each request.
    pub async fn deciding(decide: impl Fn(&Request) -> Behaviour + Send + Sync + 'static) -> Self {
        Self::listen(TcpListener::bind("127.0.0.1:0").await.expect("a free port"), Arc::new(decide), None)
    }

    /// Starts a receiver that responds with 200 on this listener.
    pub fn healthy_on(listener: TcpListener) -> Self {
        Self::listen(listener, Arc::new(|_: &Request| Behaviour::ok()), None)
    }

    /// Starts a receiver that responds with 200 over TLS, with a certificate that no client trusts.
    pub async fn untrusted() -> Self {
        Self::with_certificate().await.0
    }

    /// Starts such a receiver; returns its certificate as PEM, too.
    pub async fn with_certificate() -> (Self, String) {
        let certified = Certified::self_signed(["127.0.0.1".to_owned(), "localhost".to_owned()]);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let decide = Arc::new(|_: &Request| Behaviour::ok());
        (Self::listen(listener, decide, Some(certified.acceptor(&[]))), certified.pem)
    }

    fn listen(listener: TcpListener, decide: Arc<Decide>, tls: Option<TlsAcceptor>) -> Self {
        let address = listener.local_addr().expect("its address");
        let shared = Arc::new(Shared { log: watch::Sender::default(), decide: Mutex::new(decide), tls });
        let served = Arc::clone(&shared);
        let serve = move |stream, number| {
            let shared = Arc::clone(&served);
            async move { connection::serve(stream, number, &shared).await }
        };
        Self { address, shared, task: tokio::spawn(sockets::accept(listener, serve)) }
    }

    /// Sets the behaviour from the next request on.
    pub fn turn(&self, behaviour: Behaviour) {
        self.decides(move |_| behaviour.clone());
    }

    /// Chooses the behaviour for each request from the next one on.
    pub fn decides(&self, decide: impl Fn(&Request) -> Behaviour + Send + Sync + 'static) {
        *self.shared.decide.lock().expect("no panic while held") = Arc::new(decide);
    }

    /// Clears the log.
    pub fn forget(&self) {
        self.shared.log.send_modify(|log| {
            let (open, forgotten) = (log.open, log.forgotten + log.requests.len());
            *log = Log { open, most_open: open, forgotten, ..Log::default() };
        });
    }

    /// Clears the log, and sets the behaviour from the next request on.
    pub fn reset_to(&self, behaviour: Behaviour) {
        self.forget();
        self.turn(behaviour);
    }

    pub fn url(&self, path_and_query: &str) -> String {
        let scheme = if self.shared.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}{path_and_query}", self.address)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns a copy of the log.
    pub fn log(&self) -> Log {
        self.shared.log.borrow().clone()
    }

    pub fn requests(&self) -> Vec<Request> {
        self.log().requests
    }

    /// Reads the log without a copy.
    pub fn look<T>(&self, look: impl FnOnce(&Log) -> T) -> T {
        look(&self.shared.log.borrow())
    }

    /// Returns the number of requests.
    pub fn count(&self) -> usize {
        self.look(|log| log.requests.len())
    }

    /// Returns the requests' targets, in the order of arrival.
    pub fn targets(&self) -> Vec<String> {
        self.look(|log| log.requests.iter().map(|request| request.target().to_owned()).collect())
    }

    /// Returns the numbers of the attempts, in the order of arrival.
    pub fn attempts(&self) -> Vec<u32> {
        self.look(|log| log.requests.iter().map(Request::attempt).collect())
    }

    /// Waits until `condition` holds.
    pub async fn until(&self, what: &str, condition: impl FnMut(&Log) -> bool) -> Log {
        let mut log = self.shared.log.subscribe();
        let seen =
            timeout(PATIENCE, log.wait_for(condition)).await.map(|seen| seen.expect("the receiver lives").clone());
        seen.unwrap_or_else(|_| panic!("waited {PATIENCE:?} in vain for {what}; the receiver saw {:#?}", self.log()))
    }

    /// Waits for this number of requests and returns all there are.
    pub async fn arrived(&self, count: usize) -> Vec<Request> {
        let log = self.until(&format!("{count} requests"), |log| log.requests.len() >= count).await;
        log.requests
    }

    /// Waits for exactly this number of requests: they arrive, and then no more.
    pub async fn exactly(&self, count: usize) -> Vec<Request> {
        self.arrived(count).await;
        sleep(QUIET).await;
        let requests = self.requests();
        assert_eq!(requests.len(), count, "requests: {requests:#?}");
        requests
    }

    /// Waits for a request about this instance.
    pub async fn heard_of(&self, instance: &str) -> Request {
        let about = |log: &Log| log.requests.iter().find(|request| request.instance() == instance).cloned();
        let log = self.until(&format!("a request about {instance}"), |log| about(log).is_some()).await;
        about(&log).expect("just seen")
    }
}

/// A port of the loopback address that refuses connections, reserved for this test.
pub struct Refusing(TcpSocket);

impl Refusing {
    #[expect(clippy::new_without_default, reason = "it takes a port")]
    pub fn new() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
        Self(socket) // bound, never listening
    }

    pub fn url(&self, path_and_query: &str) -> String {
        format!("http://{}{path_and_query}", self.address())
    }

    pub fn address(&self) -> SocketAddr {
        self.0.local_addr().expect("its address")
    }
}
