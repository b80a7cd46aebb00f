//! Events about our own endpoints, for whoever wants to know: published to EventBridge, logged on one machine.
//!
//! The form is `docs/events.md`'s.

use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use jiff::Timestamp;
use serde::Serialize;

use webhooks_model::endpoint::{EndpointId, Health, PublishedState};
use webhooks_model::workspace::WorkspaceId;

/// The `source` of every event.
const SOURCE: &str = "instance-webhooks";

/// Where events about endpoints go.
#[derive(Clone, Debug)]
pub enum EndpointEvents {
    /// An EventBridge bus.
    Bus {
        /// Its client.
        client: aws_sdk_eventbridge::Client,
        /// What this deployment is called: the stack's name.
        deployment: String,
    },
    /// The log.
    Log,
}

/// An event could not be published; it will be again.
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
    failing_since: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

/// What ought to be announced of an endpoint that fares so. Pure.
pub fn published_state(health: Health) -> PublishedState {
    match health {
        Health::Healthy { .. } => PublishedState::Working,
        Health::Failing { warned: false, .. } => PublishedState::Failing,
        Health::Failing { warned: true, .. } => PublishedState::AboutToBeDisabled,
        Health::Disabled { .. } => PublishedState::Disabled,
    }
}

impl EndpointEvents {
    /// Publishes how an endpoint fares.
    ///
    /// # Errors
    /// When the bus refused or did not answer.
    pub async fn publish(
        &self,
        workspace: &WorkspaceId,
        endpoint: &EndpointId,
        health: Health,
    ) -> Result<(), EndpointEventError> {
        let kind = match published_state(health) {
            PublishedState::Working => "Endpoint recovered",
            PublishedState::Failing => "Endpoint failing",
            PublishedState::AboutToBeDisabled => "Endpoint about to be disabled",
            PublishedState::Disabled => "Endpoint disabled",
        };
        let (failing_since, reason) = match health {
            Health::Healthy { .. } => (None, None),
            Health::Failing { since, .. } => (Some(since), None),
            Health::Disabled { reason, .. } => (None, Some(reason.as_str())),
        };
        match self {
            Self::Log => {
                tracing::warn!(%workspace, endpoint_id = %endpoint, reason, "{kind}");
                Ok(())
            }
            Self::Bus { client, deployment } => {
                let failed = |cause: String| EndpointEventError { kind, cause };
                let detail = Detail { deployment, workspace, endpoint, failing_since, reason };
                let detail = serde_json::to_string(&detail).map_err(|error| failed(error.to_string()))?;
                let entry = PutEventsRequestEntry::builder().source(SOURCE).detail_type(kind).detail(detail).build();
                let answer = client.put_events().entries(entry).send().await;
                let answer =
                    answer.map_err(|error| failed(aws_sdk_dynamodb::error::DisplayErrorContext(error).to_string()))?;
                match answer.entries().iter().find_map(|entry| entry.error_message()) {
                    Some(refusal) => Err(failed(refusal.to_owned())),
                    None => Ok(()),
                }
            }
        }
    }
}
