//! The lease of a running drain: a short one that the drain renews, so that its endpoint is soon free if it dies.

use std::fmt::Display;
use std::iter::once;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, timeout};

use super::Retry;
use super::term::Term;
use webhooks_model::endpoint::{EndpointId, EndpointRecord};
use webhooks_runtime::invariant::Invariant;
use webhooks_store::{Lease, StoreError};

/// Time limit of a renewal: meanwhile the drain does nothing else.
const RENEWAL_TIMEOUT: Duration = Duration::from_secs(2);

/// The lease that a drain holds.
#[derive(Debug)]
pub(super) struct HeldLease<'l> {
    pub(super) lease: &'l Lease,
    /// Lease of the endpoint whose deliveries this drain takes over. Both are renewed at the same time.
    pub(super) other: Option<Lease>,
    pub(super) term: Term,
}

impl<'l> HeldLease<'l> {
    /// Acquires the lease of a drain for a wake-up at `at`. Returns it and the record; `None` if there is nothing to do.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub(super) async fn acquire(
        retry: &Retry,
        lease: &'l Lease,
        at: Timestamp,
        deadline: Instant,
    ) -> Result<Option<(Self, EndpointRecord)>, StoreError> {
        let (term, now) = (Term::new(Instant::now(), deadline, retry.sender.timeout()), retry.world.now());
        let leased = retry.endpoints.lease(lease, now, now + term.length(), Some(at)).await?;
        Ok(leased.map(|record| (Self { lease, other: None, term }, record)))
    }

    /// Acquires the lease of another endpoint, too. Returns false if another drain holds it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub(super) async fn acquire_other(&mut self, retry: &Retry, endpoint: &EndpointId) -> Result<bool, StoreError> {
        let lease = Lease { endpoint: endpoint.clone(), ..self.lease.clone() };
        let (length, now) = (self.term.renewed(Instant::now()).length(), retry.world.now());
        self.other = retry.endpoints.lease(&lease, now, now + length, None).await?.map(|_| lease);
        Ok(self.other.is_some())
    }

    /// Returns the lease of the endpoint whose deliveries move.
    pub(super) fn source(&self) -> &Lease {
        self.other.as_ref().unwrap_or(self.lease)
    }

    /// Renews the lease if that is due. Returns false if it is lost: then another drain may hold it.
    ///
    /// A renewal that fails is tried again soon; what may start ends with the lease as it is.
    pub(super) async fn renew(&mut self, retry: &Retry) -> bool {
        let begun = Instant::now();
        if !self.term.is_renewal_due(begun) {
            return true;
        }
        let renewed = self.term.renewed(begun);
        let until = retry.world.now() + renewed.length();
        for lease in once(self.lease).chain(&self.other) {
            let is_held = match timeout(RENEWAL_TIMEOUT, retry.endpoints.renew(lease, until)).await {
                Ok(Ok(is_held)) => is_held,
                Ok(Err(error)) => return self.try_again(&error),
                Err(error) => return self.try_again(&error),
            };
            if !is_held {
                let has_ended = Instant::now() >= self.term.write_until();
                Invariant::LeaseExclusive.check(has_ended, || format!("endpoint {}", lease.endpoint));
                tracing::warn!(endpoint_id = %lease.endpoint, "a drain has lost its lease");
                return false;
            }
        }
        self.term = renewed;
        true
    }

    /// Schedules another renewal soon. Returns true: the lease is held until its end.
    fn try_again(&mut self, error: &dyn Display) -> bool {
        tracing::warn!(endpoint_id = %self.lease.endpoint, %error, "a lease could not be renewed; the drain tries again");
        self.term = self.term.failed(Instant::now());
        true
    }
}
