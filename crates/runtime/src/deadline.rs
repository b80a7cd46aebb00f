//! Deadline of a function, in the runtime's clock.

use std::time::SystemTime;

use tokio::time::Instant;

use crate::machine::Machine;
use webhooks_model::world::World;

/// Converts Lambda's deadline, a time of day, to an instant, which a change of the clock does not move.
///
/// A deadline in the past becomes now.
pub fn from_time_of_day(deadline: SystemTime) -> Instant {
    Instant::now() + deadline.duration_since(SystemTime::from(Machine.now())).unwrap_or_default()
}
