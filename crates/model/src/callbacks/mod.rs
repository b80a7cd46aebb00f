//! Callbacks, as set in the *Instance Callback URLs* dialog: a switch and a list of URLs for each event type.

mod host_check;
mod input;
mod line_error;
mod replaced;

use serde::{Deserialize, Serialize};

use crate::callback_url::CallbackUrl;
use crate::endpoint::EndpointId;
use crate::event::EventType;

pub use host_check::PendingCallbacks;
pub use input::{CallbackInput, validate_all};
pub use line_error::{InvalidCallbacks, LineError, MAX_URLS};
pub use replaced::{InvalidReplacement, Replaced, replacements};

/// Callback of one event type: a switch and URLs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Callback {
    /// Whether this event type's URLs are called.
    pub enabled: bool,
    /// The URLs, in the order given, each once.
    pub urls: Vec<CallbackUrl>,
}

/// Callbacks of all three event types. The default is that of a workspace that was never set: all are off and have no
/// URLs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Callbacks {
    /// Callback for created instances.
    pub created: Callback,
    /// Callback for updated instances.
    pub updated: Callback,
    /// Callback for deleted instances.
    pub deleted: Callback,
}

impl Callbacks {
    /// Returns the callback of an event type.
    pub fn of(&self, event_type: EventType) -> &Callback {
        match event_type {
            EventType::Created => &self.created,
            EventType::Updated => &self.updated,
            EventType::Deleted => &self.deleted,
        }
    }

    /// Returns the callback of an event type for a change.
    pub fn of_mut(&mut self, event_type: EventType) -> &mut Callback {
        match event_type {
            EventType::Created => &mut self.created,
            EventType::Updated => &mut self.updated,
            EventType::Deleted => &mut self.deleted,
        }
    }

    /// Returns whether any event type, enabled or not, lists the endpoint.
    pub fn have(&self, endpoint: &EndpointId) -> bool {
        let mut urls = EventType::ALL.into_iter().flat_map(|event_type| &self.of(event_type).urls);
        urls.any(|url| EndpointId::of(url) == *endpoint)
    }

    /// Returns the URLs to call for an event: none if its event type is off.
    pub fn urls_for(&self, event_type: EventType) -> &[CallbackUrl] {
        let callback = self.of(event_type);
        if callback.enabled { &callback.urls } else { &[] }
    }
}
