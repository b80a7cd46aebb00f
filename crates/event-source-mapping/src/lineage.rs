//! Selects the shards that can be read: a child continues its parent, so that it waits until the parent is read to its
//! end.
//!
//! "To ensure that the application processes the records in the correct order, it must process a parent shard before it
//! processes a child shard" ([shards of a stream]).
//!
//! [shards of a stream]: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html

use super::stream::Shard;
use std::collections::HashSet;

/// Returns the shards that can be started: neither finished nor running, and without a parent that is still to be read.
/// A parent that is no longer listed has been trimmed with all its records.
pub(super) fn startable<'a>(
    shards: &'a [Shard],
    finished: &HashSet<String>,
    running: &HashSet<String>,
) -> Vec<&'a Shard> {
    let unread: HashSet<&str> =
        shards.iter().map(|shard| shard.id.as_str()).filter(|id| !finished.contains(*id)).collect();
    shards
        .iter()
        .filter(|shard| unread.contains(shard.id.as_str()) && !running.contains(&shard.id))
        .filter(|shard| !shard.parent.as_deref().is_some_and(|parent| unread.contains(parent)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::startable;
    use crate::stream::Shard;
    use std::collections::HashSet;

    /// Returns shards of which `a` was split into `b` and `c`, and `c` continues as `d`; the parent of `a` is no longer
    /// listed.
    fn shards() -> Vec<Shard> {
        [("d", "c"), ("a", "trimmed"), ("b", "a"), ("c", "a")]
            .map(|(id, parent)| Shard { id: id.into(), parent: Some(parent.into()) })
            .into()
    }

    fn started(finished: &[&str], running: &[&str]) -> Vec<String> {
        let set = |ids: &[&str]| ids.iter().map(ToString::to_string).collect::<HashSet<_>>();
        startable(&shards(), &set(finished), &set(running)).into_iter().map(|shard| shard.id.clone()).collect()
    }

    #[test]
    fn a_shard_whose_parent_was_trimmed_comes_first() {
        assert_eq!(started(&[], &[]), ["a"]);
    }

    #[test]
    fn children_wait_while_their_parent_is_read() {
        assert!(started(&[], &["a"]).is_empty());
    }

    #[test]
    fn children_start_together_when_their_parent_is_finished_and_grandchildren_do_not() {
        assert_eq!(started(&["a"], &[]), ["b", "c"]);
        assert_eq!(started(&["a"], &["b", "c"]), [""; 0]);
        assert_eq!(started(&["a", "c"], &["b"]), ["d"]);
    }
}
