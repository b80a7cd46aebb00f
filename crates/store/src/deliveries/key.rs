//! Keys of deliveries. Pure.
//!
//! | | |
//! |---|---|
//! | `pk` of a pending or deferred one | `{endpointID}#{partition}#{workspace}`: an endpoint's backlog is spread over [`PARTITIONS`] by instance |
//! | its `sk` if pending | `p#{sequence number}#{event}`: within a partition the order in which instances changed |
//! | its `sk` if deferred | `s#{due}#{sequence number}#{event}` |
//! | `pk` of a completed one | `{shard}#{workspace}`: the workspace's log is spread over [`SHARDS`] by endpoint and instance |
//! | its `sk` | `d#{changed}#{delivery id}`: the order of the log |
//!
//! Therefore one strongly consistent query of a partition reads its backlog, and the table itself is the log by time
//! (docs/adr/0031). Items that earlier versions have completed are in the partitions of the backlog, and in the index `byTime`.
//!
//! Sequence numbers are unique only within a shard of the stream (see [`Event::sequence_number`]). `{event}`, a hash of
//! the event's id, distinguishes two events with the same number. The keys assume that an instance's sequence numbers
//! ascend from a shard to its children; if they do not, its deliveries are made in another order, and none is lost.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use webhooks_model::endpoint::EndpointId;
use webhooks_model::event::{
    Event, InstanceKey, LAST_MILLISECOND, MAX_SEQUENCE_DIGITS, PARTITIONS, is_sequence_number,
};
use webhooks_model::workspace::WorkspaceId;

/// Number of partitions of one workspace's log, in the table and in each index.
pub(super) const SHARDS: u16 = 32;

/// Width to which shorter sequence numbers are padded, so that they sort as numbers.
const SEQUENCE_DIGITS: usize = MAX_SEQUENCE_DIGITS;

/// Id of a delivery within its workspace. The keys of its item follow from it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeliveryId {
    pub(super) endpoint: EndpointId,
    pub(super) partition: u8,
    pub(super) changed_ms: i64,
    pub(super) sequence_number: String,
    /// Beginning of the SHA-256 of the event's id, in hexadecimal.
    pub(super) event: String,
}

/// Number of hexadecimal digits of [`DeliveryId::event`].
const EVENT_DIGITS: usize = 16;

/// Error for a text that is not a valid delivery id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is not a valid delivery id")]
pub struct InvalidDeliveryId;

/// How a delivery is stored, which its sort key shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StorageState {
    /// The backlog: the delivery is pending.
    Pending(Turn),
    /// Deferred: the delivery is retried on its own at that time.
    Deferred(Timestamp),
    /// The log: the delivery is completed.
    Completed,
    /// Not stored: the delivery was acknowledged, and the log policy excludes it.
    Discarded,
}

/// Earliest time of a pending delivery's next attempt. Until then the later ones of its instance queue behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Turn {
    /// As soon as the deliveries before it are completed.
    Next,
    /// From that time on, on its own schedule.
    At(Timestamp),
    /// In flight, until that time at the latest. After it the environment of the attempt is gone, and the delivery may
    /// be attempted again.
    InFlight(Timestamp),
}

impl Turn {
    /// Returns the time before which the delivery must not be attempted.
    pub fn not_before(self) -> Option<Timestamp> {
        match self {
            Self::Next => None,
            Self::At(at) | Self::InFlight(at) => Some(at),
        }
    }
}

impl StorageState {
    /// Returns the time of the next attempt, if the delivery has its own schedule.
    pub fn due(self) -> Option<Timestamp> {
        match self {
            Self::Pending(turn) => turn.not_before(),
            Self::Deferred(due) => Some(due),
            Self::Completed | Self::Discarded => None,
        }
    }
}

impl DeliveryId {
    /// Returns the id of the event's delivery to the endpoint. It is the same whenever the stream repeats the event.
    pub fn of(event: &Event, endpoint: &EndpointId) -> Self {
        Self {
            endpoint: endpoint.clone(),
            partition: InstanceKey::new(&event.instance_id).partition(),
            changed_ms: event.changed_at.as_millisecond(),
            sequence_number: event.sequence_number.clone(),
            event: hash(&event.id, EVENT_DIGITS),
        }
    }

    /// Returns the endpoint's id.
    pub fn endpoint(&self) -> &EndpointId {
        &self.endpoint
    }

    /// Returns the delivery's partition.
    pub fn partition(&self) -> u8 {
        self.partition
    }

    pub(super) fn pk(&self, workspace: &WorkspaceId, storage: StorageState) -> String {
        match storage {
            StorageState::Pending(_) | StorageState::Deferred(_) => {
                partition_pk(&self.endpoint, self.partition, workspace)
            }
            StorageState::Completed | StorageState::Discarded => log_pk(workspace, self.shard()),
        }
    }

    pub(super) fn sk(&self, storage: StorageState) -> String {
        let (sequence, event) = (&self.sequence_number, &self.event);
        match storage {
            StorageState::Pending(_) => format!("p#{sequence:0>SEQUENCE_DIGITS$}#{event}"),
            StorageState::Deferred(due) => {
                format!("s#{:013}#{sequence:0>SEQUENCE_DIGITS$}#{event}", due.as_millisecond())
            }
            StorageState::Completed | StorageState::Discarded => format!("d#{}", self.log_sk()),
        }
    }

    /// Returns the delivery's shard of the workspace's log.
    pub(super) fn shard(&self) -> u16 {
        shard(&self.endpoint, self.partition)
    }

    /// Returns the sort key of the log: the time, followed by parts that never change.
    pub(super) fn log_sk(&self) -> String {
        format!("{:013}#{self}", self.changed_ms)
    }
}

impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { endpoint, partition, changed_ms, sequence_number, event } = self;
        write!(f, "{endpoint}-{partition:x}-{changed_ms}-{sequence_number}-{event}")
    }
}

impl FromStr for DeliveryId {
    type Err = InvalidDeliveryId;

    fn from_str(text: &str) -> Result<Self, InvalidDeliveryId> {
        let mut parts = text.splitn(5, '-');
        let mut part = || parts.next().ok_or(InvalidDeliveryId);
        let endpoint = EndpointId::try_from(part()?.to_owned()).map_err(|_| InvalidDeliveryId)?;
        let partition = u8::from_str_radix(part()?, 16).map_err(|_| InvalidDeliveryId)?;
        let changed_ms = part()?.parse().map_err(|_| InvalidDeliveryId)?;
        let (sequence_number, event) = (part()?.to_owned(), part()?.to_owned());
        let sorts = is_sequence_number(&sequence_number) && (0..=LAST_MILLISECOND).contains(&changed_ms);
        let is_hash = event.len() == EVENT_DIGITS && event.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'));
        let id = Self { endpoint, partition, changed_ms, sequence_number, event };
        // Accept only the canonical text of an id.
        if partition < PARTITIONS && sorts && is_hash && id.to_string() == text {
            Ok(id)
        } else {
            Err(InvalidDeliveryId)
        }
    }
}

pub(super) fn partition_pk(endpoint: &EndpointId, partition: u8, workspace: &WorkspaceId) -> String {
    format!("{endpoint}#{partition:x}#{workspace}")
}

/// Returns the key of a partition of the workspace's log.
pub(super) fn log_pk(workspace: &WorkspaceId, shard: u16) -> String {
    format!("{shard:02}#{workspace}")
}

/// Returns a key of fixed length for an instance id of any length (an index key has at most 2,048 bytes).
pub(super) fn instance_pk(workspace: &WorkspaceId, instance_id: &str) -> String {
    format!("{}#{workspace}", hash(instance_id, 32))
}

/// Returns the shard of the workspace's log for a partition of an endpoint.
pub(super) fn shard(endpoint: &EndpointId, partition: u8) -> u16 {
    let endpoint = u16::from_str_radix(&endpoint.as_str()[..2], 16).unwrap_or_default();
    (endpoint * u16::from(PARTITIONS) + u16::from(partition)) % SHARDS
}

/// Returns the beginning of a text's SHA-256, in hexadecimal.
fn hash(text: &str, digits: usize) -> String {
    Sha256::digest(text)[..digits / 2].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use webhooks_model::callback_url::CallbackUrl;
    use webhooks_model::event::EventType;

    fn id(instance_id: &str, sequence_number: &str) -> DeliveryId {
        id_of("e", instance_id, sequence_number)
    }

    fn id_of(event_id: &str, instance_id: &str, sequence_number: &str) -> DeliveryId {
        let event = Event {
            id: event_id.into(),
            sequence_number: sequence_number.into(),
            event_type: EventType::Created,
            workspace: WorkspaceId::default_workspace(),
            instance_id: instance_id.into(),
            process_name: "p".into(),
            changed_at: Timestamp::from_second(1_700_000_000).unwrap(),
        };
        DeliveryId::of(&event, &EndpointId::of(&CallbackUrl::try_from("http://h/".to_owned()).unwrap()))
    }

    #[test]
    fn sequence_numbers_sort_as_numbers() {
        let (earlier, later) = (id("i-1", "999"), id("i-1", "1000"));
        assert_eq!(earlier.partition, later.partition);
        assert!(earlier.sk(StorageState::Pending(Turn::Next)) < later.sk(StorageState::Pending(Turn::Next)));
    }

    #[test]
    fn events_of_two_shards_with_one_sequence_number_have_different_keys() {
        let (one, other) = (id_of("e-1", "i-1", "7"), id_of("e-2", "i-1", "7"));
        let due = StorageState::Deferred(Timestamp::UNIX_EPOCH);
        for storage in [StorageState::Pending(Turn::Next), due, StorageState::Completed] {
            assert_ne!(one.sk(storage), other.sk(storage), "{storage:?}");
        }
    }

    #[test]
    fn keys_never_change_from_one_release_to_the_next() {
        let id = id("i-1", "111");
        let workspace = WorkspaceId::default_workspace();
        let due = Timestamp::from_second(1_700_000_060).unwrap();
        let keys = [
            id.pk(&workspace, StorageState::Pending(Turn::Next)),
            id.sk(StorageState::Pending(Turn::Next)),
            id.sk(StorageState::Deferred(due)),
            id.pk(&workspace, StorageState::Completed),
            id.sk(StorageState::Completed),
            id.log_sk(),
            instance_pk(&workspace, "i-1"),
        ];
        insta::assert_snapshot!(keys.join("\n"), @r#"
        ad8295a7a69d6f00bcbec158f753e931#e#default
        p#0000000000000000000000000000000000000111#3f79bb7b435b0532
        s#1700000060000#0000000000000000000000000000000000000111#3f79bb7b435b0532
        30#default
        d#1700000000000#ad8295a7a69d6f00bcbec158f753e931-e-1700000000000-111-3f79bb7b435b0532
        1700000000000#ad8295a7a69d6f00bcbec158f753e931-e-1700000000000-111-3f79bb7b435b0532
        f105b11df43d5d321f5c773ef904af97#default
        "#);
    }

    #[test]
    fn an_instance_is_always_in_the_same_partition_and_shard() {
        let id = id("i-1", "111");
        assert_eq!((id.partition(), id.shard()), (14, 30));
    }

    #[test]
    fn only_what_waits_for_a_time_is_due_then() {
        let at = Timestamp::from_second(1_700_000_060).unwrap();
        for storage in
            [StorageState::Pending(Turn::At(at)), StorageState::Pending(Turn::InFlight(at)), StorageState::Deferred(at)]
        {
            assert_eq!(storage.due(), Some(at), "{storage:?}");
        }
        for storage in [StorageState::Pending(Turn::Next), StorageState::Completed, StorageState::Discarded] {
            assert_eq!(storage.due(), None, "{storage:?}");
        }
    }

    #[test]
    fn an_id_is_read_back_from_its_text_and_nothing_else_is_one() {
        let id = id("i-1", "111");
        assert_eq!(id.to_string().parse(), Ok(id.clone()));
        for text in [
            "",
            "x",
            "a-b-c-d",
            &id.to_string().to_uppercase(),
            &format!("{id}x"),
            &id.to_string().replacen("-e-", "-0e-", 1),
            &id.to_string().replacen("-e-", "-10-", 1),
            &id.to_string().replacen("-1700000000000-", "-10000000000000-", 1),
            &id.to_string().replacen("-111-", "-1x1-", 1),
            &id.to_string().replacen("-3f79", "-3F79", 1),
            &id.to_string().replacen("-3f79", "-3f7", 1),
        ] {
            assert!(text.parse::<DeliveryId>().is_err(), "{text}");
        }
    }
}
