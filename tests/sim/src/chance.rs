//! Chance, of which each part of a run has a stream of its own: taking one part away changes nothing for the others.

use fastrand::Rng;

/// The stream of this name.
pub(crate) fn stream(seed: u64, name: &str) -> Rng {
    Rng::with_seed(hash(name.as_bytes()) ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

/// FNV-1a: the same on every machine.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Whether something happens that does so to `rate` of a thousand.
pub(crate) fn happens(rng: &mut Rng, rate: u16) -> bool {
    // Drawn in any case, so that a rate of 0 leaves the rest of the stream as it is.
    rng.u16(0..1_000) < rate
}
