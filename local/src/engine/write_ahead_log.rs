//! Moves what SQLite's write-ahead log holds into the file, beside the engine's requests. The engine does it within the request that
//! makes the log longer than 1,000 pages, some times a second under load, and all others wait for the disk meanwhile.

use rusqlite::Connection;
use std::{path::Path, time::Duration};

/// Connection of its own to the engine's file, whose data is lost if the machine stops: it never waits for the disk.
#[derive(Debug)]
pub(super) struct WriteAheadLog {
    connection: Connection,
    /// SQLite's [`data_version`](https://www.sqlite.org/pragma.html#pragma_data_version) when the log was last moved.
    moved: Option<i64>,
}

impl WriteAheadLog {
    /// Opens the file of an engine that is already open.
    pub(super) fn open(file: &Path) -> rusqlite::Result<Self> {
        let connection = Connection::open(file)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.execute_batch("PRAGMA synchronous = OFF")?;
        Ok(Self { connection, moved: None })
    }

    /// Moves the log into the file; returns whether anything was written since the last time.
    ///
    /// Most of it beside the engine's writes, and then the rest while they wait: only of an empty log does the next write use the
    /// beginning again. That write waits for the disk, so it is one of this connection, which does not.
    pub(super) fn move_into_file(&mut self) -> rusqlite::Result<bool> {
        let version = Some(self.connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?);
        if version == self.moved {
            return Ok(false);
        }
        self.moved = version;
        for part in ["PRAGMA wal_checkpoint(PASSIVE)", "PRAGMA wal_checkpoint(RESTART)"] {
            self.connection.prepare_cached(part)?.query_row([], |_| Ok(()))?;
        }
        self.connection.execute_batch("PRAGMA application_id = 0")?; // the value that it has
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::WriteAheadLog;
    use dynoxide::Database;
    use rusqlite::Connection;
    use serde_json::json;
    use std::{fs, path::Path};

    /// A table in a file.
    fn table(file: &Path) -> Database {
        let database = Database::new(file.to_str().unwrap()).unwrap();
        let table = json!({
            "TableName": "Table",
            "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
            "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        });
        database.create_table(serde_json::from_value(table).unwrap()).unwrap();
        database
    }

    fn put(database: &Database, key: &str) {
        let item = json!({"TableName": "Table", "Item": {"k": {"S": key}}});
        database.put_item(serde_json::from_value(item).unwrap()).unwrap();
    }

    /// The write that begins a log waits for the disk, unless its connection never does.
    #[test]
    fn the_engine_begins_no_log() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("db");
        let database = table(&file);
        let mut log = WriteAheadLog::open(&file).unwrap();
        // Each log has another salt: https://www.sqlite.org/fileformat2.html#walformat
        let salt = || fs::read(file.with_file_name("db-wal")).unwrap()[16..24].to_vec();
        put(&database, "a");
        let first = salt();
        log.move_into_file().unwrap();
        let second = salt();
        assert_ne!(first, second, "another one was begun");
        let waits: u8 = log.connection.query_row("PRAGMA synchronous", [], |row| row.get(0)).unwrap();
        assert_eq!(waits, 0, "by one that never waits");
        put(&database, "b");
        assert_eq!(second, salt(), "and not by the engine");
    }

    #[test]
    fn what_was_written_is_in_the_file_itself() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("db");
        let database = table(&file);
        let put = |key| put(&database, key);
        let mut log = WriteAheadLog::open(&file).unwrap();
        put("a");
        assert!(log.move_into_file().unwrap());
        assert_eq!(records_without_log(&file), 1);
        assert!(!log.move_into_file().unwrap(), "nothing was written since");
        put("b");
        put("c");
        assert_eq!(records_without_log(&file), 1, "they are in the log");
        assert!(log.move_into_file().unwrap());
        assert_eq!(records_without_log(&file), 3);
    }

    /// Returns the number of stream records in a copy of the file alone.
    fn records_without_log(file: &Path) -> usize {
        let copy = file.with_extension("copy");
        fs::copy(file, &copy).unwrap();
        let connection = Connection::open(&copy).unwrap();
        let count = connection.query_row("SELECT COUNT(*) FROM _stream_records", [], |row| row.get(0)).unwrap();
        drop(connection);
        fs::remove_file(copy).unwrap();
        count
    }
}
