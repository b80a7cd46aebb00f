//! What an administrator or developer sets, and resumes.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use jiff::Timestamp;

use super::EndpointsStore;
use super::update::{Update, number, text};
use crate::endpoint::{Endpoint, EndpointRecord, EndpointSettings};
use crate::store::StoreError;
use crate::workspace::WorkspaceId;

/// A change of an endpoint's settings; what is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SettingsChange {
    /// Whether it is paused.
    pub paused: Option<bool>,
    /// Whose instances it is told of.
    pub process_names: Option<Vec<String>>,
    /// The most attempts a second; `Some(None)` takes the bound away.
    pub max_per_second: Option<Option<u32>>,
}

impl EndpointsStore {
    /// Sets what an administrator or developer sets, all of it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Damaged`].
    pub async fn set(
        &self,
        workspace: &WorkspaceId,
        endpoint: &Endpoint,
        settings: &EndpointSettings,
        now: Timestamp,
    ) -> Result<EndpointRecord, StoreError> {
        let change = SettingsChange {
            paused: Some(settings.paused),
            process_names: Some(settings.process_names.clone()),
            max_per_second: Some(settings.max_per_second),
        };
        self.change(workspace, endpoint, change, now).await
    }

    /// Sets some of what an administrator or developer sets. When something waits, it is to be woken now.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Damaged`].
    pub async fn change(
        &self,
        workspace: &WorkspaceId,
        endpoint: &Endpoint,
        change: SettingsChange,
        now: Timestamp,
    ) -> Result<EndpointRecord, StoreError> {
        let mut update = Update::new().set("url", text(endpoint.url.as_str())).wake(&endpoint.id, Some(now));
        if let Some(paused) = change.paused {
            update = update.set("paused", AttributeValue::Bool(paused));
        }
        if let Some(names) = change.process_names {
            update = update.set("processNames", AttributeValue::L(names.into_iter().map(text).collect()));
        }
        if let Some(rate) = change.max_per_second {
            update = update.set_or_remove("maxPerSecond", rate.map(number));
        }
        let update = self.update(workspace, &endpoint.id, update).return_values(ReturnValue::AllNew);
        let new = update.send().await.map_err(|error| StoreError::unavailable(&self.table, "UpdateItem", &error))?;
        self.record(new.attributes.unwrap_or_default())
    }

    /// Lets a failing or disabled endpoint be tried now.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Damaged`].
    pub async fn resume(
        &self,
        workspace: &WorkspaceId,
        endpoint: &Endpoint,
        now: Timestamp,
    ) -> Result<EndpointRecord, StoreError> {
        let record = self.get(workspace, &endpoint.id).await?;
        let update = Update::new().set("url", text(endpoint.url.as_str())).health(record.health.resumed(now));
        let update = update.wake(&endpoint.id, Some(now));
        let update = self.update(workspace, &endpoint.id, update).return_values(ReturnValue::AllNew);
        let new = update.send().await.map_err(|error| StoreError::unavailable(&self.table, "UpdateItem", &error))?;
        self.record(new.attributes.unwrap_or_default())
    }
}
