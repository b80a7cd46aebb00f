//! One run of a case: a program, its receivers, and writes.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::counter::{Asked, Counter};
use crate::engine::{Program, credentials};
use crate::process::Process;
use crate::tables::Instances;

use super::case::{Case, Endpoint};
use super::load::{Written, workspace};
use super::receiver::Receiver;
use super::rule::{Chance, Rule};

/// Wait for unexpected requests after the last event has been acknowledged.
const GRACE: Duration = Duration::from_millis(500);

/// DynamoDB below the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// The embedded DynamoDB.
    Embedded,
    /// Another DynamoDB, behind a proxy that counts.
    Counted,
}

/// Result of a run.
pub(super) struct Outcome {
    receivers: Vec<(Endpoint, Receiver)>,
    written: Vec<Written>,
    /// Requests to DynamoDB, if they were counted.
    pub(super) asked: Option<Asked>,
}

impl Outcome {
    /// Returns the receivers of a part.
    pub(super) fn receivers(&self, part: &str) -> impl Iterator<Item = (&Endpoint, &Receiver)> {
        self.receivers.iter().filter(move |(endpoint, _)| endpoint.part == part).map(|(it, receiver)| (it, receiver))
    }

    /// Returns the writes for an endpoint.
    pub(super) fn written(&self, endpoint: &Endpoint) -> impl Iterator<Item = &Written> {
        self.written.iter().filter(move |it| it.workspace == endpoint.workspace)
    }

    /// Returns the milliseconds from each write to its first arrival at a part's receivers.
    pub(super) fn after_ms(&self, part: &str) -> Vec<f64> {
        let mut after = Vec::new();
        for (endpoint, receiver) in self.receivers(part) {
            let seen = receiver.seen();
            after.extend(self.written(endpoint).filter_map(|it| late_ms(it, seen.arrived.get(&it.event))));
        }
        after
    }

    /// Returns the number of expected deliveries.
    pub(super) fn deliveries(&self) -> usize {
        self.receivers.iter().map(|(endpoint, _)| self.written(endpoint).count()).sum()
    }

    fn is_settled(&self) -> bool {
        let waited_for = self.receivers.iter().filter(|(endpoint, _)| endpoint.rule.acknowledges());
        waited_for.fold(true, |settled, (endpoint, receiver)| {
            settled && receiver.seen().acknowledged.len() >= self.written(endpoint).count()
        })
    }
}

/// Returns the milliseconds from a write until `then`.
pub(super) fn late_ms(written: &Written, then: Option<&Instant>) -> Option<f64> {
    then.map(|then| then.saturating_duration_since(written.at).as_secs_f64() * 1_000.0)
}

/// Writes for this number of seconds, and waits until every event is acknowledged, or for the case's patience.
pub(super) async fn run(binary: &str, case: &Case, seconds: u32, seed: u64, stage: Stage) -> Result<Outcome> {
    let mut receivers = Vec::new();
    for (number, endpoint) in case.endpoints.iter().enumerate() {
        let chance = Chance::new(endpoint.rule, seed, &case.name, number);
        receivers.push((*endpoint, Receiver::start(endpoint.rule, chance)?));
    }
    let (_processes, program, counter) = start(binary, stage).await?;
    let mut callbacks: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (endpoint, receiver) in &receivers {
        callbacks.entry(endpoint.workspace).or_default().push(receiver.url.clone());
    }
    for (number, urls) in &callbacks {
        for event_type in ["created", "updated"] {
            program.call_back_on(event_type, &workspace(*number), urls).await?;
        }
    }
    for (endpoint, receiver) in receivers.iter().filter(|(endpoint, _)| endpoint.rule == Rule::Paused) {
        let paused = json!({"paused": true});
        program.set_endpoints(&workspace(endpoint.workspace), &paused, |url| url == receiver.url).await?;
    }
    if let Some(counter) = &counter {
        counter.asked();
    }
    let written = case.load.write(&Instances::at(&program.dynamodb), seconds).await?;
    let mut outcome = Outcome { receivers, written, asked: None };
    let until = Instant::now() + case.patience;
    while Instant::now() < until && !outcome.is_settled() {
        sleep(Duration::from_millis(50)).await;
    }
    sleep(GRACE).await;
    outcome.asked = counter.map(|it| it.asked());
    Ok(outcome)
}

/// Starts the program on the measured core; returns the address of its table.
async fn start(binary: &str, stage: Stage) -> Result<(Vec<Process>, Program, Option<Counter>)> {
    match stage {
        Stage::Embedded => {
            let launch = Program::launch(binary, &["--in-memory", "--dynamodb-port", "0"])?;
            let (process, program) = Program::ready(launch.measured()?).await?;
            Ok((vec![process], program, None))
        }
        Stage::Counted => {
            let (engine, below) = Program::as_engine().await?;
            let counter = Counter::of_units(below.dynamodb.clone()).await?;
            let launch = Program::launch(binary, &["--in-memory", "--dynamodb-endpoint", &counter.endpoint])?;
            let (process, mut program) = Program::ready(credentials(launch).measured()?).await?;
            // Writes of the bench are not counted.
            program.dynamodb = below.dynamodb;
            Ok((vec![process, engine], program, Some(counter)))
        }
    }
}
