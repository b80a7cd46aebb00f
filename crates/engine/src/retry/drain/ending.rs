//! The end of a drain: it releases instances, writes its results and publishes the health.

use std::ops::ControlFlow;

use jiff::Timestamp;
use tokio::time::Instant;

use super::{Drain, Exit};
use crate::endpoint_events::{Occurrence, published_state, publishes_failures};
use webhooks_model::endpoint::{EndpointRecord, Health};
use webhooks_runtime::invariant::Invariant;
use webhooks_runtime::metrics::{Metric, Summary};
use webhooks_store::{Lease, StoreError};

/// Number of failed probes from which on the backlog of a failing endpoint is counted: some 40 s. Counting takes more than
/// a probe, and many endpoints may fail at the same time.
const COUNTED_FROM: usize = 2;

/// Maximum number of pending deliveries counted in each partition for the metric.
const MAX_COUNTED_PER_PARTITION: i32 = 1_000;

impl Drain<'_> {
    /// Ends the drain, unless it has to continue: then it reads the changes.
    pub(super) async fn end(&mut self, exit: Exit, summary: &mut Summary) -> Result<ControlFlow<()>, StoreError> {
        if self.leave(exit, summary).await? {
            return Ok(ControlFlow::Break(()));
        }
        if !self.retry.endpoints.is_held(self.held.lease).await? {
            // Released by a call whose response was lost: no other drain can hold it yet.
            tracing::warn!(endpoint_id = %self.held.lease.endpoint, "a drain has lost its lease");
            return Ok(ControlFlow::Break(()));
        }
        // There was an append, or an administrator has changed something: read both.
        self.poll(true).await?;
        Ok(ControlFlow::Continue(()))
    }

    /// Releases instances without pending deliveries, while others still have some.
    pub(super) async fn let_go(&mut self) -> Result<(), StoreError> {
        let drained = self.view.take_drained();
        if !drained.is_empty() {
            self.retry.endpoints.drained(self.held.lease, &drained, &self.view.record).await?;
        }
        Ok(())
    }

    /// Releases the lease, and schedules the next wake-up. Returns false if the drain has to continue.
    async fn leave(&mut self, exit: Exit, summary: &mut Summary) -> Result<bool, StoreError> {
        let (retry, lease) = (self.retry, self.held.lease);
        if self.view.deferred_changed {
            let firsts = retry.deliveries.deferred(&lease.workspace, &lease.endpoint, Timestamp::MAX, 1).await?;
            self.view.record.next_deferred_at = firsts.iter().filter_map(|delivery| delivery.storage.due()).min();
            self.view.deferred_changed = false;
        }
        if self.view.record.is_drained() {
            self.view.record.window = u32::try_from(self.view.calls.window().limit(Instant::now())).ok();
        }
        retry.endpoints.save(lease, &self.saved, &self.view.record).await?;
        self.saved = self.view.record.clone();
        let next_deferred = self.view.record.next_deferred_at;
        match exit {
            Exit::Settle => Ok(false),
            Exit::Finish => {
                let (held, first) = self.view.held();
                // A writer may have died after it counted an append and before it wrote the delivery.
                let look_at = self.view.record.appending_until.filter(|at| *at > retry.world.now());
                let is_empty = held.is_empty() && next_deferred.is_none();
                if is_empty && look_at.is_none() && !self.callbacks.callbacks.have(&lease.endpoint) {
                    return retry.endpoints.forget(lease, &self.view.record).await;
                }
                summary.gauge(Metric::Backlog, held.len() as u64);
                let due = first.into_iter().chain(next_deferred).min();
                Invariant::PendingIsWoken
                    .check(held.is_empty() || due.is_some(), || format!("endpoint {}", lease.endpoint));
                let wake_at = due.into_iter().chain(look_at).min();
                let finished = retry.endpoints.finish(lease, &held, wake_at, &self.view.record).await?;
                if finished && let Some(at) = due {
                    self.wake_at(at).await; // if it fails, the sweep makes up for it
                }
                Ok(finished)
            }
            Exit::Paused(until) => {
                let released = retry.endpoints.release_paused(lease, until, &self.view.record).await?;
                if released && let Some(at) = until {
                    self.wake_at(at).await;
                }
                Ok(released)
            }
            Exit::At(at) => {
                if !matches!(self.view.record.health, Health::Failing { failed_probes: ..COUNTED_FROM, .. }) {
                    let Lease { workspace, endpoint, .. } = lease;
                    let pending = retry.deliveries.backlog_size(workspace, endpoint, MAX_COUNTED_PER_PARTITION).await?;
                    summary.gauge(Metric::Backlog, pending.count as u64);
                }
                let left = retry.endpoints.leave(lease, at, &self.view.record).await?;
                if left {
                    self.wake_at(at).await;
                }
                Ok(left)
            }
        }
    }

    async fn wake_at(&self, at: Timestamp) {
        self.retry.send_wake_up(self.held.lease, &self.held.lease.endpoint, at).await;
    }

    /// Publishes the endpoint's health if it differs from the last published one, and its failed deliveries.
    pub(super) async fn announce(&mut self) -> Result<(), StoreError> {
        let (health, now) = (self.saved.health, self.retry.world.now());
        let published_state = published_state(health);
        if published_state != self.saved.published_state {
            self.publish(Occurrence::Health(health), |record| record.published_state = published_state).await?;
        }
        if publishes_failures(&self.saved, now) {
            let published = |record: &mut EndpointRecord| {
                (record.unpublished_failures, record.failures_published_at) = (0, Some(now));
            };
            self.publish(Occurrence::DeliveriesFailed(self.saved.unpublished_failures), published).await?;
        }
        Ok(())
    }

    /// Publishes what happened to the endpoint, and saves that it is published.
    async fn publish(
        &mut self,
        occurrence: Occurrence,
        published: impl Fn(&mut EndpointRecord),
    ) -> Result<(), StoreError> {
        let (retry, lease) = (self.retry, self.held.lease);
        match retry.endpoint_events.publish(lease, &self.view.record.settings, occurrence).await {
            Ok(()) => {
                let was = self.saved.clone();
                published(&mut self.saved);
                published(&mut self.view.record);
                retry.endpoints.save(lease, &was, &self.saved).await?;
            }
            Err(error) => {
                tracing::error!(endpoint_id = %lease.endpoint, %error, "an event about the endpoint could not be published; the next drain will publish it");
            }
        }
        Ok(())
    }
}
