//! What an environment remembers of endpoints from batch to batch: how many attempts they bear, and how long they take.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::dispatch::{INITIAL_WINDOW, Window};
use webhooks_model::endpoint::EndpointId;
use webhooks_model::workspace::WorkspaceId;

/// Endpoints that are remembered. When there are more, all are forgotten: it costs a few round trips to learn again.
const MOST_REMEMBERED: usize = 10_000;

/// A batch waits for an answer this many times as long as the endpoint usually takes…
const PATIENCE: u32 = 4;

/// …but no less than this.
const LEAST_PATIENCE: Duration = Duration::from_millis(50);

/// What is remembered of an endpoint.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    /// Its window.
    pub(super) window: Window,
    /// Attempts in flight for which a batch did not wait any longer.
    pub(super) overdue: usize,
}

/// What is remembered of all endpoints.
#[derive(Debug, Default)]
pub struct Memory(Mutex<HashMap<(WorkspaceId, EndpointId), Known>>);

impl Known {
    /// How long a batch waits for an answer, `hold` at the most. Of an endpoint that was never called nothing is known; one
    /// that is late already is not waited for again.
    pub(super) fn patience(&self, hold: Duration) -> Duration {
        if self.overdue > 0 {
            return LEAST_PATIENCE.min(hold);
        }
        self.window.typical_latency().map_or(hold, |typical| (typical * PATIENCE).clamp(LEAST_PATIENCE.min(hold), hold))
    }
}

impl Memory {
    /// What is known of an endpoint, whose window opens up to `max`.
    pub(super) fn of(&self, workspace: &WorkspaceId, endpoint: &EndpointId, max: usize) -> Known {
        let known = self.lock().get(&(workspace.clone(), endpoint.clone())).copied();
        known.unwrap_or_else(|| Known { window: Window::new(INITIAL_WINDOW, max), overdue: 0 })
    }

    /// Remembers a window, and that a batch did not wait any longer for so many attempts.
    pub(super) fn learn(&self, workspace: &WorkspaceId, endpoint: &EndpointId, window: Window, overdue: usize) {
        let mut all = self.lock();
        if all.len() >= MOST_REMEMBERED {
            all.clear();
        }
        let known = all.entry((workspace.clone(), endpoint.clone())).or_insert(Known { window, overdue: 0 });
        known.window = window;
        known.overdue += overdue;
    }

    /// Remembers that so many of these attempts have ended.
    pub(super) fn settled(&self, workspace: &WorkspaceId, endpoint: &EndpointId, overdue: usize) {
        if let Some(known) = self.lock().get_mut(&(workspace.clone(), endpoint.clone())) {
            known.overdue = known.overdue.saturating_sub(overdue);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(WorkspaceId, EndpointId), Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    const HOLD: Duration = Duration::from_millis(250);

    fn known(latency_ms: u64, overdue: usize) -> Known {
        let mut window = Window::new(INITIAL_WINDOW, 64);
        window.answered(Duration::from_millis(latency_ms), Instant::now());
        Known { window, overdue }
    }

    #[tokio::test]
    async fn a_batch_waits_four_times_as_long_as_the_endpoint_takes() {
        let waits = [1, 20, 40, 200].map(|latency| known(latency, 0).patience(HOLD).as_millis());
        assert_eq!(waits, [50, 80, 160, 250]);
        assert_eq!(known(200, 1).patience(HOLD), LEAST_PATIENCE, "it is late already");
        let unknown = Known { window: Window::new(INITIAL_WINDOW, 64), overdue: 0 };
        assert_eq!(unknown.patience(HOLD), HOLD);
        assert_eq!(unknown.patience(Duration::from_millis(20)), Duration::from_millis(20));
    }
}
