//! Time and randomness of this machine.

use jiff::Timestamp;
use uuid::Uuid;
use webhooks_model::world::World;

/// The clock and the random numbers of this machine.
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
