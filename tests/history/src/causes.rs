//! Causes: faults and operations that explain what would otherwise be a violation.

use jiff::Timestamp;

use crate::history::Line;
use crate::record::{Action, Fault, FaultKind, Operation};
use crate::settings::{Settings, earlier, later};

/// The delivery that a cause is looked up for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    pub(crate) workspace: Option<&'a str>,
    pub(crate) url: &'a str,
    /// Every event of the endpoint if there is none.
    pub(crate) event: Option<&'a str>,
}

/// The faults and operations of a history, in time.
#[derive(Debug)]
pub(crate) struct Causes<'h> {
    faults: Vec<Line<'h, Fault>>,
    operations: Vec<Line<'h, Operation>>,
}

impl<'h> Causes<'h> {
    pub(crate) fn new(mut faults: Vec<Line<'h, Fault>>, mut operations: Vec<Line<'h, Operation>>) -> Self {
        faults.sort_by_key(|line| (line.at, line.order));
        operations.sort_by_key(|line| (line.at, line.order));
        Self { faults, operations }
    }

    /// The faults that concern this, in time.
    pub(crate) fn faults<'a>(&'a self, of: Subject<'a>) -> impl Iterator<Item = &'a Line<'h, Fault>> {
        self.faults.iter().filter(move |it| concerns(of.url, it.url.as_ref()) && concerns_event(of, it.event.as_ref()))
    }

    /// Tells which fault that concerns this began last before this time.
    pub(crate) fn last_before(&self, of: Subject<'_>, at: Timestamp) -> String {
        let last = self.faults(of).filter(|fault| fault.at <= at).last();
        last.map_or("there is no fault before".into(), |it| {
            let until = it.until.unwrap_or(it.at);
            format!("the last fault before is {:?} from {} to {until}", it.fault, it.at)
        })
    }

    /// The operations of one kind that concern this, in time.
    pub(crate) fn operations<'a>(
        &'a self,
        action: Action,
        of: Subject<'a>,
    ) -> impl Iterator<Item = &'a Line<'h, Operation>> {
        self.operations.iter().filter(move |it| {
            let workspace = of.workspace.is_none_or(|workspace| concerns(workspace, it.workspace.as_ref()));
            let here = workspace && concerns(of.url, it.url.as_ref());
            it.action == action && here && concerns_event(of, it.event.as_ref())
        })
    }

    /// Whether a fault explains that what arrived at `from` was sent again at `at`, or that its record is missing then. It was
    /// written down a while after it arrived, so only a fault in that while counts; but a batch may come again much later.
    ///
    /// After a kill the batches since the last checkpoint come again. What one of them had put into a backlog may be sent by a
    /// drain before its batch comes, so a kill since the change at `changed` counts.
    pub(crate) fn interrupted(
        &self,
        of: Subject<'_>,
        changed: Option<Timestamp>,
        (from, at): (Timestamp, Timestamp),
        settings: &Settings,
    ) -> bool {
        let written_by = later(later(from, settings.callback_timeout), settings.grace);
        self.faults(of).filter(|fault| fault.fault.sends_again()).any(|fault| {
            let ended = fault.until.unwrap_or(fault.at);
            let since = changed.filter(|_| fault.fault == FaultKind::Kill).map_or(from, |changed| changed.min(from));
            let in_time = fault.fault == FaultKind::RedeliveredBatch || fault.at <= written_by;
            let begun = earlier(fault.at, settings.tolerance) <= at;
            in_time && begun && later(ended, settings.tolerance) >= since && later(ended, settings.fault_reach) >= at
        })
    }

    /// Whether a fault may have held up what arrived at `at`: it was sent before other attempts and arrived after them.
    pub(crate) fn held_up(&self, of: Subject<'_>, at: Timestamp, settings: &Settings) -> bool {
        self.faults(of).filter(|fault| fault.fault.sends_again()).any(|fault| {
            let ended = fault.until.unwrap_or(fault.at);
            earlier(fault.at, settings.tolerance) <= at && later(ended, settings.fault_reach) >= at
        })
    }

    /// Whether the endpoint could not be reached at some moment between these.
    pub(crate) fn unreachable(&self, of: Subject<'_>, from: Timestamp, to: Timestamp) -> bool {
        let mut outages = self.faults(of).filter(|fault| fault.fault == FaultKind::Unreachable);
        outages.any(|fault| fault.at <= to && fault.until.unwrap_or(Timestamp::MAX) >= from)
    }

    /// Whether it was replayed between these times.
    pub(crate) fn replayed(&self, of: Subject<'_>, from: Timestamp, to: Timestamp, settings: &Settings) -> bool {
        self.operations(Action::Replay, of).any(|it| begun(it) <= to && later(it.at, settings.tolerance) >= from)
    }
}

/// Time at which an operation may have begun to count.
pub(crate) fn begun(operation: &Operation) -> Timestamp {
    operation.began.unwrap_or(operation.at)
}

fn concerns(value: &str, filter: Option<&String>) -> bool {
    filter.is_none_or(|filter| filter == value)
}

fn concerns_event(of: Subject<'_>, filter: Option<&String>) -> bool {
    of.event.is_none_or(|event| concerns(event, filter))
}
