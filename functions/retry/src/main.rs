//! Lambda: wake-up → the retry engine.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::{Error, LambdaEvent, run, service_fn, tracing};
use webhooks::retry;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    run(service_fn(|wake_ups: LambdaEvent<SqsEvent>| async {
        Ok::<SqsBatchResponse, Error>(retry::handle(wake_ups.payload))
    }))
    .await
}
