//! Filters of deliveries, shared by query strings and bodies.

use std::fmt;

use jiff::Timestamp;
use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};
use utoipa::{IntoParams, ToSchema};

use super::listed::{self, AnyReason, Codes, Listed, Text, values};
use super::query::invalid_parameter;
use super::{Problem, ProblemType, json_integer};
use webhooks_model::delivery::Status;
use webhooks_model::endpoint::EndpointId;
use webhooks_model::event::EventType;
use webhooks_model::statistics::Range;
use webhooks_model::workspace::WorkspaceId;
use webhooks_store::{Cursor, InvalidCursor, LogFilter};

/// Maximum number of deliveries in one page.
const MAX_PAGE: u64 = 200;

/// Maximum length of the name of a process to filter by, in bytes.
const MAX_NAME: usize = 2_048;

/// Maximum length of the id of an event, in bytes.
const MAX_EVENT_ID: usize = 1_024;

/// Maximum length of a text to search for, in bytes.
const MAX_SEARCH: usize = 256;

/// Maximum number of deliveries in one replay.
pub(super) const MAX_REPLAY: u64 = 10_000;

/// Filters and position of a page of the log.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PageQuery {
    /// Statuses of the deliveries, separated by commas.
    #[param(schema_with = listed::statuses)]
    status: Option<Listed<Status>>,
    /// Types of the event, separated by commas.
    #[param(schema_with = listed::event_types)]
    event_type: Option<Listed<EventType>>,
    /// Target endpoints, separated by commas.
    #[serde(rename = "endpointID")]
    #[param(schema_with = listed::endpoints)]
    endpoint: Option<Listed<EndpointId>>,
    /// Instance that changed.
    #[serde(rename = "instanceID")]
    instance_id: Option<String>,
    /// Process of the instance.
    #[param(value_type = Option<String>, min_length = 1, max_length = 2048)]
    process_name: Option<Text<MAX_NAME>>,
    /// Id of the event, which receivers get as `webhook-id`.
    #[serde(rename = "eventID")]
    #[param(value_type = Option<String>, min_length = 1, max_length = 1024)]
    event_id: Option<Text<MAX_EVENT_ID>>,
    /// Reasons why the last attempt, or the delivery for good, has failed; separated by commas.
    #[param(schema_with = listed::reasons)]
    reason: Option<Listed<AnyReason>>,
    /// Status codes of the last attempt's response: 200 to 599, or a class such as `5xx`; separated by commas.
    #[param(schema_with = listed::status_codes)]
    status_code: Option<Listed<Codes>>,
    /// Text to search for: the id of an event or a delivery, the beginning of an instance's id, or a part of a process's
    /// name. Upper and lower case differ.
    #[param(value_type = Option<String>, min_length = 1, max_length = 256)]
    search: Option<Text<MAX_SEARCH>>,
    /// Earliest time of the instance's change, inclusive: RFC 3339, such as `2026-01-31T12:00:00Z`.
    #[param(value_type = Option<String>, format = DateTime)]
    since: Option<Time>,
    /// Latest time of the instance's change, exclusive: RFC 3339.
    #[param(value_type = Option<String>, format = DateTime)]
    until: Option<Time>,
    /// Maximum number of deliveries in the page: 1 to 200, 50 by default.
    #[param(value_type = Option<u64>, minimum = 1, maximum = 200)]
    limit: Option<Bounded<MAX_PAGE>>,
    /// The `next` of the previous page.
    cursor: Option<String>,
}

/// Range and filters of the statistics.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct StatisticsQuery {
    /// Earliest time of the instance's change, inclusive: RFC 3339, such as `2026-01-31T12:00:00Z`. At most 7 days
    /// before `until`; one hour before it by default.
    #[param(value_type = Option<String>, format = DateTime)]
    since: Option<Time>,
    /// Latest time of the instance's change, exclusive: RFC 3339. Now by default.
    #[param(value_type = Option<String>, format = DateTime)]
    until: Option<Time>,
    /// Target endpoint.
    #[serde(rename = "endpointID")]
    #[param(value_type = Option<String>)]
    endpoint: Option<EndpointId>,
}

/// Filters of the deliveries to replay. At least one of them is required.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ReplayInput {
    #[serde(default)]
    #[schema(schema_with = listed::completed_statuses_json)]
    status: Option<Listed<Status>>,
    #[serde(default)]
    #[schema(schema_with = listed::event_types_json)]
    event_type: Option<Listed<EventType>>,
    #[serde(default, rename = "endpointID")]
    #[schema(schema_with = listed::endpoints_json)]
    endpoint: Option<Listed<EndpointId>>,
    /// Instance that changed.
    #[serde(default, rename = "instanceID")]
    instance_id: Option<String>,
    /// Process of the instance.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 2048)]
    process_name: Option<Text<MAX_NAME>>,
    /// Id of the event, which receivers get as `webhook-id`.
    #[serde(default, rename = "eventID")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 1024)]
    event_id: Option<Text<MAX_EVENT_ID>>,
    #[serde(default)]
    #[schema(schema_with = listed::reasons_json)]
    reason: Option<Listed<AnyReason>>,
    #[serde(default)]
    #[schema(schema_with = listed::status_codes_json)]
    status_code: Option<Listed<Codes>>,
    /// Text to search for: the id of an event or a delivery, the beginning of an instance's id, or a part of a process's
    /// name. Upper and lower case differ.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 256)]
    search: Option<Text<MAX_SEARCH>>,
    /// Earliest time of the instance's change, inclusive: RFC 3339, such as `2026-01-31T12:00:00Z`.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    since: Option<Time>,
    /// Latest time of the instance's change, exclusive: RFC 3339.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Time>,
    /// Another endpoint that receives the deliveries, for instance because their own is no longer configured. It has to
    /// be called for their event types.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^[0-9a-f]{32}$")]
    pub(super) to: Option<EndpointId>,
    /// Whether to count the deliveries without replaying them.
    #[serde(default)]
    pub(super) dry_run: bool,
    /// Maximum number of deliveries to replay, newest first: 1 to 10,000, 10,000 by default.
    #[serde(default)]
    #[schema(value_type = Option<u64>, minimum = 1, maximum = 10_000)]
    limit: Option<Bounded<MAX_REPLAY>>,
}

/// Filter, size and start of a page.
pub(super) struct Page {
    pub(super) filter: LogFilter,
    pub(super) limit: usize,
    pub(super) cursor: Option<Cursor>,
}

impl PageQuery {
    pub(super) fn page(self, workspace: &WorkspaceId) -> Result<Page, Problem> {
        let cursor = self.cursor.map(|cursor| Cursor::read(&cursor, workspace)).transpose().map_err(
            |error: InvalidCursor| {
                invalid_parameter(
                    format!("{error}; leave it out to begin with the newest delivery"),
                    "cursor".to_owned(),
                )
            },
        )?;
        let filter = LogFilter {
            statuses: values(self.status),
            event_types: values(self.event_type),
            endpoints: values(self.endpoint),
            instance_id: self.instance_id,
            process_name: self.process_name.map(|text| text.0),
            event_id: self.event_id.map(|text| text.0),
            reasons: values(self.reason).into_iter().map(|it| it.0).collect(),
            status_codes: values(self.status_code).into_iter().map(|it| it.0).collect(),
            search: self.search.map(|text| text.0),
            since: self.since.map(|time| time.0),
            until: self.until.map(|time| time.0),
        };
        Ok(Page { filter, limit: self.limit.map_or(50, |limit| limit.0), cursor })
    }
}

impl StatisticsQuery {
    /// Returns the range, and the filter for the deliveries within it.
    pub(super) fn range(self, now: Timestamp) -> Result<(Range, LogFilter), Problem> {
        let (since, until) = (self.since.map(|time| time.0), self.until.map(|time| time.0));
        let range = Range::new(since, until, now).map_err(|error| invalid_parameter(error, "since".to_owned()))?;
        let (since, until) = (Some(range.since()), Some(range.until()));
        Ok((range, LogFilter { endpoints: self.endpoint.into_iter().collect(), since, until, ..LogFilter::default() }))
    }
}

impl ReplayInput {
    pub(super) fn limit(&self) -> usize {
        self.limit.as_ref().map_or(MAX_REPLAY as usize, |limit| limit.0)
    }

    /// Returns the filter. It has at least one condition, and excludes pending deliveries.
    pub(super) fn filter(self) -> Result<LogFilter, Problem> {
        let filter = LogFilter {
            statuses: values(self.status),
            event_types: values(self.event_type),
            endpoints: values(self.endpoint),
            instance_id: self.instance_id,
            process_name: self.process_name.map(|text| text.0),
            event_id: self.event_id.map(|text| text.0),
            reasons: values(self.reason).into_iter().map(|it| it.0).collect(),
            status_codes: values(self.status_code).into_iter().map(|it| it.0).collect(),
            search: self.search.map(|text| text.0),
            since: self.since.map(|time| time.0),
            until: self.until.map(|time| time.0),
        };
        if filter == LogFilter::default() {
            let detail = "nothing was replayed: without a filter that would be the whole log; name at least one of \
                status, eventType, endpointID, instanceID, processName, eventID, reason, statusCode, search, since and until";
            return Err(Problem::new(ProblemType::EmptyFilter, detail));
        }
        if filter.statuses.contains(&Status::Pending) {
            let detail = "in status: a pending delivery is still to be sent, so there is nothing to replay; \
                choose delivered, failed or superseded, or leave it out for all";
            return Err(Problem::in_field(ProblemType::InvalidField, detail, "status".to_owned()));
        }
        Ok(filter)
    }
}

/// A time in the format of RFC 3339.
pub(super) struct Time(pub(super) Timestamp);

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(|_| {
            let expected = "a time such as 2026-01-31T12:00:00Z or 2026-01-31T13:00:00+01:00 (RFC 3339; in a query, \
                + is written %2B)";
            D::Error::invalid_value(Unexpected::Str(&text), &expected)
        })
    }
}

/// A number from 1 to `MAX`.
pub(super) struct Bounded<const MAX: u64>(pub(super) usize);

impl<'de, const MAX: u64> Deserialize<'de> for Bounded<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number<const MAX: u64>;
        impl<const MAX: u64> Visitor<'_> for Number<MAX> {
            type Value = Bounded<MAX>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a number from 1 to {MAX}")
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Bounded<MAX>, E> {
                let bounded = usize::try_from(number).ok().filter(|_| (1..=MAX).contains(&number));
                bounded.map(Bounded).ok_or_else(|| E::invalid_value(Unexpected::Unsigned(number), &self))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Bounded<MAX>, E> {
                let error = || E::invalid_type(Unexpected::Float(number), &self);
                json_integer::from_f64(number).ok_or_else(error).and_then(|number| self.visit_u64(number))
            }
        }
        deserializer.deserialize_u64(Number)
    }
}
