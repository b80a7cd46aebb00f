//! The simulation in `make test`: a fixed number of histories, however busy the machine is.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use sim::{Outcome, Scenario, run};

fn simulate(scenario: &Scenario) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    run(runtime.expect("a runtime"), scenario)
}

/// Histories in a test run. `make sim` runs as many as one likes.
const HISTORIES: u64 = 300;

#[test]
fn what_the_design_promises_holds_in_every_history() {
    let (next, failed) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    let [renewals, deaths] = [const { AtomicUsize::new(0) }; 2];
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= HISTORIES {
                return;
            }
            let Outcome { violations, renewals: renewed, deaths: died, .. } = simulate(&Scenario::of(seed));
            renewals.fetch_add(renewed, Ordering::Relaxed);
            deaths.fetch_add(died, Ordering::Relaxed);
            if !violations.is_empty() {
                failed.lock().unwrap().push((seed, violations));
            }
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| (0..cores).for_each(|_| drop(scope.spawn(work))));
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "`make sim SEEDS=1 FROM=seed` shrinks it: {failed:#?}");
    let [renewals, deaths] = [renewals, deaths].map(AtomicUsize::into_inner);
    assert!(renewals > 0 && deaths > 0, "{renewals} leases are renewed, {deaths} drains die");
}

#[test]
fn the_same_seed_gives_the_same_history() {
    // The last one replays many deliveries at a time.
    for seed in (0..6).chain([36]) {
        let (one, another) = (simulate(&Scenario::of(seed)), simulate(&Scenario::of(seed)));
        let differs = one.trace.lines().zip(another.trace.lines()).find(|(one, another)| one != another);
        assert_eq!(differs, None, "seed {seed}");
        assert!(one == another, "seed {seed}");
    }
}
