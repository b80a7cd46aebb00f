//! Hostile receivers: each accepts a request, and then costs its client as much memory, time or processor as possible.
//!
//! They run on a thread of their own, so that their traffic does not delay the test, which watches another workspace.

mod http1;
mod http2;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, LazyLock};

use tokio::io::{self, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::sockets;
use crate::tls::Certified;

/// Response of a hostile receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hostility {
    /// No response.
    Hang,
    /// An endless header line.
    Head,
    /// Endless header lines.
    Lines,
    /// An endless head that stays just below the client's limit.
    LargeHead,
    /// A complete response with the largest head allowed, after which the connection may be reused.
    LargeAnswer,
    /// Endless interim responses (1xx).
    Interim,
    /// A success with an endless body, as fast as it is read.
    Body,
    /// A rejection with an endless body.
    RejectedBody,
    /// A success with an endless chunk extension (RFC 9112, section 7.1.1).
    ChunkExtension,
    /// A success with endless trailers (RFC 9112, section 7.1.2).
    Trailers,
    /// A complete success, followed by endless bytes.
    Surplus,
    /// HTTP/2: no response.
    Http2Hang,
    /// HTTP/2: an endless header block (RFC 9113, section 6.10).
    Continuation,
    /// HTTP/2: endless interim responses.
    Http2Interim,
    /// HTTP/2: endless PRIORITY frames.
    Priority,
    /// HTTP/2: endless PING frames, each of which requires a reply.
    Ping,
    /// HTTP/2: endless SETTINGS frames, each of which requires an acknowledgement.
    Settings,
    /// HTTP/2: a success with as much data as the windows allow.
    Data,
    /// HTTP/2: a success with empty DATA frames, which no window limits.
    EmptyData,
}

impl Hostility {
    pub const ALL: [Self; 19] = [
        Self::Hang,
        Self::Head,
        Self::Lines,
        Self::LargeHead,
        Self::LargeAnswer,
        Self::Interim,
        Self::Body,
        Self::RejectedBody,
        Self::ChunkExtension,
        Self::Trailers,
        Self::Surplus,
        Self::Http2Hang,
        Self::Continuation,
        Self::Http2Interim,
        Self::Priority,
        Self::Ping,
        Self::Settings,
        Self::Data,
        Self::EmptyData,
    ];

    fn is_http2(self) -> bool {
        matches!(
            self,
            Self::Http2Hang
                | Self::Continuation
                | Self::Http2Interim
                | Self::Priority
                | Self::Ping
                | Self::Settings
                | Self::Data
                | Self::EmptyData
        )
    }
}

/// A hostile receiver at every loopback address. Dropping it stops it.
pub struct Hostile {
    hostility: Hostility,
    port: u16,
    connections: Arc<AtomicUsize>,
    _stop: oneshot::Sender<()>,
}

/// Number of addresses in the certificate, each of which gets its own connection to an HTTP/2 receiver.
const PLACES: usize = 600;

impl Hostile {
    pub fn start(hostility: Hostility) -> Self {
        let (stop, stopped) = oneshot::channel();
        let (listening, port) = std::sync::mpsc::channel();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let listener = TcpListener::bind("0.0.0.0:0").await.expect("a free port");
                listening.send(listener.local_addr().expect("its address")).expect("it is waited for");
                tokio::select! {
                    _ = stopped => {}
                    () = accept(listener, hostility, count) => {}
                }
            });
        });
        let address: SocketAddr = port.recv().expect("it listens");
        Self { hostility, port: address.port(), connections, _stop: stop }
    }

    /// Returns `count` URLs at different addresses: an HTTP/2 client opens a connection to each of them.
    pub fn urls(&self, count: usize) -> Vec<String> {
        let scheme = if self.hostility.is_http2() { "https" } else { "http" };
        assert!(count <= PLACES, "there are {PLACES} places");
        (0..count).map(|number| format!("{scheme}://{}:{}/{number}", place(number), self.port)).collect()
    }

    /// Returns the number of connections so far.
    pub fn connections(&self) -> usize {
        self.connections.load(SeqCst)
    }
}

fn place(number: usize) -> String {
    format!("127.0.{}.{}", 1 + number / 250, 1 + number % 250)
}

/// Returns the certificate of the HTTP/2 receivers, as PEM.
pub fn certificate() -> &'static str {
    &TLS.pem
}

static TLS: LazyLock<Certified> = LazyLock::new(|| Certified::self_signed((0..PLACES).map(place).collect::<Vec<_>>()));

/// Serves connections without an end: the client decides how each ends.
async fn accept(listener: TcpListener, hostility: Hostility, count: Arc<AtomicUsize>) {
    let tls = hostility.is_http2().then(|| TLS.acceptor(&[b"h2"]));
    let serve = |stream, _| {
        count.fetch_add(1, SeqCst);
        let tls = tls.clone();
        async move {
            _ = match tls {
                None => http1::serve(stream, hostility).await,
                Some(tls) => match tls.accept(stream).await {
                    Ok(stream) => http2::serve(stream, hostility).await,
                    Err(error) => Err(error),
                },
            };
        }
    };
    sockets::accept(listener, serve).await;
}

/// Sends the bytes repeatedly, until the connection ends.
async fn without_end(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> io::Result<()> {
    let block = bytes.repeat((64 << 10) / bytes.len() + 1);
    loop {
        stream.write_all(&block).await?;
        tokio::task::yield_now().await; // lets other connections send
    }
}
