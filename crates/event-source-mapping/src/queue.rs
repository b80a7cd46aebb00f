//! The queue of a shard: records that are not in a batch yet, bounded by their number, not by the number of pages.

use super::record::Record;
use std::sync::Arc;
use tokio::sync::{Semaphore, mpsc};

/// Capacity of the queue in records: ten pages at the most, as `GetRecords` returns them. A bound on pages would let a slow
/// item block the others after two pages of one record each.
const ROOM: usize = 10_000;

/// Creates a queue of records, in pages.
pub(super) fn queue() -> (Inlet, Outlet) {
    let (send, receive) = mpsc::unbounded_channel();
    let room = Arc::new(Semaphore::new(ROOM));
    (Inlet { pages: send, room: Arc::clone(&room) }, Outlet { pages: receive, room })
}

/// Sending half of the queue, for the reader.
pub(super) struct Inlet {
    pages: mpsc::UnboundedSender<Vec<Record>>,
    room: Arc<Semaphore>,
}

impl Inlet {
    /// Adds records, and waits while the queue is full. Records for a worker that has ended, because it has failed or was
    /// stopped, are dropped.
    pub(super) async fn put(&self, mut records: Vec<Record>) {
        while !records.is_empty() {
            let rest = records.split_off(records.len().min(ROOM));
            let wanted = u32::try_from(records.len()).unwrap_or(u32::MAX);
            let Ok(room) = self.room.acquire_many(wanted).await else { return };
            room.forget();
            let _ = self.pages.send(std::mem::replace(&mut records, rest));
        }
    }
}

/// Receiving half of the queue, for the batches.
pub(super) struct Outlet {
    pages: mpsc::UnboundedReceiver<Vec<Record>>,
    room: Arc<Semaphore>,
}

impl Outlet {
    /// Waits for the next page; returns `None` when there will be no more.
    pub(super) async fn page(&mut self) -> Option<Vec<Record>> {
        self.pages.recv().await
    }

    /// Returns the next page if the queue has one.
    pub(super) fn page_at_hand(&mut self) -> Option<Vec<Record>> {
        self.pages.try_recv().ok()
    }

    /// Frees the capacity of records that are in a batch now.
    pub(super) fn taken(&self, records: usize) {
        self.room.add_permits(records);
    }
}

impl Drop for Outlet {
    /// Ends the wait of an inlet for room that will not come.
    fn drop(&mut self) {
        self.room.close();
    }
}

#[cfg(test)]
mod tests {
    use super::{ROOM, queue};
    use crate::record::Record;
    use std::time::Duration;
    use tokio::{task::yield_now, time::timeout};
    use webhooks_test_support::patience::PATIENCE;

    fn records(count: usize) -> Vec<Record> {
        vec![Record::example("1", 0, "{}"); count]
    }

    #[tokio::test]
    async fn many_small_pages_fit_until_as_many_records_wait_as_there_is_room_for() {
        let (inlet, mut outlet) = queue();
        for _ in 0..ROOM {
            inlet.put(records(1)).await;
        }
        let full = timeout(Duration::from_millis(50), inlet.put(records(1))).await;
        assert!(full.is_err(), "it waits for room");
        assert_eq!(outlet.page().await.unwrap().len(), 1);
        outlet.taken(1);
        inlet.put(records(1)).await;
    }

    #[tokio::test]
    async fn who_waits_for_room_goes_on_when_the_worker_ends() {
        let (inlet, outlet) = queue();
        let waiting = tokio::spawn(async move { inlet.put(records(ROOM + 1)).await });
        while outlet.room.available_permits() > 0 {
            yield_now().await;
        }
        assert!(!waiting.is_finished());
        drop(outlet);
        timeout(PATIENCE, waiting).await.expect("it does not wait for ever").unwrap();
    }
}
