//! A workspace's keys, from which the secrets of its endpoints are derived: one item, replaced as a whole under optimistic
//! locking (`revision`).
//!
//! | attribute | |
//! |---|---|
//! | `pk` | the workspace |
//! | `sk` | `signing-secret` |
//! | `version` | 1 at the first write, then incremented with each write |
//! | `revision` | a random id of the write |
//! | `secret` | `whsec_…` |
//! | `previous` | a list of `{secret, expiresAt}`, newest first; times in milliseconds since 1970 |
//! | `changedAt` | time of the write, RFC 3339 |
//!
//! The table is encrypted under a key of its own (docs/adr/0010).

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, Put};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::secret_text::Text;
use super::transaction::{self, AUDIT_RETENTION, Change};
use super::{Revision, StoreError};
use webhooks_model::audit::{Action, Author, Entry};
use webhooks_model::signing::{Retiring, WorkspaceKey, WorkspaceKeys};
use webhooks_model::workspace::WorkspaceId;

pub(super) const SORT_KEY: &str = "signing-secret";

/// Maximum number of attempts to read or create the keys.
const ATTEMPTS: usize = 8;

/// Store of the keys.
#[derive(Clone, Debug)]
pub struct SecretsStore {
    client: Client,
    table: String,
    audit_retention: Duration,
}

/// Stored keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredKeys {
    /// Version, incremented with each write.
    pub version: u64,
    /// Unique id of the write.
    pub revision: Revision,
    /// Time of the write.
    pub changed_at: Timestamp,
    /// The keys.
    pub keys: WorkspaceKeys,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    version: u64,
    revision: Revision,
    changed_at: Timestamp,
    secret: Text<WorkspaceKey>,
    previous: Vec<RetiringItem>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RetiringItem {
    secret: Text<WorkspaceKey>,
    expires_at: i64,
}

impl SecretsStore {
    /// Creates the store of the given table.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into(), audit_retention: AUDIT_RETENTION }
    }

    /// Sets the retention of audit entries.
    #[must_use]
    pub fn keeping_audit_for(self, audit_retention: Duration) -> Self {
        Self { audit_retention, ..self }
    }

    /// Returns the current keys, by a strongly consistent read.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Damaged`].
    pub async fn get(&self, workspace: &WorkspaceId) -> Result<Option<StoredKeys>, StoreError> {
        let key = transaction::key(workspace, SORT_KEY);
        let read = self.client.get_item().table_name(&self.table).set_key(Some(key)).consistent_read(true);
        let item = read.send().await.map_err(|error| StoreError::failed(&self.table, "GetItem", &error))?.item;
        item.map(|item| StoredKeys::read(item, &self.table, workspace)).transpose()
    }

    /// Returns the keys, and creates them if there are none.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Damaged`].
    pub async fn get_or_create(&self, workspace: &WorkspaceId, author: Author<'_>) -> Result<StoredKeys, StoreError> {
        // Another caller may be creating them at the same time.
        for _ in 0..ATTEMPTS {
            if let Some(stored) = self.get(workspace).await? {
                return Ok(stored);
            }
            match self.make(workspace, self.generate()?, Action::SigningSecretCreated, author).await {
                Err(StoreError::Conflict) => {}
                written => return written,
            }
        }
        Err(StoreError::Conflict)
    }

    /// Generates a key.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if the operating system provides no random bytes.
    pub fn generate(&self) -> Result<WorkspaceKey, StoreError> {
        WorkspaceKey::generate().map_err(|error| StoreError::Unavailable {
            table: self.table.clone(),
            operation: "making a key",
            cause: error.to_string(),
        })
    }

    /// Writes the first key, if there is none yet.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if there is one; [`StoreError::Unavailable`].
    pub async fn make(
        &self,
        workspace: &WorkspaceId,
        key: WorkspaceKey,
        action: Action,
        author: Author<'_>,
    ) -> Result<StoredKeys, StoreError> {
        self.write(workspace, None, WorkspaceKeys::new(key), action, author).await
    }

    /// Replaces the version that `seen` describes.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the stored version is another one; [`StoreError::Unavailable`].
    pub async fn replace(
        &self,
        workspace: &WorkspaceId,
        seen: &StoredKeys,
        keys: WorkspaceKeys,
        action: Action,
        author: Author<'_>,
    ) -> Result<StoredKeys, StoreError> {
        self.write(workspace, Some(seen), keys, action, author).await
    }

    async fn write(
        &self,
        workspace: &WorkspaceId,
        seen: Option<&StoredKeys>,
        keys: WorkspaceKeys,
        action: Action,
        author: Author<'_>,
    ) -> Result<StoredKeys, StoreError> {
        let entry = Entry::keys(author, action, seen.map(|seen| &seen.keys), &keys);
        let version = seen.map_or(0, |seen| seen.version) + 1;
        let stored = StoredKeys { version, revision: Revision::random(), changed_at: entry.at, keys };
        let put = Put::builder().table_name(&self.table).set_item(Some(stored.item(&self.table, workspace)?));
        let put = match seen {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(seen) => put
                .condition_expression("revision = :seen")
                .expression_attribute_values(":seen", AttributeValue::S(seen.revision.as_str().to_owned())),
        };
        let put = put.build().map_err(|error| StoreError::unbuilt(&self.table, &error))?;
        transaction::write(&self.client, &self.table, workspace, [Change::Put(put)], (&entry, self.audit_retention))
            .await?;
        Ok(stored)
    }
}

impl StoredKeys {
    pub(super) fn read(
        item: HashMap<String, AttributeValue>,
        table: &str,
        workspace: &WorkspaceId,
    ) -> Result<Self, StoreError> {
        let item: Item = serde_dynamo::from_item(item).map_err(|error| damaged(&error, table, workspace))?;
        let retiring = |it: RetiringItem| Retiring {
            value: it.secret.0,
            expires_at: Timestamp::from_millisecond(it.expires_at).unwrap_or_default(),
        };
        let previous = item.previous.into_iter().map(retiring).collect();
        let keys = WorkspaceKeys { current: item.secret.0, previous };
        Ok(Self { version: item.version, revision: item.revision, changed_at: item.changed_at, keys })
    }

    fn item(&self, table: &str, workspace: &WorkspaceId) -> Result<HashMap<String, AttributeValue>, StoreError> {
        let retiring = |it: &Retiring<WorkspaceKey>| RetiringItem {
            secret: Text(it.value.clone()),
            expires_at: it.expires_at.as_millisecond(),
        };
        let item = Item {
            version: self.version,
            revision: self.revision.clone(),
            changed_at: self.changed_at,
            secret: Text(self.keys.current.clone()),
            previous: self.keys.previous.iter().map(retiring).collect(),
        };
        let mut item: HashMap<_, _> = serde_dynamo::to_item(item).map_err(|error| damaged(&error, table, workspace))?;
        item.extend(transaction::key(workspace, SORT_KEY));
        Ok(item)
    }
}

fn damaged(error: &serde_dynamo::Error, table: &str, workspace: &WorkspaceId) -> StoreError {
    StoreError::damaged(table, format!("{workspace}/{SORT_KEY}"), error)
}
