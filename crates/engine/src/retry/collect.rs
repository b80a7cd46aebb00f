//! When a drain writes the results of its attempts: together, where it stays awake anyway. Pure.

use std::time::Duration;

use tokio::time::Instant;

/// Longest time for which results are collected. A drain that dies meanwhile repeats the attempts, as it does those in flight.
const COLLECT: Duration = Duration::from_millis(500);

/// Number of results that are written at once: as many as one request has room for.
const ENOUGH: usize = 25;

/// The results that are not written yet.
#[derive(Debug, Default)]
pub(super) struct Collected {
    /// Time of the first of them.
    since: Option<Instant>,
}

impl Collected {
    /// Returns when so many results are to be written; `None` without any. It is asked after each one.
    pub(super) fn due(&mut self, results: usize, may_wait: bool, now: Instant) -> Option<Instant> {
        if results == 0 {
            return None;
        }
        let since = *self.since.get_or_insert(now);
        Some(if may_wait && results < ENOUGH { since + COLLECT } else { since })
    }

    /// Begins again, once they are taken.
    pub(super) fn taken(&mut self) {
        self.since = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_that_may_wait_are_written_together() {
        let (mut collected, begun) = (Collected::default(), Instant::now());
        let at = |milliseconds| begun + Duration::from_millis(milliseconds);
        assert_eq!(collected.due(0, true, at(0)), None);
        assert_eq!(collected.due(1, true, at(10)), Some(at(510)));
        assert_eq!(collected.due(24, true, at(200)), Some(at(510)), "since the first one");
        assert_eq!(collected.due(25, true, at(300)), Some(at(10)), "now: they fill a request");
        assert_eq!(collected.due(24, false, at(300)), Some(at(10)), "now: something waits for them");
        collected.taken();
        assert_eq!(collected.due(0, true, at(400)), None);
        assert_eq!(collected.due(1, true, at(600)), Some(at(1_100)), "and the next ones by themselves");
    }
}
