//! The cases: their receivers, and the writes.

use std::time::Duration;

use crate::scale::Scale;

use super::load::Load;
use super::rule::{Fault, Rule};

/// Part of the receiver that a case is about.
pub(super) const ITSELF: &str = "itself";
/// Part of a perfect receiver of the same events.
const BESIDE: &str = "beside";

/// Number of workspaces in the mixture, and of all their endpoints.
const WORKSPACES: usize = 25;
const ENDPOINTS: usize = WORKSPACES * 4;

/// One endpoint of a case.
#[derive(Clone, Copy, Debug)]
pub(super) struct Endpoint {
    pub(super) workspace: usize,
    /// Name of the group of endpoints that are reported together.
    pub(super) part: &'static str,
    pub(super) rule: Rule,
}

/// One case.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) name: String,
    pub(super) endpoints: Vec<Endpoint>,
    pub(super) load: Load,
    /// Longest wait for events after the last write.
    pub(super) patience: Duration,
}

impl Case {
    /// Returns whether it is the case that the others are compared with.
    pub(super) fn is_perfect(&self) -> bool {
        matches!(self.endpoints[..], [Endpoint { rule: Rule::Perfect, .. }])
    }

    fn of(name: &str, rule: Rule) -> Self {
        let load = Load { per_s: 50, instances: None, workspaces: 1 };
        let endpoints = vec![Endpoint { workspace: 0, part: ITSELF, rule }];
        Self { name: name.to_owned(), endpoints, load, patience: Duration::from_secs(60) }
    }

    fn with_a_fast_one(mut self) -> Self {
        self.endpoints.push(Endpoint { workspace: 0, part: BESIDE, rule: Rule::Perfect });
        self
    }
}

/// Returns the cases of a run; the perfect receiver's comes first.
pub(super) fn cases(scale: Scale) -> Vec<Case> {
    let mut cases = vec![Case::of("perfect", Rule::Perfect)];
    match scale {
        Scale::Smoke => cases.extend([flaky(Fault::Reset, 0.05), in_order()]),
        Scale::Quick => cases.extend([flaky(Fault::Status(503), 0.05), in_order(), slow(1), hanging()]),
        Scale::Whole => {
            let faults = [Fault::Status(503), Fault::Status(500), Fault::Reset, Fault::Status(429)];
            cases.extend([0.01, 0.05].iter().flat_map(|share| faults.map(|fault| flaky(fault, *share))));
            cases.push(flaky(Fault::Hang, 0.01).with_a_fast_one());
            cases.push(in_order());
            cases.extend([1, 3, 8].map(slow));
            cases.push(hanging());
            cases.push(mixture("all 100 healthy", |_| Rule::Perfect));
            cases.push(mixture("mixture", |rule| rule));
            cases.push(mixture("others paused", |rule| match rule {
                Rule::Slow(_) | Rule::Down => Rule::Paused,
                _ => Rule::Perfect,
            }));
        }
    }
    cases
}

fn flaky(fault: Fault, share: f64) -> Case {
    let what = match fault {
        Fault::Status(status) => status.to_string(),
        Fault::Reset => "reset".to_owned(),
        Fault::Hang => "hang".to_owned(),
    };
    Case::of(&format!("{what} {:.0} %", 100.0 * share), Rule::Flaky(fault, share))
}

/// Returns a case of few instances with many changes each.
fn in_order() -> Case {
    let mut case = Case::of("503 5 %, 25 instances", Rule::Flaky(Fault::Status(503), 0.05));
    case.load.instances = Some(25);
    case
}

fn slow(seconds: u64) -> Case {
    let rule = Rule::Slow(Duration::from_secs(seconds));
    let mut case = Case::of(&format!("answers after {seconds} s"), rule).with_a_fast_one();
    case.load.per_s = if seconds < 8 { 50 } else { 20 };
    case.patience = Duration::from_secs(30);
    case
}

fn hanging() -> Case {
    let mut case = Case::of("hangs", Rule::Flaky(Fault::Hang, 1.0)).with_a_fast_one();
    case.patience = Duration::from_secs(10); // for the one beside it
    case
}

/// Returns a case of 100 endpoints, of which 10 are slow, 10 flaky and 5 down, spread over the workspaces, or what
/// `changed` makes of these. The parts are the same in each, so that they can be compared.
fn mixture(name: &str, changed: impl Fn(Rule) -> Rule) -> Case {
    let endpoint = |number: usize| {
        let (part, rule) = match number {
            _ if number.is_multiple_of(10) => ("slow", Rule::Slow(Duration::from_secs(3))),
            _ if number % 10 == 5 => ("flaky", Rule::Flaky(Fault::Status(503), 0.05)),
            _ if number % 20 == 7 => ("down", Rule::Down),
            _ => ("healthy", Rule::Perfect),
        };
        Endpoint { workspace: number % WORKSPACES, part, rule: changed(rule) }
    };
    Case {
        name: name.to_owned(),
        endpoints: (0..ENDPOINTS).map(endpoint).collect(),
        load: Load { per_s: 200, instances: None, workspaces: WORKSPACES },
        patience: Duration::from_secs(60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mixture_has_10_slow_10_flaky_and_5_down() {
        let case = mixture("mixture", |rule| rule);
        let parts = ["slow", "flaky", "down", "healthy"];
        let count = |part| case.endpoints.iter().filter(|it| it.part == part).count();
        assert_eq!(parts.map(count), [10, 10, 5, 75]);
        assert!(
            (0..WORKSPACES).all(|it| case.endpoints.iter().filter(|endpoint| endpoint.workspace == it).count() == 4)
        );
    }

    #[test]
    fn the_perfect_receiver_comes_first() {
        for scale in [Scale::Smoke, Scale::Quick, Scale::Whole] {
            assert_eq!(cases(scale).iter().position(Case::is_perfect), Some(0));
        }
    }
}
