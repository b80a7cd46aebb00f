//! Lambda: wake-ups from the queue → drained backlogs; the schedule → the sweep that makes up for lost wake-ups.

use aws_lambda_events::event::sqs::SqsBatchResponse;
use lambda_runtime::{Error, LambdaEvent, run, service_fn, tracing};
use webhooks::notice::Notices;
use webhooks::retry::{Invocation, Retry};
use webhooks::wake_up::WakeUps;
use webhooks::{aws, deadline};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let config = aws::config().await;
    let notices = Notices::from_env(&config)?;
    let retry = Retry::from_env(&aws::dynamodb(&config), WakeUps::from_env(&config)?, notices)?;
    run(service_fn(|invocation: LambdaEvent<Invocation>| handle(&retry, invocation))).await
}

async fn handle(retry: &Retry, invocation: LambdaEvent<Invocation>) -> Result<SqsBatchResponse, Error> {
    match invocation.payload {
        Invocation::WakeUps(event) => {
            Ok(retry.handle(event, deadline::from_time_of_day(invocation.context.deadline())).await)
        }
        Invocation::Sweep { .. } => {
            retry.sweep_overdue().await?;
            Ok(SqsBatchResponse::default())
        }
    }
}
