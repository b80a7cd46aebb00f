//! An endpoint's record from its item.

use jiff::Timestamp;
use serde::Deserialize;

use crate::endpoint::{Announced, DisabledReason, EndpointRecord, EndpointSettings, Health};

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Item {
    sk: String,
    #[serde(flatten)]
    settings: EndpointSettings,
    settings_revision: Option<String>,
    health: String,
    refusals: u32,
    since: i64,
    step: usize,
    probe_at: i64,
    warned: bool,
    disabled_reason: Option<DisabledReason>,
    has_backlog: bool,
    appends: u64,
    aside_due: Option<i64>,
    wake_at: Option<i64>,
    last_success: Option<i64>,
    last_failure: Option<i64>,
    announced: Announced,
}

fn time(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or_default()
}

impl From<Item> for EndpointRecord {
    fn from(item: Item) -> Self {
        let since = time(item.since);
        let health = match &*item.health {
            "failing" => Health::Failing { since, step: item.step, probe_at: time(item.probe_at), warned: item.warned },
            "disabled" => Health::Disabled { since, reason: item.disabled_reason.unwrap_or(DisabledReason::GivenUp) },
            _ => Health::Healthy { refusals: item.refusals },
        };
        Self {
            settings: item.settings,
            settings_revision: item.settings_revision,
            health,
            has_backlog: item.has_backlog,
            appends: item.appends,
            aside_due: item.aside_due.map(time),
            wake_at: item.wake_at.map(time),
            last_success: item.last_success.map(time),
            last_failure: item.last_failure.map(time),
            announced: item.announced,
        }
    }
}
