//! Wake-ups of endpoints. A wake-up that cannot be sent does not fail a call: the sweep makes up for it.

use jiff::Timestamp;

use super::ApiState;
use webhooks_engine::wake_up::WakeUp;
use webhooks_model::endpoint::{Endpoint, EndpointId, EndpointRecord, Health};
use webhooks_model::event::PARTITIONS;
use webhooks_model::workspace::WorkspaceId;
use webhooks_store::{Append, Hold, StoreError};

impl ApiState {
    /// Schedules a wake-up of an endpoint.
    pub(super) async fn wake_up(&self, workspace: &WorkspaceId, endpoint: &EndpointId, at: Timestamp) {
        let wake_up = WakeUp { workspace: workspace.clone(), endpoint: endpoint.clone(), at };
        if let Err(error) = self.wake_ups.send(&wake_up, self.world.now()).await {
            tracing::error!(endpoint_id = %endpoint, %error, "a wake-up could not be sent; the sweep will send it");
        }
    }

    /// Records that deliveries were added to an endpoint's backlog, and wakes the endpoint if it may be called.
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
        self.wake_up(workspace, &endpoint.id, wake_at).await;
        Ok(())
    }

    /// Marks an endpoint's backlog before deliveries are added to it, and again afterwards.
    pub(super) async fn append(&self, workspace: &WorkspaceId, endpoint: &Endpoint) -> Result<(), StoreError> {
        let (hold, partitions) = (&Hold::Everything, &(0..PARTITIONS).collect());
        let append = Append::begins(hold, partitions, self.world.now());
        self.endpoints.append(workspace, endpoint, append).await.map(drop)
    }

    /// Requests a drain of an endpoint. A running drain does not end before it has seen the change.
    pub(super) async fn ask_for_a_drain(&self, workspace: &WorkspaceId, endpoint: &Endpoint) -> Result<(), StoreError> {
        self.append(workspace, endpoint).await?;
        self.endpoints.wake_by(workspace, &endpoint.id, self.world.now()).await.map(drop)
    }
}
