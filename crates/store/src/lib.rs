#![doc = include_str!("../README.md")]

mod audit;
mod bulk_replays;
mod callbacks;
pub mod cursor;
mod deliveries;
mod endpoints;
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
    BacklogSize, Budget, Cursor, DeliveriesStore, DeliveryId, DeliveryWrite, InvalidCursor, InvalidDeliveryId,
    LogFilter, LogPage, PendingPage, Place, Samples, StoredDelivery, Turn,
};
pub use endpoints::{Append, EndpointsStore, Evidence, Hold, Inherited, Lease, SettingsPatch, WorkspaceState};
pub use secrets::{SecretsStore, StoredSecrets};
pub use test_calls::{RateLimit, TestCallsStore};

/// Where the items are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tables {
    /// `WEBHOOKS_TABLE` (default `Webhooks`): callbacks, endpoints, signing secrets and the audit.
    pub webhooks: String,
    /// `DELIVERIES_TABLE` (default `Deliveries`): log and backlog.
    pub deliveries: String,
}

/// Why a table could not be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
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
    /// DynamoDB lets the caller use neither table nor key: the table's KMS key is disabled, or the caller's role lacks a
    /// permission. It passes once that is corrected.
    #[error(
        "table {table}: {operation} is denied; enable the table's KMS key, or give the role its permissions for table and \
         key back: {cause}"
    )]
    Denied {
        /// Which table.
        table: String,
        /// What was tried.
        operation: &'static str,
        /// The SDK's whole chain of causes.
        cause: String,
    },
    /// DynamoDB takes no item like this one, now or at any repetition.
    #[error("table {table}: {operation} is not valid: {cause}")]
    Invalid {
        /// Which table.
        table: String,
        /// What was tried.
        operation: &'static str,
        /// The SDK's whole chain of causes.
        cause: String,
    },
    /// The item is not of the form that this program writes.
    #[error("table {table}: the item {key:?} is damaged: {cause}")]
    Damaged {
        /// Which table.
        table: String,
        /// Which item.
        key: String,
        /// What is wrong with it.
        cause: String,
    },
}

impl StoreError {
    /// A request that cannot be built, for want of a field that this program always gives.
    fn unbuilt(table: &str, error: &aws_sdk_dynamodb::error::BuildError) -> Self {
        Self::Unavailable { table: table.to_owned(), operation: "building the request", cause: error.to_string() }
    }

    fn damaged(table: &str, key: impl Into<String>, cause: &impl ToString) -> Self {
        Self::Damaged { table: table.to_owned(), key: key.into(), cause: cause.to_string() }
    }

    /// A call that failed. What DynamoDB calls a `ValidationException` it answers to each repetition, and an
    /// `AccessDeniedException` until somebody corrects what it is about, such as a disabled key (API reference, "Error handling").
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

/// Reads a name that says why or what for, and decides nothing. One that only another release knows is as if it were not
/// there, so that it neither hides the item nor stops an endpoint.
fn known<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let name: Option<String> = Option::deserialize(deserializer)?;
    let known = |name: String| T::deserialize(IntoDeserializer::<value::Error>::into_deserializer(name));
    Ok(name.and_then(|name| known(name).ok()))
}

/// Passes over an item of a list that cannot be read, so that it does not hide the others. The log names it.
fn readable<T>(read: Result<T, StoreError>) -> Option<T> {
    read.inspect_err(|error| tracing::error!(%error, "a damaged item is left out")).ok()
}
