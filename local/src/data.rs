//! The folder that keeps everything between two runs, held by one process at a time.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// Where this run keeps its files.
#[derive(Debug)]
pub(crate) struct DataFolder {
    path: PathBuf,
    _held: Held,
}

/// What ends with the run.
#[derive(Debug)]
enum Held {
    /// The operating system releases a file lock with its process, however that ends: there are no stale locks.
    Lock(#[expect(dead_code, reason = "held, never read")] File),
    /// Removed on exit.
    Temporary(#[expect(dead_code, reason = "held, never read")] TempDir),
}

/// Why a folder cannot be used. Each message says how to mend it.
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
    /// Creates the folder where it is missing and takes it for this process.
    pub(crate) fn open(path: &Path) -> Result<Self, DataError> {
        let unusable = |reason| DataError::Unusable { path: path.to_owned(), reason };
        if path.exists() && !path.is_dir() {
            return Err(DataError::NotAFolder(path.to_owned()));
        }
        fs::create_dir_all(path).map_err(unusable)?;
        let mut lock =
            File::options().create(true).truncate(false).write(true).open(path.join("lock")).map_err(unusable)?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => DataError::InUse(path.to_owned()),
            TryLockError::Error(reason) => unusable(reason),
        })?;
        // Whoever finds the folder taken wants to know by whom.
        lock.set_len(0).and_then(|()| writeln!(lock, "{}", std::process::id())).map_err(unusable)?;
        Ok(Self { path: path.to_owned(), _held: Held::Lock(lock) })
    }

    /// A folder for this run alone.
    pub(crate) fn temporary() -> Result<Self, DataError> {
        let folder = TempDir::with_prefix("instance-webhooks-").map_err(DataError::Temporary)?;
        Ok(Self { path: folder.path().to_owned(), _held: Held::Temporary(folder) })
    }

    /// Whether what is written here is there again in the next run.
    pub(crate) fn is_kept(&self) -> bool {
        matches!(self._held, Held::Lock(_))
    }

    /// The path of a file in the folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

#[cfg(test)]
mod tests {
    use super::{DataError, DataFolder};
    use std::fs;

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
}
