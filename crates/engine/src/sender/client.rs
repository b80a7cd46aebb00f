//! The `reqwest` clients: tolerances, limits, timeouts and the repetition of lost requests.

use std::io;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::{HeaderName, HeaderValue};
use reqwest::{Client, ClientBuilder, Request, Response, redirect, retry};
use rustls::pki_types::CertificateDer;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use super::lookup::Names;
use super::progress::{Observe, Progress};
use super::records::PROVIDER;
use super::resolver::Resolver;
use super::threads::Threads;
use super::{MakeRequest, Transport, failure};
use webhooks_model::address::OutboundPolicy;
use webhooks_model::attempt::{Failure, Reason};
use webhooks_model::workspace::WorkspaceId;
use webhooks_runtime::tls;

/// Time after which an idle connection is closed.
///
/// It is shorter than that of common servers (Node's default is 5 s), so that a request is seldom written to a
/// connection that is being closed.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(4);

/// Maximum number of header lines of an HTTP/1 response. Some servers send more than the library's default of 100.
const MAX_HEADERS: usize = 256;

/// Maximum size of the headers of an HTTP/2 response, in bytes (RFC 9113, section 6.5.2).
///
/// Some servers send more than the library's default of 16 KiB. HTTP/1 has room for 400 KiB, which the library does not
/// allow to lower.
const MAX_HEADER_LIST_BYTES: u32 = 64 << 10;

/// Maximum size of an HTTP/2 body before it is read, in bytes: more than is ever read of one.
///
/// The library's default is 2 MiB.
const HTTP2_STREAM_WINDOW: u32 = 16 << 10;

/// The same limit for all responses of a connection, at the protocol's minimum. The library's default is 5 MiB.
const HTTP2_CONNECTION_WINDOW: u32 = 65_535;

/// The clients of each connection thread.
#[derive(Debug)]
pub(super) struct Network {
    threads: Arc<Threads<Clients>>,
    /// The clients of the calling thread, created at the first attempt.
    here: OnceLock<reqwest::Result<Clients>>,
    make: Make,
}

impl Network {
    pub(super) fn new(
        extra_roots: Vec<CertificateDer<'static>>,
        timeout: Duration,
        names: Arc<Names>,
        policy: Arc<OutboundPolicy>,
    ) -> Result<Self, rustls::Error> {
        let mut tls = tls::client(Arc::clone(&PROVIDER), extra_roots)?;
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let connect_timeout = connect_timeout(timeout);
        let make = Make { tls, connect_timeout, resolver: Arc::new(Resolver { names, policy }) };
        let of_a_thread = make.clone();
        let threads = Threads::new(move || Clients::new(of_a_thread.clone()).map_err(io::Error::other));
        Ok(Self { threads, here: OnceLock::new(), make })
    }
}

/// Size of a response's headers from which its connection is not reused, in bytes.
///
/// As long as it is open, a connection holds a buffer for the largest head so far, up to 400 KiB, and only the number
/// of receivers limits the number of idle ones.
const LARGE_HEAD_BYTES: usize = 32 << 10;

/// Two clients, with and without a pool.
#[derive(Debug)]
pub(super) struct Clients {
    make: Make,
    /// Client that keeps connections open for the next request.
    pooled: Mutex<Client>,
    /// Client that opens a connection for each request.
    fresh: Client,
}

impl Clients {
    fn new(make: Make) -> reqwest::Result<Self> {
        let (pooled, fresh) = (Mutex::new(make.pooled()?), make.fresh()?);
        Ok(Self { make, pooled, fresh })
    }

    fn pooled(&self) -> Client {
        self.pooled.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Closes idle connections, and those in use once they are idle, after a large head.
    fn keep_small(&self, response: &Response) {
        let bytes = |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len();
        if response.headers().iter().map(bytes).sum::<usize>() < LARGE_HEAD_BYTES {
            return;
        }
        if let Ok(empty) = self.make.pooled() {
            *self.pooled.lock().unwrap_or_else(PoisonError::into_inner) = empty;
        }
    }

    /// Sends a request.
    fn send(
        &self,
        request: Request,
        over: Over,
        progress: Arc<Progress>,
    ) -> impl Future<Output = reqwest::Result<Response>> + Send + use<'_> {
        let client = match over {
            Over::Any => self.pooled(),
            Over::ItsOwn => self.fresh.clone(),
        };
        let sending = progress.of(client.execute(request));
        async move {
            let response = sending.await?;
            self.keep_small(&response);
            Ok(response)
        }
    }
}

/// Connection of a request.
#[derive(Clone, Copy, Debug)]
enum Over {
    /// An idle one, or else a new one.
    Any,
    /// A new one that is used for nothing else.
    ItsOwn,
}

impl Network {
    /// Sends the request, and repeats it once if the receiver says that it has not processed it, or if a reused connection was
    /// lost before the response's headers were complete.
    ///
    /// In the latter case the receiver has most likely closed the idle connection and never read the request, so that it gets
    /// a connection of its own: others of the pool may be lost as well. A GET may be
    /// repeated (RFC 9110, section 9.2.2; RFC 9112, section 9.3.1), and the receiver recognizes it by its `webhook-id`.
    /// The loss of a connection that was opened for this request is the receiver's response to it, and is not repeated.
    ///
    /// `again` makes the same request once more.
    async fn at_most_twice(
        &self,
        workspace: Option<&WorkspaceId>,
        first: impl Future<Output = Result<reqwest::Result<Response>, Failure>>,
        again: &MakeRequest<'_>,
        progress: &Arc<Progress>,
    ) -> Result<reqwest::Result<Response>, Failure> {
        let first = first.await?;
        let over = match &first {
            Err(error) if failure::is_unprocessed(error) => Over::Any,
            Err(error) if is_lost(error, progress) => Over::ItsOwn,
            _ => return Ok(first),
        };
        match again() {
            Ok(request) => self.once(workspace, request, over, progress)?.await,
            Err(_) => Ok(first),
        }
    }

    /// Sends a request on the thread of its workspace, or on the calling one without a workspace.
    ///
    /// The request is handed over at once, so that a future is as small as what waits for the response: there are hundreds in
    /// flight.
    fn once(
        &self,
        workspace: Option<&WorkspaceId>,
        request: Request,
        over: Over,
        progress: &Arc<Progress>,
    ) -> Result<impl Future<Output = Result<reqwest::Result<Response>, Failure>> + Send + use<'_>, Failure> {
        let progress = Arc::clone(progress);
        let Some(workspace) = workspace else {
            let here = self.here.get_or_init(|| Clients::new(self.make.clone()));
            let here = here.as_ref().map_err(|error| failure::of_error(error))?;
            return Ok(here.send(request, over, progress).map(Ok).left_future());
        };
        let (thread, clients, taken) = self.threads.take(workspace).map_err(|error| failure::of_no_thread(&error))?;
        let mut sent = JoinSet::new(); // dropping it aborts the request in flight
        let sending = async move {
            let _taken = taken;
            clients.send(request, over, progress).await
        };
        sent.spawn_on(sending, &thread);
        let ended = async move { sent.join_next().await.and_then(Result::ok).ok_or_else(failure::of_broken_off) };
        Ok(ended.right_future())
    }
}

/// Returns whether a reused connection was lost.
fn is_lost(error: &reqwest::Error, progress: &Progress) -> bool {
    !error.is_connect() && !progress.has_opened() && failure::is_lost_connection(error)
}

impl Transport for Network {
    fn send<'a>(
        &'a self,
        workspace: Option<&'a WorkspaceId>,
        request: Request,
        again: &'a MakeRequest<'a>,
        deadline: Instant,
        timeout: Duration,
    ) -> BoxFuture<'a, Result<Response, Failure>> {
        let progress = Arc::new(Progress::default());
        let first = self.once(workspace, request, Over::Any, &progress);
        Box::pin(async move {
            match timeout_at(deadline, self.at_most_twice(workspace, first?, again, &progress)).await {
                Ok(Ok(Ok(response))) => Ok(response),
                Ok(Ok(Err(error))) if error.is_connect() && error.is_timeout() => {
                    Err(timed_out("no connection", self.make.connect_timeout))
                }
                Ok(Ok(Err(error))) => Err(failure::of_error(&error)),
                Ok(Err(failure)) => Err(failure),
                Err(_) if progress.is_connecting() => Err(timed_out("no connection", timeout)),
                Err(_) => Err(timed_out("connected, but no answer", timeout)),
            }
        })
    }
}

/// Returns the part of an attempt's time for connecting, including name resolution.
pub(super) fn connect_timeout(timeout: Duration) -> Duration {
    timeout * 4 / 5
}

fn timed_out(missing: &str, within: Duration) -> Failure {
    Failure { reason: Reason::Timeout, detail: format!("{missing} within {within:?}") }
}

/// Parts of a client.
#[derive(Clone, Debug)]
struct Make {
    tls: rustls::ClientConfig,
    /// Part of an attempt's time for connecting. It is divided evenly among a name's addresses, so that an unresponsive
    /// one leaves time for the others and for the request.
    connect_timeout: Duration,
    resolver: Arc<Resolver>,
}

impl Make {
    fn pooled(&self) -> reqwest::Result<Client> {
        self.builder().build()
    }

    fn fresh(&self) -> reqwest::Result<Client> {
        self.builder().pool_max_idle_per_host(0).build()
    }

    fn builder(&self) -> ClientBuilder {
        let Self { tls, connect_timeout, resolver } = self.clone();
        Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .retry(retry::never().max_retries_per_request(0)) // each request is copied for it otherwise
            .dns_resolver(resolver)
            .connector_layer(Observe)
            .connect_timeout(connect_timeout)
            .pool_idle_timeout(POOL_IDLE_TIMEOUT)
            .http1_ignore_invalid_headers_in_responses(true)
            .http1_allow_spaces_after_header_name_in_responses(true)
            .http1_allow_obsolete_multiline_headers_in_responses(true)
            .http1_max_headers(MAX_HEADERS)
            .http2_max_header_list_size(MAX_HEADER_LIST_BYTES)
            .http2_initial_stream_window_size(HTTP2_STREAM_WINDOW)
            .http2_initial_connection_window_size(HTTP2_CONNECTION_WINDOW)
    }
}
