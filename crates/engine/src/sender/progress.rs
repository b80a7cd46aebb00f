//! How far an attempt's connection is: `reqwest` says it neither of an answer nor of an error.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll};

use tower::{Layer, Service};

tokio::task_local! {
    /// That of the attempt that is being polled. The pool asks for a connection within the attempt that needs one.
    static CURRENT: Arc<Progress>;
}

/// What is known of one attempt's connection.
#[derive(Debug, Default)]
pub(super) struct Progress {
    connecting: AtomicBool,
    opened: AtomicBool,
}

impl Progress {
    /// Runs an attempt, of which this is the progress.
    pub(super) async fn of<F: Future>(self: &Arc<Self>, attempt: F) -> F::Output {
        CURRENT.scope(Arc::clone(self), attempt).await
    }

    /// Whether it waits for a connection of its own.
    pub(super) fn is_connecting(&self) -> bool {
        self.connecting.load(Relaxed)
    }

    /// Whether a connection was opened for it. Otherwise it has one that served others before, or none. It may have one of these
    /// all the same, if that became free just as its own had been opened: then its loss counts as a failed attempt.
    pub(super) fn has_opened(&self) -> bool {
        self.opened.load(Relaxed)
    }

    /// A connection that another one overtook goes on in a task of its own, and is then no longer this attempt's.
    fn is_current(self: &Arc<Self>) -> bool {
        CURRENT.try_with(|current| Arc::ptr_eq(current, self)).unwrap_or(false)
    }
}

/// Observes the connections that are made by the service that it is around.
#[derive(Clone, Copy, Debug)]
pub(super) struct Observe;

impl<S> Layer<S> for Observe {
    type Service = Observed<S>;

    fn layer(&self, connector: S) -> Observed<S> {
        Observed(connector)
    }
}

/// A connector whose connections are observed.
#[derive(Clone, Debug)]
pub(super) struct Observed<S>(S);

impl<S, T> Service<T> for Observed<S>
where
    S: Service<T, Response: 'static, Error: 'static, Future: Send + 'static>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, destination: T) -> Self::Future {
        let mut connection = Box::pin(self.0.call(destination));
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
