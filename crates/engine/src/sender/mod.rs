//! The sender: makes one attempt, a GET with a single deadline, and returns its failure if there is one.
//!
//! The client is `reqwest` (docs/adr/0015). A rule of ours repeats a request once that HTTP/2 reports as not processed, or
//! whose response was lost with a reused connection.

mod client;
mod failure;
mod frames;
mod framing;
mod headers;
mod lookup;
mod memory;
mod names;
mod private_ca;
mod progress;
mod records;
mod resolver;
mod retry_after;
mod shares;
mod slots;
mod threads;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use reqwest::{Request, Response};
use rustls::pki_types::CertificateDer;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use client::Network;
use lookup::Names;
pub use lookup::{Answer, InvalidNameServers, Lookup, NameServers};
pub use private_ca::{InvalidCertificates, certificates};
pub use retry_after::retry_after;
pub use slots::Slot;
use slots::Slots;
use webhooks_model::address::OutboundPolicy;
use webhooks_model::attempt::{Attempt, Failure, MAX_BODY_BYTES};
use webhooks_model::endpoint::EndpointId;
use webhooks_model::workspace::WorkspaceId;
use webhooks_model::world::World;
use webhooks_runtime::machine::Machine;

/// Time limit for reading the body of a 2xx response, so that a slow or endless body does not delay later events.
const PATIENCE: Duration = Duration::from_secs(1);

/// Settings of attempts.
#[derive(Clone, Debug)]
pub struct SenderSettings {
    /// `CALLBACK_TIMEOUT_MS` (default 10,000): time limit of a whole attempt, from name resolution to the last byte
    /// read of the body.
    pub timeout: Duration,
    /// `MAX_IN_FLIGHT` (default 512; in a function limited by three quarters of its memory, see [`Self::max_in_flight_within`]):
    /// maximum number of concurrent attempts.
    pub max_in_flight: usize,
    /// `PRIVATE_CA` (default none): certificate authorities trusted in addition to the compiled-in roots of Mozilla's
    /// programme.
    pub extra_roots: Vec<CertificateDer<'static>>,
    /// Outbound policy.
    pub policy: OutboundPolicy,
    /// Whether the process handles one batch at a time, as in a function. Then a batch with a single workspace gets
    /// nearly all slots, and its connections are served by the calling thread, because it cannot delay any other work.
    pub one_batch_at_a_time: bool,
    /// `NAME_SERVERS` (default the system's): source of a host name's addresses. A lookup may take two fifths of
    /// `timeout`.
    pub lookup: Lookup,
}

impl Default for SenderSettings {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            max_in_flight: memory::MOST,
            extra_roots: Vec::new(),
            policy: OutboundPolicy::default(),
            one_batch_at_a_time: false,
            lookup: Lookup::default(),
        }
    }
}

impl SenderSettings {
    /// Returns the maximum number of concurrent attempts in a function of this memory, in MiB.
    ///
    /// They take less than three quarters of it whatever receivers return: 146 with 128, 365 with 256, and 512 at most.
    pub fn max_in_flight_within(memory_mib: usize) -> usize {
        memory::attempts(memory_mib)
    }
}

/// Workspaces of concurrent attempts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Beside {
    /// Other workspaces are possible.
    #[default]
    Others,
    /// Only the attempt's own workspace: the batch has no others.
    ItsOwn,
}

/// Makes the request of an attempt: the same bytes each time.
pub type MakeRequest<'a> = dyn Fn() -> Result<Request, http::Error> + Sync + 'a;

/// The transport of requests, up to the head of the response.
pub trait Transport: std::fmt::Debug + Send + Sync {
    /// Sends a request on the thread of its workspace, or on the calling one without a workspace. `again` makes it once
    /// more, in case it has to be repeated.
    ///
    /// Fails if there is no response by `deadline`, which is `timeout` after the attempt's start.
    fn send<'a>(
        &'a self,
        workspace: Option<&'a WorkspaceId>,
        request: Request,
        again: &'a MakeRequest<'a>,
        deadline: Instant,
        timeout: Duration,
    ) -> BoxFuture<'a, Result<Response, Failure>>;
}

/// Sender of callback requests. It reuses connections, and uses HTTP/2 if an https receiver offers it.
#[derive(Debug)]
pub struct Sender {
    transport: Box<dyn Transport>,
    world: Arc<dyn World>,
    timeout: Duration,
    slots: Arc<Slots>,
    policy: Arc<OutboundPolicy>,
    names: Arc<Names>,
    one_batch_at_a_time: bool,
    /// Slots for lookups outside of attempts.
    lookups: Arc<Semaphore>,
}

impl Sender {
    /// Creates a sender with an empty connection pool.
    ///
    /// # Errors
    /// [`rustls::Error`] if an extra root is not a valid certificate.
    pub fn new(settings: SenderSettings) -> Result<Self, rustls::Error> {
        let (timeout, max_in_flight) = (settings.timeout, settings.max_in_flight);
        // Lookup and connecting share the time equally.
        let names = Arc::new(Names::new(settings.lookup, client::connect_timeout(timeout) / 2));
        let policy = Arc::new(settings.policy);
        let network = Network::new(settings.extra_roots, timeout, Arc::clone(&names), Arc::clone(&policy))?;
        Ok(Self {
            transport: Box::new(network),
            world: Arc::new(Machine),
            timeout,
            slots: Slots::new(max_in_flight),
            policy,
            names,
            one_batch_at_a_time: settings.one_batch_at_a_time,
            lookups: Arc::new(Semaphore::new(names::MAX_LOOKUPS)),
        })
    }

    /// Returns the sender with another transport and another source of time.
    #[must_use]
    pub fn over(self, transport: Box<dyn Transport>, world: Arc<dyn World>) -> Self {
        Self { transport, world, ..self }
    }

    /// Returns the outbound policy.
    pub fn policy(&self) -> &OutboundPolicy {
        &self.policy
    }

    /// Returns the time limit of one attempt.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Starts no more attempts; those in flight continue.
    pub fn close(&self) {
        self.slots.close();
    }

    /// Returns whether no more attempts start.
    pub fn is_closed(&self) -> bool {
        self.slots.is_closed()
    }

    /// Waits for a slot for another attempt at the endpoint, at most `until`; `None` if there is none by then, or if no
    /// more attempts start.
    ///
    /// Each workspace and each endpoint has a share of [`SenderSettings::max_in_flight`].
    pub async fn slot(
        &self,
        workspace: &WorkspaceId,
        beside: Beside,
        endpoint: &EndpointId,
        until: Instant,
    ) -> Option<Slot> {
        self.slots.take((workspace.clone(), endpoint.clone()), self.in_process(beside), until).await
    }

    /// Makes one attempt of the workspace with the request that `make` makes for the attempt's time. It takes at most
    /// [`Self::timeout`], and returns failures as an [`Attempt`].
    pub async fn attempt(
        &self,
        workspace: &WorkspaceId,
        beside: Beside,
        make: impl Fn(Timestamp) -> Result<Request, http::Error> + Sync,
    ) -> Attempt {
        let workspace = (self.in_process(beside) == Beside::Others).then_some(workspace);
        let (at, begun) = (self.world.now(), Instant::now());
        let deadline = begun + self.timeout;
        let response = self.response(workspace, &|| make(at), deadline).await;
        let latency = begun.elapsed();
        match response {
            Err(failure) => Attempt { latency, ..Attempt::failed(at, failure) },
            Ok(response) => {
                let status = response.status();
                let failure = failure::of_response(status, response.headers(), response.url());
                let (patience, retry_after, headers) = match failure {
                    None => (deadline.min(begun + latency + PATIENCE), None, String::new()),
                    Some(_) => {
                        let asked = retry_after(response.headers(), SystemTime::from(self.world.now()));
                        (deadline, asked, headers::kept(response.headers()))
                    }
                };
                let body = first_bytes(response, patience).await;
                Attempt { at, status: Some(status.as_u16()), latency, failure, retry_after, body, headers }
            }
        }
    }

    /// Returns what is beside a batch's workspace in the whole process.
    fn in_process(&self, in_batch: Beside) -> Beside {
        if self.one_batch_at_a_time { in_batch } else { Beside::Others }
    }

    async fn response(
        &self,
        workspace: Option<&WorkspaceId>,
        make: &MakeRequest<'_>,
        deadline: Instant,
    ) -> Result<Response, Failure> {
        let request = make().map_err(|error| failure::of_no_request(&error))?;
        // Before each request, because the resolver is not used for hosts that are addresses. A name's addresses are
        // checked in the resolver.
        self.policy.check(request.url()).map_err(failure::of_not_allowed)?;
        self.transport.send(workspace, request, make, deadline, self.timeout).await
    }
}

/// Returns the beginning of the body, as far as it has arrived by the deadline.
///
/// A body that ends early, is slow or breaks off does not change the attempt's result: the headers have decided it.
async fn first_bytes(mut response: Response, deadline: Instant) -> String {
    let mut first = Vec::new();
    while first.len() < MAX_BODY_BYTES {
        let Ok(Ok(Some(data))) = tokio::time::timeout_at(deadline, response.chunk()).await else { break };
        first.extend_from_slice(&data[..data.len().min(MAX_BODY_BYTES - first.len())]);
    }
    let mut text = String::from_utf8_lossy(&first).into_owned();
    text.truncate(text.floor_char_boundary(MAX_BODY_BYTES)); // replacing invalid UTF-8 has lengthened it
    text
}

#[cfg(test)]
mod tests;
