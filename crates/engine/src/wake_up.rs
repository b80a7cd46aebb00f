//! Wake-ups, which trigger the drain of an endpoint.
//!
//! They are hints: a lost one only delays, and a duplicate has no effect. Each has a time, and is dropped if the
//! endpoint's wake-up is at another time by then. Otherwise they would multiply, because each drain sends the next one.

use std::time::Duration;

use aws_sdk_sqs::error::{DisplayErrorContext, SdkError};
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc::UnboundedSender;

use webhooks_model::endpoint::EndpointId;
use webhooks_model::workspace::WorkspaceId;
use webhooks_runtime::aws::LazyClient;

/// Maximum delay of a message (SQS quota); a longer one is divided into hops.
const MAX_SQS_DELAY: Duration = Duration::from_secs(15 * 60);

/// Maximum number of messages of one request (SQS quota).
const SQS_BATCH: usize = 10;

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
        client: LazyClient<aws_sdk_sqs::Client>,
        /// URL of the queue.
        url: String,
    },
    /// A timer in this process.
    Timer(UnboundedSender<(WakeUp, Duration)>),
}

/// Error for a wake-up that could not be sent. The sweep makes up for it.
#[derive(Clone, Debug, thiserror::Error)]
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
        match self {
            Self::Timer(timer) => timer.send((wake_up.clone(), wake_up.delay(now))).map_err(|_| WakeUpError::Timer),
            Self::Queue { client, url } => {
                let message = client.send_message().queue_url(url).message_body(wake_up.body()?);
                let message = message.message_group_id(group(&wake_up.workspace)).delay_seconds(wake_up.sqs_delay(now));
                message.send().await.map(drop).map_err(WakeUpError::sqs)
            }
        }
    }

    /// Sends wake-ups, ten in a request; returns those that could not be sent.
    pub async fn send_all<'w>(&self, wake_ups: &'w [WakeUp], now: Timestamp) -> Vec<(&'w WakeUp, WakeUpError)> {
        let mut unsent = Vec::new();
        match self {
            Self::Timer(_) => {
                for wake_up in wake_ups {
                    unsent.extend(self.send(wake_up, now).await.err().map(|error| (wake_up, error)));
                }
            }
            Self::Queue { client, url } => {
                for batch in wake_ups.chunks(SQS_BATCH) {
                    match send_batch(client, url, batch, now).await {
                        Ok(failed) => unsent.extend(failed),
                        Err(error) => unsent.extend(batch.iter().map(|wake_up| (wake_up, error.clone()))),
                    }
                }
            }
        }
        unsent
    }
}

/// Sends at most ten wake-ups in one request; returns those that SQS did not accept.
async fn send_batch<'w>(
    client: &aws_sdk_sqs::Client,
    url: &str,
    batch: &'w [WakeUp],
    now: Timestamp,
) -> Result<Vec<(&'w WakeUp, WakeUpError)>, WakeUpError> {
    let mut request = client.send_message_batch().queue_url(url);
    for (index, wake_up) in batch.iter().enumerate() {
        let entry = SendMessageBatchRequestEntry::builder().id(index.to_string()).message_body(wake_up.body()?);
        let entry = entry.message_group_id(group(&wake_up.workspace)).delay_seconds(wake_up.sqs_delay(now));
        request = request.entries(entry.build().map_err(|error| WakeUpError::Queue(error.to_string()))?);
    }
    let answer = request.send().await.map_err(WakeUpError::sqs)?;
    let failed = answer.failed.into_iter().filter_map(|entry| {
        let wake_up = batch.get(entry.id.parse::<usize>().ok()?)?;
        Some((wake_up, WakeUpError::Queue(entry.message.unwrap_or(entry.code))))
    });
    Ok(failed.collect())
}

/// Returns the message group of a workspace.
///
/// SQS hands out the messages of a group with many of them in flight after those of the others, so that a workspace with
/// thousands of slow endpoints does not delay the wake-ups of the others (Amazon SQS, "Fair queues"). A group has 128
/// characters of ASCII; a workspace id may have others.
fn group(workspace: &WorkspaceId) -> String {
    let digest = Sha256::digest(workspace.as_str().as_bytes());
    digest[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

impl WakeUp {
    fn delay(&self, now: Timestamp) -> Duration {
        Duration::try_from(self.at.duration_since(now)).unwrap_or_default()
    }

    /// Returns the delay of its message in seconds, rounded up: a wake-up that comes too early would only be sent again.
    fn sqs_delay(&self, now: Timestamp) -> i32 {
        let seconds = self.delay(now).min(MAX_SQS_DELAY).as_millis().div_ceil(1000);
        i32::try_from(seconds).unwrap_or(900)
    }

    fn body(&self) -> Result<String, WakeUpError> {
        serde_json::to_string(self).map_err(|error| WakeUpError::Queue(error.to_string()))
    }
}

impl WakeUpError {
    fn sqs<E, R>(error: SdkError<E, R>) -> Self
    where
        SdkError<E, R>: std::error::Error,
    {
        Self::Queue(DisplayErrorContext(error).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workspaces_messages_are_one_group_whatever_its_id_is() {
        let group = |id: &str| group(&WorkspaceId::try_from(id.to_owned()).unwrap());
        assert_eq!(group("default"), group("default"));
        assert_ne!(group("a"), group("b"));
        for id in ["default", "Wörk space", &"ü".repeat(128)] {
            assert!((1..=128).contains(&group(id).len()) && group(id).is_ascii(), "{id}");
        }
    }

    #[test]
    fn a_message_is_delayed_by_whole_seconds_and_at_most_by_a_hop() {
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        let delay = |milliseconds: i64| {
            let at = now + jiff::SignedDuration::from_millis(milliseconds);
            let endpoint = webhooks_model::endpoint::Endpoint::unrouted().id;
            WakeUp { workspace: WorkspaceId::default_workspace(), endpoint, at }.sqs_delay(now)
        };
        assert_eq!([delay(-5), delay(0), delay(1), delay(1_000), delay(900_001)], [0, 0, 1, 1, 900]);
    }
}
