//! Endpoints: settings, health and delivery path of each distinct URL of a workspace.

mod health;
mod id;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::callback_url::CallbackUrl;
use crate::credentials::{Credentials, SecretHeaders};
use crate::event::{EventType, InstanceKey, PARTITIONS};
use crate::signing::{EndpointSecret, SecretSources, WorkspaceKeys};
use crate::subscription::Subscription;

pub use health::{AttemptOutcome, DisabledReason, Health, HealthSettings, Try};
pub use id::EndpointId;

/// An endpoint: one distinct URL of a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Id of the endpoint.
    pub id: EndpointId,
    /// Callback URL.
    pub url: CallbackUrl,
}

impl Endpoint {
    /// Returns the pseudo-endpoint that holds events while the workspace's callbacks cannot be read.
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

/// Minimum time between two stored successes of an endpoint.
const SUCCESS_GRAIN: SignedDuration = SignedDuration::from_secs(60);

/// Settings of an endpoint. Administrators and developers change them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EndpointSettings {
    /// Whether sending is paused. Deliveries are kept, and are sent in order when the pause ends.
    #[serde(default)]
    pub paused: bool,
    /// Time at which the pause ends by itself; `None` for a pause that a user ends. See [`Self::is_paused`].
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "jiff::fmt::serde::timestamp::millisecond::optional"
    )]
    pub paused_until: Option<Timestamp>,
    /// The events that the endpoint receives.
    #[serde(flatten)]
    pub subscription: Subscription,
    /// Maximum number of attempts per second; `None` for no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_per_second: Option<u32>,
    /// Which of the events that wait are sent.
    #[serde(default, skip_serializing_if = "OnBacklog::is_every")]
    pub on_backlog: OnBacklog,
    /// Headers that the requests have besides.
    #[serde(skip)]
    pub secret_headers: SecretHeaders,
    /// Name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Purpose, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Contact for questions about the receiver: a person, a team or an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
}

/// Which of the events that wait for an endpoint are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnBacklog {
    /// Every event.
    #[default]
    Every,
    /// Of an instance's updates the last one: an `updated` event that a later pending one of the instance follows is
    /// superseded. A `created` or `deleted` event never is.
    Latest,
}

impl OnBacklog {
    /// Both values.
    pub const ALL: [Self; 2] = [Self::Every, Self::Latest];

    /// Returns the name in the table and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Every => "every",
            Self::Latest => "latest",
        }
    }

    fn is_every(&self) -> bool {
        *self == Self::Every
    }

    /// Returns whether an event of this type may be superseded by a later one of its instance.
    pub fn supersedes(self, event_type: EventType) -> bool {
        self == Self::Latest && event_type == EventType::Updated
    }
}

impl EndpointSettings {
    /// Returns whether sending is paused at that time: a pause whose time has passed is none, although it is stored.
    pub fn is_paused(&self, now: Timestamp) -> bool {
        self.paused && self.paused_until.is_none_or(|until| now < until)
    }

    /// Returns the time at which what is due `at` is sent: it waits for the end of a pause. `None` if a user ends that.
    pub fn sent_from(&self, at: Timestamp, now: Timestamp) -> Option<Timestamp> {
        if self.is_paused(now) { self.paused_until.map(|until| until.max(at)) } else { Some(at) }
    }

    /// Returns the settings as they apply at that time: without a pause whose time has passed.
    #[must_use]
    pub fn at(self, now: Timestamp) -> Self {
        match self.is_paused(now) {
            true => self,
            false => Self { paused: false, paused_until: None, ..self },
        }
    }
}

/// Maximum number of instances that are held one by one. Beyond it every delivery queues until the backlog is drained.
pub const MAX_HELD: usize = 200;

/// Number of batches in a row that ended before the endpoint's response, after which it counts as slow.
pub const LATE_TO_BE_SLOW: u32 = 3;

/// State of an endpoint. The default is that of one that was never called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndpointRecord {
    /// Settings.
    pub settings: EndpointSettings,
    /// Unique revision of the last change of the settings.
    pub settings_revision: Option<String>,
    /// Sources of its secret; `None` before the first change: derived from its own id.
    pub secret: Option<EndpointSecret>,
    /// Health.
    pub health: Health,
    /// Number of batches in a row that ended before its response (docs/adr/0018); from [`LATE_TO_BE_SLOW`] on it is
    /// slow.
    pub late: u32,
    /// Number of concurrent attempts found sustainable by the last drain; `None` before the first drain.
    pub window: Option<u32>,
    /// Whether every new delivery is appended to the backlog.
    pub has_backlog: bool,
    /// Instances with a pending delivery: only their new deliveries are appended to the backlog.
    pub held: BTreeSet<InstanceKey>,
    /// Count of additions to the backlog, by which a drain can tell that it has seen all of them.
    pub appends: Appends,
    /// Time until which a counted addition may still be on its way to the table; `None` before the first.
    pub appending_until: Option<Timestamp>,
    /// Time until which there may be additions that are not counted: a drain that began before does not release what queues
    /// behind them. `None` before the first.
    pub uncounted_until: Option<Timestamp>,
    /// Time of the next deferred delivery.
    pub next_deferred_at: Option<Timestamp>,
    /// Time of the next wake-up; `None` if nothing is pending or on its way.
    pub wake_at: Option<Timestamp>,
    /// End of the lease of the current drain, which renews it; `None` if no drain holds the endpoint.
    pub leased_until: Option<Timestamp>,
    /// Time of the last acknowledgement, with minute resolution for busy endpoints.
    pub last_success_at: Option<Timestamp>,
    /// Time of the last attempt that was not acknowledged.
    pub last_failure_at: Option<Timestamp>,
    /// Id of the delivery of the last attempt by a drain that was not acknowledged: its log has the reason. Drains alone
    /// probe a failing endpoint, each time another delivery.
    pub last_failed_delivery: Option<String>,
    /// State that was last published.
    pub published_state: PublishedState,
    /// Number of deliveries that it rejected until their retries ended, since that was last published.
    pub unpublished_failures: u64,
    /// Time at which such failures were last published.
    pub failures_published_at: Option<Timestamp>,
    /// Names of the attributes that cannot be read: edited by hand, or written by a later release. Nothing is sent
    /// then.
    pub damaged: Vec<String>,
}

/// Counts of additions to an endpoint's backlog: in total, and by partition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Appends {
    /// Total.
    pub total: u64,
    /// Count by [`InstanceKey::partition`].
    pub by_partition: [u64; PARTITIONS as usize],
}

/// State of an endpoint that was last published.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PublishedState {
    /// The endpoint is working, or nothing was published yet.
    #[default]
    Working,
    /// The endpoint is failing.
    Failing,
    /// The endpoint is about to be disabled.
    AboutToBeDisabled,
    /// The endpoint is disabled.
    Disabled,
}

/// Path of an event to an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryPath {
    /// Call the endpoint directly from the stream, except for held instances.
    Direct,
    /// Append to the backlog, which the drain delivers.
    Backlog,
    /// Record the delivery as failed: the endpoint is disabled.
    Fail,
}

impl EndpointRecord {
    /// Returns the current path of an event to this endpoint.
    ///
    /// An endpoint with a rate is called by its drain only, because only a single sender knows the number of attempts
    /// per second.
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

    /// Returns whether a success at this time is stored: one a minute, so that the record of a busy endpoint is not
    /// written with each batch.
    pub fn stores_success(&self, at: Timestamp) -> bool {
        self.last_success_at.is_none_or(|known| at.duration_since(known) >= SUCCESS_GRAIN)
    }

    /// Returns the sources of the secret of the endpoint with this id.
    pub fn secret_of(&self, id: &EndpointId) -> EndpointSecret {
        self.secret.clone().unwrap_or_else(|| EndpointSecret::unchanged(SecretSources::of(id)))
    }

    /// Returns the credentials of requests to the endpoint with this id at `now`.
    pub fn credentials(&self, id: &EndpointId, keys: &WorkspaceKeys, now: Timestamp) -> Credentials {
        Credentials {
            secrets: self.secret_of(id).sources.secrets(keys, now),
            headers: self.settings.secret_headers.clone(),
        }
    }

    /// Returns whether a part of its item cannot be read. Its settings may be unknown then.
    pub fn is_damaged(&self) -> bool {
        !self.damaged.is_empty()
    }

    /// Returns whether this attribute of its item cannot be read.
    pub fn is_damaged_in(&self, attribute: &str) -> bool {
        self.damaged.iter().any(|name| name == attribute)
    }

    /// Returns whether its own drain makes all deliveries, even while the endpoint is healthy.
    pub fn is_drained(&self) -> bool {
        self.is_slow() || self.settings.max_per_second.is_some()
    }

    /// Returns whether its responses regularly take longer than a batch may wait.
    pub fn is_slow(&self) -> bool {
        self.late >= LATE_TO_BE_SLOW
    }

    /// Returns whether deliveries to it may be pending, except for deferred ones. They may if that cannot be read.
    pub fn has_queued(&self) -> bool {
        self.has_backlog || !self.held.is_empty() || self.is_damaged_in("hasBacklog") || self.is_damaged_in("held")
    }

    /// Returns whether deliveries to it may be pending, including deferred ones.
    pub fn has_pending(&self) -> bool {
        self.has_queued() || self.next_deferred_at.is_some() || self.is_damaged_in("nextDeferredAt")
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
    fn a_pause_ends_at_its_time_and_without_one_it_stays() {
        let until = Timestamp::from_second(60).unwrap();
        let (before, after) = (Timestamp::from_second(59).unwrap(), Timestamp::from_second(61).unwrap());
        let forever = EndpointSettings { paused: true, ..EndpointSettings::default() };
        let timed = EndpointSettings { paused_until: Some(until), ..forever.clone() };
        let paused = |settings: &EndpointSettings| [before, until, after].map(|now| settings.is_paused(now));
        assert_eq!((paused(&forever), paused(&timed)), ([true; 3], [true, false, false]));
        assert_eq!(timed.clone().at(before), timed);
        assert_eq!((timed.at(after), forever.clone().at(after)), (EndpointSettings::default(), forever));
        let left_over = EndpointSettings { paused_until: Some(until), ..EndpointSettings::default() };
        assert!(!left_over.is_paused(before), "a time without a pause pauses nothing");
    }

    #[test]
    fn what_waits_for_the_end_of_a_pause_is_sent_then() {
        let [before, until, after] = [59, 60, 61].map(|second| Timestamp::from_second(second).unwrap());
        let forever = EndpointSettings { paused: true, ..EndpointSettings::default() };
        let timed = EndpointSettings { paused_until: Some(until), ..forever.clone() };
        assert_eq!(timed.sent_from(before, before), Some(until));
        assert_eq!(timed.sent_from(after, before), Some(after), "it is due after the pause");
        assert_eq!(timed.sent_from(before, after), Some(before), "the pause is over");
        assert_eq!(forever.sent_from(before, before), None);
    }

    #[test]
    fn only_updates_are_superseded_and_only_if_the_latest_is_asked_for() {
        let superseded =
            |it: OnBacklog| EventType::ALL.into_iter().filter(move |of| it.supersedes(*of)).collect::<Vec<_>>();
        assert_eq!((superseded(OnBacklog::Every), superseded(OnBacklog::Latest)), (vec![], vec![EventType::Updated]));
        for it in OnBacklog::ALL {
            assert_eq!(serde_json::to_value(it).unwrap(), it.as_str());
            let settings = EndpointSettings { on_backlog: it, ..EndpointSettings::default() };
            let stored = serde_json::to_value(&settings).unwrap();
            assert_eq!(stored.get("onBacklog").is_some(), it == OnBacklog::Latest, "{stored}");
            assert_eq!(serde_json::from_value::<EndpointSettings>(stored).unwrap(), settings);
        }
    }

    #[test]
    fn what_is_counted_held_deferred_or_unreadable_may_be_pending() {
        let pending = |change: fn(&mut EndpointRecord)| {
            let mut record = record();
            change(&mut record);
            (record.has_queued(), record.has_pending())
        };
        assert_eq!(pending(|_| {}), (false, false));
        assert_eq!(pending(|it| it.has_backlog = true), (true, true));
        assert_eq!(pending(|it| _ = it.held.insert(InstanceKey::new("i"))), (true, true));
        assert_eq!(pending(|it| it.damaged = vec!["hasBacklog".to_owned()]), (true, true));
        assert_eq!(pending(|it| it.damaged = vec!["held".to_owned()]), (true, true));
        assert_eq!(pending(|it| it.damaged = vec!["nextDeferredAt".to_owned()]), (false, true));
        assert_eq!(pending(|it| it.next_deferred_at = Some(Timestamp::UNIX_EPOCH)), (false, true));
        assert_eq!(pending(|it| it.damaged = vec!["paused".to_owned()]), (false, false));
    }

    #[test]
    fn the_events_of_unreadable_callbacks_wait_under_an_id_of_their_own() {
        let unrouted = Endpoint::unrouted();
        assert_eq!(unrouted.id, EndpointId::unrouted());
        assert_ne!(unrouted.id, EndpointId::of(&unrouted.url), "no URL has this id");
        let url = CallbackUrl::try_from("https://a.example/".to_owned()).unwrap();
        assert_eq!(Endpoint::from(url.clone()), Endpoint { id: EndpointId::of(&url), url });
    }
}
