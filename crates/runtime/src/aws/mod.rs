//! AWS SDK clients, on rustls and ring.

mod http;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::SharedCredentialsProvider;
use aws_sdk_dynamodb::config::SharedHttpClient;
use aws_sdk_dynamodb::config::interceptors::InterceptorContext;
use aws_sdk_dynamodb::config::retry::{ClassifyRetry, RetryAction};
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_smithy_http_client::{Builder, tls};

/// What a program's clients are built from: region and credentials by the SDK's default chain.
pub async fn config() -> SdkConfig {
    aws_config::from_env().http_client(http_client()).load().await
}

/// What a function's clients are built from: region and credentials are in the environment, where Lambda puts them ("Defined
/// runtime environment variables", AWS Lambda Developer Guide). The default chain would look there first as well; the other
/// places that it knows are an eighth of a function's size (docs/adr/0013). `AWS_ENDPOINT_URL` leads to an emulator.
///
/// # Errors
/// When the TLS client cannot be made.
pub fn function_config() -> Result<SdkConfig, rustls::Error> {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http::client()?)
        .credentials_provider(SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new()));
    config.set_region(variable("AWS_REGION").map(Region::new));
    config.set_endpoint_url(variable("AWS_ENDPOINT_URL"));
    Ok(config.build())
}

/// A DynamoDB client.
pub fn dynamodb(config: &SdkConfig) -> aws_sdk_dynamodb::Client {
    let config = aws_sdk_dynamodb::config::Builder::from(config).retry_classifier(RetryTransactionConflicts);
    aws_sdk_dynamodb::Client::from_conf(config.build())
}

/// The HTTP client below the SDK in a program: it trusts whom the system trusts. ring, because AWS-LC's start-up alone would double a cold start.
pub fn http_client() -> SharedHttpClient {
    Builder::new().tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring)).build_https()
}

/// An update that meets a transaction is tried again: an administrator who changes an endpoint must not make the fan-out
/// report its records back. The SDK does not do so by itself.
#[derive(Debug)]
pub struct RetryTransactionConflicts;

impl ClassifyRetry for RetryTransactionConflicts {
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
