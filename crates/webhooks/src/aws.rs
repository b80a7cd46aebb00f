//! AWS SDK clients: one HTTP client on rustls and ring, credentials and region from the environment as usual.

use aws_config::SdkConfig;
use aws_sdk_dynamodb::config::SharedHttpClient;
use aws_sdk_dynamodb::config::interceptors::InterceptorContext;
use aws_sdk_dynamodb::config::retry::{ClassifyRetry, RetryAction};
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_smithy_http_client::{Builder, tls};

/// The configuration that every client is built from: the SDK's default chain over [`http_client`].
pub async fn config() -> SdkConfig {
    aws_config::from_env().http_client(http_client()).load().await
}

/// A DynamoDB client.
pub fn dynamodb(config: &SdkConfig) -> aws_sdk_dynamodb::Client {
    let config = aws_sdk_dynamodb::config::Builder::from(config).retry_classifier(TransactionsPass);
    aws_sdk_dynamodb::Client::from_conf(config.build())
}

/// The HTTP client below the SDK. ring, because AWS-LC's start-up alone would double a cold start.
pub fn http_client() -> SharedHttpClient {
    Builder::new().tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring)).build_https()
}

/// An update that meets a transaction is tried again: an administrator who changes an endpoint must not make the fan-out
/// report its records back. The SDK does not do so by itself.
#[derive(Debug)]
pub struct TransactionsPass;

impl ClassifyRetry for TransactionsPass {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let error = context.output_or_error().and_then(|result| result.err());
        let error = error.and_then(|error| error.as_operation_error()?.downcast_ref::<UpdateItemError>());
        match error {
            Some(UpdateItemError::TransactionConflictException(_)) => RetryAction::transient_error(),
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "transactions pass"
    }
}
