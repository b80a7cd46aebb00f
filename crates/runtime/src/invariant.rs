//! What has to be true of the engine at every moment, checked where it is cheap.
//!
//! A violation is a defect of this program. In tests it panics ([`panic_on_violation`]); in production the log names it, the
//! metric `InvariantViolated` counts it, and an alarm is raised. docs/faults.md maps each to the rule that the history checker
//! and the simulation hold it to.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

static VIOLATIONS: AtomicUsize = AtomicUsize::new(0);
static PANICS: AtomicBool = AtomicBool::new(false);

/// An invariant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invariant {
    /// One drain at a time works on an endpoint: its lease is not taken from it before it has ended.
    LeaseExclusive,
    /// The pending deliveries of an instance are read in the order of its changes.
    BacklogInOrder,
    /// Of each delivery of a batch it is known, when the batch is acknowledged, whether it is made, kept, or comes again.
    EventsAccountedFor,
    /// A failing endpoint has at most one attempt in flight: its probe.
    OneProbe,
    /// No more attempts are in flight to an endpoint than its window allows.
    WindowBounds,
    /// What is put into the backlog is pending, and what is pending is in the backlog or deferred.
    PendingIsKept,
    /// Whatever is pending has a time at which it is looked at again.
    PendingIsWoken,
}

impl Invariant {
    /// The name in the log and in docs/faults.md.
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

    /// Records a violation unless this `holds`. `detail` names what it is about by ids, and no values.
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

/// Panics on a violation from now on, in this process: for tests.
pub fn panic_on_violation() {
    PANICS.store(true, Relaxed);
}

/// Returns how many violations there were since this was last asked.
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
