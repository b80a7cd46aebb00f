//! Transactions of changes and their audit entry: neither is stored without the other.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem, Update};

use super::{StoreError, audit};
use webhooks_model::audit::Entry;
use webhooks_model::workspace::WorkspaceId;

/// DynamoDB's reasons for cancelling a transaction that has to be decided again on current data.
const CONFLICTS: [&str; 2] = ["ConditionalCheckFailed", "TransactionConflict"];

/// Default retention of an audit entry.
pub(super) const AUDIT_RETENTION: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// A write of a transaction.
pub(super) enum Change {
    Put(Put),
    Update(Update),
    Delete(Delete),
}

/// Writes at most 99 changes and their audit entry: all or none.
///
/// The SDK gives the request a token, so that it is executed once even if it is repeated after a lost response
/// (`ClientRequestToken`, 10 minutes).
///
/// # Errors
/// [`StoreError::Conflict`] if the condition of a change does not hold; [`StoreError::Unavailable`].
pub(super) async fn write(
    client: &Client,
    table: &str,
    workspace: &WorkspaceId,
    changes: impl IntoIterator<Item = Change>,
    (entry, retention): (&Entry, Duration),
) -> Result<(), StoreError> {
    let changes = changes.into_iter().map(|change| match change {
        Change::Put(put) => TransactWriteItem::builder().put(put).build(),
        Change::Update(update) => TransactWriteItem::builder().update(update).build(),
        Change::Delete(delete) => TransactWriteItem::builder().delete(delete).build(),
    });
    let entry = TransactWriteItem::builder().put(audit::put(table, workspace, entry, retention)?).build();
    let all = changes.chain(std::iter::once(entry)).collect();
    let write = client.transact_write_items().set_transact_items(Some(all));
    match write.send().await {
        Ok(_) => Ok(()),
        Err(error) => match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled))
                if is_conflict(cancelled.cancellation_reasons()) =>
            {
                Err(StoreError::Conflict)
            }
            _ => Err(StoreError::failed(table, "TransactWriteItems", &error)),
        },
    }
}

fn is_conflict(reasons: &[aws_sdk_dynamodb::types::CancellationReason]) -> bool {
    reasons.iter().filter_map(|reason| reason.code()).any(|code| CONFLICTS.contains(&code))
}

/// Returns the key of a workspace's item.
pub(super) fn key(workspace: &WorkspaceId, sort_key: &str) -> HashMap<String, AttributeValue> {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    HashMap::from([("pk".to_owned(), text(workspace.as_str())), ("sk".to_owned(), text(sort_key))])
}
