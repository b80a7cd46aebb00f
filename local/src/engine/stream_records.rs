//! The embedded engine's stream on disk: all code that relies on dynoxide's private schema.
//!
//! dynoxide keeps the records of all streams in the SQLite table `_stream_records`, without an index and without end,
//! so that every streamed write scans all earlier ones: after 20,000 writes the engine is twenty times slower. DynamoDB
//! keeps a stream record for 24 hours; here it is removed after that, once it has been consumed.
//!
//! The version of dynoxide is pinned, and the tests below fail when its schema is no longer the one assumed here.

use rusqlite::{Connection, params};
use std::{path::Path, time::Duration};

/// Difference between the public form of a sequence number and the stored one, which gives DynamoDB's 21 digits.
const SEQUENCE_NUMBER_OFFSET: u128 = 100_000_000_000_000_000_000;

/// Index for dynoxide's queries: the next sequence number of a table, and a shard's records from a position on.
const INDEX: &str = "
    CREATE INDEX IF NOT EXISTS instance_webhooks_stream_position
    ON _stream_records (table_name, CAST(sequence_number AS INTEGER), shard_id)";

/// Trigger that removes a stream's records with its table. dynoxide keeps them, under the shard that a new table of the
/// same name gets, and they would be read as the new table's records.
const FORGET_WITH_TABLE: &str = "
    CREATE TRIGGER IF NOT EXISTS instance_webhooks_stream_ends AFTER DELETE ON _tables BEGIN
        DELETE FROM _stream_records WHERE table_name = OLD.table_name;
    END";

/// Statement that removes old records. A stream's newest record stays at any age, because the next sequence number is
/// counted from it. Only the first records are looked at: if none of them is old, no later one is.
const TRIM: &str = "
    DELETE FROM _stream_records WHERE id IN (
        SELECT id FROM (
            SELECT id, created_at FROM _stream_records
            WHERE table_name = ?1
              AND CAST(sequence_number AS INTEGER) <= ?2
              AND CAST(sequence_number AS INTEGER) <
                  (SELECT MAX(CAST(sequence_number AS INTEGER)) FROM _stream_records WHERE table_name = ?1)
            ORDER BY CAST(sequence_number AS INTEGER)
            LIMIT ?5)
        WHERE created_at < ?3 OR id <= (SELECT MAX(id) FROM _stream_records) - ?4)";

/// Rows removed in one transaction: the engine's writes wait for it.
const AT_ONCE: u32 = 500;

/// A second connection to the engine's file.
#[derive(Debug)]
pub(super) struct StreamRecords {
    connection: Connection,
}

impl StreamRecords {
    /// Opens the file of an engine that is already open, and adds an index to its stream.
    pub(super) fn open(file: &Path) -> rusqlite::Result<Self> {
        let connection = Connection::open(file)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.execute_batch(INDEX)?;
        connection.execute_batch(FORGET_WITH_TABLE)?;
        Ok(Self { connection })
    }

    /// Removes some records of `table` up to the sequence number `consumed`: those older than `before` (seconds since
    /// the Unix epoch), and those behind the newest `at_most` of all tables. Returns the number of removed records;
    /// while it is not 0, there may be more.
    pub(super) fn trim(&self, table: &str, consumed: &str, before: i64, at_most: u32) -> rusqlite::Result<usize> {
        let Some(consumed) = stored(consumed) else { return Ok(0) };
        self.connection.prepare_cached(TRIM)?.execute(params![table, consumed, before, at_most, AT_ONCE])
    }
}

#[cfg(test)]
impl StreamRecords {
    /// Makes it fail at once where it would wait for a lock.
    pub(super) fn impatient(self) -> Self {
        self.connection.busy_timeout(Duration::ZERO).unwrap();
        self
    }

    /// Keeps all others from writing, until it is dropped.
    pub(super) fn lock(&self) {
        self.connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    }

    /// Returns the number of stream records.
    pub(super) fn count(&self) -> usize {
        self.connection.query_row("SELECT COUNT(*) FROM _stream_records", [], |row| row.get(0)).unwrap()
    }
}

/// Returns the stored form of a sequence number, or `None` if the engine cannot have issued it.
fn stored(public: &str) -> Option<i64> {
    i64::try_from(public.parse::<u128>().ok()?.checked_sub(SEQUENCE_NUMBER_OFFSET)?).ok()
}

#[cfg(test)]
mod tests {
    use super::StreamRecords;
    use dynoxide::Database;
    use serde_json::{Value, json};
    use tempfile::TempDir;

    const TABLE: &str = "Table";
    const MANY: u32 = 1_000;

    struct Engine {
        _folder: TempDir,
        database: Database,
        records: StreamRecords,
    }

    impl Engine {
        fn start() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("db");
            let database = Database::new(file.to_str().unwrap()).unwrap();
            let records = StreamRecords::open(&file).unwrap();
            let engine = Self { _folder: folder, database, records };
            engine.create_table();
            engine
        }

        fn create_table(&self) {
            let table = json!({
                "TableName": TABLE,
                "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
                "BillingMode": "PAY_PER_REQUEST",
                "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"},
            });
            self.database.create_table(serde_json::from_value(table).unwrap()).unwrap();
        }

        fn put(&self, key: &str) {
            let item = json!({"TableName": TABLE, "Item": {"k": {"S": key}}});
            self.database.put_item(serde_json::from_value(item).unwrap()).unwrap();
        }

        /// Returns key and sequence number of the records that the engine itself still returns.
        fn stream(&self) -> Vec<(String, String)> {
            let stream = self.database.list_streams(serde_json::from_value(json!({})).unwrap()).unwrap();
            let arn = &stream.streams[0].stream_arn;
            let described = json!({"StreamArn": arn});
            let described = self.database.describe_stream(serde_json::from_value(described).unwrap()).unwrap();
            let shard = &described.stream_description.shards[0].shard_id;
            let start = json!({"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"});
            let start = self.database.get_shard_iterator(serde_json::from_value(start).unwrap()).unwrap();
            let page = json!({"ShardIterator": start.shard_iterator});
            let page = self.database.get_records(serde_json::from_value(page).unwrap()).unwrap();
            let page: Value = serde_json::to_value(page).unwrap();
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            page["Records"]
                .as_array()
                .unwrap()
                .iter()
                .map(|record| &record["dynamodb"])
                .map(|record| (text(&record["Keys"]["k"]["S"]), text(&record["SequenceNumber"])))
                .collect()
        }

        fn keys(&self) -> String {
            self.stream().into_iter().map(|(key, _)| key).collect()
        }

        fn plan(&self, query: &str) -> String {
            let mut statement = self.records.connection.prepare(&format!("EXPLAIN QUERY PLAN {query}")).unwrap();
            let steps = statement.query_map([], |row| row.get::<_, String>(3)).unwrap();
            steps.collect::<Result<Vec<_>, _>>().unwrap().join("; ")
        }
    }

    #[test]
    fn what_the_engine_asks_of_its_stream_is_answered_by_the_index() {
        let engine = Engine::start();
        let next = engine.plan(
            "SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 FROM _stream_records WHERE table_name = 'Table'",
        );
        assert!(next.contains("instance_webhooks_stream_position"), "{next}");
        let page = engine.plan(
            "SELECT event_name, keys_json, new_image, old_image, sequence_number, created_at, user_identity, event_id
             FROM _stream_records
             WHERE table_name = 'Table' AND shard_id = 's' AND CAST(sequence_number AS INTEGER) > 5
             ORDER BY CAST(sequence_number AS INTEGER) ASC LIMIT 100",
        );
        assert!(page.contains("instance_webhooks_stream_position"), "{page}");
        assert!(!page.contains("TEMP B-TREE"), "sorts: {page}");
    }

    #[test]
    fn what_is_trimmed_is_gone_from_the_engines_stream_and_the_rest_is_not() {
        let engine = Engine::start();
        "abcd".chars().for_each(|key| engine.put(&key.to_string()));
        let (_, consumed) = engine.stream().remove(1);
        assert_eq!(engine.records.trim(TABLE, &consumed, i64::MAX, MANY).unwrap(), 2);
        assert_eq!(engine.keys(), "cd");
    }

    #[test]
    fn what_is_recent_stays_although_it_was_consumed() {
        let engine = Engine::start();
        engine.put("a");
        engine.put("b");
        let (_, consumed) = engine.stream().remove(1);
        assert_eq!(engine.records.trim(TABLE, &consumed, 1, MANY).unwrap(), 0);
        assert_eq!(engine.keys(), "ab");
    }

    #[test]
    fn of_recent_records_only_so_many_stay() {
        let engine = Engine::start();
        "abcd".chars().for_each(|key| engine.put(&key.to_string()));
        let (_, consumed) = engine.stream().remove(3);
        assert_eq!(engine.records.trim(TABLE, &consumed, 1, 3).unwrap(), 1);
        assert_eq!(engine.keys(), "bcd");
    }

    #[test]
    fn the_newest_record_stays_because_the_next_number_is_counted_from_it() {
        let engine = Engine::start();
        engine.put("a");
        engine.put("b");
        let (_, newest) = engine.stream().remove(1);
        assert_eq!(engine.records.trim(TABLE, &newest, i64::MAX, MANY).unwrap(), 1);
        engine.put("c");
        assert_eq!(engine.keys(), "bc");
        assert!(engine.stream()[1].1 > newest);
    }

    #[test]
    fn another_tables_records_are_left_alone() {
        let engine = Engine::start();
        engine.put("a");
        engine.put("b");
        let (_, newest) = engine.stream().remove(1);
        assert_eq!(engine.records.trim("Other", &newest, i64::MAX, MANY).unwrap(), 0);
    }

    #[test]
    fn a_table_created_again_starts_with_an_empty_stream() {
        let engine = Engine::start();
        engine.put("a");
        engine.database.delete_table(serde_json::from_value(json!({"TableName": TABLE})).unwrap()).unwrap();
        engine.create_table();
        engine.put("b");
        assert_eq!(engine.keys(), "b");
    }

    #[test]
    fn a_sequence_number_of_another_engine_trims_nothing() {
        let engine = Engine::start();
        engine.put("a");
        engine.put("b");
        for foreign in ["5", "abc", "", "49590338271490256608559692538361571095921575989136588898"] {
            assert_eq!(engine.records.trim(TABLE, foreign, i64::MAX, MANY).unwrap(), 0, "{foreign}");
        }
    }
}
