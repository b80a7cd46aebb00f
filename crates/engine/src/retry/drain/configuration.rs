//! Updates of a running drain: new appends, and changes of the configuration.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::time::Instant;

use super::{Drain, POLL, READ_CONFIGURATION};
use crate::retry::role::Role;
use crate::retry::view::is_configured;
use webhooks_model::audit::{Actor, Author};
use webhooks_model::credentials::Credentials;
use webhooks_model::endpoint::{EndpointRecord, Health};
use webhooks_store::{StoreError, StoredDelivery};

impl Drain<'_> {
    /// Returns whether it is time to check for appends or for configuration changes.
    pub(super) fn is_poll_due(&self, now: Instant, reading: bool) -> bool {
        let has_read_all = !reading && self.view.has_read_all();
        has_read_all && now >= self.polled + POLL || now >= self.configured + READ_CONFIGURATION
    }

    /// Checks for appends and, less often or if `thorough`, for configuration changes.
    pub(super) async fn poll(&mut self, thorough: bool) -> Result<(), StoreError> {
        let (retry, lease, now) = (self.retry, self.held.lease, Instant::now());
        let record = if thorough || now >= self.configured + READ_CONFIGURATION {
            self.read_configuration().await?
        } else {
            retry.endpoints.get(&lease.workspace, &lease.endpoint).await?
        };
        self.polled = now;
        let record = EndpointRecord { health: self.of_others(record.health), ..record };
        let view = &mut self.view;
        if record.appends != view.record.appends {
            view.last_activity = now;
        }
        // Changes by an administrator apply from now on; the drain's own results stay.
        let resumed =
            record.health != self.saved.health && matches!(record.health, Health::Failing { failed_probes: 0, .. });
        if resumed && view.record.health == self.saved.health {
            view.set_health(record.health);
            self.saved.health = record.health;
        }
        // A batch counts misses concurrently with this drain: together they may reach the threshold.
        if record.health != self.saved.health && view.record.health != record.health {
            let evidence = (self.saved.health, record.health);
            let (now, jitter) = (retry.world.now(), retry.world.fraction());
            let health = view.record.health.with_evidence(evidence, now, jitter, &retry.health);
            if health != view.record.health {
                view.set_health(health);
                self.saved.health = record.health;
            }
        }
        (view.record.settings, view.record.has_backlog) = (record.settings, record.has_backlog);
        (view.record.held, view.record.appends) = (record.held, record.appends);
        (view.record.appending_until, view.record.uncounted_until) = (record.appending_until, record.uncounted_until);
        view.record.damaged = record.damaged;
        self.read_deferred().await
    }

    /// Returns the health as others have left it. While this drain writes it, the table may still have what it was.
    fn of_others(&self, stored: Health) -> Health {
        if self.overwritten == Some(stored) { self.saved.health } else { stored }
    }

    /// Reads the configuration, and starts over if it has changed. Returns the current record of the endpoint.
    pub(super) async fn read_configuration(&mut self) -> Result<EndpointRecord, StoreError> {
        let lease = self.held.lease;
        let mut state = self.retry.endpoints.workspace(&lease.workspace).await?;
        let record = state.endpoints.remove(&lease.endpoint).unwrap_or_default();
        self.configured = Instant::now();
        if Role::of(&lease.endpoint, &record, &state) != Role::Drain {
            // The change needs a new drain, which reads everything from the start.
            self.view.halt();
            return Ok(record);
        }
        if state.callbacks.revision != self.callbacks.revision {
            self.view.start_over();
            self.callbacks = state.callbacks;
        }
        if let Some(stored) = state.keys {
            self.credentials =
                Some(Arc::new(record.credentials(&lease.endpoint, &stored.keys, self.retry.world.now())));
        }
        Ok(record)
    }

    /// Returns the credentials of the next delivery. It creates the workspace's key if there is none: only what is sent
    /// needs one.
    pub(super) async fn credentials(&mut self) -> Result<Arc<Credentials>, StoreError> {
        if let Some(credentials) = &self.credentials {
            return Ok(Arc::clone(credentials));
        }
        let (retry, lease) = (self.retry, self.held.lease);
        let author = Author { actor: &Actor::service(), world: &*retry.world };
        let keys = retry.secrets.get_or_create(&lease.workspace, author).await?.keys;
        let credentials = Arc::new(self.view.record.credentials(&lease.endpoint, &keys, retry.world.now()));
        Ok(Arc::clone(self.credentials.insert(credentials)))
    }

    /// Reads the configuration again if some of these deliveries must not be sent according to the known one.
    ///
    /// Their URL may have been added since. Returns whether the configuration has changed.
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

    /// Reads deferred deliveries that are due; all of them if they must not be sent any more.
    pub(super) async fn read_deferred(&mut self) -> Result<(), StoreError> {
        let (retry, lease, now) = (self.retry, self.held.lease, self.retry.world.now());
        if self.view.halted {
            return Ok(());
        }
        let disabled = matches!(self.view.record.health, Health::Disabled { .. });
        let removed = !self.callbacks.callbacks.have(&lease.endpoint);
        let until = if disabled || removed { Timestamp::MAX } else { now };
        if self.view.record.next_deferred_at.is_none_or(|due| due > until) {
            return Ok(());
        }
        let due = retry.deliveries.deferred(&lease.workspace, &lease.endpoint, until, retry.settings.page).await?;
        self.has_configuration_changed(&due.iter().collect::<Vec<_>>()).await?;
        if self.view.halted {
            return Ok(());
        }
        self.view.load_deferred(due, &self.callbacks.callbacks);
        self.view.record.next_deferred_at = None;
        Ok(())
    }
}
