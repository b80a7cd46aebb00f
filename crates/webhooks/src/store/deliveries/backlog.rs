//! Reads what waits for an endpoint: strongly consistent, lane by lane, in order.

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;

use super::item::from_item;
use super::key::{LANES, lane_pk};
use super::{DeliveriesStore, StoredDelivery};
use crate::endpoint::EndpointId;
use crate::store::StoreError;
use crate::workspace::WorkspaceId;

impl DeliveriesStore {
    /// The first of what waits, at most `per_lane` of each lane, the oldest first within a lane.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Damaged`].
    pub async fn backlog(
        &self,
        workspace: &WorkspaceId,
        endpoint: &EndpointId,
        per_lane: i32,
    ) -> Result<Vec<StoredDelivery>, StoreError> {
        self.lanes(workspace, endpoint, "p#".to_owned(), "p#~".to_owned(), per_lane).await
    }

    /// What was set aside until `now`, at most `per_lane` of each lane.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Damaged`].
    pub async fn aside(
        &self,
        workspace: &WorkspaceId,
        endpoint: &EndpointId,
        until: Timestamp,
        per_lane: i32,
    ) -> Result<Vec<StoredDelivery>, StoreError> {
        let last = format!("s#{:013}~", until.as_millisecond());
        self.lanes(workspace, endpoint, "s#".to_owned(), last, per_lane).await
    }

    async fn lanes(
        &self,
        workspace: &WorkspaceId,
        endpoint: &EndpointId,
        from: String,
        to: String,
        limit: i32,
    ) -> Result<Vec<StoredDelivery>, StoreError> {
        let lanes =
            (0..LANES).map(|lane| self.lane(lane_pk(endpoint, lane, workspace), from.clone(), to.clone(), limit));
        let lanes: Vec<Vec<_>> = stream::iter(lanes).buffered(usize::from(LANES)).try_collect().await?;
        Ok(lanes.into_iter().flatten().collect())
    }

    async fn lane(&self, pk: String, from: String, to: String, limit: i32) -> Result<Vec<StoredDelivery>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", AttributeValue::S(pk.clone()))
            .expression_attribute_values(":from", AttributeValue::S(from))
            .expression_attribute_values(":to", AttributeValue::S(to))
            .limit(limit);
        let answer = query.send().await.map_err(|error| StoreError::unavailable(&self.table, "Query", &error))?;
        let read = |item| {
            from_item(item).map_err(|source| StoreError::Damaged { table: self.table.clone(), key: pk.clone(), source })
        };
        answer.items.unwrap_or_default().into_iter().map(read).collect()
    }
}
