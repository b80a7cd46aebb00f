//! Puts a completed or deferred delivery back into the backlog.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem};

use tokio::time::sleep;

use super::item::to_item;
use super::key::{Place, Turn};
use super::{DeliveriesStore, StoredDelivery};
use crate::delivery::{Delivery, Status};
use crate::endpoint::Endpoint;
use crate::store::StoreError;

/// A move from the backlog to the log takes no longer than this.
const MOVING: Duration = Duration::from_millis(250);

impl DeliveriesStore {
    /// Queues a delivery once more, with the attempts that were made, for its endpoint or for another one. Returns false, and
    /// changes nothing, when it is no longer where `was` says: another call moved it, or is about to. A pending one stays
    /// where it is.
    ///
    /// It is one transaction, for a drain may send it the moment it stands in the backlog, and what is removed after that
    /// might already be the new entry of the log. One that stands in the backlog as well is just being moved from there to the
    /// log, or was left there by a batch that died: that is waited for, as what is removed from there might be the new one.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Damaged`].
    pub async fn queue_again(&self, was: &StoredDelivery, to: &Endpoint) -> Result<bool, StoreError> {
        if matches!(was.place, Place::Backlog(_)) {
            return Ok(true);
        }
        let (pk, sk) = (was.id.pk(&was.event.workspace), was.id.sk(was.place));
        let delivery = Delivery {
            event: &was.event,
            endpoint: to,
            status: Status::Pending,
            attempts: was.attempts.clone(),
            given_up: None,
        };
        let item = to_item(&delivery, Place::Backlog(Turn::Next), None)
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
        let unless_pending = put.clone().condition_expression("attribute_not_exists(pk)");
        for (put, is_last) in [(unless_pending, false), (put, true)] {
            let put = put.build().map_err(unbuilt)?;
            let transaction = self
                .client
                .transact_write_items()
                .transact_items(TransactWriteItem::builder().put(put).build())
                .transact_items(TransactWriteItem::builder().delete(delete.clone()).build());
            match transaction.send().await {
                Ok(_) => return Ok(true),
                Err(error) if !is_last && error.as_service_error().is_some_and(is_pending) => sleep(MOVING).await,
                Err(error) if error.as_service_error().is_some_and(changed_in_between) => return Ok(false),
                Err(error) => return Err(StoreError::failed(&self.table, "TransactWriteItems", &error)),
            }
        }
        Ok(false)
    }

    fn unqueued(&self, cause: String) -> StoreError {
        StoreError::Unavailable { table: self.table.clone(), operation: "TransactWriteItems", cause }
    }
}

/// Whether the first condition does not hold, and all others do.
fn is_pending(error: &TransactWriteItemsError) -> bool {
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else { return false };
    let failed = cancelled.cancellation_reasons().iter().map(|reason| reason.code() == Some("ConditionalCheckFailed"));
    failed.eq([true, false])
}

/// The codes are those of the API reference, `TransactionCanceledException`.
fn changed_in_between(error: &TransactWriteItemsError) -> bool {
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else { return false };
    let code = |wanted| cancelled.cancellation_reasons().iter().any(|reason| reason.code() == Some(wanted));
    code("ConditionalCheckFailed") || code("TransactionConflict")
}
