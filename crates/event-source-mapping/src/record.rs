//! A stream record in the form that Lambda sends to a function.

use aws_sdk_dynamodbstreams::{
    primitives::DateTime,
    types::{AttributeValue, OperationType, Record as StreamRecord},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use serde::{Serialize, Serializer, ser::SerializeMap as _};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

/// A record to be sent to the function.
#[derive(Debug, Clone)]
pub(super) struct Record {
    /// Number of the record among all records that were read from the shard, assigned by
    /// [`super::progress::Progress::read`].
    pub(super) ordinal: u64,
    pub(super) sequence_number: String,
    /// Time of the write, to the second.
    pub(super) created: Timestamp,
    /// Hash of the item's keys: equal for records of the same item.
    pub(super) item: u64,
    /// Whether the record stands for a write that changed nothing. DynamoDB has no such records.
    pub(super) changes_nothing: bool,
    /// One element of the event's `Records`.
    pub(super) json: String,
}

/// Error for a record that lacks a member which every stream record has.
#[derive(Debug, thiserror::Error)]
#[error("the stream {stream} gave a record without {missing}: that engine cannot be used")]
pub struct Malformed {
    stream: String,
    missing: &'static str,
}

impl Record {
    /// Converts a record of the stream `arn`.
    pub(super) fn new(record: &StreamRecord, arn: &str) -> Result<Self, Malformed> {
        let lacks = |missing| Malformed { stream: arn.to_owned(), missing };
        let change = record.dynamodb().ok_or_else(|| lacks("a change"))?;
        let keys = change.keys().ok_or_else(|| lacks("keys"))?;
        let created = change.approximate_creation_date_time();
        let mut item = DefaultHasher::new();
        text(&Item(keys)).hash(&mut item);
        Ok(Self {
            ordinal: 0,
            sequence_number: change.sequence_number().ok_or_else(|| lacks("a sequence number"))?.to_owned(),
            created: created.and_then(|at| Timestamp::new(at.secs(), 0).ok()).unwrap_or_else(Timestamp::now),
            item: item.finish(),
            changes_nothing: changes_nothing(record),
            json: text(&EventRecord::new(record, arn)),
        })
    }
}

/// Returns whether the record stands for a write that changed nothing.
///
/// DynamoDB [writes no record][none] for such writes. Some engines do, and the mapping skips these records; with
/// DynamoDB itself this is never true.
///
/// [none]: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
fn changes_nothing(record: &StreamRecord) -> bool {
    let Some(change) = record.dynamodb() else { return false };
    match (record.event_name(), change.old_image(), change.new_image()) {
        (Some(OperationType::Modify), Some(old), Some(new)) => {
            old.len() == new.len() && old.iter().all(|(name, old)| new.get(name).is_some_and(|new| equal(old, new)))
        }
        _ => false,
    }
}

/// Compares values as DynamoDB does: the elements of a set have no order.
fn equal(one: &AttributeValue, other: &AttributeValue) -> bool {
    use AttributeValue::{Bs, L, M, Ns, Ss};
    match (one, other) {
        (Ss(one), Ss(other)) | (Ns(one), Ns(other)) => BTreeSet::from_iter(one) == BTreeSet::from_iter(other),
        (Bs(one), Bs(other)) => {
            let set = |blobs: &'_ [_]| blobs.iter().map(AsRef::as_ref).map(<[u8]>::to_vec).collect::<BTreeSet<_>>();
            set(one) == set(other)
        }
        (L(one), L(other)) => one.len() == other.len() && one.iter().zip(other).all(|(one, other)| equal(one, other)),
        (M(one), M(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, one)| other.get(name).is_some_and(|other| equal(one, other)))
        }
        _ => one == other,
    }
}

/// Serializes a value that has neither a fallible serialization nor keys other than strings.
fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("maps with string keys, strings and finite numbers are always JSON")
}

/// The [record of a DynamoDB event][event].
///
/// [event]: https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EventRecord<'a> {
    #[serde(rename = "eventID")]
    event_id: Option<&'a str>,
    event_name: Option<&'a str>,
    event_version: Option<&'a str>,
    event_source: Option<&'a str>,
    aws_region: Option<&'a str>,
    dynamodb: Option<Change<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_identity: Option<Identity<'a>>,
    #[serde(rename = "eventSourceARN")]
    event_source_arn: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Change<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    approximate_creation_date_time: Option<Seconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keys: Option<Item<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new_image: Option<Item<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    old_image: Option<Item<'a>>,
    sequence_number: Option<&'a str>,
    size_bytes: Option<i64>,
    stream_view_type: Option<&'a str>,
}

/// The identity that is present on a deletion by the service itself, after an item's time to live has passed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Identity<'a> {
    r#type: Option<&'a str>,
    principal_id: Option<&'a str>,
}

impl<'a> EventRecord<'a> {
    fn new(record: &'a StreamRecord, arn: &'a str) -> Self {
        Self {
            event_id: record.event_id(),
            event_name: record.event_name().map(OperationType::as_str),
            event_version: record.event_version(),
            event_source: record.event_source(),
            aws_region: record.aws_region(),
            dynamodb: record.dynamodb().map(|change| Change {
                approximate_creation_date_time: change.approximate_creation_date_time().map(|at| Seconds(*at)),
                keys: change.keys().map(Item),
                new_image: change.new_image().map(Item),
                old_image: change.old_image().map(Item),
                sequence_number: change.sequence_number(),
                size_bytes: change.size_bytes(),
                stream_view_type: change.stream_view_type().map(|view| view.as_str()),
            }),
            user_identity: record
                .user_identity()
                .map(|identity| Identity { r#type: identity.r#type(), principal_id: identity.principal_id() }),
            event_source_arn: arn,
        }
    }
}

/// Seconds since the Unix epoch, as a number.
struct Seconds(DateTime);

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.subsec_nanos() {
            0 => serializer.serialize_i64(self.0.secs()),
            _ => serializer.serialize_f64(self.0.as_secs_f64()),
        }
    }
}

/// Attributes as [DynamoDB JSON][json], sorted by name, so that equal items are equal texts.
///
/// [json]: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
struct Item<'a>(&'a HashMap<String, AttributeValue>);

impl Serialize for Item<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let sorted: BTreeMap<_, _> = self.0.iter().map(|(name, value)| (name, Value(value))).collect();
        serializer.collect_map(sorted)
    }
}

struct Value<'a>(&'a AttributeValue);

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        match self.0 {
            AttributeValue::S(text) => map.serialize_entry("S", text)?,
            AttributeValue::N(number) => map.serialize_entry("N", number)?,
            AttributeValue::B(bytes) => map.serialize_entry("B", &BASE64_STANDARD.encode(bytes))?,
            AttributeValue::Bool(truth) => map.serialize_entry("BOOL", truth)?,
            AttributeValue::Null(null) => map.serialize_entry("NULL", null)?,
            AttributeValue::Ss(texts) => map.serialize_entry("SS", texts)?,
            AttributeValue::Ns(numbers) => map.serialize_entry("NS", numbers)?,
            AttributeValue::Bs(blobs) => {
                let blobs: Vec<_> = blobs.iter().map(|bytes| BASE64_STANDARD.encode(bytes)).collect();
                map.serialize_entry("BS", &blobs)?;
            }
            AttributeValue::L(values) => {
                map.serialize_entry("L", &values.iter().map(Value).collect::<Vec<_>>())?;
            }
            AttributeValue::M(values) => map.serialize_entry("M", &Item(values))?,
            // A type of value that this version of the SDK does not know, and so cannot hold.
            unknown => {
                return Err(serde::ser::Error::custom(format!("attribute value {unknown:?} is of an unknown type")));
            }
        }
        map.end()
    }
}

#[cfg(test)]
impl Record {
    /// Creates a record for tests, with `second` (seconds since the Unix epoch) as its time.
    pub(super) fn example(sequence_number: &str, second: i64, json: &str) -> Self {
        Self {
            ordinal: 0,
            sequence_number: sequence_number.to_owned(),
            created: Timestamp::from_second(second).expect("a second within the calendar"),
            item: 0,
            changes_nothing: false,
            json: json.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
