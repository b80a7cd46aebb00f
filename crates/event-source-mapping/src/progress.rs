//! Progress of a shard whose records are processed in several batches at once.

use super::{
    checkpoints::{CheckpointError, Checkpoints, Position},
    record::Record,
};
use std::{collections::VecDeque, sync::Arc};
use tokio::sync::Mutex;

/// Progress of one shard.
#[derive(Debug)]
pub(super) struct Progress {
    stream: String,
    shard: String,
    checkpoints: Arc<Checkpoints>,
    window: Mutex<Window>,
}

impl Progress {
    pub(super) fn new(stream: &str, shard: &str, checkpoints: Arc<Checkpoints>) -> Self {
        Self { stream: stream.to_owned(), shard: shard.to_owned(), checkpoints, window: Mutex::default() }
    }

    pub(super) fn shard(&self) -> &str {
        &self.shard
    }

    pub(super) fn stream(&self) -> &str {
        &self.stream
    }

    /// Registers records that were read, and numbers them in the order of the shard.
    pub(super) async fn read(&self, records: &mut [Record]) {
        let mut window = self.window.lock().await;
        for record in records {
            record.ordinal = window.read(&record.sequence_number);
        }
    }

    /// Marks records as processed, and saves a checkpoint if that moves it.
    pub(super) async fn done(&self, ordinals: impl Iterator<Item = u64>) -> Result<(), CheckpointError> {
        // The lock is held until the checkpoint is saved, so that no batch saves an older one after this.
        let mut window = self.window.lock().await;
        match window.done(ordinals) {
            Some(number) => self.checkpoints.save(&self.stream, &self.shard, Position::After(number)).await,
            None => Ok(()),
        }
    }
}

/// Records between the checkpoint and the last record read.
#[derive(Debug, Default)]
struct Window {
    first: u64,
    /// Sequence number of each record, and whether the record is processed.
    records: VecDeque<(String, bool)>,
}

impl Window {
    fn read(&mut self, sequence_number: &str) -> u64 {
        self.records.push_back((sequence_number.to_owned(), false));
        self.first + self.records.len() as u64 - 1
    }

    /// Marks records as processed; returns the last sequence number up to which every record is processed, if it has
    /// changed.
    fn done(&mut self, ordinals: impl Iterator<Item = u64>) -> Option<String> {
        for ordinal in ordinals {
            let place = ordinal.checked_sub(self.first).and_then(|place| usize::try_from(place).ok());
            if let Some((_, done)) = place.and_then(|place| self.records.get_mut(place)) {
                *done = true;
            }
        }
        let mut checkpoint = None;
        while self.records.front().is_some_and(|(_, done)| *done) {
            checkpoint = self.records.pop_front().map(|(number, _)| number);
            self.first += 1;
        }
        checkpoint
    }
}

#[cfg(test)]
mod tests {
    use super::Window;

    fn window() -> Window {
        let mut window = Window::default();
        assert_eq!(["a", "b", "c", "d"].map(|number| window.read(number)), [0, 1, 2, 3]);
        window
    }

    #[test]
    fn the_checkpoint_follows_the_oldest_record_that_is_not_done() {
        let mut window = window();
        assert_eq!(window.done([1, 2].into_iter()), None);
        assert_eq!(window.done([0].into_iter()).as_deref(), Some("c"));
        assert_eq!(window.read("e"), 4);
        assert_eq!(window.done([4].into_iter()), None);
        assert_eq!(window.done([3].into_iter()).as_deref(), Some("e"));
    }

    #[test]
    fn what_is_done_twice_changes_nothing() {
        let mut window = window();
        assert_eq!(window.done([0, 1].into_iter()).as_deref(), Some("b"));
        assert_eq!(window.done([0, 1].into_iter()), None);
    }
}
