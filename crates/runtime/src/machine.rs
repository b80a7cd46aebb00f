//! Time and chance, as the engine sees them. A simulation has its own, so that one seed always gives the same history.

use std::fmt::Debug;

use jiff::Timestamp;
use uuid::Uuid;

/// Wall-clock time and chance. Durations are measured by [`tokio::time::Instant`], which a simulation pauses.
pub trait World: Debug + Send + Sync {
    /// Returns the wall-clock time.
    fn now(&self) -> Timestamp;

    /// Returns a number from 0 to 1, for jitter.
    fn fraction(&self) -> f64;

    /// Returns a name that no other call returns, in any environment: 32 hexadecimal digits.
    fn unique_name(&self) -> String;
}

/// The time and the chance of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Machine;

#[expect(clippy::disallowed_methods, reason = "the one place where the engine's time and chance come from")]
impl World for Machine {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn fraction(&self) -> f64 {
        fastrand::f64()
    }

    fn unique_name(&self) -> String {
        Uuid::new_v4().simple().to_string()
    }
}
