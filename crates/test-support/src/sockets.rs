//! Bare sockets on which a test reads and writes itself.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// Returns an address that refuses connections for as long as the socket lives: a port that is merely free is given to
/// a listener of another test.
pub fn closed() -> (TcpSocket, SocketAddr) {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).expect("a free port");
    let address = socket.local_addr().expect("its address");
    (socket, address)
}

/// Returns a free port for another process, below those that the system gives to a listener on port 0: such a listener,
/// given this port before that process binds it, would answer in its place.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 10_000 + u16::try_from(std::process::id() % 200).expect("a small number") * 100;
    loop {
        let port = first + NEXT.fetch_add(1, Ordering::Relaxed) % 2_000;
        if std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

/// Serves each connection by `serve`, which also gets its number, from 0. It never returns.
pub async fn accept<S: Future<Output = ()> + Send + 'static>(
    listener: TcpListener,
    serve: impl Fn(TcpStream, usize) -> S,
) {
    let mut number = 0;
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        tokio::spawn(serve(stream, number));
        number += 1;
    }
}

/// Serves each connection to a free port by `serve`, until the test ends; returns the address and the number of
/// connections.
pub async fn start<S: Future<Output = ()> + Send + 'static>(
    serve: impl Fn(TcpStream) -> S + Send + Sync + 'static,
) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("its address");
    let connections = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&connections);
    tokio::spawn(accept(listener, move |stream, _| {
        count.fetch_add(1, Ordering::SeqCst);
        serve(stream)
    }));
    (address, connections)
}

/// Serves each connection by `serve` once its TLS handshake is complete; otherwise like [`start`].
pub async fn start_tls<S: Future<Output = ()> + Send + 'static>(
    acceptor: TlsAcceptor,
    serve: impl Fn(TlsStream<TcpStream>) -> S + Clone + Send + Sync + 'static,
) -> (SocketAddr, Arc<AtomicUsize>) {
    start(move |stream| {
        let (acceptor, serve) = (acceptor.clone(), serve.clone());
        async move {
            if let Ok(stream) = acceptor.accept(stream).await {
                serve(stream).await;
            }
        }
    })
    .await
}
