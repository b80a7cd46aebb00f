//! Puts a completed or deferred delivery back into the backlog.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem};

use super::item::to_item;
use super::key::{Place, Turn};
use super::{DeliveriesStore, StoredDelivery};
use crate::delivery::{Delivery, Status};
use crate::endpoint::Endpoint;
use crate::store::StoreError;

impl DeliveriesStore {
    /// Queues a delivery once more, with the attempts that were made, for its endpoint or for another one. Returns false, and
    /// changes nothing, when it is no longer where `was` says: another call moved it, or is about to. A pending one stays
    /// where it is.
    ///
    /// It is one transaction, for a drain may send it the moment it stands in the backlog, and what is removed after that
    /// might already be the new entry of the log.
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
        let put = Put::builder().table_name(&self.table).set_item(Some(item)).build().map_err(unbuilt)?;
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(HashMap::from(key)))
            .condition_expression("attribute_exists(pk)")
            .build()
            .map_err(unbuilt)?;
        let transaction = self
            .client
            .transact_write_items()
            .transact_items(TransactWriteItem::builder().put(put).build())
            .transact_items(TransactWriteItem::builder().delete(delete).build());
        match transaction.send().await {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(changed_in_between) => Ok(false),
            Err(error) => Err(StoreError::failed(&self.table, "TransactWriteItems", &error)),
        }
    }

    fn unqueued(&self, cause: String) -> StoreError {
        StoreError::Unavailable { table: self.table.clone(), operation: "TransactWriteItems", cause }
    }
}

/// The codes are those of the API reference, `TransactionCanceledException`.
fn changed_in_between(error: &TransactWriteItemsError) -> bool {
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else { return false };
    let code = |wanted| cancelled.cancellation_reasons().iter().any(|reason| reason.code() == Some(wanted));
    code("ConditionalCheckFailed") || code("TransactionConflict")
}
