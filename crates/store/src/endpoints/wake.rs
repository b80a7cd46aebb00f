//! The index of endpoints' wake-ups, and the query of its sweep.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;

use super::EndpointsStore;
use super::update::{Update, milliseconds, text};
use crate::StoreError;
use webhooks_model::endpoint::EndpointId;
use webhooks_model::workspace::WorkspaceId;

/// Number of partitions of the index of wake-ups: one accepts 1,000 writes per second.
const WAKE_PARTITIONS: u8 = 16;

/// Minimum time between two hops of a wake-up. A hop takes 15 minutes, the longest delay of SQS; one that comes sooner is a
/// copy.
const BETWEEN_HOPS: Duration = Duration::from_secs(5 * 60);

impl EndpointsStore {
    /// Records a wake-up of an endpoint at `at`, unless an earlier one is recorded.
    ///
    /// Returns whether it was recorded: then the caller has to send it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn wake_by(
        &self,
        workspace: &WorkspaceId,
        endpoint: &EndpointId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let update = Update::new()
            .wake(endpoint, Some(at))
            .only_if("attribute_exists(pk)", &[])
            .only_if("attribute_not_exists(#wakeAt) OR #wakeAt > :wakeAt", &[]);
        Ok(self.conditional(self.update(workspace, endpoint, update)).await?.is_some())
    }

    /// Records that the wake-up for `at` is sent on for another hop.
    ///
    /// Returns false, without changes, if the endpoint's wake-up is at another time, or if this one was sent on in the last
    /// five minutes: the queue delivers copies, and each of them would be sent on.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn send_on(
        &self,
        workspace: &WorkspaceId,
        endpoint: &EndpointId,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let update = Update::new()
            .set("sentOnAt", milliseconds(now))
            .value(":at", milliseconds(at))
            .value(":copy", milliseconds(now - BETWEEN_HOPS))
            .value(":number", text("N"))
            .only_if("#wakeAt = :at", &["wakeAt"])
            // An invalid time would never pass.
            .only_if(
                "attribute_not_exists(#sentOnAt) OR #sentOnAt < :copy OR NOT attribute_type(#sentOnAt, :number)",
                &[],
            );
        Ok(self.conditional(self.update(workspace, endpoint, update)).await?.is_some())
    }

    /// Returns endpoints whose wake-up was due before `until`, the longest overdue of each partition first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn overdue(
        &self,
        until: Timestamp,
        per_partition: i32,
    ) -> Result<Vec<(WorkspaceId, EndpointId)>, StoreError> {
        let partitions = (0..WAKE_PARTITIONS).map(|n| async move {
            let query = self
                .client
                .query()
                .table_name(&self.table)
                .index_name("byWakeAt")
                .key_condition_expression("wakePk = :pk AND wakeAt <= :until")
                .expression_attribute_values(":pk", text(format!("wake#{n:x}")))
                .expression_attribute_values(":until", milliseconds(until))
                .limit(per_partition);
            let answer = query.send().await.map_err(|error| StoreError::failed(&self.table, "Query", &error))?;
            Ok::<_, StoreError>(answer.items.unwrap_or_default())
        });
        let partitions: Vec<Vec<_>> = stream::iter(partitions).buffer_unordered(8).try_collect().await?;
        let id = |item: HashMap<String, AttributeValue>| {
            let workspace = WorkspaceId::try_from(item.get("pk")?.as_s().ok()?.clone()).ok()?;
            let endpoint = item.get("sk")?.as_s().ok()?.strip_prefix("endpoint#")?.to_owned();
            Some((workspace, EndpointId::try_from(endpoint).ok()?))
        };
        Ok(partitions.into_iter().flatten().filter_map(id).collect())
    }
}
