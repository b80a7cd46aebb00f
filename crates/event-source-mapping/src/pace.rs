//! The polling interval of a stream without notifications of writes.

use std::time::Duration;

/// Shortest polling interval, used shortly after a record: the longest time until the next record is read.
const SHORTEST: Duration = Duration::from_millis(2);
/// Time after a record during which the shortest interval applies.
const ALERT: Duration = Duration::from_secs(1);
/// "Lambda polls shards in your DynamoDB stream for records at a base rate of 4 times per second."
const LONGEST: Duration = Duration::from_millis(250);

/// Returns the delay before the next poll of a stream that has had no record for `quiet`.
pub(super) fn pause(quiet: Duration) -> Duration {
    if quiet < ALERT {
        return SHORTEST;
    }
    (quiet / 100).clamp(SHORTEST, LONGEST)
}

#[cfg(test)]
mod tests {
    use super::pause;
    use std::time::Duration;

    #[test]
    fn a_busy_stream_is_asked_often_and_a_quiet_one_four_times_a_second() {
        let pauses =
            [0, 999, 1_000, 5_000, 25_000, 3_600_000].map(|quiet| pause(Duration::from_millis(quiet)).as_millis());
        assert_eq!(pauses, [2, 2, 10, 50, 250, 250]);
    }
}
