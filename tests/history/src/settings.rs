//! How a run was set up, and how exactly it is checked.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Settings of the run and of the check. Durations are ISO 8601 (`PT0.25S`) or as people write them (`250ms`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Settings {
    /// `BACKOFF_STEPS_S`: pauses between the probes of a failing endpoint; the last one stays.
    pub steps: Vec<SignedDuration>,
    /// Different deliveries missed in a row that make an endpoint failing.
    pub misses_to_fail: usize,
    /// Different deliveries rejected in a row that make an endpoint failing.
    pub rejections_to_fail: usize,
    /// Times that a delivery is rejected before it is deferred.
    pub rejections_to_defer: usize,
    /// `DEFERRED_EXPIRY_S`: time from a delivery's first attempt after which it fails by another one.
    pub deferred_expiry: SignedDuration,
    /// Bound up to which `Retry-After` is honoured.
    pub max_retry_after: SignedDuration,
    /// `CALLBACK_TIMEOUT_MS`: time of one attempt.
    pub callback_timeout: SignedDuration,
    /// `HOLD_MS`: time for which a batch waits for attempts in flight.
    pub hold: SignedDuration,
    /// Whether the log keeps every completed delivery (`LOG_DELIVERIES` is `all`).
    pub log_is_complete: bool,
    /// URLs whose arrivals are not recorded. Only the log says what became of their deliveries.
    pub unobserved: Vec<String>,
    /// Difference of clocks, and delay between an event and its record.
    pub tolerance: SignedDuration,
    /// Time for which attempts may still arrive that were in flight or decided when something changed.
    pub grace: SignedDuration,
    /// Attempts at an endpoint that may be decided before it is known to be failing, and arrive however late: those of every batch
    /// that may be under way. On a machine that stands still for a while, no time bounds when they arrive.
    pub decided_before: usize,
    /// Time between a change and the reading of the callbacks for it. Within it a change of callbacks may count or not.
    pub stream_delay: SignedDuration,
    /// Time within which what a fault interrupted is sent again: claims, leases, and the sweep's five minutes.
    pub fault_reach: SignedDuration,
    /// Bound on the time from a change to its first arrival at a healthy endpoint; not checked if there is none.
    pub hold_bound: Option<SignedDuration>,
    /// Bound on the time from a resume to the last delivery of what came during the pause; not checked if there is none.
    pub resume_bound: Option<SignedDuration>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            steps: [5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400].map(SignedDuration::from_secs).into(),
            misses_to_fail: 5,
            rejections_to_fail: 10,
            rejections_to_defer: 3,
            deferred_expiry: SignedDuration::from_hours(24),
            max_retry_after: SignedDuration::from_hours(1),
            callback_timeout: SignedDuration::from_secs(10),
            hold: SignedDuration::from_millis(250),
            log_is_complete: true,
            unobserved: Vec::new(),
            tolerance: SignedDuration::from_millis(250),
            grace: SignedDuration::from_secs(15),
            decided_before: 0,
            stream_delay: SignedDuration::from_secs(5),
            fault_reach: SignedDuration::from_mins(6),
            hold_bound: None,
            resume_bound: None,
        }
    }
}

impl Settings {
    /// Returns the shortest pause that may follow the `probe`-th failed probe, from 0.
    pub fn shortest_step(&self, probe: usize) -> SignedDuration {
        let from = probe.min(self.steps.len().saturating_sub(1));
        self.steps.iter().skip(from).min().copied().unwrap_or_default()
    }

    /// Whether arrivals at this URL are recorded.
    pub fn observes(&self, url: &str) -> bool {
        !self.unobserved.iter().any(|other| other == url)
    }
}

/// Returns the time so much later, or the last one.
pub(crate) fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// Returns the time so much earlier, or the first one.
pub(crate) fn earlier(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_sub(by).unwrap_or(Timestamp::MIN)
}
