//! Deliveries: log and backlog in one table, an item each. Keys and their reasons: docs/adr/0005.

mod again;
mod backlog;
mod figures;
mod item;
mod key;
mod log;
mod waiting;
mod write;

use aws_sdk_dynamodb::Client;

pub use backlog::PendingPage;
pub use figures::Figures;
pub use item::StoredDelivery;
pub use key::{DeliveryId, InvalidDeliveryId, Place, Turn};
pub use log::{Cursor, InvalidCursor, LogFilter, LogPage};
pub use waiting::Waiting;
pub use write::DeliveryWrite;

/// Reads and writes deliveries.
#[derive(Clone, Debug)]
pub struct DeliveriesStore {
    client: Client,
    table: String,
}

impl DeliveriesStore {
    /// Deliveries in the given table.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }
}
