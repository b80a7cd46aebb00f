//! How many attempts a function's memory has room for, whatever receivers answer. Pure.

/// Attempts at a time where memory does not bound them. A Lambda environment has 1,024 descriptors (AWS quota), and an attempt needs
/// one, two for a moment.
pub(super) const MOST: usize = 512;

/// The most that a receiver can have a connection hold, in KiB: 408 of an HTTP/1 response's head that does not end, and what is
/// around it.
const CONNECTION_KIB: usize = 448;

/// What the function takes with a large batch and no hostile receiver, in KiB: 23 MB with 1,000 × 3 deliveries (`make bench`).
const BASE_KIB: usize = 32 << 10;

/// As many attempts as half of the function's memory, given in MiB, has room for.
pub(super) fn attempts(memory_mib: usize) -> usize {
    let half_kib = memory_mib.saturating_mul(1024 / 2);
    (half_kib.saturating_sub(BASE_KIB) / CONNECTION_KIB).clamp(1, MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_follow_the_memory_up_to_what_descriptors_allow() {
        let sizes = [0, 128, 256, 512, 768, 10_240, usize::MAX];
        assert_eq!(sizes.map(attempts), [1, 73, 219, 512, 512, 512, 512]);
    }
}
