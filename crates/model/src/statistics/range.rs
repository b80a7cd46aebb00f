//! From when until when is counted, and in which steps.

use jiff::Timestamp;

/// The widths of buckets, in seconds: each divides a day, and none is more than twice the one before, so that a range of half
/// an hour or more has 30 to 60 of them.
const WIDTHS: [i64; 10] = [60, 120, 180, 300, 600, 900, 1_800, 3_600, 7_200, 10_800];

/// The most buckets; one more where the range begins within one.
const MAX_BUCKETS: i64 = 60;

const HOUR_MS: i64 = 60 * 60 * 1_000;

/// The longest range: as many of the widest buckets as there may be would be half a day more.
const MAX_RANGE_MS: i64 = 7 * 24 * HOUR_MS;

/// From when until when, to the millisecond, as instances change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    since_ms: i64,
    until_ms: i64,
    width_ms: i64,
}

/// Why two times are no range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRange {
    /// Nothing lies between them.
    #[error("it has to be before until, which is now if it is left out")]
    Empty,
    /// More than is counted at a time.
    #[error("from there to until, which is now if it is left out, it is more than 7 days: ask for them in parts")]
    TooLong,
}

impl Range {
    /// From `since` (an hour before its end if it is left out) until just before `until` (`now` if it is left out).
    ///
    /// # Errors
    /// When nothing lies between, or more than 7 days.
    pub fn new(since: Option<Timestamp>, until: Option<Timestamp>, now: Timestamp) -> Result<Self, InvalidRange> {
        let until_ms = until.unwrap_or(now).as_millisecond();
        let since_ms = since.map_or(until_ms.saturating_sub(HOUR_MS), Timestamp::as_millisecond);
        let length = until_ms.saturating_sub(since_ms);
        match length {
            ..=0 => return Err(InvalidRange::Empty),
            1..=MAX_RANGE_MS => {}
            _ => return Err(InvalidRange::TooLong),
        }
        let fits = |width: &i64| length <= MAX_BUCKETS * width * 1_000;
        let width = WIDTHS.into_iter().find(fits).unwrap_or(WIDTHS[WIDTHS.len() - 1]);
        Ok(Self { since_ms, until_ms, width_ms: width * 1_000 })
    }

    /// The same from a later time on, in buckets as wide as before. An earlier one changes nothing.
    #[must_use]
    pub fn from(self, since: Timestamp) -> Self {
        Self { since_ms: since.as_millisecond().clamp(self.since_ms, self.until_ms), ..self }
    }

    /// Its beginning.
    pub fn since(&self) -> Timestamp {
        timestamp(self.since_ms)
    }

    /// The first moment after it.
    pub fn until(&self) -> Timestamp {
        timestamp(self.until_ms)
    }

    /// How wide a bucket is, in seconds.
    pub fn bucket_seconds(&self) -> i64 {
        self.width_ms / 1_000
    }

    pub(super) fn contains(&self, time: Timestamp) -> bool {
        (self.since_ms..self.until_ms).contains(&time.as_millisecond())
    }

    /// Where each bucket begins and ends, the oldest first. They begin at multiples of their width since 1970, and so at
    /// whole minutes, hours and so on of UTC: the first and the last may reach beyond the range.
    pub(super) fn buckets(self) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        let first = self.since_ms.div_euclid(self.width_ms) * self.width_ms;
        let starts = std::iter::successors(Some(first), move |at| Some(at + self.width_ms));
        starts.take_while(move |at| *at < self.until_ms).map(move |at| (timestamp(at), timestamp(at + self.width_ms)))
    }
}

/// Beyond what a timestamp can be it is the first or last one: a bucket may begin before the earliest.
fn timestamp(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(if ms < 0 { Timestamp::MIN } else { Timestamp::MAX })
}
