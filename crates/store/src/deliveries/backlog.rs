//! Reads an endpoint's backlog: strongly consistent, partition by partition, in order.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;

use super::key::partition_pk;
use super::{DeliveriesStore, StoredDelivery};
use crate::{StoreError, readable};
use webhooks_model::endpoint::EndpointId;
use webhooks_model::event::PARTITIONS;
use webhooks_model::workspace::WorkspaceId;

/// A page of the pending deliveries of a partition.
#[derive(Clone, Debug, Default)]
pub struct PendingPage {
    /// Deliveries, in the order of their instances' changes.
    pub deliveries: Vec<StoredDelivery>,
    /// Number of items that cannot be read: they stay where they are.
    pub damaged: usize,
    /// Cursor of the next page; `None` on the last page.
    pub next: Option<String>,
}

impl DeliveriesStore {
    /// Reads at most `limit` pending deliveries of a partition, from the start or `after` the previous page.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn pending(
        &self,
        workspace: &WorkspaceId,
        endpoint: &EndpointId,
        partition: u8,
        after: Option<String>,
        limit: i32,
    ) -> Result<PendingPage, StoreError> {
        let last = "p#~".to_owned();
        self.page(partition_pk(endpoint, partition, workspace), "p#".to_owned(), last, after, limit).await
    }

    /// Reads deliveries that were deferred until `until` or earlier, at most `per_partition` of each partition.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn deferred(
        &self,
        workspace: &WorkspaceId,
        endpoint: &EndpointId,
        until: Timestamp,
        per_partition: i32,
    ) -> Result<Vec<StoredDelivery>, StoreError> {
        let last = format!("s#{:013}~", until.as_millisecond());
        let pages = (0..PARTITIONS).map(|partition| {
            let pk = partition_pk(endpoint, partition, workspace);
            self.page(pk, "s#".to_owned(), last.clone(), None, per_partition)
        });
        let pages: Vec<_> = stream::iter(pages).buffered(usize::from(PARTITIONS)).try_collect().await?;
        Ok(pages.into_iter().flat_map(|page| page.deliveries).collect())
    }

    async fn page(
        &self,
        pk: String,
        from: String,
        to: String,
        after: Option<String>,
        limit: i32,
    ) -> Result<PendingPage, StoreError> {
        let text = |text: &String| AttributeValue::S(text.clone());
        let start = after.map(|sk| HashMap::from([("pk".to_owned(), text(&pk)), ("sk".to_owned(), text(&sk))]));
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", text(&pk))
            .expression_attribute_values(":from", text(&from))
            .expression_attribute_values(":to", text(&to))
            .set_exclusive_start_key(start)
            .limit(limit);
        let answer = query.send().await.map_err(|error| StoreError::failed(&self.table, "Query", &error))?;
        let next = answer.last_evaluated_key.and_then(|key| key.get("sk")?.as_s().ok().cloned());
        let items = answer.items.unwrap_or_default();
        let count = items.len();
        let deliveries: Vec<_> = items.into_iter().filter_map(|item| readable(self.stored(item))).collect();
        let damaged = count - deliveries.len();
        Ok(PendingPage { deliveries, damaged, next })
    }
}
