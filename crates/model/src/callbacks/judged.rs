//! Callbacks between what can be judged of them at once and what takes a name lookup.

use std::collections::{BTreeSet, HashMap};

use super::{InvalidCallbacks, LineError};
use crate::address::NotAllowed;
use crate::event::EventType;

/// What was given, judged as far as that goes without asking anybody.
#[derive(Debug)]
pub struct PendingCallbacks<T> {
    pub(super) given: T,
    pub(super) errors: Vec<LineError>,
    pub(super) named: Vec<HostToCheck>,
}

/// A line whose host is a name.
#[derive(Debug)]
pub(super) struct HostToCheck {
    pub(super) event_type: EventType,
    pub(super) line: usize,
    pub(super) host: String,
}

impl<T> PendingCallbacks<T> {
    /// The host names that are to be looked up, each once.
    pub fn names(&self) -> BTreeSet<String> {
        self.named.iter().map(|named| named.host.clone()).collect()
    }

    /// What was given, whole, given which of [`Self::names`] may not be called.
    ///
    /// # Errors
    /// Everything that is wrong, not only the first, in the order of the lines.
    pub fn finish(self, refused: &HashMap<String, NotAllowed>) -> Result<T, InvalidCallbacks> {
        let refused = self.named.into_iter().filter_map(|HostToCheck { event_type, line, host }| {
            let reason = refused.get(&host)?.clone();
            Some(LineError::NotAllowed { event_type, line, reason })
        });
        let mut errors: Vec<_> = self.errors.into_iter().chain(refused).collect();
        if errors.is_empty() {
            return Ok(self.given);
        }
        errors.sort_by_key(LineError::place);
        Err(InvalidCallbacks(errors))
    }
}
