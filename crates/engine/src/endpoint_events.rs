//! Events about endpoints: published to EventBridge by the functions, logged by the local program.
//!
//! `docs/events.md` describes their format.

use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use jiff::Timestamp;
use serde::Serialize;

use webhooks_model::endpoint::{EndpointId, EndpointSettings, Health, PublishedState};
use webhooks_model::workspace::WorkspaceId;
use webhooks_store::Lease;

/// The `source` of every event.
const SOURCE: &str = "instance-webhooks";

/// Destination of the events.
#[derive(Clone, Debug)]
pub enum EndpointEvents {
    /// An EventBridge bus.
    Bus {
        /// Client of the bus.
        client: aws_sdk_eventbridge::Client,
        /// Name of the deployment: the name of its stack.
        deployment: String,
    },
    /// The log.
    Log,
}

/// Error for an event that could not be published; it will be published again.
#[derive(Debug, thiserror::Error)]
#[error("the event {kind:?} could not be published: {cause}")]
pub struct EndpointEventError {
    kind: &'static str,
    cause: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Detail<'a> {
    deployment: &'a str,
    #[serde(rename = "workspaceID")]
    workspace: &'a WorkspaceId,
    #[serde(rename = "endpointID")]
    endpoint: &'a EndpointId,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failing_since: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

/// Returns the state to publish for a health. Pure.
pub fn published_state(health: Health) -> PublishedState {
    match health {
        Health::Healthy { .. } => PublishedState::Working,
        Health::Failing { warned: false, .. } => PublishedState::Failing,
        Health::Failing { warned: true, .. } => PublishedState::AboutToBeDisabled,
        Health::Disabled { .. } => PublishedState::Disabled,
    }
}

impl EndpointEvents {
    /// Publishes the health of a leased endpoint, with its name and contact.
    ///
    /// # Errors
    /// [`EndpointEventError`] if the bus has rejected the event or not responded.
    pub async fn publish(
        &self,
        lease: &Lease,
        health: Health,
        settings: &EndpointSettings,
    ) -> Result<(), EndpointEventError> {
        let kind = match published_state(health) {
            PublishedState::Working => "Endpoint recovered",
            PublishedState::Failing => "Endpoint failing",
            PublishedState::AboutToBeDisabled => "Endpoint about to be disabled",
            PublishedState::Disabled => "Endpoint disabled",
        };
        let Lease { workspace, endpoint, .. } = lease;
        let (name, contact) = (settings.name.as_deref(), settings.contact.as_deref());
        let (failing_since, reason) = match health {
            Health::Healthy { .. } => (None, None),
            Health::Failing { since, .. } => (Some(since), None),
            Health::Disabled { reason, .. } => (None, Some(reason.as_str())),
        };
        match self {
            Self::Log => {
                tracing::warn!(%workspace, endpoint_id = %endpoint, name, reason, "{kind}");
                Ok(())
            }
            Self::Bus { client, deployment } => {
                let failed = |cause: String| EndpointEventError { kind, cause };
                let detail = Detail { deployment, workspace, endpoint, name, contact, failing_since, reason };
                let detail = serde_json::to_string(&detail).map_err(|error| failed(error.to_string()))?;
                let entry = PutEventsRequestEntry::builder().source(SOURCE).detail_type(kind).detail(detail).build();
                let answer = client.put_events().entries(entry).send().await;
                let answer =
                    answer.map_err(|error| failed(aws_sdk_dynamodb::error::DisplayErrorContext(error).to_string()))?;
                match answer.entries().iter().find_map(|entry| entry.error_message()) {
                    Some(reason) => Err(failed(reason.to_owned())),
                    None => Ok(()),
                }
            }
        }
    }
}
