//! Filters with several values: separated by commas in a query string, one value or a list in JSON.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error, IntoDeserializer, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AnyOfBuilder, ArrayBuilder, ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, openapi};

use super::schema;
use webhooks_model::attempt::Reason;
use webhooks_model::delivery::{GiveUpReason, Status};
use webhooks_store::{FailureReason, StatusCodes};

/// Maximum number of values of one filter.
pub(super) const MAX_VALUES: usize = 20;

/// Values of one filter, each once; at least one.
pub(super) struct Listed<T>(Vec<T>);

/// Returns the values of a filter; none if it is left out.
pub(super) fn values<T>(listed: Option<Listed<T>>) -> Vec<T> {
    listed.map(|listed| listed.0).unwrap_or_default()
}

impl<'de, T: Deserialize<'de> + PartialEq> Deserialize<'de> for Listed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Values<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de> + PartialEq> Visitor<'de> for Values<T> {
            type Value = Listed<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("one value or several")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Listed<T>, E> {
                Listed::of(text.split(',').map(|value| T::deserialize(value.to_owned().into_deserializer())))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Listed<T>, A::Error> {
                Listed::of(std::iter::from_fn(|| list.next_element().transpose()))
            }
        }
        deserializer.deserialize_any(Values(PhantomData))
    }
}

impl<T: PartialEq> Listed<T> {
    fn of<E: Error>(given: impl Iterator<Item = Result<T, E>>) -> Result<Self, E> {
        let mut values = Vec::new();
        for value in given {
            let value = value?;
            if !values.contains(&value) {
                values.push(value);
            }
        }
        match values.len() {
            0 => Err(E::custom("expected at least one value; leave it out to match all")),
            count if count > MAX_VALUES => Err(E::custom(format_args!("expected at most {MAX_VALUES} values"))),
            _ => Ok(Self(values)),
        }
    }
}

/// Reason of an attempt's failure or of a delivery's.
#[derive(PartialEq)]
pub(super) struct AnyReason(pub(super) FailureReason);

impl AnyReason {
    fn names() -> Vec<&'static str> {
        Reason::ALL
            .into_iter()
            .map(Reason::as_str)
            .chain(GiveUpReason::ALL.into_iter().map(GiveUpReason::as_str))
            .collect()
    }
}

impl<'de> Deserialize<'de> for AnyReason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let attempt = Reason::ALL.into_iter().find(|it| it.as_str() == text).map(FailureReason::Attempt);
        let delivery = || GiveUpReason::ALL.into_iter().find(|it| it.as_str() == text).map(FailureReason::Delivery);
        let unknown = || {
            let names: Vec<_> = Self::names().into_iter().map(|name| format!("`{name}`")).collect();
            D::Error::custom(format_args!("unknown reason `{text}`, expected one of {}", names.join(", ")))
        };
        attempt.or_else(delivery).map(Self).ok_or_else(unknown)
    }
}

/// A status code from 200 to 599, such as `404`, or all of a class, such as `5xx`.
#[derive(PartialEq)]
pub(super) struct Codes(pub(super) StatusCodes);

/// Pattern of [`Codes`].
pub(super) const CODES: &str = "^[2-5]([0-9][0-9]|xx)$";

impl<'de> Deserialize<'de> for Codes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let codes = match text.as_bytes() {
            [digit @ b'2'..=b'5', b'x', b'x'] => Some(StatusCodes::Class(digit - b'0')),
            [b'2'..=b'5', b'0'..=b'9', b'0'..=b'9'] => text.parse().ok().map(StatusCodes::One),
            _ => None,
        };
        let invalid = || D::Error::custom("expected a status code from 200 to 599 such as 404, or a class such as 5xx");
        codes.map(Self).ok_or_else(invalid)
    }
}

/// A text of 1 to `MAX` bytes.
pub(super) struct Text<const MAX: usize>(pub(super) String);

impl<'de, const MAX: usize> Deserialize<'de> for Text<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if (1..=MAX).contains(&text.len()) {
            Ok(Self(text))
        } else {
            Err(D::Error::custom(format_args!("expected a text of 1 to {MAX} bytes, leave it out to match all")))
        }
    }
}

/// Returns the schema of a query parameter with several values.
fn list(item: RefOr<Schema>) -> Schema {
    ArrayBuilder::new().items(item).min_items(Some(1)).max_items(Some(MAX_VALUES)).into()
}

/// Returns the schema of one value or a list of them in JSON.
fn one_or_list(item: RefOr<Schema>, description: &str) -> Schema {
    let null = ObjectBuilder::new().schema_type(Type::Null);
    AnyOfBuilder::new().item(item.clone()).item(list(item)).item(null).description(Some(description)).into()
}

fn named(names: impl IntoIterator<Item = &'static str>) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).into()
}

fn pattern(pattern: &str) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern)).into()
}

const ENDPOINT: &str = "^[0-9a-f]{32}$";

pub(super) fn statuses() -> Schema {
    list(reference::<schema::Status>())
}

pub(super) fn event_types() -> Schema {
    list(reference::<schema::EventType>())
}

pub(super) fn endpoints() -> Schema {
    list(pattern(ENDPOINT))
}

pub(super) fn reasons() -> Schema {
    list(named(AnyReason::names()))
}

pub(super) fn status_codes() -> Schema {
    list(pattern(CODES))
}

pub(super) fn completed_statuses_json() -> Schema {
    let completed = [Status::Delivered, Status::Failed, Status::Superseded].map(Status::as_str);
    one_or_list(
        named(completed),
        "Statuses of the deliveries: `delivered`, `failed`, `superseded`, or several. All by default.",
    )
}

pub(super) fn event_types_json() -> Schema {
    described("eventType", reference::<schema::EventType>())
}

pub(super) fn endpoints_json() -> Schema {
    described("endpointID", pattern(ENDPOINT))
}

pub(super) fn reasons_json() -> Schema {
    described("reason", named(AnyReason::names()))
}

pub(super) fn status_codes_json() -> Schema {
    described("statusCode", pattern(CODES))
}

fn described(name: &str, item: RefOr<Schema>) -> Schema {
    one_or_list(item, description(name).unwrap_or_default())
}

/// Returns the description of a filter with several values, for queries and JSON alike.
pub(super) fn description(name: &str) -> Option<&'static str> {
    match name {
        "status" => Some("Statuses of the deliveries."),
        "eventType" => Some("Types of the event."),
        "endpointID" => Some("Target endpoints."),
        "reason" => Some("Reasons why the last attempt, or the delivery for good, has failed."),
        "statusCode" => Some("Status codes of the last attempt's response: 200 to 599, or a class such as `5xx`."),
        _ => None,
    }
}

fn reference<T: utoipa::ToSchema + PartialSchema>() -> RefOr<Schema> {
    RefOr::Ref(openapi::Ref::from_schema_name(T::name()))
}
