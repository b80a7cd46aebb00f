//! What happened to an instance, read from the table's stream.

mod instance_key;
mod stream;

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::workspace::WorkspaceId;

pub use instance_key::{InstanceKey, PARTITIONS};
pub use stream::{
    EventSettings, InvalidBatch, LAST_MILLISECOND, MAX_SEQUENCE_DIGITS, MAX_VALUE_BYTES, Record, RecordError,
    StreamBatch, is_sequence_number,
};

/// The three things that can happen to an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EventType {
    /// The item was written for the first time.
    Created,
    /// The item was changed.
    Updated,
    /// The item was removed, by somebody or by TTL.
    Deleted,
}

impl EventType {
    /// All of them, in the order in which the dialog shows them.
    pub const ALL: [Self; 3] = [Self::Created, Self::Updated, Self::Deleted];

    /// The name in URLs, JSON and callback requests.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
        }
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One change of one instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The stream record's own id, so the same at every redelivery: receivers tell duplicates by it.
    pub id: String,
    /// The record's place in the stream; unique and ascending within a shard.
    ///
    /// AWS promises no more than that. An item's records are in one shard at a time, and in a child only after all in its
    /// parent, so their sequence numbers ascend within each. That they also ascend from a parent to its child is assumed
    /// where a backlog is ordered by them (`store/deliveries/key.rs`); nothing is lost where it does not hold, as the key
    /// also carries the event's id.
    pub sequence_number: String,
    /// What happened.
    pub event_type: EventType,
    /// Whose instance it is.
    pub workspace: WorkspaceId,
    /// The instance's id.
    pub instance_id: String,
    /// The name of the instance's process.
    pub process_name: String,
    /// When the item changed, to the second (the resolution of `ApproximateCreationDateTime`).
    pub changed_at: Timestamp,
}
