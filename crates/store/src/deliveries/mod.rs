//! Deliveries: log and backlog in one table, one item per delivery. docs/adr/0005 explains the keys.

mod again;
mod backlog;
mod backlog_size;
mod budget;
mod erase;
mod filter;
mod item;
mod key;
mod later;
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
pub use erase::InstanceDeliveries;
use filter::Conditions;
pub use filter::{FailureReason, LogFilter, StatusCodes};
pub use item::StoredDelivery;
pub use key::{DeliveryId, InvalidDeliveryId, StorageState, Turn};
pub use log::{Cursor, InvalidCursor, LogPage};
pub use samples::Samples;
pub use write::DeliveryWrite;

/// Store of the deliveries.
#[derive(Clone, Debug)]
pub struct DeliveriesStore {
    client: Client,
    table: String,
    retention: Duration,
}

/// Default of [`DeliveriesStore::retaining`].
const RETENTION: Duration = Duration::from_secs(30 * 24 * 60 * 60);

impl DeliveriesStore {
    /// Creates the store of the given table.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into(), retention: RETENTION }
    }

    /// Sets the retention of completed deliveries. Pending ones never expire.
    #[must_use]
    pub fn retaining(self, retention: Duration) -> Self {
        Self { retention, ..self }
    }

    /// Returns the expiry of a delivery that is written in a storage state now.
    fn expires_at(&self, storage: StorageState, now: Timestamp) -> Option<Timestamp> {
        match storage {
            StorageState::Pending(_) | StorageState::Deferred(_) => None,
            StorageState::Completed | StorageState::Discarded => {
                Some(now.saturating_add(self.retention).unwrap_or(Timestamp::MAX))
            }
        }
    }
}
