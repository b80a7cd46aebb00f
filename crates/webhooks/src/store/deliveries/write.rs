//! Writes deliveries, and moves them from one place to another, 25 requests at a time.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::error::DisplayErrorContext;
use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, PutRequest, WriteRequest};
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use tokio::time::Instant;

use super::item::to_item;
use super::key::{DeliveryId, Place};
use super::{DeliveriesStore, StoredDelivery};
use crate::delivery::Delivery;
use crate::store::StoreError;

/// DynamoDB's limit for one `BatchWriteItem`.
const BATCH: usize = 25;

/// Batches on their way at a time.
const CONCURRENT_BATCHES: usize = 8;

/// Between repetitions of what DynamoDB left unprocessed; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

type Key = (String, String);

/// A delivery and where it belongs now.
#[derive(Debug)]
pub struct Change<'a> {
    /// As it stands now.
    pub delivery: Delivery<'a>,
    /// Where it belongs.
    pub place: Place,
    /// As it was read, if it was: its item goes when the place is another one.
    pub was: Option<&'a StoredDelivery>,
}

impl DeliveriesStore {
    /// Carries out changes, at most until `deadline`. Answers, for each, whether it now stands in the table.
    ///
    /// A move is a write and a removal. When only the write is done, the delivery is there twice until it is sent once
    /// more; it is never in neither place.
    pub async fn write(
        &self,
        changes: &[Change<'_>],
        now: Timestamp,
        deadline: Instant,
    ) -> Vec<Result<(), StoreError>> {
        let mut errors: Vec<Option<StoreError>> = Vec::with_capacity(changes.len());
        let mut puts = HashMap::new();
        let mut removals = HashMap::new();
        let mut keys = Vec::with_capacity(changes.len());
        for change in changes {
            let id = DeliveryId::of(change.delivery.event, &change.delivery.endpoint.id);
            let key = (id.pk(&change.delivery.event.workspace), id.sk(change.place));
            // A key can come twice only if the stream repeats a record within a batch; DynamoDB refuses that whole.
            if change.place == Place::Nowhere {
                errors.push(None);
            } else {
                errors.push(self.put_request(change, now).map(|put| _ = puts.insert(key.clone(), put)).err());
            }
            if let Some(was) = change.was.filter(|was| was.key != key) {
                removals.insert(key.clone(), was.key.clone());
            }
            keys.push(key);
        }
        let unwritten = self.write_all(puts, deadline).await;

        removals.retain(|key, _| !unwritten.contains_key(key));
        let removals = removals.into_values().filter_map(|was| Some((was.clone(), delete_request(was)?))).collect();
        let unremoved = self.write_all(removals, deadline).await;
        if let Some(cause) = unremoved.values().next() {
            tracing::error!(deliveries = unremoved.len(), %cause, "deliveries that are over could not be removed from the backlog");
        }

        let unavailable = |cause: &String| StoreError::Unavailable {
            table: self.table.clone(),
            operation: "BatchWriteItem",
            cause: cause.clone(),
        };
        let outcome =
            |(error, key): (Option<StoreError>, &Key)| match error.or_else(|| unwritten.get(key).map(unavailable)) {
                Some(error) => Err(error),
                None => Ok(()),
            };
        errors.into_iter().zip(&keys).map(outcome).collect()
    }

    /// Answers what was not written, and why.
    async fn write_all(&self, requests: HashMap<Key, WriteRequest>, deadline: Instant) -> HashMap<Key, String> {
        let mut requests: Vec<_> = requests.into_iter().collect();
        let mut batches = Vec::with_capacity(requests.len().div_ceil(BATCH));
        while !requests.is_empty() {
            batches.push(requests.split_off(requests.len().saturating_sub(BATCH)));
        }
        let left =
            stream::iter(batches).map(|batch| self.write_batch(batch, deadline)).buffer_unordered(CONCURRENT_BATCHES);
        left.collect::<Vec<_>>().await.into_iter().flatten().collect()
    }

    /// Repeats until everything is written, DynamoDB fails for good, or time is up.
    async fn write_batch(&self, batch: Vec<(Key, WriteRequest)>, deadline: Instant) -> Vec<(Key, String)> {
        let mut pause = FIRST_PAUSE;
        let (mut waiting, mut requests): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
        let cause = loop {
            let write = self.client.batch_write_item().request_items(&self.table, requests).send();
            let unprocessed = match tokio::time::timeout_at(deadline, write).await {
                Err(_) => break "the function's time was up".to_owned(),
                Ok(Err(error)) => break DisplayErrorContext(error).to_string(),
                Ok(Ok(answer)) => answer.unprocessed_items.and_then(|mut items| items.remove(&self.table)),
            };
            requests = unprocessed.unwrap_or_default();
            waiting = requests.iter().filter_map(key_of).collect();
            if waiting.is_empty() {
                return Vec::new();
            }
            let resume = Instant::now() + pause;
            if resume >= deadline {
                break "DynamoDB left them unprocessed (throttled) until the function's time was up".to_owned();
            }
            tokio::time::sleep_until(resume).await;
            pause *= 2;
        };
        waiting.into_iter().map(|key| (key, cause.clone())).collect()
    }

    fn put_request(&self, change: &Change<'_>, now: Timestamp) -> Result<WriteRequest, StoreError> {
        let item = to_item(&change.delivery, change.place, now).map_err(|source| StoreError::Damaged {
            table: self.table.clone(),
            key: change.delivery.event.id.clone(),
            source,
        })?;
        let put = PutRequest::builder().set_item(Some(item)).build().map_err(|error| StoreError::Unavailable {
            table: self.table.clone(),
            operation: "BatchWriteItem",
            cause: error.to_string(),
        })?;
        Ok(WriteRequest::builder().put_request(put).build())
    }
}

fn delete_request((pk, sk): Key) -> Option<WriteRequest> {
    let key = HashMap::from([("pk".to_owned(), AttributeValue::S(pk)), ("sk".to_owned(), AttributeValue::S(sk))]);
    // `build` asks for the key alone, and here it is.
    let delete = DeleteRequest::builder().set_key(Some(key)).build().ok()?;
    Some(WriteRequest::builder().delete_request(delete).build())
}

fn key_of(request: &WriteRequest) -> Option<Key> {
    let attributes = match (request.put_request(), request.delete_request()) {
        (Some(put), _) => put.item(),
        (None, Some(delete)) => delete.key(),
        (None, None) => return None,
    };
    let text = |name| attributes.get(name)?.as_s().ok().cloned();
    Some((text("pk")?, text("sk")?))
}
