//! Read budget of one call.

use tokio::time::Instant;

/// Remaining reads of one call.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Number of queries left.
    pub queries: usize,
    /// Number of items left to examine, matching or not. Concurrent queries may exceed it by 50 items each.
    pub items: usize,
    /// Time limit for starting a query.
    pub until: Instant,
}

impl Budget {
    /// Returns whether no more reads are allowed.
    pub fn is_spent(&self) -> bool {
        self.queries == 0 || self.items == 0 || Instant::now() >= self.until
    }

    /// Returns the number of items that each of `queries` queries may examine.
    pub(super) fn share(&self, queries: usize) -> usize {
        self.items / queries.max(1)
    }

    /// Subtracts a query, and the number of items that it has examined.
    pub(super) fn spend(&mut self, items: usize) {
        self.queries = self.queries.saturating_sub(1);
        self.items = self.items.saturating_sub(items);
    }
}
