//! Percentiles.

use std::time::Duration;

/// Percentiles by nearest rank: the *n*-th is the least latency that at least *n* percent of the attempts did not exceed. So
/// each is a latency that there was, and of a single attempt all three are its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Percentiles {
    /// Half took at most this.
    pub p50: Duration,
    /// All but one in twenty took at most this.
    pub p95: Duration,
    /// All but one in a hundred took at most this.
    pub p99: Duration,
}

impl Percentiles {
    /// `None` of none.
    pub fn of(mut latencies: Vec<Duration>) -> Option<Self> {
        latencies.sort_unstable();
        let percentile = |percent: usize| {
            let rank = (latencies.len() * percent).div_ceil(100);
            latencies.get(rank.checked_sub(1)?).copied()
        };
        Some(Self { p50: percentile(50)?, p95: percentile(95)?, p99: percentile(99)? })
    }
}
