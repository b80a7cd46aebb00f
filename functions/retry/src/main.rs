//! Lambda: wake-up → the retry engine.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use webhooks::{logging, retry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    logging::start();
    let wake_ups = service_fn(|wake_ups: LambdaEvent<SqsEvent>| async {
        Ok::<SqsBatchResponse, Error>(retry::handle(wake_ups.payload))
    });
    run(wake_ups).await.map_err(anyhow::Error::from_boxed)
}
