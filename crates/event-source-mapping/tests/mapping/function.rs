//! A function that records its batches, and returns the response that a test chooses.

use event_source_mapping::{Invoke, InvokeError};
use serde_json::Value;
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::watch,
    time::{Instant, sleep},
};

use crate::patience::PATIENCE;

type Script = dyn Fn(&[String]) -> Result<String, InvokeError> + Send + Sync;

#[derive(Clone)]
pub(crate) struct Function {
    script: Arc<Script>,
    takes: Duration,
    /// Gate that is closed while batches are held.
    gate: Arc<watch::Sender<bool>>,
    /// Number of batches in progress.
    running: Arc<AtomicUsize>,
    most_at_once: Arc<AtomicUsize>,
    /// Keys of the items in running batches, and of those that were in two at the same time.
    items: Arc<Mutex<Vec<Value>>>,
    items_twice: Arc<Mutex<Vec<Value>>>,
    batches: Arc<Mutex<Vec<Vec<Record>>>>,
}

/// The members of a record that tests check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) number: String,
    pub(crate) json: Value,
}

impl Function {
    /// Creates a function that responds to a batch by its sequence numbers.
    pub(crate) fn new(script: impl Fn(&[String]) -> Result<String, InvokeError> + Send + Sync + 'static) -> Self {
        Self {
            script: Arc::new(script),
            takes: Duration::ZERO,
            gate: Arc::new(watch::Sender::new(true)),
            running: Arc::default(),
            most_at_once: Arc::default(),
            items: Arc::default(),
            items_twice: Arc::default(),
            batches: Arc::default(),
        }
    }

    pub(crate) fn that_succeeds() -> Self {
        Self::new(|_| Ok("{}".to_owned()))
    }

    /// Creates a function that fails on every batch with this sequence number.
    pub(crate) fn that_fails_with(poison: &'static str) -> Self {
        Self::new(move |numbers| match numbers.iter().any(|number| number == poison) {
            true => Err(InvokeError::Function("on purpose".to_owned())),
            false => Ok("null".to_owned()),
        })
    }

    pub(crate) fn taking(self, takes: Duration) -> Self {
        Self { takes, ..self }
    }

    /// Holds every response until [`Self::release`].
    pub(crate) fn held(self) -> Self {
        self.gate.send_replace(false);
        self
    }

    pub(crate) fn release(&self) {
        self.gate.send_replace(true);
    }

    /// Returns the largest number of batches that were in progress at the same time.
    pub(crate) fn most_at_once(&self) -> usize {
        self.most_at_once.load(Ordering::SeqCst)
    }

    /// Returns the keys of the items that were in two running batches.
    pub(crate) fn items_twice(&self) -> Vec<Value> {
        self.items_twice.lock().unwrap().clone()
    }

    /// Returns the sequence numbers of every batch so far.
    pub(crate) fn batches(&self) -> Vec<String> {
        let batches = self.batches.lock().unwrap();
        batches
            .iter()
            .map(|batch| batch.iter().map(|record| record.number.as_str()).collect::<Vec<_>>().join(" "))
            .collect()
    }

    /// Returns all records so far, in the order of their arrival.
    pub(crate) fn records(&self) -> Vec<Record> {
        self.batches.lock().unwrap().iter().flatten().cloned().collect()
    }

    /// Waits until this number of batches have begun.
    pub(crate) async fn begun(&self, batches: usize) {
        let started = Instant::now();
        while self.batches().len() < batches {
            assert!(started.elapsed() < PATIENCE, "only {:?}", self.batches());
            sleep(Duration::from_millis(2)).await;
        }
    }
}

impl Invoke for Function {
    async fn invoke(&self, event: String) -> Result<String, InvokeError> {
        let event: Value = serde_json::from_str(&event).expect("an event is JSON");
        let records = event["Records"].as_array().expect("an event has records");
        let batch: Vec<_> = records
            .iter()
            .map(|record| Record {
                number: record["dynamodb"]["SequenceNumber"].as_str().expect("a number").to_owned(),
                json: record.clone(),
            })
            .collect();
        let numbers: Vec<_> = batch.iter().map(|record| record.number.clone()).collect();
        let mut items: Vec<_> = batch.iter().map(|record| record.json["dynamodb"]["Keys"].clone()).collect();
        items.dedup();
        {
            let mut running = self.items.lock().unwrap();
            self.items_twice.lock().unwrap().extend(items.iter().filter(|item| running.contains(item)).cloned());
            running.extend(items.iter().cloned());
        }
        self.batches.lock().unwrap().push(batch);
        let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_at_once.fetch_max(running, Ordering::SeqCst);
        sleep(self.takes).await;
        self.gate.subscribe().wait_for(|open| *open).await.expect("the gate lives in `self`");
        self.running.fetch_sub(1, Ordering::SeqCst);
        self.items.lock().unwrap().retain(|item| !items.contains(item));
        (self.script)(&numbers)
    }
}
