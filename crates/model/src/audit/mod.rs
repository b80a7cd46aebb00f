//! Audit entries: the author, time, and content of a change of settings. The store writes an entry together with its change.

mod actor;
mod shown;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::callbacks::{Callbacks, Replaced};
use crate::cut::cut;
use crate::endpoint::{Endpoint, EndpointRecord, EndpointSettings, Health};
use crate::signing::SigningSecrets;
use crate::world::World;

pub use actor::Actor;

/// Characters that are kept of what a token calls its bearer. Cognito's ids have 36, OpenID Connect's at most 255.
const NAME_CHARACTERS: usize = 255;

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// Callbacks were set.
    #[serde(rename = "callbacks.set")]
    CallbacksSet,
    /// The workspace is as never set.
    #[serde(rename = "callbacks.reset")]
    CallbacksReset,
    /// An endpoint's settings were changed.
    #[serde(rename = "endpoint.changed")]
    EndpointChanged,
    /// A failing or disabled endpoint was let be tried.
    #[serde(rename = "endpoint.resumed")]
    EndpointResumed,
    /// The first signing secret was made, because something was to be signed or a caller asked for it.
    #[serde(rename = "signing-secret.created")]
    SigningSecretCreated,
    /// A signing secret was given by the caller.
    #[serde(rename = "signing-secret.set")]
    SigningSecretSet,
    /// A new signing secret was made.
    #[serde(rename = "signing-secret.rotated")]
    SigningSecretRotated,
    /// Anything that a later release has recorded: an entry is not to be hidden because its action is unknown here.
    #[serde(rename = "other", other)]
    Other,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::CallbacksSet,
        Self::CallbacksReset,
        Self::EndpointChanged,
        Self::EndpointResumed,
        Self::SigningSecretCreated,
        Self::SigningSecretSet,
        Self::SigningSecretRotated,
        Self::Other,
    ];
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Orders the entries of a workspace by time, and tells two of one moment apart.
    pub id: EntryId,
    /// When it was decided.
    pub at: Timestamp,
    /// The author.
    pub actor: Actor,
    /// What was done.
    pub action: Action,
    /// What was there before; null where nothing was. URLs as scheme, host and endpoint id, secrets as fingerprints. Of long
    /// lists ten are named and the others counted, so that an entry has 16 KiB at most.
    pub from: Value,
    /// What was there afterwards, in the same form.
    pub to: Value,
}

/// An entry's name within its workspace: `{milliseconds since 1970, 14 digits}-{32 hexadecimal digits}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryId(String);

/// A text that is no entry's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an audit entry's id has 14 digits, a hyphen and 32 hexadecimal digits, in lower case")]
pub struct InvalidEntryId;

impl EntryId {
    fn new(at: Timestamp, unique_name: &str) -> Self {
        Self(format!("{:014}-{unique_name}", at.as_millisecond().max(0)))
    }

    /// The id as text.
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

/// The author of a change, and the world that says when it is made.
#[derive(Clone, Copy, Debug)]
pub struct Author<'a> {
    /// The author.
    pub actor: &'a Actor,
    /// Time and chance.
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

    /// Callbacks were set.
    pub fn callbacks_set(author: Author<'_>, from: &Callbacks, to: &Callbacks, replaced: &[Replaced]) -> Self {
        Self::new(author, Action::CallbacksSet, shown::callbacks(from, to), shown::replacing(to, from, replaced))
    }

    /// Callbacks were removed.
    pub fn callbacks_reset(author: Author<'_>, from: &Callbacks) -> Self {
        Self::new(author, Action::CallbacksReset, shown::callbacks(from, &Callbacks::default()), Value::Null)
    }

    /// An endpoint's settings were changed.
    pub fn endpoint_changed(
        author: Author<'_>,
        endpoint: &Endpoint,
        from: &EndpointSettings,
        to: &EndpointSettings,
    ) -> Self {
        let settings = |settings| shown::settings(endpoint, settings);
        Self::new(author, Action::EndpointChanged, settings(from), settings(to))
    }

    /// An endpoint was resumed; attributes that could not be read were set back.
    pub fn endpoint_resumed(author: Author<'_>, endpoint: &Endpoint, from: &EndpointRecord, to: Health) -> Self {
        let before = shown::damage(shown::health(endpoint, from.health), &from.damaged);
        Self::new(author, Action::EndpointResumed, before, shown::health(endpoint, to))
    }

    /// Signing secrets were made, set or rotated.
    pub fn secrets(author: Author<'_>, action: Action, from: Option<&SigningSecrets>, to: &SigningSecrets) -> Self {
        Self::new(author, action, from.map_or(Value::Null, shown::secrets), shown::secrets(to))
    }
}
