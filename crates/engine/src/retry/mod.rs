//! The retry engine: a wake-up drains one endpoint's backlog, in order, until nothing is pending, the endpoint fails,
//! or the function's time is up.

mod collect;
mod drain;
mod exit;
mod hand_on;
mod held;
mod role;
mod term;
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

/// Delay after which a wake-up counts as lost.
const LATE: Duration = Duration::from_secs(60);

/// Settings of drains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetrySettings {
    /// Settings of retries.
    pub schedule: RetrySchedule,
    /// `MAX_IN_FLIGHT_PER_DRAIN` (default 256): maximum number of concurrent attempts.
    pub max_in_flight: usize,
    /// `HOLD_MS` (default 250): an endpoint that responds within half of it is no longer slow.
    pub hold: Duration,
    /// `LOG_DELIVERIES` (default `all`): which completed deliveries are logged.
    pub log: Log,
    /// Pause after which a blocked drain tries again: an item cannot be read, or another drain has to take over. The
    /// end of such a state also wakes the endpoint.
    pub look_again: Duration,
    /// Number of deliveries of a partition that a drain reads at a time.
    pub page: i32,
    /// Number of deliveries moved to another endpoint at a time.
    pub page_of_move: i32,
}

impl Default for RetrySettings {
    fn default() -> Self {
        Self {
            schedule: RetrySchedule::default(),
            max_in_flight: 256,
            hold: Duration::from_millis(250),
            log: Log::default(),
            look_again: Duration::from_secs(5 * 60),
            page: 40,
            page_of_move: 250,
        }
    }
}

/// The retry engine of one environment.
#[derive(Debug)]
pub struct Retry {
    /// Store of the callbacks and endpoints.
    pub endpoints: EndpointsStore,
    /// Store of the keys of signing secrets.
    pub secrets: SecretsStore,
    /// Store of the deliveries.
    pub deliveries: DeliveriesStore,
    /// Queue of the wake-ups.
    pub wake_ups: WakeUps,
    /// Publisher of endpoint health.
    pub endpoint_events: EndpointEvents,
    /// Metrics sink of drains.
    pub metrics: Metrics,
    /// Sender of the attempts.
    pub sender: Arc<Sender>,
    /// Settings of endpoint health.
    pub health: HealthSettings,
    /// Settings of drains.
    pub settings: RetrySettings,
    /// Source of time and randomness.
    pub world: Arc<dyn World>,
}

/// Reason why a message was not processed.
#[derive(Debug, thiserror::Error)]
pub enum RetryError {
    /// The message is not a valid wake-up, now or in any retry.
    #[error("the message is not a wake-up: {0}")]
    Malformed(#[from] serde_json::Error),
    /// A table could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Retry {
    /// Processes a wake-up from a message of the queue.
    ///
    /// # Errors
    /// [`RetryError::Malformed`] if the message is not a wake-up; [`RetryError::Store`] if a table could not be read or
    /// written.
    pub async fn handle_message(&self, body: &str, deadline: Instant) -> Result<(), RetryError> {
        let wake_up: WakeUp = serde_json::from_str(body)?;
        Ok(self.wake(&wake_up, deadline).await?)
    }

    /// Returns whether a drain may start nothing more: `last_start` has passed, or the sender is closed.
    fn is_time_up(&self, now: Instant, last_start: Instant) -> bool {
        now >= last_start || self.sender.is_closed()
    }

    /// Wakes every endpoint whose wake-up is a minute late, so that none in flight is sent twice. Returns their number.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if the endpoints could not be read.
    pub async fn sweep_overdue(&self) -> Result<usize, StoreError> {
        let woken = self.sweep(self.world.now() - LATE).await?;
        tracing::info!(woken, "sweep");
        Ok(woken)
    }

    /// Wakes every endpoint whose wake-up was due before `until` and is lost. Returns their number.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if the endpoints could not be read.
    pub async fn sweep(&self, until: Timestamp) -> Result<usize, StoreError> {
        let overdue = self.endpoints.overdue(until, 100).await?;
        let wake_up = |(workspace, endpoint)| WakeUp { workspace, endpoint, at: until };
        let wake_ups: Vec<_> = overdue.into_iter().map(wake_up).collect();
        for (wake_up, error) in self.wake_ups.send_all(&wake_ups, until).await {
            tracing::error!(endpoint_id = %wake_up.endpoint, %error, "a wake-up could not be sent; the next sweep will send it");
        }
        Ok(wake_ups.len())
    }
}
