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

/// Whether a request that was not acknowledged is taken as one that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counts {
    /// It is.
    All,
    /// It is not.
    Acknowledged,
}

impl Counts {
    fn of(self, line: &Callbacks) -> bool {
        self == Self::All || line.acknowledged
    }
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
            let next = lines[index + 1..].iter().find(|next| next.acknowledged);
            let replaced_at = next.map_or(Timestamp::MAX, |next| next.at);
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

    /// Returns the URL and, one after the other, those that replaced it before it was configured again; and when it was, if so.
    /// `counts` says of which requests the replacements count.
    pub(crate) fn way<'a>(
        &self,
        workspace: &str,
        url: &'a str,
        counts: Counts,
    ) -> (BTreeSet<&'a str>, Option<Timestamp>)
    where
        'h: 'a,
    {
        let lines = self.workspaces.get(workspace).map(Vec::as_slice).unwrap_or_default();
        let replaced = lines.iter().position(|line| counts.of(line) && line.replaces.values().any(|old| old == url));
        let since = replaced.unwrap_or(lines.len());
        let mut changes = (since + 1..lines.len()).filter(|it| lines[*it].has(url) != lines[it - 1].has(url));
        match changes.next_back() {
            Some(last) => (BTreeSet::from([url]), Some(lines[last].at)),
            None => (self.closure(workspace, url, counts, |(new, old)| (old, new)), None),
        }
    }

    /// Returns since when a URL may have replaced another one.
    pub(crate) fn replaces_from(&self, workspace: &str, url: &str) -> Option<Timestamp> {
        let lines = self.workspaces.get(workspace).map(Vec::as_slice).unwrap_or_default();
        lines.iter().filter(|line| line.replaces.contains_key(url)).map(|line| line.began.unwrap_or(line.at)).min()
    }

    /// Returns the URL and those that ever replaced it, one after the other.
    pub(crate) fn successors<'a>(&self, workspace: &str, url: &'a str) -> BTreeSet<&'a str>
    where
        'h: 'a,
    {
        self.closure(workspace, url, Counts::All, |(new, old)| (old, new))
    }

    /// Returns the URLs that the URL replaced by `at`, one after the other: itself among them if it replaced one of these.
    pub(crate) fn predecessors(&self, workspace: &str, url: &str, at: Timestamp) -> BTreeSet<&'h str> {
        let lines = self.workspaces.get(workspace).map(Vec::as_slice).unwrap_or_default();
        let lines = lines.iter().filter(|line| line.began.unwrap_or(line.at) <= at);
        let own = lines.filter_map(|line| line.record().replaces.get(url));
        own.flat_map(|old| self.closure(workspace, old, Counts::All, |pair| pair)).collect()
    }

    /// Returns when a URL was first not configured, or replaced another or was replaced, at or after a time.
    pub(crate) fn ended(&self, workspace: &str, url: &str, from: Timestamp) -> Option<Timestamp> {
        let lines = self.workspaces.get(workspace).map(Vec::as_slice).unwrap_or_default();
        let ends = |line: &&Line<'h, Callbacks>| {
            let replaces = line.replaces.iter().any(|(new, old)| new == url || old == url);
            line.at >= from && (replaces || !line.has(url))
        };
        lines.iter().find(ends).map(|line| line.began.unwrap_or(line.at))
    }

    /// Returns the times at which a URL came or went, or may have: its endpoint begins again. Of a request whose outcome is not
    /// known that lasts until the next one that was acknowledged.
    pub(crate) fn beginnings(&self, workspace: &str, url: &str) -> impl Iterator<Item = Timestamp> {
        let lines = self.workspaces.get(workspace).map(Vec::as_slice).unwrap_or_default();
        let begins = move |(index, line): &(usize, &Line<'h, Callbacks>)| {
            let acknowledged = lines[..*index].iter().rposition(|line| line.acknowledged);
            lines[acknowledged.unwrap_or(0)..*index].iter().any(|before| before.has(url) != line.has(url))
        };
        lines.iter().enumerate().filter(begins).flat_map(|(_, line)| [line.began.unwrap_or(line.at), line.at])
    }

    fn replacements(&self, workspace: &str, counts: Counts) -> impl Iterator<Item = (&'h str, &'h str)> {
        let lines = self.workspaces.get(workspace).map(Vec::as_slice).unwrap_or_default();
        let lines = lines.iter().filter(move |line| counts.of(line));
        lines.flat_map(|line| line.record().replaces.iter().map(|(new, old)| (new.as_str(), old.as_str())))
    }

    fn closure<'a>(
        &self,
        workspace: &str,
        url: &'a str,
        counts: Counts,
        way: impl Fn((&'h str, &'h str)) -> (&'h str, &'h str),
    ) -> BTreeSet<&'a str>
    where
        'h: 'a,
    {
        let mut all = BTreeSet::from([url]);
        loop {
            let mut steps = self.replacements(workspace, counts).map(&way);
            match steps.find(|(from, to)| all.contains(from) && !all.contains(to)) {
                Some((_, to)) => _ = all.insert(to),
                None => return all,
            }
        }
    }

    /// Returns the workspaces that ever configured the URL.
    pub(crate) fn workspaces_of(&self, url: &str) -> Vec<&'h str> {
        let has = |(_, lines): &(&&str, &Vec<Line<'h, Callbacks>>)| lines.iter().any(|line| line.has(url));
        self.workspaces.iter().filter(has).map(|(workspace, _)| *workspace).collect()
    }
}
