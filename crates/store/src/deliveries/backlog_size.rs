//! Counts an endpoint's backlog, as far as that is cheap.

use aws_sdk_dynamodb::types::{AttributeValue, Select};
use futures_util::{StreamExt, TryStreamExt, stream};

use super::DeliveriesStore;
use super::key::partition_pk;
use crate::StoreError;
use webhooks_model::endpoint::EndpointId;
use webhooks_model::event::PARTITIONS;
use webhooks_model::workspace::WorkspaceId;

/// Size of a backlog.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BacklogSize {
    /// Number of deliveries counted.
    pub count: usize,
    /// Whether there may be more: not all were counted.
    pub more: bool,
}

impl DeliveriesStore {
    /// Counts the backlog, at most `per_partition` deliveries of each partition. Deferred deliveries are not counted.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn backlog_size(
        &self,
        workspace: &WorkspaceId,
        endpoint: &EndpointId,
        per_partition: i32,
    ) -> Result<BacklogSize, StoreError> {
        let partitions = (0..PARTITIONS)
            .map(|partition| self.partition_size(partition_pk(endpoint, partition, workspace), per_partition));
        stream::iter(partitions)
            .buffer_unordered(usize::from(PARTITIONS))
            .try_fold(BacklogSize::default(), async |all, partition| {
                Ok(BacklogSize { count: all.count + partition.count, more: all.more || partition.more })
            })
            .await
    }

    async fn partition_size(&self, pk: String, limit: i32) -> Result<BacklogSize, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .select(Select::Count)
            .key_condition_expression("pk = :pk AND begins_with(sk, :pending)")
            .expression_attribute_values(":pk", AttributeValue::S(pk))
            .expression_attribute_values(":pending", AttributeValue::S("p#".to_owned()))
            .limit(limit);
        let answer = query.send().await.map_err(|error| StoreError::failed(&self.table, "Query", &error))?;
        let count = usize::try_from(answer.count).unwrap_or_default();
        Ok(BacklogSize { count, more: answer.last_evaluated_key.is_some() })
    }
}
