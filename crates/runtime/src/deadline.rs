//! The end of a function's time, as a point on the runtime's own clock.

use std::time::SystemTime;

use tokio::time::Instant;

use crate::machine::Machine;
use webhooks_model::world::World;

/// Translates Lambda's deadline, which is a time of day, into one that a change of the clock no longer moves. One that has
/// passed is now.
pub fn from_time_of_day(deadline: SystemTime) -> Instant {
    Instant::now() + deadline.duration_since(SystemTime::from(Machine.now())).unwrap_or_default()
}
