//! Wake-ups, which trigger the drain of an endpoint.
//!
//! They are hints: a lost one only delays, and a duplicate has no effect. Each has a time, and is dropped if the
//! endpoint's wake-up is at another time by then. Otherwise they would multiply, because each drain sends the next one.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::UnboundedSender;

use webhooks_model::endpoint::EndpointId;
use webhooks_model::workspace::WorkspaceId;

/// Maximum delay of a message (SQS quota); a longer one is divided into hops.
const MAX_SQS_DELAY: Duration = Duration::from_secs(15 * 60);

/// The message that wakes an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WakeUp {
    /// Workspace of the endpoint.
    #[serde(rename = "workspaceID")]
    pub workspace: WorkspaceId,
    /// Id of the endpoint.
    #[serde(rename = "endpointID")]
    pub endpoint: EndpointId,
    /// Time of the wake-up, to the millisecond. A message of a release without it is due.
    #[serde(default, with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub at: Timestamp,
}

/// Transport of wake-ups.
#[derive(Clone, Debug)]
pub enum WakeUps {
    /// An SQS queue.
    Queue {
        /// Client of the queue.
        client: aws_sdk_sqs::Client,
        /// URL of the queue.
        url: String,
    },
    /// A timer in this process.
    Timer(UnboundedSender<(WakeUp, Duration)>),
}

/// Error for a wake-up that could not be sent. The sweep makes up for it.
#[derive(Debug, thiserror::Error)]
pub enum WakeUpError {
    /// SQS has rejected the message or not responded.
    #[error("the wake-up could not be sent: {0}")]
    Queue(String),
    /// The timer is gone: the program is stopping.
    #[error("the wake-up could not be set: the timer has stopped")]
    Timer,
}

impl WakeUps {
    /// Sends a wake-up, for its time or for the end of one hop if that is earlier.
    ///
    /// # Errors
    /// [`WakeUpError`] if it could not be sent.
    pub async fn send(&self, wake_up: &WakeUp, now: Timestamp) -> Result<(), WakeUpError> {
        let delay = Duration::try_from(wake_up.at.duration_since(now)).unwrap_or_default();
        match self {
            Self::Timer(timer) => timer.send((wake_up.clone(), delay)).map_err(|_| WakeUpError::Timer),
            Self::Queue { client, url } => {
                let body = serde_json::to_string(wake_up).map_err(|error| WakeUpError::Queue(error.to_string()))?;
                // Rounded up: a wake-up that comes too early would only be sent again.
                let seconds = delay.min(MAX_SQS_DELAY).as_millis().div_ceil(1000);
                let message = client.send_message().queue_url(url).message_body(body);
                let sent = message.delay_seconds(i32::try_from(seconds).unwrap_or(900)).send().await;
                sent.map(drop).map_err(|error| {
                    WakeUpError::Queue(aws_sdk_dynamodb::error::DisplayErrorContext(error).to_string())
                })
            }
        }
    }
}
