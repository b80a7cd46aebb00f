//! Deliveries: log and backlog in one table, an item each.
//!
//! | attribute | |
//! |---|---|
//! | `pk` | `{endpointID}#{lane}#{workspace}`: the deliveries of one endpoint are spread over [`LANES`] partitions by instance |
//! | `sk` | the stream's sequence number, padded: within a lane the order in which the instances changed |
//! | `status` | `pending`, `delivered`, `failed` |
//! | `workspaceID`, `endpointID`, `url`, `eventID`, `eventType`, `instanceID`, `processName`, `changedAt` | what is to be sent, and to whom |
//! | `attempts` | `[{at, status, latencyMs, reason, detail, body}]`, oldest first |
//! | `expiresAt` | when DynamoDB may remove the item, in seconds since 1970 |
//!
//! Writing the same delivery again, as a redelivered batch does, replaces the item.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use serde::Serialize;

use super::StoreError;
use crate::delivery::{Attempt, Delivery, EndpointId, Status};
use crate::event::EventType;
use crate::workspace::WorkspaceId;

/// Partitions of one endpoint's deliveries.
const LANES: u8 = 16;

/// How long an item is kept.
const RETENTION: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// DynamoDB's limit for one `BatchWriteItem`.
const BATCH: usize = 25;

/// Batches on their way at a time.
const CONCURRENT_BATCHES: usize = 8;

/// The width of the longest sequence number, in digits (API reference, `StreamRecord.SequenceNumber`).
const SEQUENCE_DIGITS: usize = 40;

/// Between repetitions of what DynamoDB left unprocessed; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// Writes deliveries.
#[derive(Clone, Debug)]
pub struct DeliveriesStore {
    client: Client,
    table: String,
}

/// Where a delivery is kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DeliveryKey {
    pk: String,
    sk: String,
}

impl DeliveryKey {
    /// The key of a delivery.
    pub fn of(delivery: &Delivery<'_>) -> Self {
        let (event, endpoint) = (delivery.event, delivery.endpoint);
        Self {
            pk: format!("{}#{:02}#{}", endpoint.id, lane(&event.instance_id), event.workspace),
            sk: format!("{:0>SEQUENCE_DIGITS$}", event.sequence_number),
        }
    }
}

/// FNV-1a: the same in every process and release, which `std`'s hashers are not.
fn lane(instance_id: &str) -> u8 {
    let hash = instance_id
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    #[expect(clippy::cast_possible_truncation, reason = "a remainder below LANES")]
    let lane = (hash % u64::from(LANES)) as u8;
    lane
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    pk: String,
    sk: String,
    #[serde(rename = "workspaceID")]
    workspace: &'a WorkspaceId,
    #[serde(rename = "endpointID")]
    endpoint: &'a EndpointId,
    url: &'a str,
    #[serde(rename = "eventID")]
    event_id: &'a str,
    event_type: EventType,
    #[serde(rename = "instanceID")]
    instance_id: &'a str,
    process_name: &'a str,
    changed_at: Timestamp,
    status: Status,
    attempts: &'a [Attempt],
    expires_at: i64,
}

impl DeliveriesStore {
    /// Deliveries in the given table.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// Writes deliveries, at most until `deadline`. Answers, for each, whether it now stands in the table.
    pub async fn write(
        &self,
        deliveries: &[Delivery<'_>],
        now: Timestamp,
        deadline: tokio::time::Instant,
    ) -> Vec<Result<(), StoreError>> {
        let written = stream::iter(deliveries.chunks(BATCH))
            .map(|batch| self.write_batch(batch, now, deadline))
            .buffered(CONCURRENT_BATCHES)
            .collect::<Vec<_>>();
        written.await.into_iter().flatten().collect()
    }

    async fn write_batch(
        &self,
        deliveries: &[Delivery<'_>],
        now: Timestamp,
        deadline: tokio::time::Instant,
    ) -> Vec<Result<(), StoreError>> {
        let keys: Vec<_> = deliveries.iter().map(DeliveryKey::of).collect();
        let mut outcomes: Vec<Option<StoreError>> = Vec::new();
        let mut waiting = HashMap::new();
        for (delivery, key) in deliveries.iter().zip(&keys) {
            match self.put_request(delivery, key, now) {
                // A key can come twice only if the stream repeats a record within a batch; DynamoDB refuses such a
                // request whole.
                Ok(request) => {
                    waiting.insert(key.clone(), request);
                    outcomes.push(None);
                }
                Err(error) => outcomes.push(Some(error)),
            }
        }
        let (waiting, cause) = self.put_all(waiting, deadline).await;
        let unwritten = |key| {
            waiting.contains_key(key).then(|| StoreError::Unavailable {
                table: self.table.clone(),
                operation: "BatchWriteItem",
                cause: cause.clone(),
            })
        };
        let outcomes = outcomes.into_iter().zip(&keys).map(|(error, key)| error.or_else(|| unwritten(key)));
        outcomes.map(|error| error.map_or(Ok(()), Err)).collect()
    }

    /// Repeats until everything is written, DynamoDB fails for good, or time is up. Answers what was not written, and why.
    async fn put_all(
        &self,
        mut waiting: HashMap<DeliveryKey, WriteRequest>,
        deadline: tokio::time::Instant,
    ) -> (HashMap<DeliveryKey, WriteRequest>, String) {
        let mut pause = FIRST_PAUSE;
        while !waiting.is_empty() {
            let requests = waiting.values().cloned().collect();
            let write = self.client.batch_write_item().request_items(&self.table, requests).send();
            let unprocessed = match tokio::time::timeout_at(deadline, write).await {
                Err(_) => return (waiting, "the function's time was up".to_owned()),
                Ok(Err(error)) => return (waiting, aws_sdk_dynamodb::error::DisplayErrorContext(error).to_string()),
                Ok(Ok(answer)) => answer.unprocessed_items.and_then(|mut items| items.remove(&self.table)),
            };
            waiting = unprocessed.unwrap_or_default().into_iter().filter_map(|it| Some((key_of(&it)?, it))).collect();
            if waiting.is_empty() {
                break;
            }
            let resume = tokio::time::Instant::now() + pause;
            if resume >= deadline {
                return (
                    waiting,
                    "DynamoDB left them unprocessed (throttled) until the function's time was up".to_owned(),
                );
            }
            tokio::time::sleep_until(resume).await;
            pause *= 2;
        }
        (waiting, String::new())
    }

    fn put_request(
        &self,
        delivery: &Delivery<'_>,
        key: &DeliveryKey,
        now: Timestamp,
    ) -> Result<WriteRequest, StoreError> {
        let (event, endpoint) = (delivery.event, delivery.endpoint);
        let item = Item {
            pk: key.pk.clone(),
            sk: key.sk.clone(),
            workspace: &event.workspace,
            endpoint: &endpoint.id,
            url: endpoint.url.as_str(),
            event_id: &event.id,
            event_type: event.event_type,
            instance_id: &event.instance_id,
            process_name: &event.process_name,
            changed_at: event.changed_at,
            status: delivery.status,
            attempts: &delivery.attempts,
            expires_at: now.as_second().saturating_add_unsigned(RETENTION.as_secs()),
        };
        let damaged =
            |source| StoreError::Damaged { table: self.table.clone(), key: format!("{}/{}", key.pk, key.sk), source };
        let item: HashMap<String, AttributeValue> = serde_dynamo::to_item(item).map_err(damaged)?;
        let put = PutRequest::builder().set_item(Some(item)).build().map_err(|error| StoreError::Unavailable {
            table: self.table.clone(),
            operation: "BatchWriteItem",
            cause: error.to_string(),
        })?;
        Ok(WriteRequest::builder().put_request(put).build())
    }
}

fn key_of(request: &WriteRequest) -> Option<DeliveryKey> {
    let item = request.put_request()?.item();
    let text = |name| item.get(name)?.as_s().ok().cloned();
    Some(DeliveryKey { pk: text("pk")?, sk: text("sk")? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::callbacks::CallbackUrl;
    use crate::delivery::Endpoint;
    use crate::event::Event;

    fn key(instance_id: &str, sequence_number: &str) -> DeliveryKey {
        let event = Event {
            id: "e".into(),
            sequence_number: sequence_number.into(),
            event_type: EventType::Created,
            workspace: WorkspaceId::default_workspace(),
            instance_id: instance_id.into(),
            process_name: "p".into(),
            changed_at: Timestamp::UNIX_EPOCH,
        };
        let endpoint = Endpoint::from(CallbackUrl::try_from("http://h/".to_owned()).unwrap());
        DeliveryKey::of(&Delivery { event: &event, endpoint: &endpoint, status: Status::Pending, attempts: vec![] })
    }

    #[test]
    fn an_instance_stays_in_its_lane_and_sequence_numbers_sort_as_numbers() {
        let (earlier, later) = (key("i-1", "999"), key("i-1", "1000"));
        assert_eq!(earlier.pk, later.pk);
        assert!(earlier.sk < later.sk);
    }

    #[test]
    fn keys_never_change_from_one_release_to_the_next() {
        insta::assert_debug_snapshot!(key("i-1", "111"), @r#"
        DeliveryKey {
            pk: "ad8295a7a69d6f00bcbec158f753e931#14#default",
            sk: "0000000000000000000000000000000000000111",
        }
        "#);
    }

    #[test]
    fn instances_spread_evenly_over_the_lanes() {
        let mut lanes = [0_u32; LANES as usize];
        (0..16_000).for_each(|i| lanes[usize::from(lane(&format!("instance-{i}")))] += 1);
        assert!(lanes.iter().all(|n| (800..1200).contains(n)), "{lanes:?}");
    }
}
