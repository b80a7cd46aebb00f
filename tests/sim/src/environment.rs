//! Environments of the functions: which are idle, how one dies, is frozen or cut off. Each has its own clock, its own chance
//! and its own memory.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use aws_config::SdkConfig;
use fastrand::Rng;
use jiff::SignedDuration;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::AbortHandle;
use tokio::time::{Instant, Sleep, sleep_until};
use webhooks_api::{ApiState, InstanceStream, StreamPlace};
use webhooks_engine::dispatch::RetrySchedule;
use webhooks_engine::endpoint_events::{Destination, EndpointEvents};
use webhooks_engine::fanout::{Fanout, FanoutSettings, Memory};
use webhooks_engine::retry::{Retry, RetrySettings};
use webhooks_engine::sender::{Sender, SenderSettings};
use webhooks_engine::wake_up::{WakeUp, WakeUps};
use webhooks_model::access::AccessSettings;
use webhooks_model::endpoint::HealthSettings;
use webhooks_model::event::EventSettings;
use webhooks_runtime::metrics::Metrics;
use webhooks_store::{
    AuditStore, BulkReplaysStore, CallbacksStore, DeliveriesStore, EndpointsStore, FleetStore, SecretsStore,
    TestCallsStore,
};

use crate::chance::{happens, stream};
use crate::history::{Kind, Run};
use crate::receivers::{Network, Receivers};
use crate::scenario::Ms;
use crate::store::Store;
use crate::tables::Tables;
use crate::world::Simulated;

/// Polls of a function at one time, after which it is taken to go round in a circle.
const MOST_POLLS: u32 = 10_000;

/// Makes environments, and knows those that are at work.
pub(crate) struct Lambda {
    pub(crate) run: Arc<Run>,
    pub(crate) tables: Tables,
    receivers: Arc<Receivers>,
    wake_ups: UnboundedSender<(WakeUp, Duration)>,
    made: Cell<usize>,
    rng: RefCell<Rng>,
    /// Idle environments.
    pub(crate) fanouts: RefCell<Vec<Environment<Fanout>>>,
    pub(crate) retries: RefCell<Vec<Environment<Retry>>>,
    working: RefCell<Vec<(usize, AbortHandle)>>,
    doom: RefCell<Rng>,
}

/// An environment of a function.
pub(crate) struct Environment<F> {
    pub(crate) name: Arc<str>,
    pub(crate) function: Rc<F>,
    invocation: Arc<AtomicUsize>,
}

/// Parts of an environment.
struct Parts {
    name: Arc<str>,
    store: Store,
    sender: Arc<Sender>,
    world: Arc<Simulated>,
    wake_ups: WakeUps,
    invocation: Arc<AtomicUsize>,
}

/// What is going to happen to an invocation.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Doom {
    /// It dies at this poll.
    at_poll: Option<u32>,
    /// It dies then.
    at: Option<Instant>,
    /// It is frozen then, for so long.
    freeze: Option<(Instant, Duration)>,
    /// Its response is lost.
    pub(crate) response_lost: bool,
}

/// How an invocation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End<T> {
    Returned(T),
    Died,
    CutOff,
}

impl Lambda {
    pub(crate) fn new(run: &Arc<Run>, tables: Tables, wake_ups: UnboundedSender<(WakeUp, Duration)>) -> Rc<Self> {
        let seed = run.scenario.seed;
        Rc::new(Self {
            run: Arc::clone(run),
            tables,
            receivers: Receivers::new(run),
            wake_ups,
            made: Cell::default(),
            rng: RefCell::new(stream(seed, "environments")),
            fanouts: RefCell::default(),
            retries: RefCell::default(),
            working: RefCell::default(),
            doom: RefCell::new(stream(seed, "doom")),
        })
    }

    fn parts(&self, kind: &str) -> Parts {
        let number = self.made.replace(self.made.get() + 1);
        let name: Arc<str> = format!("{kind}{number}").into();
        let skew = self.run.scenario.environments.skew_ms.cast_signed();
        let skew = SignedDuration::from_millis(self.rng.borrow_mut().i64(-skew..=skew));
        let rng = |of: &str| Mutex::new(stream(self.run.scenario.seed, &format!("{name} {of}")));
        let world = Arc::new(Simulated { run: Arc::clone(&self.run), skew, rng: rng("world") });
        let invocation = Arc::new(AtomicUsize::new(usize::MAX));
        let network = Network {
            receivers: Arc::clone(&self.receivers),
            environment: Arc::clone(&name),
            invocation: Arc::clone(&invocation),
        };
        let store = Store {
            run: Arc::clone(&self.run),
            tables: self.tables.clone(),
            environment: Arc::clone(&name),
            invocation: Arc::clone(&invocation),
            rng: Arc::new(rng("store")),
        };
        let sender = Sender::new(SenderSettings::default()).expect("compiled-in roots");
        let sender = Arc::new(sender.over(Box::new(network), Arc::clone(&world) as _));
        Parts { name, store, sender, world, wake_ups: WakeUps::Timer(self.wake_ups.clone()), invocation }
    }

    pub(crate) fn fanout(&self) -> Environment<Fanout> {
        if let Some(idle) = self.fanouts.borrow_mut().pop() {
            return idle;
        }
        let Parts { name, store, sender, world, wake_ups, invocation } = self.parts("f");
        let client = store.client();
        let fanout = Fanout {
            endpoints: EndpointsStore::new(client.clone(), "Webhooks"),
            secrets: SecretsStore::new(client.clone(), "Webhooks"),
            deliveries: DeliveriesStore::new(client, "Deliveries"),
            wake_ups,
            sender,
            events: EventSettings::default(),
            metrics: Metrics::Log,
            health: HealthSettings::default(),
            settings: FanoutSettings { schedule: RetrySchedule::default(), ..FanoutSettings::default() },
            memory: Memory::default(),
            world,
        };
        Environment { name, function: Rc::new(fanout), invocation }
    }

    pub(crate) fn retry(&self) -> Environment<Retry> {
        if let Some(idle) = self.retries.borrow_mut().pop() {
            return idle;
        }
        let Parts { name, store, sender, world, wake_ups, invocation } = self.parts("r");
        let client = store.client();
        let retry = Retry {
            endpoints: EndpointsStore::new(client.clone(), "Webhooks"),
            secrets: SecretsStore::new(client.clone(), "Webhooks"),
            deliveries: DeliveriesStore::new(client, "Deliveries"),
            wake_ups,
            endpoint_events: EndpointEvents {
                console: "http://127.0.0.1:8787/".parse().expect("a constant that is a URL"),
                destination: Destination::Log,
            },
            sender,
            metrics: Metrics::Log,
            health: HealthSettings::default(),
            settings: RetrySettings {
                page: self.run.scenario.page,
                page_of_move: self.run.scenario.page,
                ..RetrySettings::default()
            },
            world,
        };
        Environment { name, function: Rc::new(retry), invocation }
    }

    /// The API's state, of an environment of its own.
    pub(crate) fn api(&self) -> (Environment<()>, ApiState) {
        let Parts { name, store, sender, world, wake_ups, invocation } = self.parts("a");
        let client = store.client();
        let state = ApiState {
            callbacks: CallbacksStore::new(client.clone(), "Webhooks"),
            endpoints: EndpointsStore::new(client.clone(), "Webhooks"),
            fleet: FleetStore::new(client.clone(), "Webhooks"),
            secrets: SecretsStore::new(client.clone(), "Webhooks"),
            audit: AuditStore::new(client.clone(), "Webhooks"),
            bulk_replays: BulkReplaysStore::new(client.clone(), "Webhooks"),
            test_calls: TestCallsStore::new(client.clone(), "Webhooks", 30),
            deliveries: DeliveriesStore::new(client.clone(), "Deliveries"),
            // No administrator of a scenario makes a dry run, which would need a stream.
            instance_stream: InstanceStream {
                config: SdkConfig::builder().build(),
                place: StreamPlace::OfTable { client, table: "Instances".to_owned() },
                events: Arc::default(),
            },
            wake_ups,
            sender,
            egress_addresses: webhooks_api::EgressAddresses::default(),
            access: Arc::new(AccessSettings::default()),
            world,
        };
        (Environment { name, function: Rc::new(()), invocation }, state)
    }

    /// What is going to happen to the next invocation.
    pub(crate) fn doom(&self) -> Doom {
        let faults = self.run.scenario.environments;
        let rng = &mut *self.doom.borrow_mut();
        let (poll, ms, pause) = (rng.u32(1..120), rng.u64(0..15_000), rng.u64(100..90_000));
        let soon = rng.u64(0..800);
        let [at_poll, at, freeze, response_lost] =
            [faults.crash_at_poll, faults.crash_at_time, faults.freeze, faults.lost_response]
                .map(|it| happens(rng, it));
        if self.run.is_calm() {
            return Doom::default();
        }
        let now = Instant::now();
        let ms = if poll.is_multiple_of(2) { ms } else { soon };
        Doom {
            at_poll: at_poll.then_some(poll),
            at: at.then(|| now + Duration::from_millis(ms)),
            freeze: freeze.then(|| (now + Duration::from_millis(soon), Duration::from_millis(pause))),
            response_lost,
        }
    }

    /// Records that a task is at work for an invocation.
    pub(crate) fn at_work(&self, invocation: usize, task: AbortHandle) {
        let mut working = self.working.borrow_mut();
        working.retain(|(_, task)| !task.is_finished());
        working.push((invocation, task));
    }

    /// Whether nothing is at work.
    pub(crate) fn is_idle(&self) -> bool {
        self.working.borrow().iter().all(|(_, task)| task.is_finished())
    }

    /// All environments die.
    pub(crate) fn kill_all(&self) {
        let ms = self.run.ms();
        for (invocation, task) in self.working.borrow_mut().drain(..).filter(|(_, task)| !task.is_finished()) {
            self.run.history().invocations[invocation].broken.push(ms);
            task.abort();
        }
        self.fanouts.borrow_mut().clear();
        self.retries.borrow_mut().clear();
    }
}

impl<F> Environment<F> {
    /// Begins an invocation.
    pub(crate) fn begin(&self, run: &Run, kind: Kind) -> usize {
        let invocation = run.begin(kind, &self.name);
        self.invocation.store(invocation, Ordering::Relaxed);
        invocation
    }
}

/// An invocation, up to its end, be that what it may.
pub(crate) struct Doomed<F: Future> {
    inner: Pin<Box<F>>,
    run: Arc<Run>,
    invocation: usize,
    polls: u32,
    /// The time of the last poll, and how often it was polled at that time.
    polled_at: (Instant, u32),
    doom: Doom,
    deadline: Instant,
    alarm: Option<Pin<Box<Sleep>>>,
    thaws: Option<Instant>,
}

impl<F: Future> Doomed<F> {
    /// Cut off at `deadline`, as Lambda does; one that is frozen goes on for a while after it is thawed.
    pub(crate) fn new(run: &Arc<Run>, invocation: usize, doom: Doom, deadline: Instant, inner: F) -> Self {
        let thaws = doom.freeze.map(|(at, pause)| at + pause + Duration::from_secs(20));
        let deadline = thaws.map_or(deadline, |thawed| thawed.max(deadline));
        Self {
            inner: Box::pin(inner),
            run: Arc::clone(run),
            invocation,
            polls: 0,
            polled_at: (deadline, 0),
            doom,
            deadline,
            alarm: None,
            thaws: None,
        }
    }

    fn broken(&self, how: &str) {
        let at = self.run.ms();
        let environment = {
            let invocation = &mut self.run.history().invocations[self.invocation];
            invocation.broken.push(at);
            invocation.frozen |= how == "frozen";
            invocation.cut_off |= how == "cut off";
            invocation.environment.clone()
        };
        self.run.trace(environment, how);
    }

    /// Waits for the next of its times.
    fn wait(&mut self, context: &mut Context<'_>) {
        let times = [self.doom.at, self.doom.freeze.map(|(at, _)| at), self.thaws, Some(self.deadline)];
        let now = Instant::now();
        let Some(next) = times.into_iter().flatten().filter(|at| *at > now).min() else { return };
        let mut alarm = Box::pin(sleep_until(next));
        _ = alarm.as_mut().poll(context);
        self.alarm = Some(alarm);
    }
}

impl<F: Future> Future for Doomed<F> {
    type Output = End<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let now = Instant::now();
        this.polls += 1;
        this.polled_at = (now, if this.polled_at.0 == now { this.polled_at.1 + 1 } else { 1 });
        if this.polled_at.1 >= MOST_POLLS {
            this.run.violation("no-spin", "a function goes round in a circle, and time stands still");
            this.broken("died");
            return Poll::Ready(End::Died);
        }
        if this.doom.at_poll.is_some_and(|poll| poll <= this.polls) || this.doom.at.is_some_and(|at| at <= now) {
            this.broken("died");
            return Poll::Ready(End::Died);
        }
        if let Some((at, pause)) = this.doom.freeze
            && at <= now
        {
            this.doom.freeze = None;
            this.thaws = Some(now + pause);
            this.broken("frozen");
        }
        if this.thaws.is_some_and(|thaws| thaws > now) {
            this.wait(context);
            return Poll::Pending;
        }
        if this.thaws.take().is_some() {
            this.broken("thawed");
        }
        if this.deadline <= now {
            this.broken("cut off");
            return Poll::Ready(End::CutOff);
        }
        // A task that panics ends quietly: what an invariant found would be lost.
        match catch_unwind(AssertUnwindSafe(|| this.inner.as_mut().poll(context))) {
            Ok(Poll::Ready(returned)) => return Poll::Ready(End::Returned(returned)),
            Ok(Poll::Pending) => {}
            Err(panic) => {
                this.run.violation("panic", message(&*panic));
                this.broken("died");
                return Poll::Ready(End::Died);
            }
        }
        this.wait(context);
        Poll::Pending
    }
}

/// What a panic says.
fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without a message").to_owned()
}

/// Milliseconds as a duration.
pub(crate) fn ms(ms: Ms) -> Duration {
    Duration::from_millis(ms)
}
