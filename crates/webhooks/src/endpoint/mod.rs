//! One distinct URL of a workspace: its settings, its health, and how an event reaches it.

mod health;
mod id;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::callbacks::CallbackUrl;

pub use health::{DisabledReason, Health, HealthSettings, Notice, Verdict};
pub use id::EndpointId;

/// One distinct URL of a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Its name.
    pub id: EndpointId,
    /// Where it is.
    pub url: CallbackUrl,
}

impl From<CallbackUrl> for Endpoint {
    fn from(url: CallbackUrl) -> Self {
        Self { id: EndpointId::of(&url), url }
    }
}

/// What an administrator or developer sets for an endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EndpointSettings {
    /// Nothing is sent, everything is kept, and resuming delivers it in order.
    #[serde(default)]
    pub paused: bool,
    /// Only instances of these processes are told; empty is all.
    #[serde(default)]
    pub process_names: Vec<String>,
    /// The most attempts a second; `None` is as fast as it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_per_second: Option<u32>,
}

/// What is known about an endpoint. The default is that of one never called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndpointRecord {
    /// What is set.
    pub settings: EndpointSettings,
    /// Tells the last change of the settings from every other.
    pub settings_revision: Option<String>,
    /// How it fares.
    pub health: Health,
    /// Whether deliveries wait for it: while they do, later ones queue behind them.
    pub has_backlog: bool,
    /// Grows with everything that is put into the backlog, so that a drain can tell that it has seen all of it.
    pub appends: u64,
    /// When the next delivery that was set aside is due.
    pub aside_due: Option<Timestamp>,
    /// When it is to be woken; `None` when nothing waits.
    pub wake_at: Option<Timestamp>,
    /// When it last took an event (to the minute, for an endpoint that takes many).
    pub last_success: Option<Timestamp>,
    /// When it last failed to.
    pub last_failure: Option<Timestamp>,
    /// The health that was last announced to the outside.
    pub announced: Announced,
}

/// What was last announced of an endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Announced {
    /// That it works, or nothing at all.
    #[default]
    Working,
    /// That it fails.
    Failing,
    /// That it is about to be disabled.
    AboutToBeDisabled,
    /// That it is disabled.
    Disabled,
}

/// What to do with an event for an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// Call it now, straight from the stream.
    Direct,
    /// Queue it behind what waits, or until the endpoint may be called.
    Backlog,
    /// Keep it as given up: the endpoint is disabled.
    GiveUp,
}

impl EndpointRecord {
    /// How an event reaches this endpoint now. One with a rate is called by its drain alone, which is the only one to
    /// know how many attempts there are a second.
    pub fn route(&self) -> Route {
        match self.health {
            Health::Disabled { .. } => Route::GiveUp,
            Health::Failing { .. } => Route::Backlog,
            Health::Healthy { .. } if self.has_backlog || self.settings.paused => Route::Backlog,
            Health::Healthy { .. } if self.settings.max_per_second.is_some() => Route::Backlog,
            Health::Healthy { .. } => Route::Direct,
        }
    }

    /// Whether it wants to hear about instances of this process.
    pub fn wants(&self, process_name: &str) -> bool {
        let names = &self.settings.process_names;
        names.is_empty() || names.iter().any(|name| name == process_name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> EndpointRecord {
        EndpointRecord::default()
    }

    #[test]
    fn only_a_healthy_endpoint_with_nothing_waiting_is_called_from_the_stream() {
        let failing =
            Health::Failing { since: Timestamp::UNIX_EPOCH, step: 0, probe_at: Timestamp::UNIX_EPOCH, warned: false };
        let disabled = Health::Disabled { since: Timestamp::UNIX_EPOCH, reason: DisabledReason::Gone };
        let settings = EndpointSettings::default;
        assert_eq!(record().route(), Route::Direct);
        assert_eq!(EndpointRecord { has_backlog: true, ..record() }.route(), Route::Backlog);
        assert_eq!(EndpointRecord { health: failing, ..record() }.route(), Route::Backlog);
        assert_eq!(EndpointRecord { health: disabled, ..record() }.route(), Route::GiveUp);
        let paused = EndpointSettings { paused: true, ..settings() };
        let limited = EndpointSettings { max_per_second: Some(5), ..settings() };
        assert_eq!(EndpointRecord { settings: paused, ..record() }.route(), Route::Backlog);
        assert_eq!(EndpointRecord { settings: limited, ..record() }.route(), Route::Backlog);
        assert_eq!(EndpointRecord { aside_due: Some(Timestamp::UNIX_EPOCH), ..record() }.route(), Route::Direct);
    }

    #[test]
    fn process_names_choose_and_none_choose_all() {
        let chosen = EndpointSettings { process_names: vec!["a".into()], ..EndpointSettings::default() };
        let chosen = EndpointRecord { settings: chosen, ..record() };
        assert_eq!((record().wants("b"), chosen.wants("a"), chosen.wants("b")), (true, true, false));
    }
}
