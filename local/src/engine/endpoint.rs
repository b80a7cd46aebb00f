//! SDK configuration for an engine: its address, and the credentials and region to sign with.

use super::turns::InTurn;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::Credentials;
use std::env;
use url::{Host, Url};

/// Credentials for engines on loopback: they check no signature, but the SDK signs every request.
const LOCAL: &str = "local";
const LOCAL_REGION: &str = "us-east-1";

/// Error for an endpoint that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EndpointError {
    #[error("no region is configured for {0}: set AWS_REGION to the region of that DynamoDB")]
    NoRegion(Url),
}

/// Returns the configuration for an engine on this machine.
///
/// Credentials and region are the environment's if it sets them, because an emulator derives the account from them; the
/// rest of the default chain is left out, because its last step waits for an instance metadata service.
pub(crate) async fn loopback(endpoint: &Url) -> SdkConfig {
    let region = env::var("AWS_REGION").or_else(|_| env::var("AWS_DEFAULT_REGION"));
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(webhooks_runtime::aws::http_client())
        .endpoint_url(address(endpoint))
        .region(Region::new(region.unwrap_or_else(|_| LOCAL_REGION.to_owned())));
    if env::var_os("AWS_ACCESS_KEY_ID").is_none() {
        loader = loader.credentials_provider(Credentials::new(LOCAL, LOCAL, None, None, LOCAL));
    }
    loader.load().await
}

/// Returns the configuration for the embedded engine.
pub(crate) async fn own(endpoint: &Url) -> SdkConfig {
    let config = loopback(endpoint).await.into_builder();
    config.http_client(InTurn::new(webhooks_runtime::aws::http_client())).build()
}

/// Returns the configuration for the engine that the user named: the SDK's default chain, except on loopback.
pub(crate) async fn external(endpoint: &Url) -> Result<SdkConfig, EndpointError> {
    if is_loopback(endpoint) {
        return Ok(loopback(endpoint).await);
    }
    let config = webhooks_runtime::aws::config().await.into_builder().endpoint_url(address(endpoint)).build();
    match config.region() {
        Some(_) => Ok(config),
        None => Err(EndpointError::NoRegion(endpoint.clone())),
    }
}

/// Returns the address as users write it. `Url` adds a slash at the end.
fn address(endpoint: &Url) -> &str {
    endpoint.as_str().trim_end_matches('/')
}

fn is_loopback(endpoint: &Url) -> bool {
    match endpoint.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"), // RFC 6761, 6.3
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn this_machine_goes_by_several_names() {
        for url in [
            "http://127.0.0.1:8000",
            "http://127.8.0.1",
            "http://[::1]:8000",
            "http://localhost",
            "http://db.localhost:1",
        ] {
            assert!(is_loopback(&url.parse().unwrap()), "{url}");
        }
        for url in ["https://dynamodb.eu-west-1.amazonaws.com", "http://10.0.0.1:8000", "http://localhost.example.com"]
        {
            assert!(!is_loopback(&url.parse().unwrap()), "{url}");
        }
    }
}
