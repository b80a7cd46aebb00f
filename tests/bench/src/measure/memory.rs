//! Measures the peak memory of a batch of 1,000 records with 50 URLs, with 128 MB for the process, Lambda's smallest
//! size. Receivers respond at once, or never.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::engine::Engine;
use crate::events::batch;
use crate::function::{Function, Implementation, WORKSPACE};
use crate::process::Launch;
use crate::receiver::Receiver;
use crate::scale::Scale;

const MEMORY_MB: u32 = 128;

pub(crate) async fn measure(scale: Scale) -> Result<Value> {
    let (records, urls) = scale.pick((20, 50), (400, 50), (1_000, 50));
    let mut rows = Vec::new();
    for receiver_does in ["ok", "hang"] {
        let (engine, receiver) = (Engine::start().await?, Receiver::start().await?);
        let urls = receiver.urls((0..urls).map(|number| format!("{receiver_does}-{number}")));
        engine.call_back(&[(WORKSPACE.to_owned(), urls.clone())]).await?;
        let launch = Implementation::OursWithLog.launch(&engine, &urls)?;
        let launch = launch.set("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", MEMORY_MB.to_string());
        let mut function = Function::start(Launch { memory_mb: Some(MEMORY_MB), ..launch }).await?;
        let done = function.invoke(batch(WORKSPACE, records)).await?;
        let answer: Value = serde_json::from_slice(&done.payload)?;
        let arrived = receiver.count().await?;
        ensure!(arrived > 0, "nothing was sent");
        rows.push(json!({
            "receiver": if receiver_does == "ok" { "answers at once" } else { "never answers" },
            "deliveries": records * urls.len(),
            "attempts": arrived,
            "written": engine.asked().items,
            "reported_records": answer["batchItemFailures"].as_array().map_or(0, Vec::len),
            "pending": engine.pending().await?,
            "hold_ms": done.held.as_secs_f64() * 1_000.0,
            "batch_ms": done.took.as_secs_f64() * 1_000.0,
            "peak_mb": function.process.peak_mb()?,
            "bound_mb": MEMORY_MB,
        }));
    }
    Ok(rows.into())
}
