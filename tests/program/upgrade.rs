//! Two releases on the same data: the built programs of two revisions take turns on one data folder while a platform
//! writes and receivers record. `make test-upgrade FROM=revision` builds both and runs this. `FORMER_PROGRAM` names the
//! program of that revision; a missing one is an error.
#![allow(clippy::print_stdout, reason = "a report is printed")]
#![allow(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "what the program's tests share can do more than is asked of it here"
)]

mod deliveries;
mod engine;
use webhooks_test_support::{patience, receiver, sockets};
mod program;
mod recorder;
mod system;

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use history::record::Action;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::sleep;

use engine::Engine;
use patience::PATIENCE;
use receiver::{Behaviour, Receiver};
use system::{System, Writer};

/// Number of writers, and of instances of each.
const WRITERS: usize = 8;
const INSTANCES: usize = 5;

/// Pause of a writer between two writes.
const PACE: Duration = Duration::from_millis(120);

/// Time under load before each switch.
const TURN: Duration = Duration::from_secs(4);

/// Longest time for a backlog of thousands, on a busy machine.
const LONG: Duration = PATIENCE.saturating_mul(5);

/// Prefix of the names of instances that an endpoint rejects until it is corrected.
const REJECTED: &str = "rejected";

type Written = (String, String);

/// Way in which a program ends.
#[derive(Clone, Copy, Debug)]
enum End {
    Stopped,
    Killed,
}

#[tokio::main]
async fn main() {
    let former = std::env::var_os("FORMER_PROGRAM").map(PathBuf::from).unwrap_or_default();
    assert!(
        former.is_file(),
        "FORMER_PROGRAM names no program: run `make test-upgrade FROM=revision`, which builds the one of that revision"
    );
    let present = program::program();
    println!("UPGRADE | from {} to {}", former.display(), present.display());
    former_and_present_take_turns(&former, &present).await;
}

/// Endpoints of one workspace.
struct Endpoints {
    healthy: Receiver,
    /// Paused until the end.
    paused: Receiver,
    /// Has a backlog until the end.
    failing: Receiver,
    /// Rejects some instances until the end: deliveries of these are deferred.
    rejecting: Receiver,
    rejects: Arc<AtomicBool>,
}

impl Endpoints {
    async fn new() -> Self {
        let rejects = Arc::new(AtomicBool::new(true));
        let rejected = Arc::clone(&rejects);
        let rejecting = Receiver::deciding(move |request| {
            match rejected.load(Ordering::SeqCst) && request.instance().starts_with(REJECTED) {
                true => Behaviour::status(422),
                false => Behaviour::ok(),
            }
        });
        Self {
            healthy: Receiver::healthy().await,
            paused: Receiver::healthy().await,
            failing: Receiver::new(Behaviour::status(503)).await,
            rejecting: rejecting.await,
            rejects,
        }
    }

    fn all(&self) -> [(&Receiver, String); 4] {
        [&self.healthy, &self.paused, &self.failing, &self.rejecting].map(|receiver| (receiver, receiver.url("/")))
    }

    fn urls(&self) -> [String; 4] {
        self.all().map(|(_, url)| url)
    }
}

async fn former_and_present_take_turns(former: &Path, present: &Path) {
    let mut upgrade = Upgrade::begin(former).await;
    let turns = [
        (present, End::Stopped),
        (former, End::Stopped),
        (present, End::Killed),
        (former, End::Killed),
        (present, End::Stopped),
    ];
    for (number, (next, end)) in turns.into_iter().enumerate() {
        upgrade.turn(number, next, end).await;
    }
    upgrade.deliver_all().await;
    upgrade.is_read_alike_by(former).await;
}

/// A program whose release changes, its endpoints, and the events so far.
struct Upgrade {
    system: System,
    endpoints: Endpoints,
    written: HashSet<Written>,
}

impl Upgrade {
    /// Starts the former release, pauses an endpoint, and creates every instance.
    async fn begin(former: &Path) -> Self {
        let endpoints = Endpoints::new().await;
        let settings = [("BACKOFF_STEPS_S", "0.5,1,2"), ("CALLBACK_TIMEOUT_MS", "20000")];
        let system = System::start_build(&settings, former).await;
        system.call_back("default", &endpoints.urls()).await;
        let mut upgrade = Self { system, endpoints, written: HashSet::new() };
        upgrade.set_paused(Action::Pause, true).await;
        // So that later writes of them are updates, whether or not one succeeds during a switch.
        for event in (0..WRITERS)
            .flat_map(|writer| (0..INSTANCES).map(move |number| (name(writer, number), "step 0".to_owned())))
        {
            upgrade.system.writer().put(&event.0, &event.1).await;
            upgrade.written.insert(event);
        }
        upgrade
    }

    async fn set_paused(&self, action: Action, paused: bool) {
        let url = self.endpoints.paused.url("/");
        let (path, body) = (self.system.endpoint_path(&url).await, json!({"paused": paused}));
        let (status, body) = self.system.operate(action, &url, Method::PATCH, &path, Some(&body)).await;
        assert_eq!(status, 200, "{body}");
    }

    /// Writes under load until this release ends, then goes on with the next one.
    async fn turn(&mut self, number: usize, next: &Path, end: End) {
        let load = Load::start(&self.system.writer(), 1_000 * (number + 1));
        sleep(TURN).await;
        read_everything(&self.system).await;
        match end {
            End::Killed => self.system.kill().await,
            End::Stopped => {
                self.system.recorder().stopped();
                self.system.program.signal("TERM").await;
                let ended = self.system.program.exited().await;
                assert!(ended.success(), "turn {number}: {ended}");
            }
        }
        let (acknowledged, unknown) = load.stop().await;
        self.written.extend(acknowledged);
        self.system.build(next);
        self.system.start_again().await;
        let writer = self.system.writer();
        for (instance, process) in unknown {
            if writer.has(&instance, &process).await {
                self.system.recorder().happened(&instance, &process);
                self.written.insert((instance, process));
            }
        }
        let waiting = self.system.pending(&self.endpoints.failing.url("/")).await.len();
        println!(
            "UPGRADE | turn {number} {end:?} | written {} | pending of the failing endpoint {waiting}",
            self.written.len()
        );
        assert!(waiting > 0, "the failing endpoint has a backlog across the switch");
    }

    /// Lets the endpoints acknowledge everything, one after another: a busy machine that cannot record a delivery in time
    /// sends it again.
    async fn deliver_all(&self) {
        let Endpoints { healthy, paused, failing, rejecting, rejects } = &self.endpoints;
        rejects.store(false, Ordering::SeqCst);
        until_all(&self.system, healthy, &self.written).await;
        until_all(&self.system, rejecting, &self.written).await;
        failing.turn(Behaviour::ok());
        until_all(&self.system, failing, &self.written).await;
        self.set_paused(Action::Resume, false).await;
        until_all(&self.system, paused, &self.written).await;
    }

    /// Checks the history, and that the former release reads what the present one has read.
    async fn is_read_alike_by(&mut self, former: &Path) {
        let all = self.endpoints.all();
        let observed = [0, 1, 2, 3].map(|it| (all[it].0, all[it].1.as_str()));
        self.system.check_history(&observed).await;
        let by_present = complete_log(&self.system, 4 * self.written.len()).await;

        self.system.program.signal("TERM").await;
        assert!(self.system.program.exited().await.success());
        self.system.build(former);
        self.system.start_again().await;
        read_everything(&self.system).await;
        let by_former = log(&self.system).await;
        assert!(by_former == by_present, "both read the same log");
        self.system.check_history(&observed).await;
        println!("UPGRADE | {} events, {} deliveries, read by both", self.written.len(), by_former.len());
    }
}

fn name(writer: usize, number: usize) -> String {
    let kind = if number == 0 { REJECTED } else { "i" };
    format!("{kind}-{writer}-{number}")
}

/// Reads, with each release, all data that both have written.
async fn read_everything(system: &System) {
    for path in
        ["/callbacks", "/endpoints", "/audit", "/signing-secret", "/deliveries?limit=200", "/deliveries?status=pending"]
    {
        let (status, body) = system.call(Method::GET, path, None).await;
        assert_eq!(status, 200, "{path}: {body}");
    }
    let (_, endpoints) = system.call(Method::GET, "/endpoints", None).await;
    let damaged: Vec<_> =
        endpoints["endpoints"].as_array().expect("a list").iter().filter(|it| !it["damage"].is_null()).collect();
    assert!(damaged.is_empty(), "{damaged:?}");
}

/// Returns the status of each delivery of the log, by its event and endpoint.
async fn log(system: &System) -> BTreeMap<(String, String), String> {
    let text = |row: &Value, name: &str| row[name].as_str().expect("text").to_owned();
    let rows = system.logged("").await;
    rows.iter().map(|row| ((text(row, "eventID"), text(row, "url")), text(row, "status"))).collect()
}

/// Waits until each event has a delivery to each endpoint: the last rows are written after their responses.
async fn complete_log(system: &System, rows: usize) -> BTreeMap<(String, String), String> {
    let started = Instant::now();
    loop {
        let log = log(system).await;
        if log.len() == rows {
            return log;
        }
        assert!(started.elapsed() < LONG, "{} of {rows} deliveries are in the log", log.len());
        sleep(Duration::from_millis(250)).await;
    }
}

/// Waits until the receiver has acknowledged each event, and none is pending for it.
async fn until_all(system: &System, receiver: &Receiver, written: &HashSet<Written>) {
    let (started, url) = (Instant::now(), receiver.url("/"));
    loop {
        let taken: HashSet<Written> = receiver.look(|log| {
            log.requests.iter().filter(|it| it.is_acknowledged()).map(|it| (it.instance(), it.process())).collect()
        });
        if taken.is_superset(written) && system.pending(&url).await.is_empty() {
            return;
        }
        let missing: Vec<_> = written.difference(&taken).take(5).collect();
        assert!(started.elapsed() < LONG, "{url}: {} of {} events, without {missing:?}", taken.len(), written.len());
        sleep(Duration::from_millis(250)).await;
    }
}

/// A platform at work: each writer updates its instances, one after another.
struct Load {
    tasks: JoinSet<()>,
    log: Arc<std::sync::Mutex<WriteLog>>,
}

#[derive(Default)]
struct WriteLog {
    begun: HashSet<Written>,
    acknowledged: HashSet<Written>,
}

impl Load {
    fn start(writer: &Writer, first_step: usize) -> Self {
        let log = Arc::new(std::sync::Mutex::new(WriteLog::default()));
        let mut tasks = JoinSet::new();
        for number in 0..WRITERS {
            let (writer, log) = (writer.clone(), Arc::clone(&log));
            tasks.spawn(async move {
                for step in first_step.. {
                    for instance in 0..INSTANCES {
                        let event = (name(number, instance), format!("step {step}"));
                        log.lock().expect("no panic while held").begun.insert(event.clone());
                        if !writer.try_put(&event.0, &event.1).await {
                            return;
                        }
                        log.lock().expect("no panic while held").acknowledged.insert(event);
                        sleep(PACE).await;
                    }
                }
            });
        }
        Self { tasks, log }
    }

    /// Stops the writers; returns the events that were written, and those that may have been.
    async fn stop(mut self) -> (HashSet<Written>, Vec<Written>) {
        self.tasks.shutdown().await;
        let log = std::mem::take(&mut *self.log.lock().expect("no panic while held"));
        let unknown = log.begun.difference(&log.acknowledged).cloned().collect();
        (log.acknowledged, unknown)
    }
}
