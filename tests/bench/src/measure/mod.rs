//! What is measured; a file a thing. Each answers rows, which the report puts into tables.

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

/// What is measured.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum What {
    /// Deliveries a second and CPU time of each implementation, beside the bare loops
    Fanout,
    /// A batch of 1,000 records with three URLs where there are 1,024 file descriptors, as on Lambda
    Descriptors,
    /// From the start of a process to its first answer
    Cold,
    /// The most memory that a batch of 1,000 records with 50 URLs takes
    Memory,
    /// What a delivery costs as endpoints and workspaces become more
    Growth,
    /// How long batches take with slow receivers, and what is asked of DynamoDB: for what it costs
    Billed,
    /// What healthy endpoints feel of others that hang
    Isolation,
    /// Appending to the backlog of a failing endpoint, and draining it
    Backlog,
    /// From a write to the table to the arrival of the GET
    Latency,
    /// What receivers that fail now and then, are slow, hang or are down cost, themselves and others
    Imperfect,
}

/// Measures it.
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
