//! Reads and writes of the backlog by a drain.

use futures_util::future::try_join_all;
use jiff::Timestamp;
use tokio::time::Instant;

use crate::retry::Retry;
use crate::retry::view::{Position, Row};
use webhooks_model::delivery::{Delivery, GiveUpReason, Status};
use webhooks_model::endpoint::EndpointRecord;
use webhooks_model::event::EventType;
use webhooks_runtime::invariant::Invariant;
use webhooks_runtime::metrics::{Metric, Summary};
use webhooks_store::{DeliveryId, DeliveryWrite, Lease, PendingPage, StorageState, StoreError, StoredDelivery};

/// Result of writing deliveries.
pub(super) struct Written {
    /// The deliveries with their new places.
    pub(super) moves: Vec<(DeliveryId, StorageState)>,
    /// Number of deliveries that DynamoDB rejects.
    pub(super) invalid: usize,
}

/// Reads these pages.
pub(super) async fn read(
    retry: &Retry,
    lease: &Lease,
    pages: Vec<Position>,
) -> Result<Vec<(Position, PendingPage)>, StoreError> {
    let pages = pages.into_iter().map(|position| async move {
        let (partition, after) = (position.partition, position.after.clone());
        let limit = retry.settings.page;
        let page = retry.deliveries.pending(&lease.workspace, &lease.endpoint, partition, after, limit).await?;
        Ok((position, page))
    });
    try_join_all(pages).await
}

/// Returns the earliest time of the deliveries that become deferred.
pub(super) fn first_deferred(rows: &[Row]) -> Option<Timestamp> {
    let deferred = rows.iter().filter(|row| matches!(row.storage, StorageState::Deferred(_)));
    deferred.filter_map(|row| row.storage.due()).min()
}

/// Writes the results of deliveries, then the endpoint's record; but first the time of the next deferred delivery, and
/// the number of failures to publish.
pub(super) async fn write(
    retry: &Retry,
    lease: &Lease,
    rows: Vec<Row>,
    was: EndpointRecord,
    is: EndpointRecord,
    deadline: Instant,
) -> Result<Written, StoreError> {
    let writes: Vec<_> = rows
        .iter()
        .map(|row| {
            let (event, endpoint) = (&row.delivery.event, &row.delivery.endpoint);
            let (status, attempts, give_up_reason) = (row.status, row.attempts.clone(), row.give_up_reason);
            let delivery = Delivery { event, endpoint, status, attempts, give_up_reason };
            DeliveryWrite { delivery, storage: row.storage, was: Some(row.delivery.storage) }
        })
        .collect();
    let first = EndpointRecord {
        next_deferred_at: is.next_deferred_at,
        unpublished_failures: is.unpublished_failures,
        ..was.clone()
    };
    retry.endpoints.save(lease, &was, &first).await?;
    let mut invalid = 0;
    for written in retry.deliveries.write(&writes, retry.world.now(), deadline).await {
        match written {
            Err(error @ StoreError::Invalid { .. }) => {
                invalid += 1;
                tracing::error!(endpoint_id = %lease.endpoint, %error, "the item of a delivery would be damaged: its outcome is not in the log");
            }
            written => written?,
        }
    }
    let is_held = retry.endpoints.save(lease, &first, &is).await?;
    let in_time = Instant::now() < deadline;
    Invariant::LeaseExclusive.check(is_held || !in_time, || format!("endpoint {}", lease.endpoint));
    Ok(Written { moves: rows.iter().map(|row| (row.delivery.id.clone(), row.storage)).collect(), invalid })
}

/// Returns the number of deliveries that the endpoint rejected until their retries ended.
pub(super) fn rejected(rows: &[Row]) -> u64 {
    rows.iter().filter(|row| row.give_up_reason == Some(GiveUpReason::Rejected)).count() as u64
}

/// Returns whether an event of one of these types follows that of a delivery, and is pending as well.
///
/// If that cannot be read, the delivery is sent: more than the latest is better than nothing.
pub(super) async fn is_superseded(retry: &Retry, delivery: &StoredDelivery, event_types: &[EventType]) -> bool {
    retry.deliveries.has_later(delivery, event_types).await.unwrap_or_else(|error| {
        tracing::warn!(delivery_id = %delivery.id, %error, "later events could not be read: this one is sent");
        false
    })
}

/// Counts the results of deliveries.
pub(super) fn count(rows: &[Row], summary: &mut Summary) {
    let of = |status| rows.iter().filter(|row| row.status == status).count();
    summary.add(Metric::Delivered, of(Status::Delivered));
    summary.add(Metric::DeliveriesFailed, of(Status::Failed));
    summary.add(Metric::Superseded, of(Status::Superseded));
}
