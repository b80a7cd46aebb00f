//! Number of concurrent attempts that fit into a function's memory, whatever receivers return. Pure.

/// Maximum number of concurrent attempts where memory does not limit them.
///
/// A Lambda environment has 1,024 descriptors (AWS quota), and an attempt needs one, or two for a moment.
pub(super) const MOST: usize = 512;

/// Maximum memory that a receiver can make a connection use, in KiB: 408 for an endless head of an HTTP/1 response, and
/// its surroundings.
const CONNECTION_KIB: usize = 448;

/// Memory of the function with a large batch and no hostile receiver, in KiB: 23 MB with 1,000 × 3 deliveries (`make
/// bench`).
const BASE_KIB: usize = 32 << 10;

/// Returns the number of attempts that fit into three quarters of the function's memory, given in MiB.
pub(super) fn attempts(memory_mib: usize) -> usize {
    let usable_kib = memory_mib.saturating_mul(1024 / 4 * 3);
    (usable_kib.saturating_sub(BASE_KIB) / CONNECTION_KIB).clamp(1, MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_follow_the_memory_up_to_what_descriptors_allow() {
        let sizes = [0, 128, 256, 512, 768, 10_240, usize::MAX];
        assert_eq!(sizes.map(attempts), [1, 146, 365, 512, 512, 512, 512]);
    }
}
