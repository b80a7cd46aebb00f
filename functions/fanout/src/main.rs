//! Lambda: DynamoDB stream batch → callback requests.

use aws_lambda_events::streams::DynamoDbEventResponse;
use lambda_runtime::{Error, LambdaEvent, run, service_fn, tracing};
use serde_json::value::RawValue;
use webhooks::fanout::Fanout;
use webhooks::wake_up::WakeUps;
use webhooks::{aws, deadline};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let config = aws::config().await;
    let fanout = Fanout::from_env(&aws::dynamodb(&config), WakeUps::from_env(&config)?)?;
    run(service_fn(|batch: LambdaEvent<Box<RawValue>>| handle(&fanout, batch))).await
}

async fn handle(fanout: &Fanout, batch: LambdaEvent<Box<RawValue>>) -> Result<DynamoDbEventResponse, Error> {
    Ok(fanout.handle(batch.payload.get(), deadline::from_time_of_day(batch.context.deadline())).await?)
}
