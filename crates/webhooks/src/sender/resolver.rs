//! Name lookup, with an error type of its own so that a failed lookup is told apart from a failed connection.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper_util::client::legacy::connect::dns::{GaiAddrs, GaiResolver, Name};
use tower_service::Service;

/// The system's resolver.
#[derive(Clone, Debug)]
pub(super) struct Resolver(GaiResolver);

/// The lookup failed.
#[derive(Debug, thiserror::Error)]
#[error("the host name could not be resolved: {0}")]
pub(super) struct LookupError(pub(super) io::Error);

impl Default for Resolver {
    fn default() -> Self {
        Self(GaiResolver::new())
    }
}

impl Service<Name> for Resolver {
    type Response = GaiAddrs;
    type Error = LookupError;
    type Future = Pin<Box<dyn Future<Output = Result<GaiAddrs, LookupError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), LookupError>> {
        self.0.poll_ready(context).map_err(LookupError)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let lookup = self.0.call(name);
        Box::pin(async { lookup.await.map_err(LookupError) })
    }
}
