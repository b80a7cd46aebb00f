//! Lambda: wake-ups from the queue → drained backlogs; the schedule → the sweep that makes up for lost wake-ups.

use aws_lambda_events::event::sqs::SqsBatchResponse;
use lambda_runtime::{Diagnostic, LambdaEvent, run, service_fn};
use webhooks::notice::Notices;
use webhooks::retry::{Invocation, Retry};
use webhooks::sender::Sender;
use webhooks::store::StoreError;
use webhooks::wake_up::WakeUps;
use webhooks::{aws, deadline, logging};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    logging::start();
    let config = aws::function_config()?;
    let (wake_ups, notices) = (WakeUps::from_env(&config)?, Notices::from_env(&config)?);
    let retry = Retry::from_env(&aws::dynamodb(&config), wake_ups, Sender::from_env()?, notices)?;
    let invocations = service_fn(|invocation: LambdaEvent<Invocation>| handle(&retry, invocation));
    run(invocations).await.map_err(anyhow::Error::from_boxed)
}

async fn handle(retry: &Retry, invocation: LambdaEvent<Invocation>) -> Result<SqsBatchResponse, Diagnostic> {
    match invocation.payload {
        Invocation::WakeUps(wake_ups) => {
            Ok(retry.handle(wake_ups, deadline::from_time_of_day(invocation.context.deadline())).await)
        }
        Invocation::Sweep { .. } => {
            retry.sweep_overdue().await.map_err(diagnostic)?;
            Ok(SqsBatchResponse::default())
        }
    }
}

/// A name for alarms and filters that no refactoring changes.
fn diagnostic(error: StoreError) -> Diagnostic {
    Diagnostic { error_type: "StoreError".to_owned(), error_message: error.to_string() }
}
