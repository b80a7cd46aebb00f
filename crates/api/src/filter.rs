//! Filters of deliveries, shared by query strings and bodies.

use std::fmt;

use jiff::Timestamp;
use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};
use utoipa::{IntoParams, ToSchema};

use super::query::invalid_parameter;
use super::{Problem, ProblemType, json_integer, schema};
use webhooks_model::delivery::Status;
use webhooks_model::endpoint::EndpointId;
use webhooks_model::event::EventType;
use webhooks_model::statistics::Range;
use webhooks_model::workspace::WorkspaceId;
use webhooks_store::{Cursor, InvalidCursor, LogFilter};

/// Maximum number of deliveries in one page.
const MAX_PAGE: u64 = 200;

/// Maximum number of deliveries in one replay.
pub(super) const MAX_REPLAY: u64 = 10_000;

/// Filters and position of a page of the log.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PageQuery {
    /// Status of the deliveries.
    #[param(value_type = Option<schema::Status>)]
    status: Option<Status>,
    /// Type of the event.
    #[param(value_type = Option<schema::EventType>)]
    event_type: Option<EventType>,
    /// Target endpoint.
    #[serde(rename = "endpointID")]
    #[param(value_type = Option<String>)]
    endpoint: Option<EndpointId>,
    /// Instance that changed.
    #[serde(rename = "instanceID")]
    instance_id: Option<String>,
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
    /// Status of the deliveries: `delivered` or `failed`. Both by default.
    #[serde(default)]
    #[schema(schema_with = over_schema)]
    status: Option<Status>,
    /// Type of the event.
    #[serde(default)]
    #[schema(value_type = Option<schema::EventType>)]
    event_type: Option<EventType>,
    /// Target endpoint.
    #[serde(default, rename = "endpointID")]
    #[schema(value_type = Option<String>, pattern = "^[0-9a-f]{32}$")]
    endpoint: Option<EndpointId>,
    /// Instance that changed.
    #[serde(default, rename = "instanceID")]
    instance_id: Option<String>,
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
            status: self.status,
            event_type: self.event_type,
            endpoint: self.endpoint,
            instance_id: self.instance_id,
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
        Ok((range, LogFilter { endpoint: self.endpoint, since, until, ..LogFilter::default() }))
    }
}

impl ReplayInput {
    pub(super) fn limit(&self) -> usize {
        self.limit.as_ref().map_or(MAX_REPLAY as usize, |limit| limit.0)
    }

    /// Returns the filter. It has at least one condition, and excludes pending deliveries.
    pub(super) fn filter(self) -> Result<LogFilter, Problem> {
        let filter = LogFilter {
            status: self.status,
            event_type: self.event_type,
            endpoint: self.endpoint,
            instance_id: self.instance_id,
            since: self.since.map(|time| time.0),
            until: self.until.map(|time| time.0),
        };
        if filter == LogFilter::default() {
            let detail = "nothing was replayed: without a filter that would be the whole log; name at least one of \
                status, eventType, endpointID, instanceID, since and until";
            return Err(Problem::new(ProblemType::EmptyFilter, detail));
        }
        if filter.status == Some(Status::Pending) {
            let detail = "in status: a pending delivery is still to be sent, so there is nothing to replay; \
                choose delivered or failed, or leave it out for both";
            return Err(Problem::in_field(ProblemType::InvalidField, detail, "status".to_owned()));
        }
        Ok(filter)
    }
}

/// Returns the schema of the statuses that can be replayed.
fn over_schema() -> utoipa::openapi::schema::Schema {
    use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .enum_values(Some([Some(Status::Delivered), Some(Status::Failed), None].map(|it| it.map(Status::as_str))))
        .description(Some("Where they stand. Both, if it is left out."))
        .into()
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
