//! The end of a drain: whether it ends now, and in which way. Pure.

use jiff::Timestamp;

use webhooks_model::endpoint::{EndpointRecord, Health};

/// Way in which a drain ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// Start no more attempts, and complete those in flight and all writes first.
    Settle,
    /// Nothing is left that could be done now.
    Finish,
    /// The endpoint is paused until that time, or until a user ends the pause: that alone wakes it.
    Paused(Option<Timestamp>),
    /// Wake the endpoint at that time, and leave everything as it is.
    At(Timestamp),
}

/// State of a drain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct State {
    pub(super) now: Timestamp,
    /// Time at which the drain began.
    pub(super) began: Timestamp,
    /// Whether it is too late to start an attempt.
    pub(super) time_is_up: bool,
    /// Whether attempts or writes are in progress.
    pub(super) busy: bool,
    pub(super) reading: bool,
    /// Whether the drain has looked for deliveries that must not be sent any more.
    pub(super) has_looked: bool,
    pub(super) has_read_all: bool,
    /// Whether no delivery is left to attempt.
    pub(super) drained: bool,
    /// Whether the drain keeps running for new events.
    pub(super) lingers: bool,
    /// Whether the callbacks have the endpoint. Otherwise its pending deliveries fail, whatever its settings.
    pub(super) configured: bool,
    /// Whether this drain must stop: the next one starts with the changed configuration.
    pub(super) halted: bool,
    /// Whether this drain starts no more attempts, because the endpoint became failing: the next one probes it.
    pub(super) stopped: bool,
}

/// Returns whether attempts may start now.
pub(super) fn may_start(record: &EndpointRecord, state: &State) -> bool {
    let probe_is_due = !matches!(record.health, Health::Failing { probe_at, .. } if probe_at > state.now);
    !record.settings.is_paused(state.now) && probe_is_due && !state.time_is_up && !state.halted
}

/// Returns the number of the probe that the next attempt is, from 0; `None` if it is none. Of a removed endpoint all
/// deliveries fail, without a probe.
pub(super) fn probe(record: &EndpointRecord, state: &State) -> Option<usize> {
    match record.health {
        Health::Failing { failed_probes, .. } if state.configured && may_start(record, state) => Some(failed_probes),
        _ => None,
    }
}

/// Returns how the drain ends now; `None` if it continues.
///
/// A drain that must not send anything first looks for deliveries that must not be sent any more, because their URL may
/// have been removed. One that began while there may have been additions that are not counted cannot know that it has read
/// all: another one, which begins after them, does.
pub(super) fn exit(record: &EndpointRecord, state: &State) -> Option<Exit> {
    let end = match record.health {
        _ if state.halted => Some(Exit::At(state.now)),
        _ if !state.configured => None,
        _ if record.settings.is_paused(state.now) => Some(Exit::Paused(record.settings.paused_until)),
        Health::Failing { probe_at, .. } if state.stopped || probe_at > state.now => Some(Exit::At(probe_at)),
        _ => None,
    };
    let settled = |exit| if state.busy || state.reading { Exit::Settle } else { exit };
    match end {
        _ if state.time_is_up => Some(settled(end.unwrap_or(Exit::At(state.now)))),
        Some(end) => (state.has_looked || state.halted).then(|| settled(end)),
        None => {
            let finished = state.has_read_all && state.drained && !state.busy && !state.reading && !state.lingers;
            let uncounted = record.uncounted_until.filter(|until| *until > state.began);
            finished.then(|| uncounted.map_or(Exit::Finish, Exit::At))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> State {
        State {
            now: Timestamp::from_second(1_700_000_000).unwrap(),
            began: Timestamp::from_second(1_699_999_990).unwrap(),
            time_is_up: false,
            busy: false,
            reading: false,
            has_looked: true,
            has_read_all: true,
            drained: true,
            lingers: false,
            configured: true,
            halted: false,
            stopped: false,
        }
    }

    #[test]
    fn a_drain_ends_when_nothing_is_left_to_do() {
        let ends = |state| exit(&EndpointRecord::default(), &state);
        assert_eq!(ends(state()), Some(Exit::Finish));
        assert_eq!(ends(State { busy: true, ..state() }), None);
        assert_eq!(ends(State { reading: true, ..state() }), None);
        assert_eq!(ends(State { has_read_all: false, ..state() }), None);
        assert_eq!(ends(State { drained: false, ..state() }), None);
        assert_eq!(ends(State { lingers: true, ..state() }), None);
    }

    #[test]
    fn a_drain_that_began_before_the_last_uncounted_addition_leaves_the_end_to_the_next_one() {
        let until = |until| EndpointRecord { uncounted_until: Some(until), ..EndpointRecord::default() };
        let State { began, .. } = state();
        assert_eq!(exit(&until(began), &state()), Some(Exit::Finish));
        for later in [began + jiff::SignedDuration::from_millis(1), state().now + jiff::SignedDuration::from_secs(5)] {
            assert_eq!(exit(&until(later), &state()), Some(Exit::At(later)));
            assert_eq!(exit(&until(later), &State { drained: false, ..state() }), None);
        }
    }

    #[test]
    fn time_a_pause_and_a_failing_endpoint_end_it_once_what_is_in_flight_is_settled() {
        let now = state().now;
        let mut paused = EndpointRecord::default();
        paused.settings.paused = true;
        let failing = EndpointRecord {
            health: Health::failing(now, now + jiff::SignedDuration::from_secs(5)),
            ..EndpointRecord::default()
        };
        let due = EndpointRecord { health: Health::failing(now, now), ..EndpointRecord::default() };
        let busy = State { busy: true, drained: false, ..state() };
        let idle = State { drained: false, ..state() };
        let late = State { time_is_up: true, ..idle };
        assert_eq!((exit(&paused, &busy), exit(&paused, &idle)), (Some(Exit::Settle), Some(Exit::Paused(None))));
        let timed = |until| {
            let mut timed = paused.clone();
            timed.settings.paused_until = Some(until);
            (exit(&timed, &idle), may_start(&timed, &idle))
        };
        let later = now + jiff::SignedDuration::from_secs(1);
        assert_eq!(timed(later), (Some(Exit::Paused(Some(later))), false), "it is woken when its pause ends");
        assert_eq!(timed(now), (None, true), "a pause whose time has passed is none");
        let probe_at = now + jiff::SignedDuration::from_secs(5);
        assert_eq!((exit(&failing, &busy), exit(&failing, &idle)), (Some(Exit::Settle), Some(Exit::At(probe_at))));
        assert_eq!(exit(&failing, &late), Some(Exit::At(probe_at)), "not before its probe");
        assert_eq!(exit(&due, &idle), None, "it is probed");
        let stopped = State { stopped: true, ..idle };
        assert_eq!(exit(&due, &stopped), Some(Exit::At(now)), "the next drain probes it, at once");
        let unseen = State { has_looked: false, ..idle };
        assert_eq!((exit(&paused, &unseen), exit(&failing, &unseen)), (None, None), "first it looks");
        let may = [&paused, &failing, &due].map(|record| may_start(record, &unseen));
        assert_eq!(may, [false, false, true]);
        assert!(!may_start(&due, &late));
        let probes = [&paused, &failing, &due, &EndpointRecord::default()].map(|record| probe(record, &idle));
        assert_eq!(probes, [None, None, Some(0), None]);
        assert_eq!(probe(&due, &State { configured: false, ..idle }), None, "all of its deliveries fail");
        assert_eq!(exit(&EndpointRecord::default(), &late), Some(Exit::At(now)));
    }

    #[test]
    fn a_removed_endpoint_is_emptied_though_it_is_paused_or_failing_and_a_halt_ends_everything() {
        let now = state().now;
        let mut paused = EndpointRecord { health: Health::failing(now, Timestamp::MAX), ..EndpointRecord::default() };
        paused.settings.paused = true;
        let removed = State { configured: false, ..state() };
        assert_eq!(exit(&paused, &State { drained: false, ..removed }), None);
        assert_eq!(exit(&paused, &removed), Some(Exit::Finish));
        let halted = State { halted: true, has_looked: false, ..state() };
        assert_eq!(exit(&EndpointRecord::default(), &halted), Some(Exit::At(now)));
        assert_eq!(exit(&EndpointRecord::default(), &State { busy: true, ..halted }), Some(Exit::Settle));
        assert!(!may_start(&EndpointRecord::default(), &halted));
    }
}
