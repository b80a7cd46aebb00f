//! Which events an endpoint asks for, and since when.

use jiff::Timestamp;

use crate::history::Line;
use crate::record::{Change, EventType, Subscription};

/// What endpoints ask for over time.
#[derive(Debug)]
pub(crate) struct Subscriptions<'h>(Vec<Line<'h, Subscription>>);

/// Whether an endpoint asks for a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Yes,
    No,
    /// It began or ceased to at about that time.
    Unknown,
}

impl<'h> Subscriptions<'h> {
    pub(crate) fn new(mut lines: Vec<Line<'h, Subscription>>) -> Self {
        lines.sort_by_key(|line| (line.at, line.order));
        Self(lines)
    }

    /// Returns whether an endpoint asks for a change that was made from `from` on and passed on until `to`.
    pub(crate) fn ask(&self, url: &str, change: &Change, (from, to): (Timestamp, Timestamp)) -> Asked {
        let mut of = self.0.iter().filter(|it| it.workspace == change.workspace && it.url == url && it.began <= to);
        let before = of.clone().rfind(|it| it.at < from);
        let asks = |it: &Line<'h, Subscription>| asks_for(it.record(), change);
        let first = before.is_none_or(asks);
        match (of.all(|it| it.at < from || asks(it) == first), first) {
            (false, _) => Asked::Unknown,
            (true, true) => Asked::Yes,
            (true, false) => Asked::No,
        }
    }
}

fn asks_for(subscription: &Subscription, change: &Change) -> bool {
    let all = subscription.changed.is_empty() || change.event_type != EventType::Updated;
    let changed = all || !subscription.changed.is_disjoint(&change.changed);
    let fulfils = |(name, any): (&String, &std::collections::BTreeSet<String>)| {
        change.attributes.get(name).is_some_and(|value| any.contains(value))
    };
    changed && subscription.conditions.iter().all(fulfils)
}
