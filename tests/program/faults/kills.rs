//! `kill -9`, again and again, at any moment: no event is lost, and an endpoint keeps its backoff step.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::engine::{Engine, on_both_engines};
use crate::faults::{Account, LONG, Written, check_order, of_delivery, of_request, until_stored, write};
use crate::receiver::{Behaviour, Receiver};
use crate::system::{System, Writer};

on_both_engines!(a_backlog_and_its_backoff_outlive_a_kill);

/// Number of kills.
const RUNS: usize = 50;

/// Number of platforms that write at a time.
const WRITERS: usize = 16;

/// Number of writes of an instance.
const STEPS: usize = 3;

#[tokio::test]
async fn after_many_kills_under_load_every_event_was_taken_or_waits() {
    let flaky = Arc::new(AtomicBool::new(false));
    let receiver = unreliable(flaky.clone()).await;
    let url = receiver.url("/");
    let settings = [("BACKOFF_STEPS_S", "0.2,0.4,0.8"), ("CALLBACK_TIMEOUT_MS", "2000")];
    let mut system = System::start_with(Engine::Embedded, &settings).await;
    system.call_back("default", std::slice::from_ref(&url)).await;

    let mut written = HashSet::new();
    let mut chance = Chance(0x1d5_7a11_ed5e_ed00);
    for run in 0..RUNS {
        flaky.store(run % 2 == 1, Ordering::Relaxed);
        let load = Load::start(&system.writer(), run);
        sleep(Duration::from_millis(chance.below(800))).await;
        system.kill().await;
        let (acknowledged, unknown) = load.stop().await;
        written.extend(acknowledged);
        system.start_again().await;
        let writer = system.writer();
        for (instance, step) in unknown {
            if writer.has(&instance, &step).await {
                system.recorder().happened(&instance, &step);
                written.insert((instance, step));
            }
        }
    }

    flaky.store(false, Ordering::Relaxed);
    let started = Instant::now();
    let account = loop {
        let account = Account::of(&written, &receiver, &system, &url).await;
        if (account.lost, account.pending) == (0, 0) || started.elapsed() > LONG {
            break account;
        }
        sleep(Duration::from_millis(500)).await;
    };
    account.report(&format!("{RUNS} × kill -9 under load, receiver flaky in half of them"), &system);
    assert_eq!(account.lost, 0, "{account:?}");
    assert_eq!(account.delivered + account.pending, account.events, "{account:?}");
    assert_eq!(account.pending, 0, "all of it was taken once the endpoint worked: {account:?}");
    check_ids(&receiver);
    check_order(&receiver);
    nothing_is_left(&system, &url).await;
    system.check_history(&[(&receiver, &url)]).await;
}

/// Checks that no acknowledged event is still pending: a remaining entry would be sent again later.
async fn nothing_is_left(system: &System, url: &str) {
    let started = Instant::now();
    loop {
        let left: Vec<_> = system.pending(url).await.iter().map(of_delivery).collect();
        if left.is_empty() {
            return;
        }
        assert!(started.elapsed() < Duration::from_secs(30), "still in the backlog though taken: {left:?}");
        sleep(Duration::from_millis(500)).await;
    }
}

/// Checks that an event has one id in all its requests.
fn check_ids(receiver: &Receiver) {
    let mut ids: HashMap<Written, HashSet<String>> = HashMap::new();
    receiver.look(|log| {
        for request in &log.requests {
            ids.entry(of_request(request)).or_default().insert(request.id().to_owned());
        }
    });
    for (event, ids) in ids {
        assert_eq!(ids.len(), 1, "{event:?} came with {ids:?}");
    }
}

/// Starts a receiver that now and then, while `flaky`, closes the connection or sends `Retry-After`.
async fn unreliable(flaky: Arc<AtomicBool>) -> Receiver {
    let number = AtomicUsize::new(0);
    Receiver::deciding(move |_| match number.fetch_add(1, Ordering::Relaxed) % 10 {
        3 if flaky.load(Ordering::Relaxed) => Behaviour::Close,
        6 if flaky.load(Ordering::Relaxed) => Behaviour::status(503),
        _ => Behaviour::slow(Duration::from_millis(5)),
    })
    .await
}

/// Writers at work.
struct Load {
    tasks: JoinSet<()>,
    log: Arc<Mutex<WriteLog>>,
}

#[derive(Default)]
struct WriteLog {
    begun: HashSet<Written>,
    acknowledged: HashSet<Written>,
}

impl Load {
    fn start(writer: &Writer, run: usize) -> Self {
        let log = Arc::new(Mutex::new(WriteLog::default()));
        let mut tasks = JoinSet::new();
        for number in 0..WRITERS {
            let (writer, log) = (writer.clone(), log.clone());
            tasks.spawn(async move {
                for instance in 0.. {
                    for step in 0..STEPS {
                        let event = (format!("{run}-{number}-{instance}"), format!("step {step}"));
                        log.lock().expect("no panic while held").begun.insert(event.clone());
                        if writer.try_put(&event.0, &event.1).await {
                            log.lock().expect("no panic while held").acknowledged.insert(event);
                        } else {
                            return;
                        }
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

/// Random numbers, the same in every run of the test (splitmix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

async fn a_backlog_and_its_backoff_outlive_a_kill(engine: Engine) {
    let receiver = Receiver::new(Behaviour::Close).await;
    let url = receiver.url("/");
    let mut system = System::start_with(engine, &[("BACKOFF_STEPS_S", "0.2,15,3600")]).await;
    system.call_back("default", std::slice::from_ref(&url)).await;
    let written = write(&system.writer(), 5, 2).await;
    until_stored(&system, &url, "pending", written.len()).await;
    let before = system
        .until_endpoint(&url, |endpoint| {
            endpoint["health"]["failedProbes"] == 1 && endpoint["backlog"]["pending"] == written.len()
        })
        .await;
    sleep(Duration::from_millis(300)).await; // the drain has ended by then
    let attempts = receiver.look(|log| log.requests.len());

    system.kill().await;
    receiver.turn(Behaviour::ok());
    system.start_again().await;
    let after = system.endpoint(&url).await;
    for part in ["health", "backlog", "lastFailureAt"] {
        assert_eq!(before[part], after[part], "{part}");
    }

    let probe_at: jiff::Timestamp = after["health"]["probeAt"].as_str().expect("a time").parse().expect("a time");
    // In this step, not after the next one, an hour. The delay is not counted: the lease of a killed drain has to
    // expire.
    super::until_taken(&receiver, written.len()).await;
    let probed = receiver.look(|log| log.requests[attempts].at_clock);
    let late = jiff::Timestamp::try_from(probed).expect("a time").duration_since(probe_at);
    assert!(late.as_millis() >= 0, "probed {late:?} after it was due");
    system.until_endpoint(&url, |endpoint| endpoint["backlog"]["pending"] == 0).await;
    let account = Account::of(&written, &receiver, &system, &url).await;
    account.report(&format!("kill -9 while an endpoint is failing ({engine:?})"), &system);
    assert_eq!((account.delivered, account.lost, account.duplicates), (written.len(), 0, 0));
    check_order(&receiver);
    system.check_history(&[(&receiver, &url)]).await;
}

/// The program dies while a drain delivers to a slow receiver. The drain's lease ends by itself, and another one goes on.
#[tokio::test]
async fn a_slow_endpoints_drain_goes_on_after_a_kill() {
    const BEFORE: usize = 15;
    let receiver = Receiver::new(Behaviour::slow(Duration::from_secs(3))).await;
    let url = receiver.url("/");
    let mut system = System::start_with(Engine::Embedded, &[("CALLBACK_TIMEOUT_MS", "4000")]).await;
    system.call_back("default", std::slice::from_ref(&url)).await;
    let written = write(&system.writer(), 10, 4).await;
    super::until_taken(&receiver, BEFORE).await;
    system.kill().await;
    let killed = Instant::now();
    system.start_again().await;
    super::until_taken(&receiver, written.len()).await;
    println!("the last event came {:?} after the kill", killed.elapsed());
    nothing_is_left(&system, &url).await;
    let account = Account::of(&written, &receiver, &system, &url).await;
    account.report("kill -9 during the drain of an endpoint that answers after 3 s", &system);
    assert_eq!((account.delivered, account.lost), (written.len(), 0));
    check_order(&receiver);
    system.check_history(&[(&receiver, &url)]).await;
}

/// Each time with a new endpoint, because a later delivery to a backlog would hide one that was left there.
#[tokio::test]
async fn what_was_refused_just_before_a_kill_is_not_left_behind() {
    const KILLS: u64 = 20;
    let seen = Mutex::new(HashSet::new());
    let receiver = Receiver::deciding(move |request| {
        let first = seen.lock().expect("no panic while held").insert(request.instance());
        Behaviour::status(if first { 500 } else { 200 })
    })
    .await;
    let settings = [("RETRY_DELAY_MS", "100"), ("CALLBACK_TIMEOUT_MS", "500")];
    let mut system = System::start_with(Engine::Embedded, &settings).await;
    let mut urls = Vec::new();
    for run in 0..KILLS {
        let (url, name) = (receiver.url(&format!("/{run}")), format!("run-{run}"));
        system.call_back(&name, std::slice::from_ref(&url)).await;
        urls.push(url);
        system.writer().put_in(&name, &name, "step 0").await;
        receiver.heard_of(&name).await;
        sleep(Duration::from_millis(run)).await;
        system.kill().await;
        system.start_again().await;
    }
    super::until_taken(&receiver, KILLS as usize).await;
    for url in &urls {
        nothing_is_left(&system, url).await;
    }
    let observed: Vec<_> = urls.iter().map(|url| (&receiver, url.as_str())).collect();
    system.check_history(&observed).await;
}
