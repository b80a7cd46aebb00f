//! The behaviour of a receiver: random, but the same for the same seed.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use fastrand::Rng;

/// Fault of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The response has this status.
    Status(u16),
    /// The connection is reset.
    Reset,
    /// There is no response.
    Hang,
}

/// Behaviour of a receiver.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Rule {
    /// Acknowledges all requests at once.
    Perfect,
    /// Fails this share of the requests, and acknowledges the others at once.
    Flaky(Fault, f64),
    /// Acknowledges all requests after this time.
    Slow(Duration),
    /// Refuses connections.
    Down,
    /// Is not called: its endpoint is paused.
    Paused,
}

impl Rule {
    /// Returns whether it acknowledges an event eventually.
    pub(super) fn acknowledges(self) -> bool {
        match self {
            Self::Perfect | Self::Slow(_) => true,
            Self::Flaky(_, share) => share < 1.0,
            Self::Down | Self::Paused => false,
        }
    }

    /// Returns the share of the requests that fail; 1 if nothing is acknowledged.
    pub(super) fn share(self) -> f64 {
        match self {
            Self::Perfect | Self::Slow(_) => 0.0,
            Self::Flaky(_, share) => share,
            Self::Down | Self::Paused => 1.0,
        }
    }

    /// Returns the time until it acknowledges.
    pub(super) fn delay(self) -> Duration {
        if let Self::Slow(delay) = self { delay } else { Duration::ZERO }
    }
}

/// Random numbers of one receiver.
#[derive(Debug)]
pub(super) struct Chance {
    rule: Rule,
    rng: Rng,
}

impl Chance {
    /// Creates the random numbers, different for each receiver of each case.
    pub(super) fn new(rule: Rule, seed: u64, case: &str, receiver: usize) -> Self {
        let mut hasher = DefaultHasher::new();
        (seed, case, receiver).hash(&mut hasher);
        Self { rule, rng: Rng::with_seed(hasher.finish()) }
    }

    /// Returns the fault of the next request, if it has one.
    pub(super) fn fault(&mut self) -> Option<Fault> {
        match self.rule {
            Rule::Flaky(fault, share) if self.rng.f64() < share => Some(fault),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(seed: u64, receiver: usize) -> Vec<bool> {
        let mut chance = Chance::new(Rule::Flaky(Fault::Reset, 0.05), seed, "a case", receiver);
        (0..10_000).map(|_| chance.fault().is_some()).collect()
    }

    #[test]
    fn a_seed_decides_which_requests_fail() {
        assert_eq!(faults(7, 0), faults(7, 0));
        assert_ne!(faults(7, 0), faults(8, 0));
        assert_ne!(faults(7, 0), faults(7, 1));
    }

    #[test]
    fn about_the_share_of_the_requests_fails() {
        let failed = faults(7, 0).iter().filter(|it| **it).count();
        assert!((450..550).contains(&failed), "{failed} of 10,000");
    }
}
