//! The retry engine: a wake-up comes, and one endpoint's backlog is drained, in order, until nothing waits, the endpoint
//! fails, or the function's time is up.

mod drain;
mod page;

use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use futures_util::future::join_all;
use jiff::Timestamp;
use serde::Deserialize;
use tokio::time::Instant;

use crate::endpoint::HealthSettings;
use crate::fanout::Log;
use crate::metrics::Metrics;
use crate::notice::Notices;
use crate::sender::Sender;
use crate::store::{DeliveriesStore, EndpointsStore, SecretsStore, StoreError};
use crate::wake_up::{WakeUp, WakeUps};

/// A wake-up that has not come by now is lost.
const LATE: Duration = Duration::from_secs(60);

/// How a backlog is drained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetrySettings {
    /// How often a refused delivery is tried in its place before it is set aside.
    pub tries_in_place: usize,
    /// `PAUSE_IN_PLACE_MS` (default 1,000): between two of these tries.
    pub pause_in_place: Duration,
    /// `ASIDE_GIVE_UP_S` (default a day): a delivery that its endpoint refuses for so long is given up.
    pub aside_give_up: Duration,
    /// `MAX_IN_FLIGHT_PER_ENDPOINT` (default 64): attempts at a time.
    pub max_in_flight: usize,
    /// `LOG_DELIVERIES` (default `all`): what is kept of deliveries that are over.
    pub log: Log,
}

impl Default for RetrySettings {
    fn default() -> Self {
        Self {
            tries_in_place: 3,
            pause_in_place: Duration::from_secs(1),
            aside_give_up: Duration::from_secs(24 * 60 * 60),
            max_in_flight: 64,
            log: Log::default(),
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
    /// Who wakes an endpoint the next time.
    pub wake_ups: WakeUps,
    /// Who hears of endpoints that fail and recover.
    pub notices: Notices,
    /// Who is told what each drain came to.
    pub metrics: Metrics,
    /// What makes the attempts.
    pub sender: Arc<Sender>,
    /// When an endpoint is failing, and when it is probed.
    pub health: HealthSettings,
    /// How a backlog is drained.
    pub settings: RetrySettings,
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

/// What invokes the retry function.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Invocation {
    /// Wake-ups from the queue.
    WakeUps(SqsEvent),
    /// The schedule: `{"sweep": true}`.
    Sweep {
        /// Always true.
        sweep: bool,
    },
}

impl Retry {
    /// Carries a batch of wake-ups out and reports each message that could not be, so that SQS sends it again.
    pub async fn handle(&self, event: SqsEvent, deadline: Instant) -> SqsBatchResponse {
        let messages = event.records.into_iter().map(|message| async move {
            let woken = self.handle_message(message.body.as_deref().unwrap_or_default(), deadline).await;
            woken.err().map(|error| (message.message_id.unwrap_or_default(), error))
        });
        let mut response = SqsBatchResponse::default();
        for (message_id, error) in join_all(messages).await.into_iter().flatten() {
            tracing::error!(message_id, %error, "a wake-up was not carried out");
            response.add_failure(message_id);
        }
        response
    }

    async fn handle_message(&self, body: &str, deadline: Instant) -> Result<(), RetryError> {
        let wake_up: WakeUp = serde_json::from_str(body)?;
        Ok(self.wake(&wake_up, deadline).await?)
    }

    /// Wakes every endpoint whose wake-up is a minute late, so that one on its way is not sent twice. Answers how many.
    ///
    /// # Errors
    /// When the endpoints could not be read.
    pub async fn sweep_overdue(&self) -> Result<usize, StoreError> {
        let woken = self.sweep(Timestamp::now() - LATE).await?;
        tracing::info!(woken, "sweep");
        Ok(woken)
    }

    /// Wakes every endpoint that should have been woken before `until`, because its wake-up was lost. Answers how many.
    ///
    /// # Errors
    /// When the endpoints could not be read.
    pub async fn sweep(&self, until: Timestamp) -> Result<usize, StoreError> {
        let overdue = self.endpoints.overdue(until, 100).await?;
        for (workspace, endpoint) in &overdue {
            let wake_up = WakeUp { workspace: workspace.clone(), endpoint: endpoint.clone() };
            if let Err(error) = self.wake_ups.send(&wake_up, Duration::ZERO).await {
                tracing::error!(endpoint_id = %endpoint, %error, "a wake-up is left to the next sweep");
            }
        }
        Ok(overdue.len())
    }
}
