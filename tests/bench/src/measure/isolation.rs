//! Measures the delay of healthy endpoints beside others that hang: instances change at a steady rate, and all changes
//! during a batch's hold are the next batch, as for a shard with one batch at a time. An environment that continues
//! after its response is busy until it asks for the next event, and another one gets the batches meanwhile, as on
//! Lambda.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, sleep_until};

use crate::engine::Engine;
use crate::events::{payload, record};
use crate::figures::percentile;
use crate::function::{Function, Implementation};
use crate::process::Launch;
use crate::receiver::{Arrivals, Receiver, now_us};
use crate::scale::Scale;

const WORKSPACE: &str = "acme";
const ENDPOINTS: usize = 10;
const EVENTS_PER_S: f64 = 50.0;

/// Time after which slow endpoints are recognised: the first timeouts are over, and the deliveries behind them have
/// been sent.
const RECOGNISED: Duration = Duration::from_secs(15);

/// Largest batch, in records.
const BATCH: usize = 1_000;

/// Wait for an environment that has just responded, before another one is started.
const MOMENT: Duration = Duration::from_millis(10);

pub(crate) async fn measure(scale: Scale) -> Result<Value> {
    let after = Duration::from_secs(scale.pick(2, 4, 25));
    let mut rows = Vec::new();
    for hanging in scale.pick(&[0, 1][..], &[0, 5], &[0, 1, 5]) {
        let until_recognised = if *hanging == 0 { Duration::from_secs(3) } else { Duration::from_secs(13) };
        let recognised = scale.pick(Duration::from_secs(2), until_recognised, RECOGNISED);
        for it in [Implementation::OursWithLog, Implementation::Node, Implementation::Python] {
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
    if scale == Scale::Smoke {
        launch = launch.set("CALLBACK_TIMEOUT_MS", "500");
    }
    let mut environments = Environments::start(launch).await?;

    let (mut rows, begun, mut sent) = (Vec::new(), Instant::now(), 0_u32);
    let due = |number: u32| begun + Duration::from_secs_f64(f64::from(number) / EVENTS_PER_S);
    for (phase, from, until) in
        [("outage begins", Duration::ZERO, recognised), ("recognised", recognised, recognised + after)]
    {
        let (cpu, mut held, mut batches) = (environments.cpu_s()?, Duration::ZERO, 0);
        while begun.elapsed() < until {
            sleep_until(due(sent)).await;
            let mut records = Vec::new();
            while records.len() < BATCH && due(sent) <= Instant::now() {
                // Counted from the change, not from its delivery to the function.
                let late = Instant::now().duration_since(due(sent)).as_micros() as u64;
                records.push(record(WORKSPACE, now_us() - late));
                sent += 1;
            }
            held = held.max(environments.idle().await?.respond(payload(&records)).await?.2);
            batches += 1;
        }
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
            "environments": environments.0.len(),
            "cpu_s": environments.cpu_s()? - cpu,
        }));
    }
    Ok(rows)
}

/// Environments of a function; the launch is for those that are started when all are busy.
struct Environments(Vec<Function>, Launch);

impl Environments {
    async fn start(launch: Launch) -> Result<Self> {
        let mut first = Function::start(launch.clone()).await?;
        first.init().await?;
        Ok(Self(vec![first], launch))
    }

    /// Returns an environment that may be invoked.
    async fn idle(&mut self) -> Result<&mut Function> {
        let until = Instant::now() + MOMENT;
        let free = loop {
            match self.0.iter().position(Function::is_idle) {
                None if Instant::now() < until => sleep(Duration::from_millis(1)).await,
                free => break free,
            }
        };
        let free = match free {
            Some(free) => free,
            None => {
                self.0.push(Function::start(self.1.clone()).await?);
                self.0.len() - 1
            }
        };
        self.0.get_mut(free).context("it is there")
    }

    fn cpu_s(&self) -> Result<f64> {
        self.0.iter().map(|it| it.process.cpu_s()).sum()
    }
}
