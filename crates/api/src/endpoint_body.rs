//! Response bodies of endpoints.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{schema, subscription_input};
use webhooks_model::callbacks::Callbacks;
use webhooks_model::credentials::SecretHeader;
use webhooks_model::endpoint::{DisabledReason, Endpoint, EndpointRecord, Health, OnBacklog};
use webhooks_model::event::EventType;
use webhooks_model::subscription::{AttributePath, Condition};
use webhooks_store::BacklogSize;

/// Every endpoint of a workspace.
#[derive(Serialize, ToSchema)]
#[schema(as = Endpoints)]
pub(super) struct EndpointsBody {
    /// Each URL of the callbacks once, in the order of the callbacks.
    pub(super) endpoints: Vec<EndpointBody>,
}

/// An endpoint: one distinct URL of a workspace.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Endpoint)]
pub(super) struct EndpointBody {
    /// Endpoint id. It is derived from the URL and does not change.
    #[serde(rename = "endpointID")]
    #[schema(example = "8b1a9953c4611296a827abf8c47804d7")]
    endpoint_id: String,
    /// Callback URL.
    #[schema(example = "https://my-service.com/instanceCreated")]
    url: String,
    /// Event types whose callbacks list the URL.
    event_types: Vec<CalledFor>,
    /// Settings of the endpoint.
    settings: SettingsBody,
    /// Health of the endpoint.
    health: HealthBody,
    /// Pending deliveries of the endpoint.
    backlog: BacklogBody,
    /// Time of the next attempt of a deferred delivery.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    next_deferred_at: Option<Timestamp>,
    /// Time of the last success, with minute resolution for busy endpoints.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    last_success_at: Option<Timestamp>,
    /// Time of the last failure.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    last_failure_at: Option<Timestamp>,
    /// Delivery of the last failed retry or probe, whose attempts have the reason; null before the first.
    #[serde(rename = "lastFailedDeliveryID")]
    #[schema(required)]
    last_failed_delivery: Option<String>,
}

/// An event type whose callbacks list the URL.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EventTypeUse)]
struct CalledFor {
    /// Event type.
    #[schema(value_type = schema::EventType)]
    event_type: EventType,
    /// Whether the URL is called for it: the event type's switch.
    enabled: bool,
}

/// Settings of an endpoint. Administrators and developers change them.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EndpointSettings)]
struct SettingsBody {
    /// Whether sending is paused. Deliveries are kept, and are sent in order when the pause ends.
    paused: bool,
    /// Time at which the pause ends by itself; null for none, or for a pause that lasts until it is ended.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    paused_until: Option<Timestamp>,
    /// Processes whose instances the endpoint receives; empty for all.
    process_names: Vec<String>,
    /// Attributes of which one must have changed in an update; empty for all updates.
    #[schema(schema_with = subscription_input::changed)]
    changed: Vec<AttributePath>,
    /// Conditions by attribute; empty for none.
    #[serde(rename = "where")]
    #[schema(schema_with = subscription_input::conditions)]
    conditions: BTreeMap<AttributePath, Vec<Condition>>,
    /// Maximum number of attempts per second; null for no limit.
    #[schema(required)]
    max_per_second: Option<u32>,
    /// Which of the events that wait are sent: `every` one, or of an instance's updates the `latest` only. The others end
    /// as `superseded`.
    #[schema(value_type = schema::OnBacklog)]
    on_backlog: OnBacklog,
    /// Headers that its requests have besides. Their values are never shown.
    secret_headers: Vec<SecretHeaderBody>,
    /// Name for people, at most 100 characters; null for none.
    #[schema(required)]
    name: Option<String>,
    /// Purpose, for people, at most 500 characters; null for none.
    #[schema(required)]
    description: Option<String>,
    /// Contact for questions about the receiver, at most 200 characters; null for none.
    #[schema(required)]
    contact: Option<String>,
}

/// A secret header.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SecretHeader)]
struct SecretHeaderBody {
    /// Name in lower case.
    #[schema(example = "authorization")]
    name: String,
    /// Time at which the value was set.
    #[schema(value_type = String, format = DateTime)]
    changed_at: Timestamp,
}

impl From<&SecretHeader> for SecretHeaderBody {
    fn from(header: &SecretHeader) -> Self {
        Self { name: header.name.as_str().to_owned(), changed_at: header.changed_at }
    }
}

/// An endpoint's health.
#[derive(Serialize, ToSchema)]
#[serde(tag = "state", rename_all = "lowercase")]
#[schema(as = EndpointHealth)]
pub(super) enum HealthBody {
    /// Events are delivered as they occur.
    Healthy,
    /// Responses regularly take longer than a batch may wait. The endpoint's own drain delivers to it, with as many
    /// concurrent requests as are needed to keep up.
    Slow,
    /// The endpoint receives only one probe per backoff step.
    #[serde(rename_all = "camelCase")]
    Failing {
        /// Start of the failure.
        #[schema(value_type = String, format = DateTime)]
        failing_since: Timestamp,
        /// Time of the next probe.
        #[schema(value_type = String, format = DateTime)]
        probe_at: Timestamp,
        /// Number of failed probes.
        failed_probes: usize,
        /// Whether the endpoint will be disabled within a day unless it recovers.
        warned: bool,
    },
    /// The stored record cannot be read: it was edited by hand or written by a later release. Nothing is sent and every
    /// delivery is kept until the record is corrected or the endpoint is resumed, which resets these attributes.
    Damaged {
        /// Attributes of the item that cannot be read.
        attributes: Vec<String>,
    },
    /// The endpoint is not called until it is resumed.
    #[serde(rename_all = "camelCase")]
    Disabled {
        /// Time at which the endpoint was disabled.
        #[schema(value_type = String, format = DateTime)]
        disabled_since: Timestamp,
        /// Reason: `gone`, the endpoint responded 410 Gone; `failing-too-long`, it failed for days.
        #[schema(schema_with = disabled_reason)]
        reason: DisabledReason,
    },
}

/// Pending deliveries of an endpoint.
#[derive(Serialize, ToSchema)]
#[schema(as = Backlog)]
pub(super) struct BacklogBody {
    /// Number of deliveries; a lower bound if `capped` is true.
    pending: usize,
    /// Whether there may be more: not all were counted, or none, in a list with many backlogs.
    capped: bool,
}

/// An endpoint of the callbacks, and its event types.
pub(super) struct Configured {
    pub(super) endpoint: Endpoint,
    called_for: Vec<CalledFor>,
}

impl Configured {
    /// Returns whether the URL is called for this event type: its callbacks have it, and are on.
    pub(super) fn is_called_for(&self, event_type: EventType) -> bool {
        self.called_for.iter().any(|called_for| called_for.event_type == event_type && called_for.enabled)
    }
}

/// Returns each URL of the callbacks once, in the order of the callbacks. Pure.
pub(super) fn configured(callbacks: &Callbacks) -> Vec<Configured> {
    let mut all: Vec<Configured> = Vec::new();
    for event_type in EventType::ALL {
        let callback = callbacks.of(event_type);
        for url in &callback.urls {
            let called_for = CalledFor { event_type, enabled: callback.enabled };
            match all.iter_mut().find(|configured| configured.endpoint.url == *url) {
                Some(configured) => configured.called_for.push(called_for),
                None => all.push(Configured { endpoint: url.clone().into(), called_for: vec![called_for] }),
            }
        }
    }
    all
}

impl EndpointBody {
    pub(super) fn new(configured: Configured, record: EndpointRecord, backlog: BacklogSize, now: Timestamp) -> Self {
        let (health, settings) = (HealthBody::from(&record), record.settings.at(now));
        Self {
            endpoint_id: configured.endpoint.id.into(),
            url: configured.endpoint.url.into(),
            event_types: configured.called_for,
            settings: SettingsBody {
                paused: settings.paused,
                paused_until: settings.paused_until,
                process_names: settings.subscription.process_names,
                changed: settings.subscription.changed,
                conditions: settings.subscription.conditions,
                max_per_second: settings.max_per_second,
                on_backlog: settings.on_backlog,
                secret_headers: settings.secret_headers.iter().map(SecretHeaderBody::from).collect(),
                name: settings.name,
                description: settings.description,
                contact: settings.contact,
            },
            health,
            backlog: backlog.into(),
            next_deferred_at: record.next_deferred_at,
            last_success_at: record.last_success_at,
            last_failure_at: record.last_failure_at,
            last_failed_delivery: record.last_failed_delivery,
        }
    }
}

impl From<&EndpointRecord> for HealthBody {
    fn from(record: &EndpointRecord) -> Self {
        match record.health {
            _ if record.is_damaged() => Self::Damaged { attributes: record.damaged.clone() },
            Health::Healthy { .. } if record.is_slow() => Self::Slow,
            Health::Healthy { .. } => Self::Healthy,
            Health::Failing { since, failed_probes, probe_at, warned } => {
                Self::Failing { failing_since: since, probe_at, failed_probes, warned }
            }
            Health::Disabled { since, reason } => Self::Disabled { disabled_since: since, reason },
        }
    }
}

impl BacklogBody {
    /// Adds another endpoint's backlog.
    pub(super) fn add(&mut self, size: BacklogSize) {
        self.pending += size.count;
        self.capped |= size.more;
    }
}

impl From<BacklogSize> for BacklogBody {
    fn from(size: BacklogSize) -> Self {
        Self { pending: size.count, capped: size.more }
    }
}

fn disabled_reason() -> utoipa::openapi::schema::Schema {
    use utoipa::openapi::schema::{ObjectBuilder, Type};
    let reasons = [DisabledReason::Gone, DisabledReason::FailingTooLong].map(DisabledReason::as_str);
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(reasons)).into()
}
