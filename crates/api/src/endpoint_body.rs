//! An endpoint as a caller sees it.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::schema;
use webhooks_model::callbacks::Callbacks;
use webhooks_model::endpoint::{DisabledReason, Endpoint, EndpointRecord, Health};
use webhooks_model::event::EventType;
use webhooks_store::BacklogSize;

/// Every endpoint of a workspace.
#[derive(Serialize, ToSchema)]
pub(super) struct EndpointsBody {
    /// Each URL of the callbacks once, in the order in which they stand there.
    pub(super) endpoints: Vec<EndpointBody>,
}

/// One distinct URL of a workspace.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct EndpointBody {
    /// Its name: the same as long as the URL is.
    #[serde(rename = "endpointID")]
    #[schema(example = "8b1a9953c4611296a827abf8c47804d7")]
    endpoint_id: String,
    /// Where it is.
    #[schema(example = "https://my-service.com/instanceCreated")]
    url: String,
    /// The event types whose callbacks name it.
    event_types: Vec<CalledFor>,
    /// What is set for it.
    settings: SettingsBody,
    /// How it fares.
    health: HealthBody,
    /// What waits for it.
    backlog: BacklogBody,
    /// When the next delivery that it refused is tried again.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    next_set_aside_at: Option<Timestamp>,
    /// When it last took an event; to the minute, for one that takes many.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    last_success_at: Option<Timestamp>,
    /// When it last failed to.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    last_failure_at: Option<Timestamp>,
}

/// An event type whose callbacks name the URL.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CalledFor {
    /// Which.
    #[schema(value_type = schema::EventType)]
    event_type: EventType,
    /// Whether it is called for it: the event type's switch.
    enabled: bool,
}

/// What an administrator or developer sets for an endpoint.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SettingsBody {
    /// Nothing is sent, everything is kept; when the pause ends it is delivered in order.
    paused: bool,
    /// Only instances of these processes are told; empty is all.
    process_names: Vec<String>,
    /// The most attempts a second; null is as fast as it answers.
    #[schema(required)]
    max_per_second: Option<u32>,
}

/// An endpoint's health.
#[derive(Serialize, ToSchema)]
#[serde(tag = "state", rename_all = "lowercase")]
enum HealthBody {
    /// It is called as events come.
    Healthy,
    /// It regularly answers later than a batch may wait: its own drain delivers to it, with as many requests at a time as it
    /// takes to keep up.
    Slow,
    /// It is left alone but for one probe a step.
    #[serde(rename_all = "camelCase")]
    Failing {
        /// Since when it took nothing.
        #[schema(value_type = String, format = DateTime)]
        failing_since: Timestamp,
        /// When it is tried again.
        #[schema(value_type = String, format = DateTime)]
        probe_at: Timestamp,
        /// How many probes failed.
        step: usize,
        /// Whether it is disabled within a day unless it recovers.
        warned: bool,
    },
    /// Its record cannot be read: it was edited by hand, or written by a later release. Nothing is sent to it and everything is
    /// kept, until the record is corrected or the endpoint is resumed, which sets these attributes back.
    Damaged {
        /// The attributes of its item that cannot be read.
        attributes: Vec<String>,
    },
    /// It is not called until it is resumed.
    #[serde(rename_all = "camelCase")]
    Disabled {
        /// Since when.
        #[schema(value_type = String, format = DateTime)]
        disabled_since: Timestamp,
        /// Why: `gone`, it answered 410 Gone; `failing-too-long`, it failed for days.
        #[schema(schema_with = disabled_reason)]
        reason: DisabledReason,
    },
}

/// What waits for an endpoint.
#[derive(Serialize, ToSchema)]
struct BacklogBody {
    /// How many deliveries; at least so many, when `capped`.
    waiting: usize,
    /// Whether there may be more: not all were counted, or none, in a list of endpoints of which many have a backlog.
    capped: bool,
}

/// An endpoint that the callbacks name, and where they do.
pub(super) struct Configured {
    pub(super) endpoint: Endpoint,
    called_for: Vec<CalledFor>,
}

/// Each URL of the callbacks once, in the order in which they stand there. Pure.
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
    pub(super) fn new(configured: Configured, record: EndpointRecord, waiting: BacklogSize) -> Self {
        let (slow, settings) = (record.is_slow(), record.settings);
        Self {
            endpoint_id: configured.endpoint.id.into(),
            url: configured.endpoint.url.into(),
            event_types: configured.called_for,
            settings: SettingsBody {
                paused: settings.paused,
                process_names: settings.process_names,
                max_per_second: settings.max_per_second,
            },
            health: match record.health {
                _ if !record.damaged.is_empty() => HealthBody::Damaged { attributes: record.damaged },
                Health::Healthy { .. } if slow => HealthBody::Slow,
                Health::Healthy { .. } => HealthBody::Healthy,
                Health::Failing { since, step, probe_at, warned } => {
                    HealthBody::Failing { failing_since: since, probe_at, step, warned }
                }
                Health::Disabled { since, reason } => HealthBody::Disabled { disabled_since: since, reason },
            },
            backlog: BacklogBody { waiting: waiting.count, capped: waiting.more },
            next_set_aside_at: record.next_deferred_at,
            last_success_at: record.last_success_at,
            last_failure_at: record.last_failure_at,
        }
    }
}

fn disabled_reason() -> utoipa::openapi::schema::Schema {
    use utoipa::openapi::schema::{ObjectBuilder, Type};
    let reasons = [DisabledReason::Gone, DisabledReason::FailingTooLong].map(DisabledReason::as_str);
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(reasons)).into()
}
