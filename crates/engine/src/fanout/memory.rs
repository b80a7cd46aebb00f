//! Knowledge about endpoints that an environment keeps between batches: their windows, and their latencies.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use foldhash::HashMap;

use crate::dispatch::{INITIAL_WINDOW, Window};
use webhooks_model::endpoint::EndpointId;
use webhooks_model::workspace::WorkspaceId;

/// Maximum number of endpoints in memory. Beyond it all are dropped: learning again costs a few round trips.
const MOST_REMEMBERED: usize = 10_000;

/// Factor of an endpoint's typical latency that a batch waits for a response.
const PATIENCE: u32 = 4;

/// Part of the hold that is the minimum wait for a response: 50 ms of 250.
const LEAST_PATIENCE: u32 = 5;

/// Factor of the minimum wait that a batch waits for the first response of an endpoint: 100 ms. What follows in its part of
/// the stream waits as well, if it never comes.
const PATIENCE_WITH_UNKNOWN: u32 = 2;

/// Knowledge about one endpoint.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    /// Concurrency window.
    pub(super) window: Window,
    /// Number of attempts in flight that a batch has stopped waiting for.
    pub(super) overdue: usize,
}

/// Knowledge about all endpoints.
#[derive(Debug, Default)]
pub struct Memory(Mutex<HashMap<(WorkspaceId, EndpointId), Known>>);

impl Known {
    /// Returns the batch's maximum wait for a response, at most `hold`.
    ///
    /// For an unknown endpoint it is twice the minimum, and the minimum for one that already has overdue attempts.
    pub(super) fn patience(&self, hold: Duration) -> Duration {
        let least = hold / LEAST_PATIENCE;
        if self.overdue > 0 {
            return least;
        }
        let typical = self.window.typical_latency();
        typical.map_or(least * PATIENCE_WITH_UNKNOWN, |typical| (typical * PATIENCE).clamp(least, hold))
    }
}

impl Memory {
    /// Returns the knowledge about an endpoint, whose window grows up to `max`.
    pub(super) fn of(&self, workspace: &WorkspaceId, endpoint: &EndpointId, max: usize) -> Known {
        let known = self.lock().get(&(workspace.clone(), endpoint.clone())).copied();
        known.unwrap_or_else(|| Known { window: Window::new(INITIAL_WINDOW, max), overdue: 0 })
    }

    /// Stores a window, and the number of attempts that a batch has stopped waiting for.
    pub(super) fn learn(&self, workspace: &WorkspaceId, endpoint: &EndpointId, window: Window, overdue: usize) {
        let mut all = self.lock();
        if all.len() >= MOST_REMEMBERED {
            all.clear();
        }
        let known = all.entry((workspace.clone(), endpoint.clone())).or_insert(Known { window, overdue: 0 });
        known.window = window;
        known.overdue += overdue;
    }

    /// Stores the window after late responses, and that these attempts have completed.
    pub(super) fn settled(&self, workspace: &WorkspaceId, endpoint: &EndpointId, window: Window, overdue: usize) {
        if let Some(known) = self.lock().get_mut(&(workspace.clone(), endpoint.clone())) {
            known.window = window;
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
    use webhooks_model::callback_url::CallbackUrl;

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
        assert_eq!(known(200, 1).patience(HOLD), HOLD / LEAST_PATIENCE, "it is late already");
        let unknown = Known { window: Window::new(INITIAL_WINDOW, 64), overdue: 0 };
        assert_eq!(unknown.patience(HOLD).as_millis(), 100);
        assert_eq!(unknown.patience(Duration::from_millis(20)).as_millis(), 8);
    }

    #[tokio::test(start_paused = true)]
    async fn what_late_responses_teach_is_remembered() {
        let workspace = WorkspaceId::default_workspace();
        let endpoint = EndpointId::of(&CallbackUrl::try_from("https://h/".to_owned()).unwrap());
        let (memory, now) = (Memory::default(), Instant::now());
        let Known { mut window, .. } = memory.of(&workspace, &endpoint, 64);
        memory.learn(&workspace, &endpoint, window, 8);
        (0..5).for_each(|_| window.answered(Duration::from_millis(300), now));
        memory.settled(&workspace, &endpoint, window, 8);
        let known = memory.of(&workspace, &endpoint, 64);
        assert_eq!((known.window.limit(now), known.overdue), (INITIAL_WINDOW + 5, 0));
    }
}
