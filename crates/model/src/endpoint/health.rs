//! An endpoint's health: a state machine of what attempts came to, and the time. Pure.
//!
//! One delivery that is not acknowledged says little about its endpoint. Several different ones in a row, with no
//! acknowledgement between them, say that it is down. Backoff then belongs to the endpoint, not to the delivery: however
//! many are pending, a failing endpoint costs one probe a step.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::delivery::{Attempt, Reason};

/// When an endpoint is failing, how often it is then probed, and when it is disabled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthSettings {
    /// `BACKOFF_STEPS_S`: pauses between one probe and the next: the first, the second, …; the last one stays.
    pub steps: Vec<Duration>,
    /// Bound up to which `Retry-After` is honoured.
    pub max_retry_after: Duration,
    /// Different deliveries missed in a row, and none acknowledged between them, that make it failing.
    pub misses_to_fail: u32,
    /// Different deliveries rejected in a row, and none acknowledged between them, that make it failing.
    pub rejections_to_fail: u32,
    /// `DISABLE_WARNING_AFTER_S`: time of nothing but failures after which its operator is warned.
    pub disable_warning_after: Duration,
    /// `DISABLE_AFTER_S`: time of nothing but failures after which it is disabled.
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
    /// Returns the pause after failing for the `step`-th time, from 0. `jitter`, from 0 to 1, adds up to a tenth, so that
    /// endpoints that failed together are not probed together.
    pub fn delay(&self, step: usize, jitter: f64) -> Duration {
        let last = self.steps.last().copied().unwrap_or(minutes(240));
        self.steps.get(step).copied().unwrap_or(last).mul_f64(1.0 + jitter.clamp(0.0, 1.0) / 10.0)
    }
}

/// The states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It is called as events come.
    Healthy {
        /// Different deliveries missed since the last acknowledgement.
        misses: u32,
        /// Different deliveries rejected since the last acknowledgement.
        rejections: u32,
    },
    /// It is left alone but for a probe a step.
    Failing {
        /// Time since which nothing was acknowledged.
        since: Timestamp,
        /// Number of probes that failed.
        step: usize,
        /// Time of the next probe.
        probe_at: Timestamp,
        /// Whether it is about to be disabled.
        warned: bool,
    },
    /// It is not called until an administrator resumes it.
    Disabled {
        /// Time since which it is disabled.
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

/// Why an endpoint is disabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DisabledReason {
    /// It answered 410 Gone.
    Gone,
    /// No acknowledgement for [`HealthSettings::disable_after`].
    FailingTooLong,
}

impl DisabledReason {
    /// The name in tables, events and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::FailingTooLong => "failing-too-long",
        }
    }
}

/// What an attempt says about its endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// A 2xx.
    Acknowledged,
    /// Another status below 500: the endpoint works, and does not want this delivery.
    Rejected,
    /// No response, or a 5xx.
    Missed,
    /// A 429, or a 503 with `Retry-After`: the pause that it asks for, if it does.
    Throttled(Option<Duration>),
    /// A 410.
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

/// Whether an attempt is the first one of its delivery. Only that is evidence: one delivery that is retried again and
/// again says no more about its endpoint than it did the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Try {
    /// The first attempt.
    First,
    /// A later one.
    Again,
}

impl Health {
    /// The state after an attempt.
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
            (Self::Failing { since, step, warned, .. }, outcome) => {
                let failing_for = Duration::try_from(now.duration_since(since)).unwrap_or_default();
                if failing_for >= settings.disable_after {
                    return Self::Disabled { since: now, reason: DisabledReason::FailingTooLong };
                }
                let warned = warned || failing_for >= settings.disable_warning_after;
                let probe_at = now + probe_delay(step + 1, outcome, jitter, settings);
                Self::Failing { since, step: step + 1, probe_at, warned }
            }
        }
    }

    /// Adds what others have counted: the record said `known`, and says `recorded` now. Only what both call healthy is counted.
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

    /// Whether an endpoint that is called healthy fails by what was counted.
    fn is_too_much(self, settings: &HealthSettings) -> bool {
        matches!(self, Self::Healthy { misses, rejections }
            if misses >= settings.misses_to_fail || rejections >= settings.rejections_to_fail)
    }

    /// The state of an endpoint that begins to fail.
    pub fn failing(since: Timestamp, probe_at: Timestamp) -> Self {
        Self::Failing { since, step: 0, probe_at, warned: false }
    }

    /// Whether it is tried at that time without being asked to: it is healthy, or its first probe is due.
    pub fn is_tried_at(self, now: Timestamp) -> bool {
        match self {
            Self::Healthy { .. } => true,
            Self::Failing { step, probe_at, .. } => step == 0 && probe_at <= now,
            Self::Disabled { .. } => false,
        }
    }

    /// The state after an administrator asked to try now. An endpoint that was failing still is, and has been since then; it
    /// is probed at once, from the first step. A disabled one is given all its time again.
    #[must_use]
    pub fn resumed(self, now: Timestamp) -> Self {
        match self {
            Self::Healthy { .. } => self,
            Self::Failing { since, warned, .. } => Self::Failing { since, step: 0, probe_at: now, warned },
            Self::Disabled { .. } => Self::failing(now, now),
        }
    }
}

/// The own delay, or what the endpoint asks for if that is longer and within bounds.
fn probe_delay(step: usize, outcome: AttemptOutcome, jitter: f64, settings: &HealthSettings) -> Duration {
    let own = settings.delay(step, jitter);
    match outcome {
        AttemptOutcome::Throttled(Some(asked)) => own.max(asked.min(settings.max_retry_after)),
        _ => own,
    }
}

#[cfg(test)]
#[path = "health_tests.rs"]
mod tests;
