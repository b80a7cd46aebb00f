//! Measures the cost of a delivery with growing numbers of endpoints and workspaces in a batch. The number of
//! deliveries stays.

use std::time::Instant;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::engine::Engine;
use crate::events::{payload, record};
use crate::figures::median;
use crate::function::{Function, Implementation};
use crate::receiver::{Receiver, now_us};
use crate::scale::Scale;

pub(crate) async fn measure(scale: Scale) -> Result<Value> {
    // Workspaces, and URLs of each: a URL is one endpoint in each workspace.
    let shapes: &[(usize, usize)] = scale.pick(
        &[(1, 1), (2, 5)][..],
        &[(1, 1), (1, 50), (20, 50), (1_000, 1)],
        &[(1, 1), (1, 10), (1, 50), (2, 50), (20, 50), (10, 1), (100, 1), (1_000, 1)],
    );
    let (deliveries, rounds) = scale.pick((10, 1), (1_000, 3), (1_000, 9));
    let receiver = Receiver::start().await?;
    let mut rows = Vec::new();
    for &(workspaces, urls) in shapes {
        let engine = Engine::start().await?;
        let urls = receiver.urls((0..urls).map(|number| format!("ok-{number}")));
        let names: Vec<String> = (0..workspaces).map(|number| format!("w-{number}")).collect();
        engine.call_back(&names.iter().map(|name| (name.clone(), urls.clone())).collect::<Vec<_>>()).await?;
        let mut function = Function::start(Implementation::Ours.patient(&engine, &urls)?).await?;
        let records = deliveries / urls.len();
        let batch =
            || payload(&names.iter().cycle().take(records).map(|name| record(name, now_us())).collect::<Vec<_>>());
        function.batch(batch()).await?;
        receiver.take().await?;
        engine.asked();
        let (mut took, mut cpu) = (Vec::new(), 0.0);
        let begun = Instant::now();
        let mut batches = 0;
        while batches < rounds || (scale == Scale::Whole && begun.elapsed().as_secs_f64() < 1.0) {
            let before = function.process.cpu_s()?;
            took.push(function.batch(batch()).await?.as_secs_f64() * 1_000.0);
            cpu += function.process.cpu_s()? - before;
            batches += 1;
        }
        let sent = (batches * records * urls.len()) as u64;
        let asked = engine.asked();
        let (arrived, pending) = (receiver.count().await?, engine.pending().await?);
        ensure!(arrived + pending >= sent, "{arrived} of {sent} arrived, {pending} are pending");
        rows.push(json!({
            "workspaces": workspaces.min(records),
            "endpoints": workspaces.min(records) * urls.len(),
            "batch_ms": median(&took),
            "cpu_s_per_1000": cpu / (sent as f64 / 1_000.0),
            "dynamodb_requests_per_batch": asked.dynamodb() as f64 / batches as f64,
            "peak_mb": function.process.peak_mb()?,
        }));
    }
    Ok(rows.into())
}
