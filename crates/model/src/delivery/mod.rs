//! Deliveries: one event to one endpoint, with attempts and status.

use serde::{Deserialize, Serialize};

use crate::attempt::Attempts;
use crate::endpoint::Endpoint;
use crate::event::Event;

/// Status of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// The delivery has not been completed yet.
    Pending,
    /// The endpoint acknowledged it with 2xx.
    Delivered,
    /// The delivery has failed for good.
    Failed,
    /// A later event of the instance was pending too, and the endpoint asks for the latest only.
    Superseded,
}

/// A delivery of one event to one endpoint.
#[derive(Clone, Debug)]
pub struct Delivery<'a> {
    /// The event.
    pub event: &'a Event,
    /// The target endpoint.
    pub endpoint: &'a Endpoint,
    /// Status of the delivery.
    pub status: Status,
    /// Attempts made so far.
    pub attempts: Attempts,
    /// Reason of the failure, if the status is [`Status::Failed`].
    pub give_up_reason: Option<GiveUpReason>,
}

/// Reason why a delivery has failed for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GiveUpReason {
    /// The endpoint is disabled.
    EndpointDisabled,
    /// The URL is no longer called for this event type.
    NoLongerConfigured,
    /// The endpoint is healthy, and rejected this delivery for a day.
    Rejected,
}

impl GiveUpReason {
    /// All reasons.
    pub const ALL: [Self; 3] = [Self::EndpointDisabled, Self::NoLongerConfigured, Self::Rejected];

    /// Returns the name in the log and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EndpointDisabled => "endpoint-disabled",
            Self::NoLongerConfigured => "no-longer-configured",
            Self::Rejected => "rejected",
        }
    }
}

impl Status {
    /// All statuses.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Delivered, Self::Failed, Self::Superseded];

    /// Returns the name in the log and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Superseded => "superseded",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_and_reasons_have_the_same_name_in_the_table_and_the_api() {
        for status in Status::ALL {
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
        for reason in GiveUpReason::ALL {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        }
    }
}
