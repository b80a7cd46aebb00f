//! The two tables. Each file knows one kind of item: its keys, its form, and how it is read and written.

mod audit;
mod callbacks;
pub(crate) mod cursor;
mod deliveries;
mod endpoints;
mod secrets;
mod test_calls;
mod transaction;

use aws_sdk_dynamodb::error::{DisplayErrorContext, SdkError};

pub use audit::{AuditPage, AuditStore};
pub use callbacks::{CallbacksStore, Revision, StoredCallbacks};
pub use deliveries::{
    Cursor, DeliveriesStore, DeliveryId, DeliveryWrite, Figures, InvalidCursor, InvalidDeliveryId, LogFilter, LogPage,
    PendingPage, Place, StoredDelivery, Turn, Waiting,
};
pub use endpoints::{EndpointsStore, Evidence, Hold, Lease, SettingsChange, WorkspaceState};
pub use secrets::{SecretsStore, StoredSecrets};
pub use test_calls::{Taken, TestCallsStore};

/// Where the items are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tables {
    /// `WEBHOOKS_TABLE` (default `Webhooks`): callbacks, endpoints, signing secrets and the audit.
    pub webhooks: String,
    /// `DELIVERIES_TABLE` (default `Deliveries`): log and backlog.
    pub deliveries: String,
}

/// Why a table could not be read or written.
#[derive(Clone, Debug, thiserror::Error)]
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
    /// A request that cannot be built, for want of a field that this program always gives.
    fn unbuilt(table: &str, error: &aws_sdk_dynamodb::error::BuildError) -> Self {
        Self::Unavailable { table: table.to_owned(), operation: "building the request", cause: error.to_string() }
    }

    fn unavailable<E, R>(table: &str, operation: &'static str, error: &SdkError<E, R>) -> Self
    where
        SdkError<E, R>: std::error::Error,
    {
        Self::Unavailable { table: table.to_owned(), operation, cause: DisplayErrorContext(error).to_string() }
    }
}
