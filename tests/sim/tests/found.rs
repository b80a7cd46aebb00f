//! Histories that broke a rule once, as `make sim` printed them.

use sim::scenario::{
    Behaviour::Reject, Change, EnvironmentFaults, Mapping, Phase, Receiver, StoreFaults, WakeUpFaults,
};
use sim::{Scenario, run};

#[track_caller]
fn holds(scenario: &Scenario) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let outcome = run(runtime.unwrap(), scenario);
    assert!(outcome.violations.is_empty(), "{}\n{:#?}", outcome.trace, outcome.violations);
}

/// One change of one instance, an endpoint that rejects, and nothing that fails.
fn deferring(seed: u64) -> Scenario {
    Scenario {
        seed,
        changes: vec![Change { at: 4_484, workspace: 0, instance: 2, kind: 1 }],
        endpoints: vec![Receiver { workspace: 0, phases: vec![Phase { from: 0, behaviour: Reject { percent: 73 } }] }],
        acts: vec![],
        store: StoreFaults { latency_ms: 299, ..StoreFaults::default() },
        environments: EnvironmentFaults::default(),
        mapping: Mapping { shards: 1, parallelization_factor: 1, batch_size: 1, window_ms: 0, repeated: 0 },
        wake_ups: WakeUpFaults { lost: 0, doubled: 0, late_ms: 50, missed_sweeps: 0 },
        quiet_from: 7_219,
        kill_at_end: false,
    }
}

/// The drain had deferred the delivery and not yet recorded when it is due.
#[test]
fn a_deferred_delivery_is_found_after_its_drain_died() {
    let changes = [(4_484, 2, 1), (4_827, 0, 1), (4_961, 1, 0)];
    let change = |(at, instance, kind)| Change { at, workspace: 0, instance, kind };
    let changes = changes.into_iter().map(change).collect();
    holds(&Scenario { changes, kill_at_end: true, ..deferring(2) });
}

/// The drain had deferred the delivery, and the table then failed.
#[test]
fn a_deferred_delivery_is_found_after_its_drain_failed() {
    holds(&Scenario {
        changes: vec![Change { at: 277_732, workspace: 0, instance: 3, kind: 1 }],
        endpoints: vec![Receiver {
            workspace: 0,
            phases: vec![Phase { from: 183_026, behaviour: Reject { percent: 11 } }],
        }],
        store: StoreFaults { latency_ms: 5, lost: 18, ..StoreFaults::default() },
        quiet_from: 492_753,
        ..deferring(10)
    });
}
