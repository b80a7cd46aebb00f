//! A function that remembers what it was sent, and answers as a test wants it to.

use instance_webhooks::mapping::{Invoke, InvokeError};
use serde_json::Value;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::time::{Instant, sleep};

type Script = dyn Fn(&[String]) -> Result<String, InvokeError> + Send + Sync;

#[derive(Clone)]
pub(crate) struct Function {
    script: Arc<Script>,
    takes: Duration,
    batches: Arc<Mutex<Vec<Vec<Record>>>>,
}

/// What a test asks of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) number: String,
    pub(crate) json: Value,
}

impl Function {
    /// Answers a batch by its sequence numbers.
    pub(crate) fn new(script: impl Fn(&[String]) -> Result<String, InvokeError> + Send + Sync + 'static) -> Self {
        Self { script: Arc::new(script), takes: Duration::ZERO, batches: Arc::default() }
    }

    pub(crate) fn that_succeeds() -> Self {
        Self::new(|_| Ok("{}".to_owned()))
    }

    /// Whatever batch this sequence number is in fails.
    pub(crate) fn that_fails_with(poison: &'static str) -> Self {
        Self::new(move |numbers| match numbers.iter().any(|number| number == poison) {
            true => Err(InvokeError::Function("on purpose".to_owned())),
            false => Ok("null".to_owned()),
        })
    }

    pub(crate) fn taking(self, takes: Duration) -> Self {
        Self { takes, ..self }
    }

    /// The sequence numbers of every batch so far.
    pub(crate) fn batches(&self) -> Vec<String> {
        let batches = self.batches.lock().unwrap();
        batches
            .iter()
            .map(|batch| batch.iter().map(|record| record.number.as_str()).collect::<Vec<_>>().join(" "))
            .collect()
    }

    /// All records so far, in the order in which they came.
    pub(crate) fn records(&self) -> Vec<Record> {
        self.batches.lock().unwrap().iter().flatten().cloned().collect()
    }

    /// Waits until so many batches have begun.
    pub(crate) async fn begun(&self, batches: usize) {
        let patience = Instant::now() + Duration::from_secs(10);
        while self.batches().len() < batches {
            assert!(Instant::now() < patience, "only {:?}", self.batches());
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
        self.batches.lock().unwrap().push(batch);
        sleep(self.takes).await;
        (self.script)(&numbers)
    }
}
