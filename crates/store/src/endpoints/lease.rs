//! Endpoint updates by the drain, under a lease.

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

/// The exclusive right to drain an endpoint.
#[derive(Clone, Debug)]
pub struct Lease {
    /// Workspace of the endpoint.
    pub workspace: WorkspaceId,
    /// Id of the endpoint.
    pub endpoint: EndpointId,
    /// Unique name of the holder.
    pub owner: String,
}

impl EndpointsStore {
    /// Acquires the lease until `until`, unless another drain holds it. Returns the current record.
    ///
    /// A drain for a wake-up of a given time also does not acquire it if the endpoint's wake-up is at a later time.
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
            // A running drain needs no wake-up; if it dies, the sweep wakes the endpoint.
            .wake(&lease.endpoint, Some(now))
            .value(":now", milliseconds(now))
            .only_if("attribute_exists(pk)", &[])
            .value(":number", text("N"))
            // An invalid time would never pass.
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

    /// Renews the lease until `until`. Returns false if the lease is lost.
    ///
    /// The wake-up stays at the time when the drain began: if it dies, the sweep wakes the endpoint no later.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn renew(&self, lease: &Lease, until: Timestamp) -> Result<bool, StoreError> {
        self.as_holder(lease, Update::new().set("leaseUntil", milliseconds(until))).await
    }

    /// Saves the changes from the record `was` to `is`. Returns false if the lease is lost.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn save(&self, lease: &Lease, was: &EndpointRecord, is: &EndpointRecord) -> Result<bool, StoreError> {
        let mut update = Update::new();
        if is.health != was.health {
            update = update.health(&lease.endpoint, is.health);
        }
        if is.late != was.late {
            update = update.set("late", number(is.late));
        }
        if is.published_state != was.published_state {
            update = update.set("publishedState", text(published_state(is.published_state)));
        }
        if is.unpublished_failures != was.unpublished_failures {
            update = update.set("unpublishedFailures", number(is.unpublished_failures));
        }
        let times = [
            ("failuresPublishedAt", was.failures_published_at, is.failures_published_at),
            ("nextDeferredAt", was.next_deferred_at, is.next_deferred_at),
            ("lastSuccessAt", was.last_success_at, is.last_success_at),
            ("lastFailureAt", was.last_failure_at, is.last_failure_at),
        ];
        for (name, _, is) in times.into_iter().filter(|(_, was, is)| was != is) {
            update = update.set_or_remove(name, is.map(milliseconds));
        }
        if is.last_failed_delivery != was.last_failed_delivery {
            update = update.set_or_remove("lastFailedDelivery", is.last_failed_delivery.as_deref().map(text));
        }
        if is.window != was.window {
            update = update.set_or_remove("window", is.window.map(number));
        }
        if update.expression().is_empty() {
            return Ok(true);
        }
        self.as_holder(lease, update).await
    }

    /// Releases held instances without pending deliveries. Returns false, without changes, if there was an append since
    /// the record was `seen`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn drained(
        &self,
        lease: &Lease,
        instances: &BTreeSet<InstanceKey>,
        seen: &EndpointRecord,
    ) -> Result<bool, StoreError> {
        let Some(instances) = keys(instances) else { return Ok(true) };
        self.as_holder(lease, unless_appended(Update::new().delete("held", instances), seen)).await
    }

    /// Releases the lease, with a wake-up at `wake_at`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn release(&self, lease: &Lease, wake_at: Timestamp) -> Result<bool, StoreError> {
        self.as_holder(lease, given_back().wake(&lease.endpoint, Some(wake_at))).await
    }

    /// Releases the lease, with a wake-up at `wake_at`, unless the drain has to continue.
    ///
    /// Returns false, without changes, if there was an append since the record was `seen`, or if an administrator has
    /// requested a drain: a wake-up in the meantime has found the lease taken.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn leave(&self, lease: &Lease, wake_at: Timestamp, seen: &EndpointRecord) -> Result<bool, StoreError> {
        let update = given_back().wake(&lease.endpoint, Some(wake_at));
        self.as_holder(lease, unless_appended(update, seen)).await
    }

    /// Releases the lease of an endpoint that is paused until that time, which wakes it. Without a time only a change of
    /// the pause wakes it. Returns false, without changes, if the pause has changed, if there was an append since the record
    /// was `seen`, or if an administrator has requested a drain: the URL may have been removed.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn release_paused(
        &self,
        lease: &Lease,
        until: Option<Timestamp>,
        seen: &EndpointRecord,
    ) -> Result<bool, StoreError> {
        let update = given_back().wake(&lease.endpoint, until).value(":yes", AttributeValue::Bool(true));
        let update = match until {
            Some(until) => {
                update.value(":until", milliseconds(until)).only_if("paused = :yes AND pausedUntil = :until", &[])
            }
            None => update.only_if("paused = :yes AND attribute_not_exists(pausedUntil)", &[]),
        };
        self.as_holder(lease, unless_appended(update, seen)).await
    }

    /// Releases the lease if only deliveries with a schedule of their own are pending.
    ///
    /// Their instances stay held, and deliveries of others go directly. The time of the last append is forgotten if no
    /// wake-up by then is left: all of it has arrived. Returns false, without changes, if there was an append since the
    /// record was `seen`: then the drain continues.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn finish(
        &self,
        lease: &Lease,
        held: &BTreeSet<InstanceKey>,
        wake_at: Option<Timestamp>,
        seen: &EndpointRecord,
    ) -> Result<bool, StoreError> {
        let too_many = held.len() > MAX_HELD;
        let held = if too_many { None } else { keys(held) };
        let mut update = given_back()
            .set("hasBacklog", AttributeValue::Bool(too_many))
            .set_or_remove("held", held)
            .wake(&lease.endpoint, wake_at);
        if seen.appending_until.is_some_and(|until| wake_at.is_none_or(|at| at > until)) {
            update = update.remove("appendingUntil");
        }
        self.as_holder(lease, unless_appended(update, seen)).await
    }

    /// Removes the record of an endpoint that is no longer configured, after its last pending delivery.
    ///
    /// Returns false, without changes, if there was an append since the record was `seen`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn forget(&self, lease: &Lease, seen: &EndpointRecord) -> Result<bool, StoreError> {
        let update = unless_appended(Update::new(), seen).value(":holder", text(&lease.owner));
        self.delete_if(&lease.workspace, &lease.endpoint, update.only_if("leaseOwner = :holder", &[])).await
    }

    /// Removes the record of an endpoint that is no longer configured, unless deliveries are pending or may have been left by
    /// a batch that died, or a drain is running.
    ///
    /// Returns whether there is no record now.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn forget_idle(&self, workspace: &WorkspaceId, endpoint: &EndpointId) -> Result<bool, StoreError> {
        let update = Update::new()
            .value(":no", AttributeValue::Bool(false))
            .only_if("attribute_not_exists(hasBacklog) OR hasBacklog = :no", &[])
            .only_if("attribute_not_exists(held) AND attribute_not_exists(nextDeferredAt)", &[])
            .only_if("attribute_not_exists(appendingUntil)", &[])
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

    /// Returns whether the holder still has the lease. It may have ended, or been released by a call whose response was
    /// lost.
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

/// Adds the condition that there was no append since the record was `seen`.
///
/// A count that was damaged then has to be damaged still: the next append makes it a number again.
fn unless_appended(update: Update, seen: &EndpointRecord) -> Update {
    if seen.is_damaged_in("appends") {
        return update
            .value(":number", text("N"))
            .only_if("attribute_exists(appends) AND NOT attribute_type(appends, :number)", &[]);
    }
    update
        .value(":seen", number(seen.appends.total))
        .value(":zero", number(0))
        .only_if("appends = :seen OR (:seen = :zero AND attribute_not_exists(appends))", &[])
}
