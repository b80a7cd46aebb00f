//! Invariants of the engine, checked where that is cheap.
//!
//! A violation is a defect of this program. In tests it panics ([`panic_on_violation`]); in production the log names
//! it, the metric `InvariantViolated` counts it, and an alarm is raised. docs/faults.md maps each invariant to the rule
//! by which the history checker and the simulation verify it.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

static VIOLATIONS: AtomicUsize = AtomicUsize::new(0);
static PANICS: AtomicBool = AtomicBool::new(false);

/// An invariant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invariant {
    /// One drain at a time works on an endpoint: its lease is not taken before it has ended.
    LeaseExclusive,
    /// The pending deliveries of an instance are read in the order of its changes.
    BacklogInOrder,
    /// When a batch is acknowledged, each of its deliveries is made, stored, or given back.
    EventsAccountedFor,
    /// A failing endpoint has at most one attempt in flight: its probe.
    OneProbe,
    /// No more attempts are in flight to an endpoint than its window allows.
    WindowBounds,
    /// Every delivery written to the backlog is pending, and every pending delivery is in the backlog or deferred.
    PendingIsKept,
    /// Every pending delivery has a scheduled wake-up.
    PendingIsWoken,
}

impl Invariant {
    /// Returns the name in the log and in docs/faults.md.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LeaseExclusive => "lease-exclusive",
            Self::BacklogInOrder => "backlog-in-order",
            Self::EventsAccountedFor => "events-accounted-for",
            Self::OneProbe => "one-probe",
            Self::WindowBounds => "window-bounds",
            Self::PendingIsKept => "pending-is-kept",
            Self::PendingIsWoken => "pending-is-woken",
        }
    }

    /// Records a violation unless this `holds`. `detail` has the ids of the affected items, and no values.
    pub fn check(self, holds: bool, detail: impl FnOnce() -> String) {
        if holds {
            return;
        }
        let (invariant, detail) = (self.as_str(), detail());
        assert!(!PANICS.load(Relaxed), "the invariant {invariant} is violated: {detail}");
        VIOLATIONS.fetch_add(1, Relaxed);
        tracing::error!(invariant, detail, "an invariant is violated: this is a defect, please report it");
    }
}

/// Makes violations panic from now on, in this process: for tests.
pub fn panic_on_violation() {
    PANICS.store(true, Relaxed);
}

/// Returns the number of violations since the last call.
pub fn take_violations() -> usize {
    VIOLATIONS.swap(0, Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_is_counted_once() {
        Invariant::OneProbe.check(true, || unreachable!("it holds"));
        Invariant::OneProbe.check(false, || "endpoint 1".to_owned());
        assert!(take_violations() >= 1);
    }
}
