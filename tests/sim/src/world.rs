//! Time and chance of one environment.

use std::sync::{Arc, Mutex, PoisonError};

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use webhooks_model::world::World;

use crate::history::Run;

/// The world as one environment sees it.
#[derive(Debug)]
pub(crate) struct Simulated {
    pub(crate) run: Arc<Run>,
    /// What its clock is off by.
    pub(crate) skew: SignedDuration,
    pub(crate) rng: Mutex<Rng>,
}

impl World for Simulated {
    fn now(&self) -> Timestamp {
        self.run.now() + self.skew
    }

    fn fraction(&self) -> f64 {
        self.rng.lock().unwrap_or_else(PoisonError::into_inner).f64()
    }

    fn unique_name(&self) -> String {
        self.run.unique_name()
    }
}
