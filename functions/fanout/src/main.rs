//! Lambda: DynamoDB stream batch → callback requests.

use aws_lambda_events::streams::DynamoDbEventResponse;
use lambda_runtime::{Diagnostic, LambdaEvent, run, service_fn};
use serde_json::value::RawValue;
use webhooks::event::NotABatch;
use webhooks::fanout::Fanout;
use webhooks::sender::Sender;
use webhooks::wake_up::WakeUps;
use webhooks::{aws, deadline, logging};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    logging::start();
    let config = aws::function_config()?;
    let fanout = Fanout::from_env(&aws::dynamodb(&config), WakeUps::from_env(&config)?, Sender::from_env()?)?;
    let batches = service_fn(|batch: LambdaEvent<Box<RawValue>>| handle(&fanout, batch));
    run(batches).await.map_err(anyhow::Error::from_boxed)
}

async fn handle(fanout: &Fanout, batch: LambdaEvent<Box<RawValue>>) -> Result<DynamoDbEventResponse, Diagnostic> {
    let deadline = deadline::from_time_of_day(batch.context.deadline());
    fanout.handle(batch.payload.get(), deadline).await.map_err(diagnostic)
}

/// A name for alarms and filters that no refactoring changes.
fn diagnostic(error: NotABatch) -> Diagnostic {
    Diagnostic { error_type: "NotABatch".to_owned(), error_message: error.to_string() }
}
