//! Leases of drains that run for a minute, while wake-ups come, and of one that dies.

use sim::scenario::{
    Act, Action, Behaviour, Change, EnvironmentFaults, Mapping, Ms, Phase, Receiver, StoreFaults, WakeUpFaults,
};
use sim::{Outcome, Scenario, run};

/// An endpoint with a rate of one a second and a backlog of more than a minute. An administrator asks for an attempt each few
/// seconds: each time a wake-up finds the lease taken.
fn long_drains(quiet_from: Ms) -> Scenario {
    let change = |it: u8| Change { at: 1_000 + Ms::from(it), workspace: 0, instance: it % 8, kind: 1 };
    let act = |at, action| Act { at, endpoint: 0, action };
    let resumes = (1..20).map(|it| act(4_000 * it, Action::Resume));
    Scenario {
        seed: 1,
        changes: (0..100).map(change).collect(),
        endpoints: vec![Receiver {
            workspace: 0,
            phases: vec![Phase { from: 0, behaviour: Behaviour::Acknowledge { ms: 3_000 } }],
        }],
        acts: [act(0, Action::Rate { per_second: 1 })].into_iter().chain(resumes).collect(),
        store: StoreFaults { latency_ms: 5, ..StoreFaults::default() },
        environments: EnvironmentFaults::default(),
        mapping: Mapping { shards: 1, parallelization_factor: 1, batch_size: 100, window_ms: 0, repeated: 0 },
        wake_ups: WakeUpFaults { lost: 0, doubled: 0, late_ms: 50, missed_sweeps: 0 },
        quiet_from,
        kill_at_end: false,
        page: 40,
    }
}

#[track_caller]
fn simulate(scenario: &Scenario) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let outcome = run(runtime.expect("a runtime"), scenario);
    assert!(outcome.violations.is_empty(), "{}\n{:#?}", outcome.trace, outcome.violations);
    outcome
}

#[test]
fn a_drain_that_renews_its_lease_keeps_others_out() {
    let outcome = simulate(&long_drains(90_000));
    assert_eq!((outcome.arrivals, outcome.deaths), (100, 0), "each event once");
    assert!(outcome.renewals >= 7, "{} in a minute", outcome.renewals);
}

#[test]
fn a_drain_that_dies_after_a_renewal_is_replaced() {
    let outcome = simulate(&Scenario { kill_at_end: true, ..long_drains(40_000) });
    assert_eq!(outcome.deaths, 1);
    assert!((100..=104).contains(&outcome.arrivals), "{}: what was in flight comes again", outcome.arrivals);
}
