//! Writes at a steady rate, under all conditions.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::tables::Instances;

/// An event, as a receiver sees it: the instance, and its process, which has the number of the change.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Event {
    pub(super) instance: String,
    pub(super) change: u32,
}

/// A write.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) event: Event,
    pub(super) workspace: usize,
    /// Time at which the write began.
    pub(super) at: Instant,
}

/// Settings of the writes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    pub(super) per_s: u32,
    /// Number of instances that change again and again; without it each event has its own instance.
    pub(super) instances: Option<u32>,
    pub(super) workspaces: usize,
}

/// Returns the name of a workspace.
pub(super) fn workspace(number: usize) -> String {
    format!("w-{number}")
}

impl Load {
    /// Writes for this number of seconds.
    pub(super) async fn write(self, instances: &Instances, seconds: u32) -> Result<Vec<Written>> {
        let (begun, mut writes) = (Instant::now(), JoinSet::new());
        // An instance is not written while its last write is in progress, because their order would be unknown.
        let mut turns: HashMap<u32, Arc<Mutex<()>>> = HashMap::new();
        for number in 0..self.per_s * seconds {
            sleep_until(begun + Duration::from_secs(1) * number / self.per_s).await;
            let kinds = self.instances.unwrap_or(u32::MAX);
            let event = Event { instance: format!("i-{}", number % kinds), change: number / kinds };
            let number_of_workspace = (number % kinds) as usize % self.workspaces;
            let turn = Arc::clone(turns.entry(number % kinds).or_default()).lock_owned();
            let instances = instances.clone();
            writes.spawn(async move {
                let _turn = turn.await;
                let at = Instant::now();
                let process = format!("v{:05}", event.change);
                instances.put(Some(&workspace(number_of_workspace)), &event.instance, &process).await?;
                anyhow::Ok(Written { event, workspace: number_of_workspace, at })
            });
        }
        let mut written = Vec::new();
        while let Some(write) = writes.join_next().await {
            written.push(write??);
        }
        Ok(written)
    }
}
