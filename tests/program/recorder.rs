//! Records what a test does and what receivers see as a history, which the crate `history` checks.
#![allow(clippy::print_stdout)] // a report is printed

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use history::record::{
    Action, Answer, Arrival, Callbacks, Change, EventType, Fault, FaultKind, LogRead, Logged, Operation,
};
use history::{History, Record, Settings};
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::Value;
use tokio::time::sleep;

use crate::receiver::{Receiver, Request};
use crate::system::System;

/// Time until the log has what was delivered: its rows are written after the response.
const LOG_DELAY: Duration = Duration::from_secs(30);

/// Attempts of the ten batches that may be under way: of each its first window, those that start as the first four of it are
/// missed, and a retry of each of these.
const DECIDED_BEFORE: usize = 10 * (8 + 4 + 4);

/// What the writers, administrators and faults of a test did so far.
#[derive(Clone, Default)]
pub(crate) struct Recorder(Arc<Mutex<Recorded>>);

#[derive(Default)]
struct Recorded {
    records: Vec<Record>,
    /// What is in the instance table, by instance.
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

    /// A put begins. It may happen from now on, even if its writer never learns of it.
    pub(crate) fn put(&self, attributes: &[(&str, &str)]) -> Write {
        let item: Item = attributes.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let Some(instance) = item.get("instanceID").cloned() else { return Write(None) };
        let mut recorded = self.recorded();
        let event_type = match recorded.items.insert(instance, item.clone()) {
            // DynamoDB has no stream record of a put that changes nothing.
            Some(before) if before == item => return Write(None),
            Some(_) => EventType::Updated,
            None => EventType::Created,
        };
        recorded.begin(&item, event_type)
    }

    /// A put that is in no stream: no event is made of it.
    pub(crate) fn put_unstreamed(&self, attributes: &[(&str, &str)]) {
        let item: Item = attributes.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let instance = item["instanceID"].clone();
        self.recorded().items.insert(instance, item);
    }

    /// A deletion begins.
    pub(crate) fn delete(&self, instance: &str) -> Write {
        let mut recorded = self.recorded();
        match recorded.items.remove(instance) {
            Some(item) => recorded.begin(&item, EventType::Deleted),
            None => Write(None),
        }
    }

    /// The table acknowledged it.
    pub(crate) fn acknowledged(&self, write: &Write) {
        let mut recorded = self.recorded();
        if let Some(Record::Change(change)) = write.0.and_then(|index| recorded.records.get_mut(index)) {
            (change.acknowledged, change.at) = (true, Timestamp::now());
        }
    }

    /// What was not acknowledged is in the table all the same.
    pub(crate) fn happened(&self, instance: &str, process: &str) {
        for record in &mut self.recorded().records {
            match record {
                Record::Change(it) if it.instance == instance && it.process == process => it.acknowledged = true,
                _ => {}
            }
        }
    }

    /// The API acknowledged these callbacks, which it was asked for at `began`.
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
        self.push(Record::Callbacks(Callbacks { workspace, began, at, created, updated, deleted }));
    }

    /// An administrator or a developer did this to the endpoint with this URL, from `began` until now.
    pub(crate) fn operated(&self, action: Action, url: &str, began: Timestamp) {
        let (began, at, url) = (Some(began), Timestamp::now(), Some(url.to_owned()));
        self.push(Record::Operation(Operation { action, began, at, workspace: None, url, event: None }));
    }

    /// The program is killed.
    pub(crate) fn killed(&self) {
        let at = Timestamp::now();
        self.push(Record::Fault(Fault { fault: FaultKind::Kill, at, until: None, url: None, event: None }));
    }

    /// The program is stopped under load: parts of the stream that are ahead of others come again, as the checkpoint is what all
    /// have done.
    #[allow(dead_code, reason = "not every target that has this module stops under load")]
    pub(crate) fn stopped(&self) {
        let at = Timestamp::now();
        self.push(Record::Fault(Fault { fault: FaultKind::RedeliveredBatch, at, until: None, url: None, event: None }));
    }

    /// It runs again.
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
    fn begin(&mut self, item: &Item, event_type: EventType) -> Write {
        let of = |name: &str| item.get(name).cloned();
        let (Some(instance), Some(process)) = (of("instanceID"), of("processName")) else { return Write(None) };
        let workspace = of("workspaceID").unwrap_or_else(|| "default".into());
        let at = Timestamp::now();
        let (began, acknowledged, number, event) = (Some(at), false, None, None);
        let change = Change { workspace, instance, process, event_type, began, at, acknowledged, number, event };
        self.records.push(Record::Change(change));
        Write(Some(self.records.len() - 1))
    }
}

impl System {
    /// Asserts that what was recorded keeps every rule of `history`. These receivers saw all that was sent to these URLs; of
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
        // After the log's time, before the log: what the log has is seen here, too.
        let mut rows = Vec::new();
        for workspace in self.recorder().workspaces() {
            rows.extend(self.rows(&workspace).await);
        }
        // By event and URL: arrivals, and how many of these were acknowledged.
        let mut counts: HashMap<(String, String), (u64, u64)> = HashMap::new();
        for (receiver, url) in receivers {
            for request in receiver.requests() {
                let Some(arrival) = arrival(&request, url) else { continue };
                let (arrived, taken) = counts.entry((arrival.event.clone(), arrival.url.clone())).or_default();
                (*arrived, *taken) = (*arrived + 1, *taken + u64::from(request.taken));
                history.push(Record::Arrival(arrival));
            }
        }
        for mut row in rows {
            let (arrived, taken) = counts.get(&(row.event.clone(), row.url.clone())).copied().unwrap_or_default();
            // Some attempts did not arrive, or it came twice: the log says why.
            if (1..row.attempt_count).contains(&arrived) || taken > 1 {
                let path = format!("/deliveries/{}", row.delivery);
                let (_, mut body) = self.call_in(&row.workspace, Method::GET, &path, None).await;
                row.attempts = serde_json::from_value(body["attempts"].take()).unwrap_or_default();
            }
            history.push(Record::Logged(row));
        }
        history
    }

    /// The log of a workspace.
    async fn rows(&self, workspace: &str) -> Vec<Logged> {
        let rows = self.logged_in(workspace, "").await;
        let read = |row: Value| -> Logged {
            let mut row: Logged = serde_json::from_value(row).expect("a delivery of the log");
            row.workspace = workspace.to_owned();
            row
        };
        rows.into_iter().map(read).collect()
    }

    /// The settings that the program was started with, with bounds for a loaded machine.
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

/// Writes the history where the tests' files are, and says where.
fn kept(history: &History) -> String {
    let file = tempfile::Builder::new().prefix("history-").suffix(".jsonl").tempfile_in(env!("CARGO_TARGET_TMPDIR"));
    let (_, path) = file.and_then(|file| Ok(file.keep()?)).expect("a file for the history");
    std::fs::write(&path, history.to_json_lines().expect("records are JSON")).expect("the history is written");
    format!("the history is in {}", path.display())
}

/// The arrival that a request is, if it is one at this URL.
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
    })
}
