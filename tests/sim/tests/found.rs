//! Histories that broke a rule once, as `make sim` printed them.

use sim::scenario::Behaviour::{Acknowledge, Gone, Reject};
use sim::scenario::{Act, Action, Change, EnvironmentFaults, Mapping, Phase, Receiver, StoreFaults, WakeUpFaults};
use sim::{Scenario, run};

#[track_caller]
fn holds(scenario: &Scenario) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let outcome = run(runtime.expect("a runtime"), scenario);
    assert!(outcome.violations.is_empty(), "{}\n{:#?}", outcome.trace, outcome.violations);
}

/// One change of one instance, an endpoint that rejects, and nothing that fails. The tests take from it what they do not set.
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

/// A drain that was awake failed the event by what it had read before the URL was added again.
#[test]
fn an_event_after_its_url_was_added_again_is_delivered() {
    let act = |at, action| Act { at, endpoint: 0, action };
    holds(&Scenario {
        changes: vec![
            Change { at: 985, workspace: 0, instance: 1, kind: 0 },
            Change { at: 4_441, workspace: 0, instance: 0, kind: 2 },
        ],
        endpoints: vec![Receiver {
            workspace: 0,
            phases: vec![Phase { from: 0, behaviour: Acknowledge { ms: 3_871 } }],
        }],
        acts: vec![act(1_989, Action::Rate { per_second: 4 }), act(2_417, Action::Remove), act(4_218, Action::Add)],
        store: StoreFaults { latency_ms: 5, ..StoreFaults::default() },
        quiet_from: 25_292,
        ..deferring(108)
    });
}

/// The SDK repeated the call with which the drain gave its lease back.
#[test]
fn a_drain_that_has_lost_its_lease_ends() {
    let act = |at, endpoint, action| Act { at, endpoint, action };
    let nothing = |workspace| Receiver { workspace, phases: vec![] };
    holds(&Scenario {
        changes: vec![
            Change { at: 741_058, workspace: 1, instance: 0, kind: 1 },
            Change { at: 2_399_348, workspace: 0, instance: 1, kind: 1 },
        ],
        endpoints: vec![nothing(1), nothing(0)],
        acts: vec![
            act(812_088, 1, Action::Pause),
            act(2_978_064, 0, Action::Pause),
            act(6_228_877, 1, Action::Unpause),
            act(6_302_988, 0, Action::Unpause),
        ],
        store: StoreFaults { latency_ms: 5, lost: 24, sdk_repeats: true, ..StoreFaults::default() },
        wake_ups: WakeUpFaults { lost: 275, doubled: 0, late_ms: 50, missed_sweeps: 0 },
        quiet_from: 12_253_608,
        ..deferring(244)
    });
}

/// A delivery was logged, and the request that was to remove it from the backlog was cut off.
#[test]
fn what_could_not_be_removed_from_the_backlog_keeps_its_instance_held() {
    holds(&Scenario {
        changes: (0..6).map(|it| Change { at: 2_000 * u64::from(it), workspace: 0, instance: it, kind: 1 }).collect(),
        endpoints: vec![Receiver { workspace: 0, phases: vec![Phase { from: 0, behaviour: Acknowledge { ms: 400 } }] }],
        store: StoreFaults { latency_ms: 5, torn: 300, ..StoreFaults::default() },
        quiet_from: 13_000,
        kill_at_end: true,
        ..deferring(1)
    });
}

/// A batch was reported back after its delivery had been put into the backlog, and found the endpoint disabled as it came again.
#[test]
fn what_fails_is_pending_no_more() {
    holds(&Scenario {
        changes: vec![Change { at: 3_987, workspace: 0, instance: 0, kind: 2 }],
        endpoints: vec![Receiver { workspace: 0, phases: vec![Phase { from: 0, behaviour: Gone }] }],
        store: StoreFaults { latency_ms: 5, refused: 30, ..StoreFaults::default() },
        quiet_from: 28_214,
        ..deferring(236)
    });
}
