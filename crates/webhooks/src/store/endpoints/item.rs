//! An endpoint's record from its item.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::Deserialize;

use super::update::appends_of;
use crate::endpoint::{Announced, Appends, DisabledReason, EndpointRecord, EndpointSettings, Health};
use crate::event::{InstanceKey, PARTITIONS};

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Item {
    #[serde(flatten)]
    settings: EndpointSettings,
    settings_revision: Option<String>,
    health: String,
    misses: u32,
    rejections: u32,
    since: i64,
    step: usize,
    probe_at: i64,
    warned: bool,
    disabled_reason: Option<DisabledReason>,
    late: u32,
    window: Option<u32>,
    has_backlog: bool,
    held: BTreeSet<InstanceKey>,
    appends: u64,
    #[serde(rename = "asideDue")]
    next_deferred_at: Option<i64>,
    wake_at: Option<i64>,
    last_success: Option<i64>,
    last_failure: Option<i64>,
    announced: Announced,
}

fn time(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or_default()
}

/// Reads a record from its item.
pub(super) fn from_item(attributes: HashMap<String, AttributeValue>) -> Result<EndpointRecord, serde_dynamo::Error> {
    let mut by_partition = [0; PARTITIONS as usize];
    for (partition, count) in (0..).zip(&mut by_partition) {
        let counted = attributes.get(&appends_of(partition)).and_then(|count| count.as_n().ok()?.parse().ok());
        *count = counted.unwrap_or_default();
    }
    let item: Item = serde_dynamo::from_item(attributes)?;
    let total = item.appends;
    Ok(EndpointRecord { appends: Appends { total, by_partition }, ..item.into() })
}

impl From<Item> for EndpointRecord {
    fn from(item: Item) -> Self {
        let since = time(item.since);
        let health = match &*item.health {
            "failing" => Health::Failing { since, step: item.step, probe_at: time(item.probe_at), warned: item.warned },
            "disabled" => Health::Disabled { since, reason: item.disabled_reason.unwrap_or(DisabledReason::GivenUp) },
            _ => Health::Healthy { misses: item.misses, rejections: item.rejections },
        };
        Self {
            settings: item.settings,
            settings_revision: item.settings_revision,
            health,
            late: item.late,
            window: item.window,
            has_backlog: item.has_backlog,
            held: item.held,
            appends: Appends::default(),
            next_deferred_at: item.next_deferred_at.map(time),
            wake_at: item.wake_at.map(time),
            last_success: item.last_success.map(time),
            last_failure: item.last_failure.map(time),
            announced: item.announced,
        }
    }
}
