//! A delivery as a caller sees it.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::request_body::RequestBody;
use super::{Problem, schema};
use webhooks_model::delivery::{Attempt, GiveUpReason, Reason, Status};
use webhooks_model::event::EventType;
use webhooks_model::workspace::WorkspaceId;
use webhooks_store::{LogPage, StoredDelivery};

/// A page of the log.
#[derive(Serialize, ToSchema)]
pub(super) struct DeliveriesBody {
    /// The newest first. A page may be short, or even empty, and still not be the last one: `next` says whether it is.
    deliveries: Vec<DeliveryBody>,
    /// The `cursor` of the next page, however few deliveries this one has; null on the last one.
    #[schema(required)]
    next: Option<String>,
}

/// One event to one endpoint.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeliveryBody {
    /// Its name within the workspace.
    #[serde(rename = "deliveryID")]
    delivery_id: String,
    /// The event's id: what the receiver sees as `webhook-id`.
    #[serde(rename = "eventID")]
    event_id: String,
    /// What happened.
    #[schema(value_type = schema::EventType)]
    event_type: EventType,
    /// The instance.
    #[serde(rename = "instanceID")]
    instance_id: String,
    /// The instance's process.
    process_name: String,
    /// Whom it is for.
    #[serde(rename = "endpointID")]
    endpoint_id: String,
    /// Where that is.
    url: String,
    /// When the instance changed.
    #[schema(value_type = String, format = DateTime)]
    changed_at: Timestamp,
    /// Where it stands.
    #[schema(value_type = schema::Status)]
    status: Status,
    /// How many attempts were made.
    attempt_count: usize,
    /// Why the last attempt failed, if it did.
    #[schema(required, value_type = Option<schema::Reason>)]
    last_reason: Option<Reason>,
    /// Why it was given up, if it was.
    #[schema(required, value_type = Option<schema::GiveUpReason>)]
    give_up_reason: Option<GiveUpReason>,
    /// When it is attempted again, if that is on its own schedule: it was deferred, or missed by an endpoint that works. An
    /// attempt that is on its way has ended by then.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    due_at: Option<Timestamp>,
}

/// One event to one endpoint, with its request and every attempt.
#[derive(Serialize, ToSchema)]
pub(super) struct DeliveryWithAttempts {
    #[serde(flatten)]
    delivery: DeliveryBody,
    /// What the next attempt sends; once the delivery is over, what the last one has sent.
    request: RequestBody,
    /// The first and the last 20, the oldest first; `attemptCount` says how many were made.
    attempts: Vec<AttemptBody>,
}

/// One GET of a delivery.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AttemptBody {
    /// Which attempt it is, counted from 1: what the receiver sees as `webhook-attempt`.
    #[schema(minimum = 1)]
    number: usize,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// The status code, if an answer came.
    #[schema(required)]
    status: Option<u16>,
    /// Until the answer's headers, or until it failed; in milliseconds.
    latency_ms: u64,
    /// Why it is not a success; null when it is one.
    #[schema(required, value_type = Option<schema::Reason>)]
    reason: Option<Reason>,
    /// The reason in words.
    #[schema(required)]
    detail: Option<String>,
    /// The beginning of the response's body: at most 4 KiB, and of the last three attempts alone.
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
            give_up_reason: stored.give_up_reason,
            due_at: stored.place.due(),
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
        let (reason, detail) = attempt.failure.map(|failure| (failure.reason, failure.detail)).unzip();
        let latency_ms = u64::try_from(attempt.latency.as_millis()).unwrap_or(u64::MAX);
        Self { number, at: attempt.at, status: attempt.status, latency_ms, reason, detail, body: attempt.body }
    }
}
