//! Wake-ups: the queue, which is late, loses messages and doubles them, and the sweep, which now and then does not happen.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::spawn_local;
use tokio::time::{Instant, sleep, sleep_until};
use webhooks_engine::wake_up::WakeUp;

use crate::chance::{happens, stream};
use crate::environment::{Doom, Doomed, End, Lambda, ms};
use crate::history::{Kind, Run};

/// The function's time (`RetryFunction` in `template.yaml`).
const TIME: Duration = Duration::from_secs(300);

/// After that a message that was not carried out comes again (`WakeUpQueue`).
const VISIBILITY: Duration = Duration::from_secs(1_800);

/// So often a message is received at most.
const RECEIVES: u32 = 5;

/// SQS delays no message longer.
const MAX_SQS_DELAY: Duration = Duration::from_secs(900);

/// Between two sweeps.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

/// Carries wake-ups out.
pub(crate) fn start(lambda: &Rc<Lambda>, mut wake_ups: UnboundedReceiver<(WakeUp, Duration)>) {
    let rng = Rc::new(RefCell::new(stream(lambda.run.scenario.seed, "queue")));
    let (of, chance) = (Rc::clone(lambda), Rc::clone(&rng));
    spawn_local(async move {
        while let Some((wake_up, delay)) = wake_ups.recv().await {
            for late in copies(&of.run, &mut chance.borrow_mut()) {
                let whole = Duration::from_secs(u64::try_from(delay.as_millis().div_ceil(1_000)).unwrap_or(900));
                let message = carry_out(Rc::clone(&of), wake_up.clone(), whole.min(MAX_SQS_DELAY) + late);
                spawn_local(message);
            }
        }
    });
    spawn_local(sweeps(Rc::clone(lambda), rng));
}

/// How late each copy of a message is.
fn copies(run: &Arc<Run>, rng: &mut Rng) -> Vec<Duration> {
    let faults = run.scenario.wake_ups;
    let (lost, doubled) = (happens(rng, faults.lost), happens(rng, faults.doubled));
    let late = [ms(rng.u64(1..=faults.late_ms.max(1))), ms(rng.u64(1..=faults.late_ms.max(1)))];
    match (lost, doubled) {
        _ if run.is_calm() => vec![late[0].min(ms(50))],
        (true, _) => vec![],
        (false, true) => late.to_vec(),
        (false, false) => vec![late[0]],
    }
}

async fn carry_out(lambda: Rc<Lambda>, wake_up: WakeUp, delay: Duration) {
    sleep(delay).await;
    for _ in 0..RECEIVES {
        let received = Instant::now();
        if drain(&lambda, &wake_up).await {
            return;
        }
        sleep_until(received + VISIBILITY).await;
    }
}

/// Invokes the function; returns whether that was a success.
async fn drain(lambda: &Rc<Lambda>, wake_up: &WakeUp) -> bool {
    let run = &lambda.run;
    let Some(endpoint) = run.endpoint_of(&wake_up.endpoint) else { return true };
    let (environment, doom, deadline) = (lambda.retry(), lambda.doom(), Instant::now() + TIME);
    let invocation = environment.begin(run, Kind::Drain(endpoint));
    run.trace(&environment.name, format_args!("wake-up r{endpoint}"));
    let (of, wake_up) = (Rc::clone(lambda), wake_up.clone());
    let task = spawn_local(async move {
        let function = Rc::clone(&environment.function);
        let woken = async move { function.wake(&wake_up, deadline).await.is_ok() };
        let end = Doomed::new(&of.run, invocation, doom, deadline, woken).await;
        let ms = of.run.ms();
        of.run.history().invocations[invocation].ended = Some(ms);
        of.run.trace(&environment.name, format_args!("wake-up ended: {end:?}"));
        if matches!(end, End::Returned(_)) {
            of.retries.borrow_mut().push(environment);
        }
        end == End::Returned(true)
    });
    lambda.at_work(invocation, task.abort_handle());
    task.await.unwrap_or(false)
}

async fn sweeps(lambda: Rc<Lambda>, rng: Rc<RefCell<Rng>>) {
    loop {
        sleep(SWEEP_EVERY).await;
        let run = &lambda.run;
        let missed = happens(&mut rng.borrow_mut(), run.scenario.wake_ups.missed_sweeps) && !run.is_calm();
        // No query is needed when nothing can be overdue.
        let now = run.now().as_millisecond() + run.scenario.environments.skew_ms.cast_signed();
        let overdue = (0..run.endpoints.len())
            .any(|endpoint| run.history().record(endpoint).and_then(|it| it.wake_at).is_some_and(|at| at <= now));
        if missed || !overdue {
            continue;
        }
        let environment = lambda.retry();
        let invocation = environment.begin(run, Kind::Sweep);
        let of = Rc::clone(&lambda);
        let task = spawn_local(async move {
            let function = Rc::clone(&environment.function);
            let swept = async move { function.sweep_overdue().await.is_ok() };
            let end = Doomed::new(&of.run, invocation, Doom::default(), Instant::now() + TIME, swept).await;
            let ms = of.run.ms();
            of.run.history().invocations[invocation].ended = Some(ms);
            of.run.trace(&environment.name, format_args!("sweep: {end:?}"));
            of.retries.borrow_mut().push(environment);
        });
        lambda.at_work(invocation, task.abort_handle());
        _ = task.await;
    }
}
