//! Callbacks that are validated except for the addresses of their host names.

use std::collections::{BTreeSet, HashMap};

use super::line_error::{InvalidCallbacks, LineError};
use crate::address::NotAllowed;
use crate::event::EventType;

/// Callbacks that are valid if all their host names are allowed.
#[derive(Debug)]
pub struct PendingCallbacks<T> {
    pub(super) given: T,
    pub(super) errors: Vec<LineError>,
    pub(super) named: Vec<HostToCheck>,
}

/// A line with a host name.
#[derive(Debug)]
pub(super) struct HostToCheck {
    pub(super) event_type: EventType,
    pub(super) line: usize,
    pub(super) host: String,
}

impl<T> PendingCallbacks<T> {
    /// Returns the host names to resolve, each once.
    pub fn names(&self) -> BTreeSet<String> {
        self.named.iter().map(|named| named.host.clone()).collect()
    }

    /// Returns the callbacks, given the names of [`Self::names`] that are not allowed.
    ///
    /// # Errors
    /// [`InvalidCallbacks`] with all errors, in the order of the lines.
    pub fn finish(self, not_allowed: &HashMap<String, NotAllowed>) -> Result<T, InvalidCallbacks> {
        let not_allowed = self.named.into_iter().filter_map(|HostToCheck { event_type, line, host }| {
            let reason = not_allowed.get(&host)?.clone();
            Some(LineError::NotAllowed { event_type, line, reason })
        });
        let mut errors: Vec<_> = self.errors.into_iter().chain(not_allowed).collect();
        if errors.is_empty() {
            return Ok(self.given);
        }
        errors.sort_by_key(LineError::place);
        Err(InvalidCallbacks(errors))
    }
}
