//! Measures the cost of hostile receivers: `make measure-hostile` prints the function's peak memory under each kind,
//! and the delay of another workspace's events beside them. `HOSTILITY` names the kinds, with blanks between them.
//! `FANOUT_BOOTSTRAP` may be a script that gives the function a part of a core.

use webhooks_test_support::hostile;
#[allow(dead_code, reason = "of another target")]
mod lambda;
#[allow(dead_code, reason = "its tests are of another target")]
mod memory;
mod neighbours;
use webhooks_test_support::patience;
use webhooks_test_support::receiver;
#[allow(dead_code, reason = "of another target")]
mod stage;

use hostile::Hostility;
use neighbours::EVENTS;

/// Number of batches for the percentiles.
const RUNS: usize = 4;

#[tokio::main]
#[expect(clippy::print_stdout, reason = "it is a program for the command line")]
async fn main() {
    let only = std::env::var("HOSTILITY").unwrap_or_default();
    let named = |it: &Hostility| only.is_empty() || only.split(' ').any(|name| name == format!("{it:?}"));
    for hostility in Hostility::ALL.into_iter().filter(named) {
        for memory_mib in [256, 128] {
            println!("{hostility:?}, {memory_mib} MiB: peak {} MiB", memory::peak(hostility, memory_mib).await);
        }
        for urls in [0, 1, 10, 150] {
            let mut all = Vec::new();
            for _ in 0..RUNS {
                all.extend(neighbours::arrivals(hostility, urls).await);
            }
            all.sort_unstable();
            let percentile = |part: usize| all.get((all.len() * part / 100).min(all.len().saturating_sub(1)));
            let (p50, p99) = (percentile(50), percentile(99));
            println!("{hostility:?} x {urls}: {} of {}, p50 {p50:?} ms, p99 {p99:?} ms", all.len(), RUNS * EVENTS);
        }
    }
}
