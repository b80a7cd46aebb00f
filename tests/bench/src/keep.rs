//! The least that a function does for deliveries that are made later: a row for each, or they are lost, with the keys by
//! which the API finds it (docs/adr/0031).

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use futures_util::future::try_join_all;
use lambda_runtime::Error;

/// Most items of one `BatchWriteItem`.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html>
const ITEMS: usize = 25;

/// Writes a row for each of these instances and URLs.
pub(crate) async fn keep(
    dynamodb: &Client,
    workspace: &str,
    urls: &[&str],
    instances: &[(&str, &str)],
) -> Result<(), Error> {
    let rows: Vec<WriteRequest> = urls
        .iter()
        .flat_map(|url| instances.iter().map(move |instance| row(workspace, url, *instance)))
        .collect::<Result<_, _>>()?;
    try_join_all(rows.chunks(ITEMS).map(|rows| write(dynamodb, rows))).await?;
    Ok(())
}

fn row(workspace: &str, url: &str, (instance, process): (&str, &str)) -> Result<WriteRequest, Error> {
    let put = PutRequest::builder()
        .item("pk", text(format!("{url}#{workspace}")))
        .item("sk", text(format!("p#{instance}")))
        .item("logPk", text(workspace))
        .item("logSk", text(format!("{instance}#{url}")))
        .item("instancePk", text(format!("{workspace}#{instance}")))
        .item("statusPk", text(format!("{workspace}#pending")))
        .item("instanceID", text(instance))
        .item("processName", text(process))
        .item("eventType", text("created"))
        .build()?;
    Ok(WriteRequest::builder().put_request(put).build())
}

async fn write(dynamodb: &Client, rows: &[WriteRequest]) -> Result<(), Error> {
    let written = dynamodb.batch_write_item().request_items("Deliveries", rows.to_vec()).send().await?;
    written.unprocessed_items.is_none_or(|left| left.is_empty()).then_some(()).ok_or_else(|| "rows are left".into())
}

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}
