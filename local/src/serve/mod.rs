//! Serves a router on a listener, so that no caller blocks the others.
//!
//! Each connection has time limits (head, body, response), and their number is bounded. At that bound, the connection
//! that has been without a request for longest is closed for the next one.

mod body;
mod connection;
mod places;
mod stall;

pub(crate) use places::Places;

use axum::Router;
use std::{io, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    time::sleep,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Pause after the system could not accept a connection, for example for lack of file descriptors.
const PAUSE: Duration = Duration::from_millis(50);

/// Serves requests until `stop`, then finishes those in progress.
pub(crate) async fn serve(listener: TcpListener, router: Router, places: Arc<Places>, stop: CancellationToken) {
    let connections = TaskTracker::new();
    let accepting = async {
        loop {
            let stream = accept(&listener, &places).await;
            let place = Arc::clone(&places).take().await;
            connections.spawn(connection::serve(stream, router.clone(), place, stop.clone()));
        }
    };
    stop.run_until_cancelled(accepting).await;
    drop(listener);
    connections.close();
    connections.wait().await;
}

async fn accept(listener: &TcpListener, places: &Places) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Without it the connection is only slower.
                _ = stream.set_nodelay(true);
                return stream;
            }
            Err(error) if is_the_callers(&error) => {}
            Err(error) => {
                tracing::warn!("a connection cannot be accepted: {error}; raise the limit of open files (ulimit -n)");
                places.make_room();
                sleep(PAUSE).await;
            }
        }
    }
}

/// Returns whether the caller disconnected before its connection was accepted.
fn is_the_callers(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
