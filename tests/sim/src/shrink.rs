//! Makes a failing scenario smaller: takes parts away as long as the same rule is broken.

use std::collections::BTreeSet;

use crate::check::rules;
use crate::history::Violation;
use crate::scenario::{Behaviour, EnvironmentFaults, Mapping, Phase, Scenario, StoreFaults, WakeUpFaults};

/// A smaller scenario that breaks one of the rules that `scenario` breaks. `run` runs one.
pub fn shrink(scenario: Scenario, broken: &[Violation], run: impl Fn(&Scenario) -> Vec<Violation>) -> Scenario {
    let wanted: BTreeSet<_> = rules(broken);
    let fails = |candidate: &Scenario| rules(&run(candidate)).intersection(&wanted).next().is_some();
    let mut smallest = scenario;
    loop {
        let smaller = candidates(&smallest).into_iter().filter(|it| *it != smallest).find(|it| fails(it));
        match smaller {
            Some(smaller) => smallest = smaller,
            None => return smallest,
        }
    }
}

/// Scenarios that are smaller by one part, the largest parts first.
fn candidates(scenario: &Scenario) -> Vec<Scenario> {
    let mut all = Vec::new();
    let mut with = |change: &dyn Fn(&mut Scenario)| {
        let mut candidate = scenario.clone();
        change(&mut candidate);
        all.push(candidate);
    };
    let count = scenario.changes.len();
    let mut size = count / 2;
    while size > 0 {
        for from in (0..count).step_by(size) {
            with(&|it| _ = it.changes.drain(from..(from + size).min(count)));
        }
        size /= 2;
    }
    with(&|it| it.acts.clear());
    with(&|it| it.store = StoreFaults { latency_ms: it.store.latency_ms, ..StoreFaults::default() });
    with(&|it| it.environments = EnvironmentFaults::default());
    with(&|it| it.mapping = Mapping { shards: 1, parallelization_factor: 1, repeated: 0, ..it.mapping });
    with(&|it| it.wake_ups = WakeUpFaults { lost: 0, doubled: 0, late_ms: 50, missed_sweeps: 0 });
    for endpoint in (0..scenario.endpoints.len()).rev().filter(|_| scenario.endpoints.len() > 1) {
        with(&|it| {
            it.endpoints.remove(endpoint);
            it.acts.retain(|act| usize::from(act.endpoint) != endpoint);
            it.acts.iter_mut().filter(|act| usize::from(act.endpoint) > endpoint).for_each(|act| act.endpoint -= 1);
        });
    }
    (0..scenario.acts.len()).for_each(|act| with(&|it| _ = it.acts.remove(act)));
    for endpoint in 0..scenario.endpoints.len() {
        for phase in 0..scenario.endpoints[endpoint].phases.len() {
            with(&|it| _ = it.endpoints[endpoint].phases.remove(phase));
            let acknowledges = Phase {
                from: scenario.endpoints[endpoint].phases[phase].from,
                behaviour: Behaviour::Acknowledge { ms: 5 },
            };
            with(&|it| it.endpoints[endpoint].phases[phase] = acknowledges);
        }
    }
    with(&|it| it.store.refused = 0);
    with(&|it| it.store.lost = 0);
    with(&|it| it.store.unprocessed = 0);
    with(&|it| it.store.torn = 0);
    with(&|it| it.store.outages.clear());
    with(&|it| it.store.sdk_repeats = false);
    with(&|it| it.store.latency_ms = 5);
    with(&|it| it.environments.crash_at_poll = 0);
    with(&|it| it.environments.crash_at_time = 0);
    with(&|it| it.environments.freeze = 0);
    with(&|it| it.environments.lost_response = 0);
    with(&|it| it.environments.skew_ms = 0);
    with(&|it| it.mapping.repeated = 0);
    with(&|it| it.mapping.window_ms = 0);
    with(&|it| it.mapping.batch_size = 1);
    with(&|it| it.wake_ups.lost = 0);
    with(&|it| it.wake_ups.doubled = 0);
    with(&|it| it.wake_ups.missed_sweeps = 0);
    with(&|it| it.kill_at_end = false);
    with(&|it| it.page = 40);
    all
}

/// The scenario as a test, to be put into `tests/sim/tests/found.rs`.
pub fn as_test(scenario: &Scenario, violations: &[Violation]) -> String {
    let plan = format!("{scenario:#?}").replace(": [", ": vec![").replace('\n', "\n    ");
    let broken: Vec<_> = violations.iter().take(4).map(|it| format!("    // {}: {}", it.rule, it.text)).collect();
    let (seed, broken) = (scenario.seed, broken.join("\n"));
    format!("#[test]\nfn seed_{seed}() {{\n{broken}\n    holds(&{plan});\n}}\n")
}
