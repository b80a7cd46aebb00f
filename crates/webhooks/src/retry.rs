//! The place of the retry engine: wake-ups for endpoints with a backlog.
//!
//! The wake-up's form and its answer stand; draining a backlog does not exist yet, and [`wake_up`] says so rather than
//! acknowledge work that nobody does.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use serde::Deserialize;

use crate::delivery::EndpointId;
use crate::workspace::WorkspaceId;

/// The message that wakes an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WakeUp {
    /// Whose endpoint.
    #[serde(rename = "workspaceID")]
    pub workspace: WorkspaceId,
    /// Which endpoint.
    #[serde(rename = "endpointID")]
    pub endpoint: EndpointId,
}

/// Why a wake-up was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum WakeUpError {
    /// The message is no wake-up.
    #[error("the message is not a wake-up: {0}")]
    Malformed(#[from] serde_json::Error),
    /// There is no retry engine yet: the deliveries stay pending.
    #[error(
        "endpoint {endpoint} of workspace {workspace}: draining a backlog is not built yet; its deliveries stay pending"
    )]
    NotBuilt {
        /// Whose endpoint.
        workspace: WorkspaceId,
        /// Which endpoint.
        endpoint: EndpointId,
    },
}

/// Reads one message.
///
/// # Errors
/// [`WakeUpError::Malformed`], or else always [`WakeUpError::NotBuilt`].
pub fn wake_up(body: &str) -> Result<(), WakeUpError> {
    let WakeUp { workspace, endpoint } = serde_json::from_str(body)?;
    Err(WakeUpError::NotBuilt { workspace, endpoint })
}

/// Takes a batch of messages and reports each one that was not carried out, so that SQS keeps it.
pub fn handle(event: SqsEvent) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    for message in event.records {
        if let Err(error) = wake_up(message.body.as_deref().unwrap_or_default()) {
            let message_id = message.message_id.unwrap_or_default();
            tracing::error!(message_id, %error, "a wake-up was not carried out");
            response.add_failure(message_id);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_is_reported_back_because_nothing_is_drained_yet() {
        let event = serde_json::json!({"Records": [
            {"messageId": "1", "body": r#"{"workspaceID": "default", "endpointID": "0a"}"#},
            {"messageId": "2", "body": "?"},
        ]});
        let response = serde_json::to_value(handle(serde_json::from_value(event).unwrap())).unwrap();
        let expected = serde_json::json!({"batchItemFailures": [{"itemIdentifier": "1"}, {"itemIdentifier": "2"}]});
        assert_eq!(response, expected);
    }

    #[test]
    fn the_error_says_what_is_missing() {
        insta::assert_snapshot!(wake_up(r#"{"workspaceID": "default", "endpointID": "0a"}"#).unwrap_err(), @"endpoint 0a of workspace default: draining a backlog is not built yet; its deliveries stay pending");
        insta::assert_snapshot!(wake_up("{}").unwrap_err(), @"the message is not a wake-up: missing field `workspaceID` at line 1 column 2");
    }
}
