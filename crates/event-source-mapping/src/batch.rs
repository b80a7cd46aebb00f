//! Gathers a flow of records into batches: up to the batch size, up to Lambda's payload limit, or until the batching
//! window ends.
//!
//! "Before invoking the function, Lambda continues to read records from the event source until it has gathered a full
//! batch, the batching window expires, or the batch reaches the payload limit of 6 MB" ([batching behaviour]).
//!
//! [batching behaviour]: https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html

use super::{queue::Outlet, record::Record};
use std::{collections::VecDeque, time::Duration};
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

/// Payload limit of a synchronous invocation, in bytes.
const PAYLOAD: usize = 6 * 1024 * 1024;
const OPENING: &str = r#"{"Records":["#;
const CLOSING: &str = "]}";

/// Writes the event for a batch, in the form that a Lambda function receives.
pub(super) fn event(records: &[Record]) -> String {
    let mut event = String::with_capacity(size(records.iter()));
    event.push_str(OPENING);
    for (index, record) in records.iter().enumerate() {
        if index > 0 {
            event.push(',');
        }
        event.push_str(&record.json);
    }
    event.push_str(CLOSING);
    event
}

fn size<'a>(records: impl Iterator<Item = &'a Record>) -> usize {
    OPENING.len() + CLOSING.len() + records.map(|record| record.json.len() + 1).sum::<usize>()
}

/// Batches of the records that arrive in a worker's queue.
pub(super) struct Batches {
    arriving: Outlet,
    waiting: VecDeque<Record>,
    batch_size: usize,
    window: Duration,
}

impl Batches {
    pub(super) fn new(arriving: Outlet, batch_size: usize, window: Duration) -> Self {
        Self { arriving, waiting: VecDeque::new(), batch_size, window }
    }

    /// Returns the next batch; `None` after the last one, or at once when `stop` is cancelled.
    pub(super) async fn next(&mut self, stop: &CancellationToken) -> Option<Vec<Record>> {
        if self.waiting.is_empty() {
            self.waiting.extend(stop.run_until_cancelled(self.arriving.page()).await??);
        }
        let expires = Instant::now() + self.window;
        loop {
            while let Some(records) = self.arriving.page_at_hand() {
                self.waiting.extend(records);
            }
            if let Some(count) = full(&self.waiting, self.batch_size) {
                return Some(self.take(count));
            }
            match stop.run_until_cancelled(timeout_at(expires, self.arriving.page())).await? {
                Ok(Some(records)) => self.waiting.extend(records),
                Ok(None) | Err(_) => return Some(self.take(self.waiting.len())),
            }
        }
    }

    fn take(&mut self, count: usize) -> Vec<Record> {
        self.arriving.taken(count);
        self.waiting.drain(..count).collect()
    }
}

/// Returns the number of records at the front that make a full batch, or `None` if there are too few.
fn full(records: &VecDeque<Record>, batch_size: usize) -> Option<usize> {
    let mut bytes = OPENING.len() + CLOSING.len();
    for (count, record) in records.iter().enumerate() {
        bytes += record.json.len() + 1;
        // A single record is sent, however large it is.
        if count == batch_size || (bytes > PAYLOAD && count > 0) {
            return Some(count);
        }
    }
    (records.len() == batch_size).then_some(batch_size)
}

#[cfg(test)]
mod tests {
    use super::{Batches, event};
    use crate::{queue::queue, record::Record};
    use std::time::Duration;
    use tokio::time::Instant;
    use tokio_util::sync::CancellationToken;

    fn record(json: &str) -> Record {
        Record::example("1", 0, json)
    }

    /// Returns the sizes of the batches that come from pages of these sizes.
    async fn sizes(pages: &[usize], batch_size: usize) -> Vec<usize> {
        let (send, receive) = queue();
        for page in pages {
            send.put(vec![record("{}"); *page]).await;
        }
        drop(send);
        let mut batches = Batches::new(receive, batch_size, Duration::ZERO);
        let mut sizes = Vec::new();
        while let Some(batch) = batches.next(&CancellationToken::new()).await {
            sizes.push(batch.len());
        }
        sizes
    }

    #[tokio::test]
    async fn pages_are_divided_and_joined_into_batches() {
        assert_eq!(sizes(&[1], 100).await, [1]);
        assert_eq!(sizes(&[100], 100).await, [100]);
        assert_eq!(sizes(&[250], 100).await, [100, 100, 50]);
        assert_eq!(sizes(&[60, 60], 100).await, [100, 20]);
    }

    #[tokio::test]
    async fn a_batch_ends_before_the_payload_limit_of_6_mb() {
        let (send, receive) = queue();
        let large = record(&"x".repeat(1_000_000));
        send.put(vec![large; 13]).await;
        drop(send);
        let mut batches = Batches::new(receive, 100, Duration::ZERO);
        for expected in [6, 6, 1] {
            let batch = batches.next(&CancellationToken::new()).await.unwrap();
            assert_eq!(batch.len(), expected);
            assert!(event(&batch).len() <= 6 * 1024 * 1024);
        }
    }

    #[tokio::test]
    async fn a_record_beyond_the_limit_is_sent_alone() {
        let (send, receive) = queue();
        send.put(vec![record(&"x".repeat(7_000_000)), record("{}")]).await;
        let mut batches = Batches::new(receive, 100, Duration::ZERO);
        assert_eq!(batches.next(&CancellationToken::new()).await.unwrap().len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_batch_that_is_not_full_waits_for_its_window_and_no_longer() {
        let (send, receive) = queue();
        let mut batches = Batches::new(receive, 3, Duration::from_secs(5));
        let started = Instant::now();
        send.put(vec![record("{}")]).await;
        send.put(vec![record("{}")]).await;
        assert_eq!(batches.next(&CancellationToken::new()).await.unwrap().len(), 2);
        assert_eq!(started.elapsed().as_secs(), 5);
        send.put(vec![record("{}"); 3]).await;
        assert_eq!(batches.next(&CancellationToken::new()).await.unwrap().len(), 3);
        assert_eq!(started.elapsed().as_secs(), 5);
    }

    #[tokio::test]
    async fn no_batch_is_begun_when_it_is_time_to_stop() {
        let (_send, receive) = queue();
        let stop = CancellationToken::new();
        stop.cancel();
        assert!(Batches::new(receive, 1, Duration::ZERO).next(&stop).await.is_none());
    }

    #[test]
    fn an_event_is_the_records_in_order() {
        assert_eq!(event(&[record("1"), record("2")]), r#"{"Records":[1,2]}"#);
    }
}
