//! The next step of a delivery after an attempt. Pure.

use std::time::Duration;

use jiff::Timestamp;

use webhooks_model::attempt::Attempts;
use webhooks_model::delivery::GiveUpReason;
use webhooks_model::endpoint::{AttemptOutcome, HealthSettings};

/// Settings of retries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetrySchedule {
    /// `INLINE_RETRY_MS` (default 200): pause between the first miss and the inline retry.
    pub inline_retry_delay: Duration,
    /// `RETRY_DELAY_MS` (default 1,000): pause after the second miss, and between the attempts of a rejected delivery.
    pub retry_delay: Duration,
    /// Number of rejections of a delivery after which it is deferred.
    pub inline_attempts: usize,
    /// `DEFERRED_EXPIRY_S` (default a day): time after which a delivery fails that a healthy endpoint does not
    /// acknowledge.
    pub deferred_expiry: Duration,
}

impl Default for RetrySchedule {
    fn default() -> Self {
        Self {
            inline_retry_delay: Duration::from_millis(200),
            retry_delay: Duration::from_secs(1),
            inline_attempts: 3,
            deferred_expiry: Duration::from_secs(24 * 60 * 60),
        }
    }
}

/// Next step of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextStep {
    /// The delivery is acknowledged.
    Delivered,
    /// Retry after this pause. The instance is held until then.
    Retry(Duration),
    /// Defer: retry on its own after this pause, while its instance continues.
    Defer(Duration),
    /// The delivery has failed for good.
    Fail(GiveUpReason),
    /// Wait for the endpoint, which has acknowledged nothing since the first attempt of the delivery.
    AwaitEndpoint {
        /// Time of the first attempt.
        since: Timestamp,
    },
}

/// Circumstances of the decision.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The time.
    pub now: Timestamp,
    /// Random number from 0 to 1.
    pub jitter: f64,
    /// Time of the endpoint's last acknowledgement.
    pub last_success_at: Option<Timestamp>,
}

impl RetrySchedule {
    /// Returns the next step after the last of these attempts. `deferred` says whether the delivery was deferred
    /// before.
    pub fn next_step(&self, attempts: &Attempts, deferred: bool, health: &HealthSettings, moment: Moment) -> NextStep {
        let (Some(first), Some(last)) = (attempts.first(), attempts.last()) else {
            return NextStep::Retry(Duration::ZERO);
        };
        let outcome = AttemptOutcome::from(last);
        if outcome == AttemptOutcome::Acknowledged {
            return NextStep::Delivered;
        }
        let tried_for = Duration::try_from(moment.now.duration_since(first.at)).unwrap_or_default();
        let step = |from: usize| health.delay(attempts.count().saturating_sub(from), moment.jitter);
        let rejected = outcome == AttemptOutcome::Rejected;
        if tried_for >= self.deferred_expiry {
            let works = rejected || deferred || moment.last_success_at.is_some_and(|at| at > first.at);
            return if works {
                NextStep::Fail(GiveUpReason::Rejected)
            } else {
                NextStep::AwaitEndpoint { since: first.at }
            };
        }
        if deferred {
            return NextStep::Defer(step(self.inline_attempts));
        }
        if rejected {
            let rejections =
                attempts.kept().iter().filter(|it| AttemptOutcome::from(*it) == AttemptOutcome::Rejected).count();
            return if rejections < self.inline_attempts {
                NextStep::Retry(self.retry_delay)
            } else {
                NextStep::Defer(step(self.inline_attempts))
            };
        }
        NextStep::Retry(match attempts.count() {
            // From three to five quarters, so that deliveries that failed together are not retried together.
            1 => self.inline_retry_delay.mul_f64(0.75 + moment.jitter.clamp(0.0, 1.0) / 2.0),
            2 => self.retry_delay,
            _ => step(3),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use webhooks_model::attempt::{Attempt, Failure, Reason};

    fn attempt(second: i64, status: u16) -> Attempt {
        let failure = Failure { reason: Reason::Status, detail: String::new() };
        Attempt {
            at: Timestamp::from_second(second).unwrap(),
            status: Some(status),
            latency: Duration::ZERO,
            failure: (status != 200).then_some(failure),
            retry_after: None,
            body: String::new(),
            headers: String::new(),
        }
    }

    fn at(second: i64) -> Moment {
        Moment { now: Timestamp::from_second(second).unwrap(), jitter: 0.0, last_success_at: None }
    }

    fn next(statuses: &[u16], deferred: bool, moment: Moment) -> NextStep {
        let attempts: Attempts = statuses.iter().map(|status| attempt(0, *status)).collect();
        RetrySchedule::default().next_step(&attempts, deferred, &HealthSettings::default(), moment)
    }

    fn retry_ms(ms: u64) -> NextStep {
        NextStep::Retry(Duration::from_millis(ms))
    }

    #[test]
    fn a_miss_is_retried_right_away_and_then_on_its_own_schedule() {
        let missed = |times| next(&vec![503; times], false, at(1));
        assert_eq!((1..=5).map(missed).collect::<Vec<_>>(), [150, 1_000, 5_000, 30_000, 120_000].map(retry_ms));
        assert_eq!(next(&[503], false, Moment { jitter: 1.0, ..at(1) }), retry_ms(250));
        assert_eq!(next(&[503, 503, 200], false, at(1)), NextStep::Delivered);
    }

    #[test]
    fn a_rejection_is_tried_three_times_in_place_and_then_deferred() {
        let rejected = |times| next(&vec![422; times], false, at(1));
        assert_eq!((1..=2).map(rejected).collect::<Vec<_>>(), [retry_ms(1_000); 2]);
        assert_eq!(rejected(3), NextStep::Defer(Duration::from_secs(5)));
        assert_eq!(next(&[503, 422, 503, 422], false, at(1)), retry_ms(1_000), "a miss is no rejection");
        assert_eq!(next(&[422; 4], true, at(1)), NextStep::Defer(Duration::from_secs(30)));
        assert_eq!(next(&[422, 422, 422, 503], true, at(1)), NextStep::Defer(Duration::from_secs(30)));
    }

    #[test]
    fn a_delivery_fails_after_a_day_only_if_its_endpoint_works() {
        let day = at(24 * 60 * 60);
        let works = Moment { last_success_at: Some(Timestamp::from_second(60).unwrap()), ..day };
        assert_eq!(next(&[422], false, day), NextStep::Fail(GiveUpReason::Rejected));
        assert_eq!(
            next(&[503], true, day),
            NextStep::Fail(GiveUpReason::Rejected),
            "it was deferred by a working endpoint"
        );
        assert_eq!(next(&[503; 9], false, works), NextStep::Fail(GiveUpReason::Rejected));
        let since = Timestamp::UNIX_EPOCH;
        assert_eq!(next(&[503; 9], false, day), NextStep::AwaitEndpoint { since });
        let before = Moment { last_success_at: Some(since), ..day };
        assert_eq!(next(&[503; 9], false, before), NextStep::AwaitEndpoint { since }, "it worked before, not since");
    }
}
