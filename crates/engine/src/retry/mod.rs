//! The retry engine: a wake-up comes, and one endpoint's backlog is drained, in order, until nothing is pending, the
//! endpoint fails, or the function's time is up.

mod drain;
mod exit;
mod hand_on;
mod role;
mod view;
mod wake;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::dispatch::RetrySchedule;
use crate::endpoint_events::EndpointEvents;
use crate::fanout::Log;
use crate::sender::Sender;
use crate::wake_up::{WakeUp, WakeUps};
use webhooks_model::endpoint::HealthSettings;
use webhooks_model::world::World;
use webhooks_runtime::metrics::Metrics;
use webhooks_store::{DeliveriesStore, EndpointsStore, SecretsStore, StoreError};

/// A wake-up that has not come by now is lost.
const LATE: Duration = Duration::from_secs(60);

/// How a backlog is drained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetrySettings {
    /// When a delivery is retried.
    pub schedule: RetrySchedule,
    /// `MAX_IN_FLIGHT_PER_DRAIN` (default 256): attempts at a time.
    pub max_in_flight: usize,
    /// `HOLD_MS` (default 250): an endpoint that answers within half of it is not slow any more.
    pub hold: Duration,
    /// `LOG_DELIVERIES` (default `all`): what is kept of completed deliveries.
    pub log: Log,
    /// Pause after which a drain looks again that could do nothing: an item cannot be read, or another drain is to take
    /// everything over. What ends such a state wakes it, too.
    pub look_again: Duration,
}

impl Default for RetrySettings {
    fn default() -> Self {
        Self {
            schedule: RetrySchedule::default(),
            max_in_flight: 256,
            hold: Duration::from_millis(250),
            log: Log::default(),
            look_again: Duration::from_secs(5 * 60),
        }
    }
}

/// The retry engine of one environment.
#[derive(Debug)]
pub struct Retry {
    /// Where callbacks and endpoints are.
    pub endpoints: EndpointsStore,
    /// Where the first signing secret is kept.
    pub secrets: SecretsStore,
    /// Where deliveries are kept.
    pub deliveries: DeliveriesStore,
    /// Wakes endpoints the next time.
    pub wake_ups: WakeUps,
    /// Where health is published.
    pub endpoint_events: EndpointEvents,
    /// Where each drain is summed up.
    pub metrics: Metrics,
    /// What makes the attempts.
    pub sender: Arc<Sender>,
    /// When an endpoint is failing, and when it is probed.
    pub health: HealthSettings,
    /// How a backlog is drained.
    pub settings: RetrySettings,
    /// Time and chance.
    pub world: Arc<dyn World>,
}

/// Why a message was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum RetryError {
    /// The message is no wake-up, and never will be.
    #[error("the message is not a wake-up: {0}")]
    Malformed(#[from] serde_json::Error),
    /// A table could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Retry {
    /// Carries out a wake-up, as a message of the queue has it.
    ///
    /// # Errors
    /// [`RetryError::Malformed`] when the message is no wake-up; [`RetryError::Store`] when a table could not be read or written.
    pub async fn handle_message(&self, body: &str, deadline: Instant) -> Result<(), RetryError> {
        let wake_up: WakeUp = serde_json::from_str(body)?;
        Ok(self.wake(&wake_up, deadline).await?)
    }

    /// Wakes every endpoint whose wake-up is a minute late, so that one on its way is not sent twice. Returns how many.
    ///
    /// # Errors
    /// When the endpoints could not be read.
    pub async fn sweep_overdue(&self) -> Result<usize, StoreError> {
        let woken = self.sweep(self.world.now() - LATE).await?;
        tracing::info!(woken, "sweep");
        Ok(woken)
    }

    /// Wakes every endpoint that should have been woken before `until`, because its wake-up was lost. Returns how many.
    ///
    /// # Errors
    /// When the endpoints could not be read.
    pub async fn sweep(&self, until: Timestamp) -> Result<usize, StoreError> {
        let overdue = self.endpoints.overdue(until, 100).await?;
        for (workspace, endpoint) in &overdue {
            let wake_up = WakeUp { workspace: workspace.clone(), endpoint: endpoint.clone(), at: until };
            if let Err(error) = self.wake_ups.send(&wake_up, until).await {
                tracing::error!(endpoint_id = %endpoint, %error, "a wake-up is left to the next sweep");
            }
        }
        Ok(overdue.len())
    }
}
