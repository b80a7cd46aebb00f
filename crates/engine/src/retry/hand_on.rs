//! Moves pending deliveries of endpoints that are not called: to the URL that replaces a removed one, or to the
//! endpoints of the callbacks once these can be read.
//!
//! Each delivery is written to its new item before the former one is removed. After an interruption the next
//! wake-up continues; a delivery may then exist twice, and is sent twice. The deliveries of an instance move in order.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::Retry;
use super::held::HeldLease;
use super::role::Role;
use crate::wake_up::WakeUp;
use webhooks_model::delivery::{Delivery, Status};
use webhooks_model::endpoint::{Endpoint, EndpointId, EndpointRecord};
use webhooks_model::event::PARTITIONS;
use webhooks_model::workspace::WorkspaceId;
use webhooks_runtime::metrics::{Metric, Summary};
use webhooks_store::{
    Append, DeliveryWrite, Hold, Lease, StorageState, StoreError, StoredDelivery, Turn, WorkspaceState,
};

/// Pause after which two conflicting drains try again.
const IN_THE_WAY: Duration = Duration::from_secs(1);

/// Progress of a move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moved {
    /// All deliveries were moved.
    All,
    /// The time was up, or another drain is in the way: the next wake-up continues.
    SoFar,
}

impl Retry {
    /// Leaves everything as it is, because a required item cannot be read.
    pub(super) async fn wait(
        &self,
        lease: &Lease,
        record: &EndpointRecord,
        damage: &str,
        summary: &mut Summary,
    ) -> Result<(), StoreError> {
        let Lease { workspace, endpoint, .. } = lease;
        tracing::error!(%workspace, endpoint_id = %endpoint, damage, "a damaged item: nothing is sent until it is corrected");
        summary.add(Metric::DamagedItems, 1);
        let pause = self.settings.look_again;
        let at = self.world.now() + pause;
        if self.endpoints.leave(lease, at, record).await? {
            self.send_wake_up(lease, &lease.endpoint, at).await;
            return Ok(());
        }
        self.postpone(lease, IN_THE_WAY).await
    }

    /// Moves events whose endpoints were unknown to the endpoints of the callbacks.
    ///
    /// The images of their records are not stored, so that an endpoint gets what its conditions may have excluded.
    pub(super) async fn route(
        &self,
        held: &mut HeldLease<'_>,
        mut record: EndpointRecord,
        state: &WorkspaceState,
    ) -> Result<(), StoreError> {
        let lease = held.lease;
        let called = |delivery: &StoredDelivery| {
            let event = &delivery.event;
            let urls = state.callbacks.callbacks.urls_for(event.event_type).iter();
            let endpoints = urls.map(|url| Endpoint::from(url.clone()));
            let subscribes = |it: &Endpoint| {
                state
                    .endpoints
                    .get(&it.id)
                    .is_none_or(|record| record.settings.subscription.includes_process(&event.process_name))
            };
            endpoints.filter(subscribes).collect()
        };
        loop {
            let (targets, moved) = self.hand_on(held, state, &called).await?;
            for target in targets.values() {
                self.ask(lease, target).await?;
            }
            if moved == Moved::SoFar {
                return self.postpone(lease, Duration::ZERO).await;
            }
            if self.forget(lease, &record).await? || !self.endpoints.is_held(lease).await? {
                return Ok(()); // released, perhaps by a call whose response was lost
            }
            record = self.endpoints.get(&lease.workspace, &lease.endpoint).await?;
        }
    }

    /// Wakes the endpoint that replaces this one, so that it takes over everything.
    pub(super) async fn give_way(
        &self,
        lease: &Lease,
        record: &EndpointRecord,
        (from, to): (&Endpoint, &Endpoint),
    ) -> Result<(), StoreError> {
        let Lease { workspace, endpoint, .. } = lease;
        if !record.has_pending() {
            if self.deliveries.backlog_size(workspace, endpoint, 1).await?.count > 0 {
                // The writer has died, and its events were sent to the other URL in the meantime.
                self.flag(lease, from).await?;
            } else if self.forget(lease, record).await? {
                return Ok(());
            }
        }
        self.ask(lease, to).await?;
        self.postpone(lease, self.settings.look_again).await
    }

    /// Takes over the pending deliveries of the endpoints that this one replaces.
    ///
    /// If that has to continue later, the lease is released.
    pub(super) async fn take_over(
        &self,
        held: &mut HeldLease<'_>,
        endpoints: &[EndpointId],
        state: &WorkspaceState,
    ) -> Result<Moved, StoreError> {
        let own = held.lease;
        let replaced = &state.callbacks.replaced;
        let Some(to) = replaced.iter().find(|it| EndpointId::of(&it.to) == own.endpoint).map(|it| it.to.clone()) else {
            return Ok(Moved::All);
        };
        let to = Endpoint::from(to);
        for endpoint in endpoints {
            let record = state.endpoints.get(endpoint).cloned().unwrap_or_default();
            if matches!(Role::of(endpoint, &record, state), Role::TakeOver(_)) {
                // Its own predecessors come first.
                self.send_wake_up(own, endpoint, self.world.now()).await;
                self.postpone(own, IN_THE_WAY).await?;
                return Ok(Moved::SoFar);
            }
            if !held.acquire_other(self, endpoint).await? {
                self.postpone(own, IN_THE_WAY).await?;
                return Ok(Moved::SoFar);
            }
            if self.empty(held, state, &to).await? == Moved::SoFar {
                self.postpone(held.source(), Duration::ZERO).await?;
                self.postpone(own, Duration::ZERO).await?;
                return Ok(Moved::SoFar);
            }
            held.other = None;
        }
        Ok(Moved::All)
    }

    /// Moves all deliveries to another endpoint, and then removes the record of this one.
    async fn empty(
        &self,
        held: &mut HeldLease<'_>,
        state: &WorkspaceState,
        to: &Endpoint,
    ) -> Result<Moved, StoreError> {
        let source = &held.source().clone();
        loop {
            let record = self.endpoints.get(&source.workspace, &source.endpoint).await?;
            let (_, moved) = self.hand_on(held, state, &|_| vec![to.clone()]).await?;
            if moved == Moved::SoFar || self.forget(source, &record).await? {
                return Ok(moved);
            }
            if !self.endpoints.is_held(source).await? {
                // Released by a call whose response was lost.
                return Ok(Moved::SoFar);
            }
        }
    }

    /// Removes the record of an endpoint without pending deliveries. Returns false, without changes, after a newer
    /// append.
    ///
    /// While an append may still be on its way, it schedules a wake-up for its end instead.
    async fn forget(&self, lease: &Lease, record: &EndpointRecord) -> Result<bool, StoreError> {
        match record.appending_until.filter(|at| *at > self.world.now()) {
            None => self.endpoints.forget(lease, record).await,
            Some(at) => {
                // One that cannot be read goes, too.
                let was = EndpointRecord { next_deferred_at: Some(Timestamp::MAX), ..record.clone() };
                self.endpoints.save(lease, &was, &EndpointRecord { next_deferred_at: None, ..record.clone() }).await?;
                self.endpoints.finish(lease, &BTreeSet::new(), Some(at), record).await
            }
        }
    }

    /// Moves deliveries to other endpoints, as long as the configuration is that of `state`.
    ///
    /// Returns the other endpoints, and the progress.
    async fn hand_on(
        &self,
        held: &mut HeldLease<'_>,
        state: &WorkspaceState,
        targets_of: &impl Fn(&StoredDelivery) -> Vec<Endpoint>,
    ) -> Result<(BTreeMap<EndpointId, Endpoint>, Moved), StoreError> {
        let Lease { workspace, endpoint, .. } = &held.source().clone();
        let mut targets = BTreeMap::new();
        for partition in 0..PARTITIONS {
            let mut after = None;
            loop {
                if !self.may_move(held).await {
                    return Ok((targets, Moved::SoFar));
                }
                let page =
                    self.deliveries.pending(workspace, endpoint, partition, after, self.settings.page_of_move).await?;
                let found = !page.deliveries.is_empty();
                if found && self.has_changed(workspace, state).await? {
                    return Ok((targets, Moved::SoFar));
                }
                self.move_page(held, page.deliveries, targets_of, &mut targets).await?;
                if page.next.is_none() {
                    break;
                }
                // From the start again, where something may have been added; but past what cannot be read.
                after = page.next.filter(|_| !found);
            }
        }
        loop {
            let deferred =
                self.deliveries.deferred(workspace, endpoint, Timestamp::MAX, self.settings.page_of_move).await?;
            if deferred.is_empty() {
                return Ok((targets, Moved::All));
            }
            if !self.may_move(held).await || self.has_changed(workspace, state).await? {
                return Ok((targets, Moved::SoFar));
            }
            self.move_page(held, deferred, targets_of, &mut targets).await?;
        }
    }

    /// Returns whether the callbacks have changed: deliveries may belong to other endpoints now.
    async fn has_changed(&self, workspace: &WorkspaceId, state: &WorkspaceState) -> Result<bool, StoreError> {
        Ok(self.endpoints.workspace(workspace).await?.callbacks.revision != state.callbacks.revision)
    }

    /// Renews the lease if that is due. Returns whether another page may be moved under it.
    async fn may_move(&self, held: &mut HeldLease<'_>) -> bool {
        held.renew(self).await && !self.is_time_up(Instant::now(), held.term.last_start())
    }

    async fn move_page(
        &self,
        held: &HeldLease<'_>,
        deliveries: Vec<StoredDelivery>,
        targets_of: &impl Fn(&StoredDelivery) -> Vec<Endpoint>,
        targets: &mut BTreeMap<EndpointId, Endpoint>,
    ) -> Result<(), StoreError> {
        let source = held.source();
        let moved: Vec<(StoredDelivery, Vec<Endpoint>)> =
            deliveries.into_iter().map(|delivery| (targets_of(&delivery), delivery)).map(|(to, it)| (it, to)).collect();
        for target in moved.iter().flat_map(|(_, to)| to) {
            if targets.insert(target.id.clone(), target.clone()).is_none() && target.id != source.endpoint {
                // Later events queue behind these from now on.
                self.flag(source, target).await?;
            }
        }
        let puts = moved.iter().flat_map(|(it, to)| to.iter().map(|to| rewritten(it, to, at_once(it), None)));
        let removals =
            moved.iter().map(|(it, _)| rewritten(it, &it.endpoint, StorageState::Discarded, Some(it.storage)));
        for writes in [puts.collect::<Vec<_>>(), removals.collect()] {
            for written in self.deliveries.write(&writes, self.world.now(), held.term.write_until()).await {
                written?;
            }
        }
        Ok(())
    }

    async fn flag(&self, lease: &Lease, endpoint: &Endpoint) -> Result<(), StoreError> {
        let (hold, partitions) = (&Hold::Everything, &(0..PARTITIONS).collect());
        let append = Append::begins(hold, partitions, self.world.now());
        self.endpoints.append(&lease.workspace, endpoint, append).await.map(drop)
    }

    /// Wakes another endpoint now.
    async fn ask(&self, lease: &Lease, endpoint: &Endpoint) -> Result<(), StoreError> {
        self.flag(lease, endpoint).await?;
        let now = self.world.now();
        self.endpoints.wake_by(&lease.workspace, &endpoint.id, now).await?;
        self.send_wake_up(lease, &endpoint.id, now).await;
        Ok(())
    }

    /// Releases the lease, with a wake-up of the endpoint after the pause.
    async fn postpone(&self, lease: &Lease, pause: Duration) -> Result<(), StoreError> {
        let at = self.world.now() + pause;
        self.endpoints.release(lease, at).await?;
        self.send_wake_up(lease, &lease.endpoint, at).await;
        Ok(())
    }

    /// Sends a wake-up for an endpoint of the lease's workspace.
    pub(super) async fn send_wake_up(&self, lease: &Lease, endpoint: &EndpointId, at: Timestamp) {
        let wake_up = WakeUp { workspace: lease.workspace.clone(), endpoint: endpoint.clone(), at };
        if let Err(error) = self.wake_ups.send(&wake_up, self.world.now()).await {
            tracing::error!(endpoint_id = %endpoint, %error, "a wake-up could not be sent; the sweep will send it");
        }
    }
}

/// Returns how a moved delivery is stored: the endpoint that rejected or missed it is gone, so it is due at once.
///
/// An attempt in flight is awaited. A deferred delivery is due since its change: a time that a repeated move finds again.
fn at_once(it: &StoredDelivery) -> StorageState {
    match it.storage {
        StorageState::Pending(Turn::At(_)) => StorageState::Pending(Turn::Next),
        StorageState::Deferred(_) => StorageState::Deferred(it.event.changed_at),
        as_it_is => as_it_is,
    }
}

/// Returns a pending delivery as one to another endpoint and in another storage state.
fn rewritten<'a>(
    it: &'a StoredDelivery,
    endpoint: &'a Endpoint,
    storage: StorageState,
    was: Option<StorageState>,
) -> DeliveryWrite<'a> {
    let (status, attempts) = (Status::Pending, it.attempts.clone());
    DeliveryWrite {
        delivery: Delivery { event: &it.event, endpoint, status, attempts, give_up_reason: None },
        storage,
        was,
    }
}
