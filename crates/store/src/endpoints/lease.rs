//! What the drain of an endpoint does with its record.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use jiff::Timestamp;

use super::EndpointsStore;
use super::item::from_item;
use super::update::{Update, key, keys, milliseconds, number, published_state, text};
use crate::StoreError;
use webhooks_model::endpoint::{EndpointId, EndpointRecord, MAX_HELD};
use webhooks_model::event::InstanceKey;
use webhooks_model::workspace::WorkspaceId;

/// The right to drain an endpoint.
#[derive(Clone, Debug)]
pub struct Lease {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The endpoint.
    pub endpoint: EndpointId,
    /// A name that no other holder has.
    pub owner: String,
}

impl EndpointsStore {
    /// Takes the lease until `until`, unless another drain has it; when a wake-up of that time asks for it, also unless the
    /// endpoint is to be woken at a later time. Returns the record as it is now.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn lease(
        &self,
        lease: &Lease,
        now: Timestamp,
        until: Timestamp,
        wake_up: Option<Timestamp>,
    ) -> Result<Option<EndpointRecord>, StoreError> {
        let update = Update::new()
            .set("leaseOwner", text(&lease.owner))
            .set("leaseUntil", milliseconds(until))
            // While a drain is at work nothing has to wake one; should it die, the sweep does.
            .wake(&lease.endpoint, Some(now))
            .value(":now", milliseconds(now))
            .only_if("attribute_exists(pk)", &[])
            .value(":number", text("N"))
            // A time that is none would never be over.
            .only_if(
                "attribute_not_exists(#leaseUntil) OR #leaseUntil < :now OR #leaseOwner = :leaseOwner \
                 OR NOT attribute_type(#leaseUntil, :number)",
                &[],
            );
        let update = match wake_up {
            Some(at) => update.value(":at", milliseconds(at.max(now))).only_if(
                "attribute_not_exists(#wakeAt) OR #wakeAt <= :at OR NOT attribute_type(#wakeAt, :number)",
                &[],
            ),
            None => update,
        };
        let update = self.update(&lease.workspace, &lease.endpoint, update).return_values(ReturnValue::AllNew);
        Ok(self.conditional(update).await?.map(from_item))
    }

    /// Records what the holder of the lease saw, as far as it differs from what the record `was`. Returns false when the
    /// lease is another's by now.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn save(&self, lease: &Lease, was: &EndpointRecord, is: &EndpointRecord) -> Result<bool, StoreError> {
        let mut update = Update::new();
        if is.health != was.health {
            update = update.health(is.health);
        }
        if is.late != was.late {
            update = update.set("late", number(is.late));
        }
        if is.published_state != was.published_state {
            update = update.set("publishedState", text(published_state(is.published_state)));
        }
        let times = [
            ("asideDue", was.next_deferred_at, is.next_deferred_at),
            ("lastSuccessAt", was.last_success_at, is.last_success_at),
            ("lastFailureAt", was.last_failure_at, is.last_failure_at),
        ];
        for (name, _, is) in times.into_iter().filter(|(_, was, is)| was != is) {
            update = update.set_or_remove(name, is.map(milliseconds));
        }
        if is.window != was.window {
            update = update.set_or_remove("window", is.window.map(number));
        }
        if update.expression().is_empty() {
            return Ok(true);
        }
        self.as_holder(lease, update).await
    }

    /// Lets instances go of which nothing is pending any more. Returns false, and changes nothing, when something was
    /// appended since the record said `appends`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn drained(
        &self,
        lease: &Lease,
        instances: &BTreeSet<InstanceKey>,
        appends: u64,
    ) -> Result<bool, StoreError> {
        let Some(instances) = keys(instances) else { return Ok(true) };
        self.as_holder(lease, unless_appended(Update::new().delete("held", instances), appends)).await
    }

    /// Gives the lease back, to be woken again at `wake_at`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn release(&self, lease: &Lease, wake_at: Timestamp) -> Result<bool, StoreError> {
        self.as_holder(lease, given_back().wake(&lease.endpoint, Some(wake_at))).await
    }

    /// The same, unless something was appended since the record said `appends`, or an administrator has asked for a drain:
    /// then it returns false, and changes nothing. A wake-up that came meanwhile found the lease taken.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn leave(&self, lease: &Lease, wake_at: Timestamp, appends: u64) -> Result<bool, StoreError> {
        let update = given_back().wake(&lease.endpoint, Some(wake_at));
        self.as_holder(lease, unless_appended(update, appends)).await
    }

    /// Gives the lease of a paused endpoint back: only resuming wakes it. Returns false when it is no longer paused.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn release_paused(&self, lease: &Lease) -> Result<bool, StoreError> {
        let update = given_back()
            .wake(&lease.endpoint, None)
            .value(":yes", AttributeValue::Bool(true))
            .only_if("paused = :yes", &[]);
        self.as_holder(lease, update).await
    }

    /// Gives the lease back when the only pending deliveries are of instances that wait for a time of their own: these stay
    /// held, others go on directly. Returns false, and changes nothing, when something was appended since the record said
    /// `appends`: then the drain goes on.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn finish(
        &self,
        lease: &Lease,
        held: &BTreeSet<InstanceKey>,
        wake_at: Option<Timestamp>,
        appends: u64,
    ) -> Result<bool, StoreError> {
        let too_many = held.len() > MAX_HELD;
        let held = if too_many { None } else { keys(held) };
        let update = given_back()
            .set("hasBacklog", AttributeValue::Bool(too_many))
            .set_or_remove("held", held)
            .wake(&lease.endpoint, wake_at);
        self.as_holder(lease, unless_appended(update, appends)).await
    }

    /// Removes the record of an endpoint that is not configured any more, now that nothing of it is pending or on its way. Returns false,
    /// and changes nothing, when something was appended since the record said `appends`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn forget(&self, lease: &Lease, appends: u64) -> Result<bool, StoreError> {
        let update = unless_appended(Update::new(), appends).value(":holder", text(&lease.owner));
        self.delete_if(&lease.workspace, &lease.endpoint, update.only_if("leaseOwner = :holder", &[])).await
    }

    /// Removes the record of an endpoint that is not configured any more, if nothing of it is pending or on its way, and no
    /// drain is at work. Returns whether there is none now.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn forget_idle(
        &self,
        workspace: &WorkspaceId,
        endpoint: &EndpointId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let update = Update::new()
            .value(":no", AttributeValue::Bool(false))
            .only_if("attribute_not_exists(hasBacklog) OR hasBacklog = :no", &[])
            .only_if("attribute_not_exists(held) AND attribute_not_exists(asideDue)", &[])
            .value(":now", milliseconds(now))
            .only_if("attribute_not_exists(appendingUntil) OR appendingUntil < :now", &[])
            .only_if("attribute_not_exists(leaseOwner)", &[]);
        self.delete_if(workspace, endpoint, update).await
    }

    async fn delete_if(
        &self,
        workspace: &WorkspaceId,
        endpoint: &EndpointId,
        condition: Update,
    ) -> Result<bool, StoreError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(key(workspace, endpoint)))
            .set_condition_expression(condition.condition())
            .set_expression_attribute_values(Some(condition.values));
        match delete.send().await {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(DeleteItemError::ConditionalCheckFailedException(_)) => Ok(false),
                _ => Err(StoreError::failed(&self.table, "DeleteItem", &error)),
            },
        }
    }

    /// Whether the lease is still its holder's. One is not that was given back by a call whose answer was lost, or that has
    /// ended.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn is_held(&self, lease: &Lease) -> Result<bool, StoreError> {
        let key = key(&lease.workspace, &lease.endpoint);
        let get = self.client.get_item().table_name(&self.table).set_key(Some(key)).consistent_read(true);
        let item = get.send().await.map_err(|error| StoreError::failed(&self.table, "GetItem", &error))?.item;
        Ok(item.is_some_and(|item| item.get("leaseOwner").is_some_and(|owner| *owner == text(&lease.owner))))
    }

    async fn as_holder(&self, lease: &Lease, update: Update) -> Result<bool, StoreError> {
        let update = update.value(":holder", text(&lease.owner)).only_if("leaseOwner = :holder", &[]);
        let held = self.conditional(self.update(&lease.workspace, &lease.endpoint, update)).await?;
        Ok(held.is_some())
    }
}

fn given_back() -> Update {
    Update::new().remove("leaseOwner").remove("leaseUntil")
}

fn unless_appended(update: Update, appends: u64) -> Update {
    update
        .value(":seen", number(appends))
        .value(":zero", number(0))
        .only_if("appends = :seen OR (:seen = :zero AND attribute_not_exists(appends))", &[])
}
