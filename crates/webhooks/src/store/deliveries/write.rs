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
        let keys: Vec<Key> = changes.iter().map(Change::key).collect();
        // A key can come twice only if the stream repeats a record within a batch; DynamoDB refuses that whole. The last one
        // stands for all.
        let standing: HashMap<&Key, &Change<'_>> = keys.iter().zip(changes).collect();

        let puts: Vec<_> =
            standing.iter().map(|(key, change)| (*key, *change)).filter(|(_, it)| it.place != Place::Nowhere).collect();
        let unwritten = self.write_all(&puts, |_, change| self.put_request(change, now), deadline).await;

        let removals: Vec<_> = standing
            .iter()
            .filter(|(key, _)| !unwritten.contains_key(*key))
            .filter_map(|(key, change)| Some((&change.was?.key, *key)))
            .filter(|(was, key)| was != key)
            .map(|(was, _)| (was, ()))
            .collect();
        let unremoved = self.write_all(&removals, |was, ()| self.delete_request(was), deadline).await;
        if let Some(cause) = unremoved.values().next() {
            tracing::error!(deliveries = unremoved.len(), %cause, "deliveries that are over could not be removed from the backlog");
        }
        keys.iter().map(|key| unwritten.get(key).map_or(Ok(()), |error| Err(error.clone()))).collect()
    }

    /// Answers what was not written, and why. Requests are made batch by batch: they are many times as large as what they are
    /// made of.
    async fn write_all<'k, T>(
        &self,
        items: &[(&'k Key, T)],
        request: impl Fn(&Key, &T) -> Result<WriteRequest, StoreError>,
        deadline: Instant,
    ) -> HashMap<&'k Key, StoreError> {
        let left = stream::iter(items.chunks(BATCH))
            .map(|batch| self.write_batch(batch, &request, deadline))
            .buffer_unordered(CONCURRENT_BATCHES);
        left.collect::<Vec<_>>().await.into_iter().flatten().collect()
    }

    /// Repeats until everything is written, DynamoDB fails for good, or time is up.
    async fn write_batch<'k, T>(
        &self,
        batch: &[(&'k Key, T)],
        request: impl Fn(&Key, &T) -> Result<WriteRequest, StoreError>,
        deadline: Instant,
    ) -> Vec<(&'k Key, StoreError)> {
        let mut unwritten = Vec::new();
        let mut waiting: Vec<&Key> = batch.iter().map(|(key, _)| *key).collect();
        let mut requests = Vec::with_capacity(batch.len());
        if Instant::now() < deadline {
            for (key, item) in batch {
                match request(key, item) {
                    Ok(request) => requests.push(request),
                    Err(error) => {
                        waiting.retain(|it| it != key);
                        unwritten.push((*key, error));
                    }
                }
            }
        }
        let mut pause = FIRST_PAUSE;
        let cause = loop {
            if waiting.is_empty() {
                return unwritten;
            }
            if requests.is_empty() {
                break "the function's time was up".to_owned();
            }
            let write = self.client.batch_write_item().request_items(&self.table, requests).send();
            let unprocessed = match tokio::time::timeout_at(deadline, write).await {
                Err(_) => break "the function's time was up".to_owned(),
                Ok(Err(error)) => break DisplayErrorContext(error).to_string(),
                Ok(Ok(answer)) => answer.unprocessed_items.and_then(|mut items| items.remove(&self.table)),
            };
            requests = unprocessed.unwrap_or_default();
            let left: Vec<_> = requests.iter().filter_map(key_of).collect();
            waiting.retain(|key| left.contains(key));
            if waiting.is_empty() {
                return unwritten;
            }
            let resume = Instant::now() + pause;
            if resume >= deadline {
                break "DynamoDB left them unprocessed (throttled) until the function's time was up".to_owned();
            }
            tokio::time::sleep_until(resume).await;
            pause *= 2;
        };
        unwritten.extend(waiting.into_iter().map(|key| (key, self.unavailable(cause.clone()))));
        unwritten
    }

    fn unavailable(&self, cause: String) -> StoreError {
        StoreError::Unavailable { table: self.table.clone(), operation: "BatchWriteItem", cause }
    }

    fn put_request(&self, change: &Change<'_>, now: Timestamp) -> Result<WriteRequest, StoreError> {
        let item = to_item(&change.delivery, change.place, now).map_err(|source| StoreError::Damaged {
            table: self.table.clone(),
            key: change.delivery.event.id.clone(),
            source,
        })?;
        let put = PutRequest::builder().set_item(Some(item)).build();
        let put = put.map_err(|error| StoreError::unbuilt(&self.table, &error))?;
        Ok(WriteRequest::builder().put_request(put).build())
    }

    fn delete_request(&self, (pk, sk): &Key) -> Result<WriteRequest, StoreError> {
        let text = |text: &String| AttributeValue::S(text.clone());
        let delete = DeleteRequest::builder().key("pk", text(pk)).key("sk", text(sk)).build();
        let delete = delete.map_err(|error| StoreError::unbuilt(&self.table, &error))?;
        Ok(WriteRequest::builder().delete_request(delete).build())
    }
}

impl Change<'_> {
    fn key(&self) -> Key {
        let id = DeliveryId::of(self.delivery.event, &self.delivery.endpoint.id);
        (id.pk(&self.delivery.event.workspace), id.sk(self.place))
    }
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
