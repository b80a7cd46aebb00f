//! What an administrator or developer sets, and resumes. Each change is in the audit, by the same write.

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_dynamodb::types::Update as TransactUpdate;
use jiff::Timestamp;

use super::EndpointsStore;
use super::update::{Update, number, text};
use crate::access::Caller;
use crate::audit::Entry;
use crate::endpoint::{Endpoint, EndpointRecord, EndpointSettings};
use crate::store::transaction::{self, Change};
use crate::store::{Revision, StoreError};
use crate::workspace::WorkspaceId;

/// How often a change is made anew because another one came in between.
const ATTEMPTS: usize = 8;

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

impl SettingsChange {
    fn applied_to(&self, before: &EndpointSettings) -> EndpointSettings {
        EndpointSettings {
            paused: self.paused.unwrap_or(before.paused),
            process_names: self.process_names.clone().unwrap_or_else(|| before.process_names.clone()),
            max_per_second: self.max_per_second.unwrap_or(before.max_per_second),
        }
    }
}

impl EndpointsStore {
    /// Sets some of what an administrator or developer sets. When something waits, it is to be woken now. A change to what
    /// is set already is none.
    ///
    /// # Errors
    /// [`StoreError::Conflict`], [`StoreError::Unavailable`], [`StoreError::Damaged`].
    pub async fn change(
        &self,
        workspace: &WorkspaceId,
        endpoint: &Endpoint,
        change: &SettingsChange,
        now: Timestamp,
        caller: &Caller,
    ) -> Result<EndpointRecord, StoreError> {
        self.decide(workspace, endpoint, |before| {
            let after = change.applied_to(&before.settings);
            if after == before.settings {
                return None;
            }
            let entry = Entry::endpoint_changed(caller, endpoint, &before.settings, &after);
            let update = Update::new()
                .set("settingsRevision", text(Revision::random().as_str()))
                .set("paused", AttributeValue::Bool(after.paused))
                .set("processNames", AttributeValue::L(after.process_names.into_iter().map(text).collect()))
                .set_or_remove("maxPerSecond", after.max_per_second.map(number));
            Some((update.wake(&endpoint.id, Some(now)), entry))
        })
        .await
    }

    /// Lets a failing or disabled endpoint be tried now.
    ///
    /// # Errors
    /// [`StoreError::Conflict`], [`StoreError::Unavailable`], [`StoreError::Damaged`].
    pub async fn resume(
        &self,
        workspace: &WorkspaceId,
        endpoint: &Endpoint,
        now: Timestamp,
        caller: &Caller,
    ) -> Result<EndpointRecord, StoreError> {
        self.decide(workspace, endpoint, |before| {
            let after = before.health.resumed(now);
            let entry = Entry::endpoint_resumed(caller, endpoint, before.health, after);
            // A drain that is at work must not leave before it has seen this.
            Some((Update::new().health(after).add("appends", number(1)).wake(&endpoint.id, Some(now)), entry))
        })
        .await
    }

    /// Reads, decides, and writes only if nobody has changed the settings in between. `decision` answers `None` when there is
    /// nothing to do.
    async fn decide(
        &self,
        workspace: &WorkspaceId,
        endpoint: &Endpoint,
        decision: impl Fn(&EndpointRecord) -> Option<(Update, Entry)>,
    ) -> Result<EndpointRecord, StoreError> {
        for _ in 0..ATTEMPTS {
            let before = self.get(workspace, &endpoint.id).await?;
            let Some((update, entry)) = decision(&before) else { return Ok(before) };
            let update = update.set("url", text(endpoint.url.as_str()));
            match self.audited(workspace, endpoint, update, before.settings_revision.as_ref(), &entry).await {
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error),
                Ok(()) => return self.get(workspace, &endpoint.id).await,
            }
        }
        Err(StoreError::Conflict)
    }

    /// Carries an update and its entry out, if nobody has changed the settings since `seen`.
    async fn audited(
        &self,
        workspace: &WorkspaceId,
        endpoint: &Endpoint,
        update: Update,
        seen: Option<&String>,
        entry: &Entry,
    ) -> Result<(), StoreError> {
        let update = match seen {
            None => update.only_if("attribute_not_exists(settingsRevision)", &[]),
            Some(seen) => update.value(":seen", text(seen)).only_if("settingsRevision = :seen", &[]),
        };
        let update = self.update(workspace, &endpoint.id, update).as_input().clone();
        let update = TransactUpdate::builder()
            .table_name(&self.table)
            .set_key(update.get_key().clone())
            .set_update_expression(update.get_update_expression().clone())
            .set_expression_attribute_names(update.get_expression_attribute_names().clone())
            .set_expression_attribute_values(update.get_expression_attribute_values().clone())
            .set_condition_expression(update.get_condition_expression().clone())
            .build()
            .map_err(|error| StoreError::unbuilt(&self.table, &error))?;
        transaction::write(&self.client, &self.table, workspace, Change::Update(update), entry).await
    }
}
