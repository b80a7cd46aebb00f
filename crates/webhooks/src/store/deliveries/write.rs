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
use crate::endpoint::EndpointId;
use crate::store::StoreError;
use crate::workspace::WorkspaceId;

/// DynamoDB's limit for one `BatchWriteItem`.
const BATCH: usize = 25;

/// Batches on their way at a time.
const CONCURRENT_BATCHES: usize = 8;

/// Between repetitions of what DynamoDB left unprocessed; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

const TIME_IS_UP: &str = "the function's time was up";

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
        let stands = standing(changes);
        let standing = || changes.iter().enumerate().filter(|(index, _)| stands[*index] == *index);

        let (puts, of): (Vec<_>, Vec<_>) =
            standing().filter(|(_, it)| it.place != Place::Nowhere).map(|(index, it)| (it, index)).unzip();
        let unwritten = self.write_all(&puts, |change| self.put_request(change, now), deadline).await;
        let errors: HashMap<usize, StoreError> =
            unwritten.into_iter().map(|(position, error)| (of[position], error)).collect();

        let removals: Vec<&Key> = standing()
            .filter(|(index, _)| !errors.contains_key(index))
            .filter_map(|(_, change)| change.was.map(|was| &was.key).filter(|key| **key != change.key()))
            .collect();
        let unremoved = self.write_all(&removals, |key| self.delete_request(key), deadline).await;
        if let Some((_, cause)) = unremoved.first() {
            tracing::error!(deliveries = unremoved.len(), %cause, "deliveries that are over could not be removed from the backlog");
        }
        stands.into_iter().map(|index| errors.get(&index).cloned().map_or(Ok(()), Err)).collect()
    }

    /// Answers which were not written, and why. Requests are made batch by batch: they are many times as large as what they are
    /// made of.
    async fn write_all<T>(
        &self,
        items: &[T],
        request: impl Fn(&T) -> Result<WriteRequest, StoreError>,
        deadline: Instant,
    ) -> Vec<(usize, StoreError)> {
        let batches = stream::iter(items.chunks(BATCH).enumerate()).map(async |(number, batch)| {
            let errors = self.write_batch(batch, &request, deadline).await;
            let numbered = errors.into_iter().enumerate();
            numbered.filter_map(|(index, error)| Some((number * BATCH + index, error?))).collect::<Vec<_>>()
        });
        batches.buffer_unordered(CONCURRENT_BATCHES).concat().await
    }

    /// Repeats until everything is written, DynamoDB fails for good, or time is up. Answers, for each, why it was not written.
    async fn write_batch<T>(
        &self,
        batch: &[T],
        request: impl Fn(&T) -> Result<WriteRequest, StoreError>,
        deadline: Instant,
    ) -> Vec<Option<StoreError>> {
        if Instant::now() >= deadline {
            return vec![Some(self.unwritten(TIME_IS_UP.to_owned())); batch.len()];
        }
        let (mut requests, mut keys, mut errors) = (Vec::new(), Vec::new(), Vec::new());
        for item in batch {
            let request = request(item);
            keys.push(request.as_ref().ok().and_then(key_of));
            errors.push(request.map(|request| requests.push(request)).err());
        }
        if requests.is_empty() {
            return errors;
        }
        let mut left = keys.clone();
        let mut pause = FIRST_PAUSE;
        let cause = loop {
            let write = self.client.batch_write_item().request_items(&self.table, requests).send();
            requests = match tokio::time::timeout_at(deadline, write).await {
                Err(_) => break TIME_IS_UP.to_owned(),
                Ok(Err(error)) => break DisplayErrorContext(error).to_string(),
                Ok(Ok(answer)) => {
                    answer.unprocessed_items.and_then(|mut it| it.remove(&self.table)).unwrap_or_default()
                }
            };
            left = requests.iter().map(key_of).collect();
            if left.is_empty() {
                return errors;
            }
            let resume = Instant::now() + pause;
            if resume >= deadline {
                break "DynamoDB left them unprocessed (throttled) until the function's time was up".to_owned();
            }
            tokio::time::sleep_until(resume).await;
            pause *= 2;
        };
        for (key, error) in keys.iter().zip(&mut errors) {
            if key.is_some() && left.contains(key) {
                *error = Some(self.unwritten(cause.clone()));
            }
        }
        errors
    }

    fn unwritten(&self, cause: String) -> StoreError {
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

/// For each change, which one stands for it: the stream may repeat a record within a batch, and DynamoDB refuses a key that
/// comes twice. The last one stands for all.
fn standing(changes: &[Change<'_>]) -> Vec<usize> {
    let last: HashMap<_, usize> = changes.iter().enumerate().map(|(index, it)| (it.identity(), index)).collect();
    changes.iter().map(|it| last[&it.identity()]).collect()
}

impl Change<'_> {
    /// What its key is made of.
    fn identity(&self) -> (&WorkspaceId, &str, &EndpointId, Place) {
        let Delivery { event, endpoint, .. } = &self.delivery;
        (&event.workspace, &event.sequence_number, &endpoint.id, self.place)
    }

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
