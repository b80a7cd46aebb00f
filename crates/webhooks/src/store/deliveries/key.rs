//! Where a delivery is kept. Pure.
//!
//! | | |
//! |---|---|
//! | `pk` | `{endpointID}#{lane}#{workspace}`: an endpoint's deliveries are spread over [`LANES`] partitions by instance |
//! | `sk` of one that waits | `p#{sequence number}`: within a lane the order in which instances changed |
//! | `sk` of one set aside | `s#{due}#{sequence number}` |
//! | `sk` of one that is over | `d#{changed}#{delivery id}`: the order of the log |
//!
//! So what waits is found by one strongly consistent query of a lane, however much of the log lies beside it.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::endpoint::EndpointId;
use crate::event::{Event, LAST_MILLISECOND, MAX_SEQUENCE_DIGITS, is_sequence_number};
use crate::workspace::WorkspaceId;

/// Partitions of one endpoint's deliveries. One takes 1,000 writes a second (DynamoDB quota), so an endpoint 16,000.
pub(super) const LANES: u8 = 16;

/// Partitions of one workspace's log in each index.
pub(super) const SHARDS: u16 = 32;

/// Shorter sequence numbers are padded to this width, so that they sort as numbers.
const SEQUENCE_DIGITS: usize = MAX_SEQUENCE_DIGITS;

/// Names a delivery within its workspace, and says where it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeliveryId {
    pub(super) endpoint: EndpointId,
    pub(super) lane: u8,
    pub(super) changed_ms: i64,
    pub(super) sequence_number: String,
}

/// A text that is no delivery's id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is no delivery id")]
pub struct InvalidDeliveryId;

/// The part of an endpoint's lane that a delivery stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// Waiting its turn.
    Backlog,
    /// Set aside until then.
    Aside(Timestamp),
    /// Delivered or given up.
    Over,
    /// Not kept: delivered, and nobody wants to read about it.
    Nowhere,
}

impl DeliveryId {
    /// The id of this event's delivery to this endpoint: the same whenever the stream sends the event again.
    pub fn of(event: &Event, endpoint: &EndpointId) -> Self {
        Self {
            endpoint: endpoint.clone(),
            lane: lane(&event.instance_id),
            changed_ms: event.changed_at.as_millisecond(),
            sequence_number: event.sequence_number.clone(),
        }
    }

    /// The endpoint.
    pub fn endpoint(&self) -> &EndpointId {
        &self.endpoint
    }

    pub(super) fn pk(&self, workspace: &WorkspaceId) -> String {
        lane_pk(&self.endpoint, self.lane, workspace)
    }

    pub(super) fn sk(&self, place: Place) -> String {
        let sequence = &self.sequence_number;
        match place {
            Place::Backlog => format!("p#{sequence:0>SEQUENCE_DIGITS$}"),
            Place::Aside(due) => format!("s#{:013}#{sequence:0>SEQUENCE_DIGITS$}", due.as_millisecond()),
            Place::Over | Place::Nowhere => format!("d#{}", self.log_sk()),
        }
    }

    /// The shard of the workspace's log.
    pub(super) fn shard(&self) -> u16 {
        let endpoint = u16::from_str_radix(&self.endpoint.as_str()[..2], 16).unwrap_or_default();
        (endpoint * u16::from(LANES) + u16::from(self.lane)) % SHARDS
    }

    /// The place in the log: by time, then by whatever is always the same.
    pub(super) fn log_sk(&self) -> String {
        format!("{:013}#{self}", self.changed_ms)
    }
}

impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:x}-{}-{}", self.endpoint, self.lane, self.changed_ms, self.sequence_number)
    }
}

impl FromStr for DeliveryId {
    type Err = InvalidDeliveryId;

    fn from_str(text: &str) -> Result<Self, InvalidDeliveryId> {
        let mut parts = text.splitn(4, '-');
        let mut part = || parts.next().ok_or(InvalidDeliveryId);
        let endpoint = EndpointId::try_from(part()?.to_owned()).map_err(|_| InvalidDeliveryId)?;
        let lane = u8::from_str_radix(part()?, 16).map_err(|_| InvalidDeliveryId)?;
        let changed_ms = part()?.parse().map_err(|_| InvalidDeliveryId)?;
        let sequence_number = part()?.to_owned();
        let sorts = is_sequence_number(&sequence_number) && (0..=LAST_MILLISECOND).contains(&changed_ms);
        let id = Self { endpoint, lane, changed_ms, sequence_number };
        // The one text of the id, and no other that says the same.
        if lane < LANES && sorts && id.to_string() == text { Ok(id) } else { Err(InvalidDeliveryId) }
    }
}

pub(super) fn lane_pk(endpoint: &EndpointId, lane: u8, workspace: &WorkspaceId) -> String {
    format!("{endpoint}#{lane:x}#{workspace}")
}

/// A key of fixed length for an instance id of any length (an index key has at most 2,048 bytes).
pub(super) fn instance_pk(workspace: &WorkspaceId, instance_id: &str) -> String {
    let digest = Sha256::digest(instance_id);
    let hash: String = digest[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{hash}#{workspace}")
}

/// FNV-1a: the same in every process and release, which `std`'s hashers are not.
fn lane(instance_id: &str) -> u8 {
    let hash = instance_id
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    #[expect(clippy::cast_possible_truncation, reason = "a remainder below LANES")]
    let lane = (hash % u64::from(LANES)) as u8;
    lane
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::callbacks::CallbackUrl;
    use crate::event::EventType;

    fn id(instance_id: &str, sequence_number: &str) -> DeliveryId {
        let event = Event {
            id: "e".into(),
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
    fn an_instance_stays_in_its_lane_and_sequence_numbers_sort_as_numbers() {
        let (earlier, later) = (id("i-1", "999"), id("i-1", "1000"));
        assert_eq!(earlier.lane, later.lane);
        assert!(earlier.sk(Place::Backlog) < later.sk(Place::Backlog));
    }

    #[test]
    fn keys_never_change_from_one_release_to_the_next() {
        let id = id("i-1", "111");
        let workspace = WorkspaceId::default_workspace();
        let due = Timestamp::from_second(1_700_000_060).unwrap();
        let keys = [
            id.pk(&workspace),
            id.sk(Place::Backlog),
            id.sk(Place::Aside(due)),
            id.sk(Place::Over),
            id.log_sk(),
            instance_pk(&workspace, "i-1"),
        ];
        insta::assert_snapshot!(keys.join("\n"), @r#"
        ad8295a7a69d6f00bcbec158f753e931#e#default
        p#0000000000000000000000000000000000000111
        s#1700000060000#0000000000000000000000000000000000000111
        d#1700000000000#ad8295a7a69d6f00bcbec158f753e931-e-1700000000000-111
        1700000000000#ad8295a7a69d6f00bcbec158f753e931-e-1700000000000-111
        f105b11df43d5d321f5c773ef904af97#default
        "#);
    }

    #[test]
    fn instances_spread_evenly_over_the_lanes() {
        let mut lanes = [0_u32; LANES as usize];
        (0..16_000).for_each(|i| lanes[usize::from(lane(&format!("instance-{i}")))] += 1);
        assert!(lanes.iter().all(|n| (800..1200).contains(n)), "{lanes:?}");
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
        ] {
            assert!(text.parse::<DeliveryId>().is_err(), "{text}");
        }
    }
}
