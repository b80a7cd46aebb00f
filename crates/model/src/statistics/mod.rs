//! Statistics of deliveries over time. Pure: the samples are read before, and `now` is an argument.
//!
//! A delivery counts at the time of its instance's change, with its current status; its latency is that of its last
//! attempt, whenever that was made.

mod latency;
mod range;

use std::time::Duration;

use jiff::Timestamp;

use crate::delivery::Status;
pub use latency::Percentiles;
pub use range::{InvalidRange, Range};

/// A delivery, reduced to the values that are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Time of the instance's change.
    pub changed_at: Timestamp,
    /// Status of the delivery.
    pub status: Status,
    /// Latency of the last attempt; `None` before the first one.
    pub latency: Option<Duration>,
}

/// Statistics of a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statistics {
    /// Totals of the range.
    pub total: Count,
    /// Buckets, oldest first, without gaps.
    pub buckets: Vec<Bucket>,
}

/// A part of the range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Start of the bucket.
    pub at: Timestamp,
    /// Counts of the bucket.
    pub count: Count,
}

/// Number of deliveries by status, and their latencies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Deliveries acknowledged with 2xx.
    pub delivered: usize,
    /// Deliveries that failed for good.
    pub failed: usize,
    /// Deliveries that are pending.
    pub pending: usize,
    /// Deliveries that a later one of the instance superseded.
    pub superseded: usize,
    /// Latencies of attempted deliveries; `None` without any.
    pub latency: Option<Percentiles>,
}

impl Count {
    /// Returns the number of all deliveries.
    pub fn deliveries(&self) -> usize {
        self.delivered + self.failed + self.pending + self.superseded
    }

    fn of(samples: &[Sample]) -> Self {
        let count = |status| samples.iter().filter(|sample| sample.status == status).count();
        Self {
            delivered: count(Status::Delivered),
            failed: count(Status::Failed),
            pending: count(Status::Pending),
            superseded: count(Status::Superseded),
            latency: Percentiles::of(samples.iter().filter_map(|sample| sample.latency).collect()),
        }
    }
}

impl Statistics {
    /// Counts the samples within the range.
    pub fn of(range: &Range, mut samples: Vec<Sample>) -> Self {
        samples.retain(|sample| range.contains(sample.changed_at));
        samples.sort_unstable_by_key(|sample| sample.changed_at);
        let mut rest = &*samples;
        let mut bucket = |at: Timestamp, end: Timestamp| {
            let (within, later) = rest.split_at(rest.partition_point(|sample| sample.changed_at < end));
            rest = later;
            Bucket { at, count: Count::of(within) }
        };
        let buckets = range.buckets().map(|(at, end)| bucket(at, end)).collect();
        Self { total: Count::of(&samples), buckets }
    }
}

#[cfg(test)]
mod tests;
