//! Errors of callbacks that are rejected: every line, by event type and number.

use std::fmt;

use crate::address::NotAllowed;
use crate::callback_url::InvalidUrl;
use crate::event::EventType;

/// Maximum number of URLs per event type.
pub const MAX_URLS: usize = 50;

/// All rejected lines, of all event types.
///
/// Its text describes the first [`Self::NAMED`] and counts the others: a body has room for half a million.
#[derive(Debug, PartialEq, Eq)]
pub struct InvalidCallbacks(pub Vec<LineError>);

impl InvalidCallbacks {
    /// Maximum number of lines in the text.
    pub const NAMED: usize = 50;

    /// Returns the number of lines that are only counted.
    pub fn left_out(&self) -> usize {
        self.0.len().saturating_sub(Self::NAMED)
    }
}

impl std::error::Error for InvalidCallbacks {}

impl fmt::Display for InvalidCallbacks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named: Vec<_> = self.0.iter().take(Self::NAMED).map(ToString::to_string).collect();
        f.write_str(&named.join("; "))?;
        match self.left_out() {
            0 => Ok(()),
            left_out => write!(f, "; and {left_out} more"),
        }
    }
}

/// Error of one line.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// The line is not a valid callback URL.
    #[error("{event_type}, line {line}: {reason}")]
    Url {
        /// The event type of the list.
        event_type: EventType,
        /// Number of the line, from 1, including blank lines.
        line: usize,
        /// The error and how to fix it.
        reason: InvalidUrl,
    },
    /// The line is a callback URL that the outbound policy does not allow.
    #[error("{event_type}, line {line}: {reason}")]
    NotAllowed {
        /// The event type of the list.
        event_type: EventType,
        /// Number of the line, from 1, including blank lines.
        line: usize,
        /// The error and how to fix it.
        reason: NotAllowed,
    },
    /// The list has more than [`MAX_URLS`] URLs.
    #[error(
        "{event_type}, line {line}: this is one URL too many; {count} are given and at most {MAX_URLS} are allowed"
    )]
    TooMany {
        /// The event type of the list.
        event_type: EventType,
        /// Number of the first line beyond the limit.
        line: usize,
        /// Number of distinct URLs.
        count: usize,
    },
}

impl LineError {
    /// Returns the event type of the list, and the line.
    pub fn place(&self) -> (EventType, usize) {
        let (Self::Url { event_type, line, .. }
        | Self::NotAllowed { event_type, line, .. }
        | Self::TooMany { event_type, line, .. }) = *self;
        (event_type, line)
    }
}
