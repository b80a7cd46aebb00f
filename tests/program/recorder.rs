//! Records a test's operations and its receivers' requests as a history, which the crate `history` checks.
#![allow(clippy::print_stdout)] // a report is printed

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use history::record::{
    Action, Answer, Arrival, Callbacks, Change, EventType, Fault, FaultKind, LogRead, Logged, Operation, Subscription,
};
use history::{History, Record, Settings};
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::Value;
use tokio::time::sleep;

use crate::receiver::{Receiver, Request};
use crate::system::System;

/// Longest time until the log has a delivery: its rows are written after the response.
const LOG_DELAY: Duration = Duration::from_secs(30);

/// Attempts of the ten batches that may be in progress: of each its first window, the attempts that start as the first
/// four of it fail, and an inline retry of each of these.
const DECIDED_BEFORE: usize = 10 * (8 + 4 + 4);

/// Recorder of the operations of a test's writers, administrators and faults.
#[derive(Clone, Default)]
pub(crate) struct Recorder(Arc<Mutex<Recorded>>);

#[derive(Default)]
struct Recorded {
    records: Vec<Record>,
    /// Items of the instance table, by instance.
    items: HashMap<String, Item>,
}

type Item = HashMap<String, String>;

/// A write that has begun.
pub(crate) struct Write(Option<usize>);

impl Recorder {
    fn recorded(&self) -> MutexGuard<'_, Recorded> {
        self.0.lock().expect("no panic while held")
    }

    fn push(&self, record: Record) {
        self.recorded().records.push(record);
    }

    /// Records the start of a put. From now on it may have happened, even if its writer gets no response.
    pub(crate) fn put(&self, attributes: &[(&str, &str)]) -> Write {
        let item: Item = attributes.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let Some(instance) = item.get("instanceID").cloned() else { return Write(None) };
        let mut recorded = self.recorded();
        let before = recorded.items.insert(instance, item.clone());
        match &before {
            // DynamoDB has no stream record of a put that changes nothing.
            Some(before) if *before == item => Write(None),
            Some(before) => recorded.begin(&item, EventType::Updated, before),
            None => recorded.begin(&item, EventType::Created, &Item::new()),
        }
    }

    /// Records a put that is in no stream: it is no event.
    pub(crate) fn put_unstreamed(&self, attributes: &[(&str, &str)]) {
        let item: Item = attributes.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let instance = item["instanceID"].clone();
        self.recorded().items.insert(instance, item);
    }

    /// Records the start of a deletion.
    pub(crate) fn delete(&self, instance: &str) -> Write {
        let mut recorded = self.recorded();
        match recorded.items.remove(instance) {
            Some(item) => recorded.begin(&item, EventType::Deleted, &item),
            None => Write(None),
        }
    }

    /// Records that the table acknowledged the write.
    pub(crate) fn acknowledged(&self, write: &Write) {
        let mut recorded = self.recorded();
        if let Some(Record::Change(change)) = write.0.and_then(|index| recorded.records.get_mut(index)) {
            (change.acknowledged, change.at) = (true, Timestamp::now());
        }
    }

    /// Records that an unacknowledged write is in the table nevertheless.
    pub(crate) fn happened(&self, instance: &str, process: &str) {
        for record in &mut self.recorded().records {
            match record {
                Record::Change(it) if it.instance == instance && it.process == process => it.acknowledged = true,
                _ => {}
            }
        }
    }

    /// Records that the API acknowledged these callbacks, requested at `began`.
    pub(crate) fn configured(&self, workspace: &str, began: Timestamp, body: &Value) {
        let urls = |event_type: &str| match &body[event_type] {
            on if on["enabled"] == true => match &on["urls"] {
                Value::String(lines) => lines.lines().map(str::to_owned).collect(),
                list => serde_json::from_value(list.clone()).expect("a list of URLs"),
            },
            _ => Vec::new(),
        };
        let [created, updated, deleted] = ["created", "updated", "deleted"].map(urls);
        let (workspace, began, at) = (workspace.to_owned(), Some(began), Timestamp::now());
        let (replaces, acknowledged) = (BTreeMap::new(), true);
        let callbacks = Callbacks { workspace, began, at, created, updated, deleted, replaces, acknowledged };
        self.push(Record::Callbacks(callbacks));
    }

    /// Records that the API acknowledged what the endpoint with this URL asks for, requested at `began`.
    pub(crate) fn subscribed(&self, url: &str, began: Timestamp, body: &Value) {
        let of = |name: &str| serde_json::from_value(body[name].clone()).unwrap_or_default();
        let (workspace, url, at) = ("default".to_owned(), url.to_owned(), Timestamp::now());
        let conditions = serde_json::from_value(body["where"].clone()).unwrap_or_default();
        self.push(Record::Subscription(Subscription { workspace, url, began, at, changed: of("changed"), conditions }));
    }

    /// Records an administrator's or a developer's operation on the endpoint with this URL, from `began` until now.
    pub(crate) fn operated(&self, action: Action, url: &str, began: Timestamp) {
        let (began, at, url) = (Some(began), Timestamp::now(), Some(url.to_owned()));
        self.push(Record::Operation(Operation { action, began, at, workspace: None, url, event: None }));
    }

    /// Records that the program is killed.
    pub(crate) fn killed(&self) {
        let at = Timestamp::now();
        self.push(Record::Fault(Fault { fault: FaultKind::Kill, at, until: None, url: None, event: None }));
    }

    /// Records that the program is stopped under load: workers that are ahead of others process some records again,
    /// because the checkpoint is the position that all have reached.
    #[allow(dead_code, reason = "not every target that has this module stops under load")]
    pub(crate) fn stopped(&self) {
        let at = Timestamp::now();
        self.push(Record::Fault(Fault { fault: FaultKind::RedeliveredBatch, at, until: None, url: None, event: None }));
    }

    /// Records that the program runs again.
    pub(crate) fn started(&self) {
        let mut recorded = self.recorded();
        let last =
            recorded.records.iter_mut().rev().find_map(|it| if let Record::Fault(it) = it { Some(it) } else { None });
        if let Some(fault) = last {
            fault.until.get_or_insert(Timestamp::now());
        }
    }

    fn workspaces(&self) -> HashSet<String> {
        self.callbacks(|it| vec![it.workspace.clone()])
    }

    fn urls(&self) -> HashSet<String> {
        self.callbacks(|it| [&it.created, &it.updated, &it.deleted].into_iter().flatten().cloned().collect())
    }

    fn callbacks(&self, part: impl Fn(&Callbacks) -> Vec<String>) -> HashSet<String> {
        let recorded = self.recorded();
        let callbacks = recorded.records.iter().filter_map(|it| match it {
            Record::Callbacks(it) => Some(part(it)),
            _ => None,
        });
        callbacks.flatten().collect()
    }
}

impl Recorded {
    fn begin(&mut self, item: &Item, event_type: EventType, before: &Item) -> Write {
        let of = |name: &str| item.get(name).cloned();
        let (Some(instance), Some(process)) = (of("instanceID"), of("processName")) else { return Write(None) };
        let workspace = of("workspaceID").unwrap_or_else(|| "default".into());
        let at = Timestamp::now();
        let (began, acknowledged, number, event, handled) = (Some(at), false, None, None, None);
        let changed = item.keys().chain(before.keys()).filter(|name| item.get(*name) != before.get(*name));
        self.records.push(Record::Change(Change {
            workspace,
            instance,
            process,
            event_type,
            began,
            at,
            acknowledged,
            number,
            event,
            handled,
            attributes: item.clone().into_iter().collect(),
            changed: changed.cloned().collect(),
        }));
        Write(Some(self.records.len() - 1))
    }
}

impl System {
    /// Asserts that the history keeps every rule of `history`. These receivers saw every request to these URLs; of
    /// others only the log is known.
    pub(crate) async fn check_history(&self, receivers: &[(&Receiver, &str)]) {
        let started = Instant::now();
        loop {
            let history = self.history(receivers).await;
            let read = started.elapsed();
            let violations = history::check(&history);
            if violations.is_empty() {
                let records = history.records().count();
                println!("HISTORY | {records} records | read in {read:?} | checked in {:?}", started.elapsed() - read);
                return;
            }
            if violations.iter().any(|it| it.rule != "log-agrees") || started.elapsed() > LOG_DELAY {
                let first: Vec<_> = violations.iter().take(20).map(|it| format!("\n  {it}")).collect();
                panic!("{} violations; {}{}", violations.len(), kept(&history), first.concat());
            }
            sleep(Duration::from_millis(500)).await;
        }
    }

    async fn history(&self, receivers: &[(&Receiver, &str)]) -> History {
        let mut history = History::default();
        let seen = |url: &String| receivers.iter().any(|(_, other)| other == url);
        let unobserved = self.recorder().urls().into_iter().filter(|url| !seen(url)).collect();
        history.push(Record::Settings(self.settings(unobserved)));
        history.extend(self.recorder().recorded().records.clone());
        history.push(Record::LogRead(LogRead { at: Timestamp::now() }));
        // After the log's delay, before the log: each row's requests are included here.
        let mut rows = Vec::new();
        for workspace in self.recorder().workspaces() {
            rows.extend(self.rows(&workspace).await);
        }
        // By event and URL: the numbers of the attempts that arrived, and how many were acknowledged.
        let mut counts: HashMap<(String, String), (HashSet<u64>, u64)> = HashMap::new();
        for (receiver, url) in receivers {
            for request in receiver.requests() {
                let Some(arrival) = arrival(&request, url) else { continue };
                let (arrived, taken) = counts.entry((arrival.event.clone(), arrival.url.clone())).or_default();
                arrived.insert(arrival.attempt);
                *taken += u64::from(request.is_acknowledged());
                history.push(Record::Arrival(arrival));
            }
        }
        for mut row in rows {
            let (arrived, taken) = counts
                .get(&(row.event.clone(), row.url.clone()))
                .map_or((0, 0), |(arrived, taken)| (arrived.len() as u64, *taken));
            // Some attempts did not arrive, or it arrived twice: the log has the cause.
            if (1..row.attempt_count).contains(&arrived) || taken > 1 {
                let path = format!("/deliveries/{}", row.delivery);
                let (_, mut body) = self.call_in(&row.workspace, Method::GET, &path, None).await;
                row.attempts = serde_json::from_value(body["attempts"].take()).unwrap_or_default();
            }
            history.push(Record::Logged(row));
        }
        history
    }

    /// Returns the log of a workspace.
    async fn rows(&self, workspace: &str) -> Vec<Logged> {
        let rows = self.logged_in(workspace, "").await;
        let read = |row: Value| -> Logged {
            let mut row: Logged = serde_json::from_value(row).expect("a delivery of the log");
            row.workspace = workspace.to_owned();
            row
        };
        rows.into_iter().map(read).collect()
    }

    /// Returns the settings that the program was started with, with bounds for a busy machine.
    fn settings(&self, unobserved: Vec<String>) -> Settings {
        let seconds = |text: &str| SignedDuration::from_secs_f64(text.trim().parse().expect("seconds"));
        let ms = |text: &str| SignedDuration::from_millis(text.parse().expect("milliseconds"));
        let default = Settings { unobserved, decided_before: DECIDED_BEFORE, ..Settings::default() };
        Settings {
            steps: self.setting("BACKOFF_STEPS_S").map_or(default.steps, |it| it.split(',').map(seconds).collect()),
            callback_timeout: self.setting("CALLBACK_TIMEOUT_MS").map_or(default.callback_timeout, ms),
            hold: self.setting("HOLD_MS").map_or(default.hold, ms),
            ..default
        }
    }
}

/// Writes the history to the tests' folder; returns its path.
fn kept(history: &History) -> String {
    let file = tempfile::Builder::new().prefix("history-").suffix(".jsonl").tempfile_in(env!("CARGO_TARGET_TMPDIR"));
    let (_, path) = file.and_then(|file| Ok(file.keep()?)).expect("a file for the history");
    std::fs::write(&path, history.to_json_lines().expect("records are JSON")).expect("the history is written");
    format!("the history is in {}", path.display())
}

/// Returns the arrival of a request, if it is one at this URL.
fn arrival(request: &Request, url: &str) -> Option<Arrival> {
    let configured = url::Url::parse(url).expect("a URL");
    if request.target().split('?').next() != Some(configured.path()) {
        return None;
    }
    let at = Timestamp::try_from(request.at_clock).expect("a time");
    let since = |instant: Instant| at + instant.saturating_duration_since(request.at);
    let answer = request.status.zip(request.answered_at).map(|(status, instant)| Answer {
        status,
        at: since(instant),
        retry_after: request.retry_after.map(SignedDuration::from_secs),
        lost: false,
    });
    let closed_at = request.closed_at.or(request.answered_at).filter(|_| answer.is_none()).map(since);
    let event_type = serde_json::from_value(request.event_type().into()).expect("an event type");
    Some(Arrival {
        url: url.to_owned(),
        target: Some(request.target().to_owned()),
        instance: request.instance(),
        process: request.process(),
        event_type,
        event: request.id().to_owned(),
        attempt: request.header("webhook-attempt").parse().expect("a number"),
        at,
        answer,
        closed_at,
        invoked: None,
    })
}
