//! What the *Instance Callback URLs* dialog sets: per event type a switch and a list of URLs.

mod input;
mod judged;
mod replaced;
mod url;

use serde::{Deserialize, Serialize};

use crate::endpoint::EndpointId;
use crate::event::EventType;

pub use input::{CallbackInput, InvalidCallbacks, LineError, MAX_URLS, validate_all};
pub use judged::PendingCallbacks;
pub use replaced::{InvalidReplacement, Replaced, replacements};
pub use url::{CallbackUrl, InvalidUrl, MAX_URL_CHARACTERS};

/// One event type's switch and URLs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Callback {
    /// Whether this event type's URLs are called.
    pub enabled: bool,
    /// The URLs, in the order given, each once.
    pub urls: Vec<CallbackUrl>,
}

/// All three event types' callbacks. The default is that of a workspace never set: all off, no URLs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Callbacks {
    /// Called when an instance is created.
    pub created: Callback,
    /// Called when an instance is updated.
    pub updated: Callback,
    /// Called when an instance is deleted.
    pub deleted: Callback,
}

impl Callbacks {
    /// The callback of one event type.
    pub fn of(&self, event_type: EventType) -> &Callback {
        match event_type {
            EventType::Created => &self.created,
            EventType::Updated => &self.updated,
            EventType::Deleted => &self.deleted,
        }
    }

    /// The callback of one event type, to change it.
    pub fn of_mut(&mut self, event_type: EventType) -> &mut Callback {
        match event_type {
            EventType::Created => &mut self.created,
            EventType::Updated => &mut self.updated,
            EventType::Deleted => &mut self.deleted,
        }
    }

    /// Whether an endpoint is among them, for whatever event type, enabled or not.
    pub fn have(&self, endpoint: &EndpointId) -> bool {
        let mut urls = EventType::ALL.into_iter().flat_map(|event_type| &self.of(event_type).urls);
        urls.any(|url| EndpointId::of(url) == *endpoint)
    }

    /// The URLs to call for an event: none when its switch is off.
    pub fn urls_for(&self, event_type: EventType) -> &[CallbackUrl] {
        let callback = self.of(event_type);
        if callback.enabled { &callback.urls } else { &[] }
    }
}
