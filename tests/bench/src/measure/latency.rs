//! From a write to the instance table to the arrival of the GET, by the program on one machine: its stream reader stands for
//! Lambda's event source mapping, whose own delay on AWS comes on top.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use crate::engine::Program;
use crate::figures::percentile;
use crate::patience::{PATIENCE, stalls, timeouts};
use crate::receiver::{Receiver, now_us};
use crate::scale::Scale;

pub(crate) async fn measure(scale: Scale) -> Result<Value> {
    let mut rows = Vec::new();
    for per_s in scale.pick(&[10, 50][..], &[10, 100, 1_000], &[10, 100, 1_000]) {
        rows.push(run(*per_s, scale.pick(2, 3, 30)).await?);
    }
    Ok(rows.into())
}

async fn run(per_s: u32, seconds: u32) -> Result<Value> {
    let receiver = Receiver::start().await?;
    let (_process, program) = Program::start(&["--in-memory", "--dynamodb-port", "0"], |launch| launch).await?;
    program.call_back("default", &receiver.urls(["ok".to_owned()])).await?;
    let client = client(&program.dynamodb);
    put(&client, "warm-up").await?;
    while receiver.count().await? == 0 {
        sleep(Duration::from_millis(20)).await;
    }

    let events = per_s * seconds;
    let (begun, mut writes) = (Instant::now(), JoinSet::new());
    for number in 0..events {
        sleep_until(begun + Duration::from_secs(1) * number / per_s).await;
        let client = client.clone();
        writes.spawn(async move { put(&client, &format!("i-{number}")).await });
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
async fn put(client: &Client, instance: &str) -> Result<()> {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let put = client.put_item().table_name("Instances").item("instanceID", text(instance));
    put.item("processName", text(&now_us().to_string())).send().await.context("an instance could not be written")?;
    Ok(())
}

fn client(endpoint: &str) -> Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .region(Region::from_static("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "bench"))
        .http_client(webhooks::aws::http_client())
        .timeout_config(timeouts())
        .stalled_stream_protection(stalls())
        .build();
    Client::from_conf(config)
}
