//! A run: the storm, the quiet after it, and the checks.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::mpsc::unbounded_channel;
use tokio::task::{LocalSet, spawn_local};
use tokio::time::sleep;

use crate::administrator::Administrator;
use crate::check;
use crate::environment::Lambda;
use crate::history::{Known, Made, Run, Violation};
use crate::mapping::Mapping;
use crate::queue;
use crate::scenario::{Act, Action, Scenario};
use crate::tables::Tables;

/// Longest latency of the stream.
const STREAM_MS: u64 = 200;

/// How long what is pending may take after the storm: a delivery's own schedule has pauses of up to 4.4 hours.
const PATIENCE: Duration = Duration::from_secs(12 * 60 * 60);

/// So many invocations after the storm say that something goes on in a circle.
const MOST_INVOCATIONS: usize = 2_000;

/// What a run came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// What does not hold.
    pub violations: Vec<Violation>,
    /// A line for each thing that happened.
    pub trace: String,
    /// Requests that arrived.
    pub arrivals: usize,
    /// Invocations of functions.
    pub invocations: usize,
    /// Calls of the tables.
    pub calls: usize,
    /// Renewals of leases.
    pub renewals: usize,
    /// Drains that died.
    pub deaths: usize,
}

/// Runs a scenario. `runtime` is one of this thread alone, with its clock paused.
pub fn run(runtime: Runtime, scenario: &Scenario) -> Outcome {
    webhooks_runtime::invariant::panic_on_violation();
    // What the SDK draws for itself.
    fastrand::seed(scenario.seed);
    runtime.block_on(LocalSet::new().run_until(simulate(scenario.clone())))
}

async fn simulate(scenario: Scenario) -> Outcome {
    let run = Arc::new(Run::new(scenario));
    let tables = Tables::new(&run);
    let (timer, wake_ups) = unbounded_channel();
    let lambda = Lambda::new(&run, tables.clone(), timer);
    queue::start(&lambda, wake_ups);
    let mapping = Rc::new(Mapping::start(&lambda));

    run.calm_down(true);
    let mut administrator = Administrator::new(&lambda);
    administrator.configure_all(true).await;
    run.calm_down(false);
    spawn_local(change(Arc::clone(&run), Rc::clone(&mapping)));
    for act in run.scenario.acts.clone() {
        run.until(act.at).await;
        administrator.act(act).await;
    }
    run.until(run.scenario.quiet_from).await;

    run.trace("run", "quiet");
    run.calm_down(true);
    if run.scenario.kill_at_end {
        lambda.kill_all();
        // What was on its way to the tables gets there.
        sleep(Duration::from_secs(1)).await;
        check::guarded(&run, &tables);
    }
    quiet(&run, &tables, &lambda, &mapping, &mut administrator).await;
    check::all(&run, &tables);
    let history = &mut *run.history();
    Outcome {
        renewals: history.renewals(),
        deaths: history.deaths(),
        violations: std::mem::take(&mut history.violations),
        trace: std::mem::take(&mut history.trace),
        arrivals: history.arrivals.len(),
        invocations: history.invocations.len(),
        calls: history.invocations.iter().map(|it| it.calls).sum(),
    }
}

/// Changes instances, and hands their records to the stream.
async fn change(run: Arc<Run>, mapping: Rc<Mapping>) {
    let rng = &mut crate::chance::stream(run.scenario.seed, "stream");
    for (number, change) in run.scenario.changes.iter().enumerate() {
        run.until(change.at).await;
        run.history().changes.push(Made { change: *change, handed: Vec::new(), done: None, comes_again: false });
        run.trace("table", format_args!("event-{number} of i-{} in w{}", change.instance, change.workspace));
        sleep(Duration::from_millis(rng.u64(0..STREAM_MS))).await;
        mapping.put(number, change.workspace, change.instance);
    }
}

/// Nothing fails any more, until nothing is left to do.
async fn quiet(run: &Arc<Run>, tables: &Tables, lambda: &Lambda, mapping: &Mapping, administrator: &mut Administrator) {
    administrator.configure_all(run.scenario.seed.is_multiple_of(2)).await;
    for endpoint in 0..run.endpoints.len() {
        let configured = run.history().was_configured(endpoint, run.ms(), run.ms()) == Known::Yes;
        if !configured {
            continue;
        }
        let endpoint = u8::try_from(endpoint).unwrap_or_default();
        for action in [Action::Unpause, Action::Rate { per_second: 0 }, Action::Resume] {
            administrator.act(Act { at: run.ms(), endpoint, action }).await;
        }
    }
    let all = run.scenario.changes.len();
    let most = run.history().invocations.len() + MOST_INVOCATIONS;
    let (mut pause, mut waited) = (Duration::from_secs(10), Duration::ZERO);
    while waited < PATIENCE && run.history().invocations.len() < most {
        let looked = waited;
        while waited < looked + pause && run.history().invocations.len() < most {
            sleep(Duration::from_secs(10)).await;
            waited += Duration::from_secs(10);
        }
        pause = (pause * 3 / 2).min(Duration::from_secs(900));
        let read = run.history().changes.len() == all && mapping.is_idle();
        if read && lambda.is_idle() && check::is_at_rest(run, tables) {
            return;
        }
    }
}
