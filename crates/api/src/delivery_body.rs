//! Response bodies of deliveries.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::request_body::{HeaderBody, RequestBody};
use super::{Problem, schema};
use webhooks_model::attempt::{Attempt, Reason};
use webhooks_model::delivery::{GiveUpReason, Status};
use webhooks_model::event::EventType;
use webhooks_model::workspace::WorkspaceId;
use webhooks_store::{LogPage, StoredDelivery};

/// A page of the log.
#[derive(Serialize, ToSchema)]
#[schema(as = DeliveryPage)]
pub(super) struct DeliveriesBody {
    /// Deliveries, newest first. A page may be short or even empty and still not be the last one: only `next` tells.
    deliveries: Vec<DeliveryBody>,
    /// The `cursor` of the next page, however few deliveries this one has; null on the last page.
    #[schema(required)]
    next: Option<String>,
}

/// A delivery of one event to one endpoint.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Delivery)]
pub(super) struct DeliveryBody {
    /// Delivery id, unique within the workspace.
    #[serde(rename = "deliveryID")]
    delivery_id: String,
    /// Event id. Receivers get it as `webhook-id`.
    #[serde(rename = "eventID")]
    event_id: String,
    /// Type of the event.
    #[schema(value_type = schema::EventType)]
    event_type: EventType,
    /// Instance that changed.
    #[serde(rename = "instanceID")]
    instance_id: String,
    /// Process of the instance.
    process_name: String,
    /// Id of the target endpoint.
    #[serde(rename = "endpointID")]
    endpoint_id: String,
    /// URL of the target endpoint.
    url: String,
    /// Time at which the instance changed.
    #[schema(value_type = String, format = DateTime)]
    changed_at: Timestamp,
    /// Status of the delivery.
    #[schema(value_type = schema::Status)]
    status: Status,
    /// Number of attempts made so far.
    attempt_count: usize,
    /// Reason why the last attempt failed; null if it did not.
    #[schema(required, value_type = Option<schema::Reason>)]
    last_reason: Option<Reason>,
    /// HTTP status code of the last attempt's response; null without a response.
    #[schema(required)]
    last_status: Option<u16>,
    /// Reason why the delivery failed for good; null if it did not.
    #[schema(required, value_type = Option<schema::GiveUpReason>)]
    give_up_reason: Option<GiveUpReason>,
    /// Time of the next attempt, if the delivery has its own schedule: it was deferred, or a healthy endpoint did not
    /// acknowledge it. An attempt in flight has ended by then.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    due_at: Option<Timestamp>,
}

/// A delivery of one event to one endpoint, with its request and its attempts.
#[derive(Serialize, ToSchema)]
pub(super) struct DeliveryWithAttempts {
    #[serde(flatten)]
    delivery: DeliveryBody,
    /// Request of the next attempt; of the last attempt once the delivery is completed.
    request: RequestBody,
    /// The first attempt and the last 20, oldest first. `attemptCount` counts all.
    attempts: Vec<AttemptBody>,
}

/// One GET request of a delivery.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Attempt)]
pub(super) struct AttemptBody {
    /// Number of the attempt, from 1. Receivers get it as `webhook-attempt`.
    #[schema(minimum = 1)]
    number: usize,
    /// Start time.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// HTTP status code; null without a response.
    #[schema(required)]
    status: Option<u16>,
    /// Time until the response's headers or until the failure, in milliseconds.
    latency_ms: u64,
    /// Class of failure; null for a success.
    #[schema(required, value_type = Option<schema::Reason>)]
    reason: Option<Reason>,
    /// Description of the failure.
    #[schema(required)]
    detail: Option<String>,
    /// Headers of the response: at most 2 KiB, stored for the last three attempts only. Those of the connection, `date`,
    /// and those that may carry secrets are left out: `www-authenticate`, `proxy-authenticate`, `authentication-info`, and
    /// all with authorization, cookie,
    /// credential, jwt, key, passw, secret, session or token in their name.
    headers: Vec<HeaderBody>,
    /// Beginning of the response's body: at most 4 KiB, stored for the last three attempts only.
    body: String,
}

impl DeliveriesBody {
    pub(super) fn of(page: LogPage, workspace: &WorkspaceId) -> Self {
        let deliveries = page.deliveries.into_iter().map(DeliveryBody::from).collect();
        Self { deliveries, next: page.next.map(|next| next.text(workspace)) }
    }
}

impl From<StoredDelivery> for DeliveryBody {
    fn from(stored: StoredDelivery) -> Self {
        let event = stored.event;
        Self {
            delivery_id: stored.id.to_string(),
            event_id: event.id,
            event_type: event.event_type,
            instance_id: event.instance_id,
            process_name: event.process_name,
            endpoint_id: stored.endpoint.id.into(),
            url: stored.endpoint.url.into(),
            changed_at: event.changed_at,
            status: stored.status,
            attempt_count: stored.attempts.count(),
            last_reason: stored.last_reason,
            last_status: stored.last_status,
            give_up_reason: stored.give_up_reason,
            due_at: stored.storage.due(),
        }
    }
}

impl DeliveryWithAttempts {
    pub(super) fn of(stored: StoredDelivery) -> Result<Self, Problem> {
        let request = RequestBody::of(&stored)?;
        let attempts = stored.attempts.clone().numbered();
        let attempts = attempts.map(|(number, attempt)| AttemptBody::of(number, attempt)).collect();
        Ok(Self { delivery: stored.into(), request, attempts })
    }
}

impl AttemptBody {
    fn of(number: usize, attempt: Attempt) -> Self {
        let headers = attempt.headers().map(|(name, value)| HeaderBody::new(name, value)).collect();
        let (reason, detail) = attempt.failure.map(|failure| (failure.reason, failure.detail)).unzip();
        let latency_ms = u64::try_from(attempt.latency.as_millis()).unwrap_or(u64::MAX);
        Self { number, at: attempt.at, status: attempt.status, latency_ms, reason, detail, headers, body: attempt.body }
    }
}
