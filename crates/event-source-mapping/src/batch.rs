//! Gathers a flow of records into batches: up to the batch size, up to Lambda's payload limit, or until the batching
//! window ends.
//!
//! "Before invoking the function, Lambda continues to read records from the event source until it has gathered a full
//! batch, the batching window expires, or the batch reaches the payload limit of 6 MB" ([batching behaviour]).
//!
//! [batching behaviour]: https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html

use super::record::Record;
use std::{
    collections::{HashSet, VecDeque},
    time::Duration,
};
use tokio::time::Instant;

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

/// Records that wait for a batch, in the order of the shard. Pure.
///
/// A record of an item that is in a running batch waits until that has ended: "Lambda still ensures in-order processing at
/// the item (partition and sort key) level" ([parallelization]). All others may be in the next batch, so that records that come
/// together are one batch, and a slow one holds back its own items alone.
///
/// [parallelization]: https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
#[derive(Debug)]
pub(super) struct Waiting {
    records: VecDeque<Record>,
    /// Items in running batches.
    running: HashSet<u64>,
    batch_size: usize,
    window: Duration,
    /// End of the batching window of the records that may be in the next batch.
    expires: Option<Instant>,
}

impl Waiting {
    pub(super) fn new(batch_size: usize, window: Duration) -> Self {
        Self { records: VecDeque::new(), running: HashSet::new(), batch_size, window, expires: None }
    }

    pub(super) fn add(&mut self, records: Vec<Record>) {
        self.records.extend(records);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Returns the end of the batching window, if there are records for a batch that is not full.
    pub(super) fn expires(&self) -> Option<Instant> {
        self.expires
    }

    /// Returns the next batch, or `None` if no record may be in one, or if it is not full and its window has not ended.
    /// Without `more` records to come there is no window.
    pub(super) fn begin(&mut self, now: Instant, more: bool) -> Option<Vec<Record>> {
        let (chosen, is_full) = self.choose();
        if chosen.is_empty() {
            self.expires = None;
            return None;
        }
        let expires = *self.expires.get_or_insert(now + self.window);
        if !is_full && more && now < expires {
            return None;
        }
        self.expires = None;
        let batch = self.take(&chosen);
        self.running.extend(batch.iter().map(|record| record.item));
        Some(batch)
    }

    /// Lets the next batch have records of these items: the running one has ended.
    pub(super) fn ended(&mut self, items: &[u64]) {
        for item in items {
            self.running.remove(item);
        }
    }

    /// Returns the places of the oldest records that may be in the next batch, and whether they make a full one.
    fn choose(&self) -> (Vec<usize>, bool) {
        let mut chosen = Vec::new();
        let mut bytes = OPENING.len() + CLOSING.len();
        for (place, record) in self.records.iter().enumerate() {
            if self.running.contains(&record.item) {
                continue;
            }
            bytes += record.json.len() + 1;
            // A single record is sent, however large it is.
            if bytes > PAYLOAD && !chosen.is_empty() {
                return (chosen, true);
            }
            chosen.push(place);
            if chosen.len() == self.batch_size {
                return (chosen, true);
            }
        }
        (chosen, false)
    }

    /// Removes the records at these places, and returns them.
    fn take(&mut self, chosen: &[usize]) -> Vec<Record> {
        let looked_at = chosen.last().map_or(0, |last| last + 1);
        let mut chosen = chosen.iter().peekable();
        let (mut batch, mut passed_over) = (Vec::with_capacity(chosen.len()), Vec::new());
        for (place, record) in self.records.drain(..looked_at).enumerate() {
            match chosen.next_if_eq(&&place) {
                Some(_) => batch.push(record),
                None => passed_over.push(record),
            }
        }
        for record in passed_over.into_iter().rev() {
            self.records.push_front(record);
        }
        batch
    }
}

#[cfg(test)]
mod tests {
    use super::{Waiting, event};
    use crate::record::Record;
    use std::time::Duration;
    use tokio::time::Instant;

    const WINDOW: Duration = Duration::from_secs(5);

    fn record(json: &str) -> Record {
        Record::example("1", 0, json)
    }

    /// Returns the ordinals of a batch.
    fn ordinals(batch: Option<Vec<Record>>) -> Option<Vec<u64>> {
        batch.map(|records| records.iter().map(|record| record.ordinal).collect())
    }

    /// Returns records of these items, numbered from `first`.
    fn of_items(first: u64, items: &[u64]) -> Vec<Record> {
        (first..).zip(items).map(|(ordinal, item)| Record { ordinal, item: *item, ..record("{}") }).collect()
    }

    /// Returns the sizes of the batches that come from pages of these sizes, one after another.
    fn sizes(pages: &[usize], batch_size: usize) -> Vec<usize> {
        let mut waiting = Waiting::new(batch_size, Duration::ZERO);
        for page in pages {
            waiting.add(vec![record("{}"); *page]);
        }
        let mut sizes = Vec::new();
        while let Some(batch) = waiting.begin(Instant::now(), true) {
            sizes.push(batch.len());
            waiting.ended(&[0]);
        }
        assert!(waiting.is_empty());
        sizes
    }

    #[test]
    fn pages_are_divided_and_joined_into_batches() {
        assert_eq!(sizes(&[1], 100), [1]);
        assert_eq!(sizes(&[100], 100), [100]);
        assert_eq!(sizes(&[250], 100), [100, 100, 50]);
        assert_eq!(sizes(&[60, 60], 100), [100, 20]);
    }

    #[test]
    fn a_batch_ends_before_the_payload_limit_of_6_mb() {
        let mut waiting = Waiting::new(100, Duration::ZERO);
        waiting.add(vec![record(&"x".repeat(1_000_000)); 13]);
        for expected in [6, 6, 1] {
            let batch = waiting.begin(Instant::now(), true).unwrap();
            assert_eq!(batch.len(), expected);
            assert!(event(&batch).len() <= 6 * 1024 * 1024);
            waiting.ended(&[0]);
        }
    }

    #[test]
    fn a_record_beyond_the_limit_is_sent_alone() {
        let mut waiting = Waiting::new(100, Duration::ZERO);
        waiting.add(vec![record(&"x".repeat(7_000_000)), record("{}")]);
        assert_eq!(waiting.begin(Instant::now(), true).unwrap().len(), 1);
    }

    #[test]
    fn a_batch_that_is_not_full_waits_for_its_window_and_no_longer() {
        let (mut waiting, started) = (Waiting::new(3, WINDOW), Instant::now());
        waiting.add(of_items(0, &[0]));
        assert!(waiting.begin(started, true).is_none());
        waiting.add(of_items(1, &[1]));
        assert!(waiting.begin(started + WINDOW / 2, true).is_none());
        assert_eq!(waiting.expires(), Some(started + WINDOW));
        assert_eq!(ordinals(waiting.begin(started + WINDOW, true)), Some(vec![0, 1]));
        assert_eq!(waiting.expires(), None);
        waiting.add(of_items(2, &[2, 3, 4]));
        assert_eq!(ordinals(waiting.begin(started + WINDOW, true)), Some(vec![2, 3, 4]), "a full one does not");
        waiting.add(of_items(5, &[5]));
        assert_eq!(ordinals(waiting.begin(started + WINDOW, false)), Some(vec![5]), "nor does the last one");
    }

    #[test]
    fn an_items_records_wait_for_its_running_batch_and_all_others_go_on() {
        let (mut waiting, now) = (Waiting::new(2, Duration::ZERO), Instant::now());
        waiting.add(of_items(0, &[7, 7, 7, 8, 7, 9]));
        assert_eq!(ordinals(waiting.begin(now, true)), Some(vec![0, 1]));
        assert_eq!(ordinals(waiting.begin(now, true)), Some(vec![3, 5]));
        waiting.add(of_items(6, &[8]));
        assert_eq!(ordinals(waiting.begin(now, true)), None);
        waiting.ended(&[8, 9]);
        assert_eq!(ordinals(waiting.begin(now, true)), Some(vec![6]));
        waiting.ended(&[7]);
        assert_eq!(ordinals(waiting.begin(now, true)), Some(vec![2, 4]));
        assert!(waiting.is_empty());
    }

    #[test]
    fn an_event_is_the_records_in_order() {
        assert_eq!(event(&[record("1"), record("2")]), r#"{"Records":[1,2]}"#);
    }
}
