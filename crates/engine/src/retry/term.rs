//! The times of a drain's lease: how long it is, when it is renewed, and what may still start under it. Pure.

use std::time::Duration;

use tokio::time::Instant;

/// Time for which attempts may start under a lease that is not renewed. It covers two renewals that fail.
const STARTS: Duration = Duration::from_secs(11);

/// Time after which a lease is renewed: a drain that ends before it writes no renewal.
const RENEW_AFTER: Duration = Duration::from_secs(5);

/// Pause after which a renewal that failed is tried again.
const RENEW_AGAIN: Duration = Duration::from_secs(1);

/// Time reserved for writing results after the last attempt has ended.
const WRITE_RESERVE: Duration = Duration::from_secs(4);

/// Margin by which a lease outlasts the writes under it, to allow for clock skew.
const LEASE_MARGIN: Duration = Duration::from_secs(5);

/// The times of a lease: 30 s with the default timeout of attempts, and never beyond what the drain's deadline needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Term {
    deadline: Instant,
    /// Time limit of an attempt.
    attempt: Duration,
    set_at: Instant,
    /// Time from `set_at` for which the lease covers writes.
    covers: Duration,
    /// Time of the next renewal. `None` once the lease lasts until the deadline.
    renew_at: Option<Instant>,
}

impl Term {
    /// Creates the times of a lease that is set at `now`, which is before the write.
    pub(super) fn new(now: Instant, deadline: Instant, attempt: Duration) -> Self {
        let left = deadline.saturating_duration_since(now);
        let covers = left.min(STARTS + attempt + WRITE_RESERVE);
        Self { deadline, attempt, set_at: now, covers, renew_at: (covers < left).then(|| now + RENEW_AFTER) }
    }

    /// Returns the times after a renewal at `now`.
    pub(super) fn renewed(self, now: Instant) -> Self {
        Self::new(now, self.deadline, self.attempt)
    }

    /// Returns the times after a renewal that failed at `now`.
    pub(super) fn failed(self, now: Instant) -> Self {
        Self { renew_at: Some(now + RENEW_AGAIN), ..self }
    }

    /// Returns the length of the lease as it is stored.
    pub(super) fn length(&self) -> Duration {
        self.covers + LEASE_MARGIN
    }

    /// Returns the latest time at which an attempt, or a page of a move, may start.
    pub(super) fn last_start(&self) -> Instant {
        self.set_at + self.covers.saturating_sub(self.attempt + WRITE_RESERVE)
    }

    /// Returns the deadline of writes.
    pub(super) fn write_until(&self) -> Instant {
        self.set_at + self.covers
    }

    /// Returns the time of the next renewal, if the lease needs one.
    pub(super) fn renew_at(&self) -> Option<Instant> {
        self.renew_at
    }

    /// Returns whether the lease is to be renewed now.
    pub(super) fn is_renewal_due(&self, now: Instant) -> bool {
        self.renew_at.is_some_and(|at| now >= at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(10);

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    const INSTANT: Duration = Duration::from_nanos(1);

    #[test]
    fn a_lease_of_a_long_drain_is_short_and_renewed() {
        let now = Instant::now();
        let term = Term::new(now, now + seconds(60), TIMEOUT);
        assert_eq!(term.length(), seconds(30));
        assert_eq!(term.write_until(), now + seconds(25), "the margin is for clocks");
        assert_eq!(term.last_start(), now + seconds(11), "an attempt and its write still fit");
        let due = [now + seconds(5) - INSTANT, now + seconds(5)].map(|at| term.is_renewal_due(at));
        assert_eq!(due, [false, true]);
        let renewed = term.renewed(now + seconds(6));
        assert_eq!(renewed.last_start(), now + seconds(17));
        assert_eq!(renewed.renew_at(), Some(now + seconds(11)));
    }

    #[test]
    fn a_failed_renewal_is_tried_again_and_extends_nothing() {
        let now = Instant::now();
        let term = Term::new(now, now + seconds(60), TIMEOUT);
        let failed = term.failed(now + seconds(5));
        assert_eq!((failed.last_start(), failed.write_until()), (term.last_start(), term.write_until()));
        let due = [now + seconds(6) - INSTANT, now + seconds(6)].map(|at| failed.is_renewal_due(at));
        assert_eq!(due, [false, true]);
    }

    #[test]
    fn a_lease_lasts_no_longer_than_its_drain_needs() {
        let now = Instant::now();
        let term = Term::new(now, now + seconds(25), TIMEOUT);
        assert_eq!((term.length(), term.renew_at()), (seconds(30), None), "it is enough for all of the drain");
        assert_eq!(term.last_start(), now + seconds(11));
        let longer = Term::new(now, now + seconds(25) + INSTANT, TIMEOUT);
        assert_eq!((longer.length(), longer.renew_at()), (seconds(30), Some(now + seconds(5))));
        let last = longer.renewed(now + seconds(5));
        assert_eq!((last.write_until(), last.renew_at()), (now + seconds(25) + INSTANT, None));
        let short = Term::new(now, now + seconds(14), TIMEOUT);
        assert_eq!((short.length(), short.last_start()), (seconds(19), now), "nothing starts any more");
        let late = Term::new(now, now - seconds(1), TIMEOUT);
        assert_eq!((late.length(), late.last_start()), (seconds(5), now));
    }

    #[test]
    fn a_lease_is_as_long_as_the_attempts_timeout_needs() {
        let now = Instant::now();
        let term = Term::new(now, now + seconds(600), seconds(60));
        assert_eq!((term.length(), term.last_start()), (seconds(80), now + seconds(11)));
    }
}
