//! Erases an instance's deliveries from the log.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use tokio::time::Instant;

use super::DeliveriesStore;
use super::key::instance_pk;
use super::write::{BATCH, Key};
use crate::StoreError;
use webhooks_model::workspace::WorkspaceId;

/// Number of deliveries that are found and removed at a time.
const PAGE: i32 = 500;

/// An instance's deliveries in a workspace, by their keys: items that cannot be read are found, too.
#[derive(Debug, Default)]
pub struct InstanceDeliveries {
    /// Keys of the completed ones.
    completed: Vec<Key>,
    /// Number of pending ones.
    pub pending: usize,
    next: Option<HashMap<String, AttributeValue>>,
}

impl InstanceDeliveries {
    /// Returns the number of completed ones.
    pub fn completed(&self) -> usize {
        self.completed.len()
    }

    /// Returns whether there may be more.
    pub fn has_more(&self) -> bool {
        self.next.is_some()
    }

    fn add(&mut self, item: &HashMap<String, AttributeValue>) {
        let text = |name: &str| item.get(name).and_then(|it| it.as_s().ok()).cloned().unwrap_or_default();
        let (pk, sk) = (text("pk"), text("sk"));
        match sk.starts_with("d#") {
            true => self.completed.push((pk, sk)),
            false => self.pending += 1,
        }
    }
}

impl DeliveriesStore {
    /// Finds an instance's deliveries, from the start or after the page before. A change is visible after a short delay.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn of_instance(
        &self,
        workspace: &WorkspaceId,
        instance_id: &str,
        after: InstanceDeliveries,
    ) -> Result<InstanceDeliveries, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .index_name("byInstance")
            .key_condition_expression("instancePk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(instance_pk(workspace, instance_id)))
            .projection_expression("pk, sk")
            .set_exclusive_start_key(after.next)
            .limit(PAGE);
        let answer = query.send().await.map_err(|error| StoreError::failed(&self.table, "Query", &error))?;
        let mut found = InstanceDeliveries { next: answer.last_evaluated_key.clone(), ..InstanceDeliveries::default() };
        answer.items().iter().for_each(|item| found.add(item));
        Ok(found)
    }

    /// Removes the completed ones until `deadline`. Pending ones stay: a drain may be sending them.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if one of them could not be removed. Others may be removed then.
    pub async fn erase(&self, deliveries: &InstanceDeliveries, deadline: Instant) -> Result<(), StoreError> {
        for batch in deliveries.completed.chunks(BATCH) {
            let errors = self.write_batch(batch, &|key: &Key| self.delete_request(key), deadline).await;
            errors.into_iter().flatten().next().map_or(Ok(()), Err)?;
        }
        Ok(())
    }
}
