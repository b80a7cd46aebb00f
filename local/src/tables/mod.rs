//! The tables that the program needs, created from the deployed stack's definitions if they are missing.

mod agreement;
mod create;

use crate::template::{TableDefinition, Template, variable};
use anyhow::Context as _;
use aws_sdk_dynamodb::{Client, error::SdkError, types::TableDescription};

/// A table of the stack, with its settings on one machine.
struct Table {
    /// Logical id in the template.
    id: &'static str,
    /// Variable with the table's name, the same as for the functions.
    variable: &'static str,
    /// Name if the variable is not set.
    default_name: &'static str,
}

const INSTANCES: Table = Table { id: "InstancesTable", variable: "INSTANCES_TABLE", default_name: "Instances" };
const WEBHOOKS: Table = Table { id: "WebhooksTable", variable: "WEBHOOKS_TABLE", default_name: "Webhooks" };
const DELIVERIES: Table = Table { id: "DeliveriesTable", variable: "DELIVERIES_TABLE", default_name: "Deliveries" };

impl Table {
    fn name(&self) -> String {
        variable(self.variable).unwrap_or_else(|| self.default_name.to_owned())
    }
}

/// Returns the name of the table whose changes are delivered.
pub(crate) fn instances() -> String {
    INSTANCES.name()
}

/// Creates the tables that are missing at `endpoint` and checks the others.
pub(crate) async fn prepare(client: &Client, endpoint: &str, template: &Template) -> anyhow::Result<()> {
    for table in [INSTANCES, WEBHOOKS, DELIVERIES] {
        let definition: TableDefinition = template.resource(table.id)?;
        let name = table.name();
        let place = || format!("table {name} at {endpoint}");
        match describe(client, &name).await.with_context(place)? {
            Some(found) => {
                agreement::check(&definition, &found).with_context(place)?;
                for index in agreement::missing(&definition, &found) {
                    create::add_index(client, &name, &definition, index).await.with_context(place)?;
                }
            }
            None => create::create(client, &name, &definition).await.with_context(place)?,
        }
        create::expire(client, &name, &definition).await.with_context(place)?;
    }
    Ok(())
}

/// Returns the stream of a table, if it has one. A disabled stream does not count: it receives no more records.
pub(crate) async fn stream(client: &Client, name: &str) -> anyhow::Result<Option<String>> {
    let is_on = |table: &TableDescription| table.stream_specification().is_some_and(|stream| stream.stream_enabled());
    Ok(describe(client, name).await?.filter(is_on).and_then(|table| table.latest_stream_arn))
}

/// Returns a table's description; `None` if there is no such table.
async fn describe(client: &Client, name: &str) -> anyhow::Result<Option<TableDescription>> {
    match client.describe_table().table_name(name).send().await {
        Ok(answer) => Ok(answer.table),
        Err(error) if error.as_service_error().is_some_and(|error| error.is_resource_not_found_exception()) => Ok(None),
        Err(error @ (SdkError::DispatchFailure(_) | SdkError::TimeoutError(_))) => Err(anyhow::Error::new(error)
            .context("no DynamoDB answers there: start it, or name another with --dynamodb-endpoint")),
        Err(error) => Err(anyhow::Error::new(error).context("it cannot be described")),
    }
}

#[cfg(test)]
mod tests {
    use super::{DELIVERIES, INSTANCES, TableDefinition, Template, WEBHOOKS, create, describe, prepare};
    use aws_sdk_dynamodb::types::AttributeValue;

    #[test]
    fn every_table_is_defined_by_the_deployed_template() {
        let template = Template::deployed().unwrap();
        for table in [INSTANCES, WEBHOOKS, DELIVERIES] {
            template.resource::<TableDefinition>(table.id).unwrap();
        }
    }

    #[test]
    fn the_instance_table_streams_both_images() {
        let instances: TableDefinition = Template::deployed().unwrap().resource(INSTANCES.id).unwrap();
        assert_eq!(instances.key_schema[0].attribute_name, "instanceID");
        assert_eq!(instances.stream_specification.unwrap().stream_view_type, "NEW_AND_OLD_IMAGES");
    }

    /// As the tables of an earlier release are: its items are in the new index afterwards.
    #[tokio::test]
    async fn an_index_that_a_table_lacks_is_added_and_has_its_items() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let client = webhooks_test_support::client(&endpoint);
        let database = dynoxide::Database::memory().unwrap();
        tokio::spawn(dynoxide::server::serve_with_shutdown(listener, database, std::future::pending()));

        let template = Template::deployed().unwrap();
        let mut earlier: TableDefinition = template.resource(WEBHOOKS.id).unwrap();
        earlier.global_secondary_indexes.retain(|index| index.index_name != "byFleet");
        earlier.attribute_definitions.retain(|attribute| attribute.attribute_name != "fleetPk");
        create::create(&client, WEBHOOKS.default_name, &earlier).await.unwrap();
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let put =
            client.put_item().table_name(WEBHOOKS.default_name).item("pk", text("acme")).item("sk", text("callbacks"));
        put.item("fleetPk", text("workspaces")).send().await.unwrap();

        prepare(&client, &endpoint, &template).await.unwrap();
        let table = describe(&client, WEBHOOKS.default_name).await.unwrap().unwrap();
        let mut indexes: Vec<_> = table.global_secondary_indexes().iter().filter_map(|it| it.index_name()).collect();
        indexes.sort_unstable();
        assert_eq!(indexes, ["byFleet", "byWakeAt"]);
        let query = client.query().table_name(WEBHOOKS.default_name).index_name("byFleet");
        let query =
            query.key_condition_expression("fleetPk = :all").expression_attribute_values(":all", text("workspaces"));
        let found = query.send().await.unwrap();
        assert_eq!(found.items()[0]["pk"], text("acme"));
        prepare(&client, &endpoint, &template).await.unwrap();
    }
}
