//! A walk through a partition of the backlog, page by page: which of the deliveries found may be taken. Pure.
//!
//! Writers add an instance's deliveries in order, so nothing is missing before a delivery of the first page. Before one
//! of a later page something may be: it was added to a page that had been read by then, by a replay or by a batch of
//! another shard. Such a delivery is taken once the walk before has found it too, because what was added before it was
//! there when this walk began.

use foldhash::HashSet;
use webhooks_model::event::InstanceKey;
use webhooks_store::DeliveryId;

/// Number of deliveries left for the next walk that ends this one, if it is not half of all until then.
const MAX_LEFT: usize = 1_000;

/// Position of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::retry) struct Position {
    pub(in crate::retry) partition: u8,
    /// The cursor of the page before; `None` at the start.
    pub(in crate::retry) after: Option<String>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Walk {
    /// Count of appends when the walk began; `None` if the next one is to begin.
    appends: Option<u64>,
    /// Cursor of the next page.
    next: Option<String>,
    /// Whether the partition's end has been reached, with nothing left.
    is_complete: bool,
    /// Number of deliveries of the pages until now.
    passed: usize,
    /// Number of these that are left for the next walk.
    left: usize,
    /// Instances of which one is left.
    left_of: HashSet<InstanceKey>,
    /// Deliveries found after the first page, by this walk and by the one before.
    found: HashSet<DeliveryId>,
    found_before: HashSet<DeliveryId>,
}

impl Walk {
    /// Returns whether everything that was appended by then has been taken.
    pub(super) fn has_all(&self, appends: u64) -> bool {
        self.is_complete && self.appends == Some(appends)
    }

    /// Returns whether the next walk has to begin: something was left, or appended since.
    pub(super) fn is_over(&self, appends: u64) -> bool {
        self.appends.is_none() || self.is_complete && self.appends != Some(appends)
    }

    /// Begins the next walk.
    pub(super) fn begin(&mut self, appends: u64) {
        let found_before = std::mem::take(&mut self.found);
        *self = Self { appends: Some(appends), found_before, ..Self::default() };
    }

    /// Returns the cursor of the page to read, if one is missing.
    pub(super) fn next(&self) -> Option<Option<String>> {
        (!self.is_complete).then(|| self.next.clone())
    }

    /// Returns whether a page is the next one of this walk. It may have been read for one that was dropped.
    pub(super) fn expects(&self, page: &Position) -> bool {
        self.appends.is_some() && !self.is_complete && self.next == page.after
    }

    /// Returns whether a delivery of the current page is taken; otherwise it is left for the next walk, and so are the
    /// later ones of its instance.
    pub(super) fn takes(&mut self, id: &DeliveryId, instance: InstanceKey) -> bool {
        if self.next.is_none() {
            return true;
        }
        let takes = self.found_before.contains(id) && !self.left_of.contains(&instance);
        if takes {
            self.found.insert(id.clone());
        } else {
            self.leave(id, instance);
        }
        takes
    }

    /// Leaves a delivery of the current page for the next walk.
    pub(super) fn leave(&mut self, id: &DeliveryId, instance: InstanceKey) {
        if self.next.is_some() {
            self.found.insert(id.clone());
        }
        self.left += 1;
        self.left_of.insert(instance);
    }

    /// Ends a page of so many deliveries. A walk that has left as many as it passed ends as well, so that walks through
    /// what waits at the start cost no more than what they bring.
    pub(super) fn turn(&mut self, deliveries: usize, next: Option<String>) {
        self.passed += deliveries;
        self.is_complete = next.is_none() && self.left == 0;
        let is_enough = 2 * self.left >= self.passed || self.left >= MAX_LEFT;
        if self.left > 0 && (next.is_none() || is_enough) {
            self.appends = None;
        }
        self.next = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u32) -> DeliveryId {
        format!("ad8295a7a69d6f00bcbec158f753e931-e-1700000000000-{number}-3f79bb7b435b0532").parse().unwrap()
    }

    fn page(walk: &mut Walk, next: Option<&str>, deliveries: &[(u32, &str)]) -> Vec<u32> {
        let takes = deliveries.iter().filter(|(number, instance)| walk.takes(&id(*number), InstanceKey::new(instance)));
        let taken = takes.map(|(number, _)| *number).collect();
        walk.turn(deliveries.len(), next.map(str::to_owned));
        taken
    }

    #[test]
    fn what_was_added_behind_it_is_taken_before_the_later_ones() {
        let mut walk = Walk::default();
        walk.begin(0);
        assert_eq!(page(&mut walk, Some("2"), &[(1, "a"), (2, "b")]), [1, 2]);
        assert_eq!(page(&mut walk, None, &[(5, "c"), (6, "d")]), [0; 0], "4 of c may have been added behind it");
        assert!(walk.is_over(0) && !walk.has_all(0));

        walk.begin(0);
        assert_eq!(page(&mut walk, Some("2"), &[(1, "a"), (2, "b")]), [1, 2]);
        assert_eq!(page(&mut walk, None, &[(4, "c"), (5, "c"), (6, "d")]), [6], "4 is new, and 5 is behind it");
        assert!(walk.is_over(0));

        walk.begin(0);
        assert_eq!(page(&mut walk, Some("4"), &[(2, "b"), (4, "c")]), [2, 4]);
        assert_eq!(page(&mut walk, None, &[(5, "c"), (6, "d")]), [5, 6]);
        assert!(walk.has_all(0) && !walk.is_over(0) && walk.is_over(1));
    }

    #[test]
    fn a_walk_through_what_waits_leaves_as_many_as_it_passes() {
        let mut walk = Walk::default();
        walk.begin(0);
        page(&mut walk, Some("2"), &[(1, "a"), (2, "b")]);
        for (next, number) in [("3", 3), ("4", 4)] {
            assert!(!walk.is_over(0), "{number}");
            page(&mut walk, Some(next), &[(number, "c")]);
        }
        assert!(walk.is_over(0));
    }

    #[test]
    fn a_page_that_was_read_for_a_dropped_walk_is_not_the_next_one() {
        let position = |after: Option<&str>| Position { partition: 0, after: after.map(str::to_owned) };
        let mut walk = Walk::default();
        assert!(!walk.expects(&position(None)), "it has not begun");
        walk.begin(0);
        assert!(walk.expects(&position(None)) && !walk.expects(&position(Some("2"))));
        page(&mut walk, Some("2"), &[(1, "a")]);
        assert!(!walk.expects(&position(None)) && walk.expects(&position(Some("2"))));
    }
}
