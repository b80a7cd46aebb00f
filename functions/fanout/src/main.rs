//! Lambda: DynamoDB stream batch → callback requests.

mod after_response;
mod payload;

use std::rc::Rc;
use std::time::SystemTime;

use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use bytes::Bytes;
use lambda_runtime::layers::TracingLayer;
use lambda_runtime::{Diagnostic, LambdaEvent, Runtime, service_fn};
use mimalloc::MiMalloc;
use tokio::sync::oneshot;
use tokio::task::LocalSet;
use webhooks_engine::fanout::Fanout;
use webhooks_engine::sender::Sender;
use webhooks_engine::wake_up::WakeUps;
use webhooks_runtime::{aws, deadline};

use after_response::AfterResponse;
use payload::Payload;

/// A delivery makes some 74 allocations, a tenth of its CPU with the C library's allocator (docs/adr/0033).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    webhooks_logging::start();
    let config = aws::function_config()?;
    let fanout = Fanout::from_env(&aws::dynamodb(&config), WakeUps::from_env(&config)?, Sender::from_env()?)?;
    let (fanout, after, payload) = (Rc::new(fanout), AfterResponse::default(), Payload::default());
    let batches = service_fn(|event: LambdaEvent<()>| {
        handle(Rc::clone(&fanout), after.clone(), payload.take(), event.context.deadline())
    });
    let runtime = Runtime::new(batches).layer(payload.clone()).layer(TracingLayer::new()).layer(after.clone());
    LocalSet::new().run_until(runtime.run()).await.map_err(anyhow::Error::from_boxed)
}

/// Responds as soon as the batch may be acknowledged; attempts in flight continue after the response.
async fn handle(
    fanout: Rc<Fanout>,
    after: AfterResponse,
    payload: Bytes,
    deadline: SystemTime,
) -> Result<DynamoDbEventResponse, Diagnostic> {
    let (respond, response) = oneshot::channel();
    let deadline = deadline::from_time_of_day(deadline);
    after.spawn(async move {
        fanout.handle(&payload, deadline, |response| drop(respond.send(response))).await;
    });
    match response.await {
        Ok(response) => response.map(failures).map_err(|error| diagnostic("InvalidBatch", error.to_string())),
        Err(_) => Err(diagnostic("BrokenOff", "the batch broke off before it could be acknowledged".to_owned())),
    }
}

/// Reports the records that have to be delivered again.
fn failures(sequence_numbers: Vec<String>) -> DynamoDbEventResponse {
    let mut response = DynamoDbEventResponse::default();
    response.batch_item_failures = sequence_numbers.into_iter().map(failure).collect();
    response
}

fn failure(sequence_number: String) -> DynamoDbBatchItemFailure {
    let mut failure = DynamoDbBatchItemFailure::default();
    failure.item_identifier = Some(sequence_number);
    failure
}

/// Builds an error with a type for alarms and filters that does not change with the code's own names.
fn diagnostic(error_type: &str, error_message: String) -> Diagnostic {
    Diagnostic { error_type: error_type.to_owned(), error_message }
}
