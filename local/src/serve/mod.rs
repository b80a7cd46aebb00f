//! Serves a router on a listener, so that no caller keeps others from being answered.
//!
//! Each connection is bounded in time (head, body, answer), and their number in all. With as many as there may be, the
//! one that has been without a request for longest makes room for the next.

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

/// After the system has refused a connection, as for want of file descriptors.
const PAUSE: Duration = Duration::from_millis(50);

/// Answers requests until `stop`, then finishes those that are running.
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
                // Only slower without it.
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

/// Whether the caller has gone before it was accepted.
fn is_the_callers(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
