//! Which change an event id stands for. A writer rarely knows the id, so instance, event type and process decide; of several
//! changes that are alike, the first id stands for the first change.

use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::Timestamp;

use crate::history::Line;
use crate::record::{Arrival, Change, EventType, Logged};

/// What a receiver can tell a change by.
pub(crate) type Identity<'h> = (&'h str, EventType, &'h str);

impl Change {
    pub(crate) fn identity(&self) -> Identity<'_> {
        (&self.instance, self.event_type, &self.process)
    }
}

impl Arrival {
    pub(crate) fn identity(&self) -> Identity<'_> {
        (&self.instance, self.event_type, &self.process)
    }
}

impl Logged {
    pub(crate) fn identity(&self) -> Identity<'_> {
        (&self.instance, self.event_type, &self.process)
    }
}

/// Returns the index of the change by event id. `configured` are the changes that may concern an endpoint at all.
pub(crate) fn by_event<'h>(
    changes: &[Line<'h, Change>],
    configured: &HashSet<usize>,
    arrivals: &[Line<'h, Arrival>],
    logged: &[Line<'h, Logged>],
) -> HashMap<&'h str, usize> {
    let mut matched: HashMap<&str, usize> = HashMap::new();
    let mut open: HashMap<Identity<'_>, Vec<usize>> = HashMap::new();
    let mut last: HashMap<Identity<'_>, usize> = HashMap::new();
    for (index, change) in changes.iter().enumerate() {
        let change = change.record();
        last.insert(change.identity(), index);
        match &change.event {
            Some(event) => _ = matched.insert(event, index),
            None if configured.contains(&index) => open.entry(change.identity()).or_default().push(index),
            None => {}
        }
    }
    for (identity, mut events) in seen(arrivals, logged) {
        events.retain(|(_, event)| !matched.contains_key(event));
        let open = open.get(&identity).map(Vec::as_slice).unwrap_or_default();
        let Some(surplus) = open.last().or_else(|| last.get(&identity)) else { continue };
        for (number, (_, event)) in events.iter().enumerate() {
            matched.insert(event, *open.get(number).unwrap_or(surplus));
        }
    }
    matched
}

/// The event ids by identity, each with the time at which it was known first.
fn seen<'h>(
    arrivals: &[Line<'h, Arrival>],
    logged: &[Line<'h, Logged>],
) -> HashMap<Identity<'h>, BTreeSet<(Timestamp, &'h str)>> {
    let mut first: HashMap<&str, (Timestamp, Identity<'_>)> = HashMap::new();
    let logged = logged.iter().map(Line::record);
    let logged = logged.map(|it| (it.event.as_str(), it.changed_at.unwrap_or(Timestamp::MAX), it.identity()));
    let arrivals = arrivals.iter().map(Line::record).map(|it| (it.event.as_str(), it.at, it.identity()));
    for (event, at, identity) in logged.chain(arrivals) {
        let known = first.entry(event).or_insert((at, identity));
        known.0 = known.0.min(at);
    }
    let mut by_identity: HashMap<_, BTreeSet<_>> = HashMap::new();
    for (event, (at, identity)) in first {
        by_identity.entry(identity).or_default().insert((at, event));
    }
    by_identity
}
