//! What happens in a run, as plain data: made from a seed, or written down in a test.

mod drawn;

/// Milliseconds since the run began.
pub type Ms = u64;

/// A run. The same scenario always gives the same history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// What every chance is drawn from.
    pub seed: u64,
    /// Changes of instances, in the order of time.
    pub changes: Vec<Change>,
    /// The endpoints that are configured at the beginning.
    pub endpoints: Vec<Receiver>,
    /// What an administrator does.
    pub acts: Vec<Act>,
    /// How the tables fail.
    pub store: StoreFaults,
    /// How environments fail.
    pub environments: EnvironmentFaults,
    /// The stream and its mapping.
    pub mapping: Mapping,
    /// How wake-ups and sweeps fail.
    pub wake_ups: WakeUpFaults,
    /// From then on nothing fails any more, and all receivers acknowledge.
    pub quiet_from: Ms,
    /// Whether all environments die when it becomes quiet.
    pub kill_at_end: bool,
    /// Number of pending deliveries that a drain or a move reads at a time.
    pub page: i32,
}

/// A change of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub at: Ms,
    /// In which workspace.
    pub workspace: u8,
    /// Which instance.
    pub instance: u8,
    /// What: 0 created, 1 updated, 2 deleted.
    pub kind: u8,
}

/// An endpoint, and how it behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receiver {
    /// Whose it is.
    pub workspace: u8,
    /// How it behaves, from when on. Before the first it acknowledges.
    pub phases: Vec<Phase>,
}

/// A behaviour from some time on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phase {
    /// From when on.
    pub from: Ms,
    /// How.
    pub behaviour: Behaviour,
}

/// How an endpoint answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// 200 after so long.
    Acknowledge {
        /// Latency.
        ms: Ms,
    },
    /// So many of a hundred requests get a 503, the others a 200.
    Flaky {
        /// Of a hundred.
        percent: u8,
    },
    /// 500.
    Error,
    /// 429.
    Throttle {
        /// `Retry-After`; 0 is none.
        retry_after_s: u16,
    },
    /// Accepts the request, and closes the connection.
    Reset,
    /// Accepts no connection.
    Down,
    /// Never answers.
    Hang,
    /// 410.
    Gone,
    /// Rejects so many of a hundred events with 422, each of them always.
    Reject {
        /// Of a hundred.
        percent: u8,
    },
    /// Acknowledges, but so many of a hundred answers are lost on the way.
    LoseAnswers {
        /// Of a hundred.
        percent: u8,
    },
}

/// Something that an administrator does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Act {
    /// When.
    pub at: Ms,
    /// To which endpoint.
    pub endpoint: u8,
    /// What.
    pub action: Action,
}

/// What an administrator does to an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Pauses it.
    Pause,
    /// Pauses it for a time.
    PauseFor {
        /// Length.
        ms: Ms,
    },
    /// Ends the pause.
    Unpause,
    /// Has it tried now.
    Resume,
    /// Sets a rate; 0 is none.
    Rate {
        /// Attempts a second.
        per_second: u8,
    },
    /// Asks for the latest of an instance's updates that wait.
    Latest,
    /// Asks for every event again.
    Every,
    /// Removes its URL from the callbacks.
    Remove,
    /// Adds its URL to the callbacks.
    Add,
    /// Replays what has failed.
    ReplayFailed,
    /// Replays what was delivered.
    ReplayDelivered,
    /// Puts another URL in the place of its URL.
    Replace {
        /// The endpoint of the other one, which is not configured.
        by: u8,
    },
    /// Edits its record by hand, so that an attribute cannot be read any more.
    Damage {
        /// The attribute, by its place in [`ATTRIBUTES`].
        attribute: u8,
    },
    /// Edits its workspace's key by hand, so that it cannot be read any more.
    DamageKey,
    /// Undoes that.
    RepairKey,
}

/// Attributes of an endpoint's record that are damaged: their names, and whether they are numbers then, or else texts.
pub const ATTRIBUTES: [(&str, bool); 6] = [
    ("paused", false),
    ("health", true),
    ("held", false),
    ("appends", false),
    ("maxPerSecond", false),
    ("late", false),
];

/// How the tables fail. Rates are of a thousand calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreFaults {
    /// Longest latency of a call.
    pub latency_ms: Ms,
    /// Refused: throttled, or an internal error.
    pub refused: u16,
    /// Carried out, and the answer lost.
    pub lost: u16,
    /// A part of a `BatchWriteItem` is left unprocessed.
    pub unprocessed: u16,
    /// A part of a `BatchWriteItem` is carried out, and the answer lost.
    pub torn: u16,
    /// Whole outages.
    pub outages: Vec<Outage>,
    /// Whether the SDK repeats what has failed, as it does by default.
    pub sdk_repeats: bool,
}

/// A table does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// 0 `Webhooks`, 1 `Deliveries`.
    pub table: u8,
    /// From when.
    pub from: Ms,
    /// Until when.
    pub to: Ms,
}

/// How environments fail. Rates are of a thousand invocations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EnvironmentFaults {
    /// Dies at some poll of its future.
    pub crash_at_poll: u16,
    /// Dies at some time.
    pub crash_at_time: u16,
    /// Is frozen for a while, and goes on, even when its time is up and its invocation was given up.
    pub freeze: u16,
    /// Responds, and the response is lost.
    pub lost_response: u16,
    /// Clocks are up to so far from the true time.
    pub skew_ms: Ms,
}

/// The stream, and how its mapping hands it over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// Number of shards.
    pub shards: u8,
    /// Batches of a shard at a time.
    pub parallelization_factor: u8,
    /// Most records of a batch.
    pub batch_size: u8,
    /// Time to gather a batch.
    pub window_ms: Ms,
    /// Batches of a thousand that come again although they were acknowledged.
    pub repeated: u16,
}

/// How wake-ups and sweeps fail. Rates are of a thousand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WakeUpFaults {
    /// Never come.
    pub lost: u16,
    /// Come twice.
    pub doubled: u16,
    /// Longest time by which one is late; so they also overtake one another.
    pub late_ms: Ms,
    /// Sweeps that do not happen.
    pub missed_sweeps: u16,
}
