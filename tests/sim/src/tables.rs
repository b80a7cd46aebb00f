//! The two tables, in the embedded DynamoDB, called directly.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dynoxide::Database;
use dynoxide::errors::DynoxideError;
use serde::Serialize;
use serde_json::{Value, json};
use webhooks_model::endpoint::EndpointId;

use crate::history::{Recorded, Run, event_number};
use crate::scenario::ATTRIBUTES;

/// The tables.
#[derive(Clone)]
pub(crate) struct Tables {
    database: Database,
    /// What stands in `Deliveries`, by key, kept along with the writes: the checks look there often.
    rows: Arc<Mutex<BTreeMap<String, Row>>>,
    /// Transactions that were carried out: one that comes again is answered, and nothing more.
    transactions: Arc<Mutex<BTreeSet<String>>>,
}

/// An edit of a workspace's key by hand.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Edit {
    Damage,
    Repair,
}

/// A delivery, as it stands in the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) event: usize,
    pub(crate) endpoint: usize,
    /// `p`, `s` or `d`: pending, deferred, completed.
    pub(crate) place: char,
    pub(crate) status: String,
    pub(crate) instance: String,
    pub(crate) reason: String,
    /// Whether it goes after a time.
    pub(crate) expires: bool,
}

#[derive(Debug)]
struct Clock(Arc<Run>);

impl dynoxide::storage_backend::Clock for Clock {
    fn now_unix_secs(&self) -> u64 {
        u64::try_from(self.0.now().as_second()).unwrap_or_default()
    }

    fn now_unix_secs_f64(&self) -> f64 {
        self.0.now().as_duration().as_secs_f64()
    }
}

impl Tables {
    pub(crate) fn new(run: &Arc<Run>) -> Self {
        let database = Database::memory_with_clock(Arc::new(Clock(Arc::clone(run)))).expect("a database in memory");
        let tables = Self { database, rows: Arc::default(), transactions: Arc::default() };
        let created =
            ["Webhooks", "Deliveries"].map(|table| tables.call("CreateTable", &definition(table).to_string()));
        assert!(created.iter().all(|(status, _)| *status == 200), "{created:?}");
        tables
    }

    /// Carries out an operation: the status of its answer, and the body.
    pub(crate) fn call(&self, operation: &str, body: &str) -> (u16, String) {
        let db = &self.database;
        let answer = match operation {
            "CreateTable" => read(body).and_then(|it| written(&db.create_table(it)?)),
            "GetItem" => read(body).and_then(|it| written(&db.get_item(it)?)),
            "PutItem" => read(body).and_then(|it| written(&db.put_item(it)?)),
            "UpdateItem" => read(body).and_then(|it| written(&db.update_item(it)?)),
            "DeleteItem" => read(body).and_then(|it| written(&db.delete_item(it)?)),
            "Query" => read(body).and_then(|it| written(&db.query(it)?)),
            "Scan" => read(body).and_then(|it| written(&db.scan(it)?)),
            "BatchWriteItem" => read(body).and_then(|it| written(&db.batch_write_item(it)?)),
            "TransactWriteItems" => read(body).and_then(|it| written(&db.transact_write_items(it)?)),
            other => Err(DynoxideError::InternalServerError(format!("the simulation knows no {other}"))),
        };
        match answer {
            Ok(body) => (200, body),
            Err(error) => (error.status_code(), error.to_json()),
        }
    }

    fn peek(&self, operation: &str, body: &Value) -> Value {
        let (status, answer) = self.call(operation, &body.to_string());
        assert_eq!(status, 200, "{operation} {body}: {answer}");
        serde_json::from_str(&answer).unwrap_or_default()
    }

    /// An endpoint's record.
    pub(crate) fn record(&self, run: &Run, workspace: &str, id: &EndpointId, endpoint: usize) -> Recorded {
        let key = json!({"pk": {"S": workspace}, "sk": {"S": format!("endpoint#{id}")}});
        let item = &self.peek("GetItem", &json!({"TableName": "Webhooks", "ConsistentRead": true, "Key": key}))["Item"];
        let number = |name: &str| item[name]["N"].as_str().and_then(|it| it.parse().ok());
        let yes = |name: &str| item[name]["BOOL"].as_bool().unwrap_or_default();
        let damaged = |name: &str| {
            ATTRIBUTES
                .iter()
                .any(|(it, is_number)| *it == name && item[name].get(if *is_number { "N" } else { "S" }).is_some())
        };
        // The engine takes such a record for one that holds everything, and that is not called.
        let is_damaged = ATTRIBUTES.iter().any(|(name, _)| damaged(name));
        let mut held: Vec<_> = item["held"]["NS"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|it| Some(it.as_str()?.to_owned()))
            .collect();
        held.sort_unstable();
        Recorded {
            at: run.ms(),
            endpoint,
            health: item["health"]["S"].as_str().unwrap_or("healthy").to_owned(),
            probe_at: number("probeAt"),
            wake_at: number("wakeAt"),
            has_backlog: yes("hasBacklog") || is_damaged,
            held,
            lease_until: number("leaseUntil"),
            paused: (yes("paused") || damaged("paused")) && number("pausedUntil").is_none(),
            damaged: is_damaged,
        }
    }

    /// Gives an attribute of an endpoint's record another type, if there is a record. Returns the status of the call.
    pub(crate) fn damage(&self, workspace: &str, id: &EndpointId, attribute: &str, is_number: bool) -> u16 {
        let damage = if is_number { json!({"N": "7"}) } else { json!({"S": "damaged"}) };
        let update = json!({
            "TableName": "Webhooks",
            "Key": {"pk": {"S": workspace}, "sk": {"S": format!("endpoint#{id}")}},
            "UpdateExpression": "SET #attribute = :damage",
            "ConditionExpression": "attribute_exists(pk)",
            "ExpressionAttributeNames": {"#attribute": attribute},
            "ExpressionAttributeValues": {":damage": damage},
        });
        self.call("UpdateItem", &update.to_string()).0
    }

    /// Damages a workspace's key, or undoes that, if there is a key, or a damaged one. Returns the status of the call.
    pub(crate) fn edit_key(&self, workspace: &str, edit: Edit) -> u16 {
        let (expression, condition) = match edit {
            Edit::Damage => ("SET kept = secret, secret = :damage", "attribute_exists(pk) AND secret <> :damage"),
            Edit::Repair => ("SET secret = kept REMOVE kept", "secret = :damage"),
        };
        let update = json!({
            "TableName": "Webhooks",
            "Key": {"pk": {"S": workspace}, "sk": {"S": "signing-secret"}},
            "UpdateExpression": expression,
            "ConditionExpression": condition,
            "ExpressionAttributeValues": {":damage": {"S": "damaged"}},
        });
        self.call("UpdateItem", &update.to_string()).0
    }

    /// All deliveries.
    pub(crate) fn rows(&self) -> Vec<Row> {
        let mut rows: Vec<_> = self.lock().values().cloned().collect();
        rows.sort_by_key(|row| (row.endpoint, row.event, row.place));
        rows
    }

    /// The same, from the table itself.
    pub(crate) fn stored_rows(&self, run: &Run) -> Vec<Row> {
        let (mut rows, mut start) = (Vec::new(), Value::Null);
        loop {
            let mut scan = json!({"TableName": "Deliveries", "ConsistentRead": true});
            if start.is_object() {
                scan["ExclusiveStartKey"] = start;
            }
            let mut page = self.peek("Scan", &scan);
            rows.extend(page["Items"].as_array().into_iter().flatten().filter_map(|item| row(run, item)));
            start = page["LastEvaluatedKey"].take();
            if !start.is_object() {
                rows.sort_by_key(|row| (row.endpoint, row.event, row.place));
                return rows;
            }
        }
    }

    /// Records that an item was written to `Deliveries`.
    pub(crate) fn put(&self, run: &Run, item: &Value) {
        if let Some(row) = row(run, item) {
            self.lock().insert(key(item), row);
        }
    }

    /// Records that an item was deleted from `Deliveries`.
    pub(crate) fn delete(&self, item: &Value) {
        self.lock().remove(&key(item));
    }

    /// Whether a transaction was carried out by this call, and not by one before it.
    pub(crate) fn is_first(&self, token: &str) -> bool {
        self.transactions.lock().unwrap_or_else(PoisonError::into_inner).insert(token.to_owned())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Row>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(item: &Value) -> String {
    ["pk", "sk"].map(|name| item[name]["S"].as_str().unwrap_or_default()).join("/")
}

/// A delivery from its item, in the form of the wire.
pub(crate) fn row(run: &Run, item: &Value) -> Option<Row> {
    let text = |name: &str| item[name]["S"].as_str().unwrap_or_default().to_owned();
    Some(Row {
        event: event_number(&text("eventID"))?,
        endpoint: run.endpoint_of(&EndpointId::try_from(text("endpointID")).ok()?)?,
        place: text("sk").chars().next()?,
        status: text("status"),
        instance: text("instanceID"),
        reason: text("giveUpReason"),
        expires: item["expiresAt"]["N"].is_string(),
    })
}

fn read<T: serde::de::DeserializeOwned>(body: &str) -> Result<T, DynoxideError> {
    serde_json::from_str(body).map_err(|error| DynoxideError::ValidationException(error.to_string()))
}

fn written(answer: &impl Serialize) -> Result<String, DynoxideError> {
    serde_json::to_string(answer).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

/// The table as `template.yaml` defines it.
fn definition(table: &str) -> Value {
    let indices: &[(&str, &str, &str, &str)] = match table {
        "Deliveries" => &[
            ("byTime", "logPk", "logSk", "S"),
            ("byInstance", "instancePk", "logSk", "S"),
            ("byStatus", "statusPk", "logSk", "S"),
        ],
        _ => &[("byWakeAt", "wakePk", "wakeAt", "N"), ("byFleet", "fleetPk", "pk", "S")],
    };
    let mut attributes = vec![("pk", "S"), ("sk", "S")];
    attributes.extend(indices.iter().flat_map(|(_, hash, range, kind)| [(*hash, "S"), (*range, *kind)]));
    attributes.sort_unstable();
    attributes.dedup();
    let keys = |hash: &str, range: &str| json!([{"AttributeName": hash, "KeyType": "HASH"}, {"AttributeName": range, "KeyType": "RANGE"}]);
    let definitions = attributes.iter().map(|(name, kind)| json!({"AttributeName": name, "AttributeType": kind}));
    let indices = indices.iter().map(|(name, hash, range, _)| {
        // All attributes: which ones the log's pages need is another test's matter.
        json!({"IndexName": name, "KeySchema": keys(hash, range), "Projection": {"ProjectionType": "ALL"}})
    });
    json!({
        "TableName": table,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": definitions.collect::<Vec<_>>(),
        "KeySchema": keys("pk", "sk"),
        "GlobalSecondaryIndexes": indices.collect::<Vec<_>>(),
    })
}
