//! Histories for the tests of the rules: a clean one, which each test breaks.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::history::History;
use crate::record::{
    Action, Answer, Arrival, Callbacks, Change, EventType, Failed, Fault, FaultKind, LogRead, Logged, Operation,
    Record, Status, Subscription,
};
use crate::settings::Settings;
use crate::violation::Violation;

pub(crate) const URL: &str = "https://one.example/hook?x=1";
pub(crate) const OTHER: &str = "https://two.example/";

/// Returns the time so many seconds after the beginning.
pub(crate) fn second(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

fn ms(ms: i64) -> SignedDuration {
    SignedDuration::from_millis(ms)
}

pub(crate) struct Scenario {
    pub(crate) settings: Settings,
    records: Vec<Record>,
}

macro_rules! push {
    ($scenario:ident, $kind:ident, $record:expr) => {{
        $scenario.records.push(Record::$kind($record));
        match $scenario.records.last_mut() {
            Some(Record::$kind(record)) => record,
            _ => unreachable!("just pushed"),
        }
    }};
}

impl Scenario {
    /// `URL` is configured for everything from the beginning, and nothing has happened.
    pub(crate) fn configured() -> Self {
        let mut scenario = Self { settings: Settings::default(), records: Vec::new() };
        scenario.callbacks(0, &[URL]);
        scenario.log_read(100_000);
        scenario
    }

    /// Two instances lived, and everything was delivered.
    pub(crate) fn delivered() -> Self {
        let mut scenario = Self::configured();
        for (at, instance, process) in [(10, "i-1", "a"), (11, "i-1", "b"), (12, "i-2", "a"), (13, "i-1", "c")] {
            scenario.deliver(at, instance, process);
        }
        scenario
    }

    pub(crate) fn callbacks(&mut self, at: i64, urls: &[&str]) -> &mut Callbacks {
        let urls: Vec<String> = urls.iter().map(ToString::to_string).collect();
        let [created, updated, deleted] = [(); 3].map(|()| urls.clone());
        let workspace = "default".into();
        let (replaces, acknowledged) = (BTreeMap::new(), true);
        push!(
            self,
            Callbacks,
            Callbacks { workspace, began: None, at: second(at), created, updated, deleted, replaces, acknowledged }
        )
    }

    /// `OTHER` takes the place of `URL`.
    pub(crate) fn replaced(&mut self, at: i64) {
        self.replacing(at, true);
    }

    /// The same; it may not be known whether it counts.
    pub(crate) fn replacing(&mut self, at: i64, acknowledged: bool) {
        let callbacks = self.callbacks(at, &[OTHER]);
        callbacks.replaces = BTreeMap::from([(OTHER.to_owned(), URL.to_owned())]);
        callbacks.acknowledged = acknowledged;
    }

    /// An acknowledged change, its arrival, and its row of the log.
    pub(crate) fn deliver(&mut self, at: i64, instance: &str, process: &str) {
        self.change(at, instance, process);
        self.arrival(at, instance, process);
        self.logged(at, instance, process, "delivered");
    }

    /// The first change of an instance creates it.
    pub(crate) fn change(&mut self, at: i64, instance: &str, process: &str) -> &mut Change {
        let known = self.records.iter().any(|it| matches!(it, Record::Change(it) if it.instance == instance));
        let event_type = if known { EventType::Updated } else { EventType::Created };
        let (workspace, instance, process) = ("default".into(), instance.into(), process.into());
        let at = second(at);
        let (began, number, event, acknowledged, handled) = (None, None, None, true, None);
        push!(
            self,
            Change,
            Change {
                workspace,
                instance,
                process,
                event_type,
                began,
                at,
                acknowledged,
                number,
                event,
                handled,
                attributes: BTreeMap::new(),
                changed: BTreeSet::new(),
            }
        )
    }

    fn event_type(&self, of: (&str, &str)) -> EventType {
        let mut changes = self.records.iter().filter_map(|it| match it {
            Record::Change(it) if (it.instance.as_str(), it.process.as_str()) == of => Some(it.event_type),
            _ => None,
        });
        changes.next().unwrap_or(EventType::Updated)
    }

    /// The next attempt of a change at `URL`, 50 ms after the second, acknowledged 10 ms later.
    pub(crate) fn arrival(&mut self, at: i64, instance: &str, process: &str) -> &mut Arrival {
        let event = format!("{instance}/{process}");
        let earlier = self.records.iter().filter(|it| matches!(it, Record::Arrival(it) if it.event == event)).count();
        let event_type = self.event_type((instance, process));
        let at = second(at) + ms(50);
        let target = format!("/hook?x=1&instanceID={instance}&processName={process}&eventType={}", event_type.as_str());
        let answer = Some(Answer { status: 200, at: at + ms(10), retry_after: None, lost: false });
        let (url, target) = (URL.to_owned(), Some(target));
        let (instance, process, attempt) = (instance.into(), process.into(), earlier as u64 + 1);
        let (closed_at, invoked) = (None, None);
        push!(
            self,
            Arrival,
            Arrival { url, target, instance, process, event_type, event, attempt, at, answer, closed_at, invoked }
        )
    }

    /// All arrivals so far.
    pub(crate) fn arrivals(&mut self) -> impl Iterator<Item = &mut Arrival> {
        self.records.iter_mut().filter_map(|it| match it {
            Record::Arrival(it) => Some(it),
            _ => None,
        })
    }

    /// The same, answered with this status.
    pub(crate) fn answered(&mut self, at: i64, instance: &str, process: &str, status: u16) -> &mut Arrival {
        let arrival = self.arrival(at, instance, process);
        arrival.answer.as_mut().unwrap().status = status;
        arrival
    }

    pub(crate) fn logged(&mut self, at: i64, instance: &str, process: &str, status: &str) -> &mut Logged {
        let event = format!("{instance}/{process}");
        let event_type = self.event_type((instance, process));
        let status = match status {
            "pending" => Status::Pending,
            "delivered" => Status::Delivered,
            "superseded" => Status::Superseded,
            _ => Status::Failed,
        };
        let logged = Logged {
            delivery: format!("{event}~1"),
            event,
            workspace: "default".into(),
            url: URL.into(),
            instance: instance.into(),
            process: process.into(),
            event_type,
            changed_at: Some(second(at)),
            status,
            attempt_count: 1,
            give_up_reason: None,
            attempts: Vec::new(),
        };
        push!(self, Logged, logged)
    }

    pub(crate) fn failed(&mut self, at: i64, instance: &str, process: &str) {
        let (url, event) = (URL.into(), format!("{instance}/{process}"));
        self.records.push(Record::Failed(Failed { url, event, at: second(at) }));
    }

    pub(crate) fn log_read(&mut self, at: i64) {
        self.records.push(Record::LogRead(LogRead { at: second(at) }));
    }

    pub(crate) fn operation(&mut self, at: i64, action: Action) -> &mut Operation {
        let (at, url) = (second(at), Some(URL.to_owned()));
        push!(self, Operation, Operation { action, began: None, at, workspace: None, url, event: None })
    }

    pub(crate) fn fault(&mut self, at: i64, fault: FaultKind) -> &mut Fault {
        push!(self, Fault, Fault { fault, at: second(at), until: None, url: None, event: None })
    }

    /// `URL` asks for this from then on.
    pub(crate) fn asks(&mut self, at: i64, changed: &[&str], conditions: &[(&str, &[&str])]) {
        let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
        let (workspace, url, at) = ("default".into(), URL.into(), second(at));
        let conditions = conditions.iter().map(|(name, any)| ((*name).to_owned(), texts(any))).collect();
        let subscription = Subscription { workspace, url, began: at, at, changed: texts(changed), conditions };
        self.records.push(Record::Subscription(subscription));
    }

    pub(crate) fn history(&self) -> History {
        let mut history = History::default();
        history.push(Record::Settings(self.settings.clone()));
        history.extend(self.records.iter().cloned());
        history
    }

    pub(crate) fn check(&self) -> Vec<Violation> {
        crate::check(&self.history())
    }

    /// Asserts that this rule is broken, once, and no other, and returns how.
    pub(crate) fn sole_violation(&self, rule: &str) -> Violation {
        let mut found = self.check();
        assert_eq!(found.iter().map(|it| it.rule).collect::<Vec<_>>(), [rule], "{found:#?}");
        found.remove(0)
    }

    pub(crate) fn is_clean(&self) {
        assert_eq!(self.check(), [], "no rule is broken");
    }
}
