//! Durations of batches with slow receivers, and the requests to DynamoDB, both of which AWS bills. A batch holds its
//! part of the stream until the function responds; attempts in flight then continue, and are billed, until the function
//! asks for the next event. Deliveries that had not begun are pending, and later ones queue behind them: so the number
//! of immediate deliveries is counted, too.

use anyhow::Result;
use serde_json::{Value, json};

use crate::engine::Engine;
use crate::events::batch;
use crate::figures::median;
use crate::function::{Function, Implementation, WORKSPACE, drain};
use crate::process::LOG_OF_MEASURED;
use crate::receiver::Receiver;
use crate::scale::Scale;

/// Batches before those that are measured. A function starts with 8 requests at a time to an endpoint that it does not know.
const LEARNING: usize = 3;

pub(crate) async fn measure(scale: Scale) -> Result<Value> {
    // Receivers' milliseconds, records, URLs. With 10,000 none responds within its 10 seconds.
    let mut shapes = vec![];
    for receiver_ms in scale.pick(&[20][..], &[200], &[20, 200, 1_000]) {
        for records in scale.pick(&[10][..], &[1, 100], &[1, 10, 100]) {
            shapes.extend([1, 3].map(|urls| (*receiver_ms, *records, urls)));
        }
    }
    if scale == Scale::Whole {
        shapes.push((10_000, 100, 1));
    }
    let mut rows = Vec::new();
    for (receiver_ms, records, urls) in shapes {
        let does = if receiver_ms < 10_000 { format!("slow-{receiver_ms}") } else { "hang".to_owned() };
        for it in [Implementation::Ours, Implementation::OursWithLog, Implementation::Node, Implementation::Python] {
            let (engine, receiver) = (Engine::start().await?, Receiver::start().await?);
            let urls = receiver.urls((0..urls).map(|number| format!("{does}-{number}")));
            engine.call_back(&[(WORKSPACE.to_owned(), urls.clone())]).await?;
            let mut function = Function::start(it.launch(&engine, &urls)?).await?;
            let once = receiver_ms >= 10_000;
            // Until the function has learned how much the endpoints bear, and what that left pending is delivered.
            for _ in 0..if once { 0 } else { LEARNING } {
                function.invoke(batch(WORKSPACE, records)).await?;
                drain(&engine, WORKSPACE, &urls).await?;
            }
            engine.asked();
            receiver.take().await?;
            let pending = engine.pending().await?;
            let (cpu, batches) = (function.process.cpu_s()?, if once { 1 } else { scale.pick(1, 3, 3) });
            let (mut held, mut took, logged) = (Vec::new(), Vec::new(), logged()?);
            for _ in 0..batches {
                let done = function.invoke(batch(WORKSPACE, records)).await?;
                held.push(done.held.as_secs_f64() * 1_000.0);
                took.push(done.took.as_secs_f64() * 1_000.0);
            }
            let asked = engine.asked();
            let deliveries = (batches * records * urls.len()) as f64;
            let delivered = if once { 0.0 } else { receiver.count().await? as f64 / deliveries };
            let each = |count: u64| count as f64 / batches as f64;
            rows.push(json!({
                "implementation": it.name(),
                "receiver_ms": receiver_ms,
                "records": records,
                "urls": urls.len(),
                "delivered_at_once": delivered,
                "pending": (engine.pending().await? as f64 - pending as f64).max(0.0) / deliveries,
                "hold_ms": median(&held),
                "batch_ms": median(&took),
                "cpu_s": (function.process.cpu_s()? - cpu) / batches as f64,
                "peak_mb": function.process.peak_mb()?,
                "reads": each(asked.of("Query") + asked.of("GetItem")),
                "write_requests": each(asked.of("BatchWriteItem") + asked.of("UpdateItem") + asked.of("PutItem")),
                "items_written": each(asked.items),
                "wake_ups": each(asked.of("SendMessage")),
                "log_bytes": each(self::logged()? - logged),
            }));
        }
    }
    Ok(rows.into())
}

/// Returns the log of the functions so far, in bytes; one runs at a time.
fn logged() -> Result<u64> {
    Ok(std::fs::metadata(LOG_OF_MEASURED)?.len())
}
