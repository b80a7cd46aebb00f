//! The engine's source of time and randomness. A simulation has its own, so that one seed always gives the same
//! history.

use std::fmt::Debug;

use jiff::Timestamp;

/// Source of wall-clock time and randomness. Durations are measured by Tokio's clock, which a simulation pauses.
pub trait World: Debug + Send + Sync {
    /// Returns the wall-clock time.
    fn now(&self) -> Timestamp;

    /// Returns a number from 0 to 1, for jitter.
    fn fraction(&self) -> f64;

    /// Returns a name that no other call returns, in any environment: 32 hexadecimal digits.
    fn unique_name(&self) -> String;
}
