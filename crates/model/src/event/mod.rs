//! Events: changes of instances, read from the table's stream.

mod instance_key;
mod stream;

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::workspace::WorkspaceId;

pub use instance_key::{InstanceKey, PARTITIONS};
pub use stream::{
    EventSettings, Images, InvalidBatch, LAST_MILLISECOND, MAX_SEQUENCE_DIGITS, MAX_VALUE_BYTES, RawImages, Record,
    RecordError, StreamBatch, StreamEvent, is_sequence_number,
};

/// Type of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EventType {
    /// The item was written for the first time.
    Created,
    /// The item was changed.
    Updated,
    /// The item was removed, by a client or by TTL.
    Deleted,
}

impl EventType {
    /// All types, in the order of the dialog.
    pub const ALL: [Self; 3] = [Self::Created, Self::Updated, Self::Deleted];

    /// Returns the name in URLs, JSON and callback requests.
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

/// A change of an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Id of the stream record. It is the same in every retry, so that receivers recognize duplicates by it.
    pub id: String,
    /// Position of the record in the stream; unique and ascending within a shard.
    ///
    /// AWS promises no more than that. An item's records are in one shard at a time, and in a child only after all in
    /// its parent, so their sequence numbers ascend within each. That they also ascend from a parent to its child is
    /// assumed where a backlog is ordered by them (`store/deliveries/key.rs`). Nothing is lost if it does not hold,
    /// because the key also contains the event's id.
    pub sequence_number: String,
    /// Type of the event.
    pub event_type: EventType,
    /// Workspace of the instance.
    pub workspace: WorkspaceId,
    /// Id of the instance.
    pub instance_id: String,
    /// Name of the instance's process.
    pub process_name: String,
    /// Time of the item's change, to the second (the resolution of `ApproximateCreationDateTime`).
    pub changed_at: Timestamp,
}
