//! The tables that the program needs, created where they are missing with the definitions of the deployed stack.

mod agreement;
mod create;
mod template;

use anyhow::Context as _;
use aws_sdk_dynamodb::{Client, error::SdkError, types::TableDescription};
use std::env;
use template::{TableDefinition, Template};

/// What is deployed. A table here can differ from the deployed one in nothing but its name.
const TEMPLATE: &str = include_str!("../../../template.yaml");

/// A table of the stack as it is known on one machine.
struct Table {
    /// Logical id in the template.
    id: &'static str,
    /// The variable that the functions take its name from, too.
    variable: &'static str,
    /// Its name where the variable is not set.
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

/// The stack's parameters that a table depends on, where the functions' environment sets them.
fn parameters() -> Vec<(&'static str, String)> {
    variable("INSTANCE_ID_ATTRIBUTE").map(|name| ("InstanceIdAttribute", name)).into_iter().collect()
}

/// An empty variable is one that is not set, as it is for the functions.
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// The name of the table whose changes are sent out.
pub(crate) fn instances() -> String {
    INSTANCES.name()
}

/// Creates the tables that are missing at `endpoint` and checks those that are there.
pub(crate) async fn prepare(client: &Client, endpoint: &str) -> anyhow::Result<()> {
    let template = Template::parse(TEMPLATE, &parameters())?;
    for table in [INSTANCES, WEBHOOKS, DELIVERIES] {
        let definition = template.table(table.id)?;
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

/// The stream of a table that has one.
pub(crate) async fn stream(client: &Client, name: &str) -> anyhow::Result<Option<String>> {
    Ok(describe(client, name).await?.and_then(|table| table.latest_stream_arn))
}

/// `None` where there is no such table.
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
    use super::{DELIVERIES, INSTANCES, TEMPLATE, Template, WEBHOOKS};

    #[test]
    fn every_table_is_defined_by_the_deployed_template() {
        let template = Template::parse(TEMPLATE, &[]).unwrap();
        for table in [INSTANCES, WEBHOOKS, DELIVERIES] {
            template.table(table.id).unwrap();
        }
    }

    #[test]
    fn the_instance_table_streams_both_images() {
        let instances = Template::parse(TEMPLATE, &[]).unwrap().table(INSTANCES.id).unwrap();
        assert_eq!(instances.key_schema[0].attribute_name, "instanceID");
        assert_eq!(instances.stream_specification.unwrap().stream_view_type, "NEW_AND_OLD_IMAGES");
    }
}
