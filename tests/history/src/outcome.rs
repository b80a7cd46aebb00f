//! What an arrival says: about its delivery, and about its endpoint.

use jiff::{SignedDuration, Timestamp};

use crate::record::Arrival;
use crate::settings::{Settings, earlier, later};

/// Outcome of an attempt that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A 2xx.
    Acknowledged,
    /// Another status below 500.
    Rejected,
    /// No response, or a 5xx.
    Missed,
    /// A 429, or a 503 with `Retry-After`, which may ask for a pause.
    Throttled(Option<SignedDuration>),
    /// A 410.
    Gone,
}

impl Arrival {
    pub(crate) fn outcome(&self) -> Outcome {
        let Some(answer) = &self.answer else { return Outcome::Missed };
        match (answer.status, answer.retry_after) {
            (200..=299, _) => Outcome::Acknowledged,
            (410, _) => Outcome::Gone,
            (429, asked) => Outcome::Throttled(asked),
            (503, Some(asked)) => Outcome::Throttled(Some(asked)),
            (500.., _) => Outcome::Missed,
            _ => Outcome::Rejected,
        }
    }

    /// Time of the acknowledgement, if there was one.
    pub(crate) fn acknowledged_at(&self) -> Option<Timestamp> {
        let answer = self.answer.as_ref()?;
        (self.outcome() == Outcome::Acknowledged).then_some(answer.at)
    }

    /// Whether the sender surely got the answer: it was neither lost nor nearly too late.
    pub(crate) fn answer_surely_arrived(&self, settings: &Settings) -> bool {
        let in_time = later(self.at, settings.callback_timeout - settings.tolerance);
        self.answer.as_ref().is_some_and(|answer| !answer.lost && answer.at < in_time)
    }

    /// The earliest time at which the attempt may have ended for its sender.
    pub(crate) fn ended_at_the_earliest(&self) -> Timestamp {
        let answered = self.answer.as_ref().map(|answer| answer.at);
        answered.or(self.closed_at).unwrap_or(self.at)
    }

    /// The latest time at which it has.
    pub(crate) fn ended_at_the_latest(&self, settings: &Settings) -> Timestamp {
        let timeout = later(self.at, settings.callback_timeout);
        let answered = self.answer.as_ref().map(|answer| answer.at);
        answered.or(self.closed_at).map_or(timeout, |at| at.min(timeout))
    }

    /// The earliest time of what its sender went by.
    pub(crate) fn decided_from(&self, settings: &Settings) -> Timestamp {
        self.invoked.unwrap_or(earlier(self.at, settings.grace))
    }

    /// Whether the client may have sent the request once more by itself, on another connection: this one was never answered.
    pub(crate) fn may_be_resent_as(&self, next: &Self) -> bool {
        self.answer.is_none() && (&self.event, self.attempt) == (&next.event, next.attempt)
    }
}
