//! A clock that a test advances.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;
use webhooks_model::world::World;
use webhooks_runtime::machine::Machine;

/// The machine as a [`World`] whose clock follows that of tokio.
#[derive(Clone, Copy, Debug)]
pub struct Advanceable {
    at: Timestamp,
    since: Instant,
}

impl Advanceable {
    /// Starts at the machine's time.
    pub fn new() -> Self {
        Self { at: Machine.now(), since: Instant::now() }
    }
}

impl Default for Advanceable {
    fn default() -> Self {
        Self::new()
    }
}

impl World for Advanceable {
    fn now(&self) -> Timestamp {
        self.at + self.since.elapsed()
    }

    fn fraction(&self) -> f64 {
        Machine.fraction()
    }

    fn unique_name(&self) -> String {
        Machine.unique_name()
    }
}

/// Advances the clock. To the caller's task it is as if its machine had been frozen for that time.
pub async fn advance(by: Duration) {
    tokio::time::pause();
    tokio::time::advance(by).await;
    tokio::time::resume();
}
