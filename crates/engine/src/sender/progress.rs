//! Progress of an attempt's connection, which neither responses nor errors of `reqwest` report.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll};

use tokio::task::futures::TaskLocalFuture;
use tower::{Layer, Service, ServiceExt as _};

tokio::task_local! {
    /// Progress of the attempt that is being polled. The pool requests a connection within the attempt that needs it.
    static CURRENT: Arc<Progress>;
}

/// Progress of one attempt's connection.
#[derive(Debug, Default)]
pub(super) struct Progress {
    connecting: AtomicBool,
    opened: AtomicBool,
}

impl Progress {
    /// Runs an attempt with this progress.
    pub(super) fn of<F: Future>(self: Arc<Self>, attempt: F) -> TaskLocalFuture<Arc<Self>, F> {
        CURRENT.scope(self, attempt)
    }

    /// Returns whether the attempt waits for a connection of its own.
    pub(super) fn is_connecting(&self) -> bool {
        self.connecting.load(Relaxed)
    }

    /// Returns whether a connection was opened for the attempt.
    ///
    /// Otherwise it uses one that has served others, or none. It may still use such a one, if that became idle just as
    /// its own was opened: then its loss counts as a failed attempt.
    pub(super) fn has_opened(&self) -> bool {
        self.opened.load(Relaxed)
    }

    /// Returns whether this is the progress of the attempt that is being polled.
    ///
    /// A connection that was overtaken by another one completes in a task of its own, and no longer belongs to its
    /// attempt.
    fn is_current(self: &Arc<Self>) -> bool {
        CURRENT.try_with(|current| Arc::ptr_eq(current, self)).unwrap_or(false)
    }
}

/// Layer that observes the connections of a service.
#[derive(Clone, Copy, Debug)]
pub(super) struct Observe;

impl<S> Layer<S> for Observe {
    type Service = Observed<S>;

    fn layer(&self, connector: S) -> Observed<S> {
        Observed(Arc::new(connector))
    }
}

/// A connector with observed connections. It is copied several times for each request, and the connector in it only for a
/// new connection.
#[derive(Debug)]
pub(super) struct Observed<S>(Arc<S>);

impl<S> Clone for Observed<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S, T> Service<T> for Observed<S>
where
    S: Service<T, Response: 'static, Error: 'static, Future: Send + 'static> + Clone + Send + Sync + 'static,
    T: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, destination: T) -> Self::Future {
        let mut connection = Box::pin(S::clone(&self.0).oneshot(destination));
        let Ok(progress) = CURRENT.try_with(Arc::clone) else { return connection };
        Box::pin(poll_fn(move |context| {
            let polled = connection.as_mut().poll(context);
            let is_current = progress.is_current();
            progress.connecting.store(is_current && polled.is_pending(), Relaxed);
            if is_current && matches!(polled, Poll::Ready(Ok(_))) {
                progress.opened.store(true, Relaxed);
            }
            polled
        }))
    }
}
