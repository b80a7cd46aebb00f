//! Locks of bulk replays, so that each workspace runs one at a time: one item per workspace, which expires.
//!
//! | attribute | |
//! |---|---|
//! | `pk`, `sk` | the workspace, `bulk-replay` |
//! | `owner` | the unique name of the call |
//! | `until` | end of the lock, in milliseconds since 1970: the call has ended by then, even if that was not recorded |
//! | `expiresAt` | seconds since 1970 |

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use jiff::Timestamp;

use super::StoreError;
use super::transaction::key;
use webhooks_model::workspace::WorkspaceId;

const SORT_KEY: &str = "bulk-replay";

/// Store of the locks of bulk replays.
#[derive(Clone, Debug)]
pub struct BulkReplaysStore {
    client: Client,
    table: String,
}

/// Result of acquiring the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// The lock is acquired.
    Yes,
    /// Another bulk replay holds the lock, at most for this time.
    After(Duration),
}

impl BulkReplaysStore {
    /// Creates the store of the given table.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// Acquires the lock until `until`, unless another bulk replay holds it.
    ///
    /// The same owner may acquire it again, because the SDK repeats a request whose response was lost.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn begin(
        &self,
        workspace: &WorkspaceId,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Begun, StoreError> {
        let number = |number: i64| AttributeValue::N(number.to_string());
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(workspace, SORT_KEY)))
            .update_expression("SET #owner = :owner, #until = :until, expiresAt = :expiresAt")
            .condition_expression("attribute_not_exists(pk) OR #until <= :now OR #owner = :owner")
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_names("#until", "until")
            .expression_attribute_values(":owner", AttributeValue::S(owner.to_owned()))
            .expression_attribute_values(":until", number(until.as_millisecond()))
            .expression_attribute_values(":now", number(now.as_millisecond()))
            .expression_attribute_values(":expiresAt", number(until.as_second()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match update.send().await {
            Ok(_) => Ok(Begun::Yes),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                    let of_other = failed.item().and_then(|item| item.get("until")?.as_n().ok()?.parse().ok());
                    let of_other = of_other.and_then(|until| Timestamp::from_millisecond(until).ok()).unwrap_or(until);
                    Ok(Begun::After(Duration::try_from(of_other.duration_since(now)).unwrap_or_default()))
                }
                _ => Err(StoreError::failed(&self.table, "UpdateItem", &error)),
            },
        }
    }

    /// Releases the lock. A lock that another call has acquired stays.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn end(&self, workspace: &WorkspaceId, owner: &str) -> Result<(), StoreError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(key(workspace, SORT_KEY)))
            .condition_expression("#owner = :owner")
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_values(":owner", AttributeValue::S(owner.to_owned()));
        match delete.send().await {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(DeleteItemError::ConditionalCheckFailedException(_)) => Ok(()),
                _ => Err(StoreError::failed(&self.table, "DeleteItem", &error)),
            },
        }
    }
}
