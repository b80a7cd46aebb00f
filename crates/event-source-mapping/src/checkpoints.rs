//! Checkpoints: the position up to which each shard is processed, kept across restarts.

use super::Continuation;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, HashSet},
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::sync;

/// Position at which a reader of a shard continues.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Position {
    /// Every record up to this sequence number is processed.
    After(String),
    /// No record has been read yet; records older than this time are skipped.
    Since(Timestamp),
    /// The shard has ended, and every record in it is processed.
    End,
}

/// Positions by stream ARN, then by shard.
type Positions = BTreeMap<String, BTreeMap<String, Position>>;

/// Checkpoints of all streams.
///
/// In a file they survive the end of the process, whatever its cause. They are not synchronized to the disk, because
/// that would cost each batch some milliseconds: after a power failure the file may be an older one, and some batches
/// are delivered again.
#[derive(Debug)]
pub struct Checkpoints {
    file: Option<PathBuf>,
    positions: Mutex<Positions>,
    /// Lock held while the file is written, so that an older state never replaces a newer one.
    writing: sync::Mutex<()>,
}

/// Error of reading or writing checkpoints.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The file exists, but does not hold checkpoints.
    #[error(
        "the checkpoints in {path} cannot be read ({reason}): remove the file to read the stream from its beginning"
    )]
    Unreadable {
        /// Path of the file.
        path: PathBuf,
        /// Reason from the reader or the JSON parser.
        reason: String,
    },
    /// Progress cannot be recorded. The records would be processed again.
    #[error("the checkpoints cannot be written to {path} ({reason}): make room, and the folder writable")]
    Unwritable {
        /// Path of the file.
        path: PathBuf,
        /// Error of the operating system.
        reason: io::Error,
    },
}

impl Checkpoints {
    /// Creates checkpoints that end with the process.
    #[must_use]
    pub fn in_memory() -> Self {
        Self { file: None, positions: Mutex::default(), writing: sync::Mutex::default() }
    }

    /// Opens the checkpoints in `file`, which need not exist.
    ///
    /// # Errors
    /// [`CheckpointError::Unreadable`] if the file exists and cannot be read as checkpoints.
    pub fn open(file: &Path) -> Result<Self, CheckpointError> {
        let unreadable = |reason: String| CheckpointError::Unreadable { path: file.to_owned(), reason };
        let positions = match fs::read(file) {
            Ok(text) => serde_json::from_slice(&text).map_err(|error| unreadable(error.to_string()))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Positions::new(),
            Err(error) => return Err(unreadable(error.to_string())),
        };
        Ok(Self { file: Some(file.to_owned()), positions: Mutex::new(positions), writing: sync::Mutex::default() })
    }

    /// Returns the table and the last processed sequence number of every shard that has one.
    #[must_use]
    pub fn consumed(&self) -> Vec<(String, String)> {
        let positions = self.positions();
        let shards = positions.iter().flat_map(|(arn, shards)| shards.values().map(move |position| (arn, position)));
        shards
            .filter_map(|(arn, position)| match position {
                Position::After(number) => Some((table(arn)?.to_owned(), number.clone())),
                Position::Since(_) | Position::End => None,
            })
            .collect()
    }

    /// Returns the newest stream that was read of the table of `latest`; `None` if `latest` itself was read.
    pub fn unfinished(&self, latest: &str) -> Option<String> {
        let positions = self.positions();
        let of_the_table = positions.keys().filter(|arn| of_table(arn) == of_table(latest));
        // The label at the end of an ARN is the time at which the stream was enabled.
        of_the_table.max().filter(|_| !positions.contains_key(latest)).cloned()
    }

    /// Moves from the stream `earlier` to `next`, another stream of the same table, and removes the positions of the
    /// table's other streams. With [`Continuation::SameShards`] each shard continues at its position.
    ///
    /// # Errors
    /// [`CheckpointError::Unwritable`].
    pub async fn move_to(&self, earlier: &str, next: &str, how: Continuation) -> Result<(), CheckpointError> {
        if earlier == next {
            return Ok(());
        }
        self.change(|positions| {
            let left = positions.remove(earlier).unwrap_or_default();
            positions.retain(|arn, _| arn == next || of_table(arn) != of_table(next));
            let shards = positions.entry(next.to_owned()).or_default();
            if how == Continuation::SameShards {
                for (shard, position) in left.into_iter().filter(|(_, position)| *position != Position::End) {
                    shards.entry(shard).or_insert(position);
                }
            }
        })
        .await
    }

    pub(super) fn position(&self, stream: &str, shard: &str) -> Option<Position> {
        self.positions().get(stream)?.get(shard).cloned()
    }

    /// Returns whether this stream was ever read.
    pub(super) fn contains_stream(&self, stream: &str) -> bool {
        self.positions().contains_key(stream)
    }

    /// Returns the shards of a stream that were read to their end.
    pub(super) fn finished(&self, stream: &str) -> HashSet<String> {
        let positions = self.positions();
        let shards = positions.get(stream).into_iter().flatten();
        shards.filter(|(_, position)| **position == Position::End).map(|(shard, _)| shard.clone()).collect()
    }

    pub(super) async fn save(&self, stream: &str, shard: &str, position: Position) -> Result<(), CheckpointError> {
        self.change(|positions| {
            positions.entry(stream.to_owned()).or_default().insert(shard.to_owned(), position);
        })
        .await
    }

    /// Removes the positions of shards that a stream no longer has; the stream itself stays known.
    pub(super) async fn retain_shards(&self, stream: &str, shards: &HashSet<&str>) -> Result<(), CheckpointError> {
        let is_gone = |shard: &String| !shards.contains(shard.as_str());
        if self.positions().get(stream).is_some_and(|known| !known.keys().any(is_gone)) {
            return Ok(());
        }
        self.change(|positions| {
            positions.entry(stream.to_owned()).or_default().retain(|shard, _| shards.contains(shard.as_str()));
        })
        .await
    }

    async fn change(&self, change: impl FnOnce(&mut Positions)) -> Result<(), CheckpointError> {
        let _in_order = self.writing.lock().await;
        let text = {
            let mut positions = self.positions();
            change(&mut positions);
            serde_json::to_vec_pretty(&*positions).expect("maps with string keys are always JSON")
        };
        let Some(file) = &self.file else { return Ok(()) };
        let unwritable = |reason| CheckpointError::Unwritable { path: file.clone(), reason };
        let next = file.with_extension("next");
        tokio::fs::write(&next, text).await.map_err(unwritable)?;
        tokio::fs::rename(&next, file).await.map_err(unwritable)
    }

    fn positions(&self) -> MutexGuard<'_, Positions> {
        // A panic elsewhere cannot have left the map half changed: changes are single insertions.
        self.positions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the table's name in `arn:aws:dynamodb:REGION:ACCOUNT:table/NAME/stream/LABEL`.
fn table(arn: &str) -> Option<&str> {
    arn.split('/').nth(1)
}

/// Returns the ARN of the table, without the label of the stream.
fn of_table(arn: &str) -> &str {
    arn.rsplit_once("/stream/").map_or(arn, |(table, _)| table)
}

#[cfg(test)]
mod tests {
    use super::{CheckpointError, Checkpoints, Continuation, Position};
    use std::{collections::HashSet, fs};

    const ARN: &str = "arn:aws:dynamodb:local:000000000000:table/Instances/stream/1";

    fn after(number: &str) -> Position {
        Position::After(number.to_owned())
    }

    #[tokio::test]
    async fn what_was_saved_is_there_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("checkpoints.json");
        let first = Checkpoints::open(&file).unwrap();
        first.save(ARN, "a", after("1")).await.unwrap();
        first.save(ARN, "a", after("2")).await.unwrap();
        first.save(ARN, "b", Position::End).await.unwrap();
        let second = Checkpoints::open(&file).unwrap();
        assert_eq!(second.position(ARN, "a"), Some(after("2")));
        assert_eq!(second.finished(ARN), HashSet::from(["b".to_owned()]));
        assert_eq!(second.consumed(), [("Instances".to_owned(), "2".to_owned())]);
    }

    #[tokio::test]
    async fn a_shard_that_is_no_longer_listed_is_forgotten() {
        let checkpoints = Checkpoints::in_memory();
        checkpoints.save(ARN, "a", Position::End).await.unwrap();
        checkpoints.save(ARN, "b", after("1")).await.unwrap();
        checkpoints.retain_shards(ARN, &HashSet::from(["b"])).await.unwrap();
        assert_eq!(checkpoints.position(ARN, "a"), None);
        assert_eq!(checkpoints.position(ARN, "b"), Some(after("1")));
    }

    #[tokio::test]
    async fn another_stream_of_the_table_has_its_own_shards_or_continues_the_same() {
        const NEXT: &str = "arn:aws:dynamodb:local:000000000000:table/Instances/stream/2";
        const OTHER: &str = "arn:aws:dynamodb:local:000000000000:table/Others/stream/1";
        for (how, position) in [(Continuation::OwnShards, None), (Continuation::SameShards, Some(after("7")))] {
            let checkpoints = Checkpoints::in_memory();
            checkpoints.save(ARN, "a", after("7")).await.unwrap();
            checkpoints.save(ARN, "b", Position::End).await.unwrap();
            checkpoints.save(OTHER, "a", after("3")).await.unwrap();
            assert_eq!(checkpoints.unfinished(NEXT).as_deref(), Some(ARN));
            checkpoints.move_to(ARN, NEXT, how).await.unwrap();
            assert_eq!(checkpoints.position(NEXT, "a"), position);
            assert!(
                checkpoints.contains_stream(NEXT)
                    && checkpoints.finished(NEXT).is_empty()
                    && !checkpoints.contains_stream(ARN)
            );
            assert_eq!((checkpoints.unfinished(NEXT), checkpoints.position(OTHER, "a")), (None, Some(after("3"))));
        }
    }

    #[test]
    fn a_damaged_file_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("checkpoints.json");
        fs::write(&file, "{").unwrap();
        let error = Checkpoints::open(&file).unwrap_err();
        assert!(matches!(&error, CheckpointError::Unreadable { path, .. } if *path == file), "{error}");
    }

    #[tokio::test]
    async fn a_checkpoint_that_cannot_be_written_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let checkpoints = Checkpoints::open(&folder.path().join("missing/checkpoints.json")).unwrap();
        let error = checkpoints.save(ARN, "a", Position::End).await.unwrap_err();
        assert!(matches!(error, CheckpointError::Unwritable { .. }), "{error}");
    }
}
