//! Endpoint health: a state machine driven by the outcomes of attempts and by time. Pure.
//!
//! One delivery that is not acknowledged says little about its endpoint. Several different ones in a row, with no
//! acknowledgement between them, indicate that it is down. Backoff then belongs to the endpoint, not to the delivery:
//! however many are pending, a failing endpoint receives one probe per backoff step.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::attempt::{Attempt, Reason};

/// Thresholds of failing and disabled endpoints, and the backoff between probes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthSettings {
    /// `BACKOFF_STEPS_S`: pauses between probes: the first, the second, …; the last one repeats.
    pub steps: Vec<Duration>,
    /// Maximum honoured `Retry-After`.
    pub max_retry_after: Duration,
    /// Number of different deliveries missed in a row, without an acknowledgement between them, after which it is
    /// failing.
    pub misses_to_fail: u32,
    /// Number of different deliveries rejected in a row, without an acknowledgement between them, after which it is
    /// failing.
    pub rejections_to_fail: u32,
    /// `DISABLE_WARNING_AFTER_S`: time without an acknowledgement after which the operator is warned.
    pub disable_warning_after: Duration,
    /// `DISABLE_AFTER_S`: time without an acknowledgement after which the endpoint is disabled.
    pub disable_after: Duration,
}

const fn minutes(n: u64) -> Duration {
    Duration::from_secs(60 * n)
}

const fn days(n: u64) -> Duration {
    minutes(24 * 60 * n)
}

impl Default for HealthSettings {
    fn default() -> Self {
        let steps = [Duration::from_secs(5), Duration::from_secs(30), minutes(2), minutes(10), minutes(30)];
        Self {
            steps: steps.into_iter().chain([minutes(60), minutes(120), minutes(240)]).collect(),
            max_retry_after: minutes(60),
            misses_to_fail: 5,
            rejections_to_fail: 10,
            disable_warning_after: days(4),
            disable_after: days(5),
        }
    }
}

impl HealthSettings {
    /// Returns the pause after the `step`-th failed probe, from 0. `jitter`, from 0 to 1, adds up to a tenth.
    ///
    /// The jitter spreads the probes of endpoints that failed at the same time.
    pub fn delay(&self, step: usize, jitter: f64) -> Duration {
        let last = self.steps.last().copied().unwrap_or(minutes(240));
        self.steps.get(step).copied().unwrap_or(last).mul_f64(1.0 + jitter.clamp(0.0, 1.0) / 10.0)
    }
}

/// Health of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// Events are delivered as they occur.
    Healthy {
        /// Number of different deliveries missed since the last acknowledgement.
        misses: u32,
        /// Number of different deliveries rejected since the last acknowledgement.
        rejections: u32,
    },
    /// The endpoint receives only one probe per backoff step.
    Failing {
        /// Time since which nothing was acknowledged.
        since: Timestamp,
        /// Number of failed probes.
        failed_probes: usize,
        /// Time of the next probe.
        probe_at: Timestamp,
        /// Whether the warning before disabling is due.
        warned: bool,
    },
    /// The endpoint is not called until an administrator resumes it.
    Disabled {
        /// Time at which it was disabled.
        since: Timestamp,
        /// Reason.
        reason: DisabledReason,
    },
}

impl Default for Health {
    fn default() -> Self {
        Self::Healthy { misses: 0, rejections: 0 }
    }
}

/// Reason why an endpoint is disabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DisabledReason {
    /// The endpoint responded 410 Gone.
    Gone,
    /// There was no acknowledgement for [`HealthSettings::disable_after`].
    FailingTooLong,
}

impl DisabledReason {
    /// Returns the name in tables, events and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::FailingTooLong => "failing-too-long",
        }
    }
}

/// Outcome of an attempt, as evidence about its endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// A 2xx response.
    Acknowledged,
    /// A response with another status below 500: the endpoint is reachable, and rejects this delivery.
    Rejected,
    /// No response, or a 5xx.
    Missed,
    /// A 429, or a 503 with `Retry-After`, and the requested pause, if any.
    Throttled(Option<Duration>),
    /// A 410 response.
    Gone,
}

impl From<&Attempt> for AttemptOutcome {
    fn from(attempt: &Attempt) -> Self {
        match (&attempt.failure, attempt.status, attempt.retry_after) {
            (None, ..) => Self::Acknowledged,
            (Some(_), Some(410), _) => Self::Gone,
            (Some(_), Some(429), asked) => Self::Throttled(asked),
            (Some(_), Some(503), Some(asked)) => Self::Throttled(Some(asked)),
            (Some(_), Some(500..), _) => Self::Missed,
            (Some(failure), ..) => match failure.reason {
                Reason::Status | Reason::Redirect => Self::Rejected,
                _ => Self::Missed,
            },
        }
    }
}

/// Position of an attempt among those of its delivery.
///
/// Only the first one is evidence: a delivery that is retried says no more about its endpoint than its first attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Try {
    /// The first attempt.
    First,
    /// A later attempt.
    Again,
}

impl Health {
    /// Returns the state after an attempt.
    #[must_use]
    pub fn on_attempt(
        self,
        outcome: AttemptOutcome,
        which: Try,
        now: Timestamp,
        jitter: f64,
        settings: &HealthSettings,
    ) -> Self {
        match (self, outcome) {
            (_, AttemptOutcome::Acknowledged) => Self::default(),
            (Self::Disabled { .. }, _) => self,
            (_, AttemptOutcome::Gone) => Self::Disabled { since: now, reason: DisabledReason::Gone },
            (Self::Healthy { misses, rejections }, outcome) => {
                let first = u32::from(which == Try::First);
                let (misses, rejections) = match outcome {
                    AttemptOutcome::Rejected => (misses, rejections + first),
                    _ => (misses + first, rejections),
                };
                let counted = Self::Healthy { misses, rejections };
                let asked = matches!(outcome, AttemptOutcome::Throttled(Some(_)));
                if asked || counted.is_too_much(settings) {
                    Self::failing(now, now + probe_delay(0, outcome, jitter, settings))
                } else {
                    counted
                }
            }
            (Self::Failing { since, failed_probes, warned, .. }, outcome) => {
                let failing_for = Duration::try_from(now.duration_since(since)).unwrap_or_default();
                if failing_for >= settings.disable_after {
                    return Self::Disabled { since: now, reason: DisabledReason::FailingTooLong };
                }
                let warned = warned || failing_for >= settings.disable_warning_after;
                let probe_at = now + probe_delay(failed_probes + 1, outcome, jitter, settings);
                Self::Failing { since, failed_probes: failed_probes + 1, probe_at, warned }
            }
        }
    }

    /// Adds concurrent evidence: the record had `known`, and has `recorded` now. It counts only if both are healthy.
    #[must_use]
    pub fn with_evidence(
        self,
        (known, recorded): (Self, Self),
        now: Timestamp,
        jitter: f64,
        settings: &HealthSettings,
    ) -> Self {
        let (
            Self::Healthy { misses, rejections },
            Self::Healthy { misses: misses_before, rejections: rejections_before },
            Self::Healthy { misses: misses_after, rejections: rejections_after },
        ) = (self, known, recorded)
        else {
            return self;
        };
        let counted = Self::Healthy {
            misses: misses + misses_after.saturating_sub(misses_before),
            rejections: rejections + rejections_after.saturating_sub(rejections_before),
        };
        if counted.is_too_much(settings) { Self::failing(now, now + settings.delay(0, jitter)) } else { counted }
    }

    /// Returns whether the counts of a healthy endpoint reach the threshold of failing.
    fn is_too_much(self, settings: &HealthSettings) -> bool {
        matches!(self, Self::Healthy { misses, rejections }
            if misses >= settings.misses_to_fail || rejections >= settings.rejections_to_fail)
    }

    /// Returns the state of an endpoint that starts failing.
    pub fn failing(since: Timestamp, probe_at: Timestamp) -> Self {
        Self::Failing { since, failed_probes: 0, probe_at, warned: false }
    }

    /// Returns whether an attempt is due at that time: the endpoint is healthy, or its first probe is due.
    pub fn is_tried_at(self, now: Timestamp) -> bool {
        match self {
            Self::Healthy { .. } => true,
            Self::Failing { failed_probes, probe_at, .. } => failed_probes == 0 && probe_at <= now,
            Self::Disabled { .. } => false,
        }
    }

    /// Returns the state after an administrator resumed the endpoint.
    ///
    /// A failing endpoint stays failing, since the same time; it is probed at once, from the first step. A disabled one
    /// starts with the full time again.
    #[must_use]
    pub fn resumed(self, now: Timestamp) -> Self {
        match self {
            Self::Healthy { .. } => self,
            Self::Failing { since, warned, .. } => Self::Failing { since, failed_probes: 0, probe_at: now, warned },
            Self::Disabled { .. } => Self::failing(now, now),
        }
    }
}

/// Returns the own delay, or the requested one if that is longer and within bounds.
fn probe_delay(step: usize, outcome: AttemptOutcome, jitter: f64, settings: &HealthSettings) -> Duration {
    let own = settings.delay(step, jitter);
    match outcome {
        AttemptOutcome::Throttled(Some(asked)) => own.max(asked.min(settings.max_retry_after)),
        _ => own,
    }
}

#[cfg(test)]
mod tests;
