//! Parser of the batches that Lambda's event source mapping sends for a DynamoDB stream.
//!
//! It reads only what an event needs, borrowed from the payload, and each record by itself: an invalid record is an
//! error of that record alone. (`aws_lambda_events` reads a batch all or nothing, and five times as slowly:
//! docs/adr/0003.) The format is described in "Process DynamoDB records with Lambda", AWS Lambda Developer Guide.

mod image;
mod images;

use std::borrow::Cow;
use std::str::Utf8Error;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeSeed;
use serde_json::value::RawValue;

use self::image::{ImageSeed, Scalar};
pub use self::images::{Images, RawImages};
use super::{Event, EventType};
use crate::workspace::{InvalidWorkspaceId, WorkspaceId};

/// Maximum length of an instance id or process name, in bytes of UTF-8.
///
/// Percent-encoded, two of these and the longest URL stay below the 64 KiB that an HTTP client can put into a request
/// target.
pub const MAX_VALUE_BYTES: usize = 8 * 1024;

/// Maximum length of a sequence number, in digits (API reference, `StreamRecord.SequenceNumber`).
pub const MAX_SEQUENCE_DIGITS: usize = 40;

/// Last time with 13 digits, in milliseconds since 1970, in the year 2286: the log is sorted by these digits.
pub const LAST_MILLISECOND: i64 = 9_999_999_999_999;

/// Smallest number that counts as milliseconds: as seconds it would be in the year 5138.
const FIRST_IN_MILLISECONDS: f64 = 1e11;

/// Maximum length of an event id, in bytes. AWS's have 32.
const MAX_EVENT_ID_BYTES: usize = 1_024;

/// Principal of DynamoDB's own TTL deletions ("DynamoDB Streams and Time to Live").
const TTL_PRINCIPAL: &str = "dynamodb.amazonaws.com";

/// Settings of the conversion from instance items to events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventSettings {
    /// `INSTANCE_ID_ATTRIBUTE` (default `instanceID`): the attribute with the instance's id, a string or a number.
    pub instance_id_attribute: String,
    /// `PROCESS_NAME_ATTRIBUTE` (default `processName`): the attribute with the process's name.
    pub process_name_attribute: String,
    /// `WORKSPACE_ID_ATTRIBUTE` (default `workspaceID`): the attribute with the workspace, which is optional.
    pub workspace_id_attribute: String,
    /// `TTL_EXPIRY_IS_DELETED` (default `true`): whether an item's expiry by TTL is a `deleted` event or no event.
    pub ttl_expiry_is_deleted: bool,
}

impl Default for EventSettings {
    fn default() -> Self {
        Self {
            instance_id_attribute: "instanceID".to_owned(),
            process_name_attribute: "processName".to_owned(),
            workspace_id_attribute: "workspaceID".to_owned(),
            ttl_expiry_is_deleted: true,
        }
    }
}

/// The records of one invocation.
#[derive(Debug)]
pub struct StreamBatch<'a>(Records<'a>);

#[derive(Debug)]
enum Records<'a> {
    /// All of them, parsed in one pass.
    Parsed(Vec<Envelope<'a>>),
    /// Each by itself: one of them at least is not a stream record.
    Unparsed(Vec<&'a RawValue>),
}

#[derive(Deserialize)]
struct Payload<R> {
    #[serde(rename = "Records")]
    records: Vec<R>,
}

/// Error for a payload that is not a batch of stream records.
#[derive(Debug, thiserror::Error)]
pub enum InvalidBatch {
    /// The payload is not text.
    #[error("the payload is not a DynamoDB stream batch: {0}")]
    Utf8(#[from] Utf8Error),
    /// The text is not JSON, or has no `Records`.
    #[error("the payload is not a DynamoDB stream batch: {0}")]
    Json(#[from] serde_json::Error),
}

/// An event, and the images of its record.
#[derive(Clone, Debug)]
pub struct StreamEvent<'a> {
    /// The event.
    pub event: Event,
    /// The images.
    pub images: RawImages<'a>,
}

/// A parsed record.
#[derive(Debug)]
pub enum Record<'a> {
    /// A change to deliver.
    Event(StreamEvent<'a>),
    /// An expiry by TTL, if it is configured not to be an event.
    Expired,
    /// A record that is not a valid event, now or in any retry.
    Unreadable(RecordError),
}

/// Reason why a record is not a valid event. It names the record, and contains none of its values.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The JSON is not a stream record.
    #[error("record {record} is not a DynamoDB stream record: {source}")]
    NotARecord {
        /// Event id of the record; its position in the batch, if it has none.
        record: String,
        /// The error and its position.
        source: serde_json::Error,
    },
    /// The event name is not `INSERT`, `MODIFY` or `REMOVE`.
    #[error("record {record} has the unknown event name {event_name:?}")]
    UnknownEventName {
        /// Event id of the record.
        record: String,
        /// The event name.
        event_name: String,
    },
    /// The record lacks the image with the instance's attributes.
    #[error("record {record} has no {image}: the stream's view type must be NEW_AND_OLD_IMAGES")]
    MissingImage {
        /// Event id of the record.
        record: String,
        /// `NewImage` or `OldImage`.
        image: &'static str,
    },
    /// The item lacks an attribute.
    #[error("record {record}: the item has no attribute {attribute:?}")]
    MissingAttribute {
        /// Event id of the record.
        record: String,
        /// Name of the attribute, as configured.
        attribute: String,
    },
    /// The attribute is neither a string nor a number.
    #[error("record {record}: attribute {attribute:?} is of type {found}, not a string (S) or a number (N)")]
    WrongType {
        /// Event id of the record.
        record: String,
        /// Name of the attribute, as configured.
        attribute: String,
        /// DynamoDB's name of the type found.
        found: String,
    },
    /// The value is too long for a request target.
    #[error("record {record}: attribute {attribute:?} has {bytes} bytes, more than {MAX_VALUE_BYTES}")]
    TooLong {
        /// Event id of the record.
        record: String,
        /// Name of the attribute, as configured.
        attribute: String,
        /// Length of the value, in bytes.
        bytes: usize,
    },
    /// The value is not a valid workspace id.
    #[error("record {record}: attribute {attribute:?}: {source}")]
    Workspace {
        /// Event id of the record.
        record: String,
        /// Name of the attribute, as configured.
        attribute: String,
        /// The violated rule.
        source: InvalidWorkspaceId,
    },
    /// The sequence number is invalid, so that its event could not be ordered.
    #[error("record {record} has no usable sequence number: one has 1 to {MAX_SEQUENCE_DIGITS} digits")]
    SequenceNumber {
        /// Event id of the record.
        record: String,
    },
    /// The event id is not valid in an HTTP header.
    #[error("{record} has no usable event id: one has 1 to 1,024 visible ASCII characters")]
    EventId {
        /// Position of the record in the batch.
        record: String,
    },
}

impl<'a> Record<'a> {
    /// Parses one record, an element of a batch's `Records`.
    pub fn parse(json: &'a str, settings: &EventSettings) -> Self {
        let not_a_record = |source| RecordError::NotARecord { record: "1".to_owned(), source };
        match serde_json::from_str(json).map_err(not_a_record) {
            Ok(raw) => Self::of(1, raw, settings),
            Err(error) => Self::Unreadable(error),
        }
    }

    fn of(position: usize, raw: &'a RawValue, settings: &EventSettings) -> Self {
        let not_a_record = |source| RecordError::NotARecord { record: name_of(position, raw), source };
        match serde_json::from_str(raw.get()).map_err(not_a_record) {
            Ok(envelope) => Self::from_envelope(position, &envelope, settings),
            Err(error) => Self::Unreadable(error),
        }
    }

    fn from_envelope(position: usize, envelope: &Envelope<'a>, settings: &EventSettings) -> Self {
        match read(position, envelope, settings) {
            Ok(Some(event)) => Self::Event(event),
            Ok(None) => Self::Expired,
            Err(error) => Self::Unreadable(error),
        }
    }
}

impl<'a> StreamBatch<'a> {
    /// Parses the outer structure of a payload.
    ///
    /// # Errors
    /// [`InvalidBatch`] if it is not JSON or has no `Records`.
    pub fn parse(payload: &'a [u8]) -> Result<Self, InvalidBatch> {
        let payload = str::from_utf8(payload)?;
        Ok(Self(match serde_json::from_str(payload) {
            Ok(Payload { records }) => Records::Parsed(records),
            Err(_) => Records::Unparsed(serde_json::from_str::<Payload<_>>(payload)?.records),
        }))
    }

    /// Parses the records one by one, in the order of the stream.
    pub fn records(&self, settings: &EventSettings) -> impl Iterator<Item = Record<'a>> {
        (0..self.len()).map(|index| match &self.0 {
            Records::Parsed(records) => Record::from_envelope(index + 1, &records[index], settings),
            Records::Unparsed(records) => Record::of(index + 1, records[index], settings),
        })
    }

    /// Returns the number of records in the batch.
    pub fn len(&self) -> usize {
        match &self.0 {
            Records::Parsed(records) => records.len(),
            Records::Unparsed(records) => records.len(),
        }
    }

    /// Returns whether the batch has no records.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[derive(Debug, Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "eventID", borrow)]
    event_id: Cow<'a, str>,
    #[serde(rename = "eventName", borrow)]
    event_name: Cow<'a, str>,
    #[serde(borrow)]
    dynamodb: Change<'a>,
    #[serde(rename = "userIdentity", borrow, default)]
    user_identity: Option<UserIdentity<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Change<'a> {
    #[serde(borrow)]
    sequence_number: Cow<'a, str>,
    /// Optional (API reference, `StreamRecord`).
    #[serde(default)]
    approximate_creation_date_time: Option<f64>,
    #[serde(borrow, default)]
    new_image: Option<&'a RawValue>,
    #[serde(borrow, default)]
    old_image: Option<&'a RawValue>,
}

#[derive(Debug, Deserialize)]
struct UserIdentity<'a> {
    #[serde(rename = "type", borrow, default)]
    kind: Option<Cow<'a, str>>,
    #[serde(rename = "principalId", borrow, default)]
    principal_id: Option<Cow<'a, str>>,
}

fn read<'a>(
    position: usize,
    envelope: &Envelope<'a>,
    settings: &EventSettings,
) -> Result<Option<StreamEvent<'a>>, RecordError> {
    if !is_event_id(&envelope.event_id) {
        return Err(RecordError::EventId { record: number(position) });
    }
    let record = envelope.event_id.to_string();
    let change = &envelope.dynamodb;
    if !is_sequence_number(&change.sequence_number) {
        return Err(RecordError::SequenceNumber { record });
    }

    let (event_type, name, image) = match &*envelope.event_name {
        "INSERT" => (EventType::Created, "NewImage", change.new_image),
        "MODIFY" => (EventType::Updated, "NewImage", change.new_image),
        "REMOVE" => (EventType::Deleted, "OldImage", change.old_image),
        other => return Err(RecordError::UnknownEventName { record, event_name: other.to_owned() }),
    };
    let expired = envelope
        .user_identity
        .as_ref()
        .is_some_and(|by| by.kind.as_deref() == Some("Service") && by.principal_id.as_deref() == Some(TTL_PRINCIPAL));
    if event_type == EventType::Deleted && expired && !settings.ttl_expiry_is_deleted {
        return Ok(None);
    }
    let Some(image) = image else { return Err(RecordError::MissingImage { record, image: name }) };

    let [instance_id, process_name, workspace] = ImageSeed([
        &settings.instance_id_attribute,
        &settings.process_name_attribute,
        &settings.workspace_id_attribute,
    ])
    .deserialize(&mut serde_json::Deserializer::from_str(image.get()))
    .map_err(|source| RecordError::NotARecord { record: record.clone(), source })?;

    let instance_id = required(instance_id, &settings.instance_id_attribute, &record)?;
    let process_name = required(process_name, &settings.process_name_attribute, &record)?;
    let workspace = match workspace {
        // An explicit null is the same as a missing attribute.
        None | Some(Scalar::Null) => WorkspaceId::default_workspace(),
        Some(Scalar::Text(text)) if text.is_empty() => WorkspaceId::default_workspace(),
        some => {
            WorkspaceId::try_from(required(some, &settings.workspace_id_attribute, &record)?).map_err(|source| {
                RecordError::Workspace {
                    record: record.clone(),
                    attribute: settings.workspace_id_attribute.clone(),
                    source,
                }
            })?
        }
    };
    let event = Event {
        id: record,
        sequence_number: change.sequence_number.to_string(),
        event_type,
        workspace,
        instance_id,
        process_name,
        changed_at: timestamp(change.approximate_creation_date_time),
    };
    Ok(Some(StreamEvent { event, images: RawImages { old: change.old_image, new: change.new_image } }))
}

/// Returns the text of a required attribute.
fn required(found: Option<Scalar>, attribute: &str, record: &str) -> Result<String, RecordError> {
    let found = match found {
        Some(Scalar::Text(text)) if text.len() <= MAX_VALUE_BYTES => return Ok(text),
        other => other,
    };
    let (record, attribute) = (record.to_owned(), attribute.to_owned());
    Err(match found {
        None => RecordError::MissingAttribute { record, attribute },
        Some(Scalar::Null) => RecordError::WrongType { record, attribute, found: "NULL".to_owned() },
        Some(Scalar::Other(found)) => RecordError::WrongType { record, attribute, found },
        Some(Scalar::Text(text)) => RecordError::TooLong { record, attribute, bytes: text.len() },
    })
}

/// Returns whether a text is a valid sequence number: digits, and not too many. It orders events and is part of
/// delivery ids.
pub fn is_sequence_number(text: &str) -> bool {
    (1..=MAX_SEQUENCE_DIGITS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns the name of an invalid record: its event id if it can be found, otherwise its position, from 1.
fn name_of(position: usize, raw: &RawValue) -> String {
    #[derive(Deserialize)]
    struct Named {
        #[serde(rename = "eventID")]
        event_id: String,
    }
    let named: Option<Named> = serde_json::from_str(raw.get()).ok();
    let usable = named.map(|it| it.event_id).filter(|id| is_event_id(id));
    usable.unwrap_or_else(|| number(position))
}

fn number(position: usize) -> String {
    format!("number {position} of the batch")
}

/// Returns whether a text is valid in an HTTP header.
fn is_event_id(text: &str) -> bool {
    (1..=MAX_EVENT_ID_BYTES).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Converts seconds since 1970, with or without a fraction, or milliseconds, which some engines send.
///
/// A missing time and one out of the log's range are unknown, which is stored as 1970: the time is a part of the
/// delivery's key, so it must be the same in each retry.
fn timestamp(time: Option<f64>) -> Timestamp {
    let time = time.unwrap_or_default();
    let seconds = if time >= FIRST_IN_MILLISECONDS { time / 1000.0 } else { time };
    #[expect(clippy::cast_possible_truncation, reason = "`as` saturates, and the range is checked right after")]
    let milliseconds = (seconds * 1000.0).round() as i64;
    let in_range = (0..=LAST_MILLISECOND).contains(&milliseconds).then_some(milliseconds);
    Timestamp::from_millisecond(in_range.unwrap_or_default()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
