//! The two tables. Each file knows one kind of item: its keys, its form, and how it is read and written.

mod callbacks;
mod deliveries;
mod endpoints;

use aws_sdk_dynamodb::error::{DisplayErrorContext, SdkError};

pub use callbacks::{CallbacksStore, Revision, StoredCallbacks};
pub use deliveries::{
    Change, Cursor, DeliveriesStore, DeliveryId, InvalidCursor, InvalidDeliveryId, LogFilter, LogPage, Place,
    StoredDelivery, Waiting,
};
pub use endpoints::{EndpointsStore, Lease, SettingsChange, WorkspaceState};

/// Where the items are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tables {
    /// `WEBHOOKS_TABLE` (default `Webhooks`): callbacks and endpoints.
    pub webhooks: String,
    /// `DELIVERIES_TABLE` (default `Deliveries`): log and backlog.
    pub deliveries: String,
}

/// Why a table could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody changed the item in between.
    #[error("the item was changed by somebody else in the meantime")]
    Conflict,
    /// DynamoDB refused or did not answer.
    #[error("table {table}: {operation} failed: {cause}")]
    Unavailable {
        /// Which table.
        table: String,
        /// What was tried.
        operation: &'static str,
        /// The SDK's whole chain of causes.
        cause: String,
    },
    /// The item is not of the form that this program writes.
    #[error("table {table}: the item {key:?} is damaged: {source}")]
    Damaged {
        /// Which table.
        table: String,
        /// Which item.
        key: String,
        /// What is wrong with it.
        source: serde_dynamo::Error,
    },
}

impl StoreError {
    fn unavailable<E, R>(table: &str, operation: &'static str, error: &SdkError<E, R>) -> Self
    where
        SdkError<E, R>: std::error::Error,
    {
        Self::Unavailable { table: table.to_owned(), operation, cause: DisplayErrorContext(error).to_string() }
    }
}
