//! Makes one attempt: a GET with one deadline over all of it, and a reason when it fails.
//!
//! The client is hyper's own pool rather than `reqwest` (docs/adr/0001): it sends the request target to the byte as it
//! was configured, follows no redirect, reads no proxy from the environment, and costs half the CPU.

mod connector;
mod failure;
mod lookup;
mod names;
mod private_ca;
mod resolver;
mod retry_after;

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{CaptureConnection, capture_connection};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::address::Guard;
use crate::delivery::{Attempt, Failure, MAX_BODY_BYTES, Reason};
use crate::tls;
use connector::GuardedConnector;
pub use lookup::{Answer, Lookup};
pub use private_ca::{InvalidCertificates, certificates};
pub use retry_after::retry_after;

/// An idle connection is closed after this: sooner than common servers close theirs (Node's default is 5 s), so that a
/// request is seldom written to a connection that is just being closed.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(4);

/// A success is a success: the beginning of its body is waited for no longer than this, lest an endpoint that streams (or
/// drips) hold the events behind for the whole timeout.
const PATIENCE: Duration = Duration::from_secs(1);

/// How attempts are made.
#[derive(Clone, Debug)]
pub struct SenderSettings {
    /// `CALLBACK_TIMEOUT_MS` (default 10,000): the bound on a whole attempt, from name lookup to the end of what is
    /// read of the body.
    pub timeout: Duration,
    /// `MAX_IN_FLIGHT` (default 512): attempts at a time. A Lambda environment has 1,024 descriptors (AWS quota), and an
    /// attempt needs one, two for a moment.
    pub max_in_flight: usize,
    /// `PRIVATE_CA` (default none): certificate authorities trusted beside the compiled-in roots of Mozilla's programme.
    pub extra_roots: Vec<CertificateDer<'static>>,
    /// What may be called.
    pub guard: Guard,
    /// Who says which addresses a host name has.
    pub lookup: Lookup,
}

impl Default for SenderSettings {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            max_in_flight: 512,
            extra_roots: Vec::new(),
            guard: Guard::default(),
            lookup: Lookup::default(),
        }
    }
}

/// Sends callback requests, reusing connections; HTTP/2 where an https receiver offers it.
#[derive(Debug)]
pub struct Sender {
    client: Client<HttpsConnector<GuardedConnector>, Empty<Bytes>>,
    timeout: Duration,
    slots: Semaphore,
    guard: Arc<Guard>,
    lookup: Lookup,
    /// Places for lookups outside of attempts.
    lookups: Arc<Semaphore>,
}

impl Sender {
    /// A sender with an empty connection pool.
    ///
    /// # Errors
    /// When an extra root is no certificate.
    pub fn new(settings: SenderSettings) -> Result<Self, rustls::Error> {
        let tls = tls::client(settings.extra_roots)?;
        let (guard, lookup) = (Arc::new(settings.guard), settings.lookup);
        let tcp = GuardedConnector::new(lookup.clone(), Arc::clone(&guard));
        let connector =
            HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_all_versions().wrap_connector(tcp);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(POOL_IDLE_TIMEOUT)
            .timer(TokioTimer::new())
            // Repeats only what was never written: a pooled connection turned out closed before the request left.
            .retry_canceled_requests(true)
            .build(connector);
        let (timeout, slots) = (settings.timeout, Semaphore::new(settings.max_in_flight));
        Ok(Self { client, timeout, slots, guard, lookup, lookups: Arc::new(Semaphore::new(names::MAX_LOOKUPS)) })
    }

    /// What may be called.
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    /// The bound on one attempt.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Waits until fewer attempts than [`SenderSettings::max_in_flight`] are on their way, `until` at the latest.
    pub async fn slot(&self, until: tokio::time::Instant) -> Option<SemaphorePermit<'_>> {
        tokio::time::timeout_at(until, self.slots.acquire()).await.ok()?.ok()
    }

    /// Makes one attempt. Never takes longer than [`Self::timeout`], and never fails but with an [`Attempt`] that says so.
    pub async fn attempt(&self, mut request: Request<Empty<Bytes>>) -> Attempt {
        let (at, begun) = (Timestamp::now(), Instant::now());
        let deadline = tokio::time::Instant::now() + self.timeout;
        let connection = capture_connection(&mut request);

        let answer = tokio::time::timeout_at(deadline, self.client.request(request)).await;
        let latency = begun.elapsed();
        let failed = |failure| Attempt {
            at,
            status: None,
            latency,
            failure: Some(failure),
            retry_after: None,
            body: String::new(),
        };
        match answer {
            Err(_) => failed(self.timed_out(&connection)),
            Ok(Err(error)) => failed(failure::of_error(&error)),
            Ok(Ok(response)) => {
                let (status, failure) = (response.status(), failure::of_answer(&response));
                let retry_after = retry_after(response.headers(), SystemTime::now());
                let patience =
                    if failure.is_none() { deadline.min(tokio::time::Instant::now() + PATIENCE) } else { deadline };
                let body = first_bytes(response, patience).await;
                Attempt { at, status: Some(status.as_u16()), latency, failure, retry_after, body }
            }
        }
    }

    fn timed_out(&self, connection: &CaptureConnection) -> Failure {
        let missing = match *connection.connection_metadata() {
            Some(_) => "connected, but no answer",
            None => "no connection",
        };
        Failure { reason: Reason::Timeout, detail: format!("{missing} within {:?}", self.timeout) }
    }
}

/// The beginning of the body, as far as it has come by the deadline. A body that ends early, drips or breaks off changes
/// nothing about the attempt: the headers have decided it.
async fn first_bytes(response: Response<Incoming>, deadline: tokio::time::Instant) -> String {
    let mut body = response.into_body();
    let mut first = Vec::new();
    while first.len() < MAX_BODY_BYTES {
        let Ok(Some(Ok(frame))) = tokio::time::timeout_at(deadline, body.frame()).await else { break };
        if let Some(data) = frame.data_ref() {
            first.extend_from_slice(&data[..data.len().min(MAX_BODY_BYTES - first.len())]);
        }
    }
    String::from_utf8_lossy(&first).into_owned()
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
