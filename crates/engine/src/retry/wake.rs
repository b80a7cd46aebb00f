//! Processing of a wake-up: acquires the endpoint's lease, and determines the role of the drain.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::Retry;
use super::drain::Drain;
use super::hand_on::Moved;
use super::held::HeldLease;
use super::role::Role;
use crate::wake_up::WakeUp;
use webhooks_model::endpoint::EndpointRecord;
use webhooks_runtime::metrics::Summary;
use webhooks_store::{Lease, StoreError};

/// Tolerance of early wake-ups, which count as due: a queue's delays are whole seconds, and clocks differ.
const EARLY: Duration = Duration::from_secs(1);

/// Pause after which the endpoint is woken again if a drain has failed.
const AFTER_TROUBLE: Duration = Duration::from_secs(30);

impl Retry {
    /// Drains the endpoint until nothing is pending, it fails, or `deadline` is near, and then schedules the next
    /// wake-up.
    ///
    /// Does nothing if another drain holds the lease, or if the endpoint's wake-up is at another time. A wake-up before
    /// its time, which is further away than one hop, is sent on, and its copies are dropped.
    ///
    /// # Errors
    /// [`StoreError`] if a table could not be read or written. Deliveries whose results were not written are sent
    /// again.
    pub async fn wake(&self, wake_up: &WakeUp, deadline: Instant) -> Result<(), StoreError> {
        let WakeUp { workspace, endpoint, at } = wake_up.clone();
        let now = self.world.now();
        if at > now + EARLY {
            if !self.endpoints.send_on(&workspace, &endpoint, at, now).await? {
                return Ok(());
            }
            if let Err(error) = self.wake_ups.send(wake_up, now).await {
                tracing::error!(endpoint_id = %endpoint, %error, "a wake-up could not be sent; the sweep will send it");
            }
            return Ok(());
        }
        let lease = Lease { workspace, endpoint, owner: self.world.unique_name() };
        let begun = Instant::now();
        let mut summary = Summary::default();
        let drained = self.drain((&lease, at), deadline, &mut summary).await;
        self.metrics.write(&mut summary, "wake-up", begun.elapsed(), self.world.now());
        if drained.is_err() {
            // The queue repeats the message, or the sweep does: neither has to wait for the lease to expire.
            let released = self.endpoints.release(&lease, self.world.now() + AFTER_TROUBLE).await;
            if let Err(error) = released {
                tracing::warn!(endpoint_id = %lease.endpoint, %error, "a lease could not be released; it will expire");
            }
        }
        drained
    }

    async fn drain(
        &self,
        (lease, at): (&Lease, Timestamp),
        deadline: Instant,
        summary: &mut Summary,
    ) -> Result<(), StoreError> {
        let now = self.world.now();
        let acquired = HeldLease::acquire(self, lease, at, deadline).await?;
        let Some((mut held, mut record)) = acquired else { return Ok(()) };
        let state = loop {
            let state = self.endpoints.workspace(&lease.workspace).await?;
            match Role::of(&lease.endpoint, &record, &state) {
                Role::Wait { damage } => return self.wait(lease, &record, &damage, summary).await,
                Role::Route => return self.route(&mut held, record, &state).await,
                Role::GiveWay { from, to } => return self.give_way(lease, &record, (&from, &to)).await,
                Role::TakeOver(endpoints) => {
                    // Some of the moved deliveries may be deferred: the record has their time before they are stored.
                    let due = EndpointRecord { next_deferred_at: Some(now), ..record.clone() };
                    self.endpoints.save(lease, &record, &due).await?;
                    if self.take_over(&mut held, &endpoints, &state).await? == Moved::SoFar {
                        return Ok(());
                    }
                    record = self.endpoints.get(&lease.workspace, &lease.endpoint).await?;
                }
                Role::Drain => break state,
            }
        };
        Box::pin(Drain::new(self, held, record, (state.callbacks, state.keys)).run(summary)).await
    }
}
