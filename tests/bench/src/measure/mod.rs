//! The measurements, one in each file. Each returns rows, which the report puts into tables.

mod backlog;
mod billed;
mod cold;
mod descriptors;
mod fanout;
mod growth;
mod imperfect;
mod isolation;
mod latency;
mod memory;

use anyhow::Result;
use clap::ValueEnum;
use serde_json::Value;

use crate::scale::Scale;

/// Measurement.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum What {
    /// Deliveries a second and CPU time of each implementation, beside the bare loops
    Fanout,
    /// A batch of 1,000 records with three URLs, with 1,024 file descriptors, as on Lambda
    Descriptors,
    /// From the start of a process to its first response
    Cold,
    /// Peak memory of a batch of 1,000 records with 50 URLs
    Memory,
    /// Cost of a delivery with more endpoints and workspaces
    Growth,
    /// Durations of batches with slow receivers, and requests to DynamoDB: for the bill
    Billed,
    /// Delay of healthy endpoints beside others that hang
    Isolation,
    /// Appending to the backlog of a failing endpoint, and draining it
    Backlog,
    /// From a write to the table to the arrival of the GET
    Latency,
    /// Effect of receivers that sometimes fail, are slow, hang or are down, on themselves and others
    Imperfect,
}

pub(crate) async fn measure(what: What, scale: Scale) -> Result<Value> {
    match what {
        What::Fanout => fanout::measure(scale).await,
        What::Descriptors => descriptors::measure(scale).await,
        What::Cold => cold::measure(scale).await,
        What::Memory => memory::measure(scale).await,
        What::Growth => growth::measure(scale).await,
        What::Billed => billed::measure(scale).await,
        What::Isolation => isolation::measure(scale).await,
        What::Backlog => backlog::measure(scale).await,
        What::Latency => latency::measure(scale).await,
        What::Imperfect => imperfect::measure(scale).await,
    }
}
