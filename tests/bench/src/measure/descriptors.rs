//! A batch of 1,000 records with three URLs, to receivers that take 100 ms, with 1,024 file descriptors for the
//! process, the number of a Lambda environment.

use anyhow::Result;
use serde_json::{Value, json};

use crate::bare::{Bare, Http, Round};
use crate::engine::Engine;
use crate::events::batch;
use crate::function::{Function, Implementation, WORKSPACE, drain};
use crate::process::Launch;
use crate::receiver::Receiver;
use crate::scale::Scale;

const DESCRIPTORS: u32 = 1_024;

pub(crate) async fn measure(scale: Scale) -> Result<Value> {
    let records = scale.pick(400, 1_000, 1_000);
    let (engine, receiver) = (Engine::start().await?, Receiver::start().await?);
    let urls = receiver.urls((0..3).map(|number| format!("slow-100-{number}")));
    engine.call_back(&[(WORKSPACE.to_owned(), urls.clone())]).await?;
    let deliveries = records * urls.len();
    let mut rows = Vec::new();
    for it in [Implementation::Ours, Implementation::Node, Implementation::Python] {
        let launch = it.patient(&engine, &urls)?.set("UNBOUNDED", "1");
        let mut function = Function::start(Launch { descriptors: Some(DESCRIPTORS), ..launch }).await?;
        let took = function.batch(batch(WORKSPACE, records)).await?;
        let (arrived, pending) = (receiver.count().await?, engine.pending().await?);
        rows.push(row(it.name(), deliveries, arrived, pending, took.as_secs_f64()));
        // Pending deliveries of one run must not count in the next.
        drain(&engine, WORKSPACE, &urls).await?;
        receiver.take().await?;
    }
    let mut bare = Bare::start(Http::Reqwest, Some(DESCRIPTORS))?;
    let done = bare.round(&Round { urls, records, in_flight: deliveries }).await?;
    rows.push(row("reqwest", deliveries, receiver.count().await?, 0, done.seconds));
    Ok(rows.into())
}

fn row(name: &str, deliveries: usize, arrived: u64, pending: u64, seconds: f64) -> Value {
    json!({
        "implementation": name,
        "deliveries": deliveries,
        "arrived": arrived,
        "pending": pending,
        "lost": (deliveries as u64).saturating_sub(arrived + pending),
        "batch_ms": seconds * 1_000.0,
        "descriptors": DESCRIPTORS,
    })
}
