//! Audit entries: the author, time, and content of a change of settings. The store writes an entry together with its change.

mod actor;
mod filter;
mod shown;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::callbacks::{Callbacks, Replaced};
use crate::cut::cut;
use crate::endpoint::{Endpoint, EndpointRecord, EndpointSettings, Health};
use crate::signing::{SigningSecret, SigningSecrets, WorkspaceKey, WorkspaceKeys};
use crate::world::World;

pub use actor::Actor;
pub use filter::{Filter, Subject};

/// Maximum length of stored ids and names, in characters. Cognito's ids have 36, OpenID Connect's at most 255.
const NAME_CHARACTERS: usize = 255;

/// Kind of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// Callbacks were set.
    #[serde(rename = "callbacks.set")]
    CallbacksSet,
    /// Callbacks were reset to those of a workspace that was never set.
    #[serde(rename = "callbacks.reset")]
    CallbacksReset,
    /// An endpoint's settings were changed.
    #[serde(rename = "endpoint.changed")]
    EndpointChanged,
    /// A failing or disabled endpoint was resumed.
    #[serde(rename = "endpoint.resumed")]
    EndpointResumed,
    /// The workspace's first key was created, for a signature or at a caller's request.
    #[serde(rename = "signing-secret.created")]
    SigningSecretCreated,
    /// A caller set an endpoint's secret.
    #[serde(rename = "signing-secret.set")]
    SigningSecretSet,
    /// An endpoint's secret was rotated, or the workspace's key and so all secrets derived from it.
    #[serde(rename = "signing-secret.rotated")]
    SigningSecretRotated,
    /// An instance's deliveries were erased from the log.
    #[serde(rename = "deliveries.erased")]
    DeliveriesErased,
    /// An action of a later release. Such an entry is still shown.
    #[serde(rename = "other", other)]
    Other,
}

impl Action {
    /// All actions.
    pub const ALL: [Self; 9] = [
        Self::CallbacksSet,
        Self::CallbacksReset,
        Self::EndpointChanged,
        Self::EndpointResumed,
        Self::SigningSecretCreated,
        Self::SigningSecretSet,
        Self::SigningSecretRotated,
        Self::DeliveriesErased,
        Self::Other,
    ];
}

/// An audit entry: one change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Unique id. It orders the entries of a workspace by time.
    pub id: EntryId,
    /// Time of the change.
    pub at: Timestamp,
    /// Author of the change.
    pub actor: Actor,
    /// Kind of the change.
    pub action: Action,
    /// State before the change; null if there was none. URLs are stored without the values of their query, secrets as
    /// fingerprints. Of long lists ten values are listed and the others counted, so that an entry has at most 24 KiB.
    pub from: Value,
    /// State after the change, in the same form.
    pub to: Value,
}

/// The id of an entry within its workspace: `{milliseconds since 1970, 14 digits}-{32 hexadecimal digits}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryId(String);

/// Error for a text that is not a valid entry id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an audit entry's id has 14 digits, a hyphen and 32 hexadecimal digits, in lower case")]
pub struct InvalidEntryId;

impl EntryId {
    fn new(at: Timestamp, unique_name: &str) -> Self {
        Self(format!("{:014}-{unique_name}", at.as_millisecond().max(0)))
    }

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for EntryId {
    type Err = InvalidEntryId;

    fn from_str(text: &str) -> Result<Self, InvalidEntryId> {
        let (time, random) = text.split_once('-').ok_or(InvalidEntryId)?;
        let hexadecimal = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let valid = time.len() == 14
            && time.bytes().all(|byte| byte.is_ascii_digit())
            && random.len() == 32
            && random.bytes().all(hexadecimal);
        if valid { Ok(Self(text.to_owned())) } else { Err(InvalidEntryId) }
    }
}

/// The author of a change, and the clock for its time.
#[derive(Clone, Copy, Debug)]
pub struct Author<'a> {
    /// The author.
    pub actor: &'a Actor,
    /// Source of time and randomness.
    pub world: &'a dyn World,
}

impl Entry {
    fn new(author: Author<'_>, action: Action, from: Value, to: Value) -> Self {
        let Author { actor, world } = author;
        let at = world.now();
        let shown = |text: &str| cut(text, NAME_CHARACTERS).into_owned();
        let actor = Actor { id: shown(&actor.id), name: actor.name.as_deref().map(shown) };
        Self { id: EntryId::new(at, &world.unique_name()), at, actor, action, from, to }
    }

    /// Returns the entry for callbacks that were set.
    pub fn callbacks_set(author: Author<'_>, from: &Callbacks, to: &Callbacks, replaced: &[Replaced]) -> Self {
        Self::new(author, Action::CallbacksSet, shown::callbacks(from, to), shown::replacing(to, from, replaced))
    }

    /// Returns the entry for callbacks that were reset.
    pub fn callbacks_reset(author: Author<'_>, from: &Callbacks) -> Self {
        Self::new(author, Action::CallbacksReset, shown::callbacks(from, &Callbacks::default()), Value::Null)
    }

    /// Returns the entry for changed settings of an endpoint.
    pub fn endpoint_changed(
        author: Author<'_>,
        endpoint: &Endpoint,
        from: &EndpointSettings,
        to: &EndpointSettings,
    ) -> Self {
        let settings = |settings| shown::settings(endpoint, settings);
        Self::new(author, Action::EndpointChanged, settings(from), settings(to))
    }

    /// Returns the entry for a resumed endpoint. Attributes that could not be read were reset.
    pub fn endpoint_resumed(author: Author<'_>, endpoint: &Endpoint, from: &EndpointRecord, to: Health) -> Self {
        let before = shown::damage(shown::health(endpoint, from.health), &from.damaged);
        Self::new(author, Action::EndpointResumed, before, shown::health(endpoint, to))
    }

    /// Returns the entry for the erasure of an instance's deliveries. It has a fingerprint of the instance's id, because the
    /// id itself may be what is to be erased.
    pub fn deliveries_erased(author: Author<'_>, instance_id: &str) -> Self {
        Self::new(author, Action::DeliveriesErased, Value::Null, shown::instance(instance_id))
    }

    /// Returns the entry for a workspace's keys that were created or rotated.
    pub fn keys(author: Author<'_>, action: Action, from: Option<&WorkspaceKeys>, to: &WorkspaceKeys) -> Self {
        let keys = |keys| shown::fingerprints(keys, WorkspaceKey::fingerprint);
        Self::new(author, action, from.map_or(Value::Null, keys), keys(to))
    }

    /// Returns the entry for an endpoint's secret that was set or rotated.
    pub fn endpoint_secret(
        author: Author<'_>,
        action: Action,
        endpoint: &Endpoint,
        (from, to): (&SigningSecrets, &SigningSecrets),
    ) -> Self {
        let secrets = |secrets| shown::of(endpoint, shown::fingerprints(secrets, SigningSecret::fingerprint));
        Self::new(author, action, secrets(from), secrets(to))
    }
}
