//! The `reqwest` clients: what they are lenient about, how long they wait, and what is sent a second time.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use reqwest::{Client, ClientBuilder, Request, Response, redirect};
use rustls::pki_types::CertificateDer;
use tokio::time::{Instant, timeout_at};

use super::lookup::Names;
use super::progress::{Observe, Progress};
use super::resolver::Resolver;
use super::{Transport, failure};
use crate::address::Guard;
use crate::delivery::{Failure, Reason};
use crate::tls;

/// An idle connection is closed after this: sooner than common servers close theirs (Node's default is 5 s), so that a
/// request is seldom written to a connection that is just being closed.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(4);

/// Header lines of an HTTP/1 response. The library's default of 100 is less than some servers send.
const MAX_HEADERS: usize = 256;

/// Headers of an HTTP/2 response, in bytes (RFC 9113, section 6.5.2). The library's default is 16 KiB; HTTP/1 has room for
/// 400 KiB.
const MAX_HEADER_LIST_BYTES: u32 = 400 << 10;

/// Two clients that differ in one thing.
#[derive(Debug)]
pub(super) struct Clients {
    /// Keeps connections open for the next request.
    pooled: Client,
    /// Opens a connection for each request.
    fresh: Client,
    /// The part of an attempt that connecting may take. It is shared out evenly over a name's addresses, so that one that
    /// does not answer leaves the others, and the request, time.
    connect_timeout: Duration,
}

impl Clients {
    pub(super) fn new(
        extra_roots: Vec<CertificateDer<'static>>,
        timeout: Duration,
        names: Arc<Names>,
        guard: Arc<Guard>,
    ) -> Result<Self, rustls::Error> {
        let mut tls = tls::client(extra_roots)?;
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let connect_timeout = connect_timeout(timeout);
        let resolver = Arc::new(Resolver { names, guard });
        let builder = || builder(tls.clone(), connect_timeout, Arc::clone(&resolver));
        let build = |builder: ClientBuilder| builder.build().map_err(|error| rustls::Error::General(error.to_string()));
        let (pooled, fresh) = (build(builder())?, build(builder().pool_max_idle_per_host(0))?);
        Ok(Self { pooled, fresh, connect_timeout })
    }

    /// Sends the request, and once more if a connection that had been kept open was lost before the response's headers were
    /// complete: its receiver most likely closed it as it was idle, and never read the request. A GET may be repeated
    /// (RFC 9110, section 9.2.2; RFC 9112, section 9.3.1), and the receiver knows it by its `webhook-id`. What a
    /// connection did that was opened for this request is the receiver's answer to it, and is not repeated.
    async fn execute(&self, request: Request, progress: &Progress) -> reqwest::Result<Response> {
        let again = request.try_clone(); // there is no body, so there is always one
        match (self.pooled.execute(request).await, again) {
            (Err(error), Some(again))
                if !error.is_connect() && !progress.has_opened() && failure::is_lost_connection(&error) =>
            {
                self.fresh.execute(again).await
            }
            (result, _) => result,
        }
    }
}

impl Transport for Clients {
    fn send(&self, request: Request, deadline: Instant, timeout: Duration) -> BoxFuture<'_, Result<Response, Failure>> {
        Box::pin(async move {
            let progress = Arc::new(Progress::default());
            let sending = progress.of(self.execute(request, &progress));
            match timeout_at(deadline, sending).await {
                Ok(Ok(response)) => Ok(response),
                Ok(Err(error)) if error.is_connect() && error.is_timeout() => {
                    Err(timed_out("no connection", self.connect_timeout))
                }
                Ok(Err(error)) => Err(failure::of_error(&error)),
                Err(_) if progress.is_connecting() => Err(timed_out("no connection", timeout)),
                Err(_) => Err(timed_out("connected, but no answer", timeout)),
            }
        })
    }
}

/// The part of an attempt's time that connecting may take, lookup of the name included.
pub(super) fn connect_timeout(timeout: Duration) -> Duration {
    timeout * 4 / 5
}

fn timed_out(missing: &str, within: Duration) -> Failure {
    Failure { reason: Reason::Timeout, detail: format!("{missing} within {within:?}") }
}

fn builder(tls: rustls::ClientConfig, connect_timeout: Duration, resolver: Arc<Resolver>) -> ClientBuilder {
    Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(redirect::Policy::none())
        .referer(false)
        .no_proxy()
        .dns_resolver(resolver)
        .connector_layer(Observe)
        .connect_timeout(connect_timeout)
        .pool_idle_timeout(POOL_IDLE_TIMEOUT)
        .http1_ignore_invalid_headers_in_responses(true)
        .http1_allow_spaces_after_header_name_in_responses(true)
        .http1_allow_obsolete_multiline_headers_in_responses(true)
        .http1_max_headers(MAX_HEADERS)
        .http2_max_header_list_size(MAX_HEADER_LIST_BYTES)
}
