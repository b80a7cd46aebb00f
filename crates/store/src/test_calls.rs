//! Counters of test calls: one item per workspace and minute, which expires.
//!
//! | attribute | |
//! |---|---|
//! | `pk`, `sk` | the workspace, `test-calls#{minutes since 1970}` |
//! | `calls` | number of calls |
//! | `expiresAt` | seconds since 1970 |

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use super::StoreError;
use super::transaction::key;
use webhooks_model::workspace::WorkspaceId;

/// Retention of an item after its minute, in seconds.
const KEPT_SECONDS: i64 = 60 * 60;

/// Store of the counters of test calls.
#[derive(Clone, Debug)]
pub struct TestCallsStore {
    client: Client,
    table: String,
    /// `TEST_CALLS_PER_MINUTE` (default 30), per workspace: each is up to 50 outbound requests.
    per_minute: u32,
}

/// Result of a check of the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateLimit {
    /// The call is allowed, and counted.
    Allowed,
    /// The call is not allowed before this time has passed.
    Limited(Duration),
}

impl TestCallsStore {
    /// Creates the store of the given table.
    pub fn new(client: Client, table: impl Into<String>, per_minute: u32) -> Self {
        Self { client, table: table.into(), per_minute }
    }

    /// Returns the maximum number of calls of a workspace per minute.
    pub fn per_minute(&self) -> u32 {
        self.per_minute
    }

    /// Counts a call, if the limit of this minute is not reached.
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
