//! Deliveries counted over time, for charts. Pure: what is counted was read before, and `now` is an argument.
//!
//! A delivery counts at the time at which its instance changed, with where it stands now; its latency is that of its last
//! attempt, whenever that was made.

mod latency;
mod range;

use std::time::Duration;

use jiff::Timestamp;

use crate::delivery::Status;
pub use latency::Percentiles;
pub use range::{InvalidRange, Range};

/// What is counted of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// When the instance changed.
    pub changed_at: Timestamp,
    /// Where the delivery stands.
    pub status: Status,
    /// Of the last attempt; `None` before the first one.
    pub latency: Option<Duration>,
}

/// A range, counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statistics {
    /// All of it.
    pub total: Count,
    /// Its parts, the oldest first, without a gap.
    pub buckets: Vec<Bucket>,
}

/// A part of the range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// When it begins.
    pub at: Timestamp,
    /// What changed in it.
    pub count: Count,
}

/// How many deliveries there are, and how long they took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Answered with 2xx.
    pub delivered: usize,
    /// Given up.
    pub failed: usize,
    /// Still to be delivered.
    pub pending: usize,
    /// Of those that were attempted; `None` when none was.
    pub latency: Option<Percentiles>,
}

impl Count {
    /// All of them.
    pub fn deliveries(&self) -> usize {
        self.delivered + self.failed + self.pending
    }

    fn of(samples: &[Sample]) -> Self {
        let count = |status| samples.iter().filter(|sample| sample.status == status).count();
        Self {
            delivered: count(Status::Delivered),
            failed: count(Status::Failed),
            pending: count(Status::Pending),
            latency: Percentiles::of(samples.iter().filter_map(|sample| sample.latency).collect()),
        }
    }
}

impl Statistics {
    /// Counts what lies within the range.
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
