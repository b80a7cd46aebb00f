//! `sim [SEEDS] [FROM]` runs so many seeds, from one on, on all cores; a seed that fails is shrunk and printed as a test.
//! `--no-shrink` prints it as it is, `--first` stops at the first. `sim trace SEED` prints one run.

use std::panic::AssertUnwindSafe;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

use sim::{Outcome, Scenario, Violation, as_test, run, shrink};

/// Lines of the trace that are printed of a run that fails. Reads that were answered are left out.
const TAIL: usize = 400;

fn simulate(scenario: &Scenario) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.expect("a runtime");
    let ran = std::panic::catch_unwind(AssertUnwindSafe(|| run(runtime, scenario)));
    ran.unwrap_or_else(|_| Outcome { violations: vec![Violation::panic(scenario.seed)], ..Outcome::default() })
}

#[expect(clippy::print_stdout, reason = "it is a program for the command line")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, default| arguments.get(at).and_then(|it| it.parse().ok()).unwrap_or(default);
    if arguments.first().is_some_and(|it| it == "trace") {
        let scenario = Scenario::of(number(1, 0));
        let outcome = simulate(&scenario);
        println!("{scenario:#?}\n{}{:#?}", outcome.trace, outcome.violations);
        return ExitCode::SUCCESS;
    }
    let (seeds, from): (u64, u64) = (number(0, 1_000), number(1, 0));
    let shrinks = !arguments.iter().any(|it| it == "--no-shrink");
    let stops = arguments.iter().any(|it| it == "--first");
    let (next, begun) = (AtomicU64::new(from), Instant::now());
    let [failed, arrivals, invocations, calls, renewals, deaths] = [const { AtomicUsize::new(0) }; 6];
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= from + seeds {
                return;
            }
            let scenario = Scenario::of(seed);
            let outcome = simulate(&scenario);
            arrivals.fetch_add(outcome.arrivals, Ordering::Relaxed);
            invocations.fetch_add(outcome.invocations, Ordering::Relaxed);
            calls.fetch_add(outcome.calls, Ordering::Relaxed);
            renewals.fetch_add(outcome.renewals, Ordering::Relaxed);
            deaths.fetch_add(outcome.deaths, Ordering::Relaxed);
            if outcome.violations.is_empty() {
                continue;
            }
            failed.fetch_add(1, Ordering::Relaxed);
            if stops {
                next.fetch_add(seeds, Ordering::Relaxed);
            }
            let what: Vec<_> = outcome.violations.iter().map(|it| format!("  {}: {}", it.rule, it.text)).collect();
            println!("seed {seed} fails:\n{}", what[..what.len().min(5)].join("\n"));
            if shrinks {
                let smallest = shrink(scenario, &outcome.violations, |it| simulate(it).violations);
                let outcome = simulate(&smallest);
                let is_read = |line: &&str| {
                    line.ends_with("200 Answered") && [" Query ", " GetItem "].iter().any(|it| line.contains(it))
                };
                let lines: Vec<_> = outcome.trace.lines().filter(|line| !is_read(line)).collect();
                println!("{}", lines[lines.len().saturating_sub(TAIL)..].join("\n"));
                println!("{}", as_test(&smallest, &outcome.violations));
            }
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| (0..cores).for_each(|_| _ = scope.spawn(work)));
    let counts = [failed, arrivals, invocations, calls, renewals, deaths];
    let [failed, arrivals, invocations, calls, renewals, deaths] = counts.map(AtomicUsize::into_inner);
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "{seeds} histories from seed {from} in {seconds:.1} s: {arrivals} requests, {invocations} invocations, {calls} calls of the tables, {renewals} renewals of leases, {deaths} drains that died; {failed} failed"
    );
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
