//! The time range of statistics, and its division into buckets.

use jiff::Timestamp;

/// Widths of buckets, in seconds: each divides a day, and none is more than twice the previous one.
///
/// Therefore a range of half an hour or more has 30 to 61 buckets.
const WIDTHS: [i64; 10] = [60, 120, 180, 300, 600, 900, 1_800, 3_600, 7_200, 10_800];

/// Maximum number of buckets: 60, and one more for a range that starts within a bucket, or whose start is rounded and has
/// not moved on yet when its end comes to the next bucket. A chart that is read again and again keeps its width then.
const MAX_BUCKETS: i64 = 61;

const HOUR_MS: i64 = 60 * 60 * 1_000;

/// Maximum length of a range, in milliseconds. The maximum number of the widest buckets would be half a day more.
const MAX_RANGE_MS: i64 = 7 * 24 * HOUR_MS;

/// A time range in milliseconds, the resolution of instances' changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    since_ms: i64,
    until_ms: i64,
    width_ms: i64,
}

/// Reason why two times are not a valid range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRange {
    /// The range is empty.
    #[error("it has to be before until (default: now)")]
    Empty,
    /// The range is too long.
    #[error("it is more than 7 days before until (default: now): request the range in parts")]
    TooLong,
}

impl Range {
    /// Creates the range from `since` (default: an hour before its end), inclusive, to `until` (default: `now`),
    /// exclusive.
    ///
    /// # Errors
    /// [`InvalidRange::Empty`], or [`InvalidRange::TooLong`] for more than 7 days.
    pub fn new(since: Option<Timestamp>, until: Option<Timestamp>, now: Timestamp) -> Result<Self, InvalidRange> {
        let until_ms = until.unwrap_or(now).as_millisecond();
        let since_ms = since.map_or(until_ms.saturating_sub(HOUR_MS), Timestamp::as_millisecond);
        let length = until_ms.saturating_sub(since_ms);
        match length {
            ..=0 => return Err(InvalidRange::Empty),
            1..=MAX_RANGE_MS => {}
            _ => return Err(InvalidRange::TooLong),
        }
        let number_of = |at: i64, width: i64| at.div_euclid(width * 1_000);
        let fits = |width: &i64| number_of(until_ms - 1, *width) - number_of(since_ms, *width) < MAX_BUCKETS;
        let width = WIDTHS.into_iter().find(fits).unwrap_or(WIDTHS[WIDTHS.len() - 1]);
        Ok(Self { since_ms, until_ms, width_ms: width * 1_000 })
    }

    /// Returns the range from a later start, with the same width of buckets. An earlier start changes nothing.
    #[must_use]
    pub fn from(self, since: Timestamp) -> Self {
        Self { since_ms: since.as_millisecond().clamp(self.since_ms, self.until_ms), ..self }
    }

    /// Returns the start, inclusive.
    pub fn since(&self) -> Timestamp {
        timestamp(self.since_ms)
    }

    /// Returns the end, exclusive.
    pub fn until(&self) -> Timestamp {
        timestamp(self.until_ms)
    }

    /// Returns the width of a bucket, in seconds.
    pub fn bucket_seconds(&self) -> i64 {
        self.width_ms / 1_000
    }

    pub(super) fn contains(&self, time: Timestamp) -> bool {
        (self.since_ms..self.until_ms).contains(&time.as_millisecond())
    }

    /// Returns start and end of each bucket, oldest first.
    ///
    /// They start at multiples of their width since 1970, and therefore at whole minutes, hours and so on of UTC. The
    /// first and the last may extend beyond the range.
    pub(super) fn buckets(self) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        let first = self.since_ms.div_euclid(self.width_ms) * self.width_ms;
        let starts = std::iter::successors(Some(first), move |at| Some(at + self.width_ms));
        starts.take_while(move |at| *at < self.until_ms).map(move |at| (timestamp(at), timestamp(at + self.width_ms)))
    }
}

/// Converts a time. One out of range becomes the first or the last timestamp: a bucket may start before the first.
fn timestamp(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(if ms < 0 { Timestamp::MIN } else { Timestamp::MAX })
}
