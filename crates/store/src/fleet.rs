//! All workspaces of the deployment: the index `byFleet` of the Webhooks table.
//!
//! | `fleetPk` | items |
//! |---|---|
//! | `workspaces` | the callbacks of each workspace |
//! | `attention#0` to `attention#f` | endpoints that are failing or disabled, by the first digit of their ids |

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::StoreError;
use webhooks_model::endpoint::EndpointId;
use webhooks_model::workspace::WorkspaceId;

/// Name of the index.
const INDEX: &str = "byFleet";

/// Partition key of the index.
pub(crate) const FLEET_PK: &str = "fleetPk";

/// Partition of the workspaces' callbacks. It is written only when callbacks are first set or removed.
pub(crate) const WORKSPACES: &str = "workspaces";

/// Number of partitions of the endpoints that need attention: an outage of many receivers writes all of them at once.
const ATTENTION_PARTITIONS: u8 = 16;

/// Returns the partition of an endpoint that needs attention.
pub(crate) fn attention_pk(endpoint: &EndpointId) -> String {
    format!("attention#{}", &endpoint.as_str()[..1])
}

/// Reader of the list of all workspaces.
#[derive(Clone, Debug)]
pub struct FleetStore {
    client: Client,
    table: String,
}

/// Workspaces to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fleet {
    /// Workspaces with callbacks.
    All,
    /// Workspaces with an endpoint that is failing or disabled.
    NeedingAttention,
}

/// A page of workspaces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FleetPage {
    /// Workspaces in the order of their ids, by the bytes of UTF-8.
    pub workspaces: Vec<WorkspaceId>,
    /// Whether more may follow.
    pub more: bool,
}

impl FleetStore {
    /// Creates the reader of the given table.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// Returns at most `limit` workspaces whose ids begin with `prefix` and follow `after`. A change is visible after a
    /// short delay.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn page(
        &self,
        fleet: Fleet,
        prefix: &str,
        after: Option<&WorkspaceId>,
        limit: usize,
    ) -> Result<FleetPage, StoreError> {
        let range = range(prefix, after);
        let partitions = match fleet {
            Fleet::All => vec![WORKSPACES.to_owned()],
            Fleet::NeedingAttention => (0..ATTENTION_PARTITIONS).map(|n| format!("attention#{n:x}")).collect(),
        };
        let queries = partitions.into_iter().map(|partition| self.partition(partition, &range, limit));
        let partitions =
            stream::iter(queries).buffer_unordered(usize::from(ATTENTION_PARTITIONS)).try_collect().await?;
        Ok(merged(partitions, limit))
    }

    async fn partition(
        &self,
        partition: String,
        (first, last): &(String, String),
        limit: usize,
    ) -> Result<FleetPage, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(INDEX)
            .key_condition_expression(format!("{FLEET_PK} = :partition AND pk BETWEEN :first AND :last"))
            .expression_attribute_values(":partition", AttributeValue::S(partition))
            .expression_attribute_values(":first", AttributeValue::S(first.clone()))
            .expression_attribute_values(":last", AttributeValue::S(last.clone()))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX));
        let answer = query.send().await.map_err(|error| StoreError::failed(&self.table, "Query", &error))?;
        let more = answer.last_evaluated_key.is_some();
        let id = |item: &std::collections::HashMap<String, AttributeValue>| {
            WorkspaceId::try_from(item.get("pk")?.as_s().ok()?.clone()).ok()
        };
        Ok(FleetPage { workspaces: answer.items().iter().filter_map(id).collect(), more })
    }
}

/// Returns the first and the last key of a page. No key of a table is empty, and no workspace id has a control character.
fn range(prefix: &str, after: Option<&WorkspaceId>) -> (String, String) {
    let first = after.map_or_else(|| prefix.to_owned(), |after| format!("{after}\0"));
    let first = if first.is_empty() { "\0".to_owned() } else { first };
    let last = format!("{prefix}{}", char::MAX);
    (first.max(prefix.to_owned()).min(last.clone()), last)
}

/// Merges the pages of several partitions, each of them in order and possibly with a workspace more than once.
///
/// Where a partition has more, it is known only up to its last workspace, and the merged page ends there.
fn merged(partitions: Vec<FleetPage>, limit: usize) -> FleetPage {
    let known_to = partitions.iter().filter(|page| page.more).filter_map(|page| page.workspaces.last()).min().cloned();
    let mut workspaces: Vec<_> = partitions.into_iter().flat_map(|page| page.workspaces).collect();
    workspaces.sort_unstable();
    workspaces.dedup();
    let all = workspaces.len();
    workspaces.retain(|workspace| known_to.as_ref().is_none_or(|known_to| workspace <= known_to));
    workspaces.truncate(limit);
    let more = known_to.is_some() || workspaces.len() < all;
    FleetPage { workspaces, more }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(ids: &str, more: bool) -> FleetPage {
        let id = |id: &str| WorkspaceId::try_from(id.to_owned()).unwrap();
        FleetPage { workspaces: ids.split_whitespace().map(id).collect(), more }
    }

    #[test]
    fn a_page_begins_behind_the_one_before_and_ends_with_the_prefix() {
        let within = |id: &str, prefix: &str, after: Option<&str>| {
            let after = after.map(|after| WorkspaceId::try_from(after.to_owned()).unwrap());
            let (first, last) = range(prefix, after.as_ref());
            !first.is_empty() && (&*first..=&*last).contains(&id)
        };
        assert!(within("a", "", None) && within("ü", "", None) && within("a b", "a", Some("a")));
        assert!(!within("a", "", Some("a")) && !within("b", "a", None) && !within("a", "ab", None));
        assert!(!within("aa", "ab", Some("a")), "a cursor of another prefix does not widen it");
        let (first, last) = range("a", Some(&WorkspaceId::try_from("b".to_owned()).unwrap()));
        assert!(first <= last, "DynamoDB rejects such a range: {first:?} to {last:?}");
    }

    #[test]
    fn partitions_are_merged_in_order_and_each_workspace_stands_once() {
        assert_eq!(merged(vec![page("a c c", false), page("b c", false)], 5), page("a b c", false));
        assert_eq!(merged(vec![page("a c", false), page("b", false)], 2), page("a b", true));
        assert_eq!(merged(Vec::new(), 2), page("", false));
    }

    #[test]
    fn a_page_ends_where_a_partition_is_no_longer_known() {
        assert_eq!(merged(vec![page("a b", true), page("c d", false)], 5), page("a b", true), "b1 may follow");
        assert_eq!(merged(vec![page("a a", true), page("a b", true)], 5), page("a", true));
        assert_eq!(merged(vec![page("a b", true)], 5), page("a b", true));
    }
}
