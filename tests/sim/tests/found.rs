//! Histories that broke a rule once, as `make sim` printed them.

use sim::scenario::Behaviour::{Acknowledge, Down, Flaky, Gone, Reject, Reset};
use sim::scenario::{
    Act, Action, Behaviour, Change, EnvironmentFaults, Mapping, Outage, Phase, Receiver, StoreFaults, WakeUpFaults,
};
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
        page: 40,
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
        page: 40,
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

/// Changes, each as its time, instance and kind, in the first workspace.
fn changes(all: &[(u64, u8, u8)]) -> Vec<Change> {
    all.iter().map(|&(at, instance, kind)| Change { at, workspace: 0, instance, kind }).collect()
}

fn receiver(workspace: u8, from: u64, behaviour: Behaviour) -> Receiver {
    Receiver { workspace, phases: vec![Phase { from, behaviour }] }
}

/// The first delivery of the instance was deferred and written down; the second one was acknowledged meanwhile, and the write that was to
/// say so failed.
#[test]
fn an_instance_is_held_until_the_last_of_its_deliveries_is_written_down() {
    holds(&Scenario {
        changes: changes(&[
            (508_981, 3, 2),
            (508_985, 3, 1),
            (509_200, 0, 1),
            (509_264, 2, 1),
            (509_789, 1, 0),
            (509_907, 0, 1),
            (509_991, 2, 2),
            (510_214, 3, 2),
            (510_542, 1, 1),
        ]),
        endpoints: vec![
            receiver(0, 405_536, Flaky { percent: 3 }),
            receiver(0, 0, Acknowledge { ms: 57 }),
            receiver(0, 389_798, Reject { percent: 16 }),
        ],
        store: StoreFaults { latency_ms: 5, refused: 13, lost: 11, ..StoreFaults::default() },
        quiet_from: 618_130,
        kill_at_end: true,
        page: 40,
        ..deferring(1_426)
    });
}

/// The first two of three could not be put into the backlog, the third one could, and a drain found it alone.
#[test]
fn a_later_delivery_is_not_put_into_the_backlog_without_the_earlier_one() {
    let outage = |table, from, to| Outage { table, from, to };
    holds(&Scenario {
        changes: changes(&[(2_775, 1, 1), (2_823, 1, 0), (2_831, 1, 2)]),
        endpoints: vec![receiver(0, 0, Reset)],
        store: StoreFaults {
            latency_ms: 5,
            sdk_repeats: true,
            outages: vec![outage(1, 2_202, 10_052), outage(0, 4_241, 58_824)],
            ..StoreFaults::default()
        },
        mapping: Mapping { shards: 1, parallelization_factor: 1, batch_size: 5, window_ms: 498, repeated: 0 },
        quiet_from: 27_837,
        ..deferring(3_282)
    });
}

/// What an attempt had come to was written once more by an environment that had stood still, after a drain had made the delivery.
#[test]
fn what_was_delivered_meanwhile_is_not_put_back() {
    let outage = |from, to| Outage { table: 1, from, to };
    holds(&Scenario {
        changes: changes(&[(0, 3, 0)]),
        endpoints: vec![receiver(0, 0, Down)],
        store: StoreFaults {
            latency_ms: 5,
            sdk_repeats: true,
            outages: vec![outage(168, 55_188), outage(4_439, 20_450)],
            ..StoreFaults::default()
        },
        environments: EnvironmentFaults { freeze: 140, ..EnvironmentFaults::default() },
        quiet_from: 14_956,
        ..deferring(5_030)
    });
}

/// The time of a drain was up while attempts were in flight that took longer than any of its timers: it went round in a circle until
/// they ended.
#[test]
fn a_drain_whose_time_is_up_waits_for_what_is_in_flight() {
    holds(&Scenario {
        changes: (0..40)
            .map(|it| Change { at: 100 * u64::from(it), workspace: 0, instance: it % 4, kind: 1 })
            .collect(),
        endpoints: vec![receiver(0, 0, Acknowledge { ms: 9_000 })],
        store: StoreFaults { latency_ms: 5, ..StoreFaults::default() },
        quiet_from: 60_000,
        ..deferring(637)
    });
}

/// A URL was replaced and put back while its backlog moved: the drain went on moving what was pending for it by what it had read.
#[test]
fn a_url_that_is_put_back_while_its_backlog_moves_keeps_its_order() {
    let act = |at, endpoint, action| Act { at, endpoint, action };
    let times = [1_514, 1_630, 2_344, 2_490, 2_524, 2_535, 2_776, 2_928, 3_426, 3_488, 3_511, 3_708, 3_842, 3_980];
    let kinds = [1, 1, 1, 1, 1, 1, 2, 0, 1, 2, 1, 1, 1, 1];
    let changes = times.into_iter().zip(kinds);
    holds(&Scenario {
        changes: changes.map(|(at, kind)| Change { at, workspace: 0, instance: 0, kind }).collect(),
        endpoints: vec![
            Receiver { workspace: 0, phases: vec![] },
            receiver(0, 909, Flaky { percent: 4 }),
            receiver(0, 1_149, Down),
        ],
        acts: vec![
            act(209, 0, Action::Remove),
            act(2_030, 2, Action::Replace { by: 0 }),
            act(2_804, 0, Action::Replace { by: 2 }),
            act(2_961, 2, Action::Unpause),
        ],
        store: StoreFaults { latency_ms: 5, refused: 21, lost: 19, sdk_repeats: true, ..StoreFaults::default() },
        mapping: Mapping { window_ms: 304, ..deferring(0).mapping },
        wake_ups: WakeUpFaults { lost: 124, ..deferring(0).wake_ups },
        quiet_from: 27_158,
        ..deferring(1_660)
    });
}

/// A URL was replaced, and what its record said about held instances was damaged by hand before its backlog had moved.
#[test]
fn the_backlog_of_a_replaced_url_comes_first_although_its_holds_are_damaged() {
    let act = |at, endpoint, action| Act { at, endpoint, action };
    let held = sim::scenario::ATTRIBUTES.iter().position(|(name, _)| *name == "held").expect("it is damaged");
    holds(&Scenario {
        changes: [(5_209, 0), (8_818, 2)].map(|(at, kind)| Change { at, workspace: 0, instance: 2, kind }).into(),
        endpoints: vec![Receiver { workspace: 0, phases: vec![] }, receiver(0, 4_619, Reset)],
        acts: vec![
            act(203, 0, Action::Remove),
            act(6_920, 1, Action::Replace { by: 0 }),
            act(7_075, 1, Action::Damage { attribute: u8::try_from(held).expect("a few") }),
        ],
        store: StoreFaults { latency_ms: 5, ..StoreFaults::default() },
        wake_ups: WakeUpFaults { late_ms: 5_606, ..deferring(0).wake_ups },
        quiet_from: 29_376,
        ..deferring(7_502_533)
    });
}

/// A drain and three batches had each counted a part of five misses, and each called the endpoint healthy.
#[test]
fn misses_that_batches_and_a_drain_count_make_an_endpoint_fail() {
    holds(&Scenario::of(510_625));
}

/// A URL was removed and added again while a drain was reading the second page of a partition.
#[test]
fn a_page_read_before_the_drain_started_over_is_not_taken_for_the_next_one() {
    let act = |at, action| Act { at, endpoint: 0, action };
    holds(&Scenario {
        changes: [(3_231, 3, 1), (3_929, 3, 0), (4_102, 0, 0), (4_349, 3, 0)]
            .map(|(at, instance, kind)| Change { at, workspace: 0, instance, kind })
            .into(),
        endpoints: vec![Receiver { workspace: 0, phases: vec![Phase { from: 0, behaviour: Down }] }],
        acts: vec![
            act(3_652, Action::PauseFor { ms: 3_600_000 }),
            act(6_684, Action::PauseFor { ms: 60_000 }),
            act(6_745, Action::PauseFor { ms: 600_000 }),
            act(8_639, Action::ReplayFailed),
            act(8_642, Action::Rate { per_second: 10 }),
            act(9_457, Action::Remove),
            act(11_904, Action::Add),
        ],
        store: StoreFaults { latency_ms: 591, lost: 26, sdk_repeats: true, ..StoreFaults::default() },
        quiet_from: 14_366,
        page: 2,
        ..deferring(1138)
    });
}

/// A wake-up hours ahead was sent on with each copy that the queue had made of it: 36,000 times in all.
#[test]
fn copies_of_a_wake_up_hours_ahead_do_not_multiply() {
    holds(&Scenario {
        changes: vec![Change { at: 35_791_787, workspace: 1, instance: 0, kind: 0 }],
        endpoints: vec![Receiver { workspace: 1, phases: vec![Phase { from: 0, behaviour: Behaviour::Error }] }],
        store: StoreFaults { latency_ms: 5, ..StoreFaults::default() },
        wake_ups: WakeUpFaults { lost: 0, doubled: 596, late_ms: 50, missed_sweeps: 0 },
        quiet_from: 178_801_233,
        ..deferring(9_065_999)
    });
}

/// A URL was removed and added again while its drain listed the first delivery of an instance as failed: the second one
/// was sent before that was written.
#[test]
fn an_event_is_sent_after_the_failed_ones_before_it_are_written() {
    let act = |at, endpoint, action| Act { at, endpoint, action };
    holds(&Scenario {
        changes: [(138, 3, 1), (783, 4, 2), (1_928, 2, 2), (5_581, 3, 1)]
            .map(|(at, instance, kind)| Change { at, workspace: 0, instance, kind })
            .into(),
        endpoints: [Reject { percent: 92 }, Down]
            .map(|behaviour| Receiver { workspace: 0, phases: vec![Phase { from: 0, behaviour }] })
            .into(),
        acts: vec![
            act(0, 0, Action::Latest),
            act(1_102, 1, Action::Remove),
            act(4_652, 0, Action::Rate { per_second: 13 }),
            act(6_484, 0, Action::Remove),
            act(8_136, 0, Action::Add),
        ],
        store: StoreFaults { latency_ms: 179, refused: 7, sdk_repeats: true, ..StoreFaults::default() },
        mapping: Mapping { shards: 1, parallelization_factor: 1, batch_size: 1, window_ms: 429, repeated: 0 },
        wake_ups: WakeUpFaults { lost: 199, doubled: 0, late_ms: 3_618, missed_sweeps: 0 },
        quiet_from: 38_586,
        page: 1,
        ..deferring(9_074_912)
    });
}
