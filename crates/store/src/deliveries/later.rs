//! Looks for later events of an instance that wait for the same endpoint: in the index `byInstance`, which lags a little.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::key::{DeliveryId, instance_pk};
use super::{DeliveriesStore, StoredDelivery};
use crate::{StoreError, readable};
use webhooks_model::delivery::Status;
use webhooks_model::event::EventType;

/// Number of items of one query. The next event of the same instance is among the first ones.
const PAGE: i32 = 25;

impl DeliveriesStore {
    /// Returns whether a delivery of a later event of the same instance, of one of these types, is pending for the same
    /// endpoint.
    ///
    /// One that was stored within the last moments may be missed: the index is eventually consistent.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn has_later(&self, delivery: &StoredDelivery, event_types: &[EventType]) -> Result<bool, StoreError> {
        let event = &delivery.event;
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let mut start = None;
        loop {
            let query = self
                .client
                .query()
                .table_name(&self.table)
                .index_name("byInstance")
                .key_condition_expression("instancePk = :instance AND logSk >= :from")
                .filter_expression("#status = :pending AND endpointID = :endpoint")
                .projection_expression("deliveryID, eventType")
                .expression_attribute_names("#status", "status")
                .expression_attribute_values(":instance", text(&instance_pk(&event.workspace, &event.instance_id)))
                .expression_attribute_values(":from", text(&delivery.id.since()))
                .expression_attribute_values(":pending", text(Status::Pending.as_str()))
                .expression_attribute_values(":endpoint", text(delivery.endpoint.id.as_str()))
                .limit(PAGE)
                .set_exclusive_start_key(start);
            let answer = query.send().await.map_err(|error| StoreError::failed(&self.table, "Query", &error))?;
            let items = answer.items.unwrap_or_default().into_iter();
            let mut others = items.filter_map(|item| readable(self.other(item)));
            if others.any(|it| it.id.is_after(&delivery.id) && event_types.contains(&it.event_type)) {
                return Ok(true);
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(false);
            }
        }
    }

    fn other(&self, item: HashMap<String, AttributeValue>) -> Result<Other, StoreError> {
        serde_dynamo::from_item(item).map_err(|error| StoreError::damaged(&self.table, "byInstance", &error))
    }
}

/// What counts of another delivery.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Other {
    #[serde(rename = "deliveryID", deserialize_with = "parsed")]
    id: DeliveryId,
    event_type: EventType,
}

fn parsed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DeliveryId, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(Error::custom)
}

impl DeliveryId {
    /// Returns the position in the log of everything that changed at the same time or later.
    fn since(&self) -> String {
        format!("{:013}", self.changed_ms)
    }

    /// Returns whether its event follows that of another delivery of the same instance in the stream.
    fn is_after(&self, other: &Self) -> bool {
        let (one, other) = (&self.sequence_number, &other.sequence_number);
        (one.len(), one) > (other.len(), other)
    }
}
