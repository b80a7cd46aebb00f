//! Percentiles of latencies.

use std::time::Duration;

/// Percentiles by nearest rank: the *n*-th is the smallest latency that at least *n* percent of the attempts did not
/// exceed.
///
/// Therefore each is the latency of an attempt, and with a single attempt all three are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Percentiles {
    /// Median.
    pub p50: Duration,
    /// 95th percentile.
    pub p95: Duration,
    /// 99th percentile.
    pub p99: Duration,
}

impl Percentiles {
    /// Returns the percentiles; `None` without latencies.
    pub fn of(mut latencies: Vec<Duration>) -> Option<Self> {
        latencies.sort_unstable();
        let percentile = |percent: usize| {
            let rank = (latencies.len() * percent).div_ceil(100);
            latencies.get(rank.checked_sub(1)?).copied()
        };
        Some(Self { p50: percentile(50)?, p95: percentile(95)?, p99: percentile(99)? })
    }
}
