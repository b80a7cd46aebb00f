//! Changes and the audit's entry of them, in one write: neither exists without the other.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem, Update};

use super::{StoreError, audit};
use webhooks_model::audit::Entry;
use webhooks_model::workspace::WorkspaceId;

/// Why DynamoDB cancels a transaction that only has to be decided anew.
const CONFLICTS: [&str; 2] = ["ConditionalCheckFailed", "TransactionConflict"];

/// How long an entry of the audit is kept, unless a store is told otherwise.
pub(super) const AUDIT_RETENTION: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// What is written beside the entry.
pub(super) enum Change {
    Put(Put),
    Update(Update),
    Delete(Delete),
}

/// Writes the changes, at most 99, and their entry: all or none. The SDK gives the request a token, so that one repeated because its answer
/// was lost is carried out once (`ClientRequestToken`, 10 minutes).
///
/// # Errors
/// [`StoreError::Conflict`] when the change's condition does not hold, [`StoreError::Unavailable`].
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

/// The key of one of a workspace's items.
pub(super) fn key(workspace: &WorkspaceId, sort_key: &str) -> HashMap<String, AttributeValue> {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    HashMap::from([("pk".to_owned(), text(workspace.as_str())), ("sk".to_owned(), text(sort_key))])
}
