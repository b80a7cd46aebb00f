//! Has endpoints looked at. A wake-up that cannot be sent is no reason to refuse anything: the sweep makes up for it.

use jiff::Timestamp;

use super::ApiState;
use webhooks_engine::wake_up::WakeUp;
use webhooks_model::endpoint::{Endpoint, EndpointId, EndpointRecord, Health};
use webhooks_model::event::PARTITIONS;
use webhooks_model::workspace::WorkspaceId;
use webhooks_store::{Append, Evidence, Hold, StoreError};

impl ApiState {
    /// Wakes an endpoint at a time.
    pub(super) async fn wake_up(&self, workspace: &WorkspaceId, endpoint: &EndpointId, at: Timestamp) {
        let wake_up = WakeUp { workspace: workspace.clone(), endpoint: endpoint.clone(), at };
        if let Err(error) = self.wake_ups.send(&wake_up, self.world.now()).await {
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
        self.wake_up(workspace, &endpoint.id, wake_at).await;
        Ok(())
    }

    /// Records that deliveries are put into an endpoint's backlog: before they are, and once more when they are.
    pub(super) async fn append(&self, workspace: &WorkspaceId, endpoint: &Endpoint) -> Result<(), StoreError> {
        let (hold, partitions) = (&Hold::Everything, &(0..PARTITIONS).collect());
        let begins = Some(self.world.now());
        let append = Append { hold, partitions, evidence: Evidence::default(), begins };
        self.endpoints.append(workspace, endpoint, append).await.map(drop)
    }

    /// Has an endpoint drained from now on. A drain that is at work does not leave before it has seen what was changed.
    pub(super) async fn ask_for_a_drain(&self, workspace: &WorkspaceId, endpoint: &Endpoint) -> Result<(), StoreError> {
        self.append(workspace, endpoint).await?;
        self.endpoints.wake_by(workspace, &endpoint.id, self.world.now()).await.map(drop)
    }
}
