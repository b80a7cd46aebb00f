//! The records put together: each delivery with its change, its arrivals and its rows of the log.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::Timestamp;

use crate::causes::{Causes, Subject};
use crate::configuration::{Configuration, Urls};
use crate::delivery::Delivery;
use crate::history::{History, Line};
use crate::matching;
use crate::record::{Arrival, Change, Failed, Logged, Record};
use crate::settings::{Settings, earlier, later};
use crate::subscriptions::{Asked, Subscriptions};

/// All that the rules look at.
#[derive(Debug)]
pub(crate) struct Ledger<'h> {
    pub(crate) settings: Settings,
    /// In the order of the lines.
    pub(crate) changes: Vec<Line<'h, Change>>,
    /// In time.
    pub(crate) arrivals: Vec<Line<'h, Arrival>>,
    pub(crate) logged: Vec<Line<'h, Logged>>,
    pub(crate) failed: Vec<Line<'h, Failed>>,
    /// Time at which the log was read; that of the last change or arrival if no record says.
    pub(crate) log_read: Timestamp,
    pub(crate) configuration: Configuration<'h>,
    pub(crate) causes: Causes<'h>,
    subscriptions: Subscriptions<'h>,
    /// By URL and event.
    pub(crate) deliveries: Vec<Delivery<'h>>,
    by_change: HashMap<(usize, &'h str), Vec<usize>>,
}

/// A URL in a workspace. The workspace is unknown if neither a change nor callbacks name it.
pub(crate) type Endpoint<'h> = (Option<&'h str>, &'h str);

/// The records of one kind.
macro_rules! of_kind {
    ($history:ident, $kind:ident) => {
        $history.of_kind(|record| match record {
            Record::$kind(record) => Some(record),
            _ => None,
        })
    };
}

impl<'h> Ledger<'h> {
    pub(crate) fn new(history: &'h History) -> Self {
        let settings = of_kind!(history, Settings).last().map(|line| line.record().clone()).unwrap_or_default();
        let mut arrivals = of_kind!(history, Arrival);
        arrivals.sort_by_key(|line| (line.at, line.order));
        let changes = of_kind!(history, Change);
        let last = changes.iter().map(|it| it.at).chain(arrivals.iter().map(|it| it.at)).max().unwrap_or_default();
        let log_read = of_kind!(history, LogRead).last().map_or(last, |line| line.at);
        let mut ledger = Self {
            settings,
            changes,
            arrivals,
            logged: of_kind!(history, Logged),
            failed: of_kind!(history, Failed),
            log_read,
            configuration: Configuration::new(of_kind!(history, Callbacks)),
            subscriptions: Subscriptions::new(of_kind!(history, Subscription)),
            causes: Causes::new(of_kind!(history, Fault), of_kind!(history, Operation)),
            deliveries: Vec::new(),
            by_change: HashMap::new(),
        };
        ledger.join();
        ledger
    }

    fn join(&mut self) {
        let configured: HashSet<_> =
            (0..self.changes.len()).filter(|index| !self.urls(*index).ever.is_empty()).collect();
        let by_event = matching::by_event(&self.changes, &configured, &self.arrivals, &self.logged);
        let mut joined = Joined { by_event, deliveries: BTreeMap::new() };
        for line in &self.arrivals {
            let it = line.record();
            joined.delivery(&it.url, &it.event, &it.instance).arrivals.push(*line);
        }
        for line in &self.logged {
            let it = line.record();
            let delivery = joined.delivery(&it.url, &it.event, &it.instance);
            delivery.workspace = Some(&it.workspace);
            delivery.logged.push(*line);
        }
        self.deliveries = joined.deliveries.into_values().collect();
        for (index, delivery) in self.deliveries.iter_mut().enumerate() {
            if let Some(change) = delivery.change {
                delivery.workspace = Some(&self.changes[change].record().workspace);
                self.by_change.entry((change, delivery.url)).or_default().push(index);
            } else if let [only] = self.configuration.workspaces_of(delivery.url)[..] {
                delivery.workspace = Some(only);
            }
        }
    }

    /// Returns the URLs that a change may or must have been sent to.
    pub(crate) fn urls(&self, change: usize) -> Urls<'h> {
        let (from, to) = self.span(change);
        let change = &self.changes[change];
        self.configuration.urls(&change.workspace, change.event_type, from, to)
    }

    /// Returns whether an endpoint asks for a change.
    pub(crate) fn asked(&self, change: usize, url: &str) -> Asked {
        self.subscriptions.ask(url, &self.changes[change], self.span(change))
    }

    /// Returns the time from which, and the time until which, the fan-out may have passed a change on.
    fn span(&self, change: usize) -> (Timestamp, Timestamp) {
        let change = &self.changes[change];
        let from = earlier(change.began.unwrap_or(change.at), self.settings.tolerance);
        (from, change.handled.unwrap_or(later(change.at, self.settings.stream_delay)))
    }

    /// Returns the deliveries of a change to a URL. There is one, or none, if all is well.
    pub(crate) fn deliveries_of(&self, change: usize, url: &'h str) -> impl Iterator<Item = &Delivery<'h>> {
        self.by_change.get(&(change, url)).into_iter().flatten().map(|index| &self.deliveries[*index])
    }

    /// Returns the changes of each instance of each workspace, in its order.
    pub(crate) fn lives(&self) -> BTreeMap<(&'h str, &'h str), Vec<usize>> {
        let mut lives: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (index, change) in self.changes.iter().enumerate() {
            let change = change.record();
            lives.entry((change.workspace.as_str(), change.instance.as_str())).or_default().push(index);
        }
        for life in lives.values_mut() {
            life.sort_by_key(|index| self.changes[*index].number);
        }
        lives
    }

    /// Returns the arrivals at each endpoint, in time.
    pub(crate) fn by_endpoint(&self) -> BTreeMap<Endpoint<'h>, Vec<Line<'h, Arrival>>> {
        let mut endpoints: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for delivery in &self.deliveries {
            endpoints.entry(delivery.endpoint()).or_default().extend(&delivery.arrivals);
        }
        for arrivals in endpoints.values_mut() {
            arrivals.sort_by_key(|line: &Line<'_, Arrival>| (line.at, line.order));
        }
        endpoints
    }

    /// Whether a fault explains that a delivery was sent again at `at`, or that its record is missing then.
    pub(crate) fn interrupted(&self, delivery: &Delivery<'_>, from: Timestamp, at: Timestamp) -> bool {
        let changed = delivery.change.map(|change| self.changes[change].at);
        self.causes.interrupted(delivery.subject(), changed, (from, at), &self.settings)
    }

    /// Returns the URLs that a delivery's URL replaced by `at`.
    pub(crate) fn replaced_by(&self, delivery: &Delivery<'h>, at: Timestamp) -> BTreeSet<&'h str> {
        self.configuration.predecessors(delivery.workspace.unwrap_or_default(), delivery.url, at)
    }

    /// Whether an event may have come to a URL by `at` as what was pending for one that it replaced.
    pub(crate) fn moved(&self, delivery: &Delivery<'h>, at: Timestamp) -> bool {
        let replaced = self.replaced_by(delivery, at);
        delivery.change.is_some_and(|change| self.urls(change).ever.iter().any(|url| replaced.contains(url)))
    }

    /// Whether a delivery was replayed between these times.
    pub(crate) fn replayed(&self, of: Subject<'_>, from: Timestamp, to: Timestamp) -> bool {
        self.causes.replayed(of, from, to, &self.settings)
    }
}

struct Joined<'h> {
    by_event: HashMap<&'h str, usize>,
    deliveries: BTreeMap<(&'h str, &'h str), Delivery<'h>>,
}

impl<'h> Joined<'h> {
    fn delivery(&mut self, url: &'h str, event: &'h str, instance: &'h str) -> &mut Delivery<'h> {
        let change = self.by_event.get(event).copied();
        let new = || Delivery { url, event, instance, workspace: None, change, arrivals: vec![], logged: vec![] };
        self.deliveries.entry((url, event)).or_insert_with(new)
    }
}
