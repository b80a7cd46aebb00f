//! The least that a function of this stack does for a batch: it reads the workspace by one query of the SDK, sends a GET
//! for each record and URL by `reqwest`, with headers like those of a callback, signed and bounded in time, and responds.
//! Nothing is planned, guarded or retried. What is for `KEPT_URLS` is written, meanwhile, and not sent.

mod headers;
mod keep;

use std::env::var;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::try_join;
use futures_util::{StreamExt, stream};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde::Deserialize;
use serde_json::json;
use webhooks_model::signing::SigningSecrets;
use webhooks_model::world::World;
use webhooks_runtime::machine::Machine;
use webhooks_runtime::{aws, tls};

/// A batch, as far as its callbacks need it.
#[derive(Deserialize)]
struct Batch {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

#[derive(Deserialize)]
struct Record {
    dynamodb: Change,
}

#[derive(Deserialize)]
struct Change {
    #[serde(rename = "NewImage")]
    new_image: Image,
}

#[derive(Deserialize)]
struct Image {
    #[serde(rename = "instanceID")]
    instance_id: Text,
    #[serde(rename = "processName")]
    process_name: Text,
}

impl Image {
    fn names(&self) -> (&str, &str) {
        (&self.instance_id.value, &self.process_name.value)
    }
}

#[derive(Deserialize)]
struct Text {
    #[serde(rename = "S")]
    value: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let dynamodb = aws::dynamodb(&aws::function_config()?);
    let tls = tls::client(tls::provider(), Vec::new())?;
    let http = reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy();
    let http = http.default_headers(headers::like_a_callbacks()).timeout(Duration::from_secs(10)).build()?;
    let secrets = SigningSecrets::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse()?);
    let (workspace, urls) = (var("WORKSPACE")?, var("URLS")?);
    let urls: Vec<&str> = urls.lines().collect();
    let kept = var("KEPT_URLS").unwrap_or_default();
    let kept: Vec<&str> = kept.lines().collect();
    let in_flight = var("IN_FLIGHT")?.parse()?;
    run(service_fn(async |batch: LambdaEvent<Batch>| {
        query(&dynamodb, &workspace).await?;
        let instances = batch.payload.records.iter().map(|it| it.dynamodb.new_image.names()).collect::<Vec<_>>();
        let targets = instances.iter().flat_map(|(instance, process)| {
            let query = format!("instanceID={instance}&processName={process}&eventType=created");
            urls.iter().map(move |url| format!("{url}?{query}"))
        });
        let calls = targets.map(|target| {
            let signature = secrets.sign(headers::ID, Machine.now(), &target);
            http.get(target).header(headers::SIGNATURE, signature).send()
        });
        let mut answers = stream::iter(calls).buffer_unordered(in_flight);
        let calls = async {
            while let Some(answer) = answers.next().await {
                answer?.error_for_status()?.bytes().await?;
            }
            Ok(())
        };
        try_join(calls, keep::keep(&dynamodb, &workspace, &kept, &instances)).await?;
        Ok::<_, Error>(json!({"batchItemFailures": []}))
    }))
    .await
}

/// Asks what the fan-out asks for each workspace of a batch.
async fn query(dynamodb: &Client, workspace: &str) -> Result<(), Error> {
    let text = |value: &str| AttributeValue::S(value.to_owned());
    let query = dynamodb
        .query()
        .table_name("Webhooks")
        .consistent_read(true)
        .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
        .expression_attribute_values(":pk", text(workspace))
        .expression_attribute_values(":first", text("callbacks"))
        .expression_attribute_values(":last", text("signing-secret"));
    query.send().await?.items.filter(|items| !items.is_empty()).ok_or("the workspace has no items")?;
    Ok(())
}
