//! How many test calls a workspace has made in this minute: an item a minute, which expires.
//!
//! | attribute | |
//! |---|---|
//! | `pk`, `sk` | the workspace, `test-calls#{minutes since 1970}` |
//! | `calls` | how many there were |
//! | `expiresAt` | seconds since 1970 |

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use super::StoreError;
use super::transaction::key;
use webhooks_model::workspace::WorkspaceId;

/// Items are kept for this long after their minute.
const KEPT_SECONDS: i64 = 60 * 60;

/// Counts test calls.
#[derive(Clone, Debug)]
pub struct TestCallsStore {
    client: Client,
    table: String,
    /// `TEST_CALLS_PER_MINUTE` (default 30), of one workspace: each is up to 50 requests to the outside.
    per_minute: u32,
}

/// Whether one more call may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateLimit {
    /// It may, and is counted.
    Allowed,
    /// It may not before this time has passed.
    Limited(Duration),
}

impl TestCallsStore {
    /// Counts in the given table.
    pub fn new(client: Client, table: impl Into<String>, per_minute: u32) -> Self {
        Self { client, table: table.into(), per_minute }
    }

    /// The most calls of a workspace in a minute.
    pub fn per_minute(&self) -> u32 {
        self.per_minute
    }

    /// Takes one of this minute's calls, if one is left.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn take(&self, workspace: &WorkspaceId, now: Timestamp) -> Result<RateLimit, StoreError> {
        let second = now.as_second();
        let (minute, left) = (second.div_euclid(60), 60 - second.rem_euclid(60));
        let number = |number: i64| AttributeValue::N(number.to_string());
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(workspace, &format!("test-calls#{minute}"))))
            .update_expression("ADD calls :one SET expiresAt = :expiresAt")
            .condition_expression("attribute_not_exists(calls) OR calls < :most")
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":most", number(i64::from(self.per_minute)))
            .expression_attribute_values(":expiresAt", number(second + KEPT_SECONDS));
        match update.send().await {
            Ok(_) => Ok(RateLimit::Allowed),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => {
                    Ok(RateLimit::Limited(Duration::from_secs(left.unsigned_abs())))
                }
                _ => Err(StoreError::failed(&self.table, "UpdateItem", &error)),
            },
        }
    }
}
