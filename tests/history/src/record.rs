//! The records of a history, one JSON object a line with a `kind`. Names are those of the API and of the callback request.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::settings::Settings;

/// One line of a history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Record {
    /// How the run was set up. The last one counts.
    Settings(Settings),
    /// A change of an instance.
    Change(Change),
    /// What an endpoint asks for from now on.
    Subscription(Subscription),
    /// The callbacks of a workspace from now on.
    Callbacks(Callbacks),
    /// What an administrator or a developer did to an endpoint or a delivery.
    Operation(Operation),
    /// What was broken on purpose, or broke.
    Fault(Fault),
    /// A request that reached a receiver.
    Arrival(Arrival),
    /// A delivery that failed.
    Failed(Failed),
    /// A delivery in the log at the end.
    Logged(Logged),
    /// The end of reading the log.
    LogRead(LogRead),
}

/// What happened to an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EventType {
    /// It is new.
    Created,
    /// It has changed.
    Updated,
    /// It is gone.
    Deleted,
}

impl EventType {
    /// The name in the request and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
        }
    }
}

/// A change of an instance, as its writer logged it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Change {
    /// The tenant.
    pub workspace: String,
    /// The instance.
    #[serde(rename = "instanceID")]
    pub instance: String,
    /// Its process; of a deletion, that of the old item.
    #[serde(rename = "processName")]
    pub process: String,
    /// What happened.
    pub event_type: EventType,
    /// Time at which the write began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub began: Option<Timestamp>,
    /// Time of the table's acknowledgement.
    pub at: Timestamp,
    /// Whether the table acknowledged it. One that was not may have happened: it is allowed to arrive, and need not.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub acknowledged: bool,
    /// Position in the instance's own order. Without it the order of the lines counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
    /// The event's id, where the writer knows it.
    #[serde(default, rename = "eventID", skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// Time by which the fan-out was through with it, where that is known. Without it `streamDelay` counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handled: Option<Timestamp>,
    /// The item's other attributes, where an endpoint asks for them: after the change; of a deletion, before it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
    /// Those of an update that differ from before.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub changed: BTreeSet<String>,
}

/// What an endpoint asks for from now on. Without one it asks for every event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Subscription {
    /// The tenant.
    pub workspace: String,
    /// The endpoint's URL.
    pub url: String,
    /// Time of the request to the API.
    pub began: Timestamp,
    /// Time of the API's answer.
    pub at: Timestamp,
    /// Attributes of which one is to have changed in an update; empty for all updates.
    pub changed: BTreeSet<String>,
    /// Values by attribute: each is to have one of its own.
    #[serde(rename = "where")]
    pub conditions: BTreeMap<String, BTreeSet<String>>,
}

/// The URLs of a workspace that are called, by event type. A switch that is off is an empty list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Callbacks {
    /// The tenant.
    pub workspace: String,
    /// Time of the request to the API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub began: Option<Timestamp>,
    /// Time of the API's answer.
    pub at: Timestamp,
    /// URLs as the API returns them.
    #[serde(default)]
    pub created: Vec<String>,
    /// As above.
    #[serde(default)]
    pub updated: Vec<String>,
    /// As above.
    #[serde(default)]
    pub deleted: Vec<String>,
    /// New URLs, each with the one in whose place it is.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub replaces: BTreeMap<String, String>,
    /// Whether the API acknowledged it. If not, these and those before may count, until the next that it did.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub acknowledged: bool,
}

impl Callbacks {
    /// Returns the URLs of an event type.
    pub fn urls(&self, event_type: EventType) -> &[String] {
        match event_type {
            EventType::Created => &self.created,
            EventType::Updated => &self.updated,
            EventType::Deleted => &self.deleted,
        }
    }

    /// Whether the URL is called for any event type.
    pub fn has(&self, url: &str) -> bool {
        [&self.created, &self.updated, &self.deleted].into_iter().flatten().any(|other| other == url)
    }
}

/// What an administrator or a developer asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Operation {
    /// The action.
    pub action: Action,
    /// Time of the request to the API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub began: Option<Timestamp>,
    /// Time of the API's answer.
    pub at: Timestamp,
    /// The tenant; every one if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    /// The endpoint's URL; every endpoint if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The event; every event if there is none.
    #[serde(default, rename = "eventID", skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
}

/// The actions of [`Operation`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Nothing is sent to the endpoint.
    Pause,
    /// The end of a pause, or the API's `resume`: the endpoint is probed at once.
    Resume,
    /// The API's `resume` of an endpoint that may be paused, and stays so.
    Probe,
    /// Deliveries are sent once more.
    Replay,
    /// Of the updates of an instance that wait only the last one is sent.
    Latest,
    /// Every event is sent, as at the beginning.
    Every,
}

/// What was broken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fault {
    /// The class.
    pub fault: FaultKind,
    /// Time at which it began.
    pub at: Timestamp,
    /// Time at which it ended, if it lasted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The endpoint's URL; every endpoint if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The event; every event if there is none.
    #[serde(default, rename = "eventID", skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
}

/// The classes of [`Fault`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// A process or an environment that ended at once.
    Kill,
    /// An invocation that was cut off by its timeout, or given up by its caller.
    GivenUpInvocation,
    /// An answer that the sender did not get.
    LostAnswer,
    /// A write to the store that failed, or of which the answer was lost.
    StoreWrite,
    /// A batch of the stream that came again.
    RedeliveredBatch,
    /// Clocks of environments that differ by more than the margin of a claim or a lease: two may send at a time.
    ClocksApart,
    /// An endpoint that no request reached: attempts of that time do not arrive.
    Unreachable,
}

impl FaultKind {
    /// Whether what was acknowledged may be sent again after it.
    pub fn sends_again(self) -> bool {
        self != Self::Unreachable
    }
}

/// A request that reached a receiver.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Arrival {
    /// The endpoint's URL, as the API returns it.
    pub url: String,
    /// Path and query as they came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The parameter, decoded.
    #[serde(rename = "instanceID")]
    pub instance: String,
    /// The parameter, decoded.
    #[serde(rename = "processName")]
    pub process: String,
    /// The parameter.
    pub event_type: EventType,
    /// `webhook-id`.
    #[serde(rename = "webhookID")]
    pub event: String,
    /// `webhook-attempt`.
    #[serde(rename = "webhookAttempt")]
    pub attempt: u64,
    /// Time at which the whole head was there.
    pub at: Timestamp,
    /// The answer; without one the connection ended or hung.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// Time at which the receiver ended the connection without an answer. One that hangs does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
    /// Time at which the invocation that sent it began, where that is known: what it went by is no older. Without it `grace`
    /// counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoked: Option<Timestamp>,
}

/// What a receiver answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Time just before its head was sent.
    pub at: Timestamp,
    /// What it asked for in `Retry-After`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<SignedDuration>,
    /// Whether it is known that the sender did not get it.
    #[serde(default, skip_serializing_if = "is_no")]
    pub lost: bool,
}

/// A delivery was recorded as failed. Without such records one that is failed in the end holds no later event at any time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Failed {
    /// The endpoint's URL.
    pub url: String,
    /// The event's id.
    #[serde(rename = "eventID")]
    pub event: String,
    /// When.
    pub at: Timestamp,
}

/// The states of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Still to be delivered.
    Pending,
    /// Acknowledged by its endpoint.
    Delivered,
    /// Not attempted any more.
    Failed,
    /// Not sent, because a later event of its instance waited, too.
    Superseded,
}

impl Status {
    /// The name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Superseded => "superseded",
        }
    }
}

/// A delivery as the API's log shows it. Its other fields may be there, too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Logged {
    /// The delivery's id.
    #[serde(rename = "deliveryID")]
    pub delivery: String,
    /// The event's id.
    #[serde(rename = "eventID")]
    pub event: String,
    /// The tenant.
    #[serde(default = "default_workspace")]
    pub workspace: String,
    /// The endpoint's URL.
    pub url: String,
    /// The instance.
    #[serde(rename = "instanceID")]
    pub instance: String,
    /// Its process.
    #[serde(rename = "processName")]
    pub process: String,
    /// What happened.
    pub event_type: EventType,
    /// Time of the change, by the stream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_at: Option<Timestamp>,
    /// The state.
    pub status: Status,
    /// Number of attempts.
    #[serde(default)]
    pub attempt_count: u64,
    /// Reason of a failed delivery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub give_up_reason: Option<String>,
    /// The attempts, where they were read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<LoggedAttempt>,
}

/// An attempt as the log has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LoggedAttempt {
    /// Its number, from 1.
    pub number: u64,
    /// The status code, if an answer came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
}

/// The log was read to its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LogRead {
    /// Time at which reading began.
    pub at: Timestamp,
}

fn yes() -> bool {
    true
}

fn is_yes(value: &bool) -> bool {
    *value
}

fn is_no(value: &bool) -> bool {
    !*value
}

fn default_workspace() -> String {
    "default".into()
}
