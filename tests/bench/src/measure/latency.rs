//! Measures the time from a write to the instance table to the arrival of the GET, by the program on one machine: its
//! stream reader replaces Lambda's event source mapping, whose own delay on AWS is added.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use crate::engine::Program;
use crate::figures::percentile;
use crate::patience::PATIENCE;
use crate::receiver::{Receiver, now_us};
use crate::scale::Scale;
use crate::tables::Instances;

pub(crate) async fn measure(scale: Scale) -> Result<Value> {
    let mut rows = Vec::new();
    for per_s in scale.pick(&[10, 50][..], &[10, 100, 1_000], &[10, 100, 1_000]) {
        rows.push(run(*per_s, scale.pick(2, 3, 30)).await?);
    }
    Ok(rows.into())
}

async fn run(per_s: u32, seconds: u32) -> Result<Value> {
    let receiver = Receiver::start().await?;
    let (_process, program) = Program::everywhere(&["--in-memory", "--dynamodb-port", "0"]).await?;
    program.call_back("default", &receiver.urls(["ok".to_owned()])).await?;
    let instances = Instances::at(&program.dynamodb);
    put(&instances, "warm-up").await?;
    while receiver.count().await? == 0 {
        sleep(Duration::from_millis(20)).await;
    }

    let events = per_s * seconds;
    let (begun, mut writes) = (Instant::now(), JoinSet::new());
    for number in 0..events {
        sleep_until(begun + Duration::from_secs(1) * number / per_s).await;
        let instances = instances.clone();
        writes.spawn(async move { put(&instances, &format!("i-{number}")).await });
    }
    while let Some(written) = writes.join_next().await {
        written??;
    }
    let wrote = begun.elapsed().as_secs_f64();
    let mut after_ms = Vec::new();
    let patience = Instant::now() + PATIENCE;
    while after_ms.len() < events as usize {
        ensure!(Instant::now() < patience, "{} of {events} have arrived", after_ms.len());
        sleep(Duration::from_millis(100)).await;
        after_ms.extend(receiver.take().await?.into_values().flat_map(|it| it.after_ms));
    }
    ensure!(after_ms.len() == events as usize, "each arrives once, not {} of {events}", after_ms.len());
    Ok(json!({
        "stack": "one machine",
        "writes_per_s": per_s,
        "written_per_s": f64::from(events) / wrote,
        "events": events,
        "p50_ms": percentile(&after_ms, 0.5),
        "p99_ms": percentile(&after_ms, 0.99),
        "p999_ms": percentile(&after_ms, 0.999),
        "most_ms": percentile(&after_ms, 1.0),
    }))
}

/// Writes an instance; its process is named by the time before that.
async fn put(instances: &Instances, instance: &str) -> Result<()> {
    instances.put(None, instance, &now_us().to_string()).await
}
