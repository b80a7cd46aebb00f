//! What happened, as the history checker takes it.

use std::collections::{BTreeMap, BTreeSet};

use history::record::{
    Action as Operated, Answer, Arrival, Change, EventType, Failed, Fault, FaultKind, LogRead, Logged, Operation,
    Status,
};
use history::{Record, Settings};
use jiff::{SignedDuration, Timestamp};

use crate::history::{Acted, History, Run, Unreached, event_id, instance_id, workspace_name};
use crate::scenario::{Action, Ms};
use crate::tables::Row;

/// Clocks that differ by more than a claim's margin let two send at a time.
const CLAIM_MARGIN: Ms = 3_000;

/// Time for which what was decided before a change may still arrive. A drain reads the configuration every second.
const TIME: SignedDuration = SignedDuration::from_secs(60);

/// The process of every instance.
pub(crate) const PROCESS: &str = "p";

/// Returns the history of a run whose log has these rows.
pub(crate) fn history(run: &Run, rows: &[Row]) -> history::History {
    let of = Recorded { run, history: &run.history() };
    let mut all = history::History::default();
    // Times are true ones. How long what a fault has left behind may wait is not bounded: its endpoint may be paused.
    let exact = Settings {
        tolerance: SignedDuration::ZERO,
        grace: TIME,
        fault_reach: SignedDuration::MAX,
        ..Settings::default()
    };
    all.push(Record::Settings(exact));
    all.extend(of.history.callbacks.iter().cloned().map(Record::Callbacks));
    all.extend((0..of.history.changes.len()).map(|number| of.change(number)));
    all.extend(of.history.acts.iter().flat_map(|act| of.operations(act)));
    all.extend(of.faults());
    all.extend((0..of.history.arrivals.len()).map(|number| of.arrival(number)));
    all.extend(
        of.history.failed.iter().map(|it| {
            Record::Failed(Failed { url: of.url(it.endpoint), event: event_id(it.event), at: run.at(it.at) })
        }),
    );
    all.extend(rows.iter().map(|row| of.row(row)));
    all.push(Record::LogRead(LogRead { at: run.now() }));
    all
}

struct Recorded<'r> {
    run: &'r Run,
    history: &'r History,
}

impl Recorded<'_> {
    fn url(&self, endpoint: usize) -> String {
        self.run.endpoints[endpoint].endpoint.url.as_str().to_owned()
    }

    fn change(&self, number: usize) -> Record {
        let made = &self.history.changes[number];
        Record::Change(Change {
            workspace: workspace_name(made.change.workspace),
            instance: instance_id(made.change.instance),
            process: PROCESS.to_owned(),
            event_type: event_type(made.change.kind),
            began: None,
            at: self.run.at(made.change.at),
            acknowledged: true,
            number: None,
            event: Some(event_id(number)),
            handled: Some(made.done.map_or(Timestamp::MAX, |at| self.run.at(at))),
            attributes: BTreeMap::new(),
            changed: BTreeSet::new(),
        })
    }

    fn arrival(&self, number: usize) -> Record {
        let it = &self.history.arrivals[number];
        let change = self.history.changes[it.event].change;
        let answer = it.answered.map(|(at, status)| Answer {
            status,
            at: self.run.at(at),
            retry_after: (it.retry_after_s > 0).then(|| SignedDuration::from_secs(it.retry_after_s.into())),
            lost: it.seen.is_none(),
        });
        Record::Arrival(Arrival {
            url: self.url(it.endpoint),
            target: Some(it.target.clone()),
            instance: instance_id(change.instance),
            process: PROCESS.to_owned(),
            event_type: event_type(change.kind),
            event: event_id(it.event),
            attempt: it.attempt,
            at: self.run.at(it.at),
            answer,
            closed_at: it.closed.map(|at| self.run.at(at)),
            invoked: Some(self.run.at(self.history.invocations[it.invocation].began)),
        })
    }

    fn row(&self, row: &Row) -> Record {
        let change = self.history.changes[row.event].change;
        Record::Logged(Logged {
            delivery: format!("{}~{}~{}", row.event, row.endpoint, row.place),
            event: event_id(row.event),
            workspace: workspace_name(change.workspace),
            url: self.url(row.endpoint),
            instance: row.instance.clone(),
            process: PROCESS.to_owned(),
            event_type: event_type(change.kind),
            changed_at: Some(self.run.at(change.at)),
            status: match row.status.as_str() {
                "pending" => Status::Pending,
                "delivered" => Status::Delivered,
                "superseded" => Status::Superseded,
                _ => Status::Failed,
            },
            attempt_count: 0,
            give_up_reason: None,
            attempts: Vec::new(),
        })
    }

    fn operations(&self, acted: &Acted) -> Vec<Record> {
        let endpoint = usize::from(acted.act.endpoint);
        let of = |action, event: Option<usize>| {
            Record::Operation(Operation {
                action,
                began: Some(self.run.at(acted.began)),
                at: acted.ended.map_or(Timestamp::MAX, |at| self.run.at(at)),
                workspace: None,
                url: Some(self.url(endpoint)),
                event: event.map(event_id),
            })
        };
        let ended = acted.ended.unwrap_or(Ms::MAX);
        let replay = |events: BTreeSet<usize>| events.into_iter().map(|it| of(Operated::Replay, Some(it))).collect();
        match acted.act.action {
            Action::Pause if acted.status == 200 => vec![of(Operated::Pause, None)],
            Action::PauseFor { ms } => {
                // One without an answer may be in force, too: then it ends an earlier pause at its own end.
                let pause = (acted.status == 200).then(|| of(Operated::Pause, None));
                pause.into_iter().chain(self.end_of_pause(acted, ms)).collect()
            }
            Action::Unpause => vec![of(Operated::Resume, None)],
            // Where a record is damaged, what cannot be read is reset: that may be a pause.
            Action::Resume if self.was_damaged(endpoint, ended) => {
                vec![of(Operated::Probe, None), of(Operated::Resume, None)]
            }
            Action::Resume => vec![of(Operated::Probe, None)],
            Action::Latest => vec![of(Operated::Latest, None)],
            Action::Every => vec![of(Operated::Every, None)],
            Action::ReplayFailed => {
                let failed = self.history.failed.iter().filter(|it| it.endpoint == endpoint && it.at <= ended);
                replay(failed.map(|it| it.event).collect())
            }
            Action::ReplayDelivered => {
                let delivered = self.history.arrivals.iter().filter(|it| it.endpoint == endpoint);
                let by = |at: Ms, status: u16| at <= ended && (200..300).contains(&status);
                replay(
                    delivered
                        .filter(|it| it.answered.is_some_and(|(at, status)| by(at, status)))
                        .map(|it| it.event)
                        .collect(),
                )
            }
            _ => vec![],
        }
    }

    fn was_damaged(&self, endpoint: usize, before: Ms) -> bool {
        let mut damages = self.history.acts.iter().filter(|it| matches!(it.act.action, Action::Damage { .. }));
        damages.any(|it| usize::from(it.act.endpoint) == endpoint && it.began <= before)
    }

    /// The end of a pause that ends by itself: unless it was certainly changed before.
    fn end_of_pause(&self, acted: &Acted, ms: Ms) -> Option<Record> {
        let (earliest, at) = (acted.began + ms, acted.ended? + ms);
        let earliest = earliest.saturating_sub(self.run.scenario.environments.skew_ms);
        let changed = self.history.acts.iter().any(|it| {
            let is_pause = matches!(it.act.action, Action::Pause | Action::PauseFor { .. } | Action::Unpause);
            let is_before_the_end = it.began > acted.began && it.ended.is_some_and(|ended| ended < earliest);
            is_pause && it.status == 200 && it.act.endpoint == acted.act.endpoint && is_before_the_end
        });
        if changed || at > self.run.ms() {
            return None;
        }
        Some(Record::Operation(Operation {
            action: Operated::Resume,
            began: Some(self.run.at(earliest)),
            at: self.run.at(at),
            workspace: None,
            url: Some(self.url(usize::from(acted.act.endpoint))),
            event: None,
        }))
    }

    /// What is left behind by a fault may be found up to the end.
    fn fault(&self, fault: FaultKind, at: Ms, url: Option<usize>, event: Option<usize>) -> Record {
        let (url, event) = (url.map(|it| self.url(it)), event.map(event_id));
        Record::Fault(Fault { fault, at: self.run.at(at), until: Some(self.run.now()), url, event })
    }

    fn faults(&self) -> Vec<Record> {
        let mut faults = Vec::new();
        if 2 * self.run.scenario.environments.skew_ms > CLAIM_MARGIN {
            faults.push(self.fault(FaultKind::ClocksApart, 0, None, None));
        }
        for (number, it) in self.history.invocations.iter().enumerate() {
            let arrived = self.history.arrivals.iter().map(|it| (it.invocation, it.endpoint, it.event));
            let unreached = self.history.unreached.iter().map(|it| (it.invocation, it.endpoint, it.event));
            let sent = arrived.chain(unreached).filter(|(by, ..)| *by == number);
            let handed = self.history.changes.iter().enumerate().filter(|(_, it)| it.handed.contains(&number));
            let concerned: BTreeSet<_> = sent
                .map(|(_, endpoint, event)| (Some(endpoint), event))
                .chain(handed.map(|(event, _)| (None, event)))
                .collect();
            for (kind, times) in [(FaultKind::GivenUpInvocation, &it.broken), (FaultKind::StoreWrite, &it.faults)] {
                let Some(at) = times.iter().min() else { continue };
                faults.extend(concerned.iter().map(|(url, event)| self.fault(kind, *at, *url, Some(*event))));
            }
        }
        for (event, made) in self.history.changes.iter().enumerate() {
            if let Some(again) = made.handed.get(1) {
                let at = self.history.invocations[*again].began;
                faults.push(self.fault(FaultKind::RedeliveredBatch, at, None, Some(event)));
            }
        }
        let unreachable = |it: &Unreached| {
            let (at, url, event) = (self.run.at(it.sent), Some(self.url(it.endpoint)), Some(event_id(it.event)));
            Record::Fault(Fault { fault: FaultKind::Unreachable, at, until: Some(at), url, event })
        };
        faults.extend(self.history.unreached.iter().map(unreachable));
        faults
    }
}

fn event_type(kind: u8) -> EventType {
    [EventType::Created, EventType::Updated, EventType::Deleted][usize::from(kind.min(2))]
}
