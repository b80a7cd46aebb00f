//! What a drain learns while it is at work: what was appended, and what is configured.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::time::Instant;

use super::{Drain, PAGE, POLL, READ_CONFIGURATION};
use crate::retry::role::Role;
use crate::retry::view::is_configured;
use webhooks_model::endpoint::{EndpointRecord, Health};
use webhooks_store::{StoreError, StoredDelivery};

impl Drain<'_> {
    /// Whether it is time to ask what was appended, or what is configured.
    pub(super) fn is_poll_due(&self, now: Instant, reading: bool) -> bool {
        let has_read_all = !reading && self.view.has_read_all();
        has_read_all && now >= self.polled + POLL || now >= self.configured + READ_CONFIGURATION
    }

    /// Reads whether something was appended, and, less often or when it has to be `thorough`, what is configured.
    pub(super) async fn poll(&mut self, thorough: bool) -> Result<(), StoreError> {
        let (retry, lease, now) = (self.retry, self.lease, Instant::now());
        let record = if thorough || now >= self.configured + READ_CONFIGURATION {
            self.read_configuration().await?
        } else {
            retry.endpoints.get(&lease.workspace, &lease.endpoint).await?
        };
        self.polled = now;
        let view = &mut self.view;
        if record.appends != view.record.appends {
            view.last_activity = now;
        }
        // What an administrator sets while this drain is at work counts from now on; what it has learnt itself stays.
        let resumed = record.health != self.saved.health && matches!(record.health, Health::Failing { step: 0, .. });
        if resumed && view.record.health == self.saved.health {
            view.calls.set_health(record.health);
            (view.record.health, self.saved.health) = (record.health, record.health);
        }
        // A batch counts misses while this drain counts others: together they may be enough.
        if record.health != self.saved.health && view.record.health != record.health {
            let evidence = (self.saved.health, record.health);
            let (now, jitter) = (retry.world.now(), retry.world.fraction());
            let health = view.record.health.with_evidence(evidence, now, jitter, &retry.health);
            if health != view.record.health {
                view.calls.set_health(health);
                (view.record.health, self.saved.health) = (health, record.health);
            }
        }
        (view.record.settings, view.record.has_backlog) = (record.settings, record.has_backlog);
        (view.record.held, view.record.appends) = (record.held, record.appends);
        view.record.appending_until = record.appending_until;
        self.read_deferred().await
    }

    /// Reads what is configured, and starts over if that has changed. Returns the endpoint's record as it is then.
    pub(super) async fn read_configuration(&mut self) -> Result<EndpointRecord, StoreError> {
        let lease = self.lease;
        let mut state = self.retry.endpoints.workspace(&lease.workspace).await?;
        let record = state.endpoints.remove(&lease.endpoint).unwrap_or_default();
        self.configured = Instant::now();
        if Role::of(&lease.endpoint, &record, &state) != Role::Drain {
            // Something has changed that is for the next drain to see to, from its beginning.
            self.view.halt();
            return Ok(record);
        }
        if state.callbacks.revision != self.callbacks.revision {
            self.view.start_over();
            self.callbacks = state.callbacks;
        }
        if let Some(stored) = state.secrets {
            self.secrets = Arc::new(stored.secrets);
        }
        Ok(record)
    }

    /// Reads what is configured once more if, by what is known of it, some of these deliveries are not to be sent: their URL may
    /// have been added since. Returns whether it has changed.
    pub(super) async fn has_configuration_changed(
        &mut self,
        deliveries: &[&StoredDelivery],
    ) -> Result<bool, StoreError> {
        if deliveries.iter().all(|delivery| is_configured(delivery, &self.callbacks.callbacks)) {
            return Ok(false);
        }
        let before = self.callbacks.revision.clone();
        self.read_configuration().await?;
        Ok(self.view.halted || self.callbacks.revision != before)
    }

    /// Reads deferred deliveries that are due; all of them where they are not to be sent any more.
    pub(super) async fn read_deferred(&mut self) -> Result<(), StoreError> {
        let (retry, lease, now) = (self.retry, self.lease, self.retry.world.now());
        if self.view.halted {
            return Ok(());
        }
        let disabled = matches!(self.view.record.health, Health::Disabled { .. });
        let removed = !self.callbacks.callbacks.have(&lease.endpoint);
        let until = if disabled || removed { Timestamp::MAX } else { now };
        if self.view.record.next_deferred_at.is_none_or(|due| due > until) {
            return Ok(());
        }
        let due = retry.deliveries.deferred(&lease.workspace, &lease.endpoint, until, PAGE).await?;
        self.has_configuration_changed(&due.iter().collect::<Vec<_>>()).await?;
        if self.view.halted {
            return Ok(());
        }
        self.view.load_deferred(due, &self.callbacks.callbacks);
        self.view.record.next_deferred_at = None;
        Ok(())
    }
}
