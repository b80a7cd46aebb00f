//! The data folder, which keeps everything between two runs and belongs to one process at a time.

use std::{
    env,
    fs::{self, File, Permissions, TryLockError},
    io::{self, Write as _},
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};
use tempfile::TempDir;

const LOCK: &str = "lock";

/// Prefix of the names of temporary folders.
const TEMPORARY: &str = "instance-webhooks-";

/// Prefixes of the names of this program's files. They hold secrets in plain text, so that only their owner may read
/// them.
const OURS: [&str; 4] = [LOCK, "dynamodb.sqlite3", "checkpoints.", "failed-batches."];

/// Folder of this run's files.
#[derive(Debug)]
pub(crate) struct DataFolder {
    path: PathBuf,
    _held: Held,
}

/// Lock or temporary folder that ends with the run.
#[derive(Debug)]
enum Held {
    /// File lock, which the operating system releases when its process ends in any way: there are no stale locks.
    Lock(#[expect(dead_code, reason = "held, never read")] File),
    /// Temporary folder and its lock, removed on exit.
    Temporary(#[expect(dead_code, reason = "held, never read")] (TempDir, File)),
}

/// Error for a folder that cannot be used. Each message says how to fix it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DataError {
    #[error(
        "the data folder {0} is in use by another running instance-webhooks: stop it, or choose another folder with --data-dir"
    )]
    InUse(PathBuf),
    #[error("the data folder {0} is not a folder: remove that file, or choose another folder with --data-dir")]
    NotAFolder(PathBuf),
    #[error(
        "cannot write to the data folder {path} ({reason}): make it writable, or choose another folder with --data-dir"
    )]
    Unusable { path: PathBuf, reason: io::Error },
    #[error("cannot create a temporary folder ({0}): make room in it, or set TMPDIR to a folder that is writable")]
    Temporary(io::Error),
}

impl DataFolder {
    /// Opens the folder, created if it is missing, and locks it for this process.
    pub(crate) fn open(path: &Path) -> Result<Self, DataError> {
        let unusable = |reason| DataError::Unusable { path: path.to_owned(), reason };
        if path.exists() && !path.is_dir() {
            return Err(DataError::NotAFolder(path.to_owned()));
        }
        fs::create_dir_all(path).map_err(unusable)?;
        let lock = File::options().create(true).truncate(false).write(true).open(path.join(LOCK));
        let mut lock = lock.map_err(unusable)?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => DataError::InUse(path.to_owned()),
            TryLockError::Error(reason) => unusable(reason),
        })?;
        // A second program's error message names the process that holds the lock.
        lock.set_len(0).and_then(|()| writeln!(lock, "{}", std::process::id())).map_err(unusable)?;
        close(path).map_err(unusable)?;
        Ok(Self { path: path.to_owned(), _held: Held::Lock(lock) })
    }

    /// Creates a folder for this run alone. Removes those that earlier runs could not remove.
    pub(crate) fn temporary() -> Result<Self, DataError> {
        let all = env::temp_dir();
        remove_left_behind(&all);
        Self::temporary_in(&all)
    }

    fn temporary_in(all: &Path) -> Result<Self, DataError> {
        let mut new = tempfile::Builder::new();
        let private = Permissions::from_mode(0o700);
        let folder = new.prefix(TEMPORARY).permissions(private).tempdir_in(all).map_err(DataError::Temporary)?;
        let lock = taken_lock(folder.path()).map_err(DataError::Temporary)?;
        Ok(Self { path: folder.path().to_owned(), _held: Held::Temporary((folder, lock)) })
    }

    /// Returns whether the next run finds the files of this one.
    pub(crate) fn is_kept(&self) -> bool {
        matches!(self._held, Held::Lock(_))
    }

    /// Returns the path of a file in the folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

/// Creates a lock file that is already locked when it gets its name: no other program sees the folder of a running
/// program without the lock.
fn taken_lock(folder: &Path) -> io::Result<File> {
    let unnamed = folder.join("lock.next");
    let lock = File::create_new(&unnamed)?;
    lock.try_lock()?;
    fs::rename(&unnamed, folder.join(LOCK))?;
    Ok(lock)
}

/// Restricts this program's files to their owner, and the folder as well if it has no other files: a folder that is
/// shared with others stays open to them.
fn close(folder: &Path) -> io::Result<()> {
    let mut shared = false;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let ours = OURS.iter().any(|start| name.to_string_lossy().starts_with(start));
        if ours && entry.file_type()?.is_file() {
            restrict(&entry.path(), 0o600)?;
        }
        shared |= !ours;
    }
    if shared {
        tracing::warn!(
            "the data folder {} has files of others in it, so its own permissions stay as they are",
            folder.display()
        );
        return Ok(());
    }
    restrict(folder, 0o700)
}

/// Removes the permissions from a path that are not in `mode`.
fn restrict(path: &Path, mode: u32) -> io::Result<()> {
    let now = fs::metadata(path)?.permissions().mode() & 0o7777;
    if now & !mode == 0 { Ok(()) } else { fs::set_permissions(path, Permissions::from_mode(now & mode)) }
}

/// Removes the temporary folders of this user whose program has ended without doing so: their lock is free.
fn remove_left_behind(all: &Path) {
    let user = rustix::process::geteuid().as_raw();
    for entry in fs::read_dir(all).into_iter().flatten().flatten() {
        let ours = entry.file_name().to_string_lossy().starts_with(TEMPORARY)
            && entry.metadata().is_ok_and(|folder| folder.is_dir() && folder.uid() == user);
        let path = entry.path();
        let lock = File::open(path.join(LOCK)).ok().filter(|_| ours);
        if lock.is_some_and(|lock| lock.try_lock().is_ok()) {
            match fs::remove_dir_all(&path) {
                Ok(()) => tracing::info!("removed {}, which an earlier run has left behind", path.display()),
                Err(error) => {
                    tracing::warn!("cannot remove {}, left behind by an earlier run: {error}", path.display())
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_missing_is_created_with_its_parents() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a/b");
        DataFolder::open(&path).unwrap();
        assert!(path.is_dir());
    }

    #[test]
    fn a_folder_is_held_by_one_at_a_time_and_free_afterwards() {
        let root = tempfile::tempdir().unwrap();
        let first = DataFolder::open(root.path()).unwrap();
        assert!(matches!(DataFolder::open(root.path()), Err(DataError::InUse(_))));
        drop(first);
        DataFolder::open(root.path()).unwrap();
    }

    #[test]
    fn a_file_is_no_folder() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("file");
        fs::write(&path, "").unwrap();
        assert!(matches!(DataFolder::open(&path), Err(DataError::NotAFolder(_))));
        assert!(matches!(DataFolder::open(&path.join("below")), Err(DataError::Unusable { .. })));
    }

    #[test]
    fn a_temporary_folder_is_gone_afterwards() {
        let folder = DataFolder::temporary().unwrap();
        let file = folder.file("x");
        fs::write(&file, "").unwrap();
        drop(folder);
        assert!(!file.exists());
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn the_folder_and_its_files_are_their_owners_alone() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("data");
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
        let files = ["dynamodb.sqlite3", "dynamodb.sqlite3-wal", "checkpoints.json", "failed-batches.jsonl", "lock"];
        for file in files {
            fs::write(path.join(file), "").unwrap();
            fs::set_permissions(path.join(file), Permissions::from_mode(0o644)).unwrap();
        }
        DataFolder::open(&path).unwrap();
        assert_eq!(mode(&path), 0o700);
        assert_eq!(files.map(|file| mode(&path.join(file))), [0o600; 5]);
    }

    #[test]
    fn what_is_in_the_folder_beside_stays_as_open_as_it_was() {
        let root = tempfile::tempdir().unwrap();
        let other = root.path().join("notes");
        fs::write(&other, "").unwrap();
        fs::set_permissions(&other, Permissions::from_mode(0o644)).unwrap();
        fs::set_permissions(root.path(), Permissions::from_mode(0o755)).unwrap();
        DataFolder::open(root.path()).unwrap();
        assert_eq!((mode(root.path()), mode(&other)), (0o755, 0o644));
        assert_eq!(mode(&root.path().join("lock")), 0o600);
    }

    #[test]
    fn what_a_run_left_behind_is_removed_when_it_has_ended() {
        let all = tempfile::tempdir().unwrap();
        let running = DataFolder::temporary_in(all.path()).unwrap();
        assert_eq!(mode(&running.path), 0o700);
        let ended = all.path().join("instance-webhooks-ended");
        let (foreign, without_lock) = (all.path().join("other-ended"), all.path().join("instance-webhooks-new"));
        for folder in [&ended, &foreign, &without_lock] {
            fs::create_dir(folder).unwrap();
        }
        fs::write(ended.join("lock"), "").unwrap();
        fs::write(foreign.join("lock"), "").unwrap();
        remove_left_behind(all.path());
        let there = [&running.path, &ended, &foreign, &without_lock].map(|folder| folder.exists());
        assert_eq!(there, [true, false, true, true]);
    }
}
