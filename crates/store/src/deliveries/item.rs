//! The item format of a delivery.

use std::borrow::Cow;
use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::key::{DeliveryId, StorageState, Turn, instance_pk, log_pk};
use crate::known;
use webhooks_model::attempt::{Attempt, Attempts, Reason};
use webhooks_model::callback_url::CallbackUrl;
use webhooks_model::delivery::{Delivery, GiveUpReason, Status};
use webhooks_model::endpoint::{Endpoint, EndpointId};
use webhooks_model::event::{Event, EventType};
use webhooks_model::workspace::WorkspaceId;

/// A delivery as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDelivery {
    /// Id of the delivery.
    pub id: DeliveryId,
    /// Partition key of its item.
    pub pk: String,
    /// How the item is stored.
    pub storage: StorageState,
    /// The event.
    pub event: Event,
    /// The target endpoint.
    pub endpoint: Endpoint,
    /// Status of the delivery.
    pub status: Status,
    /// Failure of the last attempt; `None` if it did not fail.
    pub last_reason: Option<Reason>,
    /// Status code of the last attempt's response; `None` without a response.
    pub last_status: Option<u16>,
    /// The attempts; in a page of the log only their count.
    pub attempts: Attempts,
    /// Reason of the failure.
    pub give_up_reason: Option<GiveUpReason>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    pk: Cow<'a, str>,
    sk: Cow<'a, str>,
    #[serde(rename = "deliveryID")]
    delivery_id: Cow<'a, str>,
    #[serde(rename = "workspaceID")]
    workspace: WorkspaceId,
    #[serde(rename = "endpointID")]
    endpoint: EndpointId,
    url: CallbackUrl,
    #[serde(rename = "eventID")]
    event_id: Cow<'a, str>,
    event_type: EventType,
    #[serde(rename = "instanceID")]
    instance_id: Cow<'a, str>,
    process_name: Cow<'a, str>,
    changed_at: Timestamp,
    status: Status,
    attempt_count: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_reason: Option<Reason>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_status: Option<u16>,
    /// Latency of the last attempt, failed or not: the indices do not contain the attempts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_latency_ms: Option<u64>,
    #[serde(default)]
    attempts: Cow<'a, [Attempt]>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "known")]
    give_up_reason: Option<GiveUpReason>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due: Option<Timestamp>,
    /// Whether `due` is the time by which an attempt in flight has certainly ended.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    in_flight: bool,
    /// Seconds since 1970 (DynamoDB's TTL). Only a completed delivery expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<i64>,
    // Keys of the indices. `logPk` exists only while a delivery is pending: completed ones are in this order in the table.
    // `statusPk` exists unless it is delivered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    log_pk: Option<String>,
    log_sk: String,
    #[serde(default)]
    instance_pk: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status_pk: Option<String>,
}

/// Converts a delivery to its item in a storage state, with its expiry.
pub(super) fn to_item(
    delivery: &Delivery<'_>,
    storage: StorageState,
    expires_at: Option<Timestamp>,
) -> Result<HashMap<String, AttributeValue>, serde_dynamo::Error> {
    let (event, endpoint) = (delivery.event, delivery.endpoint);
    let id = DeliveryId::of(event, &endpoint.id);
    let status = delivery.status;
    // What was superseded has not failed, so that a search for failures does not find it.
    let last = delivery.attempts.last().filter(|_| status != Status::Superseded);
    serde_dynamo::to_item(Item {
        pk: id.pk(&event.workspace, storage).into(),
        sk: id.sk(storage).into(),
        delivery_id: id.to_string().into(),
        workspace: event.workspace.clone(),
        endpoint: endpoint.id.clone(),
        url: endpoint.url.clone(),
        event_id: (&*event.id).into(),
        event_type: event.event_type,
        instance_id: (&*event.instance_id).into(),
        process_name: (&*event.process_name).into(),
        changed_at: event.changed_at,
        status,
        attempt_count: delivery.attempts.count(),
        last_reason: last.and_then(|attempt| attempt.failure.as_ref()).map(|failure| failure.reason),
        last_status: last.and_then(|attempt| attempt.status),
        last_latency_ms: last.map(|attempt| u64::try_from(attempt.latency.as_millis()).unwrap_or(u64::MAX)),
        attempts: delivery.attempts.kept().into(),
        give_up_reason: delivery.give_up_reason,
        due: storage.due(),
        in_flight: matches!(storage, StorageState::Pending(Turn::InFlight(_))),
        expires_at: expires_at.map(Timestamp::as_second),
        log_pk: (status == Status::Pending).then(|| log_pk(&event.workspace, id.shard())),
        log_sk: id.log_sk(),
        instance_pk: instance_pk(&event.workspace, &event.instance_id),
        status_pk: (status != Status::Delivered).then(|| status_pk(&event.workspace, status, id.shard())),
    })
}

/// Converts an item to its delivery.
pub(super) fn from_item(item: HashMap<String, AttributeValue>) -> Result<StoredDelivery, serde_dynamo::Error> {
    let item: Item = serde_dynamo::from_item(item)?;
    let id: DeliveryId = item.delivery_id.parse().map_err(serde::de::Error::custom)?;
    let event = Event {
        id: item.event_id.into_owned(),
        sequence_number: id.sequence_number.clone(),
        event_type: item.event_type,
        workspace: item.workspace,
        instance_id: item.instance_id.into_owned(),
        process_name: item.process_name.into_owned(),
        changed_at: item.changed_at,
    };
    Ok(StoredDelivery {
        id,
        pk: item.pk.into_owned(),
        storage: storage(&item.sk, item.due, item.in_flight),
        event,
        endpoint: Endpoint { id: item.endpoint, url: item.url },
        status: item.status,
        last_reason: item.last_reason,
        last_status: item.last_status,
        attempts: Attempts::kept_of(item.attempts.into_owned(), item.attempt_count),
        give_up_reason: item.give_up_reason,
    })
}

/// Returns the storage state of a sort key.
fn storage(sk: &str, due: Option<Timestamp>, in_flight: bool) -> StorageState {
    match (sk.as_bytes().first(), due) {
        (Some(b'p'), None) => StorageState::Pending(Turn::Next),
        (Some(b'p'), Some(due)) if in_flight => StorageState::Pending(Turn::InFlight(due)),
        (Some(b'p'), Some(due)) => StorageState::Pending(Turn::At(due)),
        (Some(b's'), due) => StorageState::Deferred(due.unwrap_or_default()),
        _ => StorageState::Completed,
    }
}

pub(super) fn status_pk(workspace: &WorkspaceId, status: Status, shard: u16) -> String {
    format!("{}#{shard:02}#{workspace}", status.as_str())
}
