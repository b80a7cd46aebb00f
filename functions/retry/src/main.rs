//! Lambda: wake-ups from the queue → drained backlogs; the schedule → the sweep that finds lost wake-ups.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use futures_util::future::join_all;
use lambda_runtime::{Diagnostic, LambdaEvent, run, service_fn};
use mimalloc::MiMalloc;
use serde::Deserialize;
use tokio::time::Instant;
use webhooks_engine::endpoint_events::EndpointEvents;
use webhooks_engine::retry::Retry;
use webhooks_engine::sender::Sender;
use webhooks_engine::wake_up::WakeUps;
use webhooks_runtime::{aws, deadline};
use webhooks_store::StoreError;

/// A delivery makes some 74 allocations, a tenth of its CPU with the C library's allocator (docs/adr/0033).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    webhooks_logging::start();
    let config = aws::function_config()?;
    let (wake_ups, endpoint_events) = (WakeUps::from_env(&config)?, EndpointEvents::from_env(&config)?);
    let retry = Retry::from_env(&aws::dynamodb(&config), wake_ups, Sender::from_env()?, endpoint_events)?;
    let invocations = service_fn(|invocation: LambdaEvent<Invocation>| handle(&retry, invocation));
    run(invocations).await.map_err(anyhow::Error::from_boxed)
}

/// Event of an invocation.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Invocation {
    /// Wake-ups from the queue.
    WakeUps(SqsEvent),
    /// The schedule: `{"sweep": true}`.
    Sweep {
        #[expect(dead_code, reason = "always true; it tells a sweep from wake-ups")]
        sweep: bool,
    },
}

async fn handle(retry: &Retry, invocation: LambdaEvent<Invocation>) -> Result<SqsBatchResponse, Diagnostic> {
    match invocation.payload {
        Invocation::WakeUps(wake_ups) => {
            Ok(carry_out(retry, wake_ups, deadline::from_time_of_day(invocation.context.deadline())).await)
        }
        Invocation::Sweep { .. } => {
            retry.sweep_overdue().await.map_err(diagnostic)?;
            Ok(SqsBatchResponse::default())
        }
    }
}

/// Handles wake-ups; reports each message that failed, so that SQS sends it again.
async fn carry_out(retry: &Retry, wake_ups: SqsEvent, deadline: Instant) -> SqsBatchResponse {
    let messages = wake_ups.records.into_iter().map(|message| async move {
        let done = retry.handle_message(message.body.as_deref().unwrap_or_default(), deadline).await;
        done.err().map(|error| (message.message_id.unwrap_or_default(), error))
    });
    let mut response = SqsBatchResponse::default();
    for (message_id, error) in join_all(messages).await.into_iter().flatten() {
        tracing::error!(message_id, %error, "a wake-up was not carried out");
        response.add_failure(message_id);
    }
    response
}

/// Builds an error with a type for alarms and filters that does not change with the code's own names.
fn diagnostic(error: StoreError) -> Diagnostic {
    Diagnostic { error_type: "StoreError".to_owned(), error_message: error.to_string() }
}
