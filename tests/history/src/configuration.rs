//! Which URLs were configured when.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;

use crate::history::Line;
use crate::record::{Callbacks, EventType};

/// The callbacks of all workspaces over time.
#[derive(Debug)]
pub(crate) struct Configuration<'h> {
    /// By workspace, the oldest first.
    workspaces: HashMap<&'h str, Vec<Line<'h, Callbacks>>>,
}

/// The URLs of an event type within a span of time.
#[derive(Debug, Default)]
pub(crate) struct Urls<'h> {
    /// Those that were configured throughout.
    pub(crate) always: BTreeSet<&'h str>,
    /// Those that were configured at some moment.
    pub(crate) ever: BTreeSet<&'h str>,
}

impl<'h> Configuration<'h> {
    pub(crate) fn new(mut callbacks: Vec<Line<'h, Callbacks>>) -> Self {
        callbacks.sort_by_key(|line| (line.at, line.order));
        let mut workspaces: HashMap<_, Vec<_>> = HashMap::new();
        for line in callbacks {
            workspaces.entry(line.record().workspace.as_str()).or_default().push(line);
        }
        Self { workspaces }
    }

    /// Returns the URLs of the event type from `from` to `to`. Between a request to the API and its answer both the old
    /// callbacks and the new ones may count.
    pub(crate) fn urls(&self, workspace: &str, event_type: EventType, from: Timestamp, to: Timestamp) -> Urls<'h> {
        let lines = self.workspaces.get(workspace).map(Vec::as_slice).unwrap_or_default();
        let mut in_force = lines.iter().enumerate().filter(|(index, line)| {
            let replaced_at = lines.get(index + 1).map_or(Timestamp::MAX, |next| next.at);
            line.began.unwrap_or(line.at) <= to && replaced_at >= from
        });
        let none_before = lines.first().is_none_or(|first| first.at >= from);
        let urls = |line: &Line<'h, Callbacks>| line.record().urls(event_type).iter().map(String::as_str).collect();
        let mut first: BTreeSet<_> = match in_force.next() {
            Some((_, line)) => urls(line),
            None => return Urls::default(),
        };
        let mut ever = first.clone();
        for (_, line) in in_force {
            let these: BTreeSet<_> = urls(line);
            first.retain(|url| these.contains(url));
            ever.extend(these);
        }
        Urls { always: if none_before { BTreeSet::new() } else { first }, ever }
    }

    /// Returns the workspaces that ever configured the URL.
    pub(crate) fn workspaces_of(&self, url: &str) -> Vec<&'h str> {
        let types = [EventType::Created, EventType::Updated, EventType::Deleted];
        let has = |line: &Line<'h, Callbacks>| types.iter().any(|it| line.urls(*it).iter().any(|other| other == url));
        self.workspaces.iter().filter(|(_, lines)| lines.iter().any(has)).map(|(workspace, _)| *workspace).collect()
    }
}
