//! What the fan-out says of an endpoint after a batch.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use jiff::Timestamp;

use super::EndpointsStore;
use super::update::{Update, milliseconds, number, text};
use crate::endpoint::{Endpoint, Health};
use crate::store::StoreError;
use crate::workspace::WorkspaceId;

impl EndpointsStore {
    /// Says that deliveries were put into the backlog, to be called on at `wake_at`. Answers whether somebody has to wake
    /// the endpoint: nobody has been told before.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn appended(
        &self,
        workspace: &WorkspaceId,
        endpoint: &Endpoint,
        wake_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let update = Update::new()
            .set("url", text(endpoint.url.as_str()))
            .set("hasBacklog", AttributeValue::Bool(true))
            .add("appends", number(1))
            .wake(&endpoint.id, Some(wake_at));
        let update = self.update(workspace, &endpoint.id, update).return_values(ReturnValue::UpdatedOld);
        let old = update.send().await.map_err(|error| StoreError::unavailable(&self.table, "UpdateItem", &error))?;
        let had = old.attributes.as_ref().and_then(|old| old.get("hasBacklog")?.as_bool().ok().copied());
        Ok(had != Some(true))
    }

    /// Notes what the stream saw of an endpoint. A drain that knows better in the meantime is not overruled: only an
    /// endpoint that counts as healthy becomes failing or disabled.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn observed(
        &self,
        workspace: &WorkspaceId,
        endpoint: &Endpoint,
        health: Health,
        last_failure: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let mut update = Update::new().set("url", text(endpoint.url.as_str())).health(health);
        if let Some(at) = last_failure {
            update = update.set("lastFailure", milliseconds(at));
        }
        let update = update.value(":was", text("healthy"));
        let update = self.update(workspace, &endpoint.id, update);
        self.conditional(update, "attribute_not_exists(#health) OR #health = :was").await.map(drop)
    }

    /// Notes when it last took an event.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn succeeded(
        &self,
        workspace: &WorkspaceId,
        endpoint: &Endpoint,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let update = Update::new().set("url", text(endpoint.url.as_str())).set("lastSuccess", milliseconds(at));
        let update = self.update(workspace, &endpoint.id, update);
        update.send().await.map(drop).map_err(|error| StoreError::unavailable(&self.table, "UpdateItem", &error))
    }
}
