//! What has happened in a run: the trace, for people, and what the checks are made on.

use std::collections::BTreeSet;
use std::fmt::{Display, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use history::record::Callbacks;
use jiff::Timestamp;
use tokio::time::Instant;
use webhooks_model::callback_url::CallbackUrl;
use webhooks_model::endpoint::{Endpoint, EndpointId};

use crate::scenario::{Act, Change, Ms, Scenario};

/// The true time at which every run begins.
const BEGINNING: i64 = 1_800_000_000;

/// What the parts of a run share.
pub(crate) struct Run {
    pub(crate) scenario: Scenario,
    pub(crate) endpoints: Vec<Configured>,
    begun: Instant,
    calm: AtomicBool,
    names: AtomicU64,
    history: Mutex<History>,
}

impl std::fmt::Debug for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run").field("seed", &self.scenario.seed).finish_non_exhaustive()
    }
}

/// An endpoint of the scenario.
#[derive(Debug)]
pub(crate) struct Configured {
    pub(crate) workspace: u8,
    pub(crate) endpoint: Endpoint,
}

/// What has happened.
#[derive(Debug, Default)]
pub(crate) struct History {
    pub(crate) trace: String,
    /// Changes, by their number.
    pub(crate) changes: Vec<Made>,
    pub(crate) arrivals: Vec<Arrival>,
    pub(crate) invocations: Vec<Invocation>,
    /// Which endpoints are configured, from when on.
    pub(crate) configured: Vec<(Ms, usize, Known)>,
    pub(crate) acts: Vec<Acted>,
    /// Which endpoints were, perhaps, replaced by which.
    pub(crate) replaced: Vec<(usize, usize)>,
    /// The callbacks that were asked for.
    pub(crate) callbacks: Vec<Callbacks>,
    pub(crate) unreached: Vec<Unreached>,
    /// Deliveries that were recorded as failed.
    pub(crate) failed: Vec<Failed>,
    /// How the records of endpoints changed.
    pub(crate) records: Vec<Recorded>,
    pub(crate) violations: Vec<Violation>,
}

/// Whether an endpoint is configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    Yes,
    No,
    /// A change of it is on its way, or failed and may have been made.
    Perhaps,
}

/// A change, and what became of its record.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) change: Change,
    /// The invocations that it was handed to.
    pub(crate) handed: Vec<usize>,
    /// When the mapping went past it.
    pub(crate) done: Option<Ms>,
    /// Whether the mapping hands it over once more, and has not gone past it since.
    pub(crate) comes_again: bool,
}

/// A request that arrived at an endpoint.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub(crate) sent: Ms,
    pub(crate) at: Ms,
    pub(crate) endpoint: usize,
    pub(crate) event: usize,
    pub(crate) attempt: u64,
    pub(crate) target: String,
    pub(crate) invocation: usize,
    pub(crate) retry_after_s: u16,
    /// The answer's status, and when it was given.
    pub(crate) answered: Option<(Ms, u16)>,
    /// When the connection was closed without an answer.
    pub(crate) closed: Option<Ms>,
    /// When the sender had it.
    pub(crate) seen: Option<Ms>,
}

/// An attempt that did not reach its endpoint.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unreached {
    pub(crate) sent: Ms,
    pub(crate) endpoint: usize,
    pub(crate) event: usize,
    pub(crate) invocation: usize,
}

/// What was invoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Batch,
    Drain(usize),
    Sweep,
    Api,
}

/// An invocation of a function.
#[derive(Debug)]
pub(crate) struct Invocation {
    pub(crate) kind: Kind,
    pub(crate) environment: String,
    pub(crate) began: Ms,
    pub(crate) responded: Option<Ms>,
    pub(crate) ended: Option<Ms>,
    /// When it was frozen, died or was given up.
    pub(crate) broken: Vec<Ms>,
    pub(crate) frozen: bool,
    pub(crate) cut_off: bool,
    /// Calls of the store, those that failed, and how long all took, one after the other.
    pub(crate) calls: usize,
    pub(crate) faults: Vec<Ms>,
    pub(crate) store_ms: Ms,
    pub(crate) unprocessed: u32,
}

/// Something that an administrator did.
#[derive(Debug)]
pub(crate) struct Acted {
    pub(crate) act: Act,
    pub(crate) began: Ms,
    pub(crate) ended: Option<Ms>,
    pub(crate) status: u16,
}

/// A delivery that was recorded as failed.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) at: Ms,
    pub(crate) event: usize,
    pub(crate) endpoint: usize,
    pub(crate) reason: String,
}

/// An endpoint's record, as far as it is checked.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Recorded {
    pub(crate) at: Ms,
    pub(crate) endpoint: usize,
    pub(crate) health: String,
    pub(crate) probe_at: Option<i64>,
    pub(crate) wake_at: Option<i64>,
    pub(crate) has_backlog: bool,
    pub(crate) held: Vec<String>,
    /// The end of its lease, in milliseconds.
    pub(crate) lease_until: Option<i64>,
    /// Whether it is paused until an administrator ends that.
    pub(crate) paused: bool,
    /// Whether a part of it cannot be read.
    pub(crate) damaged: bool,
}

/// A sentence of `design.md` that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which rule.
    pub rule: &'static str,
    /// What happened.
    pub text: String,
}

impl From<&history::Violation> for Violation {
    fn from(found: &history::Violation) -> Self {
        Self { rule: found.rule, text: found.to_string() }
    }
}

impl Violation {
    /// A run that panicked.
    pub fn panic(seed: u64) -> Self {
        Self { rule: "panic", text: format!("seed {seed} panics") }
    }
}

impl Run {
    pub(crate) fn new(scenario: Scenario) -> Self {
        let endpoint = |(number, receiver): (usize, &crate::scenario::Receiver)| {
            let url = format!("https://1.1.1.1/w{}/r{number}", receiver.workspace);
            let url = CallbackUrl::try_from(url).expect("a valid URL");
            Configured { workspace: receiver.workspace, endpoint: Endpoint::from(url) }
        };
        let endpoints = scenario.endpoints.iter().enumerate().map(endpoint).collect();
        Self {
            scenario,
            endpoints,
            begun: Instant::now(),
            calm: AtomicBool::new(false),
            names: AtomicU64::new(0),
            history: Mutex::default(),
        }
    }

    /// Milliseconds since the beginning.
    pub(crate) fn ms(&self) -> Ms {
        Ms::try_from(self.begun.elapsed().as_millis()).unwrap_or(Ms::MAX)
    }

    /// The true time.
    pub(crate) fn now(&self) -> Timestamp {
        self.at(0) + self.begun.elapsed()
    }

    /// The true time so many milliseconds after the beginning.
    pub(crate) fn at(&self, ms: Ms) -> Timestamp {
        Timestamp::from_second(BEGINNING).unwrap_or_default() + Duration::from_millis(ms)
    }

    pub(crate) async fn until(&self, at: Ms) {
        tokio::time::sleep_until(self.begun + Duration::from_millis(at)).await;
    }

    /// Whether nothing fails any more.
    pub(crate) fn is_calm(&self) -> bool {
        self.calm.load(Ordering::Relaxed)
    }

    pub(crate) fn calm_down(&self, calm: bool) {
        self.calm.store(calm, Ordering::Relaxed);
    }

    pub(crate) fn unique_name(&self) -> String {
        format!("{:032x}", self.names.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a line to the trace.
    pub(crate) fn trace(&self, actor: impl Display, what: impl Display) {
        let ms = self.ms();
        let history = &mut *self.history();
        _ = writeln!(history.trace, "{:>10}.{:03} {actor} {what}", ms / 1_000, ms % 1_000);
    }

    pub(crate) fn violation(&self, rule: &'static str, text: impl Display) {
        self.trace("!", format_args!("{rule}: {text}"));
        self.history().violations.push(Violation { rule, text: text.to_string() });
    }

    pub(crate) fn begin(&self, kind: Kind, environment: &str) -> usize {
        let began = self.ms();
        let invocations = &mut self.history().invocations;
        invocations.push(Invocation {
            kind,
            environment: environment.to_owned(),
            began,
            responded: None,
            ended: None,
            broken: Vec::new(),
            frozen: false,
            cut_off: false,
            calls: 0,
            faults: Vec::new(),
            store_ms: 0,
            unprocessed: 0,
        });
        invocations.len() - 1
    }

    /// The endpoint of this workspace and id.
    pub(crate) fn endpoint(&self, workspace: &str, id: &str) -> Option<usize> {
        self.endpoints.iter().position(|it| workspace_name(it.workspace) == workspace && it.endpoint.id.as_str() == id)
    }

    /// The endpoint of this id: ids are of URLs, and URLs name their workspace.
    pub(crate) fn endpoint_of(&self, id: &EndpointId) -> Option<usize> {
        self.endpoints.iter().position(|it| it.endpoint.id == *id)
    }

    /// Records whether an endpoint is configured from now on.
    pub(crate) fn configured(&self, endpoint: usize, known: Known) {
        let at = self.ms();
        self.history().configured.push((at, endpoint, known));
    }
}

impl History {
    /// Whether an endpoint was configured all that time, or none of it.
    pub(crate) fn was_configured(&self, endpoint: usize, from: Ms, to: Ms) -> Known {
        let mut known = Vec::new();
        let mut before = None;
        for (at, _, state) in self.configured.iter().filter(|(_, it, _)| *it == endpoint) {
            if *at <= from {
                before = Some(*state);
            } else if *at <= to {
                known.push(*state);
            }
        }
        // At `from` itself both what was and what is count.
        known.extend(before);
        known.extend(self.configured.iter().filter(|(at, it, _)| *it == endpoint && *at == from).map(|it| it.2));
        match known.first() {
            Some(first) if known.iter().all(|it| it == first) => *first,
            None => Known::No,
            Some(_) => Known::Perhaps,
        }
    }

    /// How often a drain has renewed its lease. Only that changes its end, and not when the endpoint is to be woken.
    pub(crate) fn renewals(&self) -> usize {
        let is_renewed = |(before, after): &(&Recorded, &Recorded)| {
            before.lease_until.is_some_and(|until| after.lease_until > Some(until)) && before.wake_at == after.wake_at
        };
        let of = |endpoint| self.records.iter().filter(move |it| it.endpoint == endpoint);
        let endpoints: BTreeSet<_> = self.records.iter().map(|it| it.endpoint).collect();
        endpoints.into_iter().map(|it| of(it).zip(of(it).skip(1)).filter(is_renewed).count()).sum()
    }

    /// How many drains died.
    pub(crate) fn deaths(&self) -> usize {
        let died = |it: &&Invocation| !it.broken.is_empty() && !it.frozen && !it.cut_off;
        self.invocations.iter().filter(|it| matches!(it.kind, Kind::Drain(_))).filter(died).count()
    }

    /// The last record of an endpoint.
    pub(crate) fn record(&self, endpoint: usize) -> Option<&Recorded> {
        self.records.iter().rev().find(|it| it.endpoint == endpoint)
    }
}

pub(crate) fn workspace_name(workspace: u8) -> String {
    format!("w{workspace}")
}

pub(crate) fn instance_id(instance: u8) -> String {
    format!("i-{instance}")
}

pub(crate) fn event_id(number: usize) -> String {
    format!("event-{number}")
}

pub(crate) fn event_number(id: &str) -> Option<usize> {
    id.strip_prefix("event-")?.parse().ok()
}
