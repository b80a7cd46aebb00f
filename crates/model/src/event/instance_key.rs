//! A hash of an instance's id: small enough for sets, and the same in every process and release.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Number of partitions of one endpoint's deliveries. One accepts 1,000 writes per second (DynamoDB quota), an endpoint
/// 16,000.
pub const PARTITIONS: u8 = 16;

/// 32 bits of a hash of an instance's id (FNV-1a, which unlike `std`'s hashers never changes).
///
/// Instances whose ids have the same hash count as one: their deliveries queue behind each other, with no other effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InstanceKey(u32);

impl InstanceKey {
    /// Returns the key of an instance.
    pub fn new(instance_id: &str) -> Self {
        let hash = instance_id
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        #[expect(clippy::cast_possible_truncation, reason = "the lower half of the hash")]
        let key = hash as u32;
        Self(key)
    }

    /// Returns the partition of the instance's deliveries, below [`PARTITIONS`].
    pub fn partition(self) -> u8 {
        #[expect(clippy::cast_possible_truncation, reason = "a remainder below PARTITIONS")]
        let partition = (self.0 % u32::from(PARTITIONS)) as u8;
        partition
    }
}

impl fmt::Display for InstanceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_spread_evenly_over_the_partitions() {
        let mut partitions = [0_u32; PARTITIONS as usize];
        (0..16_000).for_each(|i| partitions[usize::from(InstanceKey::new(&format!("instance-{i}")).partition())] += 1);
        assert!(partitions.iter().all(|n| (800..1200).contains(n)), "{partitions:?}");
    }

    #[test]
    fn a_key_never_changes_because_stored_sets_hold_it() {
        assert_eq!(InstanceKey::new("i-1").to_string(), "723080782");
    }
}
