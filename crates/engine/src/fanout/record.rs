//! What a batch has to write into an endpoint's record beside what it appends, and when the endpoint is to be woken. Pure.

use std::time::Duration;

use jiff::Timestamp;

use super::batch::{MARGIN, Wake};
use webhooks_model::endpoint::{EndpointRecord, Health};
use webhooks_store::Hold;

/// Longest time for which appends to a failing endpoint are not recorded after one that is.
const UNCOUNTED: Duration = Duration::from_secs(20);

/// Time after which a due wake-up counts as lost, if the sweep has not found it either.
const OVERDUE: Duration = Duration::from_secs(60);

/// Returns whether the record already has this hold, and counts on additions until after `written_by`. Pure.
///
/// Then it says what it would say after another write. That a drain has released the hold since it was read does no more
/// harm than one that releases it a moment after the write.
pub(super) fn is_recorded(hold: &Hold, record: &EndpointRecord, written_by: Timestamp) -> bool {
    let held = match hold {
        Hold::Everything => record.has_backlog,
        Hold::Instances(instances) => record.has_backlog || instances.is_subset(&record.held),
    };
    held && record.appending_until.is_some_and(|until| until >= written_by)
}

/// Returns until when other batches may append to an endpoint's backlog without a record of it (docs/adr/0006). Pure.
///
/// Until a failing endpoint is probed, all of its deliveries queue, and no drain looks for them or lets them go.
pub(super) fn uncounted_until(record: &EndpointRecord, now: Timestamp) -> Option<Timestamp> {
    let Health::Failing { probe_at, .. } = record.health else { return None };
    let until = record.appending_until?.min(probe_at).min(now + UNCOUNTED);
    (record.has_backlog && until > now).then_some(until)
}

/// Returns whether what was appended by now needs no record: deliveries queue until later, and the probe that is scheduled
/// finds it. Pure.
pub(super) fn is_uncounted(was: &EndpointRecord, record: &EndpointRecord, now: Timestamp) -> bool {
    let Health::Failing { probe_at, .. } = record.health else { return false };
    let is_woken = record.wake_at.is_some_and(|at| at <= probe_at) && !is_lost(record, now) && !is_unsent(was, record);
    record.has_backlog && is_woken && record.uncounted_until.is_some_and(|until| now + MARGIN <= until)
}

/// Returns the time of a wake-up; `None` if the fan-out does not schedule one: only the end of a pause wakes a paused
/// endpoint. Pure.
pub(super) fn wake_at(wake: Wake, was: &EndpointRecord, record: &EndpointRecord, now: Timestamp) -> Option<Timestamp> {
    let at = match record.health {
        Health::Failing { probe_at, .. } => Some(probe_at),
        _ => wake_of(wake, was, record, now),
    };
    record.settings.sent_from(at?, now)
}

/// Returns the time of a wake-up of an endpoint that is not failing. Pure.
///
/// A wake-up that was scheduled when the batch started is still valid, unless it has been carried out since, is lost, or
/// was never sent.
fn wake_of(wake: Wake, was: &EndpointRecord, record: &EndpointRecord, now: Timestamp) -> Option<Timestamp> {
    match wake {
        Wake::By(at) => Some(at),
        Wake::Anyway => {
            let is_new = record.wake_at.is_none() || record.wake_at != was.wake_at;
            (is_new || is_lost(record, now) || is_unsent(was, record)).then_some(now)
        }
    }
}

/// Returns whether the scheduled wake-up is lost, or the drain that it began has died. Pure.
pub(super) fn is_lost(record: &EndpointRecord, now: Timestamp) -> bool {
    match record.leased_until {
        Some(until) => until < now,
        None => record.wake_at.is_some_and(|known| known + OVERDUE < now),
    }
}

/// Returns whether no message was sent for the scheduled wake-up. Pure.
///
/// At the end of an append's time the sweep looks for what a dead batch may have left. It does so minutes later, which
/// would be late for a delivery that fails meanwhile.
pub(super) fn is_unsent(was: &EndpointRecord, record: &EndpointRecord) -> bool {
    was.wake_at.is_some() && was.wake_at == was.appending_until && record.wake_at == was.wake_at
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;

    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_700_000_000, 0);

    fn later(seconds: i64) -> Timestamp {
        NOW + seconds.seconds()
    }

    fn failing() -> EndpointRecord {
        EndpointRecord {
            health: Health::failing(NOW, later(120)),
            has_backlog: true,
            appending_until: Some(later(60)),
            wake_at: Some(later(120)),
            uncounted_until: Some(later(20)),
            ..EndpointRecord::default()
        }
    }

    #[test]
    fn appends_go_uncounted_until_the_probe_at_the_latest() {
        assert_eq!(uncounted_until(&failing(), NOW), Some(later(20)));
        let soon = EndpointRecord { health: Health::failing(NOW, later(5)), ..failing() };
        assert_eq!(uncounted_until(&soon, NOW), Some(later(5)));
        let ending = EndpointRecord { appending_until: Some(later(8)), ..failing() };
        assert_eq!(uncounted_until(&ending, NOW), Some(later(8)), "what looks for a dead batch comes after it");
        assert_eq!(uncounted_until(&soon, later(5)), None, "the probe is due");
        for counted in [
            EndpointRecord { health: Health::default(), ..failing() },
            EndpointRecord { has_backlog: false, ..failing() },
            EndpointRecord { appending_until: None, ..failing() },
        ] {
            assert_eq!(uncounted_until(&counted, NOW), None, "{counted:?}");
        }
    }

    #[test]
    fn an_append_is_uncounted_if_it_is_in_time_and_its_endpoint_is_woken() {
        let uncounted = |record: &EndpointRecord| is_uncounted(record, record, NOW);
        assert!(uncounted(&failing()));
        assert!(is_uncounted(&failing(), &failing(), later(17)) && !is_uncounted(&failing(), &failing(), later(18)));
        for counted in [
            EndpointRecord { health: Health::default(), ..failing() },
            EndpointRecord { has_backlog: false, ..failing() },
            EndpointRecord { uncounted_until: None, ..failing() },
            EndpointRecord { wake_at: None, ..failing() },
            EndpointRecord { wake_at: Some(later(121)), ..failing() },
            EndpointRecord { wake_at: Some(later(-61)), ..failing() },
            EndpointRecord { wake_at: Some(later(60)), ..failing() },
            EndpointRecord { leased_until: Some(later(-1)), ..failing() },
        ] {
            assert!(!uncounted(&counted), "{counted:?}");
        }
    }
}
