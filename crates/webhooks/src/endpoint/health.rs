//! How an endpoint fares: a state machine of what came of an attempt, and the time. Pure.
//!
//! Backoff belongs to the endpoint, not to the message: however many deliveries wait, a failing endpoint costs one probe a
//! step.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::delivery::{Attempt, Reason};

/// When an endpoint is failing, how often it is then tried, and when it is given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthSettings {
    /// Between one probe and the next: the first, the second, …; the last one stays.
    pub steps: Vec<Duration>,
    /// `Retry-After` is honoured up to this.
    pub longest_retry_after: Duration,
    /// So many different deliveries refused in a row, and none taken: it fails everything it is sent.
    pub refusals_to_fail: u32,
    /// Nothing but failures for so long: it is about to be disabled.
    pub warn_after: Duration,
    /// Nothing but failures for so long: it is disabled.
    pub give_up_after: Duration,
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
            longest_retry_after: minutes(60),
            refusals_to_fail: 10,
            warn_after: days(4),
            give_up_after: days(5),
        }
    }
}

impl HealthSettings {
    /// How long to wait after failing for the `step`-th time, from 0. `jitter`, from 0 to 1, adds up to a tenth, so that
    /// endpoints that failed together are not tried together.
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
        /// Deliveries refused since it last took one.
        refusals: u32,
    },
    /// It is left alone but for a probe a step.
    Failing {
        /// Since when nothing was taken.
        since: Timestamp,
        /// How many probes failed.
        step: usize,
        /// When to try again.
        probe_at: Timestamp,
        /// Whether it is about to be disabled.
        warned: bool,
    },
    /// It is not called until somebody resumes it.
    Disabled {
        /// Since when.
        since: Timestamp,
        /// Why.
        reason: DisabledReason,
    },
}

impl Default for Health {
    fn default() -> Self {
        Self::Healthy { refusals: 0 }
    }
}

/// Why an endpoint is disabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DisabledReason {
    /// It answered 410 Gone.
    Gone,
    /// Nothing but failures for [`HealthSettings::give_up_after`].
    GivenUp,
}

impl DisabledReason {
    /// The name in tables, events and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::GivenUp => "given-up",
        }
    }
}

/// What an attempt says about its endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It took the event.
    Taken,
    /// It works, but does not want this one.
    Refused,
    /// It does not answer.
    Unanswered,
    /// It asks for patience (429, 503), perhaps for how long.
    Overloaded(Option<Duration>),
    /// It says that it is gone (410).
    Gone,
}

impl From<&Attempt> for Verdict {
    fn from(attempt: &Attempt) -> Self {
        match (&attempt.failure, attempt.status) {
            (None, _) => Self::Taken,
            (Some(_), Some(410)) => Self::Gone,
            (Some(_), Some(429 | 503)) => Self::Overloaded(attempt.retry_after),
            (Some(failure), _) => match failure.reason {
                Reason::Status | Reason::Redirect => Self::Refused,
                _ => Self::Unanswered,
            },
        }
    }
}

/// What others may want to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// It began to fail.
    Failing,
    /// A day, by default, until it is disabled.
    AboutToBeDisabled,
    /// It is disabled.
    Disabled,
    /// It works again.
    Recovered,
}

impl Health {
    /// The state after an attempt.
    pub fn after(
        self,
        verdict: Verdict,
        now: Timestamp,
        jitter: f64,
        settings: &HealthSettings,
    ) -> (Self, Option<Notice>) {
        match (self, verdict) {
            (Self::Healthy { .. }, Verdict::Taken) => (Self::default(), None),
            (_, Verdict::Taken) => (Self::default(), Some(Notice::Recovered)),
            (Self::Disabled { .. }, _) => (self, None),
            (_, Verdict::Gone) => (Self::Disabled { since: now, reason: DisabledReason::Gone }, Some(Notice::Disabled)),
            (Self::Healthy { refusals }, Verdict::Refused) if refusals + 1 < settings.refusals_to_fail => {
                (Self::Healthy { refusals: refusals + 1 }, None)
            }
            (Self::Healthy { .. }, verdict) => {
                let probe_at = now + wait(0, verdict, jitter, settings);
                (Self::Failing { since: now, step: 0, probe_at, warned: false }, Some(Notice::Failing))
            }
            (Self::Failing { since, step, warned, .. }, verdict) => {
                let failing_for = Duration::try_from(now.duration_since(since)).unwrap_or_default();
                if failing_for >= settings.give_up_after {
                    let disabled = Self::Disabled { since: now, reason: DisabledReason::GivenUp };
                    return (disabled, Some(Notice::Disabled));
                }
                let warn = !warned && failing_for >= settings.warn_after;
                let probe_at = now + wait(step + 1, verdict, jitter, settings);
                let failing = Self::Failing { since, step: step + 1, probe_at, warned: warned || warn };
                (failing, warn.then_some(Notice::AboutToBeDisabled))
            }
        }
    }

    /// The state after somebody asked to try now: a failing or disabled endpoint is probed at once, from the first step.
    pub fn resumed(self, now: Timestamp) -> Self {
        match self {
            Self::Healthy { .. } => self,
            Self::Failing { .. } | Self::Disabled { .. } => {
                Self::Failing { since: now, step: 0, probe_at: now, warned: false }
            }
        }
    }

    /// Whether it may be called now: as events come, or for a probe that is due.
    pub fn may_be_called(self, now: Timestamp) -> bool {
        match self {
            Self::Healthy { .. } => true,
            Self::Failing { probe_at, .. } => probe_at <= now,
            Self::Disabled { .. } => false,
        }
    }
}

/// The own delay, or what the endpoint asks for if that is longer and within bounds.
fn wait(step: usize, verdict: Verdict, jitter: f64, settings: &HealthSettings) -> Duration {
    let own = settings.delay(step, jitter);
    match verdict {
        Verdict::Overloaded(Some(asked)) => own.max(asked.min(settings.longest_retry_after)),
        _ => own,
    }
}

#[cfg(test)]
#[path = "health_tests.rs"]
mod tests;
