//! Makes one attempt: a GET with one deadline over all of it, and a reason when it fails.
//!
//! The client is `reqwest` (docs/adr/0015). It repeats by itself what HTTP/2 says was not processed; beyond that, one rule
//! of ours repeats a request of which a connection that was kept open has lost the answer.

mod client;
mod failure;
mod frames;
mod framing;
mod lookup;
mod memory;
mod names;
mod private_ca;
mod progress;
mod records;
mod resolver;
mod retry_after;
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
use webhooks_model::delivery::{Attempt, Failure, MAX_BODY_BYTES};
use webhooks_model::endpoint::EndpointId;
use webhooks_model::workspace::WorkspaceId;
use webhooks_model::world::World;
use webhooks_runtime::machine::Machine;

/// A success is a success: the beginning of its body is waited for no longer than this, so that an endpoint that streams
/// (or drips) does not hold the events behind for the whole timeout.
const PATIENCE: Duration = Duration::from_secs(1);

/// How attempts are made.
#[derive(Clone, Debug)]
pub struct SenderSettings {
    /// `CALLBACK_TIMEOUT_MS` (default 10,000): the bound on a whole attempt, from name lookup to the end of what is
    /// read of the body.
    pub timeout: Duration,
    /// `MAX_IN_FLIGHT` (default 512, and in a function as many as half of its memory has room for, see
    /// [`Self::max_in_flight_within`]): attempts at a time.
    pub max_in_flight: usize,
    /// `PRIVATE_CA` (default none): certificate authorities trusted beside the compiled-in roots of Mozilla's programme.
    pub extra_roots: Vec<CertificateDer<'static>>,
    /// What may be called.
    pub policy: OutboundPolicy,
    /// Whether a batch has the process to itself, as in a function. Then the connections of a batch that has attempts of one
    /// workspace alone are served by the thread that asks for them: there is nothing that these could hold up.
    pub one_batch_at_a_time: bool,
    /// `NAME_SERVERS` (default the system's): the source of a host name's addresses. A lookup may take two fifths of `timeout`.
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
    /// Returns as many attempts as a function of this memory, in MiB, may have at a time, so that it takes less than half of it
    /// whatever receivers answer: 73 with 128, 219 with 256, and 512 at most.
    pub fn max_in_flight_within(memory_mib: usize) -> usize {
        memory::attempts(memory_mib)
    }
}

/// Sends a request and returns the head of its response.
pub trait Transport: std::fmt::Debug + Send + Sync {
    /// Sends a request, on the thread of its workspace or, when none is named, on the one that asks; fails when there is no response by `deadline`, `timeout` after the attempt began.
    fn send(
        &self,
        workspace: Option<&WorkspaceId>,
        request: Request,
        deadline: Instant,
        timeout: Duration,
    ) -> BoxFuture<'_, Result<Response, Failure>>;
}

/// Sends callback requests, reusing connections; HTTP/2 where an https receiver offers it.
#[derive(Debug)]
pub struct Sender {
    transport: Box<dyn Transport>,
    world: Arc<dyn World>,
    timeout: Duration,
    slots: Arc<Slots>,
    policy: Arc<OutboundPolicy>,
    names: Arc<Names>,
    one_batch_at_a_time: bool,
    /// Places for lookups outside of attempts.
    lookups: Arc<Semaphore>,
}

impl Sender {
    /// A sender with an empty connection pool.
    ///
    /// # Errors
    /// When an extra root is no certificate.
    pub fn new(settings: SenderSettings) -> Result<Self, rustls::Error> {
        let (timeout, max_in_flight) = (settings.timeout, settings.max_in_flight);
        // A lookup leaves as much of the time for connecting as it may take itself.
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

    /// The same over another transport, in a world of its own.
    #[must_use]
    pub fn over(self, transport: Box<dyn Transport>, world: Arc<dyn World>) -> Self {
        Self { transport, world, ..self }
    }

    /// What may be called.
    pub fn policy(&self) -> &OutboundPolicy {
        &self.policy
    }

    /// The bound on one attempt.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Returns the wall-clock time.
    pub fn now(&self) -> Timestamp {
        self.world.now()
    }

    /// Waits until another attempt at the endpoint may be on its way, `until` at the latest: of
    /// [`SenderSettings::max_in_flight`] a workspace and an endpoint have their share.
    pub async fn slot(&self, workspace: &WorkspaceId, endpoint: &EndpointId, until: Instant) -> Option<Slot> {
        self.slots.take((workspace.clone(), endpoint.clone()), until).await
    }

    /// Makes one attempt of the workspace. Never takes longer than [`Self::timeout`], and never fails but with an [`Attempt`]
    /// that says so.
    pub async fn attempt(&self, workspace: &WorkspaceId, request: Request) -> Attempt {
        self.attempt_on(Some(workspace), request).await
    }

    /// The same in a batch that has attempts of this workspace alone.
    pub async fn attempt_alone(&self, workspace: &WorkspaceId, request: Request) -> Attempt {
        self.attempt_on(Some(workspace).filter(|_| !self.one_batch_at_a_time), request).await
    }

    async fn attempt_on(&self, workspace: Option<&WorkspaceId>, request: Request) -> Attempt {
        let (at, begun) = (self.world.now(), Instant::now());
        let deadline = begun + self.timeout;
        let response = self.response(workspace, request, deadline).await;
        let latency = begun.elapsed();
        match response {
            Err(failure) => {
                Attempt { at, status: None, latency, failure: Some(failure), retry_after: None, body: String::new() }
            }
            Ok(response) => {
                let (status, failure) = (response.status(), failure::of_status(response.status()));
                let retry_after = retry_after(response.headers(), SystemTime::from(self.world.now()));
                let patience = if failure.is_none() { deadline.min(Instant::now() + PATIENCE) } else { deadline };
                let body = first_bytes(response, patience).await;
                Attempt { at, status: Some(status.as_u16()), latency, failure, retry_after, body }
            }
        }
    }

    async fn response(
        &self,
        workspace: Option<&WorkspaceId>,
        request: Request,
        deadline: Instant,
    ) -> Result<Response, Failure> {
        // Before each request, because the resolver is not asked about hosts that are addresses. A name's addresses are
        // checked where they are looked up.
        self.policy.check(request.url()).map_err(failure::of_not_allowed)?;
        self.transport.send(workspace, request, deadline, self.timeout).await
    }
}

/// The beginning of the body, as far as it has come by the deadline. A body that ends early, drips or breaks off changes
/// nothing about the attempt: the headers have decided it.
async fn first_bytes(mut response: Response, deadline: Instant) -> String {
    let mut first = Vec::new();
    while first.len() < MAX_BODY_BYTES {
        let Ok(Ok(Some(data))) = tokio::time::timeout_at(deadline, response.chunk()).await else { break };
        first.extend_from_slice(&data[..data.len().min(MAX_BODY_BYTES - first.len())]);
    }
    let mut text = String::from_utf8_lossy(&first).into_owned();
    text.truncate(text.floor_char_boundary(MAX_BODY_BYTES)); // what is not UTF-8 has grown
    text
}

#[cfg(test)]
mod tests;
