//! Writes deliveries, and moves them from one storage state to another, 25 requests at a time.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, PutRequest, WriteRequest};
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use tokio::time::Instant;

use super::DeliveriesStore;
use super::item::to_item;
use super::key::{DeliveryId, StorageState, Turn};
use crate::StoreError;
use webhooks_model::delivery::{Delivery, Status};
use webhooks_model::endpoint::EndpointId;
use webhooks_model::workspace::WorkspaceId;
use webhooks_runtime::invariant::Invariant;

/// Maximum number of requests of one `BatchWriteItem` (DynamoDB limit).
pub(super) const BATCH: usize = 25;

/// Number of concurrent batches.
const CONCURRENT_BATCHES: usize = 8;

/// First pause before repeating unprocessed requests; it doubles each time.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

const BATCH_WRITE: &str = "BatchWriteItem";

const TIME_IS_UP: &str = "the function's time was up";

/// Partition key and sort key of an item.
pub(super) type Key = (String, String);

type Item = HashMap<String, AttributeValue>;

/// A queue of pending deliveries of one instance, which are in order.
type InstanceQueue<'a> = (&'a WorkspaceId, &'a EndpointId, &'a str);

/// A delivery and its new storage state.
#[derive(Debug)]
pub struct DeliveryWrite<'a> {
    /// The current delivery.
    pub delivery: Delivery<'a>,
    /// The new storage state.
    pub storage: StorageState,
    /// The previous storage state. Its item is removed if the key is another one. A delivery that stays in the backlog is
    /// replaced only if its item still exists.
    pub was: Option<StorageState>,
}

impl DeliveriesStore {
    /// Writes deliveries until `deadline`, and returns for each whether it is now stored in its new state only.
    ///
    /// A move is a write and a removal. If only the write succeeds, the delivery is stored twice until it is sent
    /// again; it is never missing. Of an instance's deliveries, an earlier one is written to the backlog before a later
    /// one, and if that fails, the later one is not written either: a concurrent drain must not find only the later
    /// one.
    pub async fn write(
        &self,
        writes: &[DeliveryWrite<'_>],
        now: Timestamp,
        deadline: Instant,
    ) -> Vec<Result<(), StoreError>> {
        for write in writes {
            let is_pending = matches!(write.storage, StorageState::Pending(_) | StorageState::Deferred(_));
            let agrees =
                is_pending == (write.delivery.status == Status::Pending) || write.storage == StorageState::Discarded;
            Invariant::PendingIsKept.check(agrees, || format!("event {}", write.delivery.event.id));
        }
        let stands = standing(writes);
        let standing = || writes.iter().enumerate().filter(|(index, _)| stands[*index] == *index);

        let mut errors: HashMap<usize, StoreError> = HashMap::new();
        let mut broken: HashMap<InstanceQueue<'_>, StoreError> = HashMap::new();
        let (stay, put): (Vec<_>, Vec<_>) =
            standing().filter(|(_, it)| it.storage != StorageState::Discarded).partition(|(_, it)| it.stays_pending());
        let rewritten =
            stream::iter(stay).map(async |(index, write)| (index, self.rewrite(write, now, deadline).await));
        let rewritten: Vec<_> = rewritten.buffer_unordered(CONCURRENT_BATCHES).collect().await;
        errors.extend(rewritten.into_iter().filter_map(|(index, written)| Some((index, written.err()?))));
        for round in rounds(put.into_iter()) {
            let before = |write: &DeliveryWrite<'_>| write.queue().and_then(|queue| broken.get(&queue)).cloned();
            let (behind, round): (Vec<_>, Vec<_>) = round.into_iter().partition(|(_, write)| before(write).is_some());
            errors.extend(behind.into_iter().filter_map(|(index, write)| Some((index, before(write)?))));
            let (of, puts): (Vec<_>, Vec<_>) = round.into_iter().unzip();
            for (position, error) in self.write_all(&puts, |write| self.put_request(write, now), deadline).await {
                if let Some(queue) = puts[position].queue().filter(|_| !matches!(error, StoreError::Invalid { .. })) {
                    broken.insert(queue, error.clone());
                }
                errors.insert(of[position], error);
            }
        }

        let moved = |(index, write): (usize, &DeliveryWrite<'_>)| {
            let key = write.was.map(|was| write.key(was)).filter(|key| *key != write.key(write.storage))?;
            Some((index, key))
        };
        // An item that can never be written is still removed from its previous state: otherwise it would be sent again
        // and again.
        let is_due = |index: usize, storage: StorageState| match errors.get(&index) {
            None => true,
            Some(StoreError::Invalid { .. }) => storage == StorageState::Completed,
            Some(_) => false,
        };
        let moves = standing().filter(|(index, it)| is_due(*index, it.storage)).filter_map(moved);
        let (of, removals): (Vec<_>, Vec<Key>) = moves.unzip();
        let unremoved = self.write_all(&removals, |key| self.delete_request(key), deadline).await;
        if let Some((_, cause)) = unremoved.first() {
            tracing::error!(deliveries = unremoved.len(), %cause, "completed deliveries could not be removed from the backlog");
        }
        // A delivery that is still in the backlog holds its instance: a drain sends it again.
        errors.extend(unremoved.into_iter().map(|(position, error)| (of[position], error)));
        stands.into_iter().map(|index| errors.get(&index).cloned().map_or(Ok(()), Err)).collect()
    }

    /// Replaces the item of a delivery that stays in the backlog, if it still exists.
    ///
    /// Another environment has completed a delivery whose item is gone, and it must not become pending again.
    async fn rewrite(&self, write: &DeliveryWrite<'_>, now: Timestamp, deadline: Instant) -> Result<(), StoreError> {
        let item = self.item(write, now)?;
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item));
        let put = put.condition_expression("attribute_exists(pk)").send();
        match within(deadline, put).await {
            None => Err(self.unwritten("PutItem", TIME_IS_UP.to_owned())),
            Some(Ok(_)) => Ok(()),
            Some(Err(error)) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(()),
                _ => Err(StoreError::failed(&self.table, "PutItem", &error)),
            },
        }
    }

    /// Writes the requests, and returns the errors of those that failed.
    ///
    /// Requests are built batch by batch, because they are much larger than their sources.
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

    /// Repeats a batch until everything is written, DynamoDB fails for good, or the deadline passes. Returns the
    /// errors.
    ///
    /// A single item that DynamoDB rejects fails alone.
    pub(super) async fn write_batch<T>(
        &self,
        batch: &[T],
        request: &impl Fn(&T) -> Result<WriteRequest, StoreError>,
        deadline: Instant,
    ) -> Vec<Option<StoreError>> {
        if Instant::now() >= deadline {
            return vec![Some(self.unwritten(BATCH_WRITE, TIME_IS_UP.to_owned())); batch.len()];
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
            requests = match within(deadline, write).await {
                None => break self.unwritten(BATCH_WRITE, TIME_IS_UP.to_owned()),
                Some(Err(error)) => match StoreError::failed(&self.table, BATCH_WRITE, &error) {
                    StoreError::Invalid { .. } if batch.len() > 1 => {
                        let (first, second) = batch.split_at(batch.len() / 2);
                        let mut errors = Box::pin(self.write_batch(first, request, deadline)).await;
                        errors.extend(Box::pin(self.write_batch(second, request, deadline)).await);
                        return errors;
                    }
                    error => break error,
                },
                Some(Ok(answer)) => {
                    answer.unprocessed_items.and_then(|mut it| it.remove(&self.table)).unwrap_or_default()
                }
            };
            left = requests.iter().map(key_of).collect();
            if left.is_empty() {
                return errors;
            }
            let resume = Instant::now() + pause;
            if resume >= deadline {
                let cause = "DynamoDB left them unprocessed (throttled) until the function's time was up";
                break self.unwritten(BATCH_WRITE, cause.to_owned());
            }
            tokio::time::sleep_until(resume).await;
            pause *= 2;
        };
        for (key, error) in keys.iter().zip(&mut errors) {
            if key.is_some() && left.contains(key) {
                *error = Some(cause.clone());
            }
        }
        errors
    }

    fn unwritten(&self, operation: &'static str, cause: String) -> StoreError {
        StoreError::Unavailable { table: self.table.clone(), operation, cause }
    }

    fn item(&self, write: &DeliveryWrite<'_>, now: Timestamp) -> Result<Item, StoreError> {
        to_item(&write.delivery, write.storage, self.expires_at(write.storage, now))
            .map_err(|error| StoreError::damaged(&self.table, &*write.delivery.event.id, &error))
    }

    fn put_request(&self, write: &DeliveryWrite<'_>, now: Timestamp) -> Result<WriteRequest, StoreError> {
        let put = PutRequest::builder().set_item(Some(self.item(write, now)?)).build();
        let put = put.map_err(|error| StoreError::unbuilt(&self.table, &error))?;
        Ok(WriteRequest::builder().put_request(put).build())
    }

    pub(super) fn delete_request(&self, (pk, sk): &Key) -> Result<WriteRequest, StoreError> {
        let text = |text: &String| AttributeValue::S(text.clone());
        let delete = DeleteRequest::builder().key("pk", text(pk)).key("sk", text(sk)).build();
        let delete = delete.map_err(|error| StoreError::unbuilt(&self.table, &error))?;
        Ok(WriteRequest::builder().delete_request(delete).build())
    }
}

/// Returns the result of a future; `None` once the deadline has passed.
///
/// The deadline is checked first: an environment that was suspended and has been replaced must not write any more.
async fn within<F: Future>(deadline: Instant, future: F) -> Option<F::Output> {
    tokio::select! {
        biased;
        () = tokio::time::sleep_until(deadline) => None,
        output = future => Some(output),
    }
}

/// Maps each write to the last write with the same key.
///
/// The stream may repeat a record within a batch, and DynamoDB rejects duplicate keys. A drain may have two attempts of a
/// delivery to write, which would otherwise be written at the same time, in any order.
fn standing(writes: &[DeliveryWrite<'_>]) -> Vec<usize> {
    let last: HashMap<_, usize> = writes.iter().enumerate().map(|(index, it)| (it.identity(), index)).collect();
    writes.iter().map(|it| last[&it.identity()]).collect()
}

/// Divides writes into rounds of concurrent writes, each with at most one pending delivery of an instance.
fn rounds<'w, 'a: 'w>(
    writes: impl Iterator<Item = (usize, &'w DeliveryWrite<'a>)>,
) -> Vec<Vec<(usize, &'w DeliveryWrite<'a>)>> {
    let mut rounds: Vec<Vec<_>> = Vec::new();
    let mut of_queue: HashMap<InstanceQueue<'_>, usize> = HashMap::new();
    for (index, write) in writes {
        let round = write.queue().map_or(0, |queue| {
            let next = of_queue.entry(queue).or_default();
            *next += 1;
            *next - 1
        });
        if round == rounds.len() {
            rounds.push(Vec::new());
        }
        rounds[round].push((index, write));
    }
    rounds
}

impl DeliveryWrite<'_> {
    /// Returns the delivery's queue, if the new state is the backlog.
    fn queue(&self) -> Option<InstanceQueue<'_>> {
        let Delivery { event, endpoint, .. } = &self.delivery;
        matches!(self.storage, StorageState::Pending(_)).then_some((&event.workspace, &endpoint.id, &event.instance_id))
    }

    /// Returns the parts of the key: those of the new state, or of the previous one if it is only removed.
    fn identity(&self) -> (&WorkspaceId, &str, &str, &EndpointId, StorageState, Option<StorageState>) {
        let Delivery { event, endpoint, .. } = &self.delivery;
        let removed = self.was.filter(|_| self.storage == StorageState::Discarded);
        let storage = match self.storage {
            StorageState::Pending(_) => StorageState::Pending(Turn::Next),
            other => other,
        };
        (&event.workspace, &event.instance_id, &event.id, &endpoint.id, storage, removed)
    }

    /// Returns whether the delivery stays in the backlog, so that only its attributes change.
    fn stays_pending(&self) -> bool {
        matches!((self.was, self.storage), (Some(StorageState::Pending(_)), StorageState::Pending(_)))
    }

    fn key(&self, storage: StorageState) -> Key {
        let id = DeliveryId::of(self.delivery.event, &self.delivery.endpoint.id);
        (id.pk(&self.delivery.event.workspace, storage), id.sk(storage))
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

#[cfg(test)]
mod tests {
    use super::*;
    use webhooks_model::attempt::Attempts;
    use webhooks_model::callback_url::CallbackUrl;
    use webhooks_model::endpoint::Endpoint;
    use webhooks_model::event::{Event, EventType};

    #[test]
    fn of_writes_to_one_place_the_last_one_stands_whatever_its_time() {
        let endpoint = Endpoint::from(CallbackUrl::try_from("http://h/".to_owned()).unwrap());
        let event = |number: u8| Event {
            id: format!("event-{number}"),
            sequence_number: number.to_string(),
            event_type: EventType::Created,
            workspace: WorkspaceId::default_workspace(),
            instance_id: "i".to_owned(),
            process_name: "p".to_owned(),
            changed_at: Timestamp::UNIX_EPOCH,
        };
        let (one, other) = (event(1), event(2));
        let at = |second| Turn::At(Timestamp::from_second(second).unwrap());
        let write = |event, status, storage| {
            let (attempts, give_up_reason) = (Attempts::default(), None);
            let delivery = Delivery { event, endpoint: &endpoint, status, attempts, give_up_reason };
            DeliveryWrite { delivery, storage, was: Some(StorageState::Pending(Turn::Next)) }
        };
        let pending = |event, turn| write(event, Status::Pending, StorageState::Pending(turn));
        let writes = [
            pending(&one, at(1)),
            pending(&other, at(1)),
            pending(&one, at(2)),
            write(&other, Status::Delivered, StorageState::Completed),
        ];
        assert_eq!(standing(&writes), [2, 1, 2, 3]);
    }
}
