//! The sources of an endpoint's secret: their attribute, their changes, and the item that outlives them.
//!
//! | attribute | |
//! |---|---|
//! | `pk`, `sk` | the workspace, `used-secrets#{identity}` |
//! | `generation` | the first number that no secret of the identity has had; no item for 0 |

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::EndpointsStore;
use super::update::{Update, number, text};
use crate::secret_text::Text;
use crate::transaction;
use crate::{SettingsPatch, StoreError};
use webhooks_model::audit::Entry;
use webhooks_model::endpoint::{Endpoint, EndpointId, EndpointRecord};
use webhooks_model::signing::{EndpointSecret, Retiring, SecretSource, SecretSources, SigningSecret};
use webhooks_model::workspace::WorkspaceId;

/// Name of the attribute.
pub(super) const SECRET: &str = "secret";

/// Beginning of the sort key of an identity's used secrets. It is beyond what a batch reads, and stays when the endpoint
/// is forgotten: a secret that was replaced must not return with its URL.
const USED: &str = "used-secrets#";

/// Form of the attribute.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SecretItem {
    #[serde(flatten)]
    current: SourceItem,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    previous: Vec<RetiringItem>,
    changed_at: i64,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RetiringItem {
    #[serde(flatten)]
    source: SourceItem,
    expires_at: i64,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum SourceItem {
    Own { own: Text<SigningSecret> },
    Derived { identity: EndpointId, generation: u64 },
}

impl From<SourceItem> for SecretSource {
    fn from(item: SourceItem) -> Self {
        match item {
            SourceItem::Own { own } => Self::Own(own.0),
            SourceItem::Derived { identity, generation } => Self::Derived { identity, generation },
        }
    }
}

impl From<SecretSource> for SourceItem {
    fn from(source: SecretSource) -> Self {
        match source {
            SecretSource::Own(secret) => Self::Own { own: Text(secret) },
            SecretSource::Derived { identity, generation } => Self::Derived { identity, generation },
        }
    }
}

impl From<SecretItem> for EndpointSecret {
    fn from(item: SecretItem) -> Self {
        let time = |milliseconds| Timestamp::from_millisecond(milliseconds).unwrap_or_default();
        let retiring = |it: RetiringItem| Retiring { value: it.source.into(), expires_at: time(it.expires_at) };
        let previous = item.previous.into_iter().map(retiring).collect();
        let sources = SecretSources { current: item.current.into(), previous };
        Self { sources, changed_at: time(item.changed_at) }
    }
}

impl From<EndpointSecret> for SecretItem {
    fn from(secret: EndpointSecret) -> Self {
        let EndpointSecret { sources, changed_at } = secret;
        let retiring = |it: Retiring<SecretSource>| RetiringItem {
            source: it.value.into(),
            expires_at: it.expires_at.as_millisecond(),
        };
        let previous = sources.previous.into_iter().map(retiring).collect();
        Self { current: sources.current.into(), previous, changed_at: changed_at.as_millisecond() }
    }
}

impl Update {
    /// Sets the sources of the secret; `None` are those of an endpoint that was never rotated.
    ///
    /// # Errors
    /// Never: they are text, numbers and lists of them.
    pub(super) fn secret(self, secret: Option<EndpointSecret>) -> Result<Self, serde_dynamo::Error> {
        let attribute =
            secret.map(|secret| serde_dynamo::to_attribute_value::<_, AttributeValue>(SecretItem::from(secret)));
        Ok(self.set_or_remove(SECRET, attribute.transpose()?))
    }
}

impl EndpointsStore {
    /// Replaces the sources of an endpoint's secret, and writes the audit entry. `seen` is the record that it is decided
    /// on.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if settings or secret were changed since; [`StoreError::Unavailable`].
    pub async fn replace_secret(
        &self,
        workspace: &WorkspaceId,
        endpoint: &Endpoint,
        seen: &EndpointRecord,
        secret: EndpointSecret,
        entry: &Entry,
    ) -> Result<(), StoreError> {
        // The new revision of the settings is what a concurrent change notices.
        let update = Update::new().changed_settings(&SettingsPatch::default());
        let update = self.with_secret(update, workspace, endpoint, Some(secret))?;
        let update = update.set("url", text(endpoint.url.as_str()));
        self.audited(workspace, endpoint, update, seen.settings_revision.as_ref(), entry).await
    }

    /// Returns the number of the secret that this identity would have if it were configured now: 0 unless an earlier one
    /// was replaced. Changes nothing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Damaged`].
    pub async fn next_generation(&self, workspace: &WorkspaceId, identity: &EndpointId) -> Result<u64, StoreError> {
        let get = self.client.get_item().table_name(&self.table).set_key(Some(used_key(workspace, identity)));
        let item = get.consistent_read(true).send().await;
        let item = item.map_err(|error| StoreError::failed(&self.table, "GetItem", &error))?.item;
        item.map_or(Ok(0), |item| self.generation(workspace, identity, &item))
    }

    /// Takes a number that no secret of this identity has had, and none will have again.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; [`StoreError::Invalid`] if the item is damaged.
    pub async fn take_generation(&self, workspace: &WorkspaceId, identity: &EndpointId) -> Result<u64, StoreError> {
        let next = self.used(workspace, identity, "SET generation = if_not_exists(generation, :one) + :one").await?;
        Ok(next - 1)
    }

    /// Records that the first secret of this identity must not return: another endpoint has it, or it was replaced.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn mark_used(&self, workspace: &WorkspaceId, identity: &EndpointId) -> Result<(), StoreError> {
        self.used(workspace, identity, "SET generation = if_not_exists(generation, :one)").await.map(drop)
    }

    /// Updates the first number that this identity has not used yet, and returns it.
    async fn used(&self, workspace: &WorkspaceId, identity: &EndpointId, set: &str) -> Result<u64, StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(used_key(workspace, identity)))
            .update_expression(set)
            .expression_attribute_values(":one", number(1))
            .return_values(ReturnValue::AllNew);
        let written = update.send().await.map_err(|error| StoreError::failed(&self.table, "UpdateItem", &error))?;
        self.generation(workspace, identity, &written.attributes.unwrap_or_default())
    }

    /// Reads the first number that this identity has not used yet. A guess could bring back a secret that was replaced.
    fn generation(
        &self,
        workspace: &WorkspaceId,
        identity: &EndpointId,
        item: &HashMap<String, AttributeValue>,
    ) -> Result<u64, StoreError> {
        let number = item.get("generation").and_then(|it| it.as_n().ok()?.parse().ok()).filter(|it| *it > 0);
        let key = || format!("{workspace}/{USED}{identity}");
        number.ok_or_else(|| StoreError::damaged(&self.table, key(), &"generation is not a number from 1"))
    }

    /// Returns the sources of a secret that no endpoint has had.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; [`StoreError::Invalid`] if the item of used secrets is damaged.
    pub async fn fresh_secret(
        &self,
        workspace: &WorkspaceId,
        identity: &EndpointId,
        now: Timestamp,
    ) -> Result<EndpointSecret, StoreError> {
        let generation = self.take_generation(workspace, identity).await?;
        let source = SecretSource::Derived { identity: identity.clone(), generation };
        Ok(EndpointSecret { sources: SecretSources::new(source), changed_at: now })
    }

    /// Adds the sources of the secret to an update.
    pub(super) fn with_secret(
        &self,
        update: Update,
        workspace: &WorkspaceId,
        endpoint: &Endpoint,
        secret: Option<EndpointSecret>,
    ) -> Result<Update, StoreError> {
        let key = || format!("{workspace}/endpoint#{}", endpoint.id);
        update.secret(secret).map_err(|error| StoreError::damaged(&self.table, key(), &error))
    }
}

fn used_key(workspace: &WorkspaceId, identity: &EndpointId) -> HashMap<String, AttributeValue> {
    transaction::key(workspace, &format!("{USED}{identity}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_read_as_they_were_written() {
        let identity = EndpointId::try_from("a".repeat(32)).unwrap();
        let derived = |generation| SecretSource::Derived { identity: identity.clone(), generation };
        let own = SecretSource::Own("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().unwrap());
        let at = |second| Timestamp::from_second(second).unwrap();
        for current in [own.clone(), derived(7)] {
            let previous = [own.clone(), derived(u64::from(u32::MAX))];
            let previous = previous.map(|value| Retiring { value, expires_at: at(9) }).to_vec();
            let secret = EndpointSecret { sources: SecretSources { current, previous }, changed_at: at(5) };
            let stored: AttributeValue = serde_dynamo::to_attribute_value(SecretItem::from(secret.clone())).unwrap();
            let read: SecretItem = serde_dynamo::from_attribute_value(stored).unwrap();
            assert_eq!(EndpointSecret::from(read), secret);
        }
    }
}
