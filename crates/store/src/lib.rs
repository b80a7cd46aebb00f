#![doc = include_str!("../README.md")]

mod audit;
mod bulk_replays;
mod callbacks;
pub mod cursor;
mod deliveries;
mod endpoints;
mod fleet;
mod secret_text;
mod secrets;
mod settings;
mod test_calls;
mod transaction;

use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use serde::de::{IntoDeserializer, value};
use serde::{Deserialize, Deserializer};

pub use audit::{AuditPage, AuditStore};
pub use bulk_replays::{Begun, BulkReplaysStore};
pub use callbacks::{CallbacksStore, Revision, StoredCallbacks};
pub use deliveries::{
    BacklogSize, Budget, Cursor, DeliveriesStore, DeliveryId, DeliveryWrite, FailureReason, InstanceDeliveries,
    InvalidCursor, InvalidDeliveryId, LogFilter, LogPage, PendingPage, Samples, StatusCodes, StorageState,
    StoredDelivery, Turn,
};
pub use endpoints::{
    Append, AppendStage, EndpointsStore, Evidence, Hold, Inherited, Lease, SettingsPatch, WorkspaceState,
};
pub use fleet::{Fleet, FleetPage, FleetStore};
pub use secrets::{SecretsStore, StoredKeys};
pub use test_calls::{RateLimit, TestCallsStore};

/// Names of the tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tables {
    /// `WEBHOOKS_TABLE` (default `Webhooks`): callbacks, endpoints, keys and the audit.
    pub webhooks: String,
    /// `DELIVERIES_TABLE` (default `Deliveries`): log and backlog.
    pub deliveries: String,
}

/// Reason why a table could not be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Another caller has changed the item concurrently.
    #[error("the item was changed by another caller in the meantime")]
    Conflict,
    /// DynamoDB has rejected the request or not responded.
    #[error("table {table}: {operation} failed: {cause}")]
    Unavailable {
        /// Name of the table.
        table: String,
        /// The failed operation.
        operation: &'static str,
        /// The SDK's whole chain of causes.
        cause: String,
    },
    /// DynamoDB denies access to the table or the key: the table's KMS key is disabled, or the caller's role lacks a
    /// permission. It ends once that is corrected.
    #[error(
        "table {table}: {operation} is denied; enable the table's KMS key, or give the role its permissions for table and \
         key back: {cause}"
    )]
    Denied {
        /// Name of the table.
        table: String,
        /// The failed operation.
        operation: &'static str,
        /// The SDK's whole chain of causes.
        cause: String,
    },
    /// DynamoDB rejects an item like this one, in every retry.
    #[error("table {table}: {operation} is not valid: {cause}")]
    Invalid {
        /// Name of the table.
        table: String,
        /// The failed operation.
        operation: &'static str,
        /// The SDK's whole chain of causes.
        cause: String,
    },
    /// The item does not have the format of this program.
    #[error("table {table}: the item {key:?} is damaged: {cause}")]
    Damaged {
        /// Name of the table.
        table: String,
        /// Key of the item.
        key: String,
        /// The error in the item.
        cause: String,
    },
}

impl StoreError {
    /// Returns the error of a request without a required field, which this program always sets.
    fn unbuilt(table: &str, error: &aws_sdk_dynamodb::error::BuildError) -> Self {
        Self::Unavailable { table: table.to_owned(), operation: "building the request", cause: error.to_string() }
    }

    fn damaged(table: &str, key: impl Into<String>, cause: &impl ToString) -> Self {
        Self::Damaged { table: table.to_owned(), key: key.into(), cause: cause.to_string() }
    }

    /// Returns the error of a failed call.
    ///
    /// DynamoDB repeats a `ValidationException` in every retry, and an `AccessDeniedException` until its cause, such as
    /// a disabled key, is corrected (API reference, "Error handling").
    fn failed<E, R>(table: &str, operation: &'static str, error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata,
        SdkError<E, R>: std::error::Error,
    {
        let (table, cause) = (table.to_owned(), DisplayErrorContext(error).to_string());
        match error.code() {
            Some("ValidationException") => Self::Invalid { table, operation, cause },
            Some("AccessDeniedException") => Self::Denied { table, operation, cause },
            _ => Self::Unavailable { table, operation, cause },
        }
    }
}

/// Deserializes a name that is only informative. An unknown one, from another release, counts as missing.
///
/// Therefore it neither hides the item nor stops an endpoint.
fn known<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let name: Option<String> = Option::deserialize(deserializer)?;
    let known = |name: String| T::deserialize(IntoDeserializer::<value::Error>::into_deserializer(name));
    Ok(name.and_then(|name| known(name).ok()))
}

/// Drops an item of a list that cannot be read, so that it does not hide the others, and logs its error.
fn readable<T>(read: Result<T, StoreError>) -> Option<T> {
    read.inspect_err(|error| tracing::error!(%error, "a damaged item is skipped")).ok()
}
