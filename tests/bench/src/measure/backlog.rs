//! Appends to the backlog of a failing endpoint, and drains it when the endpoint has recovered; beside that, deliveries
//! to an endpoint that was always healthy. With the built fan-out and retry functions.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::counter::Asked;
use crate::engine::Engine;
use crate::events::{batch, wake_up};
use crate::function::{Function, Implementation, bootstrap, drain};
use crate::patience::PATIENCE;
use crate::receiver::Receiver;
use crate::scale::Scale;

/// Number of records in a batch.
const BATCH: usize = 100;

/// Variable with a further size of the backlog. A million takes a quarter of an hour.
const LARGER: &str = "BENCH_BACKLOG";

/// Number of failures, more than make an endpoint failing (design: 5 different deliveries in a row).
const MISSES: usize = 8;

pub(crate) async fn measure(scale: Scale) -> Result<Value> {
    let sizes = scale.pick(&[200][..], &[2_000], &[1_000, 10_000, 100_000]);
    let larger =
        std::env::var(LARGER).ok().map(|it| it.parse().with_context(|| format!("{LARGER}={it}"))).transpose()?;
    let mut rows = Vec::new();
    for backlog in sizes.iter().copied().chain(larger) {
        rows.extend(run(backlog).await?);
    }
    Ok(rows.into())
}

async fn run(backlog: usize) -> Result<Vec<Value>> {
    let (engine, receiver) = (Engine::start().await?, Receiver::start().await?);
    let urls = receiver.urls(["ok".to_owned(), "gate".to_owned()]);
    engine.call_back(&[("well".to_owned(), urls[..1].to_vec()), ("ill".to_owned(), urls[1..].to_vec())]).await?;
    // As deployed, except for the backoff of a failing endpoint.
    let soon = |launch: crate::process::Launch| launch.set("BACKOFF_STEPS_S", "0.01");
    let mut fanout = Function::start(soon(Implementation::OursWithLog.patient(&engine, &urls)?)).await?;
    let mut retry = Function::start(soon(engine.environment(bootstrap("Retry")?))).await?;

    let direct = Turn::begin(&engine, &fanout)?;
    for _ in 0..backlog.min(5_000) / BATCH {
        fanout.batch(batch("well", BATCH)).await?;
    }
    let direct = direct.end("direct", backlog.min(5_000), backlog, &engine, &fanout)?;
    let (arrived, pending) = (receiver.count().await?, engine.pending().await?);
    ensure!(arrived + pending >= backlog.min(5_000) as u64, "{arrived} arrived, {pending} are pending");
    drain(&engine, "well", &urls[..1]).await?;
    receiver.take().await?;

    // Failures of this number of different deliveries in a row make it failing. From then on it is not called from the
    // stream.
    fanout.batch(batch("ill", MISSES)).await?;
    let rejected = receiver.count().await?;
    ensure!((1..=2 * MISSES as u64).contains(&rejected), "{rejected} attempts at an endpoint that becomes failing");
    let append = Turn::begin(&engine, &fanout)?;
    for _ in 0..backlog / BATCH {
        fanout.batch(batch("ill", BATCH)).await?;
    }
    let append = append.end("append", backlog, backlog, &engine, &fanout)?;
    ensure!(receiver.count().await? == 0, "a failing endpoint is not called from the stream");

    receiver.gate(true).await?;
    let waiting = (backlog + MISSES) as u64;
    let wake_up = wake_up("ill", &urls[1])?;
    let (drain, mut drained) = (Turn::begin(&engine, &retry)?, 0);
    let mut arrived_at = Instant::now();
    while drained < waiting {
        retry.invoke(wake_up.clone()).await?;
        let arrived = receiver.count().await?;
        drained += arrived;
        if arrived > 0 {
            arrived_at = Instant::now();
        }
        ensure!(arrived_at.elapsed() < PATIENCE, "{drained} of {waiting} were drained");
    }
    ensure!(drained == waiting, "{drained} of {waiting}: each arrives once");
    let drain = drain.end("drain", backlog, backlog, &engine, &retry)?;
    Ok(vec![direct, append, drain])
}

/// Measurements between two points in time.
struct Turn {
    begun: Instant,
    cpu_s: f64,
}

impl Turn {
    fn begin(engine: &Engine, function: &Function) -> Result<Self> {
        engine.asked();
        Ok(Self { begun: Instant::now(), cpu_s: function.process.cpu_s()? })
    }

    fn end(self, what: &str, deliveries: usize, backlog: usize, engine: &Engine, function: &Function) -> Result<Value> {
        let seconds = self.begun.elapsed().as_secs_f64();
        let asked: Asked = engine.asked();
        let thousands = deliveries as f64 / 1_000.0;
        Ok(json!({
            "what": what,
            "backlog": backlog,
            "per_s": deliveries as f64 / seconds,
            "cpu_s_per_1000": (function.process.cpu_s()? - self.cpu_s) / thousands,
            "dynamodb_requests_per_1000": asked.dynamodb() as f64 / thousands,
            "items_written_per_1000": asked.items as f64 / thousands,
            "requests": asked.requests,
        }))
    }
}
