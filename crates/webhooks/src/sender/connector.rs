//! Connects to what the guard lets pass. It is asked for each connection, not for each request: what a pooled
//! connection leads to was judged when it was made, and cannot change.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

use super::lookup::Lookup;
use super::resolver::Resolver;
use crate::address::Guard;

/// Makes TCP connections whose scheme, port and address the guard has let pass. Names are judged in its [`Resolver`];
/// addresses are judged here, because the client asks no resolver about them.
#[derive(Clone, Debug)]
pub(super) struct GuardedConnector {
    tcp: HttpConnector<Resolver>,
    guard: Arc<Guard>,
}

impl GuardedConnector {
    pub(super) fn new(lookup: Lookup, guard: Arc<Guard>) -> Self {
        let mut tcp = HttpConnector::new_with_resolver(Resolver { lookup, guard: Arc::clone(&guard) });
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        Self { tcp, guard }
    }
}

impl Service<Uri> for GuardedConnector {
    type Response = TokioIo<TcpStream>;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.tcp.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        if let Err(refused) = self.guard.judge(&uri) {
            return Box::pin(async { Err(refused.into()) });
        }
        let connecting = self.tcp.call(uri);
        Box::pin(async { connecting.await.map_err(Into::into) })
    }
}
