//! The event source mapping: the stream's records, handed to the fan-out in batches, as the crate `event-source-mapping` and AWS's
//! documentation have it.
//!
//! A record belongs to a shard and, within it, to a worker, both by its instance; a worker has one batch at a time. Of a batch
//! that failed in part, the lowest reported sequence number and everything behind it come again; one that failed as a whole is
//! split in two. Retries are not bounded. A batch that was acknowledged may come again.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use fastrand::Rng;
use serde_json::{Value, json};
use tokio::sync::{Notify, oneshot};
use tokio::task::spawn_local;
use tokio::time::{Instant, sleep, timeout};

use crate::chance::{happens, hash, stream};
use crate::check;
use crate::environment::{Doomed, End, Lambda};
use crate::history::{Kind, event_id, instance_id, workspace_name};
use crate::recorded::PROCESS;

/// The function's time (`FanoutFunction` in `template.yaml`).
const TIME: Duration = Duration::from_secs(30);

/// The longest pause between two retries of a batch.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A worker's share of the stream.
struct Worker {
    lambda: Rc<Lambda>,
    arriving: RefCell<VecDeque<usize>>,
    arrived: Notify,
    at_work: Cell<bool>,
    rng: RefCell<Rng>,
    /// The batch before, for when the checkpoint is lost.
    before: RefCell<Vec<usize>>,
}

/// The mapping.
pub(crate) struct Mapping(Vec<Rc<Worker>>);

impl Mapping {
    pub(crate) fn start(lambda: &Rc<Lambda>) -> Self {
        let mapping = lambda.run.scenario.mapping;
        let workers = usize::from(mapping.shards.max(1)) * usize::from(mapping.parallelization_factor.max(1));
        let worker = |number| {
            let worker = Rc::new(Worker {
                lambda: Rc::clone(lambda),
                arriving: RefCell::default(),
                arrived: Notify::new(),
                at_work: Cell::new(false),
                rng: RefCell::new(stream(lambda.run.scenario.seed, &format!("worker {number}"))),
                before: RefCell::default(),
            });
            spawn_local(Rc::clone(&worker).work());
            worker
        };
        Self((0..workers).map(worker).collect())
    }

    /// Takes in the record of a change.
    pub(crate) fn put(&self, change: usize, workspace: u8, instance: u8) {
        let worker = &self.0[usize::try_from(hash(&[workspace, instance])).unwrap_or_default() % self.0.len()];
        worker.arriving.borrow_mut().push_back(change);
        worker.arrived.notify_one();
    }

    /// Whether every record is done.
    pub(crate) fn is_idle(&self) -> bool {
        self.0.iter().all(|worker| !worker.at_work.get() && worker.arriving.borrow().is_empty())
    }
}

impl Worker {
    async fn work(self: Rc<Self>) {
        let mapping = self.lambda.run.scenario.mapping;
        loop {
            while self.arriving.borrow().is_empty() {
                self.arrived.notified().await;
            }
            self.at_work.set(true);
            sleep(Duration::from_millis(mapping.window_ms)).await;
            let batch: Vec<usize> = {
                let arriving = &mut *self.arriving.borrow_mut();
                let count = arriving.len().min(usize::from(mapping.batch_size.max(1)));
                arriving.drain(..count).collect()
            };
            self.process(&batch).await;
            let repeated = happens(&mut self.rng.borrow_mut(), mapping.repeated) && !self.lambda.run.is_calm();
            if repeated {
                self.lambda.run.trace("mapping", format_args!("{batch:?} come again"));
                let again = [self.before.replace(Vec::new()), batch.clone()].concat();
                again.iter().for_each(|change| self.lambda.run.history().changes[*change].comes_again = true);
                self.process(&again).await;
            }
            self.before.replace(batch);
            self.at_work.set(false);
        }
    }

    /// Hands a batch over until all of it is done.
    async fn process(&self, batch: &[usize]) {
        let mut left = VecDeque::from([batch.to_vec()]);
        let mut failures = 0_u32;
        while let Some(batch) = left.pop_front() {
            // How many from the front are done; `None` when it failed as a whole.
            let done = self.invoke(&batch).await;
            check::kept(&self.lambda.run, &self.lambda.tables, &batch[..done.unwrap_or(0)]);
            failures = if done.is_some_and(|done| done > 0) { 0 } else { failures + 1 };
            let again = match done {
                Some(done) if done == batch.len() => {
                    failures = 0;
                    vec![]
                }
                Some(done) if done > 0 => vec![batch[done..].to_vec()],
                _ if batch.len() > 1 => {
                    let (first, second) = batch.split_at(batch.len().div_ceil(2));
                    vec![first.to_vec(), second.to_vec()]
                }
                _ => vec![batch],
            };
            let whole = again.is_empty();
            again.into_iter().rev().for_each(|it| left.push_front(it));
            if !whole {
                let pause = Duration::from_millis(100) * 2_u32.saturating_pow(failures.saturating_sub(1).min(16));
                sleep(pause.min(LONGEST_PAUSE)).await;
            }
        }
    }

    /// Invokes the function; returns how many records from the front are done, or `None` for an error.
    async fn invoke(&self, batch: &[usize]) -> Option<usize> {
        let lambda = &self.lambda;
        let run = &lambda.run;
        let environment = lambda.fanout();
        let invocation = environment.begin(run, Kind::Batch);
        let (doom, deadline) = (lambda.doom(), Instant::now() + TIME);
        run.trace(&environment.name, format_args!("batch {batch:?}"));
        batch.iter().for_each(|change| run.history().changes[*change].handed.push(invocation));
        let payload = self.payload(batch);
        let (respond, response) = oneshot::channel();
        let (of, at) = (Rc::clone(&lambda.clone()), Rc::clone(&environment.function));
        let task = spawn_local(async move {
            let run = &of.run;
            let handled = at.handle(payload.as_bytes(), deadline, |response| {
                let ms = run.ms();
                run.history().invocations[invocation].responded = Some(ms);
                _ = respond.send(response.unwrap_or_default());
            });
            let end = Doomed::new(run, invocation, doom, deadline, handled).await;
            let ms = run.ms();
            run.history().invocations[invocation].ended = Some(ms);
            if end == End::Returned(()) {
                of.fanouts.borrow_mut().push(environment);
            }
        });
        lambda.at_work(invocation, task.abort_handle());
        let answer = timeout(TIME, response).await;
        let name = run.history().invocations[invocation].environment.clone();
        let failed = |how: &str| {
            run.trace(&name, how);
            let ms = run.ms();
            run.history().invocations[invocation].broken.push(ms);
            None
        };
        match answer {
            Err(_) => failed("given up"),
            Ok(Err(_)) => failed("no response"),
            Ok(Ok(_)) if doom.response_lost => failed("response lost"),
            Ok(Ok(failures)) => {
                let first = batch.iter().position(|change| failures.contains(&sequence_number(*change)));
                run.trace(&name, format_args!("responded {failures:?}"));
                Some(first.unwrap_or(batch.len()))
            }
        }
    }

    fn payload(&self, batch: &[usize]) -> String {
        let history = self.lambda.run.history();
        let record = |number: &usize| {
            let change = history.changes[*number].change;
            let image = if change.kind == 2 { "OldImage" } else { "NewImage" };
            let name = ["INSERT", "MODIFY", "REMOVE"][usize::from(change.kind.min(2))];
            let seconds = self.lambda.run.now().as_second() - (self.lambda.run.ms() / 1_000).cast_signed()
                + (change.at / 1_000).cast_signed();
            json!({
                "eventID": event_id(*number),
                "eventName": name,
                "dynamodb": {"ApproximateCreationDateTime": seconds, "SequenceNumber": sequence_number(*number), image: {
                    "instanceID": {"S": instance_id(change.instance)},
                    "processName": {"S": PROCESS},
                    "workspaceID": {"S": workspace_name(change.workspace)},
                }},
            })
        };
        let records: Vec<Value> = batch.iter().map(record).collect();
        json!({"Records": records}).to_string()
    }
}

/// Numbers grow with the stream, and in length.
fn sequence_number(change: usize) -> String {
    format!("{}", 990 + change)
}
