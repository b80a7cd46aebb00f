//! Measures the delay of healthy endpoints beside others that hang: instances change at a steady rate, and are divided
//! among the lanes of a shard. All changes of a lane during its batch's hold are its next batch. An environment that
//! continues after its response is busy until it asks for the next event, and another one gets the batches meanwhile, as
//! on Lambda. The retry function probes the endpoints that hang once, when the first probe is due.

use std::cell::RefCell;
use std::pin::pin;
use std::time::Duration;

use anyhow::Result;
use futures_util::FutureExt;
use futures_util::future::try_join_all;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, sleep_until};

use crate::engine::Engine;
use crate::events::{payload, record, wake_up};
use crate::figures::percentile;
use crate::function::{Function, Implementation, WORKSPACE, bootstrap};
use crate::process::Launch;
use crate::receiver::{Arrivals, Receiver, now_us};
use crate::scale::Scale;

const ENDPOINTS: usize = 10;
const EVENTS_PER_S: f64 = 50.0;

/// Time after which endpoints that hang are recognised: the first timeouts are over, and so is the first probe, which is due
/// five seconds later and takes ten.
const RECOGNISED: Duration = Duration::from_secs(30);

/// Interval of wake-ups until then. The next probe is due half a minute later.
const WAKE: Duration = Duration::from_secs(1);

/// Batches of one shard at a time: `StreamParallelizationFactor`, as deployed.
const LANES: u32 = 10;

/// Largest batch, in records.
const BATCH: usize = 1_000;

/// Wait for an environment that has just responded, before another one is started.
const MOMENT: Duration = Duration::from_millis(10);

pub(crate) async fn measure(scale: Scale) -> Result<Value> {
    let after = Duration::from_secs(scale.pick(2, 4, 25));
    let mut rows = Vec::new();
    for hanging in scale.pick(&[0, 1][..], &[0, 5], &[0, 1, 5]) {
        let until_recognised = if *hanging == 0 { Duration::from_secs(3) } else { RECOGNISED };
        let recognised = scale.pick(Duration::from_secs(2), until_recognised, RECOGNISED);
        for it in [Implementation::OursWithLog, Implementation::Floor, Implementation::Node, Implementation::Python] {
            if scale == Scale::Quick && it == Implementation::Python {
                continue;
            }
            rows.extend(run(it, *hanging, recognised, after, scale).await?);
        }
    }
    Ok(rows.into())
}

async fn run(
    it: Implementation,
    hanging: usize,
    recognised: Duration,
    after: Duration,
    scale: Scale,
) -> Result<Vec<Value>> {
    let (engine, receiver) = (Engine::start().await?, Receiver::start().await?);
    let does = |number| if number < hanging { "hang" } else { "ok" };
    let urls = receiver.urls((0..ENDPOINTS).map(|number| format!("{}-{number}", does(number))));
    engine.call_back(&[(WORKSPACE.to_owned(), urls.clone())]).await?;
    let mut launch = it.launch(&engine, &urls)?;
    if it == Implementation::Floor {
        // It knows from the start what hangs.
        let (kept, sent) = urls.split_at(hanging);
        launch = launch.set("URLS", sent.join("\n")).set("KEPT_URLS", kept.join("\n"));
    }
    if scale == Scale::Smoke {
        launch = launch.set("CALLBACK_TIMEOUT_MS", "500");
    }
    let environments = Environments::start(launch).await?;
    let begun = Instant::now();
    let woken = if it == Implementation::OursWithLog { &urls[..hanging] } else { &[] };
    let wakes = woken.iter().map(|url| wake(&engine, url, begun + recognised - WAKE));
    let mut wakes = pin!(try_join_all(wakes).fuse());
    let mut lanes: Vec<_> = (0..LANES).map(|first| Lane { begun, next: first }).collect();
    let mut rows = Vec::new();
    for (phase, from, until) in
        [("outage begins", Duration::ZERO, recognised), ("recognised", recognised, recognised + after)]
    {
        let cpu = environments.cpu_s()?;
        let sent = tokio::select! {
            sent = try_join_all(lanes.iter_mut().map(|lane| lane.send(until, &environments))) => sent?,
            Err(error) = &mut wakes => return Err(error),
        };
        let held = sent.iter().map(|(held, _)| *held).max().unwrap_or_default();
        let batches: u32 = sent.iter().map(|(_, batches)| batches).sum();
        let seconds = begun.elapsed().saturating_sub(from).as_secs_f64();
        let arrivals = receiver.take().await?;
        let healthy: Vec<&Arrivals> =
            arrivals.iter().filter(|(path, _)| path.starts_with("ok")).map(|(_, it)| it).collect();
        let after_ms: Vec<f64> = healthy.iter().flat_map(|it| it.after_ms.iter().copied()).collect();
        let per_s = after_ms.len() as f64 / seconds;
        rows.push(json!({
            "implementation": it.name(),
            "hanging": hanging,
            "phase": phase,
            "healthy_per_s": per_s,
            "share_of_changes": per_s / (EVENTS_PER_S * (ENDPOINTS - hanging) as f64),
            "p50_ms": percentile(&after_ms, 0.5),
            "p99_ms": percentile(&after_ms, 0.99),
            "longest_hold_ms": held.as_secs_f64() * 1_000.0,
            "batches": batches,
            "environments": environments.count(),
            "cpu_s": environments.cpu_s()? - cpu,
        }));
    }
    Ok(rows)
}

/// Wakes an endpoint again and again until that time.
async fn wake(engine: &Engine, url: &str, until: Instant) -> Result<()> {
    let mut retry = Function::start(engine.environment(bootstrap("Retry")?)).await?;
    while Instant::now() < until {
        retry.invoke(wake_up(WORKSPACE, url)?).await?;
        sleep(WAKE).await;
    }
    Ok(())
}

/// A lane of the shard: its share of the changes, in order.
struct Lane {
    begun: Instant,
    /// Number of its next change.
    next: u32,
}

impl Lane {
    /// Sends batch after batch; returns the longest hold, and the number of batches.
    async fn send(&mut self, until: Duration, environments: &Environments) -> Result<(Duration, u32)> {
        let (mut held, mut batches) = (Duration::ZERO, 0);
        while self.due().duration_since(self.begun) < until {
            sleep_until(self.due()).await;
            let mut environment = environments.take().await?;
            let mut records = Vec::new();
            while records.len() < BATCH && self.due() <= Instant::now() {
                // Counted from the change, not from its delivery to the function.
                let late = Instant::now().duration_since(self.due()).as_micros() as u64;
                records.push(record(WORKSPACE, now_us() - late));
                self.next += LANES;
            }
            held = held.max(environment.respond(payload(&records)).await?.2);
            environments.give_back(environment);
            batches += 1;
        }
        Ok((held, batches))
    }

    /// Returns the time of its next change.
    fn due(&self) -> Instant {
        self.begun + Duration::from_secs_f64(f64::from(self.next) / EVENTS_PER_S)
    }
}

/// Environments of a function that are not responding to a batch, and the launch of further ones.
struct Environments(RefCell<Vec<Function>>, Launch);

impl Environments {
    async fn start(launch: Launch) -> Result<Self> {
        let mut first = Function::start(launch.clone()).await?;
        first.init().await?;
        Ok(Self(RefCell::new(vec![first]), launch))
    }

    /// Takes an environment that may be invoked.
    async fn take(&self) -> Result<Function> {
        let until = Instant::now() + MOMENT;
        loop {
            let idle = self.0.borrow().iter().position(Function::is_idle);
            match idle {
                Some(idle) => return Ok(self.0.borrow_mut().remove(idle)),
                None if Instant::now() < until => sleep(Duration::from_millis(1)).await,
                None => return Function::start(self.1.clone()).await,
            }
        }
    }

    fn give_back(&self, environment: Function) {
        self.0.borrow_mut().push(environment);
    }

    fn count(&self) -> usize {
        self.0.borrow().len()
    }

    fn cpu_s(&self) -> Result<f64> {
        self.0.borrow().iter().map(|it| it.process.cpu_s()).sum()
    }
}
