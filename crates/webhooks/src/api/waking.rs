//! Has endpoints looked at. A wake-up that cannot be sent is no reason to refuse anything: the sweep makes up for it.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::future::join_all;

use super::ApiState;
use crate::callbacks::Callbacks;
use crate::endpoint::{Endpoint, EndpointId, EndpointRecord, Health};
use crate::event::{EventType, PARTITIONS};
use crate::store::{Evidence, Hold, StoreError};
use crate::wake_up::WakeUp;
use crate::workspace::WorkspaceId;

impl ApiState {
    /// Wakes an endpoint after `delay`.
    pub(super) async fn wake_up(&self, workspace: &WorkspaceId, endpoint: &EndpointId, delay: Duration) {
        let wake_up = WakeUp { workspace: workspace.clone(), endpoint: endpoint.clone() };
        if let Err(error) = self.wake_ups.send(&wake_up, delay).await {
            tracing::error!(endpoint_id = %endpoint, %error, "a wake-up is left to the sweep");
        }
    }

    /// Says that deliveries were put into an endpoint's backlog, and wakes it when it may be called.
    pub(super) async fn queued(
        &self,
        workspace: &WorkspaceId,
        endpoint: &Endpoint,
        record: &EndpointRecord,
    ) -> Result<(), StoreError> {
        let now = self.world.now();
        let wake_at = match record.health {
            Health::Failing { probe_at, .. } => probe_at.max(now),
            Health::Healthy { .. } | Health::Disabled { .. } => now,
        };
        self.append(workspace, endpoint).await?;
        self.endpoints.wake_by(workspace, &endpoint.id, wake_at).await?;
        self.wake_up(workspace, &endpoint.id, Duration::try_from(wake_at.duration_since(now)).unwrap_or_default())
            .await;
        Ok(())
    }

    /// Records that deliveries are put into an endpoint's backlog: before they are, and once more when they are.
    pub(super) async fn append(&self, workspace: &WorkspaceId, endpoint: &Endpoint) -> Result<(), StoreError> {
        let partitions = (0..PARTITIONS).collect();
        let appended = self.endpoints.append(workspace, endpoint, &Hold::Everything, &partitions, Evidence::default());
        appended.await.map(drop)
    }

    /// Has an endpoint drained from now on. A drain that is at work does not leave before it has seen what was changed.
    async fn ask_for_a_drain(&self, workspace: &WorkspaceId, endpoint: &Endpoint) -> Result<(), StoreError> {
        self.append(workspace, endpoint).await?;
        self.endpoints.wake_by(workspace, &endpoint.id, self.world.now()).await.map(drop)
    }

    /// Wakes the endpoints that are no longer called for an event type, so that what waits for them ends with that reason.
    pub(super) async fn wake_unwanted(&self, workspace: &WorkspaceId, before: &Callbacks, after: &Callbacks) {
        let unwanted = unwanted(before, after);
        if unwanted.is_empty() {
            return;
        }
        let endpoints = match self.endpoints.workspace(workspace).await {
            Ok(state) => state.endpoints,
            Err(error) => {
                tracing::error!(%workspace, %error, "what waits for removed URLs is left to the next wake-up");
                return;
            }
        };
        let waits = |record: &EndpointRecord| record.has_pending() || record.next_deferred_at.is_some();
        let wake = unwanted.iter().filter(|it| endpoints.get(&it.id).is_some_and(waits)).map(|endpoint| async move {
            if let Err(error) = self.ask_for_a_drain(workspace, endpoint).await {
                tracing::error!(endpoint_id = %endpoint.id, %error, "a removed URL's backlog is left to the next wake-up");
            }
            self.wake_up(workspace, &endpoint.id, Duration::ZERO).await;
        });
        join_all(wake).await;
    }
}

/// The endpoints that were called for an event type and are not any more. Pure.
fn unwanted(before: &Callbacks, after: &Callbacks) -> Vec<Endpoint> {
    let of = |event_type| {
        let still = after.urls_for(event_type);
        before.urls_for(event_type).iter().filter(|url| !still.contains(url)).cloned()
    };
    EventType::ALL.into_iter().flat_map(of).collect::<HashSet<_>>().into_iter().map(Endpoint::from).collect()
}
