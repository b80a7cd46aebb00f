//! Deliveries: log and backlog in one table, an item each. Keys and their reasons: docs/adr/0005.

mod again;
mod backlog;
mod backlog_size;
mod budget;
mod item;
mod key;
mod log;
mod samples;
mod source;
mod write;

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use jiff::Timestamp;

pub use backlog::PendingPage;
pub use backlog_size::BacklogSize;
pub use budget::Budget;
pub use item::StoredDelivery;
pub use key::{DeliveryId, InvalidDeliveryId, Place, Turn};
pub use log::{Cursor, InvalidCursor, LogFilter, LogPage};
pub use samples::Samples;
pub use write::DeliveryWrite;

/// Reads and writes deliveries.
#[derive(Clone, Debug)]
pub struct DeliveriesStore {
    client: Client,
    table: String,
    retention: Duration,
}

/// Default of [`DeliveriesStore::retaining`].
const RETENTION: Duration = Duration::from_secs(30 * 24 * 60 * 60);

impl DeliveriesStore {
    /// Deliveries in the given table.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into(), retention: RETENTION }
    }

    /// The same, where completed deliveries are kept this long. Pending ones never expire.
    #[must_use]
    pub fn retaining(self, retention: Duration) -> Self {
        Self { retention, ..self }
    }

    /// Time at which a delivery expires that is put there now.
    fn expires_at(&self, place: Place, now: Timestamp) -> Option<Timestamp> {
        match place {
            Place::Backlog(_) | Place::Deferred(_) => None,
            Place::Completed | Place::Nowhere => Some(now.saturating_add(self.retention).unwrap_or(Timestamp::MAX)),
        }
    }
}
