//! Deliveries counted over time, for charts. Pure: what is counted was read before, and `now` is an argument.
//!
//! A delivery counts at the time at which its instance changed, with where it stands now; its latency is that of its last
//! attempt, whenever that was made.

mod latency;
mod range;

use std::time::Duration;

use jiff::Timestamp;

use crate::delivery::Status;
pub use latency::Latency;
pub use range::{InvalidRange, Range};

/// What is counted of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figure {
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
    pub latency: Option<Latency>,
}

impl Count {
    /// All of them.
    pub fn deliveries(&self) -> usize {
        self.delivered + self.failed + self.pending
    }

    fn of(figures: &[Figure]) -> Self {
        let count = |status| figures.iter().filter(|figure| figure.status == status).count();
        Self {
            delivered: count(Status::Delivered),
            failed: count(Status::Failed),
            pending: count(Status::Pending),
            latency: Latency::of(figures.iter().filter_map(|figure| figure.latency).collect()),
        }
    }
}

impl Statistics {
    /// Counts what lies within the range.
    pub fn of(range: &Range, mut figures: Vec<Figure>) -> Self {
        figures.retain(|figure| range.contains(figure.changed_at));
        figures.sort_unstable_by_key(|figure| figure.changed_at);
        let mut rest = &*figures;
        let mut bucket = |at: Timestamp, end: Timestamp| {
            let (within, later) = rest.split_at(rest.partition_point(|figure| figure.changed_at < end));
            rest = later;
            Bucket { at, count: Count::of(within) }
        };
        let buckets = range.buckets().map(|(at, end)| bucket(at, end)).collect();
        Self { total: Count::of(&figures), buckets }
    }
}

#[cfg(test)]
mod tests;
