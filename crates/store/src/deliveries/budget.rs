//! How much one call may still read.

use tokio::time::Instant;

/// What one call may read.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Queries that are left.
    pub queries: usize,
    /// Items that are left to be looked at, whether they match or not. Queries that are made at a time may each look at 50 of
    /// them beyond that.
    pub items: usize,
    /// No query begins after this.
    pub until: Instant,
}

impl Budget {
    /// Whether nothing more is to be read.
    pub fn is_spent(&self) -> bool {
        self.queries == 0 || self.items == 0 || Instant::now() >= self.until
    }

    /// Items that each of so many queries may look at.
    pub(super) fn share(&self, queries: usize) -> usize {
        self.items / queries.max(1)
    }

    /// Counts a query that has looked at so many items.
    pub(super) fn spend(&mut self, items: usize) {
        self.queries = self.queries.saturating_sub(1);
        self.items = self.items.saturating_sub(items);
    }
}
