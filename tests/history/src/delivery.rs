//! One event to one endpoint, as the receiver and the log know it.

use jiff::Timestamp;

use crate::causes::Subject;
use crate::history::{Line, Source};
use crate::ledger::Endpoint;
use crate::record::{Arrival, Logged, Status};
use crate::violation::Violation;

#[derive(Debug)]
pub(crate) struct Delivery<'h> {
    pub(crate) url: &'h str,
    pub(crate) event: &'h str,
    pub(crate) instance: &'h str,
    pub(crate) workspace: Option<&'h str>,
    /// The change, as an index; there is none if its writer does not know it.
    pub(crate) change: Option<usize>,
    /// In time.
    pub(crate) arrivals: Vec<Line<'h, Arrival>>,
    pub(crate) logged: Vec<Line<'h, Logged>>,
}

impl<'h> Delivery<'h> {
    pub(crate) fn endpoint(&self) -> Endpoint<'h> {
        (self.workspace, self.url)
    }

    pub(crate) fn subject(&self) -> Subject<'h> {
        Subject { workspace: self.workspace, url: self.url, event: Some(self.event) }
    }

    /// Time of the first acknowledgement.
    pub(crate) fn acknowledged_at(&self) -> Option<Timestamp> {
        self.arrivals.iter().filter_map(|it| it.acknowledged_at()).min()
    }

    pub(crate) fn is_logged_as(&self, status: Status) -> bool {
        self.logged.iter().any(|it| it.status == status)
    }

    /// Whether the log has an attempt of this number without an answer.
    pub(crate) fn logged_without_answer(&self, number: u64) -> bool {
        let mut attempts = self.logged.iter().flat_map(|row| &row.record().attempts);
        attempts.any(|it| it.number == number && it.status.is_none())
    }

    /// The records of its arrivals.
    pub(crate) fn arrival_sources(&self) -> impl Iterator<Item = &'h Source> {
        self.arrivals.iter().map(|it| it.source)
    }

    /// The records of its rows of the log.
    pub(crate) fn logged_sources(&self) -> impl Iterator<Item = &'h Source> {
        self.logged.iter().map(|it| it.source)
    }

    /// A violation about this delivery.
    pub(crate) fn violation(&self, rule: &'static str, message: String) -> Violation {
        Violation::new(rule, message).event(self.event).endpoint(self.url).instance(self.instance)
    }
}
