//! What a worker has been given and has not yet made a batch of: so many records, however they come.

use super::record::Record;
use std::sync::Arc;
use tokio::sync::{Semaphore, mpsc};

/// Records that wait in a worker while its function works: one page at the most, as GetRecords gives it. Counted as records
/// and not as pages, a slow worker does not hold the others after two pages of one record each.
const ROOM: usize = 1_000;

/// A queue of records, in pages.
pub(super) fn queue() -> (Inlet, Outlet) {
    let (send, receive) = mpsc::unbounded_channel();
    let room = Arc::new(Semaphore::new(ROOM));
    (Inlet { pages: send, room: Arc::clone(&room) }, Outlet { pages: receive, room })
}

/// Where the reader puts records.
pub(super) struct Inlet {
    pages: mpsc::UnboundedSender<Vec<Record>>,
    room: Arc<Semaphore>,
}

impl Inlet {
    /// Waits until there is room. What is put into the queue of a worker that is gone is gone, too.
    pub(super) async fn put(&self, mut records: Vec<Record>) {
        while !records.is_empty() {
            let rest = records.split_off(records.len().min(ROOM));
            let wanted = u32::try_from(records.len()).unwrap_or(u32::MAX);
            // The semaphore is never closed.
            let Ok(room) = self.room.acquire_many(wanted).await else { return };
            room.forget();
            let _ = self.pages.send(std::mem::replace(&mut records, rest));
        }
    }
}

/// Where batches are made of them.
pub(super) struct Outlet {
    pages: mpsc::UnboundedReceiver<Vec<Record>>,
    room: Arc<Semaphore>,
}

impl Outlet {
    /// The next page; `None` when there will be no more.
    pub(super) async fn page(&mut self) -> Option<Vec<Record>> {
        self.pages.recv().await
    }

    /// The next page if it is there already.
    pub(super) fn page_at_hand(&mut self) -> Option<Vec<Record>> {
        self.pages.try_recv().ok()
    }

    /// So many records have become a batch: there is room for as many others.
    pub(super) fn taken(&self, records: usize) {
        self.room.add_permits(records);
    }
}

#[cfg(test)]
mod tests {
    use super::{ROOM, queue};
    use crate::record::Record;
    use std::time::Duration;
    use tokio::time::timeout;

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
}
