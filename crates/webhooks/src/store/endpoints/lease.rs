//! What the one who drains an endpoint does with its record.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use jiff::Timestamp;

use super::EndpointsStore;
use super::update::{Update, milliseconds, number, text};
use crate::endpoint::{Announced, EndpointId, EndpointRecord};
use crate::store::StoreError;
use crate::workspace::WorkspaceId;

/// The right to drain an endpoint, until [`Lease::until`] at most.
#[derive(Clone, Debug)]
pub struct Lease {
    /// Whose endpoint.
    pub workspace: WorkspaceId,
    /// Which endpoint.
    pub endpoint: EndpointId,
    /// A name that nobody else has.
    pub owner: String,
}

impl EndpointsStore {
    /// Takes the right to drain, unless somebody else has it; answers the record as it is now.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Damaged`].
    pub async fn lease(
        &self,
        lease: &Lease,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<EndpointRecord>, StoreError> {
        let update = Update::new()
            .set("leaseOwner", text(&lease.owner))
            .set("leaseUntil", milliseconds(until))
            .value(":now", milliseconds(now));
        let update = self.update(&lease.workspace, &lease.endpoint, update).return_values(ReturnValue::AllNew);
        let condition = "attribute_exists(pk) AND (attribute_not_exists(#leaseUntil) OR #leaseUntil < :now OR #leaseOwner = :leaseOwner)";
        match self.conditional(update, condition).await? {
            Some(item) => self.record(item).map(Some),
            None => Ok(None),
        }
    }

    /// Notes what the holder of the lease saw. Answers false when the lease is another's by now.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn save(&self, lease: &Lease, record: &EndpointRecord) -> Result<bool, StoreError> {
        let announced = match record.announced {
            Announced::Working => "working",
            Announced::Failing => "failing",
            Announced::AboutToBeDisabled => "about-to-be-disabled",
            Announced::Disabled => "disabled",
        };
        let update = Update::new()
            .health(record.health)
            .set_or_remove("asideDue", record.aside_due.map(milliseconds))
            .set_or_remove("lastSuccess", record.last_success.map(milliseconds))
            .set_or_remove("lastFailure", record.last_failure.map(milliseconds))
            .set("announced", text(announced));
        self.as_holder(lease, update, "").await
    }

    /// Gives the lease back, to be woken again at `wake_at`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn release(&self, lease: &Lease, wake_at: Timestamp) -> Result<bool, StoreError> {
        let mut update = Update::new().wake(&lease.endpoint, Some(wake_at));
        update.remove.extend(["leaseOwner", "leaseUntil"]);
        self.as_holder(lease, update, "").await
    }

    /// Gives the lease of a paused endpoint back: nothing wakes it but resuming. Answers false when it is no longer paused.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn release_paused(&self, lease: &Lease) -> Result<bool, StoreError> {
        let mut update = Update::new().wake(&lease.endpoint, None).value(":yes", AttributeValue::Bool(true));
        update.remove.extend(["leaseOwner", "leaseUntil"]);
        self.as_holder(lease, update, " AND paused = :yes").await
    }

    /// Gives the lease back, because nothing waits any more. Answers false when something has been put there since the
    /// record said `appends`: then the drain goes on.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn finish(&self, lease: &Lease, appends: u64, wake_at: Option<Timestamp>) -> Result<bool, StoreError> {
        let mut update = Update::new()
            .set("hasBacklog", AttributeValue::Bool(false))
            .wake(&lease.endpoint, wake_at)
            .value(":seen", number(appends))
            .value(":zero", number(0));
        update.remove.extend(["leaseOwner", "leaseUntil"]);
        let condition = " AND (appends = :seen OR (:seen = :zero AND attribute_not_exists(appends)))";
        self.as_holder(lease, update, condition).await
    }

    async fn as_holder(&self, lease: &Lease, update: Update, further: &str) -> Result<bool, StoreError> {
        let update = update.value(":holder", text(&lease.owner));
        let update = self.update(&lease.workspace, &lease.endpoint, update);
        let held = self.conditional(update, &format!("leaseOwner = :holder{further}")).await?;
        Ok(held.is_some())
    }
}
