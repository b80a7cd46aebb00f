//! One distinct URL of a workspace: its settings, its health, and how an event reaches it.

mod health;
mod id;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::callbacks::CallbackUrl;
use crate::event::{InstanceKey, PARTITIONS};

pub use health::{AttemptOutcome, DisabledReason, Health, HealthSettings, Try};
pub use id::EndpointId;

/// One distinct URL of a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Its id.
    pub id: EndpointId,
    /// Its URL.
    pub url: CallbackUrl,
}

impl Endpoint {
    /// The place where events are kept while their endpoints are not known: the workspace's callbacks cannot be read.
    pub fn unrouted() -> Self {
        static URL: LazyLock<CallbackUrl> = LazyLock::new(|| {
            let url = CallbackUrl::try_from("http://callbacks-cannot-be-read.invalid/".to_owned());
            url.expect("a constant that is a URL")
        });
        Self { id: EndpointId::unrouted(), url: URL.clone() }
    }
}

impl From<CallbackUrl> for Endpoint {
    fn from(url: CallbackUrl) -> Self {
        Self { id: EndpointId::of(&url), url }
    }
}

/// What an administrator or developer sets for an endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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

/// Number of instances that may be held one by one. Beyond that everything queues until the backlog is drained.
pub const MAX_HELD: usize = 200;

/// Number of batches in a row that ended before an endpoint had answered, after which it is slow.
pub const LATE_TO_BE_SLOW: u32 = 3;

/// What is known about an endpoint. The default is that of one never called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndpointRecord {
    /// What is set.
    pub settings: EndpointSettings,
    /// Tells the last change of the settings from every other.
    pub settings_revision: Option<String>,
    /// Its health.
    pub health: Health,
    /// Batches in a row that had to end before it answered (docs/adr/0018); from [`LATE_TO_BE_SLOW`] on it is slow.
    pub late: u32,
    /// Attempts at a time that it was last found to bear; `None` before its first drain.
    pub window: Option<u32>,
    /// Whether every later delivery queues behind the backlog.
    pub has_backlog: bool,
    /// Instances of which a delivery is pending: their later deliveries queue, others do not.
    pub held: BTreeSet<InstanceKey>,
    /// Counts what is put into the backlog, so that a drain can tell that it has seen all of it.
    pub appends: Appends,
    /// Until then something that the counts have in them may still be on its way to the table; `None` before the first.
    pub appending_until: Option<Timestamp>,
    /// Time of the next deferred delivery.
    pub next_deferred_at: Option<Timestamp>,
    /// Time of the next wake-up; `None` when nothing is pending, or may be on its way.
    pub wake_at: Option<Timestamp>,
    /// Time of the last acknowledgement (to the minute, for an endpoint that is called often).
    pub last_success_at: Option<Timestamp>,
    /// Time of the last attempt that was not acknowledged.
    pub last_failure_at: Option<Timestamp>,
    /// The health that was last published.
    pub published_state: PublishedState,
    /// Names of the attributes that could not be read: a hand edit, or a later release's values. Nothing is sent then.
    pub damaged: Vec<String>,
}

/// Counts of what was put into an endpoint's backlog: in all, and by partition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Appends {
    /// In all.
    pub total: u64,
    /// By [`InstanceKey::partition`].
    pub by_partition: [u64; PARTITIONS as usize],
}

/// What was last published_state of an endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PublishedState {
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

/// The way of an event to an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryPath {
    /// Call it now, straight from the stream, but for instances that are held.
    Direct,
    /// Append to its backlog: its drain delivers.
    Backlog,
    /// Record the delivery as failed: the endpoint is disabled.
    Fail,
}

impl EndpointRecord {
    /// The way of an event to this endpoint now. One with a rate is called by its drain alone, which is the only one to
    /// know how many attempts there are a second.
    pub fn delivery_path(&self) -> DeliveryPath {
        match self.health {
            _ if self.is_damaged() => DeliveryPath::Backlog,
            Health::Disabled { .. } => DeliveryPath::Fail,
            Health::Failing { .. } => DeliveryPath::Backlog,
            Health::Healthy { .. } if self.has_backlog || self.settings.paused || self.is_drained() => {
                DeliveryPath::Backlog
            }
            Health::Healthy { .. } => DeliveryPath::Direct,
        }
    }

    /// Whether a part of its item could not be read. What is set for it may not be known then.
    pub fn is_damaged(&self) -> bool {
        !self.damaged.is_empty()
    }

    /// Whether its own drain delivers everything, also while nothing is wrong.
    pub fn is_drained(&self) -> bool {
        self.is_slow() || self.settings.max_per_second.is_some()
    }

    /// Whether it regularly answers later than a batch may wait.
    pub fn is_slow(&self) -> bool {
        self.late >= LATE_TO_BE_SLOW
    }

    /// Whether deliveries to it may be pending.
    pub fn has_pending(&self) -> bool {
        self.has_backlog || !self.held.is_empty()
    }

    /// The same, those that are deferred included.
    pub fn is_waiting(&self) -> bool {
        self.has_pending() || self.next_deferred_at.is_some()
    }

    /// Whether it is called for instances of this process.
    pub fn subscribes_to(&self, process_name: &str) -> bool {
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
    fn only_a_healthy_endpoint_without_backlog_is_called_from_the_stream() {
        let path = |change: fn(&mut EndpointRecord)| {
            let mut record = record();
            change(&mut record);
            record.delivery_path()
        };
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(path(|_| {}), DeliveryPath::Direct);
        assert_eq!(path(|it| it.next_deferred_at = Some(Timestamp::UNIX_EPOCH)), DeliveryPath::Direct);
        assert_eq!(path(|it| _ = it.held.insert(InstanceKey::new("i"))), DeliveryPath::Direct, "others go on");
        assert_eq!(path(|it| it.late = LATE_TO_BE_SLOW - 1), DeliveryPath::Direct);
        assert_eq!(path(|it| it.late = LATE_TO_BE_SLOW), DeliveryPath::Backlog);
        assert_eq!(path(|it| it.has_backlog = true), DeliveryPath::Backlog);
        assert_eq!(path(|it| it.settings.paused = true), DeliveryPath::Backlog);
        assert_eq!(path(|it| it.settings.max_per_second = Some(5)), DeliveryPath::Backlog);
        let failing = EndpointRecord { health: Health::failing(now, now), ..record() };
        assert_eq!(failing.delivery_path(), DeliveryPath::Backlog);
        let health = Health::Disabled { since: now, reason: DisabledReason::Gone };
        assert_eq!(EndpointRecord { health, ..record() }.delivery_path(), DeliveryPath::Fail);
        let damaged = EndpointRecord { health, damaged: vec!["paused".to_owned()], ..record() };
        assert_eq!(damaged.delivery_path(), DeliveryPath::Backlog, "it is not known whether it is paused");
    }

    #[test]
    fn process_names_choose_and_none_choose_all() {
        let chosen = EndpointSettings { process_names: vec!["a".into()], ..EndpointSettings::default() };
        let chosen = EndpointRecord { settings: chosen, ..record() };
        let subscribes = (record().subscribes_to("b"), chosen.subscribes_to("a"), chosen.subscribes_to("b"));
        assert_eq!(subscribes, (true, true, false));
    }
}
