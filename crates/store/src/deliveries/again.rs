//! Requeues completed and deferred deliveries.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem};

use tokio::time::sleep;

use super::item::to_item;
use super::key::{StorageState, Turn};
use super::{DeliveriesStore, StoredDelivery};
use crate::StoreError;
use webhooks_model::delivery::{Delivery, Status};
use webhooks_model::endpoint::Endpoint;

/// Maximum duration of a move from the backlog to the log.
const MOVING: Duration = Duration::from_millis(250);

impl DeliveriesStore {
    /// Requeues a delivery with its attempts, for its endpoint or for another one. A pending one stays where it is.
    ///
    /// Returns false, without changes, if the delivery is no longer stored as `was` says: another call has moved it or
    /// is moving it.
    ///
    /// It is one transaction, because a drain may send the delivery as soon as it is in the backlog, and its new log
    /// entry must not be removed afterwards. A delivery that is in the backlog as well is being moved from there to the
    /// log, or was left there by a batch that died: the transaction waits for that, because the removed item might be
    /// the new one.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Damaged`].
    pub async fn queue_again(&self, was: &StoredDelivery, to: &Endpoint) -> Result<bool, StoreError> {
        if matches!(was.storage, StorageState::Pending(_)) {
            return Ok(true);
        }
        let (pk, sk) = (was.pk.clone(), was.id.sk(was.storage));
        let delivery = Delivery {
            event: &was.event,
            endpoint: to,
            status: Status::Pending,
            attempts: was.attempts.clone(),
            give_up_reason: None,
        };
        let item = to_item(&delivery, StorageState::Pending(Turn::Next), None)
            .map_err(|error| StoreError::damaged(&self.table, was.id.to_string(), &error))?;
        let key = [("pk", pk), ("sk", sk)].map(|(name, key)| (name.to_owned(), AttributeValue::S(key)));
        let unbuilt = |error: aws_sdk_dynamodb::error::BuildError| self.unqueued(error.to_string());
        let put = Put::builder().table_name(&self.table).set_item(Some(item));
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(HashMap::from(key)))
            .condition_expression("attribute_exists(pk)")
            .build()
            .map_err(unbuilt)?;
        let unless_pending = put.clone().condition_expression("attribute_not_exists(pk)").build().map_err(unbuilt)?;
        let queued = match self.put_and_delete(unless_pending, delete.clone()).await? {
            Queued::IsPending => {
                sleep(MOVING).await;
                self.put_and_delete(put.build().map_err(unbuilt)?, delete).await?
            }
            queued => queued,
        };
        Ok(queued == Queued::Now)
    }

    async fn put_and_delete(&self, put: Put, delete: Delete) -> Result<Queued, StoreError> {
        let transaction = self
            .client
            .transact_write_items()
            .transact_items(TransactWriteItem::builder().put(put).build())
            .transact_items(TransactWriteItem::builder().delete(delete).build());
        match transaction.send().await {
            Ok(_) => Ok(Queued::Now),
            Err(error) => match error.as_service_error().and_then(cancelled) {
                Some(queued) => Ok(queued),
                None => Err(StoreError::failed(&self.table, "TransactWriteItems", &error)),
            },
        }
    }

    fn unqueued(&self, cause: String) -> StoreError {
        StoreError::Unavailable { table: self.table.clone(), operation: "TransactWriteItems", cause }
    }
}

/// Result of a transaction that requeues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Queued {
    /// The transaction was committed.
    Now,
    /// The delivery is already pending.
    IsPending,
    /// The item to delete is gone, or another call is moving it.
    Moved,
}

/// Returns the result of a transaction that a condition has cancelled.
///
/// The codes are those of the API reference, `TransactionCanceledException`.
fn cancelled(error: &TransactWriteItemsError) -> Option<Queued> {
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else { return None };
    let codes: Vec<_> = cancelled.cancellation_reasons().iter().map(|reason| reason.code().unwrap_or("None")).collect();
    match codes[..] {
        ["ConditionalCheckFailed", "None"] => Some(Queued::IsPending),
        _ if codes.iter().any(|code| ["ConditionalCheckFailed", "TransactionConflict"].contains(code)) => {
            Some(Queued::Moved)
        }
        _ => None,
    }
}
