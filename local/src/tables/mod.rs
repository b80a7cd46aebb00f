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
            Some(found) => agreement::check(&definition, &found).with_context(place)?,
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
    use super::{DELIVERIES, INSTANCES, TableDefinition, Template, WEBHOOKS};

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
}
